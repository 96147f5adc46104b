//! Refunds that the gateway refuses for good, and what staff do about them.

use ::platform::config::Config;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{one_hold, one_hold_with};
use crate::support::{Airline, Reply};

const CARD: &str = "4242424242424242";

/// A paid booking, cancelled, whose refund the gateway refused; the booking, its owner, staff, and the refund.
pub(super) struct Refused {
    pub(super) airline: Airline,
    traveller: String,
    pub(super) admin: String,
    pub(super) booking: String,
    pub(super) refund: String,
}

impl Refused {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (airline, traveller, booking) = one_hold_with(change).await;
        airline.pay(&traveller, &booking, CARD, "p1").await.expect(201);
        let login = json!({"email": "admin@example.com", "password": "a password of some length"});
        let admin = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
        airline.gateway_post("/_test/hostility", &[("refund_failed", "1")]).await;
        let refused = Self { airline, traveller, admin, booking, refund: String::new() };
        refused.cancel().await;
        refused.wait_for_the_gateway().await;
        refused.airline.gateway_post("/_test/hostility", &[]).await;
        let failed = refused.list("failed").await;
        assert_eq!(failed.len(), 1, "{failed:?}");
        let refund = failed[0]["id"].as_str().expect("an id").to_owned();
        Self { refund, ..refused }
    }

    async fn cancel(&self) {
        let path = format!("/bookings/{}", self.booking);
        self.airline.call("DELETE", &path, Some(&self.traveller), None).await.expect(200);
    }

    /// The gateway says in the end what became of a refund.
    async fn wait_for_the_gateway(&self) {
        for _ in 0..3 {
            self.airline.later(SignedDuration::from_secs(31));
            self.airline.run_job("send_refunds").await;
        }
    }

    pub(super) async fn list(&self, status: &str) -> Vec<Value> {
        let path = format!("/admin/refunds?status={status}");
        let page = self.airline.call("GET", &path, Some(&self.admin), None).await.expect(200);
        page.json["refunds"].as_array().expect("refunds").clone()
    }

    pub(super) async fn retry(&self, refund: &str, key: &str) -> Reply {
        let path = format!("/admin/refunds/{refund}/retry");
        self.airline.call_keyed("POST", &path, Some(&self.admin), None, Some(key)).await
    }

    async fn settle(&self, refund: &str, key: &str) -> Reply {
        let body = json!({"method": "bank_transfer", "reference": "UTR 4711", "note": "Card closed"});
        let path = format!("/admin/refunds/{refund}/settle");
        self.airline.call_keyed("POST", &path, Some(&self.admin), Some(body), Some(key)).await
    }

    /// What the traveller sees of refunds: status and method of each.
    pub(super) async fn seen(&self) -> Vec<(String, String)> {
        let path = format!("/bookings/{}", self.booking);
        let booking = self.airline.call("GET", &path, Some(&self.traveller), None).await.expect(200);
        let refunds = booking.json["refunds"].as_array().expect("refunds").clone();
        let word = |refund: &Value, member: &str| refund[member].as_str().expect("a word").to_owned();
        refunds.iter().map(|refund| (word(refund, "status"), word(refund, "method"))).collect()
    }

    async fn receipt(&self) -> Value {
        let path = format!("/bookings/{}/receipt", self.booking);
        self.airline.call("GET", &path, Some(&self.traveller), None).await.expect(200).json
    }

    /// The sum of an account of the ledger.
    pub(super) async fn ledger(&self, account: &str) -> i64 {
        let sum = "SELECT COALESCE(sum(e.amount), 0)::bigint FROM ledger_postings p,
                   unnest(p.accounts, p.amounts) AS e (account, amount) WHERE e.account = $1";
        self.airline.sql().await.query_one(sum, &[&account]).await.expect("a sum").get(0)
    }

    /// The types of the booking's events about refunds, in order.
    pub(super) async fn told(&self) -> Vec<String> {
        let told = "SELECT type FROM outbox WHERE subject = $1 AND type LIKE 'refund.%' ORDER BY sequence";
        let rows = self.airline.sql().await.query(told, &[&self.booking]).await.expect("events");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The invariants that do not hold.
    pub(super) async fn broken(&self) -> Vec<&'static str> {
        let app = &self.airline.app;
        let findings =
            server::integrity::api::check(&app.db, app.now(), app.config.booking.choice_hours).await;
        let findings = findings.expect("asked");
        findings.iter().filter(|one| one.broken > 0).map(|one| one.invariant.name).collect()
    }

    /// Refunds at the gateway that have not failed.
    async fn at_the_gateway(&self) -> usize {
        let book = self.airline.gateway_book().await;
        let refunds = book["refunds"].as_array().expect("refunds");
        refunds.iter().filter(|refund| refund["status"] == "succeeded").count()
    }
}

pub(super) fn pair(status: &str, method: &str) -> (String, String) {
    (status.into(), method.into())
}

#[tokio::test]
async fn a_refund_that_failed_is_sent_again_under_a_new_id() {
    let refused = Refused::new().await;
    assert_eq!(refused.seen().await, [pair("failed", "gateway")]);
    let retried = refused.retry(&refused.refund, "r1").await.expect(201);
    let new = retried.text("/id");
    assert_ne!(new, refused.refund);
    assert_eq!(retried.text("/status"), "pending");
    assert_eq!(refused.seen().await, [pair("succeeded", "gateway")], "it was sent at once");
    let replay = refused.retry(&refused.refund, "r1").await.expect(201);
    assert_eq!(replay.bytes, retried.bytes, "the same key, the same answer");
    assert_eq!(refused.at_the_gateway().await, 1);
    let replaced = refused.list("replaced").await;
    assert_eq!((&replaced[0]["id"], &replaced[0]["replaced_by"]), (&json!(refused.refund), &json!(new)));
    assert!(refused.list("failed").await.is_empty());
    assert_eq!(refused.list("succeeded").await[0]["id"], json!(new));
    assert_eq!(
        refused.told().await,
        ["refund.ordered", "refund.failed", "refund.retried", "refund.succeeded"]
    );
    assert_eq!((refused.ledger("refunds").await, refused.ledger("gateway").await), (0, 0));
    assert_eq!(refused.receipt().await["returned"]["amount"], 20_000);
    refused.airline.assert_sound().await;
}

#[tokio::test]
async fn what_fails_again_is_sent_again_and_counted_once() {
    let refused = Refused::new().await;
    refused.airline.gateway_post("/_test/hostility", &[("refund_failed", "1")]).await;
    let second = refused.retry(&refused.refund, "r1").await.expect(201).text("/id");
    refused.wait_for_the_gateway().await;
    assert_eq!(refused.list("failed").await[0]["id"], json!(second));
    let replaced = refused.retry(&refused.refund, "r2").await.expect(409);
    assert_eq!((replaced.code(), replaced.text("/by")), ("refund_replaced", second.clone()));
    refused.airline.gateway_post("/_test/hostility", &[]).await;
    refused.retry(&second, "r3").await.expect(201);
    assert_eq!(refused.seen().await, [pair("succeeded", "gateway")]);
    assert_eq!(refused.airline.count("SELECT refunded FROM payments").await, 20_000);
    assert_eq!((refused.ledger("refunds").await, refused.ledger("gateway").await), (0, 0));
    refused.airline.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_retries_at_once_send_one_refund() {
    let refused = Refused::new().await;
    let keys: Vec<String> = (0..10).map(|n| format!("r{n}")).collect();
    let replies = join_all(keys.iter().map(|key| refused.retry(&refused.refund, key))).await;
    let done = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(done, 1, "{replies:?}");
    assert!(replies.iter().all(|reply| reply.status == 201 || reply.code() == "refund_replaced"));
    assert_eq!(refused.airline.count("SELECT count(*) FROM refunds").await, 2);
    assert_eq!(refused.at_the_gateway().await, 1);
    refused.airline.assert_sound().await;
}

/// The guard taken away: without the index a second refund in place of the first can be written, and the sums tell.
#[tokio::test]
async fn control_without_the_index_two_refunds_count() {
    let refused = Refused::new().await;
    refused.retry(&refused.refund, "r1").await.expect(201);
    let twice = "INSERT INTO refunds (booking_id, id, payment_id, status, amount, currency, next_try_at, created_at, ordered_as)
        SELECT booking_id, gen_random_uuid(), payment_id, 'pending', amount, currency, now(), now(), ordered_as
        FROM refunds WHERE ordered_as IS NOT NULL";
    let sql = refused.airline.sql().await;
    let refusal = sql.batch(twice).await.expect_err("refused");
    assert_eq!(refusal.constraint(), Some("refunds_one_in_place"));
    sql.batch("DROP INDEX refunds_one_in_place").await.expect("dropped");
    sql.batch(twice).await.expect("written");
    let broken = refused.broken().await;
    assert!(broken.contains(&"refunds_counted"), "{broken:?}");
}

#[tokio::test]
async fn a_refund_that_failed_is_settled_without_the_gateway() {
    let refused = Refused::new().await;
    let settled = refused.settle(&refused.refund, "s1").await.expect(200);
    let said = (settled.text("/status"), settled.text("/method"), settled.text("/reference"));
    assert_eq!(said, ("succeeded".into(), "bank_transfer".into(), "UTR 4711".into()));
    assert_eq!(refused.settle(&refused.refund, "s1").await.expect(200).bytes, settled.bytes);
    assert_eq!(refused.settle(&refused.refund, "s2").await.expect(409).code(), "refund_not_failed");
    assert_eq!(refused.seen().await, [pair("succeeded", "bank_transfer")]);
    assert_eq!(refused.at_the_gateway().await, 0);
    assert_eq!(refused.told().await, ["refund.ordered", "refund.failed", "refund.succeeded"]);
    let sums = (
        refused.ledger("refunds").await,
        refused.ledger("gateway").await,
        refused.ledger("settled_outside").await,
    );
    assert_eq!(sums, (0, 20_000, -20_000));
    let receipt = refused.receipt().await;
    assert_eq!(
        (&receipt["returned"]["amount"], &receipt["returning"]["amount"]),
        (&json!(20_000), &json!(0))
    );
    refused.airline.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_retry_and_a_settlement_at_once_one_is_done() {
    for _ in 0..5 {
        let refused = Refused::new().await;
        let (retried, settled) =
            tokio::join!(refused.retry(&refused.refund, "r1"), refused.settle(&refused.refund, "s1"));
        let done = (retried.status.as_u16(), settled.status.as_u16());
        assert!([(201, 409), (409, 200)].contains(&done), "{retried:?} {settled:?}");
        assert_eq!(refused.at_the_gateway().await, usize::from(done.0 == 201));
        assert_eq!(refused.ledger("refunds").await, 0);
        assert_eq!(refused.ledger("settled_outside").await, if done.1 == 200 { -20_000 } else { 0 });
        refused.airline.assert_sound().await;
    }
}

#[tokio::test]
async fn only_what_failed_is_retried_or_settled_and_only_by_staff() {
    let (airline, traveller, booking) = one_hold().await;
    airline.pay(&traveller, &booking, CARD, "p1").await.expect(201);
    airline.call("DELETE", &format!("/bookings/{booking}"), Some(&traveller), None).await.expect(200);
    let login = json!({"email": "admin@example.com", "password": "a password of some length"});
    let admin = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
    let refunds = airline.call("GET", "/admin/refunds", Some(&admin), None).await.expect(200);
    let refund = refunds.text("/refunds/0/id");
    let good = json!({"method": "cheque", "reference": "000123", "note": "Sent by post"});
    for (what, body) in [("retry", None), ("settle", Some(good.clone()))] {
        let call = async |token: Option<&str>, refund: &str, key: &str| {
            let path = format!("/admin/refunds/{refund}/{what}");
            airline.call_keyed("POST", &path, token, body.clone(), Some(key)).await
        };
        let refused = call(Some(&admin), &refund, "k1").await.expect(409);
        assert_eq!(refused.code(), "refund_not_failed", "{what}");
        call(Some(&admin), "rfd_0193f2a1c5d07bb2a4d1c0ffee000006", "k2").await.expect(404);
        call(Some(&traveller), &refund, "k3").await.expect(403);
        call(None, &refund, "k4").await.expect(401);
    }
    airline.call("GET", "/admin/refunds", Some(&traveller), None).await.expect(403);
    for (member, value) in [("method", "gold"), ("reference", " "), ("note", ""), ("note", "two\nlines")] {
        let mut body = good.clone();
        body[member] = json!(value);
        let path = format!("/admin/refunds/{refund}/settle");
        let refused =
            airline.call_keyed("POST", &path, Some(&admin), Some(body), Some("k5")).await.expect(422);
        assert_eq!((refused.code(), refused.text("/field").as_str()), ("invalid_field", member));
    }
    for query in ["status=lost", "limit=0", "cursor=x"] {
        airline.call("GET", &format!("/admin/refunds?{query}"), Some(&admin), None).await.expect(422);
    }
    assert_eq!(airline.count("SELECT count(*) FROM refunds WHERE status = 'succeeded'").await, 1);
}

/// A payment the gateway does not know: the refund fails so that somebody looks, and can be sent again when it is known.
#[tokio::test]
async fn a_refund_of_a_payment_the_gateway_does_not_know_waits_for_staff() {
    let (airline, traveller, booking) = one_hold().await;
    airline.pay(&traveller, &booking, CARD, "p1").await.expect(201);
    let login = json!({"email": "admin@example.com", "password": "a password of some length"});
    let admin = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
    let sql = airline.sql().await;
    sql.batch("CREATE TABLE kept AS SELECT id, intent_id FROM payments; UPDATE payments SET intent_id = 'pi_nobody_knows'")
        .await
        .expect("lost");
    airline.call("DELETE", &format!("/bookings/{booking}"), Some(&traveller), None).await.expect(200);
    let path = "/admin/refunds?status=failed";
    let failed = airline.call("GET", path, Some(&admin), None).await.expect(200);
    assert_eq!(failed.text("/refunds/0/failure_code"), "resource_missing");
    sql.batch("UPDATE payments p SET intent_id = k.intent_id FROM kept k WHERE k.id = p.id")
        .await
        .expect("found");
    let path = format!("/admin/refunds/{}/retry", failed.text("/refunds/0/id"));
    airline.call_keyed("POST", &path, Some(&admin), None, Some("r1")).await.expect(201);
    let seen = airline.call("GET", &format!("/bookings/{booking}"), Some(&traveller), None).await.expect(200);
    assert_eq!(seen.text("/refunds/0/status"), "succeeded");
    airline.assert_sound().await;
}

#[tokio::test]
async fn the_list_has_pages() {
    let refused = Refused::new().await;
    let second = refused.retry(&refused.refund, "r1").await.expect(201).text("/id");
    let page = async |cursor: &str| {
        let path = format!("/admin/refunds?limit=1{cursor}");
        refused.airline.call("GET", &path, Some(&refused.admin), None).await.expect(200)
    };
    let first = page("").await;
    assert_eq!(first.text("/refunds/0/id"), second);
    let last = page(&format!("&cursor={}", first.text("/next_cursor"))).await;
    assert_eq!(
        (last.text("/refunds/0/id"), &last.json["next_cursor"]),
        (refused.refund.clone(), &json!(null))
    );
}
