//! Exceptions to the minimum connection times: filed from a file, followed by running servers, and the same in search and
//! in booking.

use kernel::Clock;
use serde_json::Value;
use server::flights::import::{ConnectionTimesReport, File, ImportError, import_connection_times};
use server::migrations::MIGRATIONS;
use testkit::TestDb;

use crate::support::{Airline, send};

const HEADER: &str =
    "airport,arriving,leaving,domestic,domestic_to_international,international_to_domestic,international";
const QUESTION: &str = "/search?origin=ABE&destination=LAX&date=2026-06-10";

async fn import(airline: &Airline, rows: &str) -> Result<ConnectionTimesReport, ImportError> {
    let text = format!("{HEADER}\n{}\n", rows.replace("; ", "\n"));
    let file = File { name: "connection-times.csv", bytes: text.as_bytes() };
    import_connection_times(&airline.app.db, airline.clock.now(), file).await
}

/// One flight to Atlanta that lands at 10:00, and three from there: 39, 50 and 70 minutes later.
async fn airline() -> Airline {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 150).await;
    airline.flight(&admin, "KR2", ("ATL", "LAX"), ("2026-06-10T10:39", "2026-06-10T12:39"), 150).await;
    airline.flight(&admin, "S23", ("ATL", "LAX"), ("2026-06-10T10:50", "2026-06-10T12:50"), 150).await;
    airline.flight(&admin, "KR4", ("ATL", "LAX"), ("2026-06-10T11:10", "2026-06-10T13:10"), 150).await;
    airline
}

/// The second flights of an answer with their offers, the shortest journey first.
fn connections(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let of = |found: &Value| (text(&found["segments"][1]["flight_number"]), text(&found["offer_id"]));
    answer["itineraries"].as_array().expect("itineraries").iter().map(of).collect()
}

async fn shown(airline: &Airline) -> Vec<(String, String)> {
    connections(&airline.call("GET", QUESTION, None, None).await.expect(200).json)
}

/// Every kind of exception against every other: what search shows is what booking takes, and booking refuses the rest.
#[tokio::test]
async fn search_and_booking_keep_the_most_special_time() {
    let airline = airline().await;
    let token = airline.traveller().await;
    import(&airline, "ATL,,,0,0,0,0").await.expect("filed");
    airline.follow_feed().await;
    let offers = shown(&airline).await;
    assert_eq!(offers.len(), 3);
    for (round, (rows, expected)) in [
        ("", &["S23", "KR4"][..]),
        ("PHX,,,200,200,200,200", &["S23", "KR4"]),
        ("ATL,,,60,0,0,0", &["KR4"]),
        ("ATL,,,39,200,200,200", &["KR2", "S23", "KR4"]),
        (",KR,S2,51,0,0,0", &["KR4"]),
        (",S2,KR,200,200,200,200", &["S23", "KR4"]),
        ("ATL,,,60,60,60,60; ,KR,S2,45,45,45,45", &["S23", "KR4"]),
        ("ATL,,,30,30,30,30; ,KR,S2,55,55,55,55", &["KR2", "KR4"]),
        (",KR,S2,55,55,55,55; ATL,KR,S2,50,50,50,50", &["S23", "KR4"]),
        ("ATL,KR,S2,51,51,51,51; ,KR,S2,20,20,20,20; ATL,,,20,20,20,20", &["KR2", "KR4"]),
        ("PHX,KR,S2,51,51,51,51", &["S23", "KR4"]),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(import(&airline, rows).await.expect("filed").changed, "{rows}");
        airline.follow_feed().await;
        let found: Vec<String> = shown(&airline).await.into_iter().map(|(number, _)| number).collect();
        assert_eq!(found, expected, "{rows}");
        for (number, offer) in &offers {
            let reply = airline.hold(&token, offer, &format!("{round}-{number}")).await;
            if found.contains(number) {
                reply.expect(201);
            } else {
                assert_eq!(reply.expect(409).code(), "connection_changed", "{rows}: {number}");
            }
        }
    }
}

#[tokio::test]
async fn each_crossing_of_a_border_has_its_own_minutes() {
    let airline = airline().await;
    let token = airline.traveller().await;
    for (abroad, column) in [("LAX", 1), ("ABE", 2), ("ATL", 3)] {
        let sql = airline.sql().await;
        sql.execute("UPDATE airports SET country = CASE code WHEN $1 THEN 'MX' ELSE 'US' END", &[&abroad])
            .await
            .expect("moved");
        server::search::api::load(&airline.app).await.expect("loaded");
        let minutes = |wanted: &str, others: &str| {
            let columns = (0..4).map(|kind| if kind == column { wanted } else { others });
            format!("ATL,,,{}", columns.collect::<Vec<_>>().join(","))
        };
        import(&airline, &minutes("0", "200")).await.expect("filed");
        airline.follow_feed().await;
        let offers = shown(&airline).await;
        assert_eq!(offers.len(), 3, "{abroad}");
        import(&airline, &minutes("50", "0")).await.expect("filed");
        airline.follow_feed().await;
        let found = shown(&airline).await;
        assert_eq!(found.iter().map(|(number, _)| number).collect::<Vec<_>>(), ["S23", "KR4"], "{abroad}");
        for ((number, offer), status) in offers.iter().zip([409, 201, 201]) {
            airline.hold(&token, offer, &format!("{abroad}-{number}")).await.expect(status);
        }
    }
}

/// Another process files the exceptions; a server that was started before takes them up, and one that starts now has them.
#[tokio::test]
async fn running_servers_take_up_what_was_filed() {
    let airline = airline().await;
    assert_eq!(shown(&airline).await.len(), 2);
    import(&airline, "ATL,,,60,75,75,75").await.expect("filed");
    assert_eq!(shown(&airline).await.len(), 2, "nobody has told it yet");
    airline.follow_feed().await;
    assert_eq!(shown(&airline).await.len(), 1);
    let (_, fresh) = airline.second_server().await;
    let request = crate::support::request("GET", QUESTION, None, None, None);
    assert_eq!(connections(&send(fresh, request).await.expect(200).json).len(), 1);
}

#[tokio::test]
async fn a_file_replaces_the_one_before_and_the_same_file_changes_nothing() {
    let airline = Airline::new().await;
    let report = |exceptions, changed| ConnectionTimesReport { exceptions, changed };
    let rows = "ATL,,,50,75,90,90; ,KR,S2,60,90,90,90; ATL,KR,S2,35,60,75,75";
    assert_eq!(import(&airline, rows).await.expect("filed"), report(3, true));
    // The same in another order is the same.
    let turned = "ATL,KR,S2,35,60,75,75; ATL,,,50,75,90,90; ,KR,S2,60,90,90,90";
    assert_eq!(import(&airline, turned).await.expect("filed"), report(3, false));
    assert_eq!(airline.count("SELECT count(*) FROM search_inbox").await, 1, "told once");
    assert_eq!(airline.count("SELECT count(*) FROM imports WHERE kind = 'connection_times'").await, 1);
    assert_eq!(import(&airline, "ATL,,,50,75,90,91").await.expect("filed"), report(1, true));
    assert_eq!(airline.count("SELECT sum(international)::bigint FROM connection_times").await, 91);
    assert_eq!(import(&airline, "").await.expect("filed"), report(0, true));
    assert_eq!(airline.count("SELECT count(*) FROM connection_times").await, 0);
}

#[tokio::test]
async fn a_wrong_file_is_explained_and_files_nothing() {
    let airline = Airline::new().await;
    import(&airline, "ATL,,,50,75,90,90").await.expect("filed");
    let Err(ImportError::BadInput(report)) = import(&airline, "LAX,,,50,75,90,90; JFK,,,50,75,90,9x").await
    else {
        panic!("a wrong file was taken")
    };
    let lines: Vec<String> = report.to_string().lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "connection-times.csv, line 3, column airport: \"JFK\" is not a known airport; right would be an airport that was \
             imported before",
            "connection-times.csv, line 3, column international: \"9x\" is not such a number; right would be a whole number \
             from 0 to 1440",
        ]
    );
    assert_eq!(airline.count("SELECT count(*) FROM connection_times WHERE airport = 'ATL'").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM connection_times").await, 1);
    let bare = TestDb::new(MIGRATIONS).await.expect("a database");
    let file = File { name: "connection-times.csv", bytes: HEADER.as_bytes() };
    let refused = import_connection_times(&bare.db, airline.clock.now(), file).await;
    assert!(matches!(refused, Err(ImportError::NoAirports)), "{refused:?}");
}
