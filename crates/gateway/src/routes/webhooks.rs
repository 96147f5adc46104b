//! `/v1/webhook_endpoints` and `/v1/events`: who is told of what, and what there was to tell. Hostility spares them.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};

use crate::Gateway;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::once::{Outcome, perform_calmly};
use crate::refusal::Refusal;
use crate::routes::{list_json, page, respond};
use crate::webhooks::resend;

const PARAMS: &[&str] =
    &["api_version", "description", "disabled", "enabled_events", "expand", "metadata", "url"];

/// The address to tell. This service speaks plain HTTP only, which is all a test needs.
fn url(params: &Params) -> Result<Option<String>, Refusal> {
    match params.get("url") {
        None => Ok(None),
        Some(url) if url.starts_with("http://") && url.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(url.to_owned()))
        }
        Some(_) => {
            let message = "Not a valid URL: this gateway tells addresses that begin with http:// only.";
            Err(Refusal::parameter("url_invalid", "url", message))
        }
    }
}

fn kinds(params: &Params) -> Vec<String> {
    params.list("enabled_events").into_iter().map(str::to_owned).collect()
}

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform_calmly(&gateway, call, |book, call, _| {
        let params = &call.params;
        params.only(PARAMS)?;
        params.required("url")?;
        let kinds = kinds(params);
        if kinds.is_empty() {
            let message = "Missing required param: enabled_events.";
            return Err(Refusal::parameter("parameter_missing", "enabled_events", message));
        }
        let (url, metadata) = (url(params)?.unwrap_or_default(), params.metadata()?);
        let endpoint = book.add_endpoint(url, None, kinds);
        endpoint.description = params.get("description").map(str::to_owned);
        endpoint.metadata = metadata;
        Ok(Outcome::Answered(Answer::ok(&endpoint.json(true))))
    })
    .await
}

pub(crate) async fn update(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform_calmly(&gateway, call, |book, call, _| {
        let params = &call.params;
        params.only(PARAMS)?;
        let (url, metadata) = (url(params)?, params.metadata()?);
        let disabled = params.get("disabled").map(|_| params.flag("disabled")).transpose()?;
        let endpoint = book.endpoint_mut(&id)?;
        endpoint.change(url, kinds(params));
        endpoint.metadata.extend(metadata);
        if let Some(disabled) = disabled {
            endpoint.enabled = !disabled;
        }
        Ok(Outcome::Answered(Answer::ok(&endpoint.json(false))))
    })
    .await
}

pub(crate) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    call: Call,
) -> Response {
    perform_calmly(&gateway, call, |book, _, _| {
        book.remove_endpoint(&id)?;
        Ok(Outcome::Answered(Answer::ok(&json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))))
    })
    .await
}

pub(crate) async fn retrieve(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().endpoint_mut(&id).map(|endpoint| endpoint.json(false)))
}

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>) -> Answer {
    let book = gateway.book();
    let endpoints: Vec<Value> =
        book.endpoints().values().rev().map(|endpoint| endpoint.json(false)).collect();
    Answer::ok(&list_json("list", "/v1/webhook_endpoints", (endpoints, false)))
}

pub(crate) async fn event(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().event(&id).map(|event| event.json()))
}

pub(crate) async fn events(State(gateway): State<Arc<Gateway>>, RawQuery(query): RawQuery) -> Response {
    let listed = |params: &Params| {
        params.only(&["limit", "starting_after", "type", "types"])?;
        let mut kinds = params.list("types");
        kinds.extend(params.get("type"));
        let found = gateway.book().events(&kinds, &page(params)?);
        Ok(list_json("list", "/v1/events", found))
    };
    respond(listed(&Params::parse(query.unwrap_or_default().as_bytes())))
}

/// `POST /_test/events/{id}/resend`: an event once more, as the dashboard's button does it.
pub(crate) async fn send_again(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    let event = gateway.book().event(&id).cloned();
    respond(event.map(|event| {
        resend(&gateway, &event);
        event.json()
    }))
}

/// `POST /_test/webhook_endpoints/{id}/roll`: a new secret, beside the one before.
pub(crate) async fn roll(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().roll_secret(&id).map(|secret| json!({ "id": id, "secret": secret })))
}
