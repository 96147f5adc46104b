//! A row that a job cannot read, or that somebody else has locked, is put off, and the rows beside it are served all the same.

use ::platform::db::Tx;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{one_hold_with, status};
use crate::support::Airline;

const CHARGED_AND_NOT_ANSWERED: &str = "4000000000000408";
const CARD: &str = "4242424242424242";

/// Two holds of one traveller, the first a second older than the other. A lock is waited for a moment only.
async fn two_holds() -> (Airline, String, [String; 2]) {
    let (airline, token, first) = one_hold_with(|config| config.database.lock_ms = 200).await;
    airline.later(SignedDuration::from_secs(1));
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let second = airline.hold(&token, &offer, "k2").await.expect(201).text("/id");
    (airline, token, [first, second])
}

/// Two payments that were charged and not answered.
async fn two_unknown() -> (Airline, String, [String; 2]) {
    let (airline, token, ids) = two_holds().await;
    for (id, key) in ids.iter().zip(["p1", "p2"]) {
        let paid = airline.pay(&token, id, CHARGED_AND_NOT_ANSWERED, key).await.expect(201);
        assert_eq!(paid.text("/status"), "unknown");
        airline.later(SignedDuration::from_secs(1));
    }
    airline.later(SignedDuration::from_secs(6));
    (airline, token, ids)
}

/// A connection that keeps the first booking locked.
async fn locking_the_first(airline: &Airline) -> Tx {
    let tx = airline.app.db.begin().await.expect("a connection");
    let first = "SELECT 1 FROM bookings WHERE id = (SELECT min(id::text)::uuid FROM bookings) FOR UPDATE";
    tx.query(first, &[]).await.expect("locked");
    tx
}

/// So many seconds, or up to a fifth less: what failed together does not come back together.
#[track_caller]
fn assert_about(pause: SignedDuration, seconds: i64) {
    let most = SignedDuration::from_secs(seconds);
    assert!((most * 4 / 5..=most).contains(&pause), "{pause:?} is not about {seconds} s");
}

/// How long it is until the one row that is still due in a table has its next look.
async fn put_off_by(airline: &Airline, sql: &'static str) -> SignedDuration {
    let rows = airline.sql().await.query(sql, &[]).await.expect("asked");
    let [row] = rows.as_slice() else { panic!("{} rows are put off", rows.len()) };
    row.get::<_, Timestamp>(0).duration_since(airline.app.now())
}

#[tokio::test]
async fn a_payment_that_cannot_be_read_is_put_off_and_the_others_are_settled() {
    let (airline, token, [first, second]) = two_unknown().await;
    let poison =
        "UPDATE payments SET currency = 'gold' WHERE id = (SELECT min(id::text)::uuid FROM payments)";
    airline.sql().await.batch(poison).await.expect("poisoned");
    assert_eq!(airline.run_job("reconcile_payments").await, 1);
    assert_eq!(status(&airline, &token, &second).await, "confirmed");
    let waits = "SELECT next_check_at FROM payments WHERE next_check_at IS NOT NULL";
    assert_about(put_off_by(&airline, waits).await, 30);
    airline.later(SignedDuration::from_secs(31));
    assert_eq!(airline.run_job("reconcile_payments").await, 0);
    assert_about(put_off_by(&airline, waits).await, 120);

    // Once it can be read again it is settled like any other.
    airline.sql().await.batch("UPDATE payments SET currency = 'USD'").await.expect("mended");
    airline.later(SignedDuration::from_secs(121));
    assert_eq!(airline.run_job("reconcile_payments").await, 1);
    assert_eq!(status(&airline, &token, &first).await, "confirmed");
    airline.assert_sound().await;
}

#[tokio::test]
async fn a_payment_of_a_locked_booking_is_put_off_and_the_others_are_settled() {
    let (airline, token, [first, second]) = two_unknown().await;
    let locked = locking_the_first(&airline).await;
    assert_eq!(airline.run_job("reconcile_payments").await, 1);
    assert_eq!(status(&airline, &token, &second).await, "confirmed");
    assert_eq!(status(&airline, &token, &first).await, "held");
    drop(locked);
    airline.later(SignedDuration::from_secs(31));
    assert_eq!(airline.run_job("reconcile_payments").await, 1);
    assert_eq!(status(&airline, &token, &first).await, "confirmed");
    airline.assert_sound().await;
}

/// Two refunds that are ordered and not sent.
async fn two_refunds() -> (Airline, String, [String; 2]) {
    let (airline, token, ids) = two_holds().await;
    for (id, key) in ids.iter().zip(["p1", "p2"]) {
        airline.pay(&token, id, CARD, key).await.expect(201);
    }
    let sql = airline.sql().await;
    sql.batch("CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.next_try_at := NEW.next_try_at + interval '4 s'; RETURN NEW; END $$;
               CREATE TRIGGER lost BEFORE INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION lost()").await.expect("a trigger");
    for id in &ids {
        let cancelled = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await;
        assert_eq!(cancelled.expect(200).text("/refunds/0/status"), "pending");
        airline.later(SignedDuration::from_secs(1));
    }
    airline.later(SignedDuration::from_secs(5));
    (airline, token, ids)
}

#[tokio::test]
async fn a_refund_that_cannot_be_read_is_put_off_and_the_others_are_sent() {
    for (poison, cure) in [
        (
            "UPDATE refunds SET currency = 'gold' WHERE id = (SELECT id FROM refunds ORDER BY created_at LIMIT 1)",
            "UPDATE refunds SET currency = 'USD'",
        ),
        (
            "CREATE TABLE kept AS SELECT id, intent_id FROM payments;
             UPDATE payments SET intent_id = NULL WHERE id = (SELECT payment_id FROM refunds ORDER BY created_at LIMIT 1)",
            "UPDATE payments p SET intent_id = k.intent_id FROM kept k WHERE k.id = p.id",
        ),
    ] {
        let (airline, token, ids) = two_refunds().await;
        airline.sql().await.batch(poison).await.expect("poisoned");
        assert_eq!(airline.run_job("send_refunds").await, 1, "{poison}");
        let waits = "SELECT next_try_at FROM refunds WHERE status = 'pending' AND next_try_at IS NOT NULL";
        assert_about(put_off_by(&airline, waits).await, 2);
        airline.later(SignedDuration::from_secs(3));
        assert_eq!(airline.run_job("send_refunds").await, 0);
        assert_about(put_off_by(&airline, waits).await, 4);
        airline.sql().await.batch(cure).await.expect("mended");
        airline.later(SignedDuration::from_secs(5));
        assert_eq!(airline.run_job("send_refunds").await, 1);
        for id in &ids {
            let booking = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
            assert_eq!(booking.text("/refunds/0/status"), "succeeded");
        }
        airline.assert_sound().await;
    }
}

#[tokio::test]
async fn a_refund_that_is_locked_is_put_off_and_the_others_are_sent() {
    let (airline, _, _) = two_refunds().await;
    // Its booking is locked by somebody else while the gateway's answer is to be written down.
    let locked = locking_the_first(&airline).await;
    assert_eq!(airline.run_job("send_refunds").await, 1);
    drop(locked);
    airline.later(SignedDuration::from_secs(3));
    assert_eq!(airline.run_job("send_refunds").await, 1);
    airline.assert_sound().await;
    let book = airline.gateway_book().await;
    assert_eq!(book["refunds"].as_array().map(Vec::len), Some(2), "each once: {book}");
}

#[tokio::test]
async fn a_saved_method_that_cannot_be_read_is_put_off_and_the_others_are_settled() {
    let (airline, token, _) = two_holds().await;
    for key in ["s1", "s2"] {
        let body = json!({"type": "card", "token": "pm_card_visa"});
        let kept =
            airline.call_keyed("POST", "/me/payment-methods", Some(&token), Some(body), Some(key)).await;
        let path = format!("/me/payment-methods/{}", kept.expect(201).text("/id"));
        airline.call("DELETE", &path, Some(&token), None).await.expect(204);
        airline.later(SignedDuration::from_secs(1));
    }
    let poison =
        "UPDATE saved_methods SET method = '{}' WHERE id = (SELECT min(id::text)::uuid FROM saved_methods)";
    airline.sql().await.batch(poison).await.expect("poisoned");
    assert_eq!(airline.run_job("settle_saved_methods").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM saved_methods").await, 1, "the other one is gone");
    let waits = "SELECT next_check_at FROM saved_methods WHERE next_check_at IS NOT NULL";
    assert_about(put_off_by(&airline, waits).await, 30);
    airline.later(SignedDuration::from_secs(31));
    assert_eq!(airline.run_job("settle_saved_methods").await, 0);
    assert_about(put_off_by(&airline, waits).await, 120);
}
