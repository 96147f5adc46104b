//! Programs, and the codes on their way to a session.

use jiff::Timestamp;
use kernel::{ClientId, SessionId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A client's row.
#[derive(Clone)]
pub(in crate::identity) struct ClientRow {
    pub(in crate::identity) id: ClientId,
    pub(in crate::identity) name: String,
    pub(in crate::identity) secret_hash: Option<Vec<u8>>,
    pub(in crate::identity) older_hash: Option<Vec<u8>>,
    pub(in crate::identity) older_until: Option<Timestamp>,
    pub(in crate::identity) redirect_uris: Vec<String>,
    pub(in crate::identity) scopes: Vec<String>,
    pub(in crate::identity) acts_for: Option<UserId>,
    pub(in crate::identity) created_at: Timestamp,
    pub(in crate::identity) disabled_at: Option<Timestamp>,
    /// Its sessions that began before this are over.
    pub(in crate::identity) void_before: Option<Timestamp>,
}

macro_rules! select_clients {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, secret_hash, older_hash, older_until, redirect_uris, scopes, acts_for, created_at, disabled_at, void_before
             FROM oauth_clients ",
            $rest
        )
    };
}

fn client_row(row: &Row) -> ClientRow {
    ClientRow {
        id: ClientId::from_uuid(row.get(0)),
        name: row.get(1),
        secret_hash: row.get(2),
        older_hash: row.get(3),
        older_until: row.get(4),
        redirect_uris: row.get(5),
        scopes: row.get(6),
        acts_for: row.get::<_, Option<Uuid>>(7).map(UserId::from_uuid),
        created_at: row.get(8),
        disabled_at: row.get(9),
        void_before: row.get(10),
    }
}

pub(in crate::identity) async fn client(sql: &Sql, id: ClientId) -> Result<Option<ClientRow>, DbError> {
    let row = sql.query_opt(select_clients!("WHERE id = $1"), &[&id.uuid()]).await?;
    Ok(row.as_ref().map(client_row))
}

/// The same, with the row locked for a change.
pub(in crate::identity) async fn lock_client(sql: &Sql, id: ClientId) -> Result<Option<ClientRow>, DbError> {
    let row = sql.query_opt(select_clients!("WHERE id = $1 FOR UPDATE"), &[&id.uuid()]).await?;
    Ok(row.as_ref().map(client_row))
}

/// The clients after one, the oldest first.
pub(in crate::identity) async fn clients(
    sql: &Sql,
    after: Option<ClientId>,
    most: i64,
) -> Result<Vec<ClientRow>, DbError> {
    let after = after.map_or(Uuid::nil(), ClientId::uuid);
    let rows = sql.query(select_clients!("WHERE id > $1 ORDER BY id LIMIT $2"), &[&after, &most]).await?;
    Ok(rows.iter().map(client_row).collect())
}

pub(in crate::identity) async fn insert_client(sql: &Sql, row: &ClientRow) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO oauth_clients (id, name, secret_hash, redirect_uris, scopes, acts_for, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &row.id.uuid(),
            &row.name,
            &row.secret_hash,
            &row.redirect_uris,
            &row.scopes,
            &row.acts_for.map(UserId::uuid),
            &row.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// Everything of the row that may change.
pub(in crate::identity) async fn update_client(sql: &Sql, row: &ClientRow) -> Result<(), DbError> {
    sql.execute(
        "UPDATE oauth_clients SET name = $2, secret_hash = $3, older_hash = $4, older_until = $5, redirect_uris = $6,
                scopes = $7, disabled_at = $8, void_before = $9
         WHERE id = $1",
        &[
            &row.id.uuid(),
            &row.name,
            &row.secret_hash,
            &row.older_hash,
            &row.older_until,
            &row.redirect_uris,
            &row.scopes,
            &row.disabled_at,
            &row.void_before,
        ],
    )
    .await?;
    Ok(())
}

/// Keeps a program as it is until the transaction ends; `false` if it is disabled or none.
pub(in crate::identity) async fn hold_client(sql: &Sql, id: ClientId) -> Result<bool, DbError> {
    let held = "SELECT 1 FROM oauth_clients WHERE id = $1 AND disabled_at IS NULL FOR SHARE";
    Ok(sql.query_opt(held, &[&id.uuid()]).await?.is_some())
}

/// Programs that get nothing: those that are disabled.
pub(in crate::identity) async fn disabled(sql: &Sql) -> Result<Vec<ClientId>, DbError> {
    let rows = sql.query("SELECT id FROM oauth_clients WHERE disabled_at IS NOT NULL", &[]).await?;
    Ok(rows.iter().map(|row| ClientId::from_uuid(row.get(0))).collect())
}

/// Ends sessions of programs that began before their program was disabled, `most` at a time; which.
pub(in crate::identity) async fn end_void(
    sql: &Sql,
    cause: &str,
    now: Timestamp,
    most: i64,
) -> Result<Vec<SessionId>, DbError> {
    let rows = sql
        .query(
            "WITH void AS (
                 SELECT s.user_id, s.id FROM oauth_clients c JOIN sessions s ON s.client_id = c.id
                 WHERE c.void_before IS NOT NULL AND s.ended_at IS NULL AND s.started_at < c.void_before
                 LIMIT $3 FOR UPDATE OF s SKIP LOCKED),
             over AS (
                 UPDATE sessions s SET ended_at = $1, end_cause = $2 FROM void
                 WHERE s.user_id = void.user_id AND s.id = void.id RETURNING s.id)
             INSERT INTO ended_sessions (session_id) SELECT id FROM over ON CONFLICT DO NOTHING RETURNING session_id",
            &[&now, &cause, &most],
        )
        .await?;
    Ok(rows.iter().map(|row| SessionId::from_uuid(row.get(0))).collect())
}

/// A code's row.
pub(in crate::identity) struct CodeRow {
    pub(in crate::identity) client: ClientId,
    pub(in crate::identity) user: UserId,
    pub(in crate::identity) redirect_uri: String,
    pub(in crate::identity) challenge: String,
    pub(in crate::identity) scopes: Vec<String>,
    /// The session in which its owner approved.
    pub(in crate::identity) approved_in: SessionId,
    pub(in crate::identity) expires_at: Timestamp,
    pub(in crate::identity) used_at: Option<Timestamp>,
    /// The session it was used for.
    pub(in crate::identity) session: Option<SessionId>,
}

pub(in crate::identity) async fn insert_code(sql: &Sql, hash: &[u8], row: &CodeRow) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO oauth_codes (hash, client_id, user_id, redirect_uri, challenge, scopes, approved_in, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &hash,
            &row.client.uuid(),
            &row.user.uuid(),
            &row.redirect_uri,
            &row.challenge,
            &row.scopes,
            &row.approved_in.uuid(),
            &row.expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// The code, locked: of two who bring it, one is the first.
pub(in crate::identity) async fn lock_code(sql: &Sql, hash: &[u8]) -> Result<Option<CodeRow>, DbError> {
    let row = sql
        .query_opt(
            "SELECT client_id, user_id, redirect_uri, challenge, scopes, approved_in, expires_at, used_at, session_id
             FROM oauth_codes WHERE hash = $1 AND approved_in IS NOT NULL FOR UPDATE",
            &[&hash],
        )
        .await?;
    Ok(row.map(|row| CodeRow {
        client: ClientId::from_uuid(row.get(0)),
        user: UserId::from_uuid(row.get(1)),
        redirect_uri: row.get(2),
        challenge: row.get(3),
        scopes: row.get(4),
        approved_in: SessionId::from_uuid(row.get(5)),
        expires_at: row.get(6),
        used_at: row.get(7),
        session: row.get::<_, Option<Uuid>>(8).map(SessionId::from_uuid),
    }))
}

pub(in crate::identity) async fn use_code(
    sql: &Sql,
    hash: &[u8],
    session: SessionId,
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE oauth_codes SET used_at = $3, session_id = $2 WHERE hash = $1",
        &[&hash, &session.uuid(), &now],
    )
    .await?;
    Ok(())
}

/// Forgets codes that are long over, some at a time; how many.
pub(in crate::identity) async fn prune_codes(
    sql: &Sql,
    before: Timestamp,
    most: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM oauth_codes WHERE hash IN (
             SELECT hash FROM oauth_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        &[&before, &most],
    )
    .await
}

/// What a program may do for an account now.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The program.
    pub client: ClientId,
    /// The account.
    pub user: UserId,
    /// What it was given and still may have.
    pub scopes: Vec<String>,
}

/// What these programs may do for these accounts: by themselves, and by sessions that are on.
pub(in crate::identity) async fn standings(
    sql: &Sql,
    clients: &[ClientId],
    users: &[UserId],
    now: Timestamp,
) -> Result<Vec<Standing>, DbError> {
    let clients: Vec<Uuid> = clients.iter().map(|client| client.uuid()).collect();
    let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let rows = sql
        .query(
            "SELECT c.id, u.id, c.scopes FROM oauth_clients c JOIN users u ON u.id = c.acts_for
             WHERE c.id = ANY($1) AND u.id = ANY($2) AND c.disabled_at IS NULL AND u.disabled_at IS NULL AND u.role <> 'admin'
             UNION ALL
             SELECT c.id, u.id, ARRAY(SELECT given FROM unnest(s.scopes) AS given WHERE given = ANY(c.scopes))
             FROM sessions s JOIN oauth_clients c ON c.id = s.client_id JOIN users u ON u.id = s.user_id
             WHERE c.id = ANY($1) AND u.id = ANY($2) AND c.disabled_at IS NULL AND u.disabled_at IS NULL
               AND s.ended_at IS NULL AND s.ends_at > $3 AND s.seen_at + make_interval(mins => s.idle_minutes) > $3
               AND (c.void_before IS NULL OR c.void_before <= s.started_at)",
            &[&clients, &users, &now],
        )
        .await?;
    let standing = |row: &Row| Standing {
        client: ClientId::from_uuid(row.get(0)),
        user: UserId::from_uuid(row.get(1)),
        scopes: row.get(2),
    };
    Ok(rows.iter().map(standing).collect())
}

/// Those of these programs that are not disabled.
pub(in crate::identity) async fn enabled(sql: &Sql, clients: &[ClientId]) -> Result<Vec<ClientId>, DbError> {
    let clients: Vec<Uuid> = clients.iter().map(|client| client.uuid()).collect();
    let enabled = "SELECT id FROM oauth_clients WHERE id = ANY($1) AND disabled_at IS NULL";
    let rows = sql.query(enabled, &[&clients]).await?;
    Ok(rows.iter().map(|row| ClientId::from_uuid(row.get(0))).collect())
}
