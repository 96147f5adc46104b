//! `udaan import check-in-policies FILE`: the file is all policies, and replaces those filed before. They are read from the database
//! whenever they are asked for, so running servers have them at once.

use domain::check_in;
use jiff::Timestamp;
use platform::db::Db;

use super::store;
use crate::flights::api::{self as flights, File, FilingReport, ImportError};

/// Files the policies of a file. Who is checked in stays so.
pub async fn import_check_in_policies(
    db: &Db,
    now: Timestamp,
    file: File<'_>,
) -> Result<FilingReport, ImportError> {
    let bytes = flights::unpack_filing(file)?;
    let tx = db.begin().await?;
    flights::begin_filing(&tx).await?;
    let airports = flights::filed_airports(&tx).await?;
    let policies = check_in::parse(file.name, &bytes, &|code| airports.contains(&code))?;
    let changed = store::policies(&tx).await? != policies;
    if changed {
        store::replace_policies(&tx, &policies).await?;
        flights::record_filing(&tx, "check_in_policies", file, &bytes, now).await?;
    }
    tx.commit().await?;
    Ok(FilingReport { rows: policies.len(), changed })
}
