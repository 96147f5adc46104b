//! What others may do with a token of theirs: give it back, and ask what it is.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{ClientId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::client_auth::{self, InBody};
use super::form::Form;
use super::refusal::{Answer, Refusal, StandardRefusal};
use crate::app::App;
use crate::identity::sessions::{EndCause, end, is_on, refresh};

/// A token, and who shows it.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIq", "client_id":
    "cli_0193f2a1c5d07bb2a4d1c0ffee000001"}))]
pub(in crate::identity) struct TokenInHand {
    token: String,
    /// Instead of `Authorization: Basic`.
    client_id: Option<String>,
    client_secret: Option<String>,
}

impl TokenInHand {
    fn client(&self) -> InBody {
        InBody { client_id: self.client_id.clone(), client_secret: self.client_secret.clone() }
    }
}

/// Give a token back (RFC 7009): its whole session ends, for the refresh token as for the access token. A token that is none, or
/// another client's, changes nothing and is answered alike.
#[utoipa::path(post, path = "/oauth/revoke", tag = "oauth",
    request_body(content = TokenInHand, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It is good no longer"),
        (status = 400, description = "In the standard's words", body = StandardRefusal),
        (status = 401, description = "`invalid_client`", body = StandardRefusal)))]
pub(in crate::identity) async fn revoke_token(
    State(app): State<App>,
    headers: HeaderMap,
    Form(request): Form<TokenInHand>,
) -> Answer<StatusCode> {
    let client = client_auth::authenticate(&app, &app.db.read().await?, &headers, &request.client()).await?;
    let session = match app.tokens.verify(&request.token, app.now()) {
        Some(speaker) => (speaker.client == Some(client.id)).then_some((speaker.user, speaker.session)),
        None => refresh::session_of(&app, &request.token, client.id).await?,
    };
    if let Some(session) = session {
        let tx = app.db.begin().await?;
        let ended = end(&app, &tx, session, EndCause::SignedOut).await?;
        tx.commit().await?;
        app.ended.add(&ended);
    }
    Ok(StatusCode::OK)
}

/// What a token is (RFC 7662 section 2.2).
#[derive(Default, Serialize, ToSchema)]
#[schema(example = json!({"active": true, "scope": "bookings:read", "client_id": "cli_0193f2a1c5d07bb2a4d1c0ffee000001",
    "sub": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "iss": "https://udaan.example", "aud": "udaan-api", "iat": 1_795_342_800,
    "exp": 1_795_343_700, "token_type": "Bearer"}))]
pub(in crate::identity) struct Introspection {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// Of an access token: for whom it is, when it was issued and when it expires, in seconds of Unix time.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// `Bearer` for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
}

/// Ask whether a token of one's own is good (RFC 7662), be it an access token or a refresh token. Only clients with a secret may
/// ask, and of others' tokens they learn nothing.
#[utoipa::path(post, path = "/oauth/introspect", tag = "oauth",
    request_body(content = TokenInHand, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "What it is", body = Introspection),
        (status = 400, description = "In the standard's words", body = StandardRefusal),
        (status = 401, description = "`invalid_client`", body = StandardRefusal)))]
pub(in crate::identity) async fn introspect_token(
    State(app): State<App>,
    headers: HeaderMap,
    Form(request): Form<TokenInHand>,
) -> Answer<Response> {
    let client = client_auth::authenticate(&app, &app.db.read().await?, &headers, &request.client()).await?;
    if client.secret_hash.is_none() {
        return Err(Refusal::invalid_client());
    }
    let body = match of_access_token(&app, &request.token, client.id).await? {
        Some(body) => Some(body),
        None => of_refresh_token(&app, &request.token, client.id).await?,
    };
    let mut response = axum::Json(body.unwrap_or_default()).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn of_access_token(app: &App, token: &str, client: ClientId) -> Answer<Option<Introspection>> {
    let now = app.now();
    let own = app.tokens.read(token, now).filter(|(speaker, _)| speaker.client == Some(client));
    let Some((speaker, (iat, exp))) = own else { return Ok(None) };
    if !is_on(app, &speaker, now).await? {
        return Ok(None);
    }
    Ok(Some(Introspection {
        aud: Some(app.tokens.audience().to_owned()),
        iat: Some(iat),
        exp: Some(exp),
        token_type: Some("Bearer"),
        ..good(app, speaker.user, client, speaker.scope)
    }))
}

/// One that was used says nothing any more, also while a lost answer would be given again.
async fn of_refresh_token(app: &App, token: &str, client: ClientId) -> Answer<Option<Introspection>> {
    let found = refresh::unused(app, token, client).await?;
    Ok(found.map(|session| good(app, session.user, client, session.scope)))
}

fn good(app: &App, user: UserId, client: ClientId, scope: String) -> Introspection {
    Introspection {
        active: true,
        scope: Some(scope),
        client_id: Some(client.to_string()),
        sub: Some(user.to_string()),
        iss: Some(app.tokens.issuer().to_owned()),
        ..Introspection::default()
    }
}
