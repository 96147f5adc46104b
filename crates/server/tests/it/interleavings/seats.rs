//! Pairs that want the same seats, or the same hold.

use jiff::SignedDuration;
use serde_json::json;
use testkit::proxy::Operation;

use super::{Answer, Stage, said};
use crate::support::booking_body;

/// The deadline of a hold that was made just now has come.
fn deadline(stage: &Stage) {
    stage.airline.later(SignedDuration::from_mins(15));
}

/// The answers of two, in no order.
fn both(a: Answer, b: Answer) -> [String; 2] {
    let mut said = [said(&a.take()), said(&b.take())];
    said.sort();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn two_holds_of_the_last_seat() {
    let stage = Stage::new().await;
    let begin = async || {
        let (_, offer) = stage.flight(1).await;
        let ((a, first), (b, second)) = (stage.hold(0, &offer), stage.hold(1, &offer));
        ((first, second), [a, b])
    };
    let check = async |(first, second)| assert_eq!(both(first, second), ["201", "409 sold_out"]);
    let explored = stage.explore("hold, hold", begin, check).await;
    assert!(explored.with_waiting > 0, "{explored:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_sent_twice() {
    let stage = Stage::new().await;
    let begin = async || {
        let (_, offer) = stage.flight(5).await;
        let key = format!("one-{offer}");
        let ask =
            |side| stage.request_keyed(side, ("POST", "/bookings"), Some(booking_body(&offer)), &key[..40]);
        let ((a, first), (b, second)) = (ask(0), ask(1));
        ((first, second), [a, b])
    };
    let check = async |(first, second): (Answer, Answer)| {
        let (first, second) = (first.take(), second.take());
        assert_eq!((said(&first), said(&second)), ("201".into(), "201".into()));
        assert_eq!(first.bytes, second.bytes, "one booking, the same bytes");
    };
    stage.explore("hold, the same hold", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_and_the_next_buyer_of_a_seat() {
    let stage = Stage::new().await;
    let begin = async || {
        // Nothing is left for the sweeper but the one hold.
        deadline(&stage);
        stage.airline.run_job("expire_holds").await;
        let (old, offer) = stage.held(1).await;
        deadline(&stage);
        let (buyer, answer) = stage.hold(0, &offer);
        ((old, answer), [buyer, stage.job(1, "expire_holds")])
    };
    let check = async |(old, answer): (String, Answer)| {
        let answer = said(&answer.take());
        assert!(["201", "409 sold_out"].contains(&&*answer), "{answer}");
        assert_eq!(stage.status(&old).await, "expired");
    };
    stage.explore("expire, hold", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sweepers() {
    let stage = Stage::new().await;
    let begin = async || {
        let (old, _) = stage.held(1).await;
        deadline(&stage);
        (old, [stage.job(0, "expire_holds"), stage.job(1, "expire_holds")])
    };
    let check = async |old: String| {
        assert_eq!(stage.status(&old).await, "expired");
        let taken = "SELECT COALESCE(sum(taken), 0)::bigint FROM inventory";
        assert_eq!(stage.airline.count(taken).await, 0, "the seat is back, once");
    };
    stage.explore("expire, expire", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_and_a_cancellation_of_a_hold() {
    let stage = Stage::new().await;
    let begin = async || {
        let (id, _) = stage.held(1).await;
        let path = format!("/bookings/{id}/extend");
        let ((a, extended), (b, cancelled)) = (stage.request(0, "POST", &path, None), stage.cancel(1, &id));
        ((id, extended, cancelled), [a, b])
    };
    let check = async |(id, extended, cancelled): (String, Answer, Answer)| {
        let (extended, cancelled) = (said(&extended.take()), said(&cancelled.take()));
        assert!(["200", "201", "409 booking_closed"].contains(&&*extended), "{extended}");
        assert_eq!(cancelled, "200");
        assert_eq!(stage.status(&id).await, "cancelled");
    };
    stage.explore("extend, cancel", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_aircraft_and_a_hold() {
    let stage = Stage::new().await;
    let begin = async || {
        let (flight, offer) = stage.flight(2).await;
        let key = format!("first-{flight}");
        stage.airline.hold(&stage.token, &offer, &key).await.expect(201);
        let (buyer, held) = stage.hold(0, &offer);
        let smaller = json!({"cabins": [{"cabin": "economy", "capacity": 1}]});
        let (staff, changed) = stage.change_flight(&flight, smaller);
        ((held, changed), [buyer, staff])
    };
    let check = async |(held, changed): (Answer, Answer)| {
        let pair = (said(&held.take()), said(&changed.take()));
        let pair = (&*pair.0, &*pair.1);
        assert!([("201", "409 capacity_below_sold"), ("409 sold_out", "200")].contains(&pair), "{pair:?}");
    };
    stage.explore("hold, fewer seats", begin, check).await;
}

/// Whichever is first, the trip ends when its flight does.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_and_a_retiming() {
    let stage = Stage::new().await;
    let begin = async || {
        let (flight, offer) = stage.flight(2).await;
        let seen = stage.airline.call("GET", &format!("/flights/{flight}"), None, None).await.expect(200);
        let later = json!({"arrives_local": format!("{}T22:05", &seen.text("/departs_at")[..10])});
        let ((buyer, held), (staff, changed)) = (stage.hold(0, &offer), stage.change_flight(&flight, later));
        ((held, changed), [buyer, staff])
    };
    let check = async |(held, changed): (Answer, Answer)| {
        assert_eq!((said(&held.take()), said(&changed.take())), ("201".into(), "200".into()));
        let astray = "SELECT count(*) FROM bookings b JOIN booking_segments s ON s.booking_id = b.id JOIN flights f ON f.id = s.flight_id
                      WHERE b.status = 'held' AND b.trip_ends_at <> f.arrives_at";
        assert_eq!(stage.airline.count(astray).await, 0);
    };
    stage.explore("hold, retime", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cancellations() {
    let stage = Stage::new().await.switching_at_most(2);
    let begin = async || {
        let (id, _) = stage.paid(1).await;
        let ((a, first), (b, second)) = (stage.cancel(0, &id), stage.cancel(1, &id));
        ((id, first, second), [a, b])
    };
    let check = async |(id, first, second): (String, Answer, Answer)| {
        assert_eq!(both(first, second), ["200", "200"]);
        let booking = stage.booking(&id).await;
        assert_eq!(booking.text("/status"), "cancelled");
        assert_eq!(booking.json["refunds"].as_array().map(Vec::len), Some(1), "{}", booking.json["refunds"]);
    };
    stage.explore("cancel, cancel", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_and_the_airline_cancelling_the_flight() {
    let stage = Stage::new().await;
    let begin = async || {
        let (flight, offer) = stage.flight(1).await;
        let key = format!("held-{flight}");
        let id = stage.airline.hold(&stage.token, &offer, &key).await.expect(201).text("/id");
        stage.airline.pay(&stage.token, &id, super::CARD, &key).await.expect(201);
        let (cancelling, cancelled) = stage.cancel(0, &id);
        let gone = json!({"status": "cancelled"});
        let (staff, changed) = stage.change_flight(&flight, gone);
        let pair: [Operation; 2] = [cancelling, staff];
        ((id, cancelled, changed), pair)
    };
    let check = async |(id, cancelled, changed): (String, Answer, Answer)| {
        assert_eq!((said(&cancelled.take()), said(&changed.take())), ("200".into(), "200".into()));
        let booking = stage.booking(&id).await;
        assert_eq!(booking.json["refunds"].as_array().map(Vec::len), Some(1));
    };
    stage.explore("cancel, flight cancelled", begin, check).await;
}
