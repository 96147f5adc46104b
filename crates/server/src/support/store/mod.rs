//! SQL on the support slice's tables.

pub(super) mod files;
pub(super) mod messages;

use domain::support::{Category, Status};
use jiff::Timestamp;
use kernel::{BookingId, TicketId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A row of `support_tickets`.
#[derive(Clone, Debug)]
pub(super) struct TicketRow {
    pub(super) user: UserId,
    pub(super) id: TicketId,
    pub(super) category: Category,
    pub(super) booking: Option<BookingId>,
    pub(super) subject_sealed: Vec<u8>,
    pub(super) language: String,
    pub(super) status: Status,
    pub(super) assigned_to: Option<UserId>,
    pub(super) answer_due_at: Option<Timestamp>,
    pub(super) first_due_at: Timestamp,
    pub(super) first_answered_at: Option<Timestamp>,
    pub(super) resolved_at: Option<Timestamp>,
    pub(super) messages: i32,
    pub(super) created_at: Timestamp,
    pub(super) changed_at: Timestamp,
}

macro_rules! columns {
    () => {
        "t.user_id, t.id, t.category, t.booking_id, t.subject_sealed, t.language, t.status, t.assigned_to, t.answer_due_at, t.first_due_at,
         t.first_answered_at, t.resolved_at, t.messages, t.created_at, t.changed_at"
    };
}

fn odd(what: &str, value: &str) -> DbError {
    DbError::Inconsistent(format!("support_tickets.{what} {value:?}"))
}

fn ticket(row: &Row) -> Result<TicketRow, DbError> {
    let (category, status): (&str, &str) = (row.get(2), row.get(6));
    Ok(TicketRow {
        user: UserId::from_uuid(row.get(0)),
        id: TicketId::from_uuid(row.get(1)),
        category: Category::parse(category).ok_or_else(|| odd("category", category))?,
        booking: row.get::<_, Option<_>>(3).map(BookingId::from_uuid),
        subject_sealed: row.get(4),
        language: row.get(5),
        status: Status::parse(status).ok_or_else(|| odd("status", status))?,
        assigned_to: row.get::<_, Option<_>>(7).map(UserId::from_uuid),
        answer_due_at: row.get(8),
        first_due_at: row.get(9),
        first_answered_at: row.get(10),
        resolved_at: row.get(11),
        messages: row.get(12),
        created_at: row.get(13),
        changed_at: row.get(14),
    })
}

/// A new ticket, with no message yet written.
pub(super) async fn insert(sql: &Sql, row: &TicketRow) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO support_tickets (user_id, id, category, booking_id, subject_sealed, language, status, answer_due_at, first_due_at,
                                      messages, created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &row.user.uuid(),
            &row.id.uuid(),
            &row.category.as_str(),
            &row.booking.map(BookingId::uuid),
            &row.subject_sealed,
            &row.language,
            &row.status.as_str(),
            &row.answer_due_at,
            &row.first_due_at,
            &row.messages,
            &row.created_at,
            &row.changed_at,
        ],
    )
    .await?;
    Ok(())
}

/// What moves of a locked ticket.
pub(super) async fn update(sql: &Sql, row: &TicketRow) -> Result<(), DbError> {
    sql.execute(
        "UPDATE support_tickets SET category = $3, status = $4, assigned_to = $5, answer_due_at = $6, first_answered_at = $7,
             resolved_at = $8, messages = $9, changed_at = $10 WHERE user_id = $1 AND id = $2",
        &[
            &row.user.uuid(),
            &row.id.uuid(),
            &row.category.as_str(),
            &row.status.as_str(),
            &row.assigned_to.map(UserId::uuid),
            &row.answer_due_at,
            &row.first_answered_at,
            &row.resolved_at,
            &row.messages,
            &row.changed_at,
        ],
    )
    .await?;
    Ok(())
}

/// One of somebody's.
pub(super) async fn find(sql: &Sql, user: UserId, id: TicketId) -> Result<Option<TicketRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM support_tickets t WHERE user_id = $1 AND id = $2");
    sql.query_opt(SQL, &[&user.uuid(), &id.uuid()]).await?.as_ref().map(ticket).transpose()
}

/// The ticket of an id, for staff.
pub(super) async fn find_any(sql: &Sql, id: TicketId) -> Result<Option<TicketRow>, DbError> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM support_tickets t WHERE id = $1");
    sql.query_opt(SQL, &[&id.uuid()]).await?.as_ref().map(ticket).transpose()
}

/// Locks a ticket: of that user only, if one is given.
pub(super) async fn lock(
    sql: &Sql,
    id: TicketId,
    user: Option<UserId>,
) -> Result<Option<TicketRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM support_tickets t WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) FOR UPDATE"
    );
    let user = user.map(UserId::uuid);
    sql.query_opt(SQL, &[&id.uuid(), &user]).await?.as_ref().map(ticket).transpose()
}

/// Somebody's, the newest before one.
pub(super) async fn of_user(
    sql: &Sql,
    user: UserId,
    before: Option<TicketId>,
    most: i64,
) -> Result<Vec<TicketRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM support_tickets t WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
    );
    let before = before.map(TicketId::uuid);
    sql.query(SQL, &[&user.uuid(), &before, &most]).await?.iter().map(ticket).collect()
}

/// How many of somebody's are not dealt with.
pub(super) async fn count_open(sql: &Sql, user: UserId) -> Result<i64, DbError> {
    let count = "SELECT count(*) FROM support_tickets WHERE user_id = $1 AND resolved_at IS NULL";
    Ok(sql.query_one(count, &[&user.uuid()]).await?.get(0))
}

/// How many tickets an account has opened since an instant.
pub(super) async fn opened_since(sql: &Sql, user: UserId, since: Timestamp) -> Result<i64, DbError> {
    let count = "SELECT count(*) FROM support_tickets WHERE user_id = $1 AND created_at > $2";
    Ok(sql.query_one(count, &[&user.uuid(), &since]).await?.get(0))
}

/// Whose tickets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Assigned {
    /// Whosever.
    #[default]
    Any,
    Nobody,
    To(UserId),
}

/// Which tickets staff want to see.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// In that state; otherwise those that wait for staff.
    pub(super) status: Option<Status>,
    pub(super) category: Option<Category>,
    pub(super) assigned: Assigned,
    /// Those that should have been answered before an instant.
    pub(super) due_before: Option<Timestamp>,
    /// Behind the one of that time and id.
    pub(super) after: Option<(Timestamp, TicketId)>,
    pub(super) most: i64,
}

/// Tickets for staff: those that wait for them by when they should answer, others by when they changed.
pub(super) async fn for_staff(sql: &Sql, wanted: &Wanted) -> Result<Vec<TicketRow>, DbError> {
    const WAITING: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM support_tickets t WHERE answer_due_at IS NOT NULL AND ($8::text IS NULL OR status = $8)
              AND ($1::text IS NULL OR category = $1) AND (NOT $2 OR assigned_to IS NOT DISTINCT FROM $3)
              AND ($4::timestamptz IS NULL OR answer_due_at < $4)
              AND ($5::timestamptz IS NULL OR (answer_due_at, id) > ($5, $6)) ORDER BY answer_due_at, id LIMIT $7"
    );
    const OTHERS: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM support_tickets t WHERE status = $8 AND ($1::text IS NULL OR category = $1)
              AND (NOT $2 OR assigned_to IS NOT DISTINCT FROM $3) AND ($4::timestamptz IS NULL OR answer_due_at < $4)
              AND ($5::timestamptz IS NULL OR (changed_at, id) > ($5, $6)) ORDER BY changed_at, id LIMIT $7"
    );
    let waiting = wanted.status.is_none_or(Status::waits_for_staff);
    let (after, id) = wanted.after.map(|(at, id)| (at, id.uuid())).unzip();
    let assigned: Option<Uuid> = match wanted.assigned {
        Assigned::To(user) => Some(user.uuid()),
        Assigned::Any | Assigned::Nobody => None,
    };
    let rows = sql
        .query(
            if waiting { WAITING } else { OTHERS },
            &[
                &wanted.category.map(Category::as_str),
                &!matches!(wanted.assigned, Assigned::Any),
                &assigned,
                &wanted.due_before,
                &after,
                &id,
                &wanted.most,
                &wanted.status.map(Status::as_str),
            ],
        )
        .await?;
    rows.iter().map(ticket).collect()
}

/// How many wait for staff, and how many of them should have been answered by now.
pub(super) async fn count_waiting(sql: &Sql, now: Timestamp) -> Result<(i64, i64), DbError> {
    let count = "SELECT count(*), count(*) FILTER (WHERE answer_due_at < $1) FROM support_tickets WHERE answer_due_at IS NOT NULL";
    let row = sql.query_one(count, &[&now]).await?;
    Ok((row.get(0), row.get(1)))
}

/// Closes what was resolved before an instant; how many.
pub(super) async fn close(sql: &Sql, resolved_before: Timestamp, now: Timestamp) -> Result<u64, DbError> {
    let close = "UPDATE support_tickets SET status = 'closed', changed_at = $2 WHERE status = 'resolved' AND resolved_at <= $1";
    sql.execute(close, &[&resolved_before, &now]).await
}

/// Deletes what was resolved before an instant, with messages and files, some at a time; how many.
pub(super) async fn prune(sql: &Sql, resolved_before: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM support_tickets WHERE (user_id, id) IN (
             SELECT user_id, id FROM support_tickets WHERE status = 'closed' AND resolved_at <= $1 LIMIT $2)",
        &[&resolved_before, &most],
    )
    .await
}

/// All of an account.
pub(super) async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("DELETE FROM support_tickets WHERE user_id = $1", &[&user.uuid()]).await?;
    sql.execute("DELETE FROM support_attachments WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}
