//! Passkeys: added, and used as a second factor or instead of everything else.

mod ceremony;
pub(in crate::identity) mod fuzzing;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use kernel::{Category, FactorId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use self::ceremony::{AssertionAnswer, Kept, RegistrationAnswer, Site};
use super::enrol::{self, FactorAdded};
use super::evidence;
use super::list::FactorName;
use crate::access::{Caller, Device, from_our_page};
use crate::app::App;
use crate::identity::api::{require_proof, user_key};
use crate::identity::guesses::KnownDevice;
use crate::identity::login::{self, Known, NewLogin};
use crate::identity::sessions::{Carrier, Opened};
use crate::identity::store::passkeys::{self as challenges, Purpose};
use crate::identity::store::second_factors::{self as store, FactorRow, Kind};
use crate::identity::store::{doors, sessions};

/// How long a browser may take to answer.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// What a browser is asked.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"options": {"challenge": "4nv6H8b1yqXgVYcXyqTzJg", "rpId": "udaan.example", "timeout": 300_000,
    "userVerification": "required", "allowCredentials": []}}))]
pub(in crate::identity) struct PasskeyOptions {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`. Good for one answer, within five minutes.
    #[schema(value_type = Object)]
    options: Value,
}

/// A passkey that a browser has made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "My telephone", "credential": {"id": "AQIDBAUGBwgJCgsMDQ4PEA", "rawId": "AQIDBAUGBwgJCgsMDQ4PEA",
    "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}, "clientExtensionResults": {}}}))]
pub(in crate::identity) struct NewPasskey {
    /// 1 to 60 characters.
    name: String,
    /// `toJSON()` of what `navigator.credentials.create` gave.
    #[schema(value_type = Object)]
    credential: Value,
}

/// What a passkey answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"credential": {"id": "AQIDBAUGBwgJCgsMDQ4PEA", "rawId": "AQIDBAUGBwgJCgsMDQ4PEA", "type": "public-key",
    "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"},
    "clientExtensionResults": {}}}))]
pub(in crate::identity) struct PasskeyAnswer {
    /// `toJSON()` of what `navigator.credentials.get` gave.
    #[schema(value_type = Object)]
    credential: Value,
    /// The `device_token` of this device's last login, which it then keeps. A browser has a cookie for it.
    device_token: Option<String>,
}

/// Begin to add a passkey.
#[utoipa::path(post, path = "/me/second-factors/passkeys/options", tag = "accounts",
    responses((status = 200, description = "What to ask the browser", body = PasskeyOptions),
        (status = 409, description = "`address_unconfirmed`, `too_many_second_factors`"),
        (status = 422, description = "`passkeys_need_a_domain`")))]
pub(in crate::identity) async fn begin_passkey(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<PasskeyOptions>> {
    require_proof(&app, &caller).await?;
    let site = site(&app)?;
    let tx = app.db.begin().await?;
    let key = enrol::begin(&app, &tx, caller.user).await?;
    let others = passkeys(&app, &tx, (caller.user, &key)).await?;
    let others = others.into_iter().map(|(_, kept)| kept).collect();
    let name = enrol::email(&app, &tx, (caller.user, &key)).await?;
    let begun = site.begin_registration(caller.user, &name, others).map_err(Problem::internal)?;
    let (purpose, until) = (Purpose::Register(caller.user), app.now() + LIFE);
    challenges::insert_challenge(&tx, &begun.id, purpose, &begun.state, until).await?;
    tx.commit().await?;
    Ok(Json(PasskeyOptions { options: begun.options }))
}

/// Add a passkey that a browser has made. It counts at once, and all my other sessions end.
#[utoipa::path(post, path = "/me/second-factors/passkeys", tag = "accounts", request_body = NewPasskey,
    responses((status = 201, description = "It counts", body = FactorAdded),
        (status = 409, description = "`address_unconfirmed`, `too_many_second_factors`")))]
pub(in crate::identity) async fn add_passkey(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewPasskey>,
) -> Outcome<(StatusCode, Json<FactorAdded>)> {
    require_proof(&app, &caller).await?;
    let site = site(&app)?;
    let unfit =
        || Problem::invalid("credential", "it must be the browser's answer to the options, and new here");
    let answer = RegistrationAnswer::read(&new.credential).ok_or_else(unfit)?;
    let (user, now, id) = (caller.user, app.now(), app.new_id(FactorId::new));
    let challenge = answer.challenge().ok_or_else(unfit)?;
    let state = take(&app, &challenge, Purpose::Register(user)).await?.ok_or_else(unfit)?;
    let tx = app.db.begin().await?;
    let key = enrol::begin(&app, &tx, user).await?;
    let kept = site.registered(user, &state, &answer).map_err(Problem::internal)?.ok_or_else(unfit)?;
    let row = FactorRow {
        id,
        kind: Kind::Passkey,
        name_sealed: FactorName { name: new.name }.seal(&app, &key, id)?,
        secret_sealed: seal(&app, &key, id, &kept)?,
        last_step: None,
        added_at: now,
        confirmed_at: Some(now),
        used_at: None,
    };
    let first = !store::has_factor(&tx, user).await?;
    store::insert_factor(&tx, user, &row).await?;
    if !challenges::name_credential(&tx, (user, id), &hash(&kept.id)).await? {
        return Err(unfit());
    }
    let (added, ended) = enrol::finish(&app, &tx, &caller, (&key, &row), first).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    tracing::info!(user.id = %user, factor.id = %id, "passkey added");
    Ok((StatusCode::CREATED, Json(added)))
}

/// Begin to prove myself with a passkey, for `POST /me/proof`.
#[utoipa::path(post, path = "/me/proof/options", tag = "accounts",
    responses((status = 200, description = "What to ask the browser", body = PasskeyOptions),
        (status = 422, description = "`passkeys_need_a_domain`")))]
pub(in crate::identity) async fn begin_proof(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<PasskeyOptions>> {
    site(&app)?;
    Ok(Json(PasskeyOptions { options: begin(&app, Purpose::SecondFactor(caller.user)).await? }))
}

/// Begin to log in with a passkey alone. Nothing need be said of who it is.
#[utoipa::path(post, path = "/login/passkey/options", tag = "accounts",
    responses((status = 200, description = "What to ask the browser", body = PasskeyOptions),
        (status = 422, description = "`passkeys_need_a_domain`")))]
pub(in crate::identity) async fn begin_passkey_login(
    State(app): State<App>,
) -> Outcome<Json<PasskeyOptions>> {
    site(&app)?;
    Ok(Json(PasskeyOptions { options: begin(&app, Purpose::SignIn).await? }))
}

/// Log in with a passkey alone: it is something one has, and it made sure of its user.
#[utoipa::path(post, path = "/login/passkey", tag = "accounts", request_body = PasskeyAnswer,
    responses((status = 200, description = "Logged in", body = NewLogin),
        (status = 401, description = "`passkey_refused`")))]
pub(in crate::identity) async fn login_with_passkey(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(answer): Json<PasskeyAnswer>,
) -> Outcome<Json<NewLogin>> {
    let (known, opened) = sign_in(&app, &answer, Carrier::Tokens, &device, &headers).await?;
    Ok(Json(login::logged_in(&app, &known, opened)?))
}

/// Log in from a browser with a passkey alone. The session the browser had before ends.
#[utoipa::path(post, path = "/session/passkey", tag = "accounts", request_body = PasskeyAnswer,
    responses((status = 204, description = "Logged in; the cookie is set"),
        (status = 401, description = "`passkey_refused`"),
        (status = 403, description = "`cross_site`")))]
pub(in crate::identity) async fn open_session_with_passkey(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    Json(answer): Json<PasskeyAnswer>,
) -> Outcome<(StatusCode, HeaderMap)> {
    if !from_our_page(&headers, false, &app.config.http.public_url) {
        return Err(Problem::new(Category::Forbidden, "cross_site"));
    }
    let (known, opened) = sign_in(&app, &answer, Carrier::Cookie, &device, &headers).await?;
    Ok((StatusCode::NO_CONTENT, login::cookies(&app, &known, &opened)?))
}

async fn sign_in(
    app: &App,
    PasskeyAnswer { credential, device_token }: &PasskeyAnswer,
    carrier: Carrier,
    device: &Device,
    headers: &HeaderMap,
) -> Result<(Known, Opened), Problem> {
    let refused = || Problem::new(Category::Unauthenticated, "passkey_refused").actions(&["login"]);
    let site = site(app)?;
    let answer = AssertionAnswer::read(credential).ok_or_else(refused)?;
    let challenge = answer.challenge().ok_or_else(refused)?;
    // Whatever comes of it, the challenge is used up.
    let state = take(app, &challenge, Purpose::SignIn).await?.ok_or_else(refused)?;
    let browser = carrier == Carrier::Cookie;
    let before = login::session_before(app, browser.then_some(headers)).await?;
    let tx = app.db.begin().await?;
    let user = challenges::owner(&tx, &hash(&answer.credential())).await?.ok_or_else(refused)?;
    sessions::hold_account(&tx, user, None).await?.ok_or_else(refused)?;
    let key = user_key(&tx, &app.sealer, user).await?;
    if !fits(app, &tx, (&site, &state), (user, &key), &answer).await? {
        return Err(refused());
    }
    let epoch = doors::device_epoch(&tx, user).await?;
    let device_before = KnownDevice::of(app, device_token.as_deref(), headers, (user, epoch));
    let known =
        Known { user, key, password_hash: None, anew: None, device: device_before, epoch, short: false };
    let (opened, ended) = login::open_in(app, &tx, &known, (carrier, true), device, before).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    Ok((known, opened))
}

/// Options for a passkey of whoever is asked, their challenge written down.
pub(super) async fn begin(app: &App, purpose: Purpose) -> Result<Value, Problem> {
    let begun = site(app)?.begin_assertion().map_err(Problem::internal)?;
    let sql = app.db.read().await?;
    challenges::insert_challenge(&sql, &begun.id, purpose, &begun.state, app.now() + LIFE).await?;
    Ok(begun.options)
}

/// Whether this installation can have passkeys: its address has a name.
pub(in crate::identity) fn possible(app: &App) -> bool {
    Site::of(&app.config.http.public_url).is_some()
}

/// Whether the answer is one of the account's passkeys' to a challenge given out for its second factor.
pub(super) async fn holds(
    app: &App,
    sql: &Sql,
    (user, key): (UserId, &UserKey),
    answer: &Value,
    now: Timestamp,
) -> Result<bool, Problem> {
    let site = site(app)?;
    let Some(answer) = AssertionAnswer::read(answer) else { return Ok(false) };
    let Some(challenge) = answer.challenge() else { return Ok(false) };
    let state = challenges::take_challenge(sql, &challenge, Purpose::SecondFactor(user), now).await?;
    match state {
        Some(state) => fits(app, sql, (&site, &state), (user, key), &answer).await,
        None => Ok(false),
    }
}

async fn fits(
    app: &App,
    sql: &Sql,
    (site, state): (&Site, &[u8]),
    (user, key): (UserId, &UserKey),
    answer: &AssertionAnswer,
) -> Result<bool, Problem> {
    // Who uses one passkey twice at a time has one of them look at the counter that the other left.
    store::lock_guesses(sql, user, app.now()).await?;
    let credential = answer.credential();
    let all = passkeys(app, sql, (user, key)).await?;
    let Some((id, kept)) = all.into_iter().find(|(_, kept)| kept.id == credential) else { return Ok(false) };
    let after = site.asserted(user, state, answer, &kept).map_err(Problem::internal)?;
    let Some(after) = after else { return Ok(false) };
    challenges::used(sql, (user, id), &seal(app, key, id, &after)?, app.now()).await?;
    Ok(true)
}

async fn take(app: &App, challenge: &[u8], purpose: Purpose) -> Result<Option<Vec<u8>>, Problem> {
    Ok(challenges::take_challenge(&app.db.read().await?, challenge, purpose, app.now()).await?)
}

fn site(app: &App) -> Result<Site, Problem> {
    let none = || Problem::new(Category::Unprocessable, "passkeys_need_a_domain");
    Site::of(&app.config.http.public_url).ok_or_else(none)
}

async fn passkeys(
    app: &App,
    sql: &Sql,
    (user, key): (UserId, &UserKey),
) -> Result<Vec<(FactorId, Kept)>, Problem> {
    let rows = store::factors(sql, user).await?;
    let of_kind = rows.iter().filter(|row| row.kind == Kind::Passkey);
    let opened = of_kind.map(|row| {
        let kept = serde_json::from_slice(&evidence::secret(app, key, row)?).map_err(Problem::internal)?;
        Ok((row.id, kept))
    });
    opened.collect()
}

fn seal(app: &App, key: &UserKey, id: FactorId, kept: &Kept) -> Result<Vec<u8>, Problem> {
    let plain = serde_json::to_vec(kept).map_err(Problem::internal)?;
    Ok(app.sealer.seal(key, Place::new(evidence::SECRET, id.uuid()), &plain)?)
}

fn hash(credential: &[u8]) -> Vec<u8> {
    Sha256::digest(credential).to_vec()
}
