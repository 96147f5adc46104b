//! SQL that reads flights in the form the search engine keeps them.

use std::ops::Range;

use futures_util::{StreamExt, pin_mut};
use itinerary::FlightState;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, Cabin, FlightId};
use platform::db::{DbError, Sql};
use tokio::sync::mpsc;
use tokio_postgres::binary_copy::{BinaryCopyOutRow, BinaryCopyOutStream};
use tokio_postgres::types::Type;
use uuid::Uuid;

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

/// All flights that depart after `from`, in id order and some at a time, over a binary COPY: the quickest way out of
/// PostgreSQL for a million rows. Waits while `to` is full, and ends early when nobody receives any more.
pub async fn stream_states(
    sql: &Sql,
    from: Timestamp,
    to: &mpsc::Sender<Vec<FlightState>>,
) -> Result<(), DbError> {
    stream(sql, &format!("f.departs_at > '{from}'"), to).await
}

/// The flights of these local dates, both included.
pub async fn states_of_dates(sql: &Sql, from: Date, to: Date) -> Result<Vec<FlightState>, DbError> {
    let end = to.tomorrow().unwrap_or(to);
    states_between(sql, &(FlightId::first_of(from)..FlightId::first_of(end))).await
}

/// The flights whose ids are in the range, in id order.
pub async fn states_between(sql: &Sql, ids: &Range<FlightId>) -> Result<Vec<FlightState>, DbError> {
    let (low, high) = (ids.start.uuid(), ids.end.uuid());
    let condition = format!("f.id >= '{low}' AND f.id < '{high}'");
    let (to, mut batches) = mpsc::channel(1);
    let reading = async move { stream(sql, &condition, &to).await };
    let collecting = async {
        let mut states = Vec::new();
        while let Some(mut batch) = batches.recv().await {
            states.append(&mut batch);
        }
        states
    };
    let (read, states) = tokio::join!(reading, collecting);
    read.map(|()| states)
}

/// The flights from one airport to another whose date (that of their id) is the one named, of any of these routes. A flight that was
/// retimed by days is found as far as three days from its date.
pub async fn flights_of_routes(
    sql: &Sql,
    routes: &[(AirportCode, AirportCode, Date)],
) -> Result<Vec<FlightId>, DbError> {
    let origins: Vec<&str> = routes.iter().map(|(origin, _, _)| origin.as_str()).collect();
    let destinations: Vec<&str> = routes.iter().map(|(_, destination, _)| destination.as_str()).collect();
    let dates: Vec<Date> = routes.iter().map(|(_, _, date)| *date).collect();
    let first = |date: &Date| FlightId::first_of(*date).uuid();
    let from: Vec<Uuid> = dates.iter().map(first).collect();
    let until: Vec<Uuid> = dates.iter().map(|date| first(&date.tomorrow().unwrap_or(*date))).collect();
    let rows = sql
        .query(
            "SELECT DISTINCT f.id FROM unnest($1::text[], $2::text[], $3::date[], $4::uuid[], $5::uuid[])
                 AS r (origin, destination, date, first, next)
             JOIN flights f ON f.origin = r.origin AND f.destination = r.destination
                 AND f.departs_at >= r.date - 3 AND f.departs_at < r.date + 4 AND f.id >= r.first AND f.id < r.next",
            &[&origins, &destinations, &dates, &from, &until],
        )
        .await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// The first flight at or after an id.
pub async fn first_flight(sql: &Sql, from: FlightId) -> Result<Option<FlightId>, DbError> {
    let id = from.uuid();
    let row = sql.query_opt("SELECT id FROM flights WHERE id >= $1 ORDER BY id LIMIT 1", &[&id]).await?;
    Ok(row.map(|row| FlightId::from_uuid(row.get::<_, Uuid>(0))))
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

/// Flights that travel together: enough that handing them over costs nothing.
const BATCH: usize = 1_000;

/// `condition` is made of instants and ids of ours, never of input: COPY takes no parameters.
async fn stream(sql: &Sql, condition: &str, to: &mpsc::Sender<Vec<FlightState>>) -> Result<(), DbError> {
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
    let mut batch: Vec<FlightState> = Vec::with_capacity(BATCH);
    while let Some(row) = rows.next().await {
        let row = row?;
        let id = FlightId::from_uuid(row.get(0));
        if batch.last().is_none_or(|state| state.id != id) {
            if batch.len() == BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if to.send(full).await.is_err() {
                    break;
                }
            }
            batch.push(flight_of(&row, id)?);
        }
        if let Some(state) = batch.last_mut() {
            add_cabin(state, &cabin_of(&row, id)?);
        }
    }
    // Whoever does not receive any more has the reason.
    let _closed = to.send(batch).await;
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
