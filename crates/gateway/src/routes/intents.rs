//! `/v1/payment_intents`: open, confirm, cancel, find.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use kernel::{Currency, Money};

use crate::Gateway;
use crate::book::Confirmation;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::intent::Order;
use crate::once::{Outcome, perform};
use crate::refusal::Refusal;
use crate::routes::expand::expand;
use crate::routes::source::{Source, return_url, source, types, usage, vanishes};
use crate::routes::{list_json, page, respond};

/// Stripe's largest amount, in minor units.
const MAX_AMOUNT: i64 = 99_999_999;

/// What Stripe takes and this gateway reads, or accepts because it changes nothing here.
const CREATE_PARAMS: &[&str] = &[
    "amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "confirmation_method",
    "currency",
    "customer",
    "description",
    "error_on_requires_action",
    "expand",
    "mandate_data",
    "metadata",
    "off_session",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "use_stripe_sdk",
];
const CONFIRM_PARAMS: &[&str] = &[
    "expand",
    "mandate_data",
    "off_session",
    "payment_method",
    "payment_method_data",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "use_stripe_sdk",
];

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(CREATE_PARAMS)?;
        let order = order(params)?;
        check_least(order.amount, &gateway.config.minimum_amounts)?;
        let source = source(book, params, moment)?;
        let confirm = params.flag("confirm")?;
        if confirm && source.is_none() {
            return Err(no_method());
        }
        if confirm && vanishes(source.as_ref(), moment) {
            return Ok(Outcome::Vanished);
        }
        let said = Confirmation { off_session: off_session(params)?, ..Confirmation::default() };
        let method = source.map(|source| source.keep(book));
        let id = book.open(order, method.clone())?;
        match method {
            Some(method) if confirm => book.confirm(&id, method, said),
            _ => Ok(Outcome::Answered(Answer::ok(&book.intent_json(&id)?))),
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
        let intent = book.intent(&id)?;
        if !intent.is_open() {
            let status = intent.status();
            let message = format!("This PaymentIntent's status is {status}; it can no longer be confirmed.");
            return Err(Refusal::unexpected_state(message, book.intent_json(&id)?));
        }
        let at_hand = intent.method_to_confirm().cloned().map(Box::new).map(Source::Kept);
        let source = source(book, params, moment)?.or(at_hand);
        if vanishes(source.as_ref(), moment) {
            return Ok(Outcome::Vanished);
        }
        let (return_url, off_session) = (return_url(params)?, off_session(params)?);
        let said = Confirmation { return_url, off_session, future_usage: future_usage(params)? };
        let method = source.ok_or_else(no_method)?.keep(book);
        book.confirm(&id, method, said)
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
        Ok(Outcome::Answered(Answer::ok(&book.cancel(&id, reason)?)))
    })
    .await
}

/// Changes an open intent's metadata, description or method.
pub(crate) async fn update(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(&["description", "expand", "metadata", "payment_method", "payment_method_data"])?;
        let source = source(book, params, moment)?;
        let intent = book.intent(&id)?;
        if source.is_some() && !intent.is_open() {
            let message =
                format!("This PaymentIntent's method cannot be changed: it is {}.", intent.status());
            return Err(Refusal::unexpected_state(message, book.intent_json(&id)?));
        }
        let (metadata, description) = (params.metadata()?, params.get("description").map(str::to_owned));
        let method = source.map(|source| source.keep(book));
        Ok(Outcome::Answered(Answer::ok(&book.amend(&id, metadata, description, method)?)))
    })
    .await
}

pub(crate) async fn retrieve(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let found = |params: &Params| {
        params.only(&["client_secret", "expand"])?;
        let book = gateway.book();
        expand(&book, book.intent_json(&id)?, params)
    };
    respond(found(&params))
}

/// Stripe's list, and one thing more: `metadata[key]=value` narrows it, so that a client whose call timed out finds
/// what it did.
pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let listed = |params: &Params| {
        params.only(&["customer", "limit", "metadata", "starting_after"])?;
        let found = gateway.book().intents(&params.metadata()?, params.get("customer"), &page(params)?);
        Ok(list_json("list", "/v1/payment_intents", found))
    };
    respond(listed(&Params::parse(query.unwrap_or_default().as_bytes())))
}

/// The same search in Stripe's own words: `query=metadata['payment']:'pay_1'`.
pub(crate) async fn search(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let searched = |params: &Params| {
        params.only(&["limit", "query"])?;
        let (key, value) = metadata_clause(params.required("query")?).ok_or_else(|| {
            let message = "This gateway searches by one clause, metadata['key']:'value'.";
            Refusal::parameter("parameter_invalid", "query", message)
        })?;
        let found = gateway.book().intents(&BTreeMap::from([(key, value)]), None, &page(params)?);
        Ok(list_json("search_result", "/v1/payment_intents/search", found))
    };
    respond(searched(&Params::parse(query.unwrap_or_default().as_bytes())))
}

fn metadata_clause(query: &str) -> Option<(String, String)> {
    let query = query.trim().replace('"', "'");
    let (key, value) = query.strip_prefix("metadata['")?.strip_suffix('\'')?.split_once("']:'")?;
    Some((key.to_owned(), value.to_owned()))
}

fn no_method() -> Refusal {
    let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
    Refusal::parameter("parameter_missing", "payment_method", message)
}

/// Refuses what costs more to charge than it brings, as Stripe does: 400 `amount_too_small`.
fn check_least(amount: Money, least: &BTreeMap<Currency, i64>) -> Result<(), Refusal> {
    let least = Money::new(least.get(&amount.currency).copied().unwrap_or(0), amount.currency);
    if amount.amount >= least.amount {
        return Ok(());
    }
    let message = format!("Amount must be at least {least}.");
    Err(Refusal::parameter("amount_too_small", "amount", message))
}

fn order(params: &Params) -> Result<Order, Refusal> {
    params.required("amount")?;
    let amount = params.positive("amount")?.unwrap_or(0);
    if amount > MAX_AMOUNT {
        let message = "Amount must be no more than 99999999 minor units.";
        return Err(Refusal::parameter("amount_too_large", "amount", message));
    }
    let currency: Currency = params.required("currency")?.to_uppercase().parse().map_err(|_| {
        Refusal::parameter("parameter_invalid", "currency", "Invalid currency: three letters (ISO 4217).")
    })?;
    if !matches!(params.get("capture_method"), None | Some("automatic" | "automatic_async")) {
        let message = "This gateway captures automatically only.";
        return Err(Refusal::parameter("parameter_invalid", "capture_method", message));
    }
    Ok(Order {
        amount: Money::new(amount, currency),
        metadata: params.metadata()?,
        description: params.get("description").map(str::to_owned),
        return_url: return_url(params)?,
        customer: params.get("customer").map(str::to_owned),
        future_usage: future_usage(params)?,
        types: types(params)?,
    })
}

/// Whether the traveller is away; Stripe also takes `one_off` and `recurring`, which mean that.
fn off_session(params: &Params) -> Result<bool, Refusal> {
    Ok(matches!(params.get("off_session"), Some("one_off" | "recurring")) || params.flag("off_session")?)
}

fn future_usage(params: &Params) -> Result<Option<String>, Refusal> {
    usage(params, "setup_future_usage")
}
