//! Roles: what each may do is one table, and taking a role or an account away works within seconds.

use ::platform::config::Required;
use jiff::SignedDuration;
use serde_json::json;
use server::access::Permission;
use server::identity::api::Role;

use crate::support::Airline;

const PASSWORD: &str = "a password of some length";

async fn id_of(airline: &Airline, token: &str) -> String {
    airline.call("GET", "/profile", Some(token), None).await.expect(200).text("/id")
}

/// Every operation of staff is refused to every role whose permission it is not, and to no other.
#[tokio::test]
async fn each_operation_is_open_to_the_roles_of_its_permission() {
    let airline = Airline::new().await;
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let mut asked = 0;
    for role in Role::ALL {
        let token = airline.account(&format!("{}@example.com", role.as_str()), role).await;
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let Some(name) = operation["x-permission"].as_str() else { continue };
                let permission = Permission::all().find(|one| one.as_str() == name).expect("a permission");
                let path = path
                    .replace("{id}", "flt_20261201000080008000b97700134001")
                    .replace("{delivery}", "whd_1");
                let method = method.to_uppercase();
                let reply =
                    airline.call_keyed(&method, &path, Some(&token), Some(json!({})), Some("k")).await;
                assert_eq!(
                    reply.status == 403,
                    !role.may(permission),
                    "{role:?} {method} {path}: {}",
                    reply.json
                );
                asked += 1;
            }
        }
    }
    assert!(asked >= 6 * 25, "{asked}");
}

#[tokio::test]
async fn an_administrator_gives_roles_and_takes_accounts_away() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let asha = airline.account("asha@example.com", Role::Traveller).await;
    let path = format!("/admin/accounts/{}", id_of(&airline, &asha).await);
    let found =
        airline.call("GET", "/admin/accounts?email=ASHA@example.com", Some(&admin), None).await.expect(200);
    assert_eq!(found.text("/accounts/0/name"), "Asha Rao");
    let none =
        airline.call("GET", "/admin/accounts?email=nobody@example.com", Some(&admin), None).await.expect(200);
    assert_eq!(none.json["accounts"], json!([]));

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
async fn staff_need_a_second_factor_in_production() {
    let airline = Airline::with(|config| config.auth.staff_second_factor = Required::Always).await;
    let admin = airline.admin().await;
    let refused = airline.call("GET", "/admin/promotions", Some(&admin), None).await.expect(403);
    assert_eq!(refused.code(), "second_factor_required");
    airline.sql().await.batch("UPDATE sessions SET second_factor_at = proven_at").await.expect("as if given");
    airline.call("GET", "/admin/promotions", Some(&admin), None).await.expect(200);
    // What is theirs as for everybody else needs none.
    let traveller = airline.traveller().await;
    airline.call("GET", "/profile", Some(&traveller), None).await.expect(200);
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
