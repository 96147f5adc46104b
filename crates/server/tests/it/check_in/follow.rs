//! Check-in follows tickets, seats and aircraft.

use iata::bcbp::BoardingPass;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Terminal, people};
use crate::booking::cancel::{bought, look, party};
use crate::booking::change::{confirm, flight_back, offer_on, past_the_first_day, quote};
use crate::support::Airline;

impl Terminal {
    /// Gives back the tickets of passengers, at the terms of now.
    pub(super) async fn give_back(&self, id: &str, passengers: &[i16]) {
        let path = format!("/bookings/{id}/cancellation-quote");
        let asked = json!({"passengers": passengers});
        let quote = self.airline.call("POST", &path, Some(&self.token), Some(asked)).await.expect(200);
        let body = json!({"quote_id": quote.text("/quote_id")});
        let path = format!("/bookings/{id}/cancellations");
        let (token, key) = (Some(self.token.as_str()), Some(id));
        self.airline.call_keyed("POST", &path, token, Some(body), key).await.expect(201);
    }

    pub(super) async fn seat(&self, id: &str, seat: &str) {
        let body = json!({"seats": [{"passenger": 1, "segment": 1, "seat": seat}]});
        let path = format!("/bookings/{id}/extras");
        self.airline.call_keyed("POST", &path, Some(&self.token), Some(body), Some(seat)).await.expect(201);
        self.airline.pay(&self.token, id, "4242424242424242", seat).await.expect(201);
    }
}

fn states(stands: &Value) -> Vec<String> {
    people(stands).into_iter().map(|(_, status, ..)| status).collect()
}

#[tokio::test]
async fn children_are_not_left_checked_in_without_an_adult() {
    let terminal = Terminal::open().await;
    let (with_child, with_infant) = (terminal.booked("aac", "k1").await, terminal.booked("aai", "k2").await);
    terminal.seconds_before(24 * 3600);
    for id in [&with_child, &with_infant] {
        terminal.check_in(id, &[1, 3]).await.expect(200);
        terminal.give_back(id, &[1]).await;
        assert_eq!(states(&terminal.stands(id).await), ["open", "open"], "who stays has not checked in");
        assert_eq!(terminal.passes(id).await.len(), 0);
    }
    let told = "SELECT count(*) FROM outbox WHERE type = 'check_in.withdrawn' AND payload -> 'passengers' = '[1, 3]'";
    assert_eq!(terminal.airline.count(told).await, 2);
    terminal.airline.assert_sound().await;
}

/// As a server of before check-in leaves it, which runs beside newer ones during an upgrade.
#[tokio::test]
async fn what_another_release_leaves_behind_is_put_right() {
    let terminal = Terminal::open().await;
    let (gone, moved) = (terminal.booked("a", "k1").await, terminal.booked("a", "k2").await);
    terminal.seconds_before(24 * 3600);
    for id in [&gone, &moved] {
        terminal.check_in(id, &[1]).await.expect(200);
    }
    terminal.airline.run_job("mend_check_ins").await;
    let version = "SELECT max(version)::bigint FROM boarding_passes";
    assert_eq!(terminal.airline.count(version).await, 1, "there was nothing to do");
    terminal.seat(&moved, "20C").await;
    let path = format!("/bookings/{gone}");
    terminal.airline.call("DELETE", &path, Some(&terminal.token), None).await.expect(200);
    let sql = terminal.airline.sql().await;
    sql.batch(
        "UPDATE check_ins SET status = 'checked_in'; DELETE FROM boarding_passes WHERE version = 2;
         UPDATE boarding_passes SET ended_at = NULL",
    )
    .await
    .expect("as it was before");
    assert_eq!(terminal.airline.run_job("mend_check_ins").await, 2);
    let passes = terminal.passes(&moved).await;
    assert_eq!((&passes[0]["version"], &passes[0]["seat"]), (&json!(2), &json!("20C")));
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn a_seat_that_another_aircraft_does_not_have_is_exchanged_for_nothing() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.seat(&id, "29A").await;
    let paid = look(&terminal.airline, &terminal.token, &id).await;
    terminal.staff_put(json!({"aircraft": "AT7"})).await;
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1]).await.expect(200);
    let seat = people(&terminal.stands(&id).await)[0].2.clone();
    let row: u8 = seat.trim_end_matches(char::is_alphabetic).parse().expect("a row");
    assert!((1..=18).contains(&row), "{seat}");
    assert_eq!(terminal.passes(&id).await[0]["seat"], json!(seat));
    let now = look(&terminal.airline, &terminal.token, &id).await;
    assert_eq!(now.json["price"], paid.json["price"]);
    let extras = |reply: &Value| {
        let rows = reply["extras"].as_array().expect("extras").iter();
        rows.map(|row| (row["status"].clone(), row["value"]["amount"].clone())).collect::<Vec<_>>()
    };
    let worth = &paid.json["extras"][0]["value"]["amount"];
    let expected = [(json!("exchanged"), worth.clone()), (json!("issued"), worth.clone())];
    assert_eq!(extras(&now.json), expected, "what was paid for the seat goes over to the other");
    assert_eq!(terminal.airline.count("SELECT count(*) FROM seat_assignments").await, 1);
    terminal.airline.assert_sound().await;
}

/// Passes of a booking there and back, the way there.
async fn pass_there(airline: &Airline, token: &str, id: &str) -> (String, BoardingPass) {
    let path = format!("/bookings/{id}/boarding-passes");
    let text = airline.call("GET", &path, Some(token), None).await.expect(200).text("/passes/0/bar_code");
    let pass = BoardingPass::parse(&text).expect("a pass");
    (text, pass)
}

#[tokio::test]
async fn a_bar_code_has_the_ticket_of_its_flight_whatever_was_changed_since() {
    let (airline, admin) = crate::booking::cancel::selling().await;
    let token = airline.traveller().await;
    let booking = bought(&airline, &token, party(1, 0, 0), "k1").await;
    let (id, first) = (booking.text("/id"), booking.text("/passengers/0/ticket_number"));
    flight_back(&airline, &admin, "KR8", "2026-06-13", 20_000).await;
    past_the_first_day(&airline);
    let departs: Timestamp = "2026-06-10T12:00:00Z".parse().expect("an instant");
    airline.later(departs.duration_since(airline.app.now()) - SignedDuration::from_hours(24));
    let body = json!({"passengers": [1], "no_dangerous_goods": true});
    let path = format!("/bookings/{id}/check-in/1");
    airline.call("PUT", &path, Some(&token), Some(body)).await.expect(200);
    let (before, pass) = pass_there(&airline, &token, &id).await;
    let each = &pass.legs[0].each;
    assert_eq!(format!("{}{}", each.airline_number, each.serial), first);
    let offer = offer_on(&airline, "2026-06-13", "").await;
    let asked = quote(&airline, &token, &id, 2, &offer).await.expect(200);
    confirm(&airline, &token, &id, &asked, "c1").await.expect(201);
    airline.pay(&token, &id, "4242424242424242", "p2").await.expect(201);
    let newest = look(&airline, &token, &id).await.text("/passengers/0/ticket_number");
    assert_ne!(newest, first, "the way back has another ticket");
    assert_eq!(pass_there(&airline, &token, &id).await.0, before, "one version says one thing");
}
