//! Seats go back exactly once: in the transaction that moves the booking out of the state that owned them.

use domain::booking::BookingStatus;
use jiff::Timestamp;
use kernel::FlightId;
use platform::db::{DbError, Tx};

use super::store::{self, BookingRow};
use crate::flights::api::{self as flights, SeatClaim};

/// Closes the booking and gives its seats back; `false`, and nothing done, if it is no longer in the state it was read in.
pub(super) async fn close(
    tx: &Tx,
    booking: &BookingRow,
    to: BookingStatus,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !store::move_on(tx, booking.id, booking.status, to, now).await? {
        return Ok(false);
    }
    let segments = store::segments(tx, booking.id).await?;
    let claims: Vec<SeatClaim> = segments
        .iter()
        .map(|segment| SeatClaim {
            flight: segment.flight,
            cabin: segment.cabin,
            class_rank: segment.class_rank,
            seats: booking.seats,
            fare: segment.filed_fare,
        })
        .collect();
    let touched: Vec<FlightId> = claims.iter().map(|claim| claim.flight).collect();
    flights::release_seats(tx, &claims).await?;
    flights::announce(tx, &touched).await?;
    Ok(true)
}
