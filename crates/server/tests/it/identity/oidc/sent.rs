//! Browsers are sent to a provider and come back: once, in time, the same browser, from the same provider, asked by our own page.

use std::sync::Arc;

use jiff::SignedDuration;
use kernel::Clock;
use platform::config::{Config, Mode};
use platform::keys::KeyFile;
use platform::random::Random;
use serde_json::json;
use server::App;

use super::fake::Fake;
use super::{Browser, OURS, left, scene, scene_with};
use crate::support::Airline;

#[tokio::test]
async fn what_comes_back_is_good_once_in_the_browser_it_was_begun_in() {
    let (airline, fake) = scene().await;
    let (mine, other) = (Browser::default(), Browser::default());
    let way = mine.go(&airline, &fake).await;
    // Another browser has a sign-in of its own under way: what it is sent by somebody else signs nobody in there.
    other.go(&airline, &fake).await;
    let before = left(&airline).await;
    for browser in [&other, &Browser::default()] {
        let reply = browser.bring(&airline, &fake, &way).await.expect(409);
        assert_eq!(reply.code(), "sign_in_over");
        assert!(!reply.headers.contains_key("set-cookie"));
    }
    assert_eq!(left(&airline).await, before);
    let done = mine.bring(&airline, &fake, &way).await.expect(200);
    assert_eq!(done.json, json!({"outcome": "signed_in", "redirect_after": "/", "second_factor": null}));
    assert_eq!(mine.bring(&airline, &fake, &way).await.expect(409).code(), "sign_in_over");
    let asked = fake.script().asked.iter().filter(|path| *path == "token").count();
    assert_eq!(asked, 1, "nothing of what was refused was sent to the provider");
}

#[tokio::test]
async fn two_tabs_do_not_spoil_each_others_sign_in_and_ten_minutes_do() {
    let (airline, fake) = scene().await;
    let browser = Browser::default();
    let (first, second) = (browser.go(&airline, &fake).await, browser.go(&airline, &fake).await);
    assert_ne!(first.state, second.state);
    browser.bring(&airline, &fake, &second).await.expect(200);
    browser.bring(&airline, &fake, &first).await.expect(200);
    for (seconds, status) in [(599, 200), (600, 409)] {
        let way = browser.go(&airline, &fake).await;
        airline.later(SignedDuration::from_secs(seconds));
        fake.does(|script| script.claims["exp"] = json!(airline.app.now().as_second() + 60));
        browser.bring(&airline, &fake, &way).await.expect(status);
    }
    let begun = "SELECT count(*) FROM provider_sign_ins";
    assert_eq!(airline.count(begun).await, 1);
    airline.run_job("prune_sessions").await;
    assert_eq!(airline.count(begun).await, 0);
}

#[tokio::test]
async fn a_code_is_good_once_and_with_its_own_verifier() {
    let (airline, fake) = scene().await;
    let (browser, thief) = (Browser::default(), Browser::default());
    let way = browser.go(&airline, &fake).await;
    // A code that was overheard, in a sign-in of the thief's own.
    let mut stolen = thief.go(&airline, &fake).await;
    stolen.code.clone_from(&way.code);
    assert_eq!(thief.bring(&airline, &fake, &stolen).await.expect(401).code(), "provider_not_believed");
    let mut replayed = browser.go(&airline, &fake).await;
    replayed.code.clone_from(&way.code);
    assert_eq!(browser.bring(&airline, &fake, &replayed).await.expect(401).code(), "provider_not_believed");
    assert_eq!(airline.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_shown_to_nobody() {
    let (fake, other) = (Fake::start().await, Fake::start().await);
    let airline = Airline::with(|config| {
        fake.add_to(config, "example");
        other.add_to(config, "other");
    })
    .await;
    let browser = Browser::default();
    for iss in [Some(other.url.as_str()), Some(""), None] {
        let way = browser.go(&airline, &fake).await;
        let mut body = way.body(&fake.url);
        body["iss"] = json!(iss);
        let reply = browser.call(&airline, "POST", "/auth/callback", Some(body)).await.expect(401);
        assert_eq!(reply.code(), "provider_not_believed", "{iss:?}");
    }
    let asked = |fake: &Fake| fake.script().asked.iter().filter(|path| *path == "token").count();
    assert_eq!((asked(&fake), asked(&other)), (0, 0), "the code was shown to somebody");
    // Who does not say that its answers are named need not name them.
    airline.later(SignedDuration::from_hours(2));
    fake.does(|script| script.discovery = json!({"authorization_response_iss_parameter_supported": null}));
    let way = browser.go(&airline, &fake).await;
    let mut body = way.body(&fake.url);
    body["iss"] = json!(null);
    browser.call(&airline, "POST", "/auth/callback", Some(body)).await.expect(200);
}

#[tokio::test]
async fn what_a_provider_says_instead_of_a_code_is_told_in_our_words() {
    let (airline, fake) = scene().await;
    let browser = Browser::default();
    for (error, reason) in [("access_denied", "access_denied"), ("<script>alert(1)</script>", "other")] {
        let way = browser.go(&airline, &fake).await;
        let body = json!({"state": way.state, "error": error, "iss": fake.url});
        let reply = browser.call(&airline, "POST", "/auth/callback", Some(body.clone())).await.expect(422);
        assert_eq!((reply.code(), &reply.json["reason"]), ("provider_refused", &json!(reason)));
        assert!(!reply.json.to_string().contains("script"), "{}", reply.json);
        // It is used up as well.
        assert_eq!(
            browser.call(&airline, "POST", "/auth/callback", Some(body)).await.expect(409).code(),
            "sign_in_over"
        );
    }
    for both in [json!({}), json!({"code": "x", "error": "access_denied"})] {
        let mut body = both;
        body["state"] = json!(browser.go(&airline, &fake).await.state);
        let reply = browser.call(&airline, "POST", "/auth/callback", Some(body)).await.expect(422);
        assert_eq!(reply.code(), "invalid_field");
    }
}

#[tokio::test]
async fn other_sites_neither_begin_nor_finish_a_sign_in() {
    let (airline, fake) = scene().await;
    let browser = Browser::default();
    let way = browser.go(&airline, &fake).await;
    for headers in [
        vec![("sec-fetch-site", "cross-site"), ("x-udaan-client", "web")],
        vec![("origin", "https://attacker.example"), ("x-udaan-client", "web")],
        vec![("sec-fetch-site", "same-origin")],
        vec![],
    ] {
        for (path, body) in
            [("/auth/sign-in", json!({"provider": "example"})), ("/auth/callback", way.body(&fake.url))]
        {
            let reply = browser.call_with(&airline, "POST", path, &headers, Some(body)).await.expect(403);
            assert_eq!(reply.code(), "cross_site", "{path} {headers:?}");
        }
    }
    browser.bring(&airline, &fake, &way).await.expect(200);
}

#[tokio::test]
async fn a_browser_goes_on_where_it_was_and_at_no_other_site() {
    let (airline, fake) = scene().await;
    let browser = Browser::default();
    let body = |after: &str| Some(json!({"provider": "example", "redirect_after": after}));
    for after in ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""] {
        let reply = browser.call(&airline, "POST", "/auth/sign-in", body(after)).await.expect(422);
        assert_eq!(
            (reply.code(), &reply.json["field"]),
            ("invalid_field", &json!("redirect_after")),
            "{after}"
        );
    }
    let begun = browser.call(&airline, "POST", "/auth/sign-in", body("/trips?x=1#y")).await.expect(200);
    let cookie = begun.headers["set-cookie"].to_str().expect("text").to_owned();
    for part in
        ["__Host-udaan-provider=", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=600"]
    {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let way = fake.authorize(&begun.text("/authorization_url"), airline.app.now());
    let done = browser.bring(&airline, &fake, &way).await.expect(200);
    assert_eq!(done.json["redirect_after"], "/trips?x=1#y");
    let unknown =
        browser.call(&airline, "POST", "/auth/sign-in", Some(json!({"provider": "none"}))).await.expect(422);
    assert_eq!(unknown.json["field"], "provider");
    let listed = airline.call("GET", "/auth/providers", None, None).await.expect(200);
    assert_eq!(listed.json, json!({"providers": [{"id": "example", "label": "Example"}]}));
}

#[tokio::test]
async fn what_is_kept_of_a_sign_in_under_way_finishes_none() {
    let (airline, fake) = scene().await;
    let browser = Browser::default();
    let way = browser.go(&airline, &fake).await;
    let rows = "SELECT string_agg(t::text, ' ') FROM provider_sign_ins t";
    let dump: String = airline.sql().await.query_one(rows, &[]).await.expect("a row").get(0);
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let cookie = browser.cookies();
    let cookie = cookie.split_once('=').expect("a pair").1;
    for secret in [way.state.as_str(), cookie, "redirect_after", "verifier"] {
        assert!(!dump.contains(secret) && !dump.contains(&hex(secret)), "{secret}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_left_alone_for_a_while() {
    let (airline, fake) =
        scene_with(|config| (config.breakers.calls_min, config.breakers.open_seconds) = (6, 60)).await;
    fake.does(|script| {
        script.manners.insert(".well-known/openid-configuration", super::fake::Manner::Fails(503));
    });
    for _ in 0..6 {
        assert_eq!(
            Browser::default().sign_in(&airline, &fake).await.expect(503).code(),
            "provider_unavailable"
        );
    }
    let asked = fake.script().asked.len();
    assert!(asked < 6, "{asked}");
    let reply = Browser::default().sign_in(&airline, &fake).await.expect(503);
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(fake.script().asked.len(), asked, "its circuit is open");
    // Everybody else still signs in.
    airline.traveller().await;
}

type Mistake = (&'static str, Box<dyn Fn(&mut Config)>);

#[tokio::test]
async fn settings_that_cannot_be_stop_the_start() {
    let (airline, _) = scene().await;
    let started = |change: &dyn Fn(&mut Config)| {
        let mut config = airline.app.config.clone();
        change(&mut config);
        let clock = Arc::clone(&airline.clock) as Arc<dyn Clock>;
        App::new(config, KeyFile::generate(Random), clock).err().map(|error| format!("{error:#}"))
    };
    assert_eq!(started(&|_| {}), None);
    let first = |change: fn(&mut platform::config::Provider)| {
        move |config: &mut Config| change(&mut config.auth.providers[0])
    };
    let tries: Vec<Mistake> = vec![
        ("id", Box::new(first(|provider| provider.id = "An Example".into()))),
        ("label", Box::new(first(|provider| provider.label = " ".into()))),
        ("issuer", Box::new(first(|provider| provider.issuer = "http://id.example".into()))),
        ("issuer", Box::new(first(|provider| provider.issuer = "https://10.0.0.1".into()))),
        ("issuer", Box::new(first(|provider| provider.issuer = "id.example".into()))),
        ("client_id", Box::new(first(|provider| provider.client_id = String::new()))),
        ("scopes", Box::new(first(|provider| provider.scopes = vec!["openid".into()]))),
        ("timeout_ms", Box::new(first(|provider| provider.timeout_ms = 2_500))),
        (
            "ca_file /nonexistent.pem",
            Box::new(first(|provider| provider.ca_file = "/nonexistent.pem".into())),
        ),
        (
            "client_secret_file /nonexistent",
            Box::new(|config| {
                config.auth.provider_secrets.clear();
                config.auth.providers[0].client_secret_file = "/nonexistent".into();
            }),
        ),
        (
            "client_secret_file",
            Box::new(first(|provider| provider.client_secret_file = "/nonexistent".into())),
        ),
        ("no secret", Box::new(|config| config.auth.provider_secrets.clear())),
        (
            "provider_secrets",
            Box::new(|config| drop(config.auth.provider_secrets.insert("none".into(), "x".into()))),
        ),
        ("the same id", Box::new(|config| config.auth.providers.push(config.auth.providers[0].clone()))),
        (
            "the same issuer",
            Box::new(|config| {
                let again =
                    platform::config::Provider { id: "again".into(), ..config.auth.providers[0].clone() };
                config.auth.provider_secrets.insert("again".into(), "x".into());
                config.auth.providers.push(again);
            }),
        ),
        // Only a demo's provider speaks plain HTTP, and only on this machine.
        ("issuer", Box::new(|config| config.mode = Mode::Production)),
    ];
    for (word, change) in tries {
        let error = started(&*change).unwrap_or_default();
        assert!(error.contains("auth.provider") && error.contains(word), "{word}: {error}");
    }
}

/// Whoever is called the same in the settings of tomorrow is somebody else: the code is not for them.
#[tokio::test]
async fn a_sign_in_is_finished_with_the_provider_it_was_begun_with() {
    let (airline, fake) = scene().await;
    let browser = Browser::default();
    let way = browser.go(&airline, &fake).await;
    let other = Fake::start().await;
    let mut config = airline.app.config.clone();
    config.auth.providers.clear();
    other.add_to(&mut config, "example");
    let moved = airline.app_with(config, Arc::clone(&airline.clock) as Arc<dyn Clock>);
    let back = browser.request("POST", "/auth/callback", &OURS, Some(way.body(&other.url)));
    let refused = browser.call_at(server::router::service(&moved), back).await.expect(409);
    assert_eq!(refused.code(), "sign_in_over");
    assert!(other.script().asked.is_empty());
}
