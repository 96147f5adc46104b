//! `POST /admin/webhooks/{id}/deliveries/{delivery}/replay` and `POST /admin/webhooks/{id}/replay`: send again what was sent,
//! or what happened in a span of time; the same at `/webhooks/{id}` for a program's own.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use kernel::{Category, DeliveryId, EventId, WebhookId};
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::outbox::{self, Event, Filter, Types};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::audience::Audience;
use super::body;
use super::consumer;
use super::deliveries::is_told;
use super::keeper::Keeper;
use super::store::deliveries::{self, NewDelivery};
use super::store::{self, WebhookRow};
use super::view::DeliveryView;
use crate::app::App;
use crate::audit::api::Act;

/// Events one replay may look at.
const EVENTS_MAX: usize = 10_000;
const PAGE: i64 = 1_000;

/// What to send again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"since": "2026-06-01T00:00:00Z", "until": "2026-06-01T06:00:00Z", "events": ["booking.*"]}))]
pub(super) struct ReplayRequest {
    /// Events from this time on, as far as they are kept (`events.keep_days`).
    #[schema(value_type = String)]
    since: Timestamp,
    /// Before this time; up to now if left out.
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// Of these types; of the webhook's own if left out.
    events: Option<Vec<String>>,
}

/// How many deliveries were queued.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"queued": 412}))]
pub(super) struct Replayed {
    queued: usize,
}

/// Send a delivery again (admin). The event keeps its id; the delivery is a new one, tried like any other.
#[utoipa::path(post, path = "/admin/webhooks/{id}/deliveries/{delivery}/replay", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004"),
        ("delivery" = String, Path, description = "Delivery id", example = "whd_0193f2a1c5d07bb2a4d1c0ffee000005")),
    responses((status = 201, description = "Queued", body = DeliveryView)))]
pub(super) async fn replay_delivery(
    State(app): State<App>,
    keeper: Keeper,
    Path(of): Path<(WebhookId, DeliveryId)>,
) -> Outcome<(StatusCode, Json<DeliveryView>)> {
    again(&app, &keeper, of).await
}

/// Send a delivery to a webhook of the program's own again. The event keeps its id; the delivery is a new one, tried like any other.
#[utoipa::path(post, path = "/webhooks/{id}/deliveries/{delivery}/replay", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004"),
        ("delivery" = String, Path, description = "Delivery id", example = "whd_0193f2a1c5d07bb2a4d1c0ffee000005")),
    responses((status = 201, description = "Queued", body = DeliveryView),
        (status = 409, description = "`webhook_disabled`")))]
pub(super) async fn replay_own_delivery(
    State(app): State<App>,
    keeper: Keeper,
    Path(of): Path<(WebhookId, DeliveryId)>,
) -> Outcome<(StatusCode, Json<DeliveryView>)> {
    again(&app, &keeper, of).await
}

async fn again(
    app: &App,
    keeper: &Keeper,
    (id, delivery): (WebhookId, DeliveryId),
) -> Outcome<(StatusCode, Json<DeliveryView>)> {
    let now = app.now();
    let tx = app.db.begin().await?;
    let webhook = enabled(&tx, id, keeper).await?;
    let old = deliveries::find(&tx, id, delivery).await?.ok_or_else(Problem::not_found)?;
    if !is_told(app, &tx, keeper, &webhook, &old).await? {
        return Err(Problem::new(Category::Conflict, "not_told_any_more"));
    }
    let new = NewDelivery {
        webhook: id,
        id: app.new_id(DeliveryId::new),
        event: old.event,
        kind: old.kind,
        subject: old.subject,
        sequence: old.sequence,
        body: old.body,
        replay_of: Some(delivery),
    };
    deliveries::insert(&tx, std::slice::from_ref(&new), 0, now, now).await?;
    let row = deliveries::find(&tx, id, new.id).await?.ok_or_else(Problem::not_found)?;
    let act = Act::new("webhook.replay", &id).after(&json!({"delivery_id": new.id, "replay_of": delivery}));
    keeper.record(app, &tx, act).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(DeliveryView::new(row, Vec::new()))))
}

/// Send the events of a span of time again (admin), 10,000 at most. Each keeps its id, so a receiver knows those it had.
#[utoipa::path(post, path = "/admin/webhooks/{id}/replay", tag = "webhooks", request_body = ReplayRequest,
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "Queued", body = Replayed),
        (status = 409, description = "`webhook_disabled`")))]
pub(super) async fn replay_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Json(request): Json<ReplayRequest>,
) -> Outcome<Json<Replayed>> {
    span(&app, &keeper, id, &request).await
}

/// Send what happened in a span of time again to a webhook of the program's own: of that, what the program may be told of now.
#[utoipa::path(post, path = "/webhooks/{id}/replay", tag = "webhooks", request_body = ReplayRequest,
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "Queued", body = Replayed),
        (status = 409, description = "`webhook_disabled`")))]
pub(super) async fn replay_own_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Json(request): Json<ReplayRequest>,
) -> Outcome<Json<Replayed>> {
    span(&app, &keeper, id, &request).await
}

async fn span(app: &App, keeper: &Keeper, id: WebhookId, request: &ReplayRequest) -> Outcome<Json<Replayed>> {
    let now = app.now();
    let tx = app.db.begin().await?;
    let webhook = enabled(&tx, id, keeper).await?;
    let wanted = request.events.as_deref().unwrap_or(&webhook.filters);
    let types = Types::parse(wanted.iter().map(String::as_str))
        .map_err(|error| Problem::invalid("events", error.to_string()))?;
    body::check_program(&tx, webhook.client, wanted).await?;
    let until = request.until.unwrap_or(now);
    if until <= request.since {
        return Err(Problem::invalid("until", "it must be after since"));
    }
    let filter = Filter { types, subject: None, since: Some(request.since), until: Some(until) };
    let (mut looked_at, mut queued, mut after) = (0, 0, None::<EventId>);
    loop {
        let events = outbox::between(&tx, &filter, after, PAGE).await?;
        let Some(last) = events.last() else { break };
        after = Some(last.id);
        looked_at += events.len();
        if looked_at > EVENTS_MAX {
            let reason = format!("more than {EVENTS_MAX} events happened; choose a shorter span");
            return Err(Problem::invalid("until", reason));
        }
        let events = told(app, &tx, &webhook, events).await?;
        queued += events.len();
        let new = events.iter().map(|event| consumer::delivery_of(app, id, event));
        deliveries::insert(&tx, &new.collect::<Result<Vec<_>, _>>()?, 0, now, now).await?;
    }
    let asked = json!({"since": request.since, "until": until, "events": wanted, "queued": queued});
    keeper.record(app, &tx, Act::new("webhook.replay", &id).after(&asked)).await?;
    tx.commit().await?;
    Ok(Json(Replayed { queued }))
}

/// A webhook to which something can be sent.
async fn enabled(sql: &Sql, id: WebhookId, keeper: &Keeper) -> Result<WebhookRow, Problem> {
    let webhook = store::find(sql, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    if webhook.enabled { Ok(webhook) } else { Err(Problem::new(Category::Conflict, "webhook_disabled")) }
}

/// Those of the events that the webhook's program may be told of.
async fn told(app: &App, sql: &Sql, webhook: &WebhookRow, events: Vec<Event>) -> Result<Vec<Event>, DbError> {
    let subjects = events.iter().map(|event| event.subject.as_str());
    let audience = Audience::of(sql, &webhook.client.into_iter().collect(), subjects, app.now()).await?;
    let hears = |event: &Event| audience.hears(webhook.client, &event.kind, &event.subject);
    Ok(events.into_iter().filter(hears).collect())
}
