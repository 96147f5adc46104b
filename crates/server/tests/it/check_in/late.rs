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
    terminal.seconds_before(49 * 3600);
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
