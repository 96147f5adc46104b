//! SQL on `announcements`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kernel::{AnnouncementId, UserId};
use platform::db::{DbError, Sql, json};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::notify::announcements::Audience;

/// What is kept of its texts.
#[derive(Clone, Debug)]
pub(in crate::notify) enum Kept {
    /// As they are.
    Open(Value),
    /// Under the key of the account it is for.
    Sealed(Vec<u8>),
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::notify) enum Status {
    Draft,
    Sent,
    Withdrawn,
}

impl Status {
    const ALL: [Self; 3] = [Self::Draft, Self::Sent, Self::Withdrawn];

    pub(in crate::notify) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sent => "sent",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A row.
#[derive(Clone, Debug)]
pub(in crate::notify) struct AnnouncementRow {
    pub(in crate::notify) id: AnnouncementId,
    pub(in crate::notify) author: UserId,
    pub(in crate::notify) audience: Audience,
    pub(in crate::notify) user: Option<UserId>,
    pub(in crate::notify) kept: Kept,
    pub(in crate::notify) status: Status,
    pub(in crate::notify) recipients: i32,
    pub(in crate::notify) created_at: Timestamp,
    pub(in crate::notify) sent_at: Option<Timestamp>,
    pub(in crate::notify) withdrawn_at: Option<Timestamp>,
}

/// What those are told by who are told of it.
pub(in crate::notify) fn fact_of(id: AnnouncementId) -> String {
    format!("announcement/{id}")
}

macro_rules! columns {
    () => {
        "id, author_id, audience, user_id, texts, texts_sealed, status, recipients, created_at, sent_at, withdrawn_at"
    };
}

fn announcement(row: &Row) -> Result<AnnouncementRow, DbError> {
    let sealed: Option<Vec<u8>> = row.get(5);
    let word: &str = row.get(6);
    Ok(AnnouncementRow {
        id: AnnouncementId::from_uuid(row.get(0)),
        author: UserId::from_uuid(row.get(1)),
        audience: json(row, 2)?,
        user: row.get::<_, Option<_>>(3).map(UserId::from_uuid),
        kept: match sealed {
            Some(sealed) => Kept::Sealed(sealed),
            None => Kept::Open(json(row, 4)?),
        },
        // The table has no other words.
        status: Status::ALL.into_iter().find(|one| one.as_str() == word).unwrap_or(Status::Withdrawn),
        recipients: row.get(7),
        created_at: row.get(8),
        sent_at: row.get(9),
        withdrawn_at: row.get(10),
    })
}

/// A new one.
pub(in crate::notify) async fn insert(sql: &Sql, row: &AnnouncementRow) -> Result<(), DbError> {
    let (open, sealed) = match &row.kept {
        Kept::Open(texts) => (Some(Json(texts)), None),
        Kept::Sealed(sealed) => (None, Some(sealed)),
    };
    sql.execute(
        "INSERT INTO announcements (id, author_id, audience, user_id, texts, texts_sealed, status, recipients, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &row.id.uuid(),
            &row.author.uuid(),
            &Json(&row.audience),
            &row.user.map(UserId::uuid),
            &open,
            &sealed,
            &row.status.as_str(),
            &row.recipients,
            &row.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// These, in no order.
pub(in crate::notify) async fn find(
    sql: &Sql,
    ids: &BTreeSet<AnnouncementId>,
) -> Result<Vec<AnnouncementRow>, DbError> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM announcements WHERE id = ANY($1)");
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sql.query(SQL, &[&ids]).await?.iter().map(announcement).collect()
}

/// One, so that nobody sends it, takes it back or tells it meanwhile.
pub(in crate::notify) async fn lock(
    sql: &Sql,
    id: AnnouncementId,
) -> Result<Option<AnnouncementRow>, DbError> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM announcements WHERE id = $1 FOR UPDATE");
    sql.query_opt(SQL, &[&id.uuid()]).await?.as_ref().map(announcement).transpose()
}

/// Whether it stands, which it then does until the transaction ends.
pub(in crate::notify) async fn stands(sql: &Sql, id: AnnouncementId) -> Result<bool, DbError> {
    let stands = "SELECT FROM announcements WHERE id = $1 AND status = 'sent' FOR SHARE";
    Ok(sql.query_opt(stands, &[&id.uuid()]).await?.is_some())
}

/// The newest before one.
pub(in crate::notify) async fn list(
    sql: &Sql,
    before: Option<AnnouncementId>,
    most: i64,
) -> Result<Vec<AnnouncementRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM announcements WHERE id < $1 ORDER BY id DESC LIMIT $2");
    let before = before.map_or(Uuid::max(), AnnouncementId::uuid);
    sql.query(SQL, &[&before, &most]).await?.iter().map(announcement).collect()
}

/// It is sent to so many.
pub(in crate::notify) async fn sent(sql: &Sql, id: AnnouncementId, now: Timestamp) -> Result<(), DbError> {
    let sent = "UPDATE announcements SET status = 'sent', sent_at = $2 WHERE id = $1";
    sql.execute(sent, &[&id.uuid(), &now]).await?;
    Ok(())
}

/// It is taken back: nobody is told any more, and for whoever was it is outdated.
pub(in crate::notify) async fn withdraw(
    sql: &Sql,
    id: AnnouncementId,
    now: Timestamp,
) -> Result<(), DbError> {
    let withdraw = "UPDATE announcements SET status = 'withdrawn', withdrawn_at = $2 WHERE id = $1";
    sql.execute(withdraw, &[&id.uuid(), &now]).await?;
    let outdated = "UPDATE notifications SET superseded_at = $2
                    WHERE topic = 'announced' AND fact = $1 AND superseded_at IS NULL";
    sql.execute(outdated, &[&fact_of(id), &now]).await?;
    Ok(())
}

/// How many were told so far of each of these, in their order, and how many of them have read it.
pub(in crate::notify) async fn told(sql: &Sql, ids: &[AnnouncementId]) -> Result<Vec<(i64, i64)>, DbError> {
    let facts: Vec<String> = ids.iter().map(|id| fact_of(*id)).collect();
    let count = "SELECT t.told, t.read FROM unnest($1::text[]) WITH ORDINALITY AS a (fact, place)
                 CROSS JOIN LATERAL (SELECT count(*) AS told, count(read_at) AS read FROM notifications n
                                     WHERE n.topic = 'announced' AND n.fact = a.fact) AS t ORDER BY a.place";
    Ok(sql.query(count, &[&facts]).await?.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Deletes drafts and announcements from before these times, some at a time; how many. One that stands in somebody's inbox stays.
pub(in crate::notify) async fn prune(
    sql: &Sql,
    (drafts, others): (Timestamp, Timestamp),
    most: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM announcements WHERE id IN (
             SELECT id FROM announcements a WHERE (status = 'draft' AND created_at < $1) OR (created_at < $2 AND NOT EXISTS (
                 SELECT FROM notifications n WHERE n.topic = 'announced' AND n.fact = 'announcement/ann_' || replace(a.id::text, '-', '')))
             LIMIT $3 FOR UPDATE SKIP LOCKED)",
        &[&drafts, &others, &most],
    )
    .await
}

/// Accounts to which alone something was announced, in their order: those behind one.
pub(in crate::notify) async fn users(
    sql: &Sql,
    after: Option<UserId>,
    most: i64,
) -> Result<Vec<UserId>, DbError> {
    let users = "SELECT DISTINCT user_id FROM announcements WHERE user_id > $1 ORDER BY user_id LIMIT $2";
    let after = after.map_or(Uuid::nil(), UserId::uuid);
    Ok(sql.query(users, &[&after, &most]).await?.iter().map(|row| UserId::from_uuid(row.get(0))).collect())
}

/// Deletes what was announced to these accounts alone; how much it was.
pub(in crate::notify) async fn prune_of(sql: &Sql, users: &[UserId]) -> Result<u64, DbError> {
    let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let prune = "DELETE FROM announcements WHERE id IN (
                     SELECT id FROM announcements WHERE user_id = ANY($1) FOR UPDATE SKIP LOCKED)";
    sql.execute(prune, &[&users]).await
}

/// What was announced to an account alone.
pub(in crate::notify) async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("DELETE FROM announcements WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}
