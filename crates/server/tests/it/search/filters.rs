//! What a traveller sorts and filters by.

use serde_json::json;

use super::numbers;
use crate::support::Airline;

/// ABE to LAX: nonstop in the morning and over night, over ATL with two airlines, over PHX.
pub(super) async fn choice() -> Airline {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for (number, route, times, fare) in [
        ("KR1", ("ABE", "LAX"), ("2026-06-10T06:00", "2026-06-10T09:00"), 50_000),
        ("KR2", ("ABE", "LAX"), ("2026-06-10T22:30", "2026-06-11T01:30"), 30_000),
        ("KR3", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 10_000),
        ("KR4", ("ATL", "LAX"), ("2026-06-10T11:00", "2026-06-10T13:00"), 15_000),
        ("S25", ("ATL", "LAX"), ("2026-06-10T14:00", "2026-06-10T16:00"), 8_000),
        ("KR6", ("ABE", "PHX"), ("2026-06-10T09:00", "2026-06-10T12:00"), 20_000),
        ("KR7", ("PHX", "LAX"), ("2026-06-10T13:00", "2026-06-10T14:00"), 20_000),
    ] {
        let cabins = json!([
            {"cabin": "economy", "capacity": 9, "classes": [{"class": "Y", "fare": fare}]},
        ]);
        airline.flight_with(&admin, number, route, times, cabins).await;
    }
    airline
}

async fn found(airline: &Airline, query: &str) -> Vec<String> {
    let path = format!("/search?origin=ABE&destination=LAX&date=2026-06-10{query}");
    let answer = airline.call("GET", &path, None, None).await.expect(200).json;
    assert_eq!(answer["complete"], true);
    numbers(&answer).into_iter().map(|segments| segments.join(" ")).collect()
}

#[tokio::test]
async fn each_order_has_its_first() {
    let airline = choice().await;
    for (sort, expected) in [
        ("duration", ["KR2", "KR1", "KR3 KR4", "KR6 KR7", "KR3 S25"]),
        ("price", ["KR3 S25", "KR3 KR4", "KR2", "KR6 KR7", "KR1"]),
        ("departure", ["KR1", "KR3 KR4", "KR3 S25", "KR6 KR7", "KR2"]),
        ("arrival", ["KR1", "KR3 KR4", "KR6 KR7", "KR3 S25", "KR2"]),
        // 40 a minute and 2,500 a stop: 44,400, 46,700, 49,100, 61,700, 64,400.
        ("best", ["KR2", "KR3 KR4", "KR3 S25", "KR6 KR7", "KR1"]),
    ] {
        assert_eq!(found(&airline, &format!("&sort={sort}")).await, expected, "{sort}");
    }
}

#[tokio::test]
async fn each_filter_leaves_what_fits() {
    let airline = choice().await;
    for (filter, expected) in [
        ("max_price=30000", vec!["KR2", "KR3 KR4", "KR3 S25"]),
        ("max_price=29999", vec!["KR3 KR4", "KR3 S25"]),
        ("max_price=52500&adults=2&children=1&max_stops=0", vec![]),
        ("max_price=82500&adults=2&children=1&max_stops=0", vec!["KR2"]),
        ("max_duration=360", vec!["KR2", "KR1"]),
        ("max_stops=0", vec!["KR2", "KR1"]),
        ("departs_after=08:00&departs_before=09:00", vec!["KR3 KR4", "KR3 S25"]),
        ("departs_after=22:00&departs_before=07:00", vec!["KR2", "KR1"]),
        ("arrives_before=13:00", vec!["KR2", "KR1"]),
        ("arrives_after=12:00&arrives_before=15:00", vec!["KR3 KR4", "KR6 KR7"]),
        ("arrives_after=23:00&arrives_before=02:00", vec!["KR2"]),
        ("airlines=KR", vec!["KR2", "KR1", "KR3 KR4", "KR6 KR7"]),
        ("airlines=KR,S2&exclude_airlines=S2&max_price=29000", vec!["KR3 KR4"]),
        ("via=PHX", vec!["KR2", "KR1", "KR6 KR7"]),
        ("exclude_via=phx,%20atl", vec!["KR2", "KR1"]),
        ("min_connection=61", vec!["KR2", "KR1", "KR3 S25"]),
        ("max_connection=60", vec!["KR2", "KR1", "KR3 KR4", "KR6 KR7"]),
    ] {
        assert_eq!(found(&airline, &format!("&{filter}")).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn filters_are_not_applied_to_a_list_cut_before() {
    let airline = choice().await;
    assert_eq!(found(&airline, "&limit=1&max_price=20000").await, ["KR3 S25"], "the last of all by duration");
}

#[tokio::test]
async fn a_lower_cabin_fills_in_when_asked() {
    let airline = choice().await;
    let admin = airline.account("second@example.com", server::identity::api::Role::Admin).await;
    let business = json!([
        {"cabin": "economy", "capacity": 9, "classes": [{"class": "Y", "fare": 9_000}]},
        {"cabin": "business", "capacity": 4, "classes": [{"class": "J", "fare": 60_000}]},
    ]);
    let times = ("2026-06-10T07:00", "2026-06-10T09:00");
    airline.flight_with(&admin, "KR8", ("ABE", "ATL"), times, business).await;
    assert_eq!(found(&airline, "&cabin=business").await, Vec::<String>::new());
    assert_eq!(found(&airline, "&cabin=business&mixed_cabin=true").await, ["KR8 KR4", "KR8 S25"]);
    let path = "/search?origin=ABE&destination=LAX&date=2026-06-10&cabin=business&mixed_cabin=true";
    let answer = airline.call("GET", path, None, None).await.expect(200).json;
    let cabin = |leg: usize| answer["itineraries"][0]["segments"][leg]["cabin"].clone();
    assert_eq!((cabin(0), cabin(1)), (json!("business"), json!("economy")));
    let token = airline.traveller().await;
    let offer = answer["itineraries"][0]["offer_id"].as_str().expect("an offer");
    let held = airline.hold(&token, offer, "k1").await.expect(201);
    assert_eq!(held.json["price"]["amount"], 75_000, "booked in the cabins shown");
}
