//! Guessing passwords: few are checked, whoever asks from wherever, and the owner gets in.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::HeaderMap;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::{Airline, Reply, altered, request, send};

const ADDRESS: &str = "asha@example.com";
const PASSWORD: &str = "a password of some length";

fn guess(email: &str, password: &str, device: Option<&str>) -> Value {
    match device {
        Some(device) => json!({"email": email, "password": password, "device_token": device}),
        None => json!({"email": email, "password": password}),
    }
}

/// From an address of its own, which the proxy in front names.
async fn from(router: &Router, address: u32, body: Value) -> Reply {
    let mut asked = request("POST", "/login", None, Some(body), None);
    let address = std::net::Ipv4Addr::from(0x0a00_0000 + address).to_string();
    asked.headers_mut().insert("x-forwarded-for", address.parse().expect("an address"));
    send(router.clone(), asked).await
}

#[tokio::test]
async fn of_ten_thousand_guesses_in_an_hour_a_hundred_are_checked_and_the_owner_gets_in() {
    let airline = Airline::with(|config| {
        config.limits.accounts_per_hour = 30;
        config.http.trusted_proxies = vec![std::net::IpAddr::from([127, 0, 0, 1])];
    })
    .await;
    airline.account(ADDRESS, Role::Traveller).await;
    let first = from(&airline.router(), 0, guess(ADDRESS, PASSWORD, None)).await.expect(200);
    let device = first.text("/device_token");
    let (_, other) = airline.second_server().await;
    let servers = [airline.router(), other];
    let mut answers: BTreeMap<u16, u32> = BTreeMap::new();
    for round in 0..625_u32 {
        let sixteen = (0..16).map(|number| {
            let number = round * 16 + number;
            // Each address makes eight guesses: none is slowed down for itself.
            from(
                &servers[(number % 2) as usize],
                number / 8 + 1,
                guess(ADDRESS, &format!("guess {number}"), None),
            )
        });
        for reply in futures_util::future::join_all(sixteen).await {
            *answers.entry(reply.status.as_u16()).or_default() += 1;
        }
        airline.later(SignedDuration::from_millis(5_760));
    }
    let (checked, refused) = (answers[&401], answers[&429]);
    assert_eq!(checked + refused, 10_000, "{answers:?}");
    assert!((90..=100).contains(&checked), "{answers:?}");
    // Whatever came free since the last guess is taken at once.
    from(&servers[0], 4_999, guess(ADDRESS, "another", None)).await;
    // Meanwhile the owner's own password is not even looked at from anywhere else, and it is from the device that is known.
    let elsewhere = from(&servers[0], 5_000, guess(ADDRESS, PASSWORD, None)).await.expect(429);
    assert_eq!(elsewhere.code(), "too_many_guesses");
    assert!(elsewhere.headers.contains_key("retry-after"));
    for _ in 0..12 {
        from(&servers[1], 5_001, guess(ADDRESS, PASSWORD, Some(&device))).await.expect(200);
    }
    airline.later(SignedDuration::from_mins(10));
    from(&servers[0], 5_002, guess(ADDRESS, PASSWORD, None)).await.expect(200);
}

#[tokio::test]
async fn a_known_device_has_few_guesses_too_and_is_known_to_one_account() {
    let airline = Airline::new().await;
    for email in [ADDRESS, "bela@example.com"] {
        airline.account(email, Role::Traveller).await;
    }
    let device_of = async |email: &str| {
        airline
            .call("POST", "/login", None, Some(guess(email, PASSWORD, None)))
            .await
            .expect(200)
            .text("/device_token")
    };
    let (asha, bela) = (device_of(ADDRESS).await, device_of("bela@example.com").await);
    let ask = async |password: &str, device: Option<&str>| {
        airline.call("POST", "/login", None, Some(guess(ADDRESS, password, device))).await.status.as_u16()
    };
    // Strangers use their guesses up; what is Bela's device, or made up, or altered, is a stranger.
    for _ in 0..10 {
        assert_eq!(ask("wrong", None).await, 401);
    }
    let altered = altered(&asha);
    for stranger in [&bela, "dvc_AAAA", "", &altered] {
        assert_eq!(ask(PASSWORD, Some(stranger)).await, 429, "{stranger}");
    }
    assert_eq!(ask(PASSWORD, Some(&asha)).await, 200);
    for _ in 0..10 {
        assert_eq!(ask("wrong", Some(&asha)).await, 401);
    }
    assert_eq!(ask(PASSWORD, Some(&asha)).await, 429, "the device is somebody else's now");
    // After half a year it is known no more.
    airline.later(SignedDuration::from_hours(24 * 181));
    for _ in 0..10 {
        assert_eq!(ask("wrong", None).await, 401);
    }
    assert_eq!(ask(PASSWORD, Some(&asha)).await, 429);
}

#[tokio::test]
async fn an_address_without_an_account_is_no_different() {
    let airline = Airline::new().await;
    airline.account(ADDRESS, Role::Traveller).await;
    airline.later(SignedDuration::from_mins(10));
    let mut told = Vec::new();
    for email in [ADDRESS, "nobody@example.com", "no address at all"] {
        let mut answers = Vec::new();
        for _ in 0..13 {
            let reply = airline.call("POST", "/login", None, Some(guess(email, "wrong", None))).await;
            let wait = reply.headers.get("retry-after").cloned();
            answers.push((reply.status, reply.code().to_owned(), reply.json["detail"].clone(), wait));
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    assert_eq!(told[0].iter().filter(|(status, ..)| *status == 401).count(), 10);
}

#[tokio::test]
async fn whoever_has_a_session_does_not_guess_the_password_faster() {
    let airline = Airline::new().await;
    let session = airline.traveller().await;
    let prove = |password: &str| {
        airline.call("POST", "/me/proof", Some(&session), Some(json!({"password": password})))
    };
    for _ in 0..10 {
        assert_eq!(prove("wrong").await.expect(403).code(), "wrong_proof");
    }
    assert_eq!(prove(PASSWORD).await.expect(429).code(), "too_many_guesses");
    let change = json!({"current": PASSWORD, "password": "trains under the ghats"});
    airline.call("POST", "/me/password", Some(&session), Some(change)).await.expect(429);
    airline.later(SignedDuration::from_secs(40));
    prove(PASSWORD).await.expect(204);
}

#[tokio::test]
async fn what_no_longer_counts_is_forgotten() {
    let airline = Airline::new().await;
    airline.call("POST", "/login", None, Some(guess(ADDRESS, "wrong", None))).await.expect(401);
    let stored: String = {
        let all = "SELECT string_agg(a::text, ' ') FROM attempts a";
        airline.sql().await.query_one(all, &[]).await.expect("a row").get(0)
    };
    assert!(!stored.contains("asha"), "{stored}");
    airline.run_job("prune_sessions").await;
    assert_eq!(airline.count("SELECT count(*) FROM attempts").await, 1);
    airline.later(SignedDuration::from_secs(41));
    airline.run_job("prune_sessions").await;
    assert_eq!(airline.count("SELECT count(*) FROM attempts").await, 0);
}

#[tokio::test]
async fn a_browser_is_known_by_a_cookie_that_signs_nobody_in() {
    let airline = Airline::new().await;
    airline.account(ADDRESS, Role::Traveller).await;
    let ask = async |password: &str, cookie: Option<&str>| {
        let mut asked = request("POST", "/session", None, Some(guess(ADDRESS, password, None)), None);
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", "same-origin".parse().expect("a value"));
        headers.insert("x-udaan-client", "web".parse().expect("a value"));
        headers.extend(cookie.map(|cookie| (axum::http::header::COOKIE, cookie.parse().expect("a cookie"))));
        asked.headers_mut().extend(headers);
        send(airline.router(), asked).await
    };
    let given = ask(PASSWORD, None).await.expect(204);
    let cookies: Vec<&str> =
        given.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect();
    let device = cookies.iter().find(|cookie| cookie.starts_with("__Host-udaan-device=")).expect("a device");
    assert!(device.contains("HttpOnly") && device.contains("Secure") && device.contains("SameSite=Lax"));
    let device = device.split(';').next().expect("a pair").to_owned();
    for _ in 0..10 {
        ask("wrong", None).await.expect(401);
    }
    ask(PASSWORD, None).await.expect(429);
    ask(PASSWORD, Some(&device)).await.expect(204);
    let mut profile = request("GET", "/profile", None, None, None);
    profile.headers_mut().insert("cookie", device.parse().expect("a cookie"));
    profile.headers_mut().insert("sec-fetch-site", "same-origin".parse().expect("a value"));
    send(airline.router(), profile).await.expect(401);
}

/// Passwords are checked one at a time, two wait, and everybody else hears when to come back; who searches meanwhile notices nothing.
#[tokio::test]
async fn a_flood_of_logins_is_turned_away_and_searches_go_on() {
    let airline = Airline::with(|config| {
        config.auth.hash_memory_kib = 8 * 1024;
        (config.auth.hash_parallel, config.auth.hash_queue) = (1, 2);
    })
    .await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let logins = (0..60).map(|number| {
        let body = guess(&format!("{number}@example.com"), "not the password", None);
        airline.call("POST", "/login", None, Some(body))
    });
    let searches = (0..20)
        .map(|_| airline.call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None));
    let (logins, searches) = futures_util::future::join(
        futures_util::future::join_all(logins),
        futures_util::future::join_all(searches),
    )
    .await;
    assert!(searches.iter().all(|reply| reply.status == 200));
    let (busy, checked): (Vec<_>, Vec<_>) = logins.iter().partition(|reply| reply.status == 503);
    assert!(!busy.is_empty() && !checked.is_empty(), "{} {}", busy.len(), checked.len());
    for reply in busy {
        assert_eq!((reply.code(), reply.headers["retry-after"].to_str().expect("a number")), ("busy", "2"));
    }
    assert!(checked.iter().all(|reply| reply.status == 401));
}
