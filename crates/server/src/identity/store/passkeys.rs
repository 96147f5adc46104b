//! Challenges that passkeys answer.

use jiff::Timestamp;
use kernel::{FactorId, UserId};
use platform::db::{DbError, Sql};

/// What a challenge is given out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Purpose {
    /// A new passkey of this account.
    Register(UserId),
    /// A sign-in by passkey alone, of whoever it is.
    SignIn,
    /// The second half of a sign-in, or a proof, of this account.
    SecondFactor(UserId),
}

impl Purpose {
    const fn columns(self) -> (&'static str, Option<UserId>) {
        match self {
            Self::Register(user) => ("register", Some(user)),
            Self::SignIn => ("sign_in", None),
            Self::SecondFactor(user) => ("second_factor", Some(user)),
        }
    }
}

pub(in crate::identity) async fn insert_challenge(
    sql: &Sql,
    challenge: &[u8],
    purpose: Purpose,
    state: &[u8],
    expires_at: Timestamp,
) -> Result<(), DbError> {
    let (purpose, user) = purpose.columns();
    sql.execute(
        "INSERT INTO passkey_challenges (challenge, purpose, user_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)",
        &[&challenge, &purpose, &user.map(UserId::uuid), &state, &expires_at],
    )
    .await?;
    Ok(())
}

/// Uses a challenge up, and says what its answer is checked against; nothing if it was not given out for this, was used, or is over.
pub(in crate::identity) async fn take_challenge(
    sql: &Sql,
    challenge: &[u8],
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, DbError> {
    let (purpose, user) = purpose.columns();
    let row = sql
        .query_opt(
            "DELETE FROM passkey_challenges
             WHERE challenge = $1 AND purpose = $2 AND user_id IS NOT DISTINCT FROM $3 AND expires_at > $4
             RETURNING state",
            &[&challenge, &purpose, &user.map(UserId::uuid), &now],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// Forgets those that are over, some at a time; how many.
pub(in crate::identity) async fn prune_challenges(
    sql: &Sql,
    now: Timestamp,
    most: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM passkey_challenges WHERE challenge IN (
             SELECT challenge FROM passkey_challenges WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        &[&now, &most],
    )
    .await
}

/// Says that a factor is the passkey of this id; `false` if another factor is.
pub(in crate::identity) async fn name_credential(
    sql: &Sql,
    (user, factor): (UserId, FactorId),
    hash: &[u8],
) -> Result<bool, DbError> {
    let named = sql
        .execute(
            "UPDATE second_factors SET credential_hash = $3
             WHERE user_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM second_factors WHERE credential_hash = $3)",
            &[&user.uuid(), &factor.uuid(), &hash],
        )
        .await?;
    Ok(named == 1)
}

/// The account whose passkey this is.
pub(in crate::identity) async fn owner(sql: &Sql, hash: &[u8]) -> Result<Option<UserId>, DbError> {
    let found = "SELECT user_id FROM second_factors WHERE credential_hash = $1 AND confirmed_at IS NOT NULL";
    Ok(sql.query_opt(found, &[&hash]).await?.map(|row| UserId::from_uuid(row.get(0))))
}

/// A passkey was used, which leaves it in this state.
pub(in crate::identity) async fn used(
    sql: &Sql,
    (user, factor): (UserId, FactorId),
    secret_sealed: &[u8],
    now: Timestamp,
) -> Result<(), DbError> {
    let used = "UPDATE second_factors SET secret_sealed = $3, used_at = $4 WHERE user_id = $1 AND id = $2";
    sql.execute(used, &[&user.uuid(), &factor.uuid(), &secret_sealed, &now]).await?;
    Ok(())
}
