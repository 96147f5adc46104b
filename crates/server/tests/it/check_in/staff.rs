//! The counter.

use serde_json::json;
use server::identity::api::Role;

use super::{Terminal, people};

#[tokio::test]
async fn the_counter_closes_later_and_needs_no_passport_on_file() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("ai", "k1").await;
    terminal.seconds_before(48 * 3600 + 1);
    assert_eq!(terminal.at_counter(&id, &[1]).await.expect(409).code(), "check_in_not_open");
    terminal.seconds_before(2700);
    assert_eq!(terminal.check_in(&id, &[1]).await.expect(409).code(), "check_in_closed");
    assert_eq!(terminal.at_counter(&id, &[1]).await.expect(409).code(), "check_in_closed");
    terminal.staff_put(json!({"delay_minutes": 1})).await;
    let done = terminal.at_counter(&id, &[1]).await.expect(200).json;
    let states: Vec<(String, i64)> =
        people(&done).into_iter().map(|(_, status, _, order)| (status, order)).collect();
    assert_eq!(states, [("checked_in".to_owned(), 1), ("checked_in".to_owned(), 2)]);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn who_is_put_off_checks_in_at_the_counter_again() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("aa", "k1").await;
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    let off = terminal.offload(&id, &[2]).await.expect(200).json;
    assert_eq!(people(&off)[1].1, "offloaded");
    assert_eq!(off["flights"][0]["passengers"][1]["available_actions"], json!([]));
    let refused = terminal.check_in(&id, &[2]).await.expect(409);
    assert_eq!(
        (refused.code(), refused.json["available_actions"][0].as_str()),
        ("offloaded", Some("counter"))
    );
    let back = terminal.at_counter(&id, &[2]).await.expect(200).json;
    assert_eq!((people(&back)[1].1.as_str(), people(&back)[1].3), ("checked_in", 2));
    // Even while the flight is boarding, but not once it has left.
    terminal.staff_put(json!({"status": "boarding"})).await;
    terminal.offload(&id, &[2]).await.expect(200);
    terminal.staff_put(json!({"status": "departed"})).await;
    assert_eq!(terminal.offload(&id, &[1]).await.expect(409).code(), "already_departed");
    let told = "SELECT count(*) FROM audit_records WHERE action IN ('check_in.join', 'check_in.offload')";
    assert_eq!(terminal.airline.count(told).await, 3);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn only_staff_at_a_counter_do_it_and_for_bookings_of_the_flight() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.seconds_before(24 * 3600);
    let path = format!("/flights/{}/check-in", terminal.flight);
    let body = json!({"locator": terminal.locator(&id).await, "passengers": [1], "no_dangerous_goods": true});
    let support = terminal.airline.account("support@example.com", Role::Support).await;
    let refused = terminal.airline.call("PUT", &path, Some(&support), Some(body.clone())).await;
    assert_eq!(refused.expect(403).code(), "forbidden");
    let times = ("2026-06-11T08:35", "2026-06-11T10:35");
    let other = terminal.airline.flight(&terminal.admin, "KR1", ("ABE", "ATL"), times, 9).await;
    let wrong = format!("/flights/{other}/check-in");
    terminal.airline.call("PUT", &wrong, Some(&terminal.admin), Some(body.clone())).await.expect(404);
    for locator in ["ZZZZZZ", "nonsense", ""] {
        let body = json!({"locator": locator, "passengers": [1], "no_dangerous_goods": true});
        terminal.airline.call("PUT", &path, Some(&terminal.admin), Some(body)).await.expect(404);
    }
    let agent = terminal.airline.account("agent@example.com", Role::Agent).await;
    terminal.airline.call("PUT", &path, Some(&agent), Some(body)).await.expect(200);
}

/// What staff declared last may be that it boards, hours ago.
#[tokio::test]
async fn nobody_is_put_off_a_flight_that_has_left_by_the_clock() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1]).await.expect(200);
    terminal.staff_put(json!({"status": "boarding"})).await;
    terminal.seconds_before(0);
    terminal.offload(&id, &[1]).await.expect(409).has_code("already_departed");
    terminal.staff_put(json!({"delay_minutes": 10})).await;
    terminal.offload(&id, &[1]).await.expect(200);
    terminal.airline.assert_sound().await;
}
