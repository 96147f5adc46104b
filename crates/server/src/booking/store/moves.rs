//! The edges of a booking: each is one conditional statement that names the state it leaves, so that of two who want to move
//! it the database lets one.

use domain::booking::BookingStatus;
use jiff::Timestamp;
use kernel::{BookingId, FlightId, Money, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{BookingRow, booking_row, money, odd};

/// Moves a booking from one state to another; `false` if it is not in the first. The edge decides who may release seats.
pub(in crate::booking) async fn move_on(
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
        .query(
            "WITH moved AS (
                 UPDATE bookings SET status = $3, paying = false, version = version + 1,
                        confirmed_at = CASE WHEN $3 = 'confirmed' THEN $4::timestamptz ELSE confirmed_at END,
                        closed_at = CASE WHEN $5 THEN $4::timestamptz END
                 WHERE id = $1 AND status = $2 RETURNING id, user_id),
             freed AS (
                 UPDATE user_bookings u SET hold_slot = NULL FROM moved
                 WHERE u.user_id = moved.user_id AND u.booking_id = moved.id AND u.hold_slot IS NOT NULL)
             SELECT 1 FROM moved",
            &[&booking.uuid(), &from.as_str(), &to.as_str(), &now, &closed],
        )
        .await?;
    Ok(moved.len() == 1)
}

/// Issues a ticket for each passenger and a coupon for each passenger and segment.
pub(in crate::booking) async fn issue_tickets(
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
pub(in crate::booking) async fn ticket_serials(
    sql: &Sql,
    booking: BookingId,
) -> Result<Vec<(i16, i64)>, DbError> {
    let rows = sql
        .query(
            "SELECT passenger_no, nextval('ticket_serials') FROM booking_passengers WHERE booking_id = $1",
            &[&booking.uuid()],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// A hold past its deadline, and what is known of it even when the rest of its row cannot be read.
pub(in crate::booking) struct ExpiredHold {
    pub(in crate::booking) id: BookingId,
    pub(in crate::booking) row: Result<BookingRow, DbError>,
}

/// Locks the hold whose deadline passed first, of those nobody else is working on, not one of `but` and none that was put off: an
/// unpaid one past its own, or one whose payment has been open since before `frozen_before`.
pub(in crate::booking) async fn lock_expired(
    sql: &Sql,
    now: Timestamp,
    frozen_before: Timestamp,
    but: &[BookingId],
) -> Result<Option<ExpiredHold>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        booking_columns!(),
        " FROM bookings b WHERE b.status = 'held' AND b.hold_expires_at <= CASE WHEN b.paying THEN $2 ELSE $1::timestamptz END
           AND b.hold_expires_at <= $1 AND b.id <> ALL($3) AND (b.sweep_after IS NULL OR b.sweep_after <= $1)
         ORDER BY b.hold_expires_at LIMIT 1 FOR UPDATE SKIP LOCKED"
    );
    let but: Vec<Uuid> = but.iter().map(|booking| booking.uuid()).collect();
    let row = sql.query_opt(SQL, &[&now, &frozen_before, &but]).await?;
    Ok(row.map(|row| ExpiredHold { id: BookingId::from_uuid(row.get("id")), row: booking_row(&row) }))
}

/// For how long something that could not be given up is left alone: 2, 4, 8 … seconds, at most half an hour, from `$now` on.
macro_rules! put_off {
    ($now:literal) => {
        concat!(
            "sweep_failures = LEAST(sweep_failures, 99) + 1, sweep_after = ",
            $now,
            "::timestamptz + LEAST(interval '2 s' * 2 ^ LEAST(sweep_failures, 10), interval '30 min')"
        )
    };
}
pub(super) use put_off;

/// A hold could not be given up: it is left alone for a while, the longer the more often that was so.
pub(in crate::booking) async fn put_off_hold(
    sql: &Sql,
    booking: BookingId,
    now: Timestamp,
) -> Result<u64, DbError> {
    const SQL: &str = concat!("UPDATE bookings SET ", put_off!("$2"), " WHERE id = $1 AND status = 'held'");
    sql.execute(SQL, &[&booking.uuid(), &now]).await
}

/// Freezes a user's unpaid hold for a payment, if it is one and its deadline has not passed; returns what it costs.
pub(in crate::booking) async fn freeze(
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
pub(in crate::booking) async fn thaw(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    sql.execute(
        "UPDATE bookings SET paying = false, version = version + 1 WHERE id = $1 AND paying",
        &[&booking.uuid()],
    )
    .await?;
    Ok(())
}

/// A confirmed booking whose trip should be over.
pub(in crate::booking) struct Arrived {
    pub(in crate::booking) id: BookingId,
    pub(in crate::booking) user: UserId,
    pub(in crate::booking) starts_at: Timestamp,
}

/// Locks up to `limit` of them.
pub(in crate::booking) async fn lock_arrived(
    sql: &Sql,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Arrived>, DbError> {
    let rows = sql
        .query(
            "SELECT id, user_id, trip_starts_at FROM bookings WHERE status = 'confirmed' AND trip_ends_at <= $1
             ORDER BY trip_ends_at LIMIT $2 FOR UPDATE SKIP LOCKED",
            &[&now, &limit],
        )
        .await?;
    let arrived = |row: &Row| Arrived {
        id: BookingId::from_uuid(row.get(0)),
        user: UserId::from_uuid(row.get(1)),
        starts_at: row.get(2),
    };
    Ok(rows.iter().map(arrived).collect())
}

/// The flights that somebody of these bookings flies, has flown, or has missed: one that is cancelled after all was missed by nobody.
pub(in crate::booking) async fn live_legs(
    sql: &Sql,
    bookings: &[BookingId],
) -> Result<Vec<(BookingId, FlightId)>, DbError> {
    let bookings: Vec<Uuid> = bookings.iter().map(|booking| booking.uuid()).collect();
    let rows = sql
        .query(
            "SELECT DISTINCT s.booking_id, s.flight_id FROM booking_segments s
                 JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
             WHERE s.booking_id = ANY($1) AND c.status IN ('open', 'checked_in', 'boarded', 'flown', 'no_show')",
            &[&bookings],
        )
        .await?;
    let leg = |row: &Row| (BookingId::from_uuid(row.get(0)), FlightId::from_uuid(row.get(1)));
    Ok(rows.iter().map(leg).collect())
}

/// Completes bookings that are locked.
pub(in crate::booking) async fn complete(sql: &Sql, bookings: &[BookingId]) -> Result<(), DbError> {
    let bookings: Vec<Uuid> = bookings.iter().map(|booking| booking.uuid()).collect();
    sql.execute(
        "UPDATE bookings SET status = 'completed', version = version + 1 WHERE id = ANY($1)",
        &[&bookings],
    )
    .await?;
    Ok(())
}

/// Gives a live, unfrozen hold more time, once. `false`: it is none, or it had its extension.
pub(in crate::booking) async fn extend(
    sql: &Sql,
    booking: BookingId,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, DbError> {
    let extended = sql
        .execute(
            "UPDATE bookings SET hold_expires_at = $3, extended = true, version = version + 1
             WHERE id = $1 AND status = 'held' AND NOT paying AND NOT extended AND hold_expires_at > $2",
            &[&booking.uuid(), &now, &until],
        )
        .await?;
    Ok(extended == 1)
}
