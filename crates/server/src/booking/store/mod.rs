//! SQL on the booking slice's tables.

macro_rules! booking_columns {
    () => {
        "b.id, b.user_id, b.locator, b.status, b.seats, b.total, b.currency, b.contact_sealed, b.trip_starts_at,
         b.trip_ends_at, b.hold_expires_at, b.paying, b.created_at, b.extended, b.version, b.has_extras"
    };
}

mod cancellations;
mod changes;
mod discounts;
mod insert;
mod moves;
mod orders;
pub(super) mod travelling;
mod waivers;

use domain::booking::BookingStatus;
use domain::fare_families::{Conditions, Included};
use domain::pricing::PassengerType;
use domain::sold::SoldFare;
use jiff::Timestamp;
use kernel::{BookingId, Cabin, FlightId, Money, RecordLocator, UserId};
use platform::db::{DbError, Params, Sql, json};
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use uuid::Uuid;

pub(super) use cancellations::{
    CancellationRow, CouponRow, cancellations, coupons, give_back, insert_cancellation, keep_extras, keep_on,
    move_coupons,
};
pub(super) use changes::{Change, exchange, insert_change, issue_next_tickets};
pub(super) use discounts::{has_been_confirmed, set_discounts};
pub(super) use insert::{NewBooking, insert, live_holds};
pub(super) use moves::{
    Arrived, ExpiredHold, complete, extend, freeze, issue_tickets, live_legs, lock_arrived, lock_expired,
    move_on, put_off_hold, thaw, ticket_serials,
};
pub(super) use orders::{
    DueOrder, OrderKind, OrderRow, close_order, due_orders, freeze_order, open_order, orders, price_order,
    put_off_order, thaw_order,
};
pub(super) use waivers::{
    WaivedExtra, WaivedFare, WaiverRow, insert_waiver, waive_hold, waived_of_orders, waivers,
};

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
    pub(super) extended: bool,
    pub(super) version: i64,
    /// Seats or extras were chosen for it at some time.
    pub(super) has_extras: bool,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SegmentRow {
    pub(super) number: i16,
    /// The number of its slice.
    pub(super) slice: i16,
    pub(super) flight: FlightId,
    pub(super) cabin: Cabin,
    pub(super) class_rank: u8,
    pub(super) filed_fare: u32,
    pub(super) price: i64,
    /// Departure and arrival as they were sold.
    pub(super) sold: (Timestamp, Timestamp),
}

fn odd(what: &str, value: &dyn std::fmt::Debug) -> DbError {
    DbError::Inconsistent(format!("{what}: {value:?}"))
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
        extended: row.get(13),
        version: row.get(14),
        has_extras: row.get(15),
    })
}

/// An amount and, in the next column, its currency.
fn money(row: &Row, column: usize) -> Result<Money, DbError> {
    let currency: &str = row.get(column + 1);
    Ok(Money::new(row.get(column), currency.parse().map_err(|_| odd("currency", &currency))?))
}

/// A user's booking.
pub(super) async fn find(sql: &Sql, booking: BookingId, user: UserId) -> Result<Option<BookingRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", booking_columns!(), " FROM bookings b WHERE b.id = $1 AND b.user_id = $2");
    sql.query_opt(SQL, &[&booking.uuid(), &user.uuid()]).await?.as_ref().map(booking_row).transpose()
}

/// Whose these bookings are.
pub(super) async fn owners(sql: &Sql, bookings: &[BookingId]) -> Result<Vec<(BookingId, UserId)>, DbError> {
    let ids: Vec<Uuid> = bookings.iter().map(|booking| booking.uuid()).collect();
    let rows = sql.query("SELECT id, user_id FROM bookings WHERE id = ANY($1)", &[&ids]).await?;
    Ok(rows.iter().map(|row| (BookingId::from_uuid(row.get(0)), UserId::from_uuid(row.get(1)))).collect())
}

/// The booking of a locator, whoever's it is.
pub(super) async fn of_locator(sql: &Sql, locator: RecordLocator) -> Result<Option<BookingRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        booking_columns!(),
        " FROM booking_locators l JOIN bookings b ON b.id = l.booking_id WHERE l.locator = $1"
    );
    sql.query_opt(SQL, &[&locator.as_str()]).await?.as_ref().map(booking_row).transpose()
}

/// The locators of a user's bookings that are held, or confirmed and not known to be flown: a flight that is late has not arrived, whatever
/// the time.
pub(super) async fn ahead(sql: &Sql, user: UserId) -> Result<Vec<RecordLocator>, DbError> {
    let rows = sql
        .query(
            "SELECT b.locator FROM user_bookings u JOIN bookings b ON b.id = u.booking_id
             WHERE u.user_id = $1 AND b.status IN ('held', 'confirmed') ORDER BY b.trip_starts_at, b.id",
            &[&user.uuid()],
        )
        .await?;
    let locator = |row: &Row| {
        let text: &str = row.get(0);
        text.parse().map_err(|_| odd("locator", &text))
    };
    rows.iter().map(locator).collect()
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

/// Where a page of bookings begins: behind the one whose trip ends then.
pub(super) type Behind = (Timestamp, BookingId);

/// Bookings of a user, in an order: what comes behind `FROM` and its join.
macro_rules! bookings_of_user {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            booking_columns!(),
            " FROM user_bookings u JOIN bookings b ON b.id = u.booking_id WHERE u.user_id = $1 ",
            $condition
        )
    };
}

/// A page of a user's bookings whose trip ends after `now`, the soonest first.
pub(super) async fn upcoming(
    sql: &Sql,
    user: UserId,
    now: Timestamp,
    behind: Option<Behind>,
    limit: i64,
) -> Result<Vec<BookingRow>, DbError> {
    const SQL: &str = bookings_of_user!(
        "AND u.trip_ends_at > $2 AND ($3::timestamptz IS NULL OR (u.trip_ends_at, u.booking_id) > ($3, $4::uuid))
         ORDER BY u.trip_ends_at, u.booking_id LIMIT $5"
    );
    let (at, id) = behind.map(|(at, id)| (at, id.uuid())).unzip();
    bookings(sql, SQL, &[&user.uuid(), &now, &at, &id, &limit]).await
}

/// A page of a user's bookings whose trip had ended by `now`, the latest first.
pub(super) async fn past(
    sql: &Sql,
    user: UserId,
    now: Timestamp,
    behind: Option<Behind>,
    limit: i64,
) -> Result<Vec<BookingRow>, DbError> {
    const SQL: &str = bookings_of_user!(
        "AND u.trip_ends_at <= $2 AND ($3::timestamptz IS NULL OR (u.trip_ends_at, u.booking_id) < ($3, $4::uuid))
         ORDER BY u.trip_ends_at DESC, u.booking_id DESC LIMIT $5"
    );
    let (at, id) = behind.map(|(at, id)| (at, id.uuid())).unzip();
    bookings(sql, SQL, &[&user.uuid(), &now, &at, &id, &limit]).await
}

/// A page of a user's bookings, the last made first.
pub(super) async fn all(
    sql: &Sql,
    user: UserId,
    before: Option<BookingId>,
    limit: i64,
) -> Result<Vec<BookingRow>, DbError> {
    const SQL: &str =
        bookings_of_user!("AND ($2::uuid IS NULL OR u.booking_id < $2) ORDER BY u.booking_id DESC LIMIT $3");
    bookings(sql, SQL, &[&user.uuid(), &before.map(BookingId::uuid), &limit]).await
}

async fn bookings(sql: &Sql, text: &'static str, params: Params<'_>) -> Result<Vec<BookingRow>, DbError> {
    sql.query(text, params).await?.iter().map(booking_row).collect()
}

pub(super) async fn passengers(sql: &Sql, booking: BookingId) -> Result<Vec<PassengerRow>, DbError> {
    let rows = sql
        .query(
            "SELECT p.passenger_no, p.kind, p.price, p.details_sealed,
                    (SELECT t.number FROM tickets t WHERE t.booking_id = p.booking_id AND t.passenger_no = p.passenger_no
                     ORDER BY t.issue_no DESC LIMIT 1)
             FROM booking_passengers p WHERE p.booking_id = $1 ORDER BY p.passenger_no",
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
            "SELECT segment_no, flight_id, cabin, class_rank, filed_fare, price, slice_no, departs_at, arrives_at
             FROM booking_segments
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
            sold: (row.get(7), row.get(8)),
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
    let slice = |row: &Row| {
        Ok(SliceRow {
            slice_no: row.get(0),
            fare_family: row.get(1),
            family_name: row.get(2),
            cabin: row.get(3),
            conditions: json(row, 4)?,
            included: json(row, 5)?,
            adult: row.get(6),
            child: row.get(7),
            infant: row.get(8),
            price: row.get(9),
        })
    };
    rows.iter().map(slice).collect()
}

/// Every leg of every live booking that has one on the flight: of a confirmed one, those somebody still flies.
pub(super) async fn legs_of_bookings_on(
    sql: &Sql,
    flight: FlightId,
) -> Result<Vec<(BookingId, UserId, FlightId)>, DbError> {
    let rows = sql
        .query(
            "SELECT b.id, b.user_id, s.flight_id FROM bookings b JOIN booking_segments s ON s.booking_id = b.id
             WHERE b.status IN ('held', 'confirmed')
               AND b.id IN (SELECT booking_id FROM booking_segments WHERE flight_id = $1)
               AND (b.status = 'held' OR EXISTS (
                   SELECT 1 FROM ticket_coupons c WHERE c.booking_id = b.id AND c.segment_no = s.segment_no
                     AND c.status NOT IN ('refunded', 'exchanged', 'void')))",
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

/// Confirmed bookings with a live coupon on one of these flights, by id, from the one behind `after` on.
pub(super) async fn confirmed_on(
    sql: &Sql,
    flights: &[FlightId],
    after: Option<BookingId>,
    limit: i64,
) -> Result<Vec<BookingId>, DbError> {
    let flights: Vec<Uuid> = flights.iter().map(|flight| flight.uuid()).collect();
    let after = after.map(BookingId::uuid);
    let rows = sql
        .query(
            "SELECT DISTINCT b.id FROM booking_segments s JOIN bookings b ON b.id = s.booking_id
                 JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
             WHERE s.flight_id = ANY($1) AND b.status = 'confirmed' AND c.status IN ('open', 'checked_in')
               AND ($2::uuid IS NULL OR b.id > $2)
             ORDER BY b.id LIMIT $3",
            &[&flights, &after, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| BookingId::from_uuid(row.get(0))).collect())
}

/// The fares of a booking, by passenger and slice.
pub(super) async fn fares(sql: &Sql, booking: BookingId) -> Result<Vec<SoldFare>, DbError> {
    let rows = sql
        .query(
            "SELECT passenger_no, slice_no, base, discount, taxes, carried FROM booking_fares
             WHERE booking_id = $1 ORDER BY passenger_no, slice_no",
            &[&booking.uuid()],
        )
        .await?;
    let fare = |row: &Row| {
        Ok(SoldFare {
            passenger_no: row.get(0),
            slice_no: row.get(1),
            base: row.get(2),
            discount: row.get(3),
            taxes: json(row, 4)?,
            carried: json(row, 5)?,
        })
    };
    rows.iter().map(fare).collect()
}
