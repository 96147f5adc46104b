//! The lock on a code's counter, without luck: the test holds it, sees the request wait, changes what it protects, lets go, and
//! looks at what the request made of it.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use server::flights::import::File;
use server::promotions::import::import_promotions;
use tokio::task::JoinHandle;

use super::{QUERY, file, hold_with, one_flight, taken};
use crate::support::{Airline, Reply, booking_body, request, send};

/// Starts the request and waits until PostgreSQL says that somebody waits for a lock.
async fn waiting(airline: &Airline, asked: Request<Body>) -> JoinHandle<Reply> {
    let work = tokio::spawn(send(airline.router(), asked));
    wait_for_a_lock(airline).await;
    work
}

/// Waits until PostgreSQL says that somebody waits for a lock.
async fn wait_for_a_lock(airline: &Airline) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..200 {
        if airline.count(waiting).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits for a lock")
}

const LOCK: &str = "SELECT 1 FROM promotion_counters FOR UPDATE";
/// What filing a fifth instead of a tenth does.
const FIFTH: &str = "UPDATE promotions SET terms = jsonb_set(terms, '{benefit,basis_points}', '2000');
                     UPDATE promotion_counters SET version = version + 1";

/// Terms that are filed between working a code out and reserving it are the ones that hold; without the version in the
/// statement that takes the use, the old discount would be given.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_worked_out_again_when_its_terms_change_meanwhile() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "TENTH", json!({})).await;
    let offer = airline.offer(QUERY).await;
    let id = airline.hold(&token, &offer, "k1").await.expect(201).text("/id");
    let mut body = booking_body(&offer);
    body["promotion_code"] = json!("TENTH");
    airline.warm_pool().await;
    for (path, body) in
        [(format!("/bookings/{id}/coupon"), json!({"code": "TENTH"})), ("/bookings".into(), body)]
    {
        let terms = airline.app.db.begin().await.expect("a transaction");
        terms.batch(LOCK).await.expect("locked");
        let work = waiting(&airline, request("POST", &path, Some(&token), Some(body), Some("a-key"))).await;
        terms.batch(FIFTH).await.expect("filed");
        terms.commit().await.expect("committed");
        let reply = work.await.expect("an answer");
        assert!(reply.status.is_success(), "{path}: {}", reply.json);
        assert_eq!(reply.json["promotions"][0]["discount"]["amount"], 4_000, "{path}");
        airline
            .sql()
            .await
            .batch("UPDATE promotions SET terms = jsonb_set(terms, '{benefit,basis_points}', '1000')")
            .await
            .expect("a tenth again");
    }
    assert_eq!(taken(&airline).await, 2);
    airline.assert_sound().await;
}

/// Staff who lower the limit wait for a use that is being taken, and then see it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lower_limit_waits_for_the_use_that_is_being_taken() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "TWO", json!({"total_limit": 2})).await;
    hold_with(&airline, &token, "TWO", "k1").await.expect(201);
    airline.warm_pool().await;
    let taking = airline.app.db.begin().await.expect("a transaction");
    taking.batch("UPDATE promotion_counters SET taken = taken + 1").await.expect("taken");
    let terms = json!({"name": "Two", "audience": "public", "total_limit": 1,
        "benefit": {"kind": "percent", "basis_points": 1_000}});
    let asked = request("PUT", "/admin/promotions/TWO", Some(&admin), Some(terms), None);
    let work = waiting(&airline, asked).await;
    taking.commit().await.expect("committed");
    let refused = work.await.expect("an answer").expect(409);
    assert_eq!(refused.code(), "promotion_limit_below_used");
    assert!(refused.text("/detail").contains('2'), "{}", refused.json);
}

/// A file that has to wait for something else keeps nobody from the codes it changes: new codes come first, and what changes is
/// locked at the end. Here the test itself is about to file one of the file's new codes.
#[tokio::test(flavor = "multi_thread")]
async fn codes_can_be_used_while_a_file_with_them_is_imported() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "AAA", json!({})).await;
    airline.warm_pool().await;
    let blocker = airline.app.db.begin().await.expect("a transaction");
    let mine = "INSERT INTO promotions (code, audience, terms, created_at, updated_at)
                SELECT 'ZZZ', audience, terms, created_at, updated_at FROM promotions";
    blocker.batch(mine).await.expect("inserted");
    let header = include_str!("../../../../../data/promotions.csv").lines().next().expect("a header");
    let row = |code: &str| {
        let cell = |column: &str| match column {
            "code" => code.to_owned(),
            "name" => "Changed".to_owned(),
            "audience" => "public".to_owned(),
            "kind" => "percent".to_owned(),
            "percent" => "20".to_owned(),
            "first_booking" | "combinable" => "no".to_owned(),
            _ => String::new(),
        };
        header.split(',').map(cell).collect::<Vec<_>>().join(",")
    };
    let csv = format!("{header}\n{}\n{}\n", row("AAA"), row("ZZZ"));
    let (db, now) = (airline.app.db.clone(), airline.app.now());
    let import = tokio::spawn(async move {
        let file = File { name: "promotions.csv", bytes: csv.as_bytes() };
        import_promotions(&db, now, file).await
    });
    wait_for_a_lock(&airline).await;
    let held = hold_with(&airline, &token, "AAA", "k1").await.expect(201);
    assert_eq!(held.json["promotions"][0]["discount"]["amount"], 2_000, "the terms of before");
    drop(blocker);
    assert!(import.await.expect("ended").expect("imported").changed);
    let next = hold_with(&airline, &token, "AAA", "k2").await.expect(201);
    assert_eq!(next.json["promotions"][0]["discount"]["amount"], 4_000, "{}", next.json);
    airline.assert_sound().await;
}

/// Whom a code is given to is looked up before the code is locked. Here the look-up waits, because the test has the addresses.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_can_be_used_while_its_audience_is_looked_up() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "AAA", json!({})).await;
    airline.warm_pool().await;
    let blocker = airline.app.db.begin().await.expect("a transaction");
    blocker.batch("LOCK TABLE user_emails").await.expect("locked");
    let body = json!({"emails": ["asha@example.com"]});
    let asked = request("PUT", "/admin/promotions/AAA/audience", Some(&admin), Some(body), None);
    let work = waiting(&airline, asked).await;
    hold_with(&airline, &token, "AAA", "k1").await.expect(201);
    drop(blocker);
    work.await.expect("an answer").expect(200);
    airline.assert_sound().await;
}
