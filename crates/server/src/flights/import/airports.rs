//! `udaan import airports FILE`: reference data, added and updated, never removed.

use domain::airports;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::db::Db;
use sha2::{Digest, Sha256};

use super::store::{self, ImportRecord};
use super::{File, ImportError, plan};
use crate::flights::events;
use crate::flights::times::zone;

/// What an import of airports did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AirportsReport {
    /// Airports in the file.
    pub airports: usize,
    /// Of these, new or changed.
    pub changed: u64,
}

/// Adds the airports of a file and changes those that differ. An airport the file no longer has stays: flights may
/// depart from it.
pub async fn import_airports(db: &Db, now: Timestamp, file: File<'_>) -> Result<AirportsReport, ImportError> {
    let bytes = plan::unpack(file)?;
    let airports = airports::parse(file.name, &bytes, &|name| zone(name).is_some())?;
    let tx = db.begin().await?;
    store::begin_import(&tx).await?;
    let changed = store::save_airports(&tx, &airports).await?;
    if changed > 0 {
        let sha256 = Sha256::digest(&bytes).into();
        let import = ImportRecord {
            kind: "airports",
            source: file.name,
            sha256,
            dates: None,
            flights_added: 0,
            at: now,
        };
        events::keep(&tx, &import).await?;
        // Serving processes read the reference data again with every entry of dates.
        let today = now.to_zoned(TimeZone::UTC).date();
        store::announce(&tx, today, today).await?;
    }
    tx.commit().await?;
    Ok(AirportsReport { airports: airports.len(), changed })
}
