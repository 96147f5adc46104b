//! The shape of an itinerary on the wire. `write.rs` writes it by hand; the API's document is made from here, and a test
//! reads what is written into it.

use kernel::{AirportCode, Cabin, FlightId, FlightNumber, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::reviews::api::ReviewSummary;

/// A way to get there, with its price for the whole party.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItineraryView {
    /// Book it with this, at `price`.
    offer_id: String,
    segments: Vec<SegmentView>,
    /// From the first departure to the last arrival.
    duration_minutes: u32,
    stops: usize,
    /// For the whole party, in `fare_family`.
    price: Money,
    /// Code of the cheapest fare family that has all that was asked for.
    fare_family: String,
    /// All families it is sold in, the cheapest first.
    fare_families: Vec<FamilyPrice>,
    /// Seats that can still be sold in the cabin, on the fullest flight.
    seats_left: u16,
    /// Seats that can still be sold at this price, on the fullest flight.
    seats_left_at_price: u16,
}

/// An itinerary in a fare family.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FamilyPrice {
    /// Its code; the answer says what it promises.
    fare_family: String,
    /// Book it with this.
    offer_id: String,
    /// For the whole party.
    price: Money,
    /// What it costs more than in the cheapest family.
    difference: Money,
}

/// One flight of an itinerary.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentView {
    #[schema(value_type = String)]
    flight_id: FlightId,
    /// Airline and number, without zeros or space.
    #[schema(value_type = String, example = "KR1")]
    flight_number: Option<FlightNumber>,
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "ATL")]
    destination: AirportCode,
    /// RFC 3339 with the local offset.
    departs_at: String,
    /// RFC 3339 with the local offset.
    arrives_at: String,
    duration_minutes: u32,
    cabin: Cabin,
    /// Letter of the booking class.
    #[schema(value_type = String, example = "M")]
    booking_class: Option<char>,
    /// What travellers think of the flight number; null until somebody reviewed it.
    reviews: Option<ReviewSummary>,
}
