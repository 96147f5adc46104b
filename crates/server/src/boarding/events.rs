//! What is told of boarding.

use std::collections::BTreeSet;

use kernel::{BookingId, FlightId};

use crate::events::api::{BoardingAccepted, BoardingExcused, BoardingFlown, BoardingMissed, BoardingUndone};

/// Passengers of a booking on a flight.
pub(super) struct Of<'a> {
    pub(super) booking: BookingId,
    pub(super) flight: FlightId,
    pub(super) segment: i16,
    pub(super) passengers: &'a BTreeSet<i16>,
}

macro_rules! told {
    ($name:ident, $type:ident) => {
        pub(super) fn $name(of: &Of<'_>) -> $type {
            $type {
                booking_id: of.booking,
                flight_id: of.flight,
                segment: of.segment,
                passengers: of.passengers.iter().copied().collect(),
            }
        }
    };
}

told!(accepted, BoardingAccepted);
told!(undone, BoardingUndone);
told!(missed, BoardingMissed);
told!(excused, BoardingExcused);
told!(flown, BoardingFlown);
