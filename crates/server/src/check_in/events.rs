//! What is told of check-in.

use std::collections::BTreeSet;

use domain::check_in::Desk;
use kernel::{BookingId, FlightId};

use crate::events::api::{CheckInCompleted, CheckInWithdrawn};

/// Why somebody is not checked in any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The traveller took it back.
    Traveller,
    /// Staff put them off the flight.
    Offloaded,
    /// Their ticket was given back.
    GivenBack,
}

impl Cause {
    /// The word in events.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Traveller => "traveller",
            Self::Offloaded => "offloaded",
            Self::GivenBack => "given_back",
        }
    }

    /// The state it leaves behind.
    pub(super) const fn status(self) -> &'static str {
        match self {
            Self::Traveller | Self::GivenBack => "withdrawn",
            Self::Offloaded => "offloaded",
        }
    }
}

/// The word for where somebody checked in.
pub(super) const fn desk(desk: Desk) -> &'static str {
    match desk {
        Desk::Online => "online",
        Desk::Counter => "counter",
    }
}

pub(super) fn completed(
    booking: BookingId,
    (flight, segment): (FlightId, i16),
    passengers: &BTreeSet<i16>,
    at: Desk,
) -> CheckInCompleted {
    CheckInCompleted {
        booking_id: booking,
        flight_id: flight,
        segment,
        passengers: passengers.iter().copied().collect(),
        desk: desk(at).to_owned(),
    }
}

pub(super) fn withdrawn(
    booking: BookingId,
    (flight, segment): (FlightId, i16),
    passengers: &BTreeSet<i16>,
    cause: Cause,
) -> CheckInWithdrawn {
    CheckInWithdrawn {
        booking_id: booking,
        flight_id: flight,
        segment,
        passengers: passengers.iter().copied().collect(),
        cause: cause.as_str().to_owned(),
    }
}
