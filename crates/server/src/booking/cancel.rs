//! `DELETE /bookings/{id}`: give a booking up. A held one just releases its seats; a paid one is refunded in full.

use axum::extract::State;
use domain::booking::BookingStatus;
use kernel::{BookingId, Category};
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};

use super::api::has_cancelled_flight;
use super::get::view_of;
use super::view::BookingView;
use super::{release, store};
use crate::access::Caller;
use crate::app::App;
use crate::payments::api as payments;

/// Cancel my booking. Cancelling a cancelled booking changes nothing and answers the same. 409 `payment_in_progress` while a
/// payment is under way, `already_departed` once the first flight has left, `booking_closed` for an expired or flown one.
#[utoipa::path(delete, path = "/bookings/{id}", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "Cancelled; `refunds` says what goes back", body = BookingView)))]
pub(super) async fn cancel_booking(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
) -> Outcome<Json<BookingView>> {
    let now = app.now();
    let conflict = |code| Err(Problem::new(Category::Conflict, code));
    let tx = app.db.begin().await?;
    let booking = store::lock(&tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    match booking.status {
        BookingStatus::Cancelled => {}
        BookingStatus::Expired | BookingStatus::Completed => {
            return conflict("booking_closed")
                .map_err(|p| p.arg("status", booking.status.as_str()).actions(&[]));
        }
        BookingStatus::Confirmed if booking.trip_starts_at <= now && !may_be_given_back(&tx, id).await? => {
            return conflict("already_departed").map_err(|p| p.actions(&[]));
        }
        BookingStatus::Held if booking.paying => {
            return conflict("payment_in_progress").map_err(|p| p.retry_after(5));
        }
        BookingStatus::Held | BookingStatus::Confirmed => {
            release::close(&tx, &booking, BookingStatus::Cancelled, now).await?;
            store::refund_coupons(&tx, id).await?;
            payments::order_refund(&app, &tx, id, now).await?;
            metrics::counter!("bookings_total", "event" => "cancelled").increment(1);
        }
    }
    tx.commit().await?;
    // The refund is ordered; sending it now only makes it quicker, and the job sends it again if this fails.
    payments::send_refunds_of(&app, id).await;
    tracing::info!(booking.id = %id, "cancelled");
    Ok(Json(view_of(&app, caller, id).await?))
}

/// Whether a trip that has begun is given back whole: the airline cancelled a flight of it, and it is of one slice. Of
/// several, some may have been flown, and parts of a booking cannot be given back yet.
async fn may_be_given_back(sql: &Sql, booking: BookingId) -> Result<bool, DbError> {
    let slices = store::slices(sql, booking).await?;
    Ok(slices.len() == 1 && has_cancelled_flight(sql, booking).await?)
}
