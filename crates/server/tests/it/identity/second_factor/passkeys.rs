//! Passkeys, answered by one made of software.

use ::platform::config::Required;
use jiff::SignedDuration;
use kernel::Clock;
use serde_json::json;
use server::identity::api::Role;

use super::authenticator::{ONLY_PRESENT, ONLY_VERIFIED, Passkey, SITE, Says};
use super::*;
use crate::support::{request, send};

const ASHA: &str = "asha@example.com";

async fn airline() -> Airline {
    Airline::with(|config| config.http.public_url = SITE.into()).await
}

async fn options(airline: &Airline, path: &str, token: Option<&str>) -> Value {
    airline.call("POST", path, token, Some(json!({}))).await.expect(200).json["options"].clone()
}

async fn add(airline: &Airline, token: &str, credential: Value) -> Reply {
    let body = json!({"name": "My key", "credential": credential});
    airline.call("POST", "/me/second-factors/passkeys", Some(token), Some(body)).await
}

/// An account with a passkey: its token, and the passkey.
async fn with_passkey(airline: &Airline, email: &str, seed: u8) -> (String, Passkey) {
    let token = airline.account(email, Role::Traveller).await;
    let mut passkey = Passkey::new(seed);
    let begun = options(airline, "/me/second-factors/passkeys/options", Some(&token)).await;
    let added = add(airline, &token, passkey.register(&begun, &Says::default())).await.expect(201);
    assert_eq!(
        (added.text("/second_factor/kind").as_str(), added.json["recovery_codes"][9].is_string()),
        ("passkey", true)
    );
    (token, passkey)
}

async fn alone(airline: &Airline, credential: Value) -> Reply {
    airline.call("POST", "/login/passkey", None, Some(json!({"credential": credential}))).await
}

#[tokio::test]
async fn a_passkey_opens_alone_after_a_password_and_proves() {
    let airline = airline().await;
    let (here, mut passkey) = with_passkey(&airline, ASHA, 7).await;
    let begun = options(&airline, "/login/passkey/options", None).await;
    assert_eq!((&begun["rpId"], &begun["userVerification"]), (&json!("udaan.example"), &json!("required")));
    let reply = alone(&airline, passkey.answer(&begun)).await.expect(200);
    assert_eq!(profile(&airline, &reply.text("/access_token")).await, 200);
    assert_eq!(profile(&airline, &here).await, 200);

    let half = password(&airline, ASHA).await;
    assert_eq!(half.json["kinds"], json!(["passkey", "recovery_code"]));
    let answer = passkey.answer(&half.json["passkey"]);
    let token = second(&airline, &half.text("/login_token"), json!({"passkey": answer})).await.expect(200);
    let token = token.text("/access_token");

    let asked = options(&airline, "/me/proof/options", Some(&token)).await;
    let proof = json!({"passkey": passkey.answer(&asked)});
    airline.call("POST", "/me/proof", Some(&token), Some(proof.clone())).await.expect(204);
    assert_eq!(
        airline.call("POST", "/me/proof", Some(&token), Some(proof)).await.expect(403).code(),
        "wrong_proof"
    );
    let listed = airline.call("GET", "/me/second-factors", Some(&token), None).await.expect(200);
    assert_eq!(
        (
            listed.text("/second_factors/0/name").as_str(),
            listed.json["second_factors"][0]["used_at"].is_string()
        ),
        ("My key", true)
    );
    let factored = "SELECT count(*) FROM sessions WHERE second_factor_at IS NOT NULL AND ended_at IS NULL";
    assert_eq!(airline.count(factored).await, 3);
    // A browser is told which it has, and does not make it twice.
    let more = options(&airline, "/me/second-factors/passkeys/options", Some(&token)).await;
    assert_eq!(more["excludeCredentials"].as_array().map(Vec::len), Some(1));
}

/// What may not be said, each by itself.
fn untrue() -> Vec<(&'static str, Says)> {
    let says = Says::default;
    let from = |origin: &str| Says { origin: origin.into(), ..Says::default() };
    vec![
        ("another origin", from("https://attacker.example")),
        ("an origin with ours in it", from("https://udaan.example.attacker.example")),
        ("a page below ours", from("https://app.udaan.example")),
        ("another port", from("https://udaan.example:8443")),
        ("no TLS", from("http://udaan.example")),
        ("a frame in another page", Says { cross_origin: true, ..says() }),
        ("another domain", Says { domain: "attacker.example", ..says() }),
        ("another challenge", Says { challenge: Some("AAAAAAAAAAAAAAAAAAAAAA".into()), ..says() }),
        ("a challenge of another length", Says { challenge: Some("AAAA".into()), ..says() }),
        ("user not verified", Says { flags: ONLY_PRESENT, ..says() }),
        ("user not present", Says { flags: ONLY_VERIFIED, ..says() }),
        ("another ceremony", Says { kind: Some("payment.get"), ..says() }),
    ]
}

#[tokio::test]
async fn no_untrue_registration_is_taken() {
    let airline = airline().await;
    let token = airline.account(ASHA, Role::Traveller).await;
    let begin = async || options(&airline, "/me/second-factors/passkeys/options", Some(&token)).await;
    let mut passkey = Passkey::new(7);
    for (what, says) in untrue() {
        let refused = add(&airline, &token, passkey.register(&begin().await, &says)).await;
        assert_eq!((refused.status.as_u16(), &refused.json["field"]), (422, &json!("credential")), "{what}");
    }
    let get = Says { kind: Some("webauthn.get"), ..Says::default() };
    add(&airline, &token, passkey.register(&begin().await, &get)).await.expect(422);
    add(&airline, &token, json!({})).await.expect(422);
    // Too late; of somebody else's begun; and twice.
    let late = begin().await;
    airline.later(SignedDuration::from_mins(5));
    add(&airline, &token, passkey.register(&late, &Says::default())).await.expect(422);
    let stranger = airline.account("other@example.com", Role::Traveller).await;
    let mine = begin().await;
    let answer = passkey.register(&mine, &Says::default());
    add(&airline, &stranger, answer.clone()).await.expect(422);
    assert_eq!(airline.count("SELECT count(*) FROM second_factors").await, 0);
    add(&airline, &token, answer.clone()).await.expect(201);
    add(&airline, &token, answer).await.expect(422);
    // One passkey is one account's.
    let theirs = options(&airline, "/me/second-factors/passkeys/options", Some(&stranger)).await;
    add(&airline, &stranger, passkey.register(&theirs, &Says::default())).await.expect(422);
    // A challenge is for whom it was made, whoever its row says that it is for.
    let mine = begin().await;
    let moved = "UPDATE passkey_challenges c SET user_id = u.id FROM users u WHERE u.id <> c.user_id";
    airline.sql().await.execute(moved, &[]).await.expect("moved");
    add(&airline, &stranger, Passkey::new(9).register(&mine, &Says::default())).await.expect(422);
    assert_eq!(airline.count("SELECT count(*) FROM second_factors").await, 1);
}

#[tokio::test]
async fn no_untrue_assertion_is_taken() {
    let airline = airline().await;
    let (_, mut passkey) = with_passkey(&airline, ASHA, 7).await;
    let (_, others) = with_passkey(&airline, "other@example.com", 8).await;
    let mut attacks = untrue();
    attacks.push(("a registration's", Says { kind: Some("webauthn.create"), ..Says::default() }));
    attacks.push(("a signature of another key", Says { other_key: true, ..Says::default() }));
    attacks.push(("an altered signature", Says { garbled: true, ..Says::default() }));
    attacks.push(("another account's handle", Says { user: Some(others.user.clone()), ..Says::default() }));
    for (what, says) in attacks {
        let begun = options(&airline, "/login/passkey/options", None).await;
        let refused = alone(&airline, passkey.answer_with(&begun, &says)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "passkey_refused"), "alone: {what}");
        let half = password(&airline, ASHA).await;
        let answer = passkey.answer_with(&half.json["passkey"], &says);
        let refused = second(&airline, &half.text("/login_token"), json!({"passkey": answer})).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (401, "second_factor_refused"),
            "second: {what}"
        );
    }
    for nothing in [json!({}), json!("x"), json!({"id": "AA"})] {
        alone(&airline, nothing).await.expect(401);
    }
    let begun = options(&airline, "/login/passkey/options", None).await;
    alone(&airline, passkey.answer(&begun)).await.expect(200);
}

#[tokio::test]
async fn a_challenge_is_good_once_for_what_it_was_given_for() {
    let airline = airline().await;
    let (token, mut passkey) = with_passkey(&airline, ASHA, 7).await;
    let (_, mut others) = with_passkey(&airline, "other@example.com", 8).await;
    let begin = async || options(&airline, "/login/passkey/options", None).await;
    let used = passkey.answer(&begin().await);
    alone(&airline, used.clone()).await.expect(200);
    alone(&airline, used).await.expect(401);
    // Whatever came of it, it is used up.
    let begun = begin().await;
    alone(&airline, passkey.answer_with(&begun, &Says { garbled: true, ..Says::default() }))
        .await
        .expect(401);
    alone(&airline, passkey.answer(&begun)).await.expect(401);
    let late = begin().await;
    airline.later(SignedDuration::from_mins(5));
    alone(&airline, passkey.answer(&late)).await.expect(401);

    let half = password(&airline, ASHA).await;
    let for_second = half.json["passkey"].clone();
    alone(&airline, passkey.answer(&for_second)).await.expect(401);
    let for_login = begin().await;
    let answer = json!({"passkey": passkey.answer(&for_login)});
    second(&airline, &half.text("/login_token"), answer).await.expect(401);
    let for_new = options(&airline, "/me/second-factors/passkeys/options", Some(&token)).await;
    alone(&airline, passkey.answer(&for_new)).await.expect(401);
    let answer = json!({"passkey": passkey.answer(&for_new)});
    second(&airline, &half.text("/login_token"), answer).await.expect(401);
    // Another account's half, and another account's passkey.
    let theirs = password(&airline, "other@example.com").await;
    let crossed = json!({"passkey": passkey.answer(&theirs.json["passkey"])});
    second(&airline, &theirs.text("/login_token"), crossed).await.expect(401);
    let crossed = json!({"passkey": others.answer(&half.json["passkey"])});
    second(&airline, &half.text("/login_token"), crossed).await.expect(401);
    let half = password(&airline, ASHA).await;
    let theirs = password(&airline, "other@example.com").await;
    let mixed = json!({"passkey": passkey.answer(&theirs.json["passkey"])});
    second(&airline, &half.text("/login_token"), mixed).await.expect(401);

    airline.later(SignedDuration::from_mins(6));
    airline.run_jobs().await;
    assert_eq!(
        airline.count("SELECT count(*) FROM passkey_challenges").await,
        0,
        "what is over is forgotten"
    );
}

#[tokio::test]
async fn a_counter_that_goes_back_tells_of_a_copy() {
    let airline = airline().await;
    let (_, mut passkey) = with_passkey(&airline, ASHA, 7).await;
    let mut at = async |counter: u32| {
        passkey.counter = counter - 1;
        let begun = options(&airline, "/login/passkey/options", None).await;
        alone(&airline, passkey.answer(&begun)).await.status.as_u16()
    };
    assert_eq!(at(10).await, 200);
    assert_eq!((at(10).await, at(9).await, at(1).await), (401, 401, 401));
    assert_eq!(at(11).await, 200);
}

/// A copy is used at the moment the passkey is: the second of them sees the counter that the first left.
#[tokio::test]
async fn of_two_with_one_counter_one_gets_in() {
    let airline = airline().await;
    let (_, mut passkey) = with_passkey(&airline, ASHA, 7).await;
    let begun = options(&airline, "/login/passkey/options", None).await;
    alone(&airline, passkey.answer(&begun)).await.expect(200);
    let mut answers = Vec::new();
    for _ in 0..2 {
        passkey.counter = 19;
        let begun = options(&airline, "/login/passkey/options", None).await;
        let body = Some(json!({"credential": passkey.answer(&begun)}));
        answers.push(request("POST", "/login/passkey", None, body, None));
    }
    let held = airline.holding("SELECT 1 FROM second_factor_guesses FOR UPDATE").await;
    let mut both = Vec::new();
    for answer in answers {
        both.push(airline.waiting(send(airline.router(), answer)).await);
    }
    held.commit().await.expect("let go");
    let mut statuses = Vec::new();
    for one in both {
        statuses.push(one.await.expect("an answer").status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn a_passkey_opens_a_browser_and_for_staff_and_while_codes_wait() {
    let airline = Airline::with(|config| {
        config.http.public_url = SITE.into();
        config.auth.staff_second_factor = Required::Always;
    })
    .await;
    let limited = airline.account("admin@example.com", Role::Admin).await;
    let mut passkey = Passkey::new(7);
    let begun = options(&airline, "/me/second-factors/passkeys/options", Some(&limited)).await;
    add(&airline, &limited, passkey.register(&begun, &Says::default())).await.expect(201);
    assert_eq!(profile(&airline, &limited).await, 401);
    let begun = options(&airline, "/login/passkey/options", None).await;
    let token = alone(&airline, passkey.answer(&begun)).await.expect(200).text("/access_token");
    airline.call("GET", "/admin/promotions", Some(&token), None).await.expect(200);

    let app = begin(&airline, &token, "Telephone").await;
    confirm(&airline, &token, &app, &app.shows(airline.clock.now())).await.expect(200);
    for _ in 0..20 {
        let wrong = json!({"code": app.wrong(airline.clock.now())});
        airline.call("POST", "/me/proof", Some(&token), Some(wrong)).await.expect(403);
    }
    airline.call("POST", "/me/proof", Some(&token), Some(json!({"code": "000000"}))).await.expect(429);
    let half = password(&airline, "admin@example.com").await;
    assert_eq!(half.json["kinds"], json!(["totp", "passkey", "recovery_code"]));
    let answer = json!({"passkey": passkey.answer(&half.json["passkey"])});
    second(&airline, &half.text("/login_token"), answer).await.expect(200);

    let mut browser = async |site: &str| {
        let begun = options(&airline, "/login/passkey/options", None).await;
        let body = json!({"credential": passkey.answer(&begun)});
        let mut asked = request("POST", "/session/passkey", None, Some(body), None);
        asked.headers_mut().insert("sec-fetch-site", site.parse().expect("a header"));
        asked.headers_mut().insert("x-udaan-client", "web".parse().expect("a header"));
        send(airline.router(), asked).await
    };
    assert_eq!(browser("cross-site").await.expect(403).code(), "cross_site");
    let opened = browser("same-origin").await.expect(204);
    assert!(opened.headers["set-cookie"].to_str().expect("text").starts_with("__Host-udaan="));

    airline.sql().await.batch("UPDATE users SET disabled_at = now()").await.expect("disabled");
    browser("same-origin").await.expect(401);
}

#[tokio::test]
async fn passkeys_need_a_name_and_are_sealed() {
    let numbered = Airline::new().await;
    let token = numbered.account(ASHA, Role::Traveller).await;
    for (path, token) in [
        ("/login/passkey/options", None),
        ("/me/proof/options", Some(token.as_str())),
        ("/me/second-factors/passkeys/options", Some(token.as_str())),
    ] {
        let refused = numbered.call("POST", path, token, None).await.expect(422);
        assert_eq!(refused.code(), "passkeys_need_a_domain", "{path}");
    }
    let airline = airline().await;
    let (_, mut passkey) = with_passkey(&airline, ASHA, 7).await;
    let (_, _) = with_passkey(&airline, "other@example.com", 8).await;
    let dump = "SELECT string_agg(f::text, ' ') FROM second_factors f";
    let dump: String = airline.sql().await.query_one(dump, &[]).await.expect("rows").get(0);
    assert!(dump.contains("passkey") && !dump.contains(&"07".repeat(16)), "{dump}");
    // The key of another account's passkey, written over this one's, does not open here.
    let moved = "UPDATE second_factors f SET secret_sealed = o.secret_sealed FROM second_factors o WHERE o.user_id <> f.user_id";
    airline.sql().await.batch(moved).await.expect("moved");
    let begun = options(&airline, "/login/passkey/options", None).await;
    alone(&airline, passkey.answer(&begun)).await.expect(500);
}

/// Wanted of a device, and not insisted on: one that does not know the extension could make no passkey (CTAP 2.1 section 12.1).
#[tokio::test]
async fn a_device_without_the_newest_protection_makes_a_passkey_too() {
    let airline = airline().await;
    let token = airline.account(ASHA, Role::Traveller).await;
    let begun = options(&airline, "/me/second-factors/passkeys/options", Some(&token)).await;
    let extensions = &begun["extensions"];
    assert_eq!(extensions["credentialProtectionPolicy"], "userVerificationRequired", "{extensions}");
    assert_eq!(extensions["enforceCredentialProtectionPolicy"], false, "{extensions}");
}

#[tokio::test]
async fn the_last_passkey_of_an_account_without_a_password_stays() {
    let airline = airline().await;
    let (token, _) = with_passkey(&airline, ASHA, 7).await;
    airline.sql().await.execute("UPDATE users SET password_hash = ''", &[]).await.expect("no password");
    let listed = airline.call("GET", "/me/second-factors", Some(&token), None).await.expect(200);
    let path = format!("/me/second-factors/{}", listed.text("/second_factors/0/id"));
    airline.call("DELETE", &path, Some(&token), None).await.expect(409).has_code("last_way_in");
    let mut another = Passkey::new(8);
    let begun = options(&airline, "/me/second-factors/passkeys/options", Some(&token)).await;
    add(&airline, &token, another.register(&begun, &Says::default())).await.expect(201);
    airline.call("DELETE", &path, Some(&token), None).await.expect(204);
}

/// Whoever found a session open and knows the password, which may be what was stolen, sets no other.
#[tokio::test]
async fn a_new_password_asks_for_the_second_factor_too() {
    let airline = Airline::with(|config| {
        config.http.public_url = SITE.into();
        config.auth.step_up_minutes = 10;
    })
    .await;
    let (token, mut passkey) = with_passkey(&airline, ASHA, 7).await;
    airline.later(SignedDuration::from_mins(11));
    let new = json!({"current": "a password of some length", "password": "trains under the ghats"});
    let set = || airline.call("POST", "/me/password", Some(&token), Some(new.clone()));
    set().await.expect(403).has_code("step_up_required");
    // Nor do they add a passkey of their own, be it that the owner had begun to.
    for (path, body) in [
        ("/me/second-factors/passkeys/options", json!({})),
        ("/me/second-factors/passkeys", json!({"name": "Mine", "credential": {}})),
    ] {
        let adding = airline.call("POST", path, Some(&token), Some(body)).await.expect(403);
        adding.has_code("step_up_required");
    }
    let asked = options(&airline, "/me/proof/options", Some(&token)).await;
    let proof = json!({"passkey": passkey.answer(&asked)});
    airline.call("POST", "/me/proof", Some(&token), Some(proof)).await.expect(204);
    set().await.expect(204);
    // Without a second factor the password is the proof.
    let other = airline.account("other@example.com", Role::Traveller).await;
    airline.later(SignedDuration::from_mins(11));
    airline.call("POST", "/me/password", Some(&other), Some(new)).await.expect(204);
}
