//! SQL on `booking_extras`.

use std::collections::BTreeSet;

use domain::extras::{ExtraKind, ExtraStatus};
use domain::fare_families::RefundStep;
use domain::seat_maps::SeatId;
use jiff::Timestamp;
use kernel::{BookingId, FlightId, Money};
use platform::db::{DbError, Sql, json};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::odd;

/// A row of `booking_extras`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraRow {
    /// Its number in the booking, from 1.
    pub number: i16,
    /// What it was bought with: 0 is the booking itself.
    pub order_no: i16,
    /// Whose.
    pub passenger_no: i16,
    /// On which slice.
    pub slice_no: i16,
    /// On which flights: one, or all of the slice.
    pub segments: Vec<i16>,
    /// Those flights.
    pub flights: Vec<FlightId>,
    /// What it is.
    pub kind: ExtraKind,
    /// The catalogue's code, or the zone of a seat.
    pub code: String,
    /// What travellers call it.
    pub name: String,
    /// The seat.
    pub seat: Option<SeatId>,
    /// The block whose spare mask the infant on its owner's lap needs.
    pub mask: Option<SeatId>,
    /// How many.
    pub quantity: i16,
    /// What one costs, minor units.
    pub unit_price: i64,
    /// What is off it, minor units: by a promotion code, or because it was too little to charge.
    pub discount: i64,
    /// What it costs in its order, after the discount.
    pub price: Money,
    /// What it stands for, minor units: more than the price where a seat was changed for it.
    pub value: i64,
    /// What comes back when the traveller gives it back.
    pub refund: Vec<RefundStep>,
    /// The seat it takes the place of.
    pub replaces: Option<i16>,
    /// Whether it takes stock of its flights.
    pub stocked: bool,
    /// A seat that was given at check-in to whoever had chosen none.
    pub given: bool,
    /// How far it is.
    pub status: ExtraStatus,
    /// Its document, once it is issued.
    pub emd_number: Option<String>,
}

impl ExtraRow {
    /// Whether it was paid, whatever became of it afterwards.
    pub fn is_issued(&self) -> bool {
        self.emd_number.is_some()
    }
}

/// A row to insert, under the names of the columns.
#[derive(Serialize)]
struct NewRow<'a> {
    extra_no: i16,
    order_no: i16,
    passenger_no: i16,
    slice_no: i16,
    segments: &'a [i16],
    flights: Vec<Uuid>,
    kind: &'static str,
    code: &'a str,
    name: &'a str,
    seat: Option<SeatId>,
    mask: Option<SeatId>,
    quantity: i16,
    unit_price: i64,
    discount: i64,
    price: i64,
    value: i64,
    currency: &'a str,
    refund: &'a [RefundStep],
    replaces: Option<i16>,
    stocked: bool,
    given: bool,
    status: &'static str,
}

/// All extras of a booking, those that were given back too.
pub(in crate::extras) async fn extras_of(sql: &Sql, booking: BookingId) -> Result<Vec<ExtraRow>, DbError> {
    let rows = sql
        .query(
            "SELECT extra_no, order_no, passenger_no, slice_no, segments, kind, code, name, seat, quantity, unit_price,
                    price, currency, value, refund, replaces, stocked, status, emd_number, flights, mask, discount, given
             FROM booking_extras WHERE booking_id = $1 ORDER BY extra_no",
            &[&booking.uuid()],
        )
        .await?;
    rows.iter().map(extra_row).collect()
}

/// The issued seats of these bookings: booking, segment, passenger, seat.
pub(in crate::extras) async fn issued_seats(
    sql: &Sql,
    bookings: &BTreeSet<BookingId>,
) -> Result<Vec<(BookingId, i16, i16, SeatId)>, DbError> {
    let ids: Vec<Uuid> = bookings.iter().map(|booking| booking.uuid()).collect();
    let rows = sql
        .query(
            "SELECT booking_id, segment_no, passenger_no, seat FROM booking_extras, unnest(segments) AS segment_no
             WHERE booking_id = ANY($1) AND kind = 'seat' AND status = 'issued' ORDER BY booking_id, extra_no",
            &[&ids],
        )
        .await?;
    let seat = |row: &Row| {
        let seat: &str = row.get(3);
        let seat = seat.parse().map_err(|_| odd("seat", &seat))?;
        Ok((BookingId::from_uuid(row.get(0)), row.get(1), row.get(2), seat))
    };
    rows.iter().map(seat).collect()
}

fn extra_row(row: &Row) -> Result<ExtraRow, DbError> {
    let (kind, currency, status): (&str, &str, &str) = (row.get(5), row.get(12), row.get(17));
    let seat = |column| {
        let seat: Option<&str> = row.get(column);
        seat.map(|seat| seat.parse().map_err(|_| odd("seat", &seat))).transpose()
    };
    let refund: Vec<RefundStep> = json(row, 14)?;
    let currency = currency.parse().map_err(|_| odd("currency", &currency))?;
    Ok(ExtraRow {
        number: row.get(0),
        order_no: row.get(1),
        passenger_no: row.get(2),
        slice_no: row.get(3),
        segments: row.get(4),
        flights: row.get::<_, Vec<Uuid>>(19).into_iter().map(FlightId::from_uuid).collect(),
        kind: ExtraKind::from_word(kind).ok_or_else(|| odd("kind of an extra", &kind))?,
        code: row.get(6),
        name: row.get(7),
        seat: seat(8)?,
        mask: seat(20)?,
        quantity: row.get(9),
        unit_price: row.get(10),
        discount: row.get(21),
        price: Money::new(row.get(11), currency),
        value: row.get(13),
        refund,
        replaces: row.get(15),
        stocked: row.get(16),
        given: row.get(22),
        status: ExtraStatus::from_word(status).ok_or_else(|| odd("state of an extra", &status))?,
        emd_number: row.get(18),
    })
}

/// Inserts extras of a booking.
pub(in crate::extras) async fn insert(
    sql: &Sql,
    booking: BookingId,
    rows: &[ExtraRow],
    now: Timestamp,
) -> Result<(), DbError> {
    let new = |row: &'_ ExtraRow| -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(NewRow {
            extra_no: row.number,
            order_no: row.order_no,
            passenger_no: row.passenger_no,
            slice_no: row.slice_no,
            segments: &row.segments,
            flights: row.flights.iter().map(|flight| flight.uuid()).collect(),
            kind: row.kind.as_str(),
            code: &row.code,
            name: &row.name,
            seat: row.seat,
            mask: row.mask,
            quantity: row.quantity,
            unit_price: row.unit_price,
            discount: row.discount,
            price: row.price.amount,
            value: row.value,
            currency: row.price.currency.as_str(),
            refund: &row.refund,
            replaces: row.replaces,
            stocked: row.stocked,
            given: row.given,
            status: row.status.as_str(),
        })
    };
    let rows: Vec<serde_json::Value> =
        rows.iter().map(new).collect::<Result<_, _>>().map_err(|error| odd("extras", &error))?;
    sql.execute(
        "INSERT INTO booking_extras (booking_id, extra_no, order_no, passenger_no, slice_no, segments, flights, kind, code,
                                     name, seat, mask, quantity, unit_price, discount, price, value, currency, refund, replaces,
                                     stocked, given, status, created_at)
         SELECT $1, e.*, $3 FROM jsonb_to_recordset($2) AS e (extra_no smallint, order_no smallint, passenger_no smallint,
             slice_no smallint, segments smallint[], flights uuid[], kind text, code text, name text, seat text, mask text, quantity smallint,
             unit_price bigint, discount bigint, price bigint, value bigint, currency text, refund jsonb, replaces smallint,
             stocked boolean, given boolean, status text)",
        &[&booking.uuid(), &Json(rows), &now],
    )
    .await?;
    Ok(())
}

/// Serial numbers for so many documents.
pub(in crate::extras) async fn serials(sql: &Sql, count: usize) -> Result<Vec<i64>, DbError> {
    let count = i32::try_from(count).unwrap_or(0);
    let rows = sql.query("SELECT nextval('emd_serials') FROM generate_series(1, $1)", &[&count]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Issues reserved extras with these documents; how many were.
pub(in crate::extras) async fn issue(
    sql: &Sql,
    booking: BookingId,
    documents: &[(i16, String)],
    now: Timestamp,
) -> Result<u64, DbError> {
    let (numbers, emds): (Vec<i16>, Vec<&str>) =
        documents.iter().map(|(number, emd)| (*number, emd.as_str())).unzip();
    sql.execute(
        "UPDATE booking_extras e SET status = 'issued', emd_number = d.emd, issued_at = $4
         FROM unnest($2::smallint[], $3::text[]) AS d (extra_no, emd)
         WHERE e.booking_id = $1 AND e.extra_no = d.extra_no AND e.status = 'reserved'",
        &[&booking.uuid(), &numbers, &emds, &now],
    )
    .await
}

/// Moves extras from one state to another; how many were in the first.
pub(in crate::extras) async fn move_on(
    sql: &Sql,
    booking: BookingId,
    numbers: &[i16],
    from: ExtraStatus,
    to: ExtraStatus,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE booking_extras SET status = $4 WHERE booking_id = $1 AND extra_no = ANY($2) AND status = $3",
        &[&booking.uuid(), &numbers, &from.as_str(), &to.as_str()],
    )
    .await
}

/// Makes the discounts of what is reserved with an unpaid booking these, by number, and nothing else; by how much all of it
/// costs less now.
pub(in crate::extras) async fn set_discounts(
    sql: &Sql,
    booking: BookingId,
    discounts: &[(i16, i64)],
) -> Result<i64, DbError> {
    let (numbers, amounts): (Vec<i16>, Vec<i64>) = discounts.iter().copied().unzip();
    let row = sql
        .query_one(
            "WITH wanted AS (
                 SELECT extra_no, sum(amount)::bigint AS discount FROM unnest($2::smallint[], $3::bigint[]) AS w (extra_no, amount)
                 GROUP BY extra_no),
             changed AS (
                 SELECT e.extra_no, COALESCE(w.discount, 0) - e.discount AS more
                 FROM booking_extras e LEFT JOIN wanted w USING (extra_no)
                 WHERE e.booking_id = $1 AND e.order_no = 0 AND e.status = 'reserved'),
             cheaper AS (
                 UPDATE booking_extras e SET discount = e.discount + c.more, price = e.price - c.more, value = e.value - c.more
                 FROM changed c WHERE e.booking_id = $1 AND e.extra_no = c.extra_no AND c.more <> 0)
             SELECT COALESCE(sum(more), 0)::bigint FROM changed",
            &[&booking.uuid(), &numbers, &amounts],
        )
        .await?;
    Ok(row.get(0))
}

/// Makes what is reserved for an order cost nothing: the numbers of those that did cost something, with how much.
pub(in crate::extras) async fn waive(
    sql: &Sql,
    booking: BookingId,
    order_no: i16,
) -> Result<Vec<(i16, i64)>, DbError> {
    let rows = sql
        .query(
            "WITH before AS (
                 SELECT extra_no, price FROM booking_extras
                 WHERE booking_id = $1 AND order_no = $2 AND status = 'reserved' AND price > 0)
             UPDATE booking_extras e SET discount = e.discount + b.price, value = e.value - b.price, price = 0
             FROM before b WHERE e.booking_id = $1 AND e.extra_no = b.extra_no RETURNING e.extra_no, b.price",
            &[&booking.uuid(), &order_no],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
