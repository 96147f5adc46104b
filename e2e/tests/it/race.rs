//! The last seats, sold by two processes at once.

use std::time::Duration;

use jiff::ToSpan;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::airline::Airline;
use crate::support::api::Api;
use crate::support::eventually;
use crate::support::limits::Room;

const BUYERS: usize = 500;
const SEATS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_buyers_for_the_last_hundred_seats_over_two_processes() {
    let airline = Airline::on_sale(2, Room::Wide).await;
    let (second, _process) = airline.second_server().await;
    let token = airline.api.sign_up().await;
    airline.promote_everybody().await;
    let (one, two) = (airline.api.signed_in(&token), second.signed_in(&token));

    let day = airline.first_day.checked_add(1.day()).expect("a date");
    let flight = json!({"flight_number": "ZZ9000", "origin": "ABE", "destination": "LAX",
        "departs_local": format!("{day}T09:00"), "arrives_local": format!("{day}T11:30"), "aircraft": "73H",
        "cabins": [{"cabin": "economy", "capacity": SEATS, "classes": [{"class": "Y", "fare": 25_000}]}]});
    let id = one.post("/flights", &flight).await.json(201)["id"].clone();
    // Both processes learn of it from the feed.
    let path = format!("/search?origin=ABE&destination=LAX&date={day}&max_stops=0");
    let offer = eventually("the first process sells it", Duration::from_secs(5), async || {
        offer_of(&one, &path).await
    })
    .await;
    eventually("the second process sells it", Duration::from_secs(5), async || offer_of(&two, &path).await)
        .await;

    let mut buyers = JoinSet::new();
    for buyer in 0..BUYERS {
        let (api, offer) = (if buyer % 2 == 0 { one.clone() } else { two.clone() }, offer.clone());
        buyers.spawn(async move { api.book(&offer, &format!("buyer-{buyer}")).await });
    }
    let answers = buyers.join_all().await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sold, SEATS, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for refused in answers.into_iter().filter(|answer| answer.status != 201) {
        refused.refused(409, "sold_out");
    }
    let id = id.as_str().expect("an id");
    let left = two.get(&format!("/flights/{id}")).await.json(200)["cabins"][0]["seats_left"].clone();
    assert_eq!(left, 0);
}

/// The offer of the flight of the race, once search knows it.
async fn offer_of(api: &Api, path: &str) -> Option<Value> {
    let found = api.get(path).await.json(200);
    let itineraries = found["itineraries"].as_array().expect("itineraries").iter();
    let mut of_the_race = itineraries.filter(|found| found["segments"][0]["flight_number"] == "ZZ9000");
    of_the_race.next().map(|found| found["offer_id"].clone())
}
