//! A flight on the wire.

use domain::flight_status::{FlightStatus, FlightTimes, status_at};
use itinerary::{ClassState, cheapest_class};
use jiff::Timestamp;
use kernel::{AirportCode, BookingClass, Cabin, FlightId, FlightNumber, Money};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{FlightRow, InventoryRow, minute};
use super::times::local_rfc3339;
use crate::app::App;
use crate::reviews::api::ReviewSummary;

/// A dated flight: one leg on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "origin": "ABE",
    "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at": "2026-12-01T10:35:00-05:00",
    "duration_minutes": 120, "distance_miles": 692, "aircraft": "73H", "gate": "B4", "status": "scheduled", "reviews": null, "cabins": [
        {"cabin": "economy", "capacity": 150, "seats_left": 132, "price": {"amount": 18900, "currency": "USD"}, "classes": [
            {"class": "Y", "fare": 45900, "limit": 150, "seats_left": 132, "open": true}]}]}))]
pub(super) struct FlightView {
    /// Its id.
    #[schema(value_type = String)]
    pub(super) id: FlightId,
    /// Airline and number, without zeros or space.
    #[schema(value_type = String, example = "KR1")]
    pub(super) flight_number: FlightNumber,
    #[schema(value_type = String, example = "ABE")]
    pub(super) origin: AirportCode,
    #[schema(value_type = String, example = "ATL")]
    pub(super) destination: AirportCode,
    /// Scheduled departure, RFC 3339 with the local offset.
    pub(super) departs_at: String,
    /// Scheduled arrival, RFC 3339 with the local offset.
    pub(super) arrives_at: String,
    /// Scheduled, gate to gate.
    pub(super) duration_minutes: i64,
    /// Great-circle distance.
    pub(super) distance_miles: i32,
    /// IATA aircraft type.
    pub(super) aircraft: String,
    /// Departure gate, once known.
    pub(super) gate: Option<String>,
    /// scheduled, delayed, boarding, departed, arrived or cancelled.
    pub(super) status: &'static str,
    /// What travellers think of the flight number; null until somebody reviewed it.
    pub(super) reviews: Option<ReviewSummary>,
    /// What is sold in it.
    pub(super) cabins: Vec<CabinView>,
}

/// A cabin of a flight.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CabinView {
    cabin: Cabin,
    /// Seats in it.
    capacity: i16,
    /// Seats that can still be sold.
    seats_left: u16,
    /// The cheapest open fare of one adult; null when nothing is sold.
    price: Option<Money>,
    /// The booking classes, full fare first.
    classes: Vec<ClassView>,
}

/// A booking class of a cabin.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ClassView {
    /// Its letter.
    #[schema(value_type = String, example = "Y")]
    class: char,
    /// One-way adult fare, minor units of the cabin's currency.
    fare: u32,
    /// Seats that may be sold in this class and those below it.
    limit: i16,
    /// Seats that can still be sold in it.
    seats_left: u16,
    /// False once its advance-purchase time has passed or the flight is off sale.
    open: bool,
}

impl FlightView {
    /// The flight as it is at `now`.
    pub(super) fn of(flight: &FlightRow, cabins: &[InventoryRow], app: &App, now: Timestamp) -> Self {
        let directory = app.directory.load();
        let mut cabins: Vec<&InventoryRow> =
            cabins.iter().filter(|cabin| cabin.flight == flight.id).collect();
        cabins.sort_by_key(|cabin| cabin.cabin);
        Self {
            id: flight.id,
            flight_number: flight.number,
            origin: flight.origin,
            destination: flight.destination,
            departs_at: local_rfc3339(flight.departs_at, &directory.zone(flight.origin)),
            arrives_at: local_rfc3339(flight.arrives_at, &directory.zone(flight.destination)),
            duration_minutes: flight.arrives_at.duration_since(flight.departs_at).as_mins(),
            distance_miles: flight.distance_miles,
            aircraft: flight.aircraft.clone(),
            gate: flight.gate.clone(),
            status: flight.status(now).as_str(),
            reviews: app.ratings.summary(flight.number),
            cabins: cabins.into_iter().map(|cabin| CabinView::of(cabin, now)).collect(),
        }
    }
}

impl CabinView {
    fn of(row: &InventoryRow, now: Timestamp) -> Self {
        let classes = row.classes();
        let cheapest = cheapest_class(&classes, minute(now), 1).filter(|_| row.on_sale);
        let class_view = |(index, class): (usize, &ClassState)| {
            let rank = u8::try_from(index + 1).ok()?;
            Some(ClassView {
                class: BookingClass::new(row.cabin, rank)?.letter(),
                fare: class.fare,
                limit: row.limits[index],
                seats_left: class.seats,
                open: row.on_sale && minute(now) < class.closes,
            })
        };
        Self {
            cabin: row.cabin,
            capacity: row.capacity,
            seats_left: if row.on_sale { classes[0].seats } else { 0 },
            price: cheapest.map(|(_, class)| Money::new(class.fare.into(), row.currency)),
            classes: classes.iter().enumerate().filter_map(class_view).collect(),
        }
    }
}

impl FlightRow {
    /// What the flight is doing at `now`.
    pub fn status(&self, now: Timestamp) -> FlightStatus {
        let declared = self.declared_status.as_deref().and_then(FlightStatus::declared);
        status_at(declared, &self.times(), now)
    }

    /// Whether the airline will not fly it.
    pub fn is_cancelled(&self) -> bool {
        self.declared_status.as_deref() == Some(FlightStatus::Cancelled.as_str())
    }

    /// Departure and arrival as they are expected now.
    pub fn expected(&self) -> (jiff::Timestamp, jiff::Timestamp) {
        let departs_at = self.estimated_departs_at.unwrap_or(self.departs_at);
        (departs_at, self.estimated_arrives_at.unwrap_or(self.arrives_at))
    }

    /// Scheduled and expected times.
    pub(super) fn times(&self) -> FlightTimes {
        FlightTimes {
            departs_at: self.departs_at,
            estimated_departs_at: self.estimated_departs_at.unwrap_or(self.departs_at),
            estimated_arrives_at: self.estimated_arrives_at.unwrap_or(self.arrives_at),
        }
    }
}
