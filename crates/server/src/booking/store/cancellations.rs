//! Coupons, and tickets given back.

use std::collections::BTreeSet;

use domain::coupon::CouponStatus;
use jiff::Timestamp;
use kernel::{BookingId, Money};
use platform::db::{DbError, Sql};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{money, odd};

/// A row of `ticket_coupons`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::booking) struct CouponRow {
    pub(in crate::booking) passenger_no: i16,
    pub(in crate::booking) segment_no: i16,
    pub(in crate::booking) status: String,
    /// The ticket it is part of, thirteen digits.
    pub(in crate::booking) ticket: String,
}

impl CouponRow {
    /// Whether its passenger can still fly on it.
    pub(in crate::booking) fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "open" | "checked_in")
    }

    /// Whether nobody has flown on it nor is on board, and it was not given back: its passenger can still fly on it, or did not come.
    pub(in crate::booking) fn is_unflown(&self) -> bool {
        self.is_live() || self.status == "no_show"
    }

    /// Whether its passenger is on board, or was.
    pub(in crate::booking) fn is_used(&self) -> bool {
        matches!(self.status.as_str(), "boarded" | "flown")
    }

    /// Whether its passenger flies on it, on board already or not.
    pub(in crate::booking) fn flies(&self) -> bool {
        self.is_live() || self.status == "boarded"
    }

    /// Whether it was given back, or another took its place.
    pub(in crate::booking) fn is_gone(&self) -> bool {
        matches!(self.status.as_str(), "refunded" | "exchanged" | "void")
    }
}

/// A row of `cancellations`.
#[derive(Clone, Debug)]
pub(in crate::booking) struct CancellationRow {
    pub(in crate::booking) id: Uuid,
    /// `traveller` or `airline`.
    pub(in crate::booking) cause: String,
    pub(in crate::booking) passengers: Vec<i16>,
    pub(in crate::booking) slices: Vec<i16>,
    pub(in crate::booking) refund: Money,
    pub(in crate::booking) kept: i64,
    pub(in crate::booking) lines: Value,
    pub(in crate::booking) created_at: Timestamp,
}

/// The coupons of a booking; none before it is confirmed.
pub(in crate::booking) async fn coupons(sql: &Sql, booking: BookingId) -> Result<Vec<CouponRow>, DbError> {
    let rows = sql
        .query(
            "SELECT c.passenger_no, c.segment_no, c.status, t.number
             FROM ticket_coupons c JOIN tickets t USING (booking_id, passenger_no, issue_no)
             WHERE c.booking_id = $1 ORDER BY c.passenger_no, c.segment_no",
            &[&booking.uuid()],
        )
        .await?;
    let coupon = |row: &Row| CouponRow {
        passenger_no: row.get(0),
        segment_no: row.get(1),
        status: row.get(2),
        ticket: row.get(3),
    };
    Ok(rows.iter().map(coupon).collect())
}

/// Moves the coupons of these passengers on a segment from one state to another; the number of coupons.
pub(in crate::booking) async fn move_coupons(
    sql: &Sql,
    booking: BookingId,
    (segment, passengers): (i16, &BTreeSet<i16>),
    (from, to): (CouponStatus, CouponStatus),
) -> Result<u64, DbError> {
    if !from.may_become(to) {
        return Err(odd("no such edge of a coupon", &(from, to)));
    }
    let passengers: Vec<i16> = passengers.iter().copied().collect();
    sql.execute(
        "UPDATE ticket_coupons SET status = $5
         WHERE booking_id = $1 AND segment_no = $2 AND passenger_no = ANY($3) AND status = $4",
        &[&booking.uuid(), &segment, &passengers, &from.as_str(), &to.as_str()],
    )
    .await
}

/// Marks coupons of these passengers on these segments as refunded, none of which was flown; the number of coupons.
pub(in crate::booking) async fn give_back(
    sql: &Sql,
    booking: BookingId,
    coupons: &[(i16, i16)],
) -> Result<u64, DbError> {
    let (passengers, segments): (Vec<i16>, Vec<i16>) = coupons.iter().copied().unzip();
    sql.execute(
        "UPDATE ticket_coupons c SET status = 'refunded'
         FROM unnest($2::smallint[], $3::smallint[]) AS back (passenger_no, segment_no)
         WHERE c.booking_id = $1 AND c.passenger_no = back.passenger_no AND c.segment_no = back.segment_no
           AND c.status IN ('open', 'checked_in', 'no_show')",
        &[&booking.uuid(), &passengers, &segments],
    )
    .await
}

pub(in crate::booking) async fn insert_cancellation(
    sql: &Sql,
    booking: BookingId,
    row: &CancellationRow,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO cancellations (booking_id, id, cause, passengers, slices, refund, kept, currency, lines, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &booking.uuid(),
            &row.id,
            &row.cause,
            &row.passengers,
            &row.slices,
            &row.refund.amount,
            &row.kept,
            &row.refund.currency.as_str(),
            &row.lines,
            &row.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// What was given back of a booking, oldest first.
pub(in crate::booking) async fn cancellations(
    sql: &Sql,
    booking: BookingId,
) -> Result<Vec<CancellationRow>, DbError> {
    let rows = sql
        .query(
            "SELECT id, cause, passengers, slices, refund, currency, kept, lines, created_at FROM cancellations
             WHERE booking_id = $1 ORDER BY id",
            &[&booking.uuid()],
        )
        .await?;
    let cancellation = |row: &Row| {
        Ok(CancellationRow {
            id: row.get(0),
            cause: row.get(1),
            passengers: row.get(2),
            slices: row.get(3),
            refund: money(row, 4)?,
            kept: row.get(6),
            lines: row.get(7),
            created_at: row.get(8),
        })
    };
    rows.iter().map(cancellation).collect()
}

/// What a booking costs after a part of it was given back, in the state it is in.
pub(in crate::booking) async fn keep_on(sql: &Sql, booking: BookingId, total: i64) -> Result<(), DbError> {
    sql.execute(
        "UPDATE bookings SET total = $2, version = version + 1 WHERE id = $1",
        &[&booking.uuid(), &total],
    )
    .await?;
    Ok(())
}

/// Seats or extras were chosen for a locked booking, which costs this much now.
pub(in crate::booking) async fn keep_extras(
    sql: &Sql,
    booking: BookingId,
    total: i64,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE bookings SET total = $2, has_extras = true, version = version + 1 WHERE id = $1",
        &[&booking.uuid(), &total],
    )
    .await?;
    Ok(())
}
