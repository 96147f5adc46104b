//! `GET /profile` and `PATCH /profile`, and `GET /session`: who is signed in.

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use kernel::{Category, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::messages::Locale;
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::register::check_name;
use super::{api, store};
use crate::access::{Access, Caller, carried};
use crate::app::App;

/// The account as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "email": "asha@example.com", "email_verified": false,
    "name": "Asha Rao", "phone": "+919812345678", "locale": "en", "created_at": "2026-11-21T10:00:00Z"}))]
pub(super) struct Profile {
    #[schema(value_type = String)]
    id: UserId,
    email: String,
    email_verified: bool,
    name: String,
    phone: Option<String>,
    /// Language of mails and pages: `en` or `hi`.
    locale: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// What to change; members left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Asha R. Rao", "phone": "+919812345678", "locale": "hi"}))]
pub(super) struct ProfilePatch {
    name: Option<String>,
    /// In international form: `+` and 7 to 15 digits (E.164); empty for none.
    phone: Option<String>,
    locale: Option<String>,
}

/// My profile.
#[utoipa::path(get, path = "/profile", tag = "accounts",
    responses((status = 200, description = "My profile", body = Profile)))]
pub(super) async fn get_profile(State(app): State<App>, caller: Caller) -> Outcome<Json<Profile>> {
    let sql = app.db.read().await?;
    let key = api::user_key(&sql, &app.sealer, caller.user).await?;
    Ok(Json(load(&app, &sql, caller.user, &key).await?))
}

/// Who is signed in, as far as what came with the question says.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"profile": null}))]
pub(super) struct SignedIn {
    /// As `GET /profile`; null where nobody is.
    profile: Option<Profile>,
}

/// Who is signed in, for pages that are anybody's: that nobody is, is an answer here and no refusal.
#[utoipa::path(get, path = "/session", tag = "accounts",
    responses((status = 200, description = "Somebody, or nobody", body = SignedIn),
        (status = 403, description = "`cross_site`, `second_factor_required`")))]
pub(super) async fn who_is_signed_in(State(app): State<App>, headers: HeaderMap) -> Outcome<Json<SignedIn>> {
    match signed_in(&app, &headers).await {
        Ok(profile) => Ok(Json(SignedIn { profile: Some(profile) })),
        Err(problem) if problem.category == Category::Unauthenticated => Ok(Json(SignedIn { profile: None })),
        Err(problem) => Err(problem),
    }
}

async fn signed_in(app: &App, headers: &HeaderMap) -> Result<Profile, Problem> {
    let carried = carried(headers, &Method::GET, &app.config.http.public_url)?;
    let caller = api::authenticate(app, carried, (Access::Owner, None)).await?;
    let sql = app.db.read().await?;
    let key = api::user_key(&sql, &app.sealer, caller.user).await?;
    load(app, &sql, caller.user, &key).await
}

/// Change my profile.
#[utoipa::path(patch, path = "/profile", tag = "accounts", request_body = ProfilePatch,
    responses((status = 200, description = "My profile, changed", body = Profile)))]
pub(super) async fn patch_profile(
    State(app): State<App>,
    caller: Caller,
    Json(patch): Json<ProfilePatch>,
) -> Outcome<Json<Profile>> {
    let name = patch.name.as_deref().map(check_name).transpose()?;
    let without_phone = patch.phone.as_deref() == Some("");
    let phone = patch.phone.as_deref().filter(|_| !without_phone).map(check_phone).transpose()?;
    let locale = patch.locale.as_deref().map(check_locale).transpose()?;
    let tx = app.db.begin().await?;
    let key = api::user_key(&tx, &app.sealer, caller.user).await?;
    let seal = |column, text: Option<&str>| {
        text.map(|text| app.sealer.seal(&key, Place::new(column, caller.user.uuid()), text.as_bytes()))
            .transpose()
    };
    let name_sealed = seal("users.name_sealed", name.as_deref())?;
    let phone_sealed = seal("users.phone_sealed", phone)?;
    let phone = (without_phone || phone_sealed.is_some(), phone_sealed.as_deref());
    store::update_profile(&tx, caller.user.uuid(), name_sealed.as_deref(), phone, locale).await?;
    let profile = load(&app, &tx, caller.user, &key).await?;
    tx.commit().await?;
    Ok(Json(profile))
}

pub(super) async fn load(app: &App, sql: &Sql, user: UserId, key: &UserKey) -> Result<Profile, Problem> {
    let row = store::profile(sql, user.uuid()).await?.ok_or_else(Problem::not_found)?;
    let open = |column, sealed: &[u8]| -> Result<String, Problem> {
        let bytes = app.sealer.open(key, Place::new(column, user.uuid()), sealed)?;
        String::from_utf8(bytes).map_err(Problem::internal)
    };
    Ok(Profile {
        id: user,
        email: open("users.email_sealed", &row.email_sealed)?,
        email_verified: row.email_verified,
        name: open("users.name_sealed", &row.name_sealed)?,
        phone: row.phone_sealed.map(|sealed| open("users.phone_sealed", &sealed)).transpose()?,
        locale: row.locale,
        created_at: row.created_at,
    })
}

/// E.164: a plus sign and 7 to 15 digits.
fn check_phone(phone: &str) -> Result<&str, Problem> {
    let digits = phone.strip_prefix('+').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .filter(|digits| (7..=15).contains(&digits.len()))
        .map(|_| phone)
        .ok_or_else(|| Problem::invalid("phone", "it must be in international form, such as +14155550132"))
}

fn check_locale(tag: &str) -> Result<&'static str, Problem> {
    let locale = Locale::ALL.into_iter().find(|locale| locale.tag() == tag);
    locale.map(Locale::tag).ok_or_else(|| Problem::invalid("locale", "it must be en or hi"))
}
