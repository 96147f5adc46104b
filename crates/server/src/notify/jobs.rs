//! Telling what there is news of, looking for reminders, a watch, and the end of what is old.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use kernel::{BookingId, FlightId};
use platform::backoff::SOON;
use platform::db::{Sql, Tx};
use platform::http::Problem;
use platform::jobs::{Job, Lease, Running};

use super::announcements::DRAFTS_KEPT;
use super::flights::Told;
use super::reminders::Looked;
use super::store::news::{self, Due};
use super::store::{announcements, inbox};
use super::{bookings, flights, reminders};
use crate::app::App;
use crate::erased::{self, Round};

/// Pages that a turn tells.
const PAGES: u64 = 50;
const BATCH: i64 = 1_000;
/// One process looks for reminders at a time; two would do no harm.
const LEASE: Duration = Duration::from_mins(1);
/// Days after its date, anywhere and however late, on which a flight has left.
const FLOWN_AFTER_DAYS: i64 = 7;
/// For so long a reminder that was told is remembered: longer than a flight can be late.
const REMINDERS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, millis, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_millis(millis), move || run(app.clone()))
    };
    let (lease, looking) = (Lease::new("reminders", app.process, LEASE), app.clone());
    let looked = Arc::new(Looked::default());
    let (deleting, round) = (app.clone(), Arc::new(Round::default()));
    vec![
        job("tell_news", 500, |app| Box::pin(tell_news(app))),
        Job::new("file_reminders", Duration::from_secs(20), move || {
            let (app, lease, looked) = (looking.clone(), lease.clone(), looked.clone());
            async move { if lease.hold(&app.db).await? { reminders::file(&app, &looked).await } else { Ok(0) } }
        }),
        job("watch_news", 15_000, |app| Box::pin(watch(app))),
        Job::new("delete_old_notifications", Duration::from_mins(10), move || {
            let (app, round) = (deleting.clone(), Arc::clone(&round));
            async move { delete_old(app, &round).await }
        }),
    ]
}

/// Page after page, as long as there are some. One that fails is put off, and the others go on.
async fn tell_news(app: App) -> anyhow::Result<u64> {
    let mut told = 0;
    while told < PAGES && tell_next(&app).await? {
        told += 1;
    }
    Ok(told)
}

/// One page; whether there was one.
async fn tell_next(app: &App) -> anyhow::Result<bool> {
    let tx = app.db.begin().await?;
    let Some(due) = news::lock_due(&tx, app.now()).await? else { return Ok(false) };
    match tell(app, &tx, &due).await {
        Ok(Told::Until(booking)) => news::told_until(&tx, &due, booking).await?,
        Ok(Told::All) => news::done(&tx, &due).await?,
        Ok(Told::Once) => news::over(&tx, &due).await?,
        Err(problem) => {
            drop(tx);
            platform::jobs::row_failed("tell_news", &due.subject, &format!("{problem:?}"));
            news::again(&app.db.read().await?, &due, app.now() + SOON.exact(due.tries + 1)).await?;
            return Ok(true);
        }
    }
    tx.commit().await?;
    Ok(true)
}

async fn tell(app: &App, tx: &Tx, due: &Due) -> Result<Told, Problem> {
    if let Ok(flight) = due.subject.parse::<FlightId>() {
        return flights::tell_page(app, tx, due, flight).await;
    }
    let booking: BookingId = due.subject.parse().map_err(Problem::internal)?;
    bookings::tell_owner(app, tx, due, booking).await?;
    Ok(Told::All)
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let (waiting, since) = news::waiting(&app.db.read().await?).await?;
    let age = since.map_or(0.0, |since| app.now().duration_since(since).as_secs_f64().max(0.0));
    metrics::gauge!("news_waiting").set(waiting as f64);
    metrics::gauge!("news_oldest_seconds").set(age);
    Ok(0)
}

async fn delete_old(app: App, round: &Round) -> anyhow::Result<u64> {
    let (now, sql) = (app.now(), app.db.read().await?);
    let oldest = now - SignedDuration::from_hours(24 * i64::from(app.config.notify.keep_days));
    // What people know of a flight that has not left is what the next news of it is compared with.
    let flown = now - SignedDuration::from_hours(24 * FLOWN_AFTER_DAYS);
    let flown = FlightId::first_of(flown.to_zoned(TimeZone::UTC).date());
    let told = inbox::prune(&sql, (kernel::ids::uuid_v7(oldest, [0; 10]), flown), BATCH).await?;
    let announced = announcements::prune(&sql, (now - DRAFTS_KEPT, oldest), BATCH).await?;
    let left = delete_of_erased(&app, &sql, round).await?;
    Ok(told + announced + left + news::prune(&sql, now - REMINDERS_KEPT, BATCH).await?)
}

/// Deletes what was announced to erased accounts alone, of which nothing should be left; how much it was.
async fn delete_of_erased(app: &App, sql: &Sql, round: &Round) -> anyhow::Result<u64> {
    let (after, most) = round.next();
    let users = announcements::users(sql, after, most).await?;
    let erased = erased::among(app, sql, &users).await.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    let deleted = announcements::prune_of(sql, &erased).await?;
    round.went(&users);
    Ok(deleted)
}
