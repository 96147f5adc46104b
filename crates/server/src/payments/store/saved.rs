//! SQL on `saved_methods` and `gateway_customers`.

use jiff::Timestamp;
use kernel::{SavedMethodId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::odd;
use crate::payments::method::{MethodKind, MethodView, Token};
use crate::payments::saved::SavedStatus;

/// A row of `saved_methods`.
#[derive(Clone, Debug)]
pub(in crate::payments) struct SavedRow {
    pub(in crate::payments) user: UserId,
    pub(in crate::payments) id: SavedMethodId,
    pub(in crate::payments) status: SavedStatus,
    pub(in crate::payments) view: MethodView,
    pub(in crate::payments) token: Token,
    pub(in crate::payments) setup: Option<String>,
    pub(in crate::payments) gateway_method: Option<String>,
    pub(in crate::payments) action_url: Option<String>,
    pub(in crate::payments) failure_code: Option<String>,
    pub(in crate::payments) checks: i32,
    pub(in crate::payments) created_at: Timestamp,
}

macro_rules! saved_columns {
    () => {
        "s.user_id, s.id, s.status, s.method, s.token, s.setup_id, s.gateway_method, s.action_url, s.failure_code, s.checks,
         s.created_at"
    };
}

fn saved_row(row: &Row) -> Result<SavedRow, DbError> {
    let status: &str = row.get(2);
    let view: serde_json::Value = row.get(3);
    let view: MethodView = serde_json::from_value(view).map_err(|error| odd("saved method", &error))?;
    let kind = MethodKind::ALL.into_iter().find(|kind| kind.as_str() == view.kind);
    let kind = kind.ok_or_else(|| odd("saved method", &view.kind))?;
    Ok(SavedRow {
        user: UserId::from_uuid(row.get(0)),
        id: SavedMethodId::from_uuid(row.get(1)),
        status: SavedStatus::from_word(status).ok_or_else(|| odd("saved method", &status))?,
        token: Token { kind, token: row.get(4) },
        view,
        setup: row.get(5),
        gateway_method: row.get(6),
        action_url: row.get(7),
        failure_code: row.get(8),
        checks: row.get(9),
        created_at: row.get(10),
    })
}

/// Inserts a method that is about to be made ready, unless its owner has `most` of them. Two at once may get one more
/// between them, which does no harm.
pub(in crate::payments) async fn insert(
    sql: &Sql,
    saved: &SavedRow,
    next_check_at: Timestamp,
    most: i64,
) -> Result<bool, DbError> {
    let view = serde_json::to_value(&saved.view).map_err(|error| odd("saved method", &error))?;
    let inserted = sql
        .execute(
            "INSERT INTO saved_methods (user_id, id, status, method, token, next_check_at, created_at)
             SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM saved_methods WHERE user_id = $1) < $8",
            &[
                &saved.user.uuid(),
                &saved.id.uuid(),
                &saved.status.as_str(),
                &view,
                &saved.token.token,
                &next_check_at,
                &saved.created_at,
                &most,
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// A user's method.
pub(in crate::payments) async fn find(
    sql: &Sql,
    user: UserId,
    id: SavedMethodId,
) -> Result<Option<SavedRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", saved_columns!(), " FROM saved_methods s WHERE s.user_id = $1 AND s.id = $2");
    sql.query_opt(SQL, &[&user.uuid(), &id.uuid()]).await?.as_ref().map(saved_row).transpose()
}

/// A user's methods, oldest first, without those that are being removed.
pub(in crate::payments) async fn of_user(sql: &Sql, user: UserId) -> Result<Vec<SavedRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        saved_columns!(),
        " FROM saved_methods s WHERE s.user_id = $1 AND s.status <> 'removing' ORDER BY s.id"
    );
    sql.query(SQL, &[&user.uuid()]).await?.iter().map(saved_row).collect()
}

/// A claimed method: what is known of it even when the rest of its row cannot be read.
#[derive(Clone, Copy, Debug)]
pub(in crate::payments) struct ClaimedMethod {
    pub(in crate::payments) user: UserId,
    pub(in crate::payments) id: SavedMethodId,
    pub(in crate::payments) checks: i32,
}

/// Claims up to `limit` methods that are due for a look, by moving their next look to `again_at`.
pub(in crate::payments) async fn claim_due(
    sql: &Sql,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<(ClaimedMethod, Result<SavedRow, DbError>)>, DbError> {
    const SQL: &str = concat!(
        "UPDATE saved_methods s SET next_check_at = $2, checks = s.checks + 1
         WHERE (s.user_id, s.id) IN (
             SELECT user_id, id FROM saved_methods WHERE next_check_at <= $1
             ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING ",
        saved_columns!()
    );
    let claimed = |row: &Row| {
        let (user, id) = (UserId::from_uuid(row.get(0)), SavedMethodId::from_uuid(row.get(1)));
        (ClaimedMethod { user, id, checks: row.get(9) }, saved_row(row))
    };
    Ok(sql.query(SQL, &[&now, &again_at, &limit]).await?.iter().map(claimed).collect())
}

/// A claimed method failed: it is looked at again at `again_at`, or when a webhook has asked for it.
pub(in crate::payments) async fn put_off(
    sql: &Sql,
    claimed: ClaimedMethod,
    now: Timestamp,
    again_at: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE saved_methods SET next_check_at = $3 WHERE user_id = $1 AND id = $2 AND next_check_at > $4",
        &[&claimed.user.uuid(), &claimed.id.uuid(), &again_at, &now],
    )
    .await
}

/// What is learned of a method.
pub(in crate::payments) struct LearnedSetup<'a> {
    pub(in crate::payments) status: SavedStatus,
    pub(in crate::payments) setup: Option<&'a str>,
    pub(in crate::payments) gateway_method: Option<&'a str>,
    pub(in crate::payments) view: Option<&'a MethodView>,
    pub(in crate::payments) action_url: Option<&'a str>,
    pub(in crate::payments) failure_code: Option<&'a str>,
    /// `None` once it is ready or has failed.
    pub(in crate::payments) next_check_at: Option<Timestamp>,
}

/// Writes what was learned of a method that is being made ready; one that is ready, has failed or is being removed stays so.
/// A look that a webhook asked for meanwhile stays due.
pub(in crate::payments) async fn learn(
    sql: &Sql,
    user: UserId,
    id: SavedMethodId,
    learned: &LearnedSetup<'_>,
    now: Timestamp,
) -> Result<(), DbError> {
    let view = learned.view.map(serde_json::to_value).transpose().map_err(|error| odd("method", &error))?;
    sql.execute(
        "UPDATE saved_methods SET status = $3, setup_id = COALESCE($4, setup_id), gateway_method = COALESCE($5, gateway_method),
                method = COALESCE($6, method), action_url = $7, failure_code = $8,
                next_check_at = CASE WHEN next_check_at <= $10 AND $9::timestamptz IS NOT NULL THEN next_check_at ELSE $9 END
         WHERE user_id = $1 AND id = $2 AND status IN ('pending', 'requires_action')",
        &[
            &user.uuid(),
            &id.uuid(),
            &learned.status.as_str(),
            &learned.setup,
            &learned.gateway_method,
            &view,
            &learned.action_url,
            &learned.failure_code,
            &learned.next_check_at,
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// From now on the method is not the user's; it is taken from the gateway afterwards. The row as it was, if there was one.
pub(in crate::payments) async fn remove(
    sql: &Sql,
    user: UserId,
    id: SavedMethodId,
    now: Timestamp,
) -> Result<Option<SavedRow>, DbError> {
    const SQL: &str = concat!(
        "UPDATE saved_methods s SET status = 'removing', next_check_at = $3, checks = 0
         WHERE s.user_id = $1 AND s.id = $2 AND s.status <> 'removing' RETURNING ",
        saved_columns!()
    );
    let row = sql.query_opt(SQL, &[&user.uuid(), &id.uuid(), &now]).await?;
    row.as_ref().map(saved_row).transpose()
}

/// The same of all methods of an account that is deleted; the gateway's customer is nobody's any more.
pub(in crate::payments) async fn remove_all(sql: &Sql, user: UserId, now: Timestamp) -> Result<(), DbError> {
    sql.execute(
        "UPDATE saved_methods SET status = 'removing', next_check_at = $2, checks = 0 WHERE user_id = $1 AND status <> 'removing'",
        &[&user.uuid(), &now],
    )
    .await?;
    sql.execute("DELETE FROM gateway_customers WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(())
}

/// The gateway has let go of a method that was removed.
pub(in crate::payments) async fn forget(sql: &Sql, user: UserId, id: SavedMethodId) -> Result<(), DbError> {
    sql.execute(
        "DELETE FROM saved_methods WHERE user_id = $1 AND id = $2 AND status = 'removing'",
        &[&user.uuid(), &id.uuid()],
    )
    .await?;
    Ok(())
}

/// Sets when a method that is being removed is tried again.
pub(in crate::payments) async fn remove_later(
    sql: &Sql,
    saved: &SavedRow,
    gateway_method: Option<&str>,
    next_check_at: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE saved_methods SET next_check_at = $3, gateway_method = COALESCE($4, gateway_method)
         WHERE user_id = $1 AND id = $2 AND status = 'removing'",
        &[&saved.user.uuid(), &saved.id.uuid(), &next_check_at, &gateway_method],
    )
    .await?;
    Ok(())
}

/// The gateway's customer for a user.
pub(in crate::payments) async fn customer(sql: &Sql, user: UserId) -> Result<Option<String>, DbError> {
    let row = sql
        .query_opt("SELECT customer_id FROM gateway_customers WHERE user_id = $1", &[&user.uuid()])
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// Keeps the gateway's customer for a user; the one that is kept, if another was quicker.
pub(in crate::payments) async fn keep_customer(
    sql: &Sql,
    user: UserId,
    customer: &str,
    now: Timestamp,
) -> Result<String, DbError> {
    let row = sql
        .query_one(
            "INSERT INTO gateway_customers (user_id, customer_id, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (user_id) DO UPDATE SET customer_id = gateway_customers.customer_id RETURNING customer_id",
            &[&user.uuid(), &customer, &now],
        )
        .await?;
    Ok(row.get(0))
}
