//! SQL on the outbox's tables.

use std::collections::HashSet;

use jiff::Timestamp;
use kernel::EventId;
use kernel::ids::uuid_v7;
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use super::bus::HeldLane;
use super::types::Types;
use super::{Event, LANES, NewEvent, lane_of};
use crate::db::{DbError, Sql};

macro_rules! event_columns {
    () => {
        "o.id, o.lane, o.sequence, o.subject, o.type, o.version, o.payload, o.created_at, o.relayed_at"
    };
}

fn event(row: &Row) -> Event {
    Event {
        id: EventId::from_uuid(row.get(0)),
        lane: row.get(1),
        sequence: row.get(2),
        subject: row.get(3),
        kind: row.get(4),
        version: row.get(5),
        payload: row.get(6),
        created_at: row.get(7),
        relayed_at: row.get(8),
    }
}

pub(super) async fn insert(sql: &Sql, event: &NewEvent) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO outbox (lane, id, subject, type, version, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &event.lane,
            &event.id.uuid(),
            &event.subject,
            &event.kind,
            &event.version,
            &event.payload,
            &event.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// The rows draw their sequence in the order of the arrays.
pub(super) async fn insert_all(sql: &Sql, events: &[NewEvent]) -> Result<(), DbError> {
    let lanes: Vec<i16> = events.iter().map(|event| event.lane).collect();
    let ids: Vec<Uuid> = events.iter().map(|event| event.id.uuid()).collect();
    let subjects: Vec<&str> = events.iter().map(|event| event.subject.as_str()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind).collect();
    let versions: Vec<i16> = events.iter().map(|event| event.version).collect();
    let payloads: Vec<&Value> = events.iter().map(|event| &event.payload).collect();
    let times: Vec<Timestamp> = events.iter().map(|event| event.created_at).collect();
    sql.execute(
        "INSERT INTO outbox (lane, id, subject, type, version, payload, created_at)
         SELECT lane, id, subject, type, version, payload, created_at
         FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::jsonb[], $7::timestamptz[])
              WITH ORDINALITY AS e (lane, id, subject, type, version, payload, created_at, position)
         ORDER BY position",
        &[&lanes, &ids, &subjects, &kinds, &versions, &payloads, &times],
    )
    .await?;
    Ok(())
}

/// Leases up to `limit` lanes that have something to do and that nobody holds, the longest unattended first.
pub(super) async fn lease_lanes(
    sql: &Sql,
    holder: Uuid,
    seconds: f64,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<i16>, DbError> {
    let rows = sql
        .query(
            "UPDATE outbox_lanes SET holder = $1, until = clock_timestamp() + make_interval(secs => $2)
             WHERE lane IN (
                 SELECT lane FROM outbox_lanes l
                 WHERE until < clock_timestamp()
                   AND ((SELECT min(sequence) FROM outbox o WHERE o.lane = l.lane AND o.relayed_at IS NULL) IS NOT NULL
                        OR EXISTS (SELECT FROM outbox_parked p WHERE p.lane = l.lane AND p.next_try_at <= $3))
                 ORDER BY until LIMIT $4 FOR UPDATE SKIP LOCKED)
             RETURNING lane",
            &[&holder, &seconds, &now, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Makes a lease last on. `false`: somebody else has the lane now.
pub(super) async fn renew_lane(sql: &Sql, lane: &HeldLane, seconds: f64) -> Result<bool, DbError> {
    let renewed = sql
        .execute(
            "UPDATE outbox_lanes SET until = clock_timestamp() + make_interval(secs => $3) WHERE lane = $1 AND holder = $2",
            &[&lane.lane, &lane.holder, &seconds],
        )
        .await?;
    Ok(renewed == 1)
}

/// Lets others have the lane at once, and remembers when: the longest unattended comes first.
pub(super) async fn release_lane(sql: &Sql, lane: &HeldLane) -> Result<(), DbError> {
    sql.execute(
        "UPDATE outbox_lanes SET holder = NULL, until = clock_timestamp() WHERE lane = $1 AND holder = $2",
        &[&lane.lane, &lane.holder],
    )
    .await?;
    Ok(())
}

/// Keeps the lane with its holder until the transaction ends; `false` if it is somebody else's by now.
pub(super) async fn fence(sql: &Sql, lane: &HeldLane) -> Result<bool, DbError> {
    let row = sql
        .query_opt(
            "SELECT 1 FROM outbox_lanes WHERE lane = $1 AND holder = $2 FOR SHARE",
            &[&lane.lane, &lane.holder],
        )
        .await?;
    Ok(row.is_some())
}

/// The committed events of a lane that no relay has handed over, in order.
pub(super) async fn unrelayed(sql: &Sql, lane: i16, limit: i64) -> Result<Vec<Event>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        event_columns!(),
        " FROM outbox o WHERE o.lane = $1 AND o.relayed_at IS NULL ORDER BY o.sequence LIMIT $2"
    );
    Ok(sql.query(SQL, &[&lane, &limit]).await?.iter().map(event).collect())
}

pub(super) async fn mark_relayed(sql: &Sql, lane: i16, ids: &[Uuid], now: Timestamp) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE outbox SET relayed_at = $3 WHERE lane = $1 AND id = ANY($2) AND relayed_at IS NULL",
        &[&lane, &ids, &now],
    )
    .await
}

/// Writes down that a consumer has these events; those it did not have before.
pub(super) async fn take_in(
    sql: &Sql,
    lane: i16,
    consumer: &str,
    ids: &[Uuid],
    now: Timestamp,
) -> Result<HashSet<Uuid>, DbError> {
    let rows = sql
        .query(
            "INSERT INTO outbox_inbox (lane, consumer, event_id, handled_at) SELECT $1, $2, unnest($3::uuid[]), $4
             ON CONFLICT DO NOTHING RETURNING event_id",
            &[&lane, &consumer, &ids, &now],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The subjects of which a consumer has an event parked.
pub(super) async fn parked_subjects(
    sql: &Sql,
    lane: i16,
    consumer: &str,
) -> Result<HashSet<String>, DbError> {
    let rows = sql
        .query(
            "SELECT DISTINCT subject FROM outbox_parked WHERE lane = $1 AND consumer = $2",
            &[&lane, &consumer],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// How an event is parked.
pub(super) struct Parking<'a> {
    pub(super) consumer: &'a str,
    /// Its own failure and when it is tried again; `None`: it waits for one before it.
    pub(super) failure: Option<(&'a str, Timestamp)>,
    pub(super) now: Timestamp,
}

pub(super) async fn park(sql: &Sql, event: &Event, parking: &Parking<'_>) -> Result<(), DbError> {
    let tries = i32::from(parking.failure.is_some());
    let (error, next_try_at) = parking.failure.unzip();
    sql.execute(
        "INSERT INTO outbox_parked (lane, consumer, subject, sequence, event_id, tries, next_try_at, last_error, parked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        &[
            &event.lane,
            &parking.consumer,
            &event.subject,
            &event.sequence,
            &event.id.uuid(),
            &tries,
            &next_try_at,
            &error,
            &parking.now,
        ],
    )
    .await?;
    Ok(())
}

/// The first parked event of a consumer's subject.
pub(super) struct Parked {
    pub(super) consumer: String,
    pub(super) event: Event,
    pub(super) tries: i32,
}

/// Parked events of the lane that are due, in order: each the first of its consumer and subject.
pub(super) async fn parked_due(sql: &Sql, lane: i16, now: Timestamp) -> Result<Vec<Parked>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        event_columns!(),
        ", p.consumer, p.tries FROM outbox_parked p JOIN outbox o ON o.lane = p.lane AND o.id = p.event_id
         WHERE p.lane = $1 AND p.next_try_at <= $2 ORDER BY p.sequence LIMIT 100"
    );
    let rows = sql.query(SQL, &[&lane, &now]).await?;
    let parked = |row: &Row| Parked { event: event(row), consumer: row.get(9), tries: row.get(10) };
    Ok(rows.iter().map(parked).collect())
}

/// Forgets a parked event; the one behind it is due.
pub(super) async fn unpark(sql: &Sql, parked: &Parked, now: Timestamp) -> Result<(), DbError> {
    let Parked { consumer, event, .. } = parked;
    sql.execute(
        "DELETE FROM outbox_parked WHERE lane = $1 AND consumer = $2 AND subject = $3 AND sequence = $4",
        &[&event.lane, consumer, &event.subject, &event.sequence],
    )
    .await?;
    sql.execute(
        "UPDATE outbox_parked SET next_try_at = $4 WHERE lane = $1 AND consumer = $2 AND subject = $3 AND sequence = (
             SELECT min(sequence) FROM outbox_parked WHERE lane = $1 AND consumer = $2 AND subject = $3)",
        &[&event.lane, consumer, &event.subject, &now],
    )
    .await?;
    Ok(())
}

/// A further try of a parked event failed.
pub(super) async fn park_again(
    sql: &Sql,
    parked: &Parked,
    error: &str,
    next_try_at: Timestamp,
) -> Result<(), DbError> {
    let Parked { consumer, event, .. } = parked;
    sql.execute(
        "UPDATE outbox_parked SET tries = tries + 1, last_error = $5, next_try_at = $6
         WHERE lane = $1 AND consumer = $2 AND subject = $3 AND sequence = $4",
        &[&event.lane, consumer, &event.subject, &event.sequence, &error, &next_try_at],
    )
    .await?;
    Ok(())
}

/// What waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Events no relay has handed over.
    pub unrelayed: i64,
    /// When the oldest of them happened.
    pub oldest: Option<Timestamp>,
    /// Events a consumer could not take, and those behind them.
    pub parked: i64,
}

/// What waits, in all lanes.
pub async fn backlog(sql: &Sql) -> Result<Backlog, DbError> {
    let row = sql
        .query_one(
            "SELECT count(*), min(created_at), (SELECT count(*) FROM outbox_parked) FROM outbox WHERE relayed_at IS NULL",
            &[],
        )
        .await?;
    Ok(Backlog { unrelayed: row.get(0), oldest: row.get(1), parked: row.get(2) })
}

/// Which events are meant.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of these types.
    pub types: Types,
    /// About this.
    pub subject: Option<String>,
    /// Recorded at this time or later, by the clock of the server that recorded it.
    pub since: Option<Timestamp>,
    /// Recorded before this time.
    pub until: Option<Timestamp>,
}

impl Filter {
    fn lanes(&self) -> Vec<i16> {
        self.subject.as_deref().map_or_else(|| (0..LANES).collect(), |subject| vec![lane_of(subject)])
    }

    /// The ids of a time range: those of UUIDv7 begin with the time.
    fn ids(&self) -> (Uuid, Uuid) {
        let first = |at: Timestamp| uuid_v7(at, [0; 10]);
        (self.since.map_or(Uuid::nil(), first), self.until.map_or(Uuid::max(), first))
    }
}

/// One lane's events of a filter; `$1` lanes, `$2`, `$3` ids from and before, `$4` to `$6` types, `$7` subject, `$8` limit.
macro_rules! select_events {
    ($order:literal) => {
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM unnest($1::smallint[]) AS l (lane), LATERAL (
                 SELECT * FROM outbox o
                 WHERE o.lane = l.lane AND o.id >= $2 AND o.id < $3
                   AND ($4 OR o.type = ANY($5) OR EXISTS (SELECT FROM unnest($6::text[]) AS p WHERE starts_with(o.type, p)))
                   AND ($7::text IS NULL OR o.subject = $7)
                 ORDER BY o.id ",
            $order,
            " LIMIT $8) AS o ORDER BY o.id ",
            $order,
            " LIMIT $8"
        )
    };
}

/// Up to `limit` events, the newest first, before the event `before`. By time of recording: an order to look at.
pub async fn newest(
    sql: &Sql,
    filter: &Filter,
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<Event>, DbError> {
    let (from, to) = filter.ids();
    let to = before.map_or(to, |before| to.min(before.uuid()));
    let (all, exact, prefixes) = filter.types.for_sql();
    let rows = sql
        .query(
            select_events!("DESC"),
            &[&filter.lanes(), &from, &to, &all, &exact, &prefixes, &filter.subject, &limit],
        )
        .await?;
    Ok(rows.iter().map(event).collect())
}

/// Up to `limit` events after the event `after`, the oldest first. By time of recording: what is still being committed can
/// appear behind the reader.
pub async fn between(
    sql: &Sql,
    filter: &Filter,
    after: Option<EventId>,
    limit: i64,
) -> Result<Vec<Event>, DbError> {
    let (from, to) = filter.ids();
    let next = |after: EventId| Uuid::from_u128(after.uuid().as_u128().saturating_add(1));
    let from = after.map_or(from, |after| from.max(next(after)));
    let (all, exact, prefixes) = filter.types.for_sql();
    let rows = sql
        .query(
            select_events!("ASC"),
            &[&filter.lanes(), &from, &to, &all, &exact, &prefixes, &filter.subject, &limit],
        )
        .await?;
    Ok(rows.iter().map(event).collect())
}

/// Deletes events of a lane that were recorded before `before`, handed over, and are parked nowhere: the oldest `batch` of them.
pub async fn prune(sql: &Sql, lane: i16, before: Timestamp, batch: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM outbox WHERE lane = $1 AND id IN (
             SELECT id FROM outbox o WHERE lane = $1 AND id < $2 AND relayed_at IS NOT NULL
               AND NOT EXISTS (SELECT FROM outbox_parked p WHERE p.lane = $1 AND p.event_id = o.id)
             ORDER BY id LIMIT $3)",
        &[&lane, &uuid_v7(before, [0; 10]), &batch],
    )
    .await
}

/// Deletes what is remembered of events of a lane that were recorded before `before` and are gone, up to `batch` rows of a
/// consumer.
pub async fn prune_inbox(sql: &Sql, lane: i16, before: Timestamp, batch: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM outbox_inbox WHERE (lane, consumer, event_id) IN (
             SELECT i.lane, i.consumer, i.event_id
             FROM (SELECT DISTINCT consumer FROM outbox_inbox WHERE lane = $1) AS c,
                  LATERAL (SELECT lane, consumer, event_id FROM outbox_inbox AS i
                           WHERE lane = $1 AND consumer = c.consumer AND event_id < $2
                             AND NOT EXISTS (SELECT FROM outbox o WHERE o.lane = $1 AND o.id = i.event_id)
                           ORDER BY event_id LIMIT $3) AS i)",
        &[&lane, &uuid_v7(before, [0; 10]), &batch],
    )
    .await
}
