//! Watches of what was bought: for those who still fly on it, and as long as somebody does.

use serde_json::{Value, json};

use super::mails::{mailed, of_prices, send};
use super::{CARD, Watched, usd};
use crate::booking::cancel::party;
use crate::booking::change::{confirm, quote};

const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";

impl Watched {
    /// A paid booking of the flight of 10 June.
    async fn bought(&self, passengers: Vec<Value>) -> String {
        let adults = passengers.iter().filter(|passenger| passenger["type"] == "adult").count();
        let infants = passengers.iter().filter(|passenger| passenger["type"] == "infant").count();
        let offer = self.airline.offer(&format!("{QUERY}&adults={adults}&infants={infants}")).await;
        let body = json!({"offer_id": offer, "passengers": passengers,
            "contact": {"email": "asha@example.com", "phone": null}});
        let held = self.airline.call_keyed("POST", "/bookings", Some(&self.token), Some(body), Some("hold"));
        let id = held.await.expect(201).text("/id");
        self.airline.pay(&self.token, &id, CARD, "pay").await.expect(201);
        id
    }

    /// A watch of its fare.
    async fn of_booking(&self, booking: &str) -> Value {
        let body = json!({"flight_id": self.flight, "booking_id": booking, "drop_percent": 5});
        self.watch(body).await.expect(201).json
    }

    async fn give_back(&self, booking: &str) {
        let path = format!("/bookings/{booking}");
        self.airline.call("DELETE", &path, Some(&self.token), None).await.expect(200);
    }

    /// What happened to bookings is told to those who want to know, and watches of them are looked at.
    async fn hear(&self) {
        while self.airline.run_job("relay_events").await > 0 {}
        self.look().await;
    }
}

#[tokio::test]
async fn a_watch_of_a_booking_that_was_given_back_is_over() {
    let all = Watched::new().await;
    let booking = all.bought(party(1, 0, 0)).await;
    let [asked, unasked] = [all.of_booking(&booking).await, all.of_booking(&booking).await];
    let [asked, unasked] = [&asked, &unasked].map(|watch| watch["id"].as_str().expect("an id").to_owned());
    all.look().await;
    all.give_back(&booking).await;
    // Its owner may ask before anybody has heard of it.
    all.patch(&asked, json!({"drop_percent": 10})).await.expect(409).has_code("watch_over");
    assert_eq!(
        (&all.get(&asked).await["status"], &all.get(&unasked).await["status"]),
        (&json!("over"), &json!("watching"))
    );
    all.hear().await;
    assert_eq!(all.get(&unasked).await["status"], "over");
    assert_eq!(all.airline.run_job("follow_prices").await, 0, "it is looked at once");
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn a_mail_about_a_fare_that_was_given_back_is_not_sent() {
    let (all, smtp) = mailed().await;
    let booking = all.bought(party(1, 0, 0)).await;
    all.of_booking(&booking).await;
    all.costs(15_000).await;
    all.give_back(&booking).await;
    send(&all).await;
    assert_eq!((all.told_in_all().await, of_prices(&smtp)), (1, Vec::<String>::new()));
}

#[tokio::test]
async fn who_gave_a_ticket_back_needs_no_seat_any_more() {
    let all = Watched::new().await;
    let booking = all.bought(party(2, 0, 1)).await;
    let before = all.of_booking(&booking).await;
    assert_eq!(before["seats"], 2, "the infant sits on a lap");
    all.look().await;
    let path = format!("/bookings/{booking}");
    let what = json!({"passengers": [2]});
    let (quotes, cancels) = (format!("{path}/cancellation-quote"), format!("{path}/cancellations"));
    let asked = all.airline.call("POST", &quotes, Some(&all.token), Some(what)).await.expect(200);
    let confirmed = json!({"quote_id": asked.text("/quote_id")});
    all.airline.call_keyed("POST", &cancels, Some(&all.token), Some(confirmed), Some("c")).await.expect(201);
    assert_eq!(all.of_booking(&booking).await["seats"], 1);
    all.hear().await;
    let id = before["id"].as_str().expect("an id");
    assert_eq!(all.get(id).await["seats"], 1);
    all.on("2026-06-10", "fare_4 = 10000, limit_2 = taken + 1, limit_3 = taken + 1, limit_4 = taken + 1")
        .await;
    all.look().await;
    all.tell().await;
    assert_eq!((&all.get(id).await["times_told"], all.told_in_all().await), (&json!(1), 2));
}

#[tokio::test]
async fn a_flight_that_was_left_and_chosen_again_has_the_fare_of_the_last_time() {
    let all = Watched::new().await;
    let booking = all.bought(party(1, 0, 0)).await;
    for (slice, date, fare) in [(1, "2026-06-12", 20_000), (2, "2026-06-10", 16_000)] {
        let fare = format!("fare_1 = {fare}, fare_2 = {fare}, fare_3 = {fare}, fare_4 = {fare}");
        all.on(date, &fare).await;
        all.look().await;
        let offer = all.airline.offer(&format!("origin=ABE&destination=ATL&date={date}")).await;
        let asked = quote(&all.airline, &all.token, &booking, slice, &offer).await.expect(200);
        confirm(&all.airline, &all.token, &booking, &asked, date).await.expect(201);
    }
    assert_eq!(all.of_booking(&booking).await["compared_with"], usd(16_000));
}
