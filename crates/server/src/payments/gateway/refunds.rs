//! Refunds at the gateway.

use kernel::{BookingId, Money, RefundId};
use serde_json::Value;

use super::GatewayClient;
use super::read::code_of;

/// A payment has far fewer refunds than fit on one page.
const PAGE: &str = "100";

/// What the gateway says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::payments) enum RefundOutcome {
    /// On its way to the traveller.
    Succeeded { gateway_id: String },
    /// The gateway has it, and says later what became of it.
    Pending { gateway_id: String },
    /// Refused for good, or come back.
    Refused { code: String },
    /// The gateway does not have it.
    NotFound,
    /// Nobody knows; the same key may be sent again.
    Unknown,
}

impl GatewayClient {
    /// Returns `amount` of an intent. The refund's id is the idempotency key.
    pub(in crate::payments) async fn refund(
        &self,
        refund: RefundId,
        booking: BookingId,
        intent: &str,
        amount: Money,
    ) -> RefundOutcome {
        let form = [
            ("payment_intent", intent.to_owned()),
            ("amount", amount.amount.to_string()),
            ("metadata[refund]", refund.to_string()),
            ("metadata[booking]", booking.to_string()),
        ];
        match self.post("/v1/refunds", &refund.to_string(), &form).await {
            Some((200, body)) => read(&body),
            Some((400 | 402 | 404, body)) => {
                let code = code_of(&body["error"], "request_refused");
                // Somebody returned it by hand: the money is back all the same.
                if code == "charge_already_refunded" {
                    return RefundOutcome::Succeeded { gateway_id: code };
                }
                RefundOutcome::Refused { code }
            }
            _ => RefundOutcome::Unknown,
        }
    }

    /// What became of a refund the gateway has told us of.
    pub(in crate::payments) async fn find_refund(&self, gateway_id: &str) -> RefundOutcome {
        match self.get(&format!("/v1/refunds/{gateway_id}"), &[]).await {
            Some((200, body)) => read(&body),
            _ => RefundOutcome::Unknown,
        }
    }

    /// What became of a refund that was sent, perhaps, and not answered.
    pub(in crate::payments) async fn search_refund(&self, refund: RefundId, intent: &str) -> RefundOutcome {
        let answer = self.get("/v1/refunds", &[("payment_intent", intent), ("limit", PAGE)]).await;
        let Some((200, body)) = answer else { return RefundOutcome::Unknown };
        let Some(refunds) = body["data"].as_array() else { return RefundOutcome::Unknown };
        let id = refund.to_string();
        match refunds.iter().find(|found| found["metadata"]["refund"].as_str() == Some(&id)) {
            Some(found) => read(found),
            None if body["has_more"] == true => RefundOutcome::Unknown,
            None => RefundOutcome::NotFound,
        }
    }
}

fn read(body: &Value) -> RefundOutcome {
    let Some(gateway_id) = body["id"].as_str().map(str::to_owned) else { return RefundOutcome::Unknown };
    match body["status"].as_str() {
        Some("succeeded") => RefundOutcome::Succeeded { gateway_id },
        Some("pending" | "requires_action") => RefundOutcome::Pending { gateway_id },
        Some(status @ ("failed" | "canceled")) => {
            let reason = body["failure_reason"].as_str().unwrap_or(status);
            RefundOutcome::Refused { code: reason.to_owned() }
        }
        _ => RefundOutcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refund_that_is_pending_is_neither_done_nor_refused() {
        let gateway_id = "re_1".to_owned();
        for (status, outcome) in [
            ("succeeded", RefundOutcome::Succeeded { gateway_id: gateway_id.clone() }),
            ("pending", RefundOutcome::Pending { gateway_id }),
            ("failed", RefundOutcome::Refused { code: "lost_or_stolen_card".into() }),
            ("nonsense", RefundOutcome::Unknown),
        ] {
            let body = json!({"id": "re_1", "status": status, "failure_reason": "lost_or_stolen_card"});
            assert_eq!(read(&body), outcome);
        }
        assert_eq!(read(&json!({"status": "succeeded"})), RefundOutcome::Unknown);
    }
}
