//! Following the search feed: one transaction after the other, each from where the last one ended.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::FlightId;
use platform::db::{DbError, Tx};

use super::look::{self, Look};
use super::prices::{Day, Pricing};
use super::store::prices::{self as store, Head};
use crate::app::App;
use crate::flights::api::{self as flights, FeedEntry};

/// Entries of the feed that are taken at a time.
const ENTRIES: i64 = 1_000;
/// Days that a turn looks at because something closed by the clock. At midnight it is those of all routes of a time zone.
const BY_THE_CLOCK: i64 = 500;

/// One turn: what is new in the feed, what closed by the clock, new watches, and one of the dates that are to be looked at whole. Returns how
/// many of these there were.
pub(super) async fn turn(app: &App) -> anyhow::Result<u64> {
    let tx = app.db.begin().await?;
    let head = store::lock_head(&tx).await?;
    let pricing = Pricing::new(&flights::filed_families(&tx).await?, app.config.booking.sales_close_minutes);
    let mut done = follow(app, &tx, &head, &pricing).await?;
    let due: BTreeSet<Day> = store::due_days(&tx, app.now(), BY_THE_CLOCK).await?.into_iter().collect();
    if !due.is_empty() {
        done += u64::try_from(due.len())?;
        Look::at_days(&tx, due).await?.take_in(app, &tx, &pricing).await?;
    }
    if let Some(date) = store::take_date(&tx).await? {
        done += 1;
        at_date(&tx, date).await?.take_in(app, &tx, &pricing).await?;
    }
    done += look::at_new_watches(app, &tx, &pricing).await?;
    if done > 0 {
        tx.commit().await?;
    }
    Ok(done)
}

/// What is new in the feed. Where it cannot be followed, at the beginning and after entries are gone, and where fares make other prices,
/// all dates are to be looked at whole; what is announced after the head was read is in the feed.
async fn follow(app: &App, tx: &Tx, head: &Head, pricing: &Pricing) -> anyhow::Result<u64> {
    let entries = match head.seq.filter(|_| head.tariffs == pricing.marks()) {
        Some(seq) => match flights::feed_after(tx, seq, ENTRIES).await {
            Ok(entries) => Some(entries),
            Err(error @ DbError::Inconsistent(_)) => {
                tracing::warn!(seq, %error, "the search feed cannot be followed; looking at all prices again");
                None
            }
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let Some(entries) = entries else {
        let seq = flights::feed_head(tx).await?;
        store::set_head(tx, &Head { seq: Some(seq), tariffs: pricing.marks() }).await?;
        put_dates(app, tx, (Date::MIN, Date::MAX)).await?;
        return Ok(1);
    };
    let Some((last, _)) = entries.last() else { return Ok(0) };
    let next = Head { seq: Some(*last), tariffs: head.tariffs.clone() };
    let mut changed: BTreeSet<FlightId> = BTreeSet::new();
    for (_, entry) in &entries {
        match entry {
            FeedEntry::Flight(id) => _ = changed.insert(*id),
            FeedEntry::Dates(from, until) => put_dates(app, tx, (*from, *until)).await?,
        }
    }
    let changed: Vec<FlightId> = changed.into_iter().collect();
    if !changed.is_empty() {
        Look::at_flights(tx, &changed).await?.take_in(app, tx, pricing).await?;
    }
    store::set_head(tx, &next).await?;
    Ok(u64::try_from(entries.len())?)
}

/// Those of the dates on which there may be something to buy: it is not tomorrow everywhere when it is here.
async fn put_dates(app: &App, tx: &Tx, (from, until): (Date, Date)) -> Result<(), DbError> {
    let Some(last) = flights::last_departure(tx).await? else { return Ok(()) };
    let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
    let today = day(app.now());
    let first = from.max(today.yesterday().unwrap_or(today));
    let last = day(last);
    let last = until.min(last.tomorrow().unwrap_or(last));
    if first <= last { store::put_dates(tx, first, last).await } else { Ok(()) }
}

/// All flights of a date, and all routes of which something was known.
async fn at_date(tx: &Tx, date: Date) -> Result<Look, DbError> {
    let states = flights::states_of_dates(tx, date, date).await?;
    let mut days: BTreeSet<Day> = states.iter().filter_map(Day::of).collect();
    days.extend(store::days_of_date(tx, date).await?);
    Ok(Look { days, states, gone: Vec::new(), is_told: false })
}
