//! `DELETE /bookings/{id}/check-in/{segment}/{passenger}`, and the transaction it shares with staff who put somebody off a flight.

use std::collections::BTreeSet;

use axum::extract::State;
use domain::check_in as rules;
use domain::coupon::CouponStatus;
use kernel::{BookingId, Category};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};

use super::events::{self, Cause};
use super::join::{flight_of, members};
use super::look::view_of;
use super::store;
use super::view::{self, CheckInView};
use crate::access::Caller;
use crate::app::App;
use crate::boarding::api as boarding;
use crate::booking::api::{self as booking, Travelling};
use crate::events::api::record;

/// Take check-in of a passenger back, and that of an infant on their lap. Their place in the order stays theirs, and a seat that they chose; one
/// that they were given at check-in is given to others. It can be done until
/// boarding: 409 `boarding_started` afterwards. 422 `adult_must_stay` for the last adult while children are checked in. Who is not
/// checked in stays so.
#[utoipa::path(delete, path = "/bookings/{id}/check-in/{segment}/{passenger}", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("segment" = i16, Path, description = "The flight's number in the booking", example = 1),
        ("passenger" = i16, Path, description = "The passenger's number in the booking", example = 1)),
    responses((status = 200, description = "How check-in stands now", body = CheckInView),
        (status = 409, description = "`boarding_started`, `booking_closed`, `has_boarded`, `not_confirmed`, `order_open`"),
        (status = 422, description = "`adult_must_stay`")))]
pub(super) async fn undo_check_in(
    State(app): State<App>,
    caller: Caller,
    Path((id, segment, passenger)): Path<(BookingId, i16, i16)>,
) -> Outcome<Json<CheckInView>> {
    let tx = app.db.begin().await?;
    let travelling = booking::lock_travelling(&app, &tx, id, Some(caller.user)).await?;
    let asked = BTreeSet::from([passenger]);
    leave(&app, &tx, &travelling, (segment, &asked), Cause::Traveller).await?;
    tx.commit().await?;
    Ok(Json(view_of(&app, caller, id).await?))
}

/// Takes passengers off, in the transaction that has locked the booking; who they were.
pub(super) async fn leave(
    app: &App,
    tx: &Tx,
    travelling: &Travelling,
    (number, asked): (i16, &BTreeSet<i16>),
    cause: Cause,
) -> Result<BTreeSet<i16>, Problem> {
    let id = travelling.booking;
    let segment = travelling.segment(number).ok_or_else(Problem::not_found)?;
    if !asked.iter().all(|asked| segment.coupons.iter().any(|(passenger, _)| passenger == asked)) {
        return Err(Problem::not_found());
    }
    let on_board = |number: &i16| segment.coupons.contains(&(*number, CouponStatus::Boarded));
    if asked.iter().any(on_board) {
        return Err(Problem::new(Category::Conflict, "has_boarded").actions(&["undo_boarding"]));
    }
    let left = rules::leave(&members(travelling, segment), asked)
        .map_err(|_| Problem::new(Category::Unprocessable, "adult_must_stay").field("passengers"))?;
    if left.is_empty() {
        return Ok(left);
    }
    let flight = flight_of(tx, segment).await?;
    // Staff put people off until the flight is gone; whoever has boarded is none of those who wait.
    if cause == Cause::Traveller && !view::may_undo(&flight, app.now()) {
        return Err(Problem::new(Category::Conflict, "boarding_started").actions(&["counter"]));
    }
    let edge = (CouponStatus::CheckedIn, CouponStatus::Open);
    booking::move_coupons(tx, id, (number, &left), edge).await?;
    boarding::end(app, tx, (segment.flight, id), &left).await?;
    store::leave(tx, (segment.flight, id), &left, cause, app.now()).await?;
    booking::free_given_seats(app, tx, id, (number, &left)).await?;
    let told = events::withdrawn(id, (segment.flight, number), &left, cause);
    record(tx, app.random, app.now(), &told).await?;
    tracing::info!(booking.id = %id, flight.id = %segment.flight, passengers = left.len(), cause = cause.as_str(), "check-in withdrawn");
    Ok(left)
}
