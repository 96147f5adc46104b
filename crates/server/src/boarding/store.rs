//! SQL on `boarding_passes`.

pub(super) mod gate;

use std::collections::{BTreeMap, BTreeSet};

use domain::seat_maps::SeatId;
use jiff::Timestamp;
use kernel::{BookingId, FlightId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A pass that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PassRow {
    pub(super) flight: FlightId,
    pub(super) passenger_no: i16,
    pub(super) version: i16,
    pub(super) segment_no: i16,
    pub(super) number: i16,
    pub(super) desk: String,
    pub(super) seat: Option<SeatId>,
    pub(super) issued_at: Timestamp,
}

fn pass(row: &Row) -> Result<PassRow, DbError> {
    let seat: Option<&str> = row.get(6);
    let odd = |_| DbError::Inconsistent(format!("the seat of a pass: {seat:?}"));
    Ok(PassRow {
        flight: FlightId::from_uuid(row.get(0)),
        passenger_no: row.get(1),
        version: row.get(2),
        segment_no: row.get(3),
        number: row.get(4),
        desk: row.get(5),
        seat: seat.map(str::parse).transpose().map_err(odd)?,
        issued_at: row.get(7),
    })
}

/// The good passes of a booking.
pub(super) async fn good(sql: &Sql, booking: BookingId) -> Result<Vec<PassRow>, DbError> {
    let passes = good_of(sql, &BTreeSet::from([booking])).await?;
    Ok(passes.into_iter().map(|(_, row)| row).collect())
}

/// The good passes of several bookings, each with its booking.
pub(super) async fn good_of(
    sql: &Sql,
    bookings: &BTreeSet<BookingId>,
) -> Result<Vec<(BookingId, PassRow)>, DbError> {
    let ids: Vec<Uuid> = bookings.iter().map(|booking| booking.uuid()).collect();
    let rows = sql
        .query(
            "SELECT flight_id, passenger_no, version, segment_no, number, desk, seat, issued_at, booking_id FROM boarding_passes
             WHERE booking_id = ANY($1) AND ended_at IS NULL ORDER BY booking_id, segment_no, passenger_no",
            &[&ids],
        )
        .await?;
    rows.iter().map(|row| Ok((BookingId::from_uuid(row.get(8)), pass(row)?))).collect()
}

/// The seats on the good passes of a flight, by booking and passenger.
pub(super) async fn seats(
    sql: &Sql,
    flight: FlightId,
) -> Result<BTreeMap<(BookingId, i16), String>, DbError> {
    let rows = sql
        .query(
            "SELECT booking_id, passenger_no, seat FROM boarding_passes
             WHERE flight_id = $1 AND ended_at IS NULL AND seat IS NOT NULL",
            &[&flight.uuid()],
        )
        .await?;
    Ok(rows.iter().map(|row| ((BookingId::from_uuid(row.get(0)), row.get(1)), row.get(2))).collect())
}

/// The next version of a passenger's pass on a flight; its number.
pub(super) async fn insert(sql: &Sql, booking: BookingId, row: &PassRow) -> Result<i16, DbError> {
    let seat = row.seat.map(|seat| seat.to_string());
    let inserted = sql
        .query_one(
            "INSERT INTO boarding_passes (flight_id, booking_id, passenger_no, version, segment_no, number, desk, seat, issued_at)
             SELECT $1, $2, $3, 1 + COALESCE(max(version), 0), $4, $5, $6, $7, $8 FROM boarding_passes
             WHERE flight_id = $1 AND booking_id = $2 AND passenger_no = $3
             RETURNING version",
            &[
                &row.flight.uuid(),
                &booking.uuid(),
                &row.passenger_no,
                &row.segment_no,
                &row.number,
                &row.desk,
                &seat,
                &row.issued_at,
            ],
        )
        .await?;
    Ok(inserted.get(0))
}

/// Ends the good passes of these passengers on a flight.
pub(super) async fn end(
    sql: &Sql,
    (flight, booking): (FlightId, BookingId),
    passengers: &[i16],
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE boarding_passes SET ended_at = $4
         WHERE flight_id = $1 AND booking_id = $2 AND passenger_no = ANY($3) AND ended_at IS NULL",
        &[&flight.uuid(), &booking.uuid(), &passengers, &now],
    )
    .await
}
