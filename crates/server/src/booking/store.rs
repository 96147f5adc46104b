//! SQL on the booking slice's tables.

use domain::booking::BookingStatus;
use domain::fare_families::{Conditions, Included};
use domain::pricing::PassengerType;
use jiff::Timestamp;
use kernel::{BookingId, Cabin, FlightId, Money, RecordLocator, UserId};
use platform::db::{DbError, Sql};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

/// A row of `bookings`.
#[derive(Clone, Debug)]
pub(super) struct BookingRow {
    pub(super) id: BookingId,
    pub(super) user: UserId,
    pub(super) locator: RecordLocator,
    pub(super) status: BookingStatus,
    pub(super) seats: u8,
    pub(super) total: Money,
    pub(super) contact_sealed: Vec<u8>,
    pub(super) trip_starts_at: Timestamp,
    pub(super) trip_ends_at: Timestamp,
    pub(super) hold_expires_at: Timestamp,
    pub(super) paying: bool,
    pub(super) created_at: Timestamp,
}

/// A row of `booking_passengers`, with the ticket once there is one.
#[derive(Clone, Debug)]
pub(super) struct PassengerRow {
    pub(super) number: i16,
    pub(super) kind: PassengerType,
    pub(super) price: i64,
    pub(super) details_sealed: Vec<u8>,
    pub(super) ticket_number: Option<String>,
}

/// A row of `booking_slices`, under the names of its columns. The fare family is as it was sold.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SliceRow {
    pub(super) slice_no: i16,
    pub(super) fare_family: String,
    pub(super) family_name: String,
    /// [`Cabin::index`].
    pub(super) cabin: i16,
    pub(super) conditions: Conditions,
    pub(super) included: Included,
    /// What one adult pays.
    pub(super) adult: i64,
    pub(super) child: i64,
    pub(super) infant: i64,
    /// For the party.
    pub(super) price: i64,
}

/// A row of `booking_segments`.
#[derive(Clone, Debug)]
pub(super) struct SegmentRow {
    pub(super) number: i16,
    /// The number of its slice.
    pub(super) slice: i16,
    pub(super) flight: FlightId,
    pub(super) cabin: Cabin,
    pub(super) class_rank: u8,
    pub(super) filed_fare: u32,
    pub(super) price: i64,
}

/// A booking to insert.
pub(super) struct NewBooking {
    pub(super) booking: BookingRow,
    pub(super) passengers: Vec<PassengerRow>,
    pub(super) slices: Vec<SliceRow>,
    pub(super) segments: Vec<SegmentRow>,
}

fn odd(what: &str, value: &dyn std::fmt::Debug) -> DbError {
    DbError::Inconsistent(format!("{what}: {value:?}"))
}

macro_rules! booking_columns {
    () => {
        "b.id, b.user_id, b.locator, b.status, b.seats, b.total, b.currency, b.contact_sealed, b.trip_starts_at,
         b.trip_ends_at, b.hold_expires_at, b.paying, b.created_at"
    };
}

fn booking_row(row: &Row) -> Result<BookingRow, DbError> {
    let (locator, status): (&str, &str) = (row.get(2), row.get(3));
    Ok(BookingRow {
        id: BookingId::from_uuid(row.get(0)),
        user: UserId::from_uuid(row.get(1)),
        locator: locator.parse().map_err(|_| odd("locator", &locator))?,
        status: BookingStatus::from_word(status).ok_or_else(|| odd("booking status", &status))?,
        seats: u8::try_from(row.get::<_, i16>(4)).map_err(|_| odd("seats of", &locator))?,
        total: money(row, 5)?,
        contact_sealed: row.get(7),
        trip_starts_at: row.get(8),
        trip_ends_at: row.get(9),
        hold_expires_at: row.get(10),
        paying: row.get(11),
        created_at: row.get(12),
    })
}

/// An amount and, in the next column, its currency.
fn money(row: &Row, column: usize) -> Result<Money, DbError> {
    let currency: &str = row.get(column + 1);
    Ok(Money::new(row.get(column), currency.parse().map_err(|_| odd("currency", &currency))?))
}

/// Inserts the booking with everything that belongs to it, in one statement. `false`: the locator is taken.
pub(super) async fn insert(sql: &Sql, new: &NewBooking) -> Result<bool, DbError> {
    let NewBooking { booking, passengers, slices, segments } = new;
    let numbers: Vec<i16> = passengers.iter().map(|passenger| passenger.number).collect();
    let kinds: Vec<&str> = passengers.iter().map(|passenger| passenger.kind.as_str()).collect();
    let prices: Vec<i64> = passengers.iter().map(|passenger| passenger.price).collect();
    let details: Vec<&[u8]> = passengers.iter().map(|passenger| &passenger.details_sealed[..]).collect();
    let legs: Vec<i16> = segments.iter().map(|segment| segment.number).collect();
    let flights: Vec<Uuid> = segments.iter().map(|segment| segment.flight.uuid()).collect();
    let cabins: Vec<i16> = segments.iter().filter_map(|s| i16::try_from(s.cabin.index()).ok()).collect();
    let ranks: Vec<i16> = segments.iter().map(|segment| segment.class_rank.into()).collect();
    let fares: Vec<i32> = segments.iter().filter_map(|s| i32::try_from(s.filed_fare).ok()).collect();
    let shares: Vec<i64> = segments.iter().map(|segment| segment.price).collect();
    let of_slices: Vec<i16> = segments.iter().map(|segment| segment.slice).collect();
    let inserted = sql
        .execute(
            INSERT_BOOKING,
            &[
                &booking.id.uuid(),
                &booking.user.uuid(),
                &booking.locator.as_str(),
                &i16::from(booking.seats),
                &booking.total.amount,
                &booking.total.currency.as_str(),
                &booking.contact_sealed,
                &booking.trip_starts_at,
                &booking.trip_ends_at,
                &booking.hold_expires_at,
                &booking.created_at,
                &numbers,
                &kinds,
                &prices,
                &details,
                &legs,
                &flights,
                &cabins,
                &ranks,
                &fares,
                &shares,
                &of_slices,
                &Json(slices),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

const INSERT_BOOKING: &str = "
    WITH named AS (
        INSERT INTO booking_locators (locator, booking_id) VALUES ($3, $1) ON CONFLICT DO NOTHING RETURNING booking_id),
    booking AS (
        INSERT INTO bookings (id, user_id, locator, status, seats, total, currency, contact_sealed, trip_starts_at,
                              trip_ends_at, hold_expires_at, created_at)
        SELECT booking_id, $2, $3, 'held', $4, $5, $6, $7, $8, $9, $10, $11 FROM named RETURNING id),
    passengers AS (
        INSERT INTO booking_passengers (booking_id, passenger_no, kind, price, details_sealed)
        SELECT booking.id, p.* FROM booking, unnest($12::smallint[], $13::text[], $14::bigint[], $15::bytea[]) AS p),
    segments AS (
        INSERT INTO booking_segments (booking_id, segment_no, flight_id, cabin, class_rank, filed_fare, price, slice_no)
        SELECT booking.id, s.* FROM booking,
               unnest($16::smallint[], $17::uuid[], $18::smallint[], $19::smallint[], $20::integer[], $21::bigint[],
                      $22::smallint[]) AS s),
    slices AS (
        INSERT INTO booking_slices (booking_id, slice_no, fare_family, family_name, cabin, conditions, included, adult,
                                    child, infant, price)
        SELECT booking.id, s.* FROM booking,
               jsonb_to_recordset($23) AS s (slice_no smallint, fare_family text, family_name text, cabin smallint,
                   conditions jsonb, included jsonb, adult bigint, child bigint, infant bigint, price bigint))
    INSERT INTO user_bookings (user_id, booking_id, trip_ends_at) SELECT $2, id, $9 FROM booking";

/// A user's booking.
pub(super) async fn find(sql: &Sql, booking: BookingId, user: UserId) -> Result<Option<BookingRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", booking_columns!(), " FROM bookings b WHERE b.id = $1 AND b.user_id = $2");
    sql.query_opt(SQL, &[&booking.uuid(), &user.uuid()]).await?.as_ref().map(booking_row).transpose()
}

/// Locks a booking until the transaction ends; of that user only, if one is given.
pub(super) async fn lock(
    sql: &Sql,
    booking: BookingId,
    user: Option<UserId>,
) -> Result<Option<BookingRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        booking_columns!(),
        " FROM bookings b WHERE b.id = $1 AND ($2::uuid IS NULL OR b.user_id = $2) FOR UPDATE"
    );
    let user = user.map(UserId::uuid);
    sql.query_opt(SQL, &[&booking.uuid(), &user]).await?.as_ref().map(booking_row).transpose()
}

/// A page of a user's bookings: those whose trip ends after `now`, or those that ended. Newest first, by booking id.
pub(super) async fn list(
    sql: &Sql,
    user: UserId,
    upcoming: Option<bool>,
    now: Timestamp,
    before: Option<BookingId>,
    limit: i64,
) -> Result<Vec<BookingRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        booking_columns!(),
        " FROM user_bookings u JOIN bookings b ON b.id = u.booking_id
         WHERE u.user_id = $1 AND ($2::boolean IS NULL OR (u.trip_ends_at > $3) = $2)
           AND ($4::uuid IS NULL OR u.booking_id < $4)
         ORDER BY u.booking_id DESC LIMIT $5"
    );
    let before = before.map(BookingId::uuid);
    sql.query(SQL, &[&user.uuid(), &upcoming, &now, &before, &limit]).await?.iter().map(booking_row).collect()
}

pub(super) async fn passengers(sql: &Sql, booking: BookingId) -> Result<Vec<PassengerRow>, DbError> {
    let rows = sql
        .query(
            "SELECT p.passenger_no, p.kind, p.price, p.details_sealed, t.number
             FROM booking_passengers p LEFT JOIN tickets t USING (booking_id, passenger_no)
             WHERE p.booking_id = $1 ORDER BY p.passenger_no",
            &[&booking.uuid()],
        )
        .await?;
    let passenger = |row: &Row| {
        let kind: &str = row.get(1);
        Ok(PassengerRow {
            number: row.get(0),
            kind: PassengerType::from_word(kind).ok_or_else(|| odd("passenger type", &kind))?,
            price: row.get(2),
            details_sealed: row.get(3),
            ticket_number: row.get(4),
        })
    };
    rows.iter().map(passenger).collect()
}

pub(super) async fn segments(sql: &Sql, booking: BookingId) -> Result<Vec<SegmentRow>, DbError> {
    let rows = sql
        .query(
            "SELECT segment_no, flight_id, cabin, class_rank, filed_fare, price, slice_no FROM booking_segments
             WHERE booking_id = $1 ORDER BY segment_no",
            &[&booking.uuid()],
        )
        .await?;
    let segment = |row: &Row| {
        let cabin: i16 = row.get(2);
        Ok(SegmentRow {
            number: row.get(0),
            flight: FlightId::from_uuid(row.get(1)),
            cabin: usize::try_from(cabin)
                .ok()
                .and_then(Cabin::from_index)
                .ok_or_else(|| odd("cabin", &cabin))?,
            class_rank: u8::try_from(row.get::<_, i16>(3)).map_err(|_| odd("class of", &booking))?,
            filed_fare: u32::try_from(row.get::<_, i32>(4)).map_err(|_| odd("fare of", &booking))?,
            price: row.get(5),
            slice: row.get(6),
        })
    };
    rows.iter().map(segment).collect()
}

pub(super) async fn slices(sql: &Sql, booking: BookingId) -> Result<Vec<SliceRow>, DbError> {
    let rows = sql
        .query(
            "SELECT slice_no, fare_family, family_name, cabin, conditions, included, adult, child, infant, price
             FROM booking_slices WHERE booking_id = $1 ORDER BY slice_no",
            &[&booking.uuid()],
        )
        .await?;
    let slice = |row: &Row| SliceRow {
        slice_no: row.get(0),
        fare_family: row.get(1),
        family_name: row.get(2),
        cabin: row.get(3),
        conditions: row.get::<_, Json<Conditions>>(4).0,
        included: row.get::<_, Json<Included>>(5).0,
        adult: row.get(6),
        child: row.get(7),
        infant: row.get(8),
        price: row.get(9),
    };
    Ok(rows.iter().map(slice).collect())
}

/// Moves a booking from one state to another; `false` if it is not in the first. The edge decides who may release seats.
pub(super) async fn move_on(
    sql: &Sql,
    booking: BookingId,
    from: BookingStatus,
    to: BookingStatus,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !from.may_become(to) {
        return Err(odd("no such edge of a booking", &(from, to)));
    }
    let closed = matches!(to, BookingStatus::Expired | BookingStatus::Cancelled);
    let moved = sql
        .execute(
            "UPDATE bookings SET status = $3, paying = false, version = version + 1,
                    confirmed_at = CASE WHEN $3 = 'confirmed' THEN $4::timestamptz ELSE confirmed_at END,
                    closed_at = CASE WHEN $5 THEN $4::timestamptz ELSE closed_at END
             WHERE id = $1 AND status = $2",
            &[&booking.uuid(), &from.as_str(), &to.as_str(), &now, &closed],
        )
        .await?;
    Ok(moved == 1)
}

/// Issues a ticket for each passenger and a coupon for each passenger and segment.
pub(super) async fn issue_tickets(
    sql: &Sql,
    booking: BookingId,
    numbers: &[(i16, String)],
    now: Timestamp,
) -> Result<(), DbError> {
    let passengers: Vec<i16> = numbers.iter().map(|(passenger, _)| *passenger).collect();
    let tickets: Vec<&str> = numbers.iter().map(|(_, ticket)| ticket.as_str()).collect();
    sql.execute(
        "WITH issued AS (
             INSERT INTO tickets (booking_id, passenger_no, number, issued_at)
             SELECT $1, t.passenger_no, t.number, $4 FROM unnest($2::smallint[], $3::text[]) AS t (passenger_no, number)
             RETURNING booking_id, passenger_no)
         INSERT INTO ticket_coupons (booking_id, passenger_no, segment_no, status)
         SELECT issued.booking_id, issued.passenger_no, s.segment_no, 'open'
         FROM issued JOIN booking_segments s ON s.booking_id = issued.booking_id",
        &[&booking.uuid(), &passengers, &tickets, &now],
    )
    .await?;
    Ok(())
}

/// A fresh ticket serial for each passenger.
pub(super) async fn ticket_serials(sql: &Sql, booking: BookingId) -> Result<Vec<(i16, i64)>, DbError> {
    let rows = sql
        .query(
            "SELECT passenger_no, nextval('ticket_serials') FROM booking_passengers WHERE booking_id = $1",
            &[&booking.uuid()],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Marks the open coupons as refunded.
pub(super) async fn refund_coupons(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    sql.execute(
        "UPDATE ticket_coupons SET status = 'refunded' WHERE booking_id = $1 AND status = 'open'",
        &[&booking.uuid()],
    )
    .await?;
    Ok(())
}

/// Locks the unpaid hold whose deadline passed first, of those nobody else is working on and not one of `but`.
pub(super) async fn lock_expired(
    sql: &Sql,
    now: Timestamp,
    but: &[BookingId],
) -> Result<Option<BookingRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        booking_columns!(),
        " FROM bookings b WHERE b.status = 'held' AND NOT b.paying AND b.hold_expires_at <= $1 AND b.id <> ALL($2)
         ORDER BY b.hold_expires_at LIMIT 1 FOR UPDATE SKIP LOCKED"
    );
    let but: Vec<Uuid> = but.iter().map(|booking| booking.uuid()).collect();
    sql.query_opt(SQL, &[&now, &but]).await?.as_ref().map(booking_row).transpose()
}

/// Freezes a user's unpaid hold for a payment, if it is one and its deadline has not passed; returns what it costs.
pub(super) async fn freeze(
    sql: &Sql,
    booking: BookingId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Money>, DbError> {
    let row = sql
        .query_opt(
            "UPDATE bookings SET paying = true, version = version + 1
             WHERE id = $1 AND user_id = $2 AND status = 'held' AND NOT paying AND hold_expires_at > $3
             RETURNING total, currency",
            &[&booking.uuid(), &user.uuid(), &now],
        )
        .await?;
    row.map(|row| money(&row, 0)).transpose()
}

/// Lets a frozen hold run again; its deadline is what it was.
pub(super) async fn thaw(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    sql.execute(
        "UPDATE bookings SET paying = false, version = version + 1 WHERE id = $1 AND paying",
        &[&booking.uuid()],
    )
    .await?;
    Ok(())
}

/// Completes up to `limit` confirmed bookings whose last flight has arrived.
pub(super) async fn complete(sql: &Sql, now: Timestamp, limit: i64) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE bookings SET status = 'completed', version = version + 1 WHERE id IN (
             SELECT id FROM bookings WHERE status = 'confirmed' AND trip_ends_at <= $1
             ORDER BY trip_ends_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        &[&now, &limit],
    )
    .await
}

/// Every leg of every live booking that has one on the flight.
pub(super) async fn legs_of_bookings_on(
    sql: &Sql,
    flight: FlightId,
) -> Result<Vec<(BookingId, UserId, FlightId)>, DbError> {
    let rows = sql
        .query(
            "SELECT b.id, b.user_id, s.flight_id FROM bookings b JOIN booking_segments s ON s.booking_id = b.id
             WHERE b.status IN ('held', 'confirmed')
               AND b.id IN (SELECT booking_id FROM booking_segments WHERE flight_id = $1)",
            &[&flight.uuid()],
        )
        .await?;
    let leg = |row: &Row| {
        (BookingId::from_uuid(row.get(0)), UserId::from_uuid(row.get(1)), FlightId::from_uuid(row.get(2)))
    };
    Ok(rows.iter().map(leg).collect())
}

/// When a trip begins and ends, in the booking and in its owner's list.
pub(super) async fn set_trip_times(
    sql: &Sql,
    booking: BookingId,
    user: UserId,
    starts: Timestamp,
    ends: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "WITH listed AS (UPDATE user_bookings SET trip_ends_at = $4 WHERE user_id = $2 AND booking_id = $1)
         UPDATE bookings SET trip_starts_at = $3, trip_ends_at = $4, version = version + 1 WHERE id = $1",
        &[&booking.uuid(), &user.uuid(), &starts, &ends],
    )
    .await?;
    Ok(())
}

pub(super) async fn has_segments_on(sql: &Sql, flight: FlightId) -> Result<bool, DbError> {
    let row = sql
        .query_opt("SELECT 1 FROM booking_segments WHERE flight_id = $1 LIMIT 1", &[&flight.uuid()])
        .await?;
    Ok(row.is_some())
}
