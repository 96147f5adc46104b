//! Promotion codes: filed, checked, applied, paid for, given back.

mod book;
mod extras;
mod locks;
mod race;
mod refusals;
mod staff;

use serde_json::{Value, json};
use server::extras::import::import_extras;
use server::flights::import::File;

use crate::support::{Airline, Reply, booking_body};

const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";

/// Files the demo's extras.
async fn file_extras(airline: &Airline) {
    let extras = include_bytes!("../../../../../data/extras.csv");
    let file = File { name: "extras.csv", bytes: extras };
    import_extras(&airline.app.db, airline.app.now(), file).await.expect("extras");
}

/// Files a promotion of a tenth with these terms besides.
async fn file(airline: &Airline, admin: &str, code: &str, more: Value) {
    let mut terms = json!({"name": format!("Promotion {code}"), "audience": "public",
        "benefit": {"kind": "percent", "basis_points": 1_000}});
    for (name, value) in more.as_object().expect("terms") {
        terms[name] = value.clone();
    }
    let body = json!({"code": code, "terms": terms});
    airline.call("POST", "/admin/promotions", Some(admin), Some(body)).await.expect(201);
}

/// Uses a code on a booking.
async fn apply(airline: &Airline, token: &str, booking: &str, code: &str, key: &str) -> Reply {
    let path = format!("/bookings/{booking}/coupon");
    airline.call_keyed("POST", &path, Some(token), Some(json!({"code": code})), Some(key)).await
}

/// Holds an offer for one adult with a code.
async fn hold_with(airline: &Airline, token: &str, code: &str, key: &str) -> Reply {
    let mut body = booking_body(&airline.offer(QUERY).await);
    body["promotion_code"] = json!(code);
    airline.call_keyed("POST", "/bookings", Some(token), Some(body), Some(key)).await
}

/// An airline with one flight of so many seats at 200.00 and no taxes; staff's and a traveller's token.
async fn one_flight(seats: i16) -> (Airline, String, String) {
    one_flight_with(seats, |_| {}).await
}

async fn one_flight_with(
    seats: i16,
    change: impl FnOnce(&mut ::platform::config::Config),
) -> (Airline, String, String) {
    let airline = Airline::with(change).await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), seats).await;
    (airline, admin, token)
}

/// Uses taken of all codes.
async fn taken(airline: &Airline) -> i64 {
    airline.count("SELECT COALESCE(sum(taken), 0)::bigint FROM promotion_counters").await
}

fn reason(reply: &Reply) -> (u16, String, String) {
    let reason = reply.json["reason"].as_str().unwrap_or("").to_owned();
    (reply.status.as_u16(), reply.code().to_owned(), reason)
}

fn refused(reason: &str) -> (u16, String, String) {
    (422, "promotion_refused".to_owned(), reason.to_owned())
}
