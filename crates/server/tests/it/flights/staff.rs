//! What staff do to flights, and what everybody then sees.

use serde_json::json;

use crate::support::Airline;

const ROUTE: (&str, &str) = ("ABE", "ATL");
const TIMES: (&str, &str) = ("2026-06-10T08:35", "2026-06-10T10:35");

#[tokio::test]
async fn a_new_flight_is_listed_searched_and_described() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let id = airline.flight(&admin, "KR1", ROUTE, TIMES, 20).await;
    let flight = airline.call("GET", &format!("/flights/{id}"), None, None).await.expect(200).json;
    assert_eq!(flight["departs_at"], "2026-06-10T08:35:00-04:00");
    assert_eq!(flight["cabins"][0]["seats_left"], 20);
    let list = airline.call("GET", "/flights?date=2026-06-10&origin=ABE", None, None).await.expect(200).json;
    assert_eq!(list["flights"][0]["id"], id.as_str());
    assert_eq!(list["next_cursor"], json!(null));
    let none =
        airline.call("GET", "/flights?date=2026-06-10&destination=LAX", None, None).await.expect(200).json;
    assert_eq!(none["flights"], json!([]));
    let found = airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None)
        .await
        .expect(200)
        .json;
    assert_eq!(found["itineraries"][0]["segments"][0]["flight_number"], "KR1");
    let again = json!({"flight_number": "KR1", "origin": "ABE", "destination": "LAX", "departs_local": "2026-06-10T20:00",
        "arrives_local": "2026-06-10T22:00", "aircraft": "73H", "cabins": [{"cabin": "economy", "capacity": 1,
        "classes": [{"class": "Y", "fare": 1}]}]});
    let twice = airline.call("POST", "/flights", Some(&admin), Some(again)).await.expect(409);
    assert_eq!(twice.code(), "flight_exists");
}

#[tokio::test]
async fn pages_of_a_list_neither_repeat_nor_skip() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for number in 1..=7 {
        airline.flight(&admin, &format!("KR{number}"), ROUTE, TIMES, 5).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/flights?date=2026-06-10&limit=3{cursor}");
        let page = airline.call("GET", &path, None, None).await.expect(200).json;
        seen.extend(
            page["flights"].as_array().expect("flights").iter().map(|f| f["flight_number"].to_string()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, (1..=7).map(|number| format!("\"KR{number}\"")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_delay_shows_in_the_status_and_can_be_taken_back() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let id = airline.flight(&admin, "KR1", ROUTE, TIMES, 20).await;
    let path = format!("/flights/{id}");
    let change = json!({"delay_minutes": 35, "gate": "B4"});
    airline.call("PUT", &path, Some(&admin), Some(change)).await.expect(200);
    let status = airline.call("GET", &format!("{path}/status"), None, None).await.expect(200).json;
    assert_eq!((&status["status"], &status["delay_minutes"]), (&json!("delayed"), &json!(35)));
    assert_eq!(status["estimated_departs_at"], "2026-06-10T09:10:00-04:00");
    assert_eq!(status["gate"], "B4");
    airline.call("PUT", &path, Some(&admin), Some(json!({"delay_minutes": 0}))).await.expect(200);
    let status = airline.call("GET", &format!("{path}/status"), None, None).await.expect(200).json;
    assert_eq!((&status["status"], &status["gate"]), (&json!("scheduled"), &json!("B4")));
}

#[tokio::test]
async fn a_cancelled_flight_vanishes_from_search_and_cannot_be_booked() {
    let airline = Airline::new().await;
    let (admin, traveller) = (airline.admin().await, airline.traveller().await);
    let id = airline.flight(&admin, "KR1", ROUTE, TIMES, 20).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let path = format!("/flights/{id}");
    airline.call("PUT", &path, Some(&admin), Some(json!({"status": "cancelled"}))).await.expect(200);
    // The offer was made before; booking decides by the database, not by what search remembers.
    assert_eq!(airline.hold(&traveller, &offer, "k1").await.expect(409).code(), "sold_out");
    airline.follow_feed().await;
    let found = airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None)
        .await
        .expect(200)
        .json;
    assert_eq!(found["itineraries"], json!([]));
    airline.call("PUT", &path, Some(&admin), Some(json!({"status": "scheduled"}))).await.expect(200);
    airline.follow_feed().await;
    airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
}

#[tokio::test]
async fn a_retimed_flight_is_found_at_its_new_time_and_its_date_stays() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let id = airline.flight(&admin, "KR1", ROUTE, TIMES, 20).await;
    let path = format!("/flights/{id}");
    let later = json!({"departs_local": "2026-06-10T12:00", "arrives_local": "2026-06-10T14:10"});
    airline.call("PUT", &path, Some(&admin), Some(later)).await.expect(200);
    airline.follow_feed().await;
    let found = airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None)
        .await
        .expect(200)
        .json;
    assert_eq!(found["itineraries"][0]["segments"][0]["departs_at"], "2026-06-10T12:00:00-04:00");
    assert_eq!(found["itineraries"][0]["duration_minutes"], 130);
    let other_day = json!({"departs_local": "2026-06-11T12:00", "arrives_local": "2026-06-11T14:10"});
    assert_eq!(
        airline.call("PUT", &path, Some(&admin), Some(other_day)).await.expect(422).code(),
        "invalid_field"
    );
}

#[tokio::test]
async fn limits_nest_and_never_fall_below_what_is_sold() {
    let airline = Airline::new().await;
    let (admin, traveller) = (airline.admin().await, airline.traveller().await);
    let classes = json!([{"class": "Y", "fare": 40_000}, {"class": "Q", "fare": 10_000, "limit": 2}]);
    let cabins = json!([{"cabin": "economy", "capacity": 5, "classes": classes}]);
    let id = airline.flight_with(&admin, "KR1", ROUTE, TIMES, cabins).await;
    // Y is followed by B and M, which are not sold: their limit is 0, and Q nests under them.
    let path = format!("/flights/{id}");
    let flight = airline.call("GET", &path, None, None).await.expect(200).json;
    assert_eq!(flight["cabins"][0]["classes"][3]["limit"], 0);
    let open = json!({"cabins": [{"cabin": "economy", "classes": [{"class": "B", "fare": 30_000, "limit": 4},
        {"class": "M", "fare": 20_000, "limit": 3}, {"class": "Q", "limit": 2}]}]});
    airline.call("PUT", &path, Some(&admin), Some(open)).await.expect(200);
    airline.follow_feed().await;
    for key in ["a", "b", "c"] {
        let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
        airline.hold(&traveller, &offer, key).await.expect(201);
        airline.follow_feed().await;
    }
    let flight = airline.call("GET", &path, None, None).await.expect(200).json;
    let left: Vec<i64> =
        (0..4).filter_map(|class| flight["cabins"][0]["classes"][class]["seats_left"].as_i64()).collect();
    assert_eq!(left, [2, 1, 0, 0], "two in Q, one in M, counted against every class above");
    let smaller = json!({"cabins": [{"cabin": "economy", "capacity": 2}]});
    assert_eq!(
        airline.call("PUT", &path, Some(&admin), Some(smaller)).await.expect(409).code(),
        "capacity_below_sold"
    );
    let closed = json!({"cabins": [{"cabin": "economy", "classes": [{"class": "M", "limit": 0}]}]});
    let flight = airline.call("PUT", &path, Some(&admin), Some(closed)).await.expect(200).json;
    assert_eq!(flight["cabins"][0]["classes"][2]["limit"], 3, "three are sold in M and below");
}

#[tokio::test]
async fn only_an_unsold_flight_can_be_deleted() {
    let airline = Airline::new().await;
    let (admin, traveller) = (airline.admin().await, airline.traveller().await);
    let sold = airline.flight(&admin, "KR1", ROUTE, TIMES, 20).await;
    let unsold = airline.flight(&admin, "KR2", ROUTE, ("2026-06-10T20:00", "2026-06-10T23:00"), 20).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    airline.hold(&traveller, &offer, "k1").await.expect(201);
    let refused = airline.call("DELETE", &format!("/flights/{sold}"), Some(&admin), None).await.expect(409);
    assert_eq!(refused.code(), "flight_sold");
    airline.call("DELETE", &format!("/flights/{unsold}"), Some(&admin), None).await.expect(204);
    airline.follow_feed().await;
    let found = airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None)
        .await
        .expect(200)
        .json;
    assert_eq!(found["itineraries"].as_array().map(Vec::len), Some(1));
    airline.call("GET", &format!("/flights/{unsold}"), None, None).await.expect(404);
    // Made again, it is found again.
    airline.flight(&admin, "KR2", ROUTE, ("2026-06-10T20:00", "2026-06-10T23:00"), 20).await;
    let found = airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None)
        .await
        .expect(200)
        .json;
    assert_eq!(found["itineraries"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn bad_flights_are_refused_with_their_field() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let good = || {
        json!({"flight_number": "KR1", "origin": "ABE", "destination": "ATL", "departs_local": "2026-06-10T08:35",
            "arrives_local": "2026-06-10T10:35", "aircraft": "73H",
            "cabins": [{"cabin": "economy", "capacity": 10, "classes": [{"class": "Y", "fare": 100}]}]})
    };
    for (pointer, value, code) in [
        ("/destination", json!("ABE"), "same_airport"),
        ("/destination", json!("QQQ"), "unknown_airport"),
        ("/flight_number", json!("KR0"), "invalid_field"),
        ("/arrives_local", json!("2026-06-10T08:00"), "invalid_field"),
        ("/departs_local", json!("2025-06-10T08:35"), "invalid_field"),
        ("/aircraft", json!("JUMBO"), "invalid_field"),
        ("/cabins", json!([]), "invalid_field"),
        ("/cabins/0/capacity", json!(5000), "invalid_field"),
        ("/cabins/0/classes/0/fare", json!(0), "invalid_field"),
        ("/cabins/0/classes/0/class", json!("Z"), "invalid_field"),
        ("/cabins/0/classes", json!([]), "invalid_field"),
    ] {
        let mut body = good();
        *body.pointer_mut(pointer).expect("a member") = value;
        let reply = airline.call("POST", "/flights", Some(&admin), Some(body)).await.expect(422);
        assert_eq!(reply.code(), code, "{pointer}: {}", reply.json);
    }
    assert_eq!(airline.count("SELECT count(*) FROM flights").await, 0, "nothing is half-made");
}

#[tokio::test]
async fn a_retimed_flight_takes_its_bookings_along() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let id = airline.flight(&admin, "KR1", ROUTE, TIMES, 20).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    airline.hold(&token, &offer, "k1").await.expect(201);
    let path = format!("/flights/{id}");
    airline.call("PUT", &path, Some(&admin), Some(json!({"delay_minutes": 60}))).await.expect(200);
    let later = json!({"departs_local": "2026-06-10T12:00", "arrives_local": "2026-06-10T14:10"});
    airline.call("PUT", &path, Some(&admin), Some(later)).await.expect(200);
    let moved = "SELECT count(*) FROM bookings b JOIN user_bookings u ON u.booking_id = b.id AND u.trip_ends_at = b.trip_ends_at
                 WHERE b.trip_starts_at = '2026-06-10T16:00:00Z' AND b.trip_ends_at = '2026-06-10T18:10:00Z'";
    assert_eq!(airline.count(moved).await, 1);
    let status = airline.call("GET", &format!("{path}/status"), None, None).await.expect(200).json;
    assert_eq!(status["delay_minutes"], 0, "the estimate was for the old schedule");
}
