//! Whose account it is that somebody is signed in to.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use super::{Browser, OURS, confirm, left, scene, scene_with};
use crate::identity::second_factor;
use crate::support::{Airline, send};

const PASSWORD: &str = "a password of some length";

async fn mails(airline: &Airline) -> Vec<String> {
    let rows = airline.sql().await.query("SELECT template FROM mails ORDER BY created_at, id", &[]).await;
    rows.expect("rows").iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn who_has_no_account_gets_one_that_is_confirmed_and_has_no_password() {
    let (airline, fake) = scene().await;
    let browser = Browser::default();
    browser.sign_in(&airline, &fake).await.expect(200);
    let first = browser.profile(&airline).await;
    assert_eq!(
        (&first["email"], &first["email_verified"], &first["name"]),
        (&json!("asha@example.com"), &json!(true), &json!("Asha Rao"))
    );
    // The identity counts, not the address it has there.
    fake.is("248289761001", "asha@elsewhere.example");
    let again = Browser::default();
    again.sign_in(&airline, &fake).await.expect(200);
    assert_eq!(again.profile(&airline).await["id"], first["id"]);
    // There is no password, not even an empty one, until a mail sets one.
    for password in ["", " ", PASSWORD] {
        let reply = Browser::default().log_in(&airline, "asha@example.com", password).await.expect(401);
        assert_eq!(reply.code(), "wrong_credentials");
        let proof = browser.call(&airline, "POST", "/me/proof", Some(json!({"password": password}))).await;
        assert_eq!(proof.expect(403).code(), "wrong_proof");
    }
    assert_eq!(airline.count("SELECT count(*) FROM mails").await, 0);
    airline
        .call("POST", "/password/forgotten", None, Some(json!({"email": "asha@example.com"})))
        .await
        .expect(204);
    let admin = airline.admin().await;
    let shown = airline.call("GET", "/admin/mails?limit=1", Some(&admin), None).await.expect(200);
    let text = shown.text("/mails/0/shown/text");
    let token = text.split("#reset=").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a link");
    let body = json!({"token": token, "password": "trains under the ghats"});
    airline.call("POST", "/password/reset", None, Some(body)).await.expect(204);
    Browser::default().log_in(&airline, "asha@example.com", "trains under the ghats").await.expect(204);
}

#[tokio::test]
async fn a_name_that_is_none_is_not_taken() {
    for (name, taken) in [
        (Value::Null, "asha"),
        (json!("x\ny"), "asha"),
        (json!("x".repeat(101)), "asha"),
        (json!(" Asha "), "Asha"),
    ] {
        let (airline, fake) = scene().await;
        fake.does(|script| script.claims["name"] = name.clone());
        let browser = Browser::default();
        browser.sign_in(&airline, &fake).await.expect(200);
        assert_eq!(browser.profile(&airline).await["name"], taken, "{name}");
    }
}

#[tokio::test]
async fn the_account_of_a_confirmed_address_is_linked_and_its_owner_told() {
    let (airline, fake) = scene().await;
    let token = airline.account("Asha@Example.com", Role::Traveller).await;
    confirm(&airline).await;
    let browser = Browser::default();
    browser.sign_in(&airline, &fake).await.expect(200);
    let mine = airline.call("GET", "/profile", Some(&token), None).await.expect(200);
    assert_eq!(browser.profile(&airline).await["id"], mine.json["id"]);
    assert_eq!(mails(&airline).await, ["provider-linked"]);
    // Nothing else changed: the session, the password.
    Browser::default().log_in(&airline, "asha@example.com", PASSWORD).await.expect(204);
    Browser::default().sign_in(&airline, &fake).await.expect(200);
    assert_eq!(mails(&airline).await.len(), 1, "it is told once");
}

#[tokio::test]
async fn whoever_registered_with_anothers_address_loses_it_to_its_owner() {
    let (airline, fake) = scene().await;
    let account = json!({"email": "asha@example.com", "password": PASSWORD, "name": "Mallory"});
    airline.call("POST", "/register", None, Some(account)).await.expect(202);
    let login = json!({"email": "asha@example.com", "password": PASSWORD});
    let token = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
    let squatter = Browser::default();
    squatter.log_in(&airline, "asha@example.com", PASSWORD).await.expect(204);
    // The squatter cannot leave a door of their own open, not even ajar.
    let body = Some(json!({"name": "Mallory's"}));
    let adding = airline.call("POST", "/me/second-factors/totp", Some(&token), body).await;
    assert_eq!(adding.expect(409).code(), "address_unconfirmed");
    let linking =
        squatter.call(&airline, "POST", "/me/providers", Some(json!({"provider": "example"}))).await;
    assert_eq!(linking.expect(409).code(), "address_unconfirmed");
    // Mails are told apart by when they were written.
    airline.later(SignedDuration::from_millis(1));
    let owner = Browser::default();
    owner.sign_in(&airline, &fake).await.expect(200);
    assert_eq!(owner.profile(&airline).await["email_verified"], true);
    airline.call("GET", "/profile", Some(&token), None).await.expect(401);
    squatter.call(&airline, "GET", "/profile", None).await.expect(401);
    Browser::default().log_in(&airline, "asha@example.com", PASSWORD).await.expect(401);
    assert_eq!(airline.count("SELECT count(*) FROM account_tokens").await, 0, "no link of a mail is good");
    assert_eq!(airline.count("SELECT count(*) FROM second_factors").await, 0);
    assert_eq!(mails(&airline).await, ["verify-address", "provider-confirmed"]);
}

#[tokio::test]
async fn where_a_password_is_not_all_an_unconfirmed_account_is_not_given_away() {
    let (airline, fake) = scene().await;
    let token = airline.account("asha@example.com", Role::Traveller).await;
    let app = second_factor::begin(&airline, &token, "Telephone").await;
    second_factor::confirm(&airline, &token, &app, &app.shows(airline.app.now())).await.expect(200);
    airline.account("staff@example.com", Role::Support).await;
    airline.sql().await.execute("UPDATE users SET email_verified_at = NULL", &[]).await.expect("unconfirmed");
    let before = left(&airline).await;
    for email in ["asha@example.com", "staff@example.com"] {
        fake.is("7", email);
        let reply = Browser::default().sign_in(&airline, &fake).await.expect(409);
        assert_eq!(reply.code(), "address_unconfirmed", "{email}");
    }
    assert_eq!(left(&airline).await, before);
    Browser::default().log_in(&airline, "staff@example.com", PASSWORD).await.expect(204);
}

#[tokio::test]
async fn an_address_that_was_given_to_somebody_else_there_does_not_bring_its_account_along() {
    let (airline, fake) = scene().await;
    Browser::default().sign_in(&airline, &fake).await.expect(200);
    let before = left(&airline).await;
    fake.is("another person", "asha@example.com");
    assert_eq!(Browser::default().sign_in(&airline, &fake).await.expect(409).code(), "provider_linked");
    assert_eq!(left(&airline).await, before);
}

#[tokio::test]
async fn a_disabled_account_opens_to_nobody() {
    let (airline, fake) = scene().await;
    let admin = airline.admin().await;
    let linked = Browser::default();
    linked.sign_in(&airline, &fake).await.expect(200);
    let by_link = linked.profile(&airline).await["id"].as_str().expect("an id").to_owned();
    let token = airline.account("usha@example.com", Role::Traveller).await;
    confirm(&airline).await;
    let by_address = airline.call("GET", "/profile", Some(&token), None).await.expect(200).text("/id");
    for (id, email) in [(by_link, "asha@example.com"), (by_address, "usha@example.com")] {
        let disabled = Some(json!({"disabled": true}));
        airline.call("PATCH", &format!("/admin/accounts/{id}"), Some(&admin), disabled).await.expect(200);
        fake.is(if email.starts_with('a') { "248289761001" } else { "7" }, email);
        let before = left(&airline).await;
        let reply = Browser::default().sign_in(&airline, &fake).await.expect(403);
        assert_eq!(reply.code(), "account_disabled", "{email}");
        assert_eq!(left(&airline).await, before, "{email}");
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_all_the_same() {
    let (airline, fake) = scene().await;
    let token = airline.account("asha@example.com", Role::Traveller).await;
    confirm(&airline).await;
    let app = second_factor::begin(&airline, &token, "Telephone").await;
    second_factor::confirm(&airline, &token, &app, &app.shows(airline.app.now())).await.expect(200);
    airline.later(SignedDuration::from_secs(60));
    let browser = Browser::default();
    let half = browser.sign_in(&airline, &fake).await.expect(200);
    assert_eq!(half.json["outcome"], "second_factor_required", "{}", half.json);
    assert!(!half.headers.contains_key("set-cookie"));
    browser.call(&airline, "GET", "/profile", None).await.expect(401);
    let login_token = half.text("/second_factor/login_token");
    let wrong = json!({"login_token": login_token, "code": "no code"});
    browser.call(&airline, "POST", "/session/second-factor", Some(wrong)).await.expect(401);
    let code = json!({"login_token": login_token, "code": app.shows(airline.app.now())});
    browser.call(&airline, "POST", "/session/second-factor", Some(code)).await.expect(204);
    browser.profile(&airline).await;
}

#[tokio::test]
async fn staff_without_a_second_factor_can_add_one_and_nothing_else() {
    let (airline, fake) = scene_with(|config| {
        config.auth.staff_second_factor = platform::config::Required::Always;
    })
    .await;
    airline.account("asha@example.com", Role::Admin).await;
    confirm(&airline).await;
    let browser = Browser::default();
    browser.sign_in(&airline, &fake).await.expect(200);
    for path in ["/profile", "/admin/accounts"] {
        let reply = browser.call(&airline, "GET", path, None).await.expect(403);
        assert_eq!(reply.code(), "second_factor_required", "{path}");
    }
    browser.call(&airline, "GET", "/me/second-factors", None).await.expect(200);
}

#[tokio::test]
async fn who_comes_back_in_several_browsers_at_once_has_one_account() {
    let (airline, fake) = scene().await;
    airline.warm_pool().await;
    let browsers: Vec<Browser> = (0..8).map(|_| Browser::default()).collect();
    let mut ways = Vec::new();
    for browser in &browsers {
        ways.push(browser.go(&airline, &fake).await);
    }
    let brought = browsers.iter().zip(&ways).map(|(browser, way)| browser.bring(&airline, &fake, way));
    for reply in futures_util::future::join_all(brought).await {
        reply.expect(200);
    }
    assert_eq!(airline.count("SELECT count(*) FROM users").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM provider_links").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await, 8);
}

#[tokio::test]
async fn a_sign_in_takes_the_place_of_the_session_before() {
    let (airline, fake) = scene().await;
    airline.account("usha@example.com", Role::Traveller).await;
    let browser = Browser::default();
    browser.log_in(&airline, "usha@example.com", PASSWORD).await.expect(204);
    browser.sign_in(&airline, &fake).await.expect(200);
    assert_eq!(browser.profile(&airline).await["email"], "asha@example.com");
    let replaced = "SELECT count(*) FROM sessions WHERE end_cause = 'replaced'";
    assert_eq!(airline.count(replaced).await, 1);
}

#[tokio::test]
async fn an_address_that_is_kept_for_its_owner_makes_no_account() {
    let (airline, fake) = scene().await;
    airline.account("usha@example.com", Role::Traveller).await;
    let until = airline.app.now() + SignedDuration::from_hours(24);
    let retired = "UPDATE user_emails SET former_until = $1";
    airline.sql().await.execute(retired, &[&until]).await.expect("retired");
    fake.is("7", "usha@example.com");
    let before = left(&airline).await;
    assert_eq!(Browser::default().sign_in(&airline, &fake).await.expect(409).code(), "email_taken");
    assert_eq!(left(&airline).await, before);
}

/// While somebody comes back, a second factor is added to the account, or the identity is taken away from it: they wait, and are not let in.
#[tokio::test]
async fn nobody_slips_in_while_the_account_changes() {
    let (airline, fake) = scene().await;
    Browser::default().sign_in(&airline, &fake).await.expect(200);
    let added =
        "INSERT INTO second_factors (user_id, id, kind, name_sealed, secret_sealed, added_at, confirmed_at)
        SELECT id, gen_random_uuid(), 'totp', '', '', now(), now() FROM users";
    for change in [added, "DELETE FROM provider_links"] {
        let browser = Browser::default();
        let way = browser.go(&airline, &fake).await;
        airline.sql().await.execute("DELETE FROM second_factors", &[]).await.expect("none so far");
        let held = airline.holding("SELECT 1 FROM users FOR UPDATE").await;
        let back = browser.request("POST", "/auth/callback", &OURS, Some(way.body(&fake.url)));
        let coming = airline.waiting(send(airline.router(), back)).await;
        held.batch(change).await.expect("changed");
        held.commit().await.expect("committed");
        coming.await.expect("an answer").expect(503).has_code("busy");
    }
    assert_eq!(airline.count("SELECT count(*) FROM sessions").await, 1);
}
