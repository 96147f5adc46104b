//! What is less than the gateway charges is waived: it comes off what was sold, and never comes back.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::extras::import::import_extras;
use server::flights::import::{File, import_fare_families, import_taxes};

use crate::booking::cancel::{amount, assert_settled, look};
use crate::support::{Airline, Reply, booking_body};

const CARD: &str = "4242424242424242";
const FIRST: (&str, &str) = ("KR1", "2026-06-10");
const SECOND: (&str, &str) = ("KR2", "2026-06-20");
const EXTRAS: &str =
    "code,kind,name,per,unit,kg,price,currency,cabins,passengers,most,stock,refund,closes_minutes
sticker,other,Sticker,slice,one,,30,USD,economy,adult,9,,24:100,60
album,other,Album,slice,one,,1000,USD,economy,adult,9,,24:100,60
";
/// A change costs 0.30.
const FAMILY: &str = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding
economy,economy_standard,Standard,100,0,30,24:100,1,1,23,standard,no,no
";

struct Shop {
    airline: Airline,
    admin: String,
    token: String,
}

impl Shop {
    async fn open() -> Self {
        let airline = Airline::new().await;
        let (admin, token) = (airline.admin().await, airline.traveller().await);
        let extras = File { name: "extras.csv", bytes: EXTRAS.as_bytes() };
        import_extras(&airline.app.db, airline.app.now(), extras).await.expect("extras");
        Self { airline, admin, token }
    }

    async fn sells(&self, (number, date): (&str, &str), fare: u32) {
        let times = (format!("{date}T08:35"), format!("{date}T10:35"));
        let cabins = json!([{"cabin": "economy", "capacity": 9, "classes": [{"class": "Y", "fare": fare}]}]);
        let route = ("ABE", "ATL");
        self.airline.flight_with(&self.admin, number, route, (&times.0, &times.1), cabins).await;
    }

    async fn offer(&self, (_, date): (&str, &str)) -> String {
        self.airline.offer(&format!("origin=ABE&destination=ATL&date={date}")).await
    }

    /// Holds the first flight, with whatever else.
    async fn hold(&self, more: Value) -> Reply {
        let mut body = booking_body(&self.offer(FIRST).await);
        for (name, value) in more.as_object().expect("members") {
            body[name] = value.clone();
        }
        self.post("/bookings", body, "hold").await.expect(201)
    }

    async fn post(&self, path: &str, body: Value, key: &str) -> Reply {
        self.airline.call_keyed("POST", path, Some(&self.token), Some(body), Some(key)).await
    }

    async fn pay(&self, id: &str, expected: i64, key: &str) -> Reply {
        let body = json!({"booking_id": id, "method": {"type": "card", "number": CARD},
            "expected_total": {"amount": expected, "currency": "USD"}});
        self.post("/payments", body, key).await
    }

    async fn bought(&self) -> String {
        let held = self.hold(json!({})).await;
        let paid = self.pay(&held.text("/id"), amount(&held, "/price/amount"), "pay").await.expect(201);
        assert_eq!(paid.text("/status"), "succeeded");
        held.text("/id")
    }

    async fn code_off(&self, off: i64) {
        let terms = json!({"name": "Nearly all", "audience": "public",
            "benefit": {"kind": "amount", "amounts": [{"amount": off, "currency": "USD"}]}});
        let body = json!({"code": "NEARLY", "terms": terms});
        self.airline.call("POST", "/admin/promotions", Some(&self.admin), Some(body)).await.expect(201);
    }

    async fn intents(&self) -> usize {
        self.airline.gateway_book().await["payment_intents"].as_array().map_or(0, Vec::len)
    }

    async fn look(&self, id: &str) -> Reply {
        look(&self.airline, &self.token, id).await
    }

    /// Orders a sticker and an album, which are 10.30 together; where to take the album out.
    async fn order_both(&self, id: &str, order: usize) -> String {
        let path = format!("/bookings/{id}/extras");
        let item = |code: &str| json!({"code": code, "passenger": 1, "slice": 1});
        let items = json!({"items": [item("sticker"), item("album")]});
        let both = self.post(&path, items, &format!("both-{order}")).await.expect(201);
        assert_eq!(both.text(&format!("/orders/{order}/status")), "open");
        assert_eq!(amount(&both, &format!("/orders/{order}/amount/amount")), 1_030);
        let extras = both.json["extras"].as_array().expect("extras");
        let is_new = |extra: &&Value| extra["code"] == "album" && extra["status"] == "reserved";
        let album = extras.iter().find(is_new).expect("an album");
        format!("{path}/{}", album["extra"])
    }

    /// The lines of a movement of the receipt that are not about money: account, name and amount.
    async fn sale_lines(&self, id: &str, kind: &str) -> Vec<(String, String, i64)> {
        let path = format!("/bookings/{id}/receipt");
        let receipt = self.airline.call("GET", &path, Some(&self.token), None).await.expect(200);
        assert_eq!(amount(&receipt, "/owed/amount"), 0);
        let entries = receipt.json["entries"].as_array().expect("entries").clone();
        let lines = entries
            .iter()
            .filter(|entry| entry["kind"] == kind)
            .flat_map(|entry| entry["lines"].as_array().expect("lines").clone());
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let line = |line: Value| {
            let money = line["amount"]["amount"].as_i64().expect("an amount");
            (text(&line["account"]), text(&line["name"]), money)
        };
        lines.map(line).collect()
    }

    /// Gives the booking back on the first day: all of it, which is `paid`.
    async fn give_back(&self, id: &str, paid: i64) {
        let gone = self.airline.call("DELETE", &format!("/bookings/{id}"), Some(&self.token), None).await;
        let gone = gone.expect(200);
        assert_eq!(gone.text("/status"), "cancelled");
        let refunds = gone.json["refunds"].as_array().expect("refunds");
        let back: i64 = refunds.iter().filter_map(|refund| refund["amount"]["amount"].as_i64()).sum();
        assert_eq!(back, paid);
        self.airline.run_jobs().await;
        assert_settled(&self.airline, 0).await;
    }
}

fn line(account: &str, name: &str, amount: i64) -> (String, String, i64) {
    (account.to_owned(), name.to_owned(), amount)
}

#[tokio::test]
async fn a_hold_that_is_too_little_to_charge_is_confirmed_and_costs_nothing() {
    let shop = Shop::open().await;
    shop.sells(FIRST, 20_000).await;
    shop.code_off(19_990).await;
    let bag = json!({"items": [{"code": "sticker", "passenger": 1, "slice": 1}]});
    let held = shop.hold(json!({"promotion_code": "NEARLY", "extras": bag})).await;
    assert_eq!(amount(&held, "/price/amount"), 40, "10 of the fare and 30 of an extra");
    let id = held.text("/id");
    assert_eq!(shop.pay(&id, 39, "p1").await.expect(409).code(), "price_changed");
    let paid = shop.pay(&id, 40, "p2").await.expect(201);
    assert_eq!((paid.text("/status"), amount(&paid, "/amount/amount")), ("succeeded".into(), 0));
    let booking = shop.look(&id).await;
    assert_eq!((booking.text("/status"), amount(&booking, "/price/amount")), ("confirmed".into(), 0));
    assert_eq!(amount(&booking, "/fares/0/discount/amount"), 20_000);
    assert_eq!(amount(&booking, "/extras/0/discount/amount"), 30);
    assert_eq!(amount(&booking, "/waivers/0/amount/amount"), 40);
    assert_eq!(amount(&booking, "/waivers/0/off_fares/amount"), 10);
    assert_eq!(booking.json["waivers"][0]["order"], 0);
    assert_eq!(shop.intents().await, 0, "the gateway is not asked");
    let named = "Nearly all (NEARLY), Too little to charge";
    let lines = shop.sale_lines(&id, "sale").await;
    assert_eq!(lines, [line("fares", "", 20_000), line("discounts", named, -20_000)]);
    shop.airline.assert_sound().await;
    shop.give_back(&id, 0).await;
}

/// From the least amount on everything is as it was.
#[tokio::test]
async fn the_least_amount_is_charged() {
    let shop = Shop::open().await;
    shop.sells(FIRST, 20_000).await;
    shop.code_off(19_950).await;
    let id = shop.hold(json!({"promotion_code": "NEARLY"})).await.text("/id");
    let paid = shop.pay(&id, 50, "p1").await.expect(201);
    assert_eq!((paid.text("/status"), amount(&paid, "/amount/amount")), ("succeeded".into(), 50));
    assert_eq!(shop.look(&id).await.json["waivers"], json!([]));
    shop.give_back(&id, 50).await;
}

/// Without the setting the gateway is asked, and refuses: so it was.
#[tokio::test]
async fn control_without_the_least_amounts_nobody_can_pay() {
    let airline = Airline::with(|config| config.gateway.minimum_amounts.clear()).await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let shop = Shop { airline, admin, token };
    shop.sells(FIRST, 49).await;
    let id = shop.hold(json!({})).await.text("/id");
    let paid = shop.pay(&id, 49, "p1").await.expect(201);
    assert_eq!(
        (paid.text("/status"), paid.text("/decline_code")),
        ("declined".into(), "amount_too_small".into())
    );
}

/// What is not paid is not taxed, and taxes that were not paid do not come back.
#[tokio::test]
async fn taxes_of_a_waived_hold_are_not_collected() {
    let shop = Shop::open().await;
    let taxes = include_bytes!("../../../../../data/taxes.csv");
    let file = File { name: "taxes.csv", bytes: taxes };
    import_taxes(&shop.airline.app.db, shop.airline.app.now(), file).await.expect("filed");
    shop.airline.follow_feed().await;
    shop.sells(FIRST, 45).await;
    let held = shop.hold(json!({})).await;
    let taxed: i64 = held.json["fares"][0]["taxes"]
        .as_array()
        .expect("taxes")
        .iter()
        .filter_map(|tax| tax["amount"]["amount"].as_i64())
        .sum();
    assert!(taxed > 0, "{}", held.json);
    let id = held.text("/id");
    shop.pay(&id, 45, "p1").await.expect(201);
    let booking = shop.look(&id).await;
    assert_eq!((booking.text("/status"), amount(&booking, "/price/amount")), ("confirmed".into(), 0));
    assert_eq!(amount(&booking, "/fares/0/taxes/0/amount/amount"), 0);
    assert_eq!(amount(&booking, "/waivers/0/off_fares/amount"), 45 - taxed);
    shop.give_back(&id, 0).await;
}

/// The server went down between writing a payment of nothing and confirming: the reconciler does it, and no gateway is searched.
#[tokio::test]
async fn a_payment_of_nothing_that_was_cut_short_is_finished() {
    let shop = Shop::open().await;
    shop.sells(FIRST, 45).await;
    let id = shop.hold(json!({})).await.text("/id");
    let cut = "WITH frozen AS (UPDATE bookings SET paying = true RETURNING id, user_id, currency),
                    linked AS (INSERT INTO payment_bookings (payment_id, booking_id)
                        SELECT '0193f2a1-c5d0-7bb2-a4d1-c0ffee000003', id FROM frozen)
               INSERT INTO payments (booking_id, id, user_id, status, amount, currency, method, created_at, next_check_at)
               SELECT id, '0193f2a1-c5d0-7bb2-a4d1-c0ffee000003', user_id, 'processing', 0, currency,
                      '{\"type\": \"card\"}', '2026-06-01T12:00:00Z', '2026-06-01T12:00:10Z' FROM frozen";
    shop.airline.sql().await.batch(cut).await.expect("cut short");
    shop.airline.later(SignedDuration::from_secs(11));
    assert_eq!(shop.airline.run_job("reconcile_payments").await, 1);
    let booking = shop.look(&id).await;
    assert_eq!((booking.text("/status"), amount(&booking, "/price/amount")), ("confirmed".into(), 0));
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn extras_that_are_too_little_to_charge_are_issued_at_once() {
    let shop = Shop::open().await;
    shop.sells(FIRST, 20_000).await;
    let id = shop.bought().await;
    let path = format!("/bookings/{id}/extras");
    let item = |code: &str| json!({"code": code, "passenger": 1, "slice": 1});
    let had = shop.post(&path, json!({"items": [item("sticker")]}), "e1").await.expect(201);
    assert_eq!((had.text("/orders/0/status"), amount(&had, "/orders/0/amount/amount")), ("paid".into(), 0));
    assert_eq!((had.text("/extras/0/status"), amount(&had, "/extras/0/price/amount")), ("issued".into(), 0));
    assert_eq!((amount(&had, "/price/amount"), amount(&had, "/waivers/0/amount/amount")), (20_000, 30));
    assert_eq!(had.json["waivers"][0]["order"], 1);

    // Another by itself would be for nothing again and again; nothing is left of it.
    let again = shop.post(&path, json!({"items": [item("sticker")]}), "again").await.expect(422);
    assert_eq!(again.code(), "amount_too_small");
    assert_eq!(shop.look(&id).await.json["orders"].as_array().map(Vec::len), Some(1));

    // Two are enough to charge.
    let two = shop.post(&path, json!({"items": [item("sticker"), item("sticker")]}), "e2").await.expect(201);
    assert_eq!((two.text("/orders/1/status"), amount(&two, "/orders/1/amount/amount")), ("open".into(), 60));
    shop.pay(&id, 60, "p2").await.expect(201);

    assert_eq!(shop.intents().await, 2);
    shop.airline.assert_sound().await;
    shop.give_back(&id, 20_060).await;
}

/// What is left of an order when the rest is taken out may be too little as well: it is waived, but not again and again.
#[tokio::test]
async fn what_is_left_of_an_order_may_be_too_little_to_charge() {
    let shop = Shop::open().await;
    shop.sells(FIRST, 20_000).await;
    let id = shop.bought().await;
    for (order, status, waived) in [(0, "paid", 30), (1, "open", 30)] {
        let album = shop.order_both(&id, order).await;
        let left = shop.airline.call("DELETE", &album, Some(&shop.token), None).await;
        assert_eq!(left.status.as_u16(), if order == 0 { 200 } else { 422 }, "{}", left.json);
        let left = shop.look(&id).await;
        assert_eq!(left.text(&format!("/orders/{order}/status")), status);
        assert_eq!(
            (amount(&left, "/price/amount"), amount(&left, "/waivers/0/amount/amount")),
            (20_000, waived)
        );
    }
    shop.airline.assert_sound().await;
    shop.pay(&id, 1_030, "p2").await.expect(201);
    shop.airline.assert_sound().await;
    shop.give_back(&id, 21_030).await;
}

/// The flight of an open order was cancelled: nobody could use what is left of it, so it is given up and nothing is waived.
#[tokio::test]
async fn what_is_left_of_an_order_for_a_cancelled_flight_is_given_up() {
    let shop = Shop::open().await;
    shop.sells(FIRST, 20_000).await;
    let id = shop.bought().await;
    let album = shop.order_both(&id, 0).await;
    let cancel = "UPDATE flights SET declared_status = 'cancelled'";
    shop.airline.sql().await.batch(cancel).await.expect("cancelled");
    let left = shop.airline.call("DELETE", &album, Some(&shop.token), None).await.expect(200);
    assert_eq!((left.text("/orders/0/status"), &left.json["waivers"]), ("cancelled".into(), &json!([])));
    shop.airline.assert_sound().await;
}

/// The change itself needs no payment any more, and what is waived is off the new fare.
#[tokio::test]
async fn a_change_that_is_too_little_to_charge_is_done_at_once() {
    let shop = Shop::open().await;
    shop.sells(FIRST, 20_000).await;
    shop.sells(SECOND, 20_049).await;
    let id = shop.bought().await;
    let body = json!({"slices": [{"slice": 1, "offer_id": shop.offer(SECOND).await}]});
    let path = format!("/bookings/{id}/change-quote");
    let asked = shop.airline.call("POST", &path, Some(&shop.token), Some(body)).await.expect(200);
    assert_eq!((amount(&asked, "/waived/amount"), amount(&asked, "/due/amount")), (49, 0));
    assert_eq!((amount(&asked, "/new_price/amount"), amount(&asked, "/fare_difference/amount")), (20_000, 0));
    let quote = json!({"quote_id": asked.text("/quote_id")});
    let done = shop.post(&format!("/bookings/{id}/changes"), quote, "c1").await.expect(201);
    assert_eq!((done.text("/orders/0/status"), amount(&done, "/price/amount")), ("paid".into(), 20_000));
    assert_eq!(
        (amount(&done, "/waivers/0/amount/amount"), &done.json["waivers"][0]["order"]),
        (49, &json!(1))
    );
    assert_eq!(amount(&done, "/slices/1/price/amount"), 20_000);
    let lines = shop.sale_lines(&id, "change").await;
    assert_eq!(lines, [line("fares", "", 49), line("discounts", "Too little to charge", -49)]);
    assert_eq!(shop.intents().await, 1);
    shop.airline.assert_sound().await;
    shop.give_back(&id, 20_000).await;
}

/// A fee that is more than the whole new fare has nothing to come off: that is said before anything is promised.
#[tokio::test]
async fn a_change_that_is_due_a_small_fee_for_next_to_nothing_is_refused() {
    let shop = Shop::open().await;
    let (db, now) = (&shop.airline.app.db, shop.airline.app.now());
    let families = File { name: "families.csv", bytes: FAMILY.as_bytes() };
    import_fare_families(db, now, families).await.expect("filed");
    shop.airline.follow_feed().await;
    shop.sells(FIRST, 10).await;
    shop.sells(SECOND, 10).await;
    let id = shop.bought().await;
    shop.airline.later(SignedDuration::from_hours(30));
    let body = json!({"slices": [{"slice": 1, "offer_id": shop.offer(SECOND).await}]});
    let path = format!("/bookings/{id}/change-quote");
    let refused = shop.airline.call("POST", &path, Some(&shop.token), Some(body)).await.expect(422);
    assert_eq!(refused.code(), "amount_too_small");
    assert!(refused.text("/detail").contains("0.40 USD"), "{}", refused.json);
}
