//! `udaan import timetable FILE --from DATE --days N`: weekly patterns become flights on sale.

use std::sync::Arc;

use jiff::Timestamp;
use platform::db::{Db, DbError, Sql};
use tokio::sync::mpsc;
use tokio::task::{JoinError, spawn_blocking};

use super::plan::{Day, Plan};
use super::store::{self, ImportRecord};
use super::{File, ImportError, ImportReport, Progress, TimetableImport};
use crate::flights::events;

/// Days that are encoded ahead of the one being written: enough that PostgreSQL never waits, few megabytes each.
const DAYS_AHEAD: usize = 2;

/// Puts the flights of a timetable on sale, in one transaction. See the module for what it never does.
pub async fn import_timetable(
    db: &Db,
    now: Timestamp,
    input: TimetableImport<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ImportReport, ImportError> {
    let plan = Arc::new(check(db, input).await?);
    progress(Progress::Checked { days: input.days });
    let tx = db.begin().await?;
    store::begin_import(&tx).await?;
    let report = write(&tx, now, input.timetable.name, &plan, progress).await?;
    tx.commit().await?;
    if report.flights_added > 0 {
        progress(Progress::Analysing);
        // The flights are on sale; statistics that are missing make queries slower until autovacuum comes.
        if let Err(error) = analyse(db).await {
            tracing::warn!(%error, "the import is done, but ANALYZE failed");
        }
    }
    Ok(report)
}

async fn analyse(db: &Db) -> Result<(), DbError> {
    store::analyse(&db.read().await?).await
}

/// Reads and checks the files on a thread of its own: it is half a second of pure work.
async fn check(db: &Db, input: TimetableImport<'_>) -> Result<Plan, ImportError> {
    let airports = store::known_airports(&db.read().await?).await?;
    let own = |file: File<'_>| (file.name.to_owned(), file.bytes.to_vec());
    let (timetable, market_fares) = (own(input.timetable), input.market_fares.map(own));
    let (from, days) = (input.from, input.days);
    spawn_blocking(move || {
        let timetable = File { name: &timetable.0, bytes: &timetable.1 };
        let market_fares = market_fares.as_ref().map(|(name, bytes)| File { name, bytes });
        Plan::new(&TimetableImport { timetable, market_fares, from, days }, &airports)
    })
    .await
    .map_err(|error| stopped(&error))?
}

async fn write(
    sql: &Sql,
    now: Timestamp,
    source: &str,
    plan: &Arc<Plan>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ImportReport, ImportError> {
    let Some((first, last)) = plan.dates.first().copied().zip(plan.dates.last().copied()) else {
        return Ok(ImportReport::default());
    };
    let end = last.tomorrow().map_err(|_| domain::schedule::ScheduleError::DateOutOfRange(last))?;
    let bare = store::lay_bare(sql).await?;
    let mut report = write_flights(sql, plan, (first, end), progress).await?;
    if let Some(rebuild) = bare {
        progress(Progress::Indexing);
        store::rebuild(sql, rebuild).await?;
    }
    let ranked = store::save_weekly_departures(sql, &plan.weekly_departures()).await?;
    report.ratios_changed = store::save_ratios(sql, &plan.ratios).await?;
    if report.flights_added + report.ratios_changed + ranked > 0 {
        store::announce(sql, first, last).await?;
    }
    if report.flights_added + report.ratios_changed + ranked > 0 {
        let import = ImportRecord {
            kind: "timetable",
            source,
            sha256: plan.sha256,
            dates: Some((first, last)),
            flights_added: report.flights_added,
            at: now,
        };
        events::keep(sql, &import).await?;
    }
    Ok(report)
}

/// Encodes on one thread while PostgreSQL writes on another.
async fn write_flights(
    sql: &Sql,
    plan: &Arc<Plan>,
    (first, end): (jiff::civil::Date, jiff::civil::Date),
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ImportReport, ImportError> {
    let present = store::present_flights(sql, first, end).await?;
    let (sender, mut days) = mpsc::channel(DAYS_AHEAD);
    let encoder = spawn_blocking({
        let plan = Arc::clone(plan);
        // A closed channel means that writing failed or the import was dropped: nobody waits for more.
        move || plan.encode(&present, |day| sender.blocking_send(day).is_ok())
    });
    let mut report = ImportReport { patterns: plan.patterns.len(), ..ImportReport::default() };
    let mut done = 0;
    while let Some(day) = days.recv().await {
        write_day(sql, day, &mut report).await?;
        done += 1;
        progress(Progress::Written { days: done, flights: report.flights_added });
    }
    encoder.await.map_err(|error| stopped(&error))??;
    Ok(report)
}

async fn write_day(sql: &Sql, day: Day, report: &mut ImportReport) -> Result<(), DbError> {
    report.flights_kept += day.kept;
    if day.flights.count > 0 {
        report.flights_added += store::copy_flights(sql, day.flights.finish()).await?;
        report.cabins_added += store::copy_inventory(sql, day.inventory.finish()).await?;
    }
    Ok(())
}

fn stopped(error: &JoinError) -> ImportError {
    ImportError::Stopped(error.to_string())
}
