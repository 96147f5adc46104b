//! Users' keys under older master keys.

use platform::db::{DbError, Sql};
use platform::seal::WrappedKey;
use uuid::Uuid;

/// Keys that are wrapped under a master key before `current`, locked; those that somebody else has locked are passed over.
pub(in crate::identity) async fn lock_older(
    sql: &Sql,
    current: i16,
    most: i64,
) -> Result<Vec<(Uuid, WrappedKey)>, DbError> {
    let rows = sql
        .query(
            "SELECT user_id, master_key, wrapped_key FROM user_keys WHERE master_key < $1
             ORDER BY master_key LIMIT $2 FOR UPDATE SKIP LOCKED",
            &[&current, &most],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), WrappedKey { master: row.get(1), bytes: row.get(2) })).collect())
}

/// Writes keys that are wrapped under `current` now.
pub(in crate::identity) async fn replace(
    sql: &Sql,
    current: i16,
    keys: &[(Uuid, Vec<u8>)],
) -> Result<(), DbError> {
    let (users, wrapped): (Vec<Uuid>, Vec<&[u8]>) =
        keys.iter().map(|(user, bytes)| (*user, bytes.as_slice())).unzip();
    sql.execute(
        "UPDATE user_keys k SET master_key = $1, wrapped_key = n.wrapped
         FROM unnest($2::uuid[], $3::bytea[]) AS n (user_id, wrapped) WHERE k.user_id = n.user_id",
        &[&current, &users, &wrapped],
    )
    .await?;
    Ok(())
}
