//! `/v1/payment_methods`: a card, an account or UPI becomes a token. Making one is for browsers too, so that a card
//! number need not pass anybody's server.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};

use crate::Gateway;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::method::{Kind, TYPES, unknown_type};
use crate::once::{Outcome, perform};
use crate::refusal::Refusal;
use crate::routes::{list_json, page, respond};

const PARAMS: &[&str] = &[
    "_stripe_account",
    "allow_redisplay",
    "billing_details",
    "card",
    "client_attribution_metadata",
    "expand",
    "guid",
    "key",
    "metadata",
    "muid",
    "pasted_fields",
    "payment_user_agent",
    "referrer",
    "sid",
    "time_on_page",
    "type",
    "upi",
    "us_bank_account",
];

/// The secret key or the publishable one, which a browser may also send as `key`.
fn may_tokenise(gateway: &Gateway, call: &Call) -> bool {
    let config = &gateway.config;
    let fits = |key: &str| key == config.secret_key || key == config.publishable_key;
    call.shown.as_deref().or(call.params.get("key")).is_some_and(fits)
}

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    if !may_tokenise(&gateway, &call) {
        return Refusal::unauthenticated().into_response();
    }
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(PARAMS)?;
        let kind = Kind::read(params, "", moment.month)?;
        let (billing, metadata) = (params.nested("billing_details"), params.metadata()?);
        Ok(Outcome::Answered(Answer::ok(&book.add_described_method(kind, billing, metadata))))
    })
    .await
}

pub(crate) async fn retrieve(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().method(&id).map(crate::method::Method::json))
}

pub(crate) async fn attach(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform(&gateway, call, |book, call, moment| {
        call.params.only(&["customer", "expand"])?;
        let customer = call.params.required("customer")?;
        let id = match Kind::from_token(&id, moment.month) {
            Some(kind) => {
                book.customer(customer)?;
                book.add_method(kind).id
            }
            None => id,
        };
        Ok(Outcome::Answered(Answer::ok(&book.attach(&id, customer)?)))
    })
    .await
}

pub(crate) async fn detach(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform(&gateway, call, |book, call, _| {
        call.params.only(&["expand"])?;
        Ok(Outcome::Answered(Answer::ok(&book.detach(&id)?)))
    })
    .await
}

/// `/v1/payment_methods?customer=`.
pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let customer = params.required("customer").map(str::to_owned);
    respond(customer.and_then(|customer| listed(&gateway, &customer, &params, "/v1/payment_methods")))
}

/// `/v1/customers/{id}/payment_methods`.
pub(crate) async fn list_of(
    State(gateway): State<Arc<Gateway>>,
    Path(customer): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let url = format!("/v1/customers/{customer}/payment_methods");
    respond(listed(&gateway, &customer, &params, &url))
}

fn listed(
    gateway: &Gateway,
    customer: &str,
    params: &Params,
    url: &str,
) -> Result<serde_json::Value, Refusal> {
    params.only(&["allow_redisplay", "customer", "limit", "starting_after", "type"])?;
    let kind = params.get("type");
    if kind.is_some_and(|kind| !TYPES.contains(&kind)) {
        return Err(unknown_type("type"));
    }
    let book = gateway.book();
    book.customer(customer)?;
    Ok(list_json("list", url, book.methods_of(customer, kind, &page(params)?)))
}

/// `/v1/customers/{id}/payment_methods/{method}`.
pub(crate) async fn retrieve_of(
    State(gateway): State<Arc<Gateway>>,
    Path((customer, id)): Path<(String, String)>,
) -> Response {
    let book = gateway.book();
    let found = book.method(&id).and_then(|method| {
        let theirs = method.customer.as_deref() == Some(customer.as_str());
        theirs.then(|| method.json()).ok_or_else(|| Refusal::missing("PaymentMethod", "payment_method"))
    });
    respond(found)
}
