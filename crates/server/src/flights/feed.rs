//! The search feed: what serving processes must read again, in an order they can page through.
//!
//! A transaction writes its change to the inbox with [`announce`]. Inbox ids become visible out of order, so
//! [`sequence_feed`] moves committed rows to the feed under gapless numbers; the head row's lock lets one sequencer
//! number at a time, so the numbers also become visible in order. An entry says *what* to read again and carries no
//! state of its own: the reader takes the newest committed row, and applying an entry twice does no harm.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::FlightId;
use platform::db::{DbError, Sql};
use uuid::Uuid;

use super::store::feed as store;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedEntry {
    /// One flight changed: its times, prices, seats, or that it exists.
    Flight(FlightId),
    /// An import changed flights of these local dates, both included.
    Dates(Date, Date),
}

/// Tells of changed flights, in the transaction that changed them.
pub async fn announce(sql: &Sql, flights: &[FlightId]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = flights.iter().map(|flight| flight.uuid()).collect();
    store::insert_inbox(sql, &ids).await
}

/// Moves what is committed from the inbox to the feed; returns how many entries it numbered.
pub async fn sequence_feed(sql: &Sql, now: Timestamp) -> Result<u64, DbError> {
    store::sequence_inbox(sql, now).await
}

/// The number of the newest entry.
pub async fn feed_head(sql: &Sql) -> Result<i64, DbError> {
    store::feed_head(sql).await
}

/// What is announced by now, to be asked about with [`feed_past`].
pub async fn inbox_mark(sql: &Sql) -> Result<i64, DbError> {
    store::inbox_mark(sql).await
}

/// The feed number up to which a reader knows all that was announced when `mark` was read; `None` until it is numbered.
pub async fn feed_past(sql: &Sql, mark: i64) -> Result<Option<i64>, DbError> {
    store::feed_past(sql, mark).await
}

/// Up to `limit` entries after `seq`, with their numbers. An error if entries after `seq` are gone: the reader was away
/// too long and must load everything again.
pub async fn feed_after(sql: &Sql, seq: i64, limit: i64) -> Result<Vec<(i64, FeedEntry)>, DbError> {
    // The head is read first: what is numbered after that is simply not there yet.
    let (head, entries) =
        tokio::try_join!(biased; store::feed_head(sql), store::feed_after(sql, seq, limit))?;
    let complete = match entries.first() {
        Some((first, _)) => *first == seq + 1,
        None => head <= seq,
    };
    if complete {
        Ok(entries)
    } else {
        Err(DbError::Inconsistent(format!("search feed: entries between {seq} and {head} are gone")))
    }
}

/// Deletes entries numbered before `before`.
pub async fn prune_feed(sql: &Sql, before: Timestamp) -> Result<u64, DbError> {
    store::prune_feed(sql, before).await
}
