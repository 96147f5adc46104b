//! What is carried over into other flights comes back no better than the tickets that were exchanged.

use axum::http::header::ACCEPT_LANGUAGE;
use domain::refund::Reason;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::cancel::{amount, assert_settled, bought, look, party, selling};
use super::change::{confirm, flight_back, offer_on, past_the_first_day, quote};
use crate::support::{Airline, Reply, request, send};

const CARD: &str = "4242424242424242";

fn until(airline: &Airline, instant: &str) {
    let instant: Timestamp = instant.parse().expect("an instant");
    airline.later(instant.duration_since(airline.app.now()));
}

async fn give_back(airline: &Airline, token: &str, id: &str) -> Reply {
    let path = format!("/bookings/{id}/cancellation-quote");
    airline.call("POST", &path, Some(token), Some(json!({}))).await.expect(200)
}

/// What one passenger's fare for a slice is before taxes.
fn base(booking: &Reply, slice: i64) -> i64 {
    let fares = booking.json["fares"].as_array().expect("fares");
    let fare = fares.iter().find(|fare| fare["slice"] == slice).unwrap_or_else(|| panic!("{fares:?}"));
    fare["base"]["amount"].as_i64().expect("an amount")
}

/// Of each line of a fare: what was paid, what comes back, why.
fn fares(quote: &Reply, member: &str) -> Vec<(i64, i64, String)> {
    let lines = quote.json[member].as_array().expect("lines").iter().filter(|line| line["part"] == "fare");
    let money = |line: &Value, member: &str| line[member]["amount"].as_i64().expect("an amount");
    lines
        .map(|line| {
            (money(line, "paid"), money(line, "refund"), line["reason"].as_str().unwrap_or("").to_owned())
        })
        .collect()
}

fn half_up(amount: i64, percent: i64) -> i64 {
    (amount * percent + 50) / 100
}

/// Changes a slice to the flight of a date, paying what is due.
async fn change(airline: &Airline, token: &str, id: &str, slice: i16, date: &str) -> Reply {
    let asked = quote(airline, token, id, slice, &offer_on(airline, date, "").await).await.expect(200);
    confirm(airline, token, id, &asked, &format!("change-{slice}")).await.expect(201);
    if amount(&asked, "/due/amount") > 0 {
        airline.pay(token, id, CARD, &format!("pay-{slice}")).await.expect(201);
    }
    asked
}

/// The whole of a change and a cancellation: half of the fare comes back, as it would have without the change.
#[tokio::test]
async fn who_changes_to_a_flight_far_away_and_cancels_gets_what_the_old_ticket_gave() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, paid, value) = (booking.text("/id"), amount(&booking, "/price/amount"), base(&booking, 2));
    flight_back(&airline, &admin, "KR8", "2026-06-25", 20_000).await;
    // Ten hours before the way back its family gives half.
    until(&airline, "2026-06-12T06:00:00Z");
    let before = give_back(&airline, &token, &id).await;
    assert_eq!(fares(&before, "lines"), [(value, half_up(value, 50), "fare_rule".to_owned())]);

    let found = airline
        .call("GET", "/search?origin=ATL&destination=ABE&date=2026-06-25", None, None)
        .await
        .expect(200);
    let flex = found.text("/itineraries/0/fare_families/1/offer_id");
    let flex = quote(&airline, &token, &id, 2, &flex).await.expect(200);
    assert_eq!(
        flex.json["carried"][0]["parts"][0]["percent"], 50,
        "a family with more freedom gives none to the old fare"
    );
    let asked = change(&airline, &token, &id, 2, "2026-06-25").await;
    assert_eq!((amount(&asked, "/due/amount"), amount(&asked, "/fee/amount")), (7_500, 7_500));
    let usd = |amount: i64| json!({"amount": amount, "currency": "USD"});
    let parts = json!([{"amount": usd(value), "percent": 50}]);
    assert_eq!(asked.json["carried"], json!([{"passenger": 1, "slice": 3, "parts": parts}]));
    assert_eq!(asked.json["rest"], json!([]));
    let changed = look(&airline, &token, &id).await;
    let fare = |slice: i64| {
        let fares = changed.json["fares"].as_array().expect("fares").iter();
        fares.filter(|fare| fare["slice"] == slice).map(|fare| fare["carried"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((fare(2), fare(3)), (vec![json!([])], vec![parts]), "the booking says what was carried over");

    let path = format!("/bookings/{id}/cancellation-quote");
    let after = give_back(&airline, &token, &id).await;
    assert_eq!(fares(&after, "lines"), [(value, half_up(value, 50), "carried_over".to_owned())]);
    assert_eq!(amount(&after, "/refund/amount"), amount(&before, "/refund/amount"));
    assert!(after.text("/lines/0/text").contains("50 %"), "{}", after.json);
    let mut asked = request("POST", &path, Some(&token), Some(json!({})), None);
    asked.headers_mut().insert(ACCEPT_LANGUAGE, "hi".parse().expect("a header"));
    let hindi = send(airline.router(), asked).await.expect(200);
    assert!(hindi.text("/lines/0/text").contains("टिकट"), "{}", hindi.json);
    let done = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(done.text("/cancellations/0/lines/0/reason"), "carried_over");
    airline.run_jobs().await;
    assert_settled(&airline, paid + 7_500 - amount(&before, "/refund/amount")).await;
}

#[tokio::test]
async fn what_a_cheaper_flight_leaves_over_comes_back_by_the_old_ticket() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, paid, value) = (booking.text("/id"), amount(&booking, "/price/amount"), base(&booking, 2));
    flight_back(&airline, &admin, "KR8", "2026-06-25", 14_000).await;
    until(&airline, "2026-06-12T06:00:00Z");
    let asked = change(&airline, &token, &id, 2, "2026-06-25").await;
    let after = look(&airline, &token, &id).await;
    let new_value = base(&after, 3);
    let rest = value - new_value;
    let back = half_up(rest, 50);
    assert!(rest > 5_000 && back < rest);
    assert_eq!(fares(&asked, "rest"), [(rest, back, "fare_rule".to_owned())]);
    let money = |member: &str| amount(&asked, &format!("/{member}/amount"));
    assert_eq!((money("fare_difference"), money("fee"), money("kept")), (-6_000, 7_500, rest - back));
    assert_eq!((money("due"), money("refund")), (-6_000 + 7_500 + rest - back, 0));
    assert_eq!(amount(&after, "/price/amount"), paid + money("due"));
    let given = give_back(&airline, &token, &id).await;
    assert_eq!(fares(&given, "lines"), [(new_value, half_up(new_value, 50), "carried_over".to_owned())]);
    airline.run_jobs().await;
    assert_settled(&airline, paid + money("due")).await;
}

/// A ticket of which nothing comes back any more, changed without a fee: what is left over stays, taxes aside.
#[tokio::test]
async fn a_change_without_a_fee_pays_nothing_out_of_what_is_not_refundable() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, paid, value) = (booking.text("/id"), amount(&booking, "/price/amount"), base(&booking, 2));
    let sql = airline.sql().await;
    sql.batch(r#"UPDATE booking_slices SET conditions = '{"change_fee": 0, "refund": []}'"#)
        .await
        .expect("set");
    flight_back(&airline, &admin, "KR8", "2026-06-25", 14_000).await;
    past_the_first_day(&airline);
    let asked = change(&airline, &token, &id, 2, "2026-06-25").await;
    let after = look(&airline, &token, &id).await;
    let rest = value - base(&after, 3);
    assert_eq!(fares(&asked, "rest"), [(rest, 0, "not_refundable".to_owned())]);
    let taxes = 6_000 - rest;
    assert!(taxes > 0, "the dearer flight had more of the percentage tax");
    assert_eq!((amount(&asked, "/due/amount"), amount(&asked, "/refund/amount")), (0, taxes));
    assert_eq!(amount(&after, "/refunds/0/amount/amount"), taxes);
    let given = give_back(&airline, &token, &id).await;
    let lines = fares(&given, "lines");
    assert_eq!(lines.last(), Some(&(base(&after, 3), 0, "carried_over".to_owned())), "{lines:?}");
    airline.run_jobs().await;
    assert_settled(&airline, paid - taxes).await;
}

/// On the first day, and when the airline moved the flight, everything would come back: it stays so in what takes its place.
#[tokio::test]
async fn what_would_come_back_whole_is_carried_without_a_mark() {
    for moved in [false, true] {
        let (airline, admin) = selling().await;
        let token = airline.traveller().await;
        let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
        let (id, paid, value) = (booking.text("/id"), amount(&booking, "/price/amount"), base(&booking, 2));
        let sql = airline.sql().await;
        sql.batch(r#"UPDATE booking_slices SET conditions = '{"change_fee": 7500, "refund": []}'"#)
            .await
            .expect("set");
        flight_back(&airline, &admin, "KR8", "2026-06-25", 14_000).await;
        if moved {
            past_the_first_day(&airline);
            let back = booking.text("/segments/1/flight_id");
            let body = json!({"departs_local": "2026-06-12T16:00", "arrives_local": "2026-06-12T18:00"});
            airline.call("PUT", &format!("/flights/{back}"), Some(&admin), Some(body)).await.expect(200);
        }
        let asked = change(&airline, &token, &id, 2, "2026-06-25").await;
        let reason = if moved { "airline_moved" } else { "cooling_off" };
        let after = look(&airline, &token, &id).await;
        let rest = value - base(&after, 3);
        assert_eq!(fares(&asked, "rest"), [(rest, rest, reason.to_owned())]);
        assert_eq!((amount(&asked, "/refund/amount"), asked.json["carried"].clone()), (6_000, json!([])));
        // Later, far from the departure: the family of the new flight decides, and nothing else.
        airline.later(SignedDuration::from_hours(26));
        let given = give_back(&airline, &token, &id).await;
        let lines = fares(&given, "lines");
        assert_eq!(
            lines.last(),
            Some(&(base(&after, 3), base(&after, 3), "fare_rule".to_owned())),
            "{lines:?}"
        );
        airline.run_jobs().await;
        assert_settled(&airline, paid - 6_000).await;
    }
}

#[tokio::test]
async fn changes_after_changes_carry_the_worst_of_them_along() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, value) = (booking.text("/id"), base(&booking, 2));
    for (number, date, fare) in
        [("KR7", "2026-06-20", 24_000), ("KR8", "2026-06-25", 30_000), ("KR9", "2026-06-28", 24_000)]
    {
        flight_back(&airline, &admin, number, date, fare).await;
    }
    // 50, then 100, then 100 again and cheaper.
    until(&airline, "2026-06-12T06:00:00Z");
    change(&airline, &token, &id, 2, "2026-06-20").await;
    let second = change(&airline, &token, &id, 3, "2026-06-25").await;
    assert_eq!(second.json["carried"][0]["parts"][0]["amount"]["amount"], value);
    assert_eq!(second.json["carried"][0]["parts"].as_array().map(Vec::len), Some(1));
    // Two days before: 75 of what was paid since, 50 of the first fare.
    until(&airline, "2026-06-23T12:00:00Z");
    let now = look(&airline, &token, &id).await;
    let more = base(&now, 4) - value;
    let given = give_back(&airline, &token, &id).await;
    let expected = [
        (value, half_up(value, 50), "carried_over".to_owned()),
        (more, half_up(more, 75), "fare_rule".to_owned()),
    ];
    assert_eq!(fares(&given, "lines"), expected);
    // What a cheaper flight does not need comes out of what is freest.
    let third = change(&airline, &token, &id, 4, "2026-06-28").await;
    let rest = base(&now, 4) - base(&look(&airline, &token, &id).await, 5);
    assert_eq!(fares(&third, "rest"), [(rest, half_up(rest, 75), "fare_rule".to_owned())]);
    let given = give_back(&airline, &token, &id).await;
    let left = more - rest;
    let expected = [
        (value, half_up(value, 50), "carried_over".to_owned()),
        (left, half_up(left, 75), "carried_over".to_owned()),
    ];
    assert_eq!(fares(&given, "lines"), expected);
    let cancelled = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    airline.run_jobs().await;
    assert_settled(&airline, amount(&cancelled, "/price/amount")).await;
}

/// A quote that says 75 percent is not confirmed at 50, although it costs the same.
#[tokio::test]
async fn a_quote_does_not_hold_when_less_would_be_carried_over() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let id = bought(&airline, &token, party(1, 0, 0), "k1").await.text("/id");
    flight_back(&airline, &admin, "KR8", "2026-06-25", 20_000).await;
    until(&airline, "2026-06-11T15:55:00Z");
    let offer = offer_on(&airline, "2026-06-25", "").await;
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    assert_eq!(asked.json["carried"][0]["parts"][0]["percent"], 75);
    airline.later(SignedDuration::from_mins(6));
    assert_eq!(confirm(&airline, &token, &id, &asked, "c1").await.expect(409).code(), "quote_outdated");
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    assert_eq!(asked.json["carried"][0]["parts"][0]["percent"], 50);
    confirm(&airline, &token, &id, &asked, "c2").await.expect(201);
}

/// Every word of `domain::refund::Reason` is a sentence in each language.
#[test]
fn every_reason_has_a_text() {
    use ::platform::messages::Locale;
    let messages = server::app::messages().expect("the catalogue");
    let citation = String::new;
    for reason in [
        Reason::AirlineCancelled { citation: citation() },
        Reason::AirlineMoved { minutes: 200, citation: citation() },
        Reason::CoolingOff { citation: citation() },
        Reason::FareRule { hours: 4, percent: 50 },
        Reason::CarriedOver { percent: 50 },
        Reason::NotRefundable,
        Reason::UnusedTax,
    ] {
        let id = format!("refund-{}", reason.as_str().replace('_', "-"));
        assert!(Locale::ALL.into_iter().all(|locale| messages.has(locale, &id)), "{id}");
    }
}
