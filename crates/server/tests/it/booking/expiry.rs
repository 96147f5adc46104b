//! Deadlines, with the sweeper off where it must not matter.

use jiff::SignedDuration;
use serde_json::json;

use super::cancel::{bought, look, party, selling_with};
use super::change::{confirm, flight_back, offer_on, past_the_first_day, quote};
use crate::support::Airline;

const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";

async fn one_hold() -> (Airline, String, String) {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let id = airline.hold(&token, &airline.offer(QUERY).await, "k1").await.expect(201).text("/id");
    (airline, token, id)
}

async fn taken(airline: &Airline) -> i64 {
    airline.count("SELECT sum(taken)::bigint FROM inventory").await
}

#[tokio::test]
async fn a_hold_is_dead_at_its_deadline_before_the_sweeper_comes() {
    let (airline, token, id) = one_hold().await;
    airline.later(SignedDuration::from_secs(15 * 60 - 1));
    assert_eq!(airline.run_job("expire_holds").await, 0, "a second early nothing expires");
    airline.later(SignedDuration::from_secs(1));
    let refused = airline.pay(&token, &id, "4242424242424242", "p1").await.expect(409);
    assert_eq!(refused.code(), "hold_expired");
    assert_eq!(airline.gateway_book().await["payment_intents"].as_array().map_or(0, Vec::len), 0);
}

#[tokio::test]
async fn the_sweeper_gives_the_seats_back_once() {
    let (airline, token, id) = one_hold().await;
    airline.later(SignedDuration::from_mins(15));
    assert_eq!(taken(&airline).await, 1);
    assert_eq!(airline.run_job("expire_holds").await, 1);
    assert_eq!(airline.run_job("expire_holds").await, 0);
    assert_eq!(taken(&airline).await, 0);
    let booking = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(
        (booking.text("/status").as_str(), &booking.json["hold_expires_at"]),
        ("expired", &serde_json::Value::Null)
    );
    let closed = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(409);
    assert_eq!(closed.code(), "booking_closed");
}

#[tokio::test]
async fn three_sweepers_at_once_free_each_seat_once() {
    let (airline, token, _) = one_hold().await;
    for key in ["a", "b", "c", "d"] {
        airline.hold(&token, &airline.offer(QUERY).await, key).await.expect(201);
    }
    airline.later(SignedDuration::from_mins(15));
    let (a, b, c) = tokio::join!(
        airline.run_job("expire_holds"),
        airline.run_job("expire_holds"),
        airline.run_job("expire_holds")
    );
    assert_eq!(a + b + c, 5);
    assert_eq!(taken(&airline).await, 0);
}

#[tokio::test]
async fn a_payment_under_way_freezes_the_hold() {
    let (airline, token, id) = one_hold().await;
    airline.later(SignedDuration::from_secs(15 * 60 - 1));
    // The gateway charges and never answers.
    let unknown = airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    assert_eq!(unknown.text("/status"), "unknown");
    airline.later(SignedDuration::from_mins(5));
    assert_eq!(airline.run_job("expire_holds").await, 0, "the money may be on its way");
    let cancel = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(409);
    assert_eq!(cancel.code(), "payment_in_progress");
    airline.run_job("reconcile_payments").await;
    let booking = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(booking.text("/status"), "confirmed");
    assert_eq!(taken(&airline).await, 1);
}

#[tokio::test]
async fn a_flown_trip_is_completed_and_moves_to_the_past() {
    let (airline, token, id) = one_hold().await;
    airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    airline.later(SignedDuration::from_hours(24 * 10));
    assert_eq!(airline.run_job("complete_trips").await, 1);
    let token = {
        let login =
            serde_json::json!({"email": "traveller@example.com", "password": "a password of some length"});
        airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token")
    };
    let past = airline.call("GET", "/bookings?when=past", Some(&token), None).await.expect(200).json;
    assert_eq!(
        (&past["bookings"][0]["id"], &past["bookings"][0]["status"]),
        (&id.as_str().into(), &"completed".into())
    );
    let upcoming = airline.call("GET", "/bookings?when=upcoming", Some(&token), None).await.expect(200).json;
    assert_eq!(upcoming["bookings"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn one_hold_that_cannot_expire_does_not_hold_up_the_others() {
    let (airline, token, stuck) = one_hold().await;
    // A second apart, so that ids tell which came first.
    airline.later(SignedDuration::from_secs(1));
    airline.hold(&token, &airline.offer(QUERY).await, "later").await.expect(201);
    // The first hold's segment is damaged, so that its seats have nowhere to go.
    let damage = "UPDATE booking_segments SET cabin = 3 WHERE booking_id = (SELECT id FROM bookings ORDER BY id LIMIT 1)";
    airline.sql().await.batch(damage).await.expect("damaged");
    // The sweeper was away: that is no failure of the hold's.
    airline.later(SignedDuration::from_mins(75));
    assert_eq!(airline.run_job("expire_holds").await, 1);
    let booking = airline.call("GET", &format!("/bookings/{stuck}"), Some(&token), None).await.expect(200);
    assert_eq!(booking.text("/status"), "held", "it is left as it was, for somebody to look at");
    assert_eq!(taken(&airline).await, 1);
    // It is left alone for two seconds, then for four; mended, it goes then.
    airline.later(SignedDuration::from_secs(2));
    assert_eq!(airline.run_job("expire_holds").await, 0);
    let mend = "UPDATE booking_segments SET cabin = 0";
    airline.sql().await.batch(mend).await.expect("mended");
    airline.later(SignedDuration::from_secs(3));
    assert_eq!(airline.run_job("expire_holds").await, 0);
    airline.later(SignedDuration::from_secs(1));
    assert_eq!(airline.run_job("expire_holds").await, 1);
    assert_eq!(taken(&airline).await, 0);
    airline.assert_sound().await;
}

/// More copies of the first booking than a turn of a job takes at once; none of them can be read.
const COPIES: &str = "INSERT INTO bookings
    SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'currency', 'gold',
        'locator', 'POI' || lpad(n::text, 3, '0'), 'hold_expires_at', b.hold_expires_at - interval '1 h'))).*
    FROM bookings b, generate_series(1, 120) AS n WHERE b.id = (SELECT min(id::text)::uuid FROM bookings)";

#[tokio::test]
async fn holds_that_cannot_be_read_do_not_hold_up_the_others() {
    let (airline, token, id) = one_hold().await;
    airline.sql().await.batch(COPIES).await.expect("copied");
    airline.later(SignedDuration::from_mins(15));
    assert_eq!(airline.run_job("expire_holds").await, 1);
    let booking = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(booking.text("/status"), "expired");
    assert_eq!(airline.run_job("expire_holds").await, 0);
    assert_eq!(airline.count("SELECT count(*) FROM bookings WHERE status = 'held'").await, 120);
}

/// Two confirmed bookings with an order to pay each: their ids.
async fn two_orders() -> (Airline, String, [String; 2]) {
    let (airline, admin) = selling_with(|config| config.database.lock_ms = 200).await;
    let token = airline.traveller().await;
    flight_back(&airline, &admin, "KR8", "2026-06-13", 26_000).await;
    let mut ids = [String::new(), String::new()];
    for (n, id) in ids.iter_mut().enumerate() {
        *id = bought(&airline, &token, party(1, 0, 0), &format!("k{n}")).await.text("/id");
        airline.later(SignedDuration::from_secs(1));
    }
    past_the_first_day(&airline);
    for (n, id) in ids.iter().enumerate() {
        let offer = offer_on(&airline, "2026-06-13", "").await;
        let asked = quote(&airline, &token, id, 2, &offer).await.expect(200);
        confirm(&airline, &token, id, &asked, &format!("c{n}")).await.expect(201);
        airline.later(SignedDuration::from_secs(1));
    }
    airline.later(SignedDuration::from_mins(16));
    (airline, token, ids)
}

#[tokio::test]
async fn orders_that_cannot_be_given_up_do_not_hold_up_the_others() {
    let (airline, token, [first, second]) = two_orders().await;
    let poison = "UPDATE booking_orders SET terms = '{}' WHERE booking_id = (SELECT min(id::text)::uuid FROM bookings)";
    let sql = airline.sql().await;
    sql.batch(poison).await.expect("poisoned");
    sql.batch(COPIES).await.expect("copied");
    let copies = "INSERT INTO booking_orders
        SELECT (jsonb_populate_record(o, jsonb_build_object('booking_id', b.id, 'id', gen_random_uuid()))).*
        FROM booking_orders o, bookings b
        WHERE b.currency = 'gold' AND o.booking_id = (SELECT min(id::text)::uuid FROM bookings WHERE currency <> 'gold')";
    sql.batch(copies).await.expect("copied");
    assert_eq!(airline.count("SELECT count(*) FROM booking_orders WHERE terms = '{}'").await, 121);
    assert_eq!(airline.run_job("expire_orders").await, 1);
    assert_eq!(look(&airline, &token, &first).await.text("/orders/0/status"), "open");
    assert_eq!(look(&airline, &token, &second).await.text("/orders/0/status"), "expired");
    assert_eq!(airline.run_job("expire_orders").await, 0);
}

#[tokio::test]
async fn an_order_of_a_locked_booking_does_not_hold_up_the_others() {
    let (airline, token, [first, second]) = two_orders().await;
    let locked = airline.app.db.begin().await.expect("a connection");
    let lock = "SELECT 1 FROM bookings WHERE id = (SELECT min(id::text)::uuid FROM bookings) FOR UPDATE";
    locked.query(lock, &[]).await.expect("locked");
    assert_eq!(airline.run_job("expire_orders").await, 1);
    assert_eq!(look(&airline, &token, &second).await.text("/orders/0/status"), "expired");
    drop(locked);
    assert_eq!(airline.run_job("expire_orders").await, 0, "it is left alone for a moment");
    airline.later(SignedDuration::from_mins(2));
    assert_eq!(airline.run_job("expire_orders").await, 1);
    assert_eq!(look(&airline, &token, &first).await.text("/orders/0/status"), "expired");
    airline.assert_sound().await;
}

/// More than a turn of the job takes at once, and all of them before the one that can be given back.
#[tokio::test]
async fn bookings_that_cannot_be_given_back_do_not_hold_up_the_others() {
    let (airline, admin) = selling_with(|_| {}).await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let copies = "SET session_replication_role = replica;
        CREATE TEMP TABLE poor AS SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, n
            FROM generate_series(1, 60) AS n;
        INSERT INTO bookings
            SELECT (jsonb_populate_record(b, jsonb_build_object('id', poor.id, 'currency', 'gold',
                'locator', 'POI' || lpad(n::text, 3, '0')))).* FROM bookings b, poor;
        INSERT INTO booking_segments
            SELECT (jsonb_populate_record(s, jsonb_build_object('booking_id', poor.id))).* FROM booking_segments s, poor;
        INSERT INTO ticket_coupons
            SELECT (jsonb_populate_record(c, jsonb_build_object('booking_id', poor.id))).* FROM ticket_coupons c, poor;
        SET session_replication_role = DEFAULT";
    airline.sql().await.batch(copies).await.expect("copied");
    let path = format!("/flights/{}", booking.text("/segments/0/flight_id"));
    airline.call("PUT", &path, Some(&admin), Some(json!({"status": "cancelled"}))).await.expect(200);
    airline.later(SignedDuration::from_hours(25));
    assert_eq!(airline.run_job("return_cancelled_flights").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM cancellations").await, 1);
    assert_eq!(airline.run_job("return_cancelled_flights").await, 0);
}

/// JSON that is none of ours is an error of its row, not a panic of the job.
#[tokio::test]
async fn a_booking_whose_terms_cannot_be_read_does_not_hold_up_the_others() {
    let (airline, admin) = selling_with(|_| {}).await;
    let token = airline.traveller().await;
    let odd = bought(&airline, &token, party(1, 0, 0), "k1").await;
    airline.later(SignedDuration::from_secs(1));
    let other = bought(&airline, &token, party(1, 0, 0), "k2").await.text("/id");
    let damage = "UPDATE booking_slices SET conditions = '[1]' WHERE booking_id = (SELECT min(id::text)::uuid FROM bookings)";
    airline.sql().await.batch(damage).await.expect("damaged");
    let path = format!("/flights/{}", odd.text("/segments/0/flight_id"));
    airline.call("PUT", &path, Some(&admin), Some(json!({"status": "cancelled"}))).await.expect(200);
    airline.later(SignedDuration::from_hours(25));
    assert_eq!(airline.run_job("return_cancelled_flights").await, 1);
    assert_eq!(look(&airline, &token, &other).await.text("/cancellations/0/cause"), "airline");
}
