//! Sessions: carried by tokens or a cookie, ended by their owner, by time, or by theft.

use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::{Airline, Reply, altered, send};

const PASSWORD: &str = "a password of some length";

async fn login(airline: &Airline) -> Reply {
    airline.account("asha@example.com", Role::Traveller).await;
    let body = json!({"email": "asha@example.com", "password": PASSWORD});
    airline.call("POST", "/login", None, Some(body)).await.expect(200)
}

async fn refresh(airline: &Airline, token: &str) -> Reply {
    airline.call("POST", "/refresh", None, Some(json!({"refresh_token": token}))).await
}

async fn profile(airline: &Airline, token: &str) -> u16 {
    airline.call("GET", "/profile", Some(token), None).await.status.as_u16()
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_copy_ends_the_session() {
    let airline = Airline::new().await;
    let first = login(&airline).await.text("/refresh_token");
    let second = refresh(&airline, &first).await.expect(200);
    let third = refresh(&airline, &second.text("/refresh_token")).await.expect(200);
    assert_eq!(profile(&airline, &third.text("/access_token")).await, 200);
    // Whoever copied the first comes after its successor was used.
    assert_eq!(refresh(&airline, &first).await.expect(401).code(), "session_over");
    assert_eq!(profile(&airline, &third.text("/access_token")).await, 401, "nobody keeps the session");
    refresh(&airline, &third.text("/refresh_token")).await.expect(401);
    assert_eq!(airline.count("SELECT count(*) FROM sessions WHERE end_cause = 'token_reused'").await, 1);
}

#[tokio::test]
async fn a_lost_answer_is_no_theft() {
    let airline = Airline::new().await;
    let first = login(&airline).await.text("/refresh_token");
    let lost = refresh(&airline, &first).await.expect(200).text("/refresh_token");
    let again = refresh(&airline, &first).await.expect(200).text("/refresh_token");
    assert_eq!(again, lost, "two requests that cross get the same");
    airline.later(SignedDuration::from_mins(5));
    let later = refresh(&airline, &first).await.expect(200).text("/refresh_token");
    assert_ne!(later, lost);
    refresh(&airline, &later).await.expect(200);
    // The one whose answer was lost turns up in somebody's hands.
    refresh(&airline, &lost).await.expect(401);
    refresh(&airline, &later).await.expect(401);
}

#[tokio::test]
async fn fifty_at_once_go_on_with_one_successor() {
    let airline = Airline::new().await;
    airline.warm_pool().await;
    let first = login(&airline).await.text("/refresh_token");
    let replies = futures_util::future::join_all((0..50).map(|_| refresh(&airline, &first))).await;
    let tokens: std::collections::BTreeSet<_> =
        replies.into_iter().map(|reply| reply.expect(200).text("/refresh_token")).collect();
    assert_eq!(tokens.len(), 1);
    let successors = "SELECT count(*) FROM refresh_tokens WHERE parent IS NOT NULL";
    assert_eq!(airline.count(successors).await, 1);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused_alike() {
    let airline = Airline::new().await;
    let token = login(&airline).await.text("/refresh_token");
    for wrong in [altered(&token).as_str(), "", "x", &token[..40], &format!("{token}A")] {
        assert_eq!(refresh(&airline, wrong).await.expect(401).code(), "session_over", "{wrong}");
    }
    refresh(&airline, &token).await.expect(200);
}

#[tokio::test]
async fn sessions_end_of_themselves() {
    let change = |config: &mut ::platform::config::Config| {
        config.auth.idle_minutes = 60;
        config.auth.session_hours = 3;
    };
    let airline = Airline::with(change).await;
    let mut token = login(&airline).await.text("/refresh_token");
    for _ in 0..3 {
        airline.later(SignedDuration::from_mins(50));
        token = refresh(&airline, &token).await.expect(200).text("/refresh_token");
    }
    airline.later(SignedDuration::from_mins(31));
    refresh(&airline, &token).await.expect(401);

    let idle = airline.call(
        "POST",
        "/login",
        None,
        Some(json!({"email": "asha@example.com", "password": PASSWORD})),
    );
    let idle = idle.await.expect(200);
    airline.later(SignedDuration::from_mins(61));
    refresh(&airline, &idle.text("/refresh_token")).await.expect(401);
    assert_eq!(profile(&airline, &idle.text("/access_token")).await, 401);
    airline.later(SignedDuration::from_hours(24 * 31));
    airline.run_jobs().await;
    assert_eq!(airline.count("SELECT count(*) FROM sessions").await, 0, "what is long over is forgotten");
}

#[tokio::test]
async fn the_owner_sees_and_ends_them() {
    let airline = Airline::new().await;
    let here = login(&airline).await.text("/access_token");
    let body = json!({"email": "asha@example.com", "password": PASSWORD});
    let there =
        airline.call("POST", "/login", None, Some(body.clone())).await.expect(200).text("/access_token");
    let stranger = airline.account("other@example.com", Role::Traveller).await;
    let list = async |token: &str| {
        let reply = airline.call("GET", "/me/sessions", Some(token), None).await.expect(200);
        reply.json["sessions"].as_array().expect("a list").clone()
    };
    // The account helper logged in once more.
    let sessions = list(&here).await;
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    let current = |sessions: &[Value]| -> String {
        let found = sessions.iter().find(|session| session["current"] == true).expect("this one");
        found["id"].as_str().expect("an id").to_owned()
    };
    let id = current(&list(&there).await);
    airline.call("DELETE", &format!("/me/sessions/{id}"), Some(&stranger), None).await.expect(404);
    assert_eq!(profile(&airline, &there).await, 200);
    airline.call("DELETE", &format!("/me/sessions/{id}"), Some(&here), None).await.expect(204);
    airline.call("DELETE", &format!("/me/sessions/{id}"), Some(&here), None).await.expect(404);
    assert_eq!(profile(&airline, &there).await, 401);
    airline.call("DELETE", "/me/sessions", Some(&here), None).await.expect(204);
    assert_eq!(list(&here).await.len(), 1);
    airline.call("POST", "/logout", Some(&here), None).await.expect(204);
    assert_eq!(profile(&airline, &here).await, 401);
    assert_eq!(profile(&airline, &stranger).await, 200);
}

/// An access token needs no look-up, and yet its end is heard of: by the process it was made in at once, by others when they
/// read what ended.
#[tokio::test]
async fn other_processes_hear_of_an_end() {
    let airline = Airline::new().await;
    let token = login(&airline).await.text("/access_token");
    let (other, router) = airline.second_server().await;
    let follow = server::identity::api::follow_job(&other);
    follow.turn().await.expect("read");
    let ask = || send(router.clone(), crate::support::request("GET", "/profile", Some(&token), None, None));
    assert_eq!(ask().await.status, 200);
    airline.call("POST", "/logout", Some(&token), None).await.expect(204);
    assert_eq!(ask().await.status, 200, "it has not read yet; were this 401, the next would prove nothing");
    follow.turn().await.expect("read");
    assert_eq!(ask().await.status, 401);
    // A process that begins later reads of ends before it.
    let (late, router) = airline.second_server().await;
    server::identity::api::follow_job(&late).turn().await.expect("read");
    let asked = crate::support::request("GET", "/profile", Some(&token), None, None);
    assert_eq!(send(router, asked).await.status, 401);
}

/// A request as a browser sends it.
fn browser(method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    request.header("content-type", "application/json").body(body).expect("a request")
}

const OURS: [(&str, &str); 2] = [("sec-fetch-site", "same-origin"), ("x-udaan-client", "web")];

async fn open_in_browser(airline: &Airline, cookie: Option<&str>) -> String {
    let mut headers = OURS.to_vec();
    headers.extend(cookie.map(|cookie| ("cookie", cookie)));
    let body = json!({"email": "asha@example.com", "password": PASSWORD});
    let reply = send(airline.router(), browser("POST", "/session", &headers, Some(body))).await.expect(204);
    let set = reply.headers["set-cookie"].to_str().expect("text").to_owned();
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(set.split("; ").any(|part| part == attribute), "{attribute}: {set}");
    }
    assert!(set.starts_with("__Host-udaan=") && !set.contains("Domain"), "{set}");
    set.split(';').next().expect("a pair").to_owned()
}

#[tokio::test]
async fn a_browser_has_a_cookie_that_counts_only_from_our_page() {
    let airline = Airline::new().await;
    airline.account("asha@example.com", Role::Traveller).await;
    let cookie = open_in_browser(&airline, None).await;
    let ask = async |method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>| {
        let headers = [&[("cookie", cookie.as_str())], headers].concat();
        send(airline.router(), browser(method, path, &headers, body)).await
    };
    ask("GET", "/profile", &OURS, None).await.expect(200);
    let name = || Some(json!({"name": "Usha Rao"}));
    ask("PATCH", "/profile", &OURS, name()).await.expect(200);
    for (headers, reads) in [
        (vec![("sec-fetch-site", "cross-site"), ("x-udaan-client", "web")], 403),
        (vec![("sec-fetch-site", "same-site"), ("x-udaan-client", "web")], 403),
        (vec![("origin", "https://attacker.example"), ("x-udaan-client", "web")], 403),
        // A form of our own page; and nothing at all.
        (vec![("sec-fetch-site", "same-origin")], 200),
        (vec![], 200),
    ] {
        let reply = ask("PATCH", "/profile", &headers, name()).await.expect(403);
        assert_eq!(reply.code(), "cross_site", "{headers:?}");
        ask("GET", "/profile", &headers, None).await.expect(reads);
    }
    // With a bearer token the cookie is not looked at, for better or worse.
    ask("GET", "/profile", &[("authorization", "Bearer nonsense"), OURS[0]], None).await.expect(401);
    ask("POST", "/logout", &OURS, None).await.expect(204);
    ask("GET", "/profile", &OURS, None).await.expect(401);
}

#[tokio::test]
async fn a_sign_in_gives_a_new_session_and_ends_the_one_before() {
    let airline = Airline::new().await;
    airline.account("asha@example.com", Role::Traveller).await;
    // What an attacker planted is not taken over.
    let planted = open_in_browser(&airline, Some("__Host-udaan=planted")).await;
    let next = open_in_browser(&airline, Some(&planted)).await;
    assert_ne!(planted, next);
    let ask = async |cookie: &str| {
        let headers = [OURS[0], OURS[1], ("cookie", cookie)];
        send(airline.router(), browser("GET", "/profile", &headers, None)).await.status.as_u16()
    };
    assert_eq!((ask(&planted).await, ask(&next).await), (401, 200));
    // Another site cannot sign its visitor in to an account of its choice.
    let body = json!({"email": "asha@example.com", "password": PASSWORD});
    let headers = [("sec-fetch-site", "cross-site"), ("x-udaan-client", "web")];
    send(airline.router(), browser("POST", "/session", &headers, Some(body))).await.expect(403);
}

#[tokio::test]
async fn a_browsers_session_goes_on_while_it_is_used() {
    let airline = Airline::with(|config| config.auth.idle_minutes = 60).await;
    airline.account("asha@example.com", Role::Traveller).await;
    let cookie = open_in_browser(&airline, None).await;
    // A process of its own each time, because what is looked up is believed for some seconds.
    let ask = async || {
        let (_, router) = airline.second_server().await;
        let headers = [OURS[0], OURS[1], ("cookie", cookie.as_str())];
        send(router, browser("GET", "/profile", &headers, None)).await.status.as_u16()
    };
    for _ in 0..3 {
        airline.later(SignedDuration::from_mins(50));
        assert_eq!(ask().await, 200);
    }
    airline.later(SignedDuration::from_mins(61));
    assert_eq!(ask().await, 401);
}

/// Whoever is signed out already is signed out: the browser forgets its cookie.
#[tokio::test]
async fn a_sign_out_of_a_session_that_is_over_takes_the_cookie() {
    let airline = Airline::new().await;
    airline.account("asha@example.com", Role::Traveller).await;
    let cookie = open_in_browser(&airline, None).await;
    airline.later(SignedDuration::from_hours(24 * 365));
    let ours = [OURS[0], OURS[1], ("cookie", cookie.as_str())];
    let out = send(airline.router(), browser("POST", "/logout", &ours, None)).await.expect(204);
    let set = out.headers["set-cookie"].to_str().expect("text");
    assert!(set.starts_with("__Host-udaan=;") && set.contains("Max-Age=0"), "{set}");
    let foreign = [("sec-fetch-site", "cross-site"), OURS[1], ("cookie", cookie.as_str())];
    send(airline.router(), browser("POST", "/logout", &foreign, None)).await.expect(403);
}

/// The password was right when it was looked at, and is another when the session is to be opened: whoever changed it has locked out
/// whoever knew the old one.
#[tokio::test]
async fn a_sign_in_that_crosses_a_change_of_the_password_opens_nothing() {
    let airline = Airline::new().await;
    airline.account("asha@example.com", Role::Traveller).await;
    let changing = airline.app.db.begin().await.expect("a connection");
    changing.batch("UPDATE users SET password_hash = password_hash || 'x'").await.expect("changed");
    let router = airline.router();
    let signing_in = tokio::spawn(async move {
        let body = json!({"email": "asha@example.com", "password": "a password of some length"});
        send(router, crate::support::request("POST", "/login", None, Some(body), None)).await
    });
    airline.until_it_waits(&signing_in).await;
    changing.commit().await.expect("committed");
    assert_eq!(signing_in.await.expect("no panic").status, 401);
}

/// Tokens that were used long ago are not kept: a month of refreshing leaves a few rows.
#[tokio::test]
async fn used_refresh_tokens_are_forgotten_in_time() {
    let airline = Airline::new().await;
    let mut token = login(&airline).await.text("/refresh_token");
    for _ in 0..12 {
        airline.later(SignedDuration::from_hours(12));
        token = refresh(&airline, &token).await.expect(200).text("/refresh_token");
    }
    let kept = airline.count("SELECT count(*) FROM refresh_tokens").await;
    assert!((3..=8).contains(&kept), "{kept} of 13");
}

/// A page that is anybody's learns that nobody is signed in by an answer, and not by a refusal.
#[tokio::test]
async fn a_page_asks_who_is_signed_in() {
    let airline = Airline::new().await;
    airline.account("asha@example.com", Role::Traveller).await;
    let ask = async |headers: &[(&str, &str)]| {
        send(airline.router(), browser("GET", "/session", headers, None)).await
    };
    assert_eq!(ask(&OURS).await.expect(200).json, json!({"profile": null}));
    let cookie = open_in_browser(&airline, None).await;
    let ours = [OURS[0], OURS[1], ("cookie", cookie.as_str())];
    assert_eq!(ask(&ours).await.expect(200).text("/profile/email"), "asha@example.com");
    let foreign = [("sec-fetch-site", "cross-site"), OURS[1], ("cookie", cookie.as_str())];
    ask(&foreign).await.expect(403).has_code("cross_site");
    send(airline.router(), browser("POST", "/logout", &ours, None)).await.expect(204);
    assert_eq!(ask(&ours).await.expect(200).json, json!({"profile": null}));
}
