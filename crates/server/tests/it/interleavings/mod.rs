//! Critical pairs of operations, on two servers, in every order of their statements that can make a difference. After each order
//! every invariant must hold and the two answers must fit one another. `control.rs` shows that an order that does harm is found.

mod control;
mod gate;
mod money;
mod seats;
mod wants;

use std::cell::Cell;
use std::sync::Arc;

use ::platform::config::Config;
use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use jiff::civil::Date;
use kernel::Clock;
use kernel::clock::ManualClock;
use serde_json::Value;
use server::App;
use testkit::proxy::{Explored, Operation, Pair, explore};
use tokio::sync::oneshot;

use crate::support::{Airline, Reply, booking_body, request, run_job_of, send};

const CARD: &str = "4242424242424242";
/// The gateway charges this card and answers with an error.
const CARD_UNANSWERED: &str = "4000000000000500";

/// Tables that are only added to, under ids nobody else has.
const APART: &[&str] = &["outbox", "outbox_lanes", "ledger_postings", "search_inbox", "search_feed", "users"];
/// The invariants are asked for all cases at once, and this often.
const SOUND_EVERY: usize = 25;

/// An airline with two more servers whose statements are held, and a day of its own for each case.
struct Stage {
    airline: Airline,
    pair: Pair,
    servers: [(App, axum::Router); 2],
    /// The second server's sweeper on a clock by which every deadline has come.
    ahead: App,
    ahead_clock: Arc<ManualClock>,
    admin: String,
    token: String,
    cases: Cell<i64>,
}

impl Stage {
    async fn new() -> Self {
        let airline = Airline::with(|config| {
            (config.database.lock_ms, config.database.statement_ms) = (60_000, 60_000);
            config.booking.offer_minutes = 60 * 24 * 365;
        })
        .await;
        let pair = Pair::start(&airline.app.config.database, APART).await.expect("two proxies");
        let [a, b] = pair.databases();
        let servers = [airline.server_with(a).await, airline.server_with(b.clone()).await];
        let deadline = airline.app.now() + SignedDuration::from_mins(airline.app.config.booking.hold_minutes);
        let config = Config { database: b, ..airline.app.config.clone() };
        let ahead_clock = Arc::new(ManualClock::new(deadline));
        let ahead = airline.app_with(config, Arc::clone(&ahead_clock) as Arc<dyn Clock>);
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        Self { airline, pair, servers, ahead, ahead_clock, admin, token, cases: Cell::new(0) }
    }

    fn switching_at_most(self, switches: usize) -> Self {
        Self { pair: self.pair.switching_at_most(switches), ..self }
    }

    /// A flight of so many seats on a day on which no other flies: its id and an offer of it.
    async fn flight(&self, seats: i16) -> (String, String) {
        let case = self.cases.get();
        self.cases.set(case + 1);
        let first: Date = jiff::civil::date(2026, 6, 20);
        // The clock of the cases goes forward too; a flight is always some weeks away.
        let now = self.airline.app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let date = first.max(now + SignedDuration::from_hours(24 * 19))
            + SignedDuration::from_hours(24 * (case % 280));
        let number = format!("KR{}", 1 + case);
        let (hour, minute) = (case / 280 % 12, 5);
        let times = (format!("{date}T{hour:02}:{minute:02}"), format!("{date}T{:02}:{minute:02}", hour + 2));
        let route = if case / 280 % 2 == 0 { ("ABE", "ATL") } else { ("ATL", "PHX") };
        let flight = self.airline.flight(&self.admin, &number, route, (&times.0, &times.1), seats).await;
        let query = format!("origin={}&destination={}&date={date}", route.0, route.1);
        (flight, self.airline.offer(&query).await)
    }

    /// A hold of one seat on a flight of its own: the booking's id and the offer.
    async fn held(&self, seats: i16) -> (String, String) {
        let (_, offer) = self.flight(seats).await;
        let key = format!("held-{}", self.cases.get());
        (self.airline.hold(&self.token, &offer, &key).await.expect(201).text("/id"), offer)
    }

    async fn paid(&self, seats: i16) -> (String, String) {
        let (id, offer) = self.held(seats).await;
        let key = format!("paid-{}", self.cases.get());
        self.airline.pay(&self.token, &id, CARD, &key).await.expect(201);
        (id, offer)
    }

    /// A booking whose payment nobody knows the outcome of, though the gateway has charged.
    async fn unanswered(&self, seats: i16) -> (String, String) {
        let (id, offer) = self.held(seats).await;
        let key = format!("paid-{}", self.cases.get());
        let paid = self.airline.pay(&self.token, &id, CARD_UNANSWERED, &key).await.expect(201);
        assert_eq!(paid.text("/status"), "unknown");
        (id, offer)
    }

    /// A request to one of the two servers, and where its answer will be.
    fn request(&self, side: usize, method: &str, path: &str, body: Option<Value>) -> (Operation, Answer) {
        let key = format!("{method}-{side}-{}", self.cases.get());
        self.request_keyed(side, (method, path), body, &key)
    }

    fn request_keyed(
        &self,
        side: usize,
        (method, path): (&str, &str),
        body: Option<Value>,
        key: &str,
    ) -> (Operation, Answer) {
        self.send(side, request(method, path, Some(&self.token), body, Some(key)))
    }

    fn send(&self, side: usize, asked: Request<Body>) -> (Operation, Answer) {
        let (put, answer) = oneshot::channel();
        let asked = send(self.servers[side].1.clone(), asked);
        let operation = async move {
            put.send(asked.await).expect("the test waits for it");
        };
        (Box::pin(operation), Answer(answer))
    }

    fn hold(&self, side: usize, offer: &str) -> (Operation, Answer) {
        self.request(side, "POST", "/bookings", Some(booking_body(offer)))
    }

    fn cancel(&self, side: usize, booking: &str) -> (Operation, Answer) {
        self.request(side, "DELETE", &format!("/bookings/{booking}"), None)
    }

    /// A turn of a job on one of the two servers.
    fn job(&self, side: usize, name: &'static str) -> Operation {
        let app = self.servers[side].0.clone();
        Box::pin(async move {
            run_job_of(&app, name).await;
        })
    }

    /// The second server gives up holds that were made just now: its clock goes ahead of everybody's by as long as a hold lives.
    fn sweep_ahead(&self) -> Operation {
        let behind = self.airline.app.now().duration_since(self.ahead.now());
        self.ahead_clock
            .advance(behind + SignedDuration::from_mins(self.airline.app.config.booking.hold_minutes));
        let app = self.ahead.clone();
        Box::pin(async move {
            run_job_of(&app, "expire_holds").await;
        })
    }

    /// A change of a flight by staff on the second server.
    fn change_flight(&self, flight: &str, body: Value) -> (Operation, Answer) {
        let path = format!("/flights/{flight}");
        self.send(1, request("PUT", &path, Some(&self.admin), Some(body), None))
    }

    async fn booking(&self, id: &str) -> Reply {
        self.airline.call("GET", &format!("/bookings/{id}"), Some(&self.token), None).await.expect(200)
    }

    async fn status(&self, id: &str) -> String {
        self.booking(id).await.text("/status")
    }

    /// Tries every order, and says how many there were.
    async fn explore<Case>(
        &self,
        name: &str,
        begin: impl AsyncFnMut() -> (Case, [Operation; 2]),
        mut check: impl AsyncFnMut(Case),
    ) -> Explored {
        let mut checked = 0;
        let check = async |case| {
            check(case).await;
            checked += 1;
            if checked % SOUND_EVERY == 0 {
                self.airline.assert_sound().await;
            }
        };
        let explored =
            explore(&self.pair, begin, check).await.unwrap_or_else(|error| panic!("{name}: {error:#}"));
        self.airline.assert_sound().await;
        println!("{name}: {explored:?}");
        assert!(explored.schedules >= 2, "{name}: the two never met");
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(self.airline.count(deadlocks).await, 0);
        explored
    }
}

/// The answer of a request that was sent in a schedule.
struct Answer(oneshot::Receiver<Reply>);

impl Answer {
    fn take(mut self) -> Reply {
        self.0.try_recv().expect("the operation has ended")
    }
}

/// Statuses and problem codes, so that a pair of answers reads as one.
fn said(reply: &Reply) -> String {
    match reply.code() {
        "" => reply.status.as_u16().to_string(),
        code => format!("{} {code}", reply.status.as_u16()),
    }
}
