//! Cities with several airports, and airports near by.

use server::flights::import::{File, import_airports};

use super::numbers;
use crate::support::Airline;

const MORE_AIRPORTS: &str = "iata,name,city,subdivision,country,latitude,longitude,timezone
JFK,John F Kennedy International,New York,New York,US,40.639447,-73.779317,America/New_York
LGA,LaGuardia,New York,New York,US,40.777199,-73.872597,America/New_York
EWR,Newark Liberty International,Newark,New Jersey,US,40.692501,-74.168701,America/New_York
ORD,O'Hare International,Chicago,Illinois,US,41.9786,-87.9048,America/Chicago
MDW,Midway International,Chicago,Illinois,US,41.785999,-87.752403,America/Chicago
";

async fn cities() -> Airline {
    let airline = Airline::new().await;
    let more = File { name: "more.csv", bytes: MORE_AIRPORTS.as_bytes() };
    import_airports(&airline.app.db, airline.app.now(), more).await.expect("airports");
    // Departures a week come with a timetable; here they only say that the airport is served.
    airline.sql().await.batch("UPDATE airports SET weekly_departures = 7").await.expect("served");
    server::search::api::load(&airline.app).await.expect("loaded");
    let admin = airline.admin().await;
    for (number, route, times) in [
        ("KR1", ("JFK", "ORD"), ("2026-06-10T08:00", "2026-06-10T10:00")),
        ("KR2", ("LGA", "MDW"), ("2026-06-10T09:00", "2026-06-10T10:30")),
        ("KR3", ("EWR", "ATL"), ("2026-06-10T06:00", "2026-06-10T08:00")),
        ("KR4", ("ATL", "ORD"), ("2026-06-10T09:00", "2026-06-10T10:00")),
        // Over another airport of the city, and on from the destination: nobody means that.
        ("KR5", ("JFK", "LGA"), ("2026-06-10T07:00", "2026-06-10T07:30")),
        ("KR6", ("MDW", "ORD"), ("2026-06-10T12:00", "2026-06-10T12:30")),
    ] {
        airline.flight(&admin, number, route, times, 9).await;
    }
    airline
}

async fn found(airline: &Airline, query: &str) -> Vec<String> {
    let answer = airline.call("GET", &format!("/search?date=2026-06-10&{query}"), None, None).await;
    numbers(&answer.expect(200).json).into_iter().map(|segments| segments.join(" ")).collect()
}

#[tokio::test]
async fn a_city_is_all_its_airports() {
    let airline = cities().await;
    let all = ["KR2", "KR1", "KR3 KR4"];
    assert_eq!(found(&airline, "origin=NYC&destination=CHI").await, all);
    assert_eq!(found(&airline, "origin=NYC&destination=CHI&limit=1").await, ["KR2"]);
    assert_eq!(found(&airline, "origin=NYC&destination=ORD").await, ["KR1", "KR2 KR6", "KR3 KR4"]);
    assert_eq!(
        found(&airline, "origin=JFK&destination=CHI").await,
        ["KR1", "KR5 KR2"],
        "one airport is one airport"
    );
    let same = airline.call("GET", "/search?date=2026-06-10&origin=JFK&destination=JFK", None, None).await;
    assert_eq!(same.expect(422).code(), "same_airport");
    let unknown = airline.call("GET", "/search?date=2026-06-10&origin=QQQ&destination=CHI", None, None).await;
    assert_eq!(unknown.expect(422).code(), "unknown_airport");
}

#[tokio::test]
async fn pages_prices_and_counts_are_of_the_whole_city() {
    let airline = cities().await;
    let base = "origin=NYC&destination=CHI";
    let (mut seen, mut cursor) = (Vec::new(), Some(String::new()));
    while let Some(at) = cursor {
        let path = format!("/search?date=2026-06-10&{base}&sort=departure&limit=1{at}");
        let page = airline.call("GET", &path, None, None).await.expect(200).json;
        seen.extend(numbers(&page));
        cursor = page["next_cursor"].as_str().map(|next| format!("&cursor={next}"));
    }
    assert_eq!(seen, [vec!["KR3", "KR4"], vec!["KR1"], vec!["KR2"]]);
    let calendar = format!("/search/calendar?{base}&from=2026-06-10&days=1&adults=2");
    let calendar = airline.call("GET", &calendar, None, None).await.expect(200).json;
    assert_eq!(calendar["days"][0]["price"]["amount"], 40_000);
    let facets = format!("/search?date=2026-06-10&{base}&facets=true");
    let facets = airline.call("GET", &facets, None, None).await.expect(200).json["facets"].clone();
    assert_eq!((&facets["itineraries"], &facets["stops"][0]["count"]), (&3.into(), &2.into()));
}

#[tokio::test]
async fn nearby_airports_do_as_well_when_asked() {
    let airline = cities().await;
    assert_eq!(found(&airline, "origin=EWR&destination=MDW").await, Vec::<String>::new());
    assert_eq!(found(&airline, "origin=EWR&destination=MDW&nearby_km=35").await, ["KR2", "KR1", "KR3 KR4"]);
    assert_eq!(found(&airline, "origin=EWR&destination=ORD&nearby_km=5").await, ["KR3 KR4"]);
    let far =
        airline.call("GET", "/search?date=2026-06-10&origin=EWR&destination=ORD&nearby_km=301", None, None);
    assert_eq!(far.await.expect(422).code(), "invalid_field");
}
