//! `GET /admin/webhooks/{id}/deliveries` and `GET …/deliveries/{delivery}`, and the same at `/webhooks/{id}`: the log.

use axum::extract::State;
use kernel::{DeliveryId, WebhookId};
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::audience::Audience;
use super::keeper::Keeper;
use super::store::deliveries::{self, AttemptRow, DeliveryRow};
use super::store::{self, Kept, WebhookRow};
use super::view::DeliveryView;
use crate::app::App;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveryQuery {
    /// `pending`, `delivered` or `failed`.
    #[param(example = "failed")]
    status: Option<String>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of deliveries, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"deliveries": [], "next_cursor": null}))]
pub(super) struct DeliveryList {
    deliveries: Vec<DeliveryView>,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// What was sent to a webhook and what came of it (admin), the newest first.
#[utoipa::path(get, path = "/admin/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004"), DeliveryQuery),
    responses((status = 200, description = "A page of deliveries", body = DeliveryList)))]
pub(super) async fn list_deliveries(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Query(query): Query<DeliveryQuery>,
) -> Outcome<Json<DeliveryList>> {
    list(&app, &keeper, id, &query).await
}

/// What was sent to a webhook of the program's own and what came of it, the newest first.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004"), DeliveryQuery),
    responses((status = 200, description = "A page of deliveries", body = DeliveryList)))]
pub(super) async fn list_own_deliveries(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Query(query): Query<DeliveryQuery>,
) -> Outcome<Json<DeliveryList>> {
    list(&app, &keeper, id, &query).await
}

async fn list(
    app: &App,
    keeper: &Keeper,
    id: WebhookId,
    query: &DeliveryQuery,
) -> Outcome<Json<DeliveryList>> {
    if let Some(status) = query.status.as_deref()
        && !["pending", "delivered", "failed"].contains(&status)
    {
        return Err(Problem::invalid("status", "it must be pending, delivered or failed"));
    }
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let bad_cursor = |_| Problem::invalid("cursor", "it must be a next_cursor of this list");
    let before: Option<DeliveryId> =
        query.cursor.as_deref().map(str::parse).transpose().map_err(bad_cursor)?;
    let sql = app.db.read().await?;
    let webhook = store::find(&sql, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    let mut rows = deliveries::list(&sql, id, query.status.as_deref(), before, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let ids: Vec<DeliveryId> = rows.iter().map(|row| row.id).collect();
    let audience = audience_of(app, &sql, keeper, &webhook, &rows).await?;
    let mut attempts = deliveries::attempts(&sql, id, &ids).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let (own, others): (Vec<AttemptRow>, _) =
            attempts.into_iter().partition(|attempt| attempt.delivery == row.id);
        attempts = others;
        let told =
            audience.as_ref().is_none_or(|audience| audience.hears(webhook.client, &row.kind, &row.subject));
        let view = DeliveryView::new(row, own);
        views.push(if told { view } else { view.untold() });
    }
    Ok(Json(DeliveryList { deliveries: views, next_cursor }))
}

/// A delivery (admin).
#[utoipa::path(get, path = "/admin/webhooks/{id}/deliveries/{delivery}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004"),
        ("delivery" = String, Path, description = "Delivery id", example = "whd_0193f2a1c5d07bb2a4d1c0ffee000005")),
    responses((status = 200, description = "The delivery", body = DeliveryView)))]
pub(super) async fn get_delivery(
    State(app): State<App>,
    keeper: Keeper,
    Path(of): Path<(WebhookId, DeliveryId)>,
) -> Outcome<Json<DeliveryView>> {
    get(&app, &keeper, of).await
}

/// A delivery to a webhook of the program's own.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries/{delivery}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004"),
        ("delivery" = String, Path, description = "Delivery id", example = "whd_0193f2a1c5d07bb2a4d1c0ffee000005")),
    responses((status = 200, description = "The delivery", body = DeliveryView)))]
pub(super) async fn get_own_delivery(
    State(app): State<App>,
    keeper: Keeper,
    Path(of): Path<(WebhookId, DeliveryId)>,
) -> Outcome<Json<DeliveryView>> {
    get(&app, &keeper, of).await
}

async fn get(
    app: &App,
    keeper: &Keeper,
    (id, delivery): (WebhookId, DeliveryId),
) -> Outcome<Json<DeliveryView>> {
    let sql = app.db.read().await?;
    let webhook = store::find(&sql, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    let row = deliveries::find(&sql, id, delivery).await?.ok_or_else(Problem::not_found)?;
    let told = is_told(app, &sql, keeper, &webhook, &row).await?;
    let attempts = deliveries::attempts(&sql, id, &[delivery]).await?;
    let view = DeliveryView::new(row, attempts);
    Ok(Json(if told { view } else { view.untold() }))
}

/// What a program may be told of these deliveries now; nothing for staff, who see all.
async fn audience_of(
    app: &App,
    sql: &Sql,
    keeper: &Keeper,
    webhook: &WebhookRow,
    rows: &[DeliveryRow],
) -> Result<Option<Audience>, DbError> {
    if keeper.kept() == Kept::All {
        return Ok(None);
    }
    let subjects = rows.iter().map(|row| row.subject.as_str());
    let programs = webhook.client.into_iter().collect();
    Audience::of(sql, &programs, subjects, app.now()).await.map(Some)
}

/// Whether whoever keeps the webhook may be told of a delivery now.
pub(super) async fn is_told(
    app: &App,
    sql: &Sql,
    keeper: &Keeper,
    webhook: &WebhookRow,
    row: &DeliveryRow,
) -> Result<bool, DbError> {
    let audience = audience_of(app, sql, keeper, webhook, std::slice::from_ref(row)).await?;
    Ok(audience.is_none_or(|audience| audience.hears(webhook.client, &row.kind, &row.subject)))
}
