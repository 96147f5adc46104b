//! The check as a job: of all working processes one makes it, and it is kept for staff and metrics.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use platform::db::{Db, DbError, Sql};
use platform::jobs::{Job, Lease, Turn};

use super::api::{Finding, check, invariants};
use super::store::checks::{self as kept, KeptCheck, KeptFinding};
use crate::app::App;

const NAME: &str = "check_integrity";
/// How often a process looks whether a check is due, and what the last one found.
const LOOK: Duration = Duration::from_secs(10);
/// After which a process that died during its check is no longer waited for.
const LEASE: Duration = Duration::from_mins(1);
/// A check is followed by a pause of at least so many times its own length: what a check costs grows with what is stored, and
/// sales are not to pay for it. With a million bookings it takes most of a minute, and follows every quarter of an hour or so.
const PAUSES: u32 = 19;

/// The job of a working process; none if it is switched off.
pub(super) fn job(app: &App) -> Option<Job> {
    let least = Duration::from_mins(app.config.integrity.minutes);
    let lease = Lease::new(NAME, app.process, LEASE);
    let app = app.clone();
    (!least.is_zero()).then(|| Job::new(NAME, LOOK, move || turn(app.clone(), lease.clone(), least)))
}

async fn turn(app: App, lease: Lease, least: Duration) -> Turn {
    let began = Instant::now();
    if let Some(checked) = lease.during(&app.db, check_and_keep(&app)).await? {
        lease.rest(&app.db, least.max(began.elapsed() * PAUSES)).await?;
        checked?;
    }
    if let Some(last) = kept::last(&app.db.read().await?).await? {
        measure(&last);
    }
    Ok(0)
}

async fn check_and_keep(app: &App) -> Result<(), DbError> {
    let (began, checked_at) = (Instant::now(), app.now());
    let findings = check(&app.db, checked_at, app.config.booking.choice_hours).await?;
    for finding in findings.iter().filter(|finding| finding.broken > 0) {
        tracing::error!(
            invariant = finding.invariant.name,
            places = finding.broken,
            first = finding.examples.first().map_or("", String::as_str),
            "an invariant is broken; `udaan integrity` says where"
        );
    }
    keep(&app.db, checked_at, began.elapsed(), findings).await
}

async fn keep(db: &Db, checked_at: Timestamp, took: Duration, findings: Vec<Finding>) -> Result<(), DbError> {
    let kept = |finding: Finding| KeptFinding {
        name: finding.invariant.name.to_owned(),
        broken: finding.broken,
        examples: finding.examples,
    };
    let findings = findings.into_iter().map(kept).collect();
    let tx = db.begin().await?;
    kept::keep(&tx, &KeptCheck { checked_at, seconds: took.as_secs_f64(), findings }).await?;
    tx.commit().await
}

/// Whoever made it, every working process shows what the last check found.
fn measure(last: &KeptCheck) {
    for invariant in invariants() {
        let found = last.findings.iter().find(|finding| finding.name == invariant.name);
        let broken = found.map_or(0, |finding| finding.broken);
        metrics::gauge!("integrity_violations", "invariant" => invariant.name).set(broken as f64);
    }
    metrics::gauge!("integrity_check_seconds").set(last.seconds);
    metrics::gauge!("integrity_checked_timestamp_seconds").set(last.checked_at.as_second() as f64);
}

/// Has a check made by the next process that looks; `false` if one is under way already.
pub(super) async fn ask(sql: &Sql) -> Result<bool, DbError> {
    Lease::wake(sql, NAME).await
}
