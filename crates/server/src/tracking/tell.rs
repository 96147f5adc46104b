//! Telling what is due. It stands in the row of the watch, written in the transaction that saw the price; here it is told and taken out in one.

use kernel::Money;
use platform::backoff::SOON;
use platform::db::Tx;
use platform::http::Problem;

use super::begin::bought;
use super::store::ends;
use super::store::watches::{self, WatchRow};
use crate::app::App;
use crate::flights::api::FILING_CURRENCY;
use crate::notify::api::{PriceDrop, price_dropped};

/// Watches that are told at a time.
const PAGE: i64 = 100;
/// Pages that a turn tells.
const PAGES: u64 = 50;

/// Page after page, as long as there are some.
pub(super) async fn tell_due(app: &App) -> anyhow::Result<u64> {
    let mut told = 0;
    for _ in 0..PAGES {
        let page = tell_page(app, PAGE).await?;
        told += page;
        if page == 0 {
            break;
        }
    }
    Ok(told)
}

/// One page; how many there were. When it fails they are tried one by one, so that one that cannot be told does not keep the others.
async fn tell_page(app: &App, most: i64) -> anyhow::Result<u64> {
    let tx = app.db.begin().await?;
    let rows = watches::lock_due(&tx, app.now(), most).await?;
    let count = rows.len();
    let first = rows.first().cloned();
    match tell(app, &tx, rows).await {
        Ok(()) if count == 0 => {}
        Ok(()) => tx.commit().await?,
        Err(problem) => {
            drop(tx);
            if let Some(row) = first.filter(|_| count == 1) {
                platform::jobs::row_failed("tell_price_drops", &row.id, &format!("{problem:?}"));
                watches::again(&app.db.read().await?, &row, app.now() + SOON.exact(row.tries + 1)).await?;
            } else {
                for _ in 0..count {
                    Box::pin(tell_page(app, 1)).await?;
                }
            }
        }
    }
    Ok(u64::try_from(count)?)
}

/// Tells these. A watch of what was bought ends when nobody flies on it any more.
async fn tell(app: &App, tx: &Tx, rows: Vec<WatchRow>) -> Result<(), Problem> {
    let (mut told, mut over, mut drops) = (Vec::new(), Vec::new(), Vec::new());
    for mut row in rows {
        if row.booking.is_some() && bought(tx, &row).await?.is_none() {
            over.push(row);
            continue;
        }
        let date = row.due_date.take().unwrap_or(row.dates.0);
        let Some((price, was)) = row.watch.tell() else { continue };
        let money = |amount| Money::new(amount, FILING_CURRENCY);
        drops.push(PriceDrop {
            user: row.user,
            watch: row.id.to_string(),
            time: row.times + 1,
            origin: row.origin,
            destination: row.destination,
            date,
            flight: row.flight.and_then(kernel::FlightId::key).map(|key| key.number),
            was: was.map(money),
            price: money(price),
            by_mail: row.by_mail,
        });
        told.push(row);
    }
    if !over.is_empty() {
        ends::end(tx, &over, app.now()).await?;
    }
    if !told.is_empty() {
        watches::told(tx, &told, app.now()).await?;
        price_dropped(app, tx, drops).await?;
    }
    Ok(())
}
