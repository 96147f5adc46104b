//! Seats and extras chosen with the hold.

use serde_json::{Value, json};

use super::{QUERY, Shop, extras, lines, total};

impl Shop {
    async fn hold_with(&self, wishes: Value, key: &str) -> crate::support::Reply {
        let offer = self.airline.offer(QUERY).await;
        let body = json!({"offer_id": offer, "extras": wishes,
            "passengers": [{"type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}],
            "contact": {"email": "asha@example.com", "phone": null}});
        self.airline.call_keyed("POST", "/bookings", Some(&self.token), Some(body), Some(key)).await
    }
}

fn wishes(seat: &str) -> Value {
    json!({"seats": [{"passenger": 1, "segment": 1, "seat": seat}],
        "items": [{"code": "bag_23", "passenger": 1, "slice": 1}]})
}

#[tokio::test]
async fn seats_and_bags_are_held_with_the_flight_and_paid_with_it() {
    let shop = Shop::open().await;
    let held = shop.hold_with(wishes("12A"), "k1").await.expect(201).json;
    assert_eq!(extras(&held), lines(&[("12A", "reserved", 1_500), ("bag_23", "reserved", 4_000)]));
    assert_eq!((&held["status"], total(&held)), (&json!("held"), 25_500));
    let id = held["id"].as_str().expect("an id");
    assert_eq!(shop.booking(id).await, held, "the answer is what is stored");
    assert_eq!(shop.pay(id, "p1").await.expect(201).json["amount"]["amount"], 25_500);
    let paid = shop.booking(id).await;
    assert_eq!(extras(&paid), lines(&[("12A", "issued", 1_500), ("bag_23", "issued", 4_000)]));
    shop.airline.assert_sound().await;
}

/// The answer is stored with all it tells of, so the same key gives the same bytes, and takes nothing more.
#[tokio::test]
async fn the_same_key_holds_once() {
    let shop = Shop::open().await;
    let offer = shop.airline.offer(QUERY).await;
    let body = json!({"offer_id": offer, "extras": wishes("12A"),
        "passengers": [{"type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}],
        "contact": {"email": "asha@example.com", "phone": null}});
    let post =
        || shop.airline.call_keyed("POST", "/bookings", Some(&shop.token), Some(body.clone()), Some("k1"));
    let (first, again) = (post().await.expect(201), post().await.expect(201));
    assert_eq!(first.json, again.json);
    assert_eq!(shop.airline.count("SELECT count(*) FROM bookings").await, 1);
    assert_eq!((shop.taken().await.len(), shop.stock_taken().await), (1, 1));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn a_hold_whose_seat_is_gone_holds_nothing() {
    let shop = Shop::open().await;
    shop.hold_with(wishes("12A"), "k1").await.expect(201);
    let refused = shop.hold_with(wishes("12A"), "k2").await.expect(409);
    assert_eq!((refused.code(), refused.text("/field").as_str()), ("seat_taken", "extras.seats[0].seat"));
    let wrong = shop.hold_with(json!({}), "k3").await.expect(422);
    assert_eq!(wrong.text("/field"), "extras.seats");
    assert_eq!(shop.airline.count("SELECT count(*) FROM bookings").await, 1);
    assert_eq!(shop.airline.count("SELECT taken::bigint FROM inventory").await, 1);
    assert_eq!((shop.taken().await.len(), shop.stock_taken().await), (1, 1));
    // The key was not used up by the refusal.
    shop.hold_with(wishes("12B"), "k2").await.expect(201);
    shop.airline.assert_sound().await;
}
