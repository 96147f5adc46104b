//! Adding an authenticator app: its secret is shown once, and it counts when a code of it was shown.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::{Category, FactorId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{FactorName, FactorView, view};
use super::{ENROL, evidence, recovery, totp};
use crate::access::Caller;
use crate::app::App;
use crate::identity::api::{require_proof, user_key};
use crate::identity::letters::tell;
use crate::identity::sessions::{EndCause, end_all};
use crate::identity::store::second_factors::{self as store, FactorRow, Kind};
use crate::identity::store::{self as profiles, accounts, sessions};
use crate::mail::api::Template;

/// How long somebody may take to point a camera at a picture.
const BEGUN_FOR: SignedDuration = SignedDuration::from_mins(15);
const FACTORS_MOST: usize = 10;

/// An authenticator app that is being added.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "fct_0193f2a1c5d07bb2a4d1c0ffee000001", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "uri": "otpauth://totp/Udaan:asha%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Udaan&algorithm=SHA1&digits=6&period=30"}))]
pub(in crate::identity) struct TotpBegun {
    #[schema(value_type = String)]
    id: FactorId,
    /// For typing into the app. It is shown this once.
    secret: String,
    /// For a QR code that the app reads.
    uri: String,
}

/// A code of the new app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "492039"}))]
pub(in crate::identity) struct TotpConfirmation {
    code: String,
}

/// The second factor, which counts from now on.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactorAdded, example = json!({"second_factor": {"id": "fct_0193f2a1c5d07bb2a4d1c0ffee000001", "kind": "totp",
    "name": "My telephone", "added_at": "2026-11-22T10:00:00Z", "used_at": "2026-11-22T10:01:00Z"},
    "recovery_codes": ["7F3K-9QWX-M2ZD-04RT"]}))]
pub(in crate::identity) struct FactorAdded {
    second_factor: FactorView,
    /// With the first factor, ten recovery codes, shown this once. Nothing with others: those made before stay good.
    recovery_codes: Option<Vec<String>>,
}

/// Add an authenticator app. It counts when `POST /me/second-factors/{id}/confirm` has had a code of it, within a quarter of an hour.
#[utoipa::path(post, path = "/me/second-factors/totp", tag = "accounts", request_body = FactorName,
    responses((status = 201, description = "Its secret, shown this once", body = TotpBegun),
        (status = 409, description = "`address_unconfirmed`, `too_many_second_factors`")))]
pub(in crate::identity) async fn add_totp(
    State(app): State<App>,
    caller: Caller,
    Json(name): Json<FactorName>,
) -> Outcome<(StatusCode, Json<TotpBegun>)> {
    require_proof(&app, &caller).await?;
    let (id, secret) = (app.new_id(FactorId::new), app.random.bytes::<{ totp::SECRET_BYTES }>());
    let tx = app.db.begin().await?;
    let key = begin(&app, &tx, caller.user).await?;
    let row = FactorRow {
        id,
        kind: Kind::Totp,
        name_sealed: name.seal(&app, &key, id)?,
        secret_sealed: app.sealer.seal(&key, Place::new(evidence::SECRET, id.uuid()), &secret)?,
        last_step: None,
        added_at: app.now(),
        confirmed_at: None,
        used_at: None,
    };
    store::insert_factor(&tx, caller.user, &row).await?;
    let email = email(&app, &tx, (caller.user, &key)).await?;
    tx.commit().await?;
    let uri = totp::uri(&app.config.booking.airline_name, &email, &secret);
    Ok((StatusCode::CREATED, Json(TotpBegun { id, secret: totp::base32(&secret), uri })))
}

/// Confirm an authenticator app with a code it shows. All my other sessions end. Staff who signed in only to add one sign in again,
/// with it.
#[utoipa::path(post, path = "/me/second-factors/{id}/confirm", tag = "accounts",
    params(("id" = String, Path, description = "The second factor", example = "fct_0193f2a1c5d07bb2a4d1c0ffee000001")), request_body = TotpConfirmation,
    responses((status = 200, description = "It counts", body = FactorAdded)))]
pub(in crate::identity) async fn confirm_totp(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<FactorId>,
    Json(TotpConfirmation { code }): Json<TotpConfirmation>,
) -> Outcome<Json<FactorAdded>> {
    let now = app.now();
    let tx = app.db.begin().await?;
    accounts::lock_account(&tx, caller.user).await?.ok_or_else(Problem::not_found)?;
    let found = store::factor(&tx, (caller.user, id)).await?;
    let begun =
        found.filter(|row| row.confirmed_at.is_none() && now.duration_since(row.added_at) < BEGUN_FOR);
    let row = begun.ok_or_else(Problem::not_found)?;
    let key = user_key(&tx, &app.sealer, caller.user).await?;
    let secret = evidence::secret(&app, &key, &row)?;
    let step = totp::step_of(&secret, &code, now, None)
        .ok_or_else(|| Problem::invalid("code", "it must be the six digits that the app shows now"))?;
    let first = !store::has_factor(&tx, caller.user).await?;
    store::confirm(&tx, (caller.user, id), step, now).await?;
    let row = FactorRow { confirmed_at: Some(now), used_at: Some(now), ..row };
    let (added, ended) = finish(&app, &tx, &caller, (&key, &row), first).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    tracing::info!(user.id = %caller.user, factor.id = %id, "second factor added");
    Ok(Json(added))
}

/// The account's address, for its owner's own devices to call it by.
pub(super) async fn email(app: &App, sql: &Sql, (user, key): (UserId, &UserKey)) -> Result<String, Problem> {
    let profile = profiles::profile(sql, user.uuid()).await?.ok_or_else(Problem::not_found)?;
    let place = Place::new("users.email_sealed", user.uuid());
    String::from_utf8(app.sealer.open(key, place, &profile.email_sealed)?).map_err(Problem::internal)
}

/// What adding begins with: the account locked, its address confirmed, what was begun before forgotten, and room for one more. Refusals:
/// `address_unconfirmed`, `too_many_second_factors`.
pub(super) async fn begin(app: &App, sql: &Sql, user: UserId) -> Result<UserKey, Problem> {
    let account = accounts::lock_account(sql, user).await?.ok_or_else(Problem::not_found)?;
    // Whoever typed an address that is not theirs would keep a door to what its owner does there one day.
    if !account.email_verified {
        return Err(
            Problem::new(Category::Conflict, "address_unconfirmed").actions(&["verify", "reset_password"])
        );
    }
    store::forget_begun(sql, user).await?;
    if store::factors(sql, user).await?.len() >= FACTORS_MOST {
        return Err(
            Problem::new(Category::Conflict, "too_many_second_factors").actions(&["remove_second_factor"])
        );
    }
    user_key(sql, &app.sealer, user).await
}

/// What adding ends with: sessions from before the factor are over, this one is proven with it, and the owner is told.
pub(super) async fn finish(
    app: &App,
    sql: &Sql,
    caller: &Caller,
    (key, row): (&UserKey, &FactorRow),
    first: bool,
) -> Result<(FactorAdded, Vec<kernel::SessionId>), Problem> {
    let now = app.now();
    let live = sessions::find(sql, (caller.user, caller.session), now).await?;
    let live = live.ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))?;
    let keep = (live.scope != ENROL).then_some(caller.session);
    let ended = end_all(app, sql, caller.user, keep, EndCause::FactorsChanged).await?;
    sessions::prove(sql, (caller.user, caller.session), true, now).await?;
    store::forget_login_tokens(sql, caller.user).await?;
    tell(app, sql, caller.user, Template::SecondFactorAdded).await?;
    let recovery_codes =
        if first { Some(recovery::replace(app, sql, caller.user, now).await?) } else { None };
    Ok((FactorAdded { second_factor: view(app, key, row)?, recovery_codes }, ended))
}
