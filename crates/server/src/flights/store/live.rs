//! SQL that reads flights in the form the search engine keeps them.

use futures_util::{StreamExt, pin_mut};
use itinerary::FlightState;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Cabin, FlightId};
use platform::db::{DbError, Sql};
use tokio_postgres::binary_copy::{BinaryCopyOutRow, BinaryCopyOutStream};
use tokio_postgres::types::Type;

use super::{FILING_CURRENCY, FlightRow, InventoryRow, flights_with_inventory, minute, odd};

/// The states of these flights, as far as they exist.
pub async fn flight_states(sql: &Sql, flights: &[FlightId]) -> Result<Vec<FlightState>, DbError> {
    let mut rows = flights_with_inventory(sql, flights).await?;
    rows.sort_by_key(|(flight, _)| flight.id);
    let mut states: Vec<FlightState> = Vec::new();
    for (flight, cabin) in &rows {
        if states.last().is_none_or(|last| last.id != flight.id) {
            states.push(without_cabins(flight));
        }
        if let Some(state) = states.last_mut() {
            add_cabin(state, cabin);
        }
    }
    Ok(states)
}

fn without_cabins(flight: &FlightRow) -> FlightState {
    FlightState {
        id: flight.id,
        origin: flight.origin,
        destination: flight.destination,
        departs: minute(flight.departs_at),
        arrives: minute(flight.arrives_at),
        on_sale: true,
        cabins: [None; Cabin::ALL.len()],
        version: flight.version.unsigned_abs(),
    }
}

/// The flight's version is the sum of its rows' versions: each only grows.
fn add_cabin(state: &mut FlightState, cabin: &InventoryRow) {
    state.cabins[cabin.cabin.index()] = Some(cabin.classes());
    state.on_sale &= cabin.on_sale;
    state.version += cabin.version.unsigned_abs();
}

/// All flights that depart after `from`, handed to `each` in id order, over a binary COPY: the quickest way out of
/// PostgreSQL for a million rows.
pub async fn stream_states(
    sql: &Sql,
    from: Timestamp,
    mut each: impl FnMut(FlightState),
) -> Result<(), DbError> {
    stream(sql, &format!("f.departs_at > '{from}'"), &mut each).await
}

/// The flights of these local dates, both included.
pub async fn states_of_dates(sql: &Sql, from: Date, to: Date) -> Result<Vec<FlightState>, DbError> {
    let end = to.tomorrow().unwrap_or(to);
    let (first, last) = (FlightId::first_of(from).uuid(), FlightId::first_of(end).uuid());
    let mut states = Vec::new();
    stream(sql, &format!("f.id >= '{first}' AND f.id < '{last}'"), &mut |state| states.push(state)).await?;
    Ok(states)
}

/// The types of the columns that [`stream`] copies: flight, cabin with limits and counters, fares, closings.
#[rustfmt::skip]
const TYPES: &[Type] = &[
    Type::UUID, Type::TEXT, Type::TEXT, Type::TIMESTAMPTZ, Type::TIMESTAMPTZ, Type::INT8,
    Type::INT2, Type::INT2, Type::INT2, Type::INT2, Type::INT2,
    Type::INT2, Type::INT2, Type::INT2, Type::INT2, Type::INT2,
    Type::INT4, Type::INT4, Type::INT4, Type::INT4,
    Type::TIMESTAMPTZ, Type::TIMESTAMPTZ, Type::TIMESTAMPTZ,
    Type::BOOL, Type::INT8,
];

/// `condition` is made of instants and ids of ours, never of input: COPY takes no parameters.
async fn stream(sql: &Sql, condition: &str, each: &mut impl FnMut(FlightState)) -> Result<(), DbError> {
    let copy = format!(
        "COPY (SELECT f.id, f.origin, f.destination, f.departs_at, f.arrives_at, f.version,
                      i.cabin, i.capacity, i.overbooking, i.limit_2, i.limit_3, i.limit_4, i.taken, i.taken_2, i.taken_3,
                      i.taken_4, i.fare_1, i.fare_2, i.fare_3, i.fare_4, i.closes_2, i.closes_3, i.closes_4, i.on_sale,
                      i.version
               FROM flights f JOIN inventory i ON i.flight_id = f.id WHERE {condition} ORDER BY f.id, i.cabin)
         TO STDOUT (FORMAT binary)"
    );
    sql.batch("SET statement_timeout = '5min'").await?;
    let rows = BinaryCopyOutStream::new(sql.copy_out(&copy).await?, TYPES);
    pin_mut!(rows);
    let mut current: Option<FlightState> = None;
    while let Some(row) = rows.next().await {
        let row = row?;
        let id = FlightId::from_uuid(row.get(0));
        if current.as_ref().is_none_or(|state| state.id != id)
            && let Some(finished) = current.replace(flight_of(&row, id)?)
        {
            each(finished);
        }
        if let Some(state) = current.as_mut() {
            add_cabin(state, &cabin_of(&row, id)?);
        }
    }
    if let Some(finished) = current {
        each(finished);
    }
    sql.batch("RESET statement_timeout").await
}

fn flight_of(row: &BinaryCopyOutRow, id: FlightId) -> Result<FlightState, DbError> {
    let airport = |column: usize| {
        let text: &str = row.get(column);
        text.parse().map_err(|_| odd("airport code", &text))
    };
    Ok(FlightState {
        id,
        origin: airport(1)?,
        destination: airport(2)?,
        departs: minute(row.get(3)),
        arrives: minute(row.get(4)),
        on_sale: true,
        cabins: [None; Cabin::ALL.len()],
        version: row.get::<i64>(5).unsigned_abs(),
    })
}

fn cabin_of(row: &BinaryCopyOutRow, flight: FlightId) -> Result<InventoryRow, DbError> {
    let small = |column: usize| row.get::<i16>(column);
    let cabin = usize::try_from(small(6)).ok().and_then(Cabin::from_index);
    let fare = |column: usize| u32::try_from(row.get::<i32>(column)).map_err(|_| odd("fare of", &flight));
    let closes = |column: usize| Some(row.get::<Timestamp>(column));
    Ok(InventoryRow {
        flight,
        cabin: cabin.ok_or_else(|| odd("cabin", &small(6)))?,
        capacity: small(7),
        overbooking: small(8),
        limits: [small(7) + small(8), small(9), small(10), small(11)],
        taken: [small(12), small(13), small(14), small(15)],
        fares: [fare(16)?, fare(17)?, fare(18)?, fare(19)?],
        closes: [None, closes(20), closes(21), closes(22)],
        currency: FILING_CURRENCY,
        on_sale: row.get(23),
        version: row.get(24),
    })
}
