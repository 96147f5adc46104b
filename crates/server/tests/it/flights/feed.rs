//! The search feed: gapless numbers in commit order, whatever order ids were drawn in.

use kernel::FlightId;
use server::flights::api as flights;
use uuid::Uuid;

use crate::support::Airline;

fn flight(number: u128) -> FlightId {
    FlightId::from_uuid(Uuid::from_u128(number))
}

#[tokio::test]
async fn a_late_commit_is_numbered_after_an_early_one_and_never_missed() {
    let airline = Airline::new().await;
    let db = &airline.app.db;
    let now = airline.app.now();
    let slow = db.begin().await.expect("a transaction");
    flights::announce(&slow, &[flight(1)]).await.expect("announced");
    let quick = db.begin().await.expect("a transaction");
    flights::announce(&quick, &[flight(2)]).await.expect("announced");
    quick.commit().await.expect("committed");

    // Flight 1 has the smaller inbox id and is not committed: a reader that pages by id would lose it here.
    let sql = airline.sql().await;
    assert_eq!(flights::sequence_feed(&sql, now).await.expect("sequenced"), 1);
    slow.commit().await.expect("committed");
    assert_eq!(flights::sequence_feed(&sql, now).await.expect("sequenced"), 1);
    let entries = flights::feed_after(&sql, 0, 10).await.expect("entries");
    let expected = [(1, flights::FeedEntry::Flight(flight(2))), (2, flights::FeedEntry::Flight(flight(1)))];
    assert_eq!(entries, expected);
}

#[tokio::test]
async fn two_sequencers_leave_no_gap_and_no_repetition() {
    let airline = Airline::new().await;
    let now = airline.app.now();
    for number in 0..200 {
        flights::announce(&airline.sql().await, &[flight(number)]).await.expect("announced");
    }
    let sequence = || async {
        let sql = airline.sql().await;
        while flights::sequence_feed(&sql, now).await.expect("sequenced") > 0 {}
    };
    tokio::join!(sequence(), sequence(), sequence());
    let entries = flights::feed_after(&airline.sql().await, 0, 1_000).await.expect("entries");
    let numbers: Vec<i64> = entries.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<i64>>());
    assert_eq!(airline.count("SELECT count(*) FROM search_inbox").await, 0);
}

#[tokio::test]
async fn a_reader_that_fell_behind_is_told_so() {
    let airline = Airline::new().await;
    let sql = airline.sql().await;
    for number in 0..3 {
        flights::announce(&sql, &[flight(number)]).await.expect("announced");
        flights::sequence_feed(&sql, airline.app.now()).await.expect("sequenced");
    }
    sql.batch("DELETE FROM search_feed WHERE seq = 1").await.expect("pruned");
    assert!(flights::feed_after(&sql, 0, 10).await.is_err(), "entry 1 is gone");
    assert_eq!(flights::feed_after(&sql, 1, 10).await.expect("entries").len(), 2);
    sql.batch("DELETE FROM search_feed").await.expect("pruned");
    for seq in 0..3 {
        assert!(flights::feed_after(&sql, seq, 10).await.is_err(), "entries up to 3 are gone");
    }
    assert_eq!(flights::feed_after(&sql, 3, 10).await.expect("entries").len(), 0);
}
