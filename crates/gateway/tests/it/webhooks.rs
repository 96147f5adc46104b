//! Webhooks: signed, told again until they are taken, and what a hostile gateway makes of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::support::{Served, id, read, served, served_as};

/// A shop's end of a webhook: takes everything, but refuses as many as it is told to.
#[derive(Clone, Default)]
pub(crate) struct Sink {
    taken: Arc<Mutex<Vec<(String, String)>>>,
    refusals: Arc<AtomicUsize>,
    pub(crate) url: String,
}

impl Sink {
    pub(crate) async fn open(refusals: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let sink = Self { url, refusals: Arc::new(AtomicUsize::new(refusals)), ..Self::default() };
        let routes = Router::new().route("/hook", post(take)).with_state(sink.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        sink
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        let taken = self.taken.lock().expect("no panic");
        taken.iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect()
    }

    fn kinds(&self) -> Vec<String> {
        self.events().iter().map(|event| event["type"].as_str().expect("a type").to_owned()).collect()
    }
}

async fn take(State(sink): State<Sink>, headers: HeaderMap, body: String) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().expect("text").to_owned();
    sink.taken.lock().expect("no panic").push((signature, body));
    let refuse = |left: usize| left.checked_sub(1);
    match sink.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, refuse) {
        Ok(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Err(_) => StatusCode::OK,
    }
}

/// Waits until everything that was to be told is, or is lost.
pub(crate) async fn drained(gateway: &Served) -> Value {
    let mut tries = 0;
    loop {
        let (_, webhooks) = gateway.get("/_test/webhooks").await;
        if webhooks["pending"] == 0 {
            return webhooks;
        }
        tries += 1;
        assert!(tries < 1_000, "webhooks are still pending: {webhooks}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn is_signed(header: &str, body: &str, secret: &str) -> bool {
    let (time, signatures) = header.split_once(',').expect("a time and signatures");
    let time = time.strip_prefix("t=").expect("a time");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(format!("{time}.{body}").as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    signatures.split(',').any(|signature| signature.strip_prefix("v1=") == Some(&expected))
}

async fn endpoint(gateway: &Served, sink: &Sink, kind: &str) -> Value {
    let form = [("url", sink.url.as_str()), ("enabled_events[]", kind)];
    let (status, endpoint) = read(gateway.post("/v1/webhook_endpoints", &form)).await;
    assert_eq!(status, StatusCode::OK, "{endpoint}");
    endpoint
}

#[tokio::test]
async fn the_configured_endpoint_hears_everything_signed() {
    let sink = Sink::open(0).await;
    let webhook = gateway::Webhook::of_everything(&sink.url, "whsec_mine");
    let gateway = served_as(|config| config.webhooks = vec![webhook]).await;
    let intent = gateway.paid().await;
    drained(&gateway).await;
    let mut kinds = sink.kinds();
    kinds.sort();
    assert_eq!(kinds, ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"]);
    for (signature, body) in sink.taken.lock().expect("no panic").iter() {
        assert!(is_signed(signature, body, "whsec_mine"));
        assert!(!is_signed(signature, body, "whsec_other"));
        assert!(!is_signed(signature, &format!("{body} "), "whsec_mine"));
    }
    let events = sink.events();
    let paid = events.iter().find(|event| event["type"] == "payment_intent.succeeded").expect("told");
    assert_eq!((&paid["object"], &paid["data"]["object"]["id"]), (&"event".into(), &intent.into()));
    assert_eq!(paid["data"]["object"]["status"], "succeeded");
    let (_, listed) = gateway.get(&format!("/v1/events/{}", id(paid))).await;
    assert_eq!(&listed, paid);
}

#[tokio::test]
async fn an_event_is_told_again_until_it_is_taken() {
    let gateway = served().await;
    let sink = Sink::open(3).await;
    endpoint(&gateway, &sink, "payment_intent.succeeded").await;
    gateway.paid().await;
    let webhooks = drained(&gateway).await;
    let events = sink.events();
    assert_eq!(events.len(), 4, "three were refused");
    assert!(events.iter().all(|event| event["id"] == events[0]["id"]));
    assert_eq!((&webhooks["delivered"], &webhooks["failed_attempts"]), (&1.into(), &3.into()));
}

#[tokio::test]
async fn endpoints_choose_are_switched_off_and_go() {
    let gateway = served().await;
    let (all, some) = (Sink::open(0).await, Sink::open(0).await);
    let everything = endpoint(&gateway, &all, "*").await;
    let refunds = endpoint(&gateway, &some, "refund.created").await;
    assert!(everything["secret"].as_str().expect("a secret").starts_with("whsec_"));
    let intent = gateway.paid().await;
    read(gateway.post("/v1/refunds", &[("payment_intent", &intent)])).await;
    drained(&gateway).await;
    assert_eq!((some.kinds(), all.kinds().len()), (vec!["refund.created".to_owned()], 5));
    let path = |endpoint: &Value| format!("/v1/webhook_endpoints/{}", id(endpoint));
    let (_, off) = read(gateway.post(&path(&everything), &[("disabled", "true")])).await;
    assert_eq!((&off["status"], off.get("secret")), (&"disabled".into(), None));
    let gone = gateway.client.delete(format!("{}{}", gateway.site, path(&refunds)));
    assert_eq!(read(gone.bearer_auth(crate::support::KEY)).await.1["deleted"], true);
    assert_eq!(gateway.get(&path(&refunds)).await.0, StatusCode::NOT_FOUND);
    gateway.paid().await;
    drained(&gateway).await;
    assert_eq!((some.kinds().len(), all.kinds().len()), (1, 5));
    let (_, listed) = gateway.get("/v1/webhook_endpoints").await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    for (url, kind) in [("https://x.example/", "*"), ("javascript:alert(1)", "*"), ("http://x/", "")] {
        let form = [("url", url), ("enabled_events[]", kind)];
        assert_eq!(read(gateway.post("/v1/webhook_endpoints", &form)).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_rolled_secret_signs_beside_the_one_before() {
    let gateway = served().await;
    let sink = Sink::open(0).await;
    let made = endpoint(&gateway, &sink, "payment_intent.succeeded").await;
    let (_, rolled) = read(gateway.post(&format!("/_test/webhook_endpoints/{}/roll", id(&made)), &[])).await;
    gateway.paid().await;
    drained(&gateway).await;
    let event = id(&sink.events()[0]);
    read(gateway.post(&format!("/_test/events/{event}/resend"), &[])).await;
    drained(&gateway).await;
    assert_eq!(sink.events().len(), 2);
    for (signature, body) in sink.taken.lock().expect("no panic").iter() {
        for secret in [&made["secret"], &rolled["secret"]] {
            assert!(is_signed(signature, body, secret.as_str().expect("a secret")));
        }
    }
}

/// What each fault does to 200 webhooks, at rate one and at a half.
#[tokio::test]
async fn webhooks_are_lost_doubled_and_reordered() {
    for (rates, least, most, fault) in [
        ("webhook_lost=1", 0, 0, "webhook_lost"),
        ("webhook_lost=0.5", 60, 140, "webhook_lost"),
        ("webhook_duplicated=1", 400, 400, "webhook_duplicated"),
        ("webhook_duplicated=0.5", 260, 340, "webhook_duplicated"),
        ("webhook_reordered=0.5,reorder_ms=50", 200, 200, "webhook_reordered"),
        ("webhook_late=0.5,late_ms=30", 200, 200, "webhook_late"),
        ("", 200, 200, "webhook_late"),
    ] {
        let gateway = served_as(|config| config.hostility = rates.parse().expect("rates")).await;
        let sink = Sink::open(0).await;
        endpoint(&gateway, &sink, "payment_intent.succeeded").await;
        for _ in 0..200 {
            gateway.paid().await;
        }
        let webhooks = drained(&gateway).await;
        let told = sink.events().len();
        assert!((least..=most).contains(&told), "{rates}: {told}");
        let (_, hostility) = gateway.get("/_test/hostility").await;
        let injected = hostility["faults"][fault]["injected"].as_u64().expect("a number");
        assert_eq!(injected > 60, !rates.is_empty(), "{rates}: {hostility}");
        let moved = rates.starts_with("webhook_reordered") || rates.starts_with("webhook_late");
        assert!(!moved || webhooks["out_of_order"].as_u64() > Some(20), "{rates}: {webhooks}");
    }
}
