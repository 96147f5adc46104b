//! Sending, giving up what nobody wants any more, a watch, and the end of old rows.

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
        job("send_mails", 500, |app| Box::pin(async move { send::send_due(&app).await })),
        job("give_up_mails", 60_000, |app| Box::pin(give_up(app))),
        job("watch_mails", 15_000, |app| Box::pin(watch(app))),
        job("delete_old_mails", 600_000, |app| Box::pin(delete_old(app))),
    ]
}

async fn give_up(app: App) -> anyhow::Result<u64> {
    let given_up = store::give_up(&app.db.read().await?, app.now(), BATCH).await?;
    if given_up > 0 {
        metrics::counter!("mails_total", "outcome" => "given_up").increment(given_up);
        tracing::error!(given_up, "mails given up: none of their tries reached the mail server (mail.url)");
    }
    Ok(given_up)
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let (waiting, since) = store::waiting(&app.db.read().await?).await?;
    let age = since.map_or(0.0, |since| app.now().duration_since(since).as_secs_f64());
    metrics::gauge!("mails_waiting").set(waiting as f64);
    metrics::gauge!("mails_oldest_seconds").set(age);
    Ok(0)
}

async fn delete_old(app: App) -> anyhow::Result<u64> {
    let before = kernel::ids::uuid_v7(send::oldest_kept(app.now(), app.config.mail.keep_days), [0; 10]);
    Ok(store::prune(&app.db.read().await?, before, BATCH).await?)
}
