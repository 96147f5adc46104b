//! SQL on `mails`.

use jiff::Timestamp;
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::queue::BULK_NOTICE;

/// A mail to queue.
pub(super) struct NewMail<'a> {
    pub(super) owner: Uuid,
    pub(super) id: Uuid,
    pub(super) of_account: bool,
    pub(super) template: &'static str,
    pub(super) notification: Option<Uuid>,
    pub(super) locale: &'static str,
    pub(super) content_sealed: &'a [u8],
    pub(super) now: Timestamp,
    pub(super) due_at: Option<Timestamp>,
    pub(super) gives_up_at: Timestamp,
}

/// One that is there already is not queued again (`queue_copies`).
pub(super) async fn insert(sql: &Sql, mail: &NewMail<'_>) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO mails (owner, id, of_account, template, locale, content_sealed, created_at, due_at, gives_up_at, notification_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (owner, id) DO NOTHING",
        &[
            &mail.owner,
            &mail.id,
            &mail.of_account,
            &mail.template,
            &mail.locale,
            &mail.content_sealed,
            &mail.now,
            &mail.due_at,
            &mail.gives_up_at,
            &mail.notification,
        ],
    )
    .await?;
    Ok(())
}

/// What a mail is made of when it is sent or shown.
pub(super) struct Queued {
    pub(super) owner: Uuid,
    pub(super) id: Uuid,
    pub(super) of_account: bool,
    pub(super) template: String,
    pub(super) locale: String,
    pub(super) notification: Option<Uuid>,
    /// Gone when it is over.
    pub(super) content_sealed: Option<Vec<u8>>,
}

/// A mail that is claimed for sending.
pub(super) struct Claimed {
    pub(super) mail: Queued,
    pub(super) created_at: Timestamp,
    pub(super) gives_up_at: Timestamp,
    pub(super) tries: i32,
}

fn queued(row: &Row) -> Queued {
    Queued {
        owner: row.get(0),
        id: row.get(1),
        of_account: row.get(2),
        template: row.get(3),
        locale: row.get(4),
        notification: row.get(5),
        content_sealed: row.get(6),
    }
}

/// How many are due, as far as it matters.
pub(super) async fn due(sql: &Sql, now: Timestamp, most: i64) -> Result<i64, DbError> {
    let count =
        "SELECT count(*) FROM (SELECT 1 FROM mails WHERE due_at <= $1 AND gives_up_at > $1 LIMIT $2) AS due";
    Ok(sql.query_one(count, &[&now, &most]).await?.get(0))
}

/// Claims mails that are due: those that somebody waits for at a screen (codes, links) before those that tell notifications, and what is
/// told to many last, because there may be a hundred thousand of it. If this process dies, they are due again at `again_at`.
pub(super) async fn claim(
    sql: &Sql,
    now: Timestamp,
    again_at: Timestamp,
    most: i64,
) -> Result<Vec<Claimed>, DbError> {
    let rows = sql
        .query(
            "UPDATE mails SET due_at = $2, tries = tries + 1
             WHERE (owner, id) IN (
                 SELECT owner, id FROM mails WHERE due_at <= $1 AND gives_up_at > $1
                 ORDER BY CASE WHEN notification_id IS NULL THEN 0 WHEN template = 'bulk-notice' THEN 2 ELSE 1 END, due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
             RETURNING owner, id, of_account, template, locale, notification_id, content_sealed, created_at, gives_up_at, tries",
            &[&now, &again_at, &most],
        )
        .await?;
    let claimed = |row: &Row| Claimed {
        mail: queued(row),
        created_at: row.get(7),
        gives_up_at: row.get(8),
        tries: row.get(9),
    };
    let mut claimed: Vec<Claimed> = rows.iter().map(claimed).collect();
    // An UPDATE answers in no order.
    claimed
        .sort_by_key(|claimed| (claimed.mail.notification.is_some(), claimed.mail.template == BULK_NOTICE));
    Ok(claimed)
}

/// The mail server has it.
pub(super) async fn sent(sql: &Sql, (owner, id): (Uuid, Uuid), now: Timestamp) -> Result<(), DbError> {
    sql.execute(
        "UPDATE mails SET sent_at = $3, due_at = NULL, content_sealed = NULL, failure = NULL
         WHERE owner = $1 AND id = $2 AND failed_at IS NULL",
        &[&owner, &id, &now],
    )
    .await?;
    Ok(())
}

/// It is tried again.
pub(super) async fn again(
    sql: &Sql,
    (owner, id): (Uuid, Uuid),
    at: Timestamp,
    failure: &str,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE mails SET due_at = $3, failure = $4
         WHERE owner = $1 AND id = $2 AND sent_at IS NULL AND failed_at IS NULL",
        &[&owner, &id, &at, &failure],
    )
    .await?;
    Ok(())
}

/// It is not tried again.
pub(super) async fn failed(
    sql: &Sql,
    (owner, id): (Uuid, Uuid),
    now: Timestamp,
    failure: &str,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE mails SET failed_at = $3, due_at = NULL, content_sealed = NULL, failure = $4
         WHERE owner = $1 AND id = $2 AND sent_at IS NULL",
        &[&owner, &id, &now, &failure],
    )
    .await?;
    Ok(())
}

/// Gives up what waited in vain, some at a time; how many.
pub(super) async fn give_up(sql: &Sql, now: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE mails SET failed_at = $1, due_at = NULL, content_sealed = NULL, failure = COALESCE(failure, 'late')
         WHERE (owner, id) IN (
             SELECT owner, id FROM mails WHERE due_at IS NOT NULL AND gives_up_at <= $1 AND due_at <= $1
             LIMIT $2 FOR UPDATE SKIP LOCKED)",
        &[&now, &most],
    )
    .await
}

/// How many wait, and since when the oldest does.
pub(super) async fn waiting(sql: &Sql) -> Result<(i64, Option<Timestamp>), DbError> {
    let row =
        sql.query_one("SELECT count(*), min(created_at) FROM mails WHERE due_at IS NOT NULL", &[]).await?;
    Ok((row.get(0), row.get(1)))
}

/// Deletes what was queued before, some at a time; how many. Ids begin with their time.
pub(super) async fn prune(sql: &Sql, before: Uuid, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM mails WHERE (owner, id) IN (
             SELECT owner, id FROM mails WHERE id < $1 AND due_at IS NULL ORDER BY id LIMIT $2)",
        &[&before, &most],
    )
    .await
}

pub(super) async fn forget(sql: &Sql, owner: Uuid) -> Result<u64, DbError> {
    sql.execute("DELETE FROM mails WHERE owner = $1", &[&owner]).await
}

/// A mail as staff see it.
pub(super) struct Listed {
    pub(super) mail: Queued,
    pub(super) created_at: Timestamp,
    pub(super) due_at: Option<Timestamp>,
    pub(super) tries: i32,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) failed_at: Option<Timestamp>,
    pub(super) failure: Option<String>,
}

/// The newest before one, of an account if one is named.
pub(super) async fn list(
    sql: &Sql,
    owner: Option<Uuid>,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<Listed>, DbError> {
    let before = before.unwrap_or(Uuid::max());
    let rows = sql
        .query(
            "SELECT owner, id, of_account, template, locale, notification_id, content_sealed, created_at, due_at, tries, sent_at,
                    failed_at, failure
             FROM mails WHERE id < $1 AND ($2::uuid IS NULL OR owner = $2) ORDER BY id DESC LIMIT $3",
            &[&before, &owner, &most],
        )
        .await?;
    let listed = |row: &Row| Listed {
        mail: queued(row),
        created_at: row.get(7),
        due_at: row.get(8),
        tries: row.get(9),
        sent_at: row.get(10),
        failed_at: row.get(11),
        failure: row.get(12),
    };
    Ok(rows.iter().map(listed).collect())
}
