//! Methods made in the browser, made ready, kept for a customer and used again.

use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{Served, id, read, served};

async fn customer(gateway: &Served) -> String {
    let details = [("name", "Asha Rao"), ("email", "asha@example.com"), ("metadata[user]", "usr_1")];
    let (status, customer) = read(gateway.post("/v1/customers", &details)).await;
    assert_eq!((status, &customer["email"]), (StatusCode::OK, &"asha@example.com".into()));
    id(&customer)
}

async fn set_up(gateway: &Served, customer: &str, method: &str) -> (StatusCode, Value) {
    let form =
        [("customer", customer), ("payment_method", method), ("confirm", "true"), ("usage", "off_session")];
    read(gateway.post("/v1/setup_intents", &form)).await
}

async fn kept(gateway: &Served, customer: &str) -> Vec<String> {
    let (_, listed) = gateway.get(&format!("/v1/payment_methods?customer={customer}")).await;
    listed["data"].as_array().expect("methods").iter().map(id).collect()
}

#[tokio::test]
async fn a_card_is_made_ready_and_charged_without_its_owner() {
    let gateway = served().await;
    let customer = customer(&gateway).await;
    let (_, setup) = set_up(&gateway, &customer, "pm_card_visa").await;
    assert_eq!(setup["status"], "succeeded", "{setup}");
    let method = setup["payment_method"].as_str().expect("a method");
    assert_eq!(kept(&gateway, &customer).await, [method]);
    for _ in 0..2 {
        let (_, paid) =
            read(gateway.pay_with(method, &[("customer", &customer), ("off_session", "true")])).await;
        assert_eq!((&paid["status"], &paid["customer"]), (&"succeeded".into(), &customer.clone().into()));
    }
    let (_, other) = read(gateway.post("/v1/customers", &[])).await;
    for more in [vec![], vec![("customer", other["id"].as_str().expect("an id"))]] {
        let (status, refused) = read(gateway.pay_with(method, &more)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "another's method: {refused}");
    }
    let (_, detached) = read(gateway.post(&format!("/v1/payment_methods/{method}/detach"), &[])).await;
    assert_eq!(detached["customer"], Value::Null);
    assert!(kept(&gateway, &customer).await.is_empty());
    let (_, gone) = read(gateway.pay_with(method, &[("customer", &customer)])).await;
    assert_eq!(gone["error"]["code"], "payment_method_unexpected_state");
}

#[tokio::test]
async fn a_setup_asks_its_owner_once() {
    let gateway = served().await;
    let customer = customer(&gateway).await;
    for (token, away) in [("authenticationRequiredOnSetup", true), ("authenticationRequired", false)] {
        let (_, setup) = set_up(&gateway, &customer, &format!("pm_card_{token}")).await;
        assert_eq!(setup["status"], "requires_action");
        assert!(gateway.answer(&setup, "approve").await.status().is_success());
        let (_, setup) = gateway.get(&format!("/v1/setup_intents/{}", id(&setup))).await;
        assert_eq!((&setup["status"], &setup["next_action"]), (&"succeeded".into(), &Value::Null));
        let method = setup["payment_method"].as_str().expect("a method");
        let (_, paid) =
            read(gateway.pay_with(method, &[("customer", &customer), ("off_session", "true")])).await;
        let code = &paid["error"]["decline_code"];
        assert_eq!((paid["status"] == "succeeded", code == "authentication_required"), (away, !away));
    }
    let (_, refused) = set_up(&gateway, &customer, "pm_card_authenticationRequired").await;
    gateway.answer(&refused, "refuse").await;
    let (_, refused) = gateway.get(&format!("/v1/setup_intents/{}", id(&refused))).await;
    assert_eq!(refused["last_setup_error"]["code"], "setup_intent_authentication_failure");
    assert_eq!(kept(&gateway, &customer).await.len(), 2);
    let told = gateway.told().await;
    for kind in ["setup_intent.requires_action", "setup_intent.succeeded", "setup_intent.setup_failed"] {
        assert!(told.iter().any(|told| told == kind), "{kind} in {told:?}");
    }
}

#[tokio::test]
async fn an_issuer_may_refuse_to_let_a_card_be_kept() {
    let gateway = served().await;
    let customer = customer(&gateway).await;
    let (status, refused) = set_up(&gateway, &customer, "pm_card_chargeDeclined").await;
    assert_eq!((status.as_u16(), &refused["error"]["code"]), (402, &"card_declined".into()));
    assert_eq!(refused["error"]["setup_intent"]["status"], "requires_payment_method");
    let attach = |token: &str| {
        gateway.post(&format!("/v1/payment_methods/pm_card_{token}/attach"), &[("customer", &customer)])
    };
    assert_eq!(read(attach("chargeDeclined")).await.1["error"]["decline_code"], "generic_decline");
    let (_, kept) = read(attach("chargeCustomerFail")).await;
    assert_eq!(kept["customer"], customer.clone());
    let (_, declined) = read(gateway.pay_with(&id(&kept), &[("customer", &customer)])).await;
    assert_eq!(declined["error"]["decline_code"], "generic_decline");
}

#[tokio::test]
async fn a_setup_goes_in_steps_and_can_be_given_up() {
    let gateway = served().await;
    let (_, setup) = read(gateway.post("/v1/setup_intents", &[])).await;
    let path = format!("/v1/setup_intents/{}", id(&setup));
    assert_eq!(setup["status"], "requires_payment_method");
    let missing = gateway.post(&format!("{path}/confirm"), &[]);
    assert_eq!(read(missing).await.1["error"]["code"], "parameter_missing");
    let (_, cancelled) = read(gateway.post(&format!("{path}/cancel"), &[])).await;
    assert_eq!(cancelled["status"], "canceled");
    let late = gateway.post(&format!("{path}/confirm"), &[("payment_method", "pm_card_visa")]);
    assert_eq!(read(late).await.1["error"]["code"], "setup_intent_unexpected_state");
    let (_, setup) = read(gateway.post("/v1/setup_intents", &[("payment_method", "pm_card_visa")])).await;
    assert_eq!(setup["status"], "requires_confirmation");
    let confirm = gateway.post(&format!("/v1/setup_intents/{}/confirm", id(&setup)), &[]);
    assert_eq!(read(confirm).await.1["status"], "succeeded");
}

#[tokio::test]
async fn a_payment_can_keep_its_method_for_the_next() {
    let gateway = served().await;
    let customer = customer(&gateway).await;
    let form = [("customer", customer.as_str()), ("setup_future_usage", "off_session")];
    let (_, paid) = read(gateway.pay_with("pm_card_visa", &form)).await;
    assert_eq!(kept(&gateway, &customer).await, [paid["payment_method"].as_str().expect("a method")]);
    let (_, once) = read(gateway.pay_with("pm_card_mastercard", &[("customer", &customer)])).await;
    let once = once["payment_method"].as_str().expect("a method");
    let (_, again) = read(gateway.pay_with(once, &[("customer", &customer)])).await;
    assert_eq!(again["error"]["code"], "payment_method_unexpected_state", "used once, kept by nobody");
}

#[tokio::test]
async fn a_customer_is_found_changed_and_deleted_with_its_methods() {
    let gateway = served().await;
    let customer = customer(&gateway).await;
    set_up(&gateway, &customer, "pm_card_visa").await;
    let path = format!("/v1/customers/{customer}");
    let (_, changed) = read(gateway.post(&path, &[("name", "Asha R."), ("metadata[tier]", "gold")])).await;
    assert_eq!((&changed["name"], &changed["email"]), (&"Asha R.".into(), &"asha@example.com".into()));
    assert_eq!(changed["metadata"], serde_json::json!({"user": "usr_1", "tier": "gold"}));
    let (_, found) = gateway.get("/v1/customers?email=asha@example.com").await;
    assert_eq!(found["data"][0]["id"], customer);
    let method = kept(&gateway, &customer).await.remove(0);
    let gone = gateway.client.delete(format!("{}{path}", gateway.site)).bearer_auth(crate::support::KEY);
    assert_eq!(read(gone).await.1["deleted"], true);
    assert_eq!(gateway.get(&path).await.1["deleted"], true);
    for form in [vec![], vec![("customer", customer.as_str())]] {
        assert!(read(gateway.pay_with(&method, &form)).await.0.is_client_error());
    }
}

#[tokio::test]
async fn wallets_are_cards_with_a_word_more() {
    let gateway = served().await;
    for (token, wallet) in [("applePay", "apple_pay"), ("googlePay", "google_pay")] {
        let (_, paid) = read(gateway.pay_with(&format!("pm_card_{token}"), &[])).await;
        let method = paid["payment_method"].as_str().expect("a method");
        let (_, method) = gateway.get(&format!("/v1/payment_methods/{method}")).await;
        assert_eq!((&method["type"], &method["card"]["wallet"]["type"]), (&"card".into(), &wallet.into()));
    }
    let (status, _) = read(gateway.pay_with("pm_card_applePayDeclined", &[])).await;
    assert_eq!(status.as_u16(), 402);
}

#[tokio::test]
async fn types_that_were_not_asked_for_do_not_pay() {
    let gateway = served().await;
    let (_, refused) = read(gateway.pay_with("pm_upi", &[("payment_method_types[]", "card")])).await;
    assert_eq!(refused["error"]["code"], "payment_intent_incompatible_payment_method");
    let (_, refused) = read(gateway.pay_with("pm_card_visa", &[("payment_method_types[]", "sofort")])).await;
    assert_eq!(refused["error"]["param"], "payment_method_types");
}

#[tokio::test]
async fn a_browser_makes_a_token_and_nothing_else() {
    let gateway = served().await;
    let url = format!("{}/v1/payment_methods", gateway.site);
    let asked =
        gateway.client.request(reqwest::Method::OPTIONS, &url).header("origin", "http://shop.example");
    let asked = asked.send().await.expect("an answer");
    assert_eq!(asked.status(), StatusCode::NO_CONTENT);
    assert_eq!(asked.headers()["access-control-allow-origin"], "*");
    assert!(
        asked.headers()["access-control-allow-headers"].to_str().expect("text").contains("authorization")
    );
    let card = |key: &'static str| {
        let form = [
            ("type", "card"),
            ("card[number]", "4242424242424242"),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "34"),
            ("card[cvc]", "123"),
            ("key", key),
        ];
        gateway.client.post(&url).header("origin", "http://shop.example").form(&form)
    };
    let made = card("pk_test_udaan").send().await.expect("an answer");
    assert_eq!(made.headers()["access-control-allow-origin"], "*");
    let token = id(&made.json().await.expect("JSON"));
    assert_eq!(read(card("pk_test_other")).await.0, StatusCode::UNAUTHORIZED);
    let (_, paid) = read(gateway.pay_with(&token, &[])).await;
    assert_eq!(paid["status"], "succeeded");
    let charge =
        gateway.client.post(format!("{}/v1/payment_intents", gateway.site)).bearer_auth("pk_test_udaan");
    let (status, refused) = read(charge).await;
    assert_eq!((status, &refused["error"]["code"]), (StatusCode::FORBIDDEN, &"secret_key_required".into()));
    let by_user = gateway.client.get(format!("{}/v1/payment_intents", gateway.site));
    assert_eq!(
        read(by_user.basic_auth(crate::support::KEY, Some(""))).await.0,
        StatusCode::OK,
        "as curl -u does"
    );
}

#[tokio::test]
async fn objects_come_in_the_place_of_their_ids() {
    let gateway = served().await;
    let customer = customer(&gateway).await;
    let (_, paid) = read(gateway.pay_with("pm_card_visa", &[("customer", &customer)])).await;
    let path = format!("/v1/payment_intents/{}", id(&paid));
    let (_, full) = gateway
        .get(&format!("{path}?expand[]=latest_charge&expand[]=customer&expand[]=payment_method"))
        .await;
    assert_eq!(full["latest_charge"]["payment_method_details"]["card"]["last4"], "4242");
    assert_eq!(full["customer"]["email"], "asha@example.com");
    assert_eq!(full["payment_method"]["card"]["brand"], "visa");
    assert_eq!(gateway.get(&format!("{path}?expand[]=nonsense")).await.0.as_u16(), 400);
    let (_, at_once) = read(gateway.pay_with("pm_card_applePay", &[("expand[]", "payment_method")])).await;
    assert_eq!(at_once["payment_method"]["card"]["wallet"]["type"], "apple_pay");
}
