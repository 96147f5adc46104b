//! Check-ins that do not follow their tickets, put right by a job. Whoever gives a ticket back or changes a seat ends its check-in and
//! renews its pass in the same transaction; but a server of a release without check-in, still running beside newer ones during an
//! upgrade, knows of neither.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use kernel::BookingId;
use platform::http::Problem;
use platform::jobs::row_failed;

use super::{api, store};
use crate::app::App;
use crate::boarding::api as boarding;
use crate::booking::api as booking;

/// How many bookings are looked at together.
const PAGE: i64 = 500;
/// Check-in opens two weeks before departure at most; older rows are of flights that have left.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(16 * 24);

/// Looks through everybody who is checked in; for how many bookings something was put right.
pub(super) async fn mend(app: &App) -> anyhow::Result<u64> {
    let (since, mut after, mut mended) = (app.now() - LOOK_BACK, None, 0);
    loop {
        let sql = app.db.read().await?;
        let page = store::standing(&sql, since, after, PAGE).await?;
        let Some((last, ..)) = page.last() else { return Ok(mended) };
        after = Some(*last);
        let bookings: BTreeSet<BookingId> = page.iter().map(|(booking, ..)| *booking).collect();
        let mut astray = booking::not_checked_in(&sql, &page).await?;
        astray.extend(boarding::seated_elsewhere(&sql, &bookings).await?);
        drop(sql);
        for id in astray {
            match mend_one(app, id).await {
                Ok(()) => mended += 1,
                Err(problem) => row_failed("mend_check_ins", &id, &problem.code),
            }
        }
    }
}

async fn mend_one(app: &App, id: BookingId) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    booking::lock(&tx, id).await?;
    let parties = booking::parties(&tx, id).await?;
    let has_ticket = |row: &store::CheckInRow| {
        let party = parties.get(&row.segment_no).map_or(&[][..], Vec::as_slice);
        party.iter().any(|member| member.number == row.passenger_no && member.checked_in)
    };
    let rows = store::of_booking(&tx, id).await?;
    let ghosts = rows.iter().filter(|row| row.is_checked_in() && !has_ticket(row));
    let ghosts: Vec<(i16, i16)> = ghosts.map(|row| (row.passenger_no, row.segment_no)).collect();
    api::end(app, &tx, id, &ghosts).await?;
    boarding::follow_seats(app, &tx, id).await?;
    tx.commit().await?;
    tracing::warn!(booking.id = %id, passengers = ghosts.len(), "check-in followed tickets and seats that had changed without it");
    Ok(())
}
