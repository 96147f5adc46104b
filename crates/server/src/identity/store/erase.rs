//! Deleting an account.

use jiff::Timestamp;
use kernel::UserId;
use platform::db::{DbError, Sql};

/// Drops the account's key, and with it all that was sealed under it, and everything that finds or describes its owner.
pub(in crate::identity) async fn erase(sql: &Sql, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let id = &user.uuid();
    sql.execute("DELETE FROM user_keys WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM user_emails WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM account_tokens WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM saved_travellers WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM second_factors WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM recovery_codes WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM second_factor_guesses WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM login_tokens WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM passkey_challenges WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM provider_links WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM provider_sign_ins WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM oauth_codes WHERE user_id = $1", &[id]).await?;
    sql.execute("DELETE FROM sessions WHERE user_id = $1", &[id]).await?;
    sql.execute(
        "UPDATE users SET email_sealed = '', name_sealed = '', phone_sealed = NULL, password_hash = '',
                email_verified_at = NULL, disabled_at = $2, erased_at = $2
         WHERE id = $1",
        &[id, &now],
    )
    .await?;
    Ok(())
}
