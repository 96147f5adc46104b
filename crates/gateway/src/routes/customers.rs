//! `/v1/customers`: somebody who pays more than once.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::Gateway;
use crate::book::CustomerDetails;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::once::{Outcome, perform};
use crate::refusal::Refusal;
use crate::routes::{list_json, page, respond};

fn details(params: &Params) -> Result<CustomerDetails, Refusal> {
    params.only(&[
        "address",
        "description",
        "email",
        "expand",
        "metadata",
        "name",
        "phone",
        "preferred_locales",
    ])?;
    let text = |name| params.get(name).map(str::to_owned);
    Ok(CustomerDetails {
        name: text("name"),
        email: text("email"),
        phone: text("phone"),
        description: text("description"),
        metadata: params.metadata()?,
    })
}

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform(&gateway, call, |book, call, _| {
        let details = details(&call.params)?;
        Ok(Outcome::Answered(Answer::ok(&book.add_customer(details))))
    })
    .await
}

pub(crate) async fn update(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform(&gateway, call, |book, call, _| {
        let details = details(&call.params)?;
        Ok(Outcome::Answered(Answer::ok(&book.change_customer(&id, details)?)))
    })
    .await
}

pub(crate) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    let gone = |book: &mut crate::book::Book, _: &Call, _| {
        Ok(Outcome::Answered(Answer::ok(&book.delete_customer(&id)?)))
    };
    perform(&gateway, call, gone).await
}

pub(crate) async fn retrieve(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().customer_json(&id))
}

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let listed = |params: &Params| {
        params.only(&["email", "limit", "starting_after"])?;
        let found = gateway.book().customers(params.get("email"), &page(params)?);
        Ok(list_json("list", "/v1/customers", found))
    };
    respond(listed(&Params::parse(query.unwrap_or_default().as_bytes())))
}
