//! Refusals in Stripe's words: `{"error": {"type", "code", "decline_code", "message", "param", "payment_intent"}}`.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::http::Answer;

/// Why a call was not done. A refusal has no effect; a decline, which has one, is an [`Answer`] of status 402.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    decline_code: Option<&'static str>,
    param: Option<String>,
    intent: Option<Box<Value>>,
}

impl Refusal {
    /// 401: no key, or not ours.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", None, "Invalid API Key provided.")
    }

    /// 400: the call as a whole is wrong, whatever its parameters.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", None, message)
    }

    /// 400: the parameter called `param` is missing, unknown or wrong; `code` says which.
    pub(crate) fn parameter(code: &'static str, param: &str, message: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", Some(code), message);
        Self { param: Some(param.to_owned()), ..refusal }
    }

    /// 404: there is no such `what`. The id is not repeated: a caller may have put a card number in its place.
    pub(crate) fn missing(what: &str, param: &str) -> Self {
        let (status, message) = (StatusCode::NOT_FOUND, format!("No such {what}."));
        let refusal = Self::new(status, "invalid_request_error", Some("resource_missing"), message);
        Self { param: Some(param.to_owned()), ..refusal }
    }

    /// 404 or 405: nothing answers at that address, or not to that method.
    pub(crate) fn no_route(status: StatusCode) -> Self {
        Self::new(status, "invalid_request_error", None, "Unrecognized request URL or method.")
    }

    /// 400: the intent has moved on; the caller is shown where it is.
    pub(crate) fn unexpected_state(message: impl Into<String>, intent: Value) -> Self {
        let code = Some("payment_intent_unexpected_state");
        let refusal = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", code, message);
        Self { intent: Some(Box::new(intent)), ..refusal }
    }

    /// 400: the setup intent has moved on.
    pub(crate) fn setup_unexpected_state(message: impl Into<String>) -> Self {
        let code = Some("setup_intent_unexpected_state");
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", code, message)
    }

    /// 403: the key is a browser's, and this is not for browsers.
    pub(crate) fn publishable_key() -> Self {
        let message = "This API call cannot be made with a publishable API key. Please use a secret API key.";
        let code = Some("secret_key_required");
        Self::new(StatusCode::FORBIDDEN, "invalid_request_error", code, message)
    }

    /// 402: the issuer does not let a customer keep its card.
    pub(crate) fn declined(code: &'static str, decline_code: &'static str, message: &str) -> Self {
        let refusal = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", Some(code), message);
        Self { decline_code: Some(decline_code), ..refusal }
    }

    /// 402: the card data cannot be those of a card.
    pub(crate) fn card(code: &'static str, param: &str, message: &str) -> Self {
        let refusal = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", Some(code), message);
        Self { param: Some(param.to_owned()), ..refusal }
    }

    /// 400: the idempotency key was used with another request.
    pub(crate) fn key_reused() -> Self {
        let message = "Keys for idempotent requests can only be used with the same parameters they were first \
                       used with. Try using a key other than the one given if you meant to execute a different \
                       request.";
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", None, message)
    }

    /// 409: the first request with the idempotency key is still under way.
    pub(crate) fn key_in_use() -> Self {
        let message = "There is currently another in-progress request using this Idempotent Key. Please try \
                       again later.";
        Self::new(StatusCode::CONFLICT, "idempotency_error", Some("idempotency_key_in_use"), message)
    }

    /// 500 or 503: the gateway's own failure, which says nothing about whether the effect took place.
    pub(crate) fn of_ours(status: StatusCode) -> Self {
        Self::new(status, "api_error", None, "An unknown error occurred")
    }

    /// The error as it goes out.
    pub(crate) fn answer(self) -> Answer {
        let mut error = Map::new();
        error.insert("type".to_owned(), json!(self.kind));
        error.insert("message".to_owned(), json!(self.message));
        let optional = [
            ("code", self.code.map(Value::from)),
            ("decline_code", self.decline_code.map(Value::from)),
            ("param", self.param.map(Value::from)),
            ("payment_intent", self.intent.map(|intent| *intent)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                error.insert(name.to_owned(), value);
            }
        }
        Answer::new(self.status, &json!({ "error": error }))
    }

    fn new(
        status: StatusCode,
        kind: &'static str,
        code: Option<&'static str>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, kind, code, message: message.into(), decline_code: None, param: None, intent: None }
    }
}
