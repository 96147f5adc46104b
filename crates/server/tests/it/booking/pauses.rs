//! Who keeps seats without buying, or tries one card after another, has to pause.

use jiff::SignedDuration;

use crate::support::Airline;

const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";
const DECLINED: &str = "4000000000000002";
const CARD: &str = "4242424242424242";

async fn selling() -> (Airline, String) {
    let airline = Airline::with(|config| {
        config.limits.expired_holds = 3;
        (config.limits.given_up_holds, config.limits.declines) = (5, 8);
    })
    .await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 50).await;
    (airline, token)
}

async fn let_expire(airline: &Airline) {
    airline.later(SignedDuration::from_mins(15));
    while airline.run_job("expire_holds").await > 0 {}
}

#[tokio::test]
async fn after_three_holds_that_expired_there_is_a_pause() {
    let (airline, token) = selling().await;
    let offer = airline.offer(QUERY).await;
    let first = airline.hold(&token, &offer, "k0").await.expect(201);
    for key in ["k1", "k2"] {
        airline.hold(&token, &airline.offer(QUERY).await, key).await.expect(201);
    }
    let_expire(&airline).await;
    let refused = airline.hold(&token, &airline.offer(QUERY).await, "k3").await.expect(429);
    refused.has_code("too_many_expired_holds");
    let seconds: i64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("a number");
    assert!((1..=1_800).contains(&seconds), "{seconds}");

    let somebody = airline.account("somebody@example.com", server::identity::api::Role::Traveller).await;
    airline.hold(&somebody, &airline.offer(QUERY).await, "k1").await.expect(201);
    airline.later(SignedDuration::from_secs(seconds - 1));
    airline.hold(&token, &airline.offer(QUERY).await, "k4").await.expect(429);
    airline.later(SignedDuration::from_secs(1));
    airline.hold(&token, &airline.offer(QUERY).await, "k4").await.expect(201);
    // A request that was answered before is answered as before, pause or not.
    let_expire(&airline).await;
    airline.hold(&token, &airline.offer(QUERY).await, "k5").await.expect(429);
    let replay = airline.hold(&token, &offer, "k0").await.expect(201);
    assert_eq!(replay.bytes, first.bytes);
}

#[tokio::test]
async fn what_is_cancelled_or_paid_counts_for_nothing() {
    let (airline, token) = selling().await;
    for round in 0..5 {
        let held = airline.hold(&token, &airline.offer(QUERY).await, &format!("c{round}")).await.expect(201);
        let path = format!("/bookings/{}", held.text("/id"));
        airline.call("DELETE", &path, Some(&token), None).await.expect(200);
        let held = airline.hold(&token, &airline.offer(QUERY).await, &format!("p{round}")).await.expect(201);
        airline.pay(&token, &held.text("/id"), CARD, &format!("q{round}")).await.expect(201);
        let_expire(&airline).await;
    }
}

/// Held and given up again and again, seats are kept from others as well.
#[tokio::test]
async fn after_five_holds_that_were_given_up_there_is_a_pause() {
    let (airline, token) = selling().await;
    let give_up = async |round: u32| {
        let held = airline.hold(&token, &airline.offer(QUERY).await, &format!("g{round}")).await.expect(201);
        let path = format!("/bookings/{}", held.text("/id"));
        for _ in 0..2 {
            airline.call("DELETE", &path, Some(&token), None).await.expect(200);
        }
    };
    for round in 0..5 {
        give_up(round).await;
    }
    let refused = airline.hold(&token, &airline.offer(QUERY).await, "g5").await.expect(429);
    refused.has_code("too_many_given_up_holds");
    airline.later(SignedDuration::from_mins(10));
    give_up(6).await;
    airline.hold(&token, &airline.offer(QUERY).await, "g7").await.expect(429);
}

#[tokio::test]
async fn after_eight_declines_there_is_a_pause() {
    let (airline, token) = selling().await;
    let booking = airline.hold(&token, &airline.offer(QUERY).await, "k1").await.expect(201).text("/id");
    for round in 0..8 {
        let tried = airline.pay(&token, &booking, DECLINED, &format!("d{round}")).await.expect(201);
        assert_eq!(tried.text("/status"), "declined");
    }
    let asked = airline.gateway_book().await["payment_intents"].as_array().map_or(0, Vec::len);
    let refused = airline.pay(&token, &booking, CARD, "d8").await.expect(429);
    refused.has_code("too_many_declines");
    assert!(refused.headers.contains_key("retry-after"));
    let book = airline.gateway_book().await;
    assert_eq!(book["payment_intents"].as_array().map_or(0, Vec::len), asked, "the gateway was not asked");
    airline.later(SignedDuration::from_mins(10));
    let paid = airline.pay(&token, &booking, CARD, "d8").await.expect(201);
    assert_eq!(paid.text("/status"), "succeeded");
}
