//! The door of the integrity slice.

use jiff::Timestamp;
use platform::db::{Db, DbError};
use platform::jobs::Job;

use super::store;
use crate::app::App;

/// Everything that must always be true.
pub fn invariants() -> impl Iterator<Item = &'static Invariant> {
    store::INVARIANTS.iter().chain(store::said::INVARIANTS)
}

/// At most so many rows are told of each invariant; the rest is counted.
pub const TOLD_MAX: usize = 20;

/// A statement that must be true of the stored data, and the query that finds where it is not.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// What programs and metrics call it.
    pub name: &'static str,
    /// What must be true.
    pub says: &'static str,
    /// Finds where it is not: one column of text that names the place and what is wrong there.
    pub(super) sql: &'static str,
}

/// What was found of an invariant.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which.
    pub invariant: Invariant,
    /// How many places break it.
    pub broken: usize,
    /// The first of them, at most [`TOLD_MAX`].
    pub examples: Vec<String>,
}

/// Asks every invariant, all of one moment. `choice_hours` is the setting `booking.choice_hours`.
pub async fn check(db: &Db, now: Timestamp, choice_hours: i64) -> Result<Vec<Finding>, DbError> {
    let tx = db.begin().await?;
    store::begin_reading(&tx, now, choice_hours).await?;
    let mut findings = Vec::new();
    for invariant in invariants() {
        let mut examples = store::broken(&tx, invariant.sql).await?;
        let broken = examples.len();
        examples.truncate(TOLD_MAX);
        findings.push(Finding { invariant: *invariant, broken, examples });
    }
    Ok(findings)
}

/// The job of a working process; none if it is switched off.
pub fn job(app: &App) -> Option<Job> {
    super::job::job(app)
}
