//! Several processes, several devices, and what goes wrong.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use server::identity::api::Role;

use super::{Watched, usd};
use crate::support::{Airline, Reply, request, run_job_of, send};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_tell_at_once_tell_everybody_once() {
    let all = Watched::new().await;
    let mut body = json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10"}, "target": usd(15_000)});
    for index in 0..4 {
        let token = all.airline.account(&format!("watcher{index}@example.com"), Role::Traveller).await;
        for seats in 1..=9 {
            body["seats"] = json!(seats);
            all.airline.call("POST", "/price-watches", Some(&token), Some(body.clone())).await.expect(201);
        }
    }
    all.look().await;
    let (other, _) = all.airline.second_server().await;
    for (fare, told) in [(15_000, 36), (13_000, 72), (12_500, 72)] {
        all.on("2026-06-10", &format!("fare_1 = {fare}")).await;
        all.airline.follow_feed().await;
        join_all((0..6).map(|turn| {
            let app = if turn % 2 == 0 { &all.airline.app } else { &other };
            async move {
                run_job_of(app, "follow_prices").await;
                run_job_of(app, "tell_price_drops").await;
            }
        }))
        .await;
        all.look().await;
        all.tell().await;
        assert_eq!(all.told_in_all().await, told, "at {fare}");
    }
    all.airline.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn devices_that_watch_at_once_have_as_many_as_there_can_be() {
    let all = Watched::of(Airline::with(|config| config.tracking.watches = 3).await).await;
    let body =
        json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10"}, "drop_percent": 10});
    let asked = (0..12).map(|_| {
        let asked = request("POST", "/price-watches", Some(&all.token), Some(body.clone()), None);
        send(all.airline.router(), asked)
    });
    let replies = join_all(asked).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    let others = replies.iter().filter(|reply| reply.status != 201);
    assert!(others.map(Reply::code).all(|code| ["too_many_watches", "busy"].contains(&code)));
    assert_eq!((made, all.airline.count("SELECT count(*) FROM price_watches").await), (3, 3));
    all.watch(body.clone()).await.expect(409).has_code("too_many_watches");
    let list = all.airline.call("GET", "/price-watches", Some(&all.token), None).await.expect(200);
    let path = format!("/price-watches/{}", list.text("/watches/1/id"));
    all.airline.call("DELETE", &path, Some(&all.token), None).await.expect(204);
    all.watch(body).await.expect(201);
}

#[tokio::test]
async fn a_watch_that_cannot_be_told_does_not_keep_the_others() {
    let all = Watched::new().await;
    all.of_route(json!({"target": usd(15_000)})).await;
    let other = all.airline.account("other@example.com", Role::Traveller).await;
    let body = json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10"}, "target": usd(15_000)});
    all.airline.call("POST", "/price-watches", Some(&other), Some(body)).await.expect(201);
    // Whatever it is that fails: here a rule of the table, for one of them.
    let user = all.airline.call("GET", "/profile", Some(&other), None).await.expect(200).text("/id");
    let user = user.replace("usr_", "");
    let spoil = format!("ALTER TABLE notifications ADD CONSTRAINT spoilt CHECK (user_id <> '{user}')");
    all.airline.sql().await.batch(&spoil).await.expect("spoilt");
    all.costs(14_000).await;
    assert_eq!(all.told().await.len(), 1);
    assert_eq!(
        all.airline.count("SELECT sum(tries)::bigint FROM price_watches").await,
        1,
        "it waits for its next turn"
    );
    all.airline.sql().await.batch("ALTER TABLE notifications DROP CONSTRAINT spoilt").await.expect("mended");
    all.airline.later(SignedDuration::from_secs(5));
    all.tell().await;
    assert_eq!(all.told_in_all().await, 2);
}

/// The account is being erased while its owner begins to watch on another device: they wait for each other, and nothing outlives the account.
#[tokio::test]
async fn nothing_is_watched_for_an_account_that_is_erased_meanwhile() {
    let all = Watched::new().await;
    let tx = all.airline.app.db.begin().await.expect("a transaction");
    tx.batch("SELECT 1 FROM users FOR UPDATE").await.expect("locked");
    let body =
        json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10"}, "drop_percent": 10});
    let asked = request("POST", "/price-watches", Some(&all.token), Some(body), None);
    let asked = tokio::spawn(send(all.airline.router(), asked));
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while !asked.is_finished() && all.airline.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    let erased = "UPDATE users SET email_sealed = '', name_sealed = '', phone_sealed = NULL, password_hash = '', email_verified_at = NULL,
                      disabled_at = now(), erased_at = now() WHERE role = 'traveller'";
    tx.batch(erased).await.expect("erased");
    tx.commit().await.expect("committed");
    asked.await.expect("an answer").expect(401).has_code("unauthenticated");
    assert_eq!(all.airline.count("SELECT count(*) FROM price_watches").await, 0);
}
