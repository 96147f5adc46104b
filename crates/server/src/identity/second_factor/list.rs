//! An account's second factors: seen, renamed, and taken away.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use kernel::{Category, FactorId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::app::App;
use crate::identity::api::{require_proof, user_key};
use crate::identity::letters::tell;
use crate::identity::oidc::links;
use crate::identity::sessions::{EndCause, end_all};
use crate::identity::store::accounts;
use crate::identity::store::second_factors::{self as store, FactorRow};
use crate::mail::api::Template;

const NAME: &str = "second_factors.name_sealed";
const NAME_MAX: usize = 60;

/// A second factor.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactor, example = json!({"id": "fct_0193f2a1c5d07bb2a4d1c0ffee000001", "kind": "totp", "name": "My telephone",
    "added_at": "2026-11-22T10:00:00Z", "used_at": "2026-11-22T12:00:00Z"}))]
pub(in crate::identity) struct FactorView {
    #[schema(value_type = String)]
    id: FactorId,
    /// `totp` (an authenticator app) or `passkey`.
    kind: &'static str,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

/// My second factors.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactors, example = json!({"second_factors": [], "recovery_codes_left": 0}))]
pub(in crate::identity) struct FactorList {
    second_factors: Vec<FactorView>,
    /// How many recovery codes are unused.
    recovery_codes_left: i64,
}

/// What to call it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecondFactorName, example = json!({"name": "My telephone"}))]
pub(in crate::identity) struct FactorName {
    /// 1 to 60 characters.
    pub(super) name: String,
}

impl FactorName {
    /// The name, sealed for its row. Refusals: `invalid_field`.
    pub(super) fn seal(&self, app: &App, key: &UserKey, id: FactorId) -> Result<Vec<u8>, Problem> {
        let name = self.name.trim();
        if !(1..=NAME_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            let reason = format!("it must have 1 to {NAME_MAX} characters and no line breaks");
            return Err(Problem::invalid("name", reason));
        }
        Ok(app.sealer.seal(key, Place::new(NAME, id.uuid()), name.as_bytes())?)
    }
}

/// The factor as its owner sees it.
pub(super) fn view(app: &App, key: &UserKey, row: &FactorRow) -> Result<FactorView, Problem> {
    let name = app.sealer.open(key, Place::new(NAME, row.id.uuid()), &row.name_sealed)?;
    Ok(FactorView {
        id: row.id,
        kind: row.kind.as_str(),
        name: String::from_utf8(name).map_err(Problem::internal)?,
        added_at: row.added_at,
        used_at: row.used_at,
    })
}

/// My second factors, and how many recovery codes are left.
#[utoipa::path(get, path = "/me/second-factors", tag = "accounts",
    responses((status = 200, description = "My second factors", body = FactorList)))]
pub(in crate::identity) async fn list_second_factors(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<FactorList>> {
    let sql = app.db.read().await?;
    let key = user_key(&sql, &app.sealer, caller.user).await?;
    Ok(Json(load(&app, &sql, caller.user, &key).await?))
}

/// An account's second factors, in the order they were added.
pub(in crate::identity) async fn load(
    app: &App,
    sql: &Sql,
    user: UserId,
    key: &UserKey,
) -> Result<FactorList, Problem> {
    let rows = store::factors(sql, user).await?;
    Ok(FactorList {
        second_factors: rows.iter().map(|row| view(app, key, row)).collect::<Result<_, _>>()?,
        recovery_codes_left: store::recovery_codes_left(sql, user).await?,
    })
}

/// Call a second factor something else.
#[utoipa::path(patch, path = "/me/second-factors/{id}", tag = "accounts",
    params(("id" = String, Path, description = "The second factor", example = "fct_0193f2a1c5d07bb2a4d1c0ffee000001")), request_body = FactorName,
    responses((status = 200, description = "The second factor, renamed", body = FactorView)))]
pub(in crate::identity) async fn rename_second_factor(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<FactorId>,
    Json(name): Json<FactorName>,
) -> Outcome<Json<FactorView>> {
    let tx = app.db.begin().await?;
    let found = store::factor(&tx, (caller.user, id)).await?;
    let row = found.filter(|row| row.confirmed_at.is_some()).ok_or_else(Problem::not_found)?;
    let key = user_key(&tx, &app.sealer, caller.user).await?;
    let name_sealed = name.seal(&app, &key, id)?;
    store::rename(&tx, (caller.user, id), &name_sealed).await?;
    tx.commit().await?;
    Ok(Json(view(&app, &key, &FactorRow { name_sealed, ..row })?))
}

/// Take a second factor away. All my other sessions end, and with the last factor the recovery codes go. Staff keep one, and nobody takes
/// away the last that opens the account.
#[utoipa::path(delete, path = "/me/second-factors/{id}", tag = "accounts",
    params(("id" = String, Path, description = "The second factor", example = "fct_0193f2a1c5d07bb2a4d1c0ffee000001")),
    responses((status = 204, description = "It is gone"),
        (status = 409, description = "`last_second_factor`, `last_way_in`")))]
pub(in crate::identity) async fn remove_second_factor(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<FactorId>,
) -> Outcome<StatusCode> {
    require_proof(&app, &caller).await?;
    let tx = app.db.begin().await?;
    let account = accounts::lock_account(&tx, caller.user).await?.ok_or_else(Problem::not_found)?;
    let rows = store::factors(&tx, caller.user).await?;
    if !rows.iter().any(|row| row.id == id) {
        return Err(Problem::not_found());
    }
    if rows.len() == 1 {
        if account.role.is_staff() {
            return Err(
                Problem::new(Category::Conflict, "last_second_factor").actions(&["add_second_factor"])
            );
        }
        store::replace_recovery_codes(&tx, caller.user, &[], app.now()).await?;
    }
    if !links::opens_without_factor(&app, &tx, caller.user, id).await? {
        return Err(
            Problem::new(Category::Conflict, "last_way_in").actions(&["reset_password", "link_provider"])
        );
    }
    store::remove(&tx, caller.user, Some(id)).await?;
    store::forget_login_tokens(&tx, caller.user).await?;
    tell(&app, &tx, caller.user, Template::SecondFactorRemoved).await?;
    let ended = end_all(&app, &tx, caller.user, Some(caller.session), EndCause::FactorsChanged).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    tracing::info!(user.id = %caller.user, factor.id = %id, "second factor removed");
    Ok(StatusCode::NO_CONTENT)
}
