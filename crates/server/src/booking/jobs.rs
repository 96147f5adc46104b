//! What happens to bookings by itself: unpaid holds expire, flown trips complete, old idempotency keys go.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::booking::BookingStatus;
use domain::flight_status::FlightStatus;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Category, FlightId};
use platform::db::{DbError, Sql, Tx};
use platform::idempotency;
use platform::jobs::{Job, Running, row_failed};

use super::store::{self, Arrived, BookingRow, ExpiredHold};
use super::{cancel, events, orders, release};
use crate::app::App;
use crate::events::api::{NewEvent, record_all};
use crate::flights::api as flights;
use crate::pauses::After;

const BATCH: i64 = 100;
const HOLDS_BATCH: u64 = 100;
/// A trip with a flight that was cancelled, or still stands, is looked at again after this long.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// So long after it should have landed a flight that by its declared status has not left may still be cancelled; after that nobody said
/// that it left.
const STANDS_AT_MOST: SignedDuration = SignedDuration::from_hours(24);
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

/// A hold that fails is tried ever more rarely, so that it does not stand in the way of the others.
async fn put_off(app: &App, id: BookingId, error: &DbError) {
    row_failed("expire_holds", &id, error);
    let put_off = async { store::put_off_hold(&app.db.read().await?, id, app.now()).await };
    if let Err(error) = put_off.await {
        tracing::warn!(booking.id = %id, %error, "not put off; it is tried again with the next turn");
    }
}

/// Expires a batch of unpaid holds past their deadline, and those whose payment has been open for too long after it, one
/// transaction each, so that one that fails holds up no other. Correctness does not depend on this job: paying looks at the deadline itself.
async fn expire_holds(app: App) -> anyhow::Result<u64> {
    let (mut expired, mut failed) = (0, Vec::new());
    while expired < HOLDS_BATCH {
        let now = app.now();
        let tx = app.db.begin().await?;
        let frozen = now - SignedDuration::from_mins(app.config.booking.frozen_minutes);
        let Some(hold) = store::lock_expired(&tx, now, frozen, &failed).await? else { break };
        let ExpiredHold { id, row } = hold;
        let outcome = match row {
            Ok(booking) => expire(&app, tx, &booking, now).await,
            Err(unreadable) => {
                // It keeps the row locked, which is about to be put off.
                drop(tx);
                Err(unreadable)
            }
        };
        match outcome {
            Ok(()) => expired += 1,
            Err(error) => {
                // A busy database is nothing of this hold's: its seats are not to wait for long.
                if error.category() != Category::Unavailable {
                    put_off(&app, id, &error).await;
                }
                failed.push(id);
            }
        }
    }
    Ok(expired)
}

async fn expire(app: &App, tx: Tx, booking: &BookingRow, now: Timestamp) -> Result<(), DbError> {
    if release::close_hold(app, &tx, booking, BookingStatus::Expired, now).await? {
        After::ExpiredHolds.count(app, &tx, booking.user).await?;
        tx.commit().await?;
        metrics::counter!("bookings_total", "event" => "expired").increment(1);
        tracing::info!(booking.id = %booking.id, "hold expired");
    }
    Ok(())
}

async fn complete_trips(app: App) -> anyhow::Result<u64> {
    let (now, tx) = (app.now(), app.db.begin().await?);
    let arrived = store::lock_arrived(&tx, now, BATCH).await?;
    let under_way = under_way(&tx, &arrived, now).await?;
    for booking in &arrived {
        if let Some(ends) = under_way.get(&booking.id) {
            store::set_trip_times(&tx, booking.id, booking.user, booking.starts_at, *ends).await?;
        }
    }
    let completed: Vec<BookingId> =
        arrived.iter().map(|booking| booking.id).filter(|id| !under_way.contains_key(id)).collect();
    store::complete(&tx, &completed).await?;
    let told = completed.iter().map(|booking| NewEvent::of(app.random, now, &events::completed(*booking)));
    record_all(&tx, &told.collect::<Result<Vec<_>, _>>()?).await?;
    tx.commit().await?;
    Ok(completed.len() as u64)
}

/// The trips that are not over though their time is, and until when they are left alone: a flight that is late has not arrived, one that
/// stands at its gate may never leave, and one that was cancelled is still to be given back.
async fn under_way(
    sql: &Sql,
    arrived: &[Arrived],
    now: Timestamp,
) -> Result<BTreeMap<BookingId, Timestamp>, DbError> {
    let ids: Vec<BookingId> = arrived.iter().map(|booking| booking.id).collect();
    let legs = store::live_legs(sql, &ids).await?;
    let flights: BTreeSet<FlightId> = legs.iter().map(|(_, flight)| *flight).collect();
    let rows = flights::flight_rows(sql, &flights.into_iter().collect::<Vec<_>>()).await?;
    let mut until: BTreeMap<BookingId, Timestamp> = BTreeMap::new();
    for (booking, flight) in legs {
        let Some(row) = rows.iter().find(|row| row.id == flight) else { continue };
        let expected = row.estimated_arrives_at.unwrap_or(row.arrives_at);
        let has_left = matches!(row.status(now), FlightStatus::Departed | FlightStatus::Arrived);
        let stands = !has_left && now < expected + STANDS_AT_MOST;
        let over = if row.is_cancelled() || stands { now + LOOK_AGAIN } else { expected };
        if over > now {
            let latest = until.entry(booking).or_insert(over);
            *latest = over.max(*latest);
        }
    }
    Ok(until)
}

async fn delete_old_keys(app: App) -> anyhow::Result<u64> {
    Ok(idempotency::delete_older_than(&app.db.read().await?, app.now() - KEYS_KEPT, 1_000).await?)
}
