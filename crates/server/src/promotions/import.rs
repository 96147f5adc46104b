//! `udaan import promotions FILE`: codes of the file are filed, those that were there with other terms are changed, and all
//! others stay. A code that staff ended stays over.

use domain::input::{BadCell, BadInput};
use domain::promotions::{self, Promotion};
use jiff::Timestamp;
use platform::db::{Db, DbError, Tx};
use platform::random::Random;

use super::store;
use crate::events::api::{PromotionFiled, record};
use crate::flights::api::{self as flights, File, FilingReport, ImportError};

/// Files promotions, all or none.
pub async fn import_promotions(db: &Db, now: Timestamp, file: File<'_>) -> Result<FilingReport, ImportError> {
    let bytes = flights::unpack_filing(file)?;
    let rows = promotions::parse(file.name, &bytes)?;
    let tx = db.begin().await?;
    flights::begin_filing(&tx).await?;
    // Counters are locked in the order of codes, as bookings lock them (docs/locking.md).
    let mut by_code: Vec<(usize, &Promotion)> = rows.iter().enumerate().collect();
    by_code.sort_by(|(_, one), (_, other)| one.code.cmp(&other.code));
    let mut changed = false;
    for (place, promotion) in by_code {
        let filed = match put(&tx, promotion, now).await? {
            Put::AsBefore => continue,
            Put::Filed(change) => change,
            Put::BelowUsed(used) => return Err(below_used(file.name, place, promotion, used).into()),
        };
        let told = PromotionFiled { code: promotion.code.clone(), change: filed.to_owned() };
        record(&tx, Random, now, &told).await?;
        changed = true;
    }
    if changed {
        flights::record_filing(&tx, "promotions", file, &bytes, now).await?;
    }
    tx.commit().await?;
    Ok(FilingReport { rows: rows.len(), changed })
}

/// Whether any promotion was ever filed.
pub async fn has_promotions(db: &Db) -> Result<bool, ImportError> {
    Ok(!store::list(&db.read().await?, "", 1).await?.is_empty())
}

enum Put {
    AsBefore,
    Filed(&'static str),
    BelowUsed(i32),
}

async fn put(tx: &Tx, promotion: &Promotion, now: Timestamp) -> Result<Put, DbError> {
    if store::insert(tx, promotion, now).await? {
        return Ok(Put::Filed("created"));
    }
    store::lock(tx, &promotion.code).await?;
    let Some(row) = store::find(tx, &promotion.code).await? else { return Ok(Put::AsBefore) };
    if row.ended_at.is_some() || row.promotion == *promotion {
        return Ok(Put::AsBefore);
    }
    if promotion.total_limit.is_some_and(|most| most < row.taken) {
        return Ok(Put::BelowUsed(row.taken));
    }
    store::update(tx, promotion, now).await?;
    Ok(Put::Filed("updated"))
}

fn below_used(file: &str, place: usize, promotion: &Promotion, used: i32) -> BadInput {
    BadInput::of(BadCell {
        file: file.to_owned(),
        // The header is line 1.
        line: place as u64 + 2,
        column: "total_limit".to_owned(),
        value: promotion.total_limit.map(|most| most.to_string()).unwrap_or_default(),
        reason: format!("is below the uses {} has", promotion.code),
        right: format!("at least {used}"),
    })
}
