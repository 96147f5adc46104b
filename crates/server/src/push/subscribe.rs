//! `POST /push-subscriptions`: a browser is to take pushes for me.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, PushId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::devices::{PushSubscription, place, view};
use super::payload::{Browser, BrowserKeys};
use super::store::{self, Subscription};
use crate::access::Caller;
use crate::app::App;
use crate::identity::api::{lock_session, user_key};

/// Longest name of a browser, in characters.
const DEVICE_MAX: usize = 60;
/// Longest place of a service, in bytes; those of today have 200 to 600.
const ENDPOINT_MAX: usize = 1_000;

/// What the browser's `PushManager.subscribe` gave (`PushSubscription.toJSON()`, Push API section 8), and what I call the browser.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPushSubscription, example = json!({"endpoint": "https://fcm.googleapis.com/fcm/send/dQw4:APA91b",
    "keys": {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
    "device": "Chrome on Android"}))]
pub(super) struct SubscriptionBody {
    /// Where pushes for it go: at one of the services that this installation sends to.
    endpoint: String,
    keys: KeysBody,
    /// What I call it, to tell it from others; at most 60 characters.
    device: Option<String>,
}

/// The browser's keys, base64url.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushKeys, example = json!({"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg"}))]
struct KeysBody {
    /// Its public key: a point of P-256, uncompressed.
    p256dh: String,
    /// Its secret, 16 bytes.
    auth: String,
}

/// Send what I am told to a browser too, until I say otherwise or the session ends in which I ask. A browser that is there already goes on
/// with what is sent now. What comes as a push is chosen with `PATCH /notifications/preferences`.
#[utoipa::path(post, path = "/push-subscriptions", tag = "notifications", request_body = SubscriptionBody,
    responses((status = 201, description = "It gets pushes from now on", body = PushSubscription),
        (status = 409, description = "`too_many_browsers`"),
        (status = 422, description = "`invalid_field`, `push_service_unknown`")))]
pub(super) async fn create_push_subscription(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<SubscriptionBody>,
) -> Outcome<(StatusCode, Json<PushSubscription>)> {
    let browser = checked(&app, body)?;
    let index = app.sealer.blind_index("push_endpoint", &browser.endpoint);
    let tx = app.db.begin().await?;
    // Who asks with two tabs at once is served one after the other, and no session that is being ended leaves a browser behind.
    lock_session(&app, &tx, &caller).await?;
    let key = user_key(&tx, &app.sealer, caller.user).await?;
    let before = store::of_place(&tx, caller.user, &index).await?;
    let id = before.as_ref().map_or_else(|| app.new_id(PushId::new), |row| row.id);
    let plain = serde_json::to_vec(&browser).map_err(Problem::internal)?;
    let row = Subscription {
        user: caller.user,
        id,
        session: caller.session,
        content_sealed: app.sealer.seal(&key, place(id), &plain)?,
        created_at: before.as_ref().map_or(app.now(), |row| row.created_at),
        reached_at: before.as_ref().and_then(|row| row.reached_at),
    };
    if before.is_some() {
        store::renew(&tx, &row).await?;
    } else {
        let most = app.config.push.browsers;
        if store::all(&tx, caller.user).await?.len() >= usize::try_from(most).unwrap_or_default() {
            return Err(Problem::new(Category::Conflict, "too_many_browsers").arg("most", most.to_string()));
        }
        store::insert(&tx, &row, &index).await?;
    }
    store::take_from_others(&tx, caller.user, &index).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view(&app, &key, &row, &caller)?)))
}

fn checked(app: &App, body: SubscriptionBody) -> Result<Browser, Problem> {
    if body.endpoint.len() > ENDPOINT_MAX {
        return Err(Problem::invalid("endpoint", format!("it must have at most {ENDPOINT_MAX} bytes")));
    }
    app.pushes.check(&body.endpoint)?;
    let device = body.device.map(|name| name.trim().to_owned()).unwrap_or_default();
    if device.chars().count() > DEVICE_MAX || device.chars().any(char::is_control) {
        return Err(Problem::invalid("device", format!("it must have at most {DEVICE_MAX} characters")));
    }
    let browser = Browser { endpoint: body.endpoint, p256dh: body.keys.p256dh, auth: body.keys.auth, device };
    BrowserKeys::read(&browser).map_err(|field| {
        Problem::invalid(field, "it must be what PushSubscription.toJSON() of the browser says, base64url")
    })?;
    Ok(browser)
}
