//! `GET /admin/announcements`: what staff announced, and how far it came.

use std::collections::BTreeSet;

use axum::extract::State;
use kernel::AnnouncementId;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::{AnnouncementView, view, view_one};
use crate::app::App;
use crate::notify::store::announcements as store;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::notify) struct AnnouncementsQuery {
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<AnnouncementId>,
}

/// Announcements, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"announcements": [], "next_cursor": null}))]
pub(in crate::notify) struct AnnouncementList {
    announcements: Vec<AnnouncementView>,
    /// Null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<AnnouncementId>,
}

/// What was announced, drafts included, the newest first.
#[utoipa::path(get, path = "/admin/announcements", tag = "notifications", params(AnnouncementsQuery),
    responses((status = 200, description = "A page of announcements", body = AnnouncementList)))]
pub(in crate::notify) async fn list_announcements(
    State(app): State<App>,
    Query(query): Query<AnnouncementsQuery>,
) -> Outcome<Json<AnnouncementList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let sql = app.db.read().await?;
    let mut rows = store::list(&sql, query.cursor, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id);
    Ok(Json(AnnouncementList { announcements: view(&app, &sql, rows).await?, next_cursor }))
}

/// An announcement, and how many were told of it so far.
#[utoipa::path(get, path = "/admin/announcements/{id}", tag = "notifications",
    params(("id" = String, Path, description = "Announcement id", example = "ann_0193f2a1c5d07bb2a4d1c0ffee000011")),
    responses((status = 200, description = "The announcement", body = AnnouncementView)))]
pub(in crate::notify) async fn get_announcement(
    State(app): State<App>,
    Path(id): Path<AnnouncementId>,
) -> Outcome<Json<AnnouncementView>> {
    let sql = app.db.read().await?;
    let row = store::find(&sql, &BTreeSet::from([id])).await?.pop().ok_or_else(Problem::not_found)?;
    Ok(Json(view_one(&app, &sql, row).await?))
}
