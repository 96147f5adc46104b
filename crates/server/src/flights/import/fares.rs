//! `udaan import fare-families FILE`, `udaan import taxes FILE` and `udaan import refund-rules FILE`: the file is the whole set, and replaces the one filed
//! before.

use domain::fare_families::{self, FareFamilies};
use domain::taxes;
use jiff::Timestamp;
use platform::db::Db;

use super::filing::{self, record};
use super::{File, ImportError, plan};
use crate::flights::store::{fares, refund_rules};

/// What a filing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilingReport {
    /// Rows in the file.
    pub rows: usize,
    /// Whether they differ from what was filed before.
    pub changed: bool,
}

/// Files fare families. Bookings keep the conditions they were sold with; offers of a family that is gone cannot be booked
/// any more.
pub async fn import_fare_families(
    db: &Db,
    now: Timestamp,
    file: File<'_>,
) -> Result<FilingReport, ImportError> {
    let bytes = plan::unpack(file)?;
    let families = fare_families::parse(file.name, &bytes)?;
    let tx = db.begin().await?;
    filing::begin(&tx).await?;
    let rows = families.len();
    // Compared in one order, whatever that of the file: the differences make the ladder.
    let before = FareFamilies::new(fares::fare_families(&tx).await?);
    let changed = before != FareFamilies::new(families.clone());
    if changed {
        fares::replace_fare_families(&tx, &families).await?;
        record(&tx, "fare_families", file, &bytes, now).await?;
    }
    tx.commit().await?;
    Ok(FilingReport { rows, changed })
}

/// Files taxes and charges. The file keeps the rules of past dates of sale: offers made on them are explained by them.
pub async fn import_taxes(db: &Db, now: Timestamp, file: File<'_>) -> Result<FilingReport, ImportError> {
    let bytes = plan::unpack(file)?;
    let rules = taxes::parse(file.name, &bytes)?;
    let tx = db.begin().await?;
    filing::begin(&tx).await?;
    let changed = fares::tax_rules(&tx).await? != rules;
    if changed {
        fares::replace_tax_rules(&tx, &rules).await?;
        record(&tx, "taxes", file, &bytes, now).await?;
    }
    tx.commit().await?;
    Ok(FilingReport { rows: rules.len(), changed })
}

/// Files what comes back whatever a fare family says. The file keeps the rules of past days.
pub async fn import_refund_rules(
    db: &Db,
    now: Timestamp,
    file: File<'_>,
) -> Result<FilingReport, ImportError> {
    let bytes = plan::unpack(file)?;
    let rules = domain::refund_rules::parse(file.name, &bytes)?;
    let tx = db.begin().await?;
    filing::begin(&tx).await?;
    let changed = refund_rules::refund_rules(&tx).await? != rules;
    if changed {
        refund_rules::replace_refund_rules(&tx, &rules).await?;
        record(&tx, "refund_rules", file, &bytes, now).await?;
    }
    tx.commit().await?;
    Ok(FilingReport { rows: rules.len(), changed })
}
