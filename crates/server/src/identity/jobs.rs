//! The slice's jobs.

use std::time::Duration;

use jiff::SignedDuration;
use platform::attempts;
use platform::jobs::Job;

use super::sessions::EndCause;
use super::store::{oauth, oidc, one_time, passkeys, second_factors, sessions};
use crate::app::App;

pub use super::sessions::follow_job;

/// How long a session that is over stays in its row, for whoever asks what happened.
const KEPT_DAYS: i64 = 30;
const AT_A_TURN: i64 = 1_000;
const TURNS: usize = 100;

/// Those of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    vec![prune_sessions(app), end_sessions_of_disabled_programs(app), super::rewrap::job(app)]
}

/// Ends the sessions of programs that were disabled, a batch in each transaction: none is good any more since then, and those who
/// ask for their sessions see that.
fn end_sessions_of_disabled_programs(app: &App) -> Job {
    let app = app.clone();
    Job::new("end_sessions_of_disabled_programs", Duration::from_secs(5), move || {
        let app = app.clone();
        async move {
            let mut all = 0;
            loop {
                let tx = app.db.begin().await?;
                let cause = EndCause::AccountChanged.as_str();
                let ended = oauth::end_void(&tx, cause, app.now(), AT_A_TURN).await?;
                tx.commit().await?;
                app.ended.add(&ended);
                all += ended.len() as u64;
                if i64::try_from(ended.len()).is_ok_and(|ended| ended < AT_A_TURN) {
                    return Ok(all);
                }
            }
        }
    })
}

fn prune_sessions(app: &App) -> Job {
    let app = app.clone();
    Job::new("prune_sessions", Duration::from_mins(10), move || {
        let app = app.clone();
        async move {
            let before = app.now() - SignedDuration::from_hours(24 * KEPT_DAYS);
            let sql = app.db.read().await?;
            let mut all = 0;
            // A turn takes what has gathered, in statements that each commit, and stops where little is left.
            for _ in 0..TURNS {
                let pruned = sessions::prune(&sql, before, AT_A_TURN).await?
                    + sessions::prune_ended(&sql, before, AT_A_TURN).await?
                    + oauth::prune_codes(&sql, before, AT_A_TURN).await?
                    + one_time::prune(&sql, app.now(), AT_A_TURN).await?
                    + attempts::prune(&sql, app.now(), AT_A_TURN).await?
                    + oidc::prune_begun(&sql, app.now(), AT_A_TURN).await?
                    + passkeys::prune_challenges(&sql, app.now(), AT_A_TURN).await?
                    + second_factors::prune_login_tokens(&sql, app.now(), AT_A_TURN).await?;
                all += pruned;
                if pruned == 0 {
                    break;
                }
            }
            Ok(all)
        }
    })
}
