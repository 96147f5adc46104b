//! The providers an account is linked with: seen, and taken away.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use kernel::{Category, FactorId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::seal::UserKey;
use serde::Serialize;
use utoipa::ToSchema;

use super::people;
use crate::access::Caller;
use crate::app::App;
use crate::identity::api::{require_proof, user_key};
use crate::identity::second_factor::passkey;
use crate::identity::sessions::{EndCause, end_all};
use crate::identity::store::oidc::{self as store, LinkRow};
use crate::identity::store::second_factors::{self, FactorRow, Kind};
use crate::identity::store::{self as users, accounts};

/// An identity that opens the account.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkedProvider, example = json!({"provider": "example", "label": "Example", "account": "asha@example.com",
    "subject": "248289761001", "linked_at": "2026-11-22T10:00:00Z", "used_at": "2026-11-22T12:00:00Z"}))]
pub(in crate::identity) struct LinkView {
    provider: String,
    /// For people to read; the provider's id if one cannot sign in with it any more.
    label: String,
    /// The address the provider vouched for when it was linked.
    account: Option<String>,
    /// What the provider calls its owner.
    subject: String,
    #[schema(value_type = String, format = DateTime)]
    linked_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkedProviders, example = json!({"providers": [], "has_password": true}))]
pub(in crate::identity) struct LinkList {
    providers: Vec<LinkView>,
    /// Whether the account has a password; `POST /password/forgotten` sets one.
    has_password: bool,
}

/// The providers my account is linked with.
#[utoipa::path(get, path = "/me/providers", tag = "accounts",
    responses((status = 200, description = "The providers", body = LinkList)))]
pub(in crate::identity) async fn list_my_providers(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<LinkList>> {
    let sql = app.db.read().await?;
    let key = user_key(&sql, &app.sealer, caller.user).await?;
    Ok(Json(load(&app, &sql, caller.user, &key).await?))
}

pub(in crate::identity) async fn load(
    app: &App,
    sql: &Sql,
    user: UserId,
    key: &UserKey,
) -> Result<LinkList, Problem> {
    let rows = store::links(sql, user).await?;
    let providers = rows.into_iter().map(|row| view(app, key, row)).collect::<Result<_, _>>()?;
    Ok(LinkList { providers, has_password: has_password(sql, user).await? })
}

fn view(app: &App, key: &UserKey, row: LinkRow) -> Result<LinkView, Problem> {
    let details = people::details(app, key, &row)?;
    let known = app.providers.find(&row.provider).filter(|provider| provider.issuer == row.issuer);
    Ok(LinkView {
        label: known.map_or_else(|| row.provider.clone(), |provider| provider.label.clone()),
        provider: row.provider,
        account: details.email,
        subject: details.subject,
        linked_at: row.linked_at,
        used_at: row.used_at,
    })
}

async fn has_password(sql: &Sql, user: UserId) -> Result<bool, Problem> {
    let hash = users::password_hash(sql, user.uuid()).await?;
    Ok(hash.is_some_and(|hash| !hash.is_empty()))
}

/// Take a provider's identity away from my account. All my other sessions end. It needs a fresh proof, and is refused if nothing else
/// would be left to sign in with.
#[utoipa::path(delete, path = "/me/providers/{id}", tag = "accounts",
    params(("id" = String, Path, description = "The provider")),
    responses((status = 204, description = "It opens the account no more"),
        (status = 409, description = "`last_way_in`")))]
pub(in crate::identity) async fn unlink_provider(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Outcome<StatusCode> {
    require_proof(&app, &caller).await?;
    let tx = app.db.begin().await?;
    accounts::lock_account(&tx, caller.user).await?.ok_or_else(Problem::not_found)?;
    let links = store::links(&tx, caller.user).await?;
    if !links.iter().any(|link| link.provider == id) {
        return Err(Problem::not_found());
    }
    let other = links.iter().any(|link| link.provider != id && app.providers.has_issuer(&link.issuer));
    if !other && !opens_without(&app, &tx, caller.user).await? {
        return Err(
            Problem::new(Category::Conflict, "last_way_in").actions(&["reset_password", "link_provider"])
        );
    }
    store::unlink(&tx, caller.user, Some(&id)).await?;
    second_factors::forget_login_tokens(&tx, caller.user).await?;
    let ended = end_all(&app, &tx, caller.user, Some(caller.session), EndCause::FactorsChanged).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    tracing::info!(user.id = %caller.user, provider = id, "provider unlinked");
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the account can be signed in to without any provider: with a password, or a passkey alone.
async fn opens_without(app: &App, sql: &Sql, user: UserId) -> Result<bool, Problem> {
    Ok(has_password(sql, user).await? || has_passkey(app, sql, user, None).await?)
}

/// Whether the account can be signed in to without one of its second factors: with a password, another passkey or a provider.
pub(in crate::identity) async fn opens_without_factor(
    app: &App,
    sql: &Sql,
    user: UserId,
    without: FactorId,
) -> Result<bool, Problem> {
    let by_another = has_password(sql, user).await? || has_passkey(app, sql, user, Some(without)).await?;
    Ok(by_another || store::links(sql, user).await?.iter().any(|link| app.providers.has_issuer(&link.issuer)))
}

async fn has_passkey(app: &App, sql: &Sql, user: UserId, without: Option<FactorId>) -> Result<bool, Problem> {
    let factors = second_factors::factors(sql, user).await?;
    let another = |factor: &FactorRow| factor.kind == Kind::Passkey && Some(factor.id) != without;
    Ok(passkey::possible(app) && factors.iter().any(another))
}
