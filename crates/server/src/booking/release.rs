//! Seats go back exactly once: in the transaction that moves the booking out of the state that owned them.

use domain::booking::BookingStatus;
use jiff::Timestamp;
use kernel::FlightId;
use platform::db::{DbError, Sql, Tx};

use super::events;
use super::store::{self, BookingRow, SegmentRow};
use crate::app::App;
use crate::check_in::api as check_in;
use crate::events::api::record;
use crate::extras::api as extras;
use crate::flights::api::{self as flights, SeatClaim};
use crate::promotions::api as promotions;

/// Closes an unpaid booking and gives its seats back; `false`, and nothing done, if it is no longer in the state it was read
/// in.
pub(super) async fn close_hold(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    to: BookingStatus,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !store::move_on(tx, booking.id, BookingStatus::Held, to, now).await? {
        return Ok(false);
    }
    let seats = seats_of_hold(tx, booking).await?;
    if to == BookingStatus::Expired {
        record(tx, app.random, now, &events::expired(booking, &seats)).await?;
    } else {
        record(tx, app.random, now, &events::cancelled(booking, "traveller", &seats, 0)).await?;
    }
    give_back(tx, &seats).await?;
    if booking.has_extras {
        extras::release(app, tx, booking.id, 0).await?;
    }
    check_in::forget_documents(tx, booking.id).await?;
    promotions::release(tx, booking.id, booking.user, now).await?;
    Ok(true)
}

/// Gives seats back and lets search know.
pub(super) async fn give_back(sql: &Sql, claims: &[SeatClaim]) -> Result<(), DbError> {
    let touched: Vec<FlightId> = claims.iter().map(|claim| claim.flight).collect();
    flights::release_seats(sql, claims).await?;
    flights::announce(sql, &touched).await
}

/// What a hold has taken: every seat on every flight.
pub(super) async fn seats_of_hold(sql: &Sql, booking: &BookingRow) -> Result<Vec<SeatClaim>, DbError> {
    let segments = store::segments(sql, booking.id).await?;
    Ok(segments.iter().map(|segment| claim(segment, booking.seats)).collect())
}

/// So many seats of a segment.
pub(super) const fn claim(segment: &SegmentRow, seats: u8) -> SeatClaim {
    SeatClaim {
        flight: segment.flight,
        cabin: segment.cabin,
        class_rank: segment.class_rank,
        seats,
        fare: segment.filed_fare,
    }
}
