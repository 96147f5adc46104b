//! The door of the reviews slice.

use std::collections::BTreeMap;

use domain::reviews::Tally;
use jiff::Timestamp;
use kernel::{FlightNumber, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use serde_json::Value;

use super::store;
use super::view::MyReview;
use crate::app::App;

pub use super::ratings::{Ratings, ReviewSummary, follow_job};

/// More reviews than anybody has written.
const MOST_LISTED: i64 = 10_000;

/// Everything somebody wrote, the newest first.
pub async fn all_of(app: &App, sql: &Sql, user: UserId) -> Result<Vec<Value>, Problem> {
    let rows = store::of_user(sql, user, None, MOST_LISTED).await?;
    let json = |row| serde_json::to_value(MyReview::of(app, row)).map_err(Problem::internal);
    rows.iter().map(json).collect()
}

/// Deletes everything somebody wrote and reported; their account is erased. Averages follow.
pub async fn forget(sql: &Sql, user: UserId, now: Timestamp) -> Result<(), DbError> {
    // By number, so that two who do this at once wait for each other in one order.
    let mut tallies: BTreeMap<FlightNumber, Tally> = BTreeMap::new();
    for row in store::forget(sql, user).await? {
        if row.is_published() {
            tallies.entry(row.number).or_default().add(&row.rating, -1);
        }
    }
    for (number, less) in tallies {
        store::ratings::add(sql, number, &less, now).await?;
    }
    Ok(())
}
