//! The serving process is killed, or its connection cut, at every statement of every operation that moves seats or money; then
//! the traveller asks again with the same key. Nothing that was acknowledged may be lost, and nothing may happen twice.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::proxy::{Moment, Place};

use crate::support::api::{Answer, booking_of, try_send};
use crate::support::eventually;
use crate::support::fragile::Fragile;

const CARD: &str = "4242424242424242";
/// The gateway's silence about a payment that never reached it is believed after a minute.
const SETTLED_WITHIN: Duration = Duration::from_mins(3);

/// What a traveller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Hold,
    Pay,
    Cancel,
    /// To a cheaper flight: at once, and the difference is refunded.
    ChangeDown,
    /// To a dearer flight: an order is made.
    ChangeUp,
    PayOrder,
}

const ACTS: [Act; 6] = [Act::Hold, Act::Pay, Act::Cancel, Act::ChangeDown, Act::ChangeUp, Act::PayOrder];

/// One request of an act, which can be sent again.
#[derive(Clone, Debug)]
struct Case {
    act: Act,
    /// Empty for a hold: it has none yet.
    booking: String,
    method: Method,
    path: String,
    key: String,
    body: Option<Value>,
    /// What the first request was answered, if it was: the promise.
    told: Option<Answer>,
}

struct Journey {
    airline: Fragile,
    number: AtomicUsize,
}

impl Journey {
    async fn new() -> Self {
        Self { airline: Fragile::on_sale().await, number: AtomicUsize::new(0) }
    }

    fn key(&self) -> String {
        format!("fault-{}", self.number.fetch_add(1, Ordering::Relaxed))
    }

    async fn held(&self) -> String {
        let offer = self.airline.small.offer("KR1").await.expect("KR1 is on sale");
        text(&self.airline.small.api.book(&offer, &self.key()).await.json(201)["id"])
    }

    async fn paid(&self) -> String {
        let id = self.held().await;
        let payment = self.airline.small.api.pay(&id, CARD, &self.key()).await.json(201);
        assert_eq!(payment["status"], "succeeded", "{payment}");
        id
    }

    async fn quote(&self, booking: &str, flight: &str) -> Value {
        let offer = self.airline.small.offer(flight).await.expect("it is on sale");
        let body = json!({"slices": [{"slice": 1, "offer_id": offer}]});
        let quote =
            self.airline.small.api.post(&format!("/bookings/{booking}/change-quote"), &body).await.json(200);
        json!({"quote_id": quote["quote_id"]})
    }

    /// Everything up to the request that is to be hit.
    async fn case(&self, act: Act) -> Case {
        let case = |booking: &str, method, path: String, body| Case {
            act,
            booking: booking.to_owned(),
            method,
            path,
            key: self.key(),
            body,
            told: None,
        };
        let payment = |id: &str| json!({"booking_id": id, "method": {"type": "card", "number": CARD}});
        match act {
            Act::Hold => {
                let offer = self.airline.small.offer("KR1").await.expect("KR1 is on sale");
                case("", Method::POST, "/bookings".into(), Some(booking_of(&offer)))
            }
            Act::Pay => {
                let id = self.held().await;
                case(&id, Method::POST, "/payments".into(), Some(payment(&id)))
            }
            Act::Cancel => {
                let id = self.paid().await;
                case(&id, Method::DELETE, format!("/bookings/{id}"), None)
            }
            Act::ChangeDown | Act::ChangeUp => {
                let id = self.paid().await;
                let to = if act == Act::ChangeDown { "KR2" } else { "KR3" };
                let quote = self.quote(&id, to).await;
                case(&id, Method::POST, format!("/bookings/{id}/changes"), Some(quote))
            }
            Act::PayOrder => {
                let id = self.paid().await;
                let quote = self.quote(&id, "KR3").await;
                let path = format!("/bookings/{id}/changes");
                self.airline.small.api.post_once(&path, &self.key(), &quote).await.json(201);
                case(&id, Method::POST, "/payments".into(), Some(payment(&id)))
            }
        }
    }

    async fn send(&self, case: &Case) -> Option<Answer> {
        let request = self
            .airline
            .small
            .api
            .request(case.method.clone(), &case.path)
            .header("Idempotency-Key", &case.key);
        try_send(match &case.body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// Sends it for the first time, and keeps what it is told.
    async fn begin(&self, case: &mut Case) {
        case.told = self.send(case).await.filter(|answer| answer.status < 300);
    }

    /// Sends it again until it is answered, as a client that lost its answer does.
    async fn insist(&self, case: &Case) -> Value {
        eventually(&format!("an answer to {case:?}"), SETTLED_WITHIN, async || {
            let answer = self.send(case).await?;
            let is_at_work = answer.status == 409 && code(&answer) == "request_in_progress";
            let is_final = answer.status != 503 && !is_at_work;
            is_final.then(|| answer.json(if case.method == Method::POST { 201 } else { 200 }))
        })
        .await
    }

    /// What the act promised has come about, once.
    async fn is_done(&self, case: &Case) {
        let told = self.insist(case).await;
        keeps_its_word(case, &told);
        let id = if case.act == Act::Hold { text(&told["id"]) } else { case.booking.clone() };
        let mut paid_anew = false;
        let booking = eventually(&format!("{case:?} is done"), SETTLED_WITHIN, async || {
            let booking = self.airline.small.api.get(&format!("/bookings/{id}")).await.json(200);
            if is_closed(case.act, &booking) {
                return Some(booking);
            }
            // The request was lost before the gateway had it: nothing was charged, and the traveller pays anew.
            let declined =
                list(&booking["payments"]).iter().any(|payment| payment["decline_code"] == "not_received");
            if declined && !paid_anew {
                self.airline.small.api.pay(&id, CARD, &self.key()).await.json(201);
                paid_anew = true;
            }
            None
        })
        .await;
        let money = |of: &str| list(&booking[of]).iter().filter(|each| each["status"] == "succeeded").count();
        let (payments, refunds) = match case.act {
            Act::Hold => (0, 0),
            Act::Pay | Act::ChangeUp => (1, 0),
            Act::Cancel | Act::ChangeDown => (1, 1),
            Act::PayOrder => (2, 0),
        };
        assert_eq!((money("payments"), money("refunds")), (payments, refunds), "{case:?}: {booking}");
    }

    /// Each of these was done once, the invariants hold, and the gateway's book is the same as ours.
    async fn account_for(&self, cases: &[Case]) {
        for case in cases {
            self.is_done(case).await;
        }
        self.airline.small.is_sound().await;
        self.airline.small.books_agree(&self.airline.db.db).await;
        let sql = self.airline.db.db.read().await.expect("a connection");
        let bookings: i64 = sql.query_one("SELECT count(*) FROM bookings", &[]).await.expect("a row").get(0);
        let expected = cases.len();
        assert_eq!(usize::try_from(bookings).expect("few"), expected, "each booking was made once");
    }

    /// Why the judge refuses these cases.
    async fn refusal(&self, cases: &[Case]) -> String {
        let judged = AssertUnwindSafe(self.account_for(cases)).catch_unwind().await;
        let panic = judged.expect_err("the judge must not be content");
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    }
}

/// The same key has the same answer, byte by byte, whatever happened between. (A DELETE has no key of its own; what it
/// promised is looked at by `is_done`.)
fn keeps_its_word(case: &Case, again: &Value) {
    if let Some(first) = case.told.as_ref().filter(|_| case.method == Method::POST) {
        assert_eq!(&first.json(201), again, "an acknowledged write is lost: {case:?}");
    }
}

/// Whether nothing is on its way any more.
fn is_closed(act: Act, booking: &Value) -> bool {
    let open = |of: &str| {
        list(&booking[of])
            .iter()
            .any(|each| !matches!(each["status"].as_str(), Some("succeeded" | "declined" | "failed")))
    };
    let order = &booking["orders"][0]["status"];
    let has_come = match act {
        Act::Hold => booking["status"] == "held",
        Act::Pay => booking["status"] == "confirmed",
        Act::Cancel => booking["status"] == "cancelled",
        Act::ChangeDown => list(&booking["refunds"]).len() == 1,
        Act::ChangeUp => order == "open",
        Act::PayOrder => order == "paid",
    };
    has_come && !open("payments") && !open("refunds")
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    body["code"].as_str().unwrap_or("").to_owned()
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    /// SIGKILL to the serving process.
    Kill,
    /// The connection to PostgreSQL breaks.
    Cut,
}

/// Where an act can be hit: before each statement, and after each COMMIT, when the work is done and nobody has heard. It is done
/// twice to learn that, because what is sent only once is no part of it.
async fn places(journey: &Journey, act: Act) -> (Vec<Case>, Vec<Place>) {
    let (mut cases, mut seen) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let case = journey.case(act).await;
        let sent = journey
            .airline
            .statements_of(async { drop(journey.send(&case).await.expect("an answer")) })
            .await;
        cases.push(case);
        seen.push(sent);
    }
    let (mut places, mut counted) = (Vec::new(), BTreeMap::<Arc<str>, usize>::new());
    for sql in &seen[0] {
        let count = counted.entry(Arc::clone(sql)).or_default();
        let nth = std::mem::replace(count, *count + 1);
        if seen[1].iter().filter(|other| *other == sql).count() > nth {
            let place = |moment| Place { sql: Arc::clone(sql), nth, moment };
            places.push(place(Moment::Before));
            places.extend((&**sql == "COMMIT").then(|| place(Moment::After)));
        }
    }
    assert!(places.len() > 4, "{act:?} sends only {seen:?}");
    (cases, places)
}

async fn hit_everywhere(fault: Fault, rounds: usize) {
    let journey = Journey::new().await;
    let (mut cases, mut planned, mut missed) = (Vec::new(), BTreeMap::<String, usize>::new(), Vec::new());
    for act in ACTS {
        let (whole, places) = places(&journey, act).await;
        cases.extend(whole);
        for place in places.iter().cycle().take(places.len() * rounds) {
            let mut hit = false;
            // What a job sends beside the operation now and then may have been taken for a part of it.
            for _ in 0..3 {
                let mut case = journey.case(act).await;
                let operation = journey.begin(&mut case);
                hit = match fault {
                    Fault::Kill => journey.airline.dies_at(place, operation).await,
                    Fault::Cut => journey.airline.is_cut_at(place, operation).await,
                };
                cases.push(case);
                if hit {
                    break;
                }
            }
            *planned.entry(format!("{act:?}")).or_default() += 1;
            missed.extend((!hit).then(|| format!("{act:?}: {place:?}")));
        }
    }
    println!("{fault:?}: {planned:?}, {} in all", planned.values().sum::<usize>());
    assert!(missed.is_empty(), "a run with fewer faults than planned proves less than it says: {missed:#?}");
    journey.account_for(&cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_statement_nothing_is_lost_and_nothing_happens_twice() {
    hit_everywhere(Fault::Kill, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_at_every_statement_nothing_is_lost_and_nothing_happens_twice() {
    hit_everywhere(Fault::Cut, 1).await;
}

/// The last COMMIT of a hold: after it the seats are the traveller's.
async fn last_commit(journey: &Journey, moment: Moment) -> (Vec<Case>, Place) {
    let (cases, places) = places(journey, Act::Hold).await;
    let is_last = |place: &&Place| &*place.sql == "COMMIT" && place.moment == moment;
    let place = places.iter().rfind(is_last).expect("a hold commits").clone();
    (cases, place)
}

/// Negative control: who asks again without the key of the first request books twice, and that is found.
#[tokio::test(flavor = "multi_thread")]
async fn control_asking_again_under_another_key_is_found_to_be_done_twice() {
    let journey = Journey::new().await;
    let (mut cases, place) = last_commit(&journey, Moment::After).await;
    let mut case = journey.case(Act::Hold).await;
    assert!(journey.airline.dies_at(&place, journey.begin(&mut case)).await);
    assert!(case.told.is_none(), "nobody heard of the hold");
    case.key = journey.key();
    cases.push(case);
    let refusal = journey.refusal(&cases).await;
    assert!(refusal.contains("each booking was made once"), "{refusal}");
}

/// Negative control: a database that acknowledges a COMMIT and forgets it is found out.
#[tokio::test(flavor = "multi_thread")]
async fn control_a_commit_that_is_acknowledged_and_forgotten_is_found_to_be_lost() {
    let journey = Journey::new().await;
    let (mut cases, place) = last_commit(&journey, Moment::Before).await;
    let mut case = journey.case(Act::Hold).await;
    assert!(journey.airline.is_forgotten_at(&place, journey.begin(&mut case)).await);
    assert!(case.told.is_some(), "the hold was promised");
    cases.push(case);
    let refusal = journey.refusal(&cases).await;
    assert!(refusal.contains("an acknowledged write is lost"), "{refusal}");
}

/// `./dev chaos crashes`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; ./dev chaos crashes runs it"]
async fn chaos_crashes() {
    hit_everywhere(Fault::Kill, rounds()).await;
}

/// `./dev chaos cuts`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many minutes; ./dev chaos cuts runs it"]
async fn chaos_cuts() {
    hit_everywhere(Fault::Cut, rounds()).await;
}

#[expect(clippy::disallowed_methods, reason = "./dev chaos says here how many there shall be")]
fn rounds() -> usize {
    std::env::var("UDAAN_CHAOS").ok().and_then(|many| many.parse().ok()).unwrap_or(5)
}
