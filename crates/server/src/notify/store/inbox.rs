//! SQL on `notifications`.

use std::collections::{BTreeMap, BTreeSet};

use domain::notices::Topic;
use jiff::Timestamp;
use kernel::{BookingId, FlightId, NotificationId, UserId};
use platform::db::{DbError, Sql, json};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::{NotificationRow, Params};

/// Unread notifications that are counted.
pub(in crate::notify) const UNREAD_MOST: i64 = 100;

/// A notification to write down.
pub(in crate::notify) struct NewNotification {
    pub(in crate::notify) user: UserId,
    pub(in crate::notify) id: NotificationId,
    pub(in crate::notify) topic: Topic,
    pub(in crate::notify) fact: String,
    pub(in crate::notify) version: i32,
    pub(in crate::notify) state: String,
    pub(in crate::notify) booking: Option<BookingId>,
    pub(in crate::notify) flight: Option<FlightId>,
    pub(in crate::notify) params: Params,
}

/// The last version of each fact that somebody was told, and what it said.
pub(in crate::notify) async fn last_told(
    sql: &Sql,
    facts: &[(UserId, String)],
) -> Result<BTreeMap<(UserId, String), (i32, String)>, DbError> {
    let (users, facts): (Vec<Uuid>, Vec<&str>) =
        facts.iter().map(|(user, fact)| (user.uuid(), fact.as_str())).unzip();
    let rows = sql
        .query(
            "SELECT t.user_id, t.fact, l.version, l.state FROM unnest($1::uuid[], $2::text[]) AS t (user_id, fact)
             CROSS JOIN LATERAL (SELECT version, state FROM notifications n WHERE n.user_id = t.user_id AND n.fact = t.fact
                                 ORDER BY version DESC LIMIT 1) AS l",
            &[&users, &facts],
        )
        .await?;
    let told = |row: &Row| ((UserId::from_uuid(row.get(0)), row.get(1)), (row.get(2), row.get(3)));
    Ok(rows.iter().map(told).collect())
}

/// Writes them down, each unless its version is there, and says which are new. They take the place of earlier versions.
pub(in crate::notify) async fn insert(
    sql: &Sql,
    new: &[NewNotification],
    now: Timestamp,
) -> Result<BTreeSet<NotificationId>, DbError> {
    let users: Vec<Uuid> = new.iter().map(|one| one.user.uuid()).collect();
    let ids: Vec<Uuid> = new.iter().map(|one| one.id.uuid()).collect();
    let topics: Vec<&str> = new.iter().map(|one| one.topic.as_str()).collect();
    let facts: Vec<&str> = new.iter().map(|one| one.fact.as_str()).collect();
    let versions: Vec<i32> = new.iter().map(|one| one.version).collect();
    let states: Vec<&str> = new.iter().map(|one| one.state.as_str()).collect();
    let bookings: Vec<Option<Uuid>> = new.iter().map(|one| one.booking.map(BookingId::uuid)).collect();
    let flights: Vec<Option<Uuid>> = new.iter().map(|one| one.flight.map(FlightId::uuid)).collect();
    let params: Vec<Json<&Params>> = new.iter().map(|one| Json(&one.params)).collect();
    let rows = sql
        .query(
            "INSERT INTO notifications (user_id, id, topic, fact, version, state, booking_id, flight_id, params, created_at)
             SELECT new.*, $10::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[],
                 $7::uuid[], $8::uuid[], $9::jsonb[]) AS new
             ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING RETURNING id",
            &[&users, &ids, &topics, &facts, &versions, &states, &bookings, &flights, &params, &now],
        )
        .await?;
    sql.execute(
        "UPDATE notifications n SET superseded_at = $4
         FROM unnest($1::uuid[], $2::text[], $3::int[]) AS new (user_id, fact, version)
         WHERE n.user_id = new.user_id AND n.fact = new.fact AND n.version < new.version AND n.superseded_at IS NULL",
        &[&users, &facts, &versions, &now],
    )
    .await?;
    Ok(rows.iter().map(|row| NotificationId::from_uuid(row.get(0))).collect())
}

/// The notification that told somebody a version of a fact.
pub(in crate::notify) async fn id_of(
    sql: &Sql,
    user: UserId,
    (fact, version): (&str, i32),
) -> Result<Option<NotificationId>, DbError> {
    let id = "SELECT id FROM notifications WHERE user_id = $1 AND fact = $2 AND version = $3";
    let row = sql.query_opt(id, &[&user.uuid(), &fact, &version]).await?;
    Ok(row.map(|row| NotificationId::from_uuid(row.get(0))))
}

macro_rules! notification_columns {
    () => {
        "user_id, id, topic, state, booking_id, flight_id, params, created_at, read_at, superseded_at IS NOT NULL, fact"
    };
}

fn notification(row: &Row) -> Result<NotificationRow, DbError> {
    Ok(NotificationRow {
        user: UserId::from_uuid(row.get(0)),
        id: NotificationId::from_uuid(row.get(1)),
        topic: row.get(2),
        state: row.get(3),
        booking: row.get::<_, Option<_>>(4).map(BookingId::from_uuid),
        flight: row.get::<_, Option<_>>(5).map(FlightId::from_uuid),
        params: json(row, 6)?,
        created_at: row.get(7),
        read_at: row.get(8),
        superseded: row.get(9),
        fact: row.get(10),
    })
}

/// One of somebody's.
pub(in crate::notify) async fn find(
    sql: &Sql,
    user: UserId,
    id: NotificationId,
) -> Result<Option<NotificationRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", notification_columns!(), " FROM notifications WHERE user_id = $1 AND id = $2");
    sql.query_opt(SQL, &[&user.uuid(), &id.uuid()]).await?.as_ref().map(notification).transpose()
}

/// Somebody's, the newest before one.
pub(in crate::notify) async fn list(
    sql: &Sql,
    user: UserId,
    before: Option<NotificationId>,
    most: i64,
) -> Result<Vec<NotificationRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        notification_columns!(),
        " FROM notifications WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    );
    let before = before.map_or(Uuid::max(), NotificationId::uuid);
    sql.query(SQL, &[&user.uuid(), &before, &most]).await?.iter().map(notification).collect()
}

/// How many somebody has not read, as far as it is counted. What is outdated is not.
pub(in crate::notify) async fn unread(sql: &Sql, user: UserId) -> Result<i64, DbError> {
    let count = "SELECT count(*) FROM (SELECT 1 FROM notifications
                 WHERE user_id = $1 AND read_at IS NULL AND superseded_at IS NULL LIMIT $2) AS unread";
    Ok(sql.query_one(count, &[&user.uuid(), &UNREAD_MOST]).await?.get(0))
}

/// It was read, at the time it was first; or it is not read after all. Whether there is such.
pub(in crate::notify) async fn mark(
    sql: &Sql,
    (user, id): (UserId, NotificationId),
    read_at: Option<Timestamp>,
) -> Result<bool, DbError> {
    let mark = "UPDATE notifications SET read_at = CASE WHEN $3::timestamptz IS NULL THEN NULL ELSE COALESCE(read_at, $3) END
                WHERE user_id = $1 AND id = $2";
    Ok(sql.execute(mark, &[&user.uuid(), &id.uuid(), &read_at]).await? == 1)
}

/// One and all before it were read; how many had not been.
pub(in crate::notify) async fn mark_until(
    sql: &Sql,
    (user, until): (UserId, NotificationId),
    now: Timestamp,
) -> Result<u64, DbError> {
    let mark = "UPDATE notifications SET read_at = $3 WHERE user_id = $1 AND id <= $2 AND read_at IS NULL AND superseded_at IS NULL";
    sql.execute(mark, &[&user.uuid(), &until.uuid(), &now]).await
}

/// Deletes what was told before, some at a time; how many. Ids begin with their time, and those of flights with their date: what was told
/// of flights from that one on stays.
pub(in crate::notify) async fn prune(
    sql: &Sql,
    (before, flight): (Uuid, FlightId),
    most: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM notifications WHERE (user_id, id) IN (
             SELECT user_id, id FROM notifications WHERE id < $1 AND (flight_id IS NULL OR flight_id < $2) LIMIT $3)",
        &[&before, &flight.uuid(), &most],
    )
    .await
}

/// All of an account.
pub(in crate::notify) async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("DELETE FROM notifications WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}
