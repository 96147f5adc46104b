//! SQL that creates, changes and deletes flights.

use kernel::FlightId;
use platform::db::{DbError, Sql};

use super::{FlightRow, InventoryRow, cabin_number, odd};
use crate::flights::times::TZDATA_VERSION;

/// Inserts the flight; `false` if it exists.
pub(in crate::flights) async fn insert_flight(sql: &Sql, flight: &FlightRow) -> Result<bool, DbError> {
    let inserted = sql
        .execute(
            "INSERT INTO flights (id, airline, number, suffix, origin, destination, departs_local, arrives_local,
                                  departs_at, arrives_at, tzdata_version, distance_miles, aircraft, gate, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING",
            &[
                &flight.id.uuid(),
                &flight.number.airline.as_str(),
                &i16::try_from(flight.number.number).map_err(|_| odd("flight number", &flight.number))?,
                &flight.number.suffix.map(String::from).unwrap_or_default(),
                &flight.origin.as_str(),
                &flight.destination.as_str(),
                &flight.departs_local,
                &flight.arrives_local,
                &flight.departs_at,
                &flight.arrives_at,
                &TZDATA_VERSION,
                &flight.distance_miles,
                &flight.aircraft,
                &flight.gate,
                &flight.version,
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// Inserts a cabin, or replaces limits, fares and closings of one that is there; what is taken stays.
pub(in crate::flights) async fn put_inventory(sql: &Sql, row: &InventoryRow) -> Result<(), DbError> {
    let fare = |index: usize| i32::try_from(row.fares[index]).map_err(|_| odd("fare", &row.fares[index]));
    sql.execute(
        "INSERT INTO inventory (flight_id, cabin, capacity, overbooking, limit_2, limit_3, limit_4, fare_1, fare_2,
                                fare_3, fare_4, closes_2, closes_3, closes_4, currency, on_sale)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (flight_id, cabin) DO UPDATE SET
             capacity = $3, overbooking = $4, limit_2 = $5, limit_3 = $6, limit_4 = $7, fare_1 = $8, fare_2 = $9,
             fare_3 = $10, fare_4 = $11, closes_2 = $12, closes_3 = $13, closes_4 = $14, currency = $15, on_sale = $16,
             version = inventory.version + 1",
        &[
            &row.flight.uuid(),
            &cabin_number(row.cabin),
            &row.capacity,
            &row.overbooking,
            &row.limits[1],
            &row.limits[2],
            &row.limits[3],
            &fare(0)?,
            &fare(1)?,
            &fare(2)?,
            &fare(3)?,
            &row.closes[1],
            &row.closes[2],
            &row.closes[3],
            &row.currency.as_str(),
            &row.on_sale,
        ],
    )
    .await?;
    Ok(())
}

/// Locks the flight against other changes until the transaction ends; `false` if there is none.
pub(in crate::flights) async fn lock(sql: &Sql, flight: FlightId) -> Result<bool, DbError> {
    let found =
        sql.query_opt("SELECT 1 FROM flights WHERE id = $1 FOR UPDATE", &[&flight.uuid()]).await?.is_some();
    Ok(found)
}

/// Locks the flight's cabins against sales until the transaction ends. Bookings are locked before, never after.
pub(in crate::flights) async fn lock_inventory(sql: &Sql, flight: FlightId) -> Result<(), DbError> {
    sql.query("SELECT 1 FROM inventory WHERE flight_id = $1 ORDER BY cabin FOR UPDATE", &[&flight.uuid()])
        .await?;
    Ok(())
}

/// Writes everything about a flight that may change.
pub(in crate::flights) async fn update_flight(
    sql: &Sql,
    flight: &FlightRow,
    now: jiff::Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE flights SET departs_local = $2, arrives_local = $3, departs_at = $4, arrives_at = $5,
                tzdata_version = $6, aircraft = $7, gate = $8, estimated_departs_at = $9, estimated_arrives_at = $10,
                declared_status = $11, version = version + 1,
                cancelled_at = CASE WHEN $11 = 'cancelled' THEN COALESCE(cancelled_at, $12) END
         WHERE id = $1",
        &[
            &flight.id.uuid(),
            &flight.departs_local,
            &flight.arrives_local,
            &flight.departs_at,
            &flight.arrives_at,
            &TZDATA_VERSION,
            &flight.aircraft,
            &flight.gate,
            &flight.estimated_departs_at,
            &flight.estimated_arrives_at,
            &flight.declared_status,
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// Deletes the flight and its cabins.
pub(in crate::flights) async fn delete_flight(sql: &Sql, flight: FlightId) -> Result<(), DbError> {
    sql.execute("DELETE FROM flights WHERE id = $1", &[&flight.uuid()]).await?;
    Ok(())
}
