//! Codes that are over are forgotten.

use std::time::Duration;

use platform::jobs::Job;

use super::store;
use crate::app::App;

const AT_A_TURN: i64 = 1_000;

/// Those of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let app = app.clone();
    let prune = Job::new("prune_record_codes", Duration::from_mins(10), move || {
        let app = app.clone();
        async move { Ok(store::prune(&app.db.read().await?, app.now(), AT_A_TURN).await?) }
    });
    vec![prune]
}
