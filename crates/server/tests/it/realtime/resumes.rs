//! Coming again: nothing is lost and nothing told twice, at whichever process.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;

use super::client::Client;
use super::{Site, follow, gates, listen, pump};
use crate::support::run_job_of;

fn last(messages: &[Value]) -> i64 {
    messages.iter().filter_map(|message| message["seq"].as_i64()).max().expect("a number")
}

#[tokio::test]
async fn who_comes_again_is_told_what_lies_between_and_nothing_twice() {
    let site = Site::open().await;
    let (second, router) = site.airline.second_server().await;
    let elsewhere = listen(&second, router, &site.stop).await;
    follow(&second).await;
    let mut client = site.client().await;
    let began = client.listen(&site.topic(), None).await["seq"].as_i64().expect("a number");
    site.gate("A1").await;
    site.pump().await;
    let told = client.take(1).await;
    assert_eq!(gates(&told), ["A1"]);
    let seen = last(&told);
    assert!(seen > began);
    // It is cut off in the middle; what happens meanwhile is told by another process, which was not told a thing yet.
    drop(client);
    for gate in ["A2", "A3", "A4"] {
        site.gate(gate).await;
    }
    site.pump().await;
    let mut again = Client::open(elsewhere, &site.token).await.expect("open");
    let begun = again.listen(&site.topic(), Some(seen)).await;
    assert_eq!((begun["type"].as_str(), begun["seq"].as_i64()), (Some("subscribed"), Some(seen)));
    follow(&second).await;
    assert_eq!(gates(&again.take(3).await), ["A2", "A3", "A4"]);
    assert_eq!(again.all().await, Vec::<Value>::new());

    // The other process lags behind: what the client has is not told it again when that catches up.
    let mut ahead = site.client().await;
    ahead.listen(&site.topic(), Some(seen)).await;
    site.gate("A5").await;
    site.pump().await;
    let told = ahead.take(4).await;
    assert_eq!(gates(&told), ["A2", "A3", "A4", "A5"]);
    let mut behind = Client::open(elsewhere, &site.token).await.expect("open");
    assert_eq!(behind.listen(&site.topic(), Some(last(&told))).await["type"], "subscribed");
    site.gate("A6").await;
    while run_job_of(&site.airline.app, "relay_events").await > 0 {}
    while run_job_of(&site.airline.app, "number_live").await > 0 {}
    follow(&second).await;
    assert_eq!(gates(&behind.take(1).await), ["A6"]);
    assert_eq!(behind.all().await, Vec::<Value>::new());
    assert_eq!(gates(&again.take(2).await), ["A5", "A6"]);
}

/// A hundred changes while sockets come and go: each client has each of them once, in order.
#[tokio::test]
async fn sockets_that_are_killed_again_and_again_miss_nothing() {
    let site = Site::open().await;
    let mut client = site.client().await;
    let mut seen = client.listen(&site.topic(), None).await["seq"].as_i64().expect("a number");
    let mut told = Vec::new();
    for turn in 0..25 {
        for gate in 0..4 {
            site.gate(&format!("G{}", turn * 4 + gate)).await;
        }
        if turn % 2 == 0 {
            drop(client);
            client = site.client().await;
            client.listen(&site.topic(), Some(seen)).await;
        }
        site.pump().await;
        // Some is left unread where it lies when the socket is killed next.
        let some = client.take(if turn % 3 == 0 { 1 } else { 4 }).await;
        seen = last(&some);
        told.extend(some);
        if turn % 3 == 0 {
            drop(client);
            client = site.client().await;
            client.listen(&site.topic(), Some(seen)).await;
            let rest = client.take(3).await;
            seen = last(&rest);
            told.extend(rest);
        }
    }
    let expected: Vec<String> = (0..100).map(|gate| format!("G{gate}")).collect();
    assert_eq!(gates(&told), expected);
    let numbers: BTreeSet<i64> = told.iter().filter_map(|message| message["seq"].as_i64()).collect();
    assert_eq!(numbers.len(), 100);
}

#[tokio::test]
async fn who_was_away_for_too_long_is_told_to_ask_again() {
    let site = Site::open().await;
    let mut client = site.client().await;
    let began = client.listen(&site.topic(), None).await["seq"].as_i64().expect("a number");
    site.gate("A1").await;
    site.pump().await;
    site.airline.later(SignedDuration::from_mins(61));
    site.gate("A2").await;
    site.pump().await;
    assert!(site.airline.run_job("forget_live").await > 0);
    let mut again = site.client().await;
    let begun = again.listen(&site.topic(), Some(began)).await;
    assert_eq!(begun["type"], "refetch");
    // From there on it goes on.
    site.gate("A3").await;
    site.pump().await;
    assert_eq!(gates(&again.take(1).await), ["A3"]);
    assert_eq!(gates(&client.take(3).await), ["A1", "A2", "A3"], "who was there missed nothing");
    // Numbers nobody has given yet are of another database.
    let begun = again.listen(&site.topic(), Some(i64::MAX)).await;
    assert_eq!(begun["type"], "refetch");
    let begun = again.listen(&site.topic(), Some(-1)).await;
    assert_eq!(begun["type"], "refetch");
    // What is kept can be had.
    let kept = "SELECT min(seq) - 1 FROM live_log";
    let floor = site.airline.count(kept).await;
    let begun = again.listen(&site.topic(), Some(floor)).await;
    assert_eq!(begun["type"], "subscribed");
    assert_eq!(gates(&again.take(2).await), ["A2", "A3"]);
}

/// Two workers number at once: no number twice and none left out, and what rolled back has none.
#[tokio::test]
async fn numbers_have_no_gap_however_many_give_them() {
    let site = Site::open().await;
    let (second, _) = site.airline.second_server().await;
    let put = "INSERT INTO live_inbox (topic, event, data, created_at)
               SELECT 'ops', 'test', '{}', '2026-06-01' FROM generate_series(1, 500)";
    for _ in 0..4 {
        let rolled_back = site.airline.app.db.begin().await.expect("a transaction");
        rolled_back.execute(put, &[]).await.expect("put");
        site.airline.sql().await.execute(put, &[]).await.expect("put");
        drop(rolled_back);
        let release = "UPDATE leases SET until = '-infinity'";
        site.airline.sql().await.execute(release, &[]).await.expect("released");
        tokio::join!(pump(&site.airline.app), async {
            site.airline.sql().await.execute(release, &[]).await.expect("released");
            run_job_of(&second, "number_live").await;
        });
    }
    pump(&site.airline.app).await;
    let gaps = "SELECT max(seq) - count(*) FROM live_log";
    assert_eq!(site.airline.count(gaps).await, 0);
    let told = "SELECT count(*) FROM live_log WHERE event = 'test'";
    assert_eq!(site.airline.count(told).await, 2_000);
    assert_eq!(site.airline.count("SELECT seq - (SELECT max(seq) FROM live_log) FROM live_head").await, 0);
}
