//! `GET /admin/webhooks` and `GET`, `PATCH`, `DELETE /admin/webhooks/{id}`; the same at `/webhooks` for a program's own.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::WebhookId;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{self, WebhookChange};
use super::keeper::{BY_STAFF, Keeper};
use super::store::{Kept, deliveries};
use super::view::{WebhookView, audited};
use super::{send, store};
use crate::app::App;
use crate::audit::api::Act;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WebhookQuery {
    /// At most so many, 1 to 100.
    #[param(default = 100, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<WebhookId>,
}

/// A page of webhooks, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"webhooks": [], "next_cursor": null}))]
pub(super) struct WebhookList {
    webhooks: Vec<WebhookView>,
    /// Null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<WebhookId>,
}

/// All webhooks (admin), the airline's own and those of programs.
#[utoipa::path(get, path = "/admin/webhooks", tag = "webhooks", params(WebhookQuery),
    responses((status = 200, description = "A page of them", body = WebhookList)))]
pub(super) async fn list_webhooks(
    State(app): State<App>,
    keeper: Keeper,
    Query(query): Query<WebhookQuery>,
) -> Outcome<Json<WebhookList>> {
    list(&app, &keeper, &query).await
}

/// The program's own webhooks.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", params(WebhookQuery),
    responses((status = 200, description = "A page of them", body = WebhookList)))]
pub(super) async fn list_own_webhooks(
    State(app): State<App>,
    keeper: Keeper,
    Query(query): Query<WebhookQuery>,
) -> Outcome<Json<WebhookList>> {
    list(&app, &keeper, &query).await
}

async fn list(app: &App, keeper: &Keeper, query: &WebhookQuery) -> Outcome<Json<WebhookList>> {
    let limit = query.limit.unwrap_or(LIMIT_MAX);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let mut rows = store::list(&app.db.read().await?, keeper.kept(), query.cursor, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if more {
        rows.pop();
    }
    let next_cursor = rows.last().map(|row| row.id).filter(|_| more);
    Ok(Json(WebhookList { webhooks: rows.into_iter().map(WebhookView::from).collect(), next_cursor }))
}

/// A webhook (admin).
#[utoipa::path(get, path = "/admin/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
pub(super) async fn get_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
) -> Outcome<Json<WebhookView>> {
    get(&app, &keeper, id).await
}

/// A webhook of the program's own.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
pub(super) async fn get_own_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
) -> Outcome<Json<WebhookView>> {
    get(&app, &keeper, id).await
}

async fn get(app: &App, keeper: &Keeper, id: WebhookId) -> Outcome<Json<WebhookView>> {
    let row = store::find(&app.db.read().await?, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(row.into()))
}

/// Change a webhook (admin). What is pending goes to the new address.
#[utoipa::path(patch, path = "/admin/webhooks/{id}", tag = "webhooks", request_body = WebhookChange,
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook, changed", body = WebhookView)))]
pub(super) async fn update_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Json(change): Json<WebhookChange>,
) -> Outcome<Json<WebhookView>> {
    update(&app, &keeper, id, change).await
}

/// Change a webhook of the program's own. What is pending goes to the new address.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "webhooks", request_body = WebhookChange,
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook, changed", body = WebhookView),
        (status = 409, description = "`webhook_disabled_by_staff`")))]
pub(super) async fn update_own_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Json(change): Json<WebhookChange>,
) -> Outcome<Json<WebhookView>> {
    update(&app, &keeper, id, change).await
}

async fn update(
    app: &App,
    keeper: &Keeper,
    id: WebhookId,
    change: WebhookChange,
) -> Outcome<Json<WebhookView>> {
    let filters = change.events.as_deref().map(body::check_filters).transpose()?;
    if let Some(text) = &change.description {
        body::check_description(text)?;
    }
    let known =
        store::find(&app.db.read().await?, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    if let Some(url) = &change.url {
        body::check_url(&app.webhooks, url, known.client.is_some()).await?;
    }
    let tx = app.db.begin().await?;
    if change.enabled == Some(true) {
        // What the job has not come round to is not sent either: it is too old. Deliveries come before their webhook
        // (docs/locking.md).
        let (now, before) = (app.now(), app.now() - send::GIVE_UP_AFTER);
        deliveries::give_up(&tx, Some(id), before, now, i64::MAX).await?;
    }
    let mut row = store::lock(&tx, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    keeper.check_may_wake(&row)?;
    if let Some(filters) = &filters {
        body::check_program(&tx, row.client, filters).await?;
    }
    let act = Act::new("webhook.update", &id).before(&audited(&row));
    row.url = change.url.unwrap_or(row.url);
    row.filters = filters.unwrap_or(row.filters);
    row.description = change.description.unwrap_or(row.description);
    if let Some(enabled) = change.enabled {
        let kept_off = !enabled && row.client.is_some() && keeper.kept() == Kept::All;
        (row.enabled, row.disabled_reason) = (enabled, kept_off.then(|| BY_STAFF.to_owned()));
        if enabled {
            row.failing_since = None;
        }
    }
    row.updated_at = app.now();
    store::update(&tx, &row).await?;
    keeper.record(app, &tx, act.after(&audited(&row))).await?;
    tx.commit().await?;
    Ok(Json(row.into()))
}

/// Delete a webhook and its log (admin). Nothing more is sent; an attempt under way may still arrive.
#[utoipa::path(delete, path = "/admin/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 204, description = "Deleted")))]
pub(super) async fn delete_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
) -> Outcome<StatusCode> {
    delete(&app, &keeper, id).await
}

/// Delete a webhook of the program's own, and its log. Nothing more is sent; an attempt under way may still arrive.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 204, description = "Deleted"),
        (status = 409, description = "`webhook_disabled_by_staff`")))]
pub(super) async fn delete_own_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
) -> Outcome<StatusCode> {
    delete(&app, &keeper, id).await
}

async fn delete(app: &App, keeper: &Keeper, id: WebhookId) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    keeper.check_may_wake(&row)?;
    if !store::delete(&tx, id, app.now()).await? {
        return Err(Problem::not_found());
    }
    keeper.record(app, &tx, Act::new("webhook.delete", &id).before(&audited(&row))).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
