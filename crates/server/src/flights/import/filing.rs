//! What every filing of reference data does: it is the only import at its time, it leaves a record, and running servers hear
//! of it.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::AirportCode;
use platform::db::{DbError, Sql};
use sha2::{Digest, Sha256};

use super::store::{self, ImportRecord};
use super::{File, ImportError, plan};
use crate::flights::events;

/// Unpacks a file to be filed.
pub fn unpack(file: File<'_>) -> Result<Vec<u8>, ImportError> {
    plan::unpack(file)
}

/// Makes this transaction the only import there is, waiting for another one to end.
pub async fn begin(sql: &Sql) -> Result<(), DbError> {
    store::begin_import(sql).await
}

/// The airports that were imported.
pub async fn airports(sql: &Sql) -> Result<HashSet<AirportCode>, DbError> {
    Ok(store::known_airports(sql).await?.iter().map(|airport| airport.code).collect())
}

/// Keeps the record, and has serving processes read the reference data again: every entry of dates does, so it names the
/// one date of now.
pub async fn record(
    sql: &Sql,
    kind: &'static str,
    file: File<'_>,
    bytes: &[u8],
    now: Timestamp,
) -> Result<(), DbError> {
    let sha256 = Sha256::digest(bytes).into();
    let import = ImportRecord { kind, source: file.name, sha256, dates: None, flights_added: 0, at: now };
    events::keep(sql, &import).await?;
    let today = now.to_zoned(TimeZone::UTC).date();
    store::announce(sql, today, today).await
}
