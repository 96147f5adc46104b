//! What is not known at once: bank debits, UPI, refunds that take their time.

use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{Served, id, read, served};

async fn debit(gateway: &Served, account: &str) -> Value {
    let (status, intent) = read(gateway.pay_with(&format!("pm_usBankAccount_{account}"), &[])).await;
    assert_eq!((status, &intent["status"]), (StatusCode::OK, &"processing".into()), "{intent}");
    assert_eq!(intent["amount_received"], 0);
    intent
}

#[tokio::test]
async fn a_debit_is_processing_and_then_known() {
    for (account, status, code) in [
        ("success", "succeeded", None),
        ("insufficientFunds", "requires_payment_method", Some("insufficient_funds")),
        ("accountClosed", "requires_payment_method", Some("account_closed")),
        ("processing", "processing", None),
    ] {
        let gateway = served().await;
        let intent = debit(&gateway, account).await;
        let path = format!("/v1/payment_intents/{}", id(&intent));
        gateway.later(9);
        assert_eq!(gateway.status(&intent).await, "processing");
        let cancelled = read(gateway.post(&format!("{path}/cancel"), &[])).await.1;
        assert_eq!(cancelled["error"]["code"], "payment_intent_unexpected_state");
        gateway.later(1);
        let (_, after) = gateway.get(&path).await;
        assert_eq!((&after["status"], after["last_payment_error"]["code"].as_str()), (&status.into(), code));
        let mut told = ["payment_intent.created", "charge.pending", "payment_intent.processing"]
            .map(str::to_owned)
            .to_vec();
        match status {
            "succeeded" => told.extend(["charge.succeeded", "payment_intent.succeeded"].map(str::to_owned)),
            "processing" => {}
            _ => told.push("payment_intent.payment_failed".to_owned()),
        }
        assert_eq!(gateway.told().await, told);
    }
}

#[tokio::test]
async fn an_account_number_becomes_a_debit_and_is_forgotten() {
    let gateway = served().await;
    let account = [
        ("type", "us_bank_account"),
        ("us_bank_account[account_number]", "000123456789"),
        ("us_bank_account[routing_number]", "110000000"),
        ("us_bank_account[account_holder_type]", "company"),
        ("billing_details[name]", "Asha Rao"),
    ];
    let (_, method) = read(gateway.post("/v1/payment_methods", &account)).await;
    assert_eq!(method["us_bank_account"]["last4"], "6789");
    assert_eq!(method["us_bank_account"]["account_holder_type"], "company");
    assert_eq!(method["billing_details"]["name"], "Asha Rao");
    let (_, intent) = read(gateway.pay_with(&id(&method), &[])).await;
    assert_eq!(intent["status"], "processing");
    assert!(!gateway.book().await.to_string().contains("000123456789"));
}

#[tokio::test]
async fn everything_pending_can_be_settled_without_waiting() {
    let gateway = served().await;
    let intent = debit(&gateway, "success").await;
    assert_eq!(gateway.book().await["pending"], 1);
    let (_, settled) = read(gateway.post("/_test/settle", &[])).await;
    assert_eq!((&settled["settled"], &gateway.book().await["pending"]), (&1.into(), &0.into()));
    assert_eq!(gateway.status(&intent).await, "succeeded");
}

#[tokio::test]
async fn upi_is_paid_on_another_page() {
    let gateway = served().await;
    for (verdict, status) in [("approve", "succeeded"), ("refuse", "requires_payment_method")] {
        let (_, intent) =
            read(gateway.pay_with("pm_upi", &[("return_url", "https://udaan.example/back")])).await;
        assert_eq!(intent["status"], "requires_action");
        assert_eq!(intent["next_action"]["type"], "upi_handle_redirect_or_display_qr_code");
        let answer = gateway.answer(&intent, verdict).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(gateway.status(&intent).await, status);
    }
    let (_, away) = read(gateway.pay_with("pm_upi", &[("off_session", "true")])).await;
    assert_eq!(away["error"]["code"], "authentication_required");
}

#[tokio::test]
async fn approval_is_not_payment() {
    let gateway = served().await;
    let (_, intent) = read(gateway.pay_with("pm_card_threeDSecureRequiredChargeDeclined", &[])).await;
    gateway.answer(&intent, "approve").await;
    let (_, after) = gateway.get(&format!("/v1/payment_intents/{}", id(&intent))).await;
    assert_eq!(after["status"], "requires_payment_method");
    assert_eq!(after["last_payment_error"]["decline_code"], "generic_decline");
}

#[tokio::test]
async fn refunds_take_their_time_and_may_fail() {
    for (token, first, last, kept) in [
        ("pm_card_pendingRefund", "pending", "succeeded", 45_900 - 900),
        ("pm_card_pendingRefundFail", "pending", "failed", 45_900),
        ("pm_card_refundFail", "succeeded", "failed", 45_900),
        ("pm_usBankAccount_success", "pending", "succeeded", 45_900 - 900),
        ("pm_card_visa", "succeeded", "succeeded", 45_900 - 900),
    ] {
        let gateway = served().await;
        let (_, intent) = read(gateway.pay_with(token, &[])).await;
        gateway.later(10);
        let part = [("payment_intent", id(&intent)), ("amount", "900".to_owned())];
        let part: Vec<(&str, &str)> = part.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (_, refund) = read(gateway.post("/v1/refunds", &part)).await;
        assert_eq!(refund["status"], first, "{token}");
        assert_eq!(gateway.book().await["payment_intents"][0]["amount_refunded"], 900, "it is spoken for");
        gateway.later(10);
        assert_eq!(gateway.status(&refund).await, last, "{token}");
        let refunded = gateway.book().await["payment_intents"][0]["amount_refunded"].as_i64();
        assert_eq!(refunded.map(|refunded| 45_900 - refunded), Some(kept), "{token}");
        let told = gateway.told().await;
        assert!(told.contains(&"refund.created".to_owned()), "{told:?}");
        assert_eq!(told.contains(&"refund.updated".to_owned()), token != "pm_card_visa", "{told:?}");
        assert_eq!(told.contains(&"refund.failed".to_owned()), last == "failed", "{told:?}");
        assert!(last == "failed" || told.contains(&"charge.refunded".to_owned()), "{told:?}");
    }
}
