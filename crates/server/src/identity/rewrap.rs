//! After a rotation of the master key: the keys of users are wrapped under the new one, a batch at a time, so that the old one can be
//! taken out of the key file. What the keys seal stays as it is.

use std::time::Duration;

use platform::jobs::{Job, row_failed};

use super::store::keys as store;
use crate::app::App;

const BATCH: i64 = 500;
/// Batches of a turn: some ten thousand keys, so that millions are done in hours and nothing else waits.
const BATCHES: usize = 20;

/// The job of a working process.
pub(super) fn job(app: &App) -> Job {
    let app = app.clone();
    Job::new("rewrap_user_keys", Duration::from_secs(15), move || {
        let app = app.clone();
        async move {
            let mut all = 0;
            for _ in 0..BATCHES {
                let wrapped = rewrap_batch(&app).await?;
                all += wrapped;
                if wrapped == 0 {
                    break;
                }
            }
            Ok(all)
        }
    })
}

async fn rewrap_batch(app: &App) -> anyhow::Result<u64> {
    let current = app.sealer.current_master().ok_or_else(|| anyhow::anyhow!("no master key"))?;
    let tx = app.db.begin().await?;
    let mut anew = Vec::new();
    for (user, wrapped) in store::lock_older(&tx, current, BATCH).await? {
        match app.sealer.rewrap(user, &wrapped) {
            Ok(wrapped) => anew.push((user, wrapped.bytes)),
            // Its master key is in no key file any more: there is nothing to be done but to say so.
            Err(error) => row_failed("rewrap_user_keys", &user, &error),
        }
    }
    store::replace(&tx, current, &anew).await?;
    tx.commit().await?;
    Ok(anew.len() as u64)
}
