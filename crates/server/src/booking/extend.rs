//! `POST /bookings/{id}/extend`: a hold gets as much time again, once.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::booking::BookingStatus;
use jiff::SignedDuration;
use kernel::{BookingId, Category};
use platform::http::problem::Outcome;
use platform::http::{Path, Problem};
use platform::idempotency::IdempotencyKey;

use super::events;
use super::store::{self, BookingRow};
use super::view::{self, BookingView};
use crate::access::Caller;
use crate::app::App;
use crate::events::api::record;
use crate::keyed::{self, Begun};

const ROUTE: &str = "POST /bookings/{id}/extend";

/// Keep the seats of an unpaid booking longer: the deadline moves by as much time as a hold has, once. 409 `already_extended`,
/// `hold_expired`.
#[utoipa::path(post, path = "/bookings/{id}/extend", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-extend-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 200, description = "The booking with its new deadline", body = BookingView),
        (status = 409, description = "`already_extended`, `booking_closed`, `hold_expired`, `payment_in_progress`")))]
pub(super) async fn extend_hold(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    key: IdempotencyKey,
) -> Outcome<Response> {
    let work = match keyed::begin(&app, caller, ROUTE, key, id.uuid(), &id).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let now = app.now();
    let booking = store::lock(&work.tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    let until = booking.hold_expires_at + SignedDuration::from_mins(app.config.booking.hold_minutes);
    if !store::extend(&work.tx, id, now, until).await? {
        return Err(refuse(&booking));
    }
    let booking = store::find(&work.tx, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    record(&work.tx, app.random, now, &events::extended(&booking)).await?;
    let view = view::load(&app, &work.tx, booking, &work.user_key).await?;
    work.finish(&app, StatusCode::OK, &view).await
}

/// Why a hold gets no more time.
fn refuse(booking: &BookingRow) -> Problem {
    let conflict = |code| Problem::new(Category::Conflict, code);
    match booking.status {
        BookingStatus::Held if booking.paying => conflict("payment_in_progress").retry_after(5),
        BookingStatus::Held if booking.extended => conflict("already_extended").actions(&["pay", "cancel"]),
        BookingStatus::Held | BookingStatus::Expired => conflict("hold_expired").actions(&["search"]),
        BookingStatus::Confirmed | BookingStatus::Completed | BookingStatus::Cancelled => {
            conflict("booking_closed").arg("status", booking.status.as_str()).actions(&[])
        }
    }
}
