//! How a watch begins, and begins anew when its owner wants another thing or goes on after a pause: with the price of that moment.

use domain::tracking::{PERCENTS, TARGET_MAX, Watch, Wish};
use kernel::{Money, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;

use super::look::price_flights;
use super::prices::Pricing;
use super::store::prices::{are_unknown, lowest};
use super::store::watches::{Priced, WatchRow};
use crate::app::App;
use crate::booking::api::{self as booking, Bought};
use crate::flights::api::FILING_CURRENCY;

/// What somebody waits for, from what they said: one of the two.
pub(super) fn wish(target: Option<Money>, percent: Option<u8>) -> Result<Wish, Problem> {
    match (target, percent) {
        (Some(target), None) if target.currency != FILING_CURRENCY => {
            Err(Problem::invalid("target", format!("fares are in {FILING_CURRENCY}, and so must it be")))
        }
        (Some(target), None) if !(0..=TARGET_MAX).contains(&target.amount) => {
            Err(Problem::invalid("target", format!("its amount must be 0 to {TARGET_MAX}")))
        }
        (Some(target), None) => Ok(Wish::Target(target.amount)),
        (None, Some(percent)) if !PERCENTS.contains(&percent) => {
            let (least, most) = (PERCENTS.start(), PERCENTS.end());
            Err(Problem::invalid("drop_percent", format!("it must be {least} to {most}")))
        }
        (None, Some(percent)) => Ok(Wish::Drop(percent)),
        _ => Err(Problem::invalid("target", "say either target or drop_percent")),
    }
}

/// What turns fares into prices, in a process that has the directory.
pub(super) fn pricing(app: &App) -> Pricing {
    Pricing::new(app.directory.load().families(), app.config.booking.sales_close_minutes)
}

/// What it costs now, for watches of routes and of flights alike.
pub(super) async fn price(app: &App, sql: &Sql, row: &WatchRow) -> Result<Priced, Problem> {
    if row.flight.is_some() {
        let mut rows = [(row.clone(), None)];
        price_flights(sql, &pricing(app), &mut rows, app.now()).await?;
        let [(_, price)] = rows;
        return Ok(price);
    }
    Ok(lowest(sql, (row.origin, row.destination), row.dates, (row.cabin, row.seats)).await?)
}

/// What somebody bought whose fare is watched; `None` when nobody flies on it any more, or where nothing bought is watched.
pub(super) async fn bought(sql: &Sql, row: &WatchRow) -> Result<Option<Bought>, DbError> {
    let Some((booking, flight)) = row.booking.zip(row.flight) else { return Ok(None) };
    booking::bought(sql, (booking, row.user), flight).await
}

/// Has a watch begin: what it remembers from now on. What was bought is compared with its own fare in the cheapest family, as every price
/// here is. Of dates that wait to be looked at nobody knows what they cost: a watch of them begins with the first look, or else what only
/// becomes known then would be told as a fall.
pub(super) async fn begin(app: &App, sql: &Sql, row: &mut WatchRow, wish: Wish) -> Result<(), Problem> {
    row.waits = false;
    if row.booking.is_some() {
        if matches!(wish, Wish::Target(_)) {
            return Err(Problem::invalid(
                "target",
                "what was bought is compared with the fare it was bought at: say drop_percent",
            ));
        }
        let bought = bought(sql, row).await?.ok_or_else(Problem::not_found)?;
        row.watch = Watch::begin(wish, pricing(app).adult(bought.cabin, bought.fare));
        return Ok(());
    }
    row.waits = row.flight.is_none() && are_unknown(sql, row.dates).await?;
    let now = if row.waits { None } else { price(app, sql, row).await? };
    row.watch = Watch::begin(wish, now.map(|(amount, _)| amount));
    Ok(())
}

/// A watch that does not remember anything yet.
pub(super) const fn nothing(wish: Wish) -> Watch {
    Watch { wish, reference: None, told: None, above_since: None, due: None }
}

/// Whose it is, for what is looked up by both.
pub(super) type Key = (UserId, kernel::WatchId);
