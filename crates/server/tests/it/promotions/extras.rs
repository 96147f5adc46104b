//! Codes and extras on one booking: a discount lands on fares and leaves extras alone, in whatever order they come.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::extras::import::import_seat_maps;
use server::flights::import::File;
use server::promotions::import::import_promotions;

use super::{QUERY, apply, file, file_extras, one_flight, taken};
use crate::booking::cancel::{amount, assert_settled, look};
use crate::support::{Airline, Reply, booking_body};

/// An airline with one flight and the demo's extras; staff's and a traveller's token.
async fn shop() -> (Airline, String, String) {
    let (airline, admin, token) = one_flight(20).await;
    let (db, now) = (&airline.app.db, airline.app.now());
    let maps = include_bytes!("../../../../../data/seat-maps.csv");
    import_seat_maps(db, now, File { name: "seat-maps.csv", bytes: maps }).await.expect("seat maps");
    file_extras(&airline).await;
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

async fn file_free_bag(airline: &Airline, admin: &str, code: &str, more: Value) {
    let mut terms = json!({"benefit": {"kind": "extra", "extra": "bag_23"}});
    for (name, value) in more.as_object().expect("terms") {
        terms[name] = value.clone();
    }
    file(airline, admin, code, terms).await;
}

/// An extra that was taken off the catalogue cannot be given any more by a new code; the other terms of one that gives it can be
/// changed, and it stands in files as it stood.
#[tokio::test]
async fn a_code_outlives_the_extra_it_gives() {
    let (airline, admin, _) = shop().await;
    file_free_bag(&airline, &admin, "FREEBAG", json!({})).await;
    airline.sql().await.batch("DELETE FROM extras_catalogue WHERE code = 'bag_23'").await.expect("taken off");
    let mut terms = json!({"name": "Free bag", "audience": "public", "total_limit": 5,
        "benefit": {"kind": "extra", "extra": "bag_23"}});
    let put = async |terms: Value| {
        airline.call("PUT", "/admin/promotions/FREEBAG", Some(&admin), Some(terms)).await
    };
    put(terms.clone()).await.expect(200);
    terms["benefit"] = json!({"kind": "extra", "extra": "bag_99"});
    assert_eq!(put(terms).await.expect(422).text("/field"), "benefit.extra");

    let file = async |code: &str| {
        let header = include_str!("../../../../../data/promotions.csv").lines().next().expect("a header");
        let bytes = format!("{header}\n{code},Free bag,public,extra,,,bag_23,,,,,,,,,no,5,,no\n");
        let file = File { name: "promotions.csv", bytes: bytes.as_bytes() };
        import_promotions(&airline.app.db, airline.app.now(), file).await
    };
    file("FREEBAG").await.expect("as before");
    let refused = file("OTHER").await.expect_err("a new code");
    assert!(refused.to_string().contains("bag_23"), "{refused}");
}

/// With the hold or after it: one bag is free, and nothing else; what is paid, posted and given back is what is left.
#[tokio::test]
async fn a_code_for_a_bag_makes_one_bag_free() {
    let (airline, admin, token) = shop().await;
    file_free_bag(&airline, &admin, "FREEBAG", json!({"total_limit": 2})).await;
    let first = hold_with_both(&airline, &token, "FREEBAG", "k1").await.expect(201);
    let one = amount(&first, "/extras/0/unit_price/amount");
    assert!(one > 0);
    assert_eq!(
        (amount(&first, "/extras/0/price/amount"), amount(&first, "/extras/0/discount/amount")),
        (0, one)
    );
    assert_eq!(
        (amount(&first, "/price/amount"), amount(&first, "/promotions/0/discount/amount")),
        (20_000, one)
    );
    assert!(
        first.json["fares"].as_array().expect("fares").iter().all(|fare| fare["discount"]["amount"] == 0)
    );

    // Two bags bought with a hold that has no code yet: one of them is free, and both come back by what was paid.
    let second = airline.hold(&token, &airline.offer(QUERY).await, "k2").await.expect(201).text("/id");
    let path = format!("/bookings/{second}");
    let none = apply(&airline, &token, &second, "FREEBAG", "c0").await;
    assert_eq!(super::reason(&none), super::refused("extra_not_chosen"));
    let two = json!({"items": [{"code": "bag_23", "passenger": 1, "slice": 1, "quantity": 2}]});
    let extras = format!("{path}/extras");
    airline.call_keyed("POST", &extras, Some(&token), Some(two), Some("e1")).await.expect(201);
    let cheaper = apply(&airline, &token, &second, "FREEBAG", "c1").await.expect(200);
    assert_eq!(amount(&cheaper, "/price/amount"), 20_000 + one);
    assert_eq!(amount(&cheaper, "/extras/0/price/amount"), one);
    assert_eq!(taken(&airline).await, 2);
    airline.assert_sound().await;
    let paid = airline.pay(&token, &second, "4242424242424242", "p1").await.expect(201);
    assert_eq!(amount(&paid, "/amount/amount"), 20_000 + one);
    let receipt = airline.call("GET", &format!("{path}/receipt"), Some(&token), None).await.expect(200);
    assert_eq!(amount(&receipt, "/sold/amount"), 20_000 + one);
    let gone = airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    assert_eq!(amount(&gone, "/refunds/0/amount/amount"), 20_000 + one, "within a day of booking");
    airline.run_jobs().await;
    assert_settled(&airline, 0).await;
    // The first is paid as well, with a bag that costs nothing.
    airline.pay(&token, &first.text("/id"), "4242424242424242", "p2").await.expect(201);
    let done = look(&airline, &token, &first.text("/id")).await;
    assert_eq!((done.text("/status"), done.text("/extras/0/status")), ("confirmed".into(), "issued".into()));
    assert_eq!(done.json["promotions"][0]["extra"], done.json["extras"][0]["extra"]);
    // On paper the bag costs nothing, and says why; among what is off the fares the code is not.
    let paper = format!("/bookings/{}/receipt?format=pdf", done.text("/id"));
    let paper = airline.call("GET", &paper, Some(&token), None).await.expect(200);
    let words: Vec<String> = testkit::pdf::pages(&paper.bytes).expect("a PDF").concat();
    let said = words.join(" ");
    assert!(said.contains("Promotion FREEBAG (FREEBAG)"), "{said}");
    assert!(!said.contains("Promotion codes") && said.contains("Seats, baggage and extras"), "{said}");
    airline.run_jobs().await;
    assert_settled(&airline, 20_000).await;
}

/// Taking the bag out, or the code off, leaves the other, and the use is free again.
#[tokio::test]
async fn the_bag_and_its_code_go_one_without_the_other() {
    let (airline, admin, token) = shop().await;
    file_free_bag(&airline, &admin, "FREEBAG", json!({"total_limit": 1, "combinable": true})).await;
    file(&airline, &admin, "TENTH", json!({"combinable": true})).await;
    let held = hold_with_both(&airline, &token, "FREEBAG", "k1").await.expect(201);
    let (id, one) = (held.text("/id"), amount(&held, "/extras/0/unit_price/amount"));
    let tenth = apply(&airline, &token, &id, "TENTH", "c1").await.expect(200);
    assert_eq!(amount(&tenth, "/price/amount"), 18_000);
    let coupon = |code: &str| format!("/bookings/{id}/coupon?code={code}");
    let without = airline.call("DELETE", &coupon("FREEBAG"), Some(&token), None).await.expect(200);
    assert_eq!(amount(&without, "/price/amount"), 18_000 + one);
    assert_eq!(amount(&without, "/extras/0/discount/amount"), 0);
    apply(&airline, &token, &id, "FREEBAG", "c2").await.expect(200);
    assert_eq!(taken(&airline).await, 2);
    let bare =
        airline.call("DELETE", &format!("/bookings/{id}/extras/1"), Some(&token), None).await.expect(200);
    assert_eq!(amount(&bare, "/price/amount"), 18_000);
    let codes: Vec<&Value> =
        bare.json["promotions"].as_array().expect("codes").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["TENTH"]);
    assert_eq!(taken(&airline).await, 1, "the use is another's");
    airline.assert_sound().await;
    // A hold that expires gives it back as well, and late money has both again.
    let other = hold_with_both(&airline, &token, "FREEBAG", "k2").await.expect(201).text("/id");
    airline.pay(&token, &other, "4000000000000408", "p1").await.expect(201);
    airline.later(SignedDuration::from_mins(80));
    airline.run_job("expire_holds").await;
    assert_eq!(taken(&airline).await, 0);
    airline.run_job("reconcile_payments").await;
    airline.run_jobs().await;
    let after = look(&airline, &token, &other).await;
    assert_eq!((after.text("/status"), amount(&after, "/price/amount")), ("confirmed".into(), 20_000));
    assert_eq!(taken(&airline).await, 1);
    assert_settled(&airline, 20_000).await;
}

/// A code that gives an extra makes no hold without it, and `GET /coupons/mine` lists it.
#[tokio::test]
async fn a_code_for_a_bag_needs_the_bag() {
    let (airline, admin, token) = shop().await;
    file_free_bag(&airline, &admin, "FREEBAG", json!({})).await;
    file_free_bag(&airline, &admin, "ELSEWHERE", json!({"routes": [{"origin": "ATL", "destination": null}]}))
        .await;
    let mine = airline.call("GET", "/coupons/mine", Some(&token), None).await.expect(200);
    assert_eq!(mine.text("/promotions/1/code"), "FREEBAG");
    let refused = super::hold_with(&airline, &token, "FREEBAG", "k1").await;
    assert_eq!(super::reason(&refused), super::refused("extra_not_chosen"));
    assert_eq!(refused.json["field"], "promotion_code");
    let elsewhere = hold_with_both(&airline, &token, "ELSEWHERE", "k2").await;
    assert_eq!(super::reason(&elsewhere), super::refused("route"));
    assert_eq!(airline.count("SELECT count(*) FROM bookings").await, 0, "a refused code makes no booking");
    assert_eq!(taken(&airline).await, 0);
    airline.assert_sound().await;
}
