//! SQL on `news`.

use domain::notices::Topic;
use jiff::Timestamp;
use kernel::BookingId;
use platform::db::{DbError, Sql, json};
use platform::http::Problem;
use tokio_postgres::types::Json;

use super::super::consumer::OF_FLIGHT;
use super::Params;

/// Something there is news of.
pub(in crate::notify) struct NewNews {
    pub(in crate::notify) subject: String,
    pub(in crate::notify) fact: String,
    pub(in crate::notify) topic: Option<Topic>,
    pub(in crate::notify) params: Params,
    pub(in crate::notify) sequence: i64,
    pub(in crate::notify) due_at: Timestamp,
    pub(in crate::notify) now: Timestamp,
}

/// A row that is due and locked.
#[derive(Clone, Debug)]
pub(in crate::notify) struct Due {
    pub(in crate::notify) subject: String,
    pub(in crate::notify) fact: String,
    pub(in crate::notify) topic: Option<String>,
    pub(in crate::notify) params: Params,
    pub(in crate::notify) told_until: Option<BookingId>,
    pub(in crate::notify) tries: i32,
}

impl Due {
    /// What there is to tell, if that is said. What a newer release put waits for a worker of that release.
    pub(in crate::notify) fn known_topic(&self) -> Result<Option<Topic>, Problem> {
        let newer = |word: &str| Problem::internal(anyhow::anyhow!("a newer release knows {word:?}"));
        self.topic.as_deref().map(|word| Topic::parse(word).ok_or_else(|| newer(word))).transpose()
    }
}

/// Writes down that there is news, to be told from the beginning. What was being told of the same meanwhile is told anew: whoever knows is
/// not told again. It waits for whoever is telling a page of it.
pub(in crate::notify) async fn put(sql: &Sql, news: &[NewNews]) -> Result<(), DbError> {
    let subjects: Vec<&str> = news.iter().map(|one| one.subject.as_str()).collect();
    let facts: Vec<&str> = news.iter().map(|one| one.fact.as_str()).collect();
    let topics: Vec<Option<&str>> = news.iter().map(|one| one.topic.map(Topic::as_str)).collect();
    let params: Vec<Json<&Params>> = news.iter().map(|one| Json(&one.params)).collect();
    let sequences: Vec<i64> = news.iter().map(|one| one.sequence).collect();
    let dues: Vec<Timestamp> = news.iter().map(|one| one.due_at).collect();
    let nows: Vec<Timestamp> = news.iter().map(|one| one.now).collect();
    // In one order, so that two that write several never wait for each other.
    sql.execute(
        "INSERT INTO news AS n (subject, fact, topic, params, sequence, due_at, created_at)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::timestamptz[], $7::timestamptz[])
             AS new (subject, fact, topic, params, sequence, due_at, created_at) ORDER BY new.subject, new.fact
         ON CONFLICT (subject, fact) DO UPDATE SET topic = excluded.topic, params = excluded.params, sequence = excluded.sequence,
             due_at = excluded.due_at, told_until = NULL, tries = 0
         WHERE n.sequence < excluded.sequence",
        &[&subjects, &facts, &topics, &params, &sequences, &dues, &nows],
    )
    .await?;
    Ok(())
}

/// The same of what comes once and is not put again: a row there is stays as it is. How many are new.
pub(in crate::notify) async fn put_once(
    sql: &Sql,
    subjects: &[String],
    (fact, topic, params): (&str, Topic, &Params),
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "INSERT INTO news (subject, fact, topic, params, sequence, due_at, created_at)
         SELECT subject, $2::text, $3::text, $4::jsonb, 0, $5::timestamptz, $5::timestamptz FROM unnest($1::text[]) AS new (subject)
         ORDER BY subject
         ON CONFLICT (subject, fact) DO NOTHING",
        &[&subjects, &fact, &topic.as_str(), &Json(params), &now],
    )
    .await
}

/// Locks what has been due for longest, announcements after everything else; nothing if there is nothing that nobody else tells.
pub(in crate::notify) async fn lock_due(sql: &Sql, now: Timestamp) -> Result<Option<Due>, DbError> {
    let row = sql
        .query_opt(
            "SELECT subject, fact, topic, params, told_until, tries FROM news WHERE due_at <= $1
             ORDER BY (topic = 'announced') IS TRUE, due_at LIMIT 1 FOR UPDATE SKIP LOCKED",
            &[&now],
        )
        .await?;
    let due = row.map(|row| {
        Ok(Due {
            subject: row.get(0),
            fact: row.get(1),
            topic: row.get(2),
            params: json(&row, 3)?,
            told_until: row.get::<_, Option<_>>(4).map(BookingId::from_uuid),
            tries: row.get(5),
        })
    });
    due.transpose()
}

/// Keeps everybody else from telling of a flight until the transaction ends; waits for whoever does.
pub(in crate::notify) async fn lock(sql: &Sql, flight: &str, now: Timestamp) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO news AS n (subject, fact, params, sequence, created_at) VALUES ($1, $2, '{}', 0, $3)
         ON CONFLICT (subject, fact) DO UPDATE SET fact = n.fact",
        &[&flight, &OF_FLIGHT, &now],
    )
    .await?;
    Ok(())
}

/// Takes away what [`lock`] put. What there is to tell everybody stays.
pub(in crate::notify) async fn unlock(sql: &Sql, flight: &str) -> Result<(), DbError> {
    let unlock = "DELETE FROM news WHERE subject = $1 AND fact = $2 AND due_at IS NULL";
    sql.execute(unlock, &[&flight, &OF_FLIGHT]).await?;
    Ok(())
}

/// It was told so far; the next page follows.
pub(in crate::notify) async fn told_until(sql: &Sql, due: &Due, until: BookingId) -> Result<(), DbError> {
    sql.execute(
        "UPDATE news SET told_until = $3, tries = 0 WHERE subject = $1 AND fact = $2",
        &[&due.subject, &due.fact, &until.uuid()],
    )
    .await?;
    Ok(())
}

/// Everybody was told.
pub(in crate::notify) async fn done(sql: &Sql, due: &Due) -> Result<(), DbError> {
    let gone = "DELETE FROM news WHERE subject = $1 AND fact = $2";
    sql.execute(gone, &[&due.subject, &due.fact]).await?;
    Ok(())
}

/// Everybody was told, and it is not to be told again: the row stays.
pub(in crate::notify) async fn over(sql: &Sql, due: &Due) -> Result<(), DbError> {
    let over = "UPDATE news SET due_at = NULL WHERE subject = $1 AND fact = $2";
    sql.execute(over, &[&due.subject, &due.fact]).await?;
    Ok(())
}

/// It failed, and is tried again then.
pub(in crate::notify) async fn again(sql: &Sql, due: &Due, at: Timestamp) -> Result<(), DbError> {
    sql.execute(
        "UPDATE news SET due_at = $3, tries = tries + 1 WHERE subject = $1 AND fact = $2 AND due_at IS NOT NULL",
        &[&due.subject, &due.fact, &at],
    )
    .await?;
    Ok(())
}

/// How much is to be told, and since when the oldest is due.
pub(in crate::notify) async fn waiting(sql: &Sql) -> Result<(i64, Option<Timestamp>), DbError> {
    let row = sql.query_one("SELECT count(*), min(due_at) FROM news WHERE due_at IS NOT NULL", &[]).await?;
    Ok((row.get(0), row.get(1)))
}

/// Deletes what has been over since before, some at a time; how many.
pub(in crate::notify) async fn prune(sql: &Sql, before: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM news WHERE (subject, fact) IN (
             SELECT subject, fact FROM news WHERE due_at IS NULL AND created_at < $1 LIMIT $2)",
        &[&before, &most],
    )
    .await
}
