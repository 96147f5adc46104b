//! Checking in and taking it back, by oneself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Terminal, actions, expected, people};
use crate::support::Airline;

#[tokio::test]
async fn the_window_is_open_from_its_first_second_to_its_last() {
    let terminal = Terminal::open().await;
    let (early, late) = (terminal.booked("a", "k1").await, terminal.booked("a", "k2").await);
    terminal.seconds_before(48 * 3600 + 1);
    let refused = terminal.check_in(&early, &[1]).await.expect(409);
    assert_eq!(
        (refused.code(), refused.text("/opens_at").as_str()),
        ("check_in_not_open", "2026-06-08T12:35:00Z")
    );
    assert_eq!(terminal.stands(&early).await["flights"][0]["check_in"], "not_open");
    terminal.seconds_before(48 * 3600);
    terminal.check_in(&early, &[1]).await.expect(200);
    terminal.seconds_before(3601);
    let open = terminal.stands(&late).await;
    assert_eq!(actions(&open, 0), [("check_in".to_owned(), "2026-06-10T11:35:00Z".to_owned())]);
    terminal.seconds_before(3600);
    let refused = terminal.check_in(&late, &[1]).await.expect(409);
    assert_eq!(
        (refused.code(), refused.text("/closed_at").as_str()),
        ("check_in_closed", "2026-06-10T11:35:00Z")
    );
    let closed = terminal.stands(&late).await;
    assert_eq!((closed["flights"][0]["check_in"].as_str(), actions(&closed, 0).len()), (Some("closed"), 0));
    // A delay that is published opens it again; one that is taken back closes it when the schedule does.
    terminal.staff_put(json!({"delay_minutes": 30})).await;
    terminal.check_in(&late, &[1]).await.expect(200);
    terminal.undo(&late, 1).await.expect(200);
    terminal.staff_put(json!({"delay_minutes": 0})).await;
    terminal.check_in(&late, &[1]).await.expect(409);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn families_are_seated_together_and_keep_what_they_chose() {
    let terminal = Terminal::open().await;
    let family = terminal.booked("aacci", "family").await;
    let (single, at_once) = (terminal.booked("a", "single").await, terminal.booked("aacc", "at-once").await);
    let seat = json!({"seats": [{"passenger": 1, "segment": 1, "seat": "20C"}]});
    let path = format!("/bookings/{single}/extras");
    let bought =
        terminal.airline.call_keyed("POST", &path, Some(&terminal.token), Some(seat), Some("e")).await;
    bought.expect(201);
    terminal.airline.pay(&terminal.token, &single, "4242424242424242", "seat").await.expect(201);
    terminal.seconds_before(24 * 3600);
    // The infant comes with the first adult, whichever of the two is named, and children come with an adult.
    let refused = terminal.check_in(&family, &[3, 4]).await.expect(422);
    assert_eq!(refused.code(), "adult_must_check_in");
    let first = terminal.check_in(&family, &[5, 3]).await.expect(200).json;
    let states: Vec<(i64, String, i64)> =
        people(&first).into_iter().map(|(number, status, _, order)| (number, status, order)).collect();
    let state = |number, status: &str, order| (number, status.to_owned(), order);
    assert_eq!(
        states,
        [
            state(1, "checked_in", 1),
            state(2, "open", 0),
            state(3, "checked_in", 2),
            state(4, "open", 0),
            state(5, "checked_in", 3)
        ]
    );
    terminal.check_in(&single, &[1]).await.expect(200);
    assert_eq!(people(&terminal.stands(&single).await), expected(&[(1, "checked_in", "20C", 4)]));
    let all = terminal.check_in(&family, &[2, 4]).await.expect(200).json;
    let seats: Vec<String> = people(&all).into_iter().map(|(_, _, seat, _)| seat).collect();
    assert_eq!(seats[4], "-", "an infant sits on a lap");
    let row = |seat: &str| seat.trim_end_matches(char::is_alphabetic).to_owned();
    let rows: Vec<String> = seats[..4].iter().map(|seat| row(seat)).collect();
    assert!(rows[2..].iter().all(|child| rows[..2].contains(child)), "children beside adults: {seats:?}");
    let together = terminal.check_in(&at_once, &[1, 2, 3, 4]).await.expect(200).json;
    let rows: BTreeSet<String> = people(&together).iter().map(|(_, _, seat, _)| row(seat)).collect();
    assert_eq!(rows.len(), 1, "one row for four: {together}");
    // What is given costs nothing, and has documents like what is chosen.
    let free = "SELECT count(*) FROM booking_extras WHERE kind = 'seat' AND status = 'issued' AND price = 0";
    assert_eq!(terminal.airline.count(free).await, 8);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn it_is_taken_back_until_boarding_and_the_number_stays() {
    let terminal = Terminal::open().await;
    let (one, other) = (terminal.booked("ac", "k1").await, terminal.booked("a", "k2").await);
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&one, &[1, 2]).await.expect(200);
    assert_eq!(terminal.undo(&one, 1).await.expect(422).code(), "adult_must_stay");
    assert_eq!(terminal.undo(&one, 9).await.expect(404).code(), "not_found");
    terminal.undo(&one, 2).await.expect(200);
    terminal.undo(&one, 1).await.expect(200);
    terminal.undo(&one, 1).await.expect(200);
    terminal.check_in(&other, &[1]).await.expect(200);
    let again = terminal.check_in(&one, &[1]).await.expect(200).json;
    let (_, status, seat, number) = people(&again)[0].clone();
    assert_eq!((status.as_str(), number), ("checked_in", 1), "the number is kept");
    assert_ne!(seat, people(&terminal.stands(&other).await)[0].2, "the seat was given to whoever came first");
    assert_eq!(people(&terminal.stands(&other).await)[0].3, 3);
    assert_eq!(actions(&again, 0), [("undo_check_in".to_owned(), "2026-06-10T11:55:00Z".to_owned())]);
    terminal.seconds_before(2401);
    terminal.undo(&other, 1).await.expect(200);
    terminal.seconds_before(2400);
    assert_eq!(terminal.undo(&one, 1).await.expect(409).code(), "boarding_started");
    let events = "SELECT count(*) FROM outbox WHERE type = 'check_in.completed'";
    assert_eq!(terminal.airline.count(events).await, 3, "who is checked in already is not told of again");
    let events = "SELECT count(*) FROM outbox WHERE type = 'check_in.withdrawn'";
    assert_eq!(terminal.airline.count(events).await, 3);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn boarding_that_staff_declare_ends_taking_it_back() {
    let terminal = Terminal::open().await;
    let (id, late) = (terminal.booked("a", "k1").await, terminal.booked("a", "k2").await);
    terminal.seconds_before(2 * 3600);
    terminal.check_in(&id, &[1]).await.expect(200);
    terminal.staff_put(json!({"status": "boarding"})).await;
    assert_eq!(terminal.undo(&id, 1).await.expect(409).code(), "boarding_started");
    terminal.staff_put(json!({"status": "departed"})).await;
    assert_eq!(terminal.check_in(&late, &[1]).await.expect(409).code(), "check_in_closed");
}

/// They are to choose another flight, which nobody can who is checked in for this one.
#[tokio::test]
async fn a_flight_that_is_cancelled_lets_everybody_take_it_back() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.seconds_before(2 * 3600);
    terminal.check_in(&id, &[1]).await.expect(200);
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.seconds_before(60);
    let stands = terminal.stands(&id).await;
    let actions = &stands["flights"][0]["passengers"][0]["available_actions"];
    assert_eq!(*actions, json!([{"action": "undo_check_in", "until": null}]), "{stands}");
    terminal.undo(&id, 1).await.expect(200);
    assert_eq!(terminal.check_in(&id, &[1]).await.expect(409).code(), "flight_cancelled");
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn what_is_not_as_it_must_be_is_refused() {
    let terminal = Terminal::open().await;
    let (held, paid) = (terminal.held("a", "k1").await, terminal.booked("a", "k2").await);
    terminal.seconds_before(24 * 3600);
    let path = format!("/bookings/{paid}/check-in/1");
    let ask = async |path: &str, body: Value| {
        terminal.airline.call("PUT", path, Some(&terminal.token), Some(body)).await
    };
    for (body, status, code) in [
        (json!({"passengers": [1], "no_dangerous_goods": false}), 422, "declaration_required"),
        (json!({"passengers": [], "no_dangerous_goods": true}), 422, "invalid_field"),
        (json!({"passengers": [1, 1], "no_dangerous_goods": true}), 422, "invalid_field"),
        (json!({"passengers": [2], "no_dangerous_goods": true}), 422, "invalid_field"),
        (json!({"passengers": [1], "no_dangerous_goods": true, "seat": "1A"}), 400, ""),
    ] {
        let refused = ask(&path, body.clone()).await;
        assert!(refused.status.is_client_error(), "{body}");
        assert!(
            code.is_empty() || (refused.status.as_u16(), refused.code()) == (status, code),
            "{}",
            refused.json
        );
    }
    let fine = json!({"passengers": [1], "no_dangerous_goods": true});
    assert_eq!(
        ask(&format!("/bookings/{paid}/check-in/2"), fine.clone()).await.expect(404).code(),
        "not_found"
    );
    // The hold has run out meanwhile, but nobody has swept it.
    assert_eq!(
        ask(&format!("/bookings/{held}/check-in/1"), fine.clone()).await.expect(409).code(),
        "not_confirmed"
    );
    // Something that is bought and not paid is finished first.
    let extras = json!({"seats": [{"passenger": 1, "segment": 1, "seat": "12A"}]});
    let order = format!("/bookings/{paid}/extras");
    let opened =
        terminal.airline.call_keyed("POST", &order, Some(&terminal.token), Some(extras), Some("e")).await;
    opened.expect(201);
    assert_eq!(ask(&path, fine.clone()).await.expect(409).code(), "order_open");
    let stranger =
        terminal.airline.account("stranger@example.com", server::identity::api::Role::Traveller).await;
    let another = terminal.airline.call("PUT", &path, Some(&stranger), Some(fine)).await;
    assert_eq!(another.expect(404).code(), "not_found");
}

#[tokio::test]
async fn tickets_that_go_back_end_check_in_and_those_checked_in_are_not_changed() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("aa", "k1").await;
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    let times = ("2026-06-11T08:35", "2026-06-11T10:35");
    terminal.airline.flight(&terminal.admin, "KR1", ("ABE", "ATL"), times, 9).await;
    let offer = terminal.airline.offer("origin=ABE&destination=ATL&date=2026-06-11&adults=2").await;
    let change = json!({"slices": [{"slice": 1, "offer_id": offer}]});
    let quote = format!("/bookings/{id}/change-quote");
    let refused = terminal.airline.call("POST", &quote, Some(&terminal.token), Some(change)).await;
    assert_eq!(refused.expect(409).code(), "checked_in");
    terminal
        .airline
        .call("DELETE", &format!("/bookings/{id}"), Some(&terminal.token), None)
        .await
        .expect(200);
    let left = "SELECT count(*) FROM check_ins WHERE status = 'withdrawn'";
    assert_eq!(terminal.airline.count(left).await, 2);
    assert_eq!(terminal.airline.count("SELECT count(*) FROM seat_assignments").await, 0);
    let told = "SELECT count(*) FROM outbox WHERE type = 'check_in.withdrawn' AND payload ->> 'cause' = 'given_back'";
    assert_eq!(terminal.airline.count(told).await, 1);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn a_full_cabin_takes_no_more_with_a_map_or_without() {
    for terminal in [Terminal::with_seats(2).await, Terminal::without_map(2).await] {
        let cabins = json!([{"cabin": "economy", "overbooking": 1, "classes": [{"class": "Y", "limit": 3}]}]);
        terminal.staff_put(json!({"cabins": cabins})).await;
        terminal.airline.follow_feed().await;
        let (two, one) = (terminal.booked("aa", "k1").await, terminal.booked("a", "k2").await);
        terminal.seconds_before(24 * 3600);
        terminal.check_in(&two, &[1, 2]).await.expect(200);
        assert_eq!(terminal.check_in(&one, &[1]).await.expect(409).code(), "no_seat_left");
        terminal.undo(&two, 2).await.expect(200);
        terminal.airline.assert_sound().await;
    }
}

/// An aircraft of two seats, of which three are sold.
#[tokio::test]
async fn whoever_is_not_checked_in_any_more_leaves_the_seat_that_was_given_to_them_to_others() {
    let map = b"aircraft,cabin,rows,seats,zone,price,middle_price,currency,refund,features,masks,blocked\n\
                73H,economy,20,A F,standard,1500,1500,USD,24:100,,,\n";
    let terminal = Terminal::drawn(Airline::new().await, map, 2).await;
    let cabins = json!([{"cabin": "economy", "overbooking": 1, "classes": [{"class": "Y", "limit": 3}]}]);
    terminal.staff_put(json!({"cabins": cabins})).await;
    terminal.airline.follow_feed().await;
    let (two, one) = (terminal.booked("aa", "k1").await, terminal.booked("a", "k2").await);
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&two, &[1, 2]).await.expect(200);
    terminal.check_in(&one, &[1]).await.expect(409).has_code("no_seat_left");
    let seat_of = async |id: &str, who: usize| people(&terminal.stands(id).await)[who].2.clone();
    let given = seat_of(&two, 1).await;

    terminal.offload(&two, &[2]).await.expect(200);
    assert_eq!(seat_of(&two, 1).await, "-");
    terminal.check_in(&one, &[1]).await.expect(200);
    assert_eq!(seat_of(&one, 0).await, given);
    terminal.at_counter(&two, &[2]).await.expect(409).has_code("no_seat_left");
    // Taken back by oneself it is the same, and again and again.
    for _ in 0..2 {
        terminal.undo(&one, 1).await.expect(200);
        terminal.at_counter(&two, &[2]).await.expect(200);
        terminal.offload(&two, &[2]).await.expect(200);
        terminal.check_in(&one, &[1]).await.expect(200);
    }
    assert_eq!(people(&terminal.stands(&two).await)[1].3, 2, "the place in the order is theirs");
    terminal.airline.assert_sound().await;

    // What somebody chose, and paid for, is theirs while they can still come.
    terminal.undo(&one, 1).await.expect(200);
    terminal.seat(&one, &given).await;
    terminal.check_in(&one, &[1]).await.expect(200);
    terminal.undo(&one, 1).await.expect(200);
    assert_eq!(seat_of(&one, 0).await, given);
    terminal.at_counter(&two, &[2]).await.expect(409).has_code("no_seat_left");
    terminal.check_in(&one, &[1]).await.expect(200);
    assert_eq!(terminal.booking(&one).await["price"]["amount"], 21_500, "no seat was paid for but that one");
    terminal.airline.assert_sound().await;
}
