//! Questions and answers of search.

mod calendar;
mod check;
mod ends;
mod families;
mod filters;
mod hostile;
mod pages;
mod trip;

use serde_json::{Value, json};

use crate::support::Airline;

async fn network() -> (Airline, String) {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 9).await;
    airline.flight(&admin, "KR2", ("ATL", "LAX"), ("2026-06-10T10:40", "2026-06-10T13:00"), 9).await;
    airline.flight(&admin, "KR3", ("ATL", "LAX"), ("2026-06-10T10:39", "2026-06-10T12:30"), 9).await;
    airline.flight(&admin, "KR4", ("ABE", "LAX"), ("2026-06-10T23:30", "2026-06-11T02:00"), 2).await;
    (airline, admin)
}

fn numbers(answer: &Value) -> Vec<Vec<String>> {
    let of = |itinerary: &Value| {
        let segments = itinerary["segments"].as_array().expect("segments").iter();
        segments.map(|segment| segment["flight_number"].as_str().unwrap_or("").to_owned()).collect()
    };
    answer["itineraries"].as_array().expect("itineraries").iter().map(of).collect()
}

#[tokio::test]
async fn finds_nonstops_and_legal_connections_by_duration() {
    let (airline, _) = network().await;
    let path = "/search?origin=abe&destination=LAX&date=2026-06-10";
    let answer = airline.call("GET", path, None, None).await.expect(200).json;
    // KR3 leaves 39 minutes after KR1 arrives: one short of the minimum.
    assert_eq!(numbers(&answer), [vec!["KR4"], vec!["KR1", "KR2"]]);
    let connection = &answer["itineraries"][1];
    assert_eq!((&connection["stops"], &connection["duration_minutes"]), (&json!(1), &json!(480)));
    assert_eq!(connection["price"], json!({"amount": 40_000, "currency": "USD"}));
    assert_eq!(connection["segments"][1]["arrives_at"], "2026-06-10T13:00:00-07:00");
    let nonstop = airline.call("GET", &format!("{path}&max_stops=0"), None, None).await.expect(200).json;
    assert_eq!(numbers(&nonstop), [vec!["KR4"]]);
}

#[tokio::test]
async fn the_party_must_fit_and_pays_together() {
    let (airline, _) = network().await;
    let path = "/search?origin=ABE&destination=LAX&date=2026-06-10&adults=2&children=1&infants=1";
    let answer = airline.call("GET", path, None, None).await.expect(200).json;
    assert_eq!(numbers(&answer), [vec!["KR1", "KR2"]], "KR4 has two seats");
    assert_eq!(answer["itineraries"][0]["price"]["amount"], 2 * 40_000 + 30_000 + 4_000);
}

#[tokio::test]
async fn a_market_ratio_prices_connections_only() {
    let (airline, _) = network().await;
    let sql = airline.sql().await;
    sql.batch("INSERT INTO market_ratios VALUES ('ABE', 'LAX', 0, 700000)").await.expect("filed");
    server::search::api::load(&airline.app).await.expect("loaded");
    let path = "/search?origin=ABE&destination=LAX&date=2026-06-10";
    let answer = airline.call("GET", path, None, None).await.expect(200).json;
    let prices: Vec<i64> =
        (0..2).filter_map(|i| answer["itineraries"][i]["price"]["amount"].as_i64()).collect();
    assert_eq!(prices, [20_000, 28_000]);
}

#[tokio::test]
async fn bad_questions_say_what_to_change() {
    let (airline, _) = network().await;
    for (query, status, code) in [
        ("origin=QQQ&destination=LAX&date=2026-06-10", 422, "unknown_airport"),
        ("origin=ABEX&destination=LAX&date=2026-06-10", 422, "invalid_field"),
        ("origin=ABE&destination=abe&date=2026-06-10", 422, "same_airport"),
        ("origin=ABE&destination=LAX&date=2026-05-31", 422, "date_past"),
        ("origin=ABE&destination=LAX&date=2027-06-10", 422, "date_beyond_horizon"),
        ("origin=ABE&destination=LAX&date=tomorrow", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=9999-12-31", 422, "date_beyond_horizon"),
        ("origin=ABE&destination=LAX", 422, "invalid_field"),
        ("destination=LAX&date=2026-06-10", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&adults=10", 422, "too_many_seats"),
        ("origin=ABE&destination=LAX&date=2026-06-10&adults=0&children=1", 422, "no_adult"),
        ("origin=ABE&destination=LAX&date=2026-06-10&adults=1&infants=2", 422, "too_many_infants"),
        ("origin=ABE&destination=LAX&date=2026-06-10&adults=300", 400, "malformed"),
        ("origin=ABE&destination=LAX&date=2026-06-10&cabin=roof", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&max_stops=4", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&limit=101", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&cursor=zzz", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&colour=red", 400, "malformed"),
        ("origin=ABE&destination=LAX&date=2026-06-10&sort=beauty", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&departs_after=25:00", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&arrives_before=noon", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&airlines=KR,Delta", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&via=ATLANTA", 422, "invalid_field"),
        ("origin=ABE&destination=LAX&date=2026-06-10&max_price=-1", 422, "invalid_field"),
        (
            "origin=ABE&destination=LAX&date=2026-06-10&min_connection=90&max_connection=80",
            422,
            "invalid_field",
        ),
    ] {
        let reply = airline.call("GET", &format!("/search?{query}"), None, None).await.expect(status);
        assert_eq!(reply.code(), code, "{query}: {}", reply.json);
        assert!(!reply.text("/detail").is_empty());
    }
}

#[tokio::test]
async fn airports_are_found_by_name_city_and_code() {
    let airline = Airline::new().await;
    for (typed, code) in [("atl", "ATL"), ("Los An", "LAX"), ("sky", "PHX"), ("international lehigh", "ABE")]
    {
        let path = format!("/airports?q={}", typed.replace(' ', "%20"));
        let answer = airline.call("GET", &path, None, None).await.expect(200).json;
        assert_eq!(answer["airports"][0]["code"], code, "{typed}");
    }
    let none = airline.call("GET", "/airports?q=zzzz", None, None).await.expect(200).json;
    assert_eq!(none["airports"], json!([]));
}
