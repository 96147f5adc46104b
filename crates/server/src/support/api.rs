//! The door of the support slice.

use kernel::UserId;
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::UserKey;
use serde_json::Value;

use super::{mine, store};
use crate::app::App;

pub use super::fuzzing::read_picture;
pub use super::jobs::jobs;

/// More tickets than anybody has.
const MOST_LISTED: i64 = 10_000;

/// Everything somebody asked and was answered, the newest first. Files are named; they are to be had one by one.
pub async fn all_of(app: &App, sql: &Sql, user: UserId, key: &UserKey) -> Result<Vec<Value>, Problem> {
    let mut all = Vec::new();
    for ticket in store::of_user(sql, user, None, MOST_LISTED).await? {
        let thread = mine::parts(sql, ticket).await?.thread(app, key)?;
        all.push(serde_json::to_value(thread).map_err(Problem::internal)?);
    }
    Ok(all)
}

/// Deletes everything of an account that is erased.
pub async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    store::forget(sql, user).await
}
