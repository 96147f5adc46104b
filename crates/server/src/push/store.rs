//! SQL on `push_subscriptions` and `pushes`.

use jiff::Timestamp;
use kernel::{NotificationId, PushId, SessionId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A browser that takes pushes.
pub(super) struct Subscription {
    pub(super) user: UserId,
    pub(super) id: PushId,
    pub(super) session: SessionId,
    pub(super) content_sealed: Vec<u8>,
    pub(super) created_at: Timestamp,
    pub(super) reached_at: Option<Timestamp>,
}

macro_rules! subscriptions {
    ($rest:literal) => {
        concat!(
            "SELECT user_id, id, session_id, content_sealed, created_at, reached_at FROM push_subscriptions ",
            $rest
        )
    };
}

fn subscription(row: &Row) -> Subscription {
    Subscription {
        user: UserId::from_uuid(row.get(0)),
        id: PushId::from_uuid(row.get(1)),
        session: SessionId::from_uuid(row.get(2)),
        content_sealed: row.get(3),
        created_at: row.get(4),
        reached_at: row.get(5),
    }
}

/// Those of an account, the newest first.
pub(super) async fn all(sql: &Sql, user: UserId) -> Result<Vec<Subscription>, DbError> {
    let of = subscriptions!("WHERE user_id = $1 ORDER BY id DESC");
    Ok(sql.query(of, &[&user.uuid()]).await?.iter().map(subscription).collect())
}

/// One of somebody's.
pub(super) async fn find(sql: &Sql, (user, id): (UserId, PushId)) -> Result<Option<Subscription>, DbError> {
    let one = subscriptions!("WHERE user_id = $1 AND id = $2");
    Ok(sql.query_opt(one, &[&user.uuid(), &id.uuid()]).await?.as_ref().map(subscription))
}

/// The one of a browser that an account added before, if it did.
pub(super) async fn of_place(sql: &Sql, user: UserId, index: &[u8]) -> Result<Option<Subscription>, DbError> {
    let one = subscriptions!("WHERE user_id = $1 AND endpoint_index = $2");
    Ok(sql.query_opt(one, &[&user.uuid(), &index]).await?.as_ref().map(subscription))
}

pub(super) async fn insert(sql: &Sql, row: &Subscription, index: &[u8]) -> Result<(), DbError> {
    let new =
        "INSERT INTO push_subscriptions (user_id, id, session_id, endpoint_index, content_sealed, created_at)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let (user, id, session) = (row.user.uuid(), row.id.uuid(), row.session.uuid());
    sql.execute(new, &[&user, &id, &session, &index, &row.content_sealed, &row.created_at]).await?;
    Ok(())
}

/// It goes on in another session, with the keys it has now.
pub(super) async fn renew(sql: &Sql, row: &Subscription) -> Result<(), DbError> {
    let renew =
        "UPDATE push_subscriptions SET session_id = $3, content_sealed = $4, failing_since = NULL, misses = 0
                 WHERE user_id = $1 AND id = $2";
    sql.execute(renew, &[&row.user.uuid(), &row.id.uuid(), &row.session.uuid(), &row.content_sealed]).await?;
    Ok(())
}

/// Whoever else had that browser has it no more.
pub(super) async fn take_from_others(sql: &Sql, user: UserId, index: &[u8]) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM push_subscriptions WHERE endpoint_index = $2 AND user_id <> $1",
        &[&user.uuid(), &index],
    )
    .await
}

/// One of somebody's is removed; whether it was there. What is on its way to it finds nobody, and ends.
pub(super) async fn delete(sql: &Sql, (user, id): (UserId, PushId)) -> Result<bool, DbError> {
    let deleted = "DELETE FROM push_subscriptions WHERE user_id = $1 AND id = $2";
    Ok(sql.execute(deleted, &[&user.uuid(), &id.uuid()]).await? > 0)
}

/// All of an account but those of the session that is kept.
pub(super) async fn delete_but(sql: &Sql, user: UserId, keep: Option<SessionId>) -> Result<u64, DbError> {
    let deleted = "DELETE FROM push_subscriptions WHERE user_id = $1 AND session_id IS DISTINCT FROM $2";
    sql.execute(deleted, &[&user.uuid(), &keep.map(SessionId::uuid)]).await
}

/// Accounts that have some, a page of them after one.
pub(super) async fn users(sql: &Sql, after: Option<UserId>, most: i64) -> Result<Vec<UserId>, DbError> {
    let page = "SELECT DISTINCT user_id FROM push_subscriptions WHERE user_id > $1 ORDER BY user_id LIMIT $2";
    let after = after.map_or(Uuid::nil(), UserId::uuid);
    Ok(sql.query(page, &[&after, &most]).await?.iter().map(|row| UserId::from_uuid(row.get(0))).collect())
}

/// Those of sessions that have ended.
pub(super) async fn delete_of_sessions(
    sql: &Sql,
    user: UserId,
    sessions: &[SessionId],
) -> Result<u64, DbError> {
    let sessions: Vec<Uuid> = sessions.iter().map(|session| session.uuid()).collect();
    let deleted = "DELETE FROM push_subscriptions WHERE user_id = $1 AND session_id = ANY($2)";
    sql.execute(deleted, &[&user.uuid(), &sessions]).await
}

/// All of an account, and what is on its way to them.
pub(super) async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("DELETE FROM push_subscriptions WHERE user_id = $1", &[&user.uuid()]).await?;
    sql.execute("DELETE FROM pushes WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}

/// A push was taken there.
pub(super) async fn reached(sql: &Sql, (user, id): (UserId, PushId), now: Timestamp) -> Result<(), DbError> {
    let reached = "UPDATE push_subscriptions SET reached_at = $3, failing_since = NULL, misses = 0 WHERE user_id = $1 AND id = $2";
    sql.execute(reached, &[&user.uuid(), &id.uuid(), &now]).await?;
    Ok(())
}

/// One was not; since when none is, and how many that were.
pub(super) async fn missed(
    sql: &Sql,
    (user, id): (UserId, PushId),
    now: Timestamp,
) -> Result<Option<(Timestamp, i16)>, DbError> {
    let missed =
        "UPDATE push_subscriptions SET failing_since = COALESCE(failing_since, $3), misses = misses + 1
                  WHERE user_id = $1 AND id = $2 RETURNING failing_since, misses";
    let row = sql.query_opt(missed, &[&user.uuid(), &id.uuid(), &now]).await?;
    Ok(row.map(|row| (row.get(0), row.get(1))))
}

/// A push to each browser of whoever is told a notification.
pub(super) struct NewPush {
    pub(super) user: UserId,
    pub(super) notification: NotificationId,
    pub(super) locale: &'static str,
    pub(super) is_bulk: bool,
    pub(super) gives_up_at: Timestamp,
}

/// Queues them to the browsers that there are. Ids are made here, by chance, as their number is only known here.
pub(super) async fn queue(sql: &Sql, new: &[NewPush], now: Timestamp) -> Result<u64, DbError> {
    let users: Vec<Uuid> = new.iter().map(|push| push.user.uuid()).collect();
    let notifications: Vec<Uuid> = new.iter().map(|push| push.notification.uuid()).collect();
    let locales: Vec<&str> = new.iter().map(|push| push.locale).collect();
    let bulk: Vec<bool> = new.iter().map(|push| push.is_bulk).collect();
    let until: Vec<Timestamp> = new.iter().map(|push| push.gives_up_at).collect();
    let queued = "INSERT INTO pushes (user_id, id, subscription_id, notification_id, locale, is_bulk, created_at, due_at, gives_up_at)
        SELECT s.user_id, gen_random_uuid(), s.id, n.notification, n.locale, n.bulk, $6, $6, n.until
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::timestamptz[])
             AS n (user_id, notification, locale, bulk, until)
        JOIN push_subscriptions s ON s.user_id = n.user_id
        ON CONFLICT ON CONSTRAINT pushes_once DO NOTHING";
    sql.execute(queued, &[&users, &notifications, &locales, &bulk, &until, &now]).await
}

/// A push that is claimed for sending.
pub(super) struct Claimed {
    pub(super) user: UserId,
    pub(super) id: Uuid,
    pub(super) subscription: PushId,
    pub(super) notification: NotificationId,
    pub(super) locale: String,
    pub(super) gives_up_at: Timestamp,
    pub(super) tries: i32,
}

/// Claims pushes that are due, what is told to many last. If this process dies, they are due again at `again_at`.
pub(super) async fn claim(
    sql: &Sql,
    (now, again_at): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<Claimed>, DbError> {
    let claim = "UPDATE pushes SET due_at = $2, tries = tries + 1
        WHERE (user_id, id) IN (
            SELECT user_id, id FROM pushes WHERE due_at <= $1 AND gives_up_at > $1
            ORDER BY is_bulk, due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING user_id, id, subscription_id, notification_id, locale, gives_up_at, tries";
    let claimed = |row: &Row| Claimed {
        user: UserId::from_uuid(row.get(0)),
        id: row.get(1),
        subscription: PushId::from_uuid(row.get(2)),
        notification: NotificationId::from_uuid(row.get(3)),
        locale: row.get(4),
        gives_up_at: row.get(5),
        tries: row.get(6),
    };
    Ok(sql.query(claim, &[&now, &again_at, &most]).await?.iter().map(claimed).collect())
}

/// It is over.
pub(super) async fn done(sql: &Sql, push: &Claimed) -> Result<(), DbError> {
    sql.execute("DELETE FROM pushes WHERE user_id = $1 AND id = $2", &[&push.user.uuid(), &push.id]).await?;
    Ok(())
}

/// It is tried again; `tries` says how often it was by now.
pub(super) async fn again(sql: &Sql, push: &Claimed, at: Timestamp, tries: i32) -> Result<(), DbError> {
    let again = "UPDATE pushes SET due_at = $3, tries = $4 WHERE user_id = $1 AND id = $2";
    sql.execute(again, &[&push.user.uuid(), &push.id, &at, &tries]).await?;
    Ok(())
}

/// How many wait, and since when the oldest does.
pub(super) async fn waiting(sql: &Sql) -> Result<(i64, Option<Timestamp>), DbError> {
    let row = sql.query_one("SELECT count(*), min(created_at) FROM pushes", &[]).await?;
    Ok((row.get(0), row.get(1)))
}

/// Deletes what nobody wants any more, some at a time; how many.
pub(super) async fn give_up(sql: &Sql, now: Timestamp, most: i64) -> Result<u64, DbError> {
    let over = "DELETE FROM pushes WHERE (user_id, id) IN (
                    SELECT user_id, id FROM pushes WHERE gives_up_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
    sql.execute(over, &[&now, &most]).await
}
