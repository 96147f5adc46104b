//! Watching prices: told once, of what the party can have, and kept day by day.

mod bought;
mod held;
mod life;
mod mails;
mod many;
mod prices;
mod together;
mod unknown;

use serde_json::{Value, json};

use crate::support::{Airline, Reply};

const CARD: &str = "4242424242424242";

/// An airline with a flight from Allentown to Atlanta on 10 June and one on the 12th, whose prices are known, and a traveller.
struct Watched {
    airline: Airline,
    admin: String,
    token: String,
    flight: String,
}

impl Watched {
    /// Forty seats at 200.00 on each.
    async fn new() -> Self {
        Self::of(Airline::new().await).await
    }

    async fn of(airline: Airline) -> Self {
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        let mut flights = Vec::new();
        for (number, date) in [("KR1", "2026-06-10"), ("KR2", "2026-06-12")] {
            let times = (format!("{date}T08:35"), format!("{date}T10:35"));
            let flight = airline.flight(&admin, number, ("ABE", "ATL"), (&times.0, &times.1), 40).await;
            flights.push(flight);
        }
        let all = Self { airline, admin, token, flight: flights.swap_remove(0) };
        all.look().await;
        all
    }

    /// What the feed says is taken in.
    async fn look(&self) {
        self.airline.follow_feed().await;
        while self.airline.run_job("follow_prices").await > 0 {}
    }

    /// What is due is told.
    async fn tell(&self) {
        while self.airline.run_job("tell_price_drops").await > 0 {}
    }

    /// The flight of 10 June costs so much, and everybody knows and is told.
    async fn costs(&self, fare: i32) {
        self.on("2026-06-10", &format!("fare_1 = {fare}, fare_2 = {fare}, fare_3 = {fare}, fare_4 = {fare}"))
            .await;
        self.look().await;
        self.tell().await;
    }

    /// Something changes in the cabins of a date.
    async fn on(&self, date: &str, what: &str) {
        let digits = date.replace('-', "");
        let change = format!(
            "UPDATE inventory SET {what}, version = version + 1 WHERE replace(flight_id::text, '-', '') LIKE '{digits}%';
             INSERT INTO search_inbox (flight_id) SELECT id FROM flights WHERE replace(id::text, '-', '') LIKE '{digits}%'"
        );
        self.airline.sql().await.batch(&change).await.expect("changed");
    }

    async fn watch(&self, body: Value) -> Reply {
        self.airline.call("POST", "/price-watches", Some(&self.token), Some(body)).await
    }

    /// A watch of the route on 10 June, by what it waits for.
    async fn of_route(&self, wish: Value) -> String {
        let mut body = json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10"}});
        for (member, value) in wish.as_object().expect("members") {
            body[member] = value.clone();
        }
        self.watch(body).await.expect(201).text("/id")
    }

    async fn get(&self, id: &str) -> Value {
        self.airline
            .call("GET", &format!("/price-watches/{id}"), Some(&self.token), None)
            .await
            .expect(200)
            .json
    }

    async fn patch(&self, id: &str, what: Value) -> Reply {
        self.airline.call("PATCH", &format!("/price-watches/{id}"), Some(&self.token), Some(what)).await
    }

    /// What was told of prices, the oldest first: the texts.
    async fn told(&self) -> Vec<String> {
        let list =
            self.airline.call("GET", "/notifications?limit=100", Some(&self.token), None).await.expect(200);
        let rows = list.json["notifications"].as_array().expect("a list").clone();
        let of_prices = rows.iter().rev().filter(|row| row["topic"] == "price_dropped");
        of_prices.map(|row| row["text"].as_str().expect("a text").to_owned()).collect()
    }

    /// How often something was told, by anybody's watch.
    async fn told_in_all(&self) -> i64 {
        self.airline.count("SELECT count(*) FROM notifications WHERE topic = 'price_dropped'").await
    }

    async fn history(&self, date: &str) -> Value {
        let path = format!("/price-history?origin=ABE&destination=ATL&date={date}");
        self.airline.call("GET", &path, None, None).await.expect(200).json
    }
}

fn usd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "USD"})
}
