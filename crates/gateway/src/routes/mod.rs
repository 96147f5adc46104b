//! The addresses of the service. Everything that a program calls needs the secret key; pages for people do not.

mod customers;
mod expand;
mod intents;
mod methods;
mod refunds;
mod setups;
mod source;
mod testing;
mod webhooks;

pub(crate) use self::expand::expand;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::Gateway;
use crate::book::Page;
use crate::form::Params;
use crate::http::{Answer, require_key, stamp, trouble_looks};
use crate::pages;
use crate::refusal::Refusal;

/// The largest body a caller may send; a payment intent with all its metadata is well under it.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Stripe's page sizes.
const DEFAULT_PAGE: i64 = 10;
const MAX_PAGE: i64 = 100;

pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    let people = Router::new()
        .route("/", get(pages::index))
        .route("/healthz", get(|| async { "ok" }))
        .route("/challenge/{id}", get(pages::challenge))
        .route("/challenge/{id}/{verdict}", post(pages::answer));
    let browsers = Router::new()
        .route("/v1/payment_methods", post(methods::create).options(|| async { StatusCode::NO_CONTENT }))
        .layer(from_fn(let_browsers_in));
    money(&gateway)
        .merge(administration(&gateway))
        .merge(browsers)
        .merge(people)
        .fallback(|| async { Refusal::no_route(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Refusal::no_route(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&gateway), stamp))
        .with_state(gateway)
}

/// What a shop calls to be paid; a hostile gateway fails some of it.
fn money(gateway: &Arc<Gateway>) -> Router<Arc<Gateway>> {
    Router::new()
        .route("/v1/payment_intents", post(intents::create).get(intents::list))
        .route("/v1/payment_intents/search", get(intents::search))
        .route("/v1/payment_intents/{id}", get(intents::retrieve).post(intents::update))
        .route("/v1/payment_intents/{id}/confirm", post(intents::confirm))
        .route("/v1/payment_intents/{id}/cancel", post(intents::cancel))
        .route("/v1/setup_intents", post(setups::create).get(setups::list))
        .route("/v1/setup_intents/{id}", get(setups::retrieve))
        .route("/v1/setup_intents/{id}/confirm", post(setups::confirm))
        .route("/v1/setup_intents/{id}/cancel", post(setups::cancel))
        .route("/v1/payment_methods", get(methods::list))
        .route("/v1/payment_methods/{id}", get(methods::retrieve))
        .route("/v1/payment_methods/{id}/attach", post(methods::attach))
        .route("/v1/payment_methods/{id}/detach", post(methods::detach))
        .route("/v1/customers", post(customers::create).get(customers::list))
        .route(
            "/v1/customers/{id}",
            get(customers::retrieve).post(customers::update).delete(customers::delete),
        )
        .route("/v1/customers/{id}/payment_methods", get(methods::list_of))
        .route("/v1/customers/{id}/payment_methods/{method}", get(methods::retrieve_of))
        .route("/v1/charges/{id}", get(refunds::charge))
        .route("/v1/refunds", post(refunds::create).get(refunds::list))
        .route("/v1/refunds/{id}", get(refunds::retrieve))
        .route_layer(from_fn_with_state(Arc::clone(gateway), trouble_looks))
        .route_layer(from_fn_with_state(Arc::clone(gateway), require_key))
}

/// What a shop or a test sets up with; never failed on purpose.
fn administration(gateway: &Arc<Gateway>) -> Router<Arc<Gateway>> {
    Router::new()
        .route("/v1/webhook_endpoints", post(webhooks::create).get(webhooks::list))
        .route(
            "/v1/webhook_endpoints/{id}",
            get(webhooks::retrieve).post(webhooks::update).delete(webhooks::delete),
        )
        .route("/v1/events", get(webhooks::events))
        .route("/v1/events/{id}", get(webhooks::event))
        .route("/_test/book", get(testing::book))
        .route("/_test/hostility", get(testing::hostility).post(testing::set_hostility))
        .route("/_test/settle", post(testing::settle))
        .route("/_test/webhooks", get(testing::webhooks))
        .route("/_test/webhook_endpoints/{id}/roll", post(webhooks::roll))
        .route("/_test/events/{id}/resend", post(webhooks::send_again))
        .route_layer(from_fn_with_state(Arc::clone(gateway), require_key))
}

/// CORS: any page may make a payment method, as any page may with Stripe.
async fn let_browsers_in(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let all = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, all);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("request-id"));
    if is_preflight {
        let allowed = "authorization, content-type, idempotency-key, stripe-version";
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

/// The page that `limit` and `starting_after` ask for.
fn page(params: &Params) -> Result<Page, Refusal> {
    let limit = params.positive("limit")?.unwrap_or(DEFAULT_PAGE);
    if limit > MAX_PAGE {
        let message = format!("Invalid integer: limit is at most {MAX_PAGE}");
        return Err(Refusal::parameter("parameter_invalid_integer", "limit", message));
    }
    let limit = usize::try_from(limit).unwrap_or(0);
    Ok(Page { limit, after: params.get("starting_after").map(str::to_owned) })
}

/// Stripe's list object; `kind` is `list` or `search_result`.
fn list_json(kind: &str, url: &str, (data, has_more): (Vec<Value>, bool)) -> Value {
    json!({ "object": kind, "url": url, "has_more": has_more, "data": data })
}

/// An answer, or the refusal in its place.
fn respond(result: Result<Value, Refusal>) -> axum::response::Response {
    result.map(|body| Answer::ok(&body)).into_response()
}
