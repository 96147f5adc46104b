//! The adapter to the gateway: Stripe's PaymentIntents API, form-encoded, with idempotency keys of our own ids.
//!
//! What an answer means is decided here once: a definite yes or no, an action for the traveller, or *unknown*. Anything that
//! leaves room for doubt (time-out, reset, 5xx, 429, a body that cannot be read) is unknown.

use std::time::Duration;

use kernel::{BookingId, Money, PaymentId, RefundId};
use platform::config;
use serde_json::Value;

use super::method::Method;

/// What the gateway says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Captured.
    Succeeded { intent: String },
    /// Refused, or given up.
    Declined { intent: Option<String>, code: String },
    /// The traveller must go to `url`.
    RequiresAction { intent: String, url: String },
    /// The gateway is still at it.
    Processing { intent: String },
    /// No such payment: it never arrived.
    NotFound,
    /// Nobody knows.
    Unknown,
}

/// What the gateway says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RefundOutcome {
    /// On its way to the traveller.
    Succeeded { gateway_id: String },
    /// Refused for good.
    Refused { code: String },
    /// Nobody knows; the same key may be sent again.
    Unknown,
}

/// Calls the gateway. Cheap to clone.
#[derive(Clone)]
pub struct GatewayClient {
    http: reqwest::Client,
    url: String,
    secret_key: String,
}

impl GatewayClient {
    /// A client for the configured gateway.
    pub fn new(config: &config::Gateway) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_millis(config.timeout_ms))
            .connect_timeout(Duration::from_millis(config.timeout_ms.min(2_000)))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            url: config.url.trim_end_matches('/').to_owned(),
            secret_key: config.secret_key.clone(),
        })
    }

    /// Charges `amount`. The payment's id is the idempotency key, so sending it twice charges once.
    pub(super) async fn pay(
        &self,
        payment: PaymentId,
        booking: BookingId,
        amount: Money,
        method: &Method,
        return_url: &str,
    ) -> Outcome {
        let mut form = vec![
            ("amount", amount.amount.to_string()),
            ("currency", amount.currency.as_str().to_lowercase()),
            ("confirm", "true".into()),
            ("metadata[payment]", payment.to_string()),
            ("metadata[booking]", booking.to_string()),
            ("return_url", return_url.to_owned()),
        ];
        form.extend(method.params());
        let request = self
            .http
            .post(format!("{}/v1/payment_intents", self.url))
            .header("Idempotency-Key", payment.to_string());
        read_charge(self.send(request.form(&form)).await)
    }

    /// What became of an intent.
    pub(super) async fn find(&self, intent: &str) -> Outcome {
        read_look(self.send(self.http.get(format!("{}/v1/payment_intents/{intent}", self.url))).await)
    }

    /// What became of a payment whose intent we never learned.
    pub(super) async fn search(&self, payment: PaymentId) -> Outcome {
        let query = format!("metadata['payment']:'{payment}'");
        let request =
            self.http.get(format!("{}/v1/payment_intents/search", self.url)).query(&[("query", query)]);
        match self.send(request).await {
            Some((200, body)) => match body["data"].as_array().map(Vec::as_slice) {
                Some([]) => Outcome::NotFound,
                Some([intent, ..]) => read_status(intent),
                None => Outcome::Unknown,
            },
            _ => Outcome::Unknown,
        }
    }

    /// Gives an intent up, so that it cannot succeed any more.
    pub(super) async fn cancel(&self, intent: &str) -> Outcome {
        let request = self.http.post(format!("{}/v1/payment_intents/{intent}/cancel", self.url));
        match self.send(request).await {
            // "Cannot be cancelled" is not an answer about the payment: ask what it is instead.
            Some((400, _)) => self.find(intent).await,
            answer => read_look(answer),
        }
    }

    /// Returns `amount` of an intent. The refund's id is the idempotency key.
    pub(super) async fn refund(&self, refund: RefundId, intent: &str, amount: Money) -> RefundOutcome {
        let form = [
            ("payment_intent", intent.to_owned()),
            ("amount", amount.amount.to_string()),
            ("metadata[refund]", refund.to_string()),
        ];
        let request =
            self.http.post(format!("{}/v1/refunds", self.url)).header("Idempotency-Key", refund.to_string());
        match self.send(request.form(&form)).await {
            Some((200, body)) => match (body["id"].as_str(), body["status"].as_str()) {
                (Some(id), Some("succeeded")) => RefundOutcome::Succeeded { gateway_id: id.to_owned() },
                (_, Some(status @ ("failed" | "canceled"))) => {
                    RefundOutcome::Refused { code: status.to_owned() }
                }
                _ => RefundOutcome::Unknown,
            },
            Some((status @ (400 | 402 | 404), body)) => {
                let code = body["error"]["code"].as_str().map_or_else(|| status.to_string(), str::to_owned);
                // The key was forgotten, or somebody returned it by hand: the money is back all the same.
                if code == "charge_already_refunded" {
                    return RefundOutcome::Succeeded { gateway_id: code };
                }
                RefundOutcome::Refused { code }
            }
            _ => RefundOutcome::Unknown,
        }
    }

    /// Status and JSON of an answer; `None` when there was none that can be read.
    async fn send(&self, request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
        let sent = request.bearer_auth(&self.secret_key).send().await;
        let outcome = match &sent {
            Ok(response) => response.status().as_u16().to_string(),
            Err(error) if error.is_timeout() => "time_out".to_owned(),
            Err(_) => "unreachable".to_owned(),
        };
        metrics::counter!("gateway_calls_total", "outcome" => outcome).increment(1);
        let response =
            sent.inspect_err(|error| tracing::warn!(%error, "gateway call without an answer")).ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.ok()?))
    }
}

/// What an answer to a look means. Only the charge itself can be refused: a look that is refused (a key revoked, a right
/// missing) says nothing about the money.
fn read_look(answer: Option<(u16, Value)>) -> Outcome {
    match answer {
        Some((200, body)) => read_status(&body),
        Some((404, _)) => Outcome::NotFound,
        _ => Outcome::Unknown,
    }
}

/// What an answer to a charge means.
fn read_charge(answer: Option<(u16, Value)>) -> Outcome {
    let Some((status, body)) = answer else { return Outcome::Unknown };
    match status {
        200 => read_status(&body),
        // The card was refused; the error carries the intent.
        402 => {
            let error = &body["error"];
            let code = error["decline_code"].as_str().or(error["code"].as_str()).unwrap_or("declined");
            Outcome::Declined {
                intent: error["payment_intent"]["id"].as_str().map(str::to_owned),
                code: code.to_owned(),
            }
        }
        // The request itself was refused: nothing was charged.
        400 | 401 | 403 => {
            let code = body["error"]["code"].as_str().unwrap_or("request_refused");
            tracing::error!(status, code, "the gateway refused a request of ours");
            Outcome::Declined { intent: None, code: code.to_owned() }
        }
        _ => Outcome::Unknown,
    }
}

fn read_status(body: &Value) -> Outcome {
    let Some(intent) = body["id"].as_str().map(str::to_owned) else { return Outcome::Unknown };
    match body["status"].as_str() {
        Some("succeeded") => Outcome::Succeeded { intent },
        Some("processing") => Outcome::Processing { intent },
        Some("canceled") => Outcome::Declined { intent: Some(intent), code: "abandoned".into() },
        Some("requires_payment_method") => {
            let error = &body["last_payment_error"];
            let code = error["decline_code"].as_str().or(error["code"].as_str()).unwrap_or("declined");
            Outcome::Declined { intent: Some(intent), code: code.to_owned() }
        }
        Some("requires_action") => match body["next_action"]["redirect_to_url"]["url"].as_str() {
            Some(url) => Outcome::RequiresAction { intent, url: url.to_owned() },
            None => Outcome::Unknown,
        },
        _ => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn doubt_is_unknown_and_never_declined() {
        for answer in [
            None,
            Some((500, json!({}))),
            Some((429, json!({}))),
            Some((409, json!({}))),
            Some((200, json!({"status": "succeeded"}))),
            Some((200, json!([]))),
        ] {
            assert_eq!(read_charge(answer.clone()), Outcome::Unknown, "{answer:?}");
        }
    }

    #[test]
    fn a_refused_look_says_nothing_about_the_money() {
        for status in [400, 401, 402, 403, 409, 429, 500] {
            assert_eq!(
                read_look(Some((status, json!({"error": {"code": "api_key_expired"}})))),
                Outcome::Unknown,
                "{status}"
            );
        }
        assert_eq!(read_look(Some((404, json!({})))), Outcome::NotFound);
    }

    #[test]
    fn definite_answers() {
        let intent = "pi_1".to_owned();
        let declined = json!({"error": {"code": "card_declined", "decline_code": "insufficient_funds", "payment_intent": {"id": "pi_1"}}});
        for (answer, outcome) in [
            (
                (200, json!({"id": "pi_1", "status": "succeeded"})),
                Outcome::Succeeded { intent: intent.clone() },
            ),
            ((402, declined), Outcome::Declined { intent: Some(intent), code: "insufficient_funds".into() }),
        ] {
            assert_eq!(read_charge(Some(answer)), outcome);
        }
    }
}
