//! What is told of check-in and boarding passes.

use kernel::{BookingId, FlightId};
use platform::outbox::Payload;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Passengers of a booking are checked in to a flight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckInCompleted {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
    /// `online` or `counter`.
    pub desk: String,
}
payload!(CheckInCompleted, "check_in.completed", 1, booking_id);

/// Passengers of a booking are not checked in to a flight any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckInWithdrawn {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
    /// `traveller` (taken back), `offloaded` (staff put them off) or `given_back` (with their tickets, or because no adult is left
    /// with them).
    pub cause: String,
}
payload!(CheckInWithdrawn, "check_in.withdrawn", 1, booking_id);

/// A passenger who is checked in has a boarding pass, or a new version of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BoardingPassIssued {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// The passenger's number in the booking.
    pub passenger: i16,
    /// Earlier versions are refused.
    pub version: i16,
    /// Row and letter; none for an infant on a lap, and where seats have no numbers.
    pub seat: Option<String>,
}
payload!(BoardingPassIssued, "boarding_pass.issued", 1, booking_id);

/// A passenger is on board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BoardingAccepted {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
}
payload!(BoardingAccepted, "boarding.accepted", 1, booking_id);

/// Passengers are not on board any more: staff took it back, or the flight was cancelled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BoardingUndone {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
}
payload!(BoardingUndone, "boarding.undone", 1, booking_id);

/// Boarding was closed, and passengers of a booking had not come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BoardingMissed {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
}
payload!(BoardingMissed, "boarding.missed", 1, booking_id);

/// Boarding was closed without passengers of a booking, and they have missed nothing: the flight was cancelled then, or they were checked in to
/// it and could not come, because the flight before it in their slice is cancelled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BoardingExcused {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
}
payload!(BoardingExcused, "boarding.excused", 1, booking_id);

/// The flight has left with passengers of a booking on board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BoardingFlown {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number in the booking.
    pub segment: i16,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
}
payload!(BoardingFlown, "boarding.flown", 1, booking_id);

/// A gate takes no more passes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlightBoardingClosed {
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
}
payload!(FlightBoardingClosed, "flight.boarding_closed", 1, flight_id);
