//! The checker: what search holds in memory against what the database says, flight by flight.
//!
//! Memory is behind by nature, so a difference alone means nothing. It counts when it is there twice with nothing changed
//! on either side, and the feed has meanwhile brought everything that was announced at the first look. What was changed
//! without being announced, or went wrong on its way into memory, is left.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::ToSpan;
use jiff::tz::TimeZone;
use kernel::FlightId;
use platform::db::Sql;
use platform::jobs::Job;
use uuid::Uuid;

use super::difference::{self, FieldDifference, Sides};
use crate::app::App;
use crate::flights::api as flights;

/// Turns of the feed's reader after which it is not waited for any longer: 3 s with the default setting, well within
/// what a request may take.
const PATIENCE: u32 = 30;
/// Turns of the feed's reader between two dates of a pass: 1 s with the default setting, four times as long as a date
/// takes, so that nobody notices a pass.
const REST: u32 = 10;
/// Looks at a flight that keeps changing.
const LOOKS: usize = 4;
/// Flights that are named in the log in one pass; the rest is counted.
const NAMED: usize = 20;
/// Local dates before today whose flights may still be ahead, because they were delayed.
const DAYS_BACK: i64 = 3;

/// What a check found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Flights compared, on either side.
    pub(super) flights: usize,
    /// Those that differ, in order of id.
    pub(super) differing: Vec<(FlightId, Vec<FieldDifference>)>,
    /// Flights that differ and kept changing, or whose changes had not come through the feed in time. Not judged.
    pub(super) unsettled: usize,
}

/// Compares the flights of these ids that depart in the future.
pub(super) async fn check(app: &App, ids: Range<FlightId>) -> anyhow::Result<Checked> {
    let (flights, mut suspects) = first_look(app, ids).await?;
    let mut checked = Checked { flights, ..Checked::default() };
    for _ in 1..LOOKS {
        if suspects.is_empty() || !feed_caught_up(app).await? {
            break;
        }
        let mut changing = Vec::new();
        for ((id, before), now) in suspects.iter().zip(look_again(app, &suspects).await?) {
            let differences = now.differences();
            if differences.is_empty() || !now.is_ahead(flights::minute(app.now())) {
                continue;
            }
            if now == *before {
                checked.differing.push((*id, differences));
            } else {
                changing.push((*id, now));
            }
        }
        suspects = changing;
    }
    checked.differing.sort_by_key(|(id, _)| *id);
    checked.unsettled = suspects.len();
    Ok(checked)
}

/// How many flights there are, and those that differ.
async fn first_look(app: &App, ids: Range<FlightId>) -> anyhow::Result<(usize, Vec<(FlightId, Sides)>)> {
    let database = flights::states_between(&app.db.read().await?, &ids).await?;
    let (network, now) = (app.live.network.load_full(), flights::minute(app.now()));
    // Tens of thousands of flights are some ten milliseconds of work.
    let comparing = tokio::task::spawn_blocking(move || {
        let mut pairs = difference::pair(database, network.held(&ids));
        pairs.retain(|(_, sides)| sides.is_ahead(now));
        let flights = pairs.len();
        pairs.retain(|(_, sides)| !sides.differences().is_empty());
        (flights, pairs)
    });
    Ok(comparing.await?)
}

/// The present sides of the suspects, in their order. The database is read first: memory may only be newer.
async fn look_again(app: &App, suspects: &[(FlightId, Sides)]) -> anyhow::Result<Vec<Sides>> {
    let ids: Vec<FlightId> = suspects.iter().map(|(id, _)| *id).collect();
    let states = flights::flight_states(&app.db.read().await?, &ids).await?;
    let mut states: HashMap<FlightId, _> = states.into_iter().map(|state| (state.id, state)).collect();
    let network = app.live.network.load_full();
    // Looking waits for whoever writes, such as an import.
    let looking = tokio::task::spawn_blocking(move || {
        let sides = |id: &FlightId| Sides { database: states.remove(id), search: network.held_flight(*id) };
        ids.iter().map(sides).collect()
    });
    Ok(looking.await?)
}

/// Waits until this process knows everything that is announced now; `false` if that takes too long.
async fn feed_caught_up(app: &App) -> anyhow::Result<bool> {
    let mark = flights::inbox_mark(&app.db.read().await?).await?;
    for _ in 0..PATIENCE {
        let past = flights::feed_past(&app.db.read().await?, mark).await?;
        if past.is_some_and(|past| past.unsigned_abs() <= app.live.as_of()) {
            return Ok(true);
        }
        tokio::time::sleep(reader_turn(app)).await;
    }
    Ok(false)
}

/// How often the feed is read.
fn reader_turn(app: &App) -> Duration {
    Duration::from_millis(app.config.search.feed_poll_ms.max(10))
}

/// How far a pass over all flights is.
#[derive(Default)]
struct Pass {
    /// Where the next slice begins; `None` between two passes.
    next: Option<FlightId>,
    flights: usize,
    differing: usize,
    unsettled: usize,
}

/// The job of every serving process: passes over all flights ahead, a date a turn, then rests. `None` when switched off.
pub fn check_job(app: &App) -> Option<Job> {
    let minutes = app.config.search.check_minutes;
    let every = Duration::from_mins(minutes.max(1));
    let (app, pass) = (app.clone(), Arc::new(Mutex::new(Pass::default())));
    let job = Job::new("check_search", every, move || {
        let (app, pass) = (app.clone(), Arc::clone(&pass));
        async move { turn(&app, &pass).await }
    });
    (minutes > 0).then_some(job)
}

/// Checks the next slice; 0 when that was the last one.
async fn turn(app: &App, pass: &Mutex<Pass>) -> anyhow::Result<u64> {
    if !app.live.is_loaded() {
        return Ok(0);
    }
    let pass = || pass.lock().unwrap_or_else(PoisonError::into_inner);
    let next = pass().next;
    let (ids, is_last) = slice(app, &app.db.read().await?, next).await?;
    let end = ids.end;
    let checked = check(app, ids).await?;
    if !is_last {
        tokio::time::sleep(reader_turn(app) * REST).await;
    }
    let mut pass = pass();
    for (id, differences) in checked.differing.iter().take(NAMED.saturating_sub(pass.differing)) {
        let number = id.key().map_or_else(String::new, |key| key.number.to_string());
        let differs = difference::line(differences);
        tracing::warn!(flight.id = %id, flight.number = number, differs, "search and database differ");
    }
    pass.flights += checked.flights;
    pass.differing += checked.differing.len();
    pass.unsettled += checked.unsettled;
    pass.next = Some(end).filter(|_| !is_last);
    if is_last {
        finish(&std::mem::take(&mut *pass));
    }
    Ok(u64::from(!is_last))
}

fn finish(pass: &Pass) {
    let Pass { flights, differing, unsettled, .. } = *pass;
    metrics::gauge!("search_flights_differing").set(differing as f64);
    metrics::gauge!("search_flights_unsettled").set(unsettled as f64);
    if differing > NAMED {
        tracing::warn!(flights = differing, named = NAMED, "more flights differ between search and database");
    }
    if unsettled > 0 {
        tracing::warn!(
            flights = unsettled,
            "flights differ, and the search feed did not catch up to judge them"
        );
    }
    tracing::debug!(flights, differing, "search and database compared");
}

/// From where the last slice ended to the end of the first local date that has flights; and whether nothing is left.
async fn slice(app: &App, sql: &Sql, next: Option<FlightId>) -> anyhow::Result<(Range<FlightId>, bool)> {
    let today = app.now().to_zoned(TimeZone::UTC).date();
    let start = next.unwrap_or_else(|| FlightId::first_of(today.saturating_sub(DAYS_BACK.days())));
    let first = flights::first_flight(sql, start).await?;
    let end = first.and_then(FlightId::date).and_then(|date| date.tomorrow().ok()).map(FlightId::first_of);
    // Behind the last flight of the database there may be some that only memory has.
    let last = FlightId::from_uuid(Uuid::max());
    Ok((start..end.unwrap_or(last), end.is_none()))
}
