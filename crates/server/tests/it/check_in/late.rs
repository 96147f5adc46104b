//! Money and tickets that come when the gate is closed, and what follows for accounts that are gone by then.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::flights::import::{File, import_fare_families};

use super::Terminal;
use crate::support::Airline;

/// The gateway charges this card and answers with an error.
const CARD_UNANSWERED: &str = "4000000000000500";

const CHANGEABLE: &str = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding
economy,economy_standard,Standard,100,0,7500,24:50,1,1,23,standard,no,no
";

impl Terminal {
    async fn pay_unanswered(&self, id: &str, key: &str) {
        let paid = self.airline.pay(&self.token, id, CARD_UNANSWERED, key).await.expect(201);
        assert_eq!(paid.text("/status"), "unknown");
    }

    /// The gate is closed half an hour before departure, and then the reconciler hears of the payments.
    async fn close_and_hear(&self) {
        self.seconds_before(1_800);
        self.close().await.expect(200);
        self.airline.run_job("reconcile_payments").await;
    }

    async fn tickets(&self, id: &str) -> Value {
        let path = format!("/bookings/{id}");
        let booking = self.airline.call("GET", &path, Some(&self.token), None).await.expect(200);
        let sum = |of: &str| -> i64 {
            let all = booking.json[of].as_array().cloned().unwrap_or_default();
            all.iter().filter_map(|each| each["amount"]["amount"].as_i64()).sum()
        };
        json!([booking.text("/status"), sum("payments"), sum("refunds")])
    }
}

#[tokio::test]
async fn who_paid_for_a_flight_whose_gate_was_closed_meanwhile_has_the_money_back() {
    let terminal = Terminal::open().await;
    terminal.seconds_before(70 * 60);
    let id = terminal.held("aa", "k1").await;
    terminal.pay_unanswered(&id, "p1").await;
    terminal.close_and_hear().await;
    let stands = terminal.tickets(&id).await;
    assert_eq!((&stands[0], &stands[1]), (&json!("expired"), &stands[2]), "{stands}");
    assert!(stands[1].as_i64() > Some(0), "{stands}");
    for what in ["SELECT count(*) FROM ticket_coupons", "SELECT sum(taken)::bigint FROM inventory"] {
        assert_eq!(terminal.airline.count(what).await, 0, "{what}");
    }
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn nobody_changes_to_a_flight_whose_gate_is_closed() {
    let airline = Airline::new().await;
    let families = File { name: "families.csv", bytes: CHANGEABLE.as_bytes() };
    import_fare_families(&airline.app.db, airline.app.now(), families).await.expect("filed");
    let terminal = Terminal::of(airline, 150).await;
    let airline = &terminal.airline;
    let cabins = json!([{"cabin": "economy", "capacity": 9, "classes": [{"class": "Y", "fare": 10_000}]}]);
    let times = ("2026-06-10T18:35", "2026-06-10T20:35");
    airline.flight_with(&terminal.admin, "KR2", ("ABE", "ATL"), times, cabins).await;
    let query = "origin=ABE&destination=ATL&date=2026-06-10";
    let cheap = airline.offer(&format!("{query}&departs_after=18:00")).await;
    let id = airline.hold(&terminal.token, &cheap, "k1").await.expect(201).text("/id");
    airline.pay(&terminal.token, &id, "4242424242424242", "p1").await.expect(201);
    let quote = async || {
        let dear = airline.offer(&format!("{query}&departs_before=12:00")).await;
        let body = json!({"slices": [{"slice": 1, "offer_id": dear}]});
        let path = format!("/bookings/{id}/change-quote");
        airline.call("POST", &path, Some(&terminal.token), Some(body)).await
    };
    terminal.seconds_before(70 * 60);
    let quoted = quote().await.expect(200).text("/quote_id");
    let path = format!("/bookings/{id}/changes");
    let body = json!({"quote_id": quoted});
    airline.call_keyed("POST", &path, Some(&terminal.token), Some(body), Some("c1")).await.expect(201);
    let before = terminal.tickets(&id).await;
    terminal.pay_unanswered(&id, "p2").await;
    // Staff board early, and close; what is on sale by the clock is not to be had.
    terminal.staff_put(json!({"status": "boarding"})).await;
    terminal.close().await.expect(200);
    let dear = airline.offer(&format!("{query}&departs_before=12:00")).await;
    airline.hold(&terminal.token, &dear, "k3").await.expect(409).has_code("sold_out");
    airline.later(SignedDuration::from_mins(1));
    airline.run_job("reconcile_payments").await;
    let after = terminal.tickets(&id).await;
    let paid = |stands: &Value| stands[1].as_i64().unwrap_or(0) - stands[2].as_i64().unwrap_or(0);
    assert_eq!((&after[0], paid(&after)), (&json!("confirmed"), paid(&before)), "{before} {after}");
    let open = "SELECT count(*) FROM ticket_coupons WHERE status = 'open'";
    assert_eq!(airline.count(open).await, 1, "the ticket they had");
    quote().await.expect(409).has_code("sold_out");
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn no_gate_is_closed_days_before() {
    let terminal = Terminal::open().await;
    terminal.seconds_before(48 * 3600 + 1);
    terminal.staff_put(json!({"status": "boarding"})).await;
    terminal.close().await.expect(409).has_code("boarding_not_open");
    terminal.seconds_before(48 * 3600);
    terminal.close().await.expect(200);
}

/// Names of an erased account can be read by nobody, and need not be.
#[tokio::test]
async fn tickets_of_an_erased_account_are_flown_and_missed_too() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("aa", "k1").await;
    terminal.at_the_gate(&[(&id, &[1])]).await;
    let codes = terminal.codes(&id).await;
    terminal.scan(&codes[0], "left", "s1").await.expect(200);
    terminal.airline.sql().await.batch("DELETE FROM user_keys").await.expect("erased");
    terminal.close().await.expect(200);
    terminal.staff_put(json!({"status": "departed"})).await;
    assert_eq!(terminal.airline.run_job("follow_departures").await, 1);
    let standing = terminal.airline.standing(&terminal.flight).await;
    let standing: Vec<&str> = standing.values().map(String::as_str).collect();
    assert_eq!(standing, ["flown checked_in 1 flown", "no_show - 0 -"]);
}

/// Closed as early as may be, and retimed within its date by as much as may be: its status is that of any flight days ahead.
#[tokio::test]
async fn a_gate_that_was_closed_before_the_flight_was_retimed_is_closed() {
    let terminal = Terminal::open().await;
    let airline = &terminal.airline;
    terminal.seconds_before(48 * 3600 + 60);
    let (paid, offer) =
        (terminal.held("a", "k1").await, airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await);
    terminal.pay_unanswered(&paid, "p1").await;
    terminal.seconds_before(48 * 3600);
    terminal.staff_put(json!({"status": "boarding"})).await;
    terminal.close().await.expect(200);
    let later = json!({"status": "scheduled", "departs_local": "2026-06-10T23:59", "arrives_local": "2026-06-11T01:59"});
    terminal.staff_put(later).await;
    let hold = airline.hold(&terminal.token, &offer, "k2").await.expect(409);
    hold.has_code("sold_out");
    airline.run_job("reconcile_payments").await;
    let stands = terminal.tickets(&paid).await;
    assert_eq!((&stands[0], &stands[1]), (&json!("expired"), &stands[2]), "{stands}");
    assert_eq!(airline.count("SELECT count(*) FROM ticket_coupons").await, 0);
    terminal.airline.assert_sound().await;
}

/// Whoever pays in the second in which the counter closes could not check in any more; and whoever pays in the second before has a ticket.
#[tokio::test]
async fn nobody_has_a_ticket_for_a_flight_whose_check_in_is_over() {
    for (left, status) in [(45 * 60 + 1, "confirmed"), (45 * 60, "expired"), (-60, "expired")] {
        let terminal = Terminal::open().await;
        terminal.seconds_before(61 * 60);
        let id = terminal.held("a", "k1").await;
        terminal.pay_unanswered(&id, "p1").await;
        terminal.seconds_before(left);
        terminal.airline.run_job("reconcile_payments").await;
        let stands = terminal.tickets(&id).await;
        assert_eq!(stands[0], json!(status), "{left}: {stands}");
        let back = if status == "expired" { stands[1].clone() } else { json!(0) };
        assert_eq!(stands[2], back, "{left}: {stands}");
        terminal.airline.assert_sound().await;
    }
}

/// Sales close an hour before departure, and check-in of a route may close before that.
#[tokio::test]
async fn nobody_holds_seats_of_a_flight_whose_check_in_is_over() {
    let airline = Airline::with(|config| config.check_in.counter_closes_minutes = 90).await;
    let terminal = Terminal::of(airline, 150).await;
    let airline = &terminal.airline;
    for (left, status) in [(90 * 60 + 1, 201), (90 * 60, 409)] {
        terminal.seconds_before(left);
        let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
        airline.hold(&terminal.token, &offer, &format!("k{left}")).await.expect(status);
    }
}

/// Earlier releases made no-shows of those alone who were checked in, and were done with the flight.
#[tokio::test]
async fn tickets_that_an_earlier_release_left_open_are_missed_too() {
    let terminal = Terminal::open().await;
    let (aboard, late) = (terminal.booked("a", "k1").await, terminal.booked("a", "k2").await);
    terminal.at_the_gate(&[(&aboard, &[1])]).await;
    let codes = terminal.codes(&aboard).await;
    terminal.scan(&codes[0], "left", "s1").await.expect(200);
    terminal.close().await.expect(200);
    terminal.staff_put(json!({"status": "departed"})).await;
    terminal.airline.run_job("follow_departures").await;
    let earlier = "UPDATE ticket_coupons SET status = 'open' WHERE status = 'no_show';
                   UPDATE flight_check_ins SET settled_whole = false";
    terminal.airline.sql().await.batch(earlier).await.expect("as it was left");
    // Months later, when the trips are long over.
    terminal.airline.later(SignedDuration::from_hours(90 * 24));
    terminal.airline.run_job("complete_trips").await;
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 1);
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 0, "once");
    let standing = terminal.airline.standing(&terminal.flight).await;
    let of = |id: &str| standing[&(id.parse().expect("an id"), 1)].clone();
    assert_eq!((of(&aboard), of(&late)), ("flown checked_in 1 flown".into(), "no_show - 0 -".into()));
    terminal.airline.assert_sound().await;
}

/// Of a flight that was cancelled long ago nothing is taken back: whatever was owed for it was paid, or found another way.
#[tokio::test]
async fn flights_that_were_cancelled_long_ago_stay_as_they_were_settled() {
    let terminal = Terminal::open().await;
    let late = terminal.booked("a", "k1").await;
    terminal.at_the_gate(&[]).await;
    terminal.close().await.expect(200);
    let earlier = "UPDATE flights SET declared_status = 'cancelled', cancelled_at = '2026-06-10T12:30:00Z';
                   UPDATE flight_check_ins SET settled_whole = false";
    terminal.airline.sql().await.batch(earlier).await.expect("as it was left");
    terminal.airline.later(SignedDuration::from_hours(90 * 24));
    for _ in 0..2 {
        assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 0);
    }
    let standing = terminal.airline.standing(&terminal.flight).await;
    assert_eq!(standing[&(late.parse().expect("an id"), 1)], "no_show - 0 -");
    assert_eq!(terminal.airline.count("SELECT count(*) FROM flight_check_ins WHERE settled_whole").await, 1);
}
