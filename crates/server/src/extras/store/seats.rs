//! SQL on `seat_assignments`, `lap_infants` and `flight_extras`: what is taken on flights. Callers send these in the order of
//! docs/locking.md: masks, then seats, then stock, each in the order of flights.

use domain::seat_maps::SeatId;
use kernel::{BookingId, FlightId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::odd;

/// Somebody's seat on a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extras) struct SeatRow {
    pub(in crate::extras) flight: FlightId,
    pub(in crate::extras) seat: SeatId,
    pub(in crate::extras) booking: BookingId,
    pub(in crate::extras) passenger_no: i16,
    pub(in crate::extras) segment_no: i16,
    pub(in crate::extras) extra_no: i16,
}

/// A block of a flight whose spare mask somebody's infant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extras) struct MaskRow {
    pub(in crate::extras) flight: FlightId,
    pub(in crate::extras) block: SeatId,
    pub(in crate::extras) booking: BookingId,
    pub(in crate::extras) extra_no: i16,
}

fn seat_id(row: &Row, column: usize) -> Result<SeatId, DbError> {
    let text: &str = row.get(column);
    text.parse().map_err(|_| odd("seat", &text))
}

/// The seats that are taken on these flights.
pub(in crate::extras) async fn seats(sql: &Sql, flights: &[FlightId]) -> Result<Vec<SeatRow>, DbError> {
    let flights: Vec<Uuid> = flights.iter().map(|flight| flight.uuid()).collect();
    let rows = sql
        .query(
            "SELECT flight_id, seat, booking_id, passenger_no, segment_no, extra_no FROM seat_assignments
             WHERE flight_id = ANY($1)",
            &[&flights],
        )
        .await?;
    let seat = |row: &Row| {
        Ok(SeatRow {
            flight: FlightId::from_uuid(row.get(0)),
            seat: seat_id(row, 1)?,
            booking: BookingId::from_uuid(row.get(2)),
            passenger_no: row.get(3),
            segment_no: row.get(4),
            extra_no: row.get(5),
        })
    };
    rows.iter().map(seat).collect()
}

/// The masks that are taken on these flights.
pub(in crate::extras) async fn masks(sql: &Sql, flights: &[FlightId]) -> Result<Vec<MaskRow>, DbError> {
    let flights: Vec<Uuid> = flights.iter().map(|flight| flight.uuid()).collect();
    let rows = sql
        .query(
            "SELECT flight_id, block, booking_id, extra_no FROM lap_infants WHERE flight_id = ANY($1)",
            &[&flights],
        )
        .await?;
    let mask = |row: &Row| {
        Ok(MaskRow {
            flight: FlightId::from_uuid(row.get(0)),
            block: seat_id(row, 1)?,
            booking: BookingId::from_uuid(row.get(2)),
            extra_no: row.get(3),
        })
    };
    rows.iter().map(mask).collect()
}

/// Takes a seat; `false` if somebody has it. Whoever is taking it in another transaction is waited for.
pub(in crate::extras) async fn take_seat(sql: &Sql, seat: &SeatRow) -> Result<bool, DbError> {
    let taken = sql
        .execute(
            "INSERT INTO seat_assignments (flight_id, seat, booking_id, passenger_no, segment_no, extra_no)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            &[
                &seat.flight.uuid(),
                &seat.seat.to_string(),
                &seat.booking.uuid(),
                &seat.passenger_no,
                &seat.segment_no,
                &seat.extra_no,
            ],
        )
        .await?;
    Ok(taken == 1)
}

/// Gives a seat back that this extra of the booking has.
pub(in crate::extras) async fn free_seat(sql: &Sql, seat: &SeatRow) -> Result<(), DbError> {
    sql.execute(
        "DELETE FROM seat_assignments WHERE flight_id = $1 AND seat = $2 AND booking_id = $3 AND extra_no = $4",
        &[&seat.flight.uuid(), &seat.seat.to_string(), &seat.booking.uuid(), &seat.extra_no],
    )
    .await?;
    Ok(())
}

/// Takes the spare mask of a block; `false` if another infant has it.
pub(in crate::extras) async fn take_mask(sql: &Sql, mask: &MaskRow) -> Result<bool, DbError> {
    let taken = sql
        .execute(
            "INSERT INTO lap_infants (flight_id, block, booking_id, extra_no) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            &[&mask.flight.uuid(), &mask.block.to_string(), &mask.booking.uuid(), &mask.extra_no],
        )
        .await?;
    Ok(taken == 1)
}

/// Gives the mask back that this extra of the booking has, if it has one.
pub(in crate::extras) async fn free_mask(
    sql: &Sql,
    flight: FlightId,
    booking: BookingId,
    extra_no: i16,
) -> Result<(), DbError> {
    sql.execute(
        "DELETE FROM lap_infants WHERE flight_id = $1 AND booking_id = $2 AND extra_no = $3",
        &[&flight.uuid(), &booking.uuid(), &extra_no],
    )
    .await?;
    Ok(())
}

/// Hands the mask of one extra of the booking to another, if that has none yet.
pub(in crate::extras) async fn pass_mask(
    sql: &Sql,
    flight: FlightId,
    booking: BookingId,
    from: i16,
    to: i16,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE lap_infants SET extra_no = $4 WHERE flight_id = $1 AND booking_id = $2 AND extra_no = $3
           AND NOT EXISTS (SELECT 1 FROM lap_infants WHERE flight_id = $1 AND booking_id = $2 AND extra_no = $4)",
        &[&flight.uuid(), &booking.uuid(), &from, &to],
    )
    .await?;
    Ok(())
}

/// Takes so many of an extra that has this stock on each flight; `false` if there are not so many left.
pub(in crate::extras) async fn take_stock(
    sql: &Sql,
    flight: FlightId,
    code: &str,
    quantity: i32,
    stock: i32,
) -> Result<bool, DbError> {
    let taken = sql
        .execute(
            "INSERT INTO flight_extras AS f (flight_id, code, stock, taken)
             SELECT $1::uuid, $2::text, $4::integer, $3::integer WHERE $3::integer <= $4::integer
             ON CONFLICT (flight_id, code) DO UPDATE SET taken = f.taken + $3, stock = $4 WHERE f.taken + $3 <= $4",
            &[&flight.uuid(), &code, &quantity, &stock],
        )
        .await?;
    Ok(taken == 1)
}

/// Gives so many of an extra back.
pub(in crate::extras) async fn free_stock(
    sql: &Sql,
    flight: FlightId,
    code: &str,
    quantity: i32,
) -> Result<(), DbError> {
    let freed = sql
        .execute(
            "UPDATE flight_extras SET taken = taken - $3 WHERE flight_id = $1 AND code = $2",
            &[&flight.uuid(), &code, &quantity],
        )
        .await?;
    if freed == 1 { Ok(()) } else { Err(odd("no stock to give back of", &code)) }
}

/// What is taken of each extra on these flights: flight, code, number.
pub(in crate::extras) async fn stock_taken(
    sql: &Sql,
    flights: &[FlightId],
) -> Result<Vec<(FlightId, String, i32)>, DbError> {
    let flights: Vec<Uuid> = flights.iter().map(|flight| flight.uuid()).collect();
    let rows = sql
        .query("SELECT flight_id, code, taken FROM flight_extras WHERE flight_id = ANY($1)", &[&flights])
        .await?;
    Ok(rows.iter().map(|row| (FlightId::from_uuid(row.get(0)), row.get(1), row.get(2))).collect())
}
