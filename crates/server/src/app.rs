//! Everything a request can reach, made once at start.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use kernel::Clock;
use platform::admission::Admission;
use platform::config::Config;
use platform::db::Db;
use platform::jobs::Job;
use platform::keys::KeyFile;
use platform::limits::RateLimits;
use platform::messages::{Locale, Messages};
use platform::random::Random;
use platform::seal::Sealer;
use platform::signed::TokenSigner;
use uuid::Uuid;

use crate::boarding::api::{BoardingKeys, Wallets, link_signer};
use crate::faq::api::Faq;
use crate::flights::api::Directory;
use crate::identity::api::{EndedSessions, Hasher, Providers, SeenCookies, Tokens};
use crate::mail::api::Mailer;
use crate::notify::api::unsubscribe_signer;
use crate::payments::api::GatewayClient;
use crate::push::api::Pushes;
use crate::realtime::api as realtime;
use crate::records;
use crate::reviews::api::Ratings;
use crate::search::api::{KeptLists, LiveNetwork, OfferSigner};
use crate::webhooks::api as webhooks;

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// What the application is made of.
pub struct AppParts {
    /// This process, as the holder of leases.
    pub process: Uuid,
    /// PostgreSQL.
    pub db: Db,
    /// The present moment.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Random,
    /// The settings.
    pub config: Config,
    /// Seals personal data.
    pub sealer: Sealer,
    /// Signs and reads access tokens.
    pub tokens: Tokens,
    /// Sessions that ended before their time.
    pub ended: EndedSessions,
    /// Browsers' sessions looked up lately.
    pub cookies: SeenCookies,
    /// Signs and reads passes to single bookings.
    pub passes: TokenSigner,
    /// Signs and reads puzzles for who looks for bookings.
    pub puzzles: TokenSigner,
    /// Signs and reads what known devices show.
    pub devices: TokenSigner,
    /// Signs boarding passes.
    pub boarding: BoardingKeys,
    /// Signs and reads links to single boarding passes.
    pub pass_links: TokenSigner,
    /// Signs and reads links that end mails of a kind.
    pub unsubscribes: TokenSigner,
    /// Makes boarding passes for the wallets of telephones.
    pub wallets: Wallets,
    /// Who else may say who somebody is.
    pub providers: Providers,
    /// Hashes passwords, a few at a time.
    pub hasher: Hasher,
    /// Signs and reads offers.
    pub offers: OfferSigner,
    /// Signs and reads quotes of cancellations.
    pub cancellation_quotes: TokenSigner,
    /// Signs and reads quotes of changes.
    pub change_quotes: TokenSigner,
    /// Airports and market ratios; small, read by everything, replaced when an import changes them.
    pub directory: ArcSwap<Directory>,
    /// The timetable in memory, as fresh as the search feed.
    pub live: LiveNetwork,
    /// The average of each flight number's reviews.
    pub ratings: Ratings,
    /// Ranked lists whose next page may be asked for.
    pub kept: KeptLists,
    /// Rate limits.
    pub limits: RateLimits,
    /// Who may come in under load.
    pub admission: Admission,
    /// Answers to what is asked often.
    pub faq: Faq,
    /// Texts.
    pub messages: Arc<Messages>,
    /// The payment gateway.
    pub gateway: GatewayClient,
    /// Sends webhooks.
    pub webhooks: webhooks::Sender,
    /// Sends pushes to browsers.
    pub pushes: Pushes,
    /// Sends mails.
    pub mailer: Mailer,
    /// The sockets of this process.
    pub sockets: Arc<realtime::Sockets>,
}

impl Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}

impl App {
    /// An application that has loaded nothing yet: it signs in and books, and search answers once
    /// [`crate::search::api::load`] has run.
    pub fn new(config: Config, keys: KeyFile, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let random = Random;
        let keys = Arc::new(keys);
        let issuer = config.http.public_url.trim_end_matches('/');
        let db = Db::new(&config.database)?;
        let token_life = Duration::from_secs(60 * u64::try_from(config.auth.token_minutes)?);
        Ok(Self(Arc::new(AppParts {
            process: Uuid::from_bytes(random.bytes()),
            admission: Admission::new(&config.admission, db.waits()),
            db,
            sealer: Sealer::new(Arc::clone(&keys), random),
            tokens: Tokens::new(&keys.tokens, (issuer, &config.auth.audience), token_life)?,
            ended: EndedSessions::new(token_life),
            cookies: SeenCookies::default(),
            passes: records::api::signer(&keys.offers),
            puzzles: TokenSigner::new(&keys.offers, "puz"),
            devices: TokenSigner::new(&keys.offers, "dvc"),
            boarding: BoardingKeys::new(&keys.tokens)?,
            pass_links: link_signer(&keys.offers),
            unsubscribes: unsubscribe_signer(&keys.offers),
            wallets: wallets(&config, clock.now())?,
            providers: Providers::new(&config)?,
            hasher: Hasher::new(&config.auth)?,
            offers: OfferSigner::new(&keys.offers),
            cancellation_quotes: TokenSigner::new(&keys.offers, "cxq"),
            change_quotes: TokenSigner::new(&keys.offers, "chq"),
            directory: ArcSwap::from_pointee(Directory::default()),
            live: LiveNetwork::unloaded(),
            ratings: Ratings::default(),
            kept: KeptLists::new(),
            limits: RateLimits::new(&config.limits),
            faq: Faq::load(&config.faq.folder).context("faq")?,
            messages: Arc::new(messages()?),
            gateway: GatewayClient::new(&config.gateway, &config.breakers)?,
            webhooks: webhooks::Sender::new(&config.webhooks, &config.breakers)?,
            pushes: Pushes::new(&config, &keys.index)?,
            sockets: Arc::new(realtime::sockets(&config.live)),
            mailer: Mailer::new(&config.mail, &config.http.public_url, &config.breakers)?,
            clock,
            random,
            config,
        })))
    }

    /// The present instant in whole milliseconds: what the database keeps and what an answer says are then the same.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// A fresh id of any kind.
    pub fn new_id<T>(&self, make: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
        make(self.now(), self.random.bytes())
    }
}

/// The message catalogue of the server.
pub fn messages() -> anyhow::Result<Messages> {
    Messages::new(&[
        (Locale::En, include_str!("../messages/en.ftl")),
        (Locale::Hi, include_str!("../messages/hi.ftl")),
    ])
}

/// The job of every serving process that keeps its own memory small.
pub fn housekeeping_job(app: &App) -> Job {
    let app = app.clone();
    Job::new("forget_quiet_callers", Duration::from_mins(1), move || {
        let app = app.clone();
        async move {
            app.limits.forget_quiet();
            let (used, free) = app.db.pool_status();
            metrics::gauge!("database_connections", "state" => "used").set(used as f64);
            metrics::gauge!("database_connections", "state" => "free").set(free as f64);
            Ok(0)
        }
    })
}

/// What makes passes for wallets. The server starts without certificates, and with those that have expired, as it sells flights without
/// them, and says so.
fn wallets(config: &Config, now: Timestamp) -> anyhow::Result<Wallets> {
    let wallets = Wallets::new(&config.wallet)?;
    for wallet in wallets.self_tests() {
        tracing::info!(
            wallet,
            "its passes are signed by the self-test: no telephone takes them until [wallet] is set"
        );
    }
    for certificate in wallets.out_of_date(now) {
        tracing::warn!(certificate, "not valid now: no telephone takes a boarding pass signed with it");
    }
    Ok(wallets)
}
