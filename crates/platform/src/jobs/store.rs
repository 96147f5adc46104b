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
