//! What follows from a closed gate and a departure by itself.

use std::time::Duration;

use platform::jobs::{Job, Running};

use super::close;
use crate::app::App;

/// Those of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, seconds, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_secs(seconds), move || run(app.clone()))
    };
    vec![
        job("settle_closed_flights", 30, |app| Box::pin(close::settle_closed(app))),
        job("follow_departures", 10, |app| Box::pin(close::follow_departures(app))),
    ]
}
