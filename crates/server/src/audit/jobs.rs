//! Chaining what was recorded.

use std::time::Duration;

use jiff::SignedDuration;
use platform::jobs::{Job, Lease};

use super::chain::{Head, link};
use super::store;
use crate::app::App;

/// Records linked in one transaction.
const BATCH: i64 = 500;
/// A transaction is over long before: what was recorded earlier than this before the last link is linked.
const LATEST: SignedDuration = SignedDuration::from_hours(1);
/// One process links at a time. Two at once would do no harm: only one of them finds the next position free.
const LEASE: Duration = Duration::from_secs(30);

/// The job of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let app = app.clone();
    let lease = Lease::new("audit_chain", app.process, LEASE);
    vec![Job::new("chain_audit_records", Duration::from_secs(5), move || {
        let (app, lease) = (app.clone(), lease.clone());
        async move { if lease.hold(&app.db).await? { chain(&app).await } else { Ok(0) } }
    })]
}

/// Links the records that have no link yet, in the order of their ids; how many.
async fn chain(app: &App) -> anyhow::Result<u64> {
    let tx = app.db.begin().await?;
    let last = store::last_link(&tx).await?;
    let since = last.as_ref().map(|(_, linked_at)| *linked_at - LATEST);
    let mut head = last.map_or_else(Head::origin, |(head, _)| head);
    let records = store::unlinked(&tx, since, BATCH).await?;
    let mut links = Vec::with_capacity(records.len());
    for record in &records {
        head = link(&app.sealer, &head, record);
        links.push((record.id, head.clone()));
    }
    if links.is_empty() {
        return Ok(0);
    }
    store::insert_links(&tx, &links, app.now()).await?;
    tx.commit().await?;
    metrics::gauge!("audit_links").set(head.position as f64);
    // Whoever keeps the logs elsewhere can prove later that nothing was cut off the end: `udaan audit verify --expect`.
    tracing::info!(audit.position = head.position, audit.hash = hex(&head.hash), "audit records chained");
    Ok(links.len() as u64)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
