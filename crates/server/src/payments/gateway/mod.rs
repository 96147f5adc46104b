//! The adapter to the gateway: Stripe's API, form-encoded, with idempotency keys of our own ids.
//!
//! What an answer means is decided in `read.rs`, once: a definite yes or no, an action for the traveller, or *unknown*. Anything
//! that leaves room for doubt (time-out, reset, 5xx, 429, a body that cannot be read) is unknown.

pub(super) mod fuzzing;
mod read;
mod refunds;
mod setups;
#[cfg(test)]
mod tests;
mod units;

use std::time::Duration;

use anyhow::Context;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use domain::payment::Heard;
use kernel::{BookingId, Category, Money, PaymentId};
use platform::breaker::Breaker;
use platform::config;
use platform::http::Problem;
use platform::tls;
use serde_json::Value;

pub(super) use self::refunds::{RETURNED_BY_HAND, RefundOutcome};
pub(super) use self::setups::{Setup, SetupOutcome};

use super::method::{Method, MethodView};
use crate::app::App;

/// The version of Stripe's API that these calls are of, whatever version an account was made with. From 2026-09-30.endive on an intent
/// is not told any more which types of methods it takes (`payment_method_types`).
const VERSION: HeaderValue = HeaderValue::from_static("2026-07-29.dahlia");
const VERSION_HEADER: HeaderName = HeaderName::from_static("stripe-version");

/// Stands for the gateway's id where the gateway was not asked.
const NOTHING_TO_PAY: &str = "nothing_to_pay";

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

impl Outcome {
    /// The same as the rules of payments hear it; `lost`: a payment nobody knows by now was lost on the way.
    pub(super) fn heard(&self, lost: bool) -> Heard {
        match self {
            Self::Succeeded { .. } => Heard::Succeeded,
            Self::Declined { .. } => Heard::Declined,
            Self::RequiresAction { .. } => Heard::RequiresAction,
            Self::Processing { .. } => Heard::Processing,
            Self::NotFound if lost => Heard::NeverArrived,
            Self::NotFound => Heard::NotThereYet,
            Self::Unknown => Heard::Nothing,
        }
    }
}

/// What the gateway says of a payment, and what it shows of the method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) method: Option<MethodView>,
}

impl Answer {
    /// Of a payment of nothing, which no gateway hears of.
    pub(super) fn nothing_to_pay() -> Self {
        Self { outcome: Outcome::Succeeded { intent: NOTHING_TO_PAY.to_owned() }, method: None }
    }

    /// Of a payment that the gateway was not asked for, because it could only refuse.
    fn declined(code: &str) -> Self {
        Self { outcome: Outcome::Declined { intent: None, code: code.to_owned() }, method: None }
    }
}

/// Calls the gateway. Cheap to clone.
#[derive(Clone)]
pub struct GatewayClient {
    http: reqwest::Client,
    url: String,
    secret_key: String,
    breaker: Breaker,
}

impl GatewayClient {
    /// A client for the configured gateway.
    pub fn new(config: &config::Gateway, breakers: &config::Breakers) -> anyhow::Result<Self> {
        // Which way money goes is a setting and nothing that a shell happened to have.
        let http = reqwest::Client::builder()
            .no_proxy()
            .default_headers(HeaderMap::from_iter([(VERSION_HEADER, VERSION)]))
            .tls_backend_preconfigured(tls::client("gateway.ca_file", &config.ca_file)?)
            .timeout(Duration::from_millis(config.timeout_ms))
            .connect_timeout(Duration::from_millis(config.timeout_ms.min(2_000)))
            .redirect(reqwest::redirect::Policy::none());
        let http = match config.proxy.as_str() {
            "" => http,
            proxy => {
                // Not said: it may have a password in it.
                http.proxy(reqwest::Proxy::all(proxy).context("gateway.proxy is not the URL of a proxy")?)
            }
        };
        Ok(Self {
            http: http.build()?,
            url: config.url.trim_end_matches('/').to_owned(),
            secret_key: config.secret_key.clone(),
            breaker: Breaker::new("gateway", breakers.into()),
        })
    }

    /// Whether the gateway answers, is who its certificate says, and takes our key.
    ///
    /// # Errors
    /// It does not; the error names the setting to look at.
    pub async fn check(&self) -> anyhow::Result<()> {
        let request = self.http.get(format!("{}/v1/payment_intents", self.url)).query(&[("limit", "1")]);
        let response = request.bearer_auth(&self.secret_key).send().await;
        let response = response.context("it does not answer; see gateway.url, ca_file and proxy")?;
        match response.status().as_u16() {
            200 => Ok(()),
            401 | 403 => anyhow::bail!("it refuses our key; see gateway.secret_key"),
            status => anyhow::bail!("it answers {status}, which no payment gateway does here"),
        }
    }

    /// Charges `amount`. The payment's id is the idempotency key, so sending it twice charges once.
    pub(super) async fn pay(
        &self,
        payment: PaymentId,
        booking: BookingId,
        amount: Money,
        method: &Method,
        return_url: &str,
    ) -> Answer {
        // No gateway charges nothing: what a promotion code made free, or is too little to charge, is confirmed without one.
        if amount.amount == 0 {
            return Answer::nothing_to_pay();
        }
        let Some(told) = units::told(amount) else {
            return Answer::declined(units::UNTELLABLE);
        };
        let mut form = vec![
            ("amount", told.to_string()),
            ("currency", amount.currency.as_str().to_lowercase()),
            ("confirm", "true".into()),
            ("metadata[payment]", payment.to_string()),
            ("metadata[booking]", booking.to_string()),
            ("return_url", return_url.to_owned()),
            ("expand[]", "payment_method".into()),
        ];
        form.extend(method.params());
        read::charge(self.post("/v1/payment_intents", &payment.to_string(), &form).await)
    }

    /// What became of an intent.
    pub(super) async fn find(&self, intent: &str) -> Answer {
        read::look(
            self.get(&format!("/v1/payment_intents/{intent}"), &[("expand[]", "payment_method")]).await,
        )
    }

    /// What became of a payment whose intent we never learned.
    pub(super) async fn search(&self, payment: PaymentId) -> Answer {
        let query = format!("metadata['payment']:'{payment}'");
        read::search(self.get("/v1/payment_intents/search", &[("query", &query)]).await)
    }

    /// Gives an intent up, so that it cannot succeed any more.
    pub(super) async fn cancel(&self, intent: &str) -> Answer {
        let request = self.http.post(format!("{}/v1/payment_intents/{intent}/cancel", self.url));
        match self.send(request).await {
            // "Cannot be cancelled" is not an answer about the payment: ask what it is instead.
            Some((400, _)) => self.find(intent).await,
            answer => read::look(answer),
        }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Option<(u16, Value)> {
        self.send(self.http.get(format!("{}{path}", self.url)).query(query)).await
    }

    async fn post(&self, path: &str, key: &str, form: &[(&'static str, String)]) -> Option<(u16, Value)> {
        let request = self.http.post(format!("{}{path}", self.url)).header("Idempotency-Key", key);
        self.send(request.form(form)).await
    }

    /// Status and JSON of an answer; `None` when there was none that can be read.
    async fn send(&self, request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
        // Nothing was sent, which is one way of having no answer.
        let call = self.breaker.enter().inspect_err(|_| count("left_alone".to_owned())).ok()?;
        let sent = request.bearer_auth(&self.secret_key).send().await;
        match &sent {
            Ok(response) => {
                let status = response.status();
                count(status.as_u16().to_string());
                if status.is_server_error() || status.as_u16() == 429 {
                    call.failed();
                } else {
                    call.answered();
                }
            }
            Err(error) => {
                count(if error.is_timeout() { "time_out" } else { "unreachable" }.to_owned());
                call.failed();
            }
        }
        let response =
            sent.inspect_err(|error| tracing::warn!(%error, "gateway call without an answer")).ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.ok()?))
    }
}

fn count(outcome: String) {
    metrics::counter!("gateway_calls_total", "outcome" => outcome).increment(1);
}

/// Refuses while the gateway is left alone, so that nothing is begun whose outcome could only be unknown. It asks nobody.
pub(super) fn must_answer(app: &App) -> Result<(), Problem> {
    app.gateway.breaker.check().map_err(|refused| {
        let seconds = refused.retry_in.as_secs() + 1;
        Problem::new(Category::Unavailable, "gateway_unavailable").retry_after(seconds)
    })
}
