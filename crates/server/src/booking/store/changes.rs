//! Tickets exchanged for others.

use domain::sold::SoldFare;
use jiff::Timestamp;
use kernel::BookingId;
use platform::db::{DbError, Sql};
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::insert::FareRow;
use super::{SegmentRow, SliceRow};

/// What a change was agreed to be; kept with its order until it is paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::booking) struct Change {
    /// Passenger and segment of each coupon that is exchanged.
    pub(in crate::booking) coupons: Vec<(i16, i16)>,
    /// The fares that are exchanged.
    pub(in crate::booking) old: Vec<SoldFare>,
    pub(in crate::booking) slices: Vec<SliceRow>,
    pub(in crate::booking) segments: Vec<SegmentRow>,
    pub(in crate::booking) fares: Vec<SoldFare>,
    /// Seats on each new segment.
    pub(in crate::booking) seats: u8,
    /// Kept for the change, minor units.
    pub(in crate::booking) fee: i64,
    /// Of the old fares' value that the new ones do not need, what does not come back, minor units.
    #[serde(default)]
    pub(in crate::booking) kept: i64,
}

impl Change {
    /// What the new tickets cost more than the old ones did; negative if less.
    pub(in crate::booking) fn difference(&self) -> i64 {
        let sum = |fares: &[SoldFare]| fares.iter().map(SoldFare::total).sum::<i64>();
        sum(&self.fares) - sum(&self.old)
    }

    /// What is to be paid: the difference, the fee, and what is kept of the old fares; negative if something comes back.
    pub(in crate::booking) fn due(&self) -> i64 {
        self.difference() + self.fee + self.kept
    }

    /// What of the new fares never comes back by the traveller's choice, because it was carried over: hundredths of minor
    /// units.
    pub(in crate::booking) fn bound(&self) -> i64 {
        let parts = self.fares.iter().flat_map(|fare| &fare.carried);
        parts.map(|part| part.amount * (100 - i64::from(part.percent))).sum()
    }
}

/// Marks live coupons as exchanged; the number of coupons.
pub(in crate::booking) async fn exchange(
    sql: &Sql,
    booking: BookingId,
    coupons: &[(i16, i16)],
) -> Result<u64, DbError> {
    let (passengers, segments): (Vec<i16>, Vec<i16>) = coupons.iter().copied().unzip();
    sql.execute(
        "UPDATE ticket_coupons c SET status = 'exchanged'
         FROM unnest($2::smallint[], $3::smallint[]) AS old (passenger_no, segment_no)
         WHERE c.booking_id = $1 AND c.passenger_no = old.passenger_no AND c.segment_no = old.segment_no
           AND c.status = 'open'",
        &[&booking.uuid(), &passengers, &segments],
    )
    .await
}

/// Adds the new slices, segments and fares.
pub(in crate::booking) async fn insert_change(
    sql: &Sql,
    booking: BookingId,
    change: &Change,
) -> Result<(), DbError> {
    let Change { slices, segments, fares, .. } = change;
    let numbers: Vec<i16> = segments.iter().map(|segment| segment.number).collect();
    let flights: Vec<Uuid> = segments.iter().map(|segment| segment.flight.uuid()).collect();
    let cabins: Vec<i16> = segments.iter().filter_map(|s| i16::try_from(s.cabin.index()).ok()).collect();
    let ranks: Vec<i16> = segments.iter().map(|segment| segment.class_rank.into()).collect();
    let filed: Vec<i32> = segments.iter().filter_map(|s| i32::try_from(s.filed_fare).ok()).collect();
    let shares: Vec<i64> = segments.iter().map(|segment| segment.price).collect();
    let of_slices: Vec<i16> = segments.iter().map(|segment| segment.slice).collect();
    let (departures, arrivals): (Vec<Timestamp>, Vec<Timestamp>) =
        segments.iter().map(|segment| segment.sold).unzip();
    let fares: Vec<FareRow<'_>> = fares.iter().map(FareRow::from).collect();
    sql.execute(
        "WITH segments AS (
             INSERT INTO booking_segments (booking_id, segment_no, flight_id, cabin, class_rank, filed_fare, price,
                                           slice_no, departs_at, arrives_at)
             SELECT $1, s.* FROM unnest($2::smallint[], $3::uuid[], $4::smallint[], $5::smallint[], $6::integer[],
                                        $7::bigint[], $8::smallint[], $9::timestamptz[], $10::timestamptz[]) AS s),
         slices AS (
             INSERT INTO booking_slices (booking_id, slice_no, fare_family, family_name, cabin, conditions, included, adult,
                                         child, infant, price)
             SELECT $1, s.* FROM jsonb_to_recordset($11) AS s (slice_no smallint, fare_family text, family_name text,
                 cabin smallint, conditions jsonb, included jsonb, adult bigint, child bigint, infant bigint, price bigint))
         INSERT INTO booking_fares (booking_id, passenger_no, slice_no, base, discount, taxes, carried)
         SELECT $1, f.* FROM jsonb_to_recordset($12)
             AS f (passenger_no smallint, slice_no smallint, base bigint, discount bigint, taxes jsonb, carried jsonb)",
        &[
            &booking.uuid(),
            &numbers,
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
        ],
    )
    .await?;
    Ok(())
}

/// Issues the next ticket of each passenger, with a coupon for each of these segments.
pub(in crate::booking) async fn issue_next_tickets(
    sql: &Sql,
    booking: BookingId,
    numbers: &[(i16, String)],
    segments: &[i16],
    now: Timestamp,
) -> Result<(), DbError> {
    let passengers: Vec<i16> = numbers.iter().map(|(passenger, _)| *passenger).collect();
    let tickets: Vec<&str> = numbers.iter().map(|(_, ticket)| ticket.as_str()).collect();
    sql.execute(
        "WITH issued AS (
             INSERT INTO tickets (booking_id, passenger_no, issue_no, number, issued_at)
             SELECT $1, n.passenger_no,
                    1 + (SELECT max(t.issue_no) FROM tickets t WHERE t.booking_id = $1 AND t.passenger_no = n.passenger_no),
                    n.number, $4
             FROM unnest($2::smallint[], $3::text[]) AS n (passenger_no, number)
             RETURNING booking_id, passenger_no, issue_no)
         INSERT INTO ticket_coupons (booking_id, passenger_no, issue_no, segment_no, status)
         SELECT issued.booking_id, issued.passenger_no, issued.issue_no, segment_no, 'open'
         FROM issued, unnest($5::smallint[]) AS segment_no",
        &[&booking.uuid(), &passengers, &tickets, &now, &segments],
    )
    .await?;
    Ok(())
}
