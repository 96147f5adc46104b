//! `GET /notifications`: what I was told; and saying that I read it.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::State;
use domain::notices::Topic;
use jiff::Timestamp;
use kernel::{AnnouncementId, BookingId, FlightId, NotificationId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::announcements::{Said, announced_in, said_to};
use super::store::NotificationRow;
use super::store::inbox::{self, UNREAD_MOST};
use super::words::Words;
use crate::access::Caller;
use crate::app::App;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct InboxQuery {
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<NotificationId>,
}

/// Something I was told, in the language of `Accept-Language`.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification, example = json!({"id": "ntf_0193f2a1c5d07bb2a4d1c0ffee00000c", "kind": "delay", "topic": "delayed",
    "title": "KR1 to Atlanta (ATL) is delayed", "text": "KR1 from Allentown (ABE) to Atlanta (ATL) is expected to leave at 1 Dec 2026, 09:10.",
    "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "flight_id": "flt_20261201000080008000b97700134001", "ticket_id": null, "watch_id": null,
    "created_at": "2026-12-01T12:50:00Z", "read_at": null, "outdated": false}))]
pub(super) struct NotificationView {
    #[schema(value_type = String)]
    id: NotificationId,
    /// What it is about, as in preferences.
    kind: &'static str,
    /// Which text: a kind has several.
    topic: &'static str,
    title: String,
    text: String,
    #[schema(value_type = Option<String>)]
    booking_id: Option<BookingId>,
    #[schema(value_type = Option<String>)]
    flight_id: Option<FlightId>,
    /// The support ticket that was answered.
    ticket_id: Option<String>,
    /// The price watch that tells it.
    watch_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    /// Something later was told of the same.
    outdated: bool,
}

/// What I was told, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"notifications": [], "unread": 0, "next_cursor": null}))]
pub(super) struct NotificationList {
    notifications: Vec<NotificationView>,
    /// How many I have not read, without outdated ones; 100 means that many or more.
    unread: i64,
    /// Null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<NotificationId>,
}

/// How many are not read.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"unread": 2}))]
pub(super) struct Unread {
    /// Without outdated ones; 100 means that many or more.
    unread: i64,
}

/// Whether it was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"read": true}))]
pub(super) struct ReadMark {
    read: bool,
}

/// Up to which all were read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"until": "ntf_0193f2a1c5d07bb2a4d1c0ffee00000c"}))]
pub(super) struct ReadUntil {
    /// The newest one I saw: what came after it stays unread.
    #[schema(value_type = String)]
    until: NotificationId,
}

/// What I was told, the newest first.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(InboxQuery),
    responses((status = 200, description = "A page of notifications", body = NotificationList)))]
pub(super) async fn list_notifications(
    State(app): State<App>,
    caller: Caller,
    Extension(locale): Extension<Locale>,
    Query(query): Query<InboxQuery>,
) -> Outcome<Json<NotificationList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let sql = app.db.read().await?;
    let (rows, unread) = tokio::try_join!(
        inbox::list(&sql, caller.user, query.cursor, limit + 1),
        inbox::unread(&sql, caller.user)
    )?;
    let announced = said_to(&app, &sql, (caller.user, &announced_in(&rows)), locale).await?;
    drop(sql);
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let next_cursor = rows.get(..page).filter(|_| rows.len() > page).and_then(|page| page.last());
    let next_cursor = next_cursor.map(|row| row.id);
    let words = Words::new(&app, locale);
    let notifications = rows.iter().take(page).filter_map(|row| view(row, &announced, &words)).collect();
    Ok(Json(NotificationList { notifications, unread, next_cursor }))
}

/// What a newer release told has no text here, and waits for it.
fn view(
    row: &NotificationRow,
    announced: &BTreeMap<AnnouncementId, Said>,
    words: &Words<'_>,
) -> Option<NotificationView> {
    let topic = Topic::parse(&row.topic)?;
    let (title, paragraphs) =
        words.of_row(topic, row, row.params.announcement.and_then(|id| announced.get(&id)));
    Some(NotificationView {
        id: row.id,
        kind: topic.kind().as_str(),
        topic: topic.as_str(),
        title,
        text: paragraphs.join("\n"),
        booking_id: row.booking,
        flight_id: row.flight,
        watch_id: row.watch().map(str::to_owned),
        ticket_id: row.params.ticket.clone(),
        created_at: row.created_at,
        read_at: row.read_at,
        outdated: row.superseded,
    })
}

/// Say that I read one, or that I did not.
#[utoipa::path(patch, path = "/notifications/{id}", tag = "notifications", request_body = ReadMark,
    params(("id" = String, Path, description = "Notification id", example = "ntf_0193f2a1c5d07bb2a4d1c0ffee00000c")),
    responses((status = 200, description = "How many are unread now", body = Unread)))]
pub(super) async fn mark_notification(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<NotificationId>,
    Json(mark): Json<ReadMark>,
) -> Outcome<Json<Unread>> {
    let sql = app.db.read().await?;
    let read_at = mark.read.then(|| app.now());
    if !inbox::mark(&sql, (caller.user, id), read_at).await? {
        return Err(Problem::not_found());
    }
    Ok(Json(Unread { unread: inbox::unread(&sql, caller.user).await? }))
}

/// Say that I read all up to one.
#[utoipa::path(post, path = "/notifications/read", tag = "notifications", request_body = ReadUntil,
    responses((status = 200, description = "How many are unread now", body = Unread)))]
pub(super) async fn mark_notifications_read(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ReadUntil>,
) -> Outcome<Json<Unread>> {
    let sql = app.db.read().await?;
    inbox::mark_until(&sql, (caller.user, body.until), app.now()).await?;
    Ok(Json(Unread { unread: inbox::unread(&sql, caller.user).await? }))
}

const _: () = assert!(UNREAD_MOST == 100, "the texts above say so");
