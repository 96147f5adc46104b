//! Methods kept for later payments.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use super::{one_hold, status};
use crate::support::{Airline, Reply};

async fn save(airline: &Airline, user: &str, token: &str, key: &str) -> Reply {
    let body = json!({"type": "card", "token": token});
    airline.call_keyed("POST", "/me/payment-methods", Some(user), Some(body), Some(key)).await
}

async fn saved(airline: &Airline, user: &str) -> Vec<Value> {
    let listed = airline.call("GET", "/me/payment-methods", Some(user), None).await.expect(200);
    listed.json["payment_methods"].as_array().expect("methods").clone()
}

fn chosen(id: &str) -> Value {
    json!({"type": "saved", "saved_method": id})
}

#[tokio::test]
async fn a_card_is_kept_paid_with_and_removed() {
    let (airline, user, booking) = one_hold().await;
    let kept = save(&airline, &user, "pm_card_visa", "s1").await.expect(201);
    assert_eq!((kept.text("/status"), kept.text("/method/last4")), ("ready".into(), "4242".into()));
    let replay = save(&airline, &user, "pm_card_visa", "s1").await.expect(201);
    assert_eq!((replay.bytes, saved(&airline, &user).await), (kept.bytes.clone(), vec![kept.json.clone()]));
    let id = kept.text("/id");
    let stranger = airline.account("other@example.com", Role::Traveller).await;
    assert!(saved(&airline, &stranger).await.is_empty());
    let path = format!("/me/payment-methods/{id}");
    airline.call("DELETE", &path, Some(&stranger), None).await.expect(404);
    airline.pay_by(&stranger, &booking, chosen(&id), "p0").await.expect(404);

    let paid = airline.pay_by(&user, &booking, chosen(&id), "p1").await.expect(201);
    assert_eq!((paid.text("/status"), paid.text("/method/last4")), ("succeeded".into(), "4242".into()));
    assert_eq!(status(&airline, &user, &booking).await, "confirmed");
    airline.call("DELETE", &path, Some(&user), None).await.expect(204);
    airline.call("DELETE", &path, Some(&user), None).await.expect(404);
    assert!(saved(&airline, &user).await.is_empty());
    assert_eq!(airline.run_job("settle_saved_methods").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM saved_methods").await, 0);
    let customer = airline.gateway_book().await["customers"][0]["id"].as_str().expect("an id").to_owned();
    let left = airline.gateway_get(&format!("/v1/payment_methods?customer={customer}")).await;
    assert_eq!(left["data"], json!([]), "the gateway has let go of it");
    let replay = airline.pay_by(&user, &booking, chosen(&id), "p1").await.expect(201);
    assert_eq!(replay.bytes, paid.bytes, "the same answer, though the method is gone");
    let book = airline.gateway_book().await.to_string();
    assert!(
        !book.contains("asha@example.com") && !book.contains("Rao"),
        "the gateway has our id and no name"
    );
}

#[tokio::test]
async fn a_card_that_asks_is_ready_once_it_is_approved() {
    for (verdict, outcome) in [("approve", "ready"), ("refuse", "failed")] {
        let (airline, user, booking) = one_hold().await;
        let kept = save(&airline, &user, "pm_card_authenticationRequiredOnSetup", "s1").await.expect(201);
        assert_eq!(kept.text("/status"), "requires_action");
        let early = airline.pay_by(&user, &booking, chosen(&kept.text("/id")), "p1").await.expect(409);
        assert_eq!(early.code(), "payment_method_not_ready");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let page = format!("{}/{verdict}", kept.text("/action_url"));
        client.expect("a client").post(page).send().await.expect("an answer");
        airline.later(SignedDuration::from_secs(6));
        airline.run_job("settle_saved_methods").await;
        let now = saved(&airline, &user).await.remove(0);
        assert_eq!((&now["status"], &now["action_url"]), (&outcome.into(), &Value::Null));
        if verdict == "approve" {
            let paid = airline.pay_by(&user, &booking, chosen(&kept.text("/id")), "p2").await.expect(201);
            assert_eq!(paid.text("/status"), "succeeded", "approved once, not asked again");
        }
    }
}

#[tokio::test]
async fn a_setup_that_is_left_is_given_up_and_a_refused_card_says_why() {
    let (airline, user, _) = one_hold().await;
    let left = save(&airline, &user, "pm_card_authenticationRequired", "s1").await.expect(201);
    airline.later(SignedDuration::from_mins(16));
    airline.run_job("settle_saved_methods").await;
    let now = saved(&airline, &user).await.remove(0);
    assert_eq!((&now["id"], &now["failure_code"]), (&left.json["id"], &"abandoned".into()));
    let refused = save(&airline, &user, "pm_card_chargeDeclined", "s2").await.expect(201);
    assert_eq!(
        (refused.text("/status"), refused.text("/failure_code")),
        ("failed".into(), "generic_decline".into())
    );
    let nobody = save(&airline, &user, "pm_nobodys", "s3").await.expect(201);
    assert_eq!(nobody.text("/failure_code"), "resource_missing");
    save(&airline, &user, "pm 1", "s4").await.expect(422);
}

#[tokio::test]
async fn a_setup_that_was_not_answered_is_looked_for() {
    for fault in ["error_after", "reset_after", "error_before"] {
        let (airline, user, booking) = one_hold().await;
        save(&airline, &user, "pm_card_visa", "s0").await.expect(201);
        airline.gateway_post("/_test/hostility", &[(fault, "1")]).await;
        let kept = save(&airline, &user, "pm_card_mastercard", "s1").await.expect(201);
        assert_eq!(kept.text("/status"), "pending", "{fault}");
        airline.gateway_post("/_test/hostility", &[]).await;
        airline.later(SignedDuration::from_secs(31));
        airline.run_job("settle_saved_methods").await;
        let now = saved(&airline, &user).await;
        assert_eq!((now.len(), &now[1]["status"]), (2, &"ready".into()), "{fault}");
        let setups = airline.gateway_book().await["setup_intents"].as_array().map(Vec::len);
        assert_eq!(setups, Some(2), "{fault}");
        airline.pay_by(&user, &booking, chosen(&kept.text("/id")), "p1").await.expect(201);
        assert_eq!(status(&airline, &user, &booking).await, "confirmed");
    }
}

#[tokio::test]
async fn twenty_methods_are_enough() {
    let (airline, user, _) = one_hold().await;
    for number in 0..20 {
        save(&airline, &user, "pm_card_visa", &format!("s{number}")).await.expect(201);
    }
    let more = save(&airline, &user, "pm_card_visa", "s20").await.expect(409);
    assert_eq!(more.code(), "too_many_payment_methods");
}
