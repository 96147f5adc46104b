//! Great refunds that are settled outside the gateway: one person says how, another approves.

use futures_util::future::join_all;
use serde_json::{Value, json};
use server::identity::api::Role;

use super::failed::{Refused, pair};
use crate::support::Reply;

/// A refund that one person may not settle alone, with a second administrator.
struct Great {
    refused: Refused,
    second: String,
}

impl Great {
    async fn new() -> Self {
        let refused = Refused::with(|config| {
            config.refunds.second_person_from.values_mut().for_each(|from| *from = 1);
        })
        .await;
        let second = refused.airline.account("second@example.com", Role::Admin).await;
        Self { refused, second }
    }

    async fn post(&self, who: &str, act: &str, key: &str, body: Option<Value>) -> Reply {
        let path = format!("/admin/refunds/{}/{act}", self.refused.refund);
        self.refused.airline.call_keyed("POST", &path, Some(who), body, Some(key)).await
    }

    /// Approves what is said now.
    async fn approve(&self, who: &str, key: &str) -> Reply {
        let path = "/admin/refunds?status=failed";
        let listed = self.refused.airline.call("GET", path, Some(who), None).await.expect(200).json;
        self.post(who, "approve", key, Some(seen(&listed["refunds"][0]))).await
    }

    async fn say(&self, who: &str, key: &str, reference: &str) -> Reply {
        let body = json!({"method": "bank_transfer", "reference": reference, "note": "Card closed"});
        self.post(who, "settle", key, Some(body)).await
    }
}

/// What whoever approves has looked at.
fn seen(refund: &Value) -> Value {
    let proposed = &refund["proposed"];
    let at = proposed["at"].as_str().unwrap_or("2026-06-01T12:00:00Z");
    json!({"reference": proposed["reference"].as_str().unwrap_or("none"), "proposed_at": at})
}

#[tokio::test]
async fn a_great_refund_takes_two_people() {
    let great = Great::new().await;
    let (first, second) = (great.refused.admin.clone(), great.second.clone());
    great.approve(&second, "a0").await.expect(409).has_code("nothing_to_approve");

    let said = great.say(&first, "s1", "UTR 4711").await.expect(202);
    assert_eq!(
        (said.text("/status"), said.text("/proposed/reference")),
        ("failed".into(), "UTR 4711".into())
    );
    assert_eq!(
        great.say(&first, "s1", "UTR 4711").await.expect(202).bytes,
        said.bytes,
        "the same key, the same answer"
    );
    assert_eq!(great.refused.seen().await, [pair("failed", "gateway")], "nothing has happened yet");
    assert_eq!(great.refused.ledger("settled_outside").await, 0);
    great.approve(&first, "a1").await.expect(403).has_code("second_person_needed");

    // The last word counts, whoever had it before; and who has it does not approve.
    great.say(&second, "s2", "UTR 4712").await.expect(202);
    great.approve(&second, "a2").await.expect(403).has_code("second_person_needed");
    let listed = great.refused.list("failed").await;
    assert_eq!(listed[0]["proposed"]["reference"], "UTR 4712");
    let approved = great.approve(&first, "a3").await.expect(200);
    assert_eq!(
        (approved.text("/status"), approved.text("/reference")),
        ("succeeded".into(), "UTR 4712".into())
    );
    assert_eq!(approved.json["proposed"], Value::Null);
    assert_eq!(great.refused.seen().await, [pair("succeeded", "bank_transfer")]);
    assert_ne!(great.refused.ledger("settled_outside").await, 0);
    great.approve(&second, "a4").await.expect(409).has_code("refund_not_failed");
    assert_eq!(great.refused.broken().await, <[&str; 0]>::default());
}

#[tokio::test]
async fn two_approve_at_once_and_it_is_settled_once() {
    let great = Great::new().await;
    let third = great.refused.airline.account("third@example.com", Role::Admin).await;
    great.say(&great.refused.admin, "s1", "UTR 4711").await.expect(202);
    let approvals = join_all([&great.second, &third].map(|who| great.approve(who, "a1"))).await;
    let mut statuses: Vec<u16> = approvals.iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(great.refused.told().await.iter().filter(|told| *told == "refund.succeeded").count(), 1);
    assert_eq!(great.refused.broken().await, <[&str; 0]>::default());
}

/// What somebody said of a refund is not said of the one that was sent in its place, nor of the same when it comes back later.
#[tokio::test]
async fn what_was_said_goes_with_the_refund_it_was_said_of() {
    let great = Great::new().await;
    great.say(&great.refused.admin, "s1", "UTR 4711").await.expect(202);
    great.refused.retry(&great.refused.refund, "r1").await.expect(201);
    great.approve(&great.second, "a1").await.expect(409).has_code("refund_replaced");
    let replaced = great.refused.list("replaced").await;
    assert_eq!(replaced[0]["proposed"], Value::Null);
}

/// An amount in a currency nobody thought of is not one person's to settle.
#[tokio::test]
async fn a_currency_without_an_amount_takes_two() {
    let refused = Refused::with(|config| config.refunds.second_person_from.clear()).await;
    let great = Great { second: String::new(), refused };
    great.say(&great.refused.admin, "s1", "UTR 4711").await.expect(202);
}

/// Whoever approves has rung the bank about one transfer, and does not put their name under another.
#[tokio::test]
async fn what_is_approved_is_what_was_looked_at() {
    let great = Great::new().await;
    let said = great.say(&great.refused.admin, "s1", "UTR 1").await.expect(202);
    great.say(&great.refused.admin, "s2", "UTR 2").await.expect(202);
    let stale = great.post(&great.second, "approve", "a1", Some(seen(&said.json))).await.expect(409);
    stale.has_code("proposal_changed");
    // The same words said at another time are said anew.
    great.refused.airline.later(jiff::SignedDuration::from_secs(1));
    let said = great.say(&great.refused.admin, "s3", "UTR 2").await.expect(202);
    great.refused.airline.later(jiff::SignedDuration::from_secs(1));
    great.say(&great.refused.admin, "s4", "UTR 2").await.expect(202);
    let stale = great.post(&great.second, "approve", "a2", Some(seen(&said.json))).await.expect(409);
    stale.has_code("proposal_changed");
    great.approve(&great.second, "a3").await.expect(200);
    assert_eq!(great.refused.broken().await, <[&str; 0]>::default());
}

/// An administrator who has booked a flight is a traveller like any other about it.
#[tokio::test]
async fn nobody_settles_or_approves_what_comes_back_to_themselves() {
    let great = Great::new().await;
    let owner =
        "UPDATE bookings SET user_id = (SELECT id FROM users WHERE role = 'admin' ORDER BY id LIMIT 1)";
    great.refused.airline.sql().await.batch(owner).await.expect("their own");
    great.say(&great.refused.admin, "s1", "UTR 1").await.expect(403).has_code("own_booking");
    great.say(&great.second, "s2", "UTR 1").await.expect(202);
    great.approve(&great.refused.admin, "a1").await.expect(403).has_code("own_booking");
}
