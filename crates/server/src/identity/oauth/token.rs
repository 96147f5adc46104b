//! `POST /oauth/token`: a code, a refresh token or the client itself, for an access token.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::client_auth::{self, InBody};
use super::form::Form;
use super::grants::{self, Granted};
use super::refusal::{Answer, Refusal, StandardRefusal};
use crate::access::Device;
use crate::app::App;
use crate::identity::sessions::Speaker;

/// A request for a token (RFC 6749 sections 4.1.3, 4.4.2 and 6; RFC 7636 section 4.5).
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "authorization_code", "code": "SplxlOBeZQQYbYS6WxSbIA", "redirect_uri":
    "https://agency.example/back", "client_id": "cli_0193f2a1c5d07bb2a4d1c0ffee000001", "code_verifier":
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}))]
pub(in crate::identity) struct TokenRequest {
    /// `authorization_code`, `refresh_token` or `client_credentials`.
    grant_type: String,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    /// Fewer scopes than were granted, if fewer are wanted.
    scope: Option<String>,
    /// Instead of `Authorization: Basic`.
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// A token (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer",
    "expires_in": 900, "refresh_token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIq", "scope": "bookings:read"}))]
pub(in crate::identity) struct IssuedToken {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Good once; not for clients that act for themselves, who just ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
}

/// Get a token. Refusals have `error` and `error_description` (RFC 6749 section 5.2).
#[utoipa::path(post, path = "/oauth/token", tag = "oauth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token", body = IssuedToken),
        (status = 400, description = "In the standard's words", body = StandardRefusal),
        (status = 401, description = "`invalid_client`", body = StandardRefusal)))]
pub(in crate::identity) async fn issue_token(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Form(request): Form<TokenRequest>,
) -> Answer<Response> {
    let body = InBody { client_id: request.client_id.clone(), client_secret: request.client_secret.clone() };
    let client = client_auth::authenticate(&app, &app.db.read().await?, &headers, &body).await?;
    let missing = |what: &'static str| Refusal::invalid_request(what);
    let granted = match request.grant_type.as_str() {
        "authorization_code" => {
            let code = request.code.ok_or_else(|| missing("code is missing"))?;
            let redirect_uri = request.redirect_uri.ok_or_else(|| missing("redirect_uri is missing"))?;
            let verifier = request.code_verifier.ok_or_else(|| missing("code_verifier is missing"))?;
            grants::by_code(&app, &client, &device, (&code, &redirect_uri, &verifier)).await?
        }
        "refresh_token" => {
            let token = request.refresh_token.ok_or_else(|| missing("refresh_token is missing"))?;
            grants::by_refresh_token(&app, &client, &token, request.scope.as_deref()).await?
        }
        "client_credentials" => grants::by_itself(&app, &client, &device, request.scope.as_deref()).await?,
        _ => return Err(Refusal::unsupported_grant_type()),
    };
    metrics::counter!("oauth_tokens_total", "grant" => grants::label(&request.grant_type)).increment(1);
    Ok(answer(&app, granted)?)
}

fn answer(app: &App, granted: Granted) -> Result<Response, Problem> {
    let Granted { user, session, client, scope, refresh_token } = granted;
    let speaker = Speaker { user, session, client: Some(client), scope: scope.clone() };
    let access_token =
        app.tokens.issue(&speaker, app.random.bytes(), app.now()).map_err(Problem::internal)?;
    let expires_in = app.tokens.life_seconds();
    let body = IssuedToken { access_token, token_type: "Bearer", expires_in, refresh_token, scope };
    let mut response = axum::Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
