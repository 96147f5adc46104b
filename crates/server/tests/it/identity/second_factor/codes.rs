//! Adding, seeing, renaming and removing factors; what is good once.

use jiff::SignedDuration;
use kernel::Clock;
use serde_json::json;
use server::identity::api::Role;

use super::authenticator::SITE;
use super::*;

#[tokio::test]
async fn an_app_is_added_with_a_code_and_other_sessions_end() {
    let airline = Airline::new().await;
    let here = airline.account("asha@example.com", Role::Traveller).await;
    let there = password(&airline, "asha@example.com").await.text("/access_token");
    let app = begin(&airline, &here, "My telephone").await;
    let now = airline.clock.now();
    assert_eq!(confirm(&airline, &here, &app, &app.wrong(now)).await.expect(422).json["field"], "code");
    // Until it is confirmed it counts for nothing.
    let list = async || airline.call("GET", "/me/second-factors", Some(&here), None).await.expect(200).json;
    assert_eq!(list().await, json!({"second_factors": [], "recovery_codes_left": 0}));
    password(&airline, "asha@example.com").await.text("/access_token");
    assert_eq!(profile(&airline, &there).await, 200);

    confirm(&airline, &here, &app, &app.shows(now)).await.expect(200);
    assert_eq!((profile(&airline, &here).await, profile(&airline, &there).await), (200, 401));
    confirm(&airline, &here, &app, &app.shows(now)).await.expect(404);
    let listed = list().await;
    assert_eq!(listed["second_factors"][0]["kind"], "totp");
    assert_eq!(
        (&listed["second_factors"][0]["id"], &listed["recovery_codes_left"]),
        (&json!(app.id), &json!(10))
    );

    // A second one, which brings no new recovery codes; and what was begun and left.
    let left = begin(&airline, &here, "Left").await;
    let other = begin(&airline, &here, "Tablet").await;
    confirm(&airline, &here, &left, &left.shows(now)).await.expect(404);
    airline.later(SignedDuration::from_mins(16));
    confirm(&airline, &here, &other, &other.shows(airline.clock.now())).await.expect(404);
    let other = begin(&airline, &here, "Tablet").await;
    let added = confirm(&airline, &here, &other, &other.shows(airline.clock.now())).await.expect(200);
    assert_eq!(added.json["recovery_codes"], json!(null));
    let path = format!("/me/second-factors/{}", other.id);
    let stranger = airline.account("other@example.com", Role::Traveller).await;
    airline.call("PATCH", &path, Some(&stranger), Some(json!({"name": "Mine"}))).await.expect(404);
    airline.call("DELETE", &path, Some(&stranger), None).await.expect(404);
    confirm(&airline, &stranger, &other, &other.shows(airline.clock.now())).await.expect(404);
    let renamed =
        airline.call("PATCH", &path, Some(&here), Some(json!({"name": " Desk "}))).await.expect(200);
    assert_eq!(renamed.text("/name"), "Desk");
    airline.call("PATCH", &path, Some(&here), Some(json!({"name": ""}))).await.expect(422);
}

#[tokio::test]
async fn removing_ends_other_sessions_and_with_the_last_go_the_recovery_codes() {
    let airline = Airline::new().await;
    let (here, app, codes) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    let login_token = half(&airline, "asha@example.com").await;
    let there =
        second(&airline, &login_token, json!({"code": app.shows(airline.clock.now())})).await.expect(200);
    let waiting = half(&airline, "asha@example.com").await;
    airline.call("DELETE", &format!("/me/second-factors/{}", app.id), Some(&here), None).await.expect(204);
    assert_eq!(
        (profile(&airline, &here).await, profile(&airline, &there.text("/access_token")).await),
        (200, 401)
    );
    second(&airline, &waiting, json!({"recovery_code": codes[0]})).await.expect(401);
    password(&airline, "asha@example.com").await.text("/access_token");
    assert_eq!(airline.count("SELECT count(*) FROM recovery_codes").await, 0);
    let again =
        airline.call("POST", "/me/second-factors/recovery-codes", Some(&here), None).await.expect(409);
    assert_eq!(again.code(), "no_second_factor");
}

#[tokio::test]
async fn a_code_is_good_once_and_one_step_off() {
    let airline = Airline::new().await;
    let (_, app, _) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    // The code of the step before was shown when the app was added, and is used up although it would fit.
    let (half_one, now) = (half(&airline, "asha@example.com").await, airline.clock.now());
    let try_at =
        async |steps: i32| second(&airline, &half_one, json!({"code": app.shows(now + STEP * steps)})).await;
    assert_eq!(try_at(-1).await.expect(401).code(), "second_factor_refused");
    try_at(2).await.expect(401);
    try_at(-2).await.expect(401);
    try_at(1).await.expect(200);
    // A clock that is a step ahead used up the present step as well.
    let next = half(&airline, "asha@example.com").await;
    for steps in [1, 0] {
        second(&airline, &next, json!({"code": app.shows(now + STEP * steps)})).await.expect(401);
    }
    airline.later(STEP);
    second(&airline, &next, json!({"code": app.shows(now + STEP * 2)})).await.expect(200);
}

#[tokio::test]
async fn of_many_with_one_code_one_gets_in() {
    let airline = Airline::new().await;
    airline.warm_pool().await;
    let (_, app, codes) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    for evidence in [json!({"code": app.shows(airline.clock.now())}), json!({"recovery_code": codes[3]})] {
        let mut halves = Vec::new();
        for _ in 0..8 {
            halves.push(half(&airline, "asha@example.com").await);
        }
        let tries = halves.iter().map(|token| second(&airline, token, evidence.clone()));
        let replies = futures_util::future::join_all(tries).await;
        let inside = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(inside, 1, "{evidence}");
        assert!(replies.iter().all(|reply| [200, 401].contains(&reply.status.as_u16())), "{replies:?}");
    }
    // And of many with one login token.
    airline.later(STEP);
    let token = half(&airline, "asha@example.com").await;
    let tries = [0, 1, 2, 4, 5].map(|code| second(&airline, &token, json!({"recovery_code": codes[code]})));
    let replies = futures_util::future::join_all(tries).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_made_anew() {
    let airline = Airline::new().await;
    let (here, _, codes) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!(distinct.len(), 10);
    let typed = codes[0].to_lowercase().replace('-', " ");
    let token = half(&airline, "asha@example.com").await;
    second(&airline, &token, json!({"recovery_code": typed})).await.expect(200);
    let token = half(&airline, "asha@example.com").await;
    second(&airline, &token, json!({"recovery_code": codes[0]})).await.expect(401);
    let list = airline.call("GET", "/me/second-factors", Some(&here), None).await.expect(200);
    assert_eq!(list.json["recovery_codes_left"], 9);
    let anew = airline.call("POST", "/me/second-factors/recovery-codes", Some(&here), None).await.expect(200);
    second(&airline, &token, json!({"recovery_code": codes[1]})).await.expect(401);
    second(&airline, &token, json!({"recovery_code": anew.text("/recovery_codes/9")})).await.expect(200);
    // Somebody else's codes are nobody else's.
    let (_, _, others) = enrolled(&airline, "other@example.com", Role::Traveller).await;
    let token = half(&airline, "asha@example.com").await;
    second(&airline, &token, json!({"recovery_code": others[0]})).await.expect(401);
}

#[tokio::test]
async fn what_makes_codes_is_at_rest_only_sealed() {
    let airline = Airline::new().await;
    let (here, app, codes) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    let token = half(&airline, "asha@example.com").await;
    let everything = "SELECT string_agg(t::text, ' ') FROM (
        SELECT f::text FROM second_factors f UNION ALL SELECT r::text FROM recovery_codes r
        UNION ALL SELECT l::text FROM login_tokens l) AS rows (t)";
    let dump: String = airline.sql().await.query_one(everything, &[]).await.expect("rows").get(0);
    assert!(dump.contains("totp"), "{dump}");
    let plain = codes[0].replace('-', "");
    let hashed =
        sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), &plain));
    for secret in
        [&app.secret[..], b"My telephone", plain.as_bytes(), codes[0].as_bytes(), token.as_bytes(), &hashed]
    {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!dump.contains(&hex), "{hex} can be read in the database");
        assert!(!dump.contains(&*String::from_utf8_lossy(secret)));
    }
    // A sealed secret that is moved to another factor opens there no more, be it the same account's.
    let other = begin(&airline, &here, "Tablet").await;
    confirm(&airline, &here, &other, &other.shows(airline.clock.now())).await.expect(200);
    let moved = "UPDATE second_factors f SET secret_sealed = o.secret_sealed FROM second_factors o WHERE o.id <> f.id";
    airline.sql().await.batch(moved).await.expect("moved");
    let token = half(&airline, "asha@example.com").await;
    airline.later(STEP);
    for app in [&app, &other] {
        let reply = second(&airline, &token, json!({"code": app.shows(airline.clock.now())})).await;
        assert_eq!(reply.status, 500, "it does not open");
    }
}

#[tokio::test]
async fn changing_factors_needs_a_fresh_proof_with_a_factor() {
    let airline = Airline::with(|config| config.auth.step_up_minutes = 15).await;
    let (token, app, codes) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    airline.later(SignedDuration::from_mins(16));
    let path = format!("/me/second-factors/{}", app.id);
    let name = || Some(json!({"name": "Tablet"}));
    for (method, path, body) in [
        ("POST", "/me/second-factors/totp", name()),
        ("POST", "/me/second-factors/recovery-codes", None),
        ("DELETE", path.as_str(), None),
    ] {
        let refused = airline.call(method, path, Some(&token), body).await.expect(403);
        assert_eq!(refused.code(), "step_up_required", "{method} {path}");
    }
    let prove = async |body| airline.call("POST", "/me/proof", Some(&token), Some(body)).await;
    // The password alone proves nothing of an account that has more.
    assert_eq!(prove(json!({"password": PASSWORD})).await.expect(403).code(), "second_factor_required");
    let now = airline.clock.now();
    assert_eq!(prove(json!({"code": app.wrong(now)})).await.expect(403).code(), "wrong_proof");
    for none in
        [json!({}), json!({"code": "1", "recovery_code": "2"}), json!({"password": PASSWORD, "code": "1"})]
    {
        prove(none).await.expect(422);
    }
    airline.call("DELETE", &path, Some(&token), None).await.expect(403);
    prove(json!({"code": app.shows(now)})).await.expect(204);
    prove(json!({"code": app.shows(now)})).await.expect(403);
    prove(json!({"recovery_code": codes[0]})).await.expect(204);
    airline.call("DELETE", &path, Some(&token), None).await.expect(204);
    prove(json!({"password": PASSWORD})).await.expect(204);
}

#[tokio::test]
async fn an_account_has_ten_factors_at_most() {
    let airline = Airline::with(|config| config.http.public_url = SITE.into()).await;
    let (token, _, _) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    let more =
        "INSERT INTO second_factors (user_id, id, kind, name_sealed, secret_sealed, added_at, confirmed_at)
        SELECT user_id, gen_random_uuid(), kind, name_sealed, secret_sealed, added_at, confirmed_at
        FROM second_factors, generate_series(1, $1)";
    airline.sql().await.execute(more, &[&8_i32]).await.expect("added");
    begin(&airline, &token, "The tenth").await;
    let one = "UPDATE second_factors SET confirmed_at = added_at";
    airline.sql().await.execute(one, &[]).await.expect("confirmed");
    for (path, body) in [("totp", json!({"name": "One more"})), ("passkeys/options", json!({}))] {
        let path = format!("/me/second-factors/{path}");
        let refused = airline.call("POST", &path, Some(&token), Some(body)).await.expect(409);
        refused.has_code("too_many_second_factors");
    }
}

/// Whoever knew the password before the factors changed gives it again.
#[tokio::test]
async fn half_a_sign_in_ends_when_the_factors_change() {
    let airline = Airline::new().await;
    let (here, app, codes) = enrolled(&airline, "asha@example.com", Role::Traveller).await;
    let waiting = half(&airline, "asha@example.com").await;
    let other = begin(&airline, &here, "Tablet").await;
    confirm(&airline, &here, &other, &other.shows(airline.clock.now())).await.expect(200);
    second(&airline, &waiting, json!({"recovery_code": codes[0]})).await.expect(401);
    airline.later(STEP);
    let waiting = half(&airline, "asha@example.com").await;
    airline.call("DELETE", &format!("/me/second-factors/{}", app.id), Some(&here), None).await.expect(204);
    let code = || json!({"code": other.shows(airline.clock.now())});
    second(&airline, &waiting, code()).await.expect(401);
    let again = half(&airline, "asha@example.com").await;
    second(&airline, &again, code()).await.expect(200);
}
