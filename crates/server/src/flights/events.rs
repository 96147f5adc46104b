//! What is told of changes of flights.

use domain::flight_status::FlightStatus;
use jiff::Timestamp;
use kernel::ImportId;
use platform::db::{DbError, Sql};
use platform::random::Random;

use super::import::store::{self, ImportRecord};
use super::store::FlightRow;
use crate::events::api::{
    self as events, FlightCancelled, FlightCreated, FlightRetimed, FlightUpdated, ImportCompleted, NewEvent,
};

/// A flight is on sale.
pub(super) fn created(flight: &FlightRow) -> FlightCreated {
    FlightCreated {
        flight_id: flight.id,
        flight_number: flight.number,
        origin: flight.origin,
        destination: flight.destination,
        departs_at: flight.departs_at,
        arrives_at: flight.arrives_at,
        aircraft: flight.aircraft.clone(),
    }
}

/// What a change made of a flight: other times, a cancellation, and whatever else differs.
pub(super) fn changes(
    random: Random,
    now: Timestamp,
    (before, after): (&FlightRow, &FlightRow),
    cabins_changed: bool,
) -> Result<Vec<NewEvent>, DbError> {
    let mut told = Vec::new();
    if (before.departs_at, before.arrives_at) != (after.departs_at, after.arrives_at) {
        let retimed = FlightRetimed {
            flight_id: after.id,
            departs_at: after.departs_at,
            arrives_at: after.arrives_at,
            departed_at_before: before.departs_at,
            arrived_at_before: before.arrives_at,
        };
        told.push(NewEvent::of(random, now, &retimed)?);
    }
    let cancelled =
        |flight: &FlightRow| flight.declared_status.as_deref() == Some(FlightStatus::Cancelled.as_str());
    if cancelled(after) && !cancelled(before) {
        let cancelled = FlightCancelled { flight_id: after.id, departs_at: after.departs_at };
        told.push(NewEvent::of(random, now, &cancelled)?);
    }
    let updated = |flight: &FlightRow, cabins_changed| FlightUpdated {
        flight_id: flight.id,
        status: flight.declared_status.clone(),
        gate: flight.gate.clone(),
        aircraft: flight.aircraft.clone(),
        estimated_departs_at: flight.estimated_departs_at,
        estimated_arrives_at: flight.estimated_arrives_at,
        cabins_changed,
    };
    // A cancellation is told by itself; everything else that differs is an update.
    let mut as_before = updated(before, false);
    if cancelled(after) {
        as_before.status.clone_from(&after.declared_status);
    }
    let now_so = updated(after, cabins_changed);
    if as_before != now_so {
        told.push(NewEvent::of(random, now, &now_so)?);
    }
    Ok(told)
}

/// Keeps the record of an import and tells of it: one event, however much it changed.
pub(super) async fn keep(sql: &Sql, import: &ImportRecord<'_>) -> Result<(), DbError> {
    let id = ImportId::new(import.at, Random.bytes());
    store::record(sql, id, import).await?;
    let (from_date, to_date) = import.dates.unzip();
    let completed = ImportCompleted {
        import_id: id,
        kind: import.kind.to_owned(),
        from_date,
        to_date,
        flights_added: import.flights_added,
    };
    events::record(sql, Random, import.at, &completed).await
}
