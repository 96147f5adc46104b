//! What happened is recorded with what happened, and staff can look at it.

use ::platform::outbox::{NewEvent, record, record_all};
use ::platform::random::Random;
use jiff::SignedDuration;
use kernel::{BookingId, FlightId};
use serde_json::{Value, json};
use server::events::api::{BookingCompleted, BookingConfirmed, FlightDeleted};
use uuid::Uuid;

use crate::support::Airline;

const TIMES: (&str, &str) = ("2026-06-10T08:35", "2026-06-10T10:35");

/// Events of a filter, the oldest first.
async fn events(airline: &Airline, admin: &str, query: &str) -> Vec<Value> {
    let page = airline.call("GET", &format!("/admin/events?{query}"), Some(admin), None).await.expect(200);
    let mut events = page.json["events"].as_array().expect("events").clone();
    events.reverse();
    events
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

fn booking(number: u128) -> BookingId {
    BookingId::from_uuid(Uuid::from_u128(number))
}

#[tokio::test]
async fn a_change_that_is_rolled_back_tells_nothing() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let told = |tickets| BookingConfirmed { booking_id: booking(1), tickets };
    let tx = airline.app.db.begin().await.expect("a transaction");
    record(&tx, Random, airline.app.now(), &told(1)).await.expect("recorded");
    drop(tx);
    let tx = airline.app.db.begin().await.expect("a transaction");
    record(&tx, Random, airline.app.now(), &told(2)).await.expect("recorded");
    tx.commit().await.expect("committed");
    let found = events(&airline, &admin, "type=booking.*").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["data"], json!({"booking_id": booking(1), "tickets": 2}));
    assert_eq!(found[0]["version"], 1);
    assert!(found[0]["id"].as_str().is_some_and(|id| id.starts_with("evt_")));
}

/// A refused change is a transaction that never commits: no flight, no event.
#[tokio::test]
async fn a_refused_request_tells_nothing() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let id = airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    let before = events(&airline, &admin, "").await.len();
    let body = json!({"gate": "B4", "cabins": [{"cabin": "economy", "capacity": -1}]});
    let refused = airline.call("PUT", &format!("/flights/{id}"), Some(&admin), Some(body)).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.json);
    assert_eq!(events(&airline, &admin, "").await.len(), before);
}

#[tokio::test]
async fn several_events_keep_the_order_they_were_given_in() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let now = airline.app.now();
    let new = |number: u128| {
        let completed = BookingCompleted { booking_id: booking(number % 2) };
        NewEvent::of(Random, now, &completed).expect("an event")
    };
    let several: Vec<NewEvent> = (0..50).map(new).collect();
    record_all(&airline.sql().await, &several).await.expect("recorded");
    record_all(&airline.sql().await, &[]).await.expect("nothing to do");
    let mut told = events(&airline, &admin, "type=booking.completed&limit=100").await;
    told.sort_by_key(|event| event["sequence"].as_i64());
    let subjects: Vec<&Value> = told.iter().map(|event| &event["subject"]).collect();
    let (even, odd) = (json!(booking(0)), json!(booking(1)));
    assert_eq!(subjects.len(), 50);
    assert!(subjects.chunks(2).all(|pair| pair == [&even, &odd]), "{subjects:?}");
}

#[tokio::test]
async fn a_flight_tells_what_staff_do_to_it() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let id = airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    let path = format!("/flights/{id}");
    airline.later(SignedDuration::from_secs(1));
    for (change, told) in [
        (json!({"gate": "B4", "delay_minutes": 35}), &["flight.updated"][..]),
        (json!({"gate": "B4"}), &[]),
        (
            json!({"departs_local": "2026-06-10T09:35", "arrives_local": "2026-06-10T11:35", "delay_minutes": 35}),
            &["flight.retimed", "flight.updated"],
        ),
        (json!({"cabins": [{"cabin": "economy", "capacity": 6}]}), &["flight.updated"]),
        (json!({"status": "cancelled"}), &["flight.cancelled"]),
        (json!({"status": "cancelled"}), &[]),
        (json!({"status": "scheduled"}), &["flight.updated"]),
    ] {
        let since = airline.app.now().to_string();
        airline.call("PUT", &path, Some(&admin), Some(change.clone())).await.expect(200);
        let mut found = events(&airline, &admin, &format!("subject={id}&since={since}")).await;
        found.sort_by_key(|event| event["sequence"].as_i64());
        assert_eq!(types(&found), told, "{change}");
        airline.later(SignedDuration::from_secs(1));
    }
    airline.call("DELETE", &path, Some(&admin), None).await.expect(204);
    let all = events(&airline, &admin, &format!("subject={id}")).await;
    assert_eq!((types(&all)[0], types(&all)[all.len() - 1]), ("flight.created", "flight.deleted"));
    let retimed = all.iter().find(|event| event["type"] == "flight.retimed").expect("told");
    assert_eq!(retimed["data"]["departed_at_before"], "2026-06-10T12:35:00Z");
    assert_eq!(retimed["data"]["departs_at"], "2026-06-10T13:35:00Z");
}

#[tokio::test]
async fn an_import_is_one_event() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let told = events(&airline, &admin, "type=import.completed").await;
    assert_eq!(types(&told), ["import.completed"], "the airports of this airline");
    assert_eq!(told[0]["data"]["kind"], "airports");
    let record = "SELECT count(*) FROM imports WHERE 'imp_' || replace(id::text, '-', '') = (SELECT subject FROM outbox)";
    assert_eq!(airline.count(record).await, 1);
}

#[tokio::test]
async fn staff_look_at_events_by_type_subject_time_and_page() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.sql().await.batch("TRUNCATE outbox").await.expect("empty");
    let flight = FlightId::from_uuid(Uuid::from_u128(7));
    for number in 0..30 {
        let (sql, now) = (airline.sql().await, airline.app.now());
        if number % 3 == 0 {
            record(&sql, Random, now, &FlightDeleted { flight_id: flight }).await.expect("recorded");
        } else {
            record(&sql, Random, now, &BookingCompleted { booking_id: booking(number) })
                .await
                .expect("recorded");
        }
        airline.later(SignedDuration::from_secs(1));
    }
    for (query, count) in [
        ("limit=100", 30),
        ("limit=100&type=flight.*", 10),
        ("limit=100&type=flight.deleted,booking.completed", 30),
        ("limit=100&type=flight.created", 0),
        ("limit=100&subject=flt_00000000000000000000000000000007", 10),
        ("limit=100&subject=flt_00000000000000000000000000000008", 0),
        ("limit=100&since=2026-06-01T12:00:10Z", 20),
        ("limit=100&since=2026-06-01T12:00:10Z&until=2026-06-01T12:00:12Z", 2),
        ("", 20),
    ] {
        assert_eq!(events(&airline, &admin, query).await.len(), count, "{query}");
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/admin/events?limit=7{cursor}");
        let page = airline.call("GET", &path, Some(&admin), None).await.expect(200);
        seen.extend(
            page.json["events"].as_array().expect("events").iter().map(|event| event["id"].to_string()),
        );
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 30);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "the newest first, each once");
    for (query, status, code) in [
        ("type=booking", 422, "invalid_field"),
        ("limit=0", 422, "invalid_field"),
        ("limit=101", 422, "invalid_field"),
        ("cursor=bkg_1", 422, "invalid_field"),
        ("since=yesterday", 400, "malformed"),
        ("kind=x", 400, "malformed"),
    ] {
        let path = format!("/admin/events?{query}");
        assert_eq!(
            airline.call("GET", &path, Some(&admin), None).await.expect(status).code(),
            code,
            "{query}"
        );
    }
}

/// An airline with a flight, its administrator, and a traveller.
async fn on_sale() -> (Airline, String, String) {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    (airline, admin, token)
}

async fn hold(airline: &Airline, token: &str, key: &str) -> String {
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    airline.hold(token, &offer, key).await.expect(201).text("/id")
}

/// What was told of a booking, in order.
async fn told_of(airline: &Airline, admin: &str, booking: &str) -> Vec<Value> {
    let mut told = events(airline, admin, &format!("subject={booking}&limit=100")).await;
    told.sort_by_key(|event| event["sequence"].as_i64());
    told
}

#[tokio::test]
async fn a_booking_tells_its_life() {
    let (airline, admin, token) = on_sale().await;
    let id = hold(&airline, &token, "k1").await;
    airline.pay(&token, &id, "4000000000009995", "p1").await.expect(201);
    airline.pay(&token, &id, "4242424242424242", "p2").await.expect(201);
    airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    airline.run_job("send_refunds").await;
    // Cancelling again changes nothing, so it tells nothing.
    airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    let told = told_of(&airline, &admin, &id).await;
    let mut names = types(&told);
    // Order and cancellation are one transaction: of the two, either may be told first.
    names[4..6].sort_unstable();
    assert_eq!(
        names,
        [
            "booking.held",
            "payment.declined",
            "payment.succeeded",
            "booking.confirmed",
            "booking.cancelled",
            "refund.ordered",
            "refund.succeeded",
        ]
    );
    let data = |name: &str| &told.iter().find(|event| event["type"] == name).expect("told")["data"];
    assert_eq!((&data("booking.held")["passengers"], &data("booking.held")["seats"]), (&json!(1), &json!(1)));
    assert_eq!(data("payment.declined")["decline_code"], "insufficient_funds");
    let total = &data("booking.held")["total"];
    assert_eq!((total, total), (&data("payment.succeeded")["amount"], &data("payment.declined")["amount"]));
    let cancelled = data("booking.cancelled");
    assert_eq!((&cancelled["was"], &cancelled["cause"]), (&json!("confirmed"), &json!("traveller")));
    assert_eq!(cancelled["refund"], data("refund.ordered")["amount"]);
    assert_eq!(data("refund.ordered")["refund_id"], data("refund.succeeded")["refund_id"]);
    let all = serde_json::to_string(&told).expect("JSON");
    for personal in ["Asha", "Rao", "example.com", "9812345678", "1990-", "\"4242\"", "424242424242"] {
        assert!(!all.contains(personal), "{personal} in {all}");
    }
}

#[tokio::test]
async fn holds_tell_that_they_are_extended_given_up_or_expired() {
    let (airline, admin, token) = on_sale().await;
    let (kept, given_up) = (hold(&airline, &token, "k1").await, hold(&airline, &token, "k2").await);
    let path = format!("/bookings/{kept}/extend");
    airline.call_keyed("POST", &path, Some(&token), None, Some("e1")).await.expect(200);
    airline.call_keyed("POST", &path, Some(&token), None, Some("e2")).await.expect(409);
    airline.call("DELETE", &format!("/bookings/{given_up}"), Some(&token), None).await.expect(200);
    airline.later(SignedDuration::from_mins(30));
    airline.run_job("expire_holds").await;
    airline.run_job("expire_holds").await;
    let told = told_of(&airline, &admin, &kept).await;
    assert_eq!(types(&told), ["booking.held", "booking.hold_extended", "booking.expired"]);
    assert_eq!(told[1]["data"]["hold_expires_at"], "2026-06-01T12:30:00Z");
    let told = told_of(&airline, &admin, &given_up).await;
    assert_eq!(types(&told), ["booking.held", "booking.cancelled"]);
    assert_eq!((&told[1]["data"]["was"], &told[1]["data"]["refund"]["amount"]), (&json!("held"), &json!(0)));
}

#[tokio::test]
async fn a_payment_that_nobody_knows_of_tells_so_once() {
    let (airline, admin, token) = on_sale().await;
    let id = hold(&airline, &token, "k1").await;
    let unknown = airline.pay(&token, &id, "4000000000000416", "p1").await.expect(201);
    assert_eq!(unknown.text("/status"), "unknown");
    for _ in 0..3 {
        airline.later(SignedDuration::from_secs(10));
        airline.run_job("reconcile_payments").await;
    }
    assert_eq!(types(&told_of(&airline, &admin, &id).await), ["booking.held", "payment.unknown"]);
    airline.later(SignedDuration::from_secs(60));
    airline.run_job("reconcile_payments").await;
    let told = told_of(&airline, &admin, &id).await;
    assert_eq!(types(&told), ["booking.held", "payment.unknown", "payment.declined"]);
    assert_eq!(told[2]["data"]["decline_code"], "not_received");
}

#[tokio::test]
async fn trips_that_are_over_tell_so_each() {
    let (airline, admin, token) = on_sale().await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let id = hold(&airline, &token, &format!("k{number}")).await;
        airline.pay(&token, &id, "4242424242424242", &format!("p{number}")).await.expect(201);
        ids.push(id);
    }
    airline.later(SignedDuration::from_hours(10 * 24));
    airline.run_job("complete_trips").await;
    airline.run_job("complete_trips").await;
    for id in ids {
        let told = told_of(&airline, &admin, &id).await;
        assert_eq!(types(&told).last(), Some(&"booking.completed"));
        assert_eq!(told.len(), 4, "held, paid, confirmed, completed");
    }
}

/// A hold that loses its race is rolled back with its event.
#[tokio::test(flavor = "multi_thread")]
async fn as_many_holds_are_told_as_there_are() {
    let (airline, _, token) = on_sale().await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let keys: Vec<String> = (0..20).map(|number| format!("k{number}")).collect();
    let holds = keys.iter().map(|key| airline.hold(&token, &offer, key));
    let held = futures_util::future::join_all(holds).await;
    assert_eq!(held.iter().filter(|reply| reply.status == 201).count(), 5);
    assert_eq!(airline.count("SELECT count(*) FROM bookings").await, 5);
    let lost = "SELECT count(*) FROM outbox o FULL JOIN bookings b ON o.subject = 'bkg_' || replace(b.id::text, '-', '')
                WHERE (o.type = 'booking.held' OR o.type IS NULL) AND (o.id IS NULL OR b.id IS NULL)";
    assert_eq!(airline.count(lost).await, 0, "a booking without its event, or an event without its booking");
    assert_eq!(airline.count("SELECT count(*) FROM outbox WHERE type = 'booking.held'").await, 5);
}
