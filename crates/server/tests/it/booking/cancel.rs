//! Giving tickets back: quotes and their confirmation, parts of a booking, what the airline broke.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::flights::import::{File, import_fare_families, import_taxes};

use crate::support::{Airline, Reply};

const CARD: &str = "4242424242424242";
const FAMILIES: &str = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding
economy,economy_standard,Standard,100,0,7500,72:100 24:75 4:50,1,1,23,standard,no,no
economy,economy_flex,Flex,125,4500,0,4:100,1,2,23,any,yes,yes
";

/// A flight there on 10 June at 8:00 and one back on 12 June at 12:00, sold in two families, with the taxes of the US.
pub(crate) async fn selling() -> (Airline, String) {
    selling_with(|_| {}).await
}

pub(crate) async fn selling_with(change: impl FnOnce(&mut ::platform::config::Config)) -> (Airline, String) {
    let airline = Airline::with(change).await;
    let admin = airline.admin().await;
    let file = |name, bytes| File { name, bytes };
    let (db, now) = (&airline.app.db, airline.app.now());
    import_fare_families(db, now, file("families.csv", FAMILIES.as_bytes())).await.expect("filed");
    let taxes = include_bytes!("../../../../../data/taxes.csv");
    import_taxes(db, now, file("taxes.csv", taxes)).await.expect("filed");
    airline.follow_feed().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:00", "2026-06-10T10:00"), 20).await;
    airline.flight(&admin, "KR6", ("ATL", "ABE"), ("2026-06-12T12:00", "2026-06-12T14:00"), 20).await;
    (airline, admin)
}

pub(crate) fn party(adults: usize, children: usize, infants: usize) -> Vec<Value> {
    let each = |kind: &'static str, born: &'static str, count: usize| {
        (0..count).map(move |n| {
            let given = ["Asha", "Bela", "Chandra"][n];
            json!({"type": kind, "given_name": given, "family_name": "Rao", "born_on": born})
        })
    };
    let adults = each("adult", "1990-05-17", adults);
    adults.chain(each("child", "2018-01-01", children)).chain(each("infant", "2025-12-01", infants)).collect()
}

/// Holds there and back in the first family for a party.
pub(crate) async fn hold(airline: &Airline, token: &str, passengers: Vec<Value>, key: &str) -> Reply {
    let count = |kind: &str| passengers.iter().filter(|passenger| passenger["type"] == kind).count();
    let search = json!({"slices": [{"origin": "ABE", "destination": "ATL", "date": "2026-06-10"},
        {"origin": "ATL", "destination": "ABE", "date": "2026-06-12"}],
        "adults": count("adult"), "children": count("child"), "infants": count("infant")});
    let found = airline.call("POST", "/search", None, Some(search)).await.expect(200);
    let offer = |slice: usize| found.text(&format!("/slices/{slice}/itineraries/0/offer_id"));
    let joined = json!({"slices": [{"offer_id": offer(0)}, {"offer_id": offer(1)}]});
    let joined = airline.call("POST", "/offers", None, Some(joined)).await.expect(200);
    let body = json!({"offer_id": joined.text("/offer_id"), "passengers": passengers,
        "contact": {"email": "asha@example.com", "phone": null}});
    airline.call_keyed("POST", "/bookings", Some(token), Some(body), Some(key)).await.expect(201)
}

pub(crate) async fn bought(airline: &Airline, token: &str, passengers: Vec<Value>, key: &str) -> Reply {
    let id = hold(airline, token, passengers, key).await.text("/id");
    airline.pay(token, &id, CARD, &format!("pay-{key}")).await.expect(201);
    look(airline, token, &id).await
}

pub(crate) async fn look(airline: &Airline, token: &str, id: &str) -> Reply {
    airline.call("GET", &format!("/bookings/{id}"), Some(token), None).await.expect(200)
}

async fn quote(airline: &Airline, token: &str, id: &str, what: Value) -> Reply {
    airline.call("POST", &format!("/bookings/{id}/cancellation-quote"), Some(token), Some(what)).await
}

async fn confirm(airline: &Airline, token: &str, id: &str, quote: &str, key: &str) -> Reply {
    let path = format!("/bookings/{id}/cancellations");
    airline.call_keyed("POST", &path, Some(token), Some(json!({"quote_id": quote})), Some(key)).await
}

pub(crate) fn amount(reply: &Reply, pointer: &str) -> i64 {
    reply.json.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("no amount at {pointer}"))
}

/// Every number of the ledger explained: all accounts but the airline's own are settled.
pub(crate) async fn assert_settled(airline: &Airline, kept: i64) {
    airline.assert_sound().await;
    let balance = "SELECT COALESCE(sum(e.amount), 0)::bigint FROM ledger_postings p,
                   unnest(p.accounts, p.amounts) AS e (account, amount) WHERE e.account = ";
    for (account, expected) in [("'traveller'", 0), ("'refunds'", 0), ("'gateway'", kept)] {
        let sql: &'static str = Box::leak(format!("{balance}{account}").into_boxed_str());
        assert_eq!(airline.count(sql).await, expected, "{account}");
    }
}

#[tokio::test]
async fn a_quote_explains_every_line_and_its_confirmation_keeps_to_it() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let id = booking.text("/id");
    let paid = amount(&booking, "/price/amount");
    // Two days before the first flight and four before the second: 75 and 100 percent.
    airline.later(
        "2026-06-08T10:00:00Z"
            .parse::<jiff::Timestamp>()
            .expect("an instant")
            .duration_since(airline.app.now()),
    );
    let asked = quote(&airline, &token, &id, json!({})).await.expect(200);
    let lines = asked.json["lines"].as_array().expect("lines").clone();
    let fares: Vec<&Value> = lines.iter().filter(|line| line["part"] == "fare").collect();
    assert_eq!(fares.len(), 2);
    for (line, percent) in fares.iter().zip([75, 100]) {
        assert_eq!((&line["reason"], &line["percent"]), (&json!("fare_rule"), &json!(percent)), "{line}");
        let base = line["paid"]["amount"].as_i64().expect("an amount");
        assert_eq!(line["refund"]["amount"].as_i64(), Some((base * percent + 50) / 100));
    }
    let taxes: Vec<&Value> = lines.iter().filter(|line| line["reason"] == "unused_tax").collect();
    assert!(taxes.len() >= 4 && taxes.iter().all(|line| line["refund"] == line["paid"]), "{taxes:?}");
    let sum: i64 = lines.iter().map(|line| line["refund"]["amount"].as_i64().unwrap_or(0)).sum();
    assert_eq!(amount(&asked, "/refund/amount"), sum);
    assert_eq!(sum + amount(&asked, "/fee/amount"), paid, "what was paid comes back or is a fee");
    assert_eq!(airline.count("SELECT count(*) FROM cancellations").await, 0, "a quote changes nothing");

    // The ladder falls while the traveller thinks, and the quote stands.
    airline.later(SignedDuration::from_mins(14));
    let done = confirm(&airline, &token, &id, &asked.text("/quote_id"), "c1").await.expect(201);
    assert_eq!((done.text("/status"), amount(&done, "/refunds/0/amount/amount")), ("cancelled".into(), sum));
    assert_eq!(amount(&done, "/price/amount"), paid - sum);
    let again = confirm(&airline, &token, &id, &asked.text("/quote_id"), "c1").await.expect(201);
    assert_eq!(again.bytes, done.bytes);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let closed = confirm(&airline, &token, &id, &asked.text("/quote_id"), "c2").await.expect(409);
    assert_eq!(closed.code(), "booking_closed");
    airline.run_jobs().await;
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 0);
    assert_settled(&airline, paid - sum).await;
}

#[tokio::test]
async fn a_passenger_and_then_a_slice_go_back_and_the_rest_flies() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(2, 1, 1), "k1").await;
    let id = booking.text("/id");
    let paid = amount(&booking, "/price/amount");
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 6);
    // One adult keeps a child and an infant.
    let asked = quote(&airline, &token, &id, json!({"passengers": [1]})).await.expect(200);
    assert_eq!(asked.json["cancels_booking"], false);
    let first = confirm(&airline, &token, &id, &asked.text("/quote_id"), "c1").await.expect(201);
    assert_eq!(first.text("/status"), "confirmed");
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 4);
    let refused = quote(&airline, &token, &id, json!({"passengers": [2]})).await.expect(422);
    assert_eq!(refused.code(), "adult_must_stay");
    // The way back of all who are left.
    let asked = quote(&airline, &token, &id, json!({"segments": [2]})).await.expect(200);
    let second = confirm(&airline, &token, &id, &asked.text("/quote_id"), "c2").await.expect(201);
    assert_eq!(
        airline.count("SELECT sum(taken)::bigint FROM inventory").await,
        2,
        "two seats there, none back"
    );
    let status = |passenger: i64, segment: i64| {
        let coupons = second.json["coupons"].as_array().expect("coupons");
        let found = coupons.iter().find(|c| c["passenger"] == passenger && c["segment"] == segment);
        found.and_then(|coupon| coupon["status"].as_str()).expect("a coupon").to_owned()
    };
    for (passenger, segment, expected) in
        [(1, 1, "refunded"), (1, 2, "refunded"), (2, 1, "open"), (2, 2, "refunded"), (4, 1, "open")]
    {
        assert_eq!(status(passenger, segment), expected, "{passenger} {segment}");
    }
    let listed = airline.call("GET", "/bookings?when=upcoming", Some(&token), None).await.expect(200);
    assert_eq!(listed.json["bookings"][0]["id"], id.as_str());
    airline.later(SignedDuration::from_hours(24 * 10));
    airline.run_jobs().await;
    assert_eq!(
        look(&airline, &token, &id).await.text("/status"),
        "completed",
        "it ends with the flight there"
    );
    let back: i64 = (0..2).map(|n| amount(&second, &format!("/refunds/{n}/amount/amount"))).sum();
    assert_eq!(amount(&second, "/price/amount"), paid - back);
    assert_settled(&airline, paid - back).await;
}

#[tokio::test]
async fn a_quote_that_is_old_or_of_a_changed_booking_is_not_confirmed() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let id = bought(&airline, &token, party(2, 0, 0), "k1").await.text("/id");
    let one = quote(&airline, &token, &id, json!({"passengers": [1]})).await.expect(200).text("/quote_id");
    let other = quote(&airline, &token, &id, json!({"passengers": [2]})).await.expect(200).text("/quote_id");
    confirm(&airline, &token, &id, &one, "c1").await.expect(201);
    let changed = confirm(&airline, &token, &id, &other, "c2").await.expect(409);
    assert_eq!(changed.code(), "quote_outdated");
    let fresh = quote(&airline, &token, &id, json!({})).await.expect(200).text("/quote_id");
    airline.later(SignedDuration::from_mins(16));
    assert_eq!(confirm(&airline, &token, &id, &fresh, "c3").await.expect(409).code(), "quote_outdated");
    // A quote belongs to its booking, and to nobody else's.
    let strange = bought(&airline, &token, party(1, 0, 0), "k2").await.text("/id");
    let fresh = quote(&airline, &token, &id, json!({})).await.expect(200).text("/quote_id");
    confirm(&airline, &token, &strange, &fresh, "c4").await.expect(422);
    let thief = airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    quote(&airline, &thief, &id, json!({})).await.expect(404);
    confirm(&airline, &thief, &id, &fresh, "c5").await.expect(404);
}

#[tokio::test]
async fn wrong_parts_are_named() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let id = bought(&airline, &token, party(1, 0, 0), "k1").await.text("/id");
    for (what, field) in [
        (json!({"passengers": [2]}), "passengers"),
        (json!({"passengers": []}), "passengers"),
        (json!({"segments": [9]}), "segments"),
        (json!({"segments": []}), "segments"),
    ] {
        let refused = quote(&airline, &token, &id, what.clone()).await.expect(422);
        assert_eq!(refused.json["field"], field, "{what}: {}", refused.json);
    }
    let unpaid = hold(&airline, &token, party(1, 0, 0), "k2").await.text("/id");
    quote(&airline, &token, &unpaid, json!({"passengers": [1]})).await.expect(422);
    let whole = quote(&airline, &token, &unpaid, json!({})).await.expect(200);
    assert_eq!((whole.text("/method"), amount(&whole, "/refund/amount")), ("none".into(), 0));
    let gone = confirm(&airline, &token, &unpaid, &whole.text("/quote_id"), "c1").await.expect(201);
    assert_eq!(gone.text("/status"), "cancelled");
}

#[tokio::test]
async fn what_the_airline_cancels_comes_back_by_itself_a_day_later() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, paid) = (booking.text("/id"), amount(&booking, "/price/amount"));
    airline.later(SignedDuration::from_hours(48));
    let back = booking.text("/segments/1/flight_id");
    let cancel = json!({"status": "cancelled"});
    airline.call("PUT", &format!("/flights/{back}"), Some(&admin), Some(cancel)).await.expect(200);
    airline.later(SignedDuration::from_hours(23));
    airline.run_jobs().await;
    assert_eq!(airline.count("SELECT count(*) FROM cancellations").await, 0, "there is time to choose");
    airline.later(SignedDuration::from_hours(2));
    airline.run_jobs().await;
    let after = look(&airline, &token, &id).await;
    assert_eq!(after.text("/status"), "confirmed", "the way there still flies");
    assert_eq!(
        (after.text("/cancellations/0/cause"), &after.json["cancellations"][0]["slices"]),
        ("airline".into(), &json!([2]))
    );
    let slice_price = amount(&booking, "/slices/1/price/amount");
    assert_eq!(
        amount(&after, "/refunds/0/amount/amount"),
        slice_price,
        "all of it, whatever the fare family says"
    );
    airline.run_jobs().await;
    assert_eq!(airline.count("SELECT count(*) FROM refunds").await, 1, "once");
    assert_settled(&airline, paid - slice_price).await;
}

/// Hour by hour, with all jobs: the trip's time runs out before the time to choose does.
#[tokio::test]
async fn a_flight_cancelled_on_its_day_is_paid_back_and_a_trip_on_a_late_one_is_not_over() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let [cancelled, late] = {
        let mut ids = [String::new(), String::new()];
        for (key, id) in ["k1", "k2"].into_iter().zip(&mut ids) {
            let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
            *id = airline.hold(&token, &offer, key).await.expect(201).text("/id");
            airline.pay(&token, id, CARD, key).await.expect(201);
            let flight = look(&airline, &token, id).await.text("/segments/0/flight_id");
            if key == "k1" {
                airline.later(
                    "2026-06-10T10:00:00Z"
                        .parse::<jiff::Timestamp>()
                        .expect("an instant")
                        .duration_since(airline.app.now()),
                );
                let gone = json!({"status": "cancelled"});
                airline
                    .call("PUT", &format!("/flights/{flight}"), Some(&admin), Some(gone))
                    .await
                    .expect(200);
                airline
                    .flight(&admin, "KR9", ("ABE", "ATL"), ("2026-06-10T09:00", "2026-06-10T11:00"), 9)
                    .await;
            } else {
                let delay = json!({"delay_minutes": 600});
                airline
                    .call("PUT", &format!("/flights/{flight}"), Some(&admin), Some(delay))
                    .await
                    .expect(200);
            }
        }
        ids
    };
    for hour in 0..30 {
        airline.later(SignedDuration::from_hours(1));
        airline.run_jobs().await;
        if hour == 6 {
            assert_eq!(
                look(&airline, &token, &late).await.text("/status"),
                "confirmed",
                "it has not arrived"
            );
        }
    }
    assert_eq!(look(&airline, &token, &cancelled).await.text("/status"), "cancelled");
    let back = look(&airline, &token, &cancelled).await;
    assert_eq!(back.json["refunds"].as_array().map(Vec::len), Some(1));
    assert_eq!(look(&airline, &token, &late).await.text("/status"), "completed");
    airline.assert_sound().await;
}

/// What was known when it was sold is not a move; what is announced on top of it is.
#[tokio::test]
async fn a_delay_that_was_known_at_the_sale_gives_nothing_back() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let seen = airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None)
        .await
        .expect(200);
    let path = format!("/flights/{}", seen.text("/itineraries/0/segments/0/flight_id"));
    let late = |minutes: i64| {
        let (airline, admin, path) = (&airline, &admin, &path);
        async move {
            let delay = json!({"delay_minutes": minutes});
            airline.call("PUT", path, Some(admin), Some(delay)).await.expect(200)
        }
    };
    late(200).await;
    let id = bought(&airline, &token, party(1, 0, 0), "k1").await.text("/id");
    let soon: jiff::Timestamp = "2026-06-10T13:30:00Z".parse().expect("an instant");
    airline.later(soon.duration_since(airline.app.now()));
    for (minutes, is_moved) in [(200, false), (379, false), (380, true)] {
        late(minutes).await;
        let asked = quote(&airline, &token, &id, json!({"segments": [1]})).await.expect(200);
        let reason = asked.text("/lines/0/reason");
        assert_eq!(reason == "airline_moved", is_moved, "{minutes}: {}", asked.json);
    }
}

#[tokio::test]
async fn a_flight_moved_by_three_hours_comes_back_whole_when_asked_for() {
    let (airline, admin) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let id = booking.text("/id");
    // Two hours before departure the family gives nothing back.
    airline.later(
        "2026-06-10T10:00:00Z"
            .parse::<jiff::Timestamp>()
            .expect("an instant")
            .duration_since(airline.app.now()),
    );
    let there = booking.text("/segments/0/flight_id");
    for (departs, arrives, reason) in
        [("09:00", "12:59", "not_refundable"), ("11:00", "13:00", "airline_moved")]
    {
        let body = json!({"departs_local": format!("2026-06-10T{departs}"), "arrives_local": format!("2026-06-10T{arrives}")});
        airline.call("PUT", &format!("/flights/{there}"), Some(&admin), Some(body)).await.expect(200);
        let asked = quote(&airline, &token, &id, json!({"segments": [1]})).await.expect(200);
        assert_eq!(asked.text("/lines/0/reason"), reason, "{arrives}: {}", asked.json);
    }
    airline.later(SignedDuration::from_hours(40));
    airline.run_jobs().await;
    assert_eq!(airline.count("SELECT count(*) FROM cancellations").await, 0, "who was moved may still fly");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_confirmations_return_the_money_once() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(3, 0, 0), "k1").await;
    let (id, paid) = (booking.text("/id"), amount(&booking, "/price/amount"));
    let quotes =
        join_all((0..50).map(|n| quote(&airline, &token, &id, json!({"passengers": [n % 3 + 1]})))).await;
    let quotes: Vec<String> = quotes.into_iter().map(|reply| reply.expect(200).text("/quote_id")).collect();
    let sent = quotes.iter().enumerate().map(|(n, quote)| {
        let (airline, token, id) = (&airline, &token, &id);
        async move { confirm(airline, token, id, quote, &format!("c{n}")).await }
    });
    let replies = join_all(sent).await;
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 201).count(),
        1,
        "one changes the booking, the others are old"
    );
    airline.run_jobs().await;
    let after = look(&airline, &token, &id).await;
    assert_settled(&airline, amount(&after, "/price/amount")).await;
    let book = airline.gateway_book().await;
    let back: i64 =
        book["refunds"].as_array().expect("refunds").iter().filter_map(|r| r["amount"].as_i64()).sum();
    assert_eq!(back, paid - amount(&after, "/price/amount"));
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 4);
}

/// The guard taken away: without the amounts on the payment, more goes back than came in.
#[tokio::test]
async fn control_without_the_limit_more_goes_back_than_was_paid() {
    let (airline, _) = selling().await;
    let token = airline.traveller().await;
    let id = bought(&airline, &token, party(1, 0, 0), "k1").await.text("/id");
    let order = "UPDATE payments SET refunded = refunded + amount";
    let sql = airline.sql().await;
    sql.execute(order, &[]).await.expect("the first");
    let refused = sql.execute(order, &[]).await.expect_err("the second");
    assert_eq!(refused.constraint(), Some("payments_refunded_at_most"), "{id}");
    sql.batch("ALTER TABLE payments DROP CONSTRAINT payments_refunded_at_most").await.expect("dropped");
    assert_eq!(sql.execute(order, &[]).await.expect("too much"), 1);
}

#[tokio::test]
async fn a_hold_is_extended_once_and_two_are_the_most() {
    let (airline, _) = selling_with(|config| config.booking.live_holds = 2).await;
    let token = airline.traveller().await;
    let first = hold(&airline, &token, party(1, 0, 0), "k1").await;
    let id = first.text("/id");
    hold(&airline, &token, party(1, 0, 0), "k2").await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let refused = airline.hold(&token, &offer, "k3").await.expect(409);
    assert_eq!(refused.code(), "too_many_holds");
    let taken = airline.count("SELECT sum(taken)::bigint FROM inventory").await;
    assert_eq!(taken, 4, "what was refused took no seat");

    airline.later(SignedDuration::from_mins(10));
    let path = format!("/bookings/{id}/extend");
    let extended = airline.call_keyed("POST", &path, Some(&token), None, Some("e1")).await.expect(200);
    let until =
        |reply: &Reply| reply.text("/hold_expires_at").parse::<jiff::Timestamp>().expect("an instant");
    assert_eq!(until(&extended), until(&first) + SignedDuration::from_mins(15));
    assert_eq!(extended.json["available_actions"], json!(["pay", "cancel"]));
    let again = airline.call_keyed("POST", &path, Some(&token), None, Some("e1")).await.expect(200);
    assert_eq!(again.bytes, extended.bytes);
    let twice = airline.call_keyed("POST", &path, Some(&token), None, Some("e2")).await.expect(409);
    assert_eq!(twice.code(), "already_extended");
    // The other one expires and frees its place.
    airline.later(SignedDuration::from_mins(6));
    airline.run_jobs().await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    airline.hold(&token, &offer, "k4").await.expect(201);
    airline.pay(&token, &id, CARD, "p1").await.expect(201);
    airline.hold(&token, &offer, "k5").await.expect(201);
}

/// Eight holds of one user at once, each on a flight of its own, so that only the user's own limit is between them.
async fn eight_holds(airline: &Airline, admin: &str) -> Vec<Reply> {
    for number in 1..=8 {
        let (departs, arrives) =
            (format!("2026-06-11T{number:02}:00"), format!("2026-06-11T{:02}:00", number + 2));
        airline.flight(admin, &format!("KR{number}1"), ("ABE", "ATL"), (&departs, &arrives), 20).await;
    }
    let found = airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-11", None, None)
        .await
        .expect(200);
    let offers: Vec<String> = (0..8).map(|n| found.text(&format!("/itineraries/{n}/offer_id"))).collect();
    let token = airline.traveller().await;
    airline.warm_pool().await;
    join_all(offers.iter().map(|offer| airline.hold(&token, offer, offer_key(offer)))).await
}

/// The end of an offer, which is a signature.
fn offer_key(offer: &str) -> &str {
    &offer[offer.len() - 20..]
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_holds_at_once_leave_two() {
    let (airline, admin) = selling_with(|config| config.booking.live_holds = 2).await;
    let replies = eight_holds(&airline, &admin).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 2);
    assert!(
        replies.iter().all(|reply| reply.status == 201 || reply.code() == "too_many_holds"),
        "{replies:?}"
    );
    assert_eq!(airline.count("SELECT sum(taken)::bigint FROM inventory").await, 2);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(airline.count(deadlocks).await, 0);
}

/// The guard taken away: without the unique slots more are held.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_slots_more_are_held() {
    let (airline, admin) = selling_with(|config| config.booking.live_holds = 2).await;
    airline.sql().await.batch("DROP INDEX user_bookings_live_holds").await.expect("dropped");
    let replies = eight_holds(&airline, &admin).await;
    let held = replies.iter().filter(|reply| reply.status == 201).count();
    assert!(held > 2, "the race does not happen here");
}
