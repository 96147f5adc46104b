//! Who did not come to a closed gate, and the airline that cancels the flight after that: nobody has missed it.

use jiff::SignedDuration;
use serde_json::json;

use super::{Terminal, people};

impl Terminal {
    /// Somebody on board of a closed flight, and a booking of one who did not come, checked in or not: their bookings.
    async fn closed_without(&self, checked_in: bool) -> (String, String) {
        let (aboard, missed) = (self.booked("a", "k1").await, self.booked("a", "k2").await);
        self.at_the_gate(&[(&aboard, &[1])]).await;
        if checked_in {
            // The counter of a flight that is delayed is still open.
            self.staff_put(json!({"delay_minutes": 60})).await;
            self.at_counter(&missed, &[1]).await.expect(200);
            self.staff_put(json!({"status": "boarding"})).await;
        }
        let codes = self.codes(&aboard).await;
        self.scan(&codes[0], "left", "s1").await.expect(200);
        let closed = self.close().await.expect(200);
        assert_eq!((&closed.json["boarded"], &closed.json["no_shows"]), (&json!(1), &json!(1)));
        (aboard, missed)
    }

    async fn state(&self, id: &str) -> String {
        people(&self.stands(id).await)[0].1.clone()
    }
}

#[tokio::test]
async fn the_airline_that_cancels_owes_those_too_who_did_not_come() {
    let terminal = Terminal::open().await;
    let (aboard, missed) = terminal.closed_without(true).await;
    terminal.airline.run_jobs().await;
    // It does not leave, hours pass, and the trip of whoever missed it is not over before it would have landed.
    terminal.staff_put(json!({"delay_minutes": 600})).await;
    terminal.airline.later(SignedDuration::from_hours(4));
    assert_eq!(terminal.airline.run_job("complete_trips").await, 0);
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.close().await.expect(409).has_code("flight_cancelled");
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 1);
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 0, "once");
    assert_eq!(terminal.airline.run_job("follow_departures").await, 1);
    assert_eq!(
        (terminal.state(&aboard).await, terminal.state(&missed).await),
        ("checked_in".into(), "offloaded".into())
    );
    assert_eq!(terminal.events("boarding.excused").await, 1);
    terminal.airline.standing(&terminal.flight).await;

    // Both are told, and both have a choice for a day; then both have their money.
    terminal.airline.run_jobs().await;
    terminal.airline.run_jobs().await;
    let told = "SELECT count(DISTINCT booking_id) FROM notifications WHERE topic = 'flight_cancelled'";
    assert_eq!(terminal.airline.count(told).await, 2);
    terminal.airline.later(SignedDuration::from_hours(23));
    assert_eq!(terminal.airline.run_job("return_cancelled_flights").await, 0);
    terminal.airline.later(SignedDuration::from_hours(2));
    assert_eq!(terminal.airline.run_job("return_cancelled_flights").await, 2);
    for id in [&aboard, &missed] {
        let booking = terminal.booking(id).await;
        assert_eq!(booking["status"], "cancelled");
        assert_eq!(booking["refunds"][0]["amount"], booking["payments"][0]["amount"], "all of it");
        assert_eq!(booking["cancellations"][0]["lines"][0]["reason"], "airline_cancelled");
    }
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn whoever_did_not_come_need_not_wait_for_the_money() {
    let terminal = Terminal::open().await;
    let (_, missed) = terminal.closed_without(false).await;
    let path = format!("/bookings/{missed}");
    let give_back = async || terminal.airline.call("DELETE", &path, Some(&terminal.token), None).await;
    give_back().await.expect(409).has_code("already_departed");
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.airline.run_job("settle_closed_flights").await;
    let gone = give_back().await.expect(200);
    assert_eq!(gone.text("/status"), "cancelled");
    assert_eq!(gone.json["refunds"][0]["amount"], gone.json["payments"][0]["amount"]);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn a_flight_that_is_put_back_boards_as_if_it_had_never_been_closed() {
    let terminal = Terminal::open().await;
    let (aboard, missed) = terminal.closed_without(true).await;
    // Put back at once it is as it was: closed.
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.staff_put(json!({"status": "boarding"})).await;
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 0);
    assert_eq!(
        (terminal.state(&aboard).await, terminal.state(&missed).await),
        ("boarded".into(), "no_show".into())
    );

    // A turn that ended in the middle, after somebody was excused, is put right: the flight flies, and its gate is closed.
    let middle = "UPDATE ticket_coupons SET status = 'open' WHERE status = 'no_show';
                  UPDATE flight_check_ins SET settled_at = NULL";
    terminal.airline.sql().await.batch(middle).await.expect("the middle");
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 1);
    assert_eq!(terminal.state(&missed).await, "no_show");

    // Put back later: whoever was on board boards again, and whoever missed it may check in.
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.airline.run_job("settle_closed_flights").await;
    terminal.airline.run_job("follow_departures").await;
    terminal.staff_put(json!({"status": "boarding"})).await;
    terminal.at_counter(&missed, &[1]).await.expect(200);
    for (scan, id) in [("s2", &aboard), ("s3", &missed)] {
        let codes = terminal.codes(id).await;
        terminal.scan(&codes[0], "left", scan).await.expect(200);
    }
    let closed = terminal.close().await.expect(200);
    assert_eq!((&closed.json["boarded"], &closed.json["no_shows"]), (&json!(2), &json!(0)));
    terminal.airline.assert_sound().await;
}

/// Whoever gave another flight of the same slice back, or had it exchanged, has had the price of all of it; and holds nobody else up.
#[tokio::test]
async fn a_slice_that_was_paid_back_already_is_not_paid_again() {
    let terminal = Terminal::open().await;
    let (aboard, missed) = terminal.closed_without(false).await;
    // As if the slice had a second flight, which they gave back while they could not reach it any more.
    let onward = "INSERT INTO booking_segments
                      SELECT (jsonb_populate_record(s, '{\"segment_no\": 2}')).* FROM booking_segments s WHERE booking_id = $1";
    let given_back = "INSERT INTO ticket_coupons
                          SELECT (jsonb_populate_record(c, '{\"segment_no\": 2, \"status\": \"refunded\"}')).*
                          FROM ticket_coupons c WHERE booking_id = $1";
    let id = missed.parse::<kernel::BookingId>().expect("an id").uuid();
    let sql = terminal.airline.sql().await;
    for statement in [onward, given_back] {
        assert_eq!(sql.execute(statement, &[&id]).await.expect("written"), 1);
    }
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.airline.run_job("settle_closed_flights").await;
    terminal.airline.run_job("follow_departures").await;
    let states =
        "SELECT string_agg(status, ' ' ORDER BY segment_no) FROM ticket_coupons WHERE booking_id = $1";
    let row = sql.query_one(states, &[&id]).await.expect("coupons");
    assert_eq!((row.get::<_, &str>(0), terminal.events("boarding.excused").await), ("no_show refunded", 0));
    assert_eq!(terminal.state(&aboard).await, "checked_in", "who was on board is let off all the same");
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 0, "the gate is open again");
}

/// Nobody said that it would be late; it stands at its gate when it should have landed, and is cancelled then.
#[tokio::test]
async fn a_trip_is_not_over_while_its_flight_stands() {
    let terminal = Terminal::open().await;
    let bookings = <[String; 2]>::from(terminal.closed_without(true).await);
    terminal.airline.later(SignedDuration::from_hours(12));
    assert_eq!(terminal.airline.run_job("complete_trips").await, 0);
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.airline.run_job("settle_closed_flights").await;
    terminal.airline.run_job("follow_departures").await;
    terminal.airline.later(SignedDuration::from_hours(25));
    assert_eq!(terminal.airline.run_job("return_cancelled_flights").await, 2);
    for id in bookings {
        let booking = terminal.booking(&id).await;
        assert_eq!(booking["refunds"][0]["amount"], booking["payments"][0]["amount"]);
    }
}

#[tokio::test]
async fn a_day_later_nobody_has_forgotten_to_cancel_it() {
    let terminal = Terminal::open().await;
    terminal.closed_without(true).await;
    terminal.airline.later(SignedDuration::from_hours(40));
    assert_eq!(terminal.airline.run_job("complete_trips").await, 2);
}
