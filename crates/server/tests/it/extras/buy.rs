use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use super::{CARD, Shop, bag, extras, lines, seats, total, unknown_booking};

#[tokio::test]
async fn a_hold_is_paid_with_its_seat_and_its_bag() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    let mut both = bag(2);
    both["seats"] = seats(&[(1, "12A")])["seats"].clone();
    let held = shop.buy(&id, both, "e1").await.expect(201).json;
    assert_eq!(extras(&held), lines(&[("12A", "reserved", 1_500), ("bag_23", "reserved", 8_000)]));
    assert_eq!(total(&held), 20_000 + 1_500 + 8_000);
    assert_eq!(shop.ledger("extra:seat").await, 0, "nothing is sold before it is paid");

    let paid = shop.pay(&id, "p1").await.expect(201).json;
    assert_eq!(paid["amount"]["amount"], 29_500);
    let booking = shop.booking(&id).await;
    assert_eq!(extras(&booking), lines(&[("12A", "issued", 1_500), ("bag_23", "issued", 8_000)]));
    let documents: Vec<&str> = booking["extras"]
        .as_array()
        .expect("extras")
        .iter()
        .map(|extra| extra["emd_number"].as_str().expect("a document"))
        .collect();
    assert_eq!(documents, ["9998200000001", "9998200000002"]);
    assert_eq!(
        booking["passengers"][0]["ticket_number"], "9990000000001",
        "documents are numbered apart from tickets"
    );
    assert_eq!((shop.ledger("extra:seat").await, shop.ledger("extra:baggage").await), (-1_500, -8_000));
    assert_eq!((shop.ledger("traveller").await, shop.ledger("gateway").await), (0, 29_500));
    assert_eq!((shop.taken().await, shop.stock_taken().await), (vec!["12A".to_owned()], 2));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn an_unpaid_hold_gives_seats_and_stock_back() {
    let shop = Shop::open().await;
    for how in ["expired", "cancelled"] {
        let id = shop.hold("a", how).await;
        shop.seat(&id, "12A", &format!("s-{how}")).await.expect(201);
        shop.buy(&id, bag(1), &format!("b-{how}")).await.expect(201);
        if how == "expired" {
            shop.airline.later(SignedDuration::from_mins(15));
            assert_eq!(shop.airline.run_job("expire_holds").await, 1);
        } else {
            let path = format!("/bookings/{id}");
            shop.airline.call("DELETE", &path, Some(&shop.token), None).await.expect(200);
        }
        assert_eq!((shop.taken().await.len(), shop.stock_taken().await), (0, 0), "{how}");
        let booking = shop.booking(&id).await;
        assert_eq!(booking["status"], how);
        assert_eq!(extras(&booking), lines(&[("12A", "released", 1_500), ("bag_23", "released", 4_000)]));
    }
    shop.airline.assert_sound().await;
}

/// Pays with a card whose answer is lost, and lets the hold expire before it is found.
async fn paid_late(shop: &Shop) -> String {
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "12A", "e1").await.expect(201);
    shop.buy(&id, bag(1), "e2").await.expect(201);
    shop.airline.pay(&shop.token, &id, "4000000000000408", "p1").await.expect(201);
    shop.airline.later(SignedDuration::from_mins(15 + 61));
    assert_eq!(shop.airline.run_job("expire_holds").await, 1);
    assert_eq!((shop.taken().await.len(), shop.stock_taken().await), (0, 0));
    id
}

#[tokio::test]
async fn late_money_takes_the_same_seat_and_bag_again() {
    let shop = Shop::open().await;
    let id = paid_late(&shop).await;
    shop.airline.run_job("reconcile_payments").await;
    let booking = shop.booking(&id).await;
    assert_eq!(booking["status"], "confirmed");
    assert_eq!(extras(&booking), lines(&[("12A", "issued", 1_500), ("bag_23", "issued", 4_000)]));
    assert_eq!((shop.taken().await, shop.stock_taken().await), (vec!["12A".to_owned()], 1));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn late_money_goes_back_when_the_seat_is_gone() {
    let shop = Shop::open().await;
    let id = paid_late(&shop).await;
    let other = shop.hold("a", "k2").await;
    shop.seat(&other, "12A", "e3").await.expect(201);
    shop.airline.run_jobs().await;
    let booking = shop.booking(&id).await;
    assert_eq!(
        (&booking["status"], &booking["refunds"][0]["amount"]["amount"]),
        (&json!("expired"), &json!(25_500))
    );
    assert_eq!(
        shop.airline.count("SELECT taken::bigint FROM inventory").await,
        1,
        "and keeps no seat of the flight"
    );
    assert_eq!((shop.taken().await, shop.stock_taken().await), (vec!["12A".to_owned()], 0));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn later_purchases_are_orders_of_their_own() {
    let shop = Shop::open().await;
    let id = shop.confirmed("k1").await;
    let ordered = shop.buy(&id, bag(1), "e1").await.expect(201).json;
    assert_eq!(
        (&ordered["orders"][0]["kind"], &ordered["orders"][0]["amount"]["amount"]),
        (&json!("extras"), &json!(4_000))
    );
    assert_eq!(total(&ordered), 20_000, "the booking costs more once it is paid");
    let another = shop.seat(&id, "12A", "e2").await.expect(409);
    assert_eq!(another.code(), "order_open");
    assert_eq!(shop.pay(&id, "p2").await.expect(201).json["amount"]["amount"], 4_000);
    let paid = shop.booking(&id).await;
    assert_eq!((total(&paid), &paid["orders"][0]["status"]), (24_000, &json!("paid")));
    assert_eq!(extras(&paid), lines(&[("bag_23", "issued", 4_000)]));
    assert_eq!((shop.ledger("extra:baggage").await, shop.ledger("traveller").await), (-4_000, 0));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn money_for_an_order_that_comes_after_the_flight_goes_back() {
    let shop = Shop::open().await;
    let id = shop.confirmed("k1").await;
    shop.before_departure(61);
    shop.seat(&id, "12A", "e1").await.expect(201);
    shop.airline.pay(&shop.token, &id, "4000000000000408", "p2").await.expect(201);
    shop.before_departure(0);
    shop.airline.run_job("reconcile_payments").await;
    shop.airline.run_jobs().await;
    let booking = shop.booking(&id).await;
    assert_eq!(extras(&booking), lines(&[("12A", "released", 1_500)]));
    assert_eq!((total(&booking), &booking["refunds"][0]["amount"]["amount"]), (20_000, &json!(1_500)));
    assert_eq!((shop.taken().await.len(), shop.ledger("extra:seat").await), (0, 0));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn an_order_that_is_not_paid_gives_everything_back() {
    let shop = Shop::open().await;
    let id = shop.confirmed("k1").await;
    for how in ["expired", "cancelled"] {
        let mut both = bag(1);
        both["seats"] = seats(&[(1, "12A")])["seats"].clone();
        shop.buy(&id, both, how).await.expect(201);
        if how == "expired" {
            shop.airline.later(SignedDuration::from_mins(15));
            assert_eq!(shop.airline.run_job("expire_orders").await, 1);
        } else {
            let path = format!("/bookings/{id}/orders/2");
            shop.airline.call("DELETE", &path, Some(&shop.token), None).await.expect(200);
        }
        assert_eq!((shop.taken().await.len(), shop.stock_taken().await), (0, 0), "{how}");
    }
    assert_eq!(total(&shop.booking(&id).await), 20_000);
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn what_is_not_paid_can_be_taken_out_again() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "12A", "e1").await.expect(201);
    shop.buy(&id, bag(1), "e2").await.expect(201);
    let remove = async |id: &str, extra: i16| {
        let path = format!("/bookings/{id}/extras/{extra}");
        shop.airline.call("DELETE", &path, Some(&shop.token), None).await
    };
    let left = remove(&id, 1).await.expect(200).json;
    assert_eq!((total(&left), shop.taken().await.len()), (24_000, 0));
    assert_eq!(extras(&left), lines(&[("12A", "removed", 1_500), ("bag_23", "reserved", 4_000)]));
    assert_eq!(total(&remove(&id, 1).await.expect(200).json), 24_000, "once is enough");
    assert_eq!(remove(&id, 9).await.expect(404).code(), "not_found");
    shop.pay(&id, "p1").await.expect(201);
    assert_eq!(remove(&id, 2).await.expect(409).code(), "already_paid");
    // An order that has nothing left is given up.
    let mut both = bag(1);
    both["seats"] = seats(&[(1, "14A")])["seats"].clone();
    shop.buy(&id, both, "e3").await.expect(201);
    let cheaper = remove(&id, 4).await.expect(200).json;
    assert_eq!(
        (&cheaper["orders"][0]["status"], &cheaper["orders"][0]["amount"]["amount"]),
        (&json!("open"), &json!(1_500))
    );
    let closed = remove(&id, 3).await.expect(200).json;
    assert_eq!(closed["orders"][0]["status"], "cancelled");
    assert_eq!(shop.taken().await.len(), 0);
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn the_same_key_buys_once() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    let first = shop.seat(&id, "12A", "e1").await.expect(201);
    let again = shop.seat(&id, "12A", "e1").await.expect(201);
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(shop.seat(&id, "12B", "e1").await.expect(422).code(), "idempotency_key_reused");
    assert_eq!(extras(&shop.booking(&id).await).len(), 1);
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn sales_close_with_check_in_to_the_minute() {
    let shop = Shop::open().await;
    let id = shop.confirmed("k1").await;
    shop.before_departure(60);
    for (body, field) in [(seats(&[(1, "12A")]), "seats[0].segment"), (bag(1), "items[0].segment")] {
        let closed = shop.buy(&id, body, "e1").await.expect(409);
        assert_eq!((closed.code(), closed.text("/field").as_str()), ("extras_closed", field));
    }
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn a_minute_before_the_end_seats_are_sold_and_bags_are_not() {
    let shop = Shop::open().await;
    let id = shop.confirmed("k1").await;
    shop.before_departure(61);
    shop.seat(&id, "12A", "e1").await.expect(201);
    shop.airline
        .call("DELETE", &format!("/bookings/{id}/orders/1"), Some(&shop.token), None)
        .await
        .expect(200);
    // Bags of the catalogue are sold until two hours before departure.
    let closed = shop.buy(&id, bag(1), "e2").await.expect(409);
    assert_eq!((closed.code(), closed.text("/field").as_str()), ("extras_closed", "items[0].code"));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn wrong_requests_name_the_field() {
    let shop = Shop::open().await;
    let id = shop.hold("ai", "k1").await;
    let item = |code: &str, passenger: i16, rest: &str| {
        let mut item = json!({"code": code, "passenger": passenger});
        for pair in rest.split_whitespace() {
            let (name, value) = pair.split_once('=').expect("a pair");
            item[name] = value.parse::<i64>().expect("a number").into();
        }
        json!({"items": [item]})
    };
    let seat = |passenger: i16, segment: i16, seat: &str| json!({"seats": [{"passenger": passenger, "segment": segment, "seat": seat}]});
    for (body, status, code, field) in [
        (json!({}), 422, "invalid_field", "seats"),
        (json!({"seat": []}), 422, "invalid_field", "seat"),
        (seat(9, 1, "12A"), 422, "invalid_field", "seats[0].passenger"),
        (seat(2, 1, "12A"), 422, "invalid_field", "seats[0].passenger"),
        (seat(1, 9, "12A"), 422, "invalid_field", "seats[0].segment"),
        (seat(1, 1, "12I"), 422, "invalid_field", "seats[0].seat"),
        (seat(1, 1, "0A"), 422, "invalid_field", "seats[0].seat"),
        (seat(1, 1, "99A"), 422, "seat_not_allowed", "seats[0].seat"),
        (seat(1, 1, "15A"), 422, "seat_not_allowed", "seats[0].seat"),
        (seats(&[(1, "12A"), (1, "12B")]), 422, "invalid_field", "seats[1]"),
        (item("gold", 1, "segment=1"), 422, "invalid_field", "items[0].code"),
        (item("bag_23", 1, "segment=1"), 422, "invalid_field", "items[0].slice"),
        (item("bag_23", 1, "slice=1 segment=1"), 422, "invalid_field", "items[0].slice"),
        (item("bag_23", 1, "slice=7"), 422, "invalid_field", "items[0].slice"),
        (item("meal_veg", 1, "slice=1"), 422, "invalid_field", "items[0].segment"),
        (item("meal_veg", 1, "segment=1 quantity=0"), 422, "invalid_field", "items[0].quantity"),
        (item("meal_veg", 1, "segment=1 quantity=3"), 422, "invalid_field", "items[0].quantity"),
        (item("meal_veg", 1, "segment=1 quantity=300"), 422, "invalid_field", "items[0].quantity"),
        (item("meal_veg", 2, "segment=1"), 422, "extra_not_allowed", "items[0].passenger"),
        (item("meal_child", 1, "segment=1"), 422, "extra_not_allowed", "items[0].passenger"),
    ] {
        let refused = shop.buy(&id, body.clone(), "e1").await.expect(status);
        assert_eq!((refused.code(), refused.text("/field").as_str()), (code, field), "{body}");
    }
    let booking = shop.booking(&id).await;
    assert_eq!((extras(&booking).len(), shop.taken().await.len()), (0, 0), "nothing was done");
    // What is asked for twice in one request counts together.
    let meal = json!({"code": "meal_veg", "passenger": 1, "segment": 1, "quantity": 2});
    let twice = shop.buy(&id, json!({"items": [meal, meal]}), "e1").await.expect(422);
    assert_eq!(twice.text("/field"), "items[1].quantity");
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn only_open_bookings_of_ones_own() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    assert_eq!(shop.seat(&unknown_booking(), "12A", "e1").await.expect(404).code(), "not_found");
    let stranger = shop.airline.account("stranger@example.com", Role::Traveller).await;
    let path = format!("/bookings/{id}/extras");
    let theirs = shop.airline.call_keyed("POST", &path, Some(&stranger), Some(bag(1)), Some("e1")).await;
    assert_eq!(theirs.expect(404).code(), "not_found");
    let remove = format!("/bookings/{id}/extras/1");
    assert_eq!(
        shop.airline.call("DELETE", &remove, Some(&stranger), None).await.expect(404).code(),
        "not_found"
    );
    let look = format!("/bookings/{id}/seats");
    assert_eq!(shop.airline.call("GET", &look, Some(&stranger), None).await.expect(404).code(), "not_found");
    // A payment under way freezes the price.
    shop.airline.pay(&shop.token, &id, "4000000000000408", "p1").await.expect(201);
    assert_eq!(shop.seat(&id, "12A", "e1").await.expect(409).code(), "payment_in_progress");
    let late = shop.hold("a", "k2").await;
    shop.airline.later(SignedDuration::from_mins(15));
    assert_eq!(shop.seat(&late, "12A", "e2").await.expect(409).code(), "hold_expired");
    shop.airline.run_job("expire_holds").await;
    assert_eq!(shop.seat(&late, "12A", "e2").await.expect(409).code(), "hold_expired");
    let gone = shop.confirmed("k3").await;
    shop.airline.call("DELETE", &format!("/bookings/{gone}"), Some(&shop.token), None).await.expect(200);
    assert_eq!(shop.seat(&gone, "12A", "e3").await.expect(409).code(), "booking_closed");
    let broken = shop.confirmed("k4").await;
    let cancel = json!({"status": "cancelled"});
    shop.airline
        .call("PUT", &format!("/flights/{}", shop.flight), Some(&shop.admin), Some(cancel))
        .await
        .expect(200);
    assert_eq!(shop.seat(&broken, "12A", "e4").await.expect(409).code(), "flight_cancelled");
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn cancelling_gives_back_what_the_extras_promise() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "12A", "e1").await.expect(201);
    // Excess weight is not refundable; the seat is, until a day before departure.
    let weight = json!({"items": [{"code": "excess_kg", "passenger": 1, "segment": 1, "quantity": 3}]});
    shop.buy(&id, weight, "e2").await.expect(201);
    shop.airline.pay(&shop.token, &id, CARD, "p1").await.expect(201);
    shop.airline.later(SignedDuration::from_hours(48));
    let quote = format!("/bookings/{id}/cancellation-quote");
    let quote = shop.airline.call("POST", &quote, Some(&shop.token), Some(json!({}))).await.expect(200).json;
    let part = |name: &str| {
        let lines = quote["lines"].as_array().expect("lines");
        let line = lines.iter().find(|line| line["part"] == name).expect("a line");
        (
            line["refund"]["amount"].as_i64().expect("an amount"),
            line["reason"].as_str().expect("a word").to_owned(),
        )
    };
    assert_eq!(part("seat"), (1_500, "fare_rule".to_owned()));
    assert_eq!(part("baggage"), (0, "not_refundable".to_owned()));
    assert_eq!(quote["refund"]["amount"], 21_500);
    let path = format!("/bookings/{id}");
    let gone = shop.airline.call("DELETE", &path, Some(&shop.token), None).await.expect(200).json;
    assert_eq!(
        (&gone["status"], &gone["refunds"][0]["amount"]["amount"]),
        (&json!("cancelled"), &json!(21_500))
    );
    assert_eq!(extras(&gone), lines(&[("12A", "refunded", 1_500), ("excess_kg", "refunded", 2_700)]));
    assert_eq!((shop.taken().await.len(), shop.stock_taken().await), (0, 0));
    shop.airline.run_jobs().await;
    for (account, amount) in [("traveller", 0), ("extra:seat", 0), ("extra:baggage", 0), ("fees", -2_700)] {
        assert_eq!(shop.ledger(account).await, amount, "{account}");
    }
    shop.airline.assert_sound().await;
}

/// What happens to seats and extras is told, in order; a booking without any tells nothing of them.
#[tokio::test]
async fn what_happens_to_extras_is_told() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "15A", "e1").await.expect(201);
    let mut both = bag(1);
    both["seats"] = seats(&[(1, "12A")])["seats"].clone();
    shop.buy(&id, both, "e2").await.expect(201);
    shop.pay(&id, "p1").await.expect(201);
    // 12B is cheaper: the seat is changed at once.
    shop.seat(&id, "12B", "e3").await.expect(201);
    shop.airline.call("DELETE", &format!("/bookings/{id}"), Some(&shop.token), None).await.expect(200);
    let path = format!("/admin/events?subject={id}&limit=100");
    let page = shop.airline.call("GET", &path, Some(&shop.admin), None).await.expect(200);
    let mut told: Vec<(i64, &str, &Value)> = page.json["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| {
            let name = event["type"].as_str().expect("a type");
            (event["sequence"].as_i64().expect("a number"), name, &event["data"])
        })
        .filter(|(_, name, _)| name.starts_with("booking.extras_"))
        .collect();
    told.sort_by_key(|(sequence, ..)| *sequence);
    let brief: Vec<String> = told
        .iter()
        .map(|(_, name, data)| {
            let extras = data["extras"].as_array().expect("extras").iter();
            let words =
                extras.map(|extra| extra["seat"].as_str().or(extra["code"].as_str()).expect("a word"));
            let about = data["cause"].as_str().map_or_else(|| data["order"].to_string(), str::to_owned);
            format!("{} {about}: {}", &name["booking.extras_".len()..], words.collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(
        brief,
        [
            "reserved 0: 15A",
            "released removed: 15A",
            "reserved 0: 12A bag_23",
            "issued 0: 12A bag_23",
            "reserved 1: 12B",
            "issued 1: 12B",
            "released refunded: bag_23 12B",
        ]
    );
    assert_eq!((&told[3].2["price"]["amount"], &told[5].2["price"]["amount"]), (&json!(5_500), &json!(0)));
    assert_eq!(told[5].2["extras"][0]["replaces"], 2, "the seat it takes the place of");
    assert_eq!(told[2].2["extras"][0]["flights"], json!([shop.flight]));
    let other = shop.confirmed("k2").await;
    let path = format!("/admin/events?subject={other}&type=booking.*");
    let page = shop.airline.call("GET", &path, Some(&shop.admin), None).await.expect(200);
    assert_eq!(page.json["events"].as_array().map(Vec::len), Some(2), "held and confirmed");
}

/// Who takes out all that costs something pays nothing, and has the rest at once.
#[tokio::test]
async fn an_order_that_costs_nothing_any_more_is_done() {
    let shop = Shop::open().await;
    let water = json!({"code": "water", "extra": {"kind": "other", "name": "Water", "per": "flight", "unit": "one",
        "price": {"amount": 0, "currency": "USD"}, "cabins": ["economy"], "passengers": ["adult"], "most": 1}});
    shop.airline.call("POST", "/extras", Some(&shop.admin), Some(water)).await.expect(201);
    let id = shop.confirmed("k1").await;
    let both = json!({"items": [{"code": "bag_23", "passenger": 1, "slice": 1},
        {"code": "water", "passenger": 1, "segment": 1}]});
    shop.buy(&id, both, "e1").await.expect(201);
    let path = format!("/bookings/{id}/extras/1");
    let left = shop.airline.call("DELETE", &path, Some(&shop.token), None).await.expect(200).json;
    assert_eq!(extras(&left), lines(&[("bag_23", "removed", 4_000), ("water", "issued", 0)]));
    assert_eq!((&left["orders"][0]["status"], total(&left)), (&json!("paid"), 20_000));
    shop.airline.assert_sound().await;
}
