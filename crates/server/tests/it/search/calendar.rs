//! The price of each day, the nearest days, and what filters would leave.

use serde_json::{Value, json};

use super::filters::choice;
use crate::support::Airline;

/// One flight on the 10th, 12th and 20th, from 300 down to 100 dollars.
async fn three_days() -> Airline {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for (day, fare) in [("10", 30_000), ("12", 20_000), ("20", 10_000)] {
        let times = (format!("2026-06-{day}T08:00"), format!("2026-06-{day}T10:00"));
        let classes = json!([{"class": "Y", "fare": fare}]);
        let cabins = json!([{"cabin": "economy", "capacity": 2, "classes": classes}]);
        airline.flight_with(&admin, "KR1", ("ABE", "ATL"), (&times.0, &times.1), cabins).await;
    }
    airline
}

async fn ask(airline: &Airline, path: &str) -> Value {
    airline.call("GET", path, None, None).await.expect(200).json
}

#[tokio::test]
async fn each_day_costs_what_its_search_says() {
    let airline = three_days().await;
    let party = "origin=ABE&destination=ATL&adults=1&children=1&infants=1";
    let calendar = ask(&airline, &format!("/search/calendar?{party}&from=2026-06-09&days=13")).await;
    let days = calendar["days"].as_array().expect("days");
    assert_eq!((days.len(), &days[0]["date"], &days[0]["price"]), (13, &json!("2026-06-09"), &Value::Null));
    for day in days {
        let date = day["date"].as_str().expect("a date");
        let answer =
            airline.call("GET", &format!("/search?{party}&date={date}&sort=price"), None, None).await;
        let cheapest = answer.json.pointer("/itineraries/0/price").cloned().unwrap_or_default();
        assert_eq!(day["price"], cheapest, "{date}");
    }
    assert_eq!(days[1]["price"]["amount"], 30_000 + 22_500 + 3_000);
    let default = ask(&airline, "/search/calendar?origin=ABE&destination=ATL&from=2026-06-01").await;
    assert_eq!(default["days"].as_array().map(Vec::len), Some(31));
    let full =
        ask(&airline, "/search/calendar?origin=ABE&destination=ATL&from=2026-06-10&days=1&adults=3").await;
    assert_eq!(full["days"][0]["price"], Value::Null, "two seats");
}

#[tokio::test]
async fn a_calendar_says_what_is_wrong() {
    let airline = three_days().await;
    for (query, code) in [
        ("origin=ABE&destination=ATL", "invalid_field"),
        ("origin=ABE&destination=ATL&from=2026-06-10&days=0", "invalid_field"),
        ("origin=ABE&destination=ATL&from=2026-06-10&days=63", "invalid_field"),
        ("origin=ABE&destination=ATL&from=2026-05-01", "date_past"),
        ("origin=ABE&destination=QQQ&from=2026-06-10", "unknown_airport"),
    ] {
        let reply = airline.call("GET", &format!("/search/calendar?{query}"), None, None).await.expect(422);
        assert_eq!(reply.code(), code, "{query}");
    }
}

#[tokio::test]
async fn a_day_without_anything_names_the_nearest_that_have_something() {
    let airline = three_days().await;
    let empty = ask(&airline, "/search?origin=ABE&destination=ATL&date=2026-06-13").await;
    let dates: Vec<&str> = empty["nearest_dates"]
        .as_array()
        .expect("dates")
        .iter()
        .filter_map(|day| day["date"].as_str())
        .collect();
    assert_eq!(dates, ["2026-06-12", "2026-06-10", "2026-06-20"]);
    assert_eq!(empty["nearest_dates"][0]["price"]["amount"], 20_000);
    let found = ask(&airline, "/search?origin=ABE&destination=ATL&date=2026-06-12").await;
    assert_eq!(found["nearest_dates"], json!([]));
    let nothing = ask(&airline, "/search?origin=ATL&destination=ABE&date=2026-06-12").await;
    assert_eq!(nothing["nearest_dates"], json!([]));
}

fn values(facets: &Value, name: &str) -> Vec<(String, u64, i64)> {
    let value = |value: &Value| {
        let text = value["value"].as_str().unwrap_or("").to_owned();
        (text, value["count"].as_u64().unwrap_or(0), value["cheapest"]["amount"].as_i64().unwrap_or(0))
    };
    facets[name].as_array().expect("values").iter().map(value).collect()
}

fn named(expected: &[(&str, u64, i64)]) -> Vec<(String, u64, i64)> {
    expected.iter().map(|(value, count, cheapest)| ((*value).to_owned(), *count, *cheapest)).collect()
}

#[tokio::test]
async fn facets_count_what_each_value_would_leave() {
    let airline = choice().await;
    let base = "/search?origin=ABE&destination=LAX&date=2026-06-10&facets=true";
    let facets = ask(&airline, base).await["facets"].clone();
    assert_eq!((&facets["itineraries"], &facets["complete"]), (&json!(5), &json!(true)));
    assert_eq!(values(&facets, "stops"), named(&[("0", 2, 30_000), ("1", 3, 18_000)]));
    assert_eq!(values(&facets, "airlines"), named(&[("KR", 4, 25_000)]));
    assert_eq!(values(&facets, "via"), named(&[("ATL", 2, 18_000), ("PHX", 1, 40_000)]));
    let departure = [("06:00-12:00", 4, 18_000), ("18:00-24:00", 1, 30_000)];
    assert_eq!(values(&facets, "departure"), named(&departure));
    let arrival = [("00:00-06:00", 1, 30_000), ("06:00-12:00", 1, 50_000), ("12:00-18:00", 3, 18_000)];
    assert_eq!(values(&facets, "arrival"), named(&arrival));
    assert_eq!(facets["price"], json!({"least": 18_000, "most": 50_000}));
    assert_eq!(facets["duration"], json!({"least": 360, "most": 660}));
    assert_eq!(ask(&airline, base.trim_end_matches("&facets=true")).await["facets"], Value::Null);
}

/// A filter narrows the counts of all others and not its own; and each count is what a search with that value returns.
#[tokio::test]
async fn facets_agree_with_the_searches_they_promise() {
    let airline = choice().await;
    let base = "/search?origin=ABE&destination=LAX&date=2026-06-10";
    let filters = "&max_price=45000&exclude_via=PHX";
    let facets = ask(&airline, &format!("{base}{filters}&facets=true")).await["facets"].clone();
    assert_eq!(facets["itineraries"], 3);
    assert_eq!(
        values(&facets, "via"),
        named(&[("ATL", 2, 18_000), ("PHX", 1, 40_000)]),
        "as if via were open"
    );
    assert_eq!(facets["price"]["most"], 50_000, "as if the price were open");
    for (value, count, cheapest) in values(&facets, "stops") {
        let answer = ask(&airline, &format!("{base}{filters}&max_stops={value}&sort=price")).await;
        let of_value = |itinerary: &&Value| itinerary["stops"].as_u64() == value.parse().ok();
        let found: Vec<Value> =
            answer["itineraries"].as_array().expect("itineraries").iter().filter(of_value).cloned().collect();
        assert_eq!(
            (found.len() as u64, &found[0]["price"]["amount"]),
            (count, &json!(cheapest)),
            "{value} stops"
        );
    }
}

#[tokio::test]
async fn times_of_day_hold_on_every_day() {
    let airline = three_days().await;
    let admin = airline.account("second@example.com", server::identity::api::Role::Admin).await;
    let cabins = json!([{"cabin": "economy", "capacity": 2, "classes": [{"class": "Y", "fare": 50_000}]}]);
    let times = ("2026-06-12T18:00", "2026-06-12T20:00");
    airline.flight_with(&admin, "KR9", ("ABE", "ATL"), times, cabins).await;
    let route = "origin=ABE&destination=ATL";
    for (filter, expected) in [
        ("departs_after=12:00", vec![("2026-06-12", 50_000)]),
        ("arrives_after=19:59&arrives_before=20:01", vec![("2026-06-12", 50_000)]),
        ("departs_before=12:00", vec![("2026-06-10", 30_000), ("2026-06-12", 20_000)]),
        ("arrives_before=10:01", vec![("2026-06-10", 30_000), ("2026-06-12", 20_000)]),
    ] {
        let calendar =
            ask(&airline, &format!("/search/calendar?{route}&from=2026-06-09&days=5&{filter}")).await;
        let priced: Vec<(&str, i64)> = calendar["days"]
            .as_array()
            .expect("days")
            .iter()
            .filter_map(|day| Some((day["date"].as_str()?, day["price"]["amount"].as_i64()?)))
            .collect();
        assert_eq!(priced, expected, "{filter}");
    }
    // Nothing on the 11th; in the evening the nearest day is the 12th, although the 10th has a morning.
    let empty = ask(&airline, &format!("/search?{route}&date=2026-06-11&departs_after=12:00")).await;
    assert_eq!(
        empty["nearest_dates"],
        json!([{"date": "2026-06-12", "price": {"amount": 50_000, "currency": "USD"}}])
    );
}
