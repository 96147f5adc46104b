//! The addresses of the service. Everything that a program calls needs the secret key; pages for people do not.

mod intents;
mod methods;
mod refunds;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::Gateway;
use crate::book::Page;
use crate::form::Params;
use crate::http::{Answer, require_key};
use crate::pages;
use crate::refusal::Refusal;

/// The largest body a caller may send; a payment intent with all its metadata is well under it.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Stripe's page sizes.
const DEFAULT_PAGE: i64 = 10;
const MAX_PAGE: i64 = 100;

pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    let programs = Router::new()
        .route("/v1/payment_intents", post(intents::create).get(intents::list))
        .route("/v1/payment_intents/search", get(intents::search))
        .route("/v1/payment_intents/{id}", get(intents::retrieve))
        .route("/v1/payment_intents/{id}/confirm", post(intents::confirm))
        .route("/v1/payment_intents/{id}/cancel", post(intents::cancel))
        .route("/v1/payment_methods", post(methods::create))
        .route("/v1/payment_methods/{id}", get(methods::retrieve))
        .route("/v1/refunds", post(refunds::create).get(refunds::list))
        .route("/v1/refunds/{id}", get(refunds::retrieve))
        .route("/_test/book", get(book))
        .route_layer(from_fn_with_state(Arc::clone(&gateway), require_key));
    let people = Router::new()
        .route("/", get(pages::index))
        .route("/healthz", get(|| async { "ok" }))
        .route("/challenge/{id}", get(pages::challenge))
        .route("/challenge/{id}/{verdict}", post(pages::answer));
    programs
        .merge(people)
        .fallback(|| async { Refusal::no_route(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Refusal::no_route(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(gateway)
}

async fn book(State(gateway): State<Arc<Gateway>>) -> Answer {
    Answer::ok(&gateway.book().everything())
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
