//! Sessions and what carries them.

use jiff::Timestamp;
use kernel::{ClientId, SessionId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::access::Role;

/// A session's row when it is opened.
pub(in crate::identity) struct NewRow<'a> {
    pub(in crate::identity) user: UserId,
    pub(in crate::identity) id: SessionId,
    pub(in crate::identity) cookie_hash: Option<&'a [u8]>,
    pub(in crate::identity) client: Option<ClientId>,
    pub(in crate::identity) scopes: &'a [&'a str],
    pub(in crate::identity) device_sealed: &'a [u8],
    pub(in crate::identity) now: Timestamp,
    pub(in crate::identity) second_factor_at: Option<Timestamp>,
    pub(in crate::identity) idle_minutes: i32,
    pub(in crate::identity) ends_at: Timestamp,
}

/// Keeps an account as it is until the transaction ends: who disables it, or gives it another role or password, waits, and then
/// ends what was opened meanwhile too. Its role; `None` if there is no such account, it is disabled, or its password is not the
/// one of this hash any more.
pub(in crate::identity) async fn hold_account(
    sql: &Sql,
    user: UserId,
    password_hash: Option<&str>,
) -> Result<Option<Role>, DbError> {
    let row = sql
        .query_opt(
            "SELECT role FROM users
             WHERE id = $1 AND disabled_at IS NULL AND ($2::text IS NULL OR password_hash = $2) FOR SHARE",
            &[&user.uuid(), &password_hash],
        )
        .await?;
    row.map(|row| Role::of_row(row.get(0))).transpose()
}

/// Keeps others from opening sessions of the account until the transaction ends.
pub(in crate::identity) async fn lock_account(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", &[&user.uuid()]).await?;
    Ok(())
}

/// Opens it. The caller holds the account, and the program if it is for one.
pub(in crate::identity) async fn insert(sql: &Sql, row: &NewRow<'_>) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO sessions (user_id, id, cookie_hash, client_id, scopes, device_sealed, started_at, seen_at, proven_at,
                               second_factor_at, idle_minutes, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, $9, $10)",
        &[
            &row.user.uuid(),
            &row.id.uuid(),
            &row.cookie_hash,
            &row.client.map(ClientId::uuid),
            &row.scopes,
            &row.device_sealed,
            &row.now,
            &row.second_factor_at,
            &row.idle_minutes,
            &row.ends_at,
        ],
    )
    .await?;
    Ok(())
}

/// A session that is alive, with what its account is now.
#[derive(Clone, Debug)]
pub(in crate::identity) struct Live {
    pub(in crate::identity) id: SessionId,
    pub(in crate::identity) user: UserId,
    pub(in crate::identity) role: Role,
    pub(in crate::identity) cookie_hash: Option<Vec<u8>>,
    pub(in crate::identity) client: Option<ClientId>,
    pub(in crate::identity) scope: String,
    pub(in crate::identity) seen_at: Timestamp,
    pub(in crate::identity) proven_at: Timestamp,
    pub(in crate::identity) second_factor_at: Option<Timestamp>,
}

const LIVE: &str =
    "SELECT s.id, s.user_id, u.role, s.cookie_hash, s.client_id, array_to_string(s.scopes, ' '), s.seen_at,
        s.proven_at, s.second_factor_at
 FROM sessions s JOIN users u ON u.id = s.user_id
 WHERE s.user_id = $1 AND s.id = $2 AND s.ended_at IS NULL AND u.disabled_at IS NULL AND s.ends_at > $3
   AND s.seen_at + make_interval(mins => s.idle_minutes) > $3
   AND (s.client_id IS NULL OR EXISTS (
       SELECT 1 FROM oauth_clients c
       WHERE c.id = s.client_id AND c.disabled_at IS NULL AND (c.void_before IS NULL OR c.void_before <= s.started_at)))";

fn live(row: &Row) -> Result<Live, DbError> {
    Ok(Live {
        id: SessionId::from_uuid(row.get(0)),
        user: UserId::from_uuid(row.get(1)),
        role: Role::of_row(row.get(2))?,
        cookie_hash: row.get(3),
        client: row.get::<_, Option<Uuid>>(4).map(ClientId::from_uuid),
        scope: row.get(5),
        seen_at: row.get(6),
        proven_at: row.get(7),
        second_factor_at: row.get(8),
    })
}

/// The session, if it is neither over nor ended and neither its account nor its program is disabled.
pub(in crate::identity) async fn find(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    now: Timestamp,
) -> Result<Option<Live>, DbError> {
    let row = sql.query_opt(LIVE, &[&user.uuid(), &id.uuid(), &now]).await?;
    row.as_ref().map(live).transpose()
}

/// Whether it was ended before its time.
pub(in crate::identity) async fn was_ended(
    sql: &Sql,
    (user, id): (UserId, SessionId),
) -> Result<bool, DbError> {
    let ended = "SELECT 1 FROM sessions WHERE user_id = $1 AND id = $2 AND ended_at IS NOT NULL";
    Ok(sql.query_opt(ended, &[&user.uuid(), &id.uuid()]).await?.is_some())
}

/// The same, with its row locked: whoever refreshes it is alone.
pub(in crate::identity) async fn lock(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    now: Timestamp,
) -> Result<Option<Live>, DbError> {
    sql.execute(
        "SELECT 1 FROM sessions WHERE user_id = $1 AND id = $2 FOR UPDATE",
        &[&user.uuid(), &id.uuid()],
    )
    .await?;
    find(sql, (user, id), now).await
}

pub(in crate::identity) async fn touch(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE sessions SET seen_at = $3 WHERE user_id = $1 AND id = $2 AND seen_at < $3",
        &[&user.uuid(), &id.uuid(), &now],
    )
    .await?;
    Ok(())
}

/// The owner proved again who they are.
pub(in crate::identity) async fn prove(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    second_factor: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE sessions SET proven_at = $3, second_factor_at = CASE WHEN $4 THEN $3 ELSE second_factor_at END
         WHERE user_id = $1 AND id = $2",
        &[&user.uuid(), &id.uuid(), &now, &second_factor],
    )
    .await?;
    Ok(())
}

/// A session as its owner sees it.
pub(in crate::identity) struct Listed {
    pub(in crate::identity) id: SessionId,
    pub(in crate::identity) client: Option<ClientId>,
    pub(in crate::identity) browser: bool,
    pub(in crate::identity) device_sealed: Vec<u8>,
    pub(in crate::identity) started_at: Timestamp,
    pub(in crate::identity) seen_at: Timestamp,
    pub(in crate::identity) ends_at: Timestamp,
}

/// Those that are alive, the last seen first.
pub(in crate::identity) async fn list(
    sql: &Sql,
    user: UserId,
    now: Timestamp,
    most: i64,
) -> Result<Vec<Listed>, DbError> {
    let rows = sql
        .query(
            "SELECT id, client_id, cookie_hash IS NOT NULL, device_sealed, started_at, seen_at, ends_at FROM sessions
             WHERE user_id = $1 AND ended_at IS NULL AND ends_at > $2
               AND seen_at + make_interval(mins => idle_minutes) > $2
             ORDER BY seen_at DESC, id LIMIT $3",
            &[&user.uuid(), &now, &most],
        )
        .await?;
    let listed = |row: &Row| Listed {
        id: SessionId::from_uuid(row.get(0)),
        client: row.get::<_, Option<Uuid>>(1).map(ClientId::from_uuid),
        browser: row.get(2),
        device_sealed: row.get(3),
        started_at: row.get(4),
        seen_at: row.get(5),
        ends_at: row.get(6),
    };
    Ok(rows.iter().map(listed).collect())
}

/// Ends sessions of the account that are not ended: one of them, or all but one. Which.
pub(in crate::identity) async fn end(
    sql: &Sql,
    user: UserId,
    (only, but): (Option<SessionId>, Option<SessionId>),
    cause: &str,
    now: Timestamp,
) -> Result<Vec<SessionId>, DbError> {
    let rows = sql
        .query(
            "WITH over AS (
                 UPDATE sessions SET ended_at = $4, end_cause = $5
                 WHERE user_id = $1 AND ended_at IS NULL AND ($2::uuid IS NULL OR id = $2) AND ($3::uuid IS NULL OR id <> $3)
                 RETURNING id)
             INSERT INTO ended_sessions (session_id) SELECT id FROM over ON CONFLICT DO NOTHING RETURNING session_id",
            &[&user.uuid(), &only.map(SessionId::uuid), &but.map(SessionId::uuid), &now, &cause],
        )
        .await?;
    Ok(rows.iter().map(|row| SessionId::from_uuid(row.get(0))).collect())
}

/// Which sessions ended in so many last seconds, by the database's clock.
pub(in crate::identity) async fn ended_within(sql: &Sql, seconds: f64) -> Result<Vec<SessionId>, DbError> {
    let rows = sql
        .query(
            "SELECT session_id FROM ended_sessions WHERE ended_at > clock_timestamp() - make_interval(secs => $1)",
            &[&seconds],
        )
        .await?;
    Ok(rows.iter().map(|row| SessionId::from_uuid(row.get(0))).collect())
}

/// Forgets sessions whose end is so long ago that nobody asks, some at a time; how many.
pub(in crate::identity) async fn prune(sql: &Sql, before: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM sessions WHERE (user_id, id) IN (
             SELECT user_id, id FROM sessions WHERE ends_at < $1 ORDER BY ends_at LIMIT $2)",
        &[&before, &most],
    )
    .await
}

/// Forgets ends of which no access token is left that somebody could bring, some at a time; how many.
pub(in crate::identity) async fn prune_ended(
    sql: &Sql,
    before: Timestamp,
    most: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM ended_sessions WHERE session_id IN (
             SELECT session_id FROM ended_sessions WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)",
        &[&before, &most],
    )
    .await
}

/// The session of a program that acts for itself, if it has one with these scopes: its end is moved.
pub(in crate::identity) async fn prolong(
    sql: &Sql,
    (user, client): (UserId, ClientId),
    scopes: &[&str],
    (now, ends_at): (Timestamp, Timestamp),
) -> Result<Option<SessionId>, DbError> {
    let row = sql
        .query_opt(
            "UPDATE sessions SET seen_at = $4, ends_at = $5 WHERE (user_id, id) = (
                 SELECT user_id, id FROM sessions
                 WHERE user_id = $1 AND client_id = $2 AND scopes = $3 AND ended_at IS NULL AND ends_at > $4
                   AND cookie_hash IS NULL AND NOT EXISTS (
                       SELECT 1 FROM refresh_tokens t WHERE t.user_id = sessions.user_id AND t.session_id = sessions.id)
                 ORDER BY ends_at DESC LIMIT 1 FOR UPDATE)
             RETURNING id",
            &[&user.uuid(), &client.uuid(), &scopes, &now, &ends_at],
        )
        .await?;
    Ok(row.map(|row| SessionId::from_uuid(row.get(0))))
}

/// A refresh token's row.
pub(in crate::identity) struct RefreshRow {
    pub(in crate::identity) turn: i16,
    pub(in crate::identity) issued_at: Timestamp,
    pub(in crate::identity) used_at: Option<Timestamp>,
    pub(in crate::identity) superseded_at: Option<Timestamp>,
}

fn refresh_row(row: &Row) -> RefreshRow {
    RefreshRow { turn: row.get(0), issued_at: row.get(1), used_at: row.get(2), superseded_at: row.get(3) }
}

pub(in crate::identity) async fn refresh_token(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    hash: &[u8],
) -> Result<Option<RefreshRow>, DbError> {
    let found = "SELECT turn, issued_at, used_at, superseded_at FROM refresh_tokens
                 WHERE user_id = $1 AND session_id = $2 AND hash = $3";
    Ok(sql.query_opt(found, &[&user.uuid(), &id.uuid(), &hash]).await?.as_ref().map(refresh_row))
}

/// The last successor of a refresh token.
pub(in crate::identity) async fn successor(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    parent: &[u8],
) -> Result<Option<RefreshRow>, DbError> {
    let found = "SELECT turn, issued_at, used_at, superseded_at FROM refresh_tokens
                 WHERE user_id = $1 AND session_id = $2 AND parent = $3 ORDER BY turn DESC LIMIT 1";
    Ok(sql.query_opt(found, &[&user.uuid(), &id.uuid(), &parent]).await?.as_ref().map(refresh_row))
}

/// The token is used, and its successor of this turn takes the place of those before.
pub(in crate::identity) async fn succeed(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    parent: &[u8],
    (successor, turn): (&[u8], i16),
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE refresh_tokens SET used_at = COALESCE(used_at, $4) WHERE user_id = $1 AND session_id = $2 AND hash = $3",
        &[&user.uuid(), &id.uuid(), &parent, &now],
    )
    .await?;
    sql.execute(
        "UPDATE refresh_tokens SET superseded_at = $4 WHERE user_id = $1 AND session_id = $2 AND parent = $3",
        &[&user.uuid(), &id.uuid(), &parent, &now],
    )
    .await?;
    insert_refresh_token(sql, (user, id), successor, Some((parent, turn)), now).await
}

/// Forgets refresh tokens of the session that were used or replaced before this. One of them that comes after all is refused, as
/// any that is none.
pub(in crate::identity) async fn forget_used(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    before: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM refresh_tokens
         WHERE user_id = $1 AND session_id = $2 AND (used_at < $3 OR superseded_at < $3) AND issued_at < $3",
        &[&user.uuid(), &id.uuid(), &before],
    )
    .await
}

/// A refresh token, the first of a session unless it succeeds another.
pub(in crate::identity) async fn insert_refresh_token(
    sql: &Sql,
    (user, id): (UserId, SessionId),
    hash: &[u8],
    succeeds: Option<(&[u8], i16)>,
    now: Timestamp,
) -> Result<(), DbError> {
    let (parent, turn) = succeeds.map_or((None, 0), |(parent, turn)| (Some(parent), turn));
    sql.execute(
        "INSERT INTO refresh_tokens (user_id, session_id, hash, parent, turn, issued_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&user.uuid(), &id.uuid(), &hash, &parent, &turn, &now],
    )
    .await?;
    Ok(())
}
