//! Where somebody is signed in, and ending that.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use kernel::{Category, ClientId, SessionId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::seal::{Place, UserKey};
use serde::Serialize;
use utoipa::ToSchema;

use super::open::KeptDevice;
use super::{EndCause, cookie};
use crate::access::{Access, Area, Caller, carried};
use crate::app::App;
use crate::identity::api::{authenticate, user_key};
use crate::identity::store::sessions as store;

const MOST: i64 = 100;

/// Where I am signed in.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"sessions": [{"id": "ses_0193f2a1c5d07bb2a4d1c0ffee000001", "current": true, "kind": "browser",
    "client_id": null, "address": "203.0.113.9", "agent": "Mozilla/5.0", "started_at": "2026-11-22T08:00:00Z",
    "seen_at": "2026-11-22T10:00:00Z", "ends_at": "2027-01-21T08:00:00Z"}]}))]
pub(in crate::identity) struct SessionList {
    sessions: Vec<SessionView>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionView)]
pub(in crate::identity) struct SessionView {
    #[schema(value_type = String)]
    id: SessionId,
    /// The one this request belongs to.
    current: bool,
    /// `browser` (a cookie) or `program` (tokens).
    kind: &'static str,
    /// The program it was opened for; nothing for our own app.
    #[schema(value_type = Option<String>)]
    client_id: Option<ClientId>,
    /// The address it was opened from.
    address: String,
    /// What the program called itself.
    agent: String,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// Where I am signed in, the last seen first.
#[utoipa::path(get, path = "/me/sessions", tag = "accounts",
    responses((status = 200, description = "My sessions", body = SessionList)))]
pub(in crate::identity) async fn list_sessions(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<SessionList>> {
    let sql = app.db.read().await?;
    let key = user_key(&sql, &app.sealer, caller.user).await?;
    Ok(Json(SessionList { sessions: load(&app, &sql, &caller, &key).await? }))
}

/// Those of the caller's account that are alive.
pub(in crate::identity) async fn load(
    app: &App,
    sql: &Sql,
    caller: &Caller,
    key: &UserKey,
) -> Result<Vec<SessionView>, Problem> {
    let rows = store::list(sql, caller.user, app.now(), MOST).await?;
    let view = |row: store::Listed| -> Result<SessionView, Problem> {
        let opened =
            app.sealer.open(key, Place::new("sessions.device_sealed", row.id.uuid()), &row.device_sealed)?;
        let device: KeptDevice = serde_json::from_slice(&opened).map_err(Problem::internal)?;
        Ok(SessionView {
            id: row.id,
            current: row.id == caller.session,
            kind: if row.browser { "browser" } else { "program" },
            client_id: row.client,
            address: device.address,
            agent: device.agent,
            started_at: row.started_at,
            seen_at: row.seen_at,
            ends_at: row.ends_at,
        })
    };
    rows.into_iter().map(view).collect()
}

/// End one of my sessions: within seconds none of its tokens is taken.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "accounts", params(("id" = String, Path, description = "The session", example = "ses_0193f2a1c5d07bb2a4d1c0ffee000001")),
    responses((status = 204, description = "Ended")))]
pub(in crate::identity) async fn end_session(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SessionId>,
) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    let ended = super::end(&app, &tx, (caller.user, id), EndCause::EndedByOwner).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    if ended.is_empty() { Err(Problem::not_found()) } else { Ok(StatusCode::NO_CONTENT) }
}

/// End all my sessions but this one.
#[utoipa::path(delete, path = "/me/sessions", tag = "accounts", responses((status = 204, description = "Ended")))]
pub(in crate::identity) async fn end_other_sessions(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    let ended = super::end_all(&app, &tx, caller.user, Some(caller.session), EndCause::EndedByOwner).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out: this session ends, and a browser's cookie goes, also when it was over before.
#[utoipa::path(post, path = "/logout", tag = "accounts", responses((status = 204, description = "Signed out"),
        (status = 403, description = "`cross_site`")))]
pub(in crate::identity) async fn logout(
    State(app): State<App>,
    headers: HeaderMap,
) -> Outcome<(StatusCode, HeaderMap)> {
    let carried = carried(&headers, &Method::POST, &app.config.http.public_url);
    let caller = match carried {
        Ok(carried) => {
            authenticate(&app, carried, (Access::Enrolment, Some(Area::Account.scope(&Method::POST)))).await
        }
        Err(problem) => Err(problem),
    };
    match caller {
        Ok(caller) => {
            let tx = app.db.begin().await?;
            let of = (caller.user, caller.session);
            let ended = super::end(&app, &tx, of, EndCause::SignedOut).await?;
            tx.commit().await?;
            app.ended.add(&ended);
        }
        // Who is signed out already wants no more than that.
        Err(problem) if problem.category == Category::Unauthenticated => {}
        Err(problem) => return Err(problem),
    }
    Ok((StatusCode::NO_CONTENT, cookie::take()?))
}
