//! Links of accounts with identities that providers vouch for, and sign-ins that are under way there.

use jiff::Timestamp;
use kernel::{SessionId, UserId};
use platform::db::{DbError, Sql};

/// A link's row.
pub(in crate::identity) struct LinkRow {
    pub(in crate::identity) identity: Vec<u8>,
    pub(in crate::identity) provider: String,
    pub(in crate::identity) issuer: String,
    pub(in crate::identity) details_sealed: Vec<u8>,
    pub(in crate::identity) linked_at: Timestamp,
    pub(in crate::identity) used_at: Option<Timestamp>,
}

/// The account that an identity opens.
pub(in crate::identity) async fn owner(sql: &Sql, identity: &[u8]) -> Result<Option<UserId>, DbError> {
    let found = "SELECT user_id FROM provider_links WHERE identity = $1";
    Ok(sql.query_opt(found, &[&identity]).await?.map(|row| UserId::from_uuid(row.get(0))))
}

/// Links it; `false` if it opens an account already.
pub(in crate::identity) async fn insert_link(
    sql: &Sql,
    user: UserId,
    row: &LinkRow,
) -> Result<bool, DbError> {
    let inserted = sql
        .execute(
            "INSERT INTO provider_links (identity, user_id, provider, issuer, details_sealed, linked_at, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (identity) DO NOTHING",
            &[
                &row.identity,
                &user.uuid(),
                &row.provider,
                &row.issuer,
                &row.details_sealed,
                &row.linked_at,
                &row.used_at,
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// The links of an account, the oldest first.
pub(in crate::identity) async fn links(sql: &Sql, user: UserId) -> Result<Vec<LinkRow>, DbError> {
    let found = "SELECT identity, provider, issuer, details_sealed, linked_at, used_at FROM provider_links
                 WHERE user_id = $1 ORDER BY linked_at, identity";
    let rows = sql.query(found, &[&user.uuid()]).await?;
    let read = rows.iter().map(|row| LinkRow {
        identity: row.get(0),
        provider: row.get(1),
        issuer: row.get(2),
        details_sealed: row.get(3),
        linked_at: row.get(4),
        used_at: row.get(5),
    });
    Ok(read.collect())
}

/// The identity opened this account now; `false` if it opens it no more.
pub(in crate::identity) async fn used(
    sql: &Sql,
    (identity, user): (&[u8], UserId),
    provider: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let used = "UPDATE provider_links SET used_at = $4, provider = $3 WHERE identity = $1 AND user_id = $2";
    Ok(sql.execute(used, &[&identity, &user.uuid(), &provider, &now]).await? == 1)
}

/// Takes the account's links with one provider away, or all; how many.
pub(in crate::identity) async fn unlink(
    sql: &Sql,
    user: UserId,
    provider: Option<&str>,
) -> Result<u64, DbError> {
    let gone = "DELETE FROM provider_links WHERE user_id = $1 AND ($2::text IS NULL OR provider = $2)";
    sql.execute(gone, &[&user.uuid(), &provider]).await
}

/// A sign-in that goes to a provider.
pub(in crate::identity) struct BegunRow {
    pub(in crate::identity) provider: String,
    pub(in crate::identity) issuer: String,
    /// Who wants a link, in which session; nothing where somebody signs in.
    pub(in crate::identity) link_for: Option<(UserId, SessionId)>,
    pub(in crate::identity) secrets_sealed: Vec<u8>,
}

/// Keeps it until it comes back: `state` and `browser` are hashes.
pub(in crate::identity) async fn insert_begun(
    sql: &Sql,
    (state, browser): (&[u8], &[u8]),
    row: &BegunRow,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO provider_sign_ins (state, browser, provider, issuer, user_id, session_id, secrets_sealed, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &state,
            &browser,
            &row.provider,
            &row.issuer,
            &row.link_for.map(|(user, _)| user.uuid()),
            &row.link_for.map(|(_, session)| session.uuid()),
            &row.secrets_sealed,
            &expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// Uses it up; nothing if there is none, it is over, or it was begun in another browser.
pub(in crate::identity) async fn take_begun(
    sql: &Sql,
    (state, browser): (&[u8], &[u8]),
    now: Timestamp,
) -> Result<Option<BegunRow>, DbError> {
    let row = sql
        .query_opt(
            "DELETE FROM provider_sign_ins WHERE state = $1 AND browser = $2 AND expires_at > $3
             RETURNING provider, issuer, user_id, session_id, secrets_sealed",
            &[&state, &browser, &now],
        )
        .await?;
    Ok(row.map(|row| BegunRow {
        provider: row.get(0),
        issuer: row.get(1),
        link_for: row
            .get::<_, Option<_>>(2)
            .map(UserId::from_uuid)
            .zip(row.get::<_, Option<_>>(3).map(SessionId::from_uuid)),
        secrets_sealed: row.get(4),
    }))
}

/// Forgets those that are over, some at a time; how many.
pub(in crate::identity) async fn prune_begun(sql: &Sql, now: Timestamp, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM provider_sign_ins WHERE state IN (
             SELECT state FROM provider_sign_ins WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        &[&now, &most],
    )
    .await
}
