//! Sending, giving up what nobody wants any more, and a watch.

use std::time::Duration;

use platform::jobs::{Job, Running};

use super::{send, store};
use crate::app::App;

const BATCH: i64 = 1_000;

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, millis, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_millis(millis), move || run(app.clone()))
    };
    vec![
        job("send_pushes", 500, |app| Box::pin(async move { send::send_due(&app).await })),
        job("give_up_pushes", 60_000, |app| Box::pin(give_up(app))),
        job("watch_pushes", 15_000, |app| Box::pin(watch(app))),
    ]
}

async fn give_up(app: App) -> anyhow::Result<u64> {
    let given_up = store::give_up(&app.db.read().await?, app.now(), BATCH).await?;
    metrics::counter!("pushes_total", "outcome" => "given_up").increment(given_up);
    Ok(given_up)
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let (waiting, since) = store::waiting(&app.db.read().await?).await?;
    let age = since.map_or(0.0, |since| app.now().duration_since(since).as_secs_f64().max(0.0));
    metrics::gauge!("pushes_waiting").set(waiting as f64);
    metrics::gauge!("pushes_oldest_seconds").set(age);
    Ok(0)
}
