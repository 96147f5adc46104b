//! What a code does to a booking, from hold to refund.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{QUERY, apply, file, hold_with, one_flight, reason, refused, taken};
use crate::booking::cancel::{amount, assert_settled, hold, look, party, selling};
use crate::support::Airline;

const CARD: &str = "4242424242424242";

fn sum(booking: &Value, list: &str, member: &str) -> i64 {
    let each = booking[list].as_array().expect("a list").iter();
    each.map(|row| row[member]["amount"].as_i64().expect("an amount")).sum()
}

fn taxes(booking: &Value) -> Vec<Value> {
    booking["fares"].as_array().expect("fares").iter().map(|fare| fare["taxes"].clone()).collect()
}

#[tokio::test]
async fn a_code_lowers_base_fares_and_what_is_paid_receipted_and_refunded_is_the_lower_price() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    file(&airline, &admin, "TENTH", json!({"routes": [{"origin": "ABE", "destination": null}]})).await;
    let before = hold(&airline, &token, party(2, 1, 1), "k1").await.json;
    let id = before["id"].as_str().expect("an id").to_owned();
    let after = apply(&airline, &token, &id, " tenth ", "c1").await.expect(200).json;

    let fares = after["fares"].as_array().expect("fares");
    let base_there: i64 = fares
        .iter()
        .filter(|fare| fare["slice"] == 1)
        .map(|fare| fare["base"]["amount"].as_i64().expect("an amount"))
        .sum();
    let discount = (base_there + 5) / 10;
    assert!(discount > 0 && fares.len() == 8);
    assert_eq!(sum(&after, "fares", "discount"), discount);
    assert!(
        fares.iter().all(|fare| fare["slice"] == 1 || fare["discount"]["amount"] == 0),
        "the way back costs the same"
    );
    assert_eq!(taxes(&after), taxes(&before), "taxes are what they were");
    let full = before["price"]["amount"].as_i64().expect("an amount");
    assert_eq!(after["price"]["amount"], full - discount);
    for list in ["passengers", "slices"] {
        assert_eq!(sum(&after, list, "price"), full - discount, "{list}");
    }
    assert_eq!(sum(&after, "fares", "total"), full - discount);
    assert_eq!(
        after["promotions"],
        json!([{"code": "TENTH", "name": "Promotion TENTH", "extra": null, "discount": {"amount": discount, "currency": "USD"}}])
    );
    airline.assert_sound().await;

    let dearer = json!({"booking_id": id, "method": {"type": "card", "number": CARD},
        "expected_total": {"amount": full, "currency": "USD"}});
    let refused =
        airline.call_keyed("POST", "/payments", Some(&token), Some(dearer), Some("p0")).await.expect(409);
    assert_eq!((refused.code(), amount(&refused, "/price/amount")), ("price_changed", full - discount));
    let paid = airline.pay(&token, &id, CARD, "p1").await.expect(201);
    assert_eq!(amount(&paid, "/amount/amount"), full - discount);
    assert_eq!(
        airline.count("SELECT count(*) FROM promotion_redemptions WHERE status = 'redeemed'").await,
        1
    );

    let receipt =
        airline.call("GET", &format!("/bookings/{id}/receipt"), Some(&token), None).await.expect(200);
    let entries = receipt.json["entries"].as_array().expect("entries");
    let sale = entries.iter().find(|entry| entry["kind"] == "sale").expect("a sale");
    let line = sale["lines"].as_array().expect("lines").iter().find(|line| line["account"] == "discounts");
    let shown = json!({"account": "discounts", "name": "Promotion TENTH (TENTH)",
        "amount": {"amount": -discount, "currency": "USD"}});
    assert_eq!(line, Some(&shown));
    assert_eq!((amount(&receipt, "/paid/amount"), amount(&receipt, "/owed/amount")), (full - discount, 0));

    // One of the two adults gives everything back, within a day of buying it: what they paid, and not a unit more.
    let part = json!({"passengers": [1]});
    let path = format!("/bookings/{id}/cancellation-quote");
    let quoted = airline.call("POST", &path, Some(&token), Some(part)).await.expect(200);
    let theirs = |passenger: i64| -> i64 {
        let of = |fare: &&Value| fare["passenger"] == passenger;
        fares.iter().filter(of).map(|fare| fare["total"]["amount"].as_i64().expect("an amount")).sum()
    };
    assert_eq!(amount(&quoted, "/refund/amount"), theirs(1));
    let all = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(amount(&all, "/refunds/0/amount/amount"), full - discount);
    airline.run_jobs().await;
    assert_settled(&airline, 0).await;
    assert_eq!(taken(&airline).await, 1, "what was used stays used");
}

/// The fare ladder takes its percentage of what was paid, and a change counts it as the worth of the old tickets.
#[tokio::test]
async fn fees_and_changes_go_by_what_was_paid() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    file(&airline, &admin, "HALF", json!({"benefit": {"kind": "percent", "basis_points": 5_000}})).await;
    let held = hold(&airline, &token, party(1, 0, 0), "k1").await;
    let id = held.text("/id");
    let half = apply(&airline, &token, &id, "HALF", "c1").await.expect(200);
    let paid = amount(&half, "/price/amount");
    airline.pay(&token, &id, CARD, "p1").await.expect(201);
    let now: jiff::Timestamp = "2026-06-08T10:00:00Z".parse().expect("an instant");
    airline.later(now.duration_since(airline.app.now()));

    let path = format!("/bookings/{id}/cancellation-quote");
    let quoted = airline.call("POST", &path, Some(&token), Some(json!({}))).await.expect(200);
    let lines = quoted.json["lines"].as_array().expect("lines").clone();
    for (line, percent) in lines.iter().filter(|line| line["part"] == "fare").zip([75, 100]) {
        let fare =
            half.json["fares"].as_array().expect("fares").iter().find(|fare| fare["slice"] == line["slice"]);
        let fare = fare.expect("its fare");
        let net = fare["base"]["amount"].as_i64().expect("base")
            - fare["discount"]["amount"].as_i64().expect("discount");
        assert_eq!(line["paid"]["amount"], net, "{line}");
        assert_eq!(line["refund"]["amount"], (net * percent + 50) / 100, "{line}");
    }
    let cabins = json!([{"cabin": "economy", "capacity": 20, "classes": [{"class": "Y", "fare": 20_000}]}]);
    let times = ("2026-06-13T15:00", "2026-06-13T17:00");
    airline.flight_with(&admin, "KR8", ("ATL", "ABE"), times, cabins).await;
    let offer = airline.offer("origin=ATL&destination=ABE&date=2026-06-13").await;
    let body = json!({"slices": [{"slice": 2, "offer_id": offer}]});
    let quote = airline
        .call("POST", &format!("/bookings/{id}/change-quote"), Some(&token), Some(body))
        .await
        .expect(200);
    let back =
        half.json["fares"].as_array().expect("fares").iter().find(|fare| fare["slice"] == 2).expect("a fare");
    assert_eq!(
        amount(&quote, "/slices/0/value/amount"),
        back["total"]["amount"].as_i64().expect("an amount")
    );
    let due = amount(&quote, "/due/amount");
    assert_eq!(
        due,
        back["discount"]["amount"].as_i64().expect("a discount") + 7_500,
        "the new flight costs its full fare"
    );
    let confirm = json!({"quote_id": quote.text("/quote_id")});
    let changes = format!("/bookings/{id}/changes");
    airline.call_keyed("POST", &changes, Some(&token), Some(confirm), Some("ch1")).await.expect(201);
    airline.pay(&token, &id, CARD, "p2").await.expect(201);
    airline.run_jobs().await;
    assert_settled(&airline, paid + due).await;
    airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    airline.run_jobs().await;
    airline.assert_sound().await;
}

#[tokio::test]
async fn taken_off_the_price_is_what_it_was_and_the_use_is_free() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    file(&airline, &admin, "TENTH", json!({"combinable": true, "total_limit": 1})).await;
    file(
        &airline,
        &admin,
        "TEN-OFF",
        json!({"combinable": true,
        "benefit": {"kind": "amount", "amounts": [{"amount": 1_001, "currency": "USD"}]}}),
    )
    .await;
    let before = hold(&airline, &token, party(2, 1, 0), "k1").await.json;
    let id = before["id"].as_str().expect("an id").to_owned();
    let first = apply(&airline, &token, &id, "TENTH", "c1").await.expect(200);
    let both = apply(&airline, &token, &id, "TEN-OFF", "c2").await.expect(200);
    assert_eq!(amount(&both, "/price/amount"), amount(&first, "/price/amount") - 1_001);
    assert_eq!(taken(&airline).await, 2);
    airline.assert_sound().await;
    let path = format!("/bookings/{id}/coupon");
    let one = airline.call("DELETE", &format!("{path}?code=tenth"), Some(&token), None).await.expect(200);
    assert_eq!(amount(&one, "/price/amount"), before["price"]["amount"].as_i64().expect("an amount") - 1_001);
    assert_eq!(one.json["promotions"].as_array().map(Vec::len), Some(1));
    airline.assert_sound().await;
    let none = airline.call("DELETE", &path, Some(&token), None).await.expect(200).json;
    for member in ["price", "passengers", "slices", "fares", "promotions"] {
        assert_eq!(none[member], before[member], "{member}");
    }
    assert_eq!(taken(&airline).await, 0);
    airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    assert_eq!(taken(&airline).await, 0, "taking off nothing gives nothing back");
    let again = apply(&airline, &token, &id, "TENTH", "c3").await.expect(200);
    assert_eq!(again.json["price"], first.json["price"], "the last use was free again");
    airline.assert_sound().await;
}

#[tokio::test]
async fn the_same_key_applies_once_and_answers_the_same() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "TENTH", json!({})).await;
    let id = airline.hold(&token, &airline.offer(QUERY).await, "k1").await.expect(201).text("/id");
    let replies = join_all((0..10).map(|_| apply(&airline, &token, &id, "TENTH", "c1"))).await;
    assert!(
        replies.iter().all(|reply| reply.status == 200 && reply.bytes == replies[0].bytes),
        "{replies:?}"
    );
    assert_eq!(taken(&airline).await, 1);
    let other = apply(&airline, &token, &id, "OTHER", "c1").await.expect(422);
    assert_eq!(other.code(), "idempotency_key_reused");
    airline.assert_sound().await;
}

#[tokio::test]
async fn a_hold_is_made_at_the_lower_price_or_not_at_all() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "TENTH", json!({"total_limit": 1})).await;
    let held = hold_with(&airline, &token, "tenth", "k1").await.expect(201);
    assert_eq!(
        (amount(&held, "/price/amount"), amount(&held, "/promotions/0/discount/amount")),
        (18_000, 2_000)
    );
    let looked = look(&airline, &token, &held.text("/id")).await;
    assert_eq!(looked.json, held.json, "the answer is what was written");
    let told = airline.call("GET", "/admin/events?type=booking.*", Some(&admin), None).await.expect(200);
    let mut told = told.json["events"].as_array().expect("events").clone();
    told.sort_by_key(|event| event["sequence"].as_i64());
    let types: Vec<&str> = told.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(types, ["booking.held", "booking.promotion_applied"]);
    for code in ["TENTH", "NOTHING"] {
        let reply = hold_with(&airline, &token, code, code).await;
        let why = if code == "TENTH" { "used_up" } else { "unknown" };
        assert_eq!(reason(&reply), refused(why));
        assert_eq!(reply.json["field"], "promotion_code");
    }
    assert_eq!(airline.count("SELECT count(*) FROM bookings").await, 1);
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 1);
    airline.assert_sound().await;
}

#[tokio::test]
async fn a_hold_that_ends_gives_its_use_back_once() {
    let (airline, admin, token) = one_flight(9).await;
    file(&airline, &admin, "TENTH", json!({"total_limit": 3, "per_user_limit": 3})).await;
    let mut ids = Vec::new();
    for key in ["a", "b", "c"] {
        ids.push(hold_with(&airline, &token, "TENTH", key).await.expect(201).text("/id"));
    }
    airline.call("DELETE", &format!("/bookings/{}", ids[0]), Some(&token), None).await.expect(200);
    assert_eq!(taken(&airline).await, 2);
    airline.later(SignedDuration::from_mins(15));
    let (a, b, c) = tokio::join!(
        airline.run_job("expire_holds"),
        airline.run_job("expire_holds"),
        airline.run_job("expire_holds")
    );
    assert_eq!(a + b + c, 2);
    assert_eq!(taken(&airline).await, 0);
    assert_eq!(
        airline.count("SELECT count(*) FROM promotion_redemptions WHERE status = 'released'").await,
        3
    );
    airline.assert_sound().await;
    // The slots are free again: three more can be had, and no fourth.
    for key in ["d", "e", "f"] {
        hold_with(&airline, &token, "TENTH", key).await.expect(201);
    }
    assert_eq!(reason(&hold_with(&airline, &token, "TENTH", "g").await), refused("used_up_by_you"));
    airline.assert_sound().await;
}

/// A hold that is paid late takes its use again, or its money goes back.
#[tokio::test]
async fn late_money_has_the_code_again_only_while_a_use_is_left() {
    for somebody_was_quicker in [false, true] {
        let (airline, admin, token) = one_flight(9).await;
        file(&airline, &admin, "TENTH", json!({"total_limit": 1, "per_user_limit": 1})).await;
        let id = hold_with(&airline, &token, "TENTH", "k1").await.expect(201).text("/id");
        // The gateway charges and never answers, and nobody asks it until the frozen hold has expired.
        airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
        airline.later(SignedDuration::from_mins(80));
        assert_eq!(airline.run_job("expire_holds").await, 1);
        assert_eq!(taken(&airline).await, 0);
        if somebody_was_quicker {
            hold_with(&airline, &token, "TENTH", "k2").await.expect(201);
        }
        airline.run_job("reconcile_payments").await;
        airline.run_jobs().await;
        let after = look(&airline, &token, &id).await;
        let expected = if somebody_was_quicker { "expired" } else { "confirmed" };
        assert_eq!(after.text("/status"), expected, "{}", after.json);
        assert_eq!(taken(&airline).await, 1);
        let back = after.json["refunds"].as_array().map_or(0, Vec::len);
        assert_eq!(back, usize::from(somebody_was_quicker));
        let seats = airline.count("SELECT sum(taken)::bigint FROM inventory").await;
        assert_eq!(seats, 1, "the seats of whoever has a use");
        airline.assert_sound().await;
    }
}

#[tokio::test]
async fn a_price_that_is_being_paid_or_is_paid_stays() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "TENTH", json!({})).await;
    let id = airline.hold(&token, &airline.offer(QUERY).await, "k1").await.expect(201).text("/id");
    airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    assert_eq!(apply(&airline, &token, &id, "TENTH", "c1").await.expect(409).code(), "payment_in_progress");
    airline.later(SignedDuration::from_mins(1));
    airline.run_job("reconcile_payments").await;
    assert_eq!(apply(&airline, &token, &id, "TENTH", "c2").await.expect(409).code(), "already_paid");
    let late = airline.hold(&token, &airline.offer(QUERY).await, "k2").await.expect(201).text("/id");
    airline.later(SignedDuration::from_mins(15));
    assert_eq!(apply(&airline, &token, &late, "TENTH", "c3").await.expect(409).code(), "hold_expired");
    let path = format!("/bookings/{late}/coupon");
    assert_eq!(airline.call("DELETE", &path, Some(&token), None).await.expect(409).code(), "hold_expired");
    let thief = airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    apply(&airline, &thief, &id, "TENTH", "c4").await.expect(404);
    assert_eq!(taken(&airline).await, 0);
    airline.assert_sound().await;
}

/// Without taxes a whole fare off leaves nothing to pay: the booking is confirmed, and no gateway hears of it.
#[tokio::test]
async fn a_booking_that_costs_nothing_is_confirmed_without_the_gateway() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "FREE", json!({"benefit": {"kind": "percent", "basis_points": 10_000}})).await;
    let held = hold_with(&airline, &token, "FREE", "k1").await.expect(201);
    assert_eq!(amount(&held, "/price/amount"), 0);
    let id = held.text("/id");
    let paid = airline.pay(&token, &id, CARD, "p1").await.expect(201);
    assert_eq!((paid.text("/status"), amount(&paid, "/amount/amount")), ("succeeded".into(), 0));
    assert_eq!(look(&airline, &token, &id).await.text("/status"), "confirmed");
    assert_eq!(airline.gateway_book().await["payment_intents"].as_array().map_or(0, Vec::len), 0);
    airline.assert_sound().await;
    let gone = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!((gone.text("/status"), gone.json["refunds"].clone()), ("cancelled".into(), json!([])));
    airline.run_jobs().await;
    assert_settled(&airline, 0).await;
}

/// What `POST /coupons/check` says of an offer is what a hold then costs, and it reserves nothing.
#[tokio::test]
async fn a_check_before_booking_is_right_and_reserves_nothing() {
    let (airline, admin, token) = one_flight(20).await;
    file(&airline, &admin, "TENTH", json!({"total_limit": 1})).await;
    let offer = airline.offer(&format!("{QUERY}&adults=2&children=1")).await;
    let ask = |code: &'static str| {
        let body = json!({"offer_id": offer, "code": code});
        let (airline, token) = (&airline, &token);
        async move { airline.call("POST", "/coupons/check", Some(token), Some(body)).await.expect(200) }
    };
    let answer = ask("tenth").await;
    assert_eq!((&answer.json["applies"], &answer.json["reason"]), (&json!(true), &Value::Null));
    let full = amount(&answer, "/full_price/amount");
    assert_eq!(amount(&answer, "/discount/amount"), full / 10);
    assert_eq!(amount(&answer, "/price/amount"), full - full / 10);
    assert_eq!(answer.json["lines"].as_array().map(Vec::len), Some(3));
    assert_eq!(taken(&airline).await, 0);
    let mut body = json!({"offer_id": offer, "passengers": party(2, 1, 0), "promotion_code": "TENTH",
        "contact": {"email": "asha@example.com", "phone": null}});
    let held = airline
        .call_keyed("POST", "/bookings", Some(&token), Some(body.take()), Some("k1"))
        .await
        .expect(201);
    assert_eq!(held.json["price"], answer.json["price"]);
    let gone = ask("TENTH").await;
    assert_eq!((&gone.json["applies"], &gone.json["reason"]), (&json!(false), &json!("used_up")));
    assert_eq!(gone.json["price"], gone.json["full_price"]);
    assert_eq!(ask("no such code").await.json["reason"], "unknown");
    let bad = json!({"offer_id": "off_x", "code": "TENTH"});
    let bad = airline.call("POST", "/coupons/check", Some(&token), Some(bad)).await.expect(422);
    assert_eq!(bad.code(), "offer_unknown");
    let stranger: &Airline = &airline;
    stranger
        .call("POST", "/coupons/check", None, Some(json!({"offer_id": offer, "code": "TENTH"})))
        .await
        .expect(401);
}
