//! What follows from a closed gate and a departure by itself; and readings that nobody asks about any more.

use std::time::Duration;

use platform::jobs::{Job, Running};

use jiff::SignedDuration;

use super::close;
use super::store::gate as store;
use crate::app::App;

/// How long it is known that a reading was taken back. Who checks in does so two days before the flight at the earliest, and a flight is days late at
/// the most: after this long nobody boards by any reading of it.
const UNDONE_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
const BATCH: i64 = 1_000;

/// Those of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, seconds, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_secs(seconds), move || run(app.clone()))
    };
    vec![
        job("settle_closed_flights", 30, |app| Box::pin(close::settle_closed(app))),
        job("follow_departures", 10, |app| Box::pin(close::follow_departures(app))),
        job("forget_undone_boardings", 600, |app| Box::pin(forget_undone(app))),
    ]
}

async fn forget_undone(app: App) -> anyhow::Result<u64> {
    Ok(store::forget_undone(&app.db.read().await?, app.now() - UNDONE_KEPT, BATCH).await?)
}
