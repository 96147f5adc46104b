//! `POST /payments/webhook`: the gateway says that something happened. Its word is believed as far as to look: what it is about is
//! asked at the gateway, so events may come twice, late, in any order, or not at all.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use kernel::{BookingId, Category, PaymentId, RefundId, SavedMethodId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::http::problem::Outcome;
use serde::Deserialize;
use utoipa::ToSchema;

use super::signature;
use super::store::events::{self, Event};
use crate::app::App;

const SIGNATURE: &str = "stripe-signature";
/// What says that a refund is not what it was: also one that has succeeded may have come back.
const CHANGED_REFUND: [&str; 3] = ["refund.failed", "refund.updated", "charge.refund.updated"];
const ID_CHARS_MAX: usize = 255;

/// An event, as Stripe writes it; what is not named here is passed over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(example = json!({"id": "evt_1", "type": "payment_intent.succeeded", "created": 1_780_315_200,
    "data": {"object": {"id": "pi_1", "metadata": {"payment": "pay_0193f2a1c5d07bb2a4d1c0ffee000003"}}}}))]
pub(super) struct GatewayEvent {
    /// The gateway's id of the event: it counts once.
    id: String,
    /// What happened.
    #[serde(rename = "type")]
    kind: String,
    /// When, in seconds since 1970.
    created: i64,
    data: EventData,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
struct EventData {
    object: EventObject,
}

/// What it happened to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct EventObject {
    /// The gateway's id.
    id: Option<String>,
    /// Our own ids, as we gave them to the gateway.
    metadata: Option<EventMetadata>,
}

#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct EventMetadata {
    payment: Option<String>,
    booking: Option<String>,
    refund: Option<String>,
    saved_method: Option<String>,
    user: Option<String>,
}

/// Webhooks of the payment gateway, signed by it. Whatever is not signed by a secret we know, within five minutes, is refused.
#[utoipa::path(post, path = "/payments/webhook", tag = "payments", request_body = GatewayEvent,
    params(("Stripe-Signature" = String, Header, description = "`t=` seconds, `v1=` HMAC-SHA256 over `t.body`", example = "t=1780315200,v1=5257a869e7ec")),
    responses((status = 204, description = "Taken; it is looked up at the gateway")))]
pub(super) async fn receive_webhook(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<StatusCode> {
    let refused = || {
        metrics::counter!("gateway_webhooks_total", "outcome" => "refused").increment(1);
        Problem::new(Category::NotUnderstood, "webhook_refused")
    };
    let now = app.now();
    let header = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !signature::is_valid(header, &body, &app.config.gateway.webhook_secrets, now) {
        return Err(refused());
    }
    let told: GatewayEvent = serde_json::from_slice(&body).map_err(|_| refused())?;
    let event = event(&told).ok_or_else(refused)?;
    let tx = app.db.begin().await?;
    let is_new = events::keep(&tx, &event, now).await?;
    if is_new {
        look(&tx, &told, now).await?;
    }
    tx.commit().await?;
    let outcome = if is_new { "taken" } else { "repeated" };
    metrics::counter!("gateway_webhooks_total", "outcome" => outcome).increment(1);
    Ok(StatusCode::NO_CONTENT)
}

fn event(told: &GatewayEvent) -> Option<Event> {
    let fits = |text: &str| text.chars().count() <= ID_CHARS_MAX && !text.contains('\0');
    let GatewayEvent { id, kind, created, data } = told;
    let object = data.object.id.clone().unwrap_or_default();
    let all_fit = !id.is_empty() && fits(id) && fits(kind) && fits(&object);
    let happened_at = Timestamp::from_second(*created).ok()?;
    all_fit.then(|| Event { id: id.clone(), kind: kind.clone(), object, happened_at })
}

/// Has what the event is about looked at by the next turn of the reconciler.
async fn look(sql: &Sql, told: &GatewayEvent, now: Timestamp) -> Result<(), DbError> {
    let Some(metadata) = &told.data.object.metadata else { return Ok(()) };
    let EventMetadata { payment, booking, refund, saved_method, user } = metadata;
    if let (Some(booking), Some(refund)) =
        (id::<BookingId>(booking.as_ref()), id::<RefundId>(refund.as_ref()))
    {
        let may_be_back = CHANGED_REFUND.contains(&told.kind.as_str());
        events::look_at_refund_now(sql, booking, refund, may_be_back, now).await?;
    } else if let (Some(user), Some(saved)) =
        (id::<UserId>(user.as_ref()), id::<SavedMethodId>(saved_method.as_ref()))
    {
        events::look_at_setup_now(sql, user, saved, now).await?;
    } else if let Some(payment) = id::<PaymentId>(payment.as_ref()) {
        events::look_now(sql, payment, now).await?;
    }
    Ok(())
}

/// One of our ids. Other shops may share the gateway's account, so another text is nobody's fault.
fn id<T: std::str::FromStr>(text: Option<&String>) -> Option<T> {
    text?.parse().ok()
}
