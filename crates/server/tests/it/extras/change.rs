//! Changing a seat, and changing the flight under it.

use serde_json::json;

use super::{Shop, extras, lines, seats, total};

#[tokio::test]
async fn before_paying_another_seat_takes_the_place_of_the_first() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "15A", "e1").await.expect(201);
    let changed = shop.seat(&id, "12B", "e2").await.expect(201).json;
    assert_eq!(extras(&changed), lines(&[("15A", "removed", 3_900), ("12B", "reserved", 1_100)]));
    assert_eq!((total(&changed), shop.taken().await), (21_100, vec!["12B".to_owned()]));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn a_dearer_seat_costs_the_difference_and_the_first_is_kept_until_it_is_paid() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "12A", "e1").await.expect(201);
    shop.pay(&id, "p1").await.expect(201);
    let ordered = shop.seat(&id, "15A", "e2").await.expect(201).json;
    assert_eq!(ordered["orders"][0]["amount"]["amount"], 2_400);
    assert_eq!(shop.taken().await, ["12A", "15A"]);
    // The order comes to nothing: the first seat is still there.
    shop.airline
        .call("DELETE", &format!("/bookings/{id}/orders/1"), Some(&shop.token), None)
        .await
        .expect(200);
    assert_eq!(shop.taken().await, ["12A"]);
    shop.seat(&id, "15A", "e3").await.expect(201);
    shop.pay(&id, "p2").await.expect(201);
    let booking = shop.booking(&id).await;
    assert_eq!(
        extras(&booking),
        lines(&[("12A", "exchanged", 1_500), ("15A", "released", 2_400), ("15A", "issued", 2_400)])
    );
    assert_eq!((&booking["extras"][2]["value"]["amount"], total(&booking)), (&json!(3_900), 23_900));
    assert_eq!((shop.taken().await, shop.ledger("extra:seat").await), (vec!["15A".to_owned()], -3_900));
    // All of it comes back with the ticket.
    let gone =
        shop.airline.call("DELETE", &format!("/bookings/{id}"), Some(&shop.token), None).await.expect(200);
    let refunds = gone.json["refunds"].as_array().expect("refunds").iter();
    let back: i64 = refunds.map(|refund| refund["amount"]["amount"].as_i64().expect("an amount")).sum();
    assert_eq!(back, 20_000 + 3_900, "to each of the two payments what it brought");
    assert_eq!(shop.ledger("extra:seat").await, 0);
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn a_cheaper_seat_is_changed_at_once_and_gives_nothing_back() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "15A", "e1").await.expect(201);
    shop.pay(&id, "p1").await.expect(201);
    let changed = shop.seat(&id, "12B", "e2").await.expect(201).json;
    assert_eq!(extras(&changed), lines(&[("15A", "exchanged", 3_900), ("12B", "issued", 0)]));
    assert_eq!((&changed["extras"][1]["value"]["amount"], total(&changed)), (&json!(3_900), 23_900));
    assert_eq!(
        (&changed["orders"][0]["status"], shop.taken().await),
        (&json!("paid"), vec!["12B".to_owned()])
    );
    // Back to the first kind of seat: its price was paid once, and is not paid again.
    let back = shop.seat(&id, "15B", "e3").await.expect(201).json;
    assert_eq!(extras(&back)[2], ("15B".to_owned(), "issued".to_owned(), 0));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn two_of_a_party_swap_their_seats() {
    let shop = Shop::open().await;
    let who = async || {
        let rows =
            "SELECT string_agg(passenger_no || ':' || seat, ' ' ORDER BY passenger_no) FROM seat_assignments";
        shop.airline.sql().await.query_one(rows, &[]).await.expect("rows").get::<_, String>(0)
    };
    let id = shop.hold("aa", "k1").await;
    shop.buy(&id, seats(&[(1, "12A"), (2, "12C")]), "e1").await.expect(201);
    shop.buy(&id, seats(&[(1, "12C"), (2, "12A")]), "e2").await.expect(201);
    assert_eq!(who().await, "1:12C 2:12A");
    shop.pay(&id, "p1").await.expect(201);
    shop.buy(&id, seats(&[(1, "12A"), (2, "12C")]), "e3").await.expect(201);
    assert_eq!(who().await, "1:12A 2:12C");
    // Where something is to be paid the first seats are kept until then, so one cannot have the other's yet.
    let refused = shop.buy(&id, seats(&[(1, "15A"), (2, "12A")]), "e4").await.expect(409);
    assert_eq!((refused.code(), refused.text("/field").as_str()), ("seat_taken", "seats[1].seat"));
    assert_eq!(who().await, "1:12A 2:12C");
    shop.airline.assert_sound().await;
}

/// An infant's mask stays with its adult, whatever becomes of the order that changes the seat.
#[tokio::test]
async fn a_mask_follows_its_infant() {
    let shop = Shop::open().await;
    let id = shop.hold("ai", "k1").await;
    shop.seat(&id, "12B", "e1").await.expect(201);
    shop.pay(&id, "p1").await.expect(201);
    let masks = async || {
        let rows =
            "SELECT COALESCE(string_agg(block || ':' || extra_no, ' ' ORDER BY block), '') FROM lap_infants";
        shop.airline.sql().await.query_one(rows, &[]).await.expect("rows").get::<_, String>(0)
    };
    assert_eq!(masks().await, "12A:1");
    // In the same block the mask waits with the first seat, and goes over when the second is paid.
    shop.seat(&id, "12A", "e2").await.expect(201);
    assert_eq!(masks().await, "12A:1");
    shop.airline
        .call("DELETE", &format!("/bookings/{id}/orders/1"), Some(&shop.token), None)
        .await
        .expect(200);
    assert_eq!(masks().await, "12A:1");
    shop.seat(&id, "12A", "e3").await.expect(201);
    shop.pay(&id, "p2").await.expect(201);
    assert_eq!(masks().await, "12A:3");
    // In another block both are kept until then.
    shop.seat(&id, "6A", "e4").await.expect(201);
    assert_eq!(masks().await, "12A:3 6A:4");
    shop.pay(&id, "p3").await.expect(201);
    assert_eq!(masks().await, "6A:4");
    shop.airline.call("DELETE", &format!("/bookings/{id}"), Some(&shop.token), None).await.expect(200);
    assert_eq!(masks().await, "");
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn other_flights_leave_the_extras_behind_and_return_what_they_promise() {
    let shop = Shop::open().await;
    let times = ("2026-06-11T08:35", "2026-06-11T10:35");
    shop.airline.flight(&shop.admin, "KR1", ("ABE", "ATL"), times, 150).await;
    let families = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding
economy,flex,Flex,100,0,0,0:100,1,0,0,none,no,no
";
    let file = server::flights::import::File { name: "families.csv", bytes: families.as_bytes() };
    let app = &shop.airline.app;
    server::flights::import::import_fare_families(&app.db, app.now(), file).await.expect("filed");
    shop.airline.follow_feed().await;
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "12A", "e1").await.expect(201);
    shop.pay(&id, "p1").await.expect(201);
    let search = "origin=ABE&destination=ATL&date=2026-06-11";
    let offer = shop.airline.offer(search).await;
    let body = json!({"slices": [{"slice": 1, "offer_id": offer}]});
    let quote = format!("/bookings/{id}/change-quote");
    let quote = shop.airline.call("POST", &quote, Some(&shop.token), Some(body)).await.expect(200);
    let confirm = json!({"quote_id": quote.text("/quote_id")});
    let path = format!("/bookings/{id}/changes");
    let changed = shop.airline.call_keyed("POST", &path, Some(&shop.token), Some(confirm), Some("c1")).await;
    changed.expect(201);
    let booking = shop.booking(&id).await;
    assert_eq!(extras(&booking), lines(&[("12A", "refunded", 1_500)]));
    assert_eq!((total(&booking), &booking["refunds"][0]["amount"]["amount"]), (20_000, &json!(1_500)));
    assert_eq!(shop.taken().await.len(), 0);
    // Segment 1 is not flown any more; the new one is.
    assert_eq!(shop.seat(&id, "12A", "e2").await.expect(422).text("/field"), "seats[0].segment");
    let next = json!({"seats": [{"passenger": 1, "segment": 2, "seat": "12A"}]});
    shop.buy(&id, next, "e3").await.expect(201);
    shop.pay(&id, "p2").await.expect(201);
    shop.airline.run_jobs().await;
    assert_eq!((shop.ledger("traveller").await, shop.ledger("extra:seat").await), (0, -1_500));
    shop.airline.assert_sound().await;
}
