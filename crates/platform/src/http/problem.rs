//! Refusals as problem JSON (RFC 9457) with a stable top-level `code`.
//!
//! A handler returns a [`Problem`]; the layer of [`super::layers`] writes its text in the caller's language. A refusal
//! of the framework's own (no such route, wrong method, unreadable body) gets the same shape there.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Category;
use serde_json::{Map, Value};

use crate::db::DbError;
use crate::messages::{Locale, Messages};

/// A refusal: what kind, which one, and what the caller may need to act on it.
#[derive(Debug)]
pub struct Problem {
    /// Decides the status.
    pub category: Category,
    /// Stable name, `snake_case`. The catalogue has `problem-<code>` with its words.
    pub code: &'static str,
    /// Arguments of the message.
    args: Vec<(&'static str, String)>,
    /// Further members of the body.
    extra: Map<String, Value>,
    /// Seconds for `Retry-After`.
    retry_after: Option<u64>,
    /// A status the category does not say (405, 413, 415).
    status: Option<StatusCode>,
    /// The cause, for the log only.
    cause: Option<anyhow::Error>,
}

/// What a handler answers.
pub type Outcome<T> = Result<T, Problem>;

impl Problem {
    /// A refusal of this kind and name.
    pub fn new(category: Category, code: &'static str) -> Self {
        let retry_after = matches!(category, Category::Unavailable | Category::TooMany).then_some(1);
        Self { category, code, args: Vec::new(), extra: Map::new(), retry_after, status: None, cause: None }
    }

    /// The request could not be read; `detail` says where and what would be right.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Category::NotUnderstood, "malformed").arg("detail", detail)
    }

    /// Absent, or somebody else's.
    pub fn not_found() -> Self {
        Self::new(Category::NotFound, "not_found")
    }

    /// A field whose value cannot be; `reason` says what would be right.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::new(Category::Unprocessable, "invalid_field").arg("reason", reason).field(field)
    }

    /// A defect or outage of ours. The caller sees a constant; the log has the cause.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(Category::Internal, "internal") }
    }

    /// Fills an argument of the message.
    pub fn arg(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// Names the field at fault, as an argument and as the member `field`, instead of one named before.
    pub fn field(mut self, field: &str) -> Self {
        self.args.retain(|(name, _)| *name != "field");
        self.arg("field", field).with("field", field)
    }

    /// The field at fault, if one is named.
    pub fn field_name(&self) -> Option<&str> {
        self.extra.get("field").and_then(Value::as_str)
    }

    /// Adds a member to the body.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Lists what the caller may do instead (`available_actions`).
    pub fn actions(self, actions: &[&str]) -> Self {
        self.with("available_actions", actions.iter().map(|action| Value::from(*action)).collect::<Vec<_>>())
    }

    /// Seconds after which trying again makes sense.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// Seconds after which trying again makes sense, if that is known.
    pub fn seconds_to_wait(&self) -> Option<u64> {
        self.retry_after
    }

    /// The problem for a bare status of the framework.
    pub fn of_status(status: StatusCode) -> Self {
        let (category, code) = match status {
            StatusCode::NOT_FOUND => (Category::NotFound, "no_such_route"),
            StatusCode::METHOD_NOT_ALLOWED => (Category::NotUnderstood, "method_not_allowed"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (Category::NotUnderstood, "unsupported_media_type"),
            StatusCode::PAYLOAD_TOO_LARGE => (Category::NotUnderstood, "body_too_large"),
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => (Category::Unavailable, "timed_out"),
            status if status.is_server_error() => (Category::Internal, "internal"),
            _ => return Self::malformed(""),
        };
        let keeps_status = category == Category::NotUnderstood;
        Self { status: keeps_status.then_some(status), ..Self::new(category, code) }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        let of_category =
            || StatusCode::from_u16(self.category.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.status.unwrap_or_else(of_category)
    }

    /// The cause, for the log.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        self.cause.as_ref()
    }

    /// The body in the caller's language.
    pub fn body(&self, messages: &Messages, locale: Locale, request_id: &str) -> Value {
        let message = format!("problem-{}", self.code.replace('_', "-"));
        let mut body = Map::new();
        body.insert("type".into(), format!("urn:udaan:problem:{}", self.code).into());
        body.insert("title".into(), messages.text(locale, &format!("{message}.title"), &[]).into());
        body.insert("status".into(), self.status().as_u16().into());
        body.insert("detail".into(), messages.text(locale, &message, &self.args).into());
        body.insert("code".into(), self.code.into());
        body.insert("request_id".into(), request_id.into());
        body.extend(self.extra.clone());
        Value::Object(body)
    }
}

/// What the rendering layer finds in a response's extensions.
#[derive(Clone)]
pub struct PendingProblem(pub Arc<Problem>);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(PendingProblem(Arc::new(self)));
        response
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error.category() {
            Category::Unavailable => {
                Self { cause: Some(error.into()), ..Self::new(Category::Unavailable, "busy") }
            }
            _ => Self::internal(error),
        }
    }
}

impl From<crate::seal::SealError> for Problem {
    fn from(error: crate::seal::SealError) -> Self {
        Self::internal(error)
    }
}
