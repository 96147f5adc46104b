//! Sending what is due: claim, ask what there is to say, call with no connection to the database held, write down what came of it.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use kernel::{PushId, UserId};
use platform::backoff::Backoff;
use platform::config::Config;
use platform::db::Tx;
use platform::http::Problem;
use platform::keys::Secret;
use platform::messages::Locale;

use super::devices::opened;
use super::keys::Vapid;
use super::payload::{BrowserKeys, Push, encrypted, topic, urgency};
use super::services::Services;
use super::store::{self, Claimed};
use crate::app::App;
use crate::egress::{self, Client, Sent, Settings, system_resolver};
use crate::identity::api::{key_of, session_was_ended};
use crate::notify::api as notify;

/// Pushes of a turn.
const BATCH: i64 = 32;
/// How many of them at one time.
const AT_ONCE: usize = 16;
/// What a claim lasts beyond the calls it covers.
const SLACK: SignedDuration = SignedDuration::from_secs(20);
/// A browser for which so many pushes came to nothing, over so long and none in between, is removed.
const MISSES_MOST: i16 = 5;
const FAILING_MOST: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Longest that a service is asked to keep a push for a browser that is away.
const KEPT_MOST: SignedDuration = SignedDuration::from_hours(24);
/// How long a push waits for its next try, seconds.
const PAUSES: Backoff = Backoff(&[10, 30, 2 * 60, 10 * 60, 30 * 60, 60 * 60]);

/// Sends pushes, where there is a service to send them to.
pub struct Pushes {
    client: Client,
    services: Services,
    vapid: Vapid,
}

impl Pushes {
    /// By the settings, and the secret that the key is made of.
    pub fn new(config: &Config, secret: &Secret) -> anyhow::Result<Self> {
        let push = &config.push;
        let settings = Settings {
            ca: ("push.ca_file", &push.ca_file),
            allow_private: push.allow_private,
            answer_time: Duration::from_millis(push.answer_ms),
        };
        Ok(Self {
            client: Client::new(&settings, system_resolver())?,
            services: Services::new(push, &config.breakers),
            vapid: Vapid::new(secret, contact(config))?,
        })
    }

    /// The key that browsers ask for pushes with; nothing where none are sent.
    pub(crate) fn public_key(&self) -> Option<&str> {
        self.services.are_there().then(|| self.vapid.public())
    }

    /// Refuses a place where nothing is sent to: 422 `push_service_unknown`, `invalid_field`. Names are looked up when something is sent.
    pub(super) fn check(&self, endpoint: &str) -> Result<(), Problem> {
        self.services.circuit(endpoint)?;
        self.client.check_text(endpoint).map_err(|refused| Problem::invalid("endpoint", refused.to_string()))
    }
}

/// Whom a service writes to: what is set, or the site, or the address mails are from (RFC 8292 section 2.1 wants one of them).
fn contact(config: &Config) -> String {
    let site = &config.http.public_url;
    match config.push.contact.as_str() {
        "" if site.starts_with("https://") => site.clone(),
        "" => format!("mailto:{}", config.mail.from),
        set => set.to_owned(),
    }
}

/// What came of a push.
enum Outcome {
    /// Its service has it.
    Taken,
    /// There is nothing to say any more, or nobody to say it to.
    Over,
    /// The browser takes none any more.
    Gone,
    /// This one is not taken.
    Refused,
    /// It is tried again, not before this.
    Later(Option<Duration>),
    /// Its service is left alone for so long; no try is counted.
    LeftAlone(Duration),
}

/// One turn; how many were tried.
pub async fn send_due(app: &App) -> anyhow::Result<u64> {
    let now = app.now();
    let calls = i32::try_from(usize::try_from(BATCH)? / AT_ONCE)?;
    let again_at = now + SignedDuration::try_from(app.pushes.client.answer_time())? * calls + SLACK;
    let claimed = store::claim(&app.db.read().await?, (now, again_at), BATCH).await?;
    let count = claimed.len() as u64;
    let serve = |push| async move { serve(app, &push).await };
    // All of them, whatever becomes of one: what its service has taken must be written down.
    let served: Vec<anyhow::Result<()>> =
        stream::iter(claimed).map(serve).buffer_unordered(AT_ONCE).collect().await;
    served.into_iter().collect::<anyhow::Result<Vec<()>>>()?;
    Ok(count)
}

async fn serve(app: &App, push: &Claimed) -> anyhow::Result<()> {
    let outcome = send(app, push).await.unwrap_or_else(|problem| {
        platform::jobs::row_failed("send_pushes", &push.id, &format!("{problem:?}"));
        Outcome::Later(None)
    });
    settle(app, push, outcome).await
}

async fn send(app: &App, push: &Claimed) -> Result<Outcome, Problem> {
    let sql = app.db.read().await?;
    let row = store::find(&sql, (push.user, push.subscription)).await?;
    let key = key_of(&sql, &app.sealer, push.user).await?;
    drop(sql);
    let Some((row, key)) = row.zip(key) else { return Ok(Outcome::Over) };
    if session_was_ended(&app.db.read().await?, (push.user, row.session)).await? {
        return Ok(Outcome::Gone);
    }
    let browser = opened(app, &key, &row)?;
    // A service that was taken from the settings gets nothing more.
    let Ok(circuit) = app.pushes.services.circuit(&browser.endpoint) else { return Ok(Outcome::Gone) };
    let Ok(keys) = BrowserKeys::read(&browser) else { return Ok(Outcome::Gone) };
    let call = match circuit.enter() {
        Ok(call) => call,
        Err(refused) => return Ok(Outcome::LeftAlone(refused.retry_in)),
    };
    let locale = Locale::from_tag(&push.locale).unwrap_or_default();
    let Some(said) = notify::in_short(app, (push.user, push.notification), locale).await? else {
        return Ok(Outcome::Over);
    };
    let post = post(app, push, &said, (&browser.endpoint, &keys), locale).map_err(Problem::internal)?;
    let sent = app.pushes.client.post(&post).await;
    match sent.error {
        // Anybody can make a name up below a service's: that says nothing of the service.
        Some("name_not_found" | "address_refused") => drop(call),
        _ if sent.is_heard() => call.answered(),
        _ => call.failed(),
    }
    let (status, error) = (sent.status, sent.error);
    tracing::debug!(push.id = %push.id, status, error, "push sent");
    Ok(outcome(&sent))
}

/// The request (RFC 8030 section 5).
fn post(
    app: &App,
    push: &Claimed,
    said: &Push,
    (endpoint, keys): (&str, &BrowserKeys),
    locale: Locale,
) -> anyhow::Result<egress::Post> {
    let now = app.now();
    let kept = push.gives_up_at.duration_since(now).min(KEPT_MOST).as_secs().max(0);
    Ok(egress::Post {
        url: endpoint.to_owned(),
        headers: vec![
            ("authorization", app.pushes.vapid.authorization(endpoint, now)?),
            ("content-encoding", "aes128gcm".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("ttl", kept.to_string()),
            ("urgency", urgency(said.kind).to_owned()),
            (
                "topic",
                topic(&app.sealer.blind_index("push_topic", &format!("{}/{}", push.subscription, said.fact))),
            ),
            ("user-agent", concat!("Udaan/", env!("CARGO_PKG_VERSION")).to_owned()),
        ],
        body: encrypted(said, (push.notification, locale), keys)?.into(),
    })
}

/// What an answer means (RFC 8030 sections 5 and 7.3, RFC 8292 section 4). A key or a signature that is not taken is ours to mend, and
/// what waits is tried meanwhile.
fn outcome(sent: &Sent) -> Outcome {
    match sent.status {
        _ if sent.is_success() => Outcome::Taken,
        Some(404 | 410) => Outcome::Gone,
        Some(400 | 413) => Outcome::Refused,
        _ => Outcome::Later(sent.retry_after),
    }
}

async fn settle(app: &App, push: &Claimed, outcome: Outcome) -> anyhow::Result<()> {
    let (browser, now) = ((push.user, push.subscription), app.now());
    let tx = app.db.begin().await?;
    let word = match outcome {
        // The browser first, then the push: in the order in which they go with an account.
        Outcome::Taken => {
            store::reached(&tx, browser, now).await?;
            store::done(&tx, push).await?;
            "taken"
        }
        Outcome::Over => {
            store::done(&tx, push).await?;
            "withdrawn"
        }
        Outcome::Gone => {
            store::delete(&tx, browser).await?;
            store::done(&tx, push).await?;
            "gone"
        }
        Outcome::Refused => {
            miss(&tx, browser, now).await?;
            store::done(&tx, push).await?;
            "refused"
        }
        Outcome::Later(wanted) => {
            // A service may want anything.
            let wanted = wanted.and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or_default();
            let pause = PAUSES.spread(push.tries, app.random.bytes::<1>()[0]);
            let again = now + pause.max(wanted.min(KEPT_MOST));
            if again < push.gives_up_at {
                store::again(&tx, push, again, push.tries).await?;
                "retried"
            } else {
                miss(&tx, browser, now).await?;
                store::done(&tx, push).await?;
                "given_up"
            }
        }
        Outcome::LeftAlone(wait) => {
            // Later than now in any case: it would be due again otherwise.
            let wait = SignedDuration::try_from(wait).unwrap_or(SLACK) + SignedDuration::from_millis(1);
            store::again(&tx, push, now + wait, push.tries - 1).await?;
            "left_alone"
        }
    };
    tx.commit().await?;
    metrics::counter!("pushes_total", "outcome" => word).increment(1);
    Ok(())
}

/// A push came to nothing.
async fn miss(tx: &Tx, browser: (UserId, PushId), now: Timestamp) -> anyhow::Result<()> {
    let missed = store::missed(tx, browser, now).await?;
    if missed
        .is_some_and(|(since, misses)| misses >= MISSES_MOST && now.duration_since(since) >= FAILING_MOST)
    {
        store::delete(tx, browser).await?;
    }
    Ok(())
}
