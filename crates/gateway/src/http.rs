//! What a handler takes and gives: a [`Call`] with its parameters and idempotency key, and an [`Answer`].

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::Gateway;
use crate::form::Params;
use crate::refusal::Refusal;

/// Stripe's limit.
const MAX_KEY_CHARS: usize = 255;

/// A status and a JSON body; kept as text, so that a replay is the same answer to the byte.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Arc<str>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: &Value) -> Self {
        Self { status, body: body.to_string().into() }
    }

    pub(crate) fn ok(body: &Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// The answer, marked as one given before.
    pub(crate) fn replayed(self) -> Response {
        let mut response = self.into_response();
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
        response
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        (self.status, json, self.body.to_string()).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.answer().into_response()
    }
}

/// One POST of a caller who has shown the secret key.
pub(crate) struct Call {
    pub(crate) params: Params,
    pub(crate) key: Option<String>,
    pub(crate) fingerprint: u64,
}

impl FromRequest<Arc<Gateway>> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Response> {
        let key = idempotency_key(request.headers()).map_err(IntoResponse::into_response)?;
        let address = request.uri().path().to_owned();
        let body = Bytes::from_request(request, gateway).await.map_err(IntoResponse::into_response)?;
        let params = Params::parse(&body);
        let fingerprint = params.fingerprint(&address, &gateway.fingerprints);
        Ok(Self { params, key, fingerprint })
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=MAX_KEY_CHARS).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Refusal::bad_request("An idempotency key is 1 to 255 visible ASCII characters.")),
    }
}

/// Lets a request through that shows the secret key.
pub(crate) async fn require_key(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match shown.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(key) if key == gateway.config.secret_key => next.run(request).await,
        _ => Refusal::unauthenticated().into_response(),
    }
}
