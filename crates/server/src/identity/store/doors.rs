//! What opens an account besides its password.

use jiff::Timestamp;
use kernel::UserId;
use platform::db::{DbError, Sql};

/// How much was taken away.
pub(in crate::identity) struct Closed {
    pub(in crate::identity) factors: u64,
    pub(in crate::identity) links: u64,
}

/// Takes second factors added since then away, and recovery codes made since then or with no factor left to stand in for; without a
/// time, all. Every link with a provider goes, and everything that was begun: factors, challenges, sign-ins, programs' codes. No device
/// is known any more. The caller has the account's row locked.
pub(in crate::identity) async fn close(
    sql: &Sql,
    user: UserId,
    since: Option<Timestamp>,
) -> Result<Closed, DbError> {
    let id = &user.uuid();
    let factors = "DELETE FROM second_factors
                   WHERE user_id = $1 AND ($2::timestamptz IS NULL OR confirmed_at IS NULL OR confirmed_at >= $2)";
    let codes = "DELETE FROM recovery_codes WHERE user_id = $1
                 AND ($2::timestamptz IS NULL OR made_at >= $2 OR NOT EXISTS (SELECT 1 FROM second_factors WHERE user_id = $1))";
    let factors = sql.execute(factors, &[id, &since]).await?;
    sql.execute(codes, &[id, &since]).await?;
    sql.execute("DELETE FROM login_tokens WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM passkey_challenges WHERE user_id = $1", &[id]).await?;
    let links = sql.execute("DELETE FROM provider_links WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM provider_sign_ins WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM oauth_codes WHERE user_id = $1", &[id]).await?;
    forget_devices(sql, user).await?;
    Ok(Closed { factors, links })
}

/// No device is known any more that signed in before.
pub(in crate::identity) async fn forget_devices(sql: &Sql, user: UserId) -> Result<(), DbError> {
    let next = "UPDATE users SET device_epoch = device_epoch + 1 WHERE id = $1";
    sql.execute(next, &[&user.uuid()]).await?;
    Ok(())
}

/// What a device names that signs in now.
pub(in crate::identity) async fn device_epoch(sql: &Sql, user: UserId) -> Result<i32, DbError> {
    let now = "SELECT device_epoch FROM users WHERE id = $1";
    Ok(sql.query_opt(now, &[&user.uuid()]).await?.map_or(0, |row| row.get(0)))
}
