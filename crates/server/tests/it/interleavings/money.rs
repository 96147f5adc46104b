//! Pairs that meet at a payment, a refund or an order.

use jiff::SignedDuration;
use serde_json::json;
use testkit::proxy::Operation;

use super::{Answer, CARD, Stage, said};

fn pay(stage: &Stage, side: usize, booking: &str) -> (Operation, Answer) {
    let body = json!({"booking_id": booking, "method": {"type": "card", "number": CARD}});
    stage.request(side, "POST", "/payments", Some(body))
}

/// The reconciler asks again about what was not answered.
fn look_is_due(stage: &Stage) {
    stage.airline.later(SignedDuration::from_secs(6));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_payments_of_one_booking() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, _) = stage.held(1).await;
        let ((a, first), (b, second)) = (pay(&stage, 0, &id), pay(&stage, 1, &id));
        ((id, first, second), [a, b])
    };
    let check = async |(id, first, second): (String, Answer, Answer)| {
        let mut pair = [said(&first.take()), said(&second.take())];
        pair.sort();
        assert_eq!(pair[0], "201");
        assert!(["409 payment_in_progress", "409 already_paid"].contains(&&*pair[1]), "{pair:?}");
        assert_eq!(stage.status(&id).await, "confirmed");
    };
    stage.explore("pay, pay", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_and_the_sweeper_at_the_deadline() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, _) = stage.held(1).await;
        // The sweeper's server is a second ahead: for it the deadline has come.
        let (payment, answer) = pay(&stage, 0, &id);
        ((id, answer), [payment, stage.sweep_ahead()])
    };
    let check = async |(id, answer): (String, Answer)| {
        let pair = (said(&answer.take()), stage.status(&id).await);
        let pair = (&*pair.0, &*pair.1);
        assert!(
            [("201", "confirmed"), ("409 hold_expired", "expired"), ("409 booking_closed", "expired")]
                .contains(&pair),
            "{pair:?}"
        );
    };
    stage.explore("pay, expire", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_and_a_cancellation_of_a_hold() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, _) = stage.held(1).await;
        let ((a, paid), (b, cancelled)) = (pay(&stage, 0, &id), stage.cancel(1, &id));
        ((id, paid, cancelled), [a, b])
    };
    let check = async |(id, paid, cancelled): (String, Answer, Answer)| {
        let trio = (said(&paid.take()), said(&cancelled.take()), stage.status(&id).await);
        match (&*trio.0, &*trio.1, &*trio.2) {
            ("201", "409 payment_in_progress", "confirmed")
            | ("201" | "409 booking_closed", "200", "cancelled") => {}
            other => panic!("{other:?}"),
        }
    };
    stage.explore("pay, cancel", begin, check).await;
}

/// A booking is read in many statements; what is shown is true of one moment. (With at most two switches: one into the look
/// and one out of it would show two moments.)
#[tokio::test(flavor = "multi_thread")]
async fn a_look_and_a_cancellation() {
    let stage = Stage::new().await.switching_at_most(2);
    let begin = async || {
        let (id, _) = stage.paid(1).await;
        let (look, seen) = stage.request(0, "GET", &format!("/bookings/{id}"), None);
        let (cancel, cancelled) = stage.cancel(1, &id);
        ((seen, cancelled), [look, cancel])
    };
    let check = async |(seen, cancelled): (Answer, Answer)| {
        let (seen, cancelled) = (seen.take().expect(200), cancelled.take().expect(200));
        let many = |of: &str| seen.json[of].as_array().map(Vec::len);
        let shown = (&*seen.text("/status"), &seen.json["price"], many("cancellations"), many("refunds"));
        let before = json!({"amount": 20_000, "currency": "USD"});
        let after = &cancelled.json["price"];
        assert!(
            [("confirmed", &before, Some(0), Some(0)), ("cancelled", after, Some(1), Some(1))]
                .contains(&shown),
            "{shown:?}"
        );
    };
    stage.explore("look, cancel", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_late_and_the_sweeper() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, _) = stage.unanswered(1).await;
        // A frozen hold is given up an hour after its deadline.
        stage.airline.later(SignedDuration::from_mins(80));
        (id, [stage.job(0, "reconcile_payments"), stage.job(1, "expire_holds")])
    };
    // The seats are taken again when the hold is gone already: there is nobody else who wants them.
    let check = async |id: String| assert_eq!(stage.status(&id).await, "confirmed");
    stage.explore("settle, expire", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_late_and_another_buyer_of_the_seat() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, offer) = stage.unanswered(1).await;
        stage.airline.later(SignedDuration::from_mins(80));
        stage.airline.run_job("expire_holds").await;
        assert_eq!(stage.status(&id).await, "expired");
        let (buyer, held) = stage.hold(1, &offer);
        ((id, held), [stage.job(0, "reconcile_payments"), buyer])
    };
    let check = async |(id, held): (String, Answer)| {
        let pair = (stage.status(&id).await, said(&held.take()));
        let pair = (&*pair.0, &*pair.1);
        assert!([("confirmed", "409 sold_out"), ("expired", "201")].contains(&pair), "{pair:?}");
        let back = stage.booking(&id).await.json["refunds"].as_array().map_or(0, Vec::len);
        assert_eq!(back, usize::from(pair.0 == "expired"), "no seat, all the money");
    };
    stage.explore("settle late, hold", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reconcilers() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, _) = stage.unanswered(1).await;
        look_is_due(&stage);
        (id, [stage.job(0, "reconcile_payments"), stage.job(1, "reconcile_payments")])
    };
    let check = async |id: String| assert_eq!(stage.status(&id).await, "confirmed");
    stage.explore("settle, settle", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_sends_its_refund_and_the_job_that_sends_refunds() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, _) = stage.paid(1).await;
        let (cancelling, cancelled) = stage.cancel(0, &id);
        ((id, cancelled), [cancelling, stage.job(1, "send_refunds")])
    };
    let check = async |(id, cancelled): (String, Answer)| {
        assert_eq!(said(&cancelled.take()), "200");
        let booking = stage.booking(&id).await;
        assert_eq!(booking.text("/refunds/0/status"), "succeeded");
        assert_eq!(booking.json["refunds"].as_array().map(Vec::len), Some(1));
    };
    stage.explore("cancel, send refund", begin, check).await;
}
