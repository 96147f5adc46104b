//! Webhooks: events are signed and sent to every endpoint that wants them, again and again until it answers 2xx; a
//! hostile gateway sends some late, twice, out of order or never.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, error::SendError, unbounded_channel};

use crate::Gateway;
use crate::faults::Fault;

/// Stripe tries for three days.
const GIVE_UP_AFTER: Duration = Duration::from_hours(72);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// An endpoint that has not answered by then has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Sent at one time.
const AT_ONCE: usize = 32;
/// How often the book is looked at for what has become due.
const TICK: Duration = Duration::from_millis(100);

/// Something that happened.
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    /// Stripe's `event` object, as the bytes that are sent and signed.
    pub(crate) body: String,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// Who is told.
pub(crate) struct Endpoint {
    id: String,
    url: String,
    /// The newest first; all of them sign.
    secrets: Vec<String>,
    /// Types of events; `*` is all.
    kinds: Vec<String>,
    created: i64,
    pub(crate) enabled: bool,
    pub(crate) description: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Endpoint {
    pub(crate) fn new(id: String, url: String, secret: String, kinds: Vec<String>, created: i64) -> Self {
        let (description, metadata) = Default::default();
        Self { id, url, secrets: vec![secret], kinds, created, enabled: true, description, metadata }
    }

    /// Whether events of a type go there.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.enabled && self.kinds.iter().any(|wanted| wanted == "*" || wanted == kind)
    }

    /// Tells other events from now on, or elsewhere.
    pub(crate) fn change(&mut self, url: Option<String>, kinds: Vec<String>) {
        if let Some(url) = url {
            self.url = url;
        }
        if !kinds.is_empty() {
            self.kinds = kinds;
        }
    }

    pub(crate) fn roll(&mut self, secret: String) {
        self.secrets.insert(0, secret);
        self.secrets.truncate(2);
    }

    /// Stripe's `webhook_endpoint` object; the secret shows when it is made and not again.
    pub(crate) fn json(&self, with_secret: bool) -> Value {
        let mut object = json!({
            "id": self.id, "object": "webhook_endpoint", "livemode": false, "created": self.created, "url": self.url,
            "enabled_events": self.kinds, "status": if self.enabled { "enabled" } else { "disabled" },
            "api_version": crate::API_VERSION, "application": null, "description": self.description,
            "metadata": self.metadata,
        });
        if with_secret {
            object["secret"] = json!(self.secrets.first());
        }
        object
    }

    /// The `Stripe-Signature` of a body at a second: `t=1492774577,v1=…`, a `v1` for each secret.
    fn sign(&self, at: i64, body: &str) -> String {
        let mut header = format!("t={at}");
        for secret in &self.secrets {
            header.push_str(",v1=");
            header.push_str(&signature(secret, at, body));
        }
        header
    }
}

/// HMAC-SHA256 of `t.body`, in hexadecimal.
fn signature(secret: &str, at: i64, body: &str) -> String {
    // HMAC takes keys of any length, so there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the book puts new events.
#[derive(Clone)]
pub(crate) struct Outlet(UnboundedSender<Arc<Event>>, Arc<AtomicU64>);

impl Outlet {
    pub(crate) fn send(&self, event: Arc<Event>) -> Result<(), SendError<Arc<Event>>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.send(event)
    }
}

#[derive(Default)]
struct Tally {
    delivered: u64,
    failed_attempts: u64,
    out_of_order: u64,
    newest: String,
}

/// Carries events to their endpoints.
pub(crate) struct Courier {
    http: reqwest::Client,
    /// Events and deliveries that are not done with.
    pending: Arc<AtomicU64>,
    tally: Mutex<Tally>,
    permits: Semaphore,
}

impl Courier {
    /// A courier, where events go in, and where they come out.
    pub(crate) fn new() -> (Self, Outlet, UnboundedReceiver<Arc<Event>>) {
        let (sender, inlet) = unbounded_channel();
        let pending = Arc::new(AtomicU64::new(0));
        // A process that chose before keeps its choice; with a provider, building a client cannot fail. A default one would
        // follow redirects.
        let _chosen_before = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        let http = http.build().unwrap_or_default();
        let outlet = Outlet(sender, Arc::clone(&pending));
        (Self { http, pending, tally: Mutex::default(), permits: Semaphore::new(AT_ONCE) }, outlet, inlet)
    }

    /// What was sent, and what is not yet.
    pub(crate) fn json(&self) -> Value {
        let tally = self.tally();
        json!({
            "pending": self.pending.load(Ordering::SeqCst), "delivered": tally.delivered,
            "failed_attempts": tally.failed_attempts, "out_of_order": tally.out_of_order,
        })
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delivered(&self, event: &Event) {
        let mut tally = self.tally();
        tally.delivered += 1;
        // Ids sort by their age.
        if event.id < tally.newest {
            tally.out_of_order += 1;
        } else {
            tally.newest.clone_from(&event.id);
        }
    }
}

/// Sends what comes in, and settles what becomes due, until the service closes.
pub(crate) async fn run(gateway: Arc<Gateway>, mut inlet: UnboundedReceiver<Arc<Event>>) {
    let mut closing = gateway.closing.subscribe();
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            event = inlet.recv() => match event {
                Some(event) => dispatch(&gateway, &event),
                None => break,
            },
            _ = tick.tick() => drop(gateway.book()),
            _ = closing.wait_for(|closing| *closing) => break,
        }
    }
}

fn dispatch(gateway: &Arc<Gateway>, event: &Arc<Event>) {
    let wanting = |endpoint: &&Endpoint| endpoint.wants(event.kind);
    let ids: Vec<String> =
        gateway.book().endpoints().values().filter(wanting).map(|endpoint| endpoint.id.clone()).collect();
    let pending = &gateway.courier.pending;
    for id in ids {
        pending.fetch_add(1, Ordering::SeqCst);
        let (gateway, event) = (Arc::clone(gateway), Arc::clone(event));
        tokio::spawn(async move {
            let mut closing = gateway.closing.subscribe();
            tokio::select! {
                () = deliver(&gateway, &event, &id) => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
            gateway.courier.pending.fetch_sub(1, Ordering::SeqCst);
        });
    }
    pending.fetch_sub(1, Ordering::SeqCst);
}

/// One event to one endpoint, with whatever befalls it on the way.
async fn deliver(gateway: &Gateway, event: &Event, endpoint: &str) {
    let faults = &gateway.faults;
    let subject = format!("{}/{endpoint}", event.id);
    if faults.befalls(Fault::WebhookLost, &subject) {
        return;
    }
    let hostility = faults.hostility();
    let copies = 1 + u32::from(faults.befalls(Fault::WebhookDuplicated, &subject));
    let mut wait = Duration::ZERO;
    if faults.befalls(Fault::WebhookReordered, &subject) {
        let share = u32::try_from(faults.pick("hold back", &subject, 100)).unwrap_or(0) + 1;
        wait += hostility.reorder.saturating_mul(share) / 100;
    }
    if faults.befalls(Fault::WebhookLate, &subject) {
        wait += hostility.late;
    }
    tokio::time::sleep(wait).await;
    for _ in 0..copies {
        deliver_until_taken(gateway, event, endpoint).await;
    }
}

async fn deliver_until_taken(gateway: &Gateway, event: &Event, endpoint: &str) {
    let began = tokio::time::Instant::now();
    let mut pause = gateway.config.webhook_pause;
    loop {
        let Ok(permit) = gateway.courier.permits.acquire().await else { return };
        // An endpoint that is gone or switched off by now is not told.
        let Some((url, signed)) = addressed(gateway, event, endpoint) else { return };
        let request = gateway.courier.http.post(url).header("stripe-signature", signed);
        let request =
            request.header("content-type", "application/json; charset=utf-8").body(event.body.clone());
        let taken = request.send().await.is_ok_and(|answer| answer.status().is_success());
        drop(permit);
        if taken {
            gateway.courier.delivered(event);
            return;
        }
        gateway.courier.tally().failed_attempts += 1;
        if began.elapsed() > GIVE_UP_AFTER {
            tracing::warn!(event.id, endpoint, "a webhook was not taken for three days");
            return;
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Address and signature for an attempt now.
fn addressed(gateway: &Gateway, event: &Event, endpoint: &str) -> Option<(String, String)> {
    let book = gateway.book();
    let endpoint = book.endpoints().get(endpoint).filter(|endpoint| endpoint.enabled)?;
    Some((endpoint.url.clone(), endpoint.sign(book.now(), &event.body)))
}

/// Sends an event once more to everybody who wants it.
pub(crate) fn resend(gateway: &Arc<Gateway>, event: &Arc<Event>) {
    gateway.courier.pending.fetch_add(1, Ordering::SeqCst);
    dispatch(gateway, event);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_any_hmac() {
        // printf '12345.{"id": 1}' | openssl dgst -sha256 -hmac whsec_test
        let expected = "3ba5d6c5ec693d2c12a5e68afd0f96d6445a33ce770a8bd570185136fa091da8";
        let endpoint = Endpoint::new("we_1".into(), "http://x".into(), "whsec_test".into(), vec![], 0);
        assert_eq!(endpoint.sign(12_345, r#"{"id": 1}"#), format!("t=12345,v1={expected}"));
    }

    #[test]
    fn a_rolled_endpoint_signs_with_both_secrets() {
        let mut endpoint = Endpoint::new("we_1".into(), "http://x".into(), "old".into(), vec!["*".into()], 0);
        endpoint.roll("new".into());
        let header = endpoint.sign(1, "x");
        let expected = format!("t=1,v1={},v1={}", signature("new", 1, "x"), signature("old", 1, "x"));
        assert_eq!(header, expected);
        endpoint.roll("newest".into());
        assert!(!endpoint.sign(1, "x").contains(&signature("old", 1, "x")));
        assert_eq!(endpoint.json(false).get("secret"), None);
    }
}
