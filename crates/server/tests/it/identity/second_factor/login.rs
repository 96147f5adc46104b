//! Signing in, in two halves, and attacks on what is between them.

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use kernel::Clock;
use serde_json::json;
use server::identity::api::Role;

use super::*;
use crate::support::{request, send};

const ASHA: &str = "asha@example.com";

#[tokio::test]
async fn the_second_half_opens_the_session() {
    let airline = Airline::new().await;
    let (_, app, _) = enrolled(&airline, ASHA, Role::Traveller).await;
    let half = password(&airline, ASHA).await;
    assert_eq!(
        (&half.json["kinds"], &half.json["expires_in"]),
        (&json!(["totp", "recovery_code"]), &json!(300))
    );
    let code = json!({"code": app.shows(airline.clock.now())});
    let reply = second(&airline, &half.text("/login_token"), code).await.expect(200);
    assert_eq!(profile(&airline, &reply.text("/access_token")).await, 200);
    let refresh = json!({"refresh_token": reply.text("/refresh_token")});
    let next = airline.call("POST", "/refresh", None, Some(refresh)).await.expect(200);
    assert_eq!(profile(&airline, &next.text("/access_token")).await, 200);
    let factored = "SELECT count(*) FROM sessions WHERE second_factor_at IS NOT NULL AND ended_at IS NULL";
    assert_eq!(airline.count(factored).await, 2, "this one, and the one the factor was added in");
}

#[tokio::test]
async fn a_login_token_is_for_its_account_once_and_for_five_minutes() {
    let airline = Airline::new().await;
    let (_, app, codes) = enrolled(&airline, ASHA, Role::Traveller).await;
    let (_, other_app, other_codes) = enrolled(&airline, "other@example.com", Role::Traveller).await;
    let now = airline.clock.now();
    let (mine, others) = (half(&airline, ASHA).await, half(&airline, "other@example.com").await);
    // Who has one account's second factor and another's password gets into neither.
    for evidence in [json!({"code": other_app.shows(now)}), json!({"recovery_code": other_codes[0]})] {
        assert_eq!(second(&airline, &mine, evidence).await.expect(401).code(), "second_factor_refused");
    }
    // A token whose account is written over, and others that were never made.
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let mixed = URL_SAFE_NO_PAD.encode([&bytes(&others)[..16], &bytes(&mine)[16..]].concat());
    let code = || json!({"code": other_app.shows(now)});
    for token in [mixed.as_str(), "", "x", &others[..40], &format!("{others}AAAA")] {
        let refused = second(&airline, token, code()).await.expect(401);
        assert_eq!(refused.code(), "second_factor_refused", "{token}");
    }
    second(&airline, &others, code()).await.expect(200);
    assert_eq!(
        second(&airline, &others, json!({"recovery_code": other_codes[1]})).await.expect(401).code(),
        "second_factor_refused"
    );

    airline.later(SignedDuration::from_secs(299));
    second(&airline, &mine, json!({"recovery_code": codes[0]})).await.expect(200);
    let late = half(&airline, ASHA).await;
    airline.later(SignedDuration::from_secs(300));
    second(&airline, &late, json!({"recovery_code": codes[1]})).await.expect(401);
    airline.run_jobs().await;
    assert_eq!(airline.count("SELECT count(*) FROM login_tokens").await, 0, "what is over is forgotten");

    // A disabled account is let in by nothing it was given before.
    let (mine, before) = (half(&airline, ASHA).await, half(&airline, ASHA).await);
    let sql = airline.sql().await;
    sql.batch("UPDATE users SET disabled_at = now()").await.expect("disabled");
    second(&airline, &mine, json!({"code": app.shows(airline.clock.now())})).await.expect(401);
    // Nor is half a sign-in good after the password it was begun with.
    sql.batch("UPDATE users SET disabled_at = NULL").await.expect("enabled");
    second(&airline, &mine, json!({"recovery_code": codes[2]})).await.expect(200);
    sql.batch("UPDATE users SET password_hash = password_hash || 'x'").await.expect("another password");
    second(&airline, &before, json!({"recovery_code": codes[3]})).await.expect(401);
}

#[tokio::test]
async fn refusals_do_not_say_what_was_wrong() {
    let airline = Airline::new().await;
    let (_, app, _) = enrolled(&airline, ASHA, Role::Traveller).await;
    let token = half(&airline, ASHA).await;
    let now = airline.clock.now();
    let mut seen = std::collections::BTreeSet::new();
    for (token, evidence) in [
        (token.as_str(), json!({"code": app.wrong(now)})),
        (token.as_str(), json!({"code": app.shows(now - STEP)})),
        (token.as_str(), json!({"code": ""})),
        (token.as_str(), json!({"recovery_code": "0000-0000-0000-0000"})),
        (token.as_str(), json!({"recovery_code": "no code at all"})),
        ("no token", json!({"code": app.shows(now)})),
    ] {
        let mut reply = second(&airline, token, evidence).await.expect(401);
        reply.json.as_object_mut().expect("a problem").remove("request_id");
        seen.insert(reply.json.to_string());
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[tokio::test]
async fn five_wrong_codes_use_a_login_token_up() {
    let airline = Airline::new().await;
    let (_, app, _) = enrolled(&airline, ASHA, Role::Traveller).await;
    let (now, token) = (airline.clock.now(), half(&airline, ASHA).await);
    for number in 0..4 {
        second(&airline, &token, json!({"code": app.wrong(now)})).await.expect(401);
        let spared = half(&airline, ASHA).await;
        assert_ne!(spared, token, "{number}");
    }
    second(&airline, &token, json!({"code": app.wrong(now)})).await.expect(401);
    // The right one is too late here, and good with the password given again.
    second(&airline, &token, json!({"code": app.shows(now)})).await.expect(401);
    let again = half(&airline, ASHA).await;
    second(&airline, &again, json!({"code": app.shows(now)})).await.expect(200);
}

#[tokio::test]
async fn twenty_wrong_codes_an_hour_whoever_counts() {
    let airline = Airline::new().await;
    airline.warm_pool().await;
    let (here, app, _) = enrolled(&airline, ASHA, Role::Traveller).await;
    let (other, other_router) = airline.second_server().await;
    drop(other);
    let now = airline.clock.now();
    let mut halves = Vec::new();
    for _ in 0..8 {
        halves.push(half(&airline, ASHA).await);
    }
    // Forty at once, through two processes.
    let tries = (0..40).map(|number| {
        let body = json!({"login_token": halves[number / 5], "code": app.wrong(now)});
        let router = if number % 2 == 0 { airline.router() } else { other_router.clone() };
        send(router, request("POST", "/login/second-factor", None, Some(body), None))
    });
    let replies = futures_util::future::join_all(tries).await;
    let looked_at = replies.iter().filter(|reply| reply.status == 401).count();
    assert_eq!(looked_at, 20, "the rest is not looked at");
    assert!(replies.iter().all(|reply| [401, 429].contains(&reply.status.as_u16())));
    let right = || json!({"code": app.shows(airline.clock.now())});
    let fresh = half(&airline, ASHA).await;
    let limited = second(&airline, &fresh, right()).await.expect(429);
    assert_eq!(
        (limited.code(), limited.headers["retry-after"].to_str().ok()),
        ("too_many_requests", Some("3600"))
    );
    airline.call("POST", "/me/proof", Some(&here), Some(right())).await.expect(429);
    // Nobody else waits for it, and it passes.
    let (_, theirs, _) = enrolled(&airline, "other@example.com", Role::Traveller).await;
    let token = half(&airline, "other@example.com").await;
    second(&airline, &token, json!({"code": theirs.shows(airline.clock.now())})).await.expect(200);
    airline.later(SignedDuration::from_mins(60));
    let token = half(&airline, ASHA).await;
    second(&airline, &token, right()).await.expect(200);
}

fn browser(path: &str, cookie: Option<&str>, site: &str, body: Value) -> Request<Body> {
    let mut request = request("POST", path, None, Some(body), None);
    request.headers_mut().insert("sec-fetch-site", site.parse().expect("a header"));
    request.headers_mut().insert("x-udaan-client", "web".parse().expect("a header"));
    if let Some(cookie) = cookie {
        request.headers_mut().insert("cookie", cookie.parse().expect("a header"));
    }
    request
}

/// As the page at which a program asks does it.
#[tokio::test]
async fn a_browser_goes_through_the_second_half_as_well() {
    let airline = Airline::new().await;
    let (_, app, codes) = enrolled(&airline, ASHA, Role::Traveller).await;
    let first = json!({"email": ASHA, "password": PASSWORD});
    let half_one = send(airline.router(), browser("/session", None, "same-origin", first)).await.expect(200);
    assert!(!half_one.headers.contains_key("set-cookie"), "half a sign-in opens nothing");
    let token = half_one.text("/login_token");
    let code = || json!({"login_token": token, "code": app.shows(airline.clock.now())});
    let path = "/session/second-factor";
    let refused = send(airline.router(), browser(path, None, "cross-site", code())).await.expect(403);
    assert_eq!(refused.code(), "cross_site");
    // What a page was given opens no session of tokens, and the other way round.
    airline.call("POST", "/login/second-factor", None, Some(code())).await.expect(401);
    let for_tokens = json!({"login_token": half(&airline, ASHA).await, "recovery_code": codes[0]});
    send(airline.router(), browser(path, None, "same-origin", for_tokens)).await.expect(401);
    let opened = send(airline.router(), browser(path, None, "same-origin", code())).await.expect(204);
    let cookie =
        opened.headers["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
    let proof = json!({"recovery_code": codes[1]});
    send(airline.router(), browser("/me/proof", Some(&cookie), "same-origin", proof.clone()))
        .await
        .expect(204);
    send(airline.router(), browser("/me/proof", Some(&cookie), "cross-site", proof)).await.expect(403);
    // The next sign-in takes the place of this one.
    let first = json!({"email": ASHA, "password": PASSWORD});
    let next =
        send(airline.router(), browser("/session", Some(&cookie), "same-origin", first)).await.expect(200);
    let next = json!({"login_token": next.text("/login_token"), "recovery_code": codes[2]});
    send(airline.router(), browser(path, Some(&cookie), "same-origin", next)).await.expect(204);
    let replaced = "SELECT count(*) FROM sessions WHERE end_cause = 'replaced'";
    assert_eq!(airline.count(replaced).await, 1);
}

/// Somebody signs in with the password while the factor is being added: they wait, and do not get in without it.
#[tokio::test]
async fn no_session_slips_past_a_factor_that_is_being_added() {
    let airline = Airline::new().await;
    let (_, app, _) = enrolled(&airline, "other@example.com", Role::Traveller).await;
    airline.account(ASHA, Role::Traveller).await;
    let tx = airline.app.db.begin().await.expect("a transaction");
    tx.batch("SELECT 1 FROM users FOR UPDATE").await.expect("locked");
    // A factor of the account, as adding one would leave it.
    let added =
        "INSERT INTO second_factors (user_id, id, kind, name_sealed, secret_sealed, added_at, confirmed_at)
        SELECT u.id, gen_random_uuid(), 'totp', f.name_sealed, f.secret_sealed, f.added_at, f.confirmed_at
        FROM users u, second_factors f WHERE u.id <> f.user_id";
    let router = airline.router();
    let body = json!({"email": ASHA, "password": PASSWORD});
    let login = tokio::spawn(send(router, request("POST", "/login", None, Some(body), None)));
    airline.until_it_waits(&login).await;
    tx.batch(added).await.expect("added");
    tx.commit().await.expect("committed");
    let reply = login.await.expect("an answer").expect(503);
    assert_eq!(reply.code(), "busy");
    half(&airline, ASHA).await;
    assert_eq!(app.shows(airline.clock.now()).len(), 6);
}
