//! What can be done with a booking, in its view: it is what the operations do, and ends when they refuse.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Terminal;
use crate::support::{request, send};

/// `action`, the slice or the segment it is with, and until when.
fn can(booking: &Value) -> Vec<(String, Option<i64>, Option<String>)> {
    let one = |chance: &Value| {
        let with = chance["slice"].as_i64().or(chance["segment"].as_i64());
        let until = chance["until"].as_str().map(str::to_owned);
        (chance["action"].as_str().expect("an action").to_owned(), with, until)
    };
    booking["can"].as_array().expect("a list").iter().map(one).collect()
}

fn expected(list: &[(&str, Option<i64>, &str)]) -> Vec<(String, Option<i64>, Option<String>)> {
    let until = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    list.iter().map(|(action, with, end)| ((*action).to_owned(), *with, until(end))).collect()
}

fn papers(booking: &Value) -> Vec<String> {
    let all = booking["documents"].as_array().expect("a list");
    all.iter().map(|one| one["kind"].as_str().expect("a kind").to_owned()).collect()
}

impl Terminal {
    pub(super) async fn booking(&self, id: &str) -> Value {
        let path = format!("/bookings/{id}");
        self.airline.call("GET", &path, Some(&self.token), None).await.expect(200).json
    }
}

#[tokio::test]
async fn a_hold_says_what_it_lets_do_until_its_deadline() {
    let hall = Terminal::open().await;
    let id = hall.held("a", "k1").await;
    let held = hall.booking(&id).await;
    let end = held["hold_expires_at"].as_str().expect("a deadline").to_owned();
    let all = [
        ("pay", None, end.as_str()),
        ("extend", None, end.as_str()),
        ("add_extras", Some(1), end.as_str()),
        ("cancel", None, end.as_str()),
    ];
    assert_eq!(can(&held), expected(&all));
    assert_eq!(papers(&held), ["receipt"]);
    // Before the job has given its seats back, too.
    let left = end.parse::<Timestamp>().expect("an instant").duration_since(hall.airline.app.now());
    hall.airline.later(left);
    assert_eq!(can(&hall.booking(&id).await), expected(&[]));
    let refused = hall.airline.pay(&hall.token, &id, "4242424242424242", "late").await.expect(409);
    assert_eq!(refused.code(), "hold_expired");
}

#[tokio::test]
async fn a_trip_says_what_it_lets_do_on_the_day() {
    let hall = Terminal::open().await;
    let id = hall.booked("a", "k1").await;
    let departs = "2026-06-10T12:35:00Z";
    let closes = "2026-06-10T11:35:00Z";
    let trip = hall.booking(&id).await;
    let far = [("add_extras", Some(1), closes), ("cancel", Some(1), departs)];
    // The family has no changes; the law lets a mind be changed for a day.
    let day = ("change", Some(1), "2026-06-02T12:00:00Z");
    assert_eq!(can(&trip), expected(&[far[0], day, far[1]]));
    assert_eq!(papers(&trip), ["itinerary", "calendar", "receipt"]);

    hall.seconds_before(48 * 3600);
    let open = [[("check_in", Some(1), closes)].as_slice(), far.as_slice()].concat();
    assert_eq!(can(&hall.booking(&id).await), expected(&open));
    let listed =
        hall.airline.call("GET", "/bookings?when=upcoming", Some(&hall.token), None).await.expect(200);
    assert_eq!(can(&listed.json["bookings"][0]), expected(&open), "a list says the same");

    // A published delay gives more time, and is shown with the gate.
    hall.staff_put(json!({"delay_minutes": 30, "gate": "B4"})).await;
    let late = hall.booking(&id).await;
    assert_eq!(can(&late)[0], expected(&[("check_in", Some(1), "2026-06-10T12:05:00Z")])[0]);
    let flight = &late["segments"][0];
    for (member, value) in [
        ("status", "delayed"),
        ("gate", "B4"),
        ("departs_at", "2026-06-10T08:35:00-04:00"),
        ("estimated_departs_at", "2026-06-10T09:05:00-04:00"),
        ("estimated_arrives_at", "2026-06-10T11:05:00-04:00"),
    ] {
        assert_eq!(flight[member], value, "{member}");
    }
    hall.staff_put(json!({"delay_minutes": 0})).await;

    hall.check_in(&id, &[1]).await.expect(200);
    let checked_in = hall.booking(&id).await;
    let boarding = "2026-06-10T11:55:00Z";
    let all = [("undo_check_in", Some(1), boarding), far[0], far[1]];
    assert_eq!(can(&checked_in), expected(&all));
    assert_eq!(papers(&checked_in), ["itinerary", "calendar", "boarding_passes", "receipt"]);
    for paper in checked_in["documents"].as_array().expect("papers") {
        let path = paper["path"].as_str().and_then(|path| path.strip_prefix("/api/v1")).expect("a path");
        let reply = hall.airline.call("GET", path, Some(&hall.token), None).await.expect(200);
        let kind = reply.headers["content-type"].to_str().expect("a text").to_owned();
        assert!(kind.starts_with(paper["type"].as_str().expect("a type")), "{path}: {kind}");
    }
    hall.seconds_before(40 * 60);
    assert_eq!(can(&hall.booking(&id).await), expected(&[far[1]]));
    hall.undo(&id, 1).await.expect(409);
    hall.seconds_before(0);
    assert_eq!(can(&hall.booking(&id).await), expected(&[]));
    hall.airline.call("DELETE", &format!("/bookings/{id}"), Some(&hall.token), None).await.expect(409);
}

#[tokio::test]
async fn what_the_airline_does_not_fly_goes_back_whenever_its_owner_likes() {
    let hall = Terminal::open().await;
    let id = hall.booked("a", "k1").await;
    hall.staff_put(json!({"status": "cancelled"})).await;
    let all = [("change", Some(1), ""), ("cancel", Some(1), "")];
    assert_eq!(can(&hall.booking(&id).await), expected(&all));
    hall.seconds_before(-3600);
    assert_eq!(can(&hall.booking(&id).await), expected(&all));
    hall.airline.call("DELETE", &format!("/bookings/{id}"), Some(&hall.token), None).await.expect(200);
    let over = hall.booking(&id).await;
    assert_eq!((can(&over), papers(&over)), (expected(&[]), vec!["calendar".into(), "receipt".into()]));
}

#[tokio::test]
async fn an_order_comes_first() {
    let hall = Terminal::open().await;
    let id = hall.booked("a", "k1").await;
    hall.seconds_before(24 * 3600);
    let seat = json!({"seats": [{"passenger": 1, "segment": 1, "seat": "15A"}]});
    let path = format!("/bookings/{id}/extras");
    let ordered =
        hall.airline.call_keyed("POST", &path, Some(&hall.token), Some(seat), Some("seat")).await.expect(201);
    let end = ordered.json["orders"][0]["expires_at"].as_str().expect("a deadline").to_owned();
    let all = [("pay", None, end.as_str()), ("cancel_order", None, end.as_str())];
    assert_eq!(can(&ordered.json), expected(&all));
    hall.check_in(&id, &[1]).await.expect(409);
}

/// Policies are filed for pairs of airports, thousands of them: a page of bookings reads them once.
#[tokio::test]
async fn a_list_of_bookings_reads_what_was_filed_once() {
    let hall = Terminal::open().await;
    for key in ["k1", "k2", "k3"] {
        hall.booked("a", key).await;
    }
    let mut database = hall.airline.app.config.database.clone();
    database.pool = 1;
    let (app, router) = hall.airline.server_with(database).await;
    for path in ["/bookings", "/me/export"] {
        app.db.read().await.expect("a connection").batch("SELECT pg_stat_reset()").await.expect("reset");
        let asked = request("GET", path, Some(&hall.token), None, None);
        send(router.clone(), asked).await.expect(200);
        let sql = app.db.read().await.expect("a connection");
        // What this connection counted becomes visible when it is idle.
        sql.batch("SELECT pg_stat_force_next_flush()").await.expect("flushed");
        let scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'check_in_policies'";
        let scans: i64 = sql.query_one(scans, &[]).await.expect("statistics").get(0);
        assert_eq!(scans, 1, "{path}");
    }
}
