//! Saved travellers.

use jiff::Timestamp;
use kernel::{TravellerId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// One as it is kept, sealed.
pub(in crate::identity) struct TravellerRow {
    pub(in crate::identity) id: Uuid,
    pub(in crate::identity) details: Vec<u8>,
    pub(in crate::identity) document: Option<Vec<u8>>,
}

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

fn read(row: &Row) -> TravellerRow {
    TravellerRow { id: row.get(0), details: row.get(1), document: row.get(2) }
}

/// One of a user's, which nobody else changes or forgets until the transaction ends.
pub(in crate::identity) async fn lock(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
) -> Result<Option<TravellerRow>, DbError> {
    let row = sql
        .query_opt(
            "SELECT id, details_sealed, document_sealed FROM saved_travellers
             WHERE user_id = $1 AND id = $2 FOR UPDATE",
            &[&user.uuid(), &id.uuid()],
        )
        .await?;
    Ok(row.as_ref().map(read))
}

pub(in crate::identity) async fn update(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
    details: &[u8],
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE saved_travellers SET details_sealed = $3 WHERE user_id = $1 AND id = $2",
        &[&user.uuid(), &id.uuid(), &details],
    )
    .await?;
    Ok(())
}

/// Keeps one's passport, sealed, in place of the one before.
pub(in crate::identity) async fn put_document(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
    document: &[u8],
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE saved_travellers SET document_sealed = $3 WHERE user_id = $1 AND id = $2",
        &[&user.uuid(), &id.uuid(), &document],
    )
    .await?;
    Ok(())
}

/// Forgets one's passport; `false` if there was none.
pub(in crate::identity) async fn forget_document(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
) -> Result<bool, DbError> {
    let gone = sql
        .execute(
            "UPDATE saved_travellers SET document_sealed = NULL
             WHERE user_id = $1 AND id = $2 AND document_sealed IS NOT NULL",
            &[&user.uuid(), &id.uuid()],
        )
        .await?;
    Ok(gone > 0)
}

/// One of a user's.
pub(in crate::identity) async fn one(
    sql: &Sql,
    (user, id): (UserId, TravellerId),
) -> Result<Option<TravellerRow>, DbError> {
    let row = sql
        .query_opt(
            "SELECT id, details_sealed, document_sealed FROM saved_travellers WHERE user_id = $1 AND id = $2",
            &[&user.uuid(), &id.uuid()],
        )
        .await?;
    Ok(row.as_ref().map(read))
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
pub(in crate::identity) async fn all(sql: &Sql, user: UserId) -> Result<Vec<TravellerRow>, DbError> {
    let rows = sql
        .query(
            "SELECT id, details_sealed, document_sealed FROM saved_travellers WHERE user_id = $1
             ORDER BY created_at, id",
            &[&user.uuid()],
        )
        .await?;
    Ok(rows.iter().map(read).collect())
}
