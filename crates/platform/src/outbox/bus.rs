//! What events are handed to. PostgreSQL is the bus as long as there is no other: it hands each event to the consumers of
//! this process.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use kernel::{Category, Clock};
use uuid::Uuid;

use super::Event;
use super::store::{self, Parked, Parking};
use crate::db::{Db, DbError, Sql};

/// What a consumer may take for a batch; the lease outlives it.
const CONSUMER_TIME: Duration = Duration::from_secs(10);

/// A lane and who has leased it.
#[derive(Clone, Copy, Debug)]
pub struct HeldLane {
    /// Which lane.
    pub lane: i16,
    /// By whom: the relay's own id.
    pub holder: Uuid,
}

/// Why a bus did not take events. They are handed to it again.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Another relay has the lane now.
    #[error("another relay has the lane")]
    LeaseLost,
    /// The database refused or went away.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The bus itself did.
    #[error("{0:#}")]
    Refused(anyhow::Error),
}

/// A call of a bus under way.
pub type Handing<'a, T> = BoxFuture<'a, Result<T, BusError>>;

/// Takes events over from a relay.
pub trait Bus: Send + Sync {
    /// Takes over committed events of a lane. They come in order; those of a subject go on in that order. `Ok` means that
    /// none is lost any more: the relay marks them. After an error, or a crash before the mark, they come again.
    fn publish<'a>(&'a self, lane: &'a HeldLane, events: &'a [Event]) -> Handing<'a, ()>;

    /// Tries again what is due of what could not be passed on; how many events that moved.
    fn retry<'a>(&'a self, lane: &'a HeldLane) -> Handing<'a, u64>;
}

/// Does something about events. Its effect is made of rows, written with `sql`, in the transaction that remembers that it
/// had the event: so it happens once, however often the event is handed over. What must go out of the house is written
/// down here and sent by a job.
pub trait Consumer: Send + Sync {
    /// Its name in tables, logs and metrics; it never changes.
    fn name(&self) -> &'static str;

    /// Whether it wants events of this type at all.
    fn wants(&self, kind: &str) -> bool;

    /// Has its effect for events it did not have before, in order. An error undoes all of it.
    fn handle<'a>(&'a self, sql: &'a Sql, events: &'a [Event]) -> BoxFuture<'a, anyhow::Result<()>>;
}

/// The bus that needs nothing but the database.
///
/// An event a consumer fails on is parked, with those of the same subject that come after it, and tried again ever more
/// rarely; everything else goes on.
pub struct PostgresBus {
    db: Db,
    clock: Arc<dyn Clock>,
    consumers: Vec<Arc<dyn Consumer>>,
}

/// How one transaction with a consumer ended, when it did not succeed.
enum Failed {
    /// Nobody can be handed anything now.
    Bus(BusError),
    /// The consumer cannot take this.
    Consumer(anyhow::Error),
}

impl From<DbError> for Failed {
    fn from(error: DbError) -> Self {
        Self::Bus(error.into())
    }
}

impl PostgresBus {
    /// A bus to these consumers.
    pub fn new(db: Db, clock: Arc<dyn Clock>, consumers: Vec<Arc<dyn Consumer>>) -> Self {
        Self { db, clock, consumers }
    }

    /// Whole milliseconds, as rows have them.
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Hands a consumer what it wants of a batch: all at once, and one by one when that fails.
    async fn hand(&self, lane: &HeldLane, consumer: &dyn Consumer, events: &[Event]) -> Result<(), BusError> {
        let wanted: Vec<Event> = events.iter().filter(|event| consumer.wants(&event.kind)).cloned().collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut parked = store::parked_subjects(&self.db.read().await?, lane.lane, consumer.name()).await?;
        if parked.is_empty() {
            match self.deliver(lane, consumer, &wanted, None).await {
                Ok(()) => return Ok(()),
                Err(Failed::Bus(error)) => return Err(error),
                Err(Failed::Consumer(_)) if wanted.len() > 1 => {}
                Err(Failed::Consumer(error)) => {
                    return self.park(lane, consumer, &wanted[0], Some(&error)).await;
                }
            }
        }
        for event in &wanted {
            if parked.contains(&event.subject) {
                self.park(lane, consumer, event, None).await?;
                continue;
            }
            match self.deliver(lane, consumer, std::slice::from_ref(event), None).await {
                Ok(()) => {}
                Err(Failed::Bus(error)) => return Err(error),
                Err(Failed::Consumer(error)) => {
                    self.park(lane, consumer, event, Some(&error)).await?;
                    parked.insert(event.subject.clone());
                }
            }
        }
        Ok(())
    }

    /// One transaction: the lane is still ours, the events are new to the consumer, it has its effect.
    async fn deliver(
        &self,
        lane: &HeldLane,
        consumer: &dyn Consumer,
        events: &[Event],
        parked: Option<&Parked>,
    ) -> Result<(), Failed> {
        // The mark follows in the same log, so that a database that dies cannot lose this and keep that.
        let tx = self.db.begin_unflushed().await?;
        if !store::fence(&tx, lane).await? {
            return Err(Failed::Bus(BusError::LeaseLost));
        }
        let ids: Vec<Uuid> = events.iter().map(|event| event.id.uuid()).collect();
        let new = store::take_in(&tx, lane.lane, consumer.name(), &ids, self.now()).await?;
        let new: Vec<Event> = events.iter().filter(|event| new.contains(&event.id.uuid())).cloned().collect();
        if !new.is_empty() {
            let handling = AssertUnwindSafe(consumer.handle(&tx, &new)).catch_unwind();
            let handled = tokio::time::timeout(CONSUMER_TIME, handling).await;
            let taken = match handled {
                Ok(Ok(taken)) => taken,
                Ok(Err(_)) => Err(anyhow::anyhow!("it panicked")),
                Err(_) => Err(anyhow::anyhow!("it took longer than {CONSUMER_TIME:?}")),
            };
            taken.map_err(failed)?;
        }
        if let Some(parked) = parked {
            store::unpark(&tx, parked, self.now()).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn park(
        &self,
        lane: &HeldLane,
        consumer: &dyn Consumer,
        event: &Event,
        error: Option<&anyhow::Error>,
    ) -> Result<(), BusError> {
        let now = self.now();
        let text = error.map(|error| format!("{error:#}"));
        let failure = text.as_deref().map(|text| (text, now + pause(1)));
        let tx = self.db.begin().await?;
        if !store::fence(&tx, lane).await? {
            return Err(BusError::LeaseLost);
        }
        store::park(&tx, event, &Parking { consumer: consumer.name(), failure, now }).await?;
        tx.commit().await?;
        if let Some(error) = text {
            report(consumer.name(), event, 1, &error);
        }
        Ok(())
    }

    /// Tries a parked event again; whether it was taken.
    async fn retry_one(&self, lane: &HeldLane, parked: &Parked) -> Result<bool, BusError> {
        let Some(consumer) = self.consumers.iter().find(|consumer| consumer.name() == parked.consumer) else {
            // A consumer of another release, or of another process: theirs to try.
            return Ok(false);
        };
        match self.deliver(lane, consumer.as_ref(), std::slice::from_ref(&parked.event), Some(parked)).await {
            Ok(()) => Ok(true),
            Err(Failed::Bus(error)) => Err(error),
            Err(Failed::Consumer(error)) => {
                let (tries, text) = (parked.tries.saturating_add(1), format!("{error:#}"));
                let tx = self.db.begin().await?;
                if !store::fence(&tx, lane).await? {
                    return Err(BusError::LeaseLost);
                }
                store::park_again(&tx, parked, &text, self.now() + pause(tries)).await?;
                tx.commit().await?;
                report(consumer.name(), &parked.event, tries, &text);
                Ok(false)
            }
        }
    }
}

impl Bus for PostgresBus {
    fn publish<'a>(&'a self, lane: &'a HeldLane, events: &'a [Event]) -> Handing<'a, ()> {
        Box::pin(async move {
            for consumer in &self.consumers {
                self.hand(lane, consumer.as_ref(), events).await?;
            }
            Ok(())
        })
    }

    fn retry<'a>(&'a self, lane: &'a HeldLane) -> Handing<'a, u64> {
        Box::pin(async move {
            let mut moved = 0;
            loop {
                let due = store::parked_due(&self.db.read().await?, lane.lane, self.now()).await?;
                let mut taken = 0;
                for parked in &due {
                    taken += u64::from(self.retry_one(lane, parked).await?);
                }
                moved += taken;
                // One that was taken may have made the next of its subject due.
                if taken == 0 {
                    return Ok(moved);
                }
            }
        })
    }
}

/// A consumer's failure is its own, unless it was the database's that went away.
fn failed(error: anyhow::Error) -> Failed {
    match error.downcast::<DbError>() {
        Ok(error) if error.category() == Category::Unavailable && !error.is_contention() => {
            Failed::Bus(error.into())
        }
        Ok(error) => Failed::Consumer(error.into()),
        Err(error) => Failed::Consumer(error),
    }
}

fn report(consumer: &'static str, event: &Event, tries: i32, error: &str) {
    metrics::counter!("outbox_consumer_failures_total", "consumer" => consumer).increment(1);
    tracing::error!(consumer, event.id = %event.id, event.kind, tries, error, "a consumer does not take an event; it is tried again");
}

/// How long until a parked event is tried again.
fn pause(tries: i32) -> SignedDuration {
    SignedDuration::from_secs(match tries {
        ..=1 => 1,
        2 => 5,
        3 => 30,
        4 => 120,
        5 => 600,
        _ => 3_600,
    })
}
