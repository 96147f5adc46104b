//! Events of a booking are numbered in the order in which their transactions commit: whoever tells of a payment or refund waits for
//! whoever is changing the booking. Else a relay could hand on the later number first.

use ::platform::db::Tx;
use ::platform::outbox::record;
use ::platform::random::Random;
use jiff::{SignedDuration, Timestamp};
use kernel::BookingId;
use server::events::api::BookingCompleted;

use crate::payments::one_hold_with;
use crate::support::Airline;

/// A change of the booking that is under way: it has its lock, has told of itself, and has not committed.
async fn changing(airline: &Airline, booking: &str) -> Tx {
    let tx = airline.app.db.begin().await.expect("a connection");
    let booking_id: BookingId = booking.parse().expect("an id");
    let lock = "SELECT 1 FROM bookings WHERE id = $1 FOR UPDATE";
    tx.query(lock, &[&booking_id.uuid()]).await.expect("locked");
    record(&tx, Random, airline.app.now(), &BookingCompleted { booking_id }).await.expect("recorded");
    tx
}

/// Everything that is committed is handed on.
async fn hand_on(airline: &Airline) {
    while airline.run_job("relay_events").await > 0 {}
}

/// The types of a booking's events that were handed on, in the order of their numbers; those of one hand-over follow those of the
/// one before.
async fn handed_on(airline: &Airline, booking: &str) -> Vec<String> {
    let told = "SELECT type, relayed_at FROM outbox WHERE subject = $1 ORDER BY sequence";
    let rows = airline.sql().await.query(told, &[&booking]).await.expect("events");
    let times: Vec<Option<Timestamp>> = rows.iter().map(|row| row.get(1)).collect();
    let done: Vec<Timestamp> = times.iter().map_while(|time| *time).collect();
    let none_behind = times[done.len()..].iter().all(Option::is_none);
    assert!(none_behind && done.is_sorted(), "a later number was handed on first: {times:?}");
    rows.iter().take(done.len()).map(|row| row.get(0)).collect()
}

/// The job tells while the booking is being changed, and again afterwards.
async fn told_in_order(airline: &Airline, booking: &str, job: &str, last: &str, pause: SignedDuration) {
    hand_on(airline).await;
    let before = handed_on(airline, booking).await;
    airline.later(SignedDuration::from_secs(1));
    let change = changing(airline, booking).await;
    assert_eq!(airline.run_job(job).await, 0, "{job} waits for the booking");
    hand_on(airline).await;
    assert_eq!(handed_on(airline, booking).await, before, "nothing of it is told meanwhile");
    change.commit().await.expect("committed");
    airline.later(pause);
    assert_eq!(airline.run_job(job).await, 1);
    hand_on(airline).await;
    let after = handed_on(airline, booking).await;
    assert_eq!(after[before.len()..], ["booking.completed", last]);
}

#[tokio::test]
async fn a_refund_tells_of_its_end_after_a_change_that_began_before() {
    let (airline, token, id) = one_hold_with(|config| config.database.lock_ms = 200).await;
    airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    let sql = airline.sql().await;
    sql.batch("CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.next_try_at := NEW.next_try_at + interval '4 s'; RETURN NEW; END $$;
               CREATE TRIGGER lost BEFORE INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION lost()").await.expect("a trigger");
    airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    airline.later(SignedDuration::from_secs(5));
    told_in_order(&airline, &id, "send_refunds", "refund.succeeded", SignedDuration::from_secs(3)).await;
}

#[tokio::test]
async fn a_payment_tells_that_it_is_unknown_after_a_change_that_began_before() {
    let (airline, token, id) = one_hold_with(|config| config.database.lock_ms = 200).await;
    let lost = airline.pay(&token, &id, "4000000000000416", "p1").await.expect(201);
    assert_eq!(lost.text("/status"), "unknown");
    // As after a crash before the answer was written down.
    airline.sql().await.batch("UPDATE payments SET status = 'processing'").await.expect("not known yet");
    airline.later(SignedDuration::from_secs(6));
    told_in_order(&airline, &id, "reconcile_payments", "payment.unknown", SignedDuration::from_secs(31))
        .await;
}
