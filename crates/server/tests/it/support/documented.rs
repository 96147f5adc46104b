//! Whether an answer is one that the OpenAPI document promises: its status and its kind. Every test asks through here, so that the whole
//! suite looks for answers nobody wrote down.

use std::sync::LazyLock;

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::Reply;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(server::router::document()).expect("JSON"));

/// The operation that answers here; an exact path goes before one with parameters.
fn operation(
    document: &'static Value,
    method: &Method,
    path: &str,
) -> Option<(&'static str, &'static Value)> {
    let fits = |template: &str| {
        let (ours, theirs) = (template.split('/'), path.split('/'));
        ours.clone().count() == theirs.clone().count()
            && ours.zip(theirs).all(|(our, their)| our.starts_with('{') || our == their)
    };
    let paths = document["paths"].as_object()?.iter().filter(|(template, _)| fits(template));
    let (template, item) = paths.min_by_key(|(template, _)| template.matches('{').count())?;
    Some((template, item.get(method.as_str().to_lowercase())?))
}

/// What is wrong with an answer, by the document.
pub(crate) fn fault(method: &Method, path: &str, reply: &Reply) -> Option<String> {
    let (template, operation) = operation(&DOCUMENT, method, path)?;
    let status = reply.status.as_str();
    let name = format!("{method} {template} answered {status} {}", reply.code());
    let declared = &operation["responses"][status];
    let response = match declared["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#'))?,
        None => declared,
    };
    if response.is_null() {
        return Some(format!("{name}: the OpenAPI document has no such answer"));
    }
    let kind = reply.headers.get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.map(|kind| kind.split(';').next().unwrap_or_default());
    match (kind, response["content"].as_object()) {
        (None, None) => None,
        (Some(kind), Some(kinds)) if kinds.contains_key(kind) => None,
        (kind, kinds) => Some(format!(
            "{name} as {kind:?}: the OpenAPI document has {:?}",
            kinds.map(|kinds| kinds.keys())
        )),
    }
}

/// Fails the test whose answer is not in the document.
pub(super) fn check(method: &Method, path: &str, reply: &Reply) {
    // Some tests break something on purpose, to see what becomes of it.
    if reply.status != StatusCode::INTERNAL_SERVER_ERROR
        && let Some(fault) = fault(method, path, reply)
    {
        panic!("{fault}");
    }
}
