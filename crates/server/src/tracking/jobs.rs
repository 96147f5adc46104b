//! Following prices, telling of them, a watch over both, and the end of what is old.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use platform::db::Sql;
use platform::jobs::{Job, Lease, Running};

use super::store::{ends, prices, watches};
use super::{follow, tell};
use crate::app::App;
use crate::erased::{self, Round};
use crate::flights::api as flights;

/// One process follows; a second would wait for its locks.
const LEASE: Duration = Duration::from_secs(15);
const BATCH: i64 = 5_000;
/// For so long a watch that is over can be looked at, days.
const OVER_KEPT_DAYS: i64 = 30;

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, millis, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_millis(millis), move || run(app.clone()))
    };
    let (pruning, round) = (app.clone(), Arc::new(Round::default()));
    let (lease, following) = (Lease::new("price_follower", app.process, LEASE), app.clone());
    vec![
        Job::new("follow_prices", Duration::from_millis(250), move || {
            let (app, lease) = (following.clone(), lease.clone());
            async move { if lease.hold(&app.db).await? { follow::turn(&app).await } else { Ok(0) } }
        }),
        job("tell_price_drops", 500, |app| Box::pin(async move { tell::tell_due(&app).await })),
        job("watch_prices", 15_000, |app| Box::pin(watch(app))),
        Job::new("prune_prices", Duration::from_mins(10), move || {
            let (app, round) = (pruning.clone(), Arc::clone(&round));
            async move { prune(app, &round).await }
        }),
    ]
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let sql = app.db.read().await?;
    let behind = match prices::known_to(&sql).await? {
        Some(seq) => flights::feed_head(&sql).await?.saturating_sub(seq),
        None => 0,
    };
    let (waiting, since) = watches::waiting(&sql, app.now()).await?;
    let age = since.map_or(0.0, |since| app.now().duration_since(since).as_secs_f64().max(0.0));
    metrics::gauge!("price_feed_lag_entries").set(behind as f64);
    metrics::gauge!("price_drops_waiting").set(waiting as f64);
    metrics::gauge!("price_drops_oldest_seconds").set(age);
    Ok(0)
}

async fn prune(app: App, round: &Round) -> anyhow::Result<u64> {
    let (now, sql) = (app.now(), app.db.read().await?);
    let days = |days: i64| now - SignedDuration::from_hours(24 * days);
    let date = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
    // Two days after its date a flight has left, anywhere.
    let gone = prices::prune_days(&sql, date(days(2)), BATCH).await?;
    let kept = i64::from(app.config.tracking.keep_days);
    let forgotten = prices::prune_history(&sql, date(days(kept)), BATCH).await?;
    let left = prune_erased(&app, &sql, round).await?;
    Ok(gone + forgotten + left + ends::prune(&sql, days(OVER_KEPT_DAYS), BATCH).await?)
}

/// Deletes watches of erased accounts, of which none should be left; how many.
async fn prune_erased(app: &App, sql: &Sql, round: &Round) -> anyhow::Result<u64> {
    let (after, most) = round.next();
    let users = ends::users(sql, after, most).await?;
    let erased = erased::among(app, sql, &users).await.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    let pruned = ends::prune_of(sql, &erased, BATCH).await?;
    round.went(&users);
    Ok(pruned)
}
