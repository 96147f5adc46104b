//! The door of the push slice.

use jiff::Timestamp;
use kernel::{NotificationId, SessionId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::messages::Locale;
use platform::seal::UserKey;
use serde_json::{Value, json};

use super::devices;
use super::store::{self, NewPush};
use crate::app::App;

pub use super::jobs::jobs;
pub use super::payload::Push;
pub use super::send::{Pushes, send_due};

/// A notification that is wanted by push.
#[derive(Clone, Copy, Debug)]
pub struct ToPush {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub notification: NotificationId,
    /// In which language.
    pub locale: Locale,
    /// Whether it is told to many at once.
    pub is_bulk: bool,
    /// After this nobody wants it any more.
    pub worth_until: Timestamp,
}

/// Queues notifications to the browsers of whoever is told them, in the transaction that tells.
pub async fn queue(app: &App, sql: &Sql, told: &[ToPush]) -> Result<(), DbError> {
    if told.is_empty() || app.pushes.public_key().is_none() {
        return Ok(());
    }
    let new = |told: &ToPush| NewPush {
        user: told.user,
        notification: told.notification,
        locale: told.locale.tag(),
        is_bulk: told.is_bulk,
        gives_up_at: told.worth_until,
    };
    let new: Vec<NewPush> = told.iter().map(new).collect();
    let queued = store::queue(sql, &new, app.now()).await?;
    metrics::counter!("pushes_queued_total").increment(queued);
    Ok(())
}

/// Forgets the browsers that were added in sessions that are ended, in the transaction that ends them.
pub async fn forget_sessions(sql: &Sql, user: UserId, ended: &[SessionId]) -> Result<(), DbError> {
    if !ended.is_empty() {
        store::delete_of_sessions(sql, user, ended).await?;
    }
    Ok(())
}

/// Forgets every browser of an account but that of the session that is kept: also those whose session was over before.
pub async fn forget_all_but(sql: &Sql, user: UserId, keep: Option<SessionId>) -> Result<(), DbError> {
    store::delete_but(sql, user, keep).await?;
    Ok(())
}

/// Forgets every browser of an account that is erased.
pub async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    store::forget(sql, user).await
}

/// The browsers that take pushes for an account, the newest first; without the keys that pushes are encrypted with.
pub async fn all_of(app: &App, sql: &Sql, user: UserId, key: &UserKey) -> Result<Vec<Value>, Problem> {
    let named = devices::named(app, sql, user, key).await?;
    let told = named.iter().map(|(row, device)| {
        json!({"id": row.id.to_string(), "device": device, "created_at": row.created_at.to_string(),
            "reached_at": row.reached_at.map(|at| at.to_string())})
    });
    Ok(told.collect())
}
