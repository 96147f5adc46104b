//! The same commands, given to the product over its API.

use ::platform::config::Config;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::flights::import::{File, import_fare_families};

use super::reference::{Booking, Card, Command, Expected, FLIGHTS, Reference};
use crate::support::{Airline, Reply};

const FAMILIES: &str = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding
economy,economy_standard,Standard,100,0,7500,192:100 168:75 144:50,1,1,23,standard,no,no
";

pub(super) struct System {
    pub(super) airline: Airline,
    admin: String,
    token: String,
    keys: u64,
    sequences: i64,
    ids: Vec<String>,
    /// Of each flight, for one and for two.
    offers: Vec<[String; 2]>,
    flights: Vec<String>,
    /// Minutes until they depart when the sequence begins.
    departures: [i64; 3],
}

impl System {
    pub(super) async fn new() -> Self {
        let years = |config: &mut Config| {
            config.auth.token_minutes = 60 * 24 * 3_650;
            config.booking.offer_minutes = 60 * 24 * 30;
        };
        let airline = Airline::with(years).await;
        let families = File { name: "families.csv", bytes: FAMILIES.as_bytes() };
        import_fare_families(&airline.app.db, airline.app.now(), families).await.expect("filed");
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        Self {
            airline,
            admin,
            token,
            keys: 0,
            sequences: 0,
            ids: vec![],
            offers: vec![],
            flights: vec![],
            departures: [0; 3],
        }
    }

    /// Three empty flights: two about the days on which less and less comes back, one far away.
    pub(super) async fn begin(&mut self) -> [i64; 3] {
        self.sequences += 1;
        let today = self.airline.app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let days = [7 + self.sequences % 3, 6 + self.sequences / 3 % 3, 40];
        let dates = days.map(|days| (today + SignedDuration::from_hours(24 * days)).to_string());
        (self.ids, self.offers, self.flights) = (vec![], vec![], vec![]);
        let first = self.sequences * 3 % 9_000;
        for (number, (seats, fare)) in FLIGHTS.into_iter().enumerate() {
            let date = &dates[number];
            let times = (format!("{date}T{:02}:00", 8 + number), format!("{date}T{:02}:00", 10 + number));
            let cabins =
                json!([{"cabin": "economy", "capacity": seats, "classes": [{"class": "Y", "fare": fare}]}]);
            let name = format!("KR{}", first + i64::try_from(number).expect("three") + 1);
            let flight =
                self.airline.flight_with(&self.admin, &name, ("ABE", "ATL"), (&times.0, &times.1), cabins);
            self.flights.push(flight.await);
        }
        for (number, flight) in self.flights.clone().into_iter().enumerate() {
            let one = self.offer(&dates[number], &flight, 1).await;
            self.offers.push([one, self.offer(&dates[number], &flight, 2).await]);
            let seen = self.airline.call("GET", &format!("/flights/{flight}"), None, None).await.expect(200);
            let departs: jiff::Timestamp = seen.text("/departs_at").parse().expect("an instant");
            let left = departs.duration_since(self.airline.app.now());
            self.departures[number] = left.as_mins();
            assert_eq!(SignedDuration::from_mins(left.as_mins()), left, "the clock goes by minutes");
        }
        self.departures
    }

    async fn offer(&self, date: &str, flight: &str, adults: u8) -> String {
        let path = format!("/search?origin=ABE&destination=ATL&date={date}&adults={adults}&limit=100");
        let found = self.airline.call("GET", &path, None, None).await.expect(200);
        let flies = |itinerary: &&Value| itinerary["segments"][0]["flight_id"] == flight;
        let all = found.json["itineraries"].as_array().expect("itineraries");
        let found = all.iter().find(flies).unwrap_or_else(|| panic!("no {flight} on {date}: {}", found.json));
        found["offer_id"].as_str().expect("an offer").to_owned()
    }

    /// Gives the command; what the reference says of it is only needed to know what may be asked at all.
    pub(super) async fn apply(&mut self, command: Command, before: &Reference) -> Option<Reply> {
        match command {
            Command::Hold { flight, passengers } => return Some(self.hold(flight, passengers).await),
            Command::Wait { minutes } => self.airline.later(SignedDuration::from_mins(minutes)),
            Command::Settle => {
                self.airline.later(SignedDuration::from_mins(1));
                self.work_off("reconcile_payments").await;
            }
            Command::Sweep => {
                self.work_off("expire_holds").await;
                self.work_off("expire_orders").await;
            }
            Command::Extend(booking)
            | Command::Pay(booking, _)
            | Command::Cancel(booking)
            | Command::CancelOne(booking)
            | Command::Change { booking, .. }
            | Command::GiveUp(booking) => {
                let number = before.named(booking)?;
                let now = &before.bookings[number];
                return self.apply_to(command, &self.ids[number].clone(), now).await;
            }
        }
        None
    }

    /// Turns of a job until it finds nothing: earlier sequences have left work as well. Jobs pass over rows that are locked, and a
    /// refused request is rolled back a moment after its answer; so that moment is waited for.
    pub(super) async fn work_off(&self, job: &str) {
        let open = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        while self.airline.count(open).await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        while self.airline.run_job(job).await > 0 {}
    }

    async fn apply_to(&mut self, command: Command, id: &str, now: &Booking) -> Option<Reply> {
        let path = format!("/bookings/{id}");
        match command {
            Command::Extend(_) => Some(self.post(&format!("{path}/extend"), None).await),
            Command::Pay(_, card) => {
                let number = match card {
                    Card::Good => "4242424242424242",
                    Card::Declined => "4000000000000002",
                    Card::Unanswered => "4000000000000500",
                };
                let body = json!({"booking_id": id, "method": {"type": "card", "number": number}});
                Some(self.post("/payments", Some(body)).await)
            }
            Command::Cancel(_) => Some(self.airline.call("DELETE", &path, Some(&self.token), None).await),
            Command::CancelOne(_) => {
                let quote = format!("{path}/cancellation-quote");
                self.quoted(&quote, json!({"passengers": [2]}), &format!("{path}/cancellations")).await
            }
            Command::Change { to, .. } => {
                let party = usize::try_from(now.passengers).expect("one or two");
                // A change gives the slice another number.
                let slices = self.look(id).await.json["slices"].clone();
                let slice =
                    slices.as_array().and_then(|slices| slices.last().cloned()).expect("a slice")["slice"]
                        .clone();
                let body = json!({"slices": [{"slice": slice, "offer_id": self.offers[to][party - 1]}]});
                self.quoted(&format!("{path}/change-quote"), body, &format!("{path}/changes")).await
            }
            Command::GiveUp(_) => {
                let orders = self.look(id).await.json["orders"].clone();
                let last = orders.as_array().and_then(|orders| orders.last().cloned()).expect("an order");
                let path = format!("{path}/orders/{}", last["order"]);
                Some(self.airline.call("DELETE", &path, Some(&self.token), None).await)
            }
            _ => None,
        }
    }

    async fn hold(&mut self, flight: usize, passengers: i64) -> Reply {
        let people: Vec<Value> = ["Asha", "Bela"][..usize::try_from(passengers).expect("one or two")]
            .iter()
            .map(|name| json!({"type": "adult", "given_name": name, "family_name": "Rao", "born_on": "1990-05-17"}))
            .collect();
        let offer = &self.offers[flight][people.len() - 1];
        let body = json!({"offer_id": offer, "passengers": people, "contact": {"email": "asha@example.com", "phone": null}});
        let reply = self.post("/bookings", Some(body)).await;
        if reply.status == 201 {
            self.ids.push(reply.text("/id"));
        }
        reply
    }

    /// A quote, and its confirmation if there is one.
    async fn quoted(&mut self, quote: &str, body: Value, confirm: &str) -> Option<Reply> {
        let quoted = self.airline.call("POST", quote, Some(&self.token), Some(body)).await;
        if quoted.status != 200 {
            return Some(quoted);
        }
        let body = json!({"quote_id": quoted.text("/quote_id")});
        Some(self.post(confirm, Some(body)).await)
    }

    async fn post(&mut self, path: &str, body: Option<Value>) -> Reply {
        self.keys += 1;
        let key = format!("model-{}", self.keys);
        self.airline.call_keyed("POST", path, Some(&self.token), body, Some(&key)).await
    }

    pub(super) async fn look(&self, id: &str) -> Reply {
        self.airline.call("GET", &format!("/bookings/{id}"), Some(&self.token), None).await.expect(200)
    }

    /// Everything that differs between the two.
    pub(super) async fn differences(&self, reference: &Reference) -> Vec<String> {
        let mut found = vec![];
        for (number, (expected, id)) in reference.bookings.iter().zip(&self.ids).enumerate() {
            let booking = self.look(id).await;
            let mut compare = |what: &str, ours: String, theirs: String| {
                if ours != theirs {
                    found.push(format!("booking {number}: {what} is {ours}, expected {theirs}"));
                }
            };
            compare("status", booking.text("/status"), expected.status.as_str().to_owned());
            if let Some(price) = expected.price() {
                compare("price", booking.json["price"]["amount"].to_string(), price.to_string());
            }
            let money = |of: &str, states: &[&str]| -> i64 {
                let all = booking.json[of].as_array().cloned().unwrap_or_default();
                let counted =
                    all.iter().filter(|each| states.contains(&each["status"].as_str().unwrap_or("")));
                counted.filter_map(|each| each["amount"]["amount"].as_i64()).sum()
            };
            compare("captured", money("payments", &["succeeded"]).to_string(), expected.captured.to_string());
            let returned = money("refunds", &["pending", "succeeded"]);
            compare("returned", returned.to_string(), expected.returned.to_string());
        }
        for (number, flight) in self.flights.iter().enumerate() {
            let seen = self.airline.call("GET", &format!("/flights/{flight}"), None, None).await.expect(200);
            let (left, free) = (seen.json["cabins"][0]["seats_left"].clone(), reference.free(number));
            if left != free {
                found.push(format!("flight {number}: {left} seats left, expected {free}"));
            }
        }
        found
    }
}

/// Whether the answer is what was expected.
pub(super) fn fits(reply: Option<&Reply>, expected: Expected) -> bool {
    match (reply, expected) {
        (None, Expected::Done | Expected::Nothing) => true,
        (Some(reply), Expected::Done) => reply.status.is_success(),
        (Some(reply), Expected::Refused) => reply.status == 409 || reply.code() == "amount_too_small",
        _ => false,
    }
}
