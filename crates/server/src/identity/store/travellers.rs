//! Saved travellers.

use jiff::Timestamp;
use kernel::{TravellerId, UserId};
use platform::db::{DbError, Sql};
use uuid::Uuid;

/// Saves one, unless there are `most` already.
pub(in crate::identity) async fn insert(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
    details: &[u8],
    most: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let saved = sql
        .execute(
            "INSERT INTO saved_travellers (user_id, id, details_sealed, created_at)
             SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM saved_travellers WHERE user_id = $1) < $5",
            &[&user.uuid(), &id.uuid(), &details, &now, &most],
        )
        .await?;
    Ok(saved > 0)
}

pub(in crate::identity) async fn update(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
    details: &[u8],
) -> Result<bool, DbError> {
    let changed = sql
        .execute(
            "UPDATE saved_travellers SET details_sealed = $3 WHERE user_id = $1 AND id = $2",
            &[&user.uuid(), &id.uuid(), &details],
        )
        .await?;
    Ok(changed > 0)
}

pub(in crate::identity) async fn delete(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
) -> Result<bool, DbError> {
    let gone = sql
        .execute("DELETE FROM saved_travellers WHERE user_id = $1 AND id = $2", &[&user.uuid(), &id.uuid()])
        .await?;
    Ok(gone > 0)
}

/// All of a user's, oldest first, sealed.
pub(in crate::identity) async fn all(sql: &Sql, user: UserId) -> Result<Vec<(Uuid, Vec<u8>)>, DbError> {
    let rows = sql
        .query(
            "SELECT id, details_sealed FROM saved_travellers WHERE user_id = $1 ORDER BY created_at, id",
            &[&user.uuid()],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
