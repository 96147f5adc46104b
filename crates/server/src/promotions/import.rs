//! `udaan import promotions FILE`: codes of the file are filed, those that were there with other terms are changed, and all
//! others stay. A code that staff ended stays over.

use std::collections::HashMap;

use domain::input::{BadCell, BadInput};
use domain::promotions::{self, Benefit, Promotion};
use jiff::Timestamp;
use platform::db::{Db, DbError, Tx};
use platform::random::Random;

use super::store::{self, PromotionRow};
use crate::events::api::{NewEvent, PromotionFiled, record_all};
use crate::extras::api as extras;
use crate::flights::api::{self as flights, File, FilingReport, ImportError};

/// Files promotions, all or none.
pub async fn import_promotions(db: &Db, now: Timestamp, file: File<'_>) -> Result<FilingReport, ImportError> {
    let bytes = flights::unpack_filing(file)?;
    let rows = promotions::parse(file.name, &bytes)?;
    let tx = db.begin().await?;
    flights::begin_filing(&tx).await?;
    check_extras(&tx, file.name, &rows).await?;
    let created = insert_new(&tx, &rows, now).await?;
    // Whoever uses a code waits for its counter. So what is to change is found out before anything is locked, and between
    // the locks and the commit there are a few statements, however long the file.
    let changes = changes(&tx, &rows).await?;
    let codes: Vec<&str> = changes.iter().map(|(_, promotion, _)| promotion.code.as_str()).collect();
    store::lock(&tx, &codes).await?;
    let changes = self::changes(&tx, &rows)
        .await?
        .into_iter()
        .filter(|(_, filed, _)| codes.contains(&filed.code.as_str()));
    let changes: Vec<(usize, &Promotion, i32)> = changes.collect();
    let below =
        |(_, filed, taken): &&(usize, &Promotion, i32)| filed.total_limit.is_some_and(|most| most < *taken);
    if let Some((place, promotion, taken)) = changes.iter().find(below) {
        return Err(below_used(file.name, *place, promotion, *taken).into());
    }
    let updated: Vec<&Promotion> = changes.iter().map(|(_, promotion, _)| *promotion).collect();
    store::update(&tx, &updated, now).await?;
    let mut told = Vec::new();
    for (promotions, change) in [(&created, "created"), (&updated, "updated")] {
        for promotion in promotions {
            let filed = PromotionFiled { code: promotion.code.clone(), change: change.to_owned() };
            told.push(NewEvent::of(Random, now, &filed)?);
        }
    }
    record_all(&tx, &told).await?;
    let changed = !told.is_empty();
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

/// Files the codes that are new, which nobody can use before the commit.
async fn insert_new<'a>(
    tx: &Tx,
    rows: &'a [Promotion],
    now: Timestamp,
) -> Result<Vec<&'a Promotion>, DbError> {
    let mut by_code: Vec<&Promotion> = rows.iter().collect();
    by_code.sort_by(|one, other| one.code.cmp(&other.code));
    let mut created = Vec::new();
    for promotion in by_code {
        if store::insert(tx, promotion, now).await? {
            created.push(promotion);
        }
    }
    Ok(created)
}

/// What of the file differs from what is filed and was not ended: its place in the file, and how many uses the code has.
async fn changes<'a>(tx: &Tx, rows: &'a [Promotion]) -> Result<Vec<(usize, &'a Promotion, i32)>, DbError> {
    let codes: Vec<&str> = rows.iter().map(|promotion| promotion.code.as_str()).collect();
    let filed = store::find_all(tx, &codes).await?;
    let filed: HashMap<&str, &PromotionRow> =
        filed.iter().map(|row| (row.promotion.code.as_str(), row)).collect();
    let change = |(place, promotion): (usize, &'a Promotion)| {
        let row = filed.get(promotion.code.as_str())?;
        let differs = row.ended_at.is_none() && row.promotion != *promotion;
        differs.then_some((place, promotion, row.taken))
    };
    Ok(rows.iter().enumerate().filter_map(change).collect())
}

/// Refuses a file with a code that gives an extra nobody sells. A code that gave it before stays as it is: the extra may have been
/// taken off the catalogue since.
async fn check_extras(tx: &Tx, file: &str, rows: &[Promotion]) -> Result<(), ImportError> {
    let giving = rows.iter().filter(|promotion| matches!(promotion.benefit, Benefit::Extra { .. }));
    let codes: Vec<&str> = giving.map(|promotion| promotion.code.as_str()).collect();
    let filed = store::find_all(tx, &codes).await?;
    let filed: HashMap<&str, &Benefit> =
        filed.iter().map(|row| (row.promotion.code.as_str(), &row.promotion.benefit)).collect();
    for (place, promotion) in rows.iter().enumerate() {
        let Benefit::Extra { extra } = &promotion.benefit else { continue };
        let before = filed.get(promotion.code.as_str());
        if before == Some(&&promotion.benefit) || extras::is_sold(tx, extra).await? {
            continue;
        }
        return Err(BadInput::of(BadCell {
            file: file.to_owned(),
            // The header is line 1.
            line: place as u64 + 2,
            column: "extra".to_owned(),
            value: extra.clone(),
            reason: "is not in the catalogue of extras".to_owned(),
            right: "the code of an extra that was filed before".to_owned(),
        })
        .into());
    }
    Ok(())
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
