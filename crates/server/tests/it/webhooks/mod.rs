//! Webhooks, with a real receiver on a socket.

mod addresses;
mod delivery;
mod endpoints;
mod programs;
mod receiver;
mod replay;

use ::platform::config::Config;
use ::platform::outbox::record;
use ::platform::random::Random;
use kernel::BookingId;
use serde_json::{Value, json};
use server::events::api::BookingConfirmed;
use server::webhooks::api as webhooks;
use uuid::Uuid;

use crate::support::{Airline, Reply};
use receiver::Receiver;

/// An airline whose webhooks may go to this machine, an administrator, and a receiver.
struct Scene {
    airline: Airline,
    admin: String,
    receiver: Receiver,
}

impl Scene {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let airline = Airline::with(|config| {
            config.webhooks.allow_private = true;
            change(config);
        })
        .await;
        airline.sql().await.batch("TRUNCATE outbox").await.expect("empty");
        let admin = airline.admin().await;
        Self { airline, admin, receiver: Receiver::start().await }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        self.airline.call(method, &format!("/admin/webhooks{path}"), Some(&self.admin), body).await
    }

    /// Adds a webhook to a path of the receiver; its id and its secret.
    async fn webhook(&self, path: &str, events: &[&str]) -> (String, String) {
        let body = json!({"url": self.receiver.url(path), "events": events});
        let added = self.call("POST", "", Some(body)).await.expect(201);
        (added.text("/webhook/id"), added.text("/secret"))
    }

    /// Tells that a booking is confirmed, with so many tickets.
    async fn confirm(&self, number: u128, tickets: u8) {
        let booking_id = BookingId::from_uuid(Uuid::from_u128(number));
        let told = BookingConfirmed { booking_id, tickets };
        let sql = self.airline.sql().await;
        record(&sql, Random, self.airline.app.now(), &told).await.expect("recorded");
    }

    async fn relay(&self) {
        while self.airline.run_job("relay_events").await > 0 {}
    }

    /// Relays what happened and sends what is due; how many tries that were.
    async fn send(&self) -> u64 {
        self.relay().await;
        webhooks::send_due(&self.airline.app).await.expect("sent")
    }

    async fn deliveries(&self, webhook: &str) -> Vec<Value> {
        let page = self.call("GET", &format!("/{webhook}/deliveries?limit=100"), None).await.expect(200);
        page.json["deliveries"].as_array().expect("deliveries").clone()
    }

    async fn get(&self, webhook: &str) -> Value {
        self.call("GET", &format!("/{webhook}"), None).await.expect(200).json
    }
}
