//! `POST /flights/{id}/close-boarding`, and what follows by itself: no-shows of those who did not come, and flown coupons once the flight has
//! left.
//!
//! Closing is one short transaction about the flight alone. Those who did not come follow booking by booking, each under its lock, in the
//! same request, and by a job if that is interrupted. If the flight is cancelled after that, the job takes it back: they have missed nothing,
//! and the gate is as it was before it was closed.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use domain::boarding::{CLOSES_AT_MOST_BEFORE, alone};
use domain::coupon::CouponStatus;
use domain::flight_status::FlightStatus;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Category, FlightId};
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::jobs::row_failed;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::events::{self, Of};
use super::gate;
use super::store::gate as store;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking::api::{self as booking, OnFlight};
use crate::check_in::api as check_in;
use crate::events::api::{FlightBoardingClosed, record};
use crate::flights::api::{self as flights, FlightRow};

/// A flight that is closed.
#[derive(Serialize, ToSchema)]
#[schema(as = ClosedBoarding, example = json!({"flight_id": "flt_20261201000080008000b97700134001", "closed_at": "2026-12-01T13:20:00Z",
    "boarded": 143, "no_shows": 4}))]
pub(super) struct ClosedView {
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, format = DateTime)]
    closed_at: Timestamp,
    /// How many are on board, with infants.
    boarded: usize,
    /// How many had a ticket and did not come.
    no_shows: usize,
}

/// Flights cancelled longer ago than this have been looked through many times.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// So many flights that an earlier release has settled are looked at again at a time.
const AT_A_TIME: i64 = 200;

/// Passengers of a booking on a segment, in states.
type Parties = BTreeMap<(BookingId, i16), Vec<OnFlight>>;

/// Close boarding of a flight: nobody checks in or boards from then on, and whoever has a ticket and is not on board did not come: their
/// coupons are `no_show`. Closing it again changes nothing. 409 `boarding_not_open`, `flight_cancelled`; `children_alone` while a child
/// is on board of whose booking no adult is.
#[utoipa::path(post, path = "/flights/{id}/close-boarding", tag = "operations",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "Closed", body = ClosedView),
        (status = 409, description = "`boarding_not_open`, `children_alone`, `flight_cancelled`")))]
pub(super) async fn close_boarding(
    State(app): State<App>,
    actor: Actor,
    Path(flight): Path<FlightId>,
) -> Outcome<Json<ClosedView>> {
    let closed_at = close(&app, &actor, flight).await?;
    settle(&app, flight).await?;
    let people = booking::people_on(&app.db.read().await?, flight).await?;
    let count = |fits: fn(CouponStatus) -> bool| people.iter().filter(|one| fits(one.status)).count();
    Ok(Json(ClosedView {
        flight_id: flight,
        closed_at,
        boarded: count(CouponStatus::is_used),
        no_shows: count(|status| status == CouponStatus::NoShow),
    }))
}

async fn close(app: &App, actor: &Actor, flight: FlightId) -> Result<Timestamp, Problem> {
    let tx = app.db.begin().await?;
    let row = flights::flight_rows(&tx, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    // Whoever boards somebody has this row shared until they commit: from here on all who are on board are seen.
    match check_in::lock_flight(&tx, flight).await? {
        Some(closed_at) if !row.is_cancelled() => return Ok(closed_at),
        _ => check_begun(app, &row)?,
    }
    let people = booking::people_on(&tx, flight).await?;
    let lonely = lonely(&people);
    if !lonely.is_empty() {
        let numbers = check_in::numbers(&tx, flight).await?;
        let numbers: Vec<i16> = lonely.iter().filter_map(|one| numbers.get(one).copied()).collect();
        let problem = Problem::new(Category::Conflict, "children_alone").actions(&["board", "undo_boarding"]);
        return Err(problem.with("sequences", numbers));
    }
    let now = app.now();
    check_in::close(&tx, flight, (actor.user, now)).await?;
    record(&tx, app.random, now, &FlightBoardingClosed { flight_id: flight }).await?;
    let boarded = people.iter().filter(|one| one.status.is_used()).count();
    let after = json!({"boarded": boarded});
    audit::record(app, &tx, actor, Act::new("boarding.close", &flight).after(&after)).await?;
    tx.commit().await?;
    tracing::info!(flight.id = %flight, boarded, "boarding closed");
    Ok(now)
}

/// Boarding can be closed once it has begun, also after the flight has left; not days before, whatever was declared.
fn check_begun(app: &App, flight: &FlightRow) -> Result<(), Problem> {
    let (now, begins) = (app.now(), check_in::boarding_at(flight));
    let waits = match flight.status(now) {
        FlightStatus::Cancelled => {
            return Err(Problem::new(Category::Conflict, "flight_cancelled").actions(&[]));
        }
        FlightStatus::Scheduled | FlightStatus::Delayed => now < begins,
        _ => now < flight.departs_at - CLOSES_AT_MOST_BEFORE,
    };
    if !waits {
        return Ok(());
    }
    let (problem, begins) = (Problem::new(Category::Conflict, "boarding_not_open"), begins.to_string());
    Err(problem.arg("boarding_at", begins.clone()).with("boarding_at", begins))
}

/// Children and infants on board without an adult of their booking.
fn lonely(people: &[OnFlight]) -> BTreeSet<(BookingId, i16)> {
    let mut on_board: BTreeMap<BookingId, Vec<_>> = BTreeMap::new();
    for one in people.iter().filter(|one| one.status.is_used()) {
        on_board.entry(one.booking).or_default().push((one.passenger_no, one.kind));
    }
    let each =
        on_board.iter().flat_map(|(booking, party)| alone(party).into_iter().map(|who| (*booking, who)));
    each.collect()
}

/// Those of a flight in one of these states, by booking and segment.
async fn in_states(sql: &Sql, flight: FlightId, states: &[CouponStatus]) -> Result<Parties, DbError> {
    let mut parties = Parties::new();
    for one in booking::people_on(sql, flight).await? {
        if states.contains(&one.status) {
            parties.entry((one.booking, one.segment_no)).or_default().push(one);
        }
    }
    Ok(parties)
}

/// Does what follows from closing a flight: makes no-shows of all who did not come; or, if it was cancelled, takes that back. Whether anything
/// was to be done.
pub(super) async fn settle(app: &App, flight: FlightId) -> Result<bool, Problem> {
    let sql = app.db.read().await?;
    let row = flights::flight_rows(&sql, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    if row.is_cancelled() {
        // Who puts the flight back before this is done has it settled anew.
        check_in::unsettle(&sql, flight).await?;
    }
    let waiting = waiting(&sql, &row).await?;
    drop(sql);
    // One that fails keeps nobody else waiting; the job comes to it again.
    for booking in &waiting {
        let followed = if row.is_cancelled() {
            excuse(app, flight, *booking).await
        } else {
            miss(app, flight, *booking).await
        };
        if let Err(problem) = followed {
            row_failed("settle_closed_flights", booking, &problem.code);
        }
    }
    Ok(finish(app, flight).await? || !waiting.is_empty())
}

/// The bookings of whom something is to follow from closing the flight. Nobody has missed a flight that will not fly: whoever had a ticket for
/// it is owed its price, at the gate or not (14 CFR part 260 asks whether the flight was operated; regulation (EC) 261/2004, article 3(2)(a),
/// whether its passengers came, "except in the case of cancellation"). Nor has anybody missed one that they could not come to, because the
/// airline cancelled the flight before it: of them nothing follows but that they are not checked in any more.
async fn waiting(sql: &Sql, flight: &FlightRow) -> Result<BTreeSet<BookingId>, DbError> {
    if flight.is_cancelled() {
        return Ok(booking::missed_on(sql, flight.id).await?.into_keys().map(|(id, _)| id).collect());
    }
    let stranded = booking::stranded_on(sql, flight.id).await?;
    let here = booking::people_on(sql, flight.id).await?.into_iter().filter(|one| match one.status {
        CouponStatus::Open => !stranded.contains(&(one.booking, one.segment_no, one.passenger_no)),
        status => status == CouponStatus::CheckedIn,
    });
    Ok(here.map(|one| one.booking).collect())
}

/// Writes down that nothing more follows, if that is so, and says whether it did: of a cancelled flight by opening its gate, for it may be put
/// back. Who moves coupons of a closed flight has its row shared, so that they are seen here. Whoever could not come keeps it open until their
/// tickets are given back: should the flight before be put back, they have missed this one after all.
async fn finish(app: &App, flight: FlightId) -> Result<bool, Problem> {
    let tx = app.db.begin().await?;
    if check_in::lock_flight(&tx, flight).await?.is_none() {
        return Ok(false);
    }
    let row = flights::flight_rows(&tx, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    let stranded = !row.is_cancelled() && !booking::stranded_on(&tx, flight).await?.is_empty();
    if stranded || !waiting(&tx, &row).await?.is_empty() {
        return Ok(false);
    }
    if row.is_cancelled() {
        check_in::reopen(&tx, flight).await?;
        tracing::info!(flight.id = %flight, "its gate is open again: it was cancelled");
    } else {
        check_in::settle(&tx, flight, app.now()).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Those of a booking who did not come to a flight that was cancelled then: their tickets are open again.
async fn excuse(app: &App, flight: FlightId, id: BookingId) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    if booking::lock_coupons_at_gate(&tx, id).await?.is_none() {
        return Ok(());
    }
    let closed = check_in::closed_at(&tx, flight).await?;
    let row = flights::flight_rows(&tx, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    if closed.is_none() || !row.is_cancelled() {
        return Ok(());
    }
    let missed = booking::missed_on(&tx, flight).await?;
    for ((_, segment), missed) in missed.iter().filter(|((booking, _), _)| *booking == id) {
        let edge = (CouponStatus::NoShow, CouponStatus::Open);
        booking::move_coupons(&tx, id, (*segment, missed), edge).await?;
        let of = Of { booking: id, flight, segment: *segment, passengers: missed };
        record(&tx, app.random, app.now(), &events::excused(&of)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Those of a booking who did not come; who could not, keep their tickets.
async fn miss(app: &App, flight: FlightId, id: BookingId) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let Some(segments) = booking::lock_coupons_at_gate(&tx, id).await? else { return Ok(()) };
    if check_in::closed_at(&tx, flight).await?.is_none() {
        return Ok(());
    }
    let stranded = booking::stranded_on(&tx, flight).await?;
    for segment in segments.iter().filter(|segment| segment.flight == flight) {
        let could_not = |who: &i16| stranded.contains(&(id, segment.number, *who));
        let of = |state| -> BTreeSet<i16> {
            let here = segment.coupons.iter().filter(|(_, status)| *status == state);
            here.map(|(who, _)| *who).collect()
        };
        let (mut missing, checked_in) = (of(CouponStatus::Open), of(CouponStatus::CheckedIn));
        if !checked_in.is_empty() {
            check_in::miss(app, &tx, (flight, id), &checked_in).await?;
            let edge = (CouponStatus::CheckedIn, CouponStatus::Open);
            booking::move_coupons(&tx, id, (segment.number, &checked_in), edge).await?;
            missing.extend(checked_in.iter().copied());
        }
        let excused: BTreeSet<i16> = checked_in.into_iter().filter(could_not).collect();
        if !excused.is_empty() {
            let of = Of { booking: id, flight, segment: segment.number, passengers: &excused };
            record(&tx, app.random, app.now(), &events::excused(&of)).await?;
        }
        missing.retain(|who| !could_not(who));
        if missing.is_empty() {
            continue;
        }
        let edge = (CouponStatus::Open, CouponStatus::NoShow);
        booking::move_coupons(&tx, id, (segment.number, &missing), edge).await?;
        let of = Of { booking: id, flight, segment: segment.number, passengers: &missing };
        record(&tx, app.random, app.now(), &events::missed(&of)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Closed flights of which somebody is still waiting, because the request that closed them was interrupted, or that were cancelled since; and
/// some of those that an earlier release has settled, until each was looked at again.
pub(super) async fn settle_closed(app: App) -> anyhow::Result<u64> {
    let sql = app.db.read().await?;
    let mut flights: BTreeSet<FlightId> = check_in::unsettled(&sql).await?.into_iter().collect();
    flights.extend(settled_in_part(&app, &sql).await?);
    let (from, until) = (app.now() - LOOK_BACK, app.now() + SignedDuration::from_secs(1));
    let cancelled = flights::cancelled_between(&sql, from, until).await?;
    flights.extend(check_in::closed_of(&sql, &cancelled).await?);
    drop(sql);
    let mut settled = 0;
    for flight in flights {
        match settle(&app, flight).await {
            Ok(moved) => settled += u64::from(moved),
            Err(problem) => row_failed("settle_closed_flights", &flight, &problem.code),
        }
    }
    Ok(settled)
}

/// Flights that an earlier release has settled in part. Of those that were cancelled long ago, or are gone, nothing follows: whoever is owed
/// something for them was excused when they were cancelled, or gave it back.
async fn settled_in_part(app: &App, sql: &Sql) -> Result<Vec<FlightId>, DbError> {
    let ids = check_in::settled_in_part(sql, AT_A_TIME).await?;
    let rows = flights::flight_rows(sql, &ids).await?;
    let flies = |id: &FlightId| rows.iter().any(|row| row.id == *id && !row.is_cancelled());
    for over in ids.iter().filter(|id| !flies(id)) {
        check_in::settle(sql, *over, app.now()).await?;
    }
    Ok(ids.into_iter().filter(flies).collect())
}

/// Coupons of those on board become flown once their flight has left, and are taken back when it is cancelled.
pub(super) async fn follow_departures(app: App) -> anyhow::Result<u64> {
    let sql = app.db.read().await?;
    let ids = store::not_flown(&sql).await?;
    let rows = flights::flight_rows(&sql, &ids).await?;
    drop(sql);
    let (mut moved, now) = (0, app.now());
    for row in &rows {
        let flown = match row.status(now) {
            FlightStatus::Departed | FlightStatus::Arrived => true,
            FlightStatus::Cancelled => false,
            _ => continue,
        };
        // The gate first: should the flight be put back meanwhile, whoever was let off can board again.
        if !flown && let Err(problem) = settle(&app, row.id).await {
            row_failed("follow_departures", &row.id, &problem.code);
            continue;
        }
        let on_board = in_states(&app.db.read().await?, row.id, &[CouponStatus::Boarded]).await?;
        for (booking, _) in on_board.keys() {
            match leave_gate(&app, row.id, *booking, flown).await {
                Ok(left) => moved += u64::from(left),
                Err(problem) => row_failed("follow_departures", booking, &problem.code),
            }
        }
    }
    Ok(moved)
}

/// Those of a booking who are on board have flown, or will not; whether there were such.
async fn leave_gate(app: &App, flight: FlightId, id: BookingId, flown: bool) -> Result<bool, Problem> {
    let tx = app.db.begin().await?;
    let Some(segments) = booking::lock_coupons_at_gate(&tx, id).await? else { return Ok(false) };
    if !flown {
        // Put back meanwhile, it flies with those on board.
        let row = flights::flight_rows(&tx, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
        if !row.is_cancelled() {
            return Ok(false);
        }
    }
    let mut left = false;
    for segment in segments.iter().filter(|segment| segment.flight == flight) {
        let on_board = segment.coupons.iter().filter(|(_, status)| *status == CouponStatus::Boarded);
        let on_board: BTreeSet<i16> = on_board.map(|(who, _)| *who).collect();
        if on_board.is_empty() {
            continue;
        }
        left = true;
        if !flown {
            gate::undo(app, &tx, (flight, id, segment.number), &on_board).await?;
            continue;
        }
        let numbers: Vec<i16> = on_board.iter().copied().collect();
        store::fly(&tx, (flight, id), &numbers, app.now()).await?;
        let edge = (CouponStatus::Boarded, CouponStatus::Flown);
        booking::move_coupons(&tx, id, (segment.number, &on_board), edge).await?;
        let of = Of { booking: id, flight, segment: segment.number, passengers: &on_board };
        record(&tx, app.random, app.now(), &events::flown(&of)).await?;
    }
    tx.commit().await?;
    Ok(left)
}
