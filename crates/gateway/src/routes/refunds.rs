//! `/v1/refunds`: money back, never more than came in.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::Gateway;
use crate::book::RefundOrder;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::once::{Outcome, perform};
use crate::routes::expand::expand;
use crate::routes::{list_json, page, respond};

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform(&gateway, call, |book, call, _| {
        let params = &call.params;
        params.only(&["amount", "charge", "expand", "metadata", "payment_intent", "reason"])?;
        let order = RefundOrder {
            amount: params.positive("amount")?,
            reason: params.get("reason").map(str::to_owned),
            metadata: params.metadata()?,
        };
        let intent = match (params.get("payment_intent"), params.get("charge")) {
            (None, Some(charge)) => book.intent_of_charge(charge)?.to_owned(),
            _ => params.required("payment_intent")?.to_owned(),
        };
        let refund = book.refund(&intent, order)?;
        Ok(Outcome::Answered(Answer::ok(&refund)))
    })
    .await
}

pub(crate) async fn retrieve(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let book = gateway.book();
    respond(book.refund_json(&id).and_then(|refund| expand(&book, refund, &params)))
}

/// `/v1/charges/{id}`: what a refund is of.
pub(crate) async fn charge(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().charge_json(&id))
}

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let listed = |params: &Params| {
        params.only(&["limit", "payment_intent", "starting_after"])?;
        let found = gateway.book().refunds(params.get("payment_intent"), &page(params)?);
        Ok(list_json("list", "/v1/refunds", found))
    };
    respond(listed(&Params::parse(query.unwrap_or_default().as_bytes())))
}
