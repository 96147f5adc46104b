//! Accounts that were erased and of which something may be left. Whoever erases an account deletes what is its own in the same transaction;
//! but while a release is rolled out, a process of the one before erases accounts too, and does not know of tables that are new.

use std::sync::Mutex;

use kernel::UserId;
use platform::db::Sql;
use platform::http::Problem;

use crate::app::App;
use crate::identity::api::{addressees, key_of};

/// Accounts that are looked at in a turn of a job.
const PAGE: i64 = 1_000;

/// How far a job has looked through the accounts of a table. It goes round and round.
#[derive(Default)]
pub(crate) struct Round(Mutex<Option<UserId>>);

impl Round {
    /// Behind which account the next page begins, and how many it has at most.
    pub(crate) fn next(&self) -> (Option<UserId>, i64) {
        (*self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner), PAGE)
    }

    /// This page was looked at; a short one was the last.
    pub(crate) fn went(&self, page: &[UserId]) {
        let is_full = i64::try_from(page.len()).is_ok_and(|count| count >= PAGE);
        let last = page.last().copied().filter(|_| is_full);
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = last;
    }
}

/// Those of the accounts that were erased: of which there is no key. One that cannot be written to for another reason is none of them.
pub(crate) async fn among(app: &App, sql: &Sql, users: &[UserId]) -> Result<Vec<UserId>, Problem> {
    let there = addressees(app, sql, users).await?;
    let mut erased = Vec::new();
    for user in users.iter().filter(|user| !there.contains_key(user)) {
        if key_of(sql, &app.sealer, *user).await?.is_none() {
            erased.push(*user);
        }
    }
    Ok(erased)
}
