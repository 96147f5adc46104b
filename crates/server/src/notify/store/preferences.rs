//! SQL on `notification_preferences`.

use std::collections::BTreeMap;

use kernel::UserId;
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// What some people said of kinds and channels, by their words.
pub(in crate::notify) type Wishes = BTreeMap<(UserId, String, String), bool>;

/// What these people said.
pub(in crate::notify) async fn of(sql: &Sql, users: &[UserId]) -> Result<Wishes, DbError> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let said = "SELECT user_id, kind, channel, wanted FROM notification_preferences WHERE user_id = ANY($1)";
    let wish = |row: &Row| ((UserId::from_uuid(row.get(0)), row.get(1), row.get(2)), row.get(3));
    Ok(sql.query(said, &[&ids]).await?.iter().map(wish).collect())
}

/// Somebody says so.
pub(in crate::notify) async fn put(
    sql: &Sql,
    user: UserId,
    (kind, channel): (&str, &str),
    wanted: bool,
) -> Result<(), DbError> {
    let put = "INSERT INTO notification_preferences (user_id, kind, channel, wanted) VALUES ($1, $2, $3, $4)
               ON CONFLICT (user_id, kind, channel) DO UPDATE SET wanted = excluded.wanted";
    sql.execute(put, &[&user.uuid(), &kind, &channel, &wanted]).await?;
    Ok(())
}

/// All of an account.
pub(in crate::notify) async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("DELETE FROM notification_preferences WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}
