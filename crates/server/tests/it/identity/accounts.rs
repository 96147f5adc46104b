//! Addresses that are confirmed, changed and taken back; passwords that are forgotten and changed; and nothing given away.

use ::platform::config::Mode;
use base64::Engine;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::{Airline, Reply};

const ADDRESS: &str = "asha@example.com";
const PASSWORD: &str = "monsoon over malabar";
const OTHER: &str = "trains under the ghats";

/// An airline with somebody on its staff who reads the demo's mails.
struct Post {
    airline: Airline,
    support: String,
}

impl Post {
    async fn new() -> Self {
        let airline = Airline::new().await;
        let support = airline.account("support@example.com", Role::Support).await;
        Self { airline, support }
    }

    async fn say(&self, path: &str, token: Option<&str>, body: Value) -> Reply {
        self.airline.later(SignedDuration::from_secs(1));
        self.airline.call("POST", path, token, Some(body)).await
    }

    async fn register(&self) {
        let body = json!({"email": ADDRESS, "password": PASSWORD, "name": "Meera Rao"});
        self.say("/register", None, body).await.expect(202);
    }

    async fn log_in(&self, email: &str, password: &str) -> Reply {
        self.say("/login", None, json!({"email": email, "password": password})).await
    }

    async fn signed_in(&self, email: &str, password: &str) -> String {
        self.log_in(email, password).await.expect(200).text("/access_token")
    }

    /// To whom each mail went and which it was, the newest first.
    async fn mails(&self) -> Vec<(String, String)> {
        let list =
            self.airline.call("GET", "/admin/mails?limit=100", Some(&self.support), None).await.expect(200);
        let mails = list.json["mails"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        mails.map(|mail| (text(&mail["shown"]["to"]), text(&mail["template"]))).collect()
    }

    /// The token of the newest mail, whose link the page opens.
    async fn token(&self, page: &str) -> String {
        let list =
            self.airline.call("GET", "/admin/mails?limit=1", Some(&self.support), None).await.expect(200);
        let text = list.text("/mails/0/shown/text");
        let link = text.lines().find(|line| line.contains("/account#")).unwrap_or_else(|| panic!("{text}"));
        let (before, token) = link.split_once('=').expect("a token");
        assert_eq!(before, format!("http://127.0.0.1:8080/account#{page}"));
        token.to_owned()
    }

    async fn verified(&self, token: &str) -> bool {
        let profile = self.airline.call("GET", "/profile", Some(token), None).await.expect(200);
        profile.json["email_verified"] == true
    }
}

fn to(address: &str, template: &str) -> (String, String) {
    (address.to_owned(), template.to_owned())
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_mail_once_and_in_time() {
    let post = Post::new().await;
    post.register().await;
    assert_eq!(post.mails().await, [to(ADDRESS, "verify-address")]);
    let token = post.token("verify").await;
    let signed_in = post.signed_in(ADDRESS, PASSWORD).await;
    assert!(!post.verified(&signed_in).await);
    // Of another purpose, of nobody, cut off.
    for path in ["/password/reset", "/email/confirm", "/email/restore"] {
        let body = if path == "/password/reset" {
            json!({"token": token, "password": OTHER})
        } else {
            json!({"token": token})
        };
        assert_eq!(post.say(path, None, body).await.expect(422).code(), "invalid_token", "{path}");
    }
    post.say("/verification", None, json!({"token": &token[1..]})).await.expect(422);
    // One that came too late, and the next.
    post.airline.later(SignedDuration::from_hours(24));
    assert_eq!(
        post.say("/verification", None, json!({"token": token})).await.expect(422).code(),
        "invalid_token"
    );
    post.say("/me/verification", Some(&signed_in), json!({})).await.expect(204);
    let token = post.token("verify").await;
    post.say("/verification", None, json!({"token": token})).await.expect(204);
    assert!(post.verified(&signed_in).await);
    assert_eq!(
        post.say("/verification", None, json!({"token": token})).await.expect(422).code(),
        "invalid_token"
    );
    let mails = post.mails().await.len();
    post.say("/me/verification", Some(&signed_in), json!({})).await.expect(204);
    assert_eq!(post.mails().await.len(), mails, "nothing is left to confirm");
}

#[tokio::test]
async fn a_mailbox_is_not_filled() {
    let post = Post::new().await;
    post.register().await;
    let signed_in = post.signed_in(ADDRESS, PASSWORD).await;
    for _ in 0..10 {
        post.say("/me/verification", Some(&signed_in), json!({})).await.expect(204);
        post.say("/password/forgotten", None, json!({"email": "Asha@example.com"})).await.expect(204);
        post.register().await;
    }
    assert_eq!(post.mails().await.len(), 5);
    post.airline.later(SignedDuration::from_mins(15));
    post.say("/password/forgotten", None, json!({"email": ADDRESS})).await.expect(204);
    assert_eq!(post.mails().await.len(), 6);
}

#[tokio::test]
async fn registering_a_known_address_looks_the_same_and_tells_its_owner() {
    let post = Post::new().await;
    post.register().await;
    let body = |email: &str| json!({"email": email, "password": OTHER, "name": "Somebody Else"});
    let known = post.say("/register", None, body("Asha@Example.com")).await;
    let unknown = post.say("/register", None, body("Bela@Example.com")).await;
    assert_eq!((known.status, known.bytes.len()), (unknown.status, unknown.bytes.len()));
    let names = |reply: &Reply| reply.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(
        post.mails().await,
        [
            to("Bela@Example.com", "verify-address"),
            to(ADDRESS, "account-exists"),
            to(ADDRESS, "verify-address")
        ]
    );
    post.log_in(ADDRESS, PASSWORD).await.expect(200);
    post.log_in(ADDRESS, OTHER).await.expect(401);
    let token = post.signed_in(ADDRESS, PASSWORD).await;
    assert_eq!(post.airline.call("GET", "/profile", Some(&token), None).await.text("/name"), "Meera Rao");
    // What was made for the sake of the work was taken back.
    let stored = "SELECT (SELECT count(*) FROM users) * 100 + (SELECT count(*) FROM user_emails) * 10 + (SELECT count(*) FROM account_tokens)";
    assert_eq!(post.airline.count(stored).await, 332, "support, Meera and Bela; two tokens");
}

#[tokio::test]
async fn known_and_unknown_addresses_are_asked_the_same_of_the_database() {
    let post = Post::new().await;
    post.register().await;
    let pool = |config: &mut ::platform::config::Database| config.pool = 1;
    let mut database = post.airline.app.config.database.clone();
    pool(&mut database);
    let (app, router) = post.airline.server_with(database).await;
    let counted = async |path: &str, body: Value| -> Vec<(String, i64)> {
        app.db.read().await.expect("a connection").batch("SELECT pg_stat_reset()").await.expect("reset");
        let reply = crate::support::send(
            router.clone(),
            crate::support::request("POST", path, None, Some(body), None),
        );
        assert!(reply.await.status.is_success());
        let sql = app.db.read().await.expect("a connection");
        // What this connection counted becomes visible when it is idle.
        sql.batch("SELECT pg_stat_force_next_flush()").await.expect("flushed");
        let rows = sql
            .query(
                "SELECT relname::text, n_tup_ins FROM pg_stat_user_tables
                 WHERE relname IN ('users', 'user_keys', 'user_emails', 'account_tokens', 'mails') ORDER BY 1",
                &[],
            )
            .await
            .expect("statistics");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let register = |email: &str| json!({"email": email, "password": OTHER, "name": "Somebody Else"});
    for (path, known, unknown) in [
        ("/register", register(ADDRESS), register("new@example.com")),
        ("/password/forgotten", json!({"email": ADDRESS}), json!({"email": "nobody@example.com"})),
    ] {
        let (known, unknown) = (counted(path, known).await, counted(path, unknown).await);
        assert!(known.iter().any(|(_, inserted)| *inserted > 0), "{path}: {known:?}");
        assert_eq!(known, unknown, "{path}: rows written, also those taken back");
    }
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_the_mail_alone() {
    let post = Post::new().await;
    post.register().await;
    let session = post.signed_in(ADDRESS, PASSWORD).await;
    let known = post.say("/password/forgotten", None, json!({"email": ADDRESS})).await.expect(204);
    let token = post.token("reset").await;
    let unknown =
        post.say("/password/forgotten", None, json!({"email": "nobody@example.com"})).await.expect(204);
    assert_eq!(known.headers.len(), unknown.headers.len());
    assert_eq!(post.mails().await.len(), 2, "nobody else got one");
    let stored: String = {
        let all = "SELECT string_agg(t::text, ' ') FROM account_tokens t";
        post.airline.sql().await.query_one(all, &[]).await.expect("rows").get(0)
    };
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&token).expect("base64");
    let secret: String = bytes[16..].iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!stored.contains(&secret), "the secret is not stored");
    // Rules first: a refusal does not use the link up.
    for (password, code) in [
        ("short", "invalid_field"),
        ("password12345678", "common_password"),
        ("meera flies to goa", "personal_password"),
    ] {
        let reply = post
            .say("/password/reset", None, json!({"token": token, "password": password}))
            .await
            .expect(422);
        assert_eq!((reply.code(), reply.text("/field").as_str()), (code, "password"));
    }
    let body = json!({"token": token, "password": OTHER});
    let twice = futures_util::future::join(
        post.airline.call("POST", "/password/reset", None, Some(body.clone())),
        post.airline.call("POST", "/password/reset", None, Some(body.clone())),
    );
    let (one, two) = twice.await;
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422], "good once");
    post.airline.call("GET", "/profile", Some(&session), None).await.expect(401);
    post.log_in(ADDRESS, PASSWORD).await.expect(401);
    let session = post.signed_in(ADDRESS, OTHER).await;
    assert!(post.verified(&session).await, "whoever has the mail has the address");
    assert_eq!(post.mails().await[0], to(ADDRESS, "password-changed"));
    // A link of before does not outlive the next new password, nor half an hour.
    post.say("/password/forgotten", None, json!({"email": ADDRESS})).await.expect(204);
    let older = post.token("reset").await;
    post.say("/me/password", Some(&session), json!({"current": OTHER, "password": PASSWORD}))
        .await
        .expect(204);
    post.say("/password/reset", None, json!({"token": older, "password": OTHER})).await.expect(422);
    post.say("/password/forgotten", None, json!({"email": ADDRESS})).await.expect(204);
    let late = post.token("reset").await;
    post.airline.later(SignedDuration::from_mins(30));
    post.say("/password/reset", None, json!({"token": late, "password": OTHER})).await.expect(422);
}

#[tokio::test]
async fn a_new_password_wants_the_current_one_and_ends_the_other_sessions() {
    let post = Post::new().await;
    post.register().await;
    let (here, there) = (post.signed_in(ADDRESS, PASSWORD).await, post.signed_in(ADDRESS, PASSWORD).await);
    let change = |current: &str, password: &str| json!({"current": current, "password": password});
    let wrong = post.say("/me/password", Some(&here), change("not this one", OTHER)).await.expect(403);
    assert_eq!(wrong.code(), "wrong_proof");
    let short = post.say("/me/password", Some(&here), change(PASSWORD, "only fourteen.")).await.expect(422);
    assert_eq!(short.code(), "invalid_field");
    post.say("/me/password", Some(&here), change(PASSWORD, OTHER)).await.expect(204);
    post.airline.call("GET", "/profile", Some(&here), None).await.expect(200);
    post.airline.call("GET", "/profile", Some(&there), None).await.expect(401);
    post.log_in(ADDRESS, PASSWORD).await.expect(401);
    post.log_in(ADDRESS, OTHER).await.expect(200);
    assert_eq!(post.mails().await[0], to(ADDRESS, "password-changed"));
}

#[tokio::test]
async fn a_new_address_counts_once_confirmed_and_the_old_one_has_a_way_back() {
    let post = Post::new().await;
    post.register().await;
    let session = post.signed_in(ADDRESS, PASSWORD).await;
    let new = "meera@elsewhere.example";
    post.say("/me/email", Some(&session), json!({"email": new})).await.expect(204);
    assert_eq!(post.mails().await[0], to(new, "confirm-address"));
    let token = post.token("confirm").await;
    post.log_in(new, PASSWORD).await.expect(401);
    post.say("/email/confirm", None, json!({"token": token})).await.expect(204);
    post.say("/email/confirm", None, json!({"token": token})).await.expect(422);
    post.log_in(ADDRESS, PASSWORD).await.expect(401);
    let session = post.signed_in(new, PASSWORD).await;
    assert_eq!(post.airline.call("GET", "/profile", Some(&session), None).await.text("/email"), new);
    assert_eq!(post.mails().await[0], to(ADDRESS, "address-changed"));
    let back = post.token("restore").await;
    // Nobody else gets the old address meanwhile, and whoever took the account over cannot stop its owner by a new password.
    post.register().await;
    assert_eq!(post.mails().await[0], to(ADDRESS, "account-exists"));
    post.say("/me/password", Some(&session), json!({"current": PASSWORD, "password": OTHER}))
        .await
        .expect(204);
    post.airline.later(SignedDuration::from_hours(24 * 6));
    post.say("/email/restore", None, json!({"token": back})).await.expect(204);
    post.airline.call("GET", "/profile", Some(&session), None).await.expect(401);
    post.log_in(new, OTHER).await.expect(401);
    assert_eq!(post.mails().await[0], to(ADDRESS, "reset-password"));
    let reset = post.token("reset").await;
    post.say("/password/reset", None, json!({"token": reset, "password": "a third one, longer"}))
        .await
        .expect(204);
    post.signed_in(ADDRESS, "a third one, longer").await;
    post.airline.assert_sound().await;
}

#[tokio::test]
async fn a_new_address_that_is_somebody_elses_is_not_taken_and_they_are_told() {
    let post = Post::new().await;
    post.register().await;
    post.airline.account("bela@example.com", Role::Traveller).await;
    let session = post.signed_in(ADDRESS, PASSWORD).await;
    let free = post.say("/me/email", Some(&session), json!({"email": "new@example.com"})).await.expect(204);
    let early = post.token("confirm").await;
    let taken = post.say("/me/email", Some(&session), json!({"email": "Bela@example.com"})).await.expect(204);
    assert_eq!(free.headers.len(), taken.headers.len());
    assert_eq!(post.mails().await[0], to("bela@example.com", "account-exists"));
    // It is registered between the asking and the confirming.
    post.airline.account("new@example.com", Role::Traveller).await;
    post.say("/email/confirm", None, json!({"token": early})).await.expect(422);
    post.log_in(ADDRESS, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_address_is_changed_by_whoever_proved_lately_who_they_are() {
    let airline = Airline::with(|config| config.auth.step_up_minutes = 15).await;
    let session = airline.traveller().await;
    airline.later(SignedDuration::from_mins(16));
    let ask = || airline.call("POST", "/me/email", Some(&session), Some(json!({"email": "new@example.com"})));
    assert_eq!(ask().await.expect(403).code(), "step_up_required");
    let proof = json!({"password": "a password of some length"});
    airline.call("POST", "/me/proof", Some(&session), Some(proof)).await.expect(204);
    ask().await.expect(204);
}

#[tokio::test]
async fn a_password_is_the_same_however_it_was_typed_and_its_hash_follows_the_cost() {
    let airline = Airline::new().await;
    let (apart, together) = ("cafe\u{301} au lait au matin", "caf\u{e9} au lait au matin");
    let body = json!({"email": ADDRESS, "password": apart, "name": "Meera Rao"});
    airline.call("POST", "/register", None, Some(body)).await.expect(202);
    let login = json!({"email": ADDRESS, "password": together});
    airline.call("POST", "/login", None, Some(login.clone())).await.expect(200);
    let hash = "SELECT password_hash FROM users";
    let before: String = airline.sql().await.query_one(hash, &[]).await.expect("a row").get(0);
    let mut config = airline.app.config.clone();
    config.auth.hash_passes = 2;
    let dearer = airline.app_with(config, std::sync::Arc::clone(&airline.clock) as _);
    let router = server::router::service(&dearer);
    let log_in = |body: Value| {
        crate::support::send(
            router.clone(),
            crate::support::request("POST", "/login", None, Some(body), None),
        )
    };
    log_in(json!({"email": ADDRESS, "password": "not this one"})).await.expect(401);
    let same: String = airline.sql().await.query_one(hash, &[]).await.expect("a row").get(0);
    assert_eq!(before, same);
    log_in(login.clone()).await.expect(200);
    let after: String = airline.sql().await.query_one(hash, &[]).await.expect("a row").get(0);
    assert!(before.contains("t=1") && after.contains("t=2"), "{before} {after}");
    airline.call("POST", "/login", None, Some(login)).await.expect(200);
}

#[tokio::test]
async fn a_mail_to_an_address_that_is_not_confirmed_says_nothing_of_the_callers() {
    let post = Post::new().await;
    let body = json!({"email": ADDRESS, "password": PASSWORD, "name": "WIN http://evil.example"});
    post.say("/register", None, body).await.expect(202);
    let list = post.airline.call("GET", "/admin/mails?limit=1", Some(&post.support), None).await.expect(200);
    assert!(!list.text("/mails/0/shown/text").contains("evil"), "{}", list.json);
    assert_eq!(post.airline.app.config.mode, Mode::Demo);
}

#[tokio::test]
async fn the_first_administrator_is_made_on_the_host_with_a_secret_for_half_an_hour() {
    let airline = Airline::new().await;
    let bootstrap = async |email: &str| server::identity::api::bootstrap_admin(&airline.app, email).await;
    let reset = async |token: &str, password: &str| {
        let body = json!({"token": token, "password": password});
        airline.call("POST", "/password/reset", None, Some(body)).await.status.as_u16()
    };
    let log_in = async |email: &str, password: &str| {
        airline.call("POST", "/login", None, Some(json!({"email": email, "password": password}))).await
    };
    let late = bootstrap("boss@airline.example").await.expect("an administrator");
    assert!(late.is_new && late.link.ends_with(&format!("/account#reset={}", late.token)));
    airline.later(SignedDuration::from_mins(30));
    assert_eq!(reset(&late.token, PASSWORD).await, 422);
    // Nobody else becomes one that way; the same again does, and gets another secret.
    let refused = bootstrap("other@airline.example").await.err().map(|problem| problem.code);
    assert_eq!(refused, Some("administrator_exists"));
    let again = bootstrap("Boss@airline.example").await.expect("the same");
    assert!(!again.is_new && again.user == late.user && again.token != late.token);
    assert_eq!((reset(&again.token, PASSWORD).await, reset(&again.token, OTHER).await), (204, 422));
    let session = log_in("boss@airline.example", PASSWORD).await.expect(200).text("/access_token");
    airline.call("GET", "/admin/accounts", Some(&session), None).await.expect(200);

    // An account there was: its password and sessions are good no more.
    let airline = Airline::new().await;
    let session = airline.traveller().await;
    let made = server::identity::api::bootstrap_admin(&airline.app, "traveller@example.com")
        .await
        .expect("promoted");
    assert!(!made.is_new);
    airline.call("GET", "/profile", Some(&session), None).await.expect(401);
    let login = json!({"email": "traveller@example.com", "password": "a password of some length"});
    airline.call("POST", "/login", None, Some(login)).await.expect(401);
}
