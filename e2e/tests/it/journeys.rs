//! The main job over HTTP, through the real binary: from an empty database to a ticket, and to the money given back.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::airline::Airline;
use crate::support::api::{Api, booking_of, send};
use crate::support::eventually;
use crate::support::limits::Room;

const PASSWORD: &str = "monsoon over malabar";
/// A change must be seen by search within this time.
const SEEN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_is_sold_from_an_empty_database() {
    let airline = Airline::on_sale(3, Room::Production).await;
    let (api, day) = (&airline.api, airline.first_day.checked_add(1.day()).expect("a date"));

    finds_airports(api).await;
    finds_itineraries(api, day).await;
    let traveller = signs_up(api, "asha@example.com").await;
    keeps_a_profile(&traveller).await;

    let booking = books_and_pays(&traveller, day).await;
    cannot_be_reached_by_others(api, &booking).await;
    tries_another_card(&traveller, day).await;
    approves_a_step_up(&traveller, day).await;
    survives_a_lost_answer(&traveller, day).await;
    cancels_and_gets_the_money_back(&traveller, day, &booking).await;
    releases_an_unpaid_hold(&traveller, day).await;
    agrees_with_the_gateway(&traveller, &airline.gateway_url).await;
    is_told_what_to_change(api, airline.first_day, day).await;
    is_told_what_to_change_when_booking(&traveller, day).await;

    for status in airline.stop().await {
        assert_eq!(status.code(), Some(0), "SIGTERM ends a process cleanly");
    }
}

async fn finds_airports(api: &Api) {
    let first = async |typed: &str| {
        let found = api.get(&format!("/airports?q={typed}")).await.json(200);
        found["airports"][0].clone()
    };
    for typed in ["LAX", "lax", "los%20angeles"] {
        let airport = first(typed).await;
        assert_eq!(airport["code"], "LAX", "{typed}: {airport}");
        assert_eq!((&airport["timezone"], &airport["served"]), (&"America/Los_Angeles".into(), &true.into()));
    }
    assert_eq!(first("allentown").await["code"], "ABE");
    assert_eq!(first("chicgo").await["code"], "ORD"); // typos:ignore
    assert_eq!(first("qqqqqq").await, Value::Null);
    let found = api.get("/airports?q=nyc").await.json(200);
    assert_eq!((&found["places"][0]["type"], &found["places"][0]["code"]), (&"city".into(), &"NYC".into()));
}

async fn finds_itineraries(api: &Api, day: Date) {
    let all = search(api, "ABE", "LAX", day, "&limit=40").await;
    assert!(all.len() >= 10, "ABE to LAX has connections: {}", all.len());
    let key = |found: &Value| (whole(&found["duration_minutes"]), whole(&found["price"]["amount"]));
    assert!(all.is_sorted_by_key(key), "ordered by duration, then price");
    for found in &all {
        check_itinerary(found, day);
    }
    // Pages are the list cut to pieces.
    let path = format!("/search?origin=ABE&destination=LAX&date={day}&limit=4");
    let one = api.get(&path).await.json(200);
    let cursor = one["next_cursor"].as_str().expect("a next page");
    let two = api.get(&format!("{path}&cursor={cursor}")).await.json(200);
    let paged: Vec<Value> = [list(&one["itineraries"]), list(&two["itineraries"])].concat();
    let flights: Vec<_> = paged.iter().map(flights_of).collect();
    assert_eq!(flights, all.iter().take(8).map(flights_of).collect::<Vec<_>>());

    // A nonstop flight costs what the flight itself says, and a party pays for each of its members.
    let nonstop = search(api, "ATL", "LAX", day, "&max_stops=0").await;
    let one = nonstop.iter().find(|found| whole(&found["seats_left_at_price"]) >= 2).expect("seats for two");
    let flight = api.get(&format!("/flights/{}", text(&one["segments"][0]["flight_id"]))).await.json(200);
    let economy = list(&flight["cabins"]).into_iter().find(|cabin| cabin["cabin"] == "economy");
    let economy = economy.expect("an economy cabin");
    assert_eq!((&economy["price"], &economy["seats_left"]), (&one["price"], &one["seats_left"]));
    let pairs = search(api, "ATL", "LAX", day, "&max_stops=0&adults=2").await;
    let two = pairs.iter().find(|found| flights_of(found) == flights_of(one)).expect("the same flight");
    assert_eq!(whole(&two["price"]["amount"]), 2 * whole(&one["price"]["amount"]));
}

/// Times, places and sums of one itinerary from ABE to LAX.
fn check_itinerary(found: &Value, day: Date) {
    let segments = list(&found["segments"]);
    assert_eq!(found["stops"], json!(segments.len() - 1), "{found}");
    assert!(segments.len() <= 3, "{found}");
    let (first, last) = (&segments[0], &segments[segments.len() - 1]);
    assert_eq!((&first["origin"], &last["destination"]), (&"ABE".into(), &"LAX".into()));
    let (departs, arrives) = (text(&first["departs_at"]), text(&last["arrives_at"]));
    assert!(departs.starts_with(&day.to_string()), "the date is local at the origin: {departs}");
    let offset = |time: &str, offsets: [&str; 2]| offsets.iter().any(|offset| time.ends_with(offset));
    assert!(offset(departs, ["-05:00", "-04:00"]), "{departs}");
    assert!(offset(arrives, ["-08:00", "-07:00"]), "{arrives}");
    assert_eq!(whole(&found["duration_minutes"]), minutes(departs, arrives), "{found}");
    for segment in &segments {
        let (departs, arrives) = (text(&segment["departs_at"]), text(&segment["arrives_at"]));
        assert_eq!(whole(&segment["duration_minutes"]), minutes(departs, arrives), "{segment}");
        assert!(text(&segment["flight_number"]).len() >= 3, "{segment}");
    }
    for pair in segments.windows(2) {
        assert_eq!(pair[0]["destination"], pair[1]["origin"], "{found}");
        let wait = minutes(text(&pair[0]["arrives_at"]), text(&pair[1]["departs_at"]));
        assert!((40..=360).contains(&wait), "a connection of {wait} minutes: {found}");
    }
    assert_eq!(found["price"]["currency"], "USD");
    assert!(whole(&found["price"]["amount"]) > 0 && whole(&found["seats_left"]) > 0, "{found}");
    assert!(found["offer_id"].as_str().is_some_and(|offer| offer.starts_with("off_")), "{found}");
}

async fn signs_up(api: &Api, email: &str) -> Api {
    let account = json!({"email": email, "password": PASSWORD, "name": "Asha Rao"});
    let registered = api.post("/register", &account).await.json(202);
    assert_eq!(registered, json!({"email": email}));
    assert_eq!(
        api.post("/register", &account).await.json(202),
        registered,
        "a known address is not given away"
    );
    let wrong = json!({"email": email, "password": "not this one"});
    api.post("/login", &wrong).await.refused(401, "wrong_credentials");
    let login = json!({"email": email, "password": PASSWORD});
    let token = api.post("/login", &login).await.json(200);
    assert_eq!(token["token_type"], "Bearer");
    assert!(whole(&token["expires_in"]) > 0);
    api.signed_in(text(&token["access_token"]))
}

async fn keeps_a_profile(traveller: &Api) {
    let profile = traveller.get("/profile").await.json(200);
    assert_eq!((&profile["name"], &profile["phone"]), (&"Asha Rao".into(), &Value::Null));
    let patch = json!({"name": "आशा राव", "phone": "+919812345678", "locale": "hi"});
    let changed = traveller.patch("/profile", &patch).await.json(200);
    assert_eq!(changed, traveller.get("/profile").await.json(200));
    assert_eq!((&changed["name"], &changed["locale"]), (&"आशा राव".into(), &"hi".into()));
    assert_eq!(changed["email"], profile["email"]);
}

/// The main job; the id of the paid booking.
async fn books_and_pays(traveller: &Api, day: Date) -> String {
    let wanted = connection(traveller, day, 0).await;
    let held = traveller.book(&wanted["offer_id"], "hold-1").await;
    let booking = held.json(201);
    let id = text(&booking["id"]).to_owned();
    assert_eq!((&booking["status"], &booking["price"]), (&"held".into(), &wanted["price"]));
    assert_eq!(flights_of(&booking), flights_of(&wanted));
    let expires: Timestamp = text(&booking["hold_expires_at"]).parse().expect("an instant");
    let created: Timestamp = text(&booking["created_at"]).parse().expect("an instant");
    assert!(expires > created && text(&booking["locator"]).len() == 6, "{booking}");
    let shares: i64 =
        list(&booking["segments"]).iter().map(|segment| whole(&segment["price"]["amount"])).sum();
    assert_eq!(shares, whole(&booking["price"]["amount"]), "the segments' shares add up");
    let again = traveller.book(&wanted["offer_id"], "hold-1").await;
    assert_eq!(again.status, 201);
    assert_eq!(again.bytes, held.bytes, "the same key gets the same bytes");
    assert_eq!(
        (held.header("idempotent-replayed"), again.header("idempotent-replayed")),
        (None, Some("true"))
    );

    let paid = traveller.pay(&id, "4242 4242 4242 4242", "pay-1").await;
    let payment = paid.json(201);
    assert_eq!((&payment["status"], &payment["booking_id"]), (&"succeeded".into(), &booking["id"]));
    assert_eq!((&payment["amount"], &payment["method"]["last4"]), (&booking["price"], &"4242".into()));
    let again = traveller.pay(&id, "4242 4242 4242 4242", "pay-1").await;
    assert_eq!(
        (again.bytes.as_slice(), again.header("idempotent-replayed")),
        (paid.bytes.as_slice(), Some("true"))
    );
    traveller.pay(&id, "4242424242424242", "pay-2").await.refused(409, "already_paid");

    let booking = is_confirmed(traveller, &id).await;
    assert_eq!(payment["id"], booking["payments"][0]["id"]);
    assert_eq!(traveller.get(&format!("/payments/{}", text(&payment["id"]))).await.json(200), payment);
    let upcoming = traveller.get("/bookings?when=upcoming").await.json(200);
    assert_eq!(list(&upcoming["bookings"]), vec![booking]);
    assert_eq!(list(&traveller.get("/bookings?when=past").await.json(200)["bookings"]).len(), 0);
    seats_become(traveller, day, &wanted, whole(&wanted["seats_left"]) - 1).await;
    id
}

/// A booking is its owner's alone.
async fn cannot_be_reached_by_others(api: &Api, booking: &str) {
    let path = format!("/bookings/{booking}");
    api.get(&path).await.refused(401, "unauthenticated");
    let stranger = signs_up(api, "ben@example.com").await;
    stranger.get(&path).await.refused(404, "not_found");
    stranger.delete(&path).await.refused(404, "not_found");
    stranger.pay(booking, "4242424242424242", "stranger-1").await.refused(404, "not_found");
    let none = stranger.get("/bookings").await.json(200);
    assert_eq!(list(&none["bookings"]).len(), 0);
    let flight = json!({"flight_number": "KR9999"});
    stranger.post("/flights", &flight).await.refused(403, "forbidden");
}

async fn tries_another_card(traveller: &Api, day: Date) {
    let id = holds(traveller, day, 1, "hold-2").await;
    let declined = traveller.pay(&id, "4000 0000 0000 0002", "pay-declined").await.json(201);
    assert_eq!(
        (&declined["status"], &declined["decline_code"]),
        (&"declined".into(), &"generic_decline".into())
    );
    let booking = traveller.get(&format!("/bookings/{id}")).await.json(200);
    assert_eq!(booking["status"], "held", "a declined card leaves the hold");
    let paid = traveller.pay(&id, "pm_card_visa", "pay-second-card").await.json(201);
    assert_eq!(paid["status"], "succeeded");
    is_confirmed(traveller, &id).await;
}

async fn approves_a_step_up(traveller: &Api, day: Date) {
    let id = holds(traveller, day, 2, "hold-3").await;
    let payment = traveller.pay(&id, "4000 0025 0000 3155", "pay-step-up").await.json(201);
    assert_eq!(payment["status"], "requires_action", "{payment}");
    traveller.pay(&id, "4242424242424242", "pay-meanwhile").await.refused(409, "payment_in_progress");
    let page = text(&payment["action_url"]);
    let approved = traveller.press(&format!("{page}/approve")).await;
    assert_eq!(approved.status, 303, "the challenge sends the traveller back");
    settles(traveller, &payment, Duration::from_secs(15)).await;
    is_confirmed(traveller, &id).await;
}

/// The gateway charges and its answer never comes: nothing is charged twice, and the booking is confirmed all the same.
async fn survives_a_lost_answer(traveller: &Api, day: Date) {
    let id = holds(traveller, day, 3, "hold-4").await;
    let payment = traveller.pay(&id, "4000 0000 0000 0408", "pay-lost").await.json(201);
    assert_eq!(payment["status"], "unknown", "a time-out is not a failure: {payment}");
    settles(traveller, &payment, Duration::from_secs(30)).await;
    let booking = is_confirmed(traveller, &id).await;
    assert_eq!(list(&booking["payments"]).len(), 1);
}

async fn cancels_and_gets_the_money_back(traveller: &Api, day: Date, id: &str) {
    let path = format!("/bookings/{id}");
    let paid = traveller.get(&path).await.json(200);
    let on_sale = find_again(traveller, day, &paid).await.expect("its flights are on sale");
    let cancelled = traveller.delete(&path).await.json(200);
    assert_eq!(cancelled["status"], "cancelled");
    let refunded = async || {
        let booking = traveller.get(&path).await.json(200);
        (booking["refunds"][0]["status"] == "succeeded").then_some(booking)
    };
    let booking = eventually("the refund succeeds", Duration::from_secs(15), refunded).await;
    assert_eq!(booking["refunds"][0]["amount"], paid["price"], "the whole price goes back");
    assert_eq!(list(&booking["refunds"]).len(), 1);
    let again = traveller.delete(&path).await.json(200);
    assert_eq!(again, booking, "cancelling again changes nothing");
    seats_become(traveller, day, &paid, whole(&on_sale["seats_left"]) + 1).await;
}

async fn releases_an_unpaid_hold(traveller: &Api, day: Date) {
    let wanted = connection(traveller, day, 4).await;
    let held = traveller.book(&wanted["offer_id"], "hold-5").await.json(201);
    let seats = whole(&wanted["seats_left"]);
    seats_become(traveller, day, &wanted, seats - 1).await;
    let path = format!("/bookings/{}", text(&held["id"]));
    let cancelled = traveller.delete(&path).await.json(200);
    assert_eq!((&cancelled["status"], &cancelled["refunds"]), (&"cancelled".into(), &json!([])));
    traveller.pay(text(&held["id"]), "pm_card_visa", "pay-closed").await.refused(409, "booking_closed");
    seats_become(traveller, day, &wanted, seats).await;
}

/// What was charged and given back for each booking is the same in the gateway's book and in ours.
async fn agrees_with_the_gateway(traveller: &Api, gateway: &str) {
    let ours = list(&traveller.get("/bookings").await.json(200)["bookings"]);
    let intents = list(&traveller.gateway_book(gateway).await["payment_intents"]);
    for booking in &ours {
        let of_booking = intents.iter().filter(|intent| intent["metadata"]["booking"] == booking["id"]);
        let sum = |member: &str| of_booking.clone().map(|intent| whole(&intent[member])).sum::<i64>();
        let ours = |list_of: &str| {
            let done = list(&booking[list_of]);
            let done = done.iter().filter(|each| each["status"] == "succeeded");
            done.map(|each| whole(&each["amount"]["amount"])).sum::<i64>()
        };
        let (paid, returned) = (ours("payments"), ours("refunds"));
        assert_eq!((sum("amount_received"), sum("amount_refunded")), (paid, returned), "{booking}");
        let price = whole(&booking["price"]["amount"]);
        assert!(paid == 0 || price == paid - returned, "{booking}");
    }
    assert_eq!(ours.len(), 5);
}

/// Questions without an answer are refused with what is wrong in them.
async fn is_told_what_to_change(api: &Api, first: Date, day: Date) {
    let (past, beyond) = (first - 7.days(), day + 30.days());
    let good = |rest: &str| format!("/search?origin=ABE&destination=LAX&{rest}");
    for (path, code, field) in [
        (format!("/search?origin=QQQ&destination=LAX&date={day}"), "unknown_airport", "origin"),
        (format!("/search?origin=ABE&destination=LA&date={day}"), "invalid_field", "destination"),
        (format!("/search?destination=LAX&date={day}"), "invalid_field", "origin"),
        (format!("/search?origin=ABE&destination=ABE&date={day}"), "same_airport", "destination"),
        (good(&format!("date={past}")), "date_past", "date"),
        (good(&format!("date={beyond}")), "date_beyond_horizon", "date"),
        (good("date=2026-02-30"), "invalid_field", "date"),
        (good("date=tomorrow"), "invalid_field", "date"),
        ("/search?origin=ABE&destination=LAX".to_owned(), "invalid_field", "date"),
        (good(&format!("date={day}&adults=10")), "too_many_seats", "adults"),
        (good(&format!("date={day}&adults=5&children=5")), "too_many_seats", "adults"),
        (good(&format!("date={day}&adults=0")), "no_adult", "adults"),
        (good(&format!("date={day}&adults=1&infants=2")), "too_many_infants", "infants"),
        (good(&format!("date={day}&cabin=attic")), "invalid_field", "cabin"),
        (good(&format!("date={day}&max_stops=4")), "invalid_field", "max_stops"),
        (good(&format!("date={day}&limit=101")), "invalid_field", "limit"),
        (good(&format!("date={day}&cursor=nonsense")), "invalid_field", "cursor"),
    ] {
        let problem = api.get(&path).await.refused(422, code);
        assert_eq!(problem["field"], field, "{path}: {problem}");
    }
    api.get(&good(&format!("date={day}&adults=many"))).await.refused(400, "malformed");
    api.get(&good(&format!("date={day}&colour=red"))).await.refused(400, "malformed");
    api.get("/nowhere").await.refused(404, "no_such_route");
    api.delete("/search").await.refused(405, "method_not_allowed");
    api.get("/flights/flt_1").await.refused(404, "not_found");
    let short = json!({"email": "cleo@example.com", "password": "short", "name": "Cleo"});
    assert_eq!(api.post("/register", &short).await.refused(422, "invalid_field")["field"], "password");
    let odd = json!({"email": "cleo", "password": PASSWORD, "name": "Cleo"});
    assert_eq!(api.post("/register", &odd).await.refused(422, "invalid_field")["field"], "email");
}

async fn is_told_what_to_change_when_booking(traveller: &Api, day: Date) {
    let wanted = connection(traveller, day, 0).await;
    let body = booking_of(&wanted["offer_id"]);
    let anonymous = traveller.signed_in("nonsense");
    anonymous.post_once("/bookings", "bad-0", &body).await.refused(401, "unauthenticated");
    traveller.post("/bookings", &body).await.refused(400, "idempotency_key_required");
    traveller.book(&json!("off_AAAA"), "bad-1").await.refused(422, "offer_unknown");
    traveller.book(&json!("off_AAAA"), "hold-1").await.refused(422, "idempotency_key_reused");
    let change = |path: &str, value: Value| {
        let mut body = body.clone();
        *body.pointer_mut(path).expect("a member") = value;
        body
    };
    for (path, value, code, field) in [
        ("/passengers/0/type", json!("child"), "party_mismatch", "passengers"),
        ("/passengers/0/given_name", json!(""), "invalid_field", "passengers[0].given_name"),
        ("/passengers/0/born_on", json!(day.to_string()), "invalid_field", "passengers[0].born_on"),
        ("/passengers", json!([]), "invalid_field", "passengers"),
        ("/contact/email", json!("nobody"), "invalid_field", "contact.email"),
    ] {
        let refused = traveller.post_once("/bookings", "bad-2", &change(path, value)).await;
        assert_eq!(refused.refused(422, code)["field"], field);
    }
    let post = |path: &str| traveller.request(Method::POST, path).header("Idempotency-Key", "bad-3");
    let json_type = "application/json";
    send(post("/bookings").header("content-type", json_type).body("{")).await.refused(400, "malformed");
    send(post("/bookings").body("{}")).await.refused(415, "unsupported_media_type");
    let large = format!("{{\"offer_id\": \"{}\"}}", "x".repeat(100_000));
    send(post("/bookings").header("content-type", json_type).body(large))
        .await
        .refused(413, "body_too_large");
    traveller.get("/bookings/bkg_1").await.refused(404, "not_found");
    traveller.get("/bookings?when=someday").await.refused(422, "invalid_field");
    let nobody = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002";
    traveller.get(&format!("/bookings/{nobody}")).await.refused(404, "not_found");
    traveller.pay(nobody, "4242424242424242", "bad-4").await.refused(404, "not_found");
    traveller.pay(nobody, "12", "bad-5").await.refused(422, "invalid_field");
}

async fn search(api: &Api, origin: &str, destination: &str, day: Date, more: &str) -> Vec<Value> {
    let path = format!("/search?origin={origin}&destination={destination}&date={day}{more}");
    list(&api.get(&path).await.json(200)["itineraries"])
}

/// A connection from ABE to LAX with seats to spare; different numbers share no flight.
async fn connection(api: &Api, day: Date, number: usize) -> Value {
    let mut flown: Vec<String> = Vec::new();
    let mut apart = search(api, "ABE", "LAX", day, "&limit=100").await;
    apart.retain(|found| {
        let flights = flights_of(found);
        let fits = found["stops"] == 1
            && whole(&found["seats_left_at_price"]) >= 2
            && !flights.iter().any(|flight| flown.contains(flight));
        if fits {
            flown.extend(flights);
        }
        fits
    });
    apart.into_iter().nth(number).expect("enough connections")
}

/// The id of a fresh hold.
async fn holds(traveller: &Api, day: Date, number: usize, key: &str) -> String {
    let wanted = connection(traveller, day, number).await;
    text(&traveller.book(&wanted["offer_id"], key).await.json(201)["id"]).to_owned()
}

/// The itinerary of the same flights as it is offered now.
async fn find_again(api: &Api, day: Date, of: &Value) -> Option<Value> {
    let all = search(api, "ABE", "LAX", day, "&limit=100").await;
    all.into_iter().find(|found| flights_of(found) == flights_of(of))
}

async fn seats_become(api: &Api, day: Date, of: &Value, seats: i64) {
    let seen = async || {
        let now = find_again(api, day, of).await?;
        (whole(&now["seats_left"]) == seats).then_some(())
    };
    eventually(&format!("search shows {seats} seats"), SEEN, seen).await;
}

/// Waits until the payment has succeeded.
async fn settles(traveller: &Api, payment: &Value, within: Duration) {
    let path = format!("/payments/{}", text(&payment["id"]));
    let succeeded = async || {
        let payment = traveller.get(&path).await.json(200);
        assert_ne!(payment["status"], "declined", "{payment}");
        (payment["status"] == "succeeded").then_some(())
    };
    eventually("the payment succeeds", within, succeeded).await;
}

/// The booking, once it is confirmed with a ticket for its passenger.
async fn is_confirmed(traveller: &Api, id: &str) -> Value {
    let confirmed = async || {
        let booking = traveller.get(&format!("/bookings/{id}")).await.json(200);
        (booking["status"] == "confirmed").then_some(booking)
    };
    let booking = eventually("the booking is confirmed", SEEN, confirmed).await;
    let ticket = text(&booking["passengers"][0]["ticket_number"]);
    assert!(ticket.len() == 13 && ticket.bytes().all(|byte| byte.is_ascii_digit()), "{booking}");
    assert_eq!(booking["hold_expires_at"], Value::Null);
    booking
}

fn flights_of(found: &Value) -> Vec<String> {
    list(&found["segments"]).iter().map(|segment| text(&segment["flight_id"]).to_owned()).collect()
}

fn minutes(from: &str, to: &str) -> i64 {
    let instant = |text: &str| text.parse::<Timestamp>().expect("RFC 3339 with an offset");
    instant(to).duration_since(instant(from)).as_mins()
}

#[track_caller]
fn list(value: &Value) -> Vec<Value> {
    value.as_array().expect("a list").clone()
}

#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[track_caller]
fn whole(value: &Value) -> i64 {
    value.as_i64().expect("a whole number")
}
