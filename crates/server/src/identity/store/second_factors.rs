//! Second factors, recovery codes, and sign-ins that wait for one of them.

use jiff::{SignedDuration, Timestamp};
use kernel::{FactorId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

/// What kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Kind {
    /// An app that makes codes.
    Totp,
    /// A passkey (`WebAuthn`).
    Passkey,
}

impl Kind {
    pub(in crate::identity) const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }

    fn of_row(word: &str) -> Result<Self, DbError> {
        let kind = [Self::Totp, Self::Passkey].into_iter().find(|kind| kind.as_str() == word);
        kind.ok_or_else(|| DbError::Inconsistent(format!("second_factors.kind {word:?}")))
    }
}

/// A second factor's row.
pub(in crate::identity) struct FactorRow {
    pub(in crate::identity) id: FactorId,
    pub(in crate::identity) kind: Kind,
    pub(in crate::identity) name_sealed: Vec<u8>,
    pub(in crate::identity) secret_sealed: Vec<u8>,
    pub(in crate::identity) last_step: Option<i64>,
    pub(in crate::identity) added_at: Timestamp,
    pub(in crate::identity) confirmed_at: Option<Timestamp>,
    pub(in crate::identity) used_at: Option<Timestamp>,
}

macro_rules! select_factors {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, name_sealed, secret_sealed, last_step, added_at, confirmed_at, used_at FROM second_factors ",
            $rest
        )
    };
}

fn factor_row(row: &Row) -> Result<FactorRow, DbError> {
    Ok(FactorRow {
        id: FactorId::from_uuid(row.get(0)),
        kind: Kind::of_row(row.get(1))?,
        name_sealed: row.get(2),
        secret_sealed: row.get(3),
        last_step: row.get(4),
        added_at: row.get(5),
        confirmed_at: row.get(6),
        used_at: row.get(7),
    })
}

/// Whether the account has a factor that counts.
pub(in crate::identity) async fn has_factor(sql: &Sql, user: UserId) -> Result<bool, DbError> {
    let found = "SELECT 1 FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL LIMIT 1";
    Ok(sql.query_opt(found, &[&user.uuid()]).await?.is_some())
}

/// Those that count, in the order they were added.
pub(in crate::identity) async fn factors(sql: &Sql, user: UserId) -> Result<Vec<FactorRow>, DbError> {
    let confirmed = select_factors!("WHERE user_id = $1 AND confirmed_at IS NOT NULL ORDER BY id");
    sql.query(confirmed, &[&user.uuid()]).await?.iter().map(factor_row).collect()
}

/// One of them, whether it counts or not.
pub(in crate::identity) async fn factor(
    sql: &Sql,
    (user, id): (UserId, FactorId),
) -> Result<Option<FactorRow>, DbError> {
    let one = select_factors!("WHERE user_id = $1 AND id = $2");
    sql.query_opt(one, &[&user.uuid(), &id.uuid()]).await?.as_ref().map(factor_row).transpose()
}

/// Adds one, which counts at once if it is confirmed.
pub(in crate::identity) async fn insert_factor(
    sql: &Sql,
    user: UserId,
    row: &FactorRow,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO second_factors (user_id, id, kind, name_sealed, secret_sealed, added_at, confirmed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &user.uuid(),
            &row.id.uuid(),
            &row.kind.as_str(),
            &row.name_sealed,
            &row.secret_sealed,
            &row.added_at,
            &row.confirmed_at,
        ],
    )
    .await?;
    Ok(())
}

/// Those that were begun and never confirmed are forgotten.
pub(in crate::identity) async fn forget_begun(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("DELETE FROM second_factors WHERE user_id = $1 AND confirmed_at IS NULL", &[&user.uuid()])
        .await?;
    Ok(())
}

/// It counts from now on; its first code is used up.
pub(in crate::identity) async fn confirm(
    sql: &Sql,
    (user, id): (UserId, FactorId),
    step: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE second_factors SET confirmed_at = $4, used_at = $4, last_step = $3 WHERE user_id = $1 AND id = $2",
        &[&user.uuid(), &id.uuid(), &step, &now],
    )
    .await?;
    Ok(())
}

/// Uses up a step of time; `false` if it, or a later one, was used before.
pub(in crate::identity) async fn use_step(
    sql: &Sql,
    (user, id): (UserId, FactorId),
    step: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let used = sql
        .execute(
            "UPDATE second_factors SET last_step = $3, used_at = $4
             WHERE user_id = $1 AND id = $2 AND (last_step IS NULL OR last_step < $3)",
            &[&user.uuid(), &id.uuid(), &step, &now],
        )
        .await?;
    Ok(used == 1)
}

pub(in crate::identity) async fn rename(
    sql: &Sql,
    (user, id): (UserId, FactorId),
    name_sealed: &[u8],
) -> Result<(), DbError> {
    let renamed = "UPDATE second_factors SET name_sealed = $3 WHERE user_id = $1 AND id = $2";
    sql.execute(renamed, &[&user.uuid(), &id.uuid(), &name_sealed]).await?;
    Ok(())
}

/// Takes one away, or all; how many.
pub(in crate::identity) async fn remove(
    sql: &Sql,
    user: UserId,
    only: Option<FactorId>,
) -> Result<u64, DbError> {
    let gone = "DELETE FROM second_factors WHERE user_id = $1 AND ($2::uuid IS NULL OR id = $2)";
    sql.execute(gone, &[&user.uuid(), &only.map(FactorId::uuid)]).await
}

/// Recovery codes in the place of all before.
pub(in crate::identity) async fn replace_recovery_codes(
    sql: &Sql,
    user: UserId,
    hashes: &[Vec<u8>],
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute("DELETE FROM recovery_codes WHERE user_id = $1", &[&user.uuid()]).await?;
    sql.execute(
        "INSERT INTO recovery_codes (user_id, hash, made_at) SELECT $1, hash, $3 FROM unnest($2::bytea[]) AS made (hash)",
        &[&user.uuid(), &hashes, &now],
    )
    .await?;
    Ok(())
}

/// Uses one up; `false` if it is none, or was used before.
pub(in crate::identity) async fn use_recovery_code(
    sql: &Sql,
    user: UserId,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool, DbError> {
    let used = "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL";
    Ok(sql.execute(used, &[&user.uuid(), &hash, &now]).await? == 1)
}

/// How many are left.
pub(in crate::identity) async fn recovery_codes_left(sql: &Sql, user: UserId) -> Result<i64, DbError> {
    let left = "SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
    Ok(sql.query_one(left, &[&user.uuid()]).await?.get(0))
}

/// A sign-in that waits for its second factor.
pub(in crate::identity) async fn insert_login_token(
    sql: &Sql,
    (user, hash): (UserId, &[u8]),
    browser: bool,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO login_tokens (user_id, hash, browser, expires_at) VALUES ($1, $2, $3, $4)",
        &[&user.uuid(), &hash, &browser, &expires_at],
    )
    .await?;
    Ok(())
}

/// How many wrong codes came with a login token, its row locked; nothing if it is none, was used, or is over.
pub(in crate::identity) async fn lock_login_token(
    sql: &Sql,
    (user, hash): (UserId, &[u8]),
    browser: bool,
    now: Timestamp,
) -> Result<Option<i16>, DbError> {
    let row = sql
        .query_opt(
            "SELECT wrong FROM login_tokens
             WHERE user_id = $1 AND hash = $2 AND browser = $3 AND used_at IS NULL AND expires_at > $4 FOR UPDATE",
            &[&user.uuid(), &hash, &browser, &now],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// A wrong code came with it.
pub(in crate::identity) async fn count_wrong(
    sql: &Sql,
    (user, hash): (UserId, &[u8]),
) -> Result<(), DbError> {
    let counted = "UPDATE login_tokens SET wrong = wrong + 1 WHERE user_id = $1 AND hash = $2";
    sql.execute(counted, &[&user.uuid(), &hash]).await?;
    Ok(())
}

/// It opened its session.
pub(in crate::identity) async fn use_login_token(
    sql: &Sql,
    (user, hash): (UserId, &[u8]),
    now: Timestamp,
) -> Result<(), DbError> {
    let used = "UPDATE login_tokens SET used_at = $3 WHERE user_id = $1 AND hash = $2";
    sql.execute(used, &[&user.uuid(), &hash, &now]).await?;
    Ok(())
}

/// Every sign-in of the account that waits is over.
pub(in crate::identity) async fn forget_login_tokens(sql: &Sql, user: UserId) -> Result<(), DbError> {
    sql.execute("DELETE FROM login_tokens WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}

/// Forgets those that are over, some at a time; how many.
pub(in crate::identity) async fn prune_login_tokens(
    sql: &Sql,
    before: Timestamp,
    most: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM login_tokens WHERE (user_id, hash) IN (
             SELECT user_id, hash FROM login_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        &[&before, &most],
    )
    .await
}

/// When wrong codes of the account came within the last hour; its row is locked, so that nobody else counts meanwhile.
pub(in crate::identity) async fn lock_guesses(
    sql: &Sql,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Timestamp>, DbError> {
    let begun = "INSERT INTO second_factor_guesses (user_id) VALUES ($1) ON CONFLICT DO NOTHING";
    sql.execute(begun, &[&user.uuid()]).await?;
    let found = "SELECT wrong_at FROM second_factor_guesses WHERE user_id = $1 FOR UPDATE";
    let wrong_at: Vec<Timestamp> = sql.query_one(found, &[&user.uuid()]).await?.get(0);
    let since = now - SignedDuration::from_hours(1);
    Ok(wrong_at.into_iter().filter(|at| *at > since).collect())
}

/// Writes them down.
pub(in crate::identity) async fn set_guesses(
    sql: &Sql,
    user: UserId,
    wrong_at: &[Timestamp],
) -> Result<(), DbError> {
    let set = "UPDATE second_factor_guesses SET wrong_at = $2 WHERE user_id = $1";
    sql.execute(set, &[&user.uuid(), &wrong_at]).await?;
    Ok(())
}
