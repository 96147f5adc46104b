//! The door of the notify slice.

use kernel::UserId;
use platform::db::{DbError, Sql};
use serde_json::{Value, json};

use super::store;

pub use super::consumer::News;
pub use super::jobs::jobs;
pub use super::notice::notice;

/// More than anybody is told while it is kept.
const MOST_LISTED: i64 = 10_000;

/// What somebody was told, the newest first, and what they want to be told by which way.
pub async fn all_of(sql: &Sql, user: UserId) -> Result<Value, DbError> {
    let rows = store::inbox::list(sql, user, None, MOST_LISTED).await?;
    let told = rows.iter().map(|row| {
        json!({"id": row.id.to_string(), "topic": row.topic, "params": row.params, "created_at": row.created_at.to_string(),
            "read_at": row.read_at.map(|at| at.to_string())})
    });
    let wishes = store::preferences::of(sql, &[user]).await?;
    let wishes = wishes
        .iter()
        .map(|((_, kind, channel), wanted)| json!({"kind": kind, "channel": channel, "wanted": wanted}));
    Ok(json!({"notifications": told.collect::<Vec<_>>(), "preferences": wishes.collect::<Vec<_>>()}))
}

/// Forgets all of an account that is erased.
pub async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    store::inbox::forget(sql, user).await?;
    store::preferences::forget(sql, user).await
}
