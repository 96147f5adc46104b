//! Passports are forgotten some time after the last flight.

use std::time::Duration;

use platform::jobs::Job;

use super::store;
use crate::app::App;

const AT_A_TURN: i64 = 1_000;

/// Those of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let app = app.clone();
    let forget = Job::new("forget_travel_documents", Duration::from_mins(10), move || {
        let app = app.clone();
        async move { Ok(store::forget_old_documents(&app.db.read().await?, app.now(), AT_A_TURN).await?) }
    });
    vec![forget]
}
