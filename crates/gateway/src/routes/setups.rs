//! `/v1/setup_intents`: a method is made ready for later.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::Gateway;
use crate::book::SetupOrder;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::once::{Outcome, perform};
use crate::refusal::Refusal;
use crate::routes::expand::expand;
use crate::routes::source::{Source, return_url, source, types, usage};
use crate::routes::{list_json, page, respond};

const CREATE_PARAMS: &[&str] = &[
    "automatic_payment_methods",
    "confirm",
    "customer",
    "description",
    "expand",
    "mandate_data",
    "metadata",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "return_url",
    "usage",
    "use_stripe_sdk",
];
const CONFIRM_PARAMS: &[&str] =
    &["expand", "mandate_data", "payment_method", "payment_method_data", "return_url", "use_stripe_sdk"];

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(CREATE_PARAMS)?;
        let order = SetupOrder {
            customer: params.get("customer").map(str::to_owned),
            usage: usage(params, "usage")?.unwrap_or_else(|| "off_session".to_owned()),
            metadata: params.metadata()?,
            description: params.get("description").map(str::to_owned),
            return_url: return_url(params)?,
            types: types(params)?,
        };
        let source = source(book, params, moment)?;
        let confirm = params.flag("confirm")?;
        if confirm && source.is_none() {
            return Err(no_method());
        }
        let method = source.map(|source| source.keep(book));
        let id = book.open_setup(order, method.clone())?;
        match method {
            Some(method) if confirm => book.confirm_setup(&id, method, None),
            _ => Ok(Outcome::Answered(Answer::ok(&book.setup_json(&id)?))),
        }
    })
    .await
}

pub(crate) async fn confirm(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(CONFIRM_PARAMS)?;
        let setup = book.setup(&id)?;
        if !setup.is_open() {
            let message =
                format!("This SetupIntent's status is {}; it can no longer be confirmed.", setup.status());
            return Err(Refusal::setup_unexpected_state(message));
        }
        let at_hand = setup.method_to_confirm().cloned().map(Box::new).map(Source::Kept);
        let source = source(book, params, moment)?.or(at_hand);
        let return_url = return_url(params)?;
        let method = source.ok_or_else(no_method)?.keep(book);
        book.confirm_setup(&id, method, return_url)
    })
    .await
}

pub(crate) async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform(&gateway, call, |book, call, _| {
        call.params.only(&["cancellation_reason", "expand"])?;
        let reason = call.params.get("cancellation_reason").map(str::to_owned);
        Ok(Outcome::Answered(Answer::ok(&book.cancel_setup(&id, reason)?)))
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
    respond(book.setup_json(&id).and_then(|setup| expand(&book, setup, &params)))
}

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let listed = |params: &Params| {
        params.only(&["customer", "limit", "starting_after"])?;
        let found = gateway.book().setups(params.get("customer"), &page(params)?);
        Ok(list_json("list", "/v1/setup_intents", found))
    };
    respond(listed(&Params::parse(query.unwrap_or_default().as_bytes())))
}

fn no_method() -> Refusal {
    let message = "You cannot confirm this SetupIntent because it's missing a payment method.";
    Refusal::parameter("parameter_missing", "payment_method", message)
}
