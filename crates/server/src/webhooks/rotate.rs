//! `POST /admin/webhooks/{id}/rotate-secret` and `POST /webhooks/{id}/rotate-secret`: a new secret, while the old one goes on being valid for a while.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::WebhookId;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::keeper::Keeper;
use super::secret::Secret;
use super::store;
use super::view::WebhookWithSecret;
use crate::app::App;
use crate::audit::api::Act;

const KEEP_HOURS_MAX: i64 = 7 * 24;

/// How long the secret there is now stays valid.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"keep_hours": 24}))]
pub(super) struct Rotation {
    /// Hours for which deliveries are signed with both, 0 to 168. 0: the old one may be known to others.
    #[serde(default = "a_day")]
    #[schema(default = 24, minimum = 0, maximum = 168)]
    keep_hours: i64,
}

fn a_day() -> i64 {
    24
}

/// Give a webhook a new secret (admin). The answer shows it, and nothing ever does again. Until the old one ends, deliveries
/// carry a signature with each.
#[utoipa::path(post, path = "/admin/webhooks/{id}/rotate-secret", tag = "webhooks", request_body = Rotation,
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook and its new secret", body = WebhookWithSecret)))]
pub(super) async fn rotate_webhook_secret(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Json(rotation): Json<Rotation>,
) -> Outcome<Json<WebhookWithSecret>> {
    rotate(&app, &keeper, id, &rotation).await
}

/// Give a webhook of the program's own a new secret. The answer shows it, and nothing ever does again. Until the old one ends,
/// deliveries carry a signature with each.
#[utoipa::path(post, path = "/webhooks/{id}/rotate-secret", tag = "webhooks", request_body = Rotation,
    params(("id" = String, Path, description = "Webhook id", example = "whk_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 200, description = "The webhook and its new secret", body = WebhookWithSecret)))]
pub(super) async fn rotate_own_webhook_secret(
    State(app): State<App>,
    keeper: Keeper,
    Path(id): Path<WebhookId>,
    Json(rotation): Json<Rotation>,
) -> Outcome<Json<WebhookWithSecret>> {
    rotate(&app, &keeper, id, &rotation).await
}

async fn rotate(
    app: &App,
    keeper: &Keeper,
    id: WebhookId,
    rotation: &Rotation,
) -> Outcome<Json<WebhookWithSecret>> {
    if !(0..=KEEP_HOURS_MAX).contains(&rotation.keep_hours) {
        return Err(Problem::invalid("keep_hours", format!("it must be 0 to {KEEP_HOURS_MAX}")));
    }
    let secret = Secret::generate(app.random);
    let now = app.now();
    let tx = app.db.begin().await?;
    let mut row = store::lock(&tx, id, keeper.kept()).await?.ok_or_else(Problem::not_found)?;
    let old = std::mem::replace(&mut row.secret_sealed, secret.seal(&app.sealer, id)?);
    let kept = (rotation.keep_hours > 0).then(|| now + SignedDuration::from_hours(rotation.keep_hours));
    row.previous = kept.map(|until| (old, until));
    row.updated_at = now;
    store::update(&tx, &row).await?;
    let act = Act::new("webhook.rotate_secret", &id).after(&json!({"keep_hours": rotation.keep_hours}));
    keeper.record(app, &tx, act).await?;
    tx.commit().await?;
    Ok(Json(WebhookWithSecret { webhook: row.into(), secret: secret.expose().to_owned() }))
}
