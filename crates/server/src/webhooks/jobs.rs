//! Sending what is due without waiting for the slow, giving up what waits in vain, a watch, and the end of old logs.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use platform::jobs::{Job, Running};
use platform::seal::SealError;
use tokio::sync::Semaphore;

use super::store::{self, Kept, Of, deliveries};
use super::{secret, send};
use crate::app::App;

/// Webhooks a process sends to at one time, the airline's and those of programs. A slow one keeps one of these places, for a batch at
/// most.
const AT_ONCE: usize = 32;
const OF_PROGRAMS_AT_ONCE: usize = 16;
const BATCH: i64 = 1_000;

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, seconds, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_secs(seconds), move || run(app.clone()))
    };
    let sending = |name, of, at_once| {
        let (places, app) = (Arc::new(Semaphore::new(at_once)), app.clone());
        let every = Duration::from_millis(250);
        Job::new(name, every, move || send_without_waiting(app.clone(), of, Arc::clone(&places)))
    };
    vec![
        sending("send_webhooks", Of::Airline, AT_ONCE),
        sending("send_webhooks_of_programs", Of::Programs, OF_PROGRAMS_AT_ONCE),
        job("give_up_webhook_deliveries", 60, |app| Box::pin(give_up(app))),
        job("watch_webhooks", 15, |app| Box::pin(watch(app))),
        job("delete_old_webhook_deliveries", 600, |app| Box::pin(delete_old(app))),
        job("reseal_webhook_secrets", 60, |app| Box::pin(reseal(app))),
    ]
}

/// Each webhook is served by a task of its own: the turn ends at once, and the next finds those that became due meanwhile.
async fn send_without_waiting(app: App, of: Of, places: Arc<Semaphore>) -> anyhow::Result<u64> {
    let free = i64::try_from(places.available_permits())?;
    if free == 0 {
        return Ok(0);
    }
    let webhooks = send::lease(&app, of, free).await?;
    let count = webhooks.len() as u64;
    for webhook in webhooks {
        let place = Arc::clone(&places).acquire_owned().await?;
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(problem) = send::serve(&app, &webhook).await {
                tracing::warn!(webhook.id = %webhook.id, ?problem, "a webhook was not served; it is tried again");
            }
            drop(place);
        });
    }
    Ok(count)
}

/// After a rotation of the master key: secrets are sealed under the new one, so that the old one can be taken out of the key file.
async fn reseal(app: App) -> anyhow::Result<u64> {
    let current = app.sealer.current_master().ok_or_else(|| anyhow::anyhow!("no master key"))?;
    let older = store::sealed_under_others(&app.db.read().await?, current).await?;
    let mut resealed = 0;
    for id in older {
        let tx = app.db.begin().await?;
        let Some(mut webhook) = store::lock(&tx, id, Kept::All).await? else { continue };
        let anew = |sealed: &[u8]| -> Result<Vec<u8>, SealError> {
            Ok(app.sealer.reseal_system(secret::place(id), sealed)?.unwrap_or_else(|| sealed.to_vec()))
        };
        webhook.secret_sealed = anew(&webhook.secret_sealed)?;
        webhook.previous = webhook
            .previous
            .map(|(sealed, until)| Ok::<_, SealError>((anew(&sealed)?, until)))
            .transpose()?;
        store::update(&tx, &webhook).await?;
        tx.commit().await?;
        resealed += 1;
    }
    Ok(resealed)
}

async fn watch(app: App) -> anyhow::Result<u64> {
    for (of, label) in [(Of::Airline, "airline"), (Of::Programs, "programs")] {
        let (failing, pending) = store::state(&app.db.read().await?, of).await?;
        metrics::gauge!("webhooks_failing", "of" => label).set(failing as f64);
        metrics::gauge!("webhook_deliveries_pending", "of" => label).set(pending as f64);
    }
    Ok(0)
}

/// A webhook that is disabled keeps what waits for it for as long as it would be tried, and no longer.
async fn give_up(app: App) -> anyhow::Result<u64> {
    let now = app.now();
    let given_up =
        deliveries::give_up(&app.db.read().await?, None, now - send::GIVE_UP_AFTER, now, BATCH).await?;
    if given_up > 0 {
        tracing::warn!(given_up, "deliveries to disabled webhooks given up");
    }
    Ok(given_up)
}

async fn delete_old(app: App) -> anyhow::Result<u64> {
    let before = app.now() - SignedDuration::from_hours(24 * i64::from(app.config.webhooks.log_days));
    let sql = app.db.read().await?;
    let deleted = deliveries::prune(&sql, before, BATCH).await?;
    Ok(deleted + store::delete_marked(&sql).await?)
}
