//! `POST /admin/webhooks` and `POST /webhooks`: tell an address of events.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, ClientId, WebhookId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};

use super::body::{self, NewWebhook};
use super::keeper::Keeper;
use super::secret::Secret;
use super::store::{self, Kept, WebhookRow};
use super::view::{WebhookWithSecret, audited};
use crate::app::App;
use crate::audit::api::Act;
use crate::identity::api as identity;

/// So many webhooks the airline can have, and each program: each event is compared with all that want its type.
const WEBHOOKS_MAX: i64 = 100;
const OF_A_PROGRAM_MAX: i64 = 10;

/// Add a webhook (admin), of the airline or of a program. The answer shows its secret, and nothing ever does again. 422
/// `webhook_url_refused` for an address nothing may be sent to.
#[utoipa::path(post, path = "/admin/webhooks", tag = "webhooks", request_body = NewWebhook,
    responses((status = 201, description = "Added; keep the secret", body = WebhookWithSecret),
        (status = 409, description = "`too_many_webhooks`")))]
pub(super) async fn create_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Json(request): Json<NewWebhook>,
) -> Outcome<(StatusCode, Json<WebhookWithSecret>)> {
    create(&app, &keeper, request).await
}

/// Add a webhook of the program itself: it is told of flights, and of the bookings of the accounts that the program may read. The
/// answer shows its secret, and nothing ever does again.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", request_body = NewWebhook,
    responses((status = 201, description = "Added; keep the secret", body = WebhookWithSecret),
        (status = 409, description = "`too_many_webhooks`")))]
pub(super) async fn create_own_webhook(
    State(app): State<App>,
    keeper: Keeper,
    Json(request): Json<NewWebhook>,
) -> Outcome<(StatusCode, Json<WebhookWithSecret>)> {
    create(&app, &keeper, request).await
}

async fn create(
    app: &App,
    keeper: &Keeper,
    request: NewWebhook,
) -> Outcome<(StatusCode, Json<WebhookWithSecret>)> {
    let client = owner(keeper.kept(), request.client_id)?;
    let filters = body::check_filters(&request.events)?;
    body::check_description(&request.description)?;
    let most = if client.is_some() { OF_A_PROGRAM_MAX } else { WEBHOOKS_MAX };
    let too_many = || Problem::new(Category::Conflict, "too_many_webhooks").arg("most", most.to_string());
    // Names are looked up for those alone who may have another one.
    if store::count(&app.db.read().await?, client).await? >= most {
        return Err(too_many());
    }
    body::check_url(&app.webhooks, &request.url, client.is_some()).await?;
    let (now, id) = (app.now(), app.new_id(WebhookId::new));
    let secret = Secret::generate(app.random);
    let row = WebhookRow {
        id,
        client,
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
    // One after the other, or two would count the same.
    if let Some(client) = client {
        identity::lock_program(&tx, client).await?;
    }
    body::check_program(&tx, client, &row.filters).await?;
    if store::count(&tx, client).await? >= most {
        return Err(too_many());
    }
    store::insert(&tx, &row, keeper.user()).await?;
    keeper.record(app, &tx, Act::new("webhook.create", &id).after(&audited(&row))).await?;
    tx.commit().await?;
    let secret = secret.expose().to_owned();
    Ok((StatusCode::CREATED, Json(WebhookWithSecret { webhook: row.into(), secret })))
}

/// Whose the new webhook is. A program that names another is told so.
fn owner(kept: Kept, named: Option<ClientId>) -> Result<Option<ClientId>, Problem> {
    match kept {
        Kept::All => Ok(named),
        Kept::By(own) if named.is_none_or(|named| named == own) => Ok(Some(own)),
        Kept::By(_) => Err(Problem::invalid("client_id", "a program's webhooks are its own; leave it out")),
    }
}
