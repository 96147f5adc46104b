//! SQL on `idempotency_keys`.

use jiff::Timestamp;
use uuid::Uuid;

use crate::db::{DbError, Sql};

pub(super) struct Record {
    pub(super) body_hash: Vec<u8>,
    pub(super) subject: Uuid,
    pub(super) status: Option<u16>,
    pub(super) answer_sealed: Option<Vec<u8>>,
}

pub(super) async fn find(sql: &Sql, user: Uuid, route: &str, key: &str) -> Result<Option<Record>, DbError> {
    let row = sql
        .query_opt(
            "SELECT body_hash, subject, status, answer_sealed FROM idempotency_keys
             WHERE user_id = $1 AND route = $2 AND key = $3",
            &[&user, &route, &key],
        )
        .await?;
    Ok(row.map(|row| Record {
        body_hash: row.get(0),
        subject: row.get(1),
        status: row.get::<_, Option<i16>>(2).and_then(|status| u16::try_from(status).ok()),
        answer_sealed: row.get(3),
    }))
}

#[expect(clippy::too_many_arguments, reason = "one argument for each column of the row")]
pub(super) async fn insert(
    sql: &Sql,
    user: Uuid,
    route: &str,
    key: &str,
    body_hash: &[u8],
    subject: Uuid,
    status: Option<i16>,
    answer: Option<&[u8]>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let inserted = sql
        .execute(
            "INSERT INTO idempotency_keys (user_id, route, key, body_hash, subject, status, answer_sealed, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            &[&user, &route, &key, &body_hash, &subject, &status, &answer, &now],
        )
        .await?;
    Ok(inserted == 1)
}

pub(super) async fn finish(
    sql: &Sql,
    user: Uuid,
    route: &str,
    key: &str,
    status: i16,
    answer: &[u8],
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE idempotency_keys SET status = $4, answer_sealed = $5
         WHERE user_id = $1 AND route = $2 AND key = $3 AND status IS NULL",
        &[&user, &route, &key, &status, &answer],
    )
    .await?;
    Ok(())
}

/// Deletes up to `batch` records older than `before`; returns how many.
pub async fn delete_older_than(sql: &Sql, before: Timestamp, batch: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM idempotency_keys WHERE (user_id, route, key) IN (
             SELECT user_id, route, key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        &[&before, &batch],
    )
    .await
}
