//! Promotion codes on a booking that is not paid yet: what they take off its fares, and the code of a hold that is being made.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::booking::BookingStatus;
use domain::promotions::{DiscountLine, TripSlice};
use domain::sold::SoldFare;
use jiff::Timestamp;
use kernel::{BookingId, Cabin, Category, UserId};
use platform::db::{DbError, Sql, Tx};
use platform::http::client_address::ClientAddress;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use platform::idempotency::IdempotencyKey;
use platform::limits::{LimitClass, Principal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::get::view_of;
use super::reprice::PricedSlice;
use super::store::{self, BookingRow, NewBooking};
use super::view::{self, BookingView};
use crate::access::Caller;
use crate::app::App;
use crate::extras::api as extras;
use crate::flights::api::{self as flights, FlightRow};
use crate::keyed::{self, Begun};
use crate::promotions::api::{self as promotions, AppliedRow, Facts, Reserved, WorkedOut};

const ROUTE: &str = "POST /bookings/{id}/coupon";
/// How often a code is worked out again when staff file other terms between reading and reserving.
const TRIES: usize = 3;

/// A code to use.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "SUMMER10"}))]
pub(super) struct CouponRequest {
    /// As somebody types it.
    code: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CouponQuery {
    /// Which code; without it, all of them.
    #[param(example = "SUMMER10")]
    code: Option<String>,
}

/// Use a promotion code on my unpaid booking: its price falls at once, and a use of the code is reserved until the hold ends.
/// 422 `promotion_refused` with the `reason`; 409 `hold_expired`, `payment_in_progress`. A few codes an hour can be tried from
/// each client address.
#[utoipa::path(post, path = "/bookings/{id}/coupon", tag = "promotions", request_body = CouponRequest,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-coupon-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 200, description = "The booking at its new price", body = BookingView),
        (status = 409, description = "`already_paid`, `hold_expired`, `payment_in_progress`")))]
pub(super) async fn apply_coupon(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    key: IdempotencyKey,
    Json(request): Json<CouponRequest>,
) -> Outcome<Response> {
    let work = match keyed::begin(&app, caller, ROUTE, key, id.uuid(), &(id, &request)).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let booking = lock_unpaid(&app, &work.tx, caller, id).await?;
    Box::pin(apply(&app, &work.tx, &booking, &request.code, "code")).await?;
    let booking = store::find(&work.tx, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    let view = view::load(&app, &work.tx, booking, &work.user_key).await?;
    work.finish(&app, StatusCode::OK, &view).await
}

/// Take a promotion code, or all of them, off my unpaid booking: it costs what it did without, and the use is free again.
/// Taking off what is not there changes nothing.
#[utoipa::path(delete, path = "/bookings/{id}/coupon", tag = "promotions",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"), CouponQuery),
    responses((status = 200, description = "The booking at its price without", body = BookingView),
        (status = 409, description = "`booking_closed`, `hold_expired`")))]
pub(super) async fn remove_coupon(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Query(query): Query<CouponQuery>,
) -> Outcome<Json<BookingView>> {
    let tx = app.db.begin().await?;
    let booking = lock_unpaid(&app, &tx, caller, id).await?;
    let named = query.code.as_deref().map(|code| domain::promotions::normalise(code).unwrap_or_default());
    let all = promotions::applied_to(&tx, id).await?;
    let (off, left): (Vec<AppliedRow>, Vec<AppliedRow>) =
        all.into_iter().partition(|row| named.as_ref().is_none_or(|code| *code == row.code));
    if !off.is_empty() {
        promotions::take_off(&app, &tx, (id, booking.user), &off, &left, app.now()).await?;
        set_discounts(&tx, &booking, &left).await?;
    }
    tx.commit().await?;
    Ok(Json(view_of(&app, caller, id).await?))
}

/// Locks my booking; it must be one whose price may still change.
async fn lock_unpaid(app: &App, tx: &Tx, caller: Caller, id: BookingId) -> Result<BookingRow, Problem> {
    let booking = store::lock(tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    let conflict = |code| Problem::new(Category::Conflict, code);
    match booking.status {
        BookingStatus::Held if booking.paying => Err(conflict("payment_in_progress").retry_after(5)),
        BookingStatus::Held if booking.hold_expires_at > app.now() => Ok(booking),
        BookingStatus::Held | BookingStatus::Expired => Err(conflict("hold_expired").actions(&["search"])),
        BookingStatus::Confirmed | BookingStatus::Completed => {
            Err(conflict("already_paid").actions(booking.status.available_actions()))
        }
        BookingStatus::Cancelled => Err(conflict("booking_closed").arg("status", "cancelled").actions(&[])),
    }
}

/// Reserves a code for a hold that is locked or was just made, and lowers its price; `field` is where the code was typed.
pub(super) async fn apply(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    typed: &str,
    field: &str,
) -> Result<(), Problem> {
    let now = app.now();
    for _ in 0..TRIES {
        let facts = facts_of(tx, booking).await?;
        let worked_out = promotions::work_out(tx, typed, &facts, now).await?;
        let worked_out = worked_out.map_err(|refusal| promotions::refuse(refusal, field))?;
        match promotions::reserve(app, tx, booking.id, booking.user, &worked_out, now).await? {
            Reserved::Done(row) => {
                let all: Vec<AppliedRow> = facts.others.into_iter().chain([row]).collect();
                return Ok(set_discounts(tx, booking, &all).await?);
            }
            Reserved::Changed => {}
            Reserved::Refused(refusal) => return Err(promotions::refuse(refusal, field)),
        }
    }
    Err(Problem::new(Category::Unavailable, "busy").retry_after(1))
}

/// The fares and extras of a locked hold are less by what these codes take off, and by nothing else.
async fn set_discounts(sql: &Sql, booking: &BookingRow, applied: &[AppliedRow]) -> Result<(), DbError> {
    let lines: Vec<DiscountLine> = applied.iter().flat_map(|row| row.lines.iter().cloned()).collect();
    let of_extra = |row: &AppliedRow| row.extra.map(|number| (number, row.discount.amount));
    let off_extras: Vec<(i16, i64)> = applied.iter().filter_map(of_extra).collect();
    let less =
        if booking.has_extras { extras::set_discounts(sql, booking.id, &off_extras).await? } else { 0 };
    if store::set_discounts(sql, booking.id, &lines, less).await? {
        Ok(())
    } else {
        Err(DbError::Inconsistent(format!("{} changed under its lock", booking.id)))
    }
}

/// What a hold is to promotions.
async fn facts_of(sql: &Sql, booking: &BookingRow) -> Result<Facts, DbError> {
    let id = booking.id;
    let extras = if booking.has_extras { extras::promotable(sql, id).await? } else { Vec::new() };
    let (slices, segments, fares, others) = tokio::try_join!(
        store::slices(sql, id),
        store::segments(sql, id),
        store::fares(sql, id),
        promotions::applied_to(sql, id),
    )?;
    let ids: Vec<_> = segments.iter().map(|segment| segment.flight).collect();
    let rows = flights::flight_rows(sql, &ids).await?;
    let slice = |slice: &store::SliceRow| {
        let flights: Vec<&FlightRow> = segments
            .iter()
            .filter(|segment| segment.slice == slice.slice_no)
            .filter_map(|segment| rows.iter().find(|row| row.id == segment.flight))
            .collect();
        let cabin = usize::try_from(slice.cabin).ok().and_then(Cabin::from_index)?;
        trip_slice(slice.slice_no, &slice.fare_family, cabin, &flights)
    };
    let slices = slices.iter().filter_map(slice).collect();
    Ok(Facts { user: booking.user, currency: booking.total.currency, slices, fares, extras, others })
}

fn trip_slice(slice_no: i16, family: &str, cabin: Cabin, flights: &[&FlightRow]) -> Option<TripSlice> {
    let (first, last) = (flights.first()?, flights.last()?);
    Some(TripSlice {
        slice_no,
        origin: first.origin,
        destination: last.destination,
        cabin,
        family: family.to_owned(),
        departs_on: first.id.date()?,
    })
}

/// Slices that are priced and not sold yet, as promotions see them.
pub(super) fn trip_slices(slices: &[PricedSlice]) -> Vec<TripSlice> {
    let slice = |(number, slice): (i16, &PricedSlice)| {
        let flights: Vec<&FlightRow> = slice.legs.iter().map(|leg| &leg.flight).collect();
        trip_slice(number, &slice.family.code, slice.cabin, &flights)
    };
    (1..).zip(slices).filter_map(slice).collect()
}

/// An extra was taken out of a locked hold: the codes that gave it are free again.
pub(super) async fn follow_extra(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    extra: i16,
) -> Result<(), DbError> {
    let all = promotions::applied_to(tx, booking.id).await?;
    let (off, left): (Vec<AppliedRow>, Vec<AppliedRow>) =
        all.into_iter().partition(|row| row.extra == Some(extra));
    promotions::take_off(app, tx, (booking.id, booking.user), &off, &left, app.now()).await
}

/// A code that comes with the hold counts like one that is tried by itself.
pub(super) async fn count_try(
    app: &App,
    address: Extension<ClientAddress>,
    user: UserId,
    code: Option<&str>,
) -> Result<(), Problem> {
    if code.is_some() {
        app.limits.check(LimitClass::Codes, &Principal::address(address.0.0)).await?;
        app.limits.check(LimitClass::Codes, &Principal::Account(user.uuid())).await?;
    }
    Ok(())
}

/// Works the code of a hold out and lowers the price of what is about to be written.
pub(super) async fn discount_new(
    sql: &Sql,
    typed: &str,
    new: &mut NewBooking,
    slices: &[PricedSlice],
    now: Timestamp,
) -> Result<WorkedOut, Problem> {
    let facts = Facts {
        user: new.booking.user,
        currency: new.booking.total.currency,
        slices: trip_slices(slices),
        fares: new.fares.clone(),
        extras: Vec::new(),
        others: Vec::new(),
    };
    let worked_out = promotions::work_out(sql, typed, &facts, now).await?;
    let worked_out = worked_out.map_err(|refusal| promotions::refuse(refusal, "promotion_code"))?;
    for line in worked_out.lines() {
        let same =
            |fare: &&mut SoldFare| (fare.passenger_no, fare.slice_no) == (line.passenger_no, line.slice_no);
        new.fares.iter_mut().filter(same).for_each(|fare| fare.discount += line.amount);
        let passenger = new.passengers.iter_mut().filter(|row| row.number == line.passenger_no);
        passenger.for_each(|row| row.price -= line.amount);
        let slice = new.slices.iter_mut().filter(|row| row.slice_no == line.slice_no);
        slice.for_each(|row| row.price -= line.amount);
    }
    let total = new.booking.total.checked_sub(worked_out.discount());
    new.booking.total = total.map_err(Problem::internal)?;
    Ok(worked_out)
}

/// Reserves the code of a hold that was written in this transaction. `false`: its terms changed meanwhile; try the hold again.
pub(super) async fn reserve_new(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    worked_out: Option<&WorkedOut>,
) -> Result<bool, Problem> {
    let Some(worked_out) = worked_out else { return Ok(true) };
    match promotions::reserve(app, tx, booking.id, booking.user, worked_out, app.now()).await? {
        Reserved::Done(_) => Ok(true),
        Reserved::Changed => Ok(false),
        Reserved::Refused(refusal) => Err(promotions::refuse(refusal, "promotion_code")),
    }
}
