//! An account's bookings as a whole: for its owner to take along, and for whoever wants to leave.

use kernel::{RecordLocator, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::UserKey;
use serde_json::Value;

use super::{store, view};
use crate::app::App;
use crate::check_in::api::Filed;

const PAGE: i64 = 100;

/// All bookings of an account as its owner sees them, the newest first.
pub async fn all_of(app: &App, sql: &Sql, user: UserId, key: &UserKey) -> Result<Vec<Value>, Problem> {
    let (mut all, mut before, filed) = (Vec::new(), None, Filed::default());
    loop {
        let rows = store::all(sql, user, before, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(all) };
        before = Some(last.id);
        for row in rows {
            let booking = view::load_one_of(app, sql, row, (key, &filed)).await?;
            all.push(serde_json::to_value(booking).map_err(Problem::internal)?);
        }
    }
}

/// What is still to be flown, or held.
pub async fn ahead(sql: &Sql, user: UserId) -> Result<Vec<RecordLocator>, DbError> {
    store::ahead(sql, user).await
}
