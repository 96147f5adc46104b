//! Migrations: forward only, each in its own transaction, applied once, in order, by one process at a time.
//! A file that changed after it was applied is refused.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Db, DbError};

/// For so long a migration is tried that does not get its locks: some minutes, for the longest statement that is under way.
const TRIES: u32 = 120;
const PAUSE: Duration = Duration::from_secs(1);

/// One SQL file, embedded by the binary.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// File name, such as `0001_reference.sql`; the number orders them.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

impl Migration {
    fn checksum(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a run of the migrations did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// Names applied now.
    pub applied: Vec<&'static str>,
    /// How many were there before.
    pub already: usize,
}

/// Applies what is missing. Safe to run from several processes at once: the second waits for the first. Each is tried for
/// some minutes where others hold what it must lock.
pub async fn migrate(db: &Db, migrations: &[Migration]) -> Result<MigrationReport, DbError> {
    create_record(db).await?;
    let mut report = MigrationReport::default();
    for migration in migrations {
        if apply_between(db, migration).await? {
            report.applied.push(migration.name);
        } else {
            report.already += 1;
        }
    }
    Ok(report)
}

/// Applies a migration while others use the database. One that does not get a lock soon lets those go on who wait behind it, and
/// tries again.
async fn apply_between(db: &Db, migration: &Migration) -> Result<bool, DbError> {
    let mut tries = 1;
    loop {
        match apply(db, migration).await {
            Err(error) if error.is_contention() && tries < TRIES => {
                tracing::warn!(migration = migration.name, tries, %error, "a migration waits for a lock; it is tried again");
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

/// Applies a migration; `false` if it was applied before.
async fn apply(db: &Db, migration: &Migration) -> Result<bool, DbError> {
    let tx = db.begin().await?;
    tx.batch("SET LOCAL lock_timeout = '1s'; LOCK TABLE schema_migrations IN EXCLUSIVE MODE; SET LOCAL statement_timeout = 0")
        .await?;
    if is_applied(&tx, migration).await? {
        return Ok(false);
    }
    tx.batch(migration.sql).await?;
    tx.execute(
        "INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)",
        &[&migration.name, &migration.checksum()],
    )
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Makes the table that records migrations. Two processes that start together take turns: the lock ends with the
/// transaction, and IF NOT EXISTS alone does not keep them apart.
async fn create_record(db: &Db) -> Result<(), DbError> {
    let tx = db.begin().await?;
    tx.batch(
        "SELECT pg_advisory_xact_lock(7325);
         CREATE TABLE IF NOT EXISTS schema_migrations (
             name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
    )
    .await?;
    tx.commit().await
}

/// Names of the migrations that are not applied yet.
pub async fn pending_migrations(db: &Db, migrations: &[Migration]) -> Result<Vec<&'static str>, DbError> {
    let connection = db.read().await?;
    let table = connection.query_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[]).await?;
    if !table.get::<_, bool>(0) {
        return Ok(migrations.iter().map(|migration| migration.name).collect());
    }
    let mut pending = Vec::new();
    for migration in migrations {
        if !is_applied(&connection, migration).await? {
            pending.push(migration.name);
        }
    }
    Ok(pending)
}

async fn is_applied(sql: &super::Sql, migration: &Migration) -> Result<bool, DbError> {
    let row =
        sql.query_opt("SELECT checksum FROM schema_migrations WHERE name = $1", &[&migration.name]).await?;
    match row.map(|row| row.get::<_, String>(0)) {
        None => Ok(false),
        Some(checksum) if checksum == migration.checksum() => Ok(true),
        Some(_) => Err(DbError::Inconsistent(format!(
            "migration {} was changed after it was applied; add a new one instead",
            migration.name
        ))),
    }
}
