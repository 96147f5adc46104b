//! Ways to pay, each to its end over a socket with real webhooks: cards, wallets, a debit that is known later, UPI on another
//! page; and refunds that take their time.

use ::platform::config::CardFields;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::status;
use crate::support::{Airline, Reply};

/// A held booking at an airline that hears webhooks.
async fn one_hold() -> (Airline, String, String) {
    let airline = Airline::with_gateway(|_| {}, |_| {}, true).await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let id = airline.hold(&token, &offer, "k1").await.expect(201).text("/id");
    (airline, token, id)
}

/// Waits until every webhook is delivered, and looks at what they brought forward.
async fn hear(airline: &Airline) {
    for _ in 0..500 {
        let webhooks = airline.gateway_get("/_test/webhooks").await;
        if webhooks["pending"] == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    airline.run_job("reconcile_payments").await;
    airline.run_job("send_refunds").await;
}

async fn payment(airline: &Airline, token: &str, paid: &Reply) -> Reply {
    airline.call("GET", &format!("/payments/{}", paid.text("/id")), Some(token), None).await.expect(200)
}

fn by(kind: &str, token: &str) -> Value {
    json!({"type": kind, "token": token})
}

#[tokio::test]
async fn what_can_be_paid_with_is_public() {
    let airline = Airline::with(|config| config.gateway.methods = vec!["card".into(), "upi".into()]).await;
    let offered = airline.call("GET", "/payments/methods", None, None).await.expect(200);
    let kinds: Vec<&Value> =
        offered.json["methods"].as_array().expect("methods").iter().map(|method| &method["type"]).collect();
    assert_eq!(kinds, ["card", "upi"]);
    assert_eq!(offered.text("/publishable_key"), "pk_test_udaan");
    assert_eq!((offered.text("/fields").as_str(), &offered.json["test_numbers"]), ("own", &json!(true)));
    let form = [
        ("key", "pk_test_udaan"),
        ("type", "card"),
        ("card[number]", "4242424242424242"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "34"),
    ];
    let made =
        reqwest::Client::new().post(offered.text("/tokens_url")).form(&form).send().await.expect("an answer");
    let made: Value = made.json().await.expect("JSON");
    assert!(made["id"].as_str().is_some_and(|id| id.starts_with("pm_")), "as a browser does it: {made}");
}

/// What is typed into Stripe's fields comes as a token; a number that comes all the same is none of theirs.
#[tokio::test]
async fn where_stripes_fields_are_shown_no_number_is_taken() {
    let airline = Airline::with(|config| config.gateway.fields = Some(CardFields::Stripe)).await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let offered = airline.call("GET", "/payments/methods", None, None).await.expect(200);
    assert_eq!((offered.text("/fields").as_str(), &offered.json["test_numbers"]), ("stripe", &json!(false)));
    assert_eq!(offered.json["methods"][2]["currency"], "USD");
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let id = airline.hold(&token, &offer, "k1").await.expect(201).text("/id");
    let number = json!({"type": "card", "number": "4242424242424242"});
    let refused = airline.pay_by(&token, &id, number, "p1").await.expect(422);
    assert_eq!(refused.code(), "card_number_refused");
    let paid = airline.pay_by(&token, &id, by("card", "pm_card_visa"), "p2").await.expect(201);
    assert_eq!(paid.text("/status"), "succeeded");
}

#[tokio::test]
async fn a_token_shows_what_it_stands_for() {
    for (method, shown) in [
        (by("card", "pm_card_mastercard"), json!({"type": "card", "brand": "mastercard", "last4": "4444"})),
        (by("wallet", "pm_card_applePay"), json!({"type": "wallet", "brand": "apple_pay", "last4": "4242"})),
    ] {
        let (airline, token, id) = one_hold().await;
        let paid = airline.pay_by(&token, &id, method, "p1").await.expect(201);
        assert_eq!((paid.text("/status").as_str(), &paid.json["method"]), ("succeeded", &shown));
    }
    let (airline, token, id) = one_hold().await;
    let declined = airline.pay_by(&token, &id, by("card", "pm_card_chargeDeclined"), "p1").await.expect(201);
    assert_eq!(declined.json["method"], json!({"type": "card", "brand": "visa", "last4": "0002"}));
    let unknown = airline.pay_by(&token, &id, by("card", "pm_nobodys"), "p2").await.expect(201);
    assert_eq!(unknown.text("/decline_code"), "unknown_method");
    let other = airline.pay_by(&token, &id, by("card", "pm_usBankAccount_success"), "p3").await.expect(201);
    assert_eq!(other.text("/decline_code"), "payment_intent_incompatible_payment_method");
    for wrong in [by("cheque", "pm_1"), json!({"type": "bank"}), json!({"type": "saved", "token": "pm_1"})] {
        airline.pay_by(&token, &id, wrong, "p4").await.expect(422);
    }
}

#[tokio::test]
async fn a_debit_is_known_days_later_and_a_webhook_says_so() {
    for (account, outcome, booking) in
        [("success", "succeeded", "confirmed"), ("accountClosed", "declined", "held")]
    {
        let (airline, token, id) = one_hold().await;
        let method = by("bank", &format!("pm_usBankAccount_{account}"));
        let paid = airline.pay_by(&token, &id, method, "p1").await.expect(201);
        assert_eq!((paid.text("/status"), paid.text("/method/last4").len()), ("processing".into(), 4));
        hear(&airline).await;
        assert_eq!(payment(&airline, &token, &paid).await.text("/status"), "processing");
        assert_eq!(status(&airline, &token, &id).await, "held");
        airline.later(SignedDuration::from_secs(11));
        hear(&airline).await;
        assert_eq!(payment(&airline, &token, &paid).await.text("/status"), outcome);
        assert_eq!(status(&airline, &token, &id).await, booking);
    }
}

#[tokio::test]
async fn upi_is_paid_on_another_page() {
    for (verdict, outcome, booking) in [("approve", "succeeded", "confirmed"), ("refuse", "declined", "held")]
    {
        let (airline, token, id) = one_hold().await;
        let paid = airline.pay_by(&token, &id, json!({"type": "upi"}), "p1").await.expect(201);
        assert_eq!(paid.text("/status"), "requires_action");
        let page = format!("{}/{verdict}", paid.text("/action_url"));
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let answered = client.expect("a client").post(page).send().await.expect("an answer");
        assert!(answered.headers()["location"].to_str().expect("text").contains("redirect_status="));
        hear(&airline).await;
        assert_eq!(payment(&airline, &token, &paid).await.text("/status"), outcome);
        assert_eq!(status(&airline, &token, &id).await, booking);
    }
}

/// A look that is not answered changes nothing about a payment the gateway has told us of.
#[tokio::test]
async fn silence_does_not_hide_the_page() {
    let (airline, token, id) = one_hold().await;
    let paid = airline.pay_by(&token, &id, json!({"type": "upi"}), "p1").await.expect(201);
    hear(&airline).await;
    airline.gateway_post("/_test/hostility", &[("error_before", "1")]).await;
    airline.later(SignedDuration::from_secs(20));
    assert!(airline.run_job("reconcile_payments").await > 0);
    let after = payment(&airline, &token, &paid).await;
    assert_eq!(
        (after.text("/status"), after.text("/action_url")),
        ("requires_action".into(), paid.text("/action_url"))
    );
}

async fn refunded(airline: &Airline) -> (String, i64) {
    let row =
        airline.sql().await.query_one("SELECT status, tries FROM refunds", &[]).await.expect("one refund");
    (row.get(0), i64::from(row.get::<_, i32>(1)))
}

#[tokio::test]
async fn a_refund_that_is_pending_is_followed_to_its_end() {
    for (card, first, last) in [
        ("4000000000007726", "pending", "succeeded"),
        ("4000000000005134", "pending", "failed"),
        ("4242424242424242", "succeeded", "succeeded"),
    ] {
        let (airline, token, id) = one_hold().await;
        airline.pay(&token, &id, card, "p1").await.expect(201);
        airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await;
        hear(&airline).await;
        assert_eq!(refunded(&airline).await.0, first, "{card}");
        airline.later(SignedDuration::from_secs(11));
        hear(&airline).await;
        assert_eq!(refunded(&airline).await.0, last, "{card}: a webhook said so");
        let book = airline.gateway_book().await;
        assert_eq!(book["refunds"].as_array().map(Vec::len), Some(1));
        let sum = "SELECT COALESCE(sum(amounts[array_position(accounts, 'gateway')]), 0)::bigint FROM ledger_postings";
        assert_eq!(
            airline.count(sum).await == 0,
            last == "succeeded",
            "{card}: the ledger knows where the money is"
        );
    }
}

/// A refund whose answer is lost, or kept as a 500 under its key, is found and not sent twice.
#[tokio::test]
async fn a_refund_that_was_not_answered_is_looked_for() {
    for fault in ["error_after", "reset_after", "error_before", "reset_before"] {
        let (airline, token, id) = one_hold().await;
        airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
        hear(&airline).await;
        airline.gateway_post("/_test/hostility", &[(fault, "1")]).await;
        airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await;
        assert_eq!(refunded(&airline).await.0, "pending", "{fault}");
        airline.gateway_post("/_test/hostility", &[]).await;
        airline.later(SignedDuration::from_secs(30));
        airline.run_job("send_refunds").await;
        assert_eq!(refunded(&airline).await, ("succeeded".into(), 2), "{fault}");
        let book = airline.gateway_book().await;
        assert_eq!(book["refunds"].as_array().map(Vec::len), Some(1), "{fault}");
    }
}

#[tokio::test]
async fn the_alarm_counts_what_should_be_known_by_now() {
    let (airline, token, id) = one_hold().await;
    airline.pay(&token, &id, "4000000000000416", "p1").await.expect(201);
    airline.later(SignedDuration::from_mins(16));
    let open = "SELECT count(*) FROM payments WHERE next_check_at IS NOT NULL AND status <> 'declined'";
    assert_eq!(airline.count(open).await, 1);
    airline.run_job("watch_open_payments").await;
    airline.run_job("reconcile_payments").await;
    assert_eq!(airline.count(open).await, 0, "lost for good, and said so");
}
