//! Races, each with the proof that it is one: the guard taken away, the damage happens.

use futures_util::future::join_all;
use server::identity::api::Role;
use tokio::time::{Duration, sleep};

use crate::support::{Airline, booking_body, request, send};

const TIMES: (&str, &str) = ("2026-06-10T08:35", "2026-06-10T10:35");
const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";
const BUYERS: usize = 500;
const SEATS: i16 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_buyers_for_a_hundred_seats_over_two_servers() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, SEATS).await;
    let (_, second) = airline.second_server().await;
    let offer = airline.offer(QUERY).await;
    let token = airline.traveller().await;
    let buyers = (0..BUYERS).map(|buyer| {
        let router = if buyer % 2 == 0 { airline.router() } else { second.clone() };
        let key = format!("buyer-{buyer}");
        let asked = request("POST", "/bookings", Some(&token), Some(booking_body(&offer)), Some(&key));
        tokio::spawn(send(router, asked))
    });
    let replies: Vec<_> =
        join_all(buyers.collect::<Vec<_>>()).await.into_iter().map(|r| r.expect("an answer")).collect();
    let sold = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(sold, 100);
    for refused in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "sold_out"), "{}", refused.json);
    }
    assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, 100);
    assert_eq!(airline.count("SELECT count(*) FROM bookings").await, 100);
    airline.assert_sound().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(airline.count(deadlocks).await, 0);
}

/// The same race with the guard taken away: seats are read, then written, and the constraint is gone. If this does not
/// oversell, the test above proves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn control_reading_before_writing_oversells() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 2).await;
    airline
        .sql()
        .await
        .batch("ALTER TABLE inventory DROP CONSTRAINT inventory_never_oversold")
        .await
        .expect("dropped");
    let buyer = || async {
        let tx = airline.app.db.begin().await.expect("a transaction");
        let seen = tx.query_one("SELECT taken, capacity FROM inventory", &[]).await.expect("a row");
        let (taken, capacity): (i16, i16) = (seen.get(0), seen.get(1));
        sleep(Duration::from_millis(50)).await;
        if taken < capacity {
            tx.execute("UPDATE inventory SET taken = taken + 1", &[]).await.expect("taken");
            tx.commit().await.expect("committed");
        }
    };
    join_all((0..8).map(|_| buyer())).await;
    assert!(airline.count("SELECT taken::bigint FROM inventory").await > 2, "the race does not happen here");
}

/// The CHECK alone, without the conditional UPDATE: the last line of defence refuses the seat too many.
#[tokio::test]
async fn the_constraint_refuses_what_the_statement_would_let_through() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 2).await;
    let error =
        airline.sql().await.execute("UPDATE inventory SET taken = 3", &[]).await.expect_err("refused");
    assert_eq!(error.constraint(), Some("inventory_never_oversold"));
    let error =
        airline.sql().await.execute("UPDATE inventory SET taken_2 = 1", &[]).await.expect_err("refused");
    assert!(error.constraint().is_some_and(|name| name.starts_with("inventory_")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_sent_twenty_times_at_once_holds_once() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 50).await;
    let offer = airline.offer(QUERY).await;
    let replies = join_all((0..20).map(|_| airline.hold(&token, &offer, "the-same-key"))).await;
    assert!(replies.iter().all(|reply| reply.status == 201), "{replies:?}");
    assert!(replies.iter().all(|reply| reply.bytes == replies[0].bytes));
    assert_eq!(airline.count("SELECT count(*) FROM bookings").await, 1);
}

/// The same, with the key's uniqueness taken away: more than one booking comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_unique_key_one_request_books_twice() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 50).await;
    airline.warm_pool().await;
    let drop_key = "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey";
    airline.sql().await.batch(drop_key).await.expect("dropped");
    let offer = airline.offer(QUERY).await;
    join_all((0..20).map(|_| airline.hold(&token, &offer, "the-same-key"))).await;
    assert!(airline.count("SELECT count(*) FROM bookings").await > 1, "the race does not happen here");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_cancellations_at_once_give_the_seat_and_the_money_back_once() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    let other = airline.hold(&token, &airline.offer(QUERY).await, "other").await.expect(201).text("/id");
    let id = airline.hold(&token, &airline.offer(QUERY).await, "k1").await.expect(201).text("/id");
    airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    let path = format!("/bookings/{id}");
    let replies = join_all((0..10).map(|_| airline.call("DELETE", &path, Some(&token), None))).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    airline.run_jobs().await;
    assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, 1, "{other} still has its seat");
    assert_eq!(airline.count("SELECT count(*) FROM refunds").await, 1);
    assert_eq!(airline.gateway_book().await["refunds"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_flight_and_booking_it_have_one_winner() {
    for round in 0..10 {
        let airline = Airline::new().await;
        let admin = airline.admin().await;
        let token = airline.account(&format!("t{round}@example.com"), Role::Traveller).await;
        let id = airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
        let offer = airline.offer(QUERY).await;
        let path = format!("/flights/{id}");
        let (held, deleted) = tokio::join!(
            airline.hold(&token, &offer, "k1"),
            airline.call("DELETE", &path, Some(&admin), None)
        );
        let outcome = (held.status.as_u16(), deleted.status.as_u16());
        assert!(outcome == (201, 409) || outcome == (409, 204), "{outcome:?} {} {}", held.json, deleted.json);
        let orphans = "SELECT count(*) FROM booking_segments s WHERE NOT EXISTS (SELECT FROM flights f WHERE f.id = s.flight_id)";
        assert_eq!(airline.count(orphans).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_share_flights_do_not_deadlock() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    // The first leg of the one is the second of the other, so naive locking in travel order would cross.
    airline.flight(&admin, "KR9", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 200).await;
    airline.flight(&admin, "KR1", ("ATL", "LAX"), ("2026-06-10T11:00", "2026-06-10T13:00"), 200).await;
    airline.flight(&admin, "KR5", ("LAX", "ABE"), ("2026-06-10T00:10", "2026-06-10T07:00"), 200).await;
    let there = airline.offer("origin=ABE&destination=LAX&date=2026-06-10").await;
    let across = airline.offer("origin=LAX&destination=ATL&date=2026-06-10").await;
    let holds = (0..60).map(|n| {
        let offer = if n % 2 == 0 { &there } else { &across };
        let asked =
            request("POST", "/bookings", Some(&token), Some(booking_body(offer)), Some(&format!("k{n}")));
        send(airline.router(), asked)
    });
    let replies = join_all(holds).await;
    assert!(replies.iter().all(|reply| reply.status == 201), "{replies:?}");
    airline.assert_sound().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(airline.count(deadlocks).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn retiming_a_flight_and_cancelling_its_bookings_do_not_deadlock() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let id = airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 50).await;
    let mut bookings = Vec::new();
    for n in 0..12 {
        bookings.push(
            airline.hold(&token, &airline.offer(QUERY).await, &format!("k{n}")).await.expect(201).text("/id"),
        );
    }
    let retime = |minute: usize| {
        let body = serde_json::json!({"departs_local": format!("2026-06-10T09:{minute:02}"), "arrives_local": "2026-06-10T11:30"});
        let asked = request("PUT", &format!("/flights/{id}"), Some(&admin), Some(body), None);
        tokio::spawn(send(airline.router(), asked))
    };
    let cancel = |booking: &String| {
        let asked = request("DELETE", &format!("/bookings/{booking}"), Some(&token), None, None);
        tokio::spawn(send(airline.router(), asked))
    };
    let both: Vec<_> =
        bookings.iter().enumerate().flat_map(|(n, booking)| [retime(n), cancel(booking)]).collect();
    for reply in join_all(both).await {
        reply.expect("an answer").expect(200);
    }
    assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, 0);
    airline.assert_sound().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(airline.count(deadlocks).await, 0);
}
