//! Accounts.

mod accounts;
mod doors;
mod guesses;
mod keys;
mod my_data;
pub(crate) mod oauth;
pub(crate) mod oidc;
mod programs;
mod roles;
pub(crate) mod second_factor;
mod sessions;
mod travellers;
mod unguessable;

use jiff::SignedDuration;
use serde_json::json;

use crate::support::Airline;

#[tokio::test]
async fn registers_logs_in_and_changes_the_profile() {
    let airline = Airline::new().await;
    let body = json!({"email": "Asha@Example.com", "password": "monsoon over malabar", "name": "Asha Rao"});
    let made = airline.call("POST", "/register", None, Some(body)).await.expect(202).json;
    assert_eq!(made, json!({"email": "Asha@Example.com"}));
    let login = json!({"email": "asha@example.com", "password": "monsoon over malabar"});
    let reply = airline.call("POST", "/login", None, Some(login)).await.expect(200);
    assert_eq!(
        (reply.text("/token_type").as_str(), reply.json["expires_in"].as_i64()),
        ("Bearer", Some(60 * 60 * 24 * 30))
    );
    let token = reply.text("/access_token");
    let change = json!({"name": "आशा राव", "phone": "+919812345678", "locale": "hi"});
    airline.call("PATCH", "/profile", Some(&token), Some(change)).await.expect(200);
    let profile = airline.call("GET", "/profile", Some(&token), None).await.expect(200).json;
    assert_eq!((&profile["name"], &profile["locale"]), (&json!("आशा राव"), &json!("hi")));
    for wrong in
        [json!({"phone": "12"}), json!({"locale": "fr"}), json!({"name": ""}), json!({"role": "admin"})]
    {
        airline.call("PATCH", "/profile", Some(&token), Some(wrong)).await.expect(422);
    }
    for (change, phone) in
        [(json!({"name": "Asha"}), json!("+919812345678")), (json!({"phone": ""}), json!(null))]
    {
        let profile = airline.call("PATCH", "/profile", Some(&token), Some(change)).await.expect(200).json;
        assert_eq!(profile["phone"], phone);
    }
}

#[tokio::test]
async fn one_account_for_each_address_also_in_a_race() {
    let airline = Airline::new().await;
    let body = |email: &str| json!({"email": email, "password": "monsoon over malabar", "name": "Asha"});
    let attempts = (0..8).map(|number| {
        let email = if number % 2 == 0 { "asha@example.com" } else { "ASHA@example.com" };
        airline.call("POST", "/register", None, Some(body(email)))
    });
    let replies = futures_util::future::join_all(attempts).await;
    assert!(replies.iter().all(|reply| reply.status == 202));
    assert_eq!(airline.count("SELECT count(*) FROM users").await, 1, "a refused one leaves nothing behind");
}

#[tokio::test]
async fn unknown_address_and_wrong_password_look_the_same() {
    let airline = Airline::new().await;
    airline.traveller().await;
    let attempt = |email: &str| json!({"email": email, "password": "not the password"});
    let known =
        airline.call("POST", "/login", None, Some(attempt("traveller@example.com"))).await.expect(401);
    let unknown = airline.call("POST", "/login", None, Some(attempt("nobody@example.com"))).await.expect(401);
    assert_eq!(known.code(), "wrong_credentials");
    assert_eq!((known.code(), &known.json["detail"]), (unknown.code(), &unknown.json["detail"]));
}

#[tokio::test]
async fn bad_registrations_say_which_field() {
    let airline = Airline::new().await;
    for (body, field) in [
        (json!({"email": "nonsense", "password": "long enough to be one", "name": "A"}), "email"),
        (json!({"email": "a@b.co", "password": "short", "name": "A"}), "password"),
        (json!({"email": "a@b.co", "password": "long enough to be one", "name": " "}), "name"),
        (
            json!({"email": "a@b.co", "password": "long enough to be one", "name": "A", "role": "admin"}),
            "role",
        ),
    ] {
        let reply = airline.call("POST", "/register", None, Some(body)).await.expect(422);
        assert_eq!(reply.json["field"], field, "{}", reply.json);
    }
}

#[tokio::test]
async fn a_token_ends_and_staff_routes_need_the_role() {
    let airline = Airline::with(|config| config.auth.token_minutes = 15).await;
    let traveller = airline.traveller().await;
    airline
        .call("DELETE", "/flights/flt_20261201000080008000b97700134001", Some(&traveller), None)
        .await
        .expect(403);
    airline.call("DELETE", "/flights/flt_20261201000080008000b97700134001", None, None).await.expect(401);
    airline.later(SignedDuration::from_mins(16));
    let reply = airline.call("GET", "/profile", Some(&traveller), None).await.expect(401);
    assert_eq!(reply.headers["www-authenticate"], "Bearer");
}

/// Every test looks for personal data in its whole database and in its log when it ends (`testkit::canary`); here it is seen that it would find
/// some, in each kind of place.
#[tokio::test]
async fn personal_data_is_at_rest_only_sealed() {
    let mut airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let phone = Some(json!({"phone": "+919812345678"}));
    airline.call("PATCH", "/profile", Some(&token), phone).await.expect(200);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    airline.hold(&token, &offer, "k1").await.expect(201);
    assert_eq!(airline.exposed().await, Vec::<String>::new());
    for (damage, mend, found) in [
        ("UPDATE flights SET gate = 'Asha'", "UPDATE flights SET gate = NULL", "flights: Asha"),
        (
            "UPDATE users SET name_sealed = 'name: Asha Rao'::bytea || name_sealed",
            "UPDATE users SET name_sealed = ''::bytea",
            "users: Asha Rao",
        ),
        (
            "INSERT INTO leases (name, holder, until) VALUES ('asha@example.com', gen_random_uuid(), now())",
            "DELETE FROM leases",
            "leases: asha@example.com",
        ),
    ] {
        airline.sql().await.batch(damage).await.expect("damaged");
        assert_eq!(airline.exposed().await.first().map(String::as_str), Some(found), "{damage}");
        airline.sql().await.batch(mend).await.expect("mended");
    }
    assert_eq!(airline.exposed().await, Vec::<String>::new());
    tracing::debug!(target: "server", email = "asha@example.com", "somebody signed in");
    let logged = airline.exposed().await;
    assert!(logged.len() == 1 && logged[0].contains("the log: "), "{logged:?}");
}

#[tokio::test]
async fn logins_are_limited_by_address() {
    let airline = Airline::with(|config| config.limits.accounts_per_hour = 3).await;
    let body = json!({"email": "a@b.co", "password": "whatever it is"});
    for _ in 0..3 {
        airline.call("POST", "/login", None, Some(body.clone())).await.expect(401);
    }
    let limited = airline.call("POST", "/login", None, Some(body)).await.expect(429);
    assert_eq!(limited.code(), "too_many_requests");
    assert!(limited.headers.contains_key("retry-after"));
}
