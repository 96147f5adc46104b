//! SQL on `integrity_checks`: what the job's checks found.

use jiff::Timestamp;
use platform::db::{self, DbError, Sql};
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Json;

/// How long a check is kept.
const KEPT_DAYS: i32 = 30;

/// A check as it was made.
pub(in crate::integrity) struct KeptCheck {
    pub(in crate::integrity) checked_at: Timestamp,
    pub(in crate::integrity) seconds: f64,
    pub(in crate::integrity) findings: Vec<KeptFinding>,
}

/// What was found of an invariant, by its name.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::integrity) struct KeptFinding {
    pub(in crate::integrity) name: String,
    pub(in crate::integrity) broken: usize,
    pub(in crate::integrity) examples: Vec<String>,
}

pub(in crate::integrity) async fn keep(sql: &Sql, check: &KeptCheck) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO integrity_checks (checked_at, seconds, findings) VALUES ($1, $2, $3)
         ON CONFLICT (checked_at) DO UPDATE SET seconds = $2, findings = $3",
        &[&check.checked_at, &check.seconds, &Json(&check.findings)],
    )
    .await?;
    sql.execute(
        "DELETE FROM integrity_checks WHERE checked_at < $1::timestamptz - make_interval(days => $2)",
        &[&check.checked_at, &KEPT_DAYS],
    )
    .await?;
    Ok(())
}

pub(in crate::integrity) async fn last(sql: &Sql) -> Result<Option<KeptCheck>, DbError> {
    let found = "SELECT checked_at, seconds, findings FROM integrity_checks ORDER BY checked_at DESC LIMIT 1";
    let row = sql.query_opt(found, &[]).await?;
    row.map(|row| Ok(KeptCheck { checked_at: row.get(0), seconds: row.get(1), findings: db::json(&row, 2)? }))
        .transpose()
}
