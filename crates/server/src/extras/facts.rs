//! What extras need to know of a booking, and how its flights look at the moment.

use std::collections::BTreeSet;

use domain::extras::{Extra, ExtraKind, ExtraStatus};
use domain::fare_families::Included;
use domain::pricing::PassengerType;
use domain::seat_maps::{SeatId, SeatMap};
use domain::seating::{CabinPlan, Seats, Traveller, travellers};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Cabin, Currency, FlightId};
use platform::db::{DbError, Sql};

use super::store::booked::{self, ExtraRow};
use super::store::catalogue;
use super::store::seats::{self, MaskRow, SeatRow};
use crate::flights::api::{self as flights, FlightRow};

/// A booking as far as extras are concerned. The booking slice fills it in.
#[derive(Clone, Debug)]
pub struct BookingFacts {
    /// Its id.
    pub booking: BookingId,
    /// What it is paid in.
    pub currency: Currency,
    /// What was waived of its orders, minor units, because it was too little to charge.
    pub waived: i64,
    /// Everybody in it.
    pub passengers: Vec<PassengerFacts>,
    /// Its flights.
    pub segments: Vec<SegmentFacts>,
}

/// A passenger.
#[derive(Clone, Debug)]
pub struct PassengerFacts {
    /// The number in the booking.
    pub number: i16,
    /// Adult, child or infant.
    pub kind: PassengerType,
    /// Date of birth.
    pub born_on: Date,
}

/// A flight of the booking.
#[derive(Clone, Debug)]
pub struct SegmentFacts {
    /// The number in the booking.
    pub number: i16,
    /// The number of its slice.
    pub slice: i16,
    /// The flight.
    pub flight: FlightId,
    /// The cabin that was bought.
    pub cabin: Cabin,
    /// What the fare family of the slice includes.
    pub included: Included,
    /// Passengers who do not fly it any more, because their tickets were given back or used.
    pub gone: Vec<i16>,
}

impl BookingFacts {
    pub(super) fn passenger(&self, number: i16) -> Option<&PassengerFacts> {
        self.passengers.iter().find(|passenger| passenger.number == number)
    }

    pub(super) fn segment(&self, number: i16) -> Option<&SegmentFacts> {
        self.segments.iter().find(|segment| segment.number == number)
    }

    /// The segments of a slice in order.
    pub(super) fn segments_of(&self, slice: i16) -> impl Iterator<Item = &SegmentFacts> {
        self.segments.iter().filter(move |segment| segment.slice == slice)
    }

    fn flights(&self) -> Vec<FlightId> {
        self.segments.iter().map(|segment| segment.flight).collect()
    }
}

/// A booking with its flights, their seats and what is sold on them, as they are now.
pub(super) struct Scene<'a> {
    pub(super) facts: &'a BookingFacts,
    pub(super) extras: Vec<ExtraRow>,
    pub(super) catalogue: Vec<Extra>,
    on_flights: FlightsNow,
}

/// Flights and who sits where.
pub(super) struct FlightsNow {
    flights: Vec<FlightRow>,
    capacities: Vec<(FlightId, Cabin, u16)>,
    maps: Vec<(SeatMap, i32)>,
    seats: Vec<SeatRow>,
    masks: Vec<MaskRow>,
}

impl FlightsNow {
    pub(super) async fn load(sql: &Sql, ids: &[FlightId]) -> Result<Self, DbError> {
        let (flights, capacities, seats, masks) = tokio::try_join!(
            flights::flight_rows(sql, ids),
            flights::capacities(sql, ids),
            seats::seats(sql, ids),
            seats::masks(sql, ids),
        )?;
        let aircraft: Vec<&str> = flights.iter().map(|flight| flight.aircraft.as_str()).collect();
        let maps = catalogue::seat_maps(sql, &aircraft).await?;
        Ok(Self { flights, capacities, maps, seats, masks })
    }

    pub(super) fn flight(&self, id: FlightId) -> Option<&FlightRow> {
        self.flights.iter().find(|flight| flight.id == id)
    }

    /// The newest map of the flight's aircraft, and its version.
    pub(super) fn map(&self, id: FlightId) -> Option<(&SeatMap, i32)> {
        let aircraft = &self.flight(id)?.aircraft;
        self.maps.iter().find(|(map, _)| map.aircraft == *aircraft).map(|(map, version)| (map, *version))
    }

    /// Whether the flight sells seats of a cabin.
    pub(super) fn sells(&self, id: FlightId, cabin: Cabin) -> bool {
        self.capacities.iter().any(|(flight, of, _)| (*flight, *of) == (id, cabin))
    }

    /// A cabin of a flight; seats and masks of `own` count as free.
    pub(super) fn plan(&self, id: FlightId, cabin: Cabin, own: Option<BookingId>) -> Option<CabinPlan> {
        let (map, _) = self.map(id)?;
        let capacity = self
            .capacities
            .iter()
            .find(|(flight, of, _)| (*flight, *of) == (id, cabin))
            .map_or(0, |(.., seats)| *seats);
        let others = |flight: FlightId, booking: BookingId| flight == id && Some(booking) != own;
        let taken: BTreeSet<SeatId> =
            self.seats.iter().filter(|row| others(row.flight, row.booking)).map(|row| row.seat).collect();
        let masks: BTreeSet<SeatId> =
            self.masks.iter().filter(|row| others(row.flight, row.booking)).map(|row| row.block).collect();
        Some(CabinPlan::new(map, cabin, capacity.into(), &taken, &masks))
    }

    /// The block whose mask this extra of the booking has.
    pub(super) fn mask_of(&self, flight: FlightId, booking: BookingId, extra: i16) -> Option<SeatId> {
        let has = |row: &&MaskRow| (row.flight, row.booking, row.extra_no) == (flight, booking, extra);
        self.masks.iter().find(has).map(|row| row.block)
    }
}

impl<'a> Scene<'a> {
    pub(super) async fn load(sql: &Sql, facts: &'a BookingFacts) -> Result<Self, DbError> {
        let ids = facts.flights();
        let (extras, catalogue, on_flights) = tokio::try_join!(
            booked::extras_of(sql, facts.booking),
            catalogue::extras(sql),
            Box::pin(FlightsNow::load(sql, &ids)),
        )?;
        Ok(Self { facts, extras, catalogue, on_flights })
    }

    pub(super) const fn now(&self) -> &FlightsNow {
        &self.on_flights
    }

    /// The cabin of a segment, with the booking's own seats as free.
    pub(super) fn plan(&self, segment: &SegmentFacts) -> Option<CabinPlan> {
        self.on_flights.plan(segment.flight, segment.cabin, Some(self.facts.booking))
    }

    /// Who flies a segment on a seat.
    pub(super) fn party(&self, segment: &SegmentFacts) -> Vec<Traveller> {
        let Some(flight) = self.on_flights.flight(segment.flight) else { return Vec::new() };
        let flying = |passenger: &&PassengerFacts| !segment.gone.contains(&passenger.number);
        let passengers: Vec<(i16, PassengerType, Date)> = self
            .facts
            .passengers
            .iter()
            .filter(flying)
            .map(|passenger| (passenger.number, passenger.kind, passenger.born_on))
            .collect();
        travellers(&passengers, flight.departs_local.date())
    }

    /// The live seats of a segment, the newest of each passenger.
    pub(super) fn seats(&self, segment: i16) -> Seats {
        let rows = self.extras.iter().filter(|row| row.status.is_live() && row.segments.contains(&segment));
        rows.filter_map(|row| row.seat.map(|seat| (row.passenger_no, seat))).collect()
    }

    /// The newest live seat of a passenger on a segment.
    pub(super) fn seat_of(&self, passenger: i16, segment: i16) -> Option<&ExtraRow> {
        let of = |row: &&ExtraRow| {
            row.kind == ExtraKind::Seat
                && row.status.is_live()
                && row.passenger_no == passenger
                && row.segments.contains(&segment)
        };
        self.extras.iter().rev().find(of)
    }

    /// How many of an extra a passenger has on these segments.
    pub(super) fn quantity_of(&self, code: &str, passenger: i16, segments: &[i16]) -> u32 {
        let of = |row: &&ExtraRow| {
            row.code == code
                && row.kind != ExtraKind::Seat
                && row.status.is_live()
                && row.passenger_no == passenger
                && row.segments.iter().any(|segment| segments.contains(segment))
        };
        self.extras.iter().filter(of).map(|row| u32::from(row.quantity.unsigned_abs())).sum()
    }

    /// The number of the next extra.
    pub(super) fn next_number(&self) -> i16 {
        self.extras.iter().map(|row| row.number).max().unwrap_or(0) + 1
    }

    /// Whether the extra was paid or cost nothing, and so stays until another takes its place.
    pub(super) fn is_issued(row: &ExtraRow) -> bool {
        row.status == ExtraStatus::Issued
    }
}

/// When nothing can be bought or changed on a flight any more: when its check-in closes.
pub fn closes_at(flight: &FlightRow, close_minutes: i64) -> Timestamp {
    flight.expected().0 - SignedDuration::from_mins(close_minutes)
}
