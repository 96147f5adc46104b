//! How a flight stands, told to those who fly on it.

use serde_json::json;

use super::{Told, tell_with};
use crate::support::run_job_of;

const CONTACT: &str = "asha@example.com";

/// So many more bookings like the first, without anything of their own that could be opened: what is not mailed needs none of it.
async fn many(told: &Told, count: i32) {
    let copies = "WITH template AS (SELECT * FROM bookings LIMIT 1),
        copies AS (SELECT gen_random_uuid() AS id, 'ZZ' || translate(lpad(n::text, 4, '2'), '01', 'AB') AS locator FROM generate_series(1, $1::int) AS n),
        b AS (INSERT INTO bookings SELECT (jsonb_populate_record(NULL::bookings, to_jsonb(t) || jsonb_build_object('id', c.id, 'locator', c.locator))).*
              FROM template t, copies c),
        p AS (INSERT INTO booking_passengers SELECT (jsonb_populate_record(NULL::booking_passengers, to_jsonb(x) || jsonb_build_object('booking_id', c.id))).*
              FROM booking_passengers x, template t, copies c WHERE x.booking_id = t.id),
        s AS (INSERT INTO booking_segments SELECT (jsonb_populate_record(NULL::booking_segments, to_jsonb(x) || jsonb_build_object('booking_id', c.id))).*
              FROM booking_segments x, template t, copies c WHERE x.booking_id = t.id),
        k AS (INSERT INTO tickets SELECT (jsonb_populate_record(NULL::tickets, to_jsonb(x) || jsonb_build_object('booking_id', c.id))).*
              FROM tickets x, template t, copies c WHERE x.booking_id = t.id)
        INSERT INTO ticket_coupons SELECT (jsonb_populate_record(NULL::ticket_coupons, to_jsonb(x) || jsonb_build_object('booking_id', c.id))).*
              FROM ticket_coupons x, template t, copies c WHERE x.booking_id = t.id";
    told.airline.sql().await.execute(copies, &[&count]).await.expect("copies");
}

#[tokio::test]
async fn each_change_is_told_once_and_what_nobody_was_told_of_is_not_taken_back() {
    let told = Told::new().await;
    told.booked(&told.token, CONTACT, "b1").await;
    told.tell().await;
    let before = told.topics().await.len();
    for change in [
        json!({"delay_minutes": 10}),
        json!({"delay_minutes": 0}),
        json!({"delay_minutes": 40}),
        json!({"delay_minutes": 45}),
        json!({"gate": "B4"}),
        json!({"gate": "B4", "delay_minutes": 45}),
        json!({"delay_minutes": 60, "gate": "C1"}),
        json!({"delay_minutes": 0}),
        json!({"departs_local": "2026-06-10T09:35", "arrives_local": "2026-06-10T11:35"}),
        json!({"status": "cancelled"}),
        json!({"gate": "D1"}),
        json!({"status": "scheduled"}),
    ] {
        told.change(change).await;
        told.tell().await;
        told.tell().await;
    }
    let topics = told.topics().await[before..].to_vec();
    let expected = [
        "delayed",
        "gate",
        "delayed",
        "gate",
        "on_time",
        "retimed",
        "flight_cancelled",
        "reinstated",
        "gate",
    ];
    assert_eq!(topics, expected);
    let rows = told.inbox(&told.token).await;
    let current: Vec<_> =
        rows.iter().filter(|row| row["outdated"] == false && row["flight_id"].is_string()).collect();
    let current: Vec<_> = current.iter().rev().map(|row| row["topic"].as_str().expect("a topic")).collect();
    assert_eq!(current, ["on_time", "retimed", "reinstated", "gate"], "one of each, the last");
    let reinstated = rows.iter().find(|row| row["topic"] == "reinstated").expect("one");
    let text =
        "KR1 from Allentown (ABE) to Atlanta (ATL) is flown after all and leaves at 10 June 2026, 09:35.";
    assert!(reinstated["text"].as_str().is_some_and(|said| said.starts_with(text)), "{reinstated}");
    told.airline.assert_sound().await;
}

#[tokio::test]
async fn what_changed_twice_before_it_was_told_is_told_as_it_is() {
    let told = Told::new().await;
    told.booked(&told.token, CONTACT, "b1").await;
    told.tell().await;
    let before = told.topics().await.len();
    told.change(json!({"delay_minutes": 40})).await;
    told.change(json!({"delay_minutes": 0})).await;
    told.tell().await;
    assert_eq!(told.topics().await.len(), before, "it came and went");
    told.change(json!({"delay_minutes": 40, "gate": "A1"})).await;
    told.change(json!({"status": "cancelled"})).await;
    told.tell().await;
    assert_eq!(told.topics().await[before..], ["flight_cancelled"]);
}

#[tokio::test]
async fn a_full_flight_is_told_page_by_page_by_two_workers_and_everybody_once() {
    let told = Told::new().await;
    told.booked(&told.token, CONTACT, "b1").await;
    told.tell().await;
    many(&told, 349).await;
    let (other, _) = told.airline.second_server().await;
    let gates = "SELECT count(*) FROM notifications WHERE topic = 'gate'";
    told.change(json!({"gate": "B4"})).await;
    while told.airline.run_job("relay_events").await > 0 {}
    // Both at once, again and again; whoever finds the flight taken finds nothing.
    let app = &told.airline.app;
    for _ in 0..10 {
        tokio::join!(run_job_of(app, "tell_news"), run_job_of(&other, "tell_news"));
    }
    assert_eq!(told.airline.count(gates).await, 350);
    assert_eq!(told.airline.count("SELECT count(*) FROM news").await, 0);

    // News that comes while it is being told begins again, and whoever knows is not told twice.
    told.change(json!({"gate": "C1"})).await;
    while told.airline.run_job("relay_events").await > 0 {}
    let half = "UPDATE news SET told_until = (SELECT id FROM bookings ORDER BY id OFFSET 200 LIMIT 1)";
    told.airline.sql().await.execute(half, &[]).await.expect("half of it");
    run_job_of(app, "tell_news").await;
    assert_eq!(told.airline.count(gates).await, 350 + 149);
    told.change(json!({"aircraft": "320"})).await;
    tokio::join!(tell_with(app), tell_with(&other));
    assert_eq!(told.airline.count(gates).await, 700);
    let twice = "SELECT count(*) FROM (SELECT fact, version FROM notifications GROUP BY fact, version HAVING count(*) > 1) AS twice";
    assert_eq!(told.airline.count(twice).await, 0);
    let last =
        "SELECT count(*) FROM notifications WHERE topic = 'gate' AND superseded_at IS NULL AND state = 'C1'";
    assert_eq!(told.airline.count(last).await, 350);
}

/// What cannot be opened of one booking is that one's trouble.
#[tokio::test]
async fn a_contact_that_does_not_open_keeps_nobody_from_being_told() {
    let told = Told::new().await;
    told.booked(&told.token, CONTACT, "b1").await;
    told.tell().await;
    many(&told, 9).await;
    told.change(json!({"status": "cancelled"})).await;
    told.tell().await;
    let cancelled = "SELECT count(*) FROM notifications WHERE topic = 'flight_cancelled'";
    assert_eq!(told.airline.count(cancelled).await, 10);
    told.send().await;
    let told_of = told.subjects().iter().filter(|subject| subject.contains("is cancelled")).count();
    assert_eq!(told_of, 10 + 1, "each to the account, and the one copy to the contact that opens");
}

#[tokio::test]
async fn one_that_cannot_be_told_is_put_off_and_the_others_are_told() {
    let told = Told::new().await;
    told.booked(&told.token, CONTACT, "b1").await;
    let odd = "INSERT INTO news (subject, fact, topic, params, sequence, due_at, created_at)
               VALUES ('bkg_nonsense', 'x', 'confirmed', '{}', 1, '2026-01-01', '2026-01-01')";
    told.airline.sql().await.execute(odd, &[]).await.expect("odd news");
    told.tell().await;
    assert!(told.topics().await.contains(&"confirmed".to_owned()));
    let put_off = "SELECT tries::bigint FROM news WHERE due_at > '2026-06-01T12:00:00Z'";
    assert_eq!(told.airline.count(put_off).await, 1);
    told.later(1);
    assert_eq!(run_job_of(&told.airline.app, "tell_news").await, 1);
    assert_eq!(told.airline.count("SELECT tries::bigint FROM news").await, 2);
}

/// What happens to a flight while somebody has not paid for it yet is told to them when they have.
#[tokio::test]
async fn a_flight_that_changes_while_it_is_held_is_told_of_after_it_is_paid() {
    let told = Told::new().await;
    let held = told.held(&told.token, CONTACT, "b1").await;
    told.change(json!({"departs_local": "2026-06-10T11:35", "arrives_local": "2026-06-10T13:35"})).await;
    told.tell().await;
    assert_eq!(told.topics().await, Vec::<String>::new());
    told.airline.pay(&told.token, &held, super::CARD, "p1").await.expect(201);
    told.tell().await;
    let mut topics = told.topics().await;
    topics.sort();
    assert_eq!(topics, ["confirmed", "paid", "retimed"]);
    let rows = told.inbox(&told.token).await;
    let retimed = rows.iter().find(|row| row["topic"] == "retimed").expect("one");
    let text = "to leave at 10 June 2026, 11:35 and to arrive at 10 June 2026, 13:35.";
    assert!(retimed["text"].as_str().is_some_and(|said| said.contains(text)), "{retimed}");
    // Whoever tells the flight's next news knows what this booking was told.
    told.change(json!({"gate": "B4"})).await;
    told.tell().await;
    assert_eq!(told.topics().await.len(), 4);
    assert_eq!(told.airline.count("SELECT count(*) FROM news").await, 0);

    // The letter waits for whoever is telling of the flight, so that no two mix their versions up.
    let second = told.held(&told.token, CONTACT, "b2").await;
    told.airline.pay(&told.token, &second, super::CARD, "p2").await.expect(201);
    told.change(json!({"gate": "C1"})).await;
    while told.airline.run_job("relay_events").await > 0 {}
    let (other, _) = told.airline.second_server().await;
    for _ in 0..3 {
        tokio::join!(run_job_of(&told.airline.app, "tell_news"), run_job_of(&other, "tell_news"));
    }
    let gates = "SELECT count(*) FROM notifications WHERE topic = 'gate' AND state = 'C1'";
    assert_eq!(told.airline.count(gates).await, 2);
    told.airline.assert_sound().await;
}
