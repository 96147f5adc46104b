//! One-time tokens.

use jiff::Timestamp;
use kernel::UserId;
use platform::db::{DbError, Sql};

/// A new token.
pub(in crate::identity) struct TokenRow<'a> {
    pub(in crate::identity) user: UserId,
    pub(in crate::identity) hash: &'a [u8],
    pub(in crate::identity) purpose: &'static str,
    pub(in crate::identity) address_sealed: Option<&'a [u8]>,
    pub(in crate::identity) now: Timestamp,
    pub(in crate::identity) expires_at: Timestamp,
}

pub(in crate::identity) async fn insert(sql: &Sql, row: &TokenRow<'_>) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO account_tokens (user_id, hash, purpose, address_sealed, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[&row.user.uuid(), &row.hash, &row.purpose, &row.address_sealed, &row.now, &row.expires_at],
    )
    .await?;
    Ok(())
}

pub(in crate::identity) async fn is_good(
    sql: &Sql,
    (user, hash): (UserId, &[u8]),
    purpose: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let found = sql
        .query_opt(
            "SELECT 1 FROM account_tokens WHERE user_id = $1 AND hash = $2 AND purpose = $3 AND expires_at > $4",
            &[&user.uuid(), &hash, &purpose, &now],
        )
        .await?;
    Ok(found.is_some())
}

/// Takes it out if it is good; the outer nothing if it is not.
pub(in crate::identity) async fn redeem(
    sql: &Sql,
    (user, hash): (UserId, &[u8]),
    purpose: &str,
    now: Timestamp,
) -> Result<Option<Option<Vec<u8>>>, DbError> {
    let row = sql
        .query_opt(
            "DELETE FROM account_tokens WHERE user_id = $1 AND hash = $2 AND purpose = $3 AND expires_at > $4
             RETURNING address_sealed",
            &[&user.uuid(), &hash, &purpose, &now],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// None of the account's is good any more, but those of one purpose.
pub(in crate::identity) async fn drop_all(sql: &Sql, user: UserId, but: Option<&str>) -> Result<(), DbError> {
    let gone = "DELETE FROM account_tokens WHERE user_id = $1 AND ($2::text IS NULL OR purpose <> $2)";
    sql.execute(gone, &[&user.uuid(), &but]).await?;
    Ok(())
}

/// Forgets what is over, some at a time; how many.
pub(in crate::identity) async fn prune(sql: &Sql, now: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM account_tokens WHERE (user_id, hash) IN (
             SELECT user_id, hash FROM account_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        &[&now, &most],
    )
    .await
}
