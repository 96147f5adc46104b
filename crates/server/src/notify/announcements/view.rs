//! An announcement as staff see it.

use jiff::Timestamp;
use kernel::{AnnouncementId, UserId};
use platform::db::Sql;
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::audience::Audience;
use super::said::Texts;
use crate::app::App;
use crate::identity::api::key_of;
use crate::notify::store::announcements::{self as store, AnnouncementRow};

/// An announcement.
#[derive(Serialize, ToSchema)]
#[schema(as = Announcement, example = json!({"id": "ann_0193f2a1c5d07bb2a4d1c0ffee000011", "status": "draft",
    "audience": {"kind": "flight", "flight_id": "flt_20261201000080008000b97700134001"},
    "texts": {"en": {"title": "Strike at Atlanta", "text": "Security queues are long. Please come three hours early."}, "hi": null},
    "recipients": 182, "told": 0, "read": 0, "author_id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001",
    "created_at": "2026-11-30T09:12:00Z", "sent_at": null, "withdrawn_at": null}))]
pub(in crate::notify) struct AnnouncementView {
    #[schema(value_type = String)]
    id: AnnouncementId,
    /// `draft`, `sent` or `withdrawn`.
    status: &'static str,
    audience: Audience,
    /// Null if the account it was for is gone.
    texts: Option<Texts>,
    /// Accounts it was for when it was drafted.
    recipients: i32,
    /// Accounts that were told so far.
    told: i64,
    /// Accounts that have read it.
    read: i64,
    /// Who wrote it.
    #[schema(value_type = String)]
    author_id: UserId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Timestamp>,
}

/// As they stand, in their order.
pub(super) async fn view(
    app: &App,
    sql: &Sql,
    rows: Vec<AnnouncementRow>,
) -> Result<Vec<AnnouncementView>, Problem> {
    let ids: Vec<AnnouncementId> = rows.iter().map(|row| row.id).collect();
    let told = store::told(sql, &ids).await?;
    let mut views = Vec::with_capacity(rows.len());
    for (row, (told, read)) in rows.into_iter().zip(told) {
        let key = match row.user {
            Some(user) => key_of(sql, &app.sealer, user).await?,
            None => None,
        };
        let is_open = row.user.is_none() || key.is_some();
        views.push(AnnouncementView {
            id: row.id,
            status: row.status.as_str(),
            texts: is_open.then(|| Texts::of(app, &row, key.as_ref())).transpose()?,
            audience: row.audience,
            recipients: row.recipients,
            told,
            read,
            author_id: row.author,
            created_at: row.created_at,
            sent_at: row.sent_at,
            withdrawn_at: row.withdrawn_at,
        });
    }
    Ok(views)
}

/// One of them.
pub(super) async fn view_one(
    app: &App,
    sql: &Sql,
    row: AnnouncementRow,
) -> Result<AnnouncementView, Problem> {
    view(app, sql, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}
