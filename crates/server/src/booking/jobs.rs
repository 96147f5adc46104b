//! What happens to bookings by itself: unpaid holds expire, flown trips complete, old idempotency keys go.

use std::time::Duration;

use domain::booking::BookingStatus;
use jiff::{SignedDuration, Timestamp};
use platform::db::{DbError, Tx};
use platform::idempotency;
use platform::jobs::{Job, Running};

use super::store::{self, BookingRow};
use super::{cancel, events, orders, release};
use crate::app::App;
use crate::events::api::{NewEvent, record_all};

const BATCH: i64 = 100;
/// How long an idempotency key keeps its answer.
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, seconds, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_secs(seconds), move || run(app.clone()))
    };
    vec![
        job("expire_holds", 1, |app| Box::pin(expire_holds(app))),
        job("expire_orders", 1, |app| Box::pin(orders::expire(app))),
        job("return_cancelled_flights", 60, |app| Box::pin(cancel::return_cancelled_flights(app))),
        job("complete_trips", 60, |app| Box::pin(complete_trips(app))),
        job("delete_old_idempotency_keys", 600, |app| Box::pin(delete_old_keys(app))),
    ]
}

/// Expires a batch of unpaid holds past their deadline, and those whose payment has been open for too long after it, one transaction each, so that one that fails holds up no other.
/// Correctness does not depend on this job: paying looks at the deadline itself.
async fn expire_holds(app: App) -> anyhow::Result<u64> {
    let (mut expired, mut failed) = (0, Vec::new());
    for _ in 0..BATCH {
        let now = app.now();
        let tx = app.db.begin().await?;
        let frozen = now - SignedDuration::from_mins(app.config.booking.frozen_minutes);
        let Some(booking) = store::lock_expired(&tx, now, frozen, &failed).await? else { break };
        match expire(&app, tx, &booking, now).await {
            Ok(()) => expired += 1,
            Err(error) => {
                tracing::error!(booking.id = %booking.id, %error, "a hold does not expire; the others go on");
                failed.push(booking.id);
            }
        }
    }
    Ok(expired)
}

async fn expire(app: &App, tx: Tx, booking: &BookingRow, now: Timestamp) -> Result<(), DbError> {
    if release::close_hold(app, &tx, booking, BookingStatus::Expired, now).await? {
        tx.commit().await?;
        metrics::counter!("bookings_total", "event" => "expired").increment(1);
        tracing::info!(booking.id = %booking.id, "hold expired");
    }
    Ok(())
}

async fn complete_trips(app: App) -> anyhow::Result<u64> {
    let (now, tx) = (app.now(), app.db.begin().await?);
    let completed = store::complete(&tx, now, BATCH).await?;
    let told = completed.iter().map(|booking| NewEvent::of(app.random, now, &events::completed(*booking)));
    record_all(&tx, &told.collect::<Result<Vec<_>, _>>()?).await?;
    tx.commit().await?;
    Ok(completed.len() as u64)
}

async fn delete_old_keys(app: App) -> anyhow::Result<u64> {
    Ok(idempotency::delete_older_than(&app.db.read().await?, app.now() - KEYS_KEPT, 1_000).await?)
}
