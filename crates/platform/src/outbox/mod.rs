//! The outbox: events are recorded in the transaction in which they happen, and told afterwards.
//!
//! [`record`] writes a row; a [`Relay`] leases lanes and hands committed rows to a [`Bus`], at least once, each subject's in
//! the order in which they happened; the bus that PostgreSQL makes ([`PostgresBus`]) hands them to consumers, whose effect
//! happens once. Owns `outbox`, `outbox_lanes`, `outbox_inbox` and `outbox_parked`. docs/events.md says why the order holds.

mod bus;
mod relay;
mod store;
mod types;

use jiff::Timestamp;
use kernel::EventId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::db::{DbError, Sql};
use crate::random::Random;

pub use bus::{Bus, BusError, Consumer, Handing, HeldLane, PostgresBus};
pub use relay::{LEASE, Relay};
pub use store::{Backlog, Filter, backlog, between, newest, prune, prune_inbox};
pub use types::{BadType, Types};

/// How many lanes there are. It never changes: a subject's lane is stored with its events.
pub const LANES: i16 = 64;

/// One kind of event: a Rust type with a name and a version of its own.
pub trait Payload: Serialize + DeserializeOwned {
    /// Its name, such as `booking.confirmed`. Once released it keeps its meaning.
    const TYPE: &'static str;
    /// Goes up when a member changes its meaning or goes away; a new member is no new version.
    const VERSION: i16;

    /// What it is about, by its id on the wire. Events of one subject are told in order.
    fn subject(&self) -> String;
}

/// An event to record.
#[derive(Clone, Debug)]
pub struct NewEvent {
    id: EventId,
    lane: i16,
    subject: String,
    kind: &'static str,
    version: i16,
    payload: Value,
    created_at: Timestamp,
}

impl NewEvent {
    /// What `payload` says, having happened at `now`.
    pub fn of<P: Payload>(random: Random, now: Timestamp, payload: &P) -> Result<Self, DbError> {
        let subject = payload.subject();
        let odd = |error| DbError::Inconsistent(format!("an event {}: {error}", P::TYPE));
        Ok(Self {
            id: EventId::new(now, random.bytes()),
            lane: lane_of(&subject),
            subject,
            kind: P::TYPE,
            version: P::VERSION,
            payload: serde_json::to_value(payload).map_err(odd)?,
            created_at: now,
        })
    }
}

/// Records an event in the transaction that does what it tells, after the statement that locks its subject: one INSERT,
/// which may travel together with other statements.
pub async fn record<P: Payload>(
    sql: &Sql,
    random: Random,
    now: Timestamp,
    payload: &P,
) -> Result<(), DbError> {
    store::insert(sql, &NewEvent::of(random, now, payload)?).await
}

/// Records several events, in this order, by one statement.
pub async fn record_all(sql: &Sql, events: &[NewEvent]) -> Result<(), DbError> {
    match events {
        [] => Ok(()),
        [event] => store::insert(sql, event).await,
        events => store::insert_all(sql, events).await,
    }
}

/// An event that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id; what a consumer knows it again by.
    pub id: EventId,
    /// Its lane.
    pub lane: i16,
    /// Higher is later, among events of one subject.
    pub sequence: i64,
    /// What it is about.
    pub subject: String,
    /// [`Payload::TYPE`].
    pub kind: String,
    /// [`Payload::VERSION`].
    pub version: i16,
    /// What happened.
    pub payload: Value,
    /// When.
    pub created_at: Timestamp,
    /// When a relay had handed it to the bus.
    pub relayed_at: Option<Timestamp>,
}

/// An event as it is told to others.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Envelope<'a> {
    id: EventId,
    r#type: &'a str,
    version: i16,
    subject: &'a str,
    sequence: i64,
    created_at: Timestamp,
    data: &'a Value,
}

impl Event {
    /// The event as it is told to others.
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope {
            id: self.id,
            r#type: &self.kind,
            version: self.version,
            subject: &self.subject,
            sequence: self.sequence,
            created_at: self.created_at,
            data: &self.payload,
        }
    }
}

/// The lane of a subject: FNV-1a (64 bits) of its id, modulo [`LANES`].
pub fn lane_of(subject: &str) -> i16 {
    let hash = subject.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i16::try_from(hash % u64::from(LANES.unsigned_abs())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that are stored have their lane in them: another hash would tell a booking's events from two lanes.
    #[test]
    fn lanes_stay_where_they_are_and_spread() {
        assert_eq!(
            lane_of("bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
            lane_of("bkg_0193f2a1c5d07bb2a4d1c0ffee000002")
        );
        assert_eq!(["", "a", "foobar"].map(lane_of), [37, 12, 40]);
        let mut counts = [0; LANES as usize];
        for number in 0..6_400 {
            counts[lane_of(&format!("bkg_{number:032x}")).unsigned_abs() as usize] += 1;
        }
        assert!(counts.iter().all(|count| (40..=180).contains(count)), "{counts:?}");
    }
}
