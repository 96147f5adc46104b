//! Programs, as administrators keep them: what each is called, where its users are sent back to, what it may ask for.

use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use kernel::{ClientId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::grants::may_be_acted_for;
use super::{client_auth, redirect};
use crate::access::scopes;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity::store::account_role;
use crate::identity::store::oauth::{self as store, ClientRow};

const NAME_MAX: usize = 100;
const URIS_MAX: usize = 10;
/// How long the secret before the last is still taken, so that a program can be given the new one without a gap.
const OVERLAP_HOURS: i64 = 24;
const PAGE: i64 = 50;
const PAGE_MAX: i64 = 100;

/// A program to register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Agency", "kind": "confidential", "redirect_uris": ["https://agency.example/back"],
    "scopes": ["bookings:read", "bookings:write"], "acts_for": null}))]
pub(in crate::identity) struct NewClient {
    /// What users are asked about.
    name: String,
    kind: ClientKind,
    /// Where users are sent back to, to the character.
    #[serde(default)]
    redirect_uris: Vec<String>,
    /// What it may ask for at most.
    scopes: Vec<String>,
    /// The account it acts for by itself (`client_credentials`).
    #[schema(value_type = Option<String>)]
    acts_for: Option<UserId>,
}

/// Whether it can keep a secret (RFC 6749 section 2.1).
#[derive(Clone, Copy, Deserialize, Serialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::identity) enum ClientKind {
    /// It runs on a server of its own, and gets a secret.
    Confidential,
    /// It runs on its users' devices.
    Public,
}

/// A program.
#[derive(Serialize, ToSchema)]
#[schema(as = OauthClient, example = json!({"id": "cli_0193f2a1c5d07bb2a4d1c0ffee000001", "name": "Agency", "kind": "confidential",
    "redirect_uris": ["https://agency.example/back"], "scopes": ["bookings:read", "bookings:write"], "acts_for": null,
    "created_at": "2026-11-22T10:00:00Z", "disabled": false}))]
pub(in crate::identity) struct ClientView {
    #[schema(value_type = String)]
    id: ClientId,
    name: String,
    kind: ClientKind,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    #[schema(value_type = Option<String>)]
    acts_for: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// It gets no tokens, and those it had are good no longer.
    disabled: bool,
    /// Its secret, shown when it is made and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// Programs, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = OauthClients, example = json!({"clients": [], "next_cursor": null}))]
pub(in crate::identity) struct ClientList {
    clients: Vec<ClientView>,
    /// For the next page.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<ClientId>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::identity) struct Page {
    /// At most so many (1 to 100; 50).
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<ClientId>,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"disabled": true}))]
pub(in crate::identity) struct ClientPatch {
    name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    disabled: Option<bool>,
}

/// List programs.
#[utoipa::path(get, path = "/admin/clients", tag = "operations", params(Page),
    responses((status = 200, description = "Programs", body = ClientList)))]
pub(in crate::identity) async fn list_clients(
    State(app): State<App>,
    Query(page): Query<Page>,
) -> Outcome<Json<ClientList>> {
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {PAGE_MAX}")));
    }
    let mut rows = store::clients(&app.db.read().await?, page.cursor, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if more {
        rows.pop();
    }
    let next_cursor = rows.last().map(|row| row.id).filter(|_| more);
    Ok(Json(ClientList { clients: rows.into_iter().map(|row| view(row, None)).collect(), next_cursor }))
}

/// Register a program.
#[utoipa::path(post, path = "/admin/clients", tag = "operations", request_body = NewClient,
    responses((status = 201, description = "Registered; the secret is shown this once", body = ClientView)))]
pub(in crate::identity) async fn create_client(
    State(app): State<App>,
    actor: Actor,
    Json(new): Json<NewClient>,
) -> Outcome<(StatusCode, Json<ClientView>)> {
    let secret = (new.kind == ClientKind::Confidential).then(|| fresh_secret(&app));
    let row = ClientRow {
        id: app.new_id(ClientId::new),
        name: check_name(&new.name)?,
        secret_hash: secret.as_deref().map(client_auth::hash),
        older_hash: None,
        older_until: None,
        redirect_uris: check_uris(new.redirect_uris)?,
        scopes: check_scopes(&new.scopes, new.acts_for)?,
        acts_for: new.acts_for,
        created_at: app.now(),
        disabled_at: None,
        void_before: None,
    };
    if row.acts_for.is_some() && secret.is_none() {
        return Err(Problem::invalid(
            "acts_for",
            "a program on users' devices cannot act for an account of its own",
        ));
    }
    let tx = app.db.begin().await?;
    if let Some(user) = row.acts_for
        && !account_role(&tx, user.uuid()).await?.is_some_and(may_be_acted_for)
    {
        let reason = "there is no such account, it is disabled, or it is an administrator's, for which no program acts";
        return Err(Problem::invalid("acts_for", reason));
    }
    store::insert_client(&tx, &row).await?;
    let made = view(row, None);
    audit::record(&app, &tx, &actor, Act::new("client.create", &made.id).after(&made)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ClientView { secret, ..made })))
}

/// See a program.
#[utoipa::path(get, path = "/admin/clients/{id}", tag = "operations", params(("id" = String, Path, description = "The program", example = "cli_0193f2a1c5d07bb2a4d1c0ffee000001")),
    responses((status = 200, description = "The program", body = ClientView)))]
pub(in crate::identity) async fn get_client(
    State(app): State<App>,
    Path(id): Path<ClientId>,
) -> Outcome<Json<ClientView>> {
    let row = store::client(&app.db.read().await?, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(view(row, None)))
}

/// Change a program. Disabling it ends every session it was given, within seconds; so does taking scopes from it for what they
/// were good for, at the latest when its access tokens run out.
#[utoipa::path(patch, path = "/admin/clients/{id}", tag = "operations", params(("id" = String, Path, description = "The program", example = "cli_0193f2a1c5d07bb2a4d1c0ffee000001")),
    request_body = ClientPatch, responses((status = 200, description = "The program, changed", body = ClientView)))]
pub(in crate::identity) async fn update_client(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ClientId>,
    Json(patch): Json<ClientPatch>,
) -> Outcome<Json<ClientView>> {
    let tx = app.db.begin().await?;
    let mut row = store::lock_client(&tx, id).await?.ok_or_else(Problem::not_found)?;
    let before = view(row.clone(), None);
    if let Some(name) = patch.name {
        row.name = check_name(&name)?;
    }
    if let Some(uris) = patch.redirect_uris {
        row.redirect_uris = check_uris(uris)?;
    }
    if let Some(scopes) = patch.scopes {
        row.scopes = check_scopes(&scopes, row.acts_for)?;
    }
    match patch.disabled {
        Some(true) if row.disabled_at.is_none() => {
            row.disabled_at = Some(app.now());
            // However many sessions it has: they are over now, and a job ends their rows.
            row.void_before = row.disabled_at;
        }
        Some(false) => row.disabled_at = None,
        _ => {}
    }
    store::update_client(&tx, &row).await?;
    let after = view(row, None);
    audit::record(&app, &tx, &actor, Act::new("client.update", &id).before(&before).after(&after)).await?;
    tx.commit().await?;
    app.ended.disable(id, after.disabled);
    Ok(Json(after))
}

/// Give a program another secret. The one before is taken for a day more.
#[utoipa::path(post, path = "/admin/clients/{id}/rotate-secret", tag = "operations",
    params(("id" = String, Path, description = "The program", example = "cli_0193f2a1c5d07bb2a4d1c0ffee000001")),
    responses((status = 200, description = "The program with its new secret, shown this once", body = ClientView),
        (status = 422, description = "`client_has_no_secret`")))]
pub(in crate::identity) async fn rotate_client_secret(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ClientId>,
) -> Outcome<Json<ClientView>> {
    let tx = app.db.begin().await?;
    let mut row = store::lock_client(&tx, id).await?.ok_or_else(Problem::not_found)?;
    if row.secret_hash.is_none() {
        return Err(Problem::new(kernel::Category::Unprocessable, "client_has_no_secret"));
    }
    let secret = fresh_secret(&app);
    row.older_hash = row.secret_hash.replace(client_auth::hash(&secret));
    row.older_until = Some(app.now() + SignedDuration::from_hours(OVERLAP_HOURS));
    store::update_client(&tx, &row).await?;
    audit::record(&app, &tx, &actor, Act::new("client.rotate_secret", &id)).await?;
    tx.commit().await?;
    Ok(Json(view(row, Some(secret))))
}

fn fresh_secret(app: &App) -> String {
    format!("ucs_{}", URL_SAFE_NO_PAD.encode(app.random.bytes::<32>()))
}

fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let fits = (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned()).ok_or_else(|| {
        Problem::invalid("name", format!("it must have 1 to {NAME_MAX} characters and no line breaks"))
    })
}

fn check_uris(uris: Vec<String>) -> Result<Vec<String>, Problem> {
    if uris.len() > URIS_MAX {
        return Err(Problem::invalid("redirect_uris", format!("there may be {URIS_MAX} at most")));
    }
    match uris.iter().position(|uri| !redirect::may_be_filed(uri)) {
        Some(index) => Err(Problem::invalid(
            &format!("redirect_uris[{index}]"),
            "it must be an https address, http://127.0.0.1/… or http://[::1]/… for a program on a device, or a scheme of its own \
             with a dot in it; without a fragment",
        )),
        None => Ok(uris),
    }
}

fn check_scopes(asked: &[String], acts_for: Option<UserId>) -> Result<Vec<String>, Problem> {
    let known = scopes::parse(&asked.join(" ")).filter(|known| !known.is_empty());
    let known = known.ok_or_else(|| {
        Problem::invalid(
            "scopes",
            format!("it must name some of: {}", scopes::all().collect::<Vec<_>>().join(", ")),
        )
    })?;
    if let Some(own) = known.iter().find(|scope| !scopes::is_users(scope) && acts_for.is_none()) {
        let reason =
            format!("{own} is for a program in its own name: it needs acts_for, an account to act for");
        return Err(Problem::invalid("scopes", reason));
    }
    Ok(known.into_iter().map(str::to_owned).collect())
}

fn view(row: ClientRow, secret: Option<String>) -> ClientView {
    ClientView {
        id: row.id,
        name: row.name,
        kind: if row.secret_hash.is_some() { ClientKind::Confidential } else { ClientKind::Public },
        redirect_uris: row.redirect_uris,
        scopes: row.scopes,
        acts_for: row.acts_for,
        created_at: row.created_at,
        disabled: row.disabled_at.is_some(),
        secret,
    }
}
