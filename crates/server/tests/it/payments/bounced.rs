//! Refunds that come back after they had succeeded: found out by a webhook or without one, counted back, and seen to by staff.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::one_hold;
use super::webhooks::{event, tell};
use crate::support::{Airline, Reply};

/// Its refunds succeed, and fail ten seconds later.
const BOUNCING: &str = "4000000000005126";
const CARD: &str = "4242424242424242";

/// A paid booking, cancelled, whose refund has succeeded.
struct Refunded {
    airline: Airline,
    traveller: String,
    admin: String,
    booking: String,
}

impl Refunded {
    async fn by(card: &str) -> Self {
        let (airline, traveller, booking) = one_hold().await;
        airline.pay(&traveller, &booking, card, "p1").await.expect(201);
        let login = json!({"email": "admin@example.com", "password": "a password of some length"});
        let admin = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
        airline.call("DELETE", &format!("/bookings/{booking}"), Some(&traveller), None).await.expect(200);
        let refunded = Self { airline, traveller, admin, booking };
        assert_eq!(refunded.books().await, (0, 0));
        refunded.airline.assert_sound().await;
        refunded
    }

    /// The gateway finds out that the money has come back, and nobody hears of it.
    async fn comes_back(&self) {
        self.airline.later(SignedDuration::from_secs(11));
        let book = self.airline.gateway_book().await;
        let refunds = book["refunds"].as_array().expect("refunds");
        assert!(refunds.iter().all(|refund| refund["status"] == "failed"), "{refunds:?}");
    }

    async fn booking(&self) -> Value {
        let path = format!("/bookings/{}", self.booking);
        self.airline.call("GET", &path, Some(&self.traveller), None).await.expect(200).json
    }

    /// Status, method, and whether it came back, of the one refund the traveller sees.
    async fn seen(&self) -> (String, String, bool) {
        let refunds = self.booking().await["refunds"].clone();
        assert_eq!(refunds.as_array().map(Vec::len), Some(1), "{refunds}");
        let word = |member: &str| refunds[0][member].as_str().expect("a word").to_owned();
        (word("status"), word("method"), !refunds[0]["bounced_at"].is_null())
    }

    /// What the ledger has at the gateway, and on its way back.
    async fn books(&self) -> (i64, i64) {
        (self.account("gateway").await, self.account("refunds").await)
    }

    async fn account(&self, account: &str) -> i64 {
        let sum = "SELECT COALESCE(sum(e.amount), 0)::bigint FROM ledger_postings p,
                   unnest(p.accounts, p.amounts) AS e (account, amount) WHERE e.account = $1";
        self.airline.sql().await.query_one(sum, &[&account]).await.expect("a sum").get(0)
    }

    async fn failed(&self) -> Vec<Value> {
        let path = "/admin/refunds?status=failed";
        let page = self.airline.call("GET", path, Some(&self.admin), None).await.expect(200);
        page.json["refunds"].as_array().expect("refunds").clone()
    }

    async fn failed_id(&self) -> String {
        self.failed().await[0]["id"].as_str().expect("an id").to_owned()
    }

    async fn staff(&self, refund: &str, what: &str, body: Option<Value>, key: &str) -> Reply {
        let path = format!("/admin/refunds/{refund}/{what}");
        self.airline.call_keyed("POST", &path, Some(&self.admin), body, Some(key)).await
    }

    async fn told(&self) -> Vec<String> {
        let told = "SELECT type FROM outbox WHERE subject = $1 AND type LIKE 'refund.%' ORDER BY sequence";
        let rows = self.airline.sql().await.query(told, &[&self.booking]).await.expect("events");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// All invariants hold but the one that calls for staff.
    async fn assert_only_staff_are_missing(&self) {
        let app = &self.airline.app;
        let found = server::integrity::api::check(&app.db, app.now(), app.config.booking.choice_hours).await;
        let found = found.expect("asked");
        let broken: Vec<_> =
            found.iter().filter(|one| one.broken > 0).map(|one| one.invariant.name).collect();
        assert_eq!(broken, ["refunds_not_stuck"]);
    }
}

fn seen(status: &str, method: &str, came_back: bool) -> (String, String, bool) {
    (status.into(), method.into(), came_back)
}

#[tokio::test]
async fn a_webhook_has_it_found_out_and_staff_see_to_it() {
    let refunded = Refunded::by(BOUNCING).await;
    let airline = &refunded.airline;
    refunded.comes_back().await;
    assert_eq!(airline.run_job("send_refunds").await, 0, "nobody looks yet");
    tell(airline, &event(airline, "refund.failed").await).await.expect(204);
    assert_eq!(refunded.seen().await, seen("succeeded", "gateway", false), "its word alone moves no money");
    assert_eq!(airline.run_job("send_refunds").await, 1);
    assert_eq!(refunded.seen().await, seen("failed", "gateway", true));
    assert_eq!(refunded.books().await, (20_000, -20_000), "the money is at the gateway, and to go back");
    let failed = refunded.failed().await;
    assert_eq!(failed[0]["failure_code"], "lost_or_stolen_card");
    assert!(failed[0]["bounced_at"].is_string(), "{failed:?}");
    assert_eq!(refunded.told().await, ["refund.ordered", "refund.succeeded", "refund.bounced"]);
    // Whoever was told that it went back is told that it did not.
    while airline.run_job("relay_events").await > 0 {}
    while airline.run_job("tell_news").await > 0 {}
    let returned =
        "SELECT count(*) FROM notifications WHERE topic = 'refund_returned' AND superseded_at IS NULL";
    assert_eq!(airline.count(returned).await, 1);
    refunded.assert_only_staff_are_missing().await;
    let path = format!("/bookings/{}/receipt", refunded.booking);
    let receipt = airline.call("GET", &path, Some(&refunded.traveller), None).await.expect(200);
    assert_eq!(
        (&receipt.json["returned"]["amount"], &receipt.json["returning"]["amount"]),
        (&json!(0), &json!(20_000))
    );
    airline.call("GET", &format!("{path}?format=pdf"), Some(&refunded.traveller), None).await.expect(200);

    // Another one by the same card comes back as well.
    let retried = refunded.staff(&refunded.failed_id().await, "retry", None, "r1").await.expect(201);
    assert_eq!(refunded.seen().await, seen("succeeded", "gateway", false));
    assert_eq!(refunded.books().await, (0, 0));
    airline.assert_sound().await;
    refunded.comes_back().await;
    airline.later(SignedDuration::from_hours(25));
    assert!(airline.run_job("send_refunds").await > 0);
    assert_eq!(refunded.failed_id().await, retried.text("/id"));
    refunded.assert_only_staff_are_missing().await;

    let outside = json!({"method": "bank_transfer", "reference": "UTR 4711", "note": "Card closed"});
    refunded.staff(&retried.text("/id"), "settle", Some(outside), "s1").await.expect(200);
    assert_eq!(refunded.seen().await, seen("succeeded", "bank_transfer", true));
    assert_eq!((refunded.books().await, refunded.account("settled_outside").await), ((20_000, 0), -20_000));
    airline.assert_sound().await;
    airline.call("GET", &format!("{path}?format=pdf"), Some(&refunded.traveller), None).await.expect(200);
    // What was paid otherwise does not come back by the gateway, whatever it says of the refund before.
    let mut again = event(airline, "refund.failed").await;
    again["data"]["object"]["metadata"]["refund"] = json!(retried.text("/id"));
    again["id"] = json!("evt_again");
    tell(airline, &again).await.expect(204);
    assert_eq!(airline.run_job("send_refunds").await, 0);
    assert_eq!(airline.count("SELECT count(*) FROM refunds WHERE next_try_at IS NOT NULL").await, 0);
    assert_eq!(refunded.seen().await, seen("succeeded", "bank_transfer", true));
    airline.assert_sound().await;
    assert_eq!(airline.count("SELECT refunded FROM payments").await, 20_000, "ordered back once");
}

/// The gateway has nothing to return, because the whole charge counts as returned. That is no word of the traveller having it: it
/// may mean the refund that came back.
#[tokio::test]
async fn another_refund_is_not_taken_for_paid_because_the_charge_was_returned() {
    let refunded = Refunded::by(BOUNCING).await;
    refunded.comes_back().await;
    refunded.airline.later(SignedDuration::from_hours(25));
    refunded.airline.run_job("send_refunds").await;
    let book = refunded.airline.gateway_book().await;
    let intent = book["refunds"][0]["payment_intent"].as_str().expect("an intent").to_owned();
    refunded.airline.gateway_post("/v1/refunds", &[("payment_intent", &intent)]).await;
    refunded.staff(&refunded.failed_id().await, "retry", None, "r1").await.expect(201);
    assert_eq!(refunded.seen().await, seen("failed", "gateway", false));
    assert_eq!(refunded.failed().await[0]["failure_code"], "charge_already_refunded");
    assert_eq!(refunded.books().await, (20_000, -20_000));
    let outside = json!({"method": "other", "reference": "re_by_hand", "note": "Returned in the dashboard"});
    refunded.staff(&refunded.failed_id().await, "settle", Some(outside), "s1").await.expect(200);
    refunded.airline.assert_sound().await;
}

/// Of refunds that were settled before anybody looked again, those that can still come back are looked at.
#[tokio::test]
async fn refunds_of_before_are_looked_at_as_well() {
    let refunded = Refunded::by(BOUNCING).await;
    let sql = refunded.airline.sql().await;
    sql.batch("UPDATE refunds SET next_try_at = NULL, settled_at = now() - interval '5 days'")
        .await
        .expect("old");
    let backfill = server::migrations::MIGRATIONS.iter().find(|one| one.name.starts_with("0026"));
    sql.batch(backfill.expect("a migration").sql).await.expect("filled");
    let due = "SELECT count(*) FROM refunds WHERE next_try_at = settled_at + interval '31 days'";
    assert_eq!(refunded.airline.count(due).await, 1);
    sql.batch("UPDATE refunds SET next_try_at = NULL, settled_at = now() - interval '32 days'")
        .await
        .expect("older");
    sql.batch(backfill.expect("a migration").sql).await.expect("filled");
    assert_eq!(refunded.airline.count("SELECT count(*) FROM refunds WHERE next_try_at IS NOT NULL").await, 0);
}

#[tokio::test]
async fn it_is_found_out_without_a_webhook() {
    let refunded = Refunded::by(BOUNCING).await;
    refunded.comes_back().await;
    refunded.airline.later(SignedDuration::from_hours(23));
    assert_eq!(refunded.airline.run_job("send_refunds").await, 0);
    refunded.airline.later(SignedDuration::from_hours(1));
    assert_eq!(refunded.airline.run_job("send_refunds").await, 1);
    assert_eq!(refunded.seen().await, seen("failed", "gateway", true));
    refunded.assert_only_staff_are_missing().await;
}

/// An event that says more than is true has it looked at, and no more.
#[tokio::test]
async fn a_refund_that_stays_is_looked_at_three_times_and_whenever_an_event_says_so() {
    let refunded = Refunded::by(CARD).await;
    let airline = &refunded.airline;
    let mut lie = event(airline, "refund.created").await;
    (lie["id"], lie["type"]) = (json!("evt_lie"), json!("refund.failed"));
    tell(airline, &lie).await.expect(204);
    assert_eq!(airline.run_job("send_refunds").await, 1);
    for hours in [24, 6 * 24, 24 * 24] {
        assert_eq!(airline.run_job("send_refunds").await, 0);
        airline.later(SignedDuration::from_hours(hours));
        assert_eq!(airline.run_job("send_refunds").await, 1);
    }
    assert_eq!(airline.count("SELECT count(*) FROM refunds WHERE next_try_at IS NOT NULL").await, 0);
    let stayed = "SELECT count(*) FROM refunds WHERE status = 'succeeded' AND bounced_at IS NULL";
    assert_eq!(airline.count(stayed).await, 1);
    assert_eq!(refunded.told().await, ["refund.ordered", "refund.succeeded"]);
    airline.assert_sound().await;
}

/// The guard taken away: under the id of the settlement that was undone, nothing can be posted again.
#[tokio::test]
async fn control_without_an_id_of_its_own_a_second_settlement_is_refused() {
    let refunded = Refunded::by(BOUNCING).await;
    refunded.comes_back().await;
    refunded.airline.later(SignedDuration::from_hours(25));
    refunded.airline.run_job("send_refunds").await;
    let sql = refunded.airline.sql().await;
    sql.batch("UPDATE refunds SET posted_as = NULL").await.expect("forgotten");
    let outside = json!({"method": "cheque", "reference": "000123", "note": "Sent by post"});
    let refused = refunded.staff(&refunded.failed_id().await, "settle", Some(outside), "s1").await;
    assert_eq!(refused.status, 500, "{}", refused.json);
    assert_eq!(refunded.books().await, (20_000, -20_000));
}
