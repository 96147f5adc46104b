//! `POST /login`: a password for an access token.

use axum::extract::State;
use kernel::{Category, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::email::Email;
use super::store;
use crate::app::App;

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "asha@example.com", "password": "monsoon over malabar"}))]
pub(super) struct LoginRequest {
    email: String,
    password: String,
}

/// A bearer token (RFC 6750).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer",
    "expires_in": 900}))]
pub(super) struct LoggedIn {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
}

/// Log in. The answer is the same, and takes the same work, whether the address is unknown or the password wrong.
#[utoipa::path(post, path = "/login", tag = "accounts", request_body = LoginRequest,
    responses((status = 200, description = "Logged in", body = LoggedIn)))]
pub(super) async fn login(
    State(app): State<App>,
    Json(request): Json<LoginRequest>,
) -> Outcome<Json<LoggedIn>> {
    let known = match Email::parse(&request.email) {
        Some(email) => {
            let index = app.sealer.blind_index("email", &email.folded);
            store::credentials(&app.db.read().await?, &index).await?
        }
        None => None,
    };
    let (user, stored) = known.map_or((None, None), |(user, hash)| (Some(user), Some(hash)));
    let fits = app.hasher.verify(request.password, stored).await?;
    let Some(user) = user.filter(|_| fits).map(UserId::from_uuid) else {
        metrics::counter!("logins_total", "outcome" => "refused").increment(1);
        return Err(Problem::new(Category::Unauthenticated, "wrong_credentials"));
    };
    metrics::counter!("logins_total", "outcome" => "ok").increment(1);
    Ok(Json(LoggedIn {
        access_token: app.tokens.issue(user, app.now()).map_err(Problem::internal)?,
        token_type: "Bearer",
        expires_in: app.tokens.life_seconds(),
    }))
}
