//! Holding, looking at and cancelling bookings.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Airline, booking_body};

const TIMES: (&str, &str) = ("2026-06-10T08:35", "2026-06-10T10:35");
const QUERY: &str = "origin=ABE&destination=ATL&date=2026-06-10";

#[tokio::test]
async fn the_main_job_from_search_to_money_back() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    let offer = airline.offer(QUERY).await;
    let held = airline.hold(&token, &offer, "k1").await.expect(201);
    assert_eq!(held.text("/status"), "held");
    let id = held.text("/id");
    let paid = airline.pay(&token, &id, "4242 4242 4242 4242", "p1").await.expect(201);
    assert_eq!(paid.text("/status"), "succeeded");
    let path = format!("/bookings/{id}");
    let booking = airline.call("GET", &path, Some(&token), None).await.expect(200);
    assert_eq!(booking.text("/status"), "confirmed");
    assert_eq!(booking.text("/passengers/0/ticket_number").len(), 13);
    let upcoming = airline.call("GET", "/bookings?when=upcoming", Some(&token), None).await.expect(200).json;
    assert_eq!(upcoming["bookings"][0]["id"], id.as_str());
    airline.follow_feed().await;
    let search = airline.call("GET", &format!("/search?{QUERY}"), None, None).await.expect(200).json;
    assert_eq!(search["itineraries"][0]["seats_left"], 4);

    let cancelled = airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    assert_eq!(
        (cancelled.text("/status"), cancelled.text("/refunds/0/status")),
        ("cancelled".into(), "succeeded".into())
    );
    assert_eq!(cancelled.json["refunds"][0]["amount"], booking.json["price"]);
    assert_eq!(cancelled.json["price"]["amount"], 0, "nothing of it is left to pay for");
    airline.follow_feed().await;
    let search = airline.call("GET", &format!("/search?{QUERY}"), None, None).await.expect(200).json;
    assert_eq!(search["itineraries"][0]["seats_left"], 5);
    let again = airline.call("DELETE", &path, Some(&token), None).await.expect(200);
    assert_eq!(
        again.json["refunds"].as_array().map(Vec::len),
        Some(1),
        "cancelling twice returns the money once"
    );
    let book = airline.gateway_book().await;
    assert_eq!(book["refunds"].as_array().map(Vec::len), Some(1), "{book}");
}

#[tokio::test]
async fn the_same_key_gets_the_same_bytes_and_another_body_is_refused() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    let offer = airline.offer(QUERY).await;
    let first = airline.hold(&token, &offer, "k1").await.expect(201);
    // The offer has expired meanwhile; the answer to the old request has not.
    airline.later(SignedDuration::from_mins(14));
    let again = airline.hold(&token, &offer, "k1").await.expect(201);
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let mut other = booking_body(&offer);
    other["contact"]["email"] = json!("other@example.com");
    let refused =
        airline.call_keyed("POST", "/bookings", Some(&token), Some(other), Some("k1")).await.expect(422);
    assert_eq!(refused.code(), "idempotency_key_reused");
    let missing =
        airline.call("POST", "/bookings", Some(&token), Some(booking_body(&offer))).await.expect(400);
    assert_eq!(missing.code(), "idempotency_key_required");
    let stranger = airline.account("other@example.com", server::identity::api::Role::Traveller).await;
    let theirs = airline.hold(&stranger, &offer, "k1").await.expect(201);
    assert_ne!(theirs.text("/id"), first.text("/id"), "a key is its user's own");
}

#[tokio::test]
async fn a_price_that_rose_is_told_with_the_new_offer_and_one_that_fell_is_charged() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    let offer = airline.offer(QUERY).await;
    let reprice =
        |fare: u32| json!({"cabins": [{"cabin": "economy", "classes": [{"class": "Y", "fare": fare}]}]});
    let path = format!("/flights/{flight}");
    airline.call("PUT", &path, Some(&admin), Some(reprice(23_000))).await.expect(200);
    let refused = airline.hold(&token, &offer, "k1").await.expect(409);
    assert_eq!((refused.code(), &refused.json["price"]["amount"]), ("price_changed", &json!(23_000)));
    let accepted = airline.hold(&token, &refused.text("/offer_id"), "k2").await.expect(201);
    assert_eq!(accepted.json["price"]["amount"], 23_000);
    airline.call("PUT", &path, Some(&admin), Some(reprice(15_000))).await.expect(200);
    let cheaper = airline.hold(&token, &offer, "k3").await.expect(201);
    assert_eq!(cheaper.json["price"]["amount"], 15_000);
}

#[tokio::test]
async fn two_legs_are_all_or_nothing() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let first =
        airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 5).await;
    airline.flight(&admin, "KR2", ("ATL", "LAX"), ("2026-06-10T11:00", "2026-06-10T13:00"), 1).await;
    let query = "origin=ABE&destination=LAX&date=2026-06-10";
    let (one, two) = (airline.offer(query).await, airline.offer(query).await);
    airline.hold(&token, &one, "k1").await.expect(201);
    assert_eq!(airline.hold(&token, &two, "k2").await.expect(409).code(), "sold_out");
    let flight = airline.call("GET", &format!("/flights/{first}"), None, None).await.expect(200).json;
    assert_eq!(flight["cabins"][0]["seats_left"], 4, "the refused booking took nothing on its first leg");
}

#[tokio::test]
async fn passengers_must_be_the_party_of_the_offer_and_of_the_right_age() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 9).await;
    let offer = airline.offer(&format!("{QUERY}&adults=1&children=1&infants=1")).await;
    let person = |kind: &str, born: &str| json!({"type": kind, "given_name": "Asha", "family_name": "Rao", "born_on": born});
    let family = |child: &str, infant: &str| {
        vec![person("adult", "1990-05-17"), person("child", child), person("infant", infant)]
    };
    for (passengers, code) in [
        (vec![person("adult", "1990-05-17")], "party_mismatch"),
        (vec![], "invalid_field"),
        (family("2010-01-01", "2025-06-11"), "invalid_field"),
        (family("2020-01-01", "2024-06-10"), "invalid_field"),
        (family("2020-01-01", "2027-01-01"), "invalid_field"),
    ] {
        let mut body = booking_body(&offer);
        body["passengers"] = json!(passengers);
        let refused =
            airline.call_keyed("POST", "/bookings", Some(&token), Some(body), Some("k1")).await.expect(422);
        assert_eq!(refused.code(), code, "{}", refused.json);
    }
    let mut body = booking_body(&offer);
    body["passengers"] = json!(family("2020-01-01", "2024-06-11"));
    let held =
        airline.call_keyed("POST", "/bookings", Some(&token), Some(body), Some("k2")).await.expect(201).json;
    assert_eq!(held["price"]["amount"], 20_000 + 15_000 + 2_000);
    let parts: i64 = (0..3).filter_map(|i| held["passengers"][i]["price"]["amount"].as_i64()).sum();
    assert_eq!(parts, 37_000);
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 2, "an infant takes no seat");
}

#[tokio::test]
async fn other_peoples_bookings_do_not_exist() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 5).await;
    let id = airline.hold(&token, &airline.offer(QUERY).await, "k1").await.expect(201).text("/id");
    let stranger = airline.account("other@example.com", server::identity::api::Role::Traveller).await;
    let path = format!("/bookings/{id}");
    airline.call("GET", &path, Some(&stranger), None).await.expect(404);
    airline.call("DELETE", &path, Some(&stranger), None).await.expect(404);
    airline.pay(&stranger, &id, "4242424242424242", "p1").await.expect(404);
    let list = airline.call("GET", "/bookings", Some(&stranger), None).await.expect(200).json;
    assert_eq!(list["bookings"], json!([]));
    airline.call("GET", "/bookings/bkg_nonsense", Some(&token), None).await.expect(404);
}

#[tokio::test]
async fn forged_and_foreign_offers_are_refused() {
    let airline = Airline::new().await;
    let token = airline.traveller().await;
    for offer in ["", "off_", "off_AAAA", "nonsense"] {
        assert_eq!(airline.hold(&token, offer, "k1").await.expect(422).code(), "offer_unknown");
    }
}

#[tokio::test]
async fn a_connection_that_no_longer_works_is_not_sold() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let first =
        airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 5).await;
    airline.flight(&admin, "KR2", ("ATL", "LAX"), ("2026-06-10T11:00", "2026-06-10T13:00"), 5).await;
    let offer = airline.offer("origin=ABE&destination=LAX&date=2026-06-10").await;
    let path = format!("/flights/{first}");
    let retime = |arrives: &str| json!({"departs_local": "2026-06-10T08:30", "arrives_local": arrives});
    airline.call("PUT", &path, Some(&admin), Some(retime("2026-06-10T10:21"))).await.expect(200);
    assert_eq!(airline.hold(&token, &offer, "k1").await.expect(409).code(), "connection_changed");
    airline.call("PUT", &path, Some(&admin), Some(retime("2026-06-10T10:20"))).await.expect(200);
    airline.hold(&token, &offer, "k1").await.expect(201);
}

#[tokio::test]
async fn what_lies_ahead_is_listed_as_it_ends_and_what_is_past_the_other_way() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let mut booked = Vec::new();
    // Not in the order of the days.
    for (number, day) in [("KR1", 12), ("KR2", 10), ("KR3", 11)] {
        let (departs, arrives) = (format!("2026-06-{day}T08:35"), format!("2026-06-{day}T10:35"));
        airline.flight(&admin, number, ("ABE", "ATL"), (&departs, &arrives), 5).await;
        let offer = airline.offer(&format!("origin=ABE&destination=ATL&date=2026-06-{day}")).await;
        let id = airline.hold(&token, &offer, number).await.expect(201).text("/id");
        airline.pay(&token, &id, "4242424242424242", &format!("pay-{number}")).await.expect(201);
        booked.push(id);
        // A second apart, so that ids tell which came first.
        airline.later(SignedDuration::from_secs(1));
    }
    let [last, first, second] = &booked[..] else { panic!("{booked:?}") };
    let listed = async |token: &str, when: &str| {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/bookings?limit=1&when={when}{cursor}");
            let page = airline.call("GET", &path, Some(token), None).await.expect(200).json;
            ids.extend(page["bookings"][0]["id"].as_str().map(str::to_owned));
            let Some(next) = page["next_cursor"].as_str() else { return ids };
            cursor = format!("&cursor={next}");
        }
    };
    assert_eq!(listed(&token, "upcoming").await, [first, second, last].map(String::as_str));
    let odd = airline.call("GET", "/bookings?when=upcoming&cursor=bkg_1", Some(&token), None).await;
    assert_eq!(odd.expect(422).text("/field"), "cursor");
    airline.later(SignedDuration::from_hours(24 * 20));
    let login =
        serde_json::json!({"email": "traveller@example.com", "password": "a password of some length"});
    let token = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
    assert_eq!(listed(&token, "past").await, [last, second, first].map(String::as_str));
}
