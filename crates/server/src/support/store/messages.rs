//! SQL on `support_messages`.

use jiff::Timestamp;
use kernel::{TicketId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::files::FileRow;

/// A row of `support_messages`.
#[derive(Clone, Debug)]
pub(in crate::support) struct MessageRow {
    pub(in crate::support) user: UserId,
    pub(in crate::support) ticket: TicketId,
    pub(in crate::support) number: i32,
    pub(in crate::support) staff: Option<UserId>,
    pub(in crate::support) internal: bool,
    pub(in crate::support) text_sealed: Vec<u8>,
    pub(in crate::support) created_at: Timestamp,
}

fn message(row: &Row) -> MessageRow {
    MessageRow {
        user: UserId::from_uuid(row.get(0)),
        ticket: TicketId::from_uuid(row.get(1)),
        number: row.get(2),
        staff: row.get::<_, Option<_>>(3).map(UserId::from_uuid),
        internal: row.get(4),
        text_sealed: row.get(5),
        created_at: row.get(6),
    }
}

/// How many messages an account has written since an instant, those of staff not among them.
pub(in crate::support) async fn written_since(
    sql: &Sql,
    user: UserId,
    since: Timestamp,
) -> Result<i64, DbError> {
    let count =
        "SELECT count(*) FROM support_messages WHERE user_id = $1 AND staff_id IS NULL AND created_at > $2";
    Ok(sql.query_one(count, &[&user.uuid(), &since]).await?.get(0))
}

pub(in crate::support) async fn insert(sql: &Sql, row: &MessageRow) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO support_messages (user_id, ticket_id, number, staff_id, internal, text_sealed, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &row.user.uuid(),
            &row.ticket.uuid(),
            &row.number,
            &row.staff.map(UserId::uuid),
            &row.internal,
            &row.text_sealed,
            &row.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// What was said on a ticket, in order.
pub(in crate::support) async fn of(
    sql: &Sql,
    user: UserId,
    ticket: TicketId,
) -> Result<Vec<MessageRow>, DbError> {
    let rows = sql
        .query(
            "SELECT user_id, ticket_id, number, staff_id, internal, text_sealed, created_at FROM support_messages
             WHERE user_id = $1 AND ticket_id = $2 ORDER BY number",
            &[&user.uuid(), &ticket.uuid()],
        )
        .await?;
    Ok(rows.iter().map(message).collect())
}

/// Whether a file belongs to something that staff said among themselves.
pub(in crate::support) async fn is_internal(sql: &Sql, file: &FileRow) -> Result<bool, DbError> {
    let internal = "SELECT EXISTS (SELECT FROM support_messages WHERE user_id = $1 AND ticket_id = $2 AND number = $3 AND internal)";
    let ticket = file.ticket.map(TicketId::uuid);
    Ok(sql.query_one(internal, &[&file.user.uuid(), &ticket, &file.message]).await?.get(0))
}
