//! Numbering what is to be told, telling it to the sockets of this process, and forgetting it.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use platform::hub::Message;
use platform::jobs::{Job, Lease, Running};

use super::{store, wire};
use crate::app::App;
use crate::identity;

/// Messages of a turn.
const BATCH: i64 = 1_000;
const FORGOTTEN: i64 = 10_000;
/// One process numbers at a time; two would wait for each other.
const LEASE: Duration = Duration::from_secs(5);
/// So often, and so long each time, a burst waits for those who read.
const BREATHS: usize = 10;
const BREATH: Duration = Duration::from_millis(20);
const NUMBERING: Duration = Duration::from_millis(100);

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let (lease, numbering) = (Lease::new("live", app.process, LEASE), app.clone());
    let forgetting = app.clone();
    vec![
        Job::new("number_live", NUMBERING, move || {
            let (app, lease) = (numbering.clone(), lease.clone());
            async move { if lease.hold(&app.db).await? { number(&app).await } else { Ok(0) } }
        }),
        Job::new("forget_live", Duration::from_mins(1), move || -> Running {
            Box::pin(forget(forgetting.clone()))
        }),
    ]
}

/// The job of a serving process.
pub fn follow_job(app: &App) -> Job {
    let every = Duration::from_millis(app.config.live.poll_ms.max(10));
    let app = app.clone();
    Job::new("follow_live", every, move || {
        let app = app.clone();
        async move { follow(&app).await }
    })
}

async fn number(app: &App) -> anyhow::Result<u64> {
    Ok(store::number(&app.db.read().await?, BATCH).await?)
}

async fn forget(app: App) -> anyhow::Result<u64> {
    let (now, sql) = (app.now(), app.db.read().await?);
    let before = now - SignedDuration::from_mins(app.config.live.keep_minutes.into());
    Ok(store::prune(&sql, before, FORGOTTEN).await? + store::prune_tickets(&sql, now, BATCH).await?)
}

/// Tells the sockets of this process what is new. Nothing is told while this process cannot know whose session has ended.
async fn follow(app: &App) -> anyhow::Result<u64> {
    metrics::gauge!("live_sockets").set(app.sockets.open() as f64);
    let sql = app.db.read().await?;
    let (head, floor) = store::head(&sql).await?;
    if app.sockets.begin_after(head) {
        return Ok(0);
    }
    end_sessions(app)?;
    let Some(told) = app.sockets.told() else { return Ok(0) };
    let entries = store::after(&sql, told, BATCH).await?;
    metrics::gauge!("live_lag_messages").set((head - told).max(0) as f64);
    let Some(first) = entries.first() else {
        // The database is older than what was told: it was put back from a backup. Or what was to be told is kept no more.
        if head < told || told < floor {
            app.sockets.lost_until(head);
        }
        return Ok(0);
    };
    if first.seq != told + 1 {
        tracing::warn!(told, first.seq, "messages to sockets are gone; all are to ask again");
        app.sockets.lost_until(head);
        return Ok(1);
    }
    drop(sql);
    for some in entries.chunks((app.config.live.queue / 4).max(1)) {
        // A burst takes seconds, in which sessions end.
        end_sessions(app)?;
        for entry in some {
            let message =
                Message { number: entry.seq, topic: Arc::clone(&entry.topic), told: wire::told(entry) };
            app.sockets.tell(&Arc::new(message));
        }
        breathe(app).await;
    }
    Ok(u64::try_from(entries.len())?)
}

/// Closes the sockets of sessions that have ended. Refused while this process cannot know which have.
fn end_sessions(app: &App) -> anyhow::Result<()> {
    anyhow::ensure!(identity::api::knows_who_is_on(app), "it is not known which sessions have ended");
    app.sockets.end(|caller| identity::api::has_ended(app, caller));
    Ok(())
}

/// Lets sockets that do read get through what waits for them: a burst must not look like somebody who is slow. Nobody waits for those
/// who do not read.
async fn breathe(app: &App) {
    for _ in 0..BREATHS {
        if !app.sockets.is_crowded() {
            return;
        }
        tokio::time::sleep(BREATH).await;
    }
}
