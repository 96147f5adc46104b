//! `GET /admin/audit`: what staff did.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{AuditId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::store::{self, Filter, RecordRow};
use crate::app::App;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// The account that acted.
    #[param(value_type = Option<String>, example = "usr_0193f2a1c5d07bb2a4d1c0ffee000001")]
    actor: Option<UserId>,
    /// What was done, exactly.
    #[param(example = "flight.update")]
    action: Option<String>,
    /// To what, by its id.
    #[param(example = "flt_20261201000080008000b97700134001")]
    object: Option<String>,
    /// From this time on.
    #[param(value_type = Option<String>, example = "2026-06-01T00:00:00Z")]
    since: Option<Timestamp>,
    /// Before this time.
    #[param(value_type = Option<String>, example = "2026-06-02T00:00:00Z")]
    until: Option<Timestamp>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Something staff did.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "aud_0193f2a1c5d07bb2a4d1c0ffee00000a", "recorded_at": "2026-06-01T12:00:00Z",
    "actor": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "role": "admin", "client": null, "address": "203.0.113.9",
    "request_id": "req_0193f2a1", "action": "flight.update", "object": "flt_20261201000080008000b97700134001",
    "before": {"gate": "B2"}, "after": {"gate": "B4"}, "position": 812}))]
pub(super) struct AuditView {
    #[schema(value_type = String)]
    id: AuditId,
    #[schema(value_type = String)]
    recorded_at: Timestamp,
    /// The account that acted.
    #[schema(value_type = String)]
    actor: UserId,
    /// The role it acted in.
    role: String,
    /// The program it came through; null for a person.
    client: Option<String>,
    address: String,
    /// The request, as in the logs.
    request_id: String,
    /// What was done.
    action: String,
    /// To what.
    object: String,
    /// The object as it was; null where there was none.
    before: Option<Value>,
    /// The object as it is, or what was asked of it.
    after: Option<Value>,
    /// Its place in the chain; null for some seconds.
    position: Option<i64>,
}

/// A page of acts, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"records": [], "next_cursor": null}))]
pub(super) struct AuditList {
    records: Vec<AuditView>,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// What staff did (admin), the newest first.
#[utoipa::path(get, path = "/admin/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, description = "A page of acts", body = AuditList)))]
pub(super) async fn list_audit(
    State(app): State<App>,
    Query(query): Query<AuditQuery>,
) -> Outcome<Json<AuditList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let bad_cursor = |_| Problem::invalid("cursor", "it must be a next_cursor of this list");
    let before: Option<AuditId> = query.cursor.as_deref().map(str::parse).transpose().map_err(bad_cursor)?;
    let filter = Filter {
        actor: query.actor,
        action: query.action,
        object: query.object,
        since: query.since,
        until: query.until,
    };
    let mut rows = store::list(&app.db.read().await?, &filter, before, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|(row, _)| row.id.to_string());
    Ok(Json(AuditList { records: rows.into_iter().map(view).collect(), next_cursor }))
}

fn view((row, position): (RecordRow, Option<i64>)) -> AuditView {
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    AuditView {
        id: row.id,
        recorded_at: row.recorded_at,
        actor: row.actor,
        role: row.role,
        client: row.client,
        address: row.address,
        request_id: row.request_id,
        action: row.action,
        object: row.object,
        before: json(row.before),
        after: json(row.after),
        position,
    }
}
