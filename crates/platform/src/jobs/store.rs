//! SQL on `leases`.

use uuid::Uuid;

use crate::db::{DbError, Sql};

pub(super) async fn hold_lease(sql: &Sql, name: &str, holder: Uuid, seconds: f64) -> Result<bool, DbError> {
    let held = sql
        .execute(
            "INSERT INTO leases (name, holder, until) VALUES ($1, $2, now() + make_interval(secs => $3))
             ON CONFLICT (name) DO UPDATE SET holder = $2, until = now() + make_interval(secs => $3)
             WHERE leases.holder = $2 OR leases.until < now()",
            &[&name, &holder, &seconds],
        )
        .await?;
    Ok(held == 1)
}

/// Nobody's until then: whoever asks meanwhile, the holder included, is refused.
pub(super) async fn rest_lease(sql: &Sql, name: &str, holder: Uuid, seconds: f64) -> Result<(), DbError> {
    sql.execute(
        "UPDATE leases SET holder = $3, until = now() + make_interval(secs => $4) WHERE name = $1 AND holder = $2",
        &[&name, &holder, &Uuid::nil(), &seconds],
    )
    .await?;
    Ok(())
}

/// Ends a rest; `false` if somebody is at work, or nobody was yet.
pub(super) async fn wake_lease(sql: &Sql, name: &str) -> Result<bool, DbError> {
    let woken = sql
        .execute(
            "UPDATE leases SET until = now() - interval '1 second' WHERE name = $1 AND holder = $2",
            &[&name, &Uuid::nil()],
        )
        .await?;
    Ok(woken == 1)
}
