//! Closing what was resolved, forgetting what is old, and a watch over what waits for staff.

use std::time::Duration;

use jiff::SignedDuration;
use platform::jobs::{Job, Running};

use super::store;
use super::store::files;
use crate::app::App;

const BATCH: i64 = 100;
/// How long a file waits for the message it is for.
const LOOSE_FILES: SignedDuration = SignedDuration::from_hours(24);

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, seconds, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_secs(seconds), move || run(app.clone()))
    };
    vec![
        job("close_support_tickets", 600, |app| Box::pin(close(app))),
        job("delete_old_support_tickets", 3_600, |app| Box::pin(delete_old(app))),
        job("delete_loose_attachments", 600, |app| Box::pin(delete_loose(app))),
        job("watch_support_tickets", 30, |app| Box::pin(watch(app))),
    ]
}

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

async fn close(app: App) -> anyhow::Result<u64> {
    let now = app.now();
    let before = now - days(app.config.support.reopen_days);
    Ok(store::close(&app.db.read().await?, before, now).await?)
}

async fn delete_old(app: App) -> anyhow::Result<u64> {
    let before = app.now() - days(app.config.support.keep_days);
    Ok(store::prune(&app.db.read().await?, before, BATCH).await?)
}

async fn delete_loose(app: App) -> anyhow::Result<u64> {
    Ok(files::prune(&app.db.read().await?, app.now() - LOOSE_FILES, BATCH).await?)
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let (waiting, overdue) = store::count_waiting(&app.db.read().await?, app.now()).await?;
    metrics::gauge!("support_tickets_waiting").set(waiting as f64);
    metrics::gauge!("support_tickets_overdue").set(overdue as f64);
    Ok(0)
}
