//! Many at once for one code. Each race has its control: the guard taken away, the damage happens.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use tokio::time::{Duration, sleep};

use super::{QUERY, file, one_flight, reason, refused, taken};
use crate::support::{Airline, Reply, booking_body, request, send};

const MANY: usize = 200;
const DEADLOCKS: &str = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";

/// So many holds of one traveller.
async fn holds(airline: &Airline, token: &str, count: usize) -> Vec<String> {
    let offer = airline.offer(QUERY).await;
    let keys: Vec<String> = (0..count).map(|number| format!("hold-{number}")).collect();
    let mut ids = Vec::new();
    for some in keys.chunks(20) {
        let made = join_all(some.iter().map(|key| airline.hold(token, &offer, key))).await;
        ids.extend(made.into_iter().map(|reply| reply.expect(201).text("/id")));
    }
    ids
}

/// The same code on each of these bookings at once, every second one by another server.
async fn all_apply(airline: &Airline, token: &str, ids: &[String], code: &str) -> Vec<Reply> {
    let (_, second) = airline.second_server().await;
    airline.warm_pool().await;
    let asked = ids.iter().enumerate().map(|(place, id)| {
        let router = if place % 2 == 0 { airline.router() } else { second.clone() };
        let (path, key) = (format!("/bookings/{id}/coupon"), format!("{code}-{place}"));
        tokio::spawn(send(
            router,
            request("POST", &path, Some(token), Some(json!({"code": code})), Some(&key)),
        ))
    });
    join_all(asked.collect::<Vec<_>>()).await.into_iter().map(|reply| reply.expect("an answer")).collect()
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status.as_u16() == status).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_for_one_use_over_two_servers() {
    let (airline, admin, token) = one_flight(250).await;
    file(&airline, &admin, "ONCE", json!({"total_limit": 1})).await;
    let ids = holds(&airline, &token, MANY).await;
    let replies = all_apply(&airline, &token, &ids, "ONCE").await;
    assert_eq!(count(&replies, 200), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reason(reply), refused("used_up"));
    }
    assert_eq!(taken(&airline).await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM promotion_redemptions").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM booking_fares WHERE discount > 0").await, 1);
    airline.assert_sound().await;
    assert_eq!(airline.count(DEADLOCKS).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_holds_with_a_code_of_five_uses() {
    let (airline, admin, token) = one_flight(250).await;
    file(&airline, &admin, "FIVE", json!({"total_limit": 5})).await;
    let (_, second) = airline.second_server().await;
    let mut body = booking_body(&airline.offer(QUERY).await);
    body["promotion_code"] = json!("FIVE");
    airline.warm_pool().await;
    let asked = (0..MANY).map(|number| {
        let router = if number % 2 == 0 { airline.router() } else { second.clone() };
        let key = format!("hold-{number}");
        tokio::spawn(send(router, request("POST", "/bookings", Some(&token), Some(body.clone()), Some(&key))))
    });
    let replies: Vec<Reply> =
        join_all(asked.collect::<Vec<_>>()).await.into_iter().map(|r| r.expect("an answer")).collect();
    assert_eq!(count(&replies, 201), 5);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(reason(reply), refused("used_up"));
    }
    assert_eq!(airline.count("SELECT count(*) FROM bookings").await, 5, "a refused code makes no booking");
    assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, 5);
    airline.assert_sound().await;
    assert_eq!(airline.count(DEADLOCKS).await, 0);
}

/// The same with the guards taken away: uses are counted, then taken. If this does not give too many, the tests above prove
/// nothing.
#[tokio::test(flavor = "multi_thread")]
async fn control_counting_before_taking_gives_too_many() {
    let (airline, admin, _) = one_flight(5).await;
    file(&airline, &admin, "ONCE", json!({"total_limit": 1})).await;
    let drop_check = "ALTER TABLE promotion_counters DROP CONSTRAINT promotion_counters_within_limit";
    airline.sql().await.batch(drop_check).await.expect("dropped");
    let taker = || async {
        let tx = airline.app.db.begin().await.expect("a transaction");
        let seen =
            tx.query_one("SELECT taken, total_limit FROM promotion_counters", &[]).await.expect("a row");
        let (taken, limit): (i32, i32) = (seen.get(0), seen.get(1));
        sleep(Duration::from_millis(50)).await;
        if taken < limit {
            tx.execute("UPDATE promotion_counters SET taken = taken + 1", &[]).await.expect("taken");
            tx.commit().await.expect("committed");
        }
    };
    join_all((0..8).map(|_| taker())).await;
    assert!(taken(&airline).await > 1, "the race does not happen here");
}

/// The constraints alone refuse what the statements would let through.
#[tokio::test]
async fn the_constraints_refuse_a_use_too_many() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "ONCE", json!({"total_limit": 1, "per_user_limit": 1})).await;
    super::hold_with(&airline, &token, "ONCE", "k1").await.expect(201);
    let sql = airline.sql().await;
    let error = sql.execute("UPDATE promotion_counters SET taken = 2", &[]).await.expect_err("refused");
    assert_eq!(error.constraint(), Some("promotion_counters_within_limit"));
    let copy = "INSERT INTO promotion_redemptions (code, id, booking_id, user_id, status, user_limit, user_slot, discount,
                                                   currency, reserved_at)
                SELECT code, gen_random_uuid(), gen_random_uuid(), user_id, status, user_limit, user_slot, discount,
                       currency, reserved_at FROM promotion_redemptions";
    let error = sql.execute(copy, &[]).await.expect_err("refused");
    assert_eq!(error.constraint(), Some("promotion_redemptions_user_slots"));
    let beyond = "UPDATE promotion_redemptions SET user_slot = 2";
    assert!(sql.execute(beyond, &[]).await.is_err(), "a slot beyond the limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_traveller_for_two_uses_of_theirs() {
    let (airline, admin, token) = one_flight(100).await;
    file(&airline, &admin, "TWICE", json!({"per_user_limit": 2})).await;
    let ids = holds(&airline, &token, 40).await;
    let replies = all_apply(&airline, &token, &ids, "TWICE").await;
    assert_eq!(count(&replies, 200), 2);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reason(reply), refused("used_up_by_you"));
    }
    let other = airline.account("other@example.com", server::identity::api::Role::Traveller).await;
    super::hold_with(&airline, &other, "TWICE", "o1").await.expect(201);
    assert_eq!(taken(&airline).await, 3);
    airline.assert_sound().await;
    assert_eq!(airline.count(DEADLOCKS).await, 0);
}

/// The same without counter and slots: looked at, then written.
#[tokio::test(flavor = "multi_thread")]
async fn control_looking_before_reserving_gives_one_traveller_too_many() {
    let (airline, admin, _) = one_flight(5).await;
    file(&airline, &admin, "ONCE", json!({"per_user_limit": 1})).await;
    airline.sql().await.batch("DROP INDEX promotion_redemptions_user_slots").await.expect("dropped");
    let taker = || async {
        let tx = airline.app.db.begin().await.expect("a transaction");
        let seen = tx.query_one("SELECT count(*) FROM promotion_redemptions", &[]).await.expect("a row");
        sleep(Duration::from_millis(50)).await;
        if seen.get::<_, i64>(0) == 0 {
            let insert = "INSERT INTO promotion_redemptions (code, id, booking_id, user_id, status, user_limit, user_slot,
                                                             discount, currency, reserved_at)
                          VALUES ('ONCE', gen_random_uuid(), gen_random_uuid(), '00000000-0000-0000-0000-000000000001',
                                  'reserved', 1, 1, 1, 'USD', now())";
            tx.execute(insert, &[]).await.expect("reserved");
            tx.commit().await.expect("committed");
        }
    };
    join_all((0..8).map(|_| taker())).await;
    assert!(
        airline.count("SELECT count(*) FROM promotion_redemptions").await > 1,
        "the race does not happen here"
    );
}

/// Applying, taking off, cancelling and expiring meet on bookings with two codes: no use is lost or given back twice, and
/// nobody waits in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn codes_come_and_go_at_once_and_the_count_stays_right() {
    let (airline, admin, token) = one_flight(100).await;
    for code in ["AAA", "BBB"] {
        file(&airline, &admin, code, json!({"combinable": true, "total_limit": 15})).await;
    }
    let ids = holds(&airline, &token, 30).await;
    let orders = [["AAA", "BBB"], ["BBB", "AAA"]];
    let each = ids.iter().enumerate().map(|(place, id)| {
        let (airline, token) = (&airline, &token);
        async move {
            for code in orders[place % 2] {
                let key = format!("{code}-{place}");
                super::apply(airline, token, id, code, &key).await;
            }
            let path = format!("/bookings/{id}");
            match place % 3 {
                0 => drop(airline.call("DELETE", &format!("{path}/coupon"), Some(token), None).await),
                1 => drop(airline.call("DELETE", &path, Some(token), None).await),
                _ => {}
            }
        }
    });
    airline.warm_pool().await;
    join_all(each).await;
    airline.assert_sound().await;
    airline.later(SignedDuration::from_mins(15));
    tokio::join!(airline.run_job("expire_holds"), airline.run_job("expire_holds"));
    assert_eq!(taken(&airline).await, 0);
    airline.assert_sound().await;
    assert_eq!(airline.count(DEADLOCKS).await, 0);
}

/// The use of a hold is given back once, whoever ends it: traveller and two sweepers at its deadline.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_gives_each_use_back_once() {
    let (airline, admin, token) = one_flight(50).await;
    file(&airline, &admin, "TENTH", json!({"total_limit": 20})).await;
    let ids = holds(&airline, &token, 20).await;
    let applied = all_apply(&airline, &token, &ids, "TENTH").await;
    assert_eq!(count(&applied, 200), 20);
    assert_eq!(taken(&airline).await, 20);
    airline.later(SignedDuration::from_mins(15));
    let cancel = join_all(ids.iter().map(|id| {
        let path = format!("/bookings/{id}");
        let (airline, token) = (&airline, &token);
        async move { airline.call("DELETE", &path, Some(token), None).await.status.as_u16() }
    }));
    tokio::join!(cancel, airline.run_job("expire_holds"), airline.run_job("expire_holds"));
    assert_eq!(taken(&airline).await, 0);
    assert_eq!(
        airline.count("SELECT count(*) FROM promotion_redemptions WHERE status = 'released'").await,
        20
    );
    airline.assert_sound().await;
    assert_eq!(airline.count(DEADLOCKS).await, 0);
}

/// Forty holds of one traveller, and two codes for a first booking that may stand together: one hold has them.
#[tokio::test(flavor = "multi_thread")]
async fn codes_for_a_first_booking_are_on_one_booking_of_a_traveller() {
    let (airline, admin, token) = one_flight(100).await;
    for code in ["FIRST-A", "FIRST-B"] {
        file(&airline, &admin, code, json!({"first_booking": true, "combinable": true})).await;
    }
    let ids = holds(&airline, &token, 40).await;
    let (some, others) = ids.split_at(20);
    let (one, other) = tokio::join!(
        all_apply(&airline, &token, some, "FIRST-A"),
        all_apply(&airline, &token, others, "FIRST-B")
    );
    let replies: Vec<Reply> = one.into_iter().chain(other).collect();
    assert_eq!(count(&replies, 200), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reason(reply), refused("first_booking_taken"));
    }
    let winner = replies.iter().find(|reply| reply.status == 200).expect("one").text("/id");
    let of_winner = ["FIRST-A", "FIRST-B"].map(|code| super::apply(&airline, &token, &winner, code, code));
    let both: Vec<u16> = join_all(of_winner).await.iter().map(|reply| reply.status.as_u16()).collect();
    assert!(
        both.contains(&200) && both.contains(&422),
        "the second code, and the one that is on it: {both:?}"
    );
    airline.assert_sound().await;
    assert_eq!(airline.count(DEADLOCKS).await, 0);

    // Taken off, or given up, the place is another's; paid, it is taken for good.
    let other = ids.iter().find(|id| **id != winner).expect("another");
    let off = |code: &str| {
        let path = format!("/bookings/{winner}/coupon?code={code}");
        let (airline, token) = (&airline, &token);
        async move { airline.call("DELETE", &path, Some(token), None).await.expect(200) }
    };
    off("FIRST-A").await;
    assert_eq!(
        reason(&super::apply(&airline, &token, other, "FIRST-A", "o1").await),
        refused("first_booking_taken")
    );
    off("FIRST-B").await;
    super::apply(&airline, &token, other, "FIRST-A", "o2").await.expect(200);
    airline.call("DELETE", &format!("/bookings/{other}"), Some(&token), None).await.expect(200);
    super::apply(&airline, &token, &winner, "FIRST-A", "o3").await.expect(200);
    airline.pay(&token, &winner, "4242424242424242", "p1").await.expect(201);
    let last = ids.iter().find(|id| *id != other && **id != winner).expect("one more");
    assert_eq!(
        reason(&super::apply(&airline, &token, last, "FIRST-B", "o4").await),
        refused("not_first_booking")
    );
    airline.assert_sound().await;
}

/// Money that comes after the hold expired has no code for a first booking if another booking has one by then.
#[tokio::test]
async fn late_money_takes_no_second_first_booking() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "FIRST", json!({"first_booking": true})).await;
    let id = super::hold_with(&airline, &token, "FIRST", "k1").await.expect(201).text("/id");
    airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    airline.later(SignedDuration::from_mins(80));
    assert_eq!(airline.run_job("expire_holds").await, 1);
    super::hold_with(&airline, &token, "FIRST", "k2").await.expect(201);
    airline.run_job("reconcile_payments").await;
    airline.run_jobs().await;
    let after = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(after.text("/status"), "expired");
    assert_eq!(after.json["refunds"].as_array().map(Vec::len), Some(1));
    assert_eq!(taken(&airline).await, 1);
    airline.assert_sound().await;
}
