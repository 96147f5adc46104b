//! Signing in: with a password, for tokens or for a browser's cookie; and going on with a refresh token.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kernel::{Category, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::seal::UserKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::email::Email;
use super::sessions::refresh::{self, Refreshed};
use super::sessions::{Carrier, EndCause, NewSession, Opened, Speaker, cookie, end, open};
use super::store;
use crate::access::{Device, Role, from_our_page};
use crate::app::App;

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "asha@example.com", "password": "monsoon over malabar"}))]
pub(super) struct LoginRequest {
    email: String,
    password: String,
}

/// A bearer token (RFC 6750), and what gets the next one.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer",
    "expires_in": 900, "refresh_token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIq"}))]
pub(super) struct LoggedIn {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Good for one `POST /refresh`, which gives another. Keep it where no page's script reads it.
    refresh_token: String,
}

/// Log in. The answer is the same, and takes the same work, whether the address is unknown or the password wrong.
#[utoipa::path(post, path = "/login", tag = "accounts", request_body = LoginRequest,
    responses((status = 200, description = "Logged in", body = LoggedIn)))]
pub(super) async fn login(
    State(app): State<App>,
    device: Device,
    Json(request): Json<LoginRequest>,
) -> Outcome<Json<LoggedIn>> {
    let known = check_password(&app, request).await?;
    let opened = open_session(&app, &known, Carrier::Tokens, &device, None).await?;
    let speaker = Speaker { user: known.user, session: opened.id, client: None, scope: String::new() };
    Ok(Json(tokens(&app, &speaker, opened.secret)?))
}

/// Log in from a browser: the session is in a cookie that scripts cannot read. The one the browser had before ends.
#[utoipa::path(post, path = "/session", tag = "accounts", request_body = LoginRequest,
    responses((status = 204, description = "Logged in; the cookie is set")))]
pub(super) async fn open_browser_session(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(request): Json<LoginRequest>,
) -> Outcome<(StatusCode, HeaderMap)> {
    // Nobody's page may sign its visitor in to an account of the attacker's.
    if !from_our_page(&headers, false, &app.config.http.public_url) {
        return Err(Problem::new(Category::Forbidden, "cross_site"));
    }
    let known = check_password(&app, request).await?;
    let opened = open_session(&app, &known, Carrier::Cookie, &device, Some(&headers)).await?;
    Ok((StatusCode::NO_CONTENT, cookie::give(&opened, app.now())?))
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIq"}))]
pub(super) struct RefreshRequest {
    refresh_token: String,
}

/// Exchange a refresh token for an access token and the next refresh token. It is good once; if it comes again after its
/// successor was used, the session ends, because somebody has a copy. If the answer was lost, ask again with the same.
#[utoipa::path(post, path = "/refresh", tag = "accounts", request_body = RefreshRequest,
    responses((status = 200, description = "The session goes on", body = LoggedIn)))]
pub(super) async fn refresh_tokens(
    State(app): State<App>,
    Json(request): Json<RefreshRequest>,
) -> Outcome<Json<LoggedIn>> {
    let refreshed = refresh::refresh(&app, &request.refresh_token).await?;
    // Programs have a token endpoint of their own, at which they say who they are.
    let Refreshed { session, token } =
        refreshed.filter(|refreshed| refreshed.session.client.is_none()).ok_or_else(refresh::refused)?;
    let speaker = Speaker { user: session.user, session: session.id, client: None, scope: session.scope };
    Ok(Json(tokens(&app, &speaker, token)?))
}

fn tokens(app: &App, speaker: &Speaker, refresh_token: String) -> Result<LoggedIn, Problem> {
    let access_token = app.tokens.issue(speaker, app.random.bytes(), app.now()).map_err(Problem::internal)?;
    Ok(LoggedIn { access_token, token_type: "Bearer", expires_in: app.tokens.life_seconds(), refresh_token })
}

/// Somebody who knows the account's password.
pub(super) struct Known {
    pub(super) user: UserId,
    pub(super) role: Role,
    pub(super) key: UserKey,
}

async fn check_password(app: &App, request: LoginRequest) -> Result<Known, Problem> {
    let found = match Email::parse(&request.email) {
        Some(email) => {
            let index = app.sealer.blind_index("email", &email.folded);
            store::credentials(&app.db.read().await?, &index).await?
        }
        None => None,
    };
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let fits = app.hasher.verify(request.password, hash).await?;
    let Some(found) = found.filter(|_| fits) else {
        metrics::counter!("logins_total", "outcome" => "refused").increment(1);
        return Err(Problem::new(Category::Unauthenticated, "wrong_credentials"));
    };
    metrics::counter!("logins_total", "outcome" => "ok").increment(1);
    let key = app.sealer.unwrap(found.user, &found.key)?;
    Ok(Known { user: UserId::from_uuid(found.user), role: found.role, key })
}

/// Opens the session, and ends the one that came with the request's cookie: nothing that was known before a sign-in is good
/// after it (session fixation).
async fn open_session(
    app: &App,
    known: &Known,
    carrier: Carrier,
    device: &Device,
    replaces: Option<&HeaderMap>,
) -> Result<Opened, Problem> {
    let before = match replaces {
        Some(headers) => cookie::of_headers(app, headers).await?,
        None => None,
    };
    let new = NewSession {
        user: known.user,
        role: known.role,
        carrier,
        client: None,
        device,
        second_factor: false,
    };
    let tx = app.db.begin().await?;
    let mut ended = Vec::new();
    if let Some(before) = before {
        ended = end(app, &tx, (before.user, before.id), EndCause::Replaced).await?;
    }
    let opened = open(app, &tx, &known.key, new).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    Ok(opened)
}
