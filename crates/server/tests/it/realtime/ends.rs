//! How sockets end: when a session does, when somebody does not read or answer, when the process stops.

use serde_json::Value;

use super::client::Ended;
use super::{Site, follow, gates, run_job_of};

#[tokio::test]
async fn nobody_hears_anything_after_their_session_has_ended() {
    let site = Site::open().await;
    let (second, router) = site.airline.second_server().await;
    let elsewhere = super::listen(&second, router, &site.stop).await;
    follow(&second).await;
    let mut here = site.client().await;
    let mut there = super::Client::open(elsewhere, &site.token).await.expect("open");
    for client in [&mut here, &mut there] {
        assert_eq!(client.listen(&site.topic(), None).await["type"], "subscribed");
    }
    site.airline.call("POST", "/logout", Some(&site.token), None).await.expect(204);
    site.gate("A1").await;
    site.pump().await;
    follow(&second).await;
    assert_eq!(here.end().await, Ended::With(4001));
    assert_eq!(
        there.end().await,
        Ended::With(4001),
        "the other process heard of it, before it told anything"
    );

    // A process that cannot know tells nobody anything.
    let blind = site.airline.second_server().await.0;
    follow_blindly(&blind).await;
    let (place, mut queue) =
        blind.sockets.enter(kernel_user(), caller()).map_err(|_| "full").expect("a place");
    place.listen(&site.topic().into());
    site.gate("A2").await;
    site.pump().await;
    let job = server::realtime::api::follow_job(&blind);
    assert!(job.turn().await.is_err());
    assert!(queue.try_recv().is_err());
    follow(&blind).await;
    assert!(queue.try_recv().is_ok());
}

async fn follow_blindly(app: &server::App) {
    // Nobody is there yet: it only learns where it begins.
    assert_eq!(run_job_of(app, "follow_live").await, 0);
}

fn kernel_user() -> uuid::Uuid {
    uuid::Uuid::from_u128(7)
}

fn caller() -> server::access::Caller {
    let (user, session) =
        (kernel::UserId::from_uuid(kernel_user()), kernel::SessionId::from_uuid(kernel_user()));
    server::access::Caller { user, session, client: None, role: None }
}

/// A hundred megabytes are more than systems keep for somebody who does not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_cut_and_others_are_told_everything() {
    let site = Site::with(|config| config.live.queue = 64).await;
    let (mut reads, mut sleeps) = (site.client().await, site.client().await);
    for client in [&mut reads, &mut sleeps] {
        assert_eq!(client.listen(&site.topic(), None).await["type"], "subscribed");
    }
    let put = "INSERT INTO live_inbox (topic, event, data, created_at)
               SELECT $1, 'test', jsonb_build_object('gate', n::text, 'long', repeat('x', 200000)), '2026-06-01'
               FROM generate_series($2::int, $2::int + 9) AS n";
    let mut told = Vec::new();
    for begin in (1..=500).step_by(10) {
        site.airline.sql().await.execute(put, &[&site.topic(), &begin]).await.expect("put");
        site.pump().await;
        told.extend(reads.take(10).await);
    }
    let expected: Vec<String> = (1..=500).map(|number| number.to_string()).collect();
    assert_eq!(gates(&told), expected);
    // What it finds when it reads at last is a beginning without a gap, and then the end.
    let mut found: Vec<Value> = Vec::new();
    let ended = sleeps.until_end(&mut found).await;
    assert!(matches!(ended, Ended::With(4000) | Ended::Gone), "{ended:?}");
    assert!(!found.is_empty() && found.len() < 500, "{}", found.len());
    assert_eq!(gates(&found), expected[..found.len()]);
    // It comes again with what it has.
    let seen = found.last().and_then(|message| message["seq"].as_i64());
    let mut again = site.client().await;
    assert_eq!(again.listen(&site.topic(), seen).await["type"], "subscribed");
    assert_eq!(gates(&again.take(500 - found.len()).await), expected[found.len()..]);
}

/// Who does not answer to pings is gone, or as good as.
#[tokio::test]
async fn who_is_silent_is_let_go_and_who_was_there_long_comes_again() {
    let site = Site::with(|config| config.live.ping_seconds = 1).await;
    let mut silent = site.client().await;
    // A client that does not look at its socket answers no ping.
    while site.airline.app.sockets.open() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(matches!(silent.end().await, Ended::With(4002) | Ended::Gone));

    let site = Site::with(|config| {
        config.live.ping_seconds = 1;
        config.live.life_minutes = 0;
    })
    .await;
    let mut old = site.client().await;
    assert_eq!(old.end().await, Ended::With(4004));
}

#[tokio::test]
async fn a_process_that_stops_sends_its_sockets_elsewhere() {
    let site = Site::open().await;
    let mut client = site.client().await;
    assert_eq!(client.listen("inbox", None).await["type"], "subscribed");
    let sockets = std::sync::Arc::clone(&site.airline.app.sockets);
    let stopping = tokio::spawn(async move { sockets.stop().await });
    assert_eq!(client.end().await, Ended::With(1012));
    drop(client);
    stopping.await.expect("stopped");
    assert_eq!(super::Client::open(site.address, &site.token).await.err(), Some(503));
}
