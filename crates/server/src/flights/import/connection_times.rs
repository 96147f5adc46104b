//! `udaan import connection-times FILE`: the file is all exceptions to the minimum connection times, and replaces those
//! filed before.

use std::collections::HashSet;

use domain::connection_times;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::AirportCode;
use platform::db::Db;
use sha2::{Digest, Sha256};

use super::store::{self, ImportRecord};
use super::{File, ImportError, plan};
use crate::flights::events;
use crate::flights::store::connection_times as filed;

/// What an import of connection times did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionTimesReport {
    /// Exceptions in the file.
    pub exceptions: usize,
    /// Whether they differ from those filed before.
    pub changed: bool,
}

/// Files the exceptions of a file. Connections already booked stay booked; search and booking follow once the search feed
/// has told the serving processes.
pub async fn import_connection_times(
    db: &Db,
    now: Timestamp,
    file: File<'_>,
) -> Result<ConnectionTimesReport, ImportError> {
    let bytes = plan::unpack(file)?;
    let tx = db.begin().await?;
    store::begin_import(&tx).await?;
    let airports: HashSet<AirportCode> =
        store::known_airports(&tx).await?.iter().map(|airport| airport.code).collect();
    if airports.is_empty() {
        return Err(ImportError::NoAirports);
    }
    let times = connection_times::parse(file.name, &bytes, &|code| airports.contains(&code))?;
    let changed = filed::connection_times(&tx).await? != times;
    if changed {
        filed::replace_connection_times(&tx, &times).await?;
        let import = ImportRecord {
            kind: "connection_times",
            source: file.name,
            sha256: Sha256::digest(&bytes).into(),
            dates: None,
            flights_added: 0,
            at: now,
        };
        events::keep(&tx, &import).await?;
        // Whoever reads an entry of dates reads the reference data again as well, so it names the one date of now.
        let today = now.to_zoned(TimeZone::UTC).date();
        store::announce(&tx, today, today).await?;
    }
    tx.commit().await?;
    Ok(ConnectionTimesReport { exceptions: times.len(), changed })
}
