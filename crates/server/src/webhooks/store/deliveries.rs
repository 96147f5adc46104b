//! SQL on `webhook_deliveries` and `webhook_attempts`.

use jiff::Timestamp;
use kernel::ids::uuid_v7;
use kernel::{DeliveryId, EventId, WebhookId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A delivery to queue.
#[derive(Clone, Debug)]
pub(in crate::webhooks) struct NewDelivery {
    pub(in crate::webhooks) webhook: WebhookId,
    pub(in crate::webhooks) id: DeliveryId,
    pub(in crate::webhooks) event: EventId,
    pub(in crate::webhooks) kind: String,
    pub(in crate::webhooks) subject: String,
    pub(in crate::webhooks) sequence: i64,
    pub(in crate::webhooks) body: String,
    pub(in crate::webhooks) replay_of: Option<DeliveryId>,
}

/// A row of `webhook_deliveries`.
#[derive(Clone, Debug)]
pub(in crate::webhooks) struct DeliveryRow {
    pub(in crate::webhooks) webhook: WebhookId,
    pub(in crate::webhooks) id: DeliveryId,
    pub(in crate::webhooks) event: EventId,
    pub(in crate::webhooks) kind: String,
    pub(in crate::webhooks) subject: String,
    pub(in crate::webhooks) sequence: i64,
    pub(in crate::webhooks) body: String,
    pub(in crate::webhooks) status: String,
    /// How often it was tried, the try under way included.
    pub(in crate::webhooks) tries: i32,
    pub(in crate::webhooks) next_try_at: Option<Timestamp>,
    pub(in crate::webhooks) replay_of: Option<DeliveryId>,
    pub(in crate::webhooks) created_at: Timestamp,
    pub(in crate::webhooks) finished_at: Option<Timestamp>,
}

/// A row of `webhook_attempts`.
#[derive(Clone, Debug)]
pub(in crate::webhooks) struct AttemptRow {
    pub(in crate::webhooks) delivery: DeliveryId,
    pub(in crate::webhooks) attempt_no: i32,
    pub(in crate::webhooks) started_at: Timestamp,
    pub(in crate::webhooks) duration_ms: i32,
    pub(in crate::webhooks) response_status: Option<i16>,
    pub(in crate::webhooks) error: Option<String>,
    pub(in crate::webhooks) response_head: Option<String>,
}

macro_rules! delivery_columns {
    () => {
        "d.endpoint_id, d.id, d.event_id, d.event_type, d.subject, d.sequence, d.body, d.status, d.tries, d.next_try_at,
         d.replay_of, d.created_at, d.finished_at"
    };
}

fn delivery_row(row: &Row) -> DeliveryRow {
    DeliveryRow {
        webhook: WebhookId::from_uuid(row.get(0)),
        id: DeliveryId::from_uuid(row.get(1)),
        event: EventId::from_uuid(row.get(2)),
        kind: row.get(3),
        subject: row.get(4),
        sequence: row.get(5),
        body: row.get(6),
        status: row.get(7),
        tries: row.get(8),
        next_try_at: row.get(9),
        replay_of: row.get::<_, Option<Uuid>>(10).map(DeliveryId::from_uuid),
        created_at: row.get(11),
        finished_at: row.get(12),
    }
}

/// Queues deliveries, to webhooks that were not deleted meanwhile.
pub(in crate::webhooks) async fn insert(
    sql: &Sql,
    new: &[NewDelivery],
    tries: i32,
    next_try_at: Timestamp,
    now: Timestamp,
) -> Result<(), DbError> {
    if new.is_empty() {
        return Ok(());
    }
    let webhooks: Vec<Uuid> = new.iter().map(|delivery| delivery.webhook.uuid()).collect();
    let ids: Vec<Uuid> = new.iter().map(|delivery| delivery.id.uuid()).collect();
    let events: Vec<Uuid> = new.iter().map(|delivery| delivery.event.uuid()).collect();
    let kinds: Vec<&str> = new.iter().map(|delivery| delivery.kind.as_str()).collect();
    let subjects: Vec<&str> = new.iter().map(|delivery| delivery.subject.as_str()).collect();
    let sequences: Vec<i64> = new.iter().map(|delivery| delivery.sequence).collect();
    let bodies: Vec<&str> = new.iter().map(|delivery| delivery.body.as_str()).collect();
    let repeated: Vec<Option<Uuid>> =
        new.iter().map(|delivery| delivery.replay_of.map(DeliveryId::uuid)).collect();
    sql.execute(
        "INSERT INTO webhook_deliveries (endpoint_id, id, event_id, event_type, subject, sequence, body, replay_of, status,
                                         tries, next_try_at, created_at)
         SELECT n.endpoint_id, n.id, n.event_id, n.event_type, n.subject, n.sequence, n.body, n.replay_of, 'pending',
                $9, $10, $11
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::uuid[])
              AS n (endpoint_id, id, event_id, event_type, subject, sequence, body, replay_of)
         JOIN webhook_endpoints e ON e.id = n.endpoint_id AND e.deleted_at IS NULL",
        &[
            &webhooks,
            &ids,
            &events,
            &kinds,
            &subjects,
            &sequences,
            &bodies,
            &repeated,
            &tries,
            &next_try_at,
            &now,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::webhooks) async fn find(
    sql: &Sql,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<DeliveryRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_deliveries d WHERE d.endpoint_id = $1 AND d.id = $2"
    );
    Ok(sql.query_opt(SQL, &[&webhook.uuid(), &id.uuid()]).await?.as_ref().map(delivery_row))
}

/// A page of a webhook's deliveries, the newest first.
pub(in crate::webhooks) async fn list(
    sql: &Sql,
    webhook: WebhookId,
    status: Option<&str>,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_deliveries d
         WHERE d.endpoint_id = $1 AND ($2::text IS NULL OR d.status = $2) AND ($3::uuid IS NULL OR d.id < $3)
         ORDER BY d.id DESC LIMIT $4"
    );
    let before = before.map(DeliveryId::uuid);
    Ok(sql.query(SQL, &[&webhook.uuid(), &status, &before, &limit]).await?.iter().map(delivery_row).collect())
}

/// The attempts of deliveries, in order.
pub(in crate::webhooks) async fn attempts(
    sql: &Sql,
    webhook: WebhookId,
    deliveries: &[DeliveryId],
) -> Result<Vec<AttemptRow>, DbError> {
    let ids: Vec<Uuid> = deliveries.iter().map(|delivery| delivery.uuid()).collect();
    let rows = sql
        .query(
            "SELECT delivery_id, attempt_no, started_at, duration_ms, response_status, error, response_head
             FROM webhook_attempts WHERE endpoint_id = $1 AND delivery_id = ANY($2) ORDER BY delivery_id, attempt_no",
            &[&webhook.uuid(), &ids],
        )
        .await?;
    let attempt = |row: &Row| AttemptRow {
        delivery: DeliveryId::from_uuid(row.get(0)),
        attempt_no: row.get(1),
        started_at: row.get(2),
        duration_ms: row.get(3),
        response_status: row.get(4),
        error: row.get(5),
        response_head: row.get(6),
    };
    Ok(rows.iter().map(attempt).collect())
}

/// Claims up to `limit` deliveries of a webhook that are due, by moving their next try to `again_at`; in the order of their
/// events.
pub(in crate::webhooks) async fn claim(
    sql: &Sql,
    webhook: WebhookId,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<DeliveryRow>, DbError> {
    const SQL: &str = concat!(
        "UPDATE webhook_deliveries d SET next_try_at = $3, tries = d.tries + 1
         WHERE d.endpoint_id = $1 AND d.id IN (
             SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND status = 'pending' AND next_try_at <= $2
             ORDER BY next_try_at, sequence LIMIT $4 FOR UPDATE SKIP LOCKED)
         RETURNING ",
        delivery_columns!()
    );
    let rows = sql.query(SQL, &[&webhook.uuid(), &now, &again_at, &limit]).await?;
    let mut claimed: Vec<DeliveryRow> = rows.iter().map(delivery_row).collect();
    claimed.sort_by_key(|delivery| (delivery.sequence, delivery.id));
    Ok(claimed)
}

/// Up to `limit` deliveries of a webhook that are due are due later, without having been tried; how many those were.
pub(in crate::webhooks) async fn put_off(
    sql: &Sql,
    webhook: WebhookId,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE webhook_deliveries d SET next_try_at = $3
         WHERE d.endpoint_id = $1 AND d.id IN (
             SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND status = 'pending' AND next_try_at <= $2
             ORDER BY next_try_at, sequence LIMIT $4 FOR UPDATE SKIP LOCKED)",
        &[&webhook.uuid(), &now, &again_at, &limit],
    )
    .await
}

pub(in crate::webhooks) async fn insert_attempt(
    sql: &Sql,
    webhook: WebhookId,
    attempt: &AttemptRow,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO webhook_attempts (endpoint_id, delivery_id, attempt_no, started_at, duration_ms, response_status, error,
                                       response_head)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        &[
            &webhook.uuid(),
            &attempt.delivery.uuid(),
            &attempt.attempt_no,
            &attempt.started_at,
            &attempt.duration_ms,
            &attempt.response_status,
            &attempt.error,
            &attempt.response_head,
        ],
    )
    .await?;
    Ok(())
}

/// Ends a delivery as `delivered` or `failed`, or sets when it is tried again. `false`: it had ended, or is gone.
pub(in crate::webhooks) async fn settle(
    sql: &Sql,
    delivery: &DeliveryRow,
    status: &str,
    next_try_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let settled = sql
        .execute(
            "UPDATE webhook_deliveries SET status = $3, next_try_at = $4,
                    finished_at = CASE WHEN $3 = 'pending' THEN NULL ELSE $5::timestamptz END
             WHERE endpoint_id = $1 AND id = $2 AND status = 'pending'",
            &[&delivery.webhook.uuid(), &delivery.id.uuid(), &status, &next_try_at, &now],
        )
        .await?;
    Ok(settled == 1)
}

/// Gives up what waits for a disabled webhook, one or all, and was queued before `before`: nobody tries it any more. Up to `batch`
/// of each.
pub(in crate::webhooks) async fn give_up(
    sql: &Sql,
    webhook: Option<WebhookId>,
    before: Timestamp,
    now: Timestamp,
    batch: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE webhook_deliveries SET status = 'failed', next_try_at = NULL, finished_at = $3
         WHERE status = 'pending' AND (endpoint_id, id) IN (
             SELECT d.endpoint_id, d.id FROM webhook_endpoints e, LATERAL (
                 SELECT endpoint_id, id FROM webhook_deliveries
                 WHERE endpoint_id = e.id AND status = 'pending' AND id < $2 ORDER BY id LIMIT $4) AS d
             WHERE NOT e.enabled AND ($1::uuid IS NULL OR e.id = $1))",
        &[&webhook.map(WebhookId::uuid), &uuid_v7(before, [0; 10]), &now, &batch],
    )
    .await
}

/// Deletes deliveries that were queued before `before` and are over, and those of deleted webhooks, up to `batch` of each
/// webhook.
pub(in crate::webhooks) async fn prune(sql: &Sql, before: Timestamp, batch: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM webhook_deliveries WHERE (endpoint_id, id) IN (
             SELECT d.endpoint_id, d.id FROM webhook_endpoints e, LATERAL (
                 SELECT endpoint_id, id FROM webhook_deliveries
                 WHERE endpoint_id = e.id AND (e.deleted_at IS NOT NULL OR (id < $1 AND status <> 'pending'))
                 ORDER BY id LIMIT $2) AS d)",
        &[&uuid_v7(before, [0; 10]), &batch],
    )
    .await
}
