//! `POST /admin/webhooks/{id}/ping` and `POST /webhooks/{id}/ping`: try a webhook now.

use axum::extract::State;
use kernel::{DeliveryId, EventId, WebhookId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde_json::json;

use super::body;
use super::keeper::Keeper;
use super::send::{self, PING};
use super::store;
use super::store::deliveries::{self, NewDelivery};
use super::view::DeliveryView;
use crate::app::App;
use crate::audit::api::Act;

/// Send a test event, `webhook.ping`, and wait for the answer (admin). It is tried once, also when the webhook is disabled;
/// the delivery in the answer says what came of it.
#[utoipa::path(post, path = "/admin/webhooks/{id}/ping", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "What came of it", body = DeliveryView)))]
pub(super) async fn ping_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
) -> Outcome<Json<DeliveryView>> {
    ping(&app, &keeper, id).await
}

/// Send a test event, `webhook.ping`, to a webhook of the program's own, and wait for the answer. It is tried once.
#[utoipa::path(post, path = "/webhooks/{id}/ping", tag = "webhooks",
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "What came of it", body = DeliveryView)))]
pub(super) async fn ping_own_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
) -> Outcome<Json<DeliveryView>> {
    ping(&app, &keeper, id).await
}

async fn ping(app: &App, keeper: &Keeper, id: WebhookId) -> Outcome<Json<DeliveryView>> {
    let (now, event) = (app.now(), app.new_id(EventId::new));
    let body = json!({"id": event, "type": PING, "version": 1, "subject": id, "sequence": 0, "created_at": now,
        "data": {"webhook_id": id}});
    let delivery = NewDelivery {
        webhook: id,
        id: app.new_id(DeliveryId::new),
        event,
        kind: PING.to_owned(),
        subject: id.to_string(),
        sequence: 0,
        body: body.to_string(),
        replay_of: None,
    };
    let sql = app.db.begin().await?;
    let webhook = store::find(&sql, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    body::check_program(&sql, webhook.client, &[]).await?;
    // Claimed from the start: this request sends it, and no job does as well.
    let claimed = now + send::claimed_for(app, 1);
    deliveries::insert(&sql, std::slice::from_ref(&delivery), 1, claimed, now).await?;
    let row = deliveries::find(&sql, id, delivery.id).await?.ok_or_else(Problem::not_found)?;
    let act = Act::new("webhook.ping", &id).after(&json!({"delivery_id": delivery.id}));
    keeper.record(app, &sql, act).await?;
    sql.commit().await?;
    send::attempt(app, &webhook, row).await?;
    let sql = app.db.read().await?;
    let row = deliveries::find(&sql, id, delivery.id).await?.ok_or_else(Problem::not_found)?;
    let attempts = deliveries::attempts(&sql, id, &[delivery.id]).await?;
    Ok(Json(DeliveryView::new(row, attempts)))
}
