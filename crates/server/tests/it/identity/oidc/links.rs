//! Identities that somebody links with their account, looks at, and takes away.

use std::sync::Arc;

use jiff::SignedDuration;
use kernel::Clock;
use serde_json::{Value, json};
use server::identity::api::Role;

use super::fake::Fake;
use super::{Browser, OURS, confirm, left, scene, scene_with};
use crate::identity::second_factor;
use crate::support::Airline;

const PASSWORD: &str = "a password of some length";

/// Somebody with a confirmed address, signed in.
async fn somebody(airline: &Airline, email: &str) -> Browser {
    airline.account(email, Role::Traveller).await;
    confirm(airline).await;
    let browser = Browser::default();
    browser.log_in(airline, email, PASSWORD).await.expect(204);
    browser
}

async fn listed(airline: &Airline, browser: &Browser) -> Value {
    browser.call(airline, "GET", "/me/providers", None).await.expect(200).json
}

#[tokio::test]
async fn an_identity_with_another_address_is_linked_by_the_accounts_owner() {
    let (airline, fake) = scene().await;
    let browser = somebody(&airline, "usha@example.com").await;
    fake.is("7", "usha@elsewhere.example");
    let linked = browser.link(&airline, &fake).await.expect(200);
    assert_eq!(linked.json["outcome"], "linked");
    let list = listed(&airline, &browser).await;
    assert_eq!(
        (&list["providers"][0]["provider"], &list["providers"][0]["account"], &list["has_password"]),
        (&json!("example"), &json!("usha@elsewhere.example"), &json!(true))
    );
    assert_eq!(airline.count("SELECT count(*) FROM mails WHERE template = 'provider-linked'").await, 1);
    browser.link(&airline, &fake).await.expect(200);
    assert_eq!(listed(&airline, &browser).await["providers"].as_array().map(Vec::len), Some(1));
    // An address need not be vouched for any more: the identity is known.
    fake.does(|script| script.claims = json!({"email": "x@y.zz", "email_verified": false}));
    let again = Browser::default();
    again.sign_in(&airline, &fake).await.expect(200);
    assert_eq!(again.profile(&airline).await["email"], "usha@example.com");
}

#[tokio::test]
async fn linking_needs_a_fresh_proof_and_the_session_it_was_begun_in() {
    let (airline, fake) = scene_with(|config| config.auth.step_up_minutes = 15).await;
    let browser = somebody(&airline, "usha@example.com").await;
    let ask = || Some(json!({"provider": "example"}));
    let begun = browser.call(&airline, "POST", "/me/providers", ask()).await.expect(200);
    let way = fake.authorize(&begun.text("/authorization_url"), airline.app.now());
    browser.call(&airline, "POST", "/logout", None).await.expect(204);
    assert_eq!(browser.bring(&airline, &fake, &way).await.expect(409).code(), "sign_in_over");
    browser.log_in(&airline, "usha@example.com", PASSWORD).await.expect(204);
    airline.later(SignedDuration::from_mins(16));
    for (method, path, body) in [("POST", "/me/providers", ask()), ("DELETE", "/me/providers/example", None)]
    {
        let reply = browser.call(&airline, method, path, body).await.expect(403);
        assert_eq!(reply.code(), "step_up_required", "{method} {path}");
    }
    assert_eq!(airline.count("SELECT count(*) FROM provider_links").await, 0);
}

/// Somebody's way back in another's browser would link the attacker's identity with the visitor's account.
#[tokio::test]
async fn nobody_links_their_identity_with_anothers_account() {
    let (airline, fake) = scene().await;
    let (attacker, victim) =
        (somebody(&airline, "usha@example.com").await, somebody(&airline, "asha@example.com").await);
    let begun = attacker
        .call(&airline, "POST", "/me/providers", Some(json!({"provider": "example"})))
        .await
        .expect(200);
    let way = fake.authorize(&begun.text("/authorization_url"), airline.app.now());
    victim.call(&airline, "POST", "/me/providers", Some(json!({"provider": "example"}))).await.expect(200);
    let before = left(&airline).await;
    assert_eq!(victim.bring(&airline, &fake, &way).await.expect(409).code(), "sign_in_over");
    assert_eq!(left(&airline).await, before);
}

#[tokio::test]
async fn an_identity_opens_one_account_and_an_account_has_one_at_each_provider() {
    let (airline, fake) = scene().await;
    let (first, second) =
        (somebody(&airline, "usha@example.com").await, somebody(&airline, "asha@example.com").await);
    fake.is("7", "x@elsewhere.example");
    first.link(&airline, &fake).await.expect(200);
    let before = left(&airline).await;
    assert_eq!(second.link(&airline, &fake).await.expect(409).code(), "identity_linked");
    fake.is("8", "x@elsewhere.example");
    assert_eq!(first.link(&airline, &fake).await.expect(409).code(), "provider_linked");
    assert_eq!(left(&airline).await, before);
}

#[tokio::test]
async fn an_account_whose_address_is_no_longer_confirmed_is_not_linked() {
    let (airline, fake) = scene().await;
    let browser = somebody(&airline, "usha@example.com").await;
    let begun = browser
        .call(&airline, "POST", "/me/providers", Some(json!({"provider": "example"})))
        .await
        .expect(200);
    let way = fake.authorize(&begun.text("/authorization_url"), airline.app.now());
    airline.sql().await.execute("UPDATE users SET email_verified_at = NULL", &[]).await.expect("changed");
    assert_eq!(browser.bring(&airline, &fake, &way).await.expect(409).code(), "address_unconfirmed");
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    let (fake, other) = (Fake::start().await, Fake::start().await);
    let airline = Airline::with(|config| {
        fake.add_to(config, "example");
        other.add_to(config, "other");
    })
    .await;
    let browser = Browser::default();
    browser.sign_in(&airline, &fake).await.expect(200);
    let unlink = || browser.call(&airline, "DELETE", "/me/providers/example", None);
    assert_eq!(unlink().await.expect(409).code(), "last_way_in");
    let begun =
        browser.call(&airline, "POST", "/me/providers", Some(json!({"provider": "other"}))).await.expect(200);
    let way = other.authorize(&begun.text("/authorization_url"), airline.app.now());
    browser.bring(&airline, &other, &way).await.expect(200);
    browser.call(&airline, "DELETE", "/me/providers/none", None).await.expect(404);
    unlink().await.expect(204);
    unlink().await.expect(404);
    assert_eq!(listed(&airline, &browser).await["providers"][0]["provider"], "other");
    let last = browser.call(&airline, "DELETE", "/me/providers/other", None).await.expect(409);
    assert_eq!(last.code(), "last_way_in");
}

#[tokio::test]
async fn what_was_unlinked_opens_nothing_and_its_sessions_end() {
    let (airline, fake) = scene().await;
    let browser = somebody(&airline, "usha@example.com").await;
    fake.is("7", "usha@elsewhere.example");
    browser.link(&airline, &fake).await.expect(200);
    let elsewhere = Browser::default();
    elsewhere.sign_in(&airline, &fake).await.expect(200);
    browser.call(&airline, "DELETE", "/me/providers/example", None).await.expect(204);
    elsewhere.call(&airline, "GET", "/profile", None).await.expect(401);
    browser.profile(&airline).await;
    elsewhere.sign_in(&airline, &fake).await.expect(200);
    assert_eq!(
        elsewhere.profile(&airline).await["email"],
        "usha@elsewhere.example",
        "it is nobody's, and gets an account"
    );
}

#[tokio::test]
async fn links_are_in_the_export_and_go_with_the_account() {
    let (airline, fake) = scene().await;
    fake.is("zanzibarite", "asha@example.com");
    let browser = Browser::default();
    browser.sign_in(&airline, &fake).await.expect(200);
    let rows = "SELECT string_agg(t::text, ' ') FROM provider_links t";
    let dump: String = airline.sql().await.query_one(rows, &[]).await.expect("a row").get(0);
    for word in ["zanzibarite", "asha@example.com"] {
        let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!dump.contains(word) && !dump.contains(&hex), "{word} can be read in the database");
    }
    let export = browser.call(&airline, "GET", "/me/export", None).await.expect(200);
    assert_eq!(export.json["providers"]["providers"][0]["subject"], "zanzibarite");
    browser.call(&airline, "POST", "/me/providers", Some(json!({"provider": "example"}))).await.expect(200);
    browser.call(&airline, "DELETE", "/me", None).await.expect(204);
    let left = "SELECT (SELECT count(*) FROM provider_links) + (SELECT count(*) FROM provider_sign_ins)";
    assert_eq!(airline.count(left).await, 0);
    airline.assert_sound().await;
    // The identity may come again, to a new account.
    browser.sign_in(&airline, &fake).await.expect(200);
    assert_eq!(airline.count("SELECT count(*) FROM users").await, 2);
}

#[tokio::test]
async fn whoever_takes_their_address_back_shuts_the_door_a_thief_opened() {
    let (airline, fake) = scene().await;
    let admin = airline.admin().await;
    let browser = somebody(&airline, "usha@example.com").await;
    fake.is("thief", "thief@elsewhere.example");
    browser.link(&airline, &fake).await.expect(200);
    // Mails are listed by time.
    airline.later(SignedDuration::from_secs(1));
    let change = json!({"email": "thief@elsewhere.example"});
    browser.call(&airline, "POST", "/me/email", Some(change)).await.expect(204);
    for (fragment, path) in [("confirm", "/email/confirm"), ("restore", "/email/restore")] {
        airline.later(SignedDuration::from_secs(1));
        let shown = airline.call("GET", "/admin/mails?limit=1", Some(&admin), None).await.expect(200);
        let text = shown.text("/mails/0/shown/text");
        let link = format!("#{fragment}=");
        let token = text.split(&link).nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a link");
        airline.call("POST", path, None, Some(json!({"token": token}))).await.expect(204);
    }
    assert_eq!(airline.count("SELECT count(*) FROM provider_links").await, 0);
}

/// What opens the account no more is no other way in: a provider that was taken from the settings, and a passkey where passkeys cannot be used,
/// because the site has a number for an address.
#[tokio::test]
async fn what_opens_nothing_any_more_is_no_way_in() {
    let (fake, other) = (Fake::start().await, Fake::start().await);
    let airline = Airline::with(|config| {
        fake.add_to(config, "example");
        other.add_to(config, "other");
    })
    .await;
    let browser = Browser::default();
    browser.sign_in(&airline, &fake).await.expect(200);
    let begun =
        browser.call(&airline, "POST", "/me/providers", Some(json!({"provider": "other"}))).await.expect(200);
    let way = other.authorize(&begun.text("/authorization_url"), airline.app.now());
    browser.bring(&airline, &other, &way).await.expect(200);
    let passkey =
        "INSERT INTO second_factors (user_id, id, kind, name_sealed, secret_sealed, added_at, confirmed_at)
        SELECT id, gen_random_uuid(), 'passkey', '', '', now(), now() FROM users";
    airline.sql().await.execute(passkey, &[]).await.expect("added");
    let mut config = airline.app.config.clone();
    config.auth.providers.retain(|provider| provider.id == "example");
    config.auth.provider_secrets.remove("other");
    let without = airline.app_with(config, Arc::clone(&airline.clock) as Arc<dyn Clock>);
    let unlink = || browser.request("DELETE", "/me/providers/example", &OURS, None);
    let refused = browser.call_at(server::router::service(&without), unlink()).await.expect(409);
    assert_eq!(refused.code(), "last_way_in");
    browser.call_at(airline.router(), unlink()).await.expect(204);
}

/// Half a sign-in by a provider's word is none when the word counts no more.
#[tokio::test]
async fn half_a_sign_in_ends_with_the_link_it_was_begun_with() {
    let (airline, fake) = scene().await;
    let browser = somebody(&airline, "usha@example.com").await;
    fake.is("7", "usha@elsewhere.example");
    browser.link(&airline, &fake).await.expect(200);
    let begun = browser.call(&airline, "POST", "/me/second-factors/totp", Some(json!({"name": "App"}))).await;
    let app = second_factor::App::of(&begun.expect(201));
    let path = format!("/me/second-factors/{}/confirm", app.id);
    let code = || json!({"code": app.shows(airline.app.now())});
    browser.call(&airline, "POST", &path, Some(code())).await.expect(200);
    airline.later(SignedDuration::from_secs(60));
    let elsewhere = Browser::default();
    let half = elsewhere.sign_in(&airline, &fake).await.expect(200);
    browser.call(&airline, "DELETE", "/me/providers/example", None).await.expect(204);
    let mut whole = code();
    whole["login_token"] = json!(half.text("/second_factor/login_token"));
    elsewhere.call(&airline, "POST", "/session/second-factor", Some(whole)).await.expect(401);
}
