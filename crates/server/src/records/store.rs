//! SQL on `record_codes`.

use jiff::Timestamp;
use kernel::BookingId;
use platform::db::{DbError, Sql};

/// The newest code of a booking.
pub(super) async fn put(
    sql: &Sql,
    booking: BookingId,
    hash: &[u8],
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO record_codes (booking_id, hash, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (booking_id) DO UPDATE SET hash = $2, expires_at = $3, tries = 0",
        &[&booking.uuid(), &hash, &expires_at],
    )
    .await?;
    Ok(())
}

/// Counts a try, and says what the code is; nothing if there is none, or it had its tries.
pub(super) async fn try_one(
    sql: &Sql,
    booking: BookingId,
    most: i16,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = sql
        .query_opt(
            "UPDATE record_codes SET tries = tries + 1 WHERE booking_id = $1 AND tries < $2 AND expires_at > $3 RETURNING hash",
            &[&booking.uuid(), &most, &now],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

pub(super) async fn remove(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    sql.execute("DELETE FROM record_codes WHERE booking_id = $1", &[&booking.uuid()]).await?;
    Ok(())
}

/// Forgets what is over, some at a time; how many.
pub(super) async fn prune(sql: &Sql, now: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM record_codes WHERE booking_id IN (
             SELECT booking_id FROM record_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        &[&now, &most],
    )
    .await
}
