//! What promotion codes take off a hold.

use domain::promotions::DiscountLine;
use kernel::{BookingId, UserId};
use platform::db::{DbError, Sql};

/// Makes the discounts of a hold's fares the sums of these lines, and its price, those of its passengers and slices, what
/// follows; `extras_less` is by how much its extras cost less. `false`: it is not a hold whose price may change.
pub(in crate::booking) async fn set_discounts(
    sql: &Sql,
    booking: BookingId,
    lines: &[DiscountLine],
    extras_less: i64,
) -> Result<bool, DbError> {
    let passengers: Vec<i16> = lines.iter().map(|line| line.passenger_no).collect();
    let slices: Vec<i16> = lines.iter().map(|line| line.slice_no).collect();
    let amounts: Vec<i64> = lines.iter().map(|line| line.amount).collect();
    let set = sql
        .execute(
            "WITH wanted AS (
                 SELECT passenger_no, slice_no, sum(amount)::bigint AS discount
                 FROM unnest($2::smallint[], $3::smallint[], $4::bigint[]) AS line (passenger_no, slice_no, amount)
                 GROUP BY passenger_no, slice_no),
             changed AS (
                 SELECT f.passenger_no, f.slice_no, COALESCE(w.discount, 0) AS discount,
                        COALESCE(w.discount, 0) - f.discount AS more
                 FROM booking_fares f LEFT JOIN wanted w USING (passenger_no, slice_no) WHERE f.booking_id = $1),
             fares AS (
                 UPDATE booking_fares f SET discount = c.discount FROM changed c
                 WHERE f.booking_id = $1 AND f.passenger_no = c.passenger_no AND f.slice_no = c.slice_no AND c.more <> 0),
             passengers AS (
                 UPDATE booking_passengers p SET price = p.price - c.more
                 FROM (SELECT passenger_no, sum(more)::bigint AS more FROM changed GROUP BY passenger_no) AS c
                 WHERE p.booking_id = $1 AND p.passenger_no = c.passenger_no AND c.more <> 0),
             slices AS (
                 UPDATE booking_slices s SET price = s.price - c.more
                 FROM (SELECT slice_no, sum(more)::bigint AS more FROM changed GROUP BY slice_no) AS c
                 WHERE s.booking_id = $1 AND s.slice_no = c.slice_no AND c.more <> 0)
             UPDATE bookings SET total = total - (SELECT COALESCE(sum(more), 0)::bigint FROM changed) - $5, version = version + 1
             WHERE id = $1 AND status = 'held' AND NOT paying",
            &[&booking.uuid(), &passengers, &slices, &amounts, &extras_less],
        )
        .await?;
    Ok(set == 1)
}

/// Whether a user has ever had a confirmed booking, whatever became of it.
pub(in crate::booking) async fn has_been_confirmed(sql: &Sql, user: UserId) -> Result<bool, DbError> {
    let row = sql
        .query_opt(
            "SELECT 1 FROM user_bookings u JOIN bookings b ON b.id = u.booking_id
             WHERE u.user_id = $1 AND b.confirmed_at IS NOT NULL LIMIT 1",
            &[&user.uuid()],
        )
        .await?;
    Ok(row.is_some())
}
