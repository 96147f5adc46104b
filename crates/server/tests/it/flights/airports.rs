//! Finding airports and cities by what somebody types.

use serde_json::{Value, json};
use server::flights::import::{File, import_airports};

use crate::support::{Airline, Reply};

/// Beside the airports of every test: New York's three, Chicago's two, and some of the world.
const MORE: &str = "iata,name,city,subdivision,country,latitude,longitude,timezone
JFK,John F Kennedy International Airport,New York,New York,US,40.6394,-73.7793,America/New_York
LGA,Laguardia Airport,New York,New York,US,40.7772,-73.8726,America/New_York
EWR,Newark Liberty International Airport,Newark,New Jersey,US,40.6925,-74.1687,America/New_York
ORD,Chicago O'Hare International Airport,Chicago,Illinois,US,41.9797,-87.9045,America/Chicago
MDW,Chicago Midway International Airport,Chicago,Illinois,US,41.786,-87.7524,America/Chicago
HOU,William P Hobby Airport,Houston,Texas,US,29.6457,-95.2769,America/Chicago
IAH,George Bush Intcntl/Houston Airport,Houston,Texas,US,29.9844,-95.3414,America/Chicago
STL,St Louis Lambert International Airport,St Louis,Missouri,US,38.7487,-90.37,America/Chicago
BOM,Chhatrapati Shivaji International Airport,Mumbai,Maharashtra,IN,19.0887,72.8679,Asia/Kolkata
ZRH,Zurich Airport,Zurich,Zurich,CH,47.4647,8.5492,Europe/Zurich
";

async fn world() -> Airline {
    let airline = Airline::new().await;
    let more = File { name: "airports.csv", bytes: MORE.as_bytes() };
    import_airports(&airline.app.db, airline.app.now(), more).await.expect("airports");
    let busy = "UPDATE airports SET weekly_departures = v.n FROM (VALUES ('EWR', 2332), ('LGA', 2088), ('JFK', 1274),
        ('ORD', 6701), ('MDW', 977), ('ATL', 4846), ('IAH', 2572), ('HOU', 1156)) v (code, n) WHERE airports.code = v.code";
    airline.sql().await.batch(busy).await.expect("ranked");
    server::search::api::load(&airline.app).await.expect("loaded");
    airline
}

/// A parameter's value as it stands in a URL.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn ask(airline: &Airline, typed: &str, rest: &str) -> Reply {
    airline.call("GET", &format!("/airports?q={}{rest}", escaped(typed)), None, None).await
}

/// The codes of a list; a city's in brackets.
fn codes(list: &Value) -> Vec<String> {
    let code = |place: &Value| match (place["type"].as_str(), place["code"].as_str().expect("a code")) {
        (Some("city"), code) => format!("[{code}]"),
        (_, code) => code.to_owned(),
    };
    list.as_array().expect("a list").iter().map(code).collect()
}

#[tokio::test]
async fn cities_and_airports_are_found_by_what_people_type() {
    let airline = world().await;
    for (typed, expected) in [
        ("nyc", "[NYC] EWR LGA JFK"),
        ("New York", "[NYC] EWR LGA JFK"),
        ("new york ken", "JFK"),
        ("jfk", "JFK"),
        ("hou", "HOU [HOU] IAH"),
        ("o'hare", "ORD"),
        ("ohare", "ORD"),
        ("chicgo", "[CHI] ORD MDW"), // typos:ignore
        ("los angelas", "LAX"),      // typos:ignore
        ("St. Louis", "STL"),
        ("zürich", "ZRH"),
        ("bombay", "BOM"),
        ("मुंबई", "BOM"),
        ("qqqqqq", ""),
        ("%_\\'\";--", ""),
    ] {
        let answer = ask(&airline, typed, "").await.expect(200).json;
        assert_eq!(codes(&answer["places"]).join(" "), expected, "{typed}");
        let airports: Vec<&str> =
            expected.split(' ').filter(|code| !code.is_empty() && !code.starts_with('[')).collect();
        assert_eq!(codes(&answer["airports"]), airports, "{typed}: the same airports in the same order");
    }
}

#[tokio::test]
async fn a_place_says_what_it_is() {
    let airline = world().await;
    let answer = ask(&airline, "new york", "&limit=2").await.expect(200).json;
    assert_eq!(
        answer["places"],
        json!([
            {"type": "city", "code": "NYC", "name": "New York", "country": "US",
                "airports": ["EWR", "LGA", "JFK"], "served": true},
            {"type": "airport", "code": "EWR", "name": "Newark Liberty International Airport", "city": "Newark",
                "country": "US", "served": true},
        ])
    );
    assert_eq!(
        answer["airports"][0],
        json!({"code": "EWR", "name": "Newark Liberty International Airport", "city": "Newark",
            "subdivision": "New Jersey", "country": "US", "timezone": "America/New_York", "latitude": 40.6925,
            "longitude": -74.1687, "served": true})
    );
    assert_eq!(codes(&answer["airports"]), ["EWR", "LGA"], "as many airports as were asked for");
}

#[tokio::test]
async fn nothing_typed_finds_the_busiest() {
    let airline = world().await;
    let answer = airline.call("GET", "/airports?limit=3", None, None).await.expect(200).json;
    assert_eq!(codes(&answer["airports"]), ["ORD", "ATL", "IAH"]);
    assert_eq!(codes(&answer["places"]), ["[CHI]", "ORD", "[NYC]"]);
    let all = airline.call("GET", "/airports?limit=100", None, None).await.expect(200).json;
    assert_eq!(codes(&all["airports"]).len(), 14);
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let airline = Airline::new().await;
    let long = "a".repeat(101);
    for (query, status, code) in [
        ("limit=0", 422, "invalid_field"),
        ("limit=101", 422, "invalid_field"),
        ("limit=-1", 400, "malformed"),
        ("limit=ten", 400, "malformed"),
        (&format!("q={long}"), 422, "invalid_field"),
        ("query=atlanta", 400, "malformed"),
    ] {
        let reply = airline.call("GET", &format!("/airports?{query}"), None, None).await.expect(status);
        assert_eq!(reply.code(), code, "{query}: {}", reply.json);
    }
    ask(&airline, &"é".repeat(100), "").await.expect(200);
}

#[tokio::test]
async fn running_servers_take_up_new_airports() {
    let airline = Airline::new().await;
    let found = async || airline.call("GET", "/airports?q=QQX", None, None).await.expect(200).json;
    assert_eq!(found().await["airports"], json!([]));
    let more = "iata,name,city,subdivision,country,latitude,longitude,timezone
QQX,Somewhere International,Somewhere,,US,40.0,-75.0,America/New_York
";
    let more = File { name: "more.csv", bytes: more.as_bytes() };
    import_airports(&airline.app.db, airline.app.now(), more).await.expect("airports");
    airline.follow_feed().await;
    assert_eq!(found().await["airports"][0]["code"], "QQX");
}
