//! SQL on `support_attachments`.

use jiff::Timestamp;
use kernel::{AttachmentId, TicketId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A row of `support_attachments`, without what is in the file.
#[derive(Clone, Debug)]
pub(in crate::support) struct FileRow {
    pub(in crate::support) user: UserId,
    pub(in crate::support) id: AttachmentId,
    pub(in crate::support) staff: Option<UserId>,
    pub(in crate::support) ticket: Option<TicketId>,
    pub(in crate::support) message: Option<i32>,
    pub(in crate::support) name_sealed: Vec<u8>,
    pub(in crate::support) media_type: String,
    pub(in crate::support) bytes: i32,
    pub(in crate::support) created_at: Timestamp,
}

macro_rules! columns {
    () => {
        "user_id, id, staff_id, ticket_id, message, name_sealed, media_type, bytes, created_at"
    };
}

fn file(row: &Row) -> FileRow {
    FileRow {
        user: UserId::from_uuid(row.get(0)),
        id: AttachmentId::from_uuid(row.get(1)),
        staff: row.get::<_, Option<_>>(2).map(UserId::from_uuid),
        ticket: row.get::<_, Option<_>>(3).map(TicketId::from_uuid),
        message: row.get(4),
        name_sealed: row.get(5),
        media_type: row.get(6),
        bytes: row.get(7),
        created_at: row.get(8),
    }
}

pub(in crate::support) async fn insert(
    sql: &Sql,
    row: &FileRow,
    content_sealed: &[u8],
) -> Result<(), DbError> {
    const SQL: &str = concat!(
        "INSERT INTO support_attachments (",
        columns!(),
        ", content_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    sql.execute(
        SQL,
        &[
            &row.user.uuid(),
            &row.id.uuid(),
            &row.staff.map(UserId::uuid),
            &row.ticket.map(TicketId::uuid),
            &row.message,
            &row.name_sealed,
            &row.media_type,
            &row.bytes,
            &row.created_at,
            &content_sealed,
        ],
    )
    .await?;
    Ok(())
}

/// Attaches files to a message: those that the same side sent, for this ticket, and that no message has. How many they were.
pub(in crate::support) async fn attach(
    sql: &Sql,
    user: UserId,
    (ids, staff): (&[AttachmentId], Option<UserId>),
    (ticket, message): (TicketId, i32),
) -> Result<usize, DbError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let attached = sql
        .execute(
            "UPDATE support_attachments SET ticket_id = $4, message = $5
             WHERE user_id = $1 AND id = ANY($2) AND message IS NULL AND (staff_id IS NULL) = ($3::uuid IS NULL)
               AND (ticket_id IS NULL OR ticket_id = $4)",
            &[&user.uuid(), &ids, &staff.map(UserId::uuid), &ticket.uuid(), &message],
        )
        .await?;
    Ok(usize::try_from(attached).unwrap_or(usize::MAX))
}

/// The files of a ticket's messages.
pub(in crate::support) async fn of(
    sql: &Sql,
    user: UserId,
    ticket: TicketId,
) -> Result<Vec<FileRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM support_attachments WHERE user_id = $1 AND ticket_id = $2 AND message IS NOT NULL ORDER BY id"
    );
    Ok(sql.query(SQL, &[&user.uuid(), &ticket.uuid()]).await?.iter().map(file).collect())
}

/// A file and what is in it; of that user only, if one is given.
pub(in crate::support) async fn find(
    sql: &Sql,
    id: AttachmentId,
    user: Option<UserId>,
) -> Result<Option<(FileRow, Vec<u8>)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        ", content_sealed FROM support_attachments WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2)"
    );
    let row = sql.query_opt(SQL, &[&id.uuid(), &user.map(UserId::uuid)]).await?;
    Ok(row.map(|row| (file(&row), row.get(9))))
}

/// How many files an account has sent since an instant.
pub(in crate::support) async fn sent_since(
    sql: &Sql,
    user: UserId,
    since: Timestamp,
) -> Result<i64, DbError> {
    let count = "SELECT count(*) FROM support_attachments WHERE user_id = $1 AND staff_id IS NULL AND created_at > $2";
    Ok(sql.query_one(count, &[&user.uuid(), &since]).await?.get(0))
}

/// Deletes files that were sent before an instant and attached to nothing, some at a time; how many.
pub(in crate::support) async fn prune(sql: &Sql, before: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM support_attachments WHERE (user_id, id) IN (
             SELECT user_id, id FROM support_attachments WHERE message IS NULL AND created_at <= $1 LIMIT $2)
             -- Looked at again where somebody has attached it meanwhile.
             AND message IS NULL",
        &[&before, &most],
    )
    .await
}
