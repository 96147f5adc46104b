//! The slice's jobs.

use std::time::Duration;

use jiff::SignedDuration;
use platform::jobs::Job;

use super::store::{oauth, sessions};
use crate::app::App;

pub use super::sessions::follow_job;

/// How long a session that is over stays in its row, for whoever asks what happened.
const KEPT_DAYS: i64 = 30;
const AT_A_TURN: i64 = 1_000;

/// Those of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    vec![prune_sessions(app)]
}

fn prune_sessions(app: &App) -> Job {
    let app = app.clone();
    Job::new("prune_sessions", Duration::from_mins(10), move || {
        let app = app.clone();
        async move {
            let before = app.now() - SignedDuration::from_hours(24 * KEPT_DAYS);
            let tx = app.db.begin().await?;
            let pruned = sessions::prune(&tx, before, AT_A_TURN).await?;
            oauth::prune_codes(&tx, before).await?;
            tx.commit().await?;
            Ok(pruned)
        }
    })
}
