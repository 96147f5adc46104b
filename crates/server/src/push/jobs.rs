//! Sending, giving up what nobody wants any more, and a watch.

use std::sync::Arc;
use std::time::Duration;

use platform::jobs::{Job, Running};

use super::{send, store};
use crate::app::App;
use crate::erased::{self, Round};

const BATCH: i64 = 1_000;

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, millis, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_millis(millis), move || run(app.clone()))
    };
    let (pruning, round) = (app.clone(), Arc::new(Round::default()));
    vec![
        job("send_pushes", 500, |app| Box::pin(async move { send::send_due(&app).await })),
        job("give_up_pushes", 60_000, |app| Box::pin(give_up(app))),
        job("watch_pushes", 15_000, |app| Box::pin(watch(app))),
        Job::new("forget_browsers_of_the_erased", Duration::from_mins(10), move || {
            let (app, round) = (pruning.clone(), Arc::clone(&round));
            async move { prune_erased(&app, &round).await }
        }),
    ]
}

async fn give_up(app: App) -> anyhow::Result<u64> {
    let given_up = store::give_up(&app.db.read().await?, app.now(), BATCH).await?;
    metrics::counter!("pushes_total", "outcome" => "given_up").increment(given_up);
    Ok(given_up)
}

/// Deletes the browsers of erased accounts, of which none should be left; how many accounts had some.
async fn prune_erased(app: &App, round: &Round) -> anyhow::Result<u64> {
    let ((after, most), sql) = (round.next(), app.db.read().await?);
    let users = store::users(&sql, after, most).await?;
    let erased = erased::among(app, &sql, &users).await.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    for user in &erased {
        store::forget(&sql, *user).await?;
    }
    round.went(&users);
    Ok(erased.len() as u64)
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let (waiting, since) = store::waiting(&app.db.read().await?).await?;
    let age = since.map_or(0.0, |since| app.now().duration_since(since).as_secs_f64().max(0.0));
    metrics::gauge!("pushes_waiting").set(waiting as f64);
    metrics::gauge!("pushes_oldest_seconds").set(age);
    Ok(0)
}
