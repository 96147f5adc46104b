//! Hostility by rate: each fault alone and certain, what it does to the book, and that it is counted.

use gateway::{Fault, Hostility};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::support::{Served, id, read, served, served_as, timed_out, was_replayed};

async fn hostile(rates: &str) -> Served {
    served_as(|config| config.hostility = rates.parse().expect("rates")).await
}

async fn calm(gateway: &Served) {
    let (status, set) = read(gateway.post("/_test/hostility", &[("seed", "9")])).await;
    assert_eq!((status, &set["seed"]), (StatusCode::OK, &9.into()));
}

async fn injected(gateway: &Served, fault: Fault) -> u64 {
    let (_, counted) = gateway.get("/_test/hostility").await;
    counted["faults"][fault.name()]["injected"].as_u64().expect("a number")
}

fn pay(gateway: &Served) -> reqwest::RequestBuilder {
    gateway.pay("4242424242424242").header("idempotency-key", "k1")
}

/// The call again, once the gateway is friendly.
async fn again(gateway: &Served) -> Response {
    calm(gateway).await;
    pay(gateway).send().await.expect("an answer")
}

#[tokio::test]
async fn what_fails_before_its_effect_has_none_and_works_the_second_time() {
    for fault in [Fault::ErrorBefore, Fault::ResetBefore, Fault::TimeoutBefore, Fault::Hang] {
        let gateway = hostile(&format!("{}=1", fault.name())).await;
        match fault {
            Fault::ErrorBefore => assert_eq!(read(pay(&gateway)).await.0, StatusCode::SERVICE_UNAVAILABLE),
            Fault::ResetBefore => {
                let error = pay(&gateway).send().await.expect_err("a reset");
                assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
            }
            _ => assert!(timed_out(pay(&gateway)).await),
        }
        assert_eq!(gateway.intents_in_book().await, 0, "{fault:?}");
        assert_eq!(injected(&gateway, fault).await, 1, "{fault:?}");
        let answer = again(&gateway).await;
        assert!(!was_replayed(&answer));
        assert_eq!(answer.status(), StatusCode::OK, "{fault:?}");
        assert_eq!(gateway.intents_in_book().await, 1);
    }
}

#[tokio::test]
async fn what_fails_after_its_effect_has_one_and_is_not_done_twice() {
    for fault in [Fault::ErrorAfter, Fault::ResetAfter, Fault::TimeoutAfter] {
        let gateway = hostile(&format!("{}=1", fault.name())).await;
        match fault {
            Fault::ErrorAfter => assert_eq!(read(pay(&gateway)).await.0.as_u16(), 500),
            Fault::ResetAfter => assert!(!pay(&gateway).send().await.expect_err("a reset").is_timeout()),
            _ => assert!(timed_out(pay(&gateway)).await),
        }
        assert_eq!(gateway.book().await["payment_intents"][0]["status"], "succeeded", "{fault:?}");
        assert_eq!(injected(&gateway, fault).await, 1);
        let answer = again(&gateway).await;
        assert!(was_replayed(&answer), "{fault:?}");
        let expected = if fault == Fault::ErrorAfter { 500 } else { 200 };
        assert_eq!(answer.status().as_u16(), expected, "{fault:?}");
        assert_eq!(gateway.intents_in_book().await, 1);
    }
}

#[tokio::test]
async fn looks_fail_too_and_what_a_test_needs_does_not() {
    let gateway = served().await;
    let intent = gateway.paid().await;
    let (status, _) =
        read(gateway.post("/_test/hostility", &[("error_before", "0.5"), ("error_after", "0.5")])).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = gateway.get(&format!("/v1/payment_intents/{intent}")).await;
    assert!(status.is_server_error());
    for path in ["/v1/events", "/v1/webhook_endpoints", "/_test/book", "/_test/webhooks"] {
        assert_eq!(gateway.get(path).await.0, StatusCode::OK, "{path}");
    }
    let form = [("url", "http://127.0.0.1:9/"), ("enabled_events[]", "*")];
    assert_eq!(read(gateway.post("/v1/webhook_endpoints", &form)).await.0, StatusCode::OK);
    let (status, refused) = read(gateway.post("/_test/hostility", &[("eror_before", "1")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
}

#[tokio::test]
async fn a_refused_call_is_refused_and_counts_no_fault() {
    let gateway = hostile("error_after=1").await;
    let (status, _) = read(gateway.post("/v1/payment_intents", &[("amount", "0")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(injected(&gateway, Fault::ErrorAfter).await, 0);
}

#[tokio::test]
async fn good_cards_are_declined_and_refunds_drag_on() {
    let gateway = served().await;
    let intents = [gateway.paid().await, gateway.paid().await];
    read(gateway.post("/_test/hostility", &[("decline", "1"), ("refund_failed", "1")])).await;
    let mut reasons: Vec<String> = Vec::new();
    for _ in 0..40 {
        let (status, declined) = read(gateway.pay("4242424242424242")).await;
        assert_eq!(status, StatusCode::PAYMENT_REQUIRED);
        reasons.push(declined["error"]["decline_code"].as_str().expect("a reason").to_owned());
    }
    reasons.sort();
    reasons.dedup();
    assert!(reasons.len() >= 4, "{reasons:?}");
    let refund = |intent: &str| gateway.post("/v1/refunds", &[("payment_intent", intent)]);
    let (_, failing) = read(refund(&intents[0])).await;
    read(gateway.post("/_test/hostility", &[("refund_pending", "1")])).await;
    let (_, slow) = read(refund(&intents[1])).await;
    assert_eq!((&failing["status"], &slow["status"]), (&"pending".into(), &"pending".into()));
    gateway.later(10);
    assert_eq!(
        (gateway.status(&failing).await, gateway.status(&slow).await),
        ("failed".into(), "succeeded".into())
    );
}

/// A shop that asks again until it knows, at a gateway where a third of everything goes wrong: one effect for each key,
/// and the gateway's book says so.
#[tokio::test]
async fn asking_again_until_it_is_known_charges_once() {
    let gateway = hostile("error_before=0.1,error_after=0.1,reset_before=0.1,reset_after=0.1,seed=11").await;
    for payment in 0..100 {
        let key = format!("pay_{payment}");
        for _ in 0..50 {
            let call = gateway.pay_with("pm_card_visa", &[("metadata[payment]", &key)]);
            let call = call.header("idempotency-key", &key).send().await;
            // A kept 500 is no answer either: the list tells.
            let found = gateway.client.get(format!("{}/v1/payment_intents", gateway.site));
            let found =
                found.query(&[("metadata[payment]", &key)]).bearer_auth(crate::support::KEY).send().await;
            let found = match found {
                Ok(found) if found.status() == StatusCode::OK => found.json::<Value>().await.ok(),
                _ => None,
            };
            let known = found.is_some_and(|found| found["data"][0]["status"] == "succeeded");
            if known && call.is_ok() {
                break;
            }
        }
    }
    let (_, counted) = gateway.get("/_test/hostility").await;
    let book = gateway.book().await;
    let intents = book["payment_intents"].as_array().expect("intents");
    assert_eq!(intents.len(), 100);
    assert!(intents.iter().all(|intent| intent["status"] == "succeeded"));
    for fault in [Fault::ErrorBefore, Fault::ErrorAfter, Fault::ResetBefore, Fault::ResetAfter] {
        assert!(counted["faults"][fault.name()]["injected"].as_u64() > Some(5), "{counted}");
    }
    assert_eq!(id(&intents[0]).len(), "pi_".len() + 24);
    let built = Hostility::default().with(Fault::Hang, 0.5);
    assert_eq!(Ok(built), "hang=0.5".parse());
}
