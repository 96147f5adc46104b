//! `udaan import seat-maps FILE` and `udaan import extras FILE`. Maps that differ from those filed become the next version of
//! their aircraft, and those of other aircraft stay; the file of extras is the whole catalogue. Both are read from the
//! database whenever they are asked for, so running servers have them at once.

use domain::extras as catalogue_file;
use domain::seat_maps;
use jiff::Timestamp;
use platform::db::Db;

use super::store::catalogue;
use crate::flights::api::{self as flights, File, FilingReport, ImportError};

/// Files seat maps. Seats that were sold stay sold, also those that a new map does not have any more.
pub async fn import_seat_maps(db: &Db, now: Timestamp, file: File<'_>) -> Result<FilingReport, ImportError> {
    let bytes = flights::unpack_filing(file)?;
    let maps = seat_maps::parse(file.name, &bytes)?;
    let tx = db.begin().await?;
    flights::begin_filing(&tx).await?;
    let aircraft: Vec<&str> = maps.iter().map(|map| map.aircraft.as_str()).collect();
    let filed = catalogue::seat_maps(&tx, &aircraft).await?;
    let mut changed = false;
    for map in &maps {
        if !filed.iter().any(|(known, _)| known == map) {
            catalogue::insert_seat_map(&tx, map, now).await?;
            changed = true;
        }
    }
    if changed {
        flights::record_filing(&tx, "seat_maps", file, &bytes, now).await?;
    }
    tx.commit().await?;
    Ok(FilingReport { rows: maps.len(), changed })
}

/// Files the catalogue of extras instead of the one there is. What was sold keeps its terms.
pub async fn import_extras(db: &Db, now: Timestamp, file: File<'_>) -> Result<FilingReport, ImportError> {
    let bytes = flights::unpack_filing(file)?;
    let mut extras = catalogue_file::parse(file.name, &bytes)?;
    extras.sort_by(|one, other| one.code.cmp(&other.code));
    let tx = db.begin().await?;
    flights::begin_filing(&tx).await?;
    let changed = catalogue::extras(&tx).await? != extras;
    if changed {
        catalogue::clear_extras(&tx).await?;
        for extra in &extras {
            catalogue::put_extra(&tx, extra, true).await?;
        }
        flights::record_filing(&tx, "extras", file, &bytes, now).await?;
    }
    tx.commit().await?;
    Ok(FilingReport { rows: extras.len(), changed })
}

/// Whether the catalogue has anything: staff edit it, and the demo's file does not undo that.
pub async fn has_extras(db: &Db) -> Result<bool, ImportError> {
    Ok(!catalogue::extras(&db.read().await?).await?.is_empty())
}
