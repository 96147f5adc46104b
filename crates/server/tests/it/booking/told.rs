//! What is told of orders: what is bought later, other flights, and what was not paid.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::cancel::{amount, bought, party, selling};
use super::change::{confirm, flight_back, offer_on, past_the_first_day, quote};
use crate::support::Airline;

const CARD: &str = "4242424242424242";

/// What was told of a booking after it was confirmed, oldest first.
async fn told(airline: &Airline, admin: &str, id: &str) -> Vec<Value> {
    let page =
        airline.call("GET", &format!("/admin/events?subject={id}"), Some(admin), None).await.expect(200);
    let mut events = page.json["events"].as_array().expect("events").clone();
    events.sort_by_key(|event| event["sequence"].as_i64());
    let confirmed = events.iter().position(|event| event["type"] == "booking.confirmed").expect("confirmed");
    events.split_off(confirmed + 1)
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

#[tokio::test]
async fn a_change_is_told_in_the_order_in_which_it_happens() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(2, 0, 0), "k1").await;
    let id = booking.text("/id");
    let new = flight_back(&airline, &admin, "KR8", "2026-06-13", 26_000).await;
    past_the_first_day(&airline);
    let offer = offer_on(&airline, "2026-06-13", "&adults=2").await;

    // Not paid in time.
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    let due = amount(&asked, "/due/amount");
    confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
    airline.later(SignedDuration::from_mins(16));
    assert_eq!(airline.run_job("expire_orders").await, 1);
    assert_eq!(airline.run_job("expire_orders").await, 0);
    // Given up.
    let offer = offer_on(&airline, "2026-06-13", "&adults=2").await;
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    confirm(&airline, &token, &id, &asked, "c2").await.expect(201);
    let path = format!("/bookings/{id}/orders/2");
    airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    // Paid.
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    confirm(&airline, &token, &id, &asked, "c3").await.expect(201);
    airline.pay(&token, &id, CARD, "p2").await.expect(201);

    let events = told(&airline, &admin, &id).await;
    assert_eq!(
        types(&events),
        [
            "booking.order_opened",
            "booking.order_given_up",
            "booking.order_opened",
            "booking.order_given_up",
            "booking.order_opened",
            "payment.succeeded",
            "booking.changed",
        ]
    );
    let data = |index: usize| &events[index]["data"];
    assert_eq!(data(0)["amount"]["amount"], due);
    assert_eq!((&data(0)["order"], &data(0)["kind"]), (&json!(1), &json!("change")));
    assert_eq!((&data(1)["order"], &data(1)["cause"]), (&json!(1), &json!("expired")));
    assert_eq!((&data(3)["order"], &data(3)["cause"]), (&json!(2), &json!("cancelled")));
    let old = &booking.json["segments"][1]["flight_id"];
    assert_eq!(
        data(6),
        &json!({"booking_id": id, "order": 3, "passengers": [1, 2], "left": [old], "flights": [new],
            "due": {"amount": due, "currency": "USD"}, "fee": {"amount": 15_000, "currency": "USD"}})
    );
}

#[tokio::test]
async fn a_change_that_costs_nothing_opens_nothing_and_what_comes_back_follows_it() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let id = booking.text("/id");
    flight_back(&airline, &admin, "KR8", "2026-06-13", 14_000).await;
    let asked =
        quote(&airline, &token, &id, 2, &offer_on(&airline, "2026-06-13", "").await).await.expect(200);
    for _ in 0..2 {
        confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
    }
    airline.run_jobs().await;
    let events = told(&airline, &admin, &id).await;
    assert_eq!(types(&events), ["booking.changed", "refund.ordered", "refund.succeeded"]);
    assert_eq!(events[0]["data"]["due"]["amount"], -6_000);
}
