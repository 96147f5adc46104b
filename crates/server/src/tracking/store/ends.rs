//! SQL on how rows of `price_watches` end.

use jiff::Timestamp;
use kernel::UserId;
use platform::db::{DbError, Sql};
use uuid::Uuid;

use super::watches::WatchRow;

/// Watches end before their time: what they are of is not flown any more by whoever watches it.
pub(in crate::tracking) async fn end(sql: &Sql, rows: &[WatchRow], now: Timestamp) -> Result<(), DbError> {
    let users: Vec<Uuid> = rows.iter().map(|row| row.user.uuid()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    sql.execute(
        "UPDATE price_watches w SET expires_at = $3, due_price = NULL, due_date = NULL, looked_at = true
         FROM unnest($1::uuid[], $2::uuid[]) AS n (user_id, id) WHERE w.user_id = n.user_id AND w.id = n.id",
        &[&users, &ids, &now],
    )
    .await?;
    Ok(())
}

/// Deletes those that were over before an instant, some at a time; how many.
pub(in crate::tracking) async fn prune(sql: &Sql, before: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM price_watches WHERE (user_id, id) IN (
             SELECT user_id, id FROM price_watches WHERE expires_at < $1 ORDER BY user_id, id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        &[&before, &most],
    )
    .await
}

/// All of an account. They are locked in the order in which everybody locks several.
pub(in crate::tracking) async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.query("SELECT 1 FROM price_watches WHERE user_id = $1 ORDER BY id FOR UPDATE", &[&user.uuid()])
        .await?;
    sql.execute("DELETE FROM price_watches WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}

/// Accounts that watch something, in their order: those behind one.
pub(in crate::tracking) async fn users(
    sql: &Sql,
    after: Option<UserId>,
    most: i64,
) -> Result<Vec<UserId>, DbError> {
    let users = "SELECT DISTINCT user_id FROM price_watches WHERE user_id > $1 ORDER BY user_id LIMIT $2";
    let after = after.map_or(Uuid::nil(), UserId::uuid);
    Ok(sql.query(users, &[&after, &most]).await?.iter().map(|row| UserId::from_uuid(row.get(0))).collect())
}

/// Deletes those of these accounts, some at a time; how many.
pub(in crate::tracking) async fn prune_of(sql: &Sql, users: &[UserId], most: i64) -> Result<u64, DbError> {
    let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    sql.execute(
        "DELETE FROM price_watches WHERE (user_id, id) IN (
             SELECT user_id, id FROM price_watches WHERE user_id = ANY($1) ORDER BY user_id, id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        &[&users, &most],
    )
    .await
}
