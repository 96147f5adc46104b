//! A booking as far as seats and extras are concerned.

use std::collections::HashMap;

use kernel::{BookingId, UserId};
use platform::db::Sql;
use platform::http::Problem;

use super::store::{self, CouponRow, PassengerRow, SegmentRow};
use super::view::{PassengerDetails, details_place};
use crate::app::App;
use crate::extras::api::{BookingFacts, PassengerFacts, SegmentFacts};
use crate::identity;

/// What extras need to know of a user's booking.
pub async fn facts_for_extras(
    app: &App,
    sql: &Sql,
    id: BookingId,
    user: UserId,
) -> Result<BookingFacts, Problem> {
    let booking = store::find(sql, id, user).await?.ok_or_else(Problem::not_found)?;
    let user_key = identity::api::user_key(sql, &app.sealer, user).await?;
    let (waived, passengers, slices, segments, coupons) = tokio::try_join!(
        store::waived_of_orders(sql, id),
        store::passengers(sql, id),
        store::slices(sql, id),
        store::segments(sql, id),
        store::coupons(sql, id),
    )?;
    let passenger = |row: PassengerRow| {
        let opened = app.sealer.open(&user_key, details_place(id, row.number), &row.details_sealed)?;
        let details: PassengerDetails = serde_json::from_slice(&opened).map_err(Problem::internal)?;
        Ok(PassengerFacts { number: row.number, kind: row.kind, born_on: details.born_on })
    };
    let included: HashMap<i16, _> =
        slices.into_iter().map(|slice| (slice.slice_no, slice.included)).collect();
    let segment = |row: SegmentRow| {
        let no_slice = || Problem::internal(anyhow::anyhow!("no slice of segment {} of {id}", row.number));
        // Before the booking is confirmed there are no coupons and everybody flies; then a live coupon says who does.
        let flies = |passenger: i16| {
            let own = |coupon: &CouponRow| {
                (coupon.passenger_no, coupon.segment_no) == (passenger, row.number) && coupon.is_live()
            };
            coupons.is_empty() || coupons.iter().any(own)
        };
        let everybody = passengers.iter().map(|passenger| passenger.number);
        Ok(SegmentFacts {
            number: row.number,
            slice: row.slice,
            flight: row.flight,
            cabin: row.cabin,
            included: *included.get(&row.slice).ok_or_else(no_slice)?,
            gone: everybody.filter(|passenger| !flies(*passenger)).collect(),
        })
    };
    let segments: Vec<SegmentFacts> = segments.into_iter().map(segment).collect::<Result<_, Problem>>()?;
    Ok(BookingFacts {
        booking: id,
        currency: booking.total.currency,
        waived,
        passengers: passengers.into_iter().map(passenger).collect::<Result<_, Problem>>()?,
        segments,
    })
}
