//! The door of the tracking slice.

use jiff::civil::Date;
use kernel::{UserId, WatchId};
use platform::db::{DbError, Sql, Tx};
use platform::http::Problem;
use serde_json::Value;

use super::store::{ends, prices, watches};
use super::{begin, list};
use crate::app::App;

pub use super::consumer::Trips;
pub use super::jobs::jobs;

/// All prices that somebody watches, the newest first.
pub async fn all_of(app: &App, sql: &Sql, user: UserId) -> Result<Vec<Value>, Problem> {
    let watches = list::all(app, sql, user).await?;
    let json = |watch| serde_json::to_value(watch).map_err(Problem::internal);
    watches.into_iter().map(json).collect()
}

/// Whether what a watch told of is still so: its owner still wants to know, still flies on what they bought, and the party can have it on
/// that date for the price (minor units) that was told, or less. For mails, which may wait for hours until they are sent.
pub async fn still_costs(
    app: &App,
    sql: &Sql,
    (user, watch): (UserId, &str),
    (date, told): (Date, i64),
) -> Result<bool, Problem> {
    let Ok(id) = watch.parse::<WatchId>() else { return Ok(false) };
    let Some((mut row, _)) = watches::find(sql, (user, id)).await? else { return Ok(false) };
    if row.paused_at.is_some() || row.expires_at <= app.now() {
        return Ok(false);
    }
    if row.booking.is_some() && begin::bought(sql, &row).await?.is_none() {
        return Ok(false);
    }
    row.dates = (date, date);
    let price = begin::price(app, sql, &row).await?;
    Ok(price.is_some_and(|(price, _)| price <= told))
}

/// Ends all watches of an account that is erased. Whoever takes note of prices locks several watches at a time, after the head: so does
/// this. Whoever erases holds the account's row, so an account without watches gets none meanwhile and need not wait for the head, which
/// is held nearly without a pause while whole dates are looked at.
pub async fn forget(tx: &Tx, user: UserId) -> Result<(), DbError> {
    if watches::count(tx, user).await? == 0 {
        return Ok(());
    }
    prices::lock_head(tx).await?;
    ends::forget(tx, user).await
}
