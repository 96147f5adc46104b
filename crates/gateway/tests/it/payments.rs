//! Each test number, idempotency, refunds, the challenge page.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::{id, read, served, served_as, served_with, timed_out, was_replayed};

#[tokio::test]
async fn every_number_does_what_it_says() {
    let gateway = served().await;
    for (number, http, status, code, decline_code) in [
        ("4242424242424242", 200, "succeeded", "", ""),
        ("4111 1111 1111 1111", 200, "succeeded", "", ""),
        ("4000000000000002", 402, "requires_payment_method", "card_declined", "generic_decline"),
        ("4000000000009995", 402, "requires_payment_method", "card_declined", "insufficient_funds"),
        ("4000000000000069", 402, "requires_payment_method", "expired_card", "expired_card"),
        ("4000000000000127", 402, "requires_payment_method", "incorrect_cvc", "incorrect_cvc"),
        ("4000002500003155", 200, "requires_action", "", ""),
        ("4000002760003184", 200, "requires_action", "", ""),
    ] {
        let (answered, body) = read(gateway.pay(number)).await;
        assert_eq!(answered.as_u16(), http, "{number}: {body}");
        let intent = if http == 200 { &body } else { &body["error"]["payment_intent"] };
        assert_eq!(intent["status"], status, "{number}");
        assert_eq!(intent["amount"], 45_900);
        assert_eq!(intent["currency"], "usd");
        assert_eq!(intent["amount_received"], if status == "succeeded" { 45_900 } else { 0 });
        if http == 402 {
            let error = &body["error"];
            assert_eq!((&error["type"], &error["code"]), (&"card_error".into(), &code.into()));
            assert_eq!(error["decline_code"], decline_code);
            assert_eq!(intent["last_payment_error"]["decline_code"], decline_code);
        }
    }
    let (answered, body) = read(gateway.pay("4242424242424241")).await;
    assert_eq!((answered.as_u16(), &body["error"]["code"]), (402, &"incorrect_number".into()));
    assert_eq!(gateway.intents_in_book().await, 8, "a number that cannot be has no intent");
}

#[tokio::test]
async fn a_number_is_nowhere_in_the_book() {
    let gateway = served().await;
    gateway.paid().await;
    let book = gateway.book().await.to_string();
    assert!(book.contains("\"succeeded\"") && !book.contains("424242"));
}

#[tokio::test]
async fn a_lost_answer_is_found_again() {
    let gateway = served().await;
    let call = || gateway.pay("4000000000000408").header("idempotency-key", "k1");
    assert!(timed_out(call()).await);
    let (_, found) = gateway.get("/v1/payment_intents?metadata[payment]=pay_1").await;
    assert_eq!(found["data"][0]["status"], "succeeded");
    let (_, searched) = gateway.get("/v1/payment_intents/search?query=metadata['payment']:'pay_1'").await;
    assert_eq!(searched["data"], found["data"]);
    let again = call().send().await.expect("an answer");
    assert!(was_replayed(&again));
    let again: Value = again.json().await.expect("JSON");
    assert_eq!(again, found["data"][0]);
    assert_eq!(gateway.intents_in_book().await, 1);
}

#[tokio::test]
async fn a_lost_request_did_nothing_and_works_the_second_time() {
    let gateway = served().await;
    let call = || gateway.pay("4000000000000416").header("idempotency-key", "k1");
    assert!(timed_out(call()).await);
    assert_eq!(gateway.intents_in_book().await, 0);
    let (_, found) = gateway.get("/v1/payment_intents?metadata[payment]=pay_1").await;
    assert_eq!(found["data"], Value::Array(Vec::new()));
    let (status, intent) = read(call()).await;
    assert_eq!((status, &intent["status"]), (StatusCode::OK, &"succeeded".into()));
    assert!(timed_out(gateway.pay("4000000000000416")).await, "without a key every call is the first");
    assert_eq!(gateway.intents_in_book().await, 1);
}

#[tokio::test]
async fn a_server_error_may_have_charged() {
    let gateway = served().await;
    let call = || gateway.pay("4000000000000500").header("idempotency-key", "k1");
    let (status, body) = read(call()).await;
    assert_eq!((status.as_u16(), &body["error"]["type"]), (500, &"api_error".into()));
    let again = call().send().await.expect("an answer");
    assert_eq!((again.status().as_u16(), was_replayed(&again)), (500, true), "Stripe replays its errors too");
    let (_, found) = gateway.get("/v1/payment_intents?metadata[payment]=pay_1").await;
    assert_eq!(found["data"][0]["status"], "succeeded");
    assert_eq!(gateway.intents_in_book().await, 1);
}

#[tokio::test]
async fn one_key_is_one_request() {
    let gateway = served().await;
    let keyed = |number| gateway.pay(number).header("idempotency-key", "k1");
    let first = keyed("4242424242424242").send().await.expect("an answer");
    assert!(!was_replayed(&first));
    let first = first.text().await.expect("a body");
    let again = keyed("4242424242424242").send().await.expect("an answer");
    assert!(was_replayed(&again));
    assert_eq!(again.text().await.expect("a body"), first);
    let (status, body) = read(keyed("4000000000000002")).await;
    assert_eq!((status.as_u16(), &body["error"]["type"]), (400, &"idempotency_error".into()));
    let elsewhere = gateway.post("/v1/refunds", &[]).header("idempotency-key", "k1");
    assert_eq!(read(elsewhere).await.1["error"]["type"], "idempotency_error");
    assert_eq!(gateway.intents_in_book().await, 1);
}

#[tokio::test]
async fn a_decline_is_replayed_and_a_refusal_is_not_kept() {
    let gateway = served().await;
    let declined = || gateway.pay("4000000000000002").header("idempotency-key", "k1");
    let first = declined().send().await.expect("an answer").text().await.expect("a body");
    let again = declined().send().await.expect("an answer");
    assert!(was_replayed(&again));
    assert_eq!(again.text().await.expect("a body"), first);
    let wrong = gateway.post("/v1/payment_intents", &[("amount", "0")]).header("idempotency-key", "k2");
    assert_eq!(read(wrong).await.0, StatusCode::BAD_REQUEST);
    let right = gateway.post("/v1/payment_intents", &[("amount", "1"), ("currency", "usd")]);
    assert_eq!(read(right.header("idempotency-key", "k2")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn twenty_identical_calls_at_once_make_one_intent() {
    for latency in [Duration::ZERO, Duration::from_millis(150)] {
        let gateway = served_with(latency).await;
        let mut calls = JoinSet::new();
        for _ in 0..20 {
            let call = gateway.pay("4242424242424242").header("idempotency-key", "k1");
            calls.spawn(async move { read(call).await });
        }
        let answers = calls.join_all().await;
        let under_way = answers.iter().filter(|(status, _)| *status == StatusCode::CONFLICT).count();
        let mut intents: Vec<String> = answers
            .iter()
            .filter(|(status, _)| *status == StatusCode::OK)
            .map(|(_, intent)| id(intent))
            .collect();
        assert_eq!(intents.len() + under_way, 20);
        intents.dedup();
        assert_eq!(intents.len(), 1);
        assert_eq!(gateway.intents_in_book().await, 1);
        assert!(latency.is_zero() || under_way > 0, "calls that meet a slow one are told so");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_frees_its_key() {
    let gateway = served_with(Duration::from_millis(300)).await;
    let call = || gateway.pay("4242424242424242").header("idempotency-key", "k1");
    assert!(call().timeout(Duration::from_millis(100)).send().await.is_err());
    // The server notices the closed connection in its own time; until then the key is in use.
    let mut answer = read(call()).await;
    for _ in 0..100 {
        if answer.0 != StatusCode::CONFLICT {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        answer = read(call()).await;
    }
    assert_eq!(answer.1["status"], "succeeded");
    assert_eq!(gateway.intents_in_book().await, 1);
}

#[tokio::test]
async fn refunds_stop_at_what_came_in() {
    let gateway = served().await;
    let intent = gateway.paid().await;
    let refund =
        |amount: &str| gateway.post("/v1/refunds", &[("payment_intent", &intent), ("amount", amount)]);
    let (status, part) = read(refund("900")).await;
    assert_eq!(
        (status, &part["amount"], &part["status"]),
        (StatusCode::OK, &900.into(), &"succeeded".into())
    );
    let (status, body) = read(refund("45001")).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &"amount_too_large".into()));
    let (_, rest) = read(gateway.post("/v1/refunds", &[("payment_intent", &intent)])).await;
    assert_eq!(rest["amount"], 45_000);
    for amount in ["", "1", "45900"] {
        let (status, body) = read(refund(amount)).await;
        assert_eq!((status.as_u16(), &body["error"]["code"]), (400, &"charge_already_refunded".into()));
    }
    assert_eq!(gateway.get(&format!("/v1/refunds/{}", id(&part))).await.1, part);
    let (_, listed) = gateway.get(&format!("/v1/refunds?payment_intent={intent}")).await;
    assert_eq!(listed["data"], Value::Array(vec![rest, part]));
    assert_eq!(gateway.book().await["payment_intents"][0]["amount_refunded"], 45_900);
}

#[tokio::test]
async fn refunds_at_once_do_not_exceed_what_came_in() {
    let gateway = served().await;
    let intent = gateway.paid().await;
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let call = gateway.post("/v1/refunds", &[("payment_intent", &intent), ("amount", "10000")]);
        calls.spawn(async move { read(call).await.0 });
    }
    let made = calls.join_all().await.into_iter().filter(|status| *status == StatusCode::OK).count();
    assert_eq!(made, 4);
    assert_eq!(gateway.book().await["payment_intents"][0]["amount_refunded"], 40_000);
}

#[tokio::test]
async fn the_traveller_answers_the_challenge() {
    let gateway = served().await;
    for (verdict, status, told) in
        [("approve", "succeeded", "succeeded"), ("refuse", "requires_payment_method", "failed")]
    {
        let (_, intent) = read(gateway.pay("4000002760003184")).await;
        let action = &intent["next_action"];
        assert_eq!(action["type"], "redirect_to_url");
        let url = action["redirect_to_url"]["url"].as_str().expect("an address").to_owned();
        let page = gateway.client.get(&url).send().await.expect("a page").text().await.expect("a body");
        for part in ["<html lang=en>", "<h1>", ">Approve</button>", ">Refuse</button>", "459.00 USD"] {
            assert!(page.contains(part), "{part} in {page}");
        }
        let answer = gateway.client.post(format!("{url}/{verdict}")).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let back =
            format!("https://udaan.example/back?x=1&payment_intent={}&redirect_status={told}", id(&intent));
        assert_eq!(answer.headers()["location"], back.as_str());
        let (_, after) = gateway.get(&format!("/v1/payment_intents/{}", id(&intent))).await;
        assert_eq!(after["status"], status);
        assert_eq!(after["next_action"], Value::Null);
        if verdict == "refuse" {
            assert_eq!(after["last_payment_error"]["code"], "payment_intent_authentication_failure");
        }
        let again = gateway.client.post(format!("{url}/approve")).send().await.expect("an answer");
        assert_eq!(again.status(), StatusCode::CONFLICT, "a challenge is answered once");
    }
}

#[tokio::test]
async fn a_challenge_page_shows_a_description_as_text() {
    let gateway = served().await;
    let form = [
        ("amount", "100"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_threeDSecure2Required"),
        ("description", "<script>alert(1)</script>"),
    ];
    let (_, intent) = read(gateway.post("/v1/payment_intents", &form)).await;
    let url = intent["next_action"]["redirect_to_url"]["url"].as_str().expect("an address");
    let page = gateway.client.get(url).send().await.expect("a page").text().await.expect("a body");
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    let answer = gateway.client.post(format!("{url}/approve")).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "without a return address the page stays");
}

#[tokio::test]
async fn an_intent_is_opened_confirmed_and_cancelled_in_steps() {
    let gateway = served().await;
    let open = [("amount", "100"), ("currency", "usd")];
    let (_, intent) = read(gateway.post("/v1/payment_intents", &open)).await;
    assert_eq!(intent["status"], "requires_payment_method");
    let confirm = format!("/v1/payment_intents/{}/confirm", id(&intent));
    let cancel = format!("/v1/payment_intents/{}/cancel", id(&intent));
    assert_eq!(read(gateway.post(&confirm, &[])).await.1["error"]["code"], "parameter_missing");
    let declined = gateway.post(&confirm, &[("payment_method", "pm_card_visa_chargeDeclined")]);
    assert_eq!(read(declined).await.1["error"]["decline_code"], "generic_decline");
    let card = [
        ("type", "card"),
        ("card[number]", "4242424242424242"),
        ("card[exp_month]", "1"),
        ("card[exp_year]", "30"),
    ];
    let (_, method) = read(gateway.post("/v1/payment_methods", &card)).await;
    assert_eq!((&method["card"]["last4"], &method["card"]["brand"]), (&"4242".into(), &"visa".into()));
    let (_, paid) = read(gateway.post(&confirm, &[("payment_method", &id(&method))])).await;
    assert_eq!((&paid["status"], &paid["payment_method"]), (&"succeeded".into(), &method["id"]));
    for path in [&confirm, &cancel] {
        let (status, body) = read(gateway.post(path, &[])).await;
        let error = &body["error"];
        assert_eq!((status.as_u16(), &error["code"]), (400, &"payment_intent_unexpected_state".into()));
        assert_eq!(error["payment_intent"]["status"], "succeeded");
    }
    let with_method = [open[0], open[1], ("payment_method", "pm_card_visa")];
    let (_, second) = read(gateway.post("/v1/payment_intents", &with_method)).await;
    assert_eq!(second["status"], "requires_confirmation");
    let cancel = format!("/v1/payment_intents/{}/cancel", id(&second));
    assert_eq!(read(gateway.post(&cancel, &[])).await.1["status"], "canceled");
    let (status, _) = read(gateway.post("/v1/refunds", &[("payment_intent", &id(&second))])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn lists_page_from_the_newest() {
    let gateway = served().await;
    for _ in 0..3 {
        gateway.paid().await;
    }
    let (_, first) = gateway.get("/v1/payment_intents?limit=2").await;
    assert_eq!((first["data"].as_array().map(Vec::len), &first["has_more"]), (Some(2), &true.into()));
    let last = id(&first["data"][1]);
    let (_, second) = gateway.get(&format!("/v1/payment_intents?limit=2&starting_after={last}")).await;
    assert_eq!((second["data"].as_array().map(Vec::len), &second["has_more"]), (Some(1), &false.into()));
    let (_, none) = gateway.get("/v1/payment_intents?metadata[payment]=pay_2").await;
    assert_eq!(none["data"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn strangers_and_misspellings_are_refused() {
    let gateway = served().await;
    let book = format!("{}/_test/book", gateway.site);
    for request in [gateway.client.get(&book), gateway.client.get(&book).bearer_auth("sk_test_other")] {
        assert_eq!(read(request).await.0, StatusCode::UNAUTHORIZED);
    }
    for (form, code) in [
        (vec![("currency", "usd")], "parameter_missing"),
        (vec![("amount", "1.5"), ("currency", "usd")], "parameter_invalid_integer"),
        (vec![("amount", "100000000"), ("currency", "usd")], "amount_too_large"),
        (vec![("amount", "1"), ("currency", "dollar")], "parameter_invalid"),
        (vec![("amount", "1"), ("currency", "usd"), ("metdata[a]", "b")], "parameter_unknown"),
        (vec![("amount", "1"), ("currency", "usd"), ("return_url", "javascript:alert(1)")], "url_invalid"),
        (vec![("amount", "1"), ("currency", "usd"), ("payment_method", "pm_no")], "resource_missing"),
    ] {
        let (_, body) = read(gateway.post("/v1/payment_intents", &form)).await;
        assert_eq!(body["error"]["code"], code, "{form:?}");
    }
    assert_eq!(gateway.get("/v1/payment_intents/pi_no").await.0, StatusCode::NOT_FOUND);
    assert_eq!(gateway.get("/v1/nowhere").await.0, StatusCode::NOT_FOUND);
    let index = gateway.client.get(&gateway.site).send().await.expect("a page").text().await.expect("a body");
    assert!(index.contains("4242424242424242"));
    let health = gateway.client.get(format!("{}/healthz", gateway.site)).send().await.expect("an answer");
    assert_eq!(health.status(), StatusCode::OK);
}

/// As Stripe refuses what costs more to charge than it brings; of a currency without a least amount anything is charged.
#[tokio::test]
async fn less_than_the_least_amount_is_refused() {
    let gateway = served_as(|config| {
        config.minimum_amounts =
            [("USD", 50)].map(|(code, least)| (code.parse().expect("a code"), least)).into();
    })
    .await;
    let intent = |amount: &'static str, currency: &'static str| {
        let form = [("amount", amount), ("currency", currency)];
        let request = gateway.post("/v1/payment_intents", &form).header("idempotency-key", amount);
        async move { read(request).await }
    };
    let (status, refused) = intent("49", "usd").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let error = &refused["error"];
    assert_eq!((&error["code"], &error["param"]), (&"amount_too_small".into(), &"amount".into()));
    assert_eq!(error["message"], "Amount must be at least 0.50 USD.");
    assert_eq!(gateway.intents_in_book().await, 0);
    assert_eq!(intent("50", "usd").await.0, StatusCode::OK);
    assert_eq!(intent("1", "eur").await.0, StatusCode::OK);
}

#[tokio::test]
async fn closing_does_not_wait_for_withheld_answers() {
    let gateway = served().await;
    let call = gateway.pay("4000000000000408");
    let waiting = tokio::spawn(async move { call.send().await.is_ok() });
    while gateway.intents_in_book().await == 0 {
        tokio::task::yield_now().await;
    }
    gateway.stop.send(()).expect("a running gateway");
    drop(gateway.client);
    gateway.running.await.expect("no panic").expect("a clean end");
    assert!(waiting.await.expect("no panic"));
}
