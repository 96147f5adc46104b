//! What happens at once: one passenger fifty times, fifty passengers and the last seats, check-in against cancellation.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::Terminal;
use crate::support::{Reply, request, send};

const MANY: usize = 50;

impl Terminal {
    /// All at once, over two servers.
    async fn rush(&self, requests: Vec<(&'static str, String)>) -> Vec<Reply> {
        let (_, second) = self.airline.second_server().await;
        self.airline.warm_pool().await;
        let asked = requests.into_iter().enumerate().map(|(index, (method, path))| {
            let router = if index % 2 == 0 { self.airline.router() } else { second.clone() };
            let body = (method == "PUT").then(|| json!({"passengers": [1], "no_dangerous_goods": true}));
            tokio::spawn(send(router, request(method, &path, Some(&self.token), body, None)))
        });
        let replies = join_all(asked.collect::<Vec<_>>()).await;
        replies.into_iter().map(|reply| reply.expect("an answer")).collect()
    }

    async fn bookings(&self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for number in 0..count {
            ids.push(self.booked("a", &format!("k{number}")).await);
        }
        ids
    }
}

fn check_in(id: &str) -> (&'static str, String) {
    ("PUT", format!("/bookings/{id}/check-in/1"))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_passenger_fifty_times_is_one() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.seconds_before(24 * 3600);
    let replies = terminal.rush((0..MANY).map(|_| check_in(&id)).collect()).await;
    let statuses: BTreeSet<u16> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    assert_eq!(statuses, BTreeSet::from([200]), "whoever comes second finds it done");
    for (what, expected) in [
        ("SELECT count(*) FROM check_ins", 1),
        ("SELECT last_number::bigint FROM flight_check_ins", 1),
        ("SELECT count(*) FROM seat_assignments", 1),
        ("SELECT count(*) FROM booking_extras", 1),
        ("SELECT count(*) FROM outbox WHERE type = 'check_in.completed'", 1),
    ] {
        assert_eq!(terminal.airline.count(what).await, expected, "{what}");
    }
    terminal.airline.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_as_there_are_seats_each_with_a_seat_and_a_number() {
    let terminal = Terminal::with_seats(30).await;
    let cabins = json!([{"cabin": "economy", "overbooking": 5, "classes": [{"class": "Y", "limit": 35}]}]);
    terminal.staff_put(json!({"cabins": cabins})).await;
    terminal.airline.follow_feed().await;
    let ids = terminal.bookings(35).await;
    terminal.seconds_before(24 * 3600);
    let replies = terminal.rush(ids.iter().map(|id| check_in(id)).collect()).await;
    let refused: Vec<&str> = replies.iter().filter(|reply| reply.status != 200).map(Reply::code).collect();
    assert_eq!(refused, ["no_seat_left"; 5]);
    assert_eq!(terminal.airline.count("SELECT count(DISTINCT seat) FROM seat_assignments").await, 30);
    // Numbers in the order of the rows' times, without a gap: the invariant looks as well.
    assert_eq!(terminal.airline.count("SELECT last_number::bigint FROM flight_check_ins").await, 30);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(terminal.airline.count(deadlocks).await, 0);
    terminal.airline.assert_sound().await;
}

/// Without the lock of the flight the second would read the last number before the first has raised it, and give it twice.
#[tokio::test(flavor = "multi_thread")]
async fn who_checks_in_waits_for_the_one_before_and_has_the_next_number() {
    let terminal = Terminal::without_map(9).await;
    let ids = terminal.bookings(2).await;
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&ids[0], &[1]).await.expect(200);
    let other = terminal.airline.app.db.begin().await.expect("a transaction");
    let statement = "UPDATE flight_check_ins SET last_number = 2;
        INSERT INTO check_ins SELECT flight_id, gen_random_uuid(), 1, 1, 2, cabin, true, 'withdrawn', 'online', now(), now() FROM check_ins";
    other.batch(statement).await.expect("somebody else's check-in");
    let (method, path) = check_in(&ids[1]);
    let body = json!({"passengers": [1], "no_dangerous_goods": true});
    let asked = request(method, &path, Some(&terminal.token), Some(body), None);
    let second = tokio::spawn(send(terminal.airline.router(), asked));
    terminal.airline.until_it_waits(&second).await;
    other.commit().await.expect("committed");
    let second = second.await.expect("an answer").expect(200);
    assert_eq!(super::people(&second.json)[0].3, 3);
    terminal.airline.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn check_in_against_cancellation_leaves_one_or_the_other() {
    let terminal = Terminal::open().await;
    let ids = terminal.bookings(12).await;
    terminal.seconds_before(24 * 3600);
    let both = ids.iter().flat_map(|id| [check_in(id), ("DELETE", format!("/bookings/{id}"))]);
    let replies = terminal.rush(both.collect()).await;
    assert!(replies.iter().all(|reply| [200, 409].contains(&reply.status.as_u16())));
    // Whoever was first, the tickets are back in the end, and nobody is checked in with them.
    assert_eq!(
        terminal.airline.count("SELECT count(*) FROM ticket_coupons WHERE status = 'refunded'").await,
        12
    );
    assert_eq!(terminal.airline.count("SELECT count(*) FROM check_ins WHERE status = 'checked_in'").await, 0);
    assert_eq!(terminal.airline.count("SELECT count(*) FROM seat_assignments").await, 0);
    terminal.airline.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_given_and_seats_chosen_do_not_meet() {
    let terminal = Terminal::with_seats(30).await;
    let ids = terminal.bookings(30).await;
    terminal.seconds_before(24 * 3600);
    let (givers, choosers) = ids.split_at(15);
    let (_, second) = terminal.airline.second_server().await;
    terminal.airline.warm_pool().await;
    let map = format!("/flights/{}/seats", terminal.flight);
    let seats = terminal.airline.call("GET", &map, None, None).await.expect(200).json;
    let rows = seats["cabins"][0]["rows"].as_array().expect("rows").clone();
    let free: Vec<String> = rows
        .iter()
        .flat_map(|row| row["blocks"].as_array().expect("blocks").clone())
        .flat_map(|block| block.as_array().expect("seats").clone())
        .filter(|seat| seat["state"] == "free" && !seat["features"].to_string().contains("exit"))
        .map(|seat| seat["seat"].as_str().expect("a seat").to_owned())
        .collect();
    let choosing = choosers.iter().zip(&free).map(|(id, seat)| {
        let body = json!({"seats": [{"passenger": 1, "segment": 1, "seat": seat}]});
        let path = format!("/bookings/{id}/extras");
        tokio::spawn(send(
            second.clone(),
            request("POST", &path, Some(&terminal.token), Some(body), Some(id)),
        ))
    });
    let choosing: Vec<_> = choosing.collect();
    let checked = terminal.rush(givers.iter().map(|id| check_in(id)).collect()).await;
    let chosen: Vec<Reply> =
        join_all(choosing).await.into_iter().map(|reply| reply.expect("an answer")).collect();
    assert!(
        checked.iter().all(|reply| reply.status == 200),
        "{:?}",
        checked.iter().map(Reply::code).collect::<Vec<_>>()
    );
    assert!(chosen.iter().all(|reply| ["", "seat_taken"].contains(&reply.code())));
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(terminal.airline.count(deadlocks).await, 0);
    terminal.airline.assert_sound().await;
}
