//! The trip on paper and for calendars, asked for over HTTP.

use std::process::Command;

use axum::http::header::ACCEPT_LANGUAGE;
use iata::calendar::{Calendar, Event, Method, Status};
use serde_json::json;

use super::cancel::{bought, party, selling};
use crate::check_in::readers::{answers, place};
use crate::support::{Airline, Reply, request, send};

async fn paper(airline: &Airline, token: &str, path: &str, language: &str) -> Reply {
    let mut asked = request("GET", path, Some(token), None, None);
    asked.headers_mut().insert(ACCEPT_LANGUAGE, language.parse().expect("a header"));
    send(airline.router(), asked).await
}

fn lines(reply: &Reply) -> Vec<String> {
    let text = String::from_utf8(reply.bytes.clone()).expect("UTF-8").replace("\r\n ", "");
    text.lines().map(str::to_owned).collect()
}

/// The values of a property, event by event.
fn values(reply: &Reply, name: &str) -> Vec<String> {
    let start = format!("{name}:");
    lines(reply).iter().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_trip_is_handed_out_on_paper() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let path = format!("/bookings/{}/itinerary", booking.text("/id"));
    let flight = booking.text("/segments/0/flight_id");
    let put = json!({"delay_minutes": 35, "gate": "B4"});
    airline.call("PUT", &format!("/flights/{flight}"), Some(&admin), Some(put)).await.expect(200);
    let english = paper(&airline, &token, &path, "en").await.expect(200);
    for (name, value) in [
        ("content-type", "application/pdf".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("content-disposition", format!("inline; filename=\"itinerary-{}.pdf\"", booking.text("/locator"))),
    ] {
        assert_eq!(english.headers[name], value, "{name}");
    }
    let read = testkit::pdf::pages(&english.bytes).expect("a PDF").concat().join(" ");
    for text in ["Your trip", "Delayed", "B4", "Allentown (ABE)", "Asha Rao", "instead of"] {
        assert!(read.contains(text), "{text}: {read}");
    }
    let hindi = paper(&airline, &token, &path, "hi").await.expect(200);
    let read = testkit::pdf::pages(&hindi.bytes).expect("a PDF").concat().join(" ");
    assert!(read.contains("आपकी यात्रा"), "{read}");
    let thief = airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    paper(&airline, &thief, &path, "en").await.expect(404);
    paper(&airline, "nobody", &path, "en").await.expect(401);
}

#[tokio::test]
async fn a_calendar_follows_the_trip_under_the_same_names() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let id = booking.text("/id");
    let path = format!("/bookings/{id}/calendar");
    let first = paper(&airline, &token, &path, "en").await.expect(200);
    assert_eq!(first.headers["content-type"], "text/calendar; charset=utf-8");
    let uids = values(&first, "UID");
    let many = booking.json["segments"].as_array().expect("flights").len();
    assert_eq!(uids.len(), many);
    assert_eq!(values(&first, "METHOD"), ["PUBLISH"]);
    assert!(values(&first, "STATUS").iter().all(|status| status == "CONFIRMED"));
    let text = lines(&first).join("\n");
    assert!(!text.contains("Rao") && text.contains(&booking.text("/locator")), "{text}");

    let flight = booking.text("/segments/0/flight_id");
    let at = format!("/flights/{flight}");
    let put = |body| airline.call("PUT", &at, Some(&admin), Some(body));
    let sequence = |reply: &Reply| values(reply, "SEQUENCE")[0].parse::<u64>().expect("a number");
    // Moved: the same event, later, under a higher number.
    put(json!({"delay_minutes": 35})).await.expect(200);
    let moved = paper(&airline, &token, &path, "en").await.expect(200);
    assert_eq!(values(&moved, "UID"), uids);
    assert!(sequence(&moved) > sequence(&first));
    assert_ne!(values(&moved, "DTSTART")[0], values(&first, "DTSTART")[0]);
    assert_eq!(values(&moved, "DTSTART")[1..], values(&first, "DTSTART")[1..]);
    // Cancelled: the one, and the others stay.
    put(json!({"status": "cancelled"})).await.expect(200);
    let cancelled = paper(&airline, &token, &path, "en").await.expect(200);
    assert_eq!(values(&cancelled, "UID"), uids);
    assert!(sequence(&cancelled) > sequence(&moved));
    assert_eq!(values(&cancelled, "STATUS")[0], "CANCELLED");
    assert_eq!(values(&cancelled, "METHOD"), ["PUBLISH"]);
    // Given back: all of it.
    airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    let over = paper(&airline, &token, &path, "en").await.expect(200);
    assert_eq!(values(&over, "UID"), uids);
    assert!(values(&over, "STATUS").iter().all(|status| status == "CANCELLED"));
    assert_eq!(values(&over, "METHOD"), ["CANCEL"]);
    assert!(sequence(&over) > sequence(&cancelled));
    let thief = airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    paper(&airline, &thief, &path, "en").await.expect(404);
}

/// The package icalendar finds what we write, whatever people call themselves, in a language of other letters too.
#[test]
fn others_read_our_calendars() {
    let instant = |text: &str| text.parse().expect("an instant");
    let hostile = "a; b, c\\ \"d\" 😀 BEGIN:VEVENT\nEND:VCALENDAR आपकी यात्रा ".repeat(4);
    let event = |uid: &str, status| Event {
        uid: uid.to_owned(),
        sequence: 7,
        status,
        starts_at: instant("2026-12-01T13:35:00Z"),
        ends_at: instant("2026-12-01T15:35:00Z"),
        summary: "KR1 ABE – ATL".into(),
        description: hostile.trim().to_owned(),
        location: "Allentown (ABE)".into(),
        url: Some("https://udaan.example/".into()),
    };
    let calendar = Calendar {
        method: Method::Publish,
        producer: "-//Udaan//Udaan//EN".into(),
        name: "Udaan KX7Q2M".into(),
        organizer: ("Udaan, \"the\" airline; of ours".into(), "no-reply@udaan.example".into()),
        made_at: instant("2026-11-21T10:00:00Z"),
        events: vec![
            event("1@udaan.example", Status::Confirmed),
            event("2@udaan.example", Status::Cancelled),
        ],
    };
    let cancelling = Calendar { method: Method::Cancel, ..calendar.clone() };
    let files = [&calendar, &cancelling].map(|file| json!(file.text()).to_string());
    let mut python = Command::new("python3");
    let tool = format!("{}/../../tools/calendar/read.py", env!("CARGO_MANIFEST_DIR"));
    python.arg(tool).env("PYTHONPATH", place("UDAAN_TEST_ICALENDAR"));
    let said = |uid: &str, status: &str| {
        json!({"UID": uid, "STATUS": status, "SUMMARY": "KR1 ABE – ATL", "DESCRIPTION": hostile.trim(),
            "LOCATION": "Allentown (ABE)", "ORGANIZER": "mailto:no-reply@udaan.example",
            "DTSTAMP": "2026-11-21T10:00:00Z", "DTSTART": "2026-12-01T13:35:00Z", "DTEND": "2026-12-01T15:35:00Z",
            "SEQUENCE": 7, "CN": "Udaan, \"the\" airline; of ours"})
    };
    let (first, second) = ("1@udaan.example", "2@udaan.example");
    let published = [said(first, "CONFIRMED"), said(second, "CANCELLED")];
    let cancelled = [said(first, "CANCELLED"), said(second, "CANCELLED")];
    assert_eq!(
        answers(&mut python, &files),
        [json!({"METHOD": "PUBLISH", "events": published}), json!({"METHOD": "CANCEL", "events": cancelled})]
    );
}
