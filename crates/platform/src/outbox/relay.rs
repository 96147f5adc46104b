//! The relay: hands committed events to the bus, lane by lane. Any number of relays share the lanes.
//!
//! None of its commits waits for the disk, nor do those of the PostgreSQL bus, so that they do not stand between a sale and its flush.
//! A database that dies loses the end of its one log: of what a consumer did, the mark that says so and the lease after it, what came
//! last. What is lost is done again, and a mark is never there without what it marks.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use kernel::Clock;
use uuid::Uuid;

use super::bus::{Bus, BusError, HeldLane};
use super::store;
use crate::db::Db;

/// How long a lane stays with a relay that does not say that it still is there.
pub const LEASE: Duration = Duration::from_secs(30);

/// Events that are handed over between two renewals of the lease.
const BATCH: i64 = 100;
/// Lanes a relay takes in a turn: few enough that others get some.
const LANES_AT_A_TURN: i64 = 8;
const LANES_AT_ONCE: usize = 4;
/// Batches of a lane in a turn, so that no lane keeps the others waiting.
const BATCHES_AT_A_TURN: usize = 10;

/// Relays events until there are none.
pub struct Relay {
    db: Db,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    holder: Uuid,
    lease: Duration,
}

impl Relay {
    /// A relay that leases lanes under its own id `holder`, for `lease` at a time.
    pub fn new(db: Db, bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, holder: Uuid, lease: Duration) -> Self {
        Self { db, bus, clock, holder, lease }
    }

    /// Relays what is there now, of some lanes; how many events it moved. A lane that fails is logged, and the others go on.
    pub async fn turn(&self) -> anyhow::Result<u64> {
        let now = self.clock.now();
        let tx = self.db.begin_unflushed().await?;
        let lanes =
            store::lease_lanes(&tx, self.holder, self.lease.as_secs_f64(), now, LANES_AT_A_TURN).await?;
        tx.commit().await?;
        let moved = stream::iter(lanes)
            .map(|lane| async move {
                let lane = HeldLane { lane, holder: self.holder };
                self.relay_lane(&lane).await.unwrap_or_else(|error| {
                    metrics::counter!("outbox_lane_failures_total").increment(1);
                    tracing::warn!(lane = lane.lane, %error, "events of a lane are not relayed; tried again");
                    0
                })
            })
            .buffer_unordered(LANES_AT_ONCE)
            .fold(0, |sum, moved| async move { sum + moved })
            .await;
        Ok(moved)
    }

    async fn relay_lane(&self, lane: &HeldLane) -> Result<u64, BusError> {
        let mut moved = self.bus.retry(lane).await?;
        for _ in 0..BATCHES_AT_A_TURN {
            let relayed = self.relay_batch(lane).await?;
            moved += relayed;
            if relayed < BATCH.unsigned_abs() {
                break;
            }
        }
        let tx = self.db.begin_unflushed().await?;
        store::release_lane(&tx, lane).await?;
        tx.commit().await?;
        Ok(moved)
    }

    /// Read, hand over, mark. Whoever dies between the last two has the events handed over again.
    async fn relay_batch(&self, lane: &HeldLane) -> Result<u64, BusError> {
        let tx = self.db.begin_unflushed().await?;
        if !store::renew_lane(&tx, lane, self.lease.as_secs_f64()).await? {
            return Err(BusError::LeaseLost);
        }
        let events = store::unrelayed(&tx, lane.lane, BATCH).await?;
        tx.commit().await?;
        if events.is_empty() {
            return Ok(0);
        }
        self.bus.publish(lane, &events).await?;
        let ids: Vec<Uuid> = events.iter().map(|event| event.id.uuid()).collect();
        let tx = self.db.begin_unflushed().await?;
        store::mark_relayed(&tx, lane.lane, &ids, self.now()).await?;
        tx.commit().await?;
        metrics::counter!("outbox_relayed_total").increment(events.len() as u64);
        Ok(events.len() as u64)
    }

    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
