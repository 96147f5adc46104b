//! `POST /admin/webhooks`: tell an address of events.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, WebhookId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};

use super::body::{self, NewWebhook};
use super::secret::Secret;
use super::store::{self, WebhookRow};
use super::view::{WebhookWithSecret, audited};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

/// So many webhooks can exist: each event is compared with all of them.
const WEBHOOKS_MAX: i64 = 100;

/// Add a webhook (admin). The answer shows its secret, and nothing ever does again. 422 `webhook_url_refused` for an address
/// nothing may be sent to.
#[utoipa::path(post, path = "/admin/webhooks", tag = "webhooks", request_body = NewWebhook,
    responses((status = 201, description = "Added; keep the secret", body = WebhookWithSecret)))]
pub(super) async fn create_webhook(
    State(app): State<App>,
    actor: Actor,
    Json(request): Json<NewWebhook>,
) -> Outcome<(StatusCode, Json<WebhookWithSecret>)> {
    let filters = body::check_filters(&request.events)?;
    body::check_description(&request.description)?;
    body::check_url(&app.webhooks, &request.url).await?;
    let (now, id) = (app.now(), app.new_id(WebhookId::new));
    let secret = Secret::generate(app.random);
    let row = WebhookRow {
        id,
        url: request.url,
        description: request.description,
        filters,
        enabled: request.enabled,
        disabled_reason: None,
        secret_sealed: secret.seal(&app.sealer, id)?,
        previous: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
    };
    let tx = app.db.begin().await?;
    if !store::insert(&tx, &row, actor.user, WEBHOOKS_MAX).await? {
        let many = Problem::new(Category::Conflict, "too_many_webhooks");
        return Err(many.arg("most", WEBHOOKS_MAX.to_string()));
    }
    audit::record(&app, &tx, &actor, Act::new("webhook.create", &id).after(&audited(&row))).await?;
    tx.commit().await?;
    tracing::info!(webhook.id = %id, user.id = %actor.user, "webhook added");
    let secret = secret.expose().to_owned();
    Ok((StatusCode::CREATED, Json(WebhookWithSecret { webhook: row.into(), secret })))
}
