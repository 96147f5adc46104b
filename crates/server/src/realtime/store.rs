//! SQL on the realtime slice's tables.

use std::sync::Arc;

use jiff::Timestamp;
use kernel::{ClientId, SessionId, UserId};
use platform::db::{DbError, Sql};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use super::topics::Topic;
use crate::access::Caller;

/// Something to tell.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// To whom.
    pub topic: Topic,
    /// What happened, in the words of events.
    pub event: String,
    /// Ids, states, codes and times.
    pub data: Value,
    /// When.
    pub at: Timestamp,
}

/// Something that has its number.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) seq: i64,
    pub(super) topic: Arc<str>,
    pub(super) event: String,
    pub(super) data: Value,
    pub(super) created_at: Timestamp,
}

fn entry(row: &Row) -> Entry {
    Entry {
        seq: row.get(0),
        topic: row.get::<_, String>(1).into(),
        event: row.get(2),
        data: row.get(3),
        created_at: row.get(4),
    }
}

/// Writes messages down, to be numbered in this order.
pub(super) async fn put(sql: &Sql, messages: &[NewMessage]) -> Result<(), DbError> {
    if messages.is_empty() {
        return Ok(());
    }
    let topics: Vec<String> = messages.iter().map(|message| message.topic.key().to_string()).collect();
    let events: Vec<&str> = messages.iter().map(|message| message.event.as_str()).collect();
    let data: Vec<&Value> = messages.iter().map(|message| &message.data).collect();
    let times: Vec<Timestamp> = messages.iter().map(|message| message.at).collect();
    sql.execute(
        "INSERT INTO live_inbox (topic, event, data, created_at)
         SELECT topic, event, data, created_at FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::timestamptz[])
             WITH ORDINALITY AS new (topic, event, data, created_at, position) ORDER BY position",
        &[&topics, &events, &data, &times],
    )
    .await?;
    Ok(())
}

/// Numbers what is committed; how many. One at a time does it: the head is locked until the numbers can be seen. Where there is nothing
/// nothing is locked, and nothing written.
pub(super) async fn number(sql: &Sql, most: i64) -> Result<u64, DbError> {
    let row = sql
        .query_one(
            "WITH head AS MATERIALIZED (SELECT seq FROM live_head WHERE EXISTS (SELECT FROM live_inbox) FOR UPDATE),
             moved AS (
                 DELETE FROM live_inbox WHERE id IN (
                     SELECT id FROM live_inbox, head ORDER BY id LIMIT $1 FOR UPDATE OF live_inbox SKIP LOCKED)
                 RETURNING id, topic, event, data, created_at),
             numbered AS (
                 INSERT INTO live_log (seq, topic, event, data, created_at)
                 SELECT head.seq + row_number() OVER (ORDER BY moved.id), topic, event, data, created_at FROM moved, head
                 RETURNING seq),
             moved_head AS (
                 UPDATE live_head SET seq = (SELECT max(seq) FROM numbered) WHERE EXISTS (SELECT FROM numbered))
             SELECT count(*) FROM numbered",
            &[&most],
        )
        .await?;
    Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
}

/// The number given last, and the highest that is kept no more.
pub(super) async fn head(sql: &Sql) -> Result<(i64, i64), DbError> {
    let row = sql.query_one("SELECT seq, floor FROM live_head", &[]).await?;
    Ok((row.get(0), row.get(1)))
}

/// What comes after a number, in order.
pub(super) async fn after(sql: &Sql, seq: i64, most: i64) -> Result<Vec<Entry>, DbError> {
    let after =
        "SELECT seq, topic, event, data, created_at FROM live_log WHERE seq > $1 ORDER BY seq LIMIT $2";
    Ok(sql.query(after, &[&seq, &most]).await?.iter().map(entry).collect())
}

/// What was told of a topic after a number and up to another.
pub(super) async fn of_topic(
    sql: &Sql,
    topic: &str,
    (after, until): (i64, i64),
    most: i64,
) -> Result<Vec<Entry>, DbError> {
    let rows = sql
        .query(
            "SELECT seq, topic, event, data, created_at FROM live_log
             WHERE topic = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4",
            &[&topic, &after, &until, &most],
        )
        .await?;
    Ok(rows.iter().map(entry).collect())
}

/// Forgets what was told before, the oldest first and some at a time, and says up to where; how many.
pub(super) async fn prune(sql: &Sql, before: Timestamp, most: i64) -> Result<u64, DbError> {
    let row = sql
        .query_one(
            "WITH old AS (SELECT seq, created_at FROM live_log ORDER BY seq LIMIT $2),
             gone AS (
                 DELETE FROM live_log WHERE seq < COALESCE(
                     (SELECT min(seq) FROM old WHERE created_at >= $1), (SELECT max(seq) + 1 FROM old))
                 RETURNING seq),
             floor AS (
                 UPDATE live_head SET floor = (SELECT max(seq) FROM gone) WHERE EXISTS (SELECT FROM gone))
             SELECT count(*) FROM gone",
            &[&before, &most],
        )
        .await?;
    Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
}

/// Keeps a ticket for whoever calls.
pub(super) async fn put_ticket(
    sql: &Sql,
    hash: &[u8],
    caller: &Caller,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO live_tickets (hash, user_id, session_id, client_id, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            &hash,
            &caller.user.uuid(),
            &caller.session.uuid(),
            &caller.client.map(ClientId::uuid),
            &expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// Takes a ticket: whose it was, if it was good. It never is again.
pub(super) async fn take_ticket(sql: &Sql, hash: &[u8], now: Timestamp) -> Result<Option<Caller>, DbError> {
    let take =
        "DELETE FROM live_tickets WHERE hash = $1 RETURNING user_id, session_id, client_id, expires_at > $2";
    let row = sql.query_opt(take, &[&hash, &now]).await?;
    Ok(row.filter(|row| row.get(3)).map(|row| Caller {
        user: UserId::from_uuid(row.get(0)),
        session: SessionId::from_uuid(row.get(1)),
        client: row.get::<_, Option<Uuid>>(2).map(ClientId::from_uuid),
        role: None,
    }))
}

/// Forgets tickets nobody used, some at a time; how many.
pub(super) async fn prune_tickets(sql: &Sql, before: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM live_tickets WHERE hash IN (SELECT hash FROM live_tickets WHERE expires_at < $1 LIMIT $2)",
        &[&before, &most],
    )
    .await
}
