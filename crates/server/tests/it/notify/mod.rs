//! What travellers are told: once, while it is so, in their language.

mod announcements;
mod browsers;
mod flights;
mod held;
mod inbox;
mod mailbox;
mod mails;
mod pushes;
mod reminders;
mod unsubscribe;

use ::platform::config::Config;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::App;
use testkit::smtp::{Received, SmtpServer};

use crate::support::{Airline, booking_body, run_job_of};

const CARD: &str = "4242424242424242";
const DATE: &str = "2026-06-10";

/// An airline with a mail server, and a traveller whose address is theirs.
struct Told {
    airline: Airline,
    smtp: SmtpServer,
    admin: String,
    token: String,
    flight: String,
}

impl Told {
    /// One flight on 10 June, at 08:35 in Allentown: 12:35 in UTC.
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let smtp = SmtpServer::start().await.expect("a mail server");
        let airline = Airline::with(|config| {
            config.mail.url = format!("smtp+plain://127.0.0.1:{}", smtp.port);
            change(config);
        })
        .await;
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        let times = (format!("{DATE}T08:35"), format!("{DATE}T10:35"));
        let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), (&times.0, &times.1), 100).await;
        Self { airline, smtp, admin, token, flight }
    }

    /// A booking of the flight for one, held and paid.
    async fn booked(&self, token: &str, contact: &str, key: &str) -> String {
        let id = self.held(token, contact, key).await;
        self.airline.pay(token, &id, CARD, &format!("pay-{key}")).await.expect(201);
        id
    }

    async fn held(&self, token: &str, contact: &str, key: &str) -> String {
        let offer = self.airline.offer(&format!("origin=ABE&destination=ATL&date={DATE}")).await;
        let mut body = booking_body(&offer);
        body["contact"]["email"] = json!(contact);
        let held = self.airline.call_keyed("POST", "/bookings", Some(token), Some(body), Some(key)).await;
        held.expect(201).text("/id")
    }

    /// What staff do to the flight.
    async fn change(&self, what: Value) {
        let path = format!("/flights/{}", self.flight);
        self.airline.call("PUT", &path, Some(&self.admin), Some(what)).await.expect(200);
    }

    /// Events are relayed, and what there is news of is told.
    async fn tell(&self) {
        self.airline.later(SignedDuration::from_millis(1));
        tell_with(&self.airline.app).await;
    }

    async fn send(&self) {
        while self.airline.run_job("send_mails").await > 0 {}
    }

    async fn inbox(&self, token: &str) -> Vec<Value> {
        let list = self.airline.call("GET", "/notifications?limit=100", Some(token), None).await.expect(200);
        list.json["notifications"].as_array().expect("a list").clone()
    }

    /// The topics of the inbox, the oldest first.
    async fn topics(&self) -> Vec<String> {
        let topic = |row: &Value| row["topic"].as_str().expect("a topic").to_owned();
        self.inbox(&self.token).await.iter().rev().map(topic).collect()
    }

    /// The subjects of what the mail server took, in order.
    fn subjects(&self) -> Vec<String> {
        self.smtp.mails().iter().filter_map(|mail| mail.header("Subject")).collect()
    }

    fn mails_to(&self, address: &str) -> Vec<Received> {
        self.smtp.mails().into_iter().filter(|mail| mail.to.iter().any(|to| to == address)).collect()
    }

    fn turn_clock_to(&self, at: &str) {
        let at: Timestamp = at.parse().expect("an instant");
        self.airline.later(at.duration_since(self.airline.app.now()));
    }

    fn later(&self, minutes: i64) {
        self.airline.later(SignedDuration::from_mins(minutes));
    }
}

async fn tell_with(app: &App) {
    while run_job_of(app, "relay_events").await > 0 {}
    while run_job_of(app, "tell_news").await > 0 {}
}
