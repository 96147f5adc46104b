//! Accounts as staff see them: who is what, and taking away what somebody should no longer have.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{Category, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use platform::seal::Place;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::api::{key_of, user_of_email};
use super::doors::{self, Factors};
use super::letters::tell;
use super::sessions::{EndCause, end_all};
use super::store::accounts::{self as store, AccountRow};
use crate::access::Role;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::mail::api::Template;

const PAGE: i64 = 50;
const PAGE_MAX: i64 = 100;

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account, example = json!({"id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "email": "asha@example.com",
    "email_verified": true, "name": "Asha Rao", "role": "operations", "disabled": false, "created_at": "2026-11-22T10:00:00Z"}))]
pub(super) struct AccountView {
    #[schema(value_type = String)]
    id: UserId,
    /// Null when the account was erased.
    email: Option<String>,
    email_verified: bool,
    /// Null when the account was erased.
    name: Option<String>,
    /// `traveller`, `agent`, `operations`, `revenue`, `support` or `admin`.
    role: &'static str,
    /// Nobody can sign in to it.
    disabled: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// Accounts.
#[derive(Serialize, ToSchema)]
#[schema(as = Accounts, example = json!({"accounts": [], "next_cursor": null}))]
pub(super) struct AccountList {
    accounts: Vec<AccountView>,
    /// For the next page.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<UserId>,
}

/// Which of staff.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Those of this role.
    role: Option<String>,
    /// At most so many (1 to 100; 50).
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<UserId>,
}

/// Whose account: addresses are found whole or not at all.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountSearch, example = json!({"email": "asha@example.com"}))]
pub(super) struct Search {
    email: String,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "agent"}))]
pub(super) struct AccountPatch {
    role: Option<String>,
    disabled: Option<bool>,
}

/// Staff. Travellers are not listed: who knows the address finds the account by it. Who looked is
/// recorded.
#[utoipa::path(get, path = "/admin/accounts", tag = "operations", params(Which),
    responses((status = 200, description = "Accounts of staff", body = AccountList)))]
pub(super) async fn list_accounts(
    State(app): State<App>,
    actor: Actor,
    Query(which): Query<Which>,
) -> Outcome<Json<AccountList>> {
    let limit = which.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {PAGE_MAX}")));
    }
    let role = which.role.as_deref().map(check_role).transpose()?;
    if role == Some(Role::Traveller) {
        let reason = "travellers are not listed; POST /admin/accounts/search finds one by their address";
        return Err(Problem::invalid("role", reason));
    }
    let sql = app.db.read().await?;
    let mut rows = store::staff(&sql, role, which.cursor, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if more {
        rows.pop();
    }
    let next_cursor = rows.last().map(|row| row.id).filter(|_| more);
    let mut accounts = Vec::with_capacity(rows.len());
    for row in &rows {
        accounts.push(view(&app, &sql, row).await?);
    }
    drop(sql);
    let seen: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let act = Act::new("account.list", &"staff").after(&json!({"accounts": seen}));
    audit::record_look(&app, &actor, act).await?;
    Ok(Json(AccountList { accounts, next_cursor }))
}

/// Find the account of an address. Who looked for whom is recorded.
#[utoipa::path(post, path = "/admin/accounts/search", tag = "operations", request_body = Search,
    responses((status = 200, description = "The account, or none", body = AccountList)))]
pub(super) async fn search_accounts(
    State(app): State<App>,
    actor: Actor,
    Json(search): Json<Search>,
) -> Outcome<Json<AccountList>> {
    let tx = app.db.begin().await?;
    let row = match user_of_email(&app, &tx, &search.email).await? {
        Some(user) => store::account(&tx, user).await?,
        None => None,
    };
    let mut accounts = Vec::new();
    if let Some(row) = &row {
        accounts.push(view(&app, &tx, row).await?);
    }
    // The address is the traveller's: whose account it was says it as well.
    let found = row.map_or_else(|| "none".to_owned(), |row| row.id.to_string());
    audit::record(&app, &tx, &actor, Act::new("account.search", &found)).await?;
    tx.commit().await?;
    Ok(Json(AccountList { accounts, next_cursor: None }))
}

/// See an account. Who looked at it is recorded.
#[utoipa::path(get, path = "/admin/accounts/{id}", tag = "operations", params(("id" = String, Path, description = "The account", example = "usr_0193f2a1c5d07bb2a4d1c0ffee000001")),
    responses((status = 200, description = "The account", body = AccountView)))]
pub(super) async fn get_account(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UserId>,
) -> Outcome<Json<AccountView>> {
    let tx = app.db.begin().await?;
    let row = store::account(&tx, id).await?.ok_or_else(Problem::not_found)?;
    let seen = view(&app, &tx, &row).await?;
    audit::record(&app, &tx, &actor, Act::new("account.read", &id)).await?;
    tx.commit().await?;
    Ok(Json(seen))
}

/// Give an account another role, disable it, or enable it again. Its sessions end within seconds, and it starts with fresh ones.
/// Staff have confirmed their address (409 `address_unconfirmed`); with their first role their second factors, recovery codes and providers
/// go, and they add others. Nobody changes their own account here, and one administrator always remains: 422 `own_account`, `last_administrator`.
#[utoipa::path(patch, path = "/admin/accounts/{id}", tag = "operations",
    params(("id" = String, Path, description = "The account", example = "usr_0193f2a1c5d07bb2a4d1c0ffee000001")), request_body = AccountPatch,
    responses((status = 200, description = "The account, changed", body = AccountView),
        (status = 409, description = "`address_unconfirmed`")))]
pub(super) async fn update_account(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UserId>,
    Json(patch): Json<AccountPatch>,
) -> Outcome<Json<AccountView>> {
    let role = patch.role.as_deref().map(check_role).transpose()?;
    if id == actor.user {
        return Err(Problem::new(Category::Unprocessable, "own_account"));
    }
    let tx = app.db.begin().await?;
    // All of them, and in order: of two who take each other's role, the second finds nobody left.
    let administrators = store::lock_administrators(&tx).await?;
    let before = store::lock_account(&tx, id).await?.ok_or_else(Problem::not_found)?;
    let role = role.unwrap_or(before.role);
    let disabled = patch.disabled.unwrap_or(before.disabled);
    if (role != Role::Admin || disabled) && administrators == [id] {
        return Err(Problem::new(Category::Unprocessable, "last_administrator"));
    }
    let hired = role.is_staff() && !before.role.is_staff();
    if role != before.role && role.is_staff() && !before.email_verified {
        return Err(Problem::new(Category::Conflict, "address_unconfirmed").actions(&["verify"]));
    }
    let mut ended = Vec::new();
    if role != before.role || disabled != before.disabled {
        store::update_account(&tx, id, role, disabled, app.now()).await?;
        let told = |role: Role, disabled: bool| json!({"role": role.as_str(), "disabled": disabled});
        let act = Act::new("account.update", &id).before(&told(before.role, before.disabled));
        audit::record(&app, &tx, &actor, act.after(&told(role, disabled))).await?;
        ended = if hired {
            // What a traveller's account was opened with is not what opens one of staff: they enrol anew.
            let (closed, ended) = doors::close(&app, &tx, id, Factors::All, EndCause::AccountChanged).await?;
            if closed.factors > 0 {
                tell(&app, &tx, id, Template::SecondFactorsReset).await?;
            }
            ended
        } else {
            end_all(&app, &tx, id, None, EndCause::AccountChanged).await?
        };
    }
    let after = view(&app, &tx, &AccountRow { role, disabled, ..before }).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    Ok(Json(after))
}

fn check_role(word: &str) -> Result<Role, Problem> {
    Role::parse(word).ok_or_else(|| {
        let words: Vec<_> = Role::ALL.into_iter().map(Role::as_str).collect();
        Problem::invalid("role", format!("it must be one of: {}", words.join(", ")))
    })
}

/// An account whose data were erased has no key any more, and nothing to show of them.
async fn view(app: &App, sql: &Sql, row: &AccountRow) -> Result<AccountView, Problem> {
    let key = key_of(sql, &app.sealer, row.id).await?;
    let open = |column, sealed: &[u8]| -> Result<Option<String>, Problem> {
        let Some(key) = &key else { return Ok(None) };
        let bytes = app.sealer.open(key, Place::new(column, row.id.uuid()), sealed)?;
        String::from_utf8(bytes).map(Some).map_err(Problem::internal)
    };
    Ok(AccountView {
        id: row.id,
        email: open("users.email_sealed", &row.email_sealed)?,
        email_verified: row.email_verified,
        name: open("users.name_sealed", &row.name_sealed)?,
        role: row.role.as_str(),
        disabled: row.disabled,
        created_at: row.created_at,
    })
}
