//! The same day, given to the product over its API.

use std::collections::BTreeMap;

use ::platform::config::Config;
use jiff::{SignedDuration, Timestamp};
use kernel::BookingId;
use serde_json::{Value, json};
use server::extras::import::import_seat_maps;
use server::flights::import::File;

use super::reference::{BEGINS, Command, Declared, Desk, Kind, PARTIES, Person, Reference, SEATS, SOLD};
use crate::support::{Airline, Reply};

/// Airports whose clocks are never changed, or only where flights arrive: an hour that comes twice would be another departure.
const ROUTE: (&str, &str) = ("PHX", "LAX");

pub(super) struct System {
    pub(super) airline: Airline,
    admin: String,
    token: String,
    sequences: i64,
    flight: String,
    /// Of each party: booking, locator.
    bookings: Vec<(String, String)>,
    /// The text of every pass that was issued, and the place in the order of check-in, by booking and passenger.
    passes: BTreeMap<(usize, usize), (Vec<String>, i64)>,
}

impl System {
    pub(super) async fn new() -> Self {
        let years = |config: &mut Config| config.auth.token_minutes = 60 * 24 * 3_650;
        let airline = Airline::with(years).await;
        // As many seats as the flight has, so that one which stays with somebody who is not checked in is missed.
        let map =
            b"aircraft,cabin,rows,seats,zone,price,middle_price,currency,refund,features,masks,blocked\n\
                    73H,economy,20,ABC,standard,1500,1100,USD,24:100,,A,\n";
        let maps = File { name: "seat-maps.csv", bytes: map };
        import_seat_maps(&airline.app.db, airline.app.now(), maps).await.expect("maps");
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        let (flight, bookings, passes) = (String::new(), vec![], BTreeMap::new());
        Self { airline, admin, token, sequences: 0, flight, bookings, passes }
    }

    /// A flight that leaves soon, sold to one more than it has seats for.
    pub(super) async fn begin(&mut self) {
        self.sequences += 1;
        let departs: Timestamp = self.airline.app.now() + SignedDuration::from_mins(BEGINS);
        let zone = jiff::tz::TimeZone::get("America/Phoenix").expect("a zone");
        let wall = |at: Timestamp| at.to_zoned(zone.clone()).datetime();
        let (leaves, next) = (wall(departs), wall(departs + SignedDuration::from_mins(1)));
        let arrives = departs + SignedDuration::from_mins(90);
        let arrives = arrives.to_zoned(jiff::tz::TimeZone::get("America/Los_Angeles").expect("a zone"));
        let times = (leaves.strftime("%FT%H:%M").to_string(), arrives.strftime("%FT%H:%M").to_string());
        let cabins = json!([{"cabin": "economy", "capacity": SEATS, "overbooking": SOLD - SEATS,
            "classes": [{"class": "Y", "fare": 20_000, "limit": SOLD}]}]);
        let number = format!("KR{}", 1 + self.sequences % 9_000);
        self.flight =
            self.airline.flight_with(&self.admin, &number, ROUTE, (&times.0, &times.1), cabins).await;
        (self.bookings, self.passes) = (vec![], BTreeMap::new());
        let query = format!(
            "origin={}&destination={}&date={}&departs_after={}&departs_before={}",
            ROUTE.0,
            ROUTE.1,
            leaves.date(),
            leaves.strftime("%H:%M"),
            next.strftime("%H:%M")
        );
        for kinds in PARTIES {
            let booking = self.book(&query, kinds).await;
            self.bookings.push(booking);
        }
    }

    async fn book(&self, query: &str, kinds: &[Kind]) -> (String, String) {
        let count = |kind| kinds.iter().filter(|other| **other == kind).count();
        let (adults, children, infants) = (count(Kind::Adult), count(Kind::Child), count(Kind::Infant));
        let query = format!("{query}&adults={adults}&children={children}&infants={infants}");
        let found = self.airline.call("GET", &format!("/search?{query}&limit=100"), None, None).await;
        let found = found.expect(200);
        // The flight of the day before may leave at the same minute.
        let flies = |itinerary: &&Value| itinerary["segments"][0]["flight_id"] == *self.flight;
        let itinerary = found.json["itineraries"].as_array().and_then(|all| all.iter().find(flies));
        let offer = &itinerary.expect("the flight")["offer_id"];
        let today = self.airline.app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let years = |years: i64| (today - jiff::Span::new().years(years).days(40)).to_string();
        let passenger = |kind: &Kind| {
            let (word, born) = match kind {
                Kind::Adult => ("adult", years(30)),
                Kind::Child => ("child", years(6)),
                Kind::Infant => ("infant", years(0)),
            };
            json!({"type": word, "given_name": "Asha", "family_name": "Rao", "born_on": born})
        };
        let passengers: Vec<Value> = kinds.iter().map(passenger).collect();
        let body = json!({"offer_id": offer, "passengers": passengers,
            "contact": {"email": "asha@example.com", "phone": null}});
        let key = format!("gate-{}-{}", self.sequences, self.bookings.len());
        let held =
            self.airline.call_keyed("POST", "/bookings", Some(&self.token), Some(body), Some(&key)).await;
        let held = held.expect(201);
        let (id, locator) = (held.text("/id"), held.text("/locator"));
        self.airline.pay(&self.token, &id, "4242424242424242", &key).await.expect(201);
        (id, locator)
    }

    /// Gives the command; `before` and `after` are the reference, which knows who is meant and how often their pass was read.
    pub(super) async fn apply(
        &mut self,
        command: Command,
        before: &Reference,
        after: &Reference,
    ) -> Option<Reply> {
        let flight = format!("/flights/{}", self.flight);
        match command {
            Command::CheckIn(who, desk) => return Some(self.check_in(&before.people[who], desk).await),
            Command::UndoCheckIn(who) => {
                let Person { booking, number, .. } = before.people[who];
                let path = format!("/bookings/{}/check-in/1/{number}", self.bookings[booking].0);
                return Some(self.airline.call("DELETE", &path, Some(&self.token), None).await);
            }
            Command::Offload(who) => {
                let Person { booking, number, .. } = before.people[who];
                let locator = &self.bookings[booking].1;
                let body = json!({"locator": locator, "passengers": [number], "reason": "a volunteer"});
                return Some(self.staff("POST", &format!("{flight}/offload"), Some(body)).await);
            }
            Command::Scan { who, device, first, .. } => {
                let person = &after.people[who];
                let (codes, _) = &self.passes[&(person.booking, person.number)];
                let code = if first { codes.first() } else { codes.last() };
                let body = json!({"bar_code": code, "device": format!("reader {device}"),
                    "scan": format!("{who}-{}", person.readings(device))});
                return Some(self.staff("POST", &format!("{flight}/boardings"), Some(body)).await);
            }
            Command::TakeOff(who) => {
                let Person { booking, number, .. } = before.people[who];
                let (_, place) = self.passes[&(booking, number)];
                return Some(self.staff("DELETE", &format!("{flight}/boardings/{place}"), None).await);
            }
            Command::Close => {
                return Some(self.staff("POST", &format!("{flight}/close-boarding"), None).await);
            }
            Command::Declare(declared) => {
                let word = match declared {
                    Declared::Scheduled => "scheduled",
                    Declared::Boarding => "boarding",
                    Declared::Departed => "departed",
                    Declared::Cancelled => "cancelled",
                };
                return Some(self.staff("PUT", &flight, Some(json!({"status": word}))).await);
            }
            Command::GiveBack(booking) => {
                let path = format!("/bookings/{}", self.bookings[booking].0);
                return Some(self.airline.call("DELETE", &path, Some(&self.token), None).await);
            }
            Command::Follow => {
                self.airline.run_job("follow_departures").await;
                self.airline.run_job("settle_closed_flights").await;
            }
            Command::Wait { minutes } => self.airline.later(SignedDuration::from_mins(minutes)),
        }
        None
    }

    async fn staff(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        self.airline.call(method, path, Some(&self.admin), body).await
    }

    async fn check_in(&mut self, person: &Person, desk: Desk) -> Reply {
        let (id, locator) = self.bookings[person.booking].clone();
        let mut body = json!({"passengers": [person.number], "no_dangerous_goods": true});
        let reply = if desk == Desk::Online {
            let path = format!("/bookings/{id}/check-in/1");
            self.airline.call("PUT", &path, Some(&self.token), Some(body)).await
        } else {
            body["locator"] = json!(locator);
            self.staff("PUT", &format!("/flights/{}/check-in", self.flight), Some(body)).await
        };
        if reply.status == 200 {
            self.keep_passes(person.booking).await;
        }
        reply
    }

    /// Writes down the passes that are new.
    async fn keep_passes(&mut self, booking: usize) {
        let path = format!("/bookings/{}/boarding-passes", self.bookings[booking].0);
        let passes = self.airline.call("GET", &path, Some(&self.token), None).await.expect(200);
        for pass in passes.json["passes"].as_array().expect("passes") {
            let number = pass["passenger"].as_u64().and_then(|number| usize::try_from(number).ok());
            let place = pass["sequence"].as_i64().expect("a place");
            let kept = self.passes.entry((booking, number.expect("a number"))).or_insert((vec![], place));
            let code = pass["bar_code"].as_str().expect("a text").to_owned();
            assert_eq!(kept.1, place, "the place in the order is theirs for good");
            if kept.0.last() != Some(&code) {
                kept.0.push(code);
            }
        }
    }

    /// Everything that differs between the two.
    pub(super) async fn differences(&self, reference: &Reference) -> Vec<String> {
        let standing = self.airline.standing(&self.flight).await;
        let mut found = vec![];
        for person in &reference.people {
            let id: BookingId = self.bookings[person.booking].0.parse().expect("a booking id");
            let number = i16::try_from(person.number).expect("one or two");
            let (ours, theirs) = (&standing[&(id, number)], person.stands());
            if *ours != theirs {
                found.push(format!("{} of booking {}: {ours}, expected {theirs}", number, person.booking));
            }
            let passes = self.passes.get(&(person.booking, person.number)).map_or(0, |kept| kept.0.len());
            if passes != person.passes {
                found.push(format!("{number} of booking {}: {passes} passes", person.booking));
            }
        }
        found
    }
}
