//! What a handler takes and gives: a [`Call`] with its parameters and idempotency key, and an [`Answer`].

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Gateway;
use crate::book::Asker;
use crate::faults::Fault;
use crate::form::Params;
use crate::refusal::Refusal;
use crate::wire::Cut;

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

    pub(crate) fn is_ok(&self) -> bool {
        self.status == StatusCode::OK
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
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

/// The id of a request, as `Request-Id` shows it.
#[derive(Clone)]
pub(crate) struct RequestId(String);

/// One POST.
pub(crate) struct Call {
    pub(crate) params: Params,
    pub(crate) key: Option<String>,
    pub(crate) fingerprint: u64,
    /// The key its caller proves itself with.
    pub(crate) shown: Option<String>,
    pub(crate) asker: Asker,
    pub(crate) path: String,
    cut: Option<Cut>,
}

impl Call {
    /// What a fault of this call depends on.
    pub(crate) fn subject(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.path)
    }
}

impl FromRequest<Arc<Gateway>> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Response> {
        let key = idempotency_key(request.headers()).map_err(IntoResponse::into_response)?;
        let shown = shown_key(request.headers());
        let path = request.uri().path().to_owned();
        let cut = cut_of(&request);
        let id = request.extensions().get::<RequestId>().map(|RequestId(id)| id.clone());
        let asker = Asker { request: id, key: key.clone() };
        let body = Bytes::from_request(request, gateway).await.map_err(IntoResponse::into_response)?;
        let params = Params::parse(&body);
        let fingerprint = params.fingerprint(&path, &gateway.fingerprints);
        Ok(Self { params, key, fingerprint, shown, asker, path, cut })
    }
}

fn cut_of(request: &Request) -> Option<Cut> {
    request.extensions().get::<ConnectInfo<Cut>>().map(|ConnectInfo(cut)| cut.clone())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=MAX_KEY_CHARS).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Refusal::bad_request("An idempotency key is 1 to 255 visible ASCII characters.")),
    }
}

/// The key in `Authorization`: `Bearer key`, or `Basic` with the key as the user, as in `curl -u key:`.
fn shown_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(key) = value.strip_prefix("Bearer ") {
        return Some(key.to_owned());
    }
    let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    pair.split(':').next().map(str::to_owned)
}

/// Lets a request through that shows the secret key.
pub(crate) async fn require_key(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Response {
    match shown_key(request.headers()) {
        Some(key) if key == gateway.config.secret_key => next.run(request).await,
        Some(key) if key == gateway.config.publishable_key => Refusal::publishable_key().into_response(),
        _ => Refusal::unauthenticated().into_response(),
    }
}

/// Gives each request an id, and says it and the version in the answer.
pub(crate) async fn stamp(State(gateway): State<Arc<Gateway>>, mut request: Request, next: Next) -> Response {
    let id = gateway.next_request();
    request.extensions_mut().insert(RequestId(id.clone()));
    let key = request.headers().get("idempotency-key").cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("request-id", id);
    }
    headers.insert("stripe-version", HeaderValue::from_static(crate::API_VERSION));
    if let Some(key) = key {
        headers.insert("idempotency-key", key);
    }
    response
}

/// What a hostile gateway does to a look: nothing depends on whether the fault comes before or after.
pub(crate) async fn trouble_looks(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let fault = gateway.faults.of_call(request.uri().path());
    let cut = cut_of(&request);
    match fault {
        Some(fault) => fail(&gateway, fault, cut.as_ref()).await,
        None => next.run(request).await,
    }
}

impl Call {
    /// Fails this call.
    pub(crate) async fn fail(&self, gateway: &Gateway, fault: Fault) -> Response {
        fail(gateway, fault, self.cut.as_ref()).await
    }
}

/// What the caller hears of a fault, which counts as injected now.
async fn fail(gateway: &Gateway, fault: Fault, cut: Option<&Cut>) -> Response {
    gateway.faults.injected(fault);
    match fault {
        Fault::TimeoutBefore | Fault::TimeoutAfter => gateway.hang().await,
        Fault::Hang => gateway.hang_for_ever().await,
        Fault::ResetBefore | Fault::ResetAfter => {
            if let Some(cut) = cut {
                cut.now();
            }
        }
        _ => {}
    }
    let status = match fault {
        Fault::ErrorAfter => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    Refusal::of_ours(status).into_response()
}
