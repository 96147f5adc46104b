//! SQL on the search feed.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::FlightId;
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::flights::feed::FeedEntry;

pub(in crate::flights) async fn insert_inbox(sql: &Sql, flights: &[Uuid]) -> Result<(), DbError> {
    sql.execute("INSERT INTO search_inbox (flight_id) SELECT unnest($1::uuid[])", &[&flights]).await?;
    Ok(())
}

/// Locks the head, takes up to a thousand committed inbox rows, drops repetitions, and numbers what is left.
pub(in crate::flights) async fn sequence_inbox(sql: &Sql, now: Timestamp) -> Result<u64, DbError> {
    let row = sql
        .query_one(
            "WITH head AS MATERIALIZED (SELECT seq FROM search_feed_head FOR UPDATE),
             moved AS (
                 DELETE FROM search_inbox WHERE id IN (
                     SELECT id FROM search_inbox, head ORDER BY id LIMIT 1000 FOR UPDATE OF search_inbox SKIP LOCKED)
                 RETURNING id, flight_id, from_date, to_date),
             subjects AS (
                 SELECT max(id) AS id, flight_id, from_date, to_date FROM moved GROUP BY flight_id, from_date, to_date),
             numbered AS (
                 INSERT INTO search_feed (seq, flight_id, from_date, to_date, sequenced_at)
                 SELECT head.seq + row_number() OVER (ORDER BY subjects.id), flight_id, from_date, to_date, $1
                 FROM subjects, head
                 RETURNING seq),
             moved_head AS (
                 UPDATE search_feed_head SET seq = (SELECT max(seq) FROM numbered) WHERE EXISTS (SELECT FROM numbered))
             SELECT count(*) FROM numbered",
            &[&now],
        )
        .await?;
    Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
}

pub(in crate::flights) async fn feed_head(sql: &Sql) -> Result<i64, DbError> {
    Ok(sql.query_one("SELECT seq FROM search_feed_head", &[]).await?.get(0))
}

/// The largest number of the rows in the inbox, 0 when there is none.
pub(in crate::flights) async fn inbox_mark(sql: &Sql) -> Result<i64, DbError> {
    Ok(sql.query_one("SELECT COALESCE(max(id), 0) FROM search_inbox", &[]).await?.get(0))
}

/// The feed's newest number once no row up to `mark` is left in the inbox.
pub(in crate::flights) async fn feed_past(sql: &Sql, mark: i64) -> Result<Option<i64>, DbError> {
    let row = sql
        .query_opt(
            "SELECT seq FROM search_feed_head WHERE NOT EXISTS (SELECT FROM search_inbox WHERE id <= $1)",
            &[&mark],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

pub(in crate::flights) async fn feed_after(
    sql: &Sql,
    seq: i64,
    limit: i64,
) -> Result<Vec<(i64, FeedEntry)>, DbError> {
    let rows = sql
        .query(
            "SELECT seq, flight_id, from_date, to_date FROM search_feed WHERE seq > $1 ORDER BY seq LIMIT $2",
            &[&seq, &limit],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get(0), entry(row)?))).collect()
}

fn entry(row: &Row) -> Result<FeedEntry, DbError> {
    let (flight, from, to): (Option<Uuid>, Option<Date>, Option<Date>) = (row.get(1), row.get(2), row.get(3));
    match (flight, from, to) {
        (Some(flight), _, _) => Ok(FeedEntry::Flight(FlightId::from_uuid(flight))),
        (None, Some(from), Some(to)) => Ok(FeedEntry::Dates(from, to)),
        _ => Err(DbError::Inconsistent(format!("search_feed {} has no subject", row.get::<_, i64>(0)))),
    }
}

pub(in crate::flights) async fn prune_feed(sql: &Sql, before: Timestamp) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM search_feed WHERE seq IN (
             SELECT seq FROM search_feed WHERE sequenced_at < $1 ORDER BY seq LIMIT 10000)",
        &[&before],
    )
    .await
}
