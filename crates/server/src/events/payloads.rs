//! What each event says. A member that is added needs no new version; one that changes or goes does.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, BookingId, FlightId, FlightNumber, ImportId, Money};
use platform::outbox::Payload;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An event about one subject: its type's name, version, and the member that names the subject.
macro_rules! payload {
    ($type:ident, $name:literal, $version:literal, $subject:ident) => {
        impl Payload for $type {
            const TYPE: &'static str = $name;
            const VERSION: i16 = $version;

            fn subject(&self) -> String {
                self.$subject.to_string()
            }
        }
    };
}

mod check_in;
mod money;

pub use check_in::*;
pub use money::*;

/// Seats are held for a party until the booking is paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingHeld {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// Its flights, in order of travel.
    #[schema(value_type = Vec<String>)]
    pub flights: Vec<FlightId>,
    /// How many travel, infants included.
    pub passengers: u8,
    /// Seats taken on each flight.
    pub seats: u8,
    /// What it costs.
    pub total: Money,
    /// Departure of the first flight.
    #[schema(value_type = String)]
    pub trip_starts_at: Timestamp,
    /// Arrival of the last.
    #[schema(value_type = String)]
    pub trip_ends_at: Timestamp,
    /// Until when it can be paid.
    #[schema(value_type = String)]
    pub hold_expires_at: Timestamp,
}
payload!(BookingHeld, "booking.held", 1, booking_id);

/// A hold has more time, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingHoldExtended {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// Until when it can be paid now.
    #[schema(value_type = String)]
    pub hold_expires_at: Timestamp,
}
payload!(BookingHoldExtended, "booking.hold_extended", 1, booking_id);

/// A promotion code lowers the price of a hold; a use of it is reserved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingPromotionApplied {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The code.
    pub code: String,
    /// What it takes off.
    pub discount: Money,
}
payload!(BookingPromotionApplied, "booking.promotion_applied", 1, booking_id);

/// A promotion code was taken off a hold; its use is free again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingPromotionRemoved {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The code.
    pub code: String,
    /// What it took off.
    pub discount: Money,
}
payload!(BookingPromotionRemoved, "booking.promotion_removed", 1, booking_id);

/// A hold ran out; its seats are back on sale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingExpired {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// Its flights.
    #[schema(value_type = Vec<String>)]
    pub flights: Vec<FlightId>,
    /// Seats given back on each.
    pub seats: u8,
}
payload!(BookingExpired, "booking.expired", 1, booking_id);

/// A booking is paid and its tickets are issued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingConfirmed {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How many tickets were issued.
    pub tickets: u8,
}
payload!(BookingConfirmed, "booking.confirmed", 1, booking_id);

/// A booking was given up; its seats are back on sale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingCancelled {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// What it was before: held or confirmed.
    pub was: String,
    /// Who gave it up: traveller, or airline because it does not fly.
    pub cause: String,
    /// The flights on which seats came free.
    #[schema(value_type = Vec<String>)]
    pub flights: Vec<FlightId>,
    /// What goes back; 0 for a hold.
    pub refund: Money,
}
payload!(BookingCancelled, "booking.cancelled", 1, booking_id);

/// Some tickets of a booking were given back; the others stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingPartlyCancelled {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// Who gave them back: traveller, or airline because it does not fly.
    pub cause: String,
    /// Numbers of the passengers, in the booking.
    pub passengers: Vec<i16>,
    /// Numbers of the slices they do not fly any more.
    pub slices: Vec<i16>,
    /// What goes back.
    pub refund: Money,
}
payload!(BookingPartlyCancelled, "booking.partly_cancelled", 1, booking_id);

/// The last flight of a booking has arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingCompleted {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
}
payload!(BookingCompleted, "booking.completed", 1, booking_id);

/// A seat, or something else beside the flight, of a passenger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToldExtra {
    /// Its number in the booking.
    pub number: i16,
    /// The passenger's number in the booking.
    pub passenger: i16,
    /// The flights it is for: one, or all of a slice.
    #[schema(value_type = Vec<String>)]
    pub flights: Vec<FlightId>,
    /// seat, baggage, meal, priority or other.
    pub kind: String,
    /// The catalogue's code, or the zone of a seat.
    pub code: String,
    /// Row and letter of a seat.
    pub seat: Option<String>,
    /// How many.
    pub quantity: i16,
    /// The number of the seat whose place it takes.
    pub replaces: Option<i16>,
}

/// Seats and extras are kept for a booking until they are paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingExtrasReserved {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The number of the order they are paid with; 0 is the booking itself.
    pub order: i16,
    /// What is kept.
    pub extras: Vec<ToldExtra>,
    /// What they cost together.
    pub price: Money,
}
payload!(BookingExtrasReserved, "booking.extras_reserved", 1, booking_id);

/// Seats and extras are paid, or cost nothing, and their documents are issued. A seat that was changed is free.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingExtrasIssued {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The number of the order they were paid with; 0 is the booking itself.
    pub order: i16,
    /// What was issued.
    pub extras: Vec<ToldExtra>,
    /// What they cost together.
    pub price: Money,
}
payload!(BookingExtrasIssued, "booking.extras_issued", 1, booking_id);

/// Seats and extras of a booking are back on sale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingExtrasReleased {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// Why: `released` with a hold or order that was not paid, `removed` from it before, `refunded` after they were issued.
    pub cause: String,
    /// What is on sale again.
    pub extras: Vec<ToldExtra>,
}
payload!(BookingExtrasReleased, "booking.extras_released", 1, booking_id);

/// Something is kept for a confirmed booking until it is paid: other flights, or seats and extras.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingOrderOpened {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The order's number in it.
    pub order: i16,
    /// `change` or `extras`.
    pub kind: String,
    /// To be paid.
    pub amount: Money,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}
payload!(BookingOrderOpened, "booking.order_opened", 1, booking_id);

/// An order was not paid, and what it kept is on sale again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingOrderGivenUp {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The order's number in it.
    pub order: i16,
    /// `change` or `extras`.
    pub kind: String,
    /// `cancelled` by the traveller, or `expired`: not paid in time, or paid when it could not be done any more.
    pub cause: String,
}
payload!(BookingOrderGivenUp, "booking.order_given_up", 1, booking_id);

/// Tickets were exchanged for other flights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingChanged {
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// The number of the order it was done with.
    pub order: i16,
    /// Whose tickets, by their numbers in the booking.
    pub passengers: Vec<i16>,
    /// The flights they had.
    #[schema(value_type = Vec<String>)]
    pub left: Vec<FlightId>,
    /// The flights they have instead.
    #[schema(value_type = Vec<String>)]
    pub flights: Vec<FlightId>,
    /// The difference of fares and the fee: negative where something comes back.
    pub due: Money,
    /// What of that is kept: the fee, and what does not come back of fares that are cheaper now.
    pub fee: Money,
}
payload!(BookingChanged, "booking.changed", 1, booking_id);

/// A flight is on sale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlightCreated {
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Its number.
    #[schema(value_type = String)]
    pub flight_number: FlightNumber,
    /// From.
    #[schema(value_type = String)]
    pub origin: AirportCode,
    /// To.
    #[schema(value_type = String)]
    pub destination: AirportCode,
    /// Scheduled departure.
    #[schema(value_type = String)]
    pub departs_at: Timestamp,
    /// Scheduled arrival.
    #[schema(value_type = String)]
    pub arrives_at: Timestamp,
    /// IATA aircraft type.
    pub aircraft: String,
}
payload!(FlightCreated, "flight.created", 1, flight_id);

/// Gate, status, estimate, aircraft, fares or seats on sale changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlightUpdated {
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// What staff declared: scheduled, boarding, departed, arrived or cancelled; null: nothing.
    pub status: Option<String>,
    /// The gate.
    pub gate: Option<String>,
    /// IATA aircraft type.
    pub aircraft: String,
    /// When it is expected to depart, if not as scheduled.
    #[schema(value_type = Option<String>)]
    pub estimated_departs_at: Option<Timestamp>,
    /// When it is expected to arrive, if not as scheduled.
    #[schema(value_type = Option<String>)]
    pub estimated_arrives_at: Option<Timestamp>,
    /// Whether fares, limits or seats on sale changed.
    pub cabins_changed: bool,
}
payload!(FlightUpdated, "flight.updated", 1, flight_id);

/// The airline does not fly a flight; it is off sale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlightCancelled {
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// When it was to depart.
    #[schema(value_type = String)]
    pub departs_at: Timestamp,
}
payload!(FlightCancelled, "flight.cancelled", 1, flight_id);

/// A flight is scheduled at other times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlightRetimed {
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
    /// Scheduled departure.
    #[schema(value_type = String)]
    pub departs_at: Timestamp,
    /// Scheduled arrival.
    #[schema(value_type = String)]
    pub arrives_at: Timestamp,
    /// Departure as it was scheduled before.
    #[schema(value_type = String)]
    pub departed_at_before: Timestamp,
    /// Arrival as it was scheduled before.
    #[schema(value_type = String)]
    pub arrived_at_before: Timestamp,
}
payload!(FlightRetimed, "flight.retimed", 1, flight_id);

/// A flight that nobody had booked is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FlightDeleted {
    /// The flight.
    #[schema(value_type = String)]
    pub flight_id: FlightId,
}
payload!(FlightDeleted, "flight.deleted", 1, flight_id);

/// A file was imported. However many flights it added, this is the one event of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportCompleted {
    /// The import.
    #[schema(value_type = String)]
    pub import_id: ImportId,
    /// What was imported: `timetable`, `airports`, `fare_families`, `taxes`, `refund_rules`, `connection_times`, `seat_maps`,
    /// `extras` or `promotions`.
    pub kind: String,
    /// First local date of departure it covers, of a timetable.
    #[schema(value_type = Option<String>)]
    pub from_date: Option<Date>,
    /// Last local date of departure it covers, of a timetable.
    #[schema(value_type = Option<String>)]
    pub to_date: Option<Date>,
    /// Flights put on sale.
    pub flights_added: u64,
}
payload!(ImportCompleted, "import.completed", 1, import_id);

/// Staff filed a promotion, changed its terms, or ended it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromotionFiled {
    /// The code.
    pub code: String,
    /// created, updated or ended.
    pub change: String,
}
payload!(PromotionFiled, "promotion.filed", 1, code);
