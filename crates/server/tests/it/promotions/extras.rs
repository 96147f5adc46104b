//! Codes and extras on one booking: a discount lands on fares and leaves extras alone, in whatever order they come.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::extras::import::{import_extras, import_seat_maps};
use server::flights::import::File;

use super::{QUERY, apply, file, one_flight, taken};
use crate::booking::cancel::{amount, assert_settled, look};
use crate::support::{Airline, Reply, booking_body};

/// An airline with one flight and the demo's extras; staff's and a traveller's token.
async fn shop() -> (Airline, String, String) {
    let (airline, admin, token) = one_flight(20).await;
    let (db, now) = (&airline.app.db, airline.app.now());
    let maps = include_bytes!("../../../../../data/seat-maps.csv");
    import_seat_maps(db, now, File { name: "seat-maps.csv", bytes: maps }).await.expect("seat maps");
    let extras = include_bytes!("../../../../../data/extras.csv");
    import_extras(db, now, File { name: "extras.csv", bytes: extras }).await.expect("extras");
    (airline, admin, token)
}

fn bag() -> Value {
    json!({"items": [{"code": "bag_23", "passenger": 1, "slice": 1}]})
}

/// Holds for one adult with a bag and a code.
async fn hold_with_both(airline: &Airline, token: &str, code: &str, key: &str) -> Reply {
    let mut body = booking_body(&airline.offer(QUERY).await);
    body["promotion_code"] = json!(code);
    body["extras"] = bag();
    airline.call_keyed("POST", "/bookings", Some(token), Some(body), Some(key)).await
}

#[tokio::test]
async fn a_discount_leaves_extras_alone_in_whatever_order_they_come() {
    let (airline, admin, token) = shop().await;
    file(&airline, &admin, "TENTH", json!({})).await;
    let both = hold_with_both(&airline, &token, "TENTH", "k1").await.expect(201);
    let bag_price = amount(&both, "/extras/0/price/amount");
    assert!(bag_price > 0);
    assert_eq!(amount(&both, "/price/amount"), 18_000 + bag_price);
    assert_eq!(amount(&both, "/promotions/0/discount/amount"), 2_000);
    let (first, path) = (both.text("/id"), format!("/bookings/{}", both.text("/id")));
    assert_eq!(look(&airline, &token, &first).await.json, both.json, "the answer is what was written");

    let second = airline.hold(&token, &airline.offer(QUERY).await, "k2").await.expect(201).text("/id");
    let extras = format!("/bookings/{second}/extras");
    airline.call_keyed("POST", &extras, Some(&token), Some(bag()), Some("e1")).await.expect(201);
    let later = apply(&airline, &token, &second, "TENTH", "c1").await.expect(200);
    assert_eq!(later.json["price"], both.json["price"]);
    let without = airline.call("DELETE", &format!("{path}/coupon"), Some(&token), None).await.expect(200);
    assert_eq!(amount(&without, "/price/amount"), 20_000 + bag_price);
    airline.assert_sound().await;

    let paid = airline.pay(&token, &second, "4242424242424242", "p1").await.expect(201);
    assert_eq!(amount(&paid, "/amount/amount"), 18_000 + bag_price);
    airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    let gone = airline.call("DELETE", &format!("/bookings/{second}"), Some(&token), None).await.expect(200);
    assert_eq!(amount(&gone, "/refunds/0/amount/amount"), 18_000 + bag_price, "within a day of booking");
    airline.run_jobs().await;
    assert_settled(&airline, 0).await;
}

/// Late money has seat, bag and code again, or none of them.
#[tokio::test]
async fn late_money_without_a_use_left_takes_no_extras_either() {
    let (airline, admin, token) = shop().await;
    file(&airline, &admin, "ONCE", json!({"total_limit": 1})).await;
    let id = hold_with_both(&airline, &token, "ONCE", "k1").await.expect(201).text("/id");
    airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    airline.later(SignedDuration::from_mins(80));
    assert_eq!(airline.run_job("expire_holds").await, 1);
    super::hold_with(&airline, &token, "ONCE", "k2").await.expect(201);
    airline.run_job("reconcile_payments").await;
    airline.run_jobs().await;
    let after = look(&airline, &token, &id).await;
    assert_eq!(
        (after.text("/status"), after.text("/extras/0/status")),
        ("expired".into(), "released".into())
    );
    assert_eq!(after.json["refunds"].as_array().map(Vec::len), Some(1));
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 1);
    assert_eq!(taken(&airline).await, 1);
    airline.assert_sound().await;
}
