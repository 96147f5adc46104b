//! `/v1/payment_intents`: open, confirm, cancel, find.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use kernel::{Currency, Money};

use crate::Gateway;
use crate::book::Book;
use crate::cards::{Card, Scenario};
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::intent::{Method, Order};
use crate::once::{Moment, Outcome, perform};
use crate::refusal::Refusal;
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
    "description",
    "error_on_requires_action",
    "expand",
    "metadata",
    "off_session",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "receipt_email",
    "return_url",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "use_stripe_sdk",
];
const CONFIRM_PARAMS: &[&str] = &[
    "expand",
    "off_session",
    "payment_method",
    "payment_method_data",
    "receipt_email",
    "return_url",
    "use_stripe_sdk",
];

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(CREATE_PARAMS)?;
        let order = order(params)?;
        let source = source(book, params, moment)?;
        let confirm = params.flag("confirm")?;
        if confirm && source.is_none() {
            return Err(no_method());
        }
        if confirm && vanishes(source.as_ref(), moment) {
            return Ok(Outcome::Vanished);
        }
        let method = source.map(|source| source.keep(book, moment.now));
        let id = book.open(order, method.clone(), moment.now);
        match method {
            Some(method) if confirm => book.confirm(&id, method, None),
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
        let at_hand = intent.method_to_confirm().cloned().map(Source::Kept);
        let source = source(book, params, moment)?.or(at_hand);
        if vanishes(source.as_ref(), moment) {
            return Ok(Outcome::Vanished);
        }
        let return_url = return_url(params)?;
        let method = source.ok_or_else(no_method)?.keep(book, moment.now);
        book.confirm(&id, method, return_url)
    })
    .await
}

pub(crate) async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform(&gateway, call, |book, call, moment| {
        call.params.only(&["cancellation_reason", "expand"])?;
        let reason = call.params.get("cancellation_reason").map(str::to_owned);
        Ok(Outcome::Answered(Answer::ok(&book.cancel(&id, reason, moment.now)?)))
    })
    .await
}

pub(crate) async fn retrieve(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().intent_json(&id))
}

/// Stripe's list, and one thing more: `metadata[key]=value` narrows it, so that a client whose call timed out finds
/// what it did.
pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let listed = |params: &Params| {
        params.only(&["limit", "metadata", "starting_after"])?;
        let found = gateway.book().intents(&params.metadata()?, &page(params)?);
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
        let found = gateway.book().intents(&BTreeMap::from([(key, value)]), &page(params)?);
        Ok(list_json("search_result", "/v1/payment_intents/search", found))
    };
    respond(searched(&Params::parse(query.unwrap_or_default().as_bytes())))
}

fn metadata_clause(query: &str) -> Option<(String, String)> {
    let query = query.trim().replace('"', "'");
    let (key, value) = query.strip_prefix("metadata['")?.strip_suffix('\'')?.split_once("']:'")?;
    Some((key.to_owned(), value.to_owned()))
}

/// Where the money comes from: a method in the book, or a card that is not there yet.
enum Source {
    Kept(Method),
    Fresh(Card),
}

impl Source {
    fn scenario(&self) -> Scenario {
        match self {
            Self::Kept(method) => method.card.scenario,
            Self::Fresh(card) => card.scenario,
        }
    }

    fn keep(self, book: &mut Book, now: i64) -> Method {
        match self {
            Self::Kept(method) => method,
            Self::Fresh(card) => book.add_method(card, now),
        }
    }
}

fn source(book: &Book, params: &Params, moment: Moment) -> Result<Option<Source>, Refusal> {
    if let Some(id) = params.get("payment_method") {
        let card = Card::from_token(id, moment.month);
        return Ok(Some(match card {
            Some(card) => Source::Fresh(card),
            None => Source::Kept(book.method(id)?.clone()),
        }));
    }
    match params.get("payment_method_data[type]") {
        None => Ok(None),
        Some("card") => {
            Ok(Some(Source::Fresh(Card::read(params, "payment_method_data[card]", moment.month)?)))
        }
        Some(_) => {
            let message = "This gateway takes payment methods of type card only.";
            Err(Refusal::parameter("parameter_invalid", "payment_method_data[type]", message))
        }
    }
}

/// True for a call that is to be lost: the first of its key, or any without one.
fn vanishes(source: Option<&Source>, moment: Moment) -> bool {
    !moment.asked_before && source.is_some_and(|source| source.scenario() == Scenario::RequestLost)
}

fn no_method() -> Refusal {
    let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
    Refusal::parameter("parameter_missing", "payment_method", message)
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
    })
}

/// Where the browser goes after a challenge. Only web addresses: the browser is sent there by a redirect.
fn return_url(params: &Params) -> Result<Option<String>, Refusal> {
    let Some(url) = params.get("return_url") else { return Ok(None) };
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web && url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(url.to_owned()));
    }
    Err(Refusal::parameter("url_invalid", "return_url", "Not a valid URL"))
}
