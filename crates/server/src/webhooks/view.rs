//! What its keepers see of a webhook.

use jiff::Timestamp;
use kernel::{ClientId, DeliveryId, EventId, WebhookId};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store::WebhookRow;
use super::store::deliveries::{AttemptRow, DeliveryRow};

/// An address that is told of events. Its secret is not shown again.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "whk_0193f2a1c5d07bb2a4d1c0ffee000004", "client_id": null, "url": "https://hooks.example.com/udaan",
    "events": ["booking.*", "flight.cancelled"], "description": "Ground handling", "enabled": true, "disabled_reason": null,
    "failing_since": null, "previous_secret_until": null, "created_at": "2026-06-01T12:00:00Z",
    "updated_at": "2026-06-01T12:00:00Z"}))]
pub(super) struct WebhookView {
    #[schema(value_type = String)]
    id: WebhookId,
    /// The program it belongs to; null: it is the airline's own.
    #[schema(value_type = Option<String>)]
    client_id: Option<ClientId>,
    url: String,
    events: Vec<String>,
    description: String,
    enabled: bool,
    /// `failing`: nothing reached it for three days. `gone`: it answered 410. `staff`: a program's, and the airline keeps it off. Null:
    /// its keeper decided.
    disabled_reason: Option<String>,
    /// Since when no delivery has reached it; null: the last one did.
    #[schema(value_type = Option<String>)]
    failing_since: Option<Timestamp>,
    /// Until when deliveries are signed with the secret before as well.
    #[schema(value_type = Option<String>)]
    previous_secret_until: Option<Timestamp>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    updated_at: Timestamp,
}

impl From<WebhookRow> for WebhookView {
    fn from(row: WebhookRow) -> Self {
        Self {
            id: row.id,
            client_id: row.client,
            url: row.url,
            events: row.filters,
            description: row.description,
            enabled: row.enabled,
            disabled_reason: row.disabled_reason,
            failing_since: row.failing_since,
            previous_secret_until: row.previous.map(|(_, until)| until),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A webhook with its secret: the only time that it is shown.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"webhook": {"id": "whk_0193f2a1c5d07bb2a4d1c0ffee000004", "client_id": null, "url": "https://hooks.example.com/udaan",
    "events": ["booking.*"], "description": "", "enabled": true, "disabled_reason": null, "failing_since": null,
    "previous_secret_until": null, "created_at": "2026-06-01T12:00:00Z", "updated_at": "2026-06-01T12:00:00Z"},
    "secret": "whsec_000102030405060708090a0b0c0d0e0f1011121314151617"}))]
pub(super) struct WebhookWithSecret {
    pub(super) webhook: WebhookView,
    /// Keep it; it is not shown again.
    pub(super) secret: String,
}

/// One try of a delivery.
#[derive(Serialize, ToSchema)]
pub(super) struct AttemptView {
    attempt: i32,
    #[schema(value_type = String)]
    started_at: Timestamp,
    duration_ms: i32,
    /// The HTTP status of the answer, if there was one.
    response_status: Option<i16>,
    /// Why there was none, or why it does not count: `time_out`, `unreachable`, `tls`, `bad_answer`, `redirect_not_followed`,
    /// `address_refused`, `name_not_found`, `not_https` and others of its URL; `not_told`: its program may not be told of it any more.
    error: Option<String>,
    /// The first 1,024 characters of the answer.
    response: Option<String>,
}

impl From<AttemptRow> for AttemptView {
    fn from(row: AttemptRow) -> Self {
        Self {
            attempt: row.attempt_no,
            started_at: row.started_at,
            duration_ms: row.duration_ms,
            response_status: row.response_status,
            error: row.error,
            response: row.response_head,
        }
    }
}

/// An event on its way to a webhook.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "whd_0193f2a1c5d07bb2a4d1c0ffee000005", "webhook_id": "whk_0193f2a1c5d07bb2a4d1c0ffee000004",
    "event_id": "evt_0193f2a1c5d07bb2a4d1c0ffee000009", "type": "booking.confirmed",
    "subject": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "status": "delivered", "next_try_at": null, "replay_of": null,
    "created_at": "2026-06-01T12:00:00Z", "finished_at": "2026-06-01T12:00:00.2Z", "body": "{\"id\":\"evt_…\"}",
    "attempts": [{"attempt": 1, "started_at": "2026-06-01T12:00:00.1Z", "duration_ms": 34, "response_status": 204,
        "error": null, "response": ""}]}))]
pub(super) struct DeliveryView {
    #[schema(value_type = String)]
    id: DeliveryId,
    #[schema(value_type = String)]
    webhook_id: WebhookId,
    #[schema(value_type = String)]
    event_id: EventId,
    r#type: String,
    subject: String,
    /// `pending`, `delivered`, or `failed`: given up.
    status: String,
    /// When it is tried again, while it is pending.
    #[schema(value_type = Option<String>)]
    next_try_at: Option<Timestamp>,
    /// The delivery it repeats.
    #[schema(value_type = Option<String>)]
    replay_of: Option<DeliveryId>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>)]
    finished_at: Option<Timestamp>,
    /// What is sent, byte for byte; null where a program may not be told of it any more.
    body: Option<String>,
    attempts: Vec<AttemptView>,
}

impl DeliveryView {
    pub(super) fn new(row: DeliveryRow, attempts: Vec<AttemptRow>) -> Self {
        Self {
            id: row.id,
            webhook_id: row.webhook,
            event_id: row.event,
            r#type: row.kind,
            subject: row.subject,
            status: row.status,
            next_try_at: row.next_try_at,
            replay_of: row.replay_of,
            created_at: row.created_at,
            finished_at: row.finished_at,
            body: Some(row.body),
            attempts: attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

impl DeliveryView {
    /// The same for a program that may not be told of it any more.
    pub(super) fn untold(mut self) -> Self {
        self.body = None;
        self.attempts.iter_mut().for_each(|attempt| attempt.response = None);
        self
    }
}

/// A webhook in the audit: of its address the host alone, because a path may be a secret, and nothing of its secret.
pub(super) fn audited(row: &WebhookRow) -> Value {
    let host = url::Url::parse(&row.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    json!({"id": row.id, "client_id": row.client, "host": host, "description": row.description, "events": row.filters, "enabled": row.enabled})
}
