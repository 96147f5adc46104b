//! Extractors whose refusals are problems: what was wrong and where, in one shape.
//!
//! They refuse NUL (U+0000) in whatever text a caller sends, so that no handler need think of it: PostgreSQL has no such
//! character in a text, and a statement with one fails as if we had a defect.

use axum::body::{Body, Bytes};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use super::shape::JsonLimits;

const NUL_ESCAPED: &[u8] = b"\\u0000";
/// An escaped percent sign is `%25`, so that these three stand for NUL wherever they stand together.
const NUL_IN_URI: &str = "%00";

/// A JSON body, in and out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let limits = parts.extensions.get::<JsonLimits>().copied().unwrap_or_default();
        let whole = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = whole.map_err(|rejection| Problem::of_status(rejection.status()))?;
        limits.check(&bytes)?;
        refuse_list(&bytes)?;
        let request = Request::from_parts(parts, Body::from(bytes.clone()));
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => refuse_nul_in_json(&bytes).map(|()| Self(value)),
            Err(rejection) => Err(refuse_json(&rejection)),
        }
    }
}

/// A body as it is: a file. Its route says how long it may be; 413 `body_too_large` beyond.
#[derive(Clone, Debug)]
pub struct Upload(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let whole = Bytes::from_request(request, state).await;
        whole.map(Self).map_err(|rejection| Problem::of_status(rejection.status()))
    }
}

/// Every body is an object. The parser would take a list as well, for its members in the order in which they are declared, which is
/// written nowhere and would change with it.
fn refuse_list(body: &[u8]) -> Result<(), Problem> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => Err(Problem::invalid("body", "it must be a JSON object, not a list")),
        _ => Ok(()),
    }
}

fn has_nul(field: &str) -> Problem {
    Problem::invalid(field, "it must not contain the character NUL (U+0000)")
}

/// JSON writes NUL as an escape and in no other way (RFC 8259 section 7), so that bodies without one are not read again.
fn refuse_nul_in_json(body: &[u8]) -> Result<(), Problem> {
    if !body.windows(NUL_ESCAPED.len()).any(|found| found == NUL_ESCAPED) {
        return Ok(());
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| Problem::malformed(error.to_string()))?;
    match nul_in(&value) {
        Some(field) if field.is_empty() => Err(has_nul("body")),
        Some(field) => Err(has_nul(&field)),
        None => Ok(()),
    }
}

/// Where a text with NUL stands, as members and indexes joined by dots; of a member whose name has one, where that member stands.
fn nul_in(value: &Value) -> Option<String> {
    let below = |name: &str, value: &Value| {
        let inner = nul_in(value)?;
        Some(if inner.is_empty() { name.to_owned() } else { format!("{name}.{inner}") })
    };
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(values) => {
            values.iter().enumerate().find_map(|(index, value)| below(&index.to_string(), value))
        }
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            if name.contains('\0') { Some(String::new()) } else { below(name, value) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn refuse_json(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        // Well-formed JSON that does not fit the schema: 422 says which member.
        StatusCode::UNPROCESSABLE_ENTITY => {
            let text = rejection.body_text();
            let reason =
                text.trim_start_matches("Failed to deserialize the JSON body into the target type: ");
            let (field, reason) = reason.split_once(": ").unwrap_or(("body", reason));
            Problem::invalid(field, reason)
        }
        StatusCode::BAD_REQUEST => Problem::malformed(rejection.body_text()),
        status => Problem::of_status(status),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The query string.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if let Some(parameter) = nul_in_query(parts.uri.query().unwrap_or_default()) {
            return Err(has_nul(parameter));
        }
        let result: Result<axum::extract::Query<T>, QueryRejection> =
            axum::extract::Query::from_request_parts(parts, state).await;
        match result {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let text = rejection.body_text();
                Err(Problem::malformed(text.trim_start_matches("Failed to deserialize query string: ")))
            }
        }
    }
}

/// The parameter whose name or value has an escaped NUL; of one whose name has it, what it is part of.
fn nul_in_query(query: &str) -> Option<&str> {
    let pair = query.split('&').find(|pair| pair.contains(NUL_IN_URI))?;
    let name = pair.split('=').next().unwrap_or_default();
    Some(if name.contains(NUL_IN_URI) { "query" } else { name })
}

/// The parameters in the path. One that cannot be read names nothing that exists: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.path().contains(NUL_IN_URI) {
            return Err(Problem::not_found());
        }
        let result: Result<axum::extract::Path<T>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        result.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Problem::not_found())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_nul_is_found_wherever_it_is() {
        let field = |body: &Value| {
            let bytes = serde_json::to_vec(body).expect("JSON");
            refuse_nul_in_json(&bytes).err().map(|_| nul_in(body).expect("a place"))
        };
        assert_eq!(field(&json!({"a": "b\0", "c": 1})).as_deref(), Some("a"));
        assert_eq!(field(&json!({"a": [{"b": "c"}, {"b": "\0"}]})).as_deref(), Some("a.1.b"));
        assert_eq!(field(&json!({"a": {"b\0": "c"}})).as_deref(), Some("a"));
        assert_eq!(field(&json!("\0")).as_deref(), Some(""));
        // A backslash that is written as such, and what follows it.
        assert_eq!(field(&json!({"a": "\\u0000"})), None);
        assert_eq!(field(&json!({"a": "b"})), None);
    }

    #[test]
    fn a_parameter_with_a_nul_is_named() {
        assert_eq!(nul_in_query("a=b&cursor=%00x&c=%00"), Some("cursor"));
        assert_eq!(nul_in_query("a%00=b"), Some("query"));
        assert_eq!(nul_in_query("a=%2500"), None);
        assert_eq!(nul_in_query(""), None);
    }
}
