//! The layers every server wears, outermost first: request id and log, problem texts, compression, time budget, panics,
//! and the detachment of writes from their connection.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::client_address::{ClientAddress, TrustedProxies};
use super::headers::SecurityHeaders;
use super::problem::{PendingProblem, Problem};
use super::shape::JsonLimits;
use crate::messages::{Locale, Messages};
use crate::random::Random;

/// How much of a body that is too long is read, and for how long.
const THROWN_AWAY_BYTES: usize = 1024 * 1024;
const THROWN_AWAY_FOR: Duration = Duration::from_secs(1);
/// How long a file may take to come: five megabytes by a poor telephone line.
const UPLOAD_BUDGET: Duration = Duration::from_mins(1);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id, in its extensions: what the answer's `X-Request-Id` and the logs have.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// What the layers need.
pub struct Kit {
    /// Texts of the problems.
    pub messages: Arc<Messages>,
    /// For request ids.
    pub random: Random,
    /// Longest a request may take.
    pub budget: Duration,
    /// Largest body, bytes.
    pub body_bytes: usize,
    /// Paths at which a POST only asks: what it does may be dropped when nobody waits for the answer.
    pub asking_posts: &'static [&'static str],
    /// Paths at which files come in: their handlers read the bodies, once they know who sends, and have longer.
    pub uploads: &'static [&'static str],
    /// Proxies whose forwarding header is believed.
    pub trusted_proxies: TrustedProxies,
    /// What a JSON body may be.
    pub json: JsonLimits,
    /// What browsers are told with every answer.
    pub headers: SecurityHeaders,
    /// Other sites whose pages may call, by their exact origin.
    pub cors_origins: Vec<HeaderValue>,
}

/// Puts the layers around the routes.
pub fn wrap(router: Router, kit: Kit) -> Router {
    // Every layer clones its state with each request.
    let kit = Arc::new(kit);
    router
        .layer(middleware::from_fn_with_state(Arc::clone(&kit), detach_writes))
        .layer(CatchPanicLayer::custom(report_panic))
        .layer(middleware::from_fn_with_state((kit.budget, kit.uploads), enforce_budget))
        .layer(DefaultBodyLimit::max(kit.body_bytes))
        .layer(cors(&kit.cors_origins))
        .layer(CompressionLayer::new().gzip(true).compress_when(SizeAbove::new(1_024).and(is_text)))
        .layer(middleware::from_fn_with_state(kit, frame))
}

/// Pages of the named sites may call as programs do, with a token; cookies of ours are not sent along. Whoever is not named gets no
/// header at all, and the browser keeps the answer from the page (Fetch standard, "CORS protocol").
fn cors(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            REQUEST_ID,
        ])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("idempotent-replayed"), REQUEST_ID])
        .max_age(Duration::from_mins(10))
}

/// Texts are worth compressing; pictures and archives are compressed already.
fn is_text(
    _: StatusCode,
    _: axum::http::Version,
    headers: &axum::http::HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    kind.starts_with("text/") || kind.contains("json") || kind.contains("javascript")
}

/// The outermost layer: names the request, tells who called, writes problems in the caller's language, logs one line and
/// counts.
async fn frame(State(kit): State<Arc<Kit>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&request, kit.random);
    let locale = locale(&request);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched".to_owned(), |path| path.as_str().to_owned());
    let address = ClientAddress::of(&request, &kit.trusted_proxies);
    request.extensions_mut().insert(RequestId(id.as_str().into()));
    request.extensions_mut().insert(address);
    request.extensions_mut().insert(locale);
    request.extensions_mut().insert(kit.json);

    let response = next.run(request).await;
    let mut response = write_problem(response, &kit.messages, locale, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    kit.headers.add_to(response.headers_mut());
    record(&method, route, response.status(), started.elapsed(), &id);
    response
}

/// A caller's own id is kept when it is short and plain, so that two systems' logs can be matched.
fn request_id(request: &Request, random: Random) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let fresh = || format!("req_{:032x}", u128::from_be_bytes(random.bytes()));
    given.filter(plain).map_or_else(fresh, str::to_owned)
}

fn locale(request: &Request) -> Locale {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.map_or(Locale::En, Locale::negotiate)
}

/// The method as a label. A client may invent methods, and each label value lives as long as the process.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn record(method: &Method, route: String, status: StatusCode, took: Duration, id: &str) {
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(request_id = id, %method, route, status = status.as_u16(), took_us, "request");
    metrics::histogram!("http_request_seconds", "route" => route.clone()).record(took.as_secs_f64());
    let status = status.as_u16().to_string();
    metrics::counter!("http_requests_total", "method" => method_label(method), "route" => route, "status" => status)
        .increment(1);
}

/// Gives every refusal its body, the framework's own included.
fn write_problem(response: Response, messages: &Messages, locale: Locale, id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let pending = response.extensions().get::<PendingProblem>().map(|pending| Arc::clone(&pending.0));
    let kind = response.headers().get(header::CONTENT_TYPE);
    let has_body = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    let problem = match pending {
        Some(problem) => problem,
        None if has_body => return response,
        None => Arc::new(Problem::of_status(status)),
    };
    if let Some(cause) = problem.cause() {
        tracing::error!(request_id = id, code = problem.code, cause = format!("{cause:#}"), "request failed");
    }
    let body = problem.body(messages, locale, id).to_string();
    let (mut parts, _) = response.into_parts();
    parts.status = problem.status();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if problem.status() == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    Response::from_parts(parts, Body::from(body))
}

/// A request that takes longer than its budget is answered 503; what it was doing, if it writes, goes on detached.
async fn enforce_budget(
    State((budget, uploads)): State<(Duration, &'static [&'static str])>,
    request: Request,
    next: Next,
) -> Response {
    let uploads = uploads.contains(&request.uri().path());
    let budget = if uploads { budget.max(UPLOAD_BUDGET) } else { budget };
    match tokio::time::timeout(budget, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::of_status(StatusCode::GATEWAY_TIMEOUT).into_response(),
    }
}

/// A client that hangs up makes the server drop the handler's future. A write is therefore run as a task of its own:
/// it ends as it would have, and its answer goes nowhere. Bodies are read before, within the request's time: a task that waits
/// for a client who sends a byte now and then would never end, and a search that waits for one would keep its place from others. Files are
/// read by their handlers, so that nobody unknown fills the memory with them; a sender who hangs up has sent nothing.
async fn detach_writes(State(kit): State<Arc<Kit>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if request.method().is_safe() || kit.uploads.contains(&path) {
        return next.run(request).await;
    }
    let asks = kit.asking_posts.contains(&path);
    let (parts, body) = request.into_parts();
    let body = match read_body(body, kit.body_bytes).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let run = next.run(Request::from_parts(parts, Body::from(body)));
    if asks {
        return run.await;
    }
    match tokio::spawn(run).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => report_panic(error.into_panic()),
        Err(error) => Problem::internal(error).into_response(),
    }
}

async fn read_body(mut body: Body, most: usize) -> Result<Bytes, Problem> {
    let says_so = body.size_hint().lower() > most as u64;
    if !says_so {
        match Limited::new(&mut body, most).collect().await {
            Ok(body) => return Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {}
            Err(_) => return Err(Problem::malformed("the body ended early")),
        }
    }
    throw_away(body).await;
    Err(Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE))
}

/// Reads on for a moment what is refused: a client that is still sending when its connection closes does not hear the answer.
async fn throw_away(mut body: Body) {
    let rest = async {
        let mut bytes = 0;
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > THROWN_AWAY_BYTES {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(THROWN_AWAY_FOR, rest).await;
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
fn report_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Problem::internal(anyhow::anyhow!("panic: {text}")).into_response()
}
