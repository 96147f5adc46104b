//! Trips of several slices: searched, joined into one offer, booked.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::numbers;
use crate::support::Airline;

/// ABE to ATL and back, twice a day each way, on two days.
async fn there_and_back() -> (Airline, String) {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for (number, route, times, fare) in [
        ("KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 30_000),
        ("KR3", ("ABE", "ATL"), ("2026-06-10T16:00", "2026-06-10T18:00"), 10_000),
        ("KR2", ("ATL", "ABE"), ("2026-06-10T12:00", "2026-06-10T14:00"), 12_000),
        ("KR4", ("ATL", "ABE"), ("2026-06-10T20:00", "2026-06-10T22:00"), 40_000),
        ("KR6", ("ATL", "ABE"), ("2026-06-12T12:00", "2026-06-12T14:00"), 15_000),
    ] {
        let cabins = json!([{"cabin": "economy", "capacity": 9, "classes": [{"class": "Y", "fare": fare}]}]);
        airline.flight_with(&admin, number, route, times, cabins).await;
    }
    (airline, admin)
}

fn trip(there: &str, back: &str) -> Value {
    json!({"slices": [
        {"origin": "ABE", "destination": "ATL", "date": there},
        {"origin": "ATL", "destination": "ABE", "date": back},
    ]})
}

async fn search(airline: &Airline, body: Value) -> Value {
    airline.call("POST", "/search", None, Some(body)).await.expect(200).json
}

fn offer_of<'a>(answer: &'a Value, slice: usize, number: &str) -> &'a str {
    let itineraries = answer["slices"][slice]["itineraries"].as_array().expect("itineraries");
    let itinerary = itineraries.iter().find(|itinerary| itinerary["segments"][0]["flight_number"] == number);
    itinerary.and_then(|itinerary| itinerary["offer_id"].as_str()).expect("an offer")
}

async fn join(airline: &Airline, offers: &[&str]) -> crate::support::Reply {
    let slices: Vec<Value> = offers.iter().map(|offer| json!({"offer_id": offer})).collect();
    airline.call("POST", "/offers", None, Some(json!({"slices": slices}))).await
}

#[tokio::test]
async fn each_slice_is_ranked_and_the_cheapest_trip_is_one_that_can_be_flown() {
    let (airline, _) = there_and_back().await;
    let mut body = trip("2026-06-10", "2026-06-12");
    body["sort"] = json!("price");
    let answer = search(&airline, body).await;
    assert_eq!(numbers(&answer["slices"][0]), [["KR3"], ["KR1"]]);
    assert_eq!(numbers(&answer["slices"][1]), [["KR6"]]);
    assert_eq!(answer["cheapest_total"]["amount"], 25_000);
    let answer = search(&airline, trip("2026-06-10", "2026-06-10")).await;
    // 300.00 and 120.00: the cheap flight there lands after the cheap one back has left.
    assert_eq!(answer["cheapest_total"]["amount"], 42_000);
    let evening = json!({"slices": [
        {"origin": "ABE", "destination": "ATL", "date": "2026-06-10", "departs_after": "12:00"},
        {"origin": "ATL", "destination": "ABE", "date": "2026-06-10", "departs_before": "12:30"},
    ]});
    assert_eq!(search(&airline, evening).await["cheapest_total"], Value::Null);
}

#[tokio::test]
async fn a_slice_has_pages_of_its_own() {
    let (airline, _) = there_and_back().await;
    let mut body = trip("2026-06-10", "2026-06-12");
    body["limit"] = json!(1);
    let answer = search(&airline, body.clone()).await;
    assert_eq!(numbers(&answer["slices"][0]), [["KR3"]]);
    body["slices"][0]["cursor"] = answer["slices"][0]["next_cursor"].clone();
    let answer = search(&airline, body).await;
    assert_eq!(numbers(&answer["slices"][0]), [["KR1"]]);
    assert_eq!(numbers(&answer["slices"][1]), [["KR6"]]);
}

#[tokio::test]
async fn slices_become_one_offer_and_one_booking() {
    let (airline, _) = there_and_back().await;
    super::families::file_all(&airline).await;
    let token = airline.traveller().await;
    let answer = search(&airline, trip("2026-06-10", "2026-06-12")).await;
    let back = answer["slices"][1]["itineraries"][0]["fare_families"][2]["offer_id"].as_str().expect("flex");
    let offer = join(&airline, &[offer_of(&answer, 0, "KR1"), back]).await.expect(200);
    // 300.00 there in the cheapest family; 1.2 × (150.00 + 25.00) back in the flexible one.
    assert_eq!(offer.json["price"]["amount"], 30_000 + 21_000);
    assert_eq!(offer.json["slices"][1]["fare_family"]["code"], "flex");
    let same =
        airline.call("GET", &format!("/offers/{}", offer.text("/offer_id")), None, None).await.expect(200);
    assert_eq!(same.json, offer.json);

    let held = airline.hold(&token, &offer.text("/offer_id"), "k1").await.expect(201);
    assert_eq!(held.json["price"]["amount"], 51_000);
    let slices: Vec<(i64, &str, i64)> = held.json["slices"]
        .as_array()
        .expect("slices")
        .iter()
        .filter_map(|slice| {
            Some((
                slice["slice"].as_i64()?,
                slice["fare_family"]["code"].as_str()?,
                slice["price"]["amount"].as_i64()?,
            ))
        })
        .collect();
    assert_eq!(slices, [(1, "saver", 30_000), (2, "flex", 21_000)]);
    let segments: Vec<(i64, i64)> = held.json["segments"]
        .as_array()
        .expect("segments")
        .iter()
        .filter_map(|segment| Some((segment["slice"].as_i64()?, segment["price"]["amount"].as_i64()?)))
        .collect();
    assert_eq!(segments, [(1, 30_000), (2, 21_000)]);
    let path = format!("/bookings/{}", held.text("/id"));
    let read = airline.call("GET", &path, Some(&token), None).await.expect(200);
    assert_eq!(read.json["slices"], held.json["slices"], "what was promised is kept with the booking");
    airline.pay(&token, &held.text("/id"), "4242 4242 4242 4242", "p1").await.expect(201);
    assert_eq!(airline.count("SELECT count(*) FROM ticket_coupons").await, 2);
    assert_eq!(airline.count("SELECT sum(taken) FROM inventory").await, 2);
}

#[tokio::test]
async fn a_trip_that_cannot_be_flown_is_refused() {
    let (airline, _) = there_and_back().await;
    let answer = search(&airline, trip("2026-06-10", "2026-06-10")).await;
    let (late, noon) = (offer_of(&answer, 0, "KR3"), offer_of(&answer, 1, "KR2"));
    let refused = join(&airline, &[late, noon]).await.expect(422);
    assert_eq!((refused.code(), refused.text("/field")), ("invalid_field", "slices".to_owned()));
    let mut pair = trip("2026-06-10", "2026-06-12");
    pair["adults"] = json!(2);
    let other = search(&airline, pair).await;
    let refused = join(&airline, &[late, offer_of(&other, 1, "KR6")]).await.expect(422);
    assert!(refused.text("/detail").contains("same passengers"), "{}", refused.json);
    assert_eq!(join(&airline, &[]).await.expect(422).code(), "invalid_field");
    assert_eq!(join(&airline, &[late; 7]).await.expect(422).code(), "invalid_field");
    let forged = join(&airline, &[late, "off_AAAA"]).await.expect(422);
    assert_eq!((forged.code(), forged.text("/field")), ("offer_unknown", "slices[1].offer_id".to_owned()));
    airline.later(SignedDuration::from_mins(15));
    assert_eq!(join(&airline, &[late]).await.expect(409).code(), "offer_expired");
}

#[tokio::test]
async fn a_joined_offer_lives_no_longer_than_its_parts() {
    let (airline, _) = there_and_back().await;
    let first = search(&airline, trip("2026-06-10", "2026-06-12")).await;
    let there = offer_of(&first, 0, "KR1").to_owned();
    airline.later(SignedDuration::from_mins(10));
    let second = search(&airline, trip("2026-06-10", "2026-06-12")).await;
    let joined = join(&airline, &[&there, offer_of(&second, 1, "KR6")]).await.expect(200);
    assert_eq!(joined.json["expires_at"], first["slices"][0]["offers_expire_at"]);
}

#[tokio::test]
async fn a_dearer_slice_is_told_with_an_offer_of_the_whole_trip() {
    let (airline, admin) = there_and_back().await;
    let token = airline.traveller().await;
    let answer = search(&airline, trip("2026-06-10", "2026-06-12")).await;
    let back = &answer["slices"][1]["itineraries"][0];
    let offer = join(&airline, &[offer_of(&answer, 0, "KR1"), offer_of(&answer, 1, "KR6")]).await.expect(200);
    let flight = back["segments"][0]["flight_id"].as_str().expect("a flight");
    let dearer = json!({"cabins": [{"cabin": "economy", "classes": [{"class": "Y", "fare": 16_000}]}]});
    airline.call("PUT", &format!("/flights/{flight}"), Some(&admin), Some(dearer)).await.expect(200);
    let refused = airline.hold(&token, &offer.text("/offer_id"), "k1").await.expect(409);
    assert_eq!((refused.code(), &refused.json["price"]["amount"]), ("price_changed", &json!(46_000)));
    let held = airline.hold(&token, &refused.text("/offer_id"), "k2").await.expect(201);
    assert_eq!(
        (&held.json["price"]["amount"], held.json["segments"].as_array().map(Vec::len)),
        (&json!(46_000), Some(2))
    );
    assert_eq!(airline.count("SELECT sum(taken) FROM inventory").await, 2);
}

#[tokio::test]
async fn bad_trips_say_which_slice_to_change() {
    let (airline, _) = there_and_back().await;
    for (body, code, field) in [
        (json!({"slices": []}), "invalid_field", "slices"),
        (
            json!({"slices": vec![trip("2026-06-10", "2026-06-12")["slices"][0].clone(); 7]}),
            "invalid_field",
            "slices",
        ),
        (trip("2026-06-12", "2026-06-10"), "invalid_field", "slices[1].date"),
        (trip("2026-06-10", "2026-05-10"), "date_past", "slices[1].date"),
        (trip("2026-06-10", "soon"), "invalid_field", "slices[1].date"),
    ] {
        let refused = airline.call("POST", "/search", None, Some(body.clone())).await.expect(422);
        assert_eq!((refused.code(), refused.text("/field").as_str()), (code, field), "{body}");
    }
    let mut unknown = trip("2026-06-10", "2026-06-12");
    unknown["slices"][0]["destination"] = json!("QQQ");
    let refused = airline.call("POST", "/search", None, Some(unknown)).await.expect(422);
    assert_eq!(
        (refused.code(), refused.text("/field").as_str()),
        ("unknown_airport", "slices[0].destination")
    );
    let mut ten = trip("2026-06-10", "2026-06-12");
    ten["adults"] = json!(10);
    let refused = airline.call("POST", "/search", None, Some(ten)).await.expect(422);
    assert_eq!((refused.code(), refused.text("/field").as_str()), ("too_many_seats", "adults"));
}

#[tokio::test]
async fn over_the_date_line_a_slice_may_begin_the_day_before() {
    let (airline, _) = there_and_back().await;
    let answer = search(&airline, trip("2026-06-11", "2026-06-10")).await;
    assert_eq!(numbers(&answer["slices"][1]), [["KR2"], ["KR4"]]);
    assert_eq!(answer["cheapest_total"], Value::Null, "here nobody can fly it");
}

#[tokio::test]
async fn a_trip_counts_as_many_searches_as_it_has_slices() {
    let airline = Airline::with(|config| config.limits.search_per_second = 1).await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 9).await;
    let slice = json!({"origin": "ABE", "destination": "ATL", "date": "2026-06-10"});
    let six = json!({"slices": vec![slice; 6]});
    let refused = airline.call("POST", "/search", None, Some(six)).await.expect(429);
    assert_eq!(refused.code(), "too_many_requests");
}

#[tokio::test]
async fn of_a_trip_partly_flown_the_rest_is_given_back() {
    let (airline, admin) = there_and_back().await;
    let token = airline.traveller().await;
    let answer = search(&airline, trip("2026-06-10", "2026-06-12")).await;
    let offer = join(&airline, &[offer_of(&answer, 0, "KR1"), offer_of(&answer, 1, "KR6")]).await.expect(200);
    let id = airline.hold(&token, &offer.text("/offer_id"), "k1").await.expect(201).text("/id");
    airline.pay(&token, &id, "4242 4242 4242 4242", "p1").await.expect(201);
    airline.later(SignedDuration::from_hours(10 * 24));
    let back = answer["slices"][1]["itineraries"][0]["segments"][0]["flight_id"]
        .as_str()
        .expect("a flight")
        .to_owned();
    let cancel = json!({"status": "cancelled"});
    airline.call("PUT", &format!("/flights/{back}"), Some(&admin), Some(cancel)).await.expect(200);
    let path = format!("/bookings/{id}");
    let before = airline.call("GET", &path, Some(&token), None).await.expect(200);
    let rest = airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    assert_eq!(rest.text("/status"), "confirmed", "the first slice was flown");
    assert_eq!(rest.json["refunds"][0]["amount"], before.json["slices"][1]["price"]);
    assert_eq!(rest.json["price"], before.json["slices"][0]["price"]);
    let refused = airline.call("DELETE", &path, Some(&token), None).await.expect(409);
    assert_eq!(refused.code(), "already_departed");
}
