//! Accounts as staff see them.

use jiff::Timestamp;
use kernel::UserId;
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::access::Role;

/// An account's row.
pub(in crate::identity) struct AccountRow {
    pub(in crate::identity) id: UserId,
    pub(in crate::identity) email_sealed: Vec<u8>,
    pub(in crate::identity) email_verified: bool,
    pub(in crate::identity) name_sealed: Vec<u8>,
    pub(in crate::identity) role: Role,
    pub(in crate::identity) disabled: bool,
    pub(in crate::identity) created_at: Timestamp,
}

macro_rules! select_accounts {
    ($rest:literal) => {
        concat!(
            "SELECT id, email_sealed, email_verified_at IS NOT NULL, name_sealed, role, disabled_at IS NOT NULL, created_at FROM users ",
            $rest
        )
    };
}

fn account_row(row: &Row) -> Result<AccountRow, DbError> {
    Ok(AccountRow {
        id: UserId::from_uuid(row.get(0)),
        email_sealed: row.get(1),
        email_verified: row.get(2),
        name_sealed: row.get(3),
        role: Role::of_row(row.get(4))?,
        disabled: row.get(5),
        created_at: row.get(6),
    })
}

pub(in crate::identity) async fn account(sql: &Sql, id: UserId) -> Result<Option<AccountRow>, DbError> {
    let row = sql.query_opt(select_accounts!("WHERE id = $1 AND erased_at IS NULL"), &[&id.uuid()]).await?;
    row.as_ref().map(account_row).transpose()
}

/// The same, with its row locked for a change.
pub(in crate::identity) async fn lock_account(sql: &Sql, id: UserId) -> Result<Option<AccountRow>, DbError> {
    let row = sql
        .query_opt(select_accounts!("WHERE id = $1 AND erased_at IS NULL FOR UPDATE"), &[&id.uuid()])
        .await?;
    row.as_ref().map(account_row).transpose()
}

/// Keeps an account from being erased until the transaction ends; whether it is there.
pub(in crate::identity) async fn hold_account(sql: &Sql, id: UserId) -> Result<bool, DbError> {
    let hold = "SELECT FROM users WHERE id = $1 AND erased_at IS NULL FOR KEY SHARE";
    Ok(sql.query_opt(hold, &[&id.uuid()]).await?.is_some())
}

/// The same, and others from doing so.
pub(in crate::identity) async fn hold_account_alone(sql: &Sql, id: UserId) -> Result<bool, DbError> {
    let hold = "SELECT FROM users WHERE id = $1 AND erased_at IS NULL FOR NO KEY UPDATE";
    Ok(sql.query_opt(hold, &[&id.uuid()]).await?.is_some())
}

/// Accounts of staff, of a role or all, after one of them. Written so that the index of staff serves it.
pub(in crate::identity) async fn staff(
    sql: &Sql,
    role: Option<Role>,
    after: Option<UserId>,
    most: i64,
) -> Result<Vec<AccountRow>, DbError> {
    const STAFF: &str = select_accounts!(
        "WHERE role <> 'traveller' AND id > $1 AND ($2::text IS NULL OR role = $2) ORDER BY id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), UserId::uuid);
    let rows = sql.query(STAFF, &[&after, &role.map(Role::as_str), &most]).await?;
    rows.iter().map(account_row).collect()
}

/// The administrators who can sign in, locked.
pub(in crate::identity) async fn lock_administrators(sql: &Sql) -> Result<Vec<UserId>, DbError> {
    let locked = "SELECT id FROM users WHERE role <> 'traveller' AND role = 'admin' AND disabled_at IS NULL
                  ORDER BY id FOR UPDATE";
    Ok(sql.query(locked, &[]).await?.iter().map(|row| UserId::from_uuid(row.get(0))).collect())
}

pub(in crate::identity) async fn update_account(
    sql: &Sql,
    id: UserId,
    role: Role,
    disabled: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE users SET role = $2, disabled_at = CASE WHEN $3 THEN COALESCE(disabled_at, $4) END WHERE id = $1",
        &[&id.uuid(), &role.as_str(), &disabled, &now],
    )
    .await?;
    Ok(())
}
