//! Many payments through a gateway that lies by rate: time-outs and 500s after the effect, resets, webhooks twice, out of order
//! and never. Then the faults stop, time passes, and three books are compared to the cent: what travellers were told, what
//! PostgreSQL and its ledger hold, and what the gateway did. Safety is judged after the drain; the clock is a test's.

mod books;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use self::books::{Books, Told, differences};
use crate::support::Airline;

/// Minutes of every test run; `./dev chaos payments` makes 100,000.
const PAYMENTS: usize = 20_000;
const CLIENTS: usize = 40;
/// One flight a day, as large as they come.
const SEATS: usize = 1_000;
/// Long for an answer on the loopback, short for a time-out that is only waited for.
const TIMEOUT_MS: u64 = 200;

/// The faults of reliability.md, section 4, and some more.
const RATES: &str = "timeout_before=0.02,timeout_after=0.03,error_after=0.05,error_before=0.01,reset_before=0.01,\
    reset_after=0.01,decline=0.02,refund_pending=0.2,webhook_duplicated=0.2,webhook_reordered=0.2,webhook_lost=0.05,\
    reorder_ms=200,seed=20261122";
/// What they look at; the others tell of the same things.
const TOLD_OF: [&str; 7] = [
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "refund.updated",
    "refund.failed",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_gateway_and_three_equal_books() {
    run(PAYMENTS).await;
}

/// `./dev chaos payments`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes many minutes; ./dev chaos payments runs it"]
#[expect(clippy::disallowed_methods, reason = "./dev chaos says here how many there shall be")]
async fn chaos_payments() {
    let many = std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok());
    run(many.unwrap_or(100_000)).await;
}

async fn run(many: usize) {
    let airline = Arc::new(open().await);
    let days = many / SEATS + 2;
    sell(&airline, days).await;
    let (left, stop) = (Arc::new(AtomicUsize::new(many)), Arc::new(AtomicBool::new(false)));
    let background = tokio::spawn(work(Arc::clone(&airline), Arc::clone(&stop)));
    let clients = (0..CLIENTS).map(|client| {
        let (airline, left) = (Arc::clone(&airline), Arc::clone(&left));
        tokio::spawn(async move { Client::new(airline, client, days).await.spend(&left).await })
    });
    let told: Vec<Told> =
        join_all(clients).await.into_iter().flat_map(|client| client.expect("a client ends")).collect();
    stop.store(true, Ordering::SeqCst);
    background.await.expect("the jobs go on");
    let faults = airline.gateway_get("/_test/hostility").await;
    drain(&airline).await;

    let books = Books::read(&airline, told).await;
    let found = differences(&books);
    println!("{} payments, {}", books.told.len(), books.summary());
    assert!(found.is_empty(), "{} differences, the first: {:#?}", found.len(), &found[..found.len().min(10)]);
    assert!(books.told.len() >= many, "only {} payments", books.told.len());
    enough_faults(&faults);
    books.refuse_to_be_tampered_with();
}

async fn open() -> Airline {
    let hear = |config: &mut gateway::Config| {
        config.hostility = RATES.parse().expect("rates");
        config.settle_after = Duration::from_secs(20);
        config.webhooks[0].events = TOLD_OF.map(str::to_owned).to_vec();
    };
    let airline = |config: &mut ::platform::config::Config| config.gateway.timeout_ms = TIMEOUT_MS;
    Airline::with_gateway(airline, hear, true).await
}

fn date(day: usize) -> jiff::civil::Date {
    let first = jiff::civil::date(2026, 6, 15);
    first + SignedDuration::from_hours(24 * i64::try_from(day).expect("few days"))
}

async fn sell(airline: &Airline, days: usize) {
    let admin = airline.admin().await;
    let seats = i16::try_from(SEATS).expect("a cabin");
    for day in 0..days {
        let date = date(day);
        let times = (format!("{date}T08:35"), format!("{date}T10:35"));
        airline.flight(&admin, "KR1", ("ABE", "ATL"), (&times.0, &times.1), seats).await;
    }
}

/// The jobs of a working process and the passing of time, twenty-five times as fast as it is.
async fn work(airline: Arc<Airline>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        for job in ["reconcile_payments", "send_refunds", "expire_holds"] {
            airline.run_job(job).await;
        }
        airline.later(SignedDuration::from_millis(500));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The faults stop; everything open must close within a bounded time of the test's clock.
async fn drain(airline: &Airline) {
    airline.gateway_post("/_test/hostility", &[]).await;
    let open = "SELECT (SELECT count(*) FROM payments WHERE next_check_at IS NOT NULL) +
                       (SELECT count(*) FROM refunds WHERE status = 'pending' AND next_try_at IS NOT NULL) +
                       (SELECT count(*) FROM bookings WHERE status = 'held')";
    for _ in 0..600 {
        airline.gateway_post("/_test/settle", &[]).await;
        for job in ["reconcile_payments", "send_refunds", "expire_holds"] {
            while airline.run_job(job).await > 0 {}
        }
        let hooks = airline.gateway_get("/_test/webhooks").await;
        if airline.count(open).await == 0 && hooks["pending"] == 0 {
            return;
        }
        airline.later(SignedDuration::from_secs(30));
    }
    assert_eq!(airline.count(open).await, 0, "still open five hours after the last fault");
}

/// A run with fewer faults than planned proves less than it says.
fn enough_faults(counted: &Value) {
    for pair in RATES.split(',') {
        let (name, rate) = pair.trim().split_once('=').expect("a pair");
        let fault = &counted["faults"][name];
        let (Some(chances), Some(injected)) = (fault["chances"].as_f64(), fault["injected"].as_f64()) else {
            continue;
        };
        let planned = chances * rate.parse::<f64>().expect("a rate");
        println!("{name}: {injected} of {chances} (planned {planned:.0})");
        assert!(injected >= 0.6 * planned - 3.0 && injected > 0.0, "{name}: {injected}, planned {planned}");
    }
}

/// Somebody who books, pays and sometimes gives back.
struct Client {
    airline: Arc<Airline>,
    token: String,
    name: usize,
    days: usize,
    http: reqwest::Client,
    dice: u64,
    keys: usize,
    offer: Option<String>,
}

impl Client {
    async fn new(airline: Arc<Airline>, name: usize, days: usize) -> Self {
        let token = airline.account(&format!("t{name}@example.com"), Role::Traveller).await;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let dice = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(name as u64 + 1);
        Self { airline, token, name, days, http: http.build().expect("a client"), dice, keys: 0, offer: None }
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("c{}-{}", self.name, self.keys)
    }

    /// Makes payments while there are any left to make, and says what it was told of each in the end.
    async fn spend(mut self, left: &AtomicUsize) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(booking) = self.hold().await {
            let mut paid = false;
            // A declined payment is tried again, with another card, while the hold lasts.
            for attempt in 0..3 {
                if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err()
                {
                    break;
                }
                let Some(payment) = self.pay(&booking, attempt).await else { break };
                let status = payment.status.clone();
                told.push(payment);
                paid = status == "succeeded";
                if status != "declined" {
                    break;
                }
            }
            if paid && self.roll(5) == 0 {
                self.airline.call("DELETE", &format!("/bookings/{booking}"), Some(&self.token), None).await;
            }
            if left.load(Ordering::SeqCst) == 0 {
                break;
            }
        }
        told
    }

    async fn hold(&mut self) -> Option<String> {
        for _ in 0..50 {
            let Some(offer) = self.offer().await else { continue };
            let key = self.key();
            let held = self.airline.hold(&self.token, &offer, &key).await;
            if held.status.as_u16() == 201 {
                self.offer = Some(offer);
                return Some(held.text("/id"));
            }
        }
        None
    }

    /// Of some day; the last one for some bookings more, because it is payments this run is about.
    async fn offer(&mut self) -> Option<String> {
        if let Some(again) = self.offer.take().filter(|_| self.roll(8) > 0) {
            return Some(again);
        }
        let day = usize::try_from(self.roll(self.days as u64)).expect("few days");
        let query = format!("/search?origin=ABE&destination=ATL&date={}", date(day));
        let found = self.airline.call("GET", &query, None, None).await;
        found.json.pointer("/itineraries/0/offer_id").and_then(Value::as_str).map(str::to_owned)
    }

    fn method(&mut self, attempt: usize) -> Value {
        let token = |kind: &str, token: &str| json!({"type": kind, "token": token});
        if attempt > 0 {
            return token("card", "pm_card_visa");
        }
        match self.roll(100) {
            0..10 => token("card", "pm_card_chargeDeclinedInsufficientFunds"),
            10..18 => token("card", "pm_card_threeDSecure2Required"),
            18..24 => token("bank", "pm_usBankAccount_success"),
            24..27 => token("bank", "pm_usBankAccount_insufficientFunds"),
            27..32 => json!({"type": "upi"}),
            32..36 => token("wallet", "pm_card_applePay"),
            36..40 => token("card", "pm_card_pendingRefund"),
            _ => token("card", "pm_card_visa"),
        }
    }

    /// Pays, answers a challenge where there is one, and looks a few times. What is said first is remembered beside what is
    /// said last.
    async fn pay(&mut self, booking: &str, attempt: usize) -> Option<Told> {
        let (method, key) = (self.method(attempt), self.key());
        let mut answer = self.airline.pay_by(&self.token, booking, method.clone(), &key).await;
        for _ in 0..20 {
            if answer.status.as_u16() == 201 {
                break;
            }
            if answer.code() != "request_in_progress" && answer.code() != "busy" {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            answer = self.airline.pay_by(&self.token, booking, method.clone(), &key).await;
        }
        let id = answer.text("/id");
        let amount = answer.json["amount"]["amount"].as_i64().expect("an amount");
        let mut told = Told {
            payment: id.clone(),
            booking: booking.to_owned(),
            amount,
            heard: Vec::new(),
            status: String::new(),
        };
        told.hear(&answer.text("/status"));
        let mut answered = false;
        for _ in 0..4 {
            let now = self
                .airline
                .call("GET", &format!("/payments/{id}"), Some(&self.token), None)
                .await
                .expect(200);
            told.hear(&now.text("/status"));
            if matches!(told.status.as_str(), "succeeded" | "declined") {
                break;
            }
            if let (false, Some(url)) = (answered, now.json["action_url"].as_str()) {
                answered = true;
                // Nine in ten approve or refuse; the tenth leaves the page open.
                let verdict = match self.roll(10) {
                    0 => None,
                    1 | 2 => Some("refuse"),
                    _ => Some("approve"),
                };
                if let Some(verdict) = verdict {
                    self.http.post(format!("{url}/{verdict}")).send().await.expect("the page");
                }
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Some(told)
    }
}
