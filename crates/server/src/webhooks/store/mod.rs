//! SQL on `webhook_endpoints`.

pub(super) mod deliveries;

use jiff::Timestamp;
use kernel::{ClientId, UserId, WebhookId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A row of `webhook_endpoints`.
#[derive(Clone, Debug)]
pub(super) struct WebhookRow {
    pub(super) id: WebhookId,
    /// The program it belongs to; the airline's own have none.
    pub(super) client: Option<ClientId>,
    pub(super) url: String,
    pub(super) description: String,
    pub(super) filters: Vec<String>,
    pub(super) enabled: bool,
    pub(super) disabled_reason: Option<String>,
    pub(super) secret_sealed: Vec<u8>,
    /// The secret before, and until when it signs too.
    pub(super) previous: Option<(Vec<u8>, Timestamp)>,
    pub(super) failing_since: Option<Timestamp>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// Which webhooks somebody keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The airline: all.
    All,
    /// A program: its own, and others are not there.
    By(ClientId),
}

impl Kept {
    fn client(self) -> Option<Uuid> {
        match self {
            Self::All => None,
            Self::By(client) => Some(client.uuid()),
        }
    }
}

/// Whose webhooks are meant: one's slowness is not the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Airline,
    Programs,
}

macro_rules! webhook_columns {
    () => {
        "e.id, e.url, e.description, e.filters, e.enabled, e.disabled_reason, e.secret_sealed, e.previous_secret_sealed,
         e.previous_until, e.failing_since, e.created_at, e.updated_at, e.client_id"
    };
}

fn webhook_row(row: &Row) -> WebhookRow {
    let (previous, until): (Option<Vec<u8>>, Option<Timestamp>) = (row.get(7), row.get(8));
    WebhookRow {
        id: WebhookId::from_uuid(row.get(0)),
        url: row.get(1),
        description: row.get(2),
        filters: row.get(3),
        enabled: row.get(4),
        disabled_reason: row.get(5),
        secret_sealed: row.get(6),
        previous: previous.zip(until),
        failing_since: row.get(9),
        created_at: row.get(10),
        updated_at: row.get(11),
        client: row.get::<_, Option<Uuid>>(12).map(ClientId::from_uuid),
    }
}

/// How many webhooks the program has, or the airline.
pub(super) async fn count(sql: &Sql, client: Option<ClientId>) -> Result<i64, DbError> {
    let count = "SELECT count(*) FROM webhook_endpoints WHERE deleted_at IS NULL AND client_id IS NOT DISTINCT FROM $1::uuid";
    Ok(sql.query_one(count, &[&client.map(ClientId::uuid)]).await?.get(0))
}

/// Adds a webhook.
pub(super) async fn insert(sql: &Sql, webhook: &WebhookRow, by: UserId) -> Result<(), DbError> {
    sql.execute(
            "INSERT INTO webhook_endpoints (id, created_by, url, description, filters, enabled, secret_sealed, created_at,
                                            updated_at, client_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
            &[
                &webhook.id.uuid(),
                &by.uuid(),
                &webhook.url,
                &webhook.description,
                &webhook.filters,
                &webhook.enabled,
                &webhook.secret_sealed,
                &webhook.created_at,
                &webhook.client.map(ClientId::uuid),
            ],
        )
        .await?;
    Ok(())
}

/// The webhooks after one that `of` keeps, the oldest first, up to `limit`.
pub(super) async fn list(
    sql: &Sql,
    of: Kept,
    after: Option<WebhookId>,
    limit: i64,
) -> Result<Vec<WebhookRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        webhook_columns!(),
        " FROM webhook_endpoints e
         WHERE e.deleted_at IS NULL AND ($1::uuid IS NULL OR e.client_id = $1) AND e.id > $2 ORDER BY e.id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), WebhookId::uuid);
    Ok(sql.query(SQL, &[&of.client(), &after, &limit]).await?.iter().map(webhook_row).collect())
}

/// A webhook, if `of` keeps it.
pub(super) async fn find(sql: &Sql, id: WebhookId, of: Kept) -> Result<Option<WebhookRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        webhook_columns!(),
        " FROM webhook_endpoints e
         WHERE e.id = $1 AND e.deleted_at IS NULL AND ($2::uuid IS NULL OR e.client_id = $2)"
    );
    Ok(sql.query_opt(SQL, &[&id.uuid(), &of.client()]).await?.as_ref().map(webhook_row))
}

/// The same, locked until the transaction ends. Events that make deliveries for it do not wait.
pub(super) async fn lock(sql: &Sql, id: WebhookId, of: Kept) -> Result<Option<WebhookRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        webhook_columns!(),
        " FROM webhook_endpoints e
         WHERE e.id = $1 AND e.deleted_at IS NULL AND ($2::uuid IS NULL OR e.client_id = $2) FOR NO KEY UPDATE"
    );
    Ok(sql.query_opt(SQL, &[&id.uuid(), &of.client()]).await?.as_ref().map(webhook_row))
}

/// Webhooks with a secret that is sealed under another master key than this one.
pub(super) async fn sealed_under_others(sql: &Sql, master: i16) -> Result<Vec<WebhookId>, DbError> {
    // The number of the key stands behind the first byte of what it seals (`platform::seal`).
    let under = master.to_be_bytes();
    let rows = sql
        .query(
            "SELECT id FROM webhook_endpoints WHERE deleted_at IS NULL
               AND (substr(secret_sealed, 2, 2) <> $1 OR substr(previous_secret_sealed, 2, 2) <> $1)",
            &[&under.as_slice()],
        )
        .await?;
    Ok(rows.iter().map(|row| WebhookId::from_uuid(row.get(0))).collect())
}

/// Writes what staff may change.
pub(super) async fn update(sql: &Sql, webhook: &WebhookRow) -> Result<(), DbError> {
    let (previous, until) = webhook.previous.clone().unzip();
    sql.execute(
        "UPDATE webhook_endpoints SET url = $2, description = $3, filters = $4, enabled = $5, disabled_reason = $6,
                secret_sealed = $7, previous_secret_sealed = $8, previous_until = $9, failing_since = $10, updated_at = $11
         WHERE id = $1",
        &[
            &webhook.id.uuid(),
            &webhook.url,
            &webhook.description,
            &webhook.filters,
            &webhook.enabled,
            &webhook.disabled_reason,
            &webhook.secret_sealed,
            &previous,
            &until,
            &webhook.failing_since,
            &webhook.updated_at,
        ],
    )
    .await?;
    Ok(())
}

/// Nothing more goes to it and nobody sees it; a job deletes its log and then the row.
pub(super) async fn delete(sql: &Sql, id: WebhookId, now: Timestamp) -> Result<bool, DbError> {
    let deleted = sql
        .execute(
            "UPDATE webhook_endpoints SET deleted_at = $2, enabled = false, disabled_reason = NULL
             WHERE id = $1 AND deleted_at IS NULL",
            &[&id.uuid(), &now],
        )
        .await?;
    Ok(deleted == 1)
}

/// What an enabled webhook wants.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) webhook: WebhookId,
    pub(super) client: Option<ClientId>,
    pub(super) filters: Vec<String>,
}

/// Of the enabled webhooks, those that have one of these among their filters.
pub(super) async fn wishes(sql: &Sql, filters: &[String]) -> Result<Vec<Wish>, DbError> {
    let rows = sql
        .query(
            "SELECT id, client_id, filters FROM webhook_endpoints
             WHERE enabled AND deleted_at IS NULL AND filters && $1 ORDER BY id",
            &[&filters],
        )
        .await?;
    let wish = |row: &Row| Wish {
        webhook: WebhookId::from_uuid(row.get(0)),
        client: row.get::<_, Option<Uuid>>(1).map(ClientId::from_uuid),
        filters: row.get(2),
    };
    Ok(rows.iter().map(wish).collect())
}

/// Leases up to `limit` webhooks, of the airline or of programs, that have something due and that nobody sends to, the longest
/// unserved first. Of one program not more than `AT_ONCE` at a time, as nearly as is known.
pub(super) async fn lease(
    sql: &Sql,
    holder: Uuid,
    seconds: f64,
    now: Timestamp,
    (of, limit): (Of, i64),
) -> Result<Vec<WebhookRow>, DbError> {
    const SQL: &str = concat!(
        "UPDATE webhook_endpoints e SET lease_holder = $1, lease_until = clock_timestamp() + make_interval(secs => $2)
         WHERE e.id IN (
             SELECT id FROM webhook_endpoints w
             WHERE enabled AND deleted_at IS NULL AND lease_until < clock_timestamp() AND (client_id IS NOT NULL) = $5
               AND (client_id IS NULL OR (SELECT count(*) FROM webhook_endpoints o
                    WHERE o.client_id = w.client_id AND o.deleted_at IS NULL AND o.lease_until > clock_timestamp()) < $6)
               AND (SELECT min(d.next_try_at) FROM webhook_deliveries d
                    WHERE d.endpoint_id = w.id AND d.status = 'pending') <= $3
             ORDER BY lease_until LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
         RETURNING ",
        webhook_columns!()
    );
    let rows = sql.query(SQL, &[&holder, &seconds, &now, &limit, &(of == Of::Programs), &AT_ONCE]).await?;
    Ok(rows.iter().map(webhook_row).collect())
}

/// Webhooks of one program that are sent to at one time.
const AT_ONCE: i64 = 2;

/// Lets others send to it at once; the time of this is when it was last served.
pub(super) async fn release(sql: &Sql, id: WebhookId, holder: Uuid) -> Result<(), DbError> {
    sql.execute(
        "UPDATE webhook_endpoints SET lease_holder = NULL, lease_until = clock_timestamp()
         WHERE id = $1 AND lease_holder = $2",
        &[&id.uuid(), &holder],
    )
    .await?;
    Ok(())
}

/// A delivery reached it.
pub(super) async fn reached(sql: &Sql, id: WebhookId) -> Result<(), DbError> {
    sql.execute(
        "UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL",
        &[&id.uuid()],
    )
    .await?;
    Ok(())
}

/// A delivery did not reach it; since when that is so.
pub(super) async fn missed(sql: &Sql, id: WebhookId, now: Timestamp) -> Result<Option<Timestamp>, DbError> {
    let row = sql
        .query_opt(
            "UPDATE webhook_endpoints SET failing_since = COALESCE(failing_since, $2) WHERE id = $1
             RETURNING failing_since",
            &[&id.uuid(), &now],
        )
        .await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Sends nothing more to it; `false` if that was so already.
pub(super) async fn disable(sql: &Sql, id: WebhookId, reason: &str, now: Timestamp) -> Result<bool, DbError> {
    let disabled = sql
        .execute(
            "UPDATE webhook_endpoints SET enabled = false, disabled_reason = $2, updated_at = $3 WHERE id = $1 AND enabled",
            &[&id.uuid(), &reason, &now],
        )
        .await?;
    Ok(disabled == 1)
}

/// What the metrics show, of the airline or of programs: enabled webhooks that nothing reaches, and deliveries that wait.
pub(super) async fn state(sql: &Sql, of: Of) -> Result<(i64, i64), DbError> {
    let row = sql
        .query_one(
            "SELECT (SELECT count(*) FROM webhook_endpoints
                     WHERE enabled AND failing_since IS NOT NULL AND (client_id IS NOT NULL) = $1),
                    (SELECT count(*) FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
                     WHERE d.status = 'pending' AND (e.client_id IS NOT NULL) = $1)",
            &[&(of == Of::Programs)],
        )
        .await?;
    Ok((row.get(0), row.get(1)))
}

/// Deletes webhooks that are marked so and have no log any more.
pub(super) async fn delete_marked(sql: &Sql) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM webhook_endpoints e WHERE e.deleted_at IS NOT NULL
           AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id)",
        &[],
    )
    .await
}
