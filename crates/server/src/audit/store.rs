//! SQL on `audit_records` and `audit_links`.

use jiff::Timestamp;
use kernel::{AuditId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::chain::Head;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordRow {
    pub(super) id: AuditId,
    pub(super) recorded_at: Timestamp,
    pub(super) actor: UserId,
    pub(super) role: String,
    pub(super) client: Option<String>,
    pub(super) address: String,
    pub(super) request_id: String,
    pub(super) action: String,
    pub(super) object: String,
    /// JSON, as it was written.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

macro_rules! record_columns {
    () => {
        "r.id, r.recorded_at, r.actor, r.role, r.client, r.address, r.request_id, r.action, r.object, r.before::text, r.after::text"
    };
}

/// A record from the columns at `first` on.
fn record_row(row: &Row, first: usize) -> RecordRow {
    RecordRow {
        id: AuditId::from_uuid(row.get(first)),
        recorded_at: row.get(first + 1),
        actor: UserId::from_uuid(row.get(first + 2)),
        role: row.get(first + 3),
        client: row.get(first + 4),
        address: row.get(first + 5),
        request_id: row.get(first + 6),
        action: row.get(first + 7),
        object: row.get(first + 8),
        before: row.get(first + 9),
        after: row.get(first + 10),
    }
}

pub(super) async fn insert(sql: &Sql, record: &RecordRow) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO audit_records (id, recorded_at, actor, role, client, address, request_id, action, object, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::json, $11::text::json)",
        &[
            &record.id.uuid(),
            &record.recorded_at,
            &record.actor.uuid(),
            &record.role,
            &record.client,
            &record.address,
            &record.request_id,
            &record.action,
            &record.object,
            &record.before,
            &record.after,
        ],
    )
    .await?;
    Ok(())
}

/// What a list shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub(super) actor: Option<UserId>,
    pub(super) action: Option<String>,
    pub(super) object: Option<String>,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

/// Records, the newest first, each with its place in the chain once it has one.
pub(super) async fn list(
    sql: &Sql,
    filter: &Filter,
    before: Option<AuditId>,
    limit: i64,
) -> Result<Vec<(RecordRow, Option<i64>)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        record_columns!(),
        ", l.position FROM audit_records r LEFT JOIN audit_links l ON l.lane = r.lane AND l.record = r.id
         WHERE r.lane = 0 AND ($1::uuid IS NULL OR r.actor = $1) AND ($2::text IS NULL OR r.action = $2)
           AND ($3::text IS NULL OR r.object = $3) AND ($4::timestamptz IS NULL OR r.recorded_at >= $4)
           AND ($5::timestamptz IS NULL OR r.recorded_at < $5) AND ($6::uuid IS NULL OR r.id < $6)
         ORDER BY r.id DESC LIMIT $7"
    );
    let (actor, before) = (filter.actor.map(UserId::uuid), before.map(AuditId::uuid));
    let rows = sql
        .query(SQL, &[&actor, &filter.action, &filter.object, &filter.since, &filter.until, &before, &limit])
        .await?;
    Ok(rows.iter().map(|row| (record_row(row, 0), row.get(11))).collect())
}

/// The end of the chain, and when it was made.
pub(super) async fn last_link(sql: &Sql) -> Result<Option<(Head, Timestamp)>, DbError> {
    let row = sql
        .query_opt(
            "SELECT position, hash, linked_at FROM audit_links WHERE lane = 0 ORDER BY position DESC LIMIT 1",
            &[],
        )
        .await?;
    Ok(row.map(|row| (Head { position: row.get(0), hash: row.get(1) }, row.get(2))))
}

/// Records without a link, recorded since then, by their ids.
pub(super) async fn unlinked(
    sql: &Sql,
    since: Option<Timestamp>,
    limit: i64,
) -> Result<Vec<RecordRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        record_columns!(),
        " FROM audit_records r
         WHERE r.lane = 0 AND r.id >= $1
           AND NOT EXISTS (SELECT FROM audit_links l WHERE l.lane = r.lane AND l.record = r.id)
         ORDER BY r.id LIMIT $2"
    );
    // Ids begin with their time.
    let since = since.map_or(Uuid::nil(), |since| AuditId::new(since, [0; 10]).uuid());
    Ok(sql.query(SQL, &[&since, &limit]).await?.iter().map(|row| record_row(row, 0)).collect())
}

pub(super) async fn insert_links(
    sql: &Sql,
    links: &[(AuditId, Head)],
    now: Timestamp,
) -> Result<(), DbError> {
    let records: Vec<Uuid> = links.iter().map(|(record, _)| record.uuid()).collect();
    let positions: Vec<i64> = links.iter().map(|(_, head)| head.position).collect();
    let hashes: Vec<&[u8]> = links.iter().map(|(_, head)| &head.hash[..]).collect();
    sql.execute(
        "INSERT INTO audit_links (position, record, hash, linked_at)
         SELECT position, record, hash, $4 FROM unnest($1::bigint[], $2::uuid[], $3::bytea[]) AS l (position, record, hash)",
        &[&positions, &records, &hashes, &now],
    )
    .await?;
    Ok(())
}

/// A link, and its record if that is there.
pub(super) struct LinkRow {
    pub(super) position: i64,
    pub(super) record: AuditId,
    pub(super) hash: Vec<u8>,
    pub(super) content: Option<RecordRow>,
}

/// Links behind a position, in order.
pub(super) async fn links_after(sql: &Sql, position: i64, limit: i64) -> Result<Vec<LinkRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT l.position, l.record, l.hash, r.id IS NOT NULL, ",
        record_columns!(),
        " FROM audit_links l LEFT JOIN audit_records r ON r.lane = l.lane AND r.id = l.record
         WHERE l.lane = 0 AND l.position > $1 ORDER BY l.position LIMIT $2"
    );
    let link = |row: &Row| LinkRow {
        position: row.get(0),
        record: AuditId::from_uuid(row.get(1)),
        hash: row.get(2),
        content: row.get::<_, bool>(3).then(|| record_row(row, 4)),
    };
    Ok(sql.query(SQL, &[&position, &limit]).await?.iter().map(link).collect())
}

/// How many records of before then have no link, and the first of them.
pub(super) async fn never_linked(sql: &Sql, before: Timestamp) -> Result<(i64, Option<AuditId>), DbError> {
    let row = sql
        .query_one(
            "SELECT count(*), (min(r.id::text))::uuid FROM audit_records r
             WHERE r.lane = 0 AND r.recorded_at < $1
               AND NOT EXISTS (SELECT FROM audit_links l WHERE l.lane = r.lane AND l.record = r.id)",
            &[&before],
        )
        .await?;
    Ok((row.get(0), row.get::<_, Option<Uuid>>(1).map(AuditId::from_uuid)))
}
