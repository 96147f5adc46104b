//! Roles: giving them, and taking a role or an account away works within seconds.

use jiff::SignedDuration;
use serde_json::json;
use server::identity::api::Role;

use crate::support::Airline;

const PASSWORD: &str = "a password of some length";

async fn id_of(airline: &Airline, token: &str) -> String {
    airline.call("GET", "/profile", Some(token), None).await.expect(200).text("/id")
}

#[tokio::test]
async fn an_administrator_gives_roles_and_takes_accounts_away() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let asha = airline.account("asha@example.com", Role::Traveller).await;
    let path = format!("/admin/accounts/{}", id_of(&airline, &asha).await);
    let search = async |email: &str| {
        let body = json!({"email": email});
        airline.call("POST", "/admin/accounts/search", Some(&admin), Some(body)).await.expect(200)
    };
    assert_eq!(search("ASHA@example.com").await.text("/accounts/0/name"), "Asha Rao");
    assert_eq!(search("nobody@example.com").await.json["accounts"], json!([]));
    let all = airline.call("GET", "/admin/accounts?role=traveller", Some(&admin), None).await.expect(422);
    assert_eq!(all.text("/field"), "role", "nobody reads through travellers");

    let patch = |body| airline.call("PATCH", &path, Some(&admin), Some(body));
    assert_eq!(patch(json!({"role": "owner"})).await.expect(422).json["field"], "role");
    assert_eq!(patch(json!({"role": "agent"})).await.expect(200).text("/role"), "agent");
    airline.call("GET", "/profile", Some(&asha), None).await.expect(401);
    let login = || {
        let body = json!({"email": "asha@example.com", "password": PASSWORD});
        airline.call("POST", "/login", None, Some(body))
    };
    let reply = login().await.expect(200);
    let (asha, refresh) = (reply.text("/access_token"), reply.text("/refresh_token"));
    airline.call("GET", "/admin/promotions", Some(&asha), None).await.expect(200);
    let staff = airline.call("GET", "/admin/accounts", Some(&admin), None).await.expect(200);
    assert_eq!(staff.json["accounts"].as_array().map(Vec::len), Some(2));
    let agents = airline.call("GET", "/admin/accounts?role=agent", Some(&admin), None).await.expect(200);
    assert_eq!(agents.text("/accounts/0/email"), "asha@example.com");

    assert_eq!(patch(json!({"disabled": true})).await.expect(200).json["disabled"], true);
    airline.call("GET", "/profile", Some(&asha), None).await.expect(401);
    airline.call("POST", "/refresh", None, Some(json!({"refresh_token": refresh}))).await.expect(401);
    // It looks as if there were no such account.
    assert_eq!(login().await.expect(401).code(), "wrong_credentials");
    patch(json!({"disabled": false})).await.expect(200);
    login().await.expect(200);

    let own = format!("/admin/accounts/{}", id_of(&airline, &admin).await);
    for body in [json!({"role": "traveller"}), json!({"disabled": true})] {
        let refused = airline.call("PATCH", &own, Some(&admin), Some(body)).await.expect(422);
        assert_eq!(refused.code(), "own_account");
    }
}

#[tokio::test]
async fn what_is_sensitive_needs_a_fresh_proof() {
    let airline = Airline::with(|config| config.auth.step_up_minutes = 15).await;
    let admin = airline.admin().await;
    let sensitive = || airline.call("GET", "/admin/webhooks", Some(&admin), None);
    sensitive().await.expect(200);
    airline.later(SignedDuration::from_mins(16));
    assert_eq!(sensitive().await.expect(403).code(), "step_up_required");
    airline.call("GET", "/admin/promotions", Some(&admin), None).await.expect(200);
    let prove =
        |password: &str| airline.call("POST", "/me/proof", Some(&admin), Some(json!({"password": password})));
    assert_eq!(prove("not the password").await.expect(403).code(), "wrong_proof");
    sensitive().await.expect(403);
    prove(PASSWORD).await.expect(204);
    sensitive().await.expect(200);
}

/// Both were administrators when they were let in; when the first has taken the second's place away, the second finds that one is
/// left. Both wait for the same rows, so that it never happens to both.
#[tokio::test]
async fn two_administrators_do_not_disable_each_other() {
    let airline = Airline::new().await;
    let one = airline.admin().await;
    let two = airline.account("second@example.com", Role::Admin).await;
    let (one_id, two_id) = (id_of(&airline, &one).await, id_of(&airline, &two).await);
    let holder = airline.app.db.begin().await.expect("a connection");
    holder.batch("SELECT 1 FROM users FOR UPDATE").await.expect("locked");
    let disable = |token: &str, id: &str| {
        let (router, path, token) = (airline.router(), format!("/admin/accounts/{id}"), token.to_owned());
        tokio::spawn(async move {
            let body = Some(json!({"disabled": true}));
            crate::support::send(router, crate::support::request("PATCH", &path, Some(&token), body, None))
                .await
        })
    };
    let both = [disable(&one, &two_id), disable(&two, &one_id)];
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while airline.count(waiting).await < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    drop(holder);
    let mut answers = Vec::new();
    for asked in both {
        let reply = asked.await.expect("no panic");
        answers.push((reply.status.as_u16(), reply.json["code"].as_str().unwrap_or_default().to_owned()));
    }
    answers.sort();
    assert_eq!(answers, [(200, String::new()), (422, "last_administrator".to_owned())]);
    assert_eq!(
        airline.count("SELECT count(*) FROM users WHERE role = 'admin' AND disabled_at IS NULL").await,
        1
    );
}

/// What is left of an erased account is shown without breaking what stands beside it.
#[tokio::test]
async fn an_erased_account_has_no_name_any_more() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let gone = airline.account("gone@example.com", Role::Agent).await;
    let path = format!("/admin/accounts/{}", id_of(&airline, &gone).await);
    let erase = "DELETE FROM user_keys WHERE user_id = (SELECT id FROM users WHERE role = 'agent')";
    airline.sql().await.batch(erase).await.expect("erased");
    let seen = airline.call("GET", &path, Some(&admin), None).await.expect(200);
    assert_eq!((&seen.json["email"], &seen.json["name"]), (&json!(null), &json!(null)));
    let staff = airline.call("GET", "/admin/accounts", Some(&admin), None).await.expect(200);
    assert_eq!(staff.json["accounts"].as_array().map(Vec::len), Some(2));
}
