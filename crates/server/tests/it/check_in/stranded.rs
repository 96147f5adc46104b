//! An onward flight that leaves without whoever the airline kept from it: nobody has missed it, and its price comes back as well.

use jiff::SignedDuration;
use serde_json::json;

use super::Terminal;
use crate::support::Reply;

/// A terminal whose flight has another behind it.
struct Hub {
    terminal: Terminal,
    onward: String,
}

impl Hub {
    async fn open() -> Self {
        let terminal = Terminal::open().await;
        let times = ("2026-06-10T11:35", "2026-06-10T13:35");
        let onward = terminal.airline.flight(&terminal.admin, "KR2", ("ATL", "LAX"), times, 150).await;
        Self { terminal, onward }
    }

    /// A paid booking of one adult to the end of the line.
    async fn booked(&self, origin: &str, key: &str) -> String {
        let airline = &self.terminal.airline;
        let offer = airline.offer(&format!("origin={origin}&destination=LAX&date=2026-06-10")).await;
        let id = airline.hold(&self.terminal.token, &offer, key).await.expect(201).text("/id");
        let paid = format!("pay-{key}");
        airline.pay(&self.terminal.token, &id, "4242424242424242", &paid).await.expect(201);
        id
    }

    async fn check_in(&self, id: &str, segment: i16) {
        let body = json!({"passengers": [1], "no_dangerous_goods": true});
        let path = format!("/bookings/{id}/check-in/{segment}");
        self.terminal.airline.call("PUT", &path, Some(&self.terminal.token), Some(body)).await.expect(200);
    }

    /// What staff do with the onward flight.
    async fn staff(&self, what: &str, body: Option<serde_json::Value>) -> Reply {
        let path = format!("/flights/{}/{what}", self.onward);
        self.terminal.airline.call("POST", &path, Some(&self.terminal.admin), body).await.expect(200)
    }

    async fn give_back(&self, id: &str) -> Reply {
        let path = format!("/bookings/{id}");
        self.terminal.airline.call("DELETE", &path, Some(&self.terminal.token), None).await
    }

    /// The states of a booking's coupons in the order of its flights.
    async fn coupons(&self, id: &str) -> String {
        let id = id.parse::<kernel::BookingId>().expect("an id").uuid();
        let states =
            "SELECT string_agg(status, ' ' ORDER BY segment_no) FROM ticket_coupons WHERE booking_id = $1";
        let sql = self.terminal.airline.sql().await;
        sql.query_one(states, &[&id]).await.expect("coupons").get(0)
    }

    /// What was paid, and all that came back.
    async fn money(&self, id: &str) -> (i64, i64) {
        let booking = self.terminal.booking(id).await;
        let sum = |of: &str| -> i64 {
            let amounts = booking[of].as_array().expect("a list").iter();
            amounts.map(|one| one["amount"]["amount"].as_i64().expect("an amount")).sum()
        };
        (sum("payments"), sum("refunds"))
    }
}

#[tokio::test]
async fn whoever_cannot_come_has_missed_nothing_and_is_paid_for_both_flights_once() {
    let hub = Hub::open().await;
    let Hub { terminal, .. } = &hub;
    let (waits, there, late) =
        (hub.booked("ABE", "k1").await, hub.booked("ABE", "k2").await, hub.booked("ATL", "k3").await);
    terminal.seconds_before(24 * 3600);
    for (id, segment) in [(&waits, 1), (&waits, 2), (&there, 2)] {
        hub.check_in(id, segment).await;
    }
    terminal.seconds_before(2 * 3600);
    terminal.staff_put(json!({"status": "cancelled"})).await;

    // One of them comes to the onward flight all the same, and whoever begins there does not.
    terminal.seconds_before(-9_900);
    let passes = terminal.passes(&there).await;
    hub.staff("boardings", Some(json!({"bar_code": passes[0]["bar_code"], "device": "left", "scan": "s1"})))
        .await;
    let closed = hub.staff("close-boarding", None).await;
    assert_eq!((&closed.json["boarded"], &closed.json["no_shows"]), (&json!(1), &json!(1)));
    assert_eq!(hub.coupons(&waits).await, "checked_in open", "put off, and not missed");
    assert_eq!(hub.coupons(&late).await, "no_show");
    assert_eq!(terminal.events("boarding.excused").await, 1);
    assert_eq!(
        terminal.airline.run_job("settle_closed_flights").await,
        0,
        "nothing to be done over and over"
    );
    terminal.seconds_before(-6 * 3600);
    assert_eq!(terminal.airline.run_job("follow_departures").await, 1);
    assert_eq!(hub.coupons(&there).await, "open flown");
    terminal.airline.assert_sound().await;

    terminal.airline.later(SignedDuration::from_hours(48));
    assert_eq!(terminal.airline.run_job("return_cancelled_flights").await, 2);
    assert_eq!(hub.coupons(&waits).await, "refunded refunded");
    let (paid, back) = hub.money(&waits).await;
    assert_eq!((back, terminal.booking(&waits).await["status"].as_str()), (paid, Some("cancelled")));
    assert_eq!(hub.coupons(&there).await, "refunded flown");
    assert_eq!(hub.money(&there).await, (paid, paid / 2), "the flight that they were on is paid for");
    assert_eq!(terminal.airline.run_job("return_cancelled_flights").await, 0, "once");
    for id in [&waits, &there] {
        hub.give_back(id).await;
    }
    assert_eq!((hub.money(&waits).await, hub.money(&there).await), ((paid, paid), (paid, paid / 2)));
    assert_eq!(
        terminal.airline.run_job("settle_closed_flights").await,
        1,
        "nobody is left who could not come"
    );
    terminal.airline.assert_sound().await;
}

/// The first flight is late until the onward one has left, and is cancelled then: whoever was taken for missing gets all of it back too.
#[tokio::test]
async fn cancelled_after_the_onward_flight_has_left_without_them_is_the_same() {
    let hub = Hub::open().await;
    let Hub { terminal, .. } = &hub;
    let (asks, waits, before) =
        (hub.booked("ABE", "k1").await, hub.booked("ABE", "k2").await, hub.booked("ABE", "k3").await);
    terminal.seconds_before(1_800);
    terminal.staff_put(json!({"delay_minutes": 900})).await;
    terminal.seconds_before(-3 * 3600);
    hub.staff("close-boarding", None).await;
    assert_eq!(hub.coupons(&waits).await, "open no_show");
    terminal.seconds_before(-6 * 3600);
    // Given back by an older release, for which the onward flight was flown: whoever had a part of the slice back has had its price.
    let older = "UPDATE ticket_coupons SET status = 'refunded' WHERE booking_id = $1 AND segment_no = 1";
    let id = before.parse::<kernel::BookingId>().expect("an id").uuid();
    assert_eq!(terminal.airline.sql().await.execute(older, &[&id]).await.expect("written"), 1);

    terminal.staff_put(json!({"status": "cancelled"})).await;
    let gone = hub.give_back(&asks).await.expect(200);
    assert_eq!(gone.json["refunds"][0]["amount"], gone.json["payments"][0]["amount"]);
    hub.give_back(&before).await.expect(409).has_code("already_departed");
    terminal.airline.later(SignedDuration::from_hours(25));
    assert_eq!(terminal.airline.run_job("return_cancelled_flights").await, 1);
    let (paid, back) = hub.money(&waits).await;
    assert_eq!((back, hub.coupons(&waits).await.as_str()), (paid, "refunded refunded"));
    assert_eq!(
        (hub.money(&before).await, hub.coupons(&before).await.as_str()),
        ((paid, 0), "refunded no_show")
    );
}

#[tokio::test]
async fn should_the_first_flight_be_put_back_the_onward_one_was_missed_after_all() {
    let hub = Hub::open().await;
    let Hub { terminal, .. } = &hub;
    let waits = hub.booked("ABE", "k1").await;
    terminal.seconds_before(1_800);
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.seconds_before(-3 * 3600);
    hub.staff("close-boarding", None).await;
    assert_eq!(
        (hub.coupons(&waits).await.as_str(), terminal.events("boarding.missed").await),
        ("open open", 0)
    );
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 0);
    terminal.staff_put(json!({"status": "scheduled"})).await;
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 1);
    assert_eq!(
        (hub.coupons(&waits).await.as_str(), terminal.events("boarding.missed").await),
        ("open no_show", 1)
    );
    terminal.airline.assert_sound().await;
}
