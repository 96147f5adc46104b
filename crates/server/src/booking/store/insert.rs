//! A new booking with everything that belongs to it, in one statement.

use domain::sold::SoldFare;
use platform::db::{DbError, Sql};
use serde::Serialize;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::{BookingRow, PassengerRow, SegmentRow, SliceRow};

/// A booking to insert.
pub(in crate::booking) struct NewBooking {
    pub(in crate::booking) booking: BookingRow,
    pub(in crate::booking) passengers: Vec<PassengerRow>,
    pub(in crate::booking) slices: Vec<SliceRow>,
    pub(in crate::booking) segments: Vec<SegmentRow>,
    pub(in crate::booking) fares: Vec<SoldFare>,
    /// So many holds a user may have at once; 0 is any number.
    pub(in crate::booking) live_holds: i16,
}

/// A row of `booking_fares`, under the names of its columns.
#[derive(Debug, Serialize)]
pub(super) struct FareRow<'a> {
    passenger_no: i16,
    slice_no: i16,
    base: i64,
    discount: i64,
    taxes: &'a [domain::sold::SoldTax],
    carried: &'a [domain::sold::Carried],
}

impl<'a> From<&'a SoldFare> for FareRow<'a> {
    fn from(fare: &'a SoldFare) -> Self {
        let SoldFare { passenger_no, slice_no, base, discount, taxes, carried } = fare;
        let (passenger_no, slice_no) = (*passenger_no, *slice_no);
        Self { passenger_no, slice_no, base: *base, discount: *discount, taxes, carried }
    }
}

/// Inserts the booking. `false`: the locator is taken, or the user has no hold left.
pub(in crate::booking) async fn insert(sql: &Sql, new: &NewBooking) -> Result<bool, DbError> {
    let NewBooking { booking, passengers, slices, segments, fares, live_holds } = new;
    let numbers: Vec<i16> = passengers.iter().map(|passenger| passenger.number).collect();
    let kinds: Vec<&str> = passengers.iter().map(|passenger| passenger.kind.as_str()).collect();
    let prices: Vec<i64> = passengers.iter().map(|passenger| passenger.price).collect();
    let details: Vec<&[u8]> = passengers.iter().map(|passenger| &passenger.details_sealed[..]).collect();
    let legs: Vec<i16> = segments.iter().map(|segment| segment.number).collect();
    let flights: Vec<Uuid> = segments.iter().map(|segment| segment.flight.uuid()).collect();
    let cabins: Vec<i16> = segments.iter().filter_map(|s| i16::try_from(s.cabin.index()).ok()).collect();
    let ranks: Vec<i16> = segments.iter().map(|segment| segment.class_rank.into()).collect();
    let filed: Vec<i32> = segments.iter().filter_map(|s| i32::try_from(s.filed_fare).ok()).collect();
    let shares: Vec<i64> = segments.iter().map(|segment| segment.price).collect();
    let of_slices: Vec<i16> = segments.iter().map(|segment| segment.slice).collect();
    let (departures, arrivals): (Vec<_>, Vec<_>) = segments.iter().map(|segment| segment.sold).unzip();
    let fares: Vec<FareRow<'_>> = fares.iter().map(FareRow::from).collect();
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
                &filed,
                &shares,
                &of_slices,
                &departures,
                &arrivals,
                &Json(slices),
                &Json(fares),
                live_holds,
            ],
        )
        .await?;
    Ok(inserted > 0)
}

/// The slot of the hold is the smallest that is free; two holds that find the same one at once meet in the unique index, and
/// the second looks again.
const INSERT_BOOKING: &str = "
    WITH slot AS (
        SELECT CASE WHEN $27::smallint > 0 THEN free END AS hold_slot
        FROM generate_series(1, GREATEST($27::smallint, 1)) AS free
        WHERE $27 = 0 OR NOT EXISTS (SELECT 1 FROM user_bookings WHERE user_id = $2 AND hold_slot = free)
        ORDER BY free LIMIT 1),
    listed AS (
        INSERT INTO user_bookings (user_id, booking_id, trip_ends_at, hold_slot) SELECT $2, $1, $9, hold_slot FROM slot
        ON CONFLICT DO NOTHING RETURNING booking_id),
    named AS (
        INSERT INTO booking_locators (locator, booking_id) SELECT $3, booking_id FROM listed
        ON CONFLICT DO NOTHING RETURNING booking_id),
    booking AS (
        INSERT INTO bookings (id, user_id, locator, status, seats, total, currency, contact_sealed, trip_starts_at,
                              trip_ends_at, hold_expires_at, created_at)
        SELECT booking_id, $2, $3, 'held', $4, $5, $6, $7, $8, $9, $10, $11 FROM named RETURNING id),
    passengers AS (
        INSERT INTO booking_passengers (booking_id, passenger_no, kind, price, details_sealed)
        SELECT booking.id, p.* FROM booking, unnest($12::smallint[], $13::text[], $14::bigint[], $15::bytea[]) AS p),
    segments AS (
        INSERT INTO booking_segments (booking_id, segment_no, flight_id, cabin, class_rank, filed_fare, price, slice_no,
                                      departs_at, arrives_at)
        SELECT booking.id, s.* FROM booking,
               unnest($16::smallint[], $17::uuid[], $18::smallint[], $19::smallint[], $20::integer[], $21::bigint[],
                      $22::smallint[], $23::timestamptz[], $24::timestamptz[]) AS s),
    slices AS (
        INSERT INTO booking_slices (booking_id, slice_no, fare_family, family_name, cabin, conditions, included, adult,
                                    child, infant, price)
        SELECT booking.id, s.* FROM booking,
               jsonb_to_recordset($25) AS s (slice_no smallint, fare_family text, family_name text, cabin smallint,
                   conditions jsonb, included jsonb, adult bigint, child bigint, infant bigint, price bigint))
    INSERT INTO booking_fares (booking_id, passenger_no, slice_no, base, discount, taxes)
    SELECT booking.id, f.* FROM booking,
           jsonb_to_recordset($26) AS f (passenger_no smallint, slice_no smallint, base bigint, discount bigint, taxes jsonb)";

/// How many of the user's holds count against the limit now.
pub(in crate::booking) async fn live_holds(sql: &Sql, user: kernel::UserId) -> Result<i64, DbError> {
    let row = sql
        .query_one(
            "SELECT count(*) FROM user_bookings WHERE user_id = $1 AND hold_slot IS NOT NULL",
            &[&user.uuid()],
        )
        .await?;
    Ok(row.get(0))
}
