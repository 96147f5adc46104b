//! Browsers that take pushes: who may add which, and when they go.

use serde_json::{Value, json};
use server::identity::api::Role;
use testkit::push::Browser;

use super::Told;
use crate::support::{Reply, request, send};

const PATH: &str = "/push-subscriptions";

impl Told {
    pub(super) async fn add(&self, token: &str, endpoint: &str, browser: &Browser) -> Reply {
        let body = json!({"endpoint": endpoint, "device": "Firefox on Linux",
            "keys": {"p256dh": browser.p256dh(), "auth": browser.auth()}});
        self.airline.call("POST", PATH, Some(token), Some(body)).await
    }

    pub(super) async fn browsers(&self, token: &str) -> Vec<Value> {
        let list = self.airline.call("GET", PATH, Some(token), None).await.expect(200);
        list.json["subscriptions"].as_array().expect("a list").clone()
    }

    async fn log_in(&self, email: &str) -> String {
        let body = json!({"email": email, "password": "a password of some length"});
        self.airline.call("POST", "/login", None, Some(body)).await.expect(200).text("/access_token")
    }
}

fn endpoint(name: &str) -> String {
    format!("https://fcm.googleapis.com/fcm/send/{name}")
}

#[tokio::test]
async fn a_browser_is_added_once_listed_and_removed() {
    let told = Told::with(|config| config.push.browsers = 2).await;
    let browser = Browser::new().expect("keys");
    let first = told.add(&told.token, &endpoint("a"), &browser).await.expect(201);
    let anew = Browser::new().expect("keys");
    let again = told.add(&told.token, &endpoint("a"), &anew).await.expect(201);
    assert_eq!(first.text("/id"), again.text("/id"), "with other keys it is the same browser");
    assert_eq!(again.text("/device"), "Firefox on Linux");
    told.add(&told.token, &endpoint("b"), &browser).await.expect(201);
    let refused = told.add(&told.token, &endpoint("c"), &browser).await.expect(409);
    refused.has_code("too_many_browsers");
    told.add(&told.token, &endpoint("b"), &browser).await.expect(201);
    let other = told.airline.account("other@example.com", Role::Traveller).await;
    let id = first.text("/id");
    told.airline.call("DELETE", &format!("{PATH}/{id}"), Some(&other), None).await.expect(404);
    let listed = told.browsers(&told.token).await;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|one| one["this_session"] == true && one["reached_at"] == Value::Null));
    // Whoever has it next takes it along.
    told.add(&other, &endpoint("a"), &anew).await.expect(201);
    assert_eq!((told.browsers(&told.token).await.len(), told.browsers(&other).await.len()), (1, 1));
    let id = told.browsers(&other).await[0]["id"].as_str().expect("an id").to_owned();
    told.airline.call("DELETE", &format!("{PATH}/{id}"), Some(&other), None).await.expect(204);
    told.airline.call("DELETE", &format!("{PATH}/{id}"), Some(&other), None).await.expect(404);
    assert!(told.browsers(&other).await.is_empty());
}

#[tokio::test]
async fn what_no_browser_says_is_refused_by_name() {
    let told = Told::new().await;
    let browser = Browser::new().expect("keys");
    for (endpoint, code) in [
        ("https://push.example.com/x", "push_service_unknown"),
        ("https://127.0.0.1/x", "push_service_unknown"),
        ("http://fcm.googleapis.com/x", "invalid_field"),
        ("https://fcm.googleapis.com:8443/x", "invalid_field"),
        ("https://me:secret@fcm.googleapis.com/x", "invalid_field"),
        (&format!("https://fcm.googleapis.com/{}", "x".repeat(1_000)), "invalid_field"),
        ("", "push_service_unknown"),
    ] {
        let refused = told.add(&told.token, endpoint, &browser).await.expect(422);
        refused.has_code(code);
        assert_eq!(refused.json["field"], "endpoint", "{endpoint}");
    }
    let (p256dh, auth) = (browser.p256dh(), browser.auth());
    for (p256dh, auth, field) in [
        ("BAAA", auth.as_str(), "keys.p256dh"),
        (p256dh.as_str(), "AAAA", "keys.auth"),
        ("é", "", "keys.p256dh"),
    ] {
        let body = json!({"endpoint": endpoint("a"), "keys": {"p256dh": p256dh, "auth": auth}});
        let refused = told.airline.call("POST", PATH, Some(&told.token), Some(body)).await.expect(422);
        assert_eq!(refused.json["field"], field);
    }
    let long = json!({"endpoint": endpoint("a"), "keys": {"p256dh": p256dh, "auth": auth}, "device": "x".repeat(61)});
    told.airline.call("POST", PATH, Some(&told.token), Some(long)).await.expect(422);
    assert!(told.browsers(&told.token).await.is_empty());
}

#[tokio::test]
async fn where_no_service_is_called_none_is_taken() {
    let told = Told::with(|config| config.push.services.clear()).await;
    let list = told.airline.call("GET", PATH, Some(&told.token), None).await.expect(200);
    assert_eq!(list.json["public_key"], Value::Null);
    let browser = Browser::new().expect("keys");
    told.add(&told.token, &endpoint("a"), &browser).await.expect(422).has_code("push_service_unknown");
}

/// What is shown on a screen is for whoever is signed in there.
#[tokio::test]
async fn a_browser_goes_with_the_session_it_was_added_in() {
    let told = Told::new().await;
    let browser = Browser::new().expect("keys");
    let here = told.token.clone();
    let there = told.log_in("traveller@example.com").await;
    told.add(&here, &endpoint("here"), &browser).await.expect(201);
    told.add(&there, &endpoint("there"), &browser).await.expect(201);
    let own = told.browsers(&here).await;
    assert_eq!(own.iter().filter(|one| one["this_session"] == true).count(), 1);
    told.airline.call("POST", "/logout", Some(&there), None).await.expect(204);
    assert_eq!(told.browsers(&here).await.len(), 1);
    // It is the same browser in the next session, and goes with that.
    let third = told.log_in("traveller@example.com").await;
    told.add(&third, &endpoint("here"), &browser).await.expect(201);
    assert!(told.browsers(&here).await.iter().all(|one| one["this_session"] == false));
    // Whoever ends all other sessions keeps the browser they sit at.
    told.add(&here, &endpoint("own"), &browser).await.expect(201);
    told.airline.call("DELETE", "/me/sessions", Some(&here), None).await.expect(204);
    let kept = told.browsers(&here).await;
    assert_eq!((kept.len(), &kept[0]["this_session"]), (1, &json!(true)));
    // A new password ends all, also what is left of a session that was over and forgotten.
    told.add(&here, &endpoint("old"), &browser).await.expect(201);
    let old = "UPDATE push_subscriptions SET session_id = gen_random_uuid()";
    told.airline.sql().await.execute(old, &[]).await.expect("over");
    let new = json!({"current": "a password of some length", "password": "trains under the ghats"});
    told.airline.call("POST", "/me/password", Some(&here), Some(new)).await.expect(204);
    assert!(told.browsers(&here).await.is_empty());
    // Whoever is erased leaves nothing, and nobody gives a browser to a session that is over.
    let gone = told.airline.account("gone@example.com", Role::Traveller).await;
    told.add(&gone, &endpoint("gone"), &browser).await.expect(201);
    let data = told.airline.call("GET", "/me/export", Some(&gone), None).await.expect(200);
    assert_eq!(data.text("/push_subscriptions/0/device"), "Firefox on Linux");
    told.airline.call("DELETE", "/me", Some(&gone), None).await.expect(204);
    assert_eq!(told.airline.count("SELECT count(*) FROM push_subscriptions").await, 0);
    told.add(&gone, &endpoint("gone"), &browser).await.expect(401);
}

/// The session is being ended while the browser is added: one of them waits, and whoever comes second sees what the first did.
#[tokio::test]
async fn a_session_that_ends_meanwhile_leaves_no_browser() {
    let told = Told::new().await;
    let browser = Browser::new().expect("keys");
    let token = told.log_in("traveller@example.com").await;
    let airline = &told.airline;
    let tx = airline.app.db.begin().await.expect("a transaction");
    tx.execute("UPDATE sessions SET ended_at = now(), end_cause = 'signed_out'", &[]).await.expect("ended");
    let body =
        json!({"endpoint": endpoint("a"), "keys": {"p256dh": browser.p256dh(), "auth": browser.auth()}});
    let adding = request("POST", "/push-subscriptions", Some(&token), Some(body), None);
    let adding = tokio::spawn(send(airline.router(), adding));
    airline.until_it_waits(&adding).await;
    tx.commit().await.expect("committed");
    adding.await.expect("an answer").expect(401);
    assert_eq!(airline.count("SELECT count(*) FROM push_subscriptions").await, 0);
}
