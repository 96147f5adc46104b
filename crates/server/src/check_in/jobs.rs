//! Passports are forgotten some time after the last flight, and check-ins follow tickets that another release gave back.

use std::collections::BTreeSet;
use std::time::Duration;

use kernel::BookingId;
use platform::db::DbError;
use platform::jobs::Job;

use super::{document, mend, store};
use crate::app::App;
use crate::booking::api as booking;

const AT_A_TURN: i64 = 1_000;

/// Those of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let (forgetting, mending) = (app.clone(), app.clone());
    let forget = Job::new("forget_travel_documents", Duration::from_mins(10), move || {
        let app = forgetting.clone();
        async move { Ok(forget_documents(&app).await?) }
    });
    let mend = Job::new("mend_check_ins", Duration::from_mins(10), move || {
        let app = mending.clone();
        async move { mend::mend(&app).await }
    });
    vec![forget, mend]
}

/// Forgets passports whose time is over. That of a trip which a flight's retiming has made longer is not.
async fn forget_documents(app: &App) -> Result<u64, DbError> {
    let (sql, now) = (app.db.read().await?, app.now());
    let over: BTreeSet<BookingId> = store::documents_over(&sql, now, AT_A_TURN).await?;
    for (booking, ends) in booking::trip_ends(&sql, &over).await? {
        let until = document::kept_until(app, ends);
        if until > now {
            store::put_off_documents(&sql, booking, until).await?;
        }
    }
    store::forget_old_documents(&sql, now, &over).await
}
