//! SQL for who flies on a flight, and when trips end.

use std::collections::BTreeSet;

use domain::coupon::CouponStatus;
use domain::pricing::PassengerType;
use jiff::Timestamp;
use kernel::{BookingId, Cabin, FlightId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::odd;
use crate::booking::api::Bought;
use crate::booking::on_flight::OnFlight;
use crate::booking::travelling::{BookingOnFlight, SealedContact, Travel};

/// Confirmed bookings with a coupon on the flight that is neither used nor given back, by id.
pub(in crate::booking) async fn on(
    sql: &Sql,
    flight: FlightId,
    (only, after): (Option<BookingId>, Option<BookingId>),
    limit: i64,
) -> Result<Vec<BookingOnFlight>, DbError> {
    let (only, after) = (only.map(BookingId::uuid), after.map(BookingId::uuid));
    let rows = sql
        .query(
            "SELECT b.id, b.user_id, b.locator, min(s.departs_at), min(s.arrives_at), b.contact_sealed,
                 COALESCE(array_agg(c.passenger_no) FILTER (WHERE c.status = 'open'), '{}')
             FROM booking_segments s JOIN bookings b ON b.id = s.booking_id
                 JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
             WHERE s.flight_id = $1 AND b.status = 'confirmed' AND c.status IN ('open', 'checked_in', 'boarded')
               AND ($2::uuid IS NULL OR b.id = $2) AND ($3::uuid IS NULL OR b.id > $3)
             GROUP BY b.id ORDER BY b.id LIMIT $4",
            &[&flight.uuid(), &only, &after, &limit],
        )
        .await?;
    let travelling = |row: &Row| {
        let (booking, locator): (_, &str) = (BookingId::from_uuid(row.get(0)), row.get(2));
        Ok(BookingOnFlight {
            booking,
            user: UserId::from_uuid(row.get(1)),
            locator: locator.parse().map_err(|_| odd("locator", &locator))?,
            sold: (row.get(3), row.get(4)),
            contact: SealedContact::new(booking, row.get(5)),
            not_checked_in: row.get(6),
        })
    };
    rows.iter().map(travelling).collect()
}

/// How many accounts have such a booking on any of the flights.
pub(in crate::booking) async fn accounts(sql: &Sql, flights: &[FlightId]) -> Result<i64, DbError> {
    let flights: Vec<Uuid> = flights.iter().map(|flight| flight.uuid()).collect();
    let count = "SELECT count(DISTINCT b.user_id)
                 FROM booking_segments s JOIN bookings b ON b.id = s.booking_id
                     JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
                 WHERE s.flight_id = ANY($1) AND b.status = 'confirmed' AND c.status IN ('open', 'checked_in', 'boarded')";
    Ok(sql.query_one(count, &[&flights]).await?.get(0))
}

/// What a user bought on a flight, of those whose coupons for it are neither used nor given back. A flight that was exchanged away and
/// bought again has two segments; the one that is flown has them.
pub(in crate::booking) async fn bought(
    sql: &Sql,
    (booking, user): (BookingId, UserId),
    flight: FlightId,
) -> Result<Option<Bought>, DbError> {
    let row = sql
        .query_opt(
            "SELECT s.cabin, s.filed_fare, count(*) FILTER (WHERE p.kind <> $4)
             FROM bookings b JOIN booking_segments s ON s.booking_id = b.id
                 JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
                 JOIN booking_passengers p ON p.booking_id = c.booking_id AND p.passenger_no = c.passenger_no
             WHERE b.id = $1 AND b.user_id = $2 AND s.flight_id = $3 AND b.status = 'confirmed'
               AND c.status IN ('open', 'checked_in', 'boarded')
             GROUP BY s.segment_no, s.cabin, s.filed_fare ORDER BY s.segment_no DESC LIMIT 1",
            &[&booking.uuid(), &user.uuid(), &flight.uuid(), &PassengerType::Infant.as_str()],
        )
        .await?;
    let bought = |row: Row| {
        let (cabin, fare, seats): (i16, i32, i64) = (row.get(0), row.get(1), row.get(2));
        Ok(Bought {
            cabin: usize::try_from(cabin)
                .ok()
                .and_then(Cabin::from_index)
                .ok_or_else(|| odd("cabin", &cabin))?,
            fare: u32::try_from(fare).map_err(|_| odd("fare of", &booking))?,
            seats: u8::try_from(seats).map_err(|_| odd("seats of", &booking))?,
        })
    };
    row.map(bought).transpose()
}

/// Flights that a user has booked, with the states of their coupons.
pub(in crate::booking) async fn of(
    sql: &Sql,
    user: UserId,
    (only, since): (Option<FlightId>, Option<Timestamp>),
) -> Result<Vec<Travel>, DbError> {
    let only = only.map(FlightId::uuid);
    let rows = sql
        .query(
            "SELECT DISTINCT s.booking_id, s.flight_id, c.status
             FROM user_bookings u JOIN booking_segments s ON s.booking_id = u.booking_id
                 JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
             WHERE u.user_id = $1 AND ($2::uuid IS NULL OR s.flight_id = $2) AND ($3::timestamptz IS NULL OR u.trip_ends_at > $3)
             ORDER BY 1, 2, 3",
            &[&user.uuid(), &only, &since],
        )
        .await?;
    let travel = |row: &Row| {
        let word: &str = row.get(2);
        Ok(Travel {
            booking: BookingId::from_uuid(row.get(0)),
            flight: FlightId::from_uuid(row.get(1)),
            coupon: CouponStatus::from_word(word).ok_or_else(|| odd("coupon", &word))?,
        })
    };
    rows.iter().map(travel).collect()
}

/// When the trips of those of the bookings end that are held or confirmed.
pub(in crate::booking) async fn trip_ends(
    sql: &Sql,
    bookings: &BTreeSet<BookingId>,
) -> Result<Vec<(BookingId, Timestamp)>, DbError> {
    let ids: Vec<Uuid> = bookings.iter().map(|booking| booking.uuid()).collect();
    let rows = sql
        .query(
            "SELECT id, trip_ends_at FROM bookings WHERE id = ANY($1) AND status IN ('held', 'confirmed', 'completed')",
            &[&ids],
        )
        .await?;
    Ok(rows.iter().map(|row| (BookingId::from_uuid(row.get(0)), row.get(1))).collect())
}

/// Those of the passengers, by booking, number and segment, whose coupons do not say that they are checked in.
pub(in crate::booking) async fn not_checked_in(
    sql: &Sql,
    passengers: &[(BookingId, i16, i16)],
) -> Result<BTreeSet<BookingId>, DbError> {
    let ids: Vec<Uuid> = passengers.iter().map(|(booking, ..)| booking.uuid()).collect();
    let numbers: Vec<i16> = passengers.iter().map(|(_, number, _)| *number).collect();
    let segments: Vec<i16> = passengers.iter().map(|(.., segment)| *segment).collect();
    let rows = sql
        .query(
            "SELECT DISTINCT p.booking_id FROM unnest($1::uuid[], $2::smallint[], $3::smallint[])
                 AS p (booking_id, passenger_no, segment_no)
             WHERE NOT EXISTS (SELECT FROM ticket_coupons c WHERE c.booking_id = p.booking_id
                 AND c.passenger_no = p.passenger_no AND c.segment_no = p.segment_no AND c.status IN ('checked_in', 'boarded', 'flown'))",
            &[&ids, &numbers, &segments],
        )
        .await?;
    Ok(rows.iter().map(|row| BookingId::from_uuid(row.get(0))).collect())
}

/// Who did not come to the flight and has given nothing of its slice back, nor had it exchanged: booking, segment and passenger. Whoever has
/// done so was paid for the whole slice, or took its price along.
pub(in crate::booking) async fn missed(
    sql: &Sql,
    flight: FlightId,
) -> Result<Vec<(BookingId, i16, i16)>, DbError> {
    let rows = sql
        .query(
            "SELECT c.booking_id, c.segment_no, c.passenger_no
             FROM booking_segments s JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
             WHERE s.flight_id = $1 AND c.status = 'no_show' AND NOT EXISTS (
                 SELECT FROM booking_segments o JOIN ticket_coupons g
                     ON g.booking_id = o.booking_id AND g.segment_no = o.segment_no
                 WHERE o.booking_id = s.booking_id AND o.slice_no = s.slice_no AND g.passenger_no = c.passenger_no
                     AND g.status IN ('refunded', 'exchanged', 'void'))
             ORDER BY 1, 2, 3",
            &[&flight.uuid()],
        )
        .await?;
    Ok(rows.iter().map(|row| (BookingId::from_uuid(row.get(0)), row.get(1), row.get(2))).collect())
}

/// Who waits for the flight, checked in or not, with a flight before it in the same slice, and each of those: booking, segment and passenger.
/// Nobody who gave a part of the slice back or had it exchanged.
pub(in crate::booking) async fn with_flights_before(
    sql: &Sql,
    flight: FlightId,
) -> Result<Vec<((BookingId, i16, i16), FlightId)>, DbError> {
    let rows = sql
        .query(
            "SELECT c.booking_id, c.segment_no, c.passenger_no, o.flight_id
             FROM booking_segments s JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
                 JOIN booking_segments o ON o.booking_id = s.booking_id AND o.slice_no = s.slice_no AND o.segment_no < s.segment_no
             WHERE s.flight_id = $1 AND c.status IN ('open', 'checked_in') AND NOT EXISTS (
                 SELECT FROM booking_segments p JOIN ticket_coupons g
                     ON g.booking_id = p.booking_id AND g.segment_no = p.segment_no
                 WHERE p.booking_id = s.booking_id AND p.slice_no = s.slice_no AND g.passenger_no = c.passenger_no
                     AND g.status IN ('refunded', 'exchanged', 'void'))
             ORDER BY 1, 2, 3, 4",
            &[&flight.uuid()],
        )
        .await?;
    let who = |row: &Row| (BookingId::from_uuid(row.get(0)), row.get(1), row.get(2));
    Ok(rows.iter().map(|row| (who(row), FlightId::from_uuid(row.get(3)))).collect())
}

/// Everybody of whom a coupon on the flight was neither given back nor exchanged, by booking and number.
pub(in crate::booking) async fn people(sql: &Sql, flight: FlightId) -> Result<Vec<OnFlight>, DbError> {
    let rows = sql
        .query(
            "SELECT b.id, b.user_id, b.locator, c.segment_no, c.passenger_no, p.kind, s.cabin, c.status, p.details_sealed
             FROM booking_segments s JOIN bookings b ON b.id = s.booking_id
                 JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
                 JOIN booking_passengers p ON p.booking_id = c.booking_id AND p.passenger_no = c.passenger_no
             WHERE s.flight_id = $1 AND c.status NOT IN ('refunded', 'exchanged', 'void')
             ORDER BY b.id, c.passenger_no",
            &[&flight.uuid()],
        )
        .await?;
    let person = |row: &Row| {
        let (locator, kind, status): (&str, &str, &str) = (row.get(2), row.get(5), row.get(7));
        let cabin: i16 = row.get(6);
        Ok(OnFlight {
            booking: BookingId::from_uuid(row.get(0)),
            user: UserId::from_uuid(row.get(1)),
            locator: locator.parse().map_err(|_| odd("locator", &locator))?,
            segment_no: row.get(3),
            passenger_no: row.get(4),
            kind: PassengerType::from_word(kind).ok_or_else(|| odd("passenger type", &kind))?,
            cabin: usize::try_from(cabin)
                .ok()
                .and_then(Cabin::from_index)
                .ok_or_else(|| odd("cabin", &cabin))?,
            status: CouponStatus::from_word(status).ok_or_else(|| odd("state of a coupon", &status))?,
            details_sealed: row.get(8),
        })
    };
    rows.iter().map(person).collect()
}
