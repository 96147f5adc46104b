//! `POST /flights/{id}/close-boarding`, and what follows by itself: no-shows of those who did not come, and flown coupons once the flight has
//! left.
//!
//! Closing is one short transaction about the flight alone. Those who did not come follow booking by booking, each under its lock, in the
//! same request, and by a job if that is interrupted.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use domain::boarding::alone;
use domain::coupon::CouponStatus;
use domain::flight_status::FlightStatus;
use jiff::Timestamp;
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
    if let Some(closed_at) = check_in::lock_flight(&tx, flight).await? {
        return Ok(closed_at);
    }
    check_begun(app, &row)?;
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

/// Boarding can be closed once it has begun, also after the flight has left.
fn check_begun(app: &App, flight: &FlightRow) -> Result<(), Problem> {
    let (now, begins) = (app.now(), check_in::boarding_at(flight));
    match flight.status(now) {
        FlightStatus::Cancelled => Err(Problem::new(Category::Conflict, "flight_cancelled").actions(&[])),
        FlightStatus::Scheduled | FlightStatus::Delayed if now < begins => {
            let begins = begins.to_string();
            let problem = Problem::new(Category::Conflict, "boarding_not_open");
            Err(problem.arg("boarding_at", begins.clone()).with("boarding_at", begins))
        }
        _ => Ok(()),
    }
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

/// Makes no-shows of all who did not come to a closed flight; how many bookings they are of.
pub(super) async fn settle(app: &App, flight: FlightId) -> Result<u64, Problem> {
    let sql = app.db.read().await?;
    let row = flights::flight_rows(&sql, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    // Nobody has missed a flight that will not fly.
    let states = [CouponStatus::Open, CouponStatus::CheckedIn];
    let states = if row.is_cancelled() { &[][..] } else { &states };
    let waiting = in_states(&sql, flight, states).await?;
    drop(sql);
    // One that fails keeps nobody else waiting; the job comes to it again.
    let mut failed = false;
    for (booking, _) in waiting.keys() {
        if let Err(problem) = miss(app, flight, *booking).await {
            row_failed("settle_closed_flights", booking, &problem.code);
            failed = true;
        }
    }
    if !failed {
        check_in::settle(&app.db.read().await?, flight, app.now()).await?;
    }
    Ok(waiting.len() as u64)
}

/// Those of a booking who did not come.
async fn miss(app: &App, flight: FlightId, id: BookingId) -> Result<(), Problem> {
    let tx = app.db.begin().await?;
    let Some(travelling) = booking::lock_at_gate(app, &tx, id).await? else { return Ok(()) };
    for segment in travelling.segments.iter().filter(|segment| segment.flight == flight) {
        let of = |state| -> BTreeSet<i16> {
            let here = segment.coupons.iter().filter(|(_, status)| *status == state);
            here.map(|(who, _)| *who).collect()
        };
        let (mut missing, checked_in) = (of(CouponStatus::Open), of(CouponStatus::CheckedIn));
        if !checked_in.is_empty() {
            check_in::miss(app, &tx, (flight, id), &checked_in).await?;
            let edge = (CouponStatus::CheckedIn, CouponStatus::Open);
            booking::move_coupons(&tx, id, (segment.number, &checked_in), edge).await?;
            missing.extend(checked_in);
        }
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

/// Closed flights of which somebody is still waiting, because the request that closed them was interrupted.
pub(super) async fn settle_closed(app: App) -> anyhow::Result<u64> {
    let flights = check_in::unsettled(&app.db.read().await?).await?;
    let mut settled = 0;
    for flight in flights {
        match settle(&app, flight).await {
            Ok(_) => settled += 1,
            Err(problem) => row_failed("settle_closed_flights", &flight, &problem.code),
        }
    }
    Ok(settled)
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
    let Some(travelling) = booking::lock_at_gate(app, &tx, id).await? else { return Ok(false) };
    let mut left = false;
    for segment in travelling.segments.iter().filter(|segment| segment.flight == flight) {
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
