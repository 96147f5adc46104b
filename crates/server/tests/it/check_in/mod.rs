//! Check-in: windows, seats, passports, the counter, and what happens at once.

mod can;
mod desk;
mod documents;
mod follow;
mod gate;
mod late;
mod links;
mod missed;
mod passes;
mod policies;
mod race;
pub(crate) mod readers;
mod staff;
mod stranded;
mod wallets;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::extras::import::import_seat_maps;
use server::flights::import::File;

use crate::support::{Airline, Reply};

const TIMES: (&str, &str) = ("2026-06-10T08:35", "2026-06-10T10:35");
/// The same in UTC.
const DEPARTS: &str = "2026-06-10T12:35:00Z";

/// An airline with one flight, and somebody who travels on it.
struct Terminal {
    airline: Airline,
    admin: String,
    token: String,
    flight: String,
}

impl Terminal {
    /// A flight of a 73H with seat map.
    async fn open() -> Self {
        Self::with_seats(150).await
    }

    async fn with_seats(seats: i16) -> Self {
        Self::mapped(Airline::new().await, seats).await
    }

    /// A flight of a 73H with seat map, of this airline.
    async fn mapped(airline: Airline, seats: i16) -> Self {
        Self::drawn(airline, include_bytes!("../../../../../data/seat-maps.csv"), seats).await
    }

    /// A flight of a 73H with this map.
    async fn drawn(airline: Airline, map: &[u8], seats: i16) -> Self {
        let maps = File { name: "seat-maps.csv", bytes: map };
        import_seat_maps(&airline.app.db, airline.app.now(), maps).await.expect("maps");
        Self::of(airline, seats).await
    }

    /// One whose aircraft has no map.
    async fn without_map(seats: i16) -> Self {
        Self::of(Airline::new().await, seats).await
    }

    async fn of(airline: Airline, seats: i16) -> Self {
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, seats).await;
        Self { airline, admin, token, flight }
    }

    /// A hold for a party: adult, child, infant by their first letters.
    async fn held(&self, party: &str, key: &str) -> String {
        let count = |letter| party.chars().filter(|kind| *kind == letter).count();
        let query = format!(
            "origin=ABE&destination=ATL&date=2026-06-10&adults={}&children={}&infants={}",
            count('a'),
            count('c'),
            count('i')
        );
        let offer = self.airline.offer(&query).await;
        let passenger = |kind| {
            let (kind, born) = match kind {
                'a' => ("adult", "1990-05-17"),
                'c' => ("child", "2020-05-17"),
                _ => ("infant", "2026-01-17"),
            };
            json!({"type": kind, "given_name": "Asha", "family_name": "Rao", "born_on": born})
        };
        let passengers: Vec<Value> = party.chars().map(passenger).collect();
        let body = json!({"offer_id": offer, "passengers": passengers,
            "contact": {"email": "asha@example.com", "phone": null}});
        let held =
            self.airline.call_keyed("POST", "/bookings", Some(&self.token), Some(body), Some(key)).await;
        held.expect(201).text("/id")
    }

    /// A paid booking.
    async fn booked(&self, party: &str, key: &str) -> String {
        let id = self.held(party, key).await;
        self.airline.pay(&self.token, &id, "4242424242424242", &format!("pay-{key}")).await.expect(201);
        id
    }

    async fn check_in(&self, id: &str, passengers: &[i16]) -> Reply {
        let body = json!({"passengers": passengers, "no_dangerous_goods": true});
        self.airline.call("PUT", &format!("/bookings/{id}/check-in/1"), Some(&self.token), Some(body)).await
    }

    async fn undo(&self, id: &str, passenger: i16) -> Reply {
        let path = format!("/bookings/{id}/check-in/1/{passenger}");
        self.airline.call("DELETE", &path, Some(&self.token), None).await
    }

    /// How it stands: flight, then its passengers.
    async fn stands(&self, id: &str) -> Value {
        let path = format!("/bookings/{id}/check-in");
        self.airline.call("GET", &path, Some(&self.token), None).await.expect(200).json
    }

    async fn locator(&self, id: &str) -> String {
        self.airline
            .call("GET", &format!("/bookings/{id}"), Some(&self.token), None)
            .await
            .expect(200)
            .text("/locator")
    }

    async fn at_counter(&self, id: &str, passengers: &[i16]) -> Reply {
        let body = json!({"locator": self.locator(id).await, "passengers": passengers, "no_dangerous_goods": true,
            "documents_seen": true});
        let path = format!("/flights/{}/check-in", self.flight);
        self.airline.call("PUT", &path, Some(&self.admin), Some(body)).await
    }

    async fn offload(&self, id: &str, passengers: &[i16]) -> Reply {
        let body =
            json!({"locator": self.locator(id).await, "passengers": passengers, "reason": "a volunteer"});
        let path = format!("/flights/{}/offload", self.flight);
        self.airline.call("POST", &path, Some(&self.admin), Some(body)).await
    }

    /// Turns the clock to so many seconds before the scheduled departure.
    fn seconds_before(&self, seconds: i64) {
        let departs: Timestamp = DEPARTS.parse().expect("an instant");
        let left = departs.duration_since(self.airline.app.now());
        self.airline.later(left - SignedDuration::from_secs(seconds));
    }

    async fn staff_put(&self, body: Value) {
        let path = format!("/flights/{}", self.flight);
        self.airline.call("PUT", &path, Some(&self.admin), Some(body)).await.expect(200);
    }
}

/// Each passenger's number, state, seat and place in the order.
fn people(stands: &Value) -> Vec<(i64, String, String, i64)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let passengers = stands["flights"][0]["passengers"].as_array().expect("passengers");
    passengers
        .iter()
        .map(|one| {
            let number = one["passenger"].as_i64().expect("a number");
            (number, text(&one["status"]), text(&one["seat"]), one["sequence"].as_i64().unwrap_or(0))
        })
        .collect()
}

fn expected(people: &[(i64, &str, &str, i64)]) -> Vec<(i64, String, String, i64)> {
    people
        .iter()
        .map(|(number, status, seat, order)| (*number, (*status).into(), (*seat).into(), *order))
        .collect()
}

/// What a passenger can do, and until when.
fn actions(stands: &Value, passenger: usize) -> Vec<(String, String)> {
    let list =
        stands["flights"][0]["passengers"][passenger]["available_actions"].as_array().expect("actions");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    list.iter().map(|one| (text(&one["action"]), text(&one["until"]))).collect()
}
