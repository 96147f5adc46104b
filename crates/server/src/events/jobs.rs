//! Telling what happened: the relay, a watch on what waits, and the end of old events.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use platform::jobs::{Job, Running};
use platform::outbox::{self, Bus, Consumer, LANES, LEASE, PostgresBus, Relay};
use uuid::Uuid;

use crate::app::App;
use crate::notify::api as notify;
use crate::realtime::api as realtime;
use crate::tracking::api as tracking;
use crate::webhooks::api as webhooks;

/// Rows of a lane that a turn deletes.
const BATCH: i64 = 1_000;

/// Everybody who wants to know.
fn consumers(app: &App) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(webhooks::Deliveries::new(app)),
        Arc::new(notify::News::new(app)),
        Arc::new(realtime::Happenings),
        Arc::new(tracking::Trips),
    ]
}

/// A relay to everybody who wants to know, under the id `holder`.
pub fn relay(app: &App, holder: Uuid) -> Relay {
    let bus: Arc<dyn Bus> =
        Arc::new(PostgresBus::new(app.db.clone(), Arc::clone(&app.clock), consumers(app)));
    Relay::new(app.db.clone(), bus, Arc::clone(&app.clock), holder, LEASE)
}

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, seconds, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_secs(seconds), move || run(app.clone()))
    };
    let relay = Arc::new(relay(app, app.process));
    let every = Duration::from_millis(app.config.events.relay_ms);
    vec![
        Job::new("relay_events", every, move || {
            let relay = Arc::clone(&relay);
            async move { relay.turn().await }
        }),
        job("watch_events", 15, |app| Box::pin(watch(app))),
        job("delete_old_events", 600, |app| Box::pin(delete_old(app))),
    ]
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let backlog = outbox::backlog(&app.db.read().await?).await?;
    let lag = backlog.oldest.map_or(0.0, |oldest| app.now().duration_since(oldest).as_secs_f64().max(0.0));
    metrics::gauge!("outbox_unrelayed").set(backlog.unrelayed as f64);
    metrics::gauge!("outbox_lag_seconds").set(lag);
    metrics::gauge!("outbox_parked").set(backlog.parked as f64);
    Ok(0)
}

async fn delete_old(app: App) -> anyhow::Result<u64> {
    let before = app.now() - SignedDuration::from_hours(24 * i64::from(app.config.events.keep_days));
    let sql = app.db.read().await?;
    let mut deleted = 0;
    for lane in 0..LANES {
        deleted += outbox::prune(&sql, lane, before, BATCH).await?;
        deleted += outbox::prune_inbox(&sql, lane, before, BATCH).await?;
    }
    Ok(deleted)
}
