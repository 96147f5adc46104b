//! Signing in: with a password, for tokens or for a browser's cookie; and going on with a refresh token.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use kernel::{Category, SessionId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::seal::UserKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api;
use super::guesses::{self, KnownDevice};
use super::password::Fit;
use super::password_rules;
use super::second_factor::login::{SecondFactorRequired, demand};
use super::sessions::refresh;
use super::sessions::{Carrier, EndCause, NewSession, Opened, Speaker, cookie, end, open};
use super::store::{self, second_factors};
use crate::access::{Device, from_our_page};
use crate::app::App;

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "asha@example.com", "password": "monsoon over malabar"}))]
pub(super) struct LoginRequest {
    email: String,
    password: String,
    /// The `device_token` of this device's last login: wrong guesses made elsewhere do not keep it out. A browser has a cookie for it.
    device_token: Option<String>,
}

/// The answer to a login.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer",
    "expires_in": 900, "refresh_token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIq", "device_token": "dvc_eyJ1c2VyIjoi"}))]
pub(super) struct NewLogin {
    #[serde(flatten)]
    tokens: LoggedIn,
    /// Send it with the next login on this device.
    device_token: String,
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

/// Logged in; or, of an account with a second factor, half of it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "token_type": "Bearer",
    "expires_in": 900, "refresh_token": "AZPyocXQe7Kk0cD_7gAAAQGT8qHF0HuypNHA_-4AAAIq"}))]
pub(super) enum LoginAnswer {
    Whole(NewLogin),
    Half(SecondFactorRequired),
}

/// Log in. The answer is the same, and takes the same work, whether the address is unknown, was never confirmed (but in a demo), or the
/// password wrong. An account with a
/// second factor answers with `second_factor_required` and goes on at `POST /login/second-factor`.
#[utoipa::path(post, path = "/login", tag = "accounts", request_body = LoginRequest,
    responses((status = 200, description = "Logged in, or half of it", body = LoginAnswer),
        (status = 401, description = "`unauthenticated`, `wrong_credentials`"),
        (status = 403, description = "`new_password_required`")))]
pub(super) async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(request): Json<LoginRequest>,
) -> Outcome<Json<LoginAnswer>> {
    let mut known = check_password(&app, &headers, request).await?;
    if let Some(half) = demand(&app, &mut known, false).await? {
        return Ok(Json(LoginAnswer::Half(half)));
    }
    let opened = open_session(&app, &mut known, Carrier::Tokens, &device, None).await?;
    Ok(Json(LoginAnswer::Whole(logged_in(&app, &known, opened)?)))
}

/// Log in from a browser: the session is in a cookie that scripts cannot read. The one the browser had before ends. An account with
/// a second factor goes on at `POST /session/second-factor`.
#[utoipa::path(post, path = "/session", tag = "accounts", request_body = LoginRequest,
    responses((status = 204, description = "Logged in; the cookie is set"),
        (status = 200, description = "Half of it: the account has a second factor", body = SecondFactorRequired),
        (status = 401, description = "`wrong_credentials`"),
        (status = 403, description = "`cross_site`, `new_password_required`")))]
pub(super) async fn open_browser_session(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(request): Json<LoginRequest>,
) -> Outcome<Response> {
    // Nobody's page may sign its visitor in to an account of the attacker's.
    if !from_our_page(&headers, false, &app.config.http.public_url) {
        return Err(Problem::new(Category::Forbidden, "cross_site"));
    }
    let mut known = check_password(&app, &headers, request).await?;
    if let Some(half) = demand(&app, &mut known, true).await? {
        return Ok(Json(half).into_response());
    }
    let opened = open_session(&app, &mut known, Carrier::Cookie, &device, Some(&headers)).await?;
    Ok((StatusCode::NO_CONTENT, cookies(&app, &known, &opened)?).into_response())
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
    responses((status = 200, description = "The session goes on", body = LoggedIn),
        (status = 401, description = "`session_over`")))]
pub(super) async fn refresh_tokens(
    State(app): State<App>,
    Json(request): Json<RefreshRequest>,
) -> Outcome<Json<LoggedIn>> {
    // Programs have a token endpoint of their own, at which they say who they are.
    let going = refresh::take(&app, &request.refresh_token, None).await?.ok_or_else(refresh::refused)?;
    let (user, session) = (going.session.user, going.session.id);
    let speaker = Speaker { user, session, client: None, scope: going.session.scope.clone() };
    Ok(Json(tokens(&app, &speaker, going.on(&app).await?)?))
}

/// The tokens of a session that was just opened for whoever is known, and what this device is known by from now on.
pub(super) fn logged_in(app: &App, known: &Known, opened: Opened) -> Result<NewLogin, Problem> {
    let speaker =
        Speaker { user: known.user, session: opened.id, client: None, scope: opened.scope.to_owned() };
    let device_token = KnownDevice::token(app, known.device, (known.user, known.epoch))?;
    Ok(NewLogin { tokens: tokens(app, &speaker, opened.secret)?, device_token })
}

/// The same for a browser.
pub(super) fn cookies(app: &App, known: &Known, opened: &Opened) -> Result<HeaderMap, Problem> {
    let mut cookies = cookie::give(opened, app.now())?;
    guesses::give(&mut cookies, &KnownDevice::token(app, known.device, (known.user, known.epoch))?)?;
    Ok(cookies)
}

/// Keeps the password by today's cost, if it was kept by another.
pub(super) async fn keep_anew(app: &App, known: &mut Known) -> Result<(), Problem> {
    let Some(anew) = known.anew.take() else { return Ok(()) };
    let sql = app.db.read().await?;
    if store::addresses::set_password(&sql, known.user, &anew, known.password_hash.as_deref()).await? {
        known.password_hash = Some(anew);
    }
    Ok(())
}

fn tokens(app: &App, speaker: &Speaker, refresh_token: String) -> Result<LoggedIn, Problem> {
    let access_token = app.tokens.issue(speaker, app.random.bytes(), app.now()).map_err(Problem::internal)?;
    Ok(LoggedIn { access_token, token_type: "Bearer", expires_in: app.tokens.life_seconds(), refresh_token })
}

/// Somebody who knows the account's password.
pub(super) struct Known {
    pub(super) user: UserId,
    pub(super) key: UserKey,
    /// Of the password that was shown, if one was.
    pub(super) password_hash: Option<String>,
    /// Its hash by today's cost, if that one was made by another.
    pub(super) anew: Option<String>,
    /// The device it was known by before.
    pub(super) device: Option<KnownDevice>,
    /// Of the account, for what the device shows the next time.
    pub(super) epoch: i32,
    /// Whether the password that was shown is long enough only for an account with a second factor.
    pub(super) short: bool,
}

async fn check_password(app: &App, headers: &HeaderMap, request: LoginRequest) -> Result<Known, Problem> {
    let index = api::email_index(app, &request.email);
    let found = store::credentials(&app.db.read().await?, &index).await?;
    let of = found.as_ref().map(|found| (UserId::from_uuid(found.user), found.device_epoch));
    let device = of.and_then(|of| KnownDevice::of(app, request.device_token.as_deref(), headers, of));
    let short = password_rules::check_length(&request.password, false).is_err();
    let guess = guesses::count(app, &index, device).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let fit = app.hasher.verify(request.password, hash).await?;
    // Whoever registers an address and gets in at once would know by it that it had no account.
    let may = |found: &store::Credentials| found.verified || app.config.auth.login_unconfirmed;
    let Some(found) = found.filter(|found| fit.is_yes() && may(found)) else {
        metrics::counter!("logins_total", "outcome" => "refused").increment(1);
        return Err(Problem::new(Category::Unauthenticated, "wrong_credentials"));
    };
    guess.give_back(&app.db).await?;
    metrics::counter!("logins_total", "outcome" => "ok").increment(1);
    let (key, user) = (app.sealer.unwrap(found.user, &found.key)?, UserId::from_uuid(found.user));
    let anew = if let Fit::Yes { anew } = fit { anew } else { None };
    let (epoch, password_hash) = (found.device_epoch, Some(found.password_hash));
    Ok(Known { user, key, password_hash, anew, device, epoch, short })
}

/// Opens the session of whoever has no second factor. Refusals: `new_password_required` where the password was good only beside one.
async fn open_session(
    app: &App,
    known: &mut Known,
    carrier: Carrier,
    device: &Device,
    replaces: Option<&HeaderMap>,
) -> Result<Opened, Problem> {
    if known.short {
        return Err(Problem::new(Category::Forbidden, "new_password_required").actions(&["reset_password"]));
    }
    let before = session_before(app, replaces).await?;
    let tx = app.db.begin().await?;
    let (opened, ended) = open_in(app, &tx, known, (carrier, false), device, before).await?;
    // Opening holds the account's row: a factor that was added since the password was checked is seen now, and one that is added
    // from now on ends this session.
    if second_factors::has_factor(&tx, known.user).await? {
        return Err(Problem::new(Category::Unavailable, "busy"));
    }
    tx.commit().await?;
    app.ended.add(&ended);
    keep_anew(app, known).await?;
    Ok(opened)
}

/// The session of the request's cookie, which a sign-in takes the place of.
pub(super) async fn session_before(
    app: &App,
    headers: Option<&HeaderMap>,
) -> Result<Option<(UserId, SessionId)>, Problem> {
    let before = match headers {
        Some(headers) => cookie::of_headers(app, headers).await?,
        None => None,
    };
    Ok(before.map(|live| (live.user, live.id)))
}

/// Opens a session, and ends the one before: nothing that was known before a sign-in is good after it (session fixation). Also
/// which sessions ended, for after the commit.
pub(super) async fn open_in(
    app: &App,
    sql: &Sql,
    known: &Known,
    (carrier, second_factor): (Carrier, bool),
    device: &Device,
    before: Option<(UserId, SessionId)>,
) -> Result<(Opened, Vec<SessionId>), Problem> {
    let new = NewSession {
        user: known.user,
        password_hash: known.password_hash.as_deref(),
        carrier,
        client: None,
        device,
        second_factor_at: second_factor.then(|| app.now()),
    };
    // Opening locks the account, and whoever ends all its sessions does that first as well.
    let opened = open(app, sql, &known.key, new).await?;
    let ended = match before {
        Some(before) => end(app, sql, before, EndCause::Replaced).await?,
        None => Vec::new(),
    };
    Ok((opened, ended))
}
