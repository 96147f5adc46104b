//! Refusals of the token endpoint and its neighbours: `{"error": …, "error_description": …}` (RFC 6749 section 5.2).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform::db::DbError;
use platform::http::Problem;
use platform::seal::SealError;
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal in the standard's words, or a trouble of ours in our own.
#[derive(Debug)]
pub(in crate::identity) enum Refusal {
    Standard { error: &'static str, about: &'static str },
    Ours(Problem),
}

/// A refusal as the standard writes it (RFC 6749 section 5.2).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"error": "invalid_grant", "error_description": "the code is used up"}))]
pub(in crate::identity) struct StandardRefusal {
    /// Which: `invalid_request`, `invalid_client`, `invalid_grant`, `unauthorized_client`, `unsupported_grant_type`, `invalid_scope`.
    error: &'static str,
    /// For whoever writes the program.
    error_description: &'static str,
}

/// What these endpoints answer.
pub(in crate::identity) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    /// The client did not prove who it is.
    pub(in crate::identity) const fn invalid_client() -> Self {
        Self::Standard {
            error: "invalid_client",
            about: "the client is unknown, disabled, or its secret is wrong",
        }
    }

    /// Code or token are none, used up, or not this client's.
    pub(in crate::identity) const fn invalid_grant(about: &'static str) -> Self {
        Self::Standard { error: "invalid_grant", about }
    }

    pub(in crate::identity) const fn invalid_request(about: &'static str) -> Self {
        Self::Standard { error: "invalid_request", about }
    }

    pub(in crate::identity) const fn unauthorized_client(about: &'static str) -> Self {
        Self::Standard { error: "unauthorized_client", about }
    }

    pub(in crate::identity) const fn invalid_scope() -> Self {
        Self::Standard {
            error: "invalid_scope",
            about: "a scope is unknown, or the client may not ask for it",
        }
    }

    pub(in crate::identity) const fn unsupported_grant_type() -> Self {
        Self::Standard {
            error: "unsupported_grant_type",
            about: "it is authorization_code, refresh_token or client_credentials",
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Ours(problem)
    }
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        Self::Ours(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (error, about) = match self {
            Self::Ours(problem) => return problem.into_response(),
            Self::Standard { error, about } => (error, about),
        };
        let unknown = error == "invalid_client";
        let status = if unknown { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let body = axum::Json(StandardRefusal { error, error_description: about });
        let mut response = (status, body).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if unknown {
            let basic = HeaderValue::from_static("Basic realm=\"udaan\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}
