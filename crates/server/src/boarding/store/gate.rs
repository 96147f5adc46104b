//! SQL on `boardings` and `undone_boardings`, and passes as a gate looks for them.

use jiff::Timestamp;
use kernel::{BookingId, FlightId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

/// A row of `boardings`.
#[derive(Clone, Debug)]
pub(in crate::boarding) struct BoardingRow {
    pub(in crate::boarding) flight: FlightId,
    pub(in crate::boarding) booking: BookingId,
    pub(in crate::boarding) passenger_no: i16,
    pub(in crate::boarding) segment_no: i16,
    pub(in crate::boarding) number: i16,
    pub(in crate::boarding) version: i16,
    pub(in crate::boarding) gate: Option<String>,
    pub(in crate::boarding) device: String,
    pub(in crate::boarding) scan: String,
    pub(in crate::boarding) boarded_at: Timestamp,
    pub(in crate::boarding) flown: bool,
}

/// The newest pass of a place in the order of a flight.
pub(in crate::boarding) struct NewestPass {
    pub(in crate::boarding) booking: BookingId,
    pub(in crate::boarding) passenger_no: i16,
    pub(in crate::boarding) version: i16,
    pub(in crate::boarding) good: bool,
}

macro_rules! columns {
    () => {
        "SELECT flight_id, booking_id, passenger_no, segment_no, number, version, gate, device, scan, boarded_at, flown_at FROM boardings "
    };
}

fn boarding(row: &Row) -> BoardingRow {
    BoardingRow {
        flight: FlightId::from_uuid(row.get(0)),
        booking: BookingId::from_uuid(row.get(1)),
        passenger_no: row.get(2),
        segment_no: row.get(3),
        number: row.get(4),
        version: row.get(5),
        gate: row.get(6),
        device: row.get(7),
        scan: row.get(8),
        boarded_at: row.get(9),
        flown: row.get::<_, Option<Timestamp>>(10).is_some(),
    }
}

/// The newest pass of whoever has this place in the order of check-in.
pub(in crate::boarding) async fn newest(
    sql: &Sql,
    flight: FlightId,
    number: i16,
) -> Result<Option<NewestPass>, DbError> {
    let row = sql
        .query_opt(
            "SELECT booking_id, passenger_no, version, ended_at IS NULL FROM boarding_passes
             WHERE flight_id = $1 AND number = $2 ORDER BY version DESC LIMIT 1",
            &[&flight.uuid(), &number],
        )
        .await?;
    Ok(row.map(|row| NewestPass {
        booking: BookingId::from_uuid(row.get(0)),
        passenger_no: row.get(1),
        version: row.get(2),
        good: row.get(3),
    }))
}

/// Everybody who has boarded a flight, in the order of check-in.
pub(in crate::boarding) async fn boarded(sql: &Sql, flight: FlightId) -> Result<Vec<BoardingRow>, DbError> {
    const SQL: &str = concat!(columns!(), "WHERE flight_id = $1 ORDER BY number");
    Ok(sql.query(SQL, &[&flight.uuid()]).await?.iter().map(boarding).collect())
}

/// Whoever has boarded a flight with this place in the order of check-in.
pub(in crate::boarding) async fn of_number(
    sql: &Sql,
    flight: FlightId,
    number: i16,
) -> Result<Option<BoardingRow>, DbError> {
    const SQL: &str = concat!(columns!(), "WHERE flight_id = $1 AND number = $2");
    Ok(sql.query_opt(SQL, &[&flight.uuid(), &number]).await?.as_ref().map(boarding))
}

/// Puts somebody of a locked booking on board.
pub(in crate::boarding) async fn board(sql: &Sql, row: &BoardingRow, by: UserId) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO boardings (flight_id, booking_id, passenger_no, segment_no, number, version, gate, device, scan, boarded_at,
                                boarded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &row.flight.uuid(),
            &row.booking.uuid(),
            &row.passenger_no,
            &row.segment_no,
            &row.number,
            &row.version,
            &row.gate,
            &row.device,
            &row.scan,
            &row.boarded_at,
            &by.uuid(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes passengers of a locked booking from board; how many were.
pub(in crate::boarding) async fn unboard(
    sql: &Sql,
    (flight, booking): (FlightId, BookingId),
    passengers: &[i16],
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "WITH undone AS (
             DELETE FROM boardings WHERE flight_id = $1 AND booking_id = $2 AND passenger_no = ANY($3) AND flown_at IS NULL
             RETURNING flight_id, number, device, scan)
         INSERT INTO undone_boardings (flight_id, number, device, scan, undone_at)
         SELECT flight_id, number, device, scan, $4 FROM undone
         ON CONFLICT (flight_id, number, device, scan) DO UPDATE SET undone_at = $4",
        &[&flight.uuid(), &booking.uuid(), &passengers, &now],
    )
    .await
}

/// Forgets up to `limit` readings that were taken back before then; how many.
pub(in crate::boarding) async fn forget_undone(
    sql: &Sql,
    before: Timestamp,
    limit: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM undone_boardings WHERE ctid IN (
             SELECT ctid FROM undone_boardings WHERE undone_at < $1 ORDER BY undone_at LIMIT $2)",
        &[&before, &limit],
    )
    .await
}

/// Whether a reading, by reader and word, let whoever has this place in the order on board, and was taken back.
pub(in crate::boarding) async fn was_undone(
    sql: &Sql,
    (flight, number): (FlightId, i16),
    (device, scan): (&str, &str),
) -> Result<bool, DbError> {
    let row = sql
        .query_one(
            "SELECT EXISTS (SELECT FROM undone_boardings WHERE flight_id = $1 AND number = $2 AND device = $3 AND scan = $4)",
            &[&flight.uuid(), &number, &device, &scan],
        )
        .await?;
    Ok(row.get(0))
}

/// Passengers of a locked booking have flown; how many had not yet.
pub(in crate::boarding) async fn fly(
    sql: &Sql,
    (flight, booking): (FlightId, BookingId),
    passengers: &[i16],
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE boardings SET flown_at = $4
         WHERE flight_id = $1 AND booking_id = $2 AND passenger_no = ANY($3) AND flown_at IS NULL",
        &[&flight.uuid(), &booking.uuid(), &passengers, &now],
    )
    .await
}

/// Flights that somebody is on board of whose coupon is not flown.
pub(in crate::boarding) async fn not_flown(sql: &Sql) -> Result<Vec<FlightId>, DbError> {
    let rows =
        sql.query("SELECT DISTINCT flight_id FROM boardings WHERE flown_at IS NULL ORDER BY 1", &[]).await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get::<_, Uuid>(0))).collect())
}
