//! `GET /push-subscriptions` and `DELETE /push-subscriptions/{id}`: the browsers that take pushes for me.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use kernel::{PushId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::seal::{Place, UserKey};
use serde::Serialize;
use utoipa::ToSchema;

use super::payload::Browser;
use super::store::{self, Subscription};
use crate::access::Caller;
use crate::app::App;
use crate::identity::api::user_key;

/// A browser that takes pushes.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "psh_0193f2a1c5d07bb2a4d1c0ffee00000e", "device": "Chrome on Android", "this_session": true,
    "created_at": "2026-12-01T12:50:00Z", "reached_at": null}))]
pub(super) struct PushSubscription {
    #[schema(value_type = String)]
    pub(super) id: PushId,
    /// What its owner calls it.
    pub(super) device: String,
    /// Whether it was added in the session that asks. When a session is ended, its browser gets nothing more.
    pub(super) this_session: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    /// When its service took a push for it last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) reached_at: Option<Timestamp>,
}

/// The browsers that take pushes for me, and what one needs to ask for them.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"public_key": "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8", "subscriptions": [], "most": 20}))]
pub(super) struct PushSubscriptions {
    /// `applicationServerKey` for the browser's `PushManager.subscribe`; null where this installation sends no pushes.
    public_key: Option<String>,
    subscriptions: Vec<PushSubscription>,
    /// As many as I can have.
    most: i16,
}

/// The browsers that take pushes for me, and the key that others ask with.
#[utoipa::path(get, path = "/push-subscriptions", tag = "notifications",
    responses((status = 200, description = "All of them, the newest first", body = PushSubscriptions)))]
pub(super) async fn list_push_subscriptions(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<PushSubscriptions>> {
    let sql = app.db.snapshot().await?;
    let key = user_key(&sql, &app.sealer, caller.user).await?;
    let rows = store::all(&sql, caller.user).await?;
    let subscriptions: Result<Vec<_>, Problem> =
        rows.iter().map(|row| view(&app, &key, row, &caller)).collect();
    Ok(Json(PushSubscriptions {
        public_key: app.pushes.public_key().map(str::to_owned),
        subscriptions: subscriptions?,
        most: app.config.push.browsers,
    }))
}

/// Send no more pushes to a browser.
#[utoipa::path(delete, path = "/push-subscriptions/{id}", tag = "notifications",
    params(("id" = String, Path, description = "Subscription id", example = "psh_0193f2a1c5d07bb2a4d1c0ffee00000e")),
    responses((status = 204, description = "It gets nothing more")))]
pub(super) async fn delete_push_subscription(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PushId>,
) -> Outcome<StatusCode> {
    let deleted = store::delete(&app.db.read().await?, (caller.user, id)).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

pub(super) fn view(
    app: &App,
    key: &UserKey,
    row: &Subscription,
    caller: &Caller,
) -> Result<PushSubscription, Problem> {
    Ok(PushSubscription {
        id: row.id,
        device: opened(app, key, row)?.device,
        this_session: row.session == caller.session,
        created_at: row.created_at,
        reached_at: row.reached_at,
    })
}

/// Where a browser is sealed.
pub(super) fn place(id: PushId) -> Place {
    Place::new("push_subscriptions.content_sealed", id.uuid())
}

/// A browser, opened.
pub(super) fn opened(app: &App, key: &UserKey, row: &Subscription) -> Result<Browser, Problem> {
    let bytes = app.sealer.open(key, place(row.id), &row.content_sealed)?;
    serde_json::from_slice(&bytes).map_err(Problem::internal)
}

/// All of somebody's, with what they are called.
pub(super) async fn named(
    app: &App,
    sql: &Sql,
    user: UserId,
    key: &UserKey,
) -> Result<Vec<(Subscription, String)>, Problem> {
    let named = |row: Subscription| opened(app, key, &row).map(|browser| (row, browser.device));
    store::all(sql, user).await?.into_iter().map(named).collect()
}
