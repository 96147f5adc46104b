//! Extractors whose refusals are problems: what was wrong and where, in one shape.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A JSON body, in and out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refuse_json(&rejection)),
        }
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

/// The parameters in the path. One that cannot be read names nothing that exists: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let result: Result<axum::extract::Path<T>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        result.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Problem::not_found())
    }
}
