//! Other flights for tickets that were bought.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::cancel::{amount, assert_settled, bought, look, party, selling};
use crate::support::{Airline, Reply};

const CARD: &str = "4242424242424242";

/// The offer of a flight on a date for a party, in the first family.
pub(crate) async fn offer_on(airline: &Airline, date: &str, who: &str) -> String {
    airline.offer(&format!("origin=ATL&destination=ABE&date={date}{who}")).await
}

/// A later flight back, at so much.
pub(crate) async fn flight_back(
    airline: &Airline,
    admin: &str,
    number: &str,
    date: &str,
    fare: u32,
) -> String {
    let times = (format!("{date}T15:00"), format!("{date}T17:00"));
    let cabins = json!([{"cabin": "economy", "capacity": 20, "classes": [{"class": "Y", "fare": fare}]}]);
    airline.flight_with(admin, number, ("ATL", "ABE"), (&times.0, &times.1), cabins).await
}

pub(crate) async fn quote(airline: &Airline, token: &str, id: &str, slice: i16, offer: &str) -> Reply {
    let body = json!({"slices": [{"slice": slice, "offer_id": offer}]});
    airline.call("POST", &format!("/bookings/{id}/change-quote"), Some(token), Some(body)).await
}

pub(crate) async fn confirm(airline: &Airline, token: &str, id: &str, quote: &Reply, key: &str) -> Reply {
    let body = json!({"quote_id": quote.text("/quote_id")});
    airline.call_keyed("POST", &format!("/bookings/{id}/changes"), Some(token), Some(body), Some(key)).await
}

async fn taken(airline: &Airline) -> i64 {
    airline.count("SELECT sum(taken)::bigint FROM inventory").await
}

pub(crate) fn past_the_first_day(airline: &Airline) {
    airline.later(SignedDuration::from_hours(30));
}

/// A paid booking there and back, and an order for a dearer flight back that waits to be paid.
struct Ordered {
    airline: Airline,
    admin: String,
    token: String,
    /// The flight that it changes to.
    flight: String,
    /// As it was before.
    booking: Reply,
    id: String,
    paid: i64,
    /// The quote that was confirmed.
    asked: Reply,
}

impl Ordered {
    async fn new() -> Self {
        let (airline, admin) = selling().await;
        let token = airline.traveller().await;
        let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
        let (id, paid) = (booking.text("/id"), amount(&booking, "/price/amount"));
        let flight = flight_back(&airline, &admin, "KR8", "2026-06-13", 26_000).await;
        past_the_first_day(&airline);
        let offer = offer_on(&airline, "2026-06-13", "").await;
        let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
        confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
        Self { airline, admin, token, flight, booking, id, paid, asked }
    }
}

/// The receipt has the sale, the change and both payments, and is nobody else's to see.
async fn check_receipt(airline: &Airline, token: &str, id: &str, (sold, fees): (i64, i64)) {
    let path = format!("/bookings/{id}/receipt");
    let receipt = airline.call("GET", &path, Some(token), None).await.expect(200);
    let entries = receipt.json["entries"].as_array().expect("entries");
    let mut kinds: Vec<&str> = entries.iter().filter_map(|entry| entry["kind"].as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["capture", "capture", "change", "sale"]);
    assert_eq!((amount(&receipt, "/paid/amount"), amount(&receipt, "/owed/amount")), (sold + fees, 0));
    assert_eq!((amount(&receipt, "/sold/amount"), amount(&receipt, "/fees/amount")), (sold, fees));
    let thief = airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    airline.call("GET", &path, Some(&thief), None).await.expect(404);
}

/// A payment that takes until the old flight has left changes nothing any more.
#[tokio::test]
async fn tickets_that_were_flown_meanwhile_are_not_exchanged() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, paid) = (booking.text("/id"), amount(&booking, "/price/amount"));
    flight_back(&airline, &admin, "KR8", "2026-06-13", 26_000).await;
    let soon = "2026-06-12T15:50:00Z".parse::<jiff::Timestamp>().expect("an instant");
    airline.later(soon.duration_since(airline.app.now()));
    let asked =
        quote(&airline, &token, &id, 2, &offer_on(&airline, "2026-06-13", "").await).await.expect(200);
    confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
    airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    airline.later(SignedDuration::from_mins(11));
    airline.run_jobs().await;
    let after = look(&airline, &token, &id).await;
    assert_eq!(after.text("/orders/0/status"), "expired");
    assert_eq!(after.json["coupons"], booking.json["coupons"]);
    assert_eq!(amount(&after, "/refunds/0/amount/amount"), amount(&asked, "/due/amount"));
    assert_settled(&airline, paid).await;
}

#[tokio::test]
async fn a_dearer_flight_is_paid_for_before_the_old_seats_go() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(2, 0, 1), "k1").await;
    let (id, paid) = (booking.text("/id"), amount(&booking, "/price/amount"));
    flight_back(&airline, &admin, "KR8", "2026-06-13", 26_000).await;
    past_the_first_day(&airline);
    let offer = offer_on(&airline, "2026-06-13", "&adults=2&infants=1").await;
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    // Two adults and a tenth for the infant; the fee for those with a seat.
    let difference = 6_000 * 21 / 10;
    assert_eq!(
        (amount(&asked, "/fare_difference/amount"), amount(&asked, "/fee/amount")),
        (difference, 15_000)
    );
    assert_eq!((amount(&asked, "/due/amount"), amount(&asked, "/refund/amount")), (difference + 15_000, 0));
    assert_eq!(taken(&airline).await, 4, "a quote keeps nothing");
    let ordered = confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
    assert_eq!(
        (ordered.text("/orders/0/status"), ordered.text("/status")),
        ("open".into(), "confirmed".into())
    );
    assert!(ordered.json["available_actions"].as_array().is_some_and(|all| all.contains(&json!("pay"))));
    assert_eq!(taken(&airline).await, 6, "old and new seats are kept");
    let refused = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(409);
    assert_eq!(refused.code(), "order_open");

    let declined = airline.pay(&token, &id, "4000000000000002", "p1").await.expect(201);
    assert_eq!((declined.text("/status"), declined.json["order"].as_i64()), ("declined".into(), Some(1)));
    let done = airline.pay(&token, &id, CARD, "p2").await.expect(201);
    assert_eq!(amount(&done, "/amount/amount"), difference + 15_000);
    let after = look(&airline, &token, &id).await;
    assert_eq!((after.text("/orders/0/status"), after.text("/status")), ("paid".into(), "confirmed".into()));
    assert_eq!(amount(&after, "/price/amount"), paid + difference + 15_000);
    assert_eq!(taken(&airline).await, 4, "the old seats are free");
    let statuses: Vec<(i64, &str)> = after.json["coupons"]
        .as_array()
        .expect("coupons")
        .iter()
        .filter(|coupon| coupon["passenger"] == 1)
        .map(|coupon| (coupon["segment"].as_i64().unwrap_or(0), coupon["status"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(statuses, [(1, "open"), (2, "exchanged"), (3, "open")]);
    assert_ne!(
        after.text("/passengers/0/ticket_number"),
        booking.text("/passengers/0/ticket_number"),
        "a new ticket"
    );
    assert_settled(&airline, paid + difference + 15_000).await;
    check_receipt(&airline, &token, &id, (paid + difference, 15_000)).await;
    // The whole of it can still be given back, by the rules of the new slice.
    let cancelled = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(cancelled.text("/status"), "cancelled");
    airline.run_jobs().await;
    assert_eq!(taken(&airline).await, 0);
    assert_settled(&airline, amount(&cancelled, "/price/amount")).await;
}

#[tokio::test]
async fn a_cheaper_flight_on_the_first_day_is_changed_at_once_and_the_rest_comes_back() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, paid) = (booking.text("/id"), amount(&booking, "/price/amount"));
    flight_back(&airline, &admin, "KR8", "2026-06-13", 14_000).await;
    let offer = offer_on(&airline, "2026-06-13", "").await;
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    assert_eq!(amount(&asked, "/fee/amount"), 0, "a change of mind on the first day is free");
    assert_eq!((amount(&asked, "/due/amount"), amount(&asked, "/refund/amount")), (0, 6_000));
    let done = confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
    assert_eq!(
        (done.text("/orders/0/status"), amount(&done, "/refunds/0/amount/amount")),
        ("paid".into(), 6_000)
    );
    let again = confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
    assert_eq!(again.bytes, done.bytes);
    airline.run_jobs().await;
    assert_eq!(taken(&airline).await, 2);
    assert_settled(&airline, paid - 6_000).await;
    let old = confirm(&airline, &token, &id, &asked, "c2").await.expect(409);
    assert_eq!(old.code(), "quote_outdated");
}

#[tokio::test]
async fn an_order_that_is_not_paid_leaves_everything_as_it_was() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let id = booking.text("/id");
    flight_back(&airline, &admin, "KR8", "2026-06-13", 26_000).await;
    past_the_first_day(&airline);
    for end in ["expired", "cancelled"] {
        let offer = offer_on(&airline, "2026-06-13", "").await;
        let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
        confirm(&airline, &token, &id, &asked, end).await.expect(201);
        assert_eq!(taken(&airline).await, 3);
        let second = quote(&airline, &token, &id, 2, &offer).await.expect(200);
        assert_eq!(confirm(&airline, &token, &id, &second, "again").await.expect(409).code(), "order_open");
        if end == "expired" {
            airline.later(SignedDuration::from_mins(16));
            let late = airline.pay(&token, &id, CARD, "late").await.expect(409);
            assert_eq!(late.code(), "hold_expired");
            assert_eq!(airline.run_job("expire_orders").await, 1);
        } else {
            let orders = look(&airline, &token, &id).await.json["orders"].clone();
            let open = orders.as_array().expect("orders").iter().find(|order| order["status"] == "open");
            let path = format!("/bookings/{id}/orders/{}", open.expect("an open order")["order"]);
            airline.call("DELETE", &path, Some(&token), None).await.expect(200);
        }
        let after = look(&airline, &token, &id).await;
        let last =
            after.json["orders"].as_array().and_then(|orders| orders.last().cloned()).expect("an order");
        assert_eq!(last["status"], end);
        assert_eq!(after.json["price"], booking.json["price"]);
        assert_eq!(after.json["coupons"], booking.json["coupons"]);
        assert_eq!(taken(&airline).await, 2, "{end}");
    }
}

#[tokio::test]
async fn money_for_an_order_that_was_given_up_goes_back() {
    let Ordered { airline, token, booking, id, paid, asked, .. } = Ordered::new().await;
    airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    airline.later(SignedDuration::from_mins(15 + 61));
    assert_eq!(airline.run_job("expire_orders").await, 1);
    airline.run_jobs().await;
    let after = look(&airline, &token, &id).await;
    assert_eq!(
        (after.text("/status"), after.text("/orders/0/status")),
        ("confirmed".into(), "expired".into())
    );
    assert_eq!(
        amount(&after, "/refunds/0/amount/amount"),
        amount(&asked, "/due/amount"),
        "that payment, and no other"
    );
    assert_eq!(after.json["coupons"], booking.json["coupons"]);
    assert_settled(&airline, paid).await;
}

#[tokio::test]
async fn what_cannot_be_changed_says_why() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let id = booking.text("/id");
    flight_back(&airline, &admin, "KR8", "2026-06-13", 20_000).await;
    flight_back(&airline, &admin, "KR9", "2026-06-10", 20_000).await;
    let good = offer_on(&airline, "2026-06-13", "").await;
    let unknown = quote(&airline, &token, &id, 9, &good).await.expect(422);
    assert_eq!(unknown.json["field"], "slices");
    let two = offer_on(&airline, "2026-06-13", "&adults=2").await;
    assert_eq!(quote(&airline, &token, &id, 2, &two).await.expect(422).json["field"], "slices[0].offer_id");
    // The way there on the 13th would be after the way back.
    airline.flight(&admin, "KR2", ("ABE", "ATL"), ("2026-06-12T11:00", "2026-06-12T13:00"), 5).await;
    let there = airline.offer("origin=ABE&destination=ATL&date=2026-06-12").await;
    assert_eq!(quote(&airline, &token, &id, 1, &there).await.expect(422).json["field"], "slices");
    let empty = airline
        .call("POST", &format!("/bookings/{id}/change-quote"), Some(&token), Some(json!({"slices": []})))
        .await;
    assert_eq!(empty.expect(422).json["field"], "slices");
    airline.later(
        "2026-06-12T17:00:00Z"
            .parse::<jiff::Timestamp>()
            .expect("an instant")
            .duration_since(airline.app.now()),
    );
    let good = offer_on(&airline, "2026-06-13", "").await;
    assert_eq!(quote(&airline, &token, &id, 2, &good).await.expect(409).code(), "already_departed");
    let sql = airline.sql().await;
    sql.batch(r#"UPDATE booking_slices SET conditions = '{"change_fee": null, "refund": []}'"#)
        .await
        .expect("set");
    let other = bought_later(&airline, &token, &admin).await;
    sql.batch(r#"UPDATE booking_slices SET conditions = '{"change_fee": null, "refund": []}'"#)
        .await
        .expect("set");
    assert_eq!(quote(&airline, &token, &other, 1, &good).await.expect(409).code(), "not_changeable");
}

/// A booking of one slice soon before its departure.
async fn bought_later(airline: &Airline, token: &str, admin: &str) -> String {
    airline.flight(admin, "KR3", ("ATL", "ABE"), ("2026-06-14T11:00", "2026-06-14T13:00"), 5).await;
    let offer = airline.offer("origin=ATL&destination=ABE&date=2026-06-14").await;
    let id = airline.hold(token, &offer, "later").await.expect(201).text("/id");
    airline.pay(token, &id, CARD, "pay-later").await.expect(201);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_payments_of_one_order_change_once() {
    let Ordered { airline, token, id, paid, asked, .. } = Ordered::new().await;
    let keys: Vec<String> = (0..20).map(|n| format!("p{n}")).collect();
    let replies = join_all(keys.iter().map(|key| airline.pay(&token, &id, CARD, key))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "{replies:?}");
    assert_eq!(airline.count("SELECT count(*) FROM payments").await, 2);
    assert_eq!(taken(&airline).await, 2);
    assert_settled(&airline, paid + amount(&asked, "/due/amount")).await;
}

#[tokio::test]
async fn an_order_of_a_booking_that_is_over_is_not_done_and_its_money_returns() {
    let Ordered { airline, token, id, paid, .. } = Ordered::new().await;
    let lost = airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    assert_eq!(lost.text("/status"), "unknown");
    airline.sql().await.batch("UPDATE bookings SET status = 'completed'").await.expect("over");
    airline.later(SignedDuration::from_secs(90));
    airline.run_jobs().await;
    let after = look(&airline, &token, &id).await;
    assert_eq!(
        (after.text("/status"), after.text("/orders/0/status"), after.text("/refunds/0/status")),
        ("completed".into(), "expired".into(), "succeeded".into())
    );
    assert_eq!(taken(&airline).await, 2, "the seats it kept are free again");
    assert_settled(&airline, paid).await;
}

/// Nobody pays for a flight that does not fly; and who has paid already gets it back, with the tickets as they were.
#[tokio::test]
async fn an_order_of_a_flight_that_was_cancelled_is_not_paid_and_not_done() {
    for pays_first in [false, true] {
        let Ordered { airline, admin, token, flight, booking, id, paid, .. } = Ordered::new().await;
        if pays_first {
            let lost = airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
            assert_eq!(lost.text("/status"), "unknown");
        }
        let gone = json!({"status": "cancelled"});
        airline.call("PUT", &format!("/flights/{flight}"), Some(&admin), Some(gone)).await.expect(200);
        if !pays_first {
            let refused = airline.pay(&token, &id, CARD, "p1").await.expect(409);
            assert_eq!(refused.code(), "flight_cancelled");
        }
        airline.later(SignedDuration::from_mins(16));
        airline.run_jobs().await;
        let after = look(&airline, &token, &id).await;
        assert_eq!(after.text("/orders/0/status"), "expired", "{pays_first}");
        assert_eq!(after.json["refunds"].as_array().map(Vec::len), Some(usize::from(pays_first)));
        assert_eq!(after.json["coupons"], booking.json["coupons"], "the tickets are as they were");
        assert_settled(&airline, paid).await;
    }
}

#[tokio::test]
async fn the_price_of_a_quote_holds_or_is_asked_for_again() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let id = bought(&airline, &token, party(1, 0, 0), "k1").await.text("/id");
    let flight = flight_back(&airline, &admin, "KR8", "2026-06-13", 26_000).await;
    past_the_first_day(&airline);
    let price =
        |fare: u32| json!({"cabins": [{"cabin": "economy", "classes": [{"class": "Y", "fare": fare}]}]});
    let path = format!("/flights/{flight}");
    let set = |body: Value| airline.call("PUT", &path, Some(&admin), Some(body));
    let asked =
        quote(&airline, &token, &id, 2, &offer_on(&airline, "2026-06-13", "").await).await.expect(200);
    let _ = set(price(30_000)).await.expect(200);
    assert_eq!(confirm(&airline, &token, &id, &asked, "c1").await.expect(409).code(), "quote_outdated");
    assert_eq!(taken(&airline).await, 2, "nothing is kept of what was refused");
    let _ = set(price(22_000)).await.expect(200);
    let cheaper = confirm(&airline, &token, &id, &asked, "c2").await.expect(201);
    assert_eq!(amount(&cheaper, "/orders/0/amount/amount"), 2_000 + 7_500, "a lower price is simply charged");
}
