//! What is told of bookings.

use kernel::{BookingId, FlightId, Money};

use super::store::{BookingRow, Change, NewBooking, OrderRow};
use crate::events::api::{
    BookingCancelled, BookingChanged, BookingCompleted, BookingConfirmed, BookingExpired, BookingHeld,
    BookingHoldExtended, BookingOrderGivenUp, BookingOrderOpened, BookingPartlyCancelled,
};
use crate::flights::api::SeatClaim;

pub(super) fn held(new: &NewBooking) -> BookingHeld {
    let booking = &new.booking;
    BookingHeld {
        booking_id: booking.id,
        flights: new.segments.iter().map(|segment| segment.flight).collect(),
        passengers: count(new.passengers.len()),
        seats: booking.seats,
        total: booking.total,
        trip_starts_at: booking.trip_starts_at,
        trip_ends_at: booking.trip_ends_at,
        hold_expires_at: booking.hold_expires_at,
    }
}

/// A hold with its new deadline.
pub(super) fn extended(booking: &BookingRow) -> BookingHoldExtended {
    BookingHoldExtended { booking_id: booking.id, hold_expires_at: booking.hold_expires_at }
}

pub(super) fn expired(booking: &BookingRow, seats: &[SeatClaim]) -> BookingExpired {
    BookingExpired { booking_id: booking.id, flights: flights(seats), seats: booking.seats }
}

pub(super) fn confirmed(booking: BookingId, tickets: usize) -> BookingConfirmed {
    BookingConfirmed { booking_id: booking, tickets: count(tickets) }
}

/// All that was left of a booking was given up.
pub(super) fn cancelled(
    booking: &BookingRow,
    cause: &'static str,
    seats: &[SeatClaim],
    refund: i64,
) -> BookingCancelled {
    BookingCancelled {
        booking_id: booking.id,
        was: booking.status.as_str().to_owned(),
        cause: cause.to_owned(),
        flights: flights(seats),
        refund: Money::new(refund, booking.total.currency),
    }
}

/// Some tickets were given back, and others kept.
pub(super) fn partly_cancelled(
    booking: &BookingRow,
    cause: &'static str,
    (passengers, slices): (Vec<i16>, Vec<i16>),
    refund: i64,
) -> BookingPartlyCancelled {
    let refund = Money::new(refund, booking.total.currency);
    BookingPartlyCancelled { booking_id: booking.id, cause: cause.to_owned(), passengers, slices, refund }
}

pub(super) fn completed(booking: BookingId) -> BookingCompleted {
    BookingCompleted { booking_id: booking }
}

pub(super) fn order_opened(booking_id: BookingId, order: &OrderRow) -> BookingOrderOpened {
    BookingOrderOpened {
        booking_id,
        order: order.order_no,
        kind: order.kind.as_str().to_owned(),
        amount: order.amount,
        expires_at: order.expires_at,
    }
}

/// An order that was closed unpaid.
pub(super) fn order_given_up(booking_id: BookingId, order: &OrderRow) -> BookingOrderGivenUp {
    let kind = order.kind.as_str().to_owned();
    BookingOrderGivenUp { booking_id, order: order.order_no, kind, cause: order.status.clone() }
}

/// Tickets were exchanged; `old` are the seats they had.
pub(super) fn changed(
    booking: &BookingRow,
    order: i16,
    change: &Change,
    passengers: Vec<i16>,
    old: &[SeatClaim],
) -> BookingChanged {
    let money = |amount| Money::new(amount, booking.total.currency);
    BookingChanged {
        booking_id: booking.id,
        order,
        passengers,
        left: flights(old),
        flights: change.segments.iter().map(|segment| segment.flight).collect(),
        due: money(change.due()),
        fee: money(change.fee + change.kept),
    }
}

fn flights(seats: &[SeatClaim]) -> Vec<FlightId> {
    seats.iter().map(|claim| claim.flight).collect()
}

fn count(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
