//! SQL on the identity slice's tables.

pub(super) mod accounts;
pub(super) mod addresses;
pub(super) mod doors;
pub(super) mod erase;
pub(super) mod keys;
pub(super) mod oauth;
pub(super) mod oidc;
pub(super) mod one_time;
pub(super) mod passkeys;
pub(super) mod second_factors;
pub(super) mod sessions;
pub(super) mod travellers;

use jiff::Timestamp;
use platform::db::{DbError, Sql};
use platform::seal::WrappedKey;
use uuid::Uuid;

use crate::access::Role;

/// A new account's row.
pub(super) struct NewUser<'a> {
    pub(super) id: Uuid,
    pub(super) email_sealed: &'a [u8],
    pub(super) name_sealed: &'a [u8],
    pub(super) locale: &'a str,
    pub(super) password_hash: &'a str,
    pub(super) role: Role,
    pub(super) key: &'a WrappedKey,
    pub(super) now: Timestamp,
}

/// Inserts the account, whose address is claimed.
pub(super) async fn insert(sql: &Sql, user: &NewUser<'_>) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO users (id, email_sealed, name_sealed, locale, password_hash, role, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &user.id,
            &user.email_sealed,
            &user.name_sealed,
            &user.locale,
            &user.password_hash,
            &user.role.as_str(),
            &user.now,
        ],
    )
    .await?;
    sql.execute(
        "INSERT INTO user_keys (user_id, wrapped_key, master_key) VALUES ($1, $2, $3)",
        &[&user.id, &user.key.bytes, &user.key.master],
    )
    .await?;
    Ok(())
}

/// What a sign-in needs to know of an account.
pub(super) struct Credentials {
    pub(super) user: Uuid,
    pub(super) password_hash: String,
    pub(super) key: WrappedKey,
    /// Whether the address was confirmed.
    pub(super) verified: bool,
    pub(super) device_epoch: i32,
}

/// Of the account of an address, unless it is disabled or erased.
pub(super) async fn credentials(sql: &Sql, email_index: &[u8]) -> Result<Option<Credentials>, DbError> {
    let row = sql
        .query_opt(
            "SELECT u.id, u.password_hash, k.master_key, k.wrapped_key, u.email_verified_at IS NOT NULL, u.device_epoch
             FROM users u JOIN user_keys k ON k.user_id = u.id
             WHERE u.id = (SELECT user_id FROM user_emails WHERE email_index = $1 AND former_until IS NULL)
               AND u.disabled_at IS NULL",
            &[&email_index],
        )
        .await?;
    Ok(row.map(|row| {
        let key = WrappedKey { master: row.get(2), bytes: row.get(3) };
        Credentials {
            user: row.get(0),
            password_hash: row.get(1),
            key,
            verified: row.get(4),
            device_epoch: row.get(5),
        }
    }))
}

/// Account of an address.
pub(super) async fn user_of_email(sql: &Sql, email_index: &[u8]) -> Result<Option<Uuid>, DbError> {
    let found = "SELECT user_id FROM user_emails WHERE email_index = $1 AND former_until IS NULL";
    let row = sql.query_opt(found, &[&email_index]).await?;
    Ok(row.map(|row| row.get(0)))
}

pub(super) async fn wrapped_key(sql: &Sql, user: Uuid) -> Result<Option<WrappedKey>, DbError> {
    let row =
        sql.query_opt("SELECT master_key, wrapped_key FROM user_keys WHERE user_id = $1", &[&user]).await?;
    Ok(row.map(|row| WrappedKey { master: row.get(0), bytes: row.get(1) }))
}

/// The hash of an account's password.
pub(super) async fn password_hash(sql: &Sql, user: Uuid) -> Result<Option<String>, DbError> {
    let row = sql.query_opt("SELECT password_hash FROM users WHERE id = $1", &[&user]).await?;
    Ok(row.map(|row| row.get(0)))
}

/// What an account is now; nothing if there is none, or it is disabled.
pub(super) async fn account_role(sql: &Sql, user: Uuid) -> Result<Option<Role>, DbError> {
    let row = sql.query_opt("SELECT role FROM users WHERE id = $1 AND disabled_at IS NULL", &[&user]).await?;
    row.map(|row| Role::of_row(row.get(0))).transpose()
}

/// A profile as stored.
pub(super) struct ProfileRow {
    pub(super) email_sealed: Vec<u8>,
    pub(super) name_sealed: Vec<u8>,
    pub(super) phone_sealed: Option<Vec<u8>>,
    pub(super) locale: String,
    pub(super) email_verified: bool,
    pub(super) created_at: Timestamp,
}

pub(super) async fn profile(sql: &Sql, user: Uuid) -> Result<Option<ProfileRow>, DbError> {
    let row = sql
        .query_opt(
            "SELECT email_sealed, name_sealed, phone_sealed, locale, email_verified_at IS NOT NULL, created_at
             FROM users WHERE id = $1",
            &[&user],
        )
        .await?;
    Ok(row.map(|row| ProfileRow {
        email_sealed: row.get(0),
        name_sealed: row.get(1),
        phone_sealed: row.get(2),
        locale: row.get(3),
        email_verified: row.get(4),
        created_at: row.get(5),
    }))
}

/// Changes what is given and leaves the rest; of the telephone it is said whether it changes, and to which or none.
pub(super) async fn update_profile(
    sql: &Sql,
    user: Uuid,
    name_sealed: Option<&[u8]>,
    (new_phone, phone_sealed): (bool, Option<&[u8]>),
    locale: Option<&str>,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE users SET name_sealed = COALESCE($2, name_sealed), phone_sealed = CASE WHEN $5 THEN $3 ELSE phone_sealed END,
                locale = COALESCE($4, locale)
         WHERE id = $1",
        &[&user, &name_sealed, &phone_sealed, &locale, &new_phone],
    )
    .await?;
    Ok(())
}
