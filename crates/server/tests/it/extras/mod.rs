//! Seats, baggage and other extras.

mod buy;
mod catalogue;
mod change;
mod families;
mod hold;
mod race;
mod seats;

use ::kernel::BookingId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::extras::import::{import_extras, import_seat_maps};
use server::flights::import::File;

use crate::support::{Airline, Reply};

const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";
const TIMES: (&str, &str) = ("2026-06-10T08:35", "2026-06-10T10:35");
const CARD: &str = "4242424242424242";

/// An airline with the demo's seat maps and extras and one flight of a 73H.
struct Shop {
    airline: Airline,
    admin: String,
    token: String,
    flight: String,
}

impl Shop {
    async fn open() -> Self {
        Self::with_seats(150).await
    }

    async fn with_seats(seats: i16) -> Self {
        let airline = Airline::new().await;
        file(&airline).await;
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, seats).await;
        Self { airline, admin, token, flight }
    }

    /// A hold for these passengers: adult, child, infant by their first letters; spaces are for the eye.
    async fn hold(&self, party: &str, key: &str) -> String {
        self.hold_on(QUERY, party, key).await
    }

    async fn hold_on(&self, query: &str, party: &str, key: &str) -> String {
        let count = |letter| party.chars().filter(|kind| *kind == letter).count();
        let query = format!("{query}&adults={}&children={}&infants={}", count('a'), count('c'), count('i'));
        let offer = self.airline.offer(&query).await;
        let passenger = |kind| {
            let (kind, born) = match kind {
                'a' => ("adult", "1990-05-17"),
                'c' => ("child", "2020-05-17"),
                _ => ("infant", "2026-01-17"),
            };
            json!({"type": kind, "given_name": "Asha", "family_name": "Rao", "born_on": born})
        };
        let passengers: Vec<Value> = party.chars().filter(|kind| *kind != ' ').map(passenger).collect();
        let body = json!({"offer_id": offer, "passengers": passengers,
            "contact": {"email": "asha@example.com", "phone": null}});
        let held =
            self.airline.call_keyed("POST", "/bookings", Some(&self.token), Some(body), Some(key)).await;
        held.expect(201).text("/id")
    }

    /// A paid booking of one adult.
    async fn confirmed(&self, key: &str) -> String {
        let id = self.hold("a", key).await;
        self.pay(&id, &format!("pay-{key}")).await.expect(201);
        id
    }

    async fn pay(&self, id: &str, key: &str) -> Reply {
        self.airline.pay(&self.token, id, CARD, key).await
    }

    async fn buy(&self, id: &str, body: Value, key: &str) -> Reply {
        let path = format!("/bookings/{id}/extras");
        self.airline.call_keyed("POST", &path, Some(&self.token), Some(body), Some(key)).await
    }

    async fn seat(&self, id: &str, seat: &str, key: &str) -> Reply {
        self.buy(id, seats(&[(1, seat)]), key).await
    }

    async fn booking(&self, id: &str) -> Value {
        self.airline.call("GET", &format!("/bookings/{id}"), Some(&self.token), None).await.expect(200).json
    }

    /// Who has which seat of all flights, in order of seats.
    async fn taken(&self) -> Vec<String> {
        let rows = "SELECT seat FROM seat_assignments ORDER BY length(seat), seat";
        let rows = self.airline.sql().await.query(rows, &[]).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn stock_taken(&self) -> i64 {
        self.airline.count("SELECT COALESCE(sum(taken), 0)::bigint FROM flight_extras").await
    }

    /// What the ledger has on an account, over all bookings.
    async fn ledger(&self, account: &str) -> i64 {
        let sum = "SELECT COALESCE(sum(amount), 0)::bigint FROM ledger_postings,
                   unnest(accounts, amounts) AS entry (account, amount) WHERE account = $1";
        self.airline.sql().await.query_one(sum, &[&account]).await.expect("a sum").get(0)
    }

    /// Turns the clock to so many minutes before departure.
    fn before_departure(&self, minutes: i64) {
        let departs: jiff::Timestamp = "2026-06-10T12:35:00Z".parse().expect("an instant");
        let left = departs.duration_since(self.airline.app.now());
        self.airline.later(left - SignedDuration::from_mins(minutes));
    }
}

/// Files the demo's seat maps and extras.
async fn file(airline: &Airline) {
    let maps = File { name: "seat-maps.csv", bytes: include_bytes!("../../../../../data/seat-maps.csv") };
    import_seat_maps(&airline.app.db, airline.app.now(), maps).await.expect("maps");
    let extras = File { name: "extras.csv", bytes: include_bytes!("../../../../../data/extras.csv") };
    import_extras(&airline.app.db, airline.app.now(), extras).await.expect("extras");
}

/// Seats of the first flight for passengers.
fn seats(seats: &[(i16, &str)]) -> Value {
    let wish = |(passenger, seat): &(i16, &str)| json!({"passenger": passenger, "segment": 1, "seat": seat});
    json!({"seats": seats.iter().map(wish).collect::<Vec<_>>()})
}

fn bag(quantity: u8) -> Value {
    json!({"items": [{"code": "bag_23", "passenger": 1, "slice": 1, "quantity": quantity}]})
}

/// Number, seat or code, state and price of each extra.
fn extras(booking: &Value) -> Vec<(String, String, i64)> {
    let extras = booking["extras"].as_array().expect("extras");
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    extras
        .iter()
        .map(|extra| {
            let name = if extra["seat"].is_null() { &extra["code"] } else { &extra["seat"] };
            (text(name), text(&extra["status"]), extra["price"]["amount"].as_i64().expect("an amount"))
        })
        .collect()
}

fn lines(expected: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    expected.iter().map(|(name, status, price)| ((*name).to_owned(), (*status).to_owned(), *price)).collect()
}

fn total(booking: &Value) -> i64 {
    booking["price"]["amount"].as_i64().expect("a price")
}

fn unknown_booking() -> String {
    BookingId::from_uuid(uuid::Uuid::nil()).to_string()
}
