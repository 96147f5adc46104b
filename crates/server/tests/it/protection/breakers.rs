//! Others that do not answer are left alone for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ::platform::config::{Breakers, Config};
use axum::Router;
use axum::http::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::Airline;

/// Opens after three failures and tries again at once: what a test waits for is not the clock.
const QUICK: Breakers =
    Breakers { window_seconds: 600, calls_min: 3, error_percent: 50, open_seconds: 0, open_seconds_most: 0 };
/// Opens after three failures, for longer than a test lasts.
const LONG: Breakers = Breakers { open_seconds: 600, open_seconds_most: 600, ..QUICK };

/// Somebody who fails as long as told to, and counts.
struct Other {
    url: String,
    failing: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
}

impl Other {
    async fn new() -> Self {
        let (failing, calls) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let (fails, count) = (Arc::clone(&failing), Arc::clone(&calls));
        let answer = move || {
            count.fetch_add(1, Ordering::SeqCst);
            let status = if fails.load(Ordering::SeqCst) { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
            async move { (status, "{}") }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { url, failing, calls }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// A held booking at an airline whose gateway fails.
async fn held(change: impl FnOnce(&mut Config)) -> (Airline, String, String) {
    let airline = Airline::with(change).await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 20).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let booking = airline.hold(&token, &offer, "h1").await.expect(201).text("/id");
    (airline, token, booking)
}

#[tokio::test]
async fn a_gateway_that_fails_is_left_alone_and_nothing_is_begun_meanwhile() {
    let gateway = Other::new().await;
    let (airline, token, booking) =
        held(|config| (config.gateway.url, config.breakers) = (gateway.url.clone(), LONG)).await;
    // One failure of the payment, and the reconciler's looks.
    let unknown = airline.pay(&token, &booking, "4242424242424242", "p1").await.expect(201);
    assert_eq!(unknown.text("/status"), "unknown");
    for _ in 0..4 {
        airline.later(jiff::SignedDuration::from_secs(3_600));
        airline.run_job("reconcile_payments").await;
    }
    assert_eq!(gateway.calls(), 3, "the third failure opened the circuit");
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let second = airline.hold(&token, &offer, "h2").await.expect(201).text("/id");
    let refused = airline.pay(&token, &second, "4242424242424242", "p2").await.expect(503);
    assert_eq!(refused.code(), "gateway_unavailable");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(gateway.calls(), 3);
    // Nothing of it was written down: the hold is as free as before, and the key too.
    assert_eq!(airline.count("SELECT count(*) FROM payments").await, 1);
    let body = airline.call("GET", &format!("/bookings/{second}"), Some(&token), None).await.expect(200);
    assert_eq!(body.text("/status"), "held");
    // A payment that is known already is answered as before.
    let again = airline.pay(&token, &booking, "4242424242424242", "p1").await.expect(201);
    assert_eq!(again.text("/id"), unknown.text("/id"));
}

#[tokio::test]
async fn a_gateway_that_answers_again_is_used_again() {
    let gateway = Other::new().await;
    let (airline, token, booking) =
        held(|config| (config.gateway.url, config.breakers) = (gateway.url.clone(), QUICK)).await;
    airline.pay(&token, &booking, "4242424242424242", "p1").await.expect(201);
    for _ in 0..3 {
        airline.later(jiff::SignedDuration::from_secs(3_600));
        airline.run_job("reconcile_payments").await;
    }
    gateway.failing.store(false, Ordering::SeqCst);
    let before = gateway.calls();
    for turn in 1..=3 {
        airline.later(jiff::SignedDuration::from_secs(3_600));
        airline.run_job("reconcile_payments").await;
        assert_eq!(gateway.calls(), before + turn, "the probe was answered, and all after it pass");
    }
}

#[tokio::test]
async fn a_receiver_of_webhooks_that_fails_is_left_alone_and_no_other_is() {
    let (broken, sound) = (Other::new().await, Other::new().await);
    sound.failing.store(false, Ordering::SeqCst);
    let airline = Airline::with(|config| {
        config.breakers = LONG;
        config.webhooks.allow_private = true;
    })
    .await;
    let admin = airline.admin().await;
    for url in [&broken.url, &sound.url] {
        let body = json!({"url": url, "events": ["flight.*"]});
        airline.call("POST", "/admin/webhooks", Some(&admin), Some(body)).await.expect(201);
    }
    for number in 1..=6 {
        let times = ("2026-06-10T08:35", "2026-06-10T10:35");
        airline.flight(&admin, &format!("KR{number}"), ("ABE", "ATL"), times, 20).await;
    }
    for _ in 0..6 {
        airline.run_jobs().await;
        server::webhooks::api::send_due(&airline.app).await.expect("sent");
        airline.later(jiff::SignedDuration::from_secs(600));
    }
    let tried = broken.calls();
    assert!(sound.calls() >= 6, "{}", sound.calls());
    assert!((1..=20).contains(&tried), "{tried}");
    // From now on nothing goes there, however much is due, and no try is counted.
    let tries = "SELECT sum(tries) FROM webhook_deliveries WHERE status = 'pending'";
    let counted = airline.count(tries).await;
    server::webhooks::api::send_due(&airline.app).await.expect("sent");
    assert_eq!((broken.calls(), airline.count(tries).await), (tried, counted));
    let now = airline.app.now();
    let due = "SELECT count(*) FROM webhook_deliveries WHERE status = 'pending' AND next_try_at <= $1";
    let due = airline.sql().await.query_one(due, &[&now]).await.expect("a row");
    assert_eq!(due.get::<_, i64>(0), 0, "all of it is put off");
}
