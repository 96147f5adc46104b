//! `GET /admin/webhooks` and `GET`, `PATCH`, `DELETE /admin/webhooks/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::WebhookId;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{self, WebhookChange};
use super::store::deliveries;
use super::view::{WebhookView, audited};
use super::{send, store};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

/// All webhooks, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"webhooks": []}))]
pub(super) struct WebhookList {
    webhooks: Vec<WebhookView>,
}

/// All webhooks (admin).
#[utoipa::path(get, path = "/admin/webhooks", tag = "webhooks",
    responses((status = 200, description = "All of them", body = WebhookList)))]
pub(super) async fn list_webhooks(State(app): State<App>) -> Outcome<Json<WebhookList>> {
    let rows = store::list(&app.db.read().await?).await?;
    Ok(Json(WebhookList { webhooks: rows.into_iter().map(WebhookView::from).collect() }))
}

/// A webhook (admin).
#[utoipa::path(get, path = "/admin/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
pub(super) async fn get_webhook(
    State(app): State<App>,
    Path(id): Path<WebhookId>,
) -> Outcome<Json<WebhookView>> {
    let row = store::find(&app.db.read().await?, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(row.into()))
}

/// Change a webhook (admin). What is pending goes to the new address.
#[utoipa::path(patch, path = "/admin/webhooks/{id}", tag = "webhooks", request_body = WebhookChange,
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook, changed", body = WebhookView)))]
pub(super) async fn update_webhook(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
    Json(change): Json<WebhookChange>,
) -> Outcome<Json<WebhookView>> {
    let filters = change.events.as_deref().map(body::check_filters).transpose()?;
    if let Some(text) = &change.description {
        body::check_description(text)?;
    }
    if let Some(url) = &change.url {
        body::check_url(&app.webhooks, url).await?;
    }
    let tx = app.db.begin().await?;
    if change.enabled == Some(true) {
        // What the job has not come round to is not sent either: it is too old. Deliveries come before their webhook
        // (docs/locking.md).
        let (now, before) = (app.now(), app.now() - send::GIVE_UP_AFTER);
        deliveries::give_up(&tx, Some(id), before, now, i64::MAX).await?;
    }
    let mut row = store::lock(&tx, id).await?.ok_or_else(Problem::not_found)?;
    let act = Act::new("webhook.update", &id).before(&audited(&row));
    row.url = change.url.unwrap_or(row.url);
    row.filters = filters.unwrap_or(row.filters);
    row.description = change.description.unwrap_or(row.description);
    if let Some(enabled) = change.enabled {
        (row.enabled, row.disabled_reason) = (enabled, None);
        if enabled {
            row.failing_since = None;
        }
    }
    row.updated_at = app.now();
    store::update(&tx, &row).await?;
    audit::record(&app, &tx, &actor, act.after(&audited(&row))).await?;
    tx.commit().await?;
    tracing::info!(webhook.id = %id, user.id = %actor.user, row.enabled, "webhook changed");
    Ok(Json(row.into()))
}

/// Delete a webhook and its log (admin). Nothing more is sent; an attempt under way may still arrive.
#[utoipa::path(delete, path = "/admin/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 204, description = "Deleted")))]
pub(super) async fn delete_webhook(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WebhookId>,
) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    let row = store::lock(&tx, id).await?.ok_or_else(Problem::not_found)?;
    if !store::delete(&tx, id, app.now()).await? {
        return Err(Problem::not_found());
    }
    audit::record(&app, &tx, &actor, Act::new("webhook.delete", &id).before(&audited(&row))).await?;
    tx.commit().await?;
    tracing::info!(webhook.id = %id, user.id = %actor.user, "webhook deleted");
    Ok(StatusCode::NO_CONTENT)
}
