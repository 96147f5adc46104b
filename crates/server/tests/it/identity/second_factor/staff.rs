//! What staff must have.

use ::platform::config::Required;
use kernel::Clock;
use serde_json::json;
use server::identity::api::Role;

use super::*;

async fn strict() -> Airline {
    Airline::with(|config| config.auth.staff_second_factor = Required::Always).await
}

/// Every operation of the contract, asked with a session that was opened without the factor.
#[tokio::test]
async fn staff_without_a_factor_reach_nothing_but_adding_one() {
    let airline = strict().await;
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let traveller = airline.traveller().await;
    let (mut refused, mut open) = (0, Vec::new());
    for role in [Role::Admin, Role::Agent] {
        let token = airline.account(&format!("{}@example.com", role.as_str()), role).await;
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                if operation["x-access"] == "public" {
                    continue;
                }
                let path = path
                    .replace("{id}", "flt_20261201000080008000b97700134001")
                    .replace("{delivery}", "whd_1");
                let ask = async |token| {
                    let body = Some(json!({}));
                    airline.call_keyed(&method.to_uppercase(), &path, Some(token), body, Some("k")).await
                };
                let reply = ask(&token).await;
                let limited = reply.status == 403 && reply.code() == "second_factor_required";
                if operation["x-enrolment"] == true {
                    assert!(!limited, "{method} {path}: {}", reply.json);
                    open.push(format!("{method} {path}"));
                } else {
                    assert!(limited, "{method} {path}: {} {}", reply.status, reply.json);
                    refused += 1;
                }
                // It is the session that is refused so, and no traveller's.
                if !path.ends_with("/logout") {
                    assert_ne!(ask(&traveller).await.code(), "second_factor_required", "{method} {path}");
                }
            }
        }
    }
    assert!(refused >= 2 * 50, "{refused}");
    assert!(
        open.iter().all(|name| name.contains("/me/second-factors") || name.contains("/me/proof")),
        "{open:?}"
    );
    assert_eq!(open.len() % 2, 0);
}

#[tokio::test]
async fn staff_add_one_and_sign_in_with_it() {
    let airline = strict().await;
    airline.account("admin@example.com", Role::Admin).await;
    let limited = password(&airline, "admin@example.com").await;
    let token = limited.text("/access_token");
    assert_eq!(profile(&airline, &token).await, 403);
    // Going on with it makes it no wider.
    let refresh = json!({"refresh_token": limited.text("/refresh_token")});
    let next = airline.call("POST", "/refresh", None, Some(refresh)).await.expect(200).text("/access_token");
    assert_eq!(profile(&airline, &next).await, 403);
    let app = begin(&airline, &next, "Desk").await;
    confirm(&airline, &next, &app, &app.shows(airline.clock.now())).await.expect(200);
    for over in [&token, &next] {
        assert_eq!(
            profile(&airline, over).await,
            401,
            "a session without the factor does not become one with it"
        );
    }
    airline.later(STEP);
    let login_token = half(&airline, "admin@example.com").await;
    let code = json!({"code": app.shows(airline.clock.now())});
    let token = second(&airline, &login_token, code).await.expect(200).text("/access_token");
    airline.call("GET", "/admin/promotions", Some(&token), None).await.expect(200);
    airline.call("GET", "/admin/webhooks", Some(&token), None).await.expect(200);

    // The last one stays.
    let path = format!("/me/second-factors/{}", app.id);
    let last = airline.call("DELETE", &path, Some(&token), None).await.expect(409);
    assert_eq!(last.code(), "last_second_factor");
    let other = begin(&airline, &token, "Spare").await;
    airline.call("DELETE", &path, Some(&token), None).await.expect(409);
    confirm(&airline, &token, &other, &other.shows(airline.clock.now())).await.expect(200);
    airline.call("DELETE", &path, Some(&token), None).await.expect(204);
    // What is theirs as for everybody else needs none of travellers.
    let traveller = airline.traveller().await;
    assert_eq!(profile(&airline, &traveller).await, 200);
}

/// A session of staff from before the setting, or from before the role, may not do what staff do.
#[tokio::test]
async fn a_session_without_the_factor_does_nothing_of_staffs() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.call("GET", "/admin/promotions", Some(&admin), None).await.expect(200);
    let mut config = airline.app.config.clone();
    config.auth.staff_second_factor = Required::Always;
    let strict = airline.app_with(config, std::sync::Arc::clone(&airline.clock) as std::sync::Arc<dyn Clock>);
    let asked = crate::support::request("GET", "/admin/promotions", Some(&admin), None, None);
    let refused = crate::support::send(server::router::service(&strict), asked).await.expect(403);
    assert_eq!(refused.code(), "second_factor_required");
}

#[tokio::test]
async fn an_administrator_lets_somebody_begin_anew_and_it_is_recorded() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let (token, _, codes) = enrolled(&airline, "agent@example.com", Role::Agent).await;
    let id = airline.call("GET", "/profile", Some(&token), None).await.expect(200).text("/id");
    let path = format!("/admin/accounts/{id}/second-factors");
    let waiting = half(&airline, "agent@example.com").await;
    airline.call("DELETE", &path, Some(&token), None).await.expect(403);
    airline.call("DELETE", &path, Some(&admin), None).await.expect(204);
    assert_eq!(profile(&airline, &token).await, 401);
    second(&airline, &waiting, json!({"recovery_code": codes[0]})).await.expect(401);
    let left = "SELECT (SELECT count(*) FROM recovery_codes) + (SELECT count(*) FROM login_tokens)";
    assert_eq!(airline.count(left).await, 0, "a factor that is added next brings nothing of this back");
    password(&airline, "agent@example.com").await.text("/access_token");
    let audit = airline.call("GET", "/admin/audit", Some(&admin), None).await.expect(200);
    let acts = audit.json["records"].as_array().expect("records");
    let act =
        acts.iter().find(|act| act["action"] == "account.reset_second_factors").expect("it is recorded");
    assert_eq!((&act["object"], &act["before"]["second_factors"]), (&json!(id), &json!(1)));
    let own = airline.call("GET", "/profile", Some(&admin), None).await.expect(200).text("/id");
    let own = format!("/admin/accounts/{own}/second-factors");
    assert_eq!(airline.call("DELETE", &own, Some(&admin), None).await.expect(422).code(), "own_account");
}
