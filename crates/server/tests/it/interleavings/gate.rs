//! Pairs that meet at check-in or at the gate. After each order everybody stands as one of the two after the other would leave them
//! (`support::aboard` knows what may be at all), and the two answers fit that.

use std::collections::BTreeMap;

use kernel::BookingId;
use serde_json::{Value, json};
use testkit::proxy::Operation;

use super::{Answer, CARD, Stage, said};
use crate::support::request;

/// Departures of tomorrow, a minute apart, so that check-in of each is open and a search finds one alone.
const FIRST_MINUTE: i64 = 6 * 60;

/// Those who fly from the gate: a flight, and a booking of one adult for each seat that was sold.
struct Gate {
    flight: String,
    offer: String,
    bookings: Vec<String>,
}

impl Stage {
    /// A flight of tomorrow with `seats` seats of which `sold` are sold, each to an adult alone.
    async fn gate(&self, seats: i16, sold: i16) -> Gate {
        let case = self.cases.get();
        self.cases.set(case + 1);
        let wall = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let (leaves, next) = (wall(FIRST_MINUTE + case), wall(FIRST_MINUTE + case + 1));
        let times =
            (format!("2026-06-02T{leaves}"), format!("2026-06-02T{}", wall(FIRST_MINUTE + case + 90)));
        let cabins = json!([{"cabin": "economy", "capacity": seats, "overbooking": (sold - seats).max(0),
            "classes": [{"class": "Y", "fare": 20_000, "limit": seats.max(sold)}]}]);
        let number = format!("KR{}", 1 + case);
        let airline = &self.airline;
        let flight =
            airline.flight_with(&self.admin, &number, ("ABE", "ATL"), (&times.0, &times.1), cabins).await;
        let query = format!(
            "origin=ABE&destination=ATL&date=2026-06-02&departs_after={leaves}&departs_before={next}"
        );
        let offer = airline.offer(&query).await;
        let mut bookings = Vec::new();
        for which in 0..sold {
            let key = format!("gate-{case}-{which}");
            let id = airline.hold(&self.token, &offer, &key).await.expect(201).text("/id");
            airline.pay(&self.token, &id, CARD, &key).await.expect(201);
            bookings.push(id);
        }
        Gate { flight, offer, bookings }
    }

    /// A flight that boards, with an adult and a child of one booking who are checked in.
    async fn family(&self) -> Gate {
        let mut gate = self.gate(2, 0).await;
        let minute = FIRST_MINUTE + self.cases.get() - 1;
        let wall = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let query = format!(
            "origin=ABE&destination=ATL&date=2026-06-02&adults=1&children=1&departs_after={}&departs_before={}",
            wall(minute),
            wall(minute + 1)
        );
        let person = |kind: &str, born: &str| json!({"type": kind, "given_name": "Asha", "family_name": "Rao", "born_on": born});
        let body = json!({"offer_id": self.airline.offer(&query).await,
            "passengers": [person("adult", "1990-05-17"), person("child", "2020-05-17")],
            "contact": {"email": "asha@example.com", "phone": null}});
        let key = format!("family-{minute}");
        let held =
            self.airline.call_keyed("POST", "/bookings", Some(&self.token), Some(body), Some(&key)).await;
        let id = held.expect(201).text("/id");
        self.airline.pay(&self.token, &id, CARD, &key).await.expect(201);
        let together = json!({"passengers": [1, 2], "no_dangerous_goods": true});
        let path = format!("/bookings/{id}/check-in/1");
        self.airline.call("PUT", &path, Some(&self.token), Some(together)).await.expect(200);
        gate.bookings.push(id);
        self.declare(&gate, "boarding").await;
        gate
    }

    /// The same, everybody checked in and the gate open.
    async fn boarding(&self, sold: i16) -> Gate {
        let gate = self.gate(sold, sold).await;
        for id in &gate.bookings {
            let (checking_in, answer) = self.check_in(0, id);
            checking_in.await;
            assert_eq!(said(&answer.take()), "200");
        }
        self.declare(&gate, "boarding").await;
        gate
    }

    /// The same with somebody on board.
    async fn aboard(&self) -> Gate {
        let gate = self.boarding(1).await;
        let (scanning, answer) = self.scan(0, &gate, "left").await;
        scanning.await;
        assert_eq!(said(&answer.take()), "200");
        gate
    }

    async fn declare(&self, gate: &Gate, status: &str) {
        let path = format!("/flights/{}", gate.flight);
        let body = json!({"status": status});
        self.airline.call("PUT", &path, Some(&self.admin), Some(body)).await.expect(200);
    }

    fn staff(&self, side: usize, method: &str, path: &str, body: Option<Value>) -> (Operation, Answer) {
        self.send(side, request(method, path, Some(&self.admin), body, None))
    }

    fn check_in(&self, side: usize, booking: &str) -> (Operation, Answer) {
        let body = json!({"passengers": [1], "no_dangerous_goods": true});
        self.request(side, "PUT", &format!("/bookings/{booking}/check-in/1"), Some(body))
    }

    fn undo_check_in(&self, side: usize, booking: &str) -> (Operation, Answer) {
        self.request(side, "DELETE", &format!("/bookings/{booking}/check-in/1/1"), None)
    }

    /// What staff do for the first booking of the gate.
    async fn at_counter(&self, side: usize, gate: &Gate, act: &str) -> (Operation, Answer) {
        let locator = self.booking(&gate.bookings[0]).await.text("/locator");
        let (method, body) = match act {
            "offload" => ("POST", json!({"locator": locator, "passengers": [1], "reason": "a volunteer"})),
            _ => ("PUT", json!({"locator": locator, "passengers": [1], "no_dangerous_goods": true})),
        };
        self.staff(side, method, &format!("/flights/{}/{act}", gate.flight), Some(body))
    }

    /// The pass of the first booking, read.
    async fn scan(&self, side: usize, gate: &Gate, device: &str) -> (Operation, Answer) {
        self.scan_of(side, gate, (0, device)).await
    }

    /// One of its passes, read.
    async fn scan_of(&self, side: usize, gate: &Gate, (pass, device): (usize, &str)) -> (Operation, Answer) {
        let path = format!("/bookings/{}/boarding-passes", gate.bookings[0]);
        let passes = self.airline.call("GET", &path, Some(&self.token), None).await.expect(200);
        let bar_code = passes.text(&format!("/passes/{pass}/bar_code"));
        let body = json!({"bar_code": bar_code, "device": device, "scan": device});
        self.staff(side, "POST", &format!("/flights/{}/boardings", gate.flight), Some(body))
    }

    fn take_off(&self, side: usize, gate: &Gate) -> (Operation, Answer) {
        self.staff(side, "DELETE", &format!("/flights/{}/boardings/1", gate.flight), None)
    }

    fn close(&self, side: usize, gate: &Gate) -> (Operation, Answer) {
        self.staff(side, "POST", &format!("/flights/{}/close-boarding", gate.flight), None)
    }

    /// How those of a gate stand, in the order of their bookings, and that they may.
    async fn stand(&self, gate: &Gate) -> Vec<String> {
        let standing: BTreeMap<(BookingId, i16), String> = self.airline.standing(&gate.flight).await;
        let of = |id: &String| standing[&(id.parse().expect("a booking id"), 1)].clone();
        gate.bookings.iter().map(of).collect()
    }
}

/// Two answers and how the first booking stands after them, as one text.
async fn outcome(stage: &Stage, gate: &Gate, first: Answer, second: Answer) -> String {
    let stands = stage.stand(gate).await.remove(0);
    format!("{} | {} | {stands}", said(&first.take()), said(&second.take()))
}

#[tokio::test(flavor = "multi_thread")]
async fn check_in_meets_check_in_and_whatever_takes_it_back() {
    // A check-in has many statements; what one reads and then writes shows itself when the other comes in between.
    let stage = Stage::new().await.switching_at_most(1);
    // One seat, two tickets: the second is sent to the counter.
    let begin = async || {
        let gate = stage.gate(1, 2).await;
        let ((a, one), (b, two)) =
            (stage.check_in(0, &gate.bookings[0]), stage.check_in(1, &gate.bookings[1]));
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let mut answers = [said(&one.take()), said(&two.take())];
        answers.sort();
        assert_eq!(answers, ["200", "409 no_seat_left"]);
        let mut stand = stage.stand(&gate).await;
        stand.sort();
        assert_eq!(stand, ["checked_in checked_in 1 -", "open - 0 -"]);
    };
    stage.explore("check in, check in to the last seat", begin, check).await;

    let begin = async || {
        let gate = stage.gate(1, 1).await;
        let id = &gate.bookings[0];
        let ((a, one), (b, two)) = (stage.check_in(0, id), stage.cancel(1, id));
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may = ["200 | 200 | refunded withdrawn 0 -", "409 booking_closed | 200 | refunded - 0 -"];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("check in, give back", begin, check).await;

    let begin = async || {
        let gate = stage.gate(1, 1).await;
        stage.check_in(0, &gate.bookings[0]).0.await;
        let (a, one) = stage.undo_check_in(0, &gate.bookings[0]);
        let (b, two) = stage.at_counter(1, &gate, "offload").await;
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may = ["200 | 200 | open withdrawn 0 -", "200 | 200 | open offloaded 0 -"];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("take check-in back, offload", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_that_is_read_meets_another_reader_and_whatever_ends_it() {
    let stage = Stage::new().await.switching_at_most(2);
    let begin = async || {
        let gate = stage.boarding(1).await;
        let ((a, one), (b, two)) = (stage.scan(0, &gate, "left").await, stage.scan(1, &gate, "right").await);
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let aboard = "boarded checked_in 1 aboard";
        let may = [
            format!("200 | 409 already_boarded | {aboard}"),
            format!("409 already_boarded | 200 | {aboard}"),
        ];
        assert!(may.contains(&outcome), "{outcome}");
    };
    stage.explore("scan, scan", begin, check).await;

    let begin = async || {
        let gate = stage.boarding(1).await;
        let (a, one) = stage.scan(0, &gate, "left").await;
        let (b, two) = stage.at_counter(1, &gate, "offload").await;
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may = [
            "200 | 409 has_boarded | boarded checked_in 1 aboard",
            "409 pass_ended | 200 | open offloaded 0 -",
        ];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("scan, offload", begin, check).await;

    let begin = async || {
        let gate = stage.boarding(1).await;
        let (a, one) = stage.scan(0, &gate, "left").await;
        let (b, two) = stage.cancel(1, &gate.bookings[0]);
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may = [
            "200 | 409 already_departed | boarded checked_in 1 aboard",
            "409 pass_ended | 200 | refunded withdrawn 0 -",
        ];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("scan, give back", begin, check).await;

    let begin = async || {
        let gate = stage.aboard().await;
        let (a, one) = stage.take_off(0, &gate);
        let (b, two) = stage.scan(1, &gate, "right").await;
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may = [
            "204 | 200 | boarded checked_in 1 aboard",
            "204 | 409 already_boarded | checked_in checked_in 1 -",
        ];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("take boarding back, scan", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_meets_whoever_comes_last() {
    let stage = Stage::new().await.switching_at_most(1);
    let begin = async || {
        let gate = stage.boarding(1).await;
        let (a, one) = stage.close(0, &gate);
        let (b, two) = stage.scan(1, &gate, "left").await;
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may = [
            "200 | 200 | boarded checked_in 1 aboard",
            "200 | 409 boarding_closed | no_show offloaded 0 -",
            // The closed gate made a no-show of them before the pass was looked at.
            "200 | 409 pass_ended | no_show offloaded 0 -",
        ];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("close, scan", begin, check).await;

    let begin = async || {
        let gate = stage.gate(1, 1).await;
        stage.declare(&gate, "boarding").await;
        let (a, one) = stage.close(0, &gate);
        let (b, two) = stage.at_counter(1, &gate, "check-in").await;
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may = [
            "200 | 200 | no_show offloaded 0 -",
            "200 | 409 check_in_closed | no_show - 0 -",
            "200 | 422 invalid_field | no_show - 0 -",
        ];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("close, check in at the counter", begin, check).await;

    let begin = async || {
        let gate = stage.aboard().await;
        let ((a, one), (b, two)) = (stage.close(0, &gate), stage.take_off(1, &gate));
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may =
            ["200 | 204 | no_show offloaded 0 -", "200 | 409 boarding_closed | boarded checked_in 1 aboard"];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("close, take boarding back", begin, check).await;
}

/// A child boards before its adult has, while the gate is closed: then the closing is refused, or the child does not board.
#[tokio::test(flavor = "multi_thread")]
async fn closing_meets_a_child_that_boards_first() {
    let stage = Stage::new().await.switching_at_most(2);
    let begin = async || {
        let gate = stage.family().await;
        let (a, one) = stage.close(0, &gate);
        let (b, two) = stage.scan_of(1, &gate, (1, "left")).await;
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let standing: Vec<String> = stage.airline.standing(&gate.flight).await.into_values().collect();
        let outcome = format!("{} | {} | {}", said(&one.take()), said(&two.take()), standing.join(", "));
        let may = [
            "409 children_alone | 200 | checked_in checked_in 1 -, boarded checked_in 1 aboard",
            "200 | 409 boarding_closed | no_show offloaded 0 -, no_show offloaded 0 -",
            "200 | 409 pass_ended | no_show offloaded 0 -, no_show offloaded 0 -",
        ];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("close, scan of a child", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_meets_a_ticket_that_goes_back_and_another_closing() {
    let stage = Stage::new().await.switching_at_most(1);
    let begin = async || {
        let gate = stage.boarding(1).await;
        let ((a, one), (b, two)) = (stage.close(0, &gate), stage.cancel(1, &gate.bookings[0]));
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        let outcome = outcome(&stage, &gate, one, two).await;
        let may =
            ["200 | 200 | refunded withdrawn 0 -", "200 | 409 already_departed | no_show offloaded 0 -"];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("close, give back", begin, check).await;

    let begin = async || {
        let gate = stage.boarding(1).await;
        let ((a, one), (b, two)) = (stage.close(0, &gate), stage.close(1, &gate));
        ((gate, one, two), [a, b])
    };
    let check = async |(gate, one, two): (Gate, Answer, Answer)| {
        assert_eq!(outcome(&stage, &gate, one, two).await, "200 | 200 | no_show offloaded 0 -");
        let missed = "SELECT count(*) - count(DISTINCT payload->>'booking_id') FROM outbox WHERE type = 'boarding.missed'";
        assert_eq!(stage.airline.count(missed).await, 0, "it was told twice that somebody did not come");
    };
    stage.explore("close, close", begin, check).await;
}

/// The gate closes, and a booking that was held for its flight is paid: what it is, and both of them.
async fn closing_and_payment(stage: &Stage, gate: Gate) -> ((Gate, String, Answer, Answer), [Operation; 2]) {
    let key = format!("held-{}", gate.flight);
    let held = stage.airline.hold(&stage.token, &gate.offer, &key).await.expect(201).text("/id");
    stage.declare(&gate, "boarding").await;
    let body = json!({"booking_id": held, "method": {"type": "card", "number": CARD}});
    let (a, one) = stage.close(0, &gate);
    let (b, two) = stage.request(1, "POST", "/payments", Some(body));
    ((gate, held, one, two), [a, b])
}

/// Whoever pays has a ticket that the closing sees, and missed the flight, or comes too late and has the money back.
#[tokio::test(flavor = "multi_thread")]
async fn closing_meets_a_payment() {
    let stage = Stage::new().await.switching_at_most(2);
    let begin = async || {
        let gate = stage.gate(1, 0).await;
        closing_and_payment(&stage, gate).await
    };
    let check = async |(gate, held, one, two): (Gate, String, Answer, Answer)| {
        assert_eq!((said(&one.take()), said(&two.take())), ("200".into(), "201".into()));
        let booking = stage.booking(&held).await;
        let standing: Vec<String> = stage.airline.standing(&gate.flight).await.into_values().collect();
        let refunds = booking.json["refunds"].as_array().map_or(0, Vec::len);
        match &*booking.text("/status") {
            "confirmed" => assert_eq!((refunds, &standing[..]), (0, &["no_show - 0 -".to_owned()][..])),
            "expired" => assert_eq!((refunds, standing), (1, vec![])),
            other => panic!("{other}"),
        }
    };
    stage.explore("close, pay", begin, check).await;
}

/// The same where somebody has checked in, so that the flight's row is there: it is not who makes it who waits then, but who shares it.
#[tokio::test(flavor = "multi_thread")]
async fn closing_meets_a_payment_after_somebody_has_checked_in() {
    let stage = Stage::new().await.switching_at_most(2);
    let begin = async || {
        let gate = stage.gate(2, 1).await;
        let (checking_in, answer) = stage.check_in(0, &gate.bookings[0]);
        checking_in.await;
        assert_eq!(said(&answer.take()), "200");
        closing_and_payment(&stage, gate).await
    };
    let check = async |(gate, held, one, two): (Gate, String, Answer, Answer)| {
        assert_eq!((said(&one.take()), said(&two.take())), ("200".into(), "201".into()));
        let status = stage.booking(&held).await.text("/status");
        let standing = stage.airline.standing(&gate.flight).await;
        let stands: Vec<&str> = standing.values().map(String::as_str).collect();
        match &*status {
            "confirmed" => {
                assert!(
                    stands.contains(&"no_show - 0 -") && stands.contains(&"no_show offloaded 0 -"),
                    "{stands:?}"
                );
            }
            "expired" => assert_eq!(stands, ["no_show offloaded 0 -"]),
            other => panic!("{other}"),
        }
    };
    stage.explore("close, pay, somebody checked in", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_departure_meets_whoever_is_taken_off() {
    let stage = Stage::new().await.switching_at_most(2);
    let left = async || {
        let gate = stage.aboard().await;
        stage.declare(&gate, "departed").await;
        gate
    };
    let begin = async || {
        let gate = left().await;
        let (a, one) = stage.take_off(0, &gate);
        ((gate, one), [a, stage.job(1, "follow_departures")])
    };
    let check = async |(gate, one): (Gate, Answer)| {
        let outcome = format!("{} | {}", said(&one.take()), stage.stand(&gate).await[0]);
        let may = ["204 | checked_in checked_in 1 -", "409 already_departed | flown checked_in 1 flown"];
        assert!(may.contains(&&*outcome), "{outcome}");
    };
    stage.explore("departure, take boarding back", begin, check).await;

    let begin = async || {
        let gate = left().await;
        (gate, [stage.job(0, "follow_departures"), stage.job(1, "follow_departures")])
    };
    let check = async |gate: Gate| assert_eq!(stage.stand(&gate).await, ["flown checked_in 1 flown"]);
    stage.explore("departure, departure", begin, check).await;

    let begin = async || {
        let gate = left().await;
        let (a, one) = stage.close(0, &gate);
        ((gate, one), [a, stage.job(1, "follow_departures")])
    };
    let check = async |(gate, one): (Gate, Answer)| {
        assert_eq!(said(&one.take()), "200");
        assert_eq!(stage.stand(&gate).await, ["flown checked_in 1 flown"]);
    };
    stage.explore("departure, close", begin, check).await;
}

/// A flight is put back while what follows from its cancellation is under way. Either its gate is open and nobody has missed it, or it is
/// closed and whoever did not come has.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_flight_that_is_put_back_meets_what_takes_its_closing_back() {
    let stage = Stage::new().await.switching_at_most(2);
    let begin = async || {
        let gate = stage.boarding(1).await;
        stage.close(0, &gate).0.await;
        stage.declare(&gate, "cancelled").await;
        let (b, two) = stage.change_flight(&gate.flight, json!({"status": "boarding"}));
        ((gate, two), [stage.job(0, "settle_closed_flights"), b])
    };
    let check = async |(gate, two): (Gate, Answer)| {
        assert_eq!(said(&two.take()), "200");
        stage.job(0, "settle_closed_flights").await;
        let stands = stage.stand(&gate).await.remove(0);
        let (closing, answer) = stage.close(0, &gate);
        closing.await;
        // Closing it anew asks nothing of a closed gate; of an open one it makes a no-show.
        assert!(["no_show offloaded 0 -", "open offloaded 0 -"].contains(&&*stands), "{stands}");
        assert_eq!(said(&answer.take()), "200");
        assert_eq!(stage.stand(&gate).await, ["no_show offloaded 0 -"]);
    };
    stage.explore("take a closing back, put the flight back", begin, check).await;
}
