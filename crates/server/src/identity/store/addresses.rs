//! Accounts by their address, and the addresses of accounts.

use jiff::Timestamp;
use kernel::UserId;
use platform::db::{DbError, Sql};
use platform::seal::WrappedKey;
use tokio_postgres::Row;
use uuid::Uuid;

/// What writing to an account's owner needs.
pub(in crate::identity) struct Addressee {
    pub(in crate::identity) user: UserId,
    pub(in crate::identity) key: WrappedKey,
    pub(in crate::identity) email_sealed: Vec<u8>,
    pub(in crate::identity) name_sealed: Vec<u8>,
    pub(in crate::identity) locale: String,
    pub(in crate::identity) verified: bool,
    pub(in crate::identity) disabled: bool,
}

macro_rules! select_addressee {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, k.master_key, k.wrapped_key, u.email_sealed, u.name_sealed, u.locale,
                    u.email_verified_at IS NOT NULL, u.disabled_at IS NOT NULL
             FROM users u JOIN user_keys k ON k.user_id = u.id ",
            $rest
        )
    };
}

fn addressee(row: &Row) -> Addressee {
    Addressee {
        user: UserId::from_uuid(row.get(0)),
        key: WrappedKey { master: row.get(1), bytes: row.get(2) },
        email_sealed: row.get(3),
        name_sealed: row.get(4),
        locale: row.get(5),
        verified: row.get(6),
        disabled: row.get(7),
    }
}

/// The account of an address.
pub(in crate::identity) async fn of_email(sql: &Sql, index: &[u8]) -> Result<Option<Addressee>, DbError> {
    let found = select_addressee!(
        "WHERE u.id = (SELECT user_id FROM user_emails WHERE email_index = $1 AND former_until IS NULL)"
    );
    Ok(sql.query_opt(found, &[&index]).await?.as_ref().map(addressee))
}

/// An account by its id.
pub(in crate::identity) async fn of_user(sql: &Sql, user: UserId) -> Result<Option<Addressee>, DbError> {
    let found = select_addressee!("WHERE u.id = $1");
    Ok(sql.query_opt(found, &[&user.uuid()]).await?.as_ref().map(addressee))
}

/// Accounts by their ids.
pub(in crate::identity) async fn of_users(sql: &Sql, users: &[Uuid]) -> Result<Vec<Addressee>, DbError> {
    let found = select_addressee!("WHERE u.id = ANY($1)");
    Ok(sql.query(found, &[&users]).await?.iter().map(addressee).collect())
}

/// What follows may be taken back while the transaction goes on.
pub(in crate::identity) async fn savepoint(sql: &Sql) -> Result<(), DbError> {
    sql.batch("SAVEPOINT attempt").await
}

/// Keeps what was done since, or takes it back.
pub(in crate::identity) async fn settle(sql: &Sql, keep: bool) -> Result<(), DbError> {
    sql.batch(if keep { "RELEASE SAVEPOINT attempt" } else { "ROLLBACK TO SAVEPOINT attempt" }).await
}

/// The address finds this account from now on; `false` if another has it, or had it lately.
pub(in crate::identity) async fn claim(
    sql: &Sql,
    index: &[u8],
    user: UserId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let claimed = sql
        .execute(
            "INSERT INTO user_emails AS e (email_index, user_id) VALUES ($1, $2)
             ON CONFLICT (email_index) DO UPDATE SET user_id = $2, former_until = NULL
             WHERE e.former_until < $3 OR (e.former_until IS NOT NULL AND e.user_id = $2)",
            &[&index, &user.uuid(), &now],
        )
        .await?;
    Ok(claimed == 1)
}

/// Whether an account other than this one has the address, or had it lately.
pub(in crate::identity) async fn is_taken(
    sql: &Sql,
    index: &[u8],
    user: UserId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let taken = "SELECT 1 FROM user_emails WHERE email_index = $1
                 AND (former_until IS NULL OR (former_until >= $3 AND user_id <> $2))";
    Ok(sql.query_opt(taken, &[&index, &user.uuid(), &now]).await?.is_some())
}

/// Other addresses of the account find it no more; until then nobody else gets them, or at once if there is no such time.
pub(in crate::identity) async fn retire_others(
    sql: &Sql,
    user: UserId,
    index: &[u8],
    until: Option<Timestamp>,
) -> Result<(), DbError> {
    let dropped = "DELETE FROM user_emails WHERE user_id = $1 AND email_index <> $2";
    let retired = "UPDATE user_emails SET former_until = $3
                   WHERE user_id = $1 AND email_index <> $2 AND former_until IS NULL";
    if until.is_some() {
        sql.execute(retired, &[&user.uuid(), &index, &until]).await?;
    } else {
        sql.execute(dropped, &[&user.uuid(), &index]).await?;
    }
    Ok(())
}

/// The account has this address, and its owner showed that it is theirs.
pub(in crate::identity) async fn set_address(
    sql: &Sql,
    user: UserId,
    email_sealed: &[u8],
    now: Timestamp,
) -> Result<(), DbError> {
    let set = "UPDATE users SET email_sealed = $2, email_verified_at = $3 WHERE id = $1";
    sql.execute(set, &[&user.uuid(), &email_sealed, &now]).await?;
    Ok(())
}

/// The owner showed that the address is theirs.
pub(in crate::identity) async fn verified(sql: &Sql, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let set = "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $2) WHERE id = $1";
    sql.execute(set, &[&user.uuid(), &now]).await?;
    Ok(())
}

/// A new password, with `instead` only if that is still the hash; whether it was set.
pub(in crate::identity) async fn set_password(
    sql: &Sql,
    user: UserId,
    hash: &str,
    instead: Option<&str>,
) -> Result<bool, DbError> {
    let set =
        "UPDATE users SET password_hash = $2 WHERE id = $1 AND ($3::text IS NULL OR password_hash = $3)";
    Ok(sql.execute(set, &[&user.uuid(), &hash, &instead]).await? == 1)
}
