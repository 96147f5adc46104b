//! `GET /admin/events`: what happened, for staff.

use axum::extract::State;
use jiff::Timestamp;
use kernel::EventId;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use platform::outbox::{self, Event, Filter, Types};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// Types parted by commas: exact, or a family (`booking.*`).
    #[param(example = "booking.*,payment.succeeded")]
    r#type: Option<String>,
    /// The booking, flight or import they are about. An event of a payment or refund is about its booking.
    #[param(example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")]
    subject: Option<String>,
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

/// An event as it is told to webhooks, and when it was.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "evt_0193f2a1c5d07bb2a4d1c0ffee000009", "type": "booking.confirmed", "version": 1,
    "subject": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "sequence": 1042, "created_at": "2026-06-01T12:00:00Z",
    "relayed_at": "2026-06-01T12:00:00.1Z", "data": {"booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "tickets": 1}}))]
pub(super) struct EventView {
    #[schema(value_type = String)]
    id: EventId,
    r#type: String,
    /// The version of `data`; docs/events.md has them.
    version: i16,
    subject: String,
    /// Of two events of a subject the later has the higher number.
    sequence: i64,
    #[schema(value_type = String)]
    created_at: Timestamp,
    /// When it was handed to whoever wants to know; null until then.
    #[schema(value_type = Option<String>)]
    relayed_at: Option<Timestamp>,
    data: Value,
}

/// A page of events, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"events": [], "next_cursor": null}))]
pub(super) struct EventList {
    events: Vec<EventView>,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// What happened (admin), the newest first.
#[utoipa::path(get, path = "/admin/events", tag = "events", params(EventQuery),
    responses((status = 200, description = "A page of events", body = EventList)))]
pub(super) async fn list_events(
    State(app): State<App>,
    Query(query): Query<EventQuery>,
) -> Outcome<Json<EventList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let types = query.r#type.as_deref().unwrap_or_default().split(',').filter(|text| !text.is_empty());
    let types = Types::parse(types).map_err(|error| Problem::invalid("type", error.to_string()))?;
    let bad_cursor = |_| Problem::invalid("cursor", "it must be a next_cursor of this list");
    let before: Option<EventId> = query.cursor.as_deref().map(str::parse).transpose().map_err(bad_cursor)?;
    let filter = Filter { types, subject: query.subject, since: query.since, until: query.until };
    let sql = app.db.read().await?;
    let mut events = outbox::newest(&sql, &filter, before, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = events.len() > page;
    events.truncate(page);
    let next_cursor = events.last().filter(|_| more).map(|event| event.id.to_string());
    Ok(Json(EventList { events: events.into_iter().map(view).collect(), next_cursor }))
}

fn view(event: Event) -> EventView {
    EventView {
        id: event.id,
        r#type: event.kind,
        version: event.version,
        subject: event.subject,
        sequence: event.sequence,
        created_at: event.created_at,
        relayed_at: event.relayed_at,
        data: event.payload,
    }
}
