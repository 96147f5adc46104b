//! Who may open a socket, and listen to what.

use std::time::Instant;

use axum::http::header;
use serde_json::{Value, json};
use server::identity::api::Role;
use tokio_tungstenite::tungstenite::Message;

use super::client::{Client, Ended};
use super::{Site, gates};
use crate::support::{request, send};

const US: &str = "https://udaan.example";

/// The cookie of a browser that signs in.
async fn cookie(site: &Site) -> String {
    let body = json!({"email": "traveller@example.com", "password": "a password of some length"});
    let mut sign_in = request("POST", "/session", None, Some(body), None);
    for (name, value) in [("sec-fetch-site", "same-origin"), ("x-udaan-client", "web")] {
        sign_in.headers_mut().insert(name, value.parse().expect("a value"));
    }
    let reply = send(site.airline.router(), sign_in).await.expect(204);
    let cookies = reply.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut ours = cookies.filter(|cookie| cookie.starts_with("__Host-udaan="));
    ours.find_map(|cookie| cookie.split(';').next()).expect("a cookie").to_owned()
}

async fn ticket(site: &Site) -> String {
    let made = site.airline.call("POST", "/live/tickets", Some(&site.token), None).await.expect(201);
    made.text("/ticket")
}

#[tokio::test]
async fn a_cookie_opens_for_our_pages_only_and_a_ticket_once_and_not_for_long() {
    let site = Site::with(|config| {
        config.http.public_url = format!("{US}/");
        config.http.cors_origins = vec!["https://partner.example".into()];
    })
    .await;
    let cookie = cookie(&site).await;
    let bearer = format!("Bearer {}", site.token);
    let evil = "https://udaan.example.evil.example";
    for (headers, status) in [
        (vec![("cookie", cookie.as_str()), ("origin", US)], None),
        (vec![("cookie", cookie.as_str()), ("origin", evil)], Some(403)),
        (vec![("cookie", cookie.as_str()), ("origin", "null")], Some(403)),
        (vec![("cookie", cookie.as_str()), ("origin", "https://partner.example")], Some(403)),
        (vec![("cookie", cookie.as_str())], Some(403)),
        (vec![("authorization", bearer.as_str())], None),
        (vec![("authorization", bearer.as_str()), ("origin", "https://partner.example")], None),
        (vec![("authorization", bearer.as_str()), ("origin", evil)], Some(403)),
        (vec![("authorization", "Bearer nonsense")], Some(401)),
        (vec![("origin", US)], Some(401)),
        (vec![("sec-websocket-protocol", "udaan.v1, ticket.nonsense")], Some(401)),
    ] {
        let opened = Client::with(site.address, &headers).await;
        assert_eq!(opened.err(), status, "{headers:?}");
    }

    let given = format!("udaan.v1, ticket.{}", ticket(&site).await);
    let with = [("sec-websocket-protocol", given.as_str())];
    let foreign = [with[0], ("origin", evil)];
    assert_eq!(Client::with(site.address, &foreign).await.err(), Some(403));
    let opened = Client::with(site.address, &[with[0], ("origin", "https://partner.example")]).await;
    assert!(opened.is_ok());
    assert_eq!(Client::with(site.address, &with).await.err(), Some(401), "it was good once");
    let late = format!("udaan.v1, ticket.{}", ticket(&site).await);
    site.airline.later(jiff::SignedDuration::from_secs(30));
    let late = [("sec-websocket-protocol", late.as_str())];
    assert_eq!(Client::with(site.address, &late).await.err(), Some(401));
    let kept = "SELECT count(*) FROM live_tickets";
    assert_eq!(site.airline.count(kept).await, 0, "one that was shown is gone, good or not");

    // A ticket is as good as the session it was asked for with.
    let given = format!("udaan.v1, ticket.{}", ticket(&site).await);
    site.airline.call("POST", "/logout", Some(&site.token), None).await.expect(204);
    let ended = [("sec-websocket-protocol", given.as_str())];
    assert_eq!(Client::with(site.address, &ended).await.err(), Some(401));
}

#[tokio::test]
async fn what_happens_is_told_to_whoever_listens_and_may() {
    let site = Site::open().await;
    let other = site.airline.account("other@example.com", Role::Traveller).await;
    let booking = site.held(&site.token).await;
    site.pump().await;
    let (mut mine, mut others) =
        (site.client().await, Client::open(site.address, &other).await.expect("open"));
    let mut staff = Client::open(site.address, &site.admin).await.expect("open");
    let own = format!("booking:{booking}");
    let refused = |topic: &str, code: &str| json!({"type": "refused", "topic": topic, "code": code});
    assert_eq!(mine.listen(&own, None).await["type"], "subscribed");
    assert_eq!(others.listen(&own, None).await, refused(&own, "not_found"));
    let absent = "booking:bkg_0193f2a1c5d07bb2a4d1c0ffee000002";
    assert_eq!(others.listen(absent, None).await, refused(absent, "not_found"), "the two look the same");
    assert_eq!(mine.listen("ops", None).await, refused("ops", "forbidden"));
    assert_eq!(mine.listen("nonsense", None).await, refused("nonsense", "not_found"));
    for (client, topic) in [(&mut mine, "inbox"), (&mut others, "inbox"), (&mut staff, "ops")] {
        assert_eq!(client.listen(topic, None).await["type"], "subscribed");
    }
    assert_eq!(others.listen(&site.topic(), None).await["type"], "subscribed");

    site.airline.pay(&site.token, &booking, "4242424242424242", "p1").await.expect(201);
    site.gate("B4").await;
    site.pump().await;
    let told = mine.all().await;
    let events: Vec<&str> = told.iter().filter_map(|message| message["event"].as_str()).collect();
    for event in ["payment.succeeded", "booking.confirmed", "notification"] {
        assert!(events.contains(&event), "{event} is not in {events:?}");
    }
    let confirmed = told.iter().find(|message| message["event"] == "booking.confirmed").expect("one");
    assert_eq!((&confirmed["topic"], &confirmed["data"]), (&json!(own), &json!({"booking_id": booking})));
    let notice = told.iter().find(|message| message["event"] == "notification").expect("one");
    assert_eq!(notice["topic"], "inbox");
    assert!(notice["data"]["id"].as_str().is_some_and(|id| id.starts_with("ntf_")), "{notice}");
    let seqs: Vec<i64> = told.iter().filter_map(|message| message["seq"].as_i64()).collect();
    assert!(seqs.len() == told.len() && seqs.is_sorted(), "{told:?}");

    let told = others.all().await;
    assert_eq!(gates(&told), ["B4"], "{told:?}");
    assert_eq!(told.len(), 1, "nothing of anybody else's");
    assert_eq!(gates(&staff.all().await), ["B4"]);

    // Who listens no more hears no more.
    others.say(json!({"type": "unsubscribe", "topic": site.topic()})).await;
    assert_eq!(others.next().await["type"], "unsubscribed");
    site.gate("C1").await;
    site.pump().await;
    assert_eq!(others.all().await, Vec::<Value>::new());
    assert_eq!(site.airline.app.sockets.open(), 3);
}

async fn all_gone(site: &Site) {
    while site.airline.app.sockets.open() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn there_is_room_for_so_many_sockets_and_topics_and_so_much_said() {
    let site = Site::with(|config| {
        config.live.sockets = 3;
        config.live.sockets_per_account = 2;
        config.live.topics = 2;
    })
    .await;
    let (mut first, mut second) = (site.client().await, site.client().await);
    assert_eq!(Client::open(site.address, &site.token).await.err(), Some(429));
    let staff = Client::open(site.address, &site.admin).await.expect("open");
    assert_eq!(Client::open(site.address, &site.admin).await.err(), Some(503));
    drop(staff);
    assert_eq!(first.listen("inbox", None).await["type"], "subscribed");
    assert_eq!(first.listen(&site.topic(), None).await["type"], "subscribed");
    let booking = format!("booking:{}", site.held(&site.token).await);
    assert_eq!(first.listen(&booking, None).await["code"], "too_many_topics");

    for odd in ["", "{", "[]", "{\"type\":\"subscribe\"}", "{\"type\":\"shout\",\"topic\":\"ops\"}"] {
        first.send(Message::text(odd)).await;
        assert_eq!(first.next().await["code"], "malformed", "{odd}");
    }
    for _ in 0..400 {
        second.say(json!({"type": "ping"})).await;
    }
    assert_eq!(second.end().await, Ended::With(4003));
    first.send(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(first.end().await, Ended::With(1008));
    // Their places are free when they have gone.
    drop((first, second));
    all_gone(&site).await;
    for (length, ends) in [(4_097, Ended::With(1009)), (16_384, Ended::With(1009)), (16_385, Ended::Gone)] {
        let mut long = site.client().await;
        long.send(Message::text("x".repeat(length))).await;
        assert_eq!(long.end().await, ends, "{length}");
        drop(long);
        all_gone(&site).await;
    }
    let mut longest = site.client().await;
    longest.send(Message::text("x".repeat(4_096))).await;
    assert_eq!(longest.next().await["code"], "malformed");
}

/// What does not ask for a socket is told so, whoever asks.
#[tokio::test]
async fn a_plain_request_is_refused_in_words() {
    let site = Site::open().await;
    site.airline.call("GET", "/live", None, None).await.expect(400).has_code("websocket_required");
    site.airline.call("POST", "/live/tickets", None, None).await.expect(401);
}

#[tokio::test]
async fn what_an_account_listens_to_is_counted_over_all_its_sockets() {
    let site = Site::with(|config| config.limits.live_per_second = 1).await;
    let topic = json!({"type": "subscribe", "topic": format!("flight:{}", site.flight)});
    let (mut one, mut two) = (site.client().await, site.client().await);
    let (began, mut answers) = (Instant::now(), Vec::new());
    for client in [&mut one, &mut two] {
        for _ in 0..10 {
            client.say(topic.clone()).await;
            answers.push(client.next().await);
        }
    }
    // Two at once and one a second for both together; two sockets with a count each would have four at once.
    let most = 3 + began.elapsed().as_secs();
    let let_in = answers.iter().filter(|answer| answer["type"] == "subscribed").count() as u64;
    assert!((2..=most).contains(&let_in), "{answers:?}");
    let refused = answers.iter().find(|answer| answer["type"] == "refused");
    assert_eq!(refused.expect("a refusal")["code"], "too_many_requests");
    // Another account has its own.
    let other = site.airline.account("other@example.com", Role::Traveller).await;
    let mut other = Client::open(site.address, &other).await.expect("a socket");
    other.say(topic).await;
    assert_eq!(other.next().await["type"], "subscribed");
}
