//! The checker of search against the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use kernel::FlightId;
use serde_json::{Value, json};
use server::flights::api as flights;

use crate::support::Airline;

const CHECK: &str = "/search/check?date=2026-06-10";

/// Two flights of one date, one of another with two cabins.
async fn airline() -> (Airline, String, Vec<String>) {
    // The checker waits for the feed for thirty of these.
    let airline = Airline::with(|config| config.search.feed_poll_ms = 10).await;
    let admin = airline.admin().await;
    let one =
        airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 9).await;
    let two =
        airline.flight(&admin, "S22", ("ATL", "LAX"), ("2026-06-10T11:00", "2026-06-10T13:00"), 9).await;
    let cabins = json!([{"cabin": "economy", "capacity": 9, "classes": [{"class": "Y", "fare": 20_000}]},
        {"cabin": "business", "capacity": 2, "classes": [{"class": "J", "fare": 80_000}]}]);
    let times = ("2026-06-12T11:00", "2026-06-12T13:00");
    let three = airline.flight_with(&admin, "KR3", ("ATL", "LAX"), times, cabins).await;
    (airline, admin, vec![one, two, three])
}

async fn check(airline: &Airline, admin: &str) -> Value {
    airline.call("GET", CHECK, Some(admin), None).await.expect(200).json
}

/// Flights, differing, unsettled.
fn counts(answer: &Value) -> [u64; 3] {
    ["flights", "differing", "unsettled"].map(|name| answer[name].as_u64().expect("a number"))
}

/// The differences of the only flight that differs: field, database, search.
fn fields(answer: &Value) -> Vec<[String; 3]> {
    assert_eq!(counts(answer)[1..], [1, 0], "{answer}");
    let fields = answer["differences"][0]["fields"].as_array().expect("fields");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    fields.iter().map(|field| ["field", "database", "search"].map(|name| text(&field[name]))).collect()
}

fn id(text: &str) -> FlightId {
    text.parse().expect("an id")
}

#[tokio::test]
async fn nothing_differs_after_a_load_and_after_every_change_the_feed_brought() {
    let (airline, admin, ids) = airline().await;
    assert_eq!(counts(&check(&airline, &admin).await), [2, 0, 0]);
    server::search::api::load(&airline.app).await.expect("loaded");
    assert_eq!(counts(&check(&airline, &admin).await), [2, 0, 0]);
    let token = airline.traveller().await;
    let offer = airline.offer("origin=ABE&destination=LAX&date=2026-06-10").await;
    airline.hold(&token, &offer, "k1").await.expect(201);
    let path = format!("/flights/{}", ids[0]);
    for change in [
        json!({"cabins": [{"cabin": "economy", "classes": [{"class": "Y", "fare": 23_000}]}]}),
        json!({"departs_local": "2026-06-10T23:30", "arrives_local": "2026-06-11T01:30"}),
        json!({"status": "cancelled"}),
    ] {
        airline.call("PUT", &path, Some(&admin), Some(change)).await.expect(200);
        airline.follow_feed().await;
        let answer = check(&airline, &admin).await;
        assert_eq!(counts(&answer), [2, 0, 0], "{answer}");
    }
}

/// A flight that is made again begins with version 1: no reason to keep the one before.
#[tokio::test]
async fn a_flight_deleted_and_made_again_is_the_new_one() {
    let (airline, admin, ids) = airline().await;
    let path = format!("/flights/{}", ids[0]);
    for fare in [21_000, 22_000, 23_000] {
        let reprice = json!({"cabins": [{"cabin": "economy", "classes": [{"class": "Y", "fare": fare}]}]});
        airline.call("PUT", &path, Some(&admin), Some(reprice)).await.expect(200);
    }
    airline.follow_feed().await;
    airline.call("DELETE", &path, Some(&admin), None).await.expect(204);
    // Both changes come in one batch.
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 4).await;
    let answer = check(&airline, &admin).await;
    assert_eq!(counts(&answer), [2, 0, 0], "{answer}");
}

/// Each statement is a change nobody announced, so it does not reach search.
#[tokio::test]
async fn a_row_changed_behind_the_feeds_back_is_named_with_what_differs() {
    let (airline, admin, ids) = airline().await;
    let uuid = id(&ids[0]).uuid();
    for (statement, back, field, database, search) in [
        ("inventory SET fare_1 = 21000", "fare_1 = 20000", "economy.Y.fare", "21000", "20000"),
        ("inventory SET capacity = 8", "capacity = 9", "economy.Y.seats", "8", "9"),
        ("inventory SET on_sale = false", "on_sale = true", "on_sale", "false", "true"),
        (
            "inventory SET closes_2 = closes_2 - interval '1 minute'",
            "closes_2 = closes_2 + interval '1 minute'",
            "economy.B.closes",
            "2026-06-10T11:59:00Z",
            "2026-06-10T12:00:00Z",
        ),
        (
            "flights SET departs_at = departs_at + interval '5 minutes'",
            "departs_at = departs_at - interval '5 minutes'",
            "departs",
            "2026-06-10T12:05:00Z",
            "2026-06-10T12:00:00Z",
        ),
        (
            "flights SET arrives_at = arrives_at + interval '5 minutes'",
            "arrives_at = arrives_at - interval '5 minutes'",
            "arrives",
            "2026-06-10T14:05:00Z",
            "2026-06-10T14:00:00Z",
        ),
        ("flights SET destination = 'PHX'", "destination = 'ATL'", "destination", "PHX", "ATL"),
    ] {
        let (table, _) = statement.split_once(' ').expect("a table");
        let key = if table == "flights" { "id" } else { "flight_id" };
        let sql = airline.sql().await;
        sql.batch(&format!("UPDATE {statement} WHERE {key} = '{uuid}'")).await.expect("changed");
        let answer = check(&airline, &admin).await;
        let found = fields(&answer);
        assert!(found.contains(&[field, database, search].map(str::to_owned)), "{statement}: {answer}");
        assert_eq!(answer["differences"][0]["flight_id"], ids[0].as_str());
        assert_eq!(answer["differences"][0]["flight_number"], "KR1");
        sql.batch(&format!("UPDATE {table} SET {back} WHERE {key} = '{uuid}'")).await.expect("changed back");
        assert_eq!(counts(&check(&airline, &admin).await), [2, 0, 0], "{statement}");
    }
}

#[tokio::test]
async fn a_flight_that_only_one_side_has_is_named() {
    let (airline, admin, ids) = airline().await;
    airline
        .sql()
        .await
        .batch(&format!("DELETE FROM flights WHERE id = '{}'", id(&ids[0]).uuid()))
        .await
        .expect("gone");
    let extra = check(&airline, &admin).await;
    assert_eq!(fields(&extra), [["flight", "missing", "there"].map(str::to_owned)]);
    airline.app.live.network.load().remove(&[id(&ids[0]), id(&ids[1])]);
    let missing = check(&airline, &admin).await;
    assert_eq!(fields(&missing), [["flight", "there", "missing"].map(str::to_owned)]);
    assert_eq!(missing["differences"][0]["flight_number"], "S22");
    // What has departed interests nobody.
    airline.later(SignedDuration::from_hours(24 * 10));
    assert_eq!(counts(&check(&airline, &admin).await), [0, 0, 0]);
}

#[tokio::test]
async fn a_change_that_is_under_way_is_no_difference() {
    let (airline, admin, ids) = airline().await;
    let path = format!("/flights/{}", ids[0]);
    let reprice =
        |fare: u32| json!({"cabins": [{"cabin": "economy", "classes": [{"class": "Y", "fare": fare}]}]});
    airline.call("PUT", &path, Some(&admin), Some(reprice(30_000))).await.expect(200);
    // Nobody numbers the feed: the change is announced and does not come.
    assert_eq!(counts(&check(&airline, &admin).await), [2, 0, 1]);
    airline.run_job("sequence_search_feed").await;
    // It is numbered, and this process has not read it.
    assert_eq!(counts(&check(&airline, &admin).await), [2, 0, 1]);
    // It comes while the checker waits.
    let (answer, _) = tokio::join!(check(&airline, &admin), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        airline.run_job("follow_search_feed").await
    });
    assert_eq!(counts(&answer), [2, 0, 0], "{answer}");
}

/// A flight changes all the time, and the feed follows: whatever moment the checker looks at, it finds nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn prices_that_never_rest_are_no_difference() {
    let (airline, admin, ids) = airline().await;
    let airline = Arc::new(airline);
    let stop = Arc::new(AtomicBool::new(false));
    let changes = Arc::new(AtomicU32::new(0));
    let writing = tokio::spawn({
        let (airline, stop, flight, changes) = (airline.clone(), stop.clone(), id(&ids[0]), changes.clone());
        async move {
            while !stop.load(Ordering::Relaxed) {
                let tx = airline.app.db.begin().await.expect("a transaction");
                let change = format!(
                    "UPDATE inventory SET fare_1 = fare_1 + 1, version = version + 1 WHERE flight_id = '{}'",
                    flight.uuid()
                );
                tx.batch(&change).await.expect("changed");
                flights::announce(&tx, &[flight]).await.expect("announced");
                tx.commit().await.expect("committed");
                changes.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let following = tokio::spawn({
        let (airline, stop) = (airline.clone(), stop.clone());
        async move {
            while !stop.load(Ordering::Relaxed) {
                airline.run_job("sequence_search_feed").await;
                airline.run_job("follow_search_feed").await;
            }
        }
    });
    let mut checks = 0;
    while checks < 20 || changes.load(Ordering::Relaxed) < 20 {
        checks += 1;
        let [flights, differing, unsettled] = counts(&check(&airline, &admin).await);
        assert!((flights, differing) == (2, 0) && unsettled <= 1, "{flights} {differing} {unsettled}");
    }
    stop.store(true, Ordering::Relaxed);
    writing.await.expect("written");
    following.await.expect("followed");
    airline.follow_feed().await;
    assert_eq!(counts(&check(&airline, &admin).await), [2, 0, 0]);
}

/// The job looks at one date a turn, also at flights that only memory has, and sets the metric at the end of its pass.
#[tokio::test]
async fn a_pass_over_all_dates_counts_what_differs() {
    let metrics = ::platform::telemetry::start_metrics().expect("the recorder");
    let (airline, admin, ids) = airline().await;
    let times = ("2026-06-20T11:00", "2026-06-20T13:00");
    let last = airline.flight(&admin, "KR9", ("ATL", "LAX"), times, 9).await;
    let job = server::search::api::check_job(&airline.app).expect("it is switched on");
    let pass = async || {
        let mut turns = 1;
        while job.turn().await.expect("checked") > 0 {
            turns += 1;
        }
        let page = metrics.render();
        let gauge = |name: &str| page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        let [differing, unsettled] =
            ["search_flights_differing", "search_flights_unsettled"].map(|name| gauge(name).unwrap_or(-1.0));
        (turns, differing, unsettled)
    };
    // Three dates, and a turn that finds nothing behind them.
    assert_eq!(pass().await, (4, 0.0, 0.0));
    let sql = airline.sql().await;
    let silently = async |change: &str, flight: &str| {
        sql.batch(&change.replace('$', &id(flight).uuid().to_string())).await.expect("changed");
    };
    silently("UPDATE inventory SET fare_1 = 1 + fare_1 WHERE flight_id = '$'", &ids[0]).await;
    silently("UPDATE inventory SET fare_1 = 1 + fare_1 WHERE flight_id = '$'", &ids[2]).await;
    silently("DELETE FROM flights WHERE id = '$'", &last).await;
    assert_eq!(pass().await, (3, 3.0, 0.0), "the last flight is in memory only");
    server::search::api::load(&airline.app).await.expect("loaded");
    assert_eq!(pass().await, (3, 0.0, 0.0));
    let off = Airline::with(|config| config.search.check_minutes = 0).await;
    assert!(server::search::api::check_job(&off.app).is_none());
}
