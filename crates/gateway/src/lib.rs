//! The test payment gateway: an HTTP service with the shapes of Stripe's PaymentIntents API, so that one adapter
//! speaks to Stripe and to it. Its test numbers decline, ask for a step-up, take their time, lose an answer or lose a
//! request, and by rate everything else goes wrong too, webhooks included: that is what the payment flow has to survive.
//! Its own book (`GET /_test/book`) is the third of the three books that tests compare. docs/gateway.md is its manual.
//!
//! It owns: intents, setup intents, payment methods, customers, refunds, events, webhook endpoints and idempotency
//! keys, all in memory and gone when it stops.
//! What holds, also under concurrency and when a client hangs up half-way:
//! - one idempotency key has one effect, and everything a call does enters the book in one step;
//! - what is refunded of an intent never exceeds what it received;
//! - a card number is forgotten as soon as its scenario is known: it is neither kept nor logged.
//!
//! It is for tests and demonstrations: anyone who knows an intent's id may answer its challenge.

mod bank;
mod book;
mod cards;
mod faults;
mod form;
mod http;
mod intent;
mod method;
mod once;
mod pages;
mod refusal;
mod routes;
mod setup;
mod verdict;
mod webhooks;
mod wire;

use std::collections::BTreeMap;
use std::future::Future;
use std::hash::RandomState;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use kernel::{Clock, Currency};
use tokio::sync::watch;

use crate::book::{Binding, Book};
use crate::faults::Faults;
pub use crate::faults::{Fault, Hostility};
use crate::once::{Keys, Moment};
use crate::webhooks::Courier;

/// The version of Stripe's API whose shapes these are.
const API_VERSION: &str = "2026-10-28.endive";

/// What the gateway needs to be told.
#[derive(Clone)]
pub struct Config {
    /// The key callers prove themselves with, as `Authorization: Bearer sk_test_…`.
    pub secret_key: String,
    /// The key a browser may know; with it, payment methods can be made and nothing else.
    pub publishable_key: String,
    /// Where a browser reaches this service; challenge addresses begin with it. No slash at the end.
    pub public_url: String,
    /// How long the numbers that time out keep their callers waiting: longer than any client waits.
    pub hang: Duration,
    /// How long a POST thinks before it acts. Zero in most tests; more lets identical calls meet (409).
    pub latency: Duration,
    /// How long, by the clock, until a debit or a refund that is pending is settled.
    pub settle_after: Duration,
    /// Who is told of events from the start.
    pub webhooks: Vec<Webhook>,
    /// The first pause before a webhook that was not taken is sent again; it doubles each time.
    pub webhook_pause: Duration,
    /// What goes wrong by rate.
    pub hostility: Hostility,
    /// The least that is charged by currency, minor units; of one that is not here, anything.
    pub minimum_amounts: BTreeMap<Currency, i64>,
    /// Tells the ids of one run from those of another.
    pub seed: u64,
    /// What `created` is read from.
    pub clock: Arc<dyn Clock>,
}

/// An endpoint that is told of events.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its address, over http.
    pub url: String,
    /// What its events are signed with, `whsec_…`.
    pub secret: String,
    /// The types it is told of; `*` is all.
    pub events: Vec<String>,
}

impl Webhook {
    /// An endpoint that is told of everything.
    pub fn of_everything(url: &str, secret: &str) -> Self {
        Self { url: url.to_owned(), secret: secret.to_owned(), events: vec!["*".to_owned()] }
    }
}

impl Config {
    /// A friendly gateway: quick, and told of by nobody. Everything else can be changed in the fields.
    pub fn new(secret_key: &str, public_url: &str, seed: u64, clock: Arc<dyn Clock>) -> Self {
        Self {
            secret_key: secret_key.to_owned(),
            publishable_key: "pk_test_udaan".to_owned(),
            public_url: public_url.to_owned(),
            hang: Duration::from_mins(1),
            latency: Duration::ZERO,
            settle_after: Duration::from_secs(10),
            webhooks: Vec::new(),
            webhook_pause: Duration::from_secs(1),
            hostility: Hostility::default(),
            minimum_amounts: BTreeMap::new(),
            seed,
            clock,
        }
    }
}

/// Serves on `listener` until `shutdown` is ready; answers still being withheld then are let go.
pub async fn serve<F>(listener: tokio::net::TcpListener, config: Config, shutdown: F) -> std::io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (courier, outlet, inlet) = Courier::new();
    let gateway = Gateway::new(config, courier, outlet);
    let posting = tokio::spawn(webhooks::run(Arc::clone(&gateway), inlet));
    let routes = routes::router(Arc::clone(&gateway));
    let until = async move {
        shutdown.await;
        gateway.closing.send_replace(true);
    };
    let service = routes.into_make_service_with_connect_info::<wire::Cut>();
    let served = axum::serve(wire::Wire(listener), service).with_graceful_shutdown(until).await;
    posting.abort();
    served
}

/// The running service, shared by its handlers.
struct Gateway {
    config: Config,
    book: Mutex<Book>,
    keys: Mutex<Keys>,
    faults: Arc<Faults>,
    courier: Courier,
    requests: AtomicU64,
    /// Keyed afresh by each process, so that a kept fingerprint of a body is no way back to a card number.
    fingerprints: RandomState,
    closing: watch::Sender<bool>,
}

/// The book in the hand of one step; what has become due is settled before the step.
struct OpenBook<'a>(MutexGuard<'a, Book>);

impl Deref for OpenBook<'_> {
    type Target = Book;

    fn deref(&self) -> &Book {
        &self.0
    }
}

impl DerefMut for OpenBook<'_> {
    fn deref_mut(&mut self) -> &mut Book {
        &mut self.0
    }
}

impl Gateway {
    fn new(config: Config, courier: Courier, outlet: webhooks::Outlet) -> Arc<Self> {
        let faults = Arc::new(Faults::new(config.hostility.clone()));
        let mut book = Book::new(Binding {
            seed: config.seed,
            site: config.public_url.clone(),
            clock: Arc::clone(&config.clock),
            faults: Arc::clone(&faults),
            settle_after: i64::try_from(config.settle_after.as_secs()).unwrap_or(i64::MAX),
            outlet,
        });
        for Webhook { url, secret, events } in config.webhooks.clone() {
            book.add_endpoint(url, Some(secret), events);
        }
        Arc::new(Self {
            config,
            book: Mutex::new(book),
            keys: Mutex::default(),
            faults,
            courier,
            requests: AtomicU64::new(0),
            fingerprints: RandomState::new(),
            closing: watch::Sender::new(false),
        })
    }

    /// The book, for one step. A handler never waits while it holds it, so a client that hangs up cannot leave a
    /// step half done.
    fn book(&self) -> OpenBook<'_> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.pass();
        OpenBook(book)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moment(&self) -> Moment {
        let date = self.config.clock.now().to_zoned(TimeZone::UTC).date();
        Moment { month: (date.year(), date.month()), asked_before: false }
    }

    fn next_request(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        format!("req_{:016x}{number:08x}", self.config.seed)
    }

    /// Keeps the caller waiting, unless the service is closing.
    async fn hang(&self) {
        let mut closing = self.closing.subscribe();
        tokio::select! {
            () = tokio::time::sleep(self.config.hang) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }

    /// Keeps the caller waiting until it goes away or the service is closing.
    async fn hang_for_ever(&self) {
        let mut closing = self.closing.subscribe();
        // An error means that there is no service any more.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}
