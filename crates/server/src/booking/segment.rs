//! A flight of a booking on the wire, as it was sold and as it is now.

use kernel::{AirportCode, BookingClass, Cabin, FlightId, FlightNumber, Money};
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{BookingRow, SegmentRow};
use crate::app::App;
use crate::flights::api::{FlightRow, local_rfc3339};

/// A flight of a booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedSegment)]
pub(super) struct SegmentView {
    /// Its number, from 1; coupons name it.
    pub(super) segment: i16,
    /// The number of its slice.
    pub(super) slice: i16,
    #[schema(value_type = String)]
    pub(super) flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    pub(super) flight_number: FlightNumber,
    #[schema(value_type = String)]
    pub(super) origin: AirportCode,
    #[schema(value_type = String)]
    pub(super) destination: AirportCode,
    /// As it is scheduled, local time.
    pub(super) departs_at: String,
    /// The same at its destination.
    pub(super) arrives_at: String,
    /// As it is expected now; with a delay later than scheduled.
    #[schema(example = "2026-12-01T08:35:00-05:00")]
    pub(super) estimated_departs_at: String,
    #[schema(example = "2026-12-01T10:35:00-05:00")]
    pub(super) estimated_arrives_at: String,
    /// Null until there is one.
    #[schema(example = "B4")]
    pub(super) gate: Option<String>,
    pub(super) duration_minutes: i64,
    pub(super) cabin: Cabin,
    #[schema(value_type = String, example = "M")]
    pub(super) booking_class: Option<char>,
    /// What the flight is doing now.
    pub(super) status: &'static str,
    /// This flight's share of the price of the whole party.
    pub(super) price: Money,
    /// Grows with each change of the flight and of the booking.
    #[serde(skip)]
    pub(super) sequence: u32,
}

/// A segment with its flight, which is among these.
pub(super) fn segment_view(
    app: &App,
    booking: &BookingRow,
    segment: &SegmentRow,
    flights: &[FlightRow],
) -> Result<SegmentView, Problem> {
    let flight = flights.iter().find(|flight| flight.id == segment.flight);
    let missing = || Problem::internal(anyhow::anyhow!("no flight {} for a segment", segment.flight));
    let flight = flight.ok_or_else(missing)?;
    let directory = app.directory.load();
    let (origin, destination) = (directory.zone(flight.origin), directory.zone(flight.destination));
    let (departs, arrives) = flight.expected();
    Ok(SegmentView {
        segment: segment.number,
        slice: segment.slice,
        flight_id: flight.id,
        flight_number: flight.number,
        origin: flight.origin,
        destination: flight.destination,
        departs_at: local_rfc3339(flight.departs_at, &origin),
        arrives_at: local_rfc3339(flight.arrives_at, &destination),
        estimated_departs_at: local_rfc3339(departs, &origin),
        estimated_arrives_at: local_rfc3339(arrives, &destination),
        gate: flight.gate.clone(),
        duration_minutes: flight.arrives_at.duration_since(flight.departs_at).as_mins(),
        cabin: segment.cabin,
        booking_class: BookingClass::new(segment.cabin, segment.class_rank).map(BookingClass::letter),
        status: flight.status(app.now()).as_str(),
        price: Money::new(segment.price, booking.total.currency),
        sequence: sequence(flight.version, booking.version),
    })
}

/// One number of two that only grow, each by one. A flight's begins with the milliseconds at which staff made it, and the sequence of a
/// calendar has 31 bits (RFC 5545 section 3.3.8), so it is what is left of the sum: that it begins anew within a flight's few changes is
/// as good as impossible.
fn sequence(flight: i64, booking: i64) -> u32 {
    u32::try_from(flight.wrapping_add(booking).rem_euclid(1 << 31)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_either_makes_the_sequence_grow() {
        // A flight that staff made, and one of a file.
        for flight in [1_780_300_000_123, 1] {
            let first = sequence(flight, 1);
            assert_eq!((sequence(flight + 1, 1), sequence(flight, 2)), (first + 1, first + 1));
            assert!(i32::try_from(first).is_ok());
        }
    }
}
