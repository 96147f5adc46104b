//! `/v1/refunds`: money back, never more than came in.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::Gateway;
use crate::book::RefundOrder;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::once::{Outcome, perform};
use crate::routes::{list_json, page, respond};

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(&["amount", "expand", "metadata", "payment_intent", "reason"])?;
        let order = RefundOrder {
            amount: params.positive("amount")?,
            reason: params.get("reason").map(str::to_owned),
            metadata: params.metadata()?,
        };
        let refund = book.refund(params.required("payment_intent")?, order, moment.now)?;
        Ok(Outcome::Answered(Answer::ok(&refund)))
    })
    .await
}

pub(crate) async fn retrieve(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().refund_json(&id))
}

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let listed = |params: &Params| {
        params.only(&["limit", "payment_intent", "starting_after"])?;
        let found = gateway.book().refunds(params.get("payment_intent"), &page(params)?);
        Ok(list_json("list", "/v1/refunds", found))
    };
    respond(listed(&Params::parse(query.unwrap_or_default().as_bytes())))
}
