//! Doors that somebody else left open: by registering an address before its owner, by taking an account, by having been a traveller.

use jiff::SignedDuration;
use kernel::Clock;
use serde_json::{Value, json};
use server::identity::api::{Role, bootstrap_admin};

use super::second_factor::{self, App};
use crate::support::{Airline, Reply};

const ADDRESS: &str = "asha@example.com";
const PASSWORD: &str = "a password of some length";
const OTHER: &str = "trains under the ghats";

async fn say(airline: &Airline, path: &str, token: Option<&str>, body: Value) -> Reply {
    airline.later(SignedDuration::from_millis(1));
    airline.call("POST", path, token, Some(body)).await
}

async fn log_in(airline: &Airline, email: &str, password: &str) -> Reply {
    say(airline, "/login", None, json!({"email": email, "password": password})).await
}

async fn unconfirmed(airline: &Airline) {
    airline.sql().await.execute("UPDATE users SET email_verified_at = NULL", &[]).await.expect("unconfirmed");
}

async fn confirmed(airline: &Airline) {
    let set = "UPDATE users SET email_verified_at = created_at";
    airline.sql().await.execute(set, &[]).await.expect("confirmed");
}

/// Adds an authenticator app: it, and the recovery codes.
async fn protect(airline: &Airline, token: &str) -> (App, Vec<String>) {
    let app = second_factor::begin(airline, token, "A telephone").await;
    let shown = app.shows(airline.clock.now());
    let added = second_factor::confirm(airline, token, &app, &shown).await.expect(200).json;
    airline.later(SignedDuration::from_secs(30));
    let codes = added["recovery_codes"].as_array().cloned().unwrap_or_default();
    (app, codes.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The token of the newest mail with this page in its link.
async fn mailed(airline: &Airline, support: &str, page: &str) -> String {
    let list = airline.call("GET", "/admin/mails?limit=20", Some(support), None).await.expect(200);
    let texts = list.json["mails"].as_array().cloned().unwrap_or_default();
    let link = format!("/account#{page}=");
    let found = texts.iter().filter_map(|mail| mail["shown"]["text"].as_str()).find_map(|text| {
        let (_, token) = text.lines().find_map(|line| line.split_once(&link))?;
        Some(token.to_owned())
    });
    found.expect("a mail with the link")
}

/// What opens accounts besides passwords: factors, recovery codes, links, challenges and sign-ins that were begun.
async fn doors(airline: &Airline) -> i64 {
    let all = "SELECT (SELECT count(*) FROM second_factors) + (SELECT count(*) FROM recovery_codes) + (SELECT count(*) FROM provider_links)
                    + (SELECT count(*) FROM passkey_challenges) + (SELECT count(*) FROM login_tokens)";
    airline.count(all).await
}

/// Somebody registered the address of the airline's first administrator before, and added everything an account can have.
#[tokio::test]
async fn who_registered_the_administrators_address_before_has_no_way_in() {
    let airline = Airline::new().await;
    let token = airline.account(ADDRESS, Role::Traveller).await;
    let (app, codes) = protect(&airline, &token).await;
    unconfirmed(&airline).await;
    let device = log_in(&airline, ADDRESS, PASSWORD).await.expect(200);
    let half = device.text("/login_token");
    airline
        .sql()
        .await
        .execute(
            "INSERT INTO provider_links (identity, user_id, provider, issuer, details_sealed, linked_at)
             SELECT decode(repeat('07', 32), 'hex'), id, 'example', 'https://id.example', '\\x00', now() FROM users",
            &[],
        )
        .await
        .expect("linked");
    assert!(doors(&airline).await >= 13);
    let made = bootstrap_admin(&airline.app, ADDRESS).await.expect("an administrator");
    assert_eq!((made.is_new, doors(&airline).await), (false, 0));
    let reset = json!({"token": made.token, "password": OTHER});
    say(&airline, "/password/reset", None, reset).await.expect(204);
    // Whoever runs the airline gets in with the password alone; of the stranger's things none opens.
    let session = log_in(&airline, ADDRESS, OTHER).await.expect(200).text("/access_token");
    for evidence in [json!({"code": app.shows(airline.clock.now())}), json!({"recovery_code": codes[0]})] {
        second_factor::second(&airline, &half, evidence).await.expect(401);
    }
    // It is recorded, by whom there is nobody to name.
    let list = airline.call("GET", "/admin/audit?action=account.bootstrap", Some(&session), None).await;
    let list = list.expect(200);
    assert_eq!(
        (list.text("/records/0/action"), list.text("/records/0/role")),
        ("account.bootstrap".into(), "host".into())
    );
    assert_eq!(list.json["records"][0]["after"]["second_factors_removed"], 1, "{}", list.json);

    // The only administrator lost the telephone and the codes: the same way lets them in.
    protect(&airline, &session).await;
    assert_eq!(log_in(&airline, ADDRESS, OTHER).await.expect(200).json["second_factor_required"], true);
    let again = bootstrap_admin(&airline.app, ADDRESS).await.expect("the same");
    let reset = json!({"token": again.token, "password": PASSWORD});
    say(&airline, "/password/reset", None, reset).await.expect(204);
    log_in(&airline, ADDRESS, PASSWORD).await.expect(200).text("/access_token");
}

/// A thief of the password and the session adds an authenticator app, makes recovery codes anew, changes the address, adds another.
#[tokio::test]
async fn an_address_that_is_taken_back_is_its_owners_alone() {
    let airline = Airline::new().await;
    let support = airline.account("support@example.com", Role::Support).await;
    let thief = airline.account(ADDRESS, Role::Traveller).await;
    let (before, _) = protect(&airline, &thief).await;
    let elsewhere = "thief@elsewhere.example";
    say(&airline, "/me/email", Some(&thief), json!({"email": elsewhere})).await.expect(204);
    let token = mailed(&airline, &support, "confirm").await;
    say(&airline, "/email/confirm", None, json!({"token": token})).await.expect(204);
    let (after, _) = protect(&airline, &thief).await;
    let half = log_in(&airline, elsewhere, PASSWORD).await.expect(200).text("/login_token");
    // On the sixth day the owner reads the mail.
    airline.later(SignedDuration::from_hours(24 * 6));
    let token = mailed(&airline, &support, "restore").await;
    say(&airline, "/email/restore", None, json!({"token": token})).await.expect(204);
    assert_eq!(doors(&airline).await, 0);
    airline.call("GET", "/profile", Some(&thief), None).await.expect(401);
    let token = mailed(&airline, &support, "reset").await;
    say(&airline, "/password/reset", None, json!({"token": token, "password": OTHER})).await.expect(204);
    let owner = log_in(&airline, ADDRESS, OTHER).await.expect(200).text("/access_token");
    airline.call("GET", "/profile", Some(&owner), None).await.expect(200);
    for app in [&before, &after] {
        let code = json!({"code": app.shows(airline.clock.now())});
        second_factor::second(&airline, &half, code).await.expect(401);
    }
    log_in(&airline, elsewhere, PASSWORD).await.expect(401);
}

/// The owner gave a mailbox up, and whoever has it now finds the mail: what protected the account for long protects it on.
#[tokio::test]
async fn a_mailbox_that_was_given_up_does_not_open_what_a_second_factor_protects() {
    let airline = Airline::new().await;
    airline.account("support@example.com", Role::Support).await;
    let owner = airline.account(ADDRESS, Role::Traveller).await;
    let (app, _) = protect(&airline, &owner).await;
    airline.later(SignedDuration::from_hours(24 * 31));
    let support = log_in(&airline, "support@example.com", PASSWORD).await.expect(200).text("/access_token");
    let half = log_in(&airline, ADDRESS, PASSWORD).await.expect(200).text("/login_token");
    let evidence = json!({"code": app.shows(airline.clock.now())});
    let owner = second_factor::second(&airline, &half, evidence).await.expect(200).text("/access_token");
    say(&airline, "/me/email", Some(&owner), json!({"email": "asha@new.example"})).await.expect(204);
    let token = mailed(&airline, &support, "confirm").await;
    say(&airline, "/email/confirm", None, json!({"token": token})).await.expect(204);
    let token = mailed(&airline, &support, "restore").await;
    say(&airline, "/email/restore", None, json!({"token": token})).await.expect(204);
    let token = mailed(&airline, &support, "reset").await;
    say(&airline, "/password/reset", None, json!({"token": token, "password": OTHER})).await.expect(204);
    assert_eq!(log_in(&airline, ADDRESS, OTHER).await.expect(200).json["second_factor_required"], true);
    assert_eq!(airline.count("SELECT count(*) FROM recovery_codes").await, 10);
}

#[tokio::test]
async fn a_role_goes_to_a_confirmed_address_and_nothing_from_before_comes_along() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let token = airline.account(ADDRESS, Role::Traveller).await;
    let id = airline.call("GET", "/profile", Some(&token), None).await.expect(200).text("/id");
    let path = format!("/admin/accounts/{id}");
    let give =
        async |role: &str| airline.call("PATCH", &path, Some(&admin), Some(json!({"role": role}))).await;
    protect(&airline, &token).await;
    unconfirmed(&airline).await;
    assert_eq!(give("support").await.expect(409).code(), "address_unconfirmed");
    assert_eq!(doors(&airline).await, 11);
    confirmed(&airline).await;
    give("support").await.expect(200);
    assert_eq!(doors(&airline).await, 0);
    airline.call("GET", "/profile", Some(&token), None).await.expect(401);
    // Who is of the staff already keeps what they enrolled as such.
    let token = log_in(&airline, ADDRESS, PASSWORD).await.expect(200).text("/access_token");
    protect(&airline, &token).await;
    give("agent").await.expect(200);
    assert_eq!(doors(&airline).await, 11);
}

#[tokio::test]
async fn no_second_factor_before_the_address_is_confirmed_and_none_from_before_it_was() {
    let airline = Airline::with(|config| config.http.public_url = "https://udaan.example".into()).await;
    let support = airline.account("support@example.com", Role::Support).await;
    let body = json!({"email": ADDRESS, "password": PASSWORD, "name": "Mallory"});
    say(&airline, "/register", None, body).await.expect(202);
    let token = log_in(&airline, ADDRESS, PASSWORD).await.expect(200).text("/access_token");
    for path in ["/me/second-factors/totp", "/me/second-factors/passkeys/options"] {
        let reply = airline.call("POST", path, Some(&token), Some(json!({"name": "Mine"}))).await;
        assert_eq!(reply.expect(409).code(), "address_unconfirmed", "{path}");
    }
    // One from before this was asked: whoever shows that the address is theirs is rid of it.
    let set = "UPDATE users SET email_verified_at = created_at WHERE role = 'traveller'";
    airline.sql().await.execute(set, &[]).await.expect("confirmed");
    protect(&airline, &token).await;
    unconfirmed(&airline).await;
    say(&airline, "/password/forgotten", None, json!({"email": ADDRESS})).await.expect(204);
    let reset = mailed(&airline, &support, "reset").await;
    say(&airline, "/password/reset", None, json!({"token": reset, "password": OTHER})).await.expect(204);
    assert_eq!(doors(&airline).await, 0);
    log_in(&airline, ADDRESS, OTHER).await.expect(200).text("/access_token");
    // An address that was confirmed keeps its factor through a reset.
    let token = log_in(&airline, ADDRESS, OTHER).await.expect(200).text("/access_token");
    protect(&airline, &token).await;
    say(&airline, "/password/forgotten", None, json!({"email": ADDRESS})).await.expect(204);
    let reset = mailed(&airline, &support, "reset").await;
    say(&airline, "/password/reset", None, json!({"token": reset, "password": PASSWORD})).await.expect(204);
    assert_eq!(log_in(&airline, ADDRESS, PASSWORD).await.expect(200).json["second_factor_required"], true);
}

/// Registering and then logging in: whether the address had an account shows in neither answer.
#[tokio::test]
async fn two_requests_tell_no_more_than_one() {
    let airline = Airline::with(|config| config.auth.login_unconfirmed = false).await;
    let support = airline.account("support@example.com", Role::Support).await;
    airline.account("known@example.com", Role::Traveller).await;
    let mut told = Vec::new();
    for email in ["known@example.com", "free@example.com"] {
        let body = json!({"email": email, "password": OTHER, "name": "Mallory"});
        let asked = say(&airline, "/register", None, body).await.expect(202);
        let entered = log_in(&airline, email, OTHER).await.expect(401);
        let mut detail = entered.json.clone();
        detail["request_id"] = Value::Null;
        let names: Vec<_> = entered.headers.keys().map(ToString::to_string).collect();
        told.push((
            asked.json.as_object().map(serde_json::Map::len),
            entered.code().to_owned(),
            detail,
            names,
        ));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].1, "wrong_credentials");
    // Whoever has the mail gets in.
    let token = mailed(&airline, &support, "verify").await;
    say(&airline, "/verification", None, json!({"token": token})).await.expect(204);
    log_in(&airline, "free@example.com", OTHER).await.expect(200);
    log_in(&airline, "known@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_device_is_a_stranger_after_a_new_password_and_stays_one_device_through_a_second_factor() {
    let airline = Airline::new().await;
    let first = airline.account(ADDRESS, Role::Traveller).await;
    let with = async |password: &str, device: &str| {
        let body = json!({"email": ADDRESS, "password": password, "device_token": device});
        say(&airline, "/login", None, body).await
    };
    let device = log_in(&airline, ADDRESS, PASSWORD).await.expect(200).text("/device_token");
    let used_up = async |password: &str| {
        for _ in 0..10 {
            log_in(&airline, ADDRESS, password).await;
        }
        log_in(&airline, ADDRESS, password).await.expect(429);
    };
    used_up("not this one at all").await;
    with(PASSWORD, &device).await.expect(200);
    let body = json!({"current": PASSWORD, "password": OTHER});
    say(&airline, "/me/password", Some(&first), body).await.expect(204);
    assert_eq!(with(OTHER, &device).await.expect(429).code(), "too_many_guesses");
    airline.later(SignedDuration::from_hours(1));
    let entered = with(OTHER, &device).await.expect(200);
    let (token, device) = (entered.text("/access_token"), entered.text("/device_token"));
    // A second factor keeps the device: its own guesses are used up for what it is given then as well.
    let (app, _) = protect(&airline, &token).await;
    let half = with(OTHER, &device).await.expect(200).text("/login_token");
    let evidence = json!({"code": app.shows(airline.clock.now()), "device_token": device});
    let kept = second_factor::second(&airline, &half, evidence).await.expect(200).text("/device_token");
    for _ in 0..10 {
        with("not this one at all", &device).await.expect(401);
    }
    with(OTHER, &kept).await.expect(429);
}

#[tokio::test]
async fn a_password_that_was_good_beside_a_second_factor_is_not_good_alone() {
    let airline = Airline::new().await;
    let (admin, support) =
        (airline.admin().await, airline.account("support@example.com", Role::Support).await);
    let token = airline.account(ADDRESS, Role::Traveller).await;
    let id = airline.call("GET", "/profile", Some(&token), None).await.expect(200).text("/id");
    protect(&airline, &token).await;
    let short = "nine+nine";
    let body = json!({"current": PASSWORD, "password": short});
    say(&airline, "/me/password", Some(&token), body).await.expect(204);
    assert_eq!(log_in(&airline, ADDRESS, short).await.expect(200).json["second_factor_required"], true);
    let path = format!("/admin/accounts/{id}/second-factors");
    airline.call("DELETE", &path, Some(&admin), None).await.expect(204);
    log_in(&airline, ADDRESS, "nine+ninety").await.expect(401);
    assert_eq!(log_in(&airline, ADDRESS, short).await.expect(403).code(), "new_password_required");
    say(&airline, "/password/forgotten", None, json!({"email": ADDRESS})).await.expect(204);
    let reset = mailed(&airline, &support, "reset").await;
    say(&airline, "/password/reset", None, json!({"token": reset, "password": short})).await.expect(422);
    say(&airline, "/password/reset", None, json!({"token": reset, "password": OTHER})).await.expect(204);
    log_in(&airline, ADDRESS, OTHER).await.expect(200);
}

/// Whoever has somebody's session adds a factor: the owner hears of it, by mail, while it can be undone.
#[tokio::test]
async fn the_owner_is_told_what_is_done_to_second_factors() {
    let airline = Airline::new().await;
    let (admin, support) =
        (airline.admin().await, airline.account("support@example.com", Role::Support).await);
    let token = airline.account(ADDRESS, Role::Traveller).await;
    let id = airline.call("GET", "/profile", Some(&token), None).await.expect(200).text("/id");
    let told = async || {
        let list = airline.call("GET", "/admin/mails?limit=20", Some(&support), None).await.expect(200);
        let mails = list.json["mails"].as_array().cloned().unwrap_or_default();
        assert!(mails.iter().all(|mail| mail["shown"]["to"] == ADDRESS), "{mails:?}");
        let names = mails.iter().filter_map(|mail| mail["template"].as_str());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let (app, _) = protect(&airline, &token).await;
    assert_eq!(told().await, ["second-factor-added"]);
    say(&airline, "/me/second-factors/recovery-codes", Some(&token), json!({})).await.expect(200);
    assert_eq!(told().await[0], "recovery-codes-made");
    airline.later(SignedDuration::from_secs(1));
    let path = format!("/me/second-factors/{}", app.id);
    airline.call("DELETE", &path, Some(&token), None).await.expect(204);
    assert_eq!(told().await[0], "second-factor-removed");
    protect(&airline, &token).await;
    let path = format!("/admin/accounts/{id}/second-factors");
    for _ in 0..2 {
        airline.later(SignedDuration::from_secs(1));
        airline.call("DELETE", &path, Some(&admin), None).await.expect(204);
    }
    let told = told().await;
    assert_eq!(
        (told[0].as_str(), told.len()),
        ("second-factors-reset", 5),
        "and of nothing that was not done"
    );
}
