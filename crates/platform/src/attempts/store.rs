//! SQL on `attempts`.

use jiff::Timestamp;

use crate::db::{DbError, Sql};

pub(super) async fn free_at(sql: &Sql, subject: &[u8]) -> Result<Option<Timestamp>, DbError> {
    let row = sql.query_opt("SELECT free_at FROM attempts WHERE subject = $1", &[&subject]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// Counts one more unless that would be later than `latest`: of those who ask together no more than the rule lets.
pub(super) async fn take(
    sql: &Sql,
    subject: &[u8],
    every: f64,
    now: Timestamp,
    latest: Timestamp,
) -> Result<bool, DbError> {
    let taken = sql
        .execute(
            "INSERT INTO attempts AS a (subject, free_at) VALUES ($1, $3::timestamptz + make_interval(secs => $2))
             ON CONFLICT (subject) DO UPDATE SET free_at = GREATEST(a.free_at, $3) + make_interval(secs => $2)
             WHERE GREATEST(a.free_at, $3) + make_interval(secs => $2) <= $4",
            &[&subject, &every, &now, &latest],
        )
        .await?;
    Ok(taken == 1)
}

/// Counts one more, up to `latest`.
pub(super) async fn count(
    sql: &Sql,
    subject: &[u8],
    every: f64,
    now: Timestamp,
    latest: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO attempts AS a (subject, free_at) VALUES ($1, $3::timestamptz + make_interval(secs => $2))
         ON CONFLICT (subject) DO UPDATE SET free_at = LEAST(GREATEST(a.free_at, $3) + make_interval(secs => $2), $4)",
        &[&subject, &every, &now, &latest],
    )
    .await?;
    Ok(())
}

pub(super) async fn give_back(sql: &Sql, subject: &[u8], every: f64) -> Result<(), DbError> {
    sql.execute(
        "UPDATE attempts SET free_at = free_at - make_interval(secs => $2) WHERE subject = $1",
        &[&subject, &every],
    )
    .await?;
    Ok(())
}

pub(super) async fn prune(sql: &Sql, now: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM attempts WHERE subject IN (
             SELECT subject FROM attempts WHERE free_at < $1 ORDER BY free_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        &[&now, &most],
    )
    .await
}
