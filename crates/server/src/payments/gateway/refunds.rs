//! Refunds at the gateway.

use kernel::{BookingId, Money, RefundId};
use serde_json::Value;

use super::read::code_of;
use super::{GatewayClient, units};

/// A payment has far fewer refunds than fit on one page.
const PAGE: &str = "100";

/// Refusals that say something of this moment and not of the refund (<https://docs.stripe.com/error-codes>).
const TEMPORARY: [&str; 6] = [
    "balance_insufficient",
    "lock_timeout",
    "rate_limit",
    "idempotency_key_in_use",
    "api_key_expired",
    "platform_api_key_expired",
];

/// What stands for the gateway's id of a refund that somebody made by hand.
pub(in crate::payments) const RETURNED_BY_HAND: &str = "charge_already_refunded";

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
        let Some(told) = units::told(amount) else {
            return RefundOutcome::Refused { code: units::UNTELLABLE.into() };
        };
        let form = [
            ("payment_intent", intent.to_owned()),
            ("amount", told.to_string()),
            ("metadata[refund]", refund.to_string()),
            ("metadata[booking]", booking.to_string()),
        ];
        match self.post("/v1/refunds", &refund.to_string(), &form).await {
            Some((200, body)) => read(&body),
            Some((400 | 402 | 404, body)) => refused(&body),
            _ => RefundOutcome::Unknown,
        }
    }

    /// What became of a refund the gateway has told us of.
    pub(in crate::payments) async fn find_refund(&self, gateway_id: &str) -> RefundOutcome {
        match self.get(&format!("/v1/refunds/{gateway_id}"), &[]).await {
            Some((200, body)) => read(&body),
            Some((404, _)) => RefundOutcome::NotFound,
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

/// A refund that was not taken. What may be different a moment later is tried again; the rest fails, also what is not explained, or
/// that the payment is not known (404, `resource_missing`): trying mends none of it, so that staff look and send another.
fn refused(body: &Value) -> RefundOutcome {
    let code = code_of(&body["error"], "request_refused");
    match code.as_str() {
        // Somebody returned it by hand: the money is back all the same.
        RETURNED_BY_HAND => RefundOutcome::Succeeded { gateway_id: code },
        temporary if TEMPORARY.contains(&temporary) => {
            tracing::warn!(code, "the gateway does not take a refund now; it is tried again");
            RefundOutcome::Unknown
        }
        _ => RefundOutcome::Refused { code },
    }
}

pub(super) fn read(body: &Value) -> RefundOutcome {
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
    fn what_may_be_different_a_moment_later_is_not_refused_for_good() {
        let said = |code: &str| refused(&json!({"error": {"code": code}}));
        assert_eq!(said("balance_insufficient"), RefundOutcome::Unknown);
        assert_eq!(
            said("charge_already_refunded"),
            RefundOutcome::Succeeded { gateway_id: "charge_already_refunded".into() }
        );
        for code in ["charge_disputed", "resource_missing", "amount_too_large"] {
            assert_eq!(said(code), RefundOutcome::Refused { code: code.into() });
        }
        assert_eq!(refused(&json!({})), RefundOutcome::Refused { code: "request_refused".into() });
    }

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
