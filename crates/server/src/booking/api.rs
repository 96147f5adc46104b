//! The door of the booking slice.

use std::collections::{BTreeMap, BTreeSet};

use domain::booking::BookingStatus;
use jiff::Timestamp;
use kernel::{BookingId, Cabin, Category, FlightId, Money, UserId};
use platform::db::{DbError, Sql, Tx};
use platform::http::Problem;

use super::confirm::confirm;
use super::{change, orders, store};
use crate::app::App;
use crate::check_in::api as check_in;
use crate::flights::api as flights;

pub use super::calendar::{ForMail, for_mail};
pub use super::check_in::{
    Travelling, TravellingPassenger, TravellingSegment, assign_seats, booking_of, free_given_seats,
    lock_travelling, move_coupons, not_checked_in, parties, seats_of, travelling, trip_ends,
};
pub use super::facts::facts_for_extras;
pub use super::jobs::jobs;
pub use super::on_flight::{
    Names, OnFlight, lock_at_gate, lock_coupons_at_gate, missed_on, names_of, people_on, stranded_on,
};
pub use super::orders::Due;
pub use super::personal::{ahead, all_of};
pub use super::receipt::{Paper, receipt_on_paper};
pub use super::record::{Record, RecordSegment, record};
pub use super::reprice::{PricedOffer, price_offer};
pub use super::travelling::{
    BookingOnFlight, Leg, Letterhead, SealedContact, Travel, letterhead, travellers_on, travelling_on,
    travels_of,
};

/// Freezes what a user has to pay for a booking, its hold or its open order, and says what it costs, or why it cannot be
/// paid. What a hold costs less than can be charged is not due: it is waived when the hold is confirmed.
pub async fn begin_payment(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    user: UserId,
    now: Timestamp,
) -> Result<Due, Problem> {
    if let Some(total) = store::freeze(sql, booking, user, now).await? {
        if has_cancelled_flight(sql, booking).await? {
            return Err(Problem::new(Category::Conflict, "flight_cancelled").actions(&["cancel", "search"]));
        }
        let charged = if app.config.gateway.is_too_small(total) { 0 } else { total.amount };
        return Ok(Due { order: 0, price: total, amount: Money::new(charged, total.currency) });
    }
    let row = store::lock(sql, booking, Some(user)).await?.ok_or_else(Problem::not_found)?;
    let conflict = |code| Problem::new(Category::Conflict, code);
    Err(match row.status {
        BookingStatus::Held if row.paying => conflict("payment_in_progress").retry_after(5),
        BookingStatus::Held | BookingStatus::Expired => conflict("hold_expired").actions(&["search"]),
        BookingStatus::Confirmed => return begin_order_payment(sql, &row, now).await,
        BookingStatus::Completed => conflict("already_paid").actions(&[]),
        BookingStatus::Cancelled => conflict("booking_closed").arg("status", "cancelled").actions(&[]),
    })
}

/// Freezes the open order of a locked, confirmed booking.
async fn begin_order_payment(sql: &Sql, booking: &store::BookingRow, now: Timestamp) -> Result<Due, Problem> {
    if let Some(order) = store::freeze_order(sql, booking.id, now).await? {
        if order.kind == store::OrderKind::Change && change::has_cancelled_flight(sql, &order).await? {
            let refused = Problem::new(Category::Conflict, "flight_cancelled");
            return Err(refused.actions(&["cancel_order", "search"]));
        }
        return Ok(Due { order: order.order_no, price: order.amount, amount: order.amount });
    }
    let conflict = |code| Problem::new(Category::Conflict, code);
    let orders = store::orders(sql, booking.id).await?;
    Err(match orders.iter().find(|order| order.status == "open") {
        Some(order) if order.paying => conflict("payment_in_progress").retry_after(5),
        Some(_) => conflict("hold_expired").actions(&["quote"]),
        None => conflict("already_paid").actions(booking.status.available_actions()),
    })
}

/// Whether the airline has cancelled a flight of the booking.
pub(super) async fn has_cancelled_flight(sql: &Sql, booking: BookingId) -> Result<bool, DbError> {
    let segments = store::segments(sql, booking).await?;
    let ids: Vec<FlightId> = segments.iter().map(|segment| segment.flight).collect();
    Ok(flights::flight_rows(sql, &ids).await?.iter().any(flights::FlightRow::is_cancelled))
}

/// Locks a booking before its payment is changed, so that everybody takes the two in the same order.
pub async fn lock(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    store::lock(sql, booking, None).await?;
    Ok(())
}

/// The payment came to nothing: the hold, or the order, runs again towards its deadline.
pub async fn payment_failed(sql: &Sql, booking: BookingId, order: i16) -> Result<(), DbError> {
    if order == 0 { store::thaw(sql, booking).await } else { store::thaw_order(sql, booking, order).await }
}

/// What was paid for becomes true: the booking is confirmed, or its order done. The caller has locked the booking. `false`: it
/// has `amount` for nothing and must send it back.
pub async fn paid(
    app: &App,
    tx: &Tx,
    booking: BookingId,
    (order, amount): (i16, Money),
    now: Timestamp,
) -> Result<bool, DbError> {
    if order == 0 {
        confirm(app, tx, booking, amount, now).await
    } else {
        Box::pin(orders::settle(app, tx, booking, order, now)).await
    }
}

/// The live bookings that somebody flies on the flight with.
pub async fn bookings_on(sql: &Sql, flight: FlightId) -> Result<BTreeSet<BookingId>, DbError> {
    Ok(store::legs_of_bookings_on(sql, flight).await?.iter().map(|(booking, _, _)| *booking).collect())
}

/// A flight has other times: the trips it is part of begin and end when their flights do. Returns whose trips followed.
pub async fn follow_retiming(sql: &Sql, flight: FlightId) -> Result<BTreeSet<BookingId>, DbError> {
    let legs = store::legs_of_bookings_on(sql, flight).await?;
    let flights: BTreeSet<FlightId> = legs.iter().map(|(_, _, flight)| *flight).collect();
    let rows = flights::flight_rows(sql, &flights.into_iter().collect::<Vec<_>>()).await?;
    let mut trips: BTreeMap<BookingId, (UserId, Timestamp, Timestamp)> = BTreeMap::new();
    for (booking, user, flight) in legs {
        let Some(row) = rows.iter().find(|row| row.id == flight) else { continue };
        let trip = trips.entry(booking).or_insert((user, row.departs_at, row.arrives_at));
        *trip = (user, trip.1.min(row.departs_at), trip.2.max(row.arrives_at));
    }
    for (booking, (user, starts, ends)) in &trips {
        store::set_trip_times(sql, *booking, *user, *starts, *ends).await?;
    }
    Ok(trips.into_keys().collect())
}

/// Parts of a booking were given back: the trip begins and ends with what is left of it, and passports are kept as long as that asks.
pub(super) async fn follow_coupons(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    user: UserId,
) -> Result<(), DbError> {
    let (segments, coupons) = tokio::try_join!(store::segments(sql, booking), store::coupons(sql, booking))?;
    let kept = |segment: &&store::SegmentRow| {
        coupons.iter().any(|coupon| coupon.segment_no == segment.number && !coupon.is_gone())
    };
    let ids: Vec<FlightId> = segments.iter().filter(kept).map(|segment| segment.flight).collect();
    let rows = flights::flight_rows(sql, &ids).await?;
    let starts = rows.iter().map(|row| row.departs_at).min();
    let ends = rows.iter().map(|row| row.arrives_at).max();
    if let Some((starts, ends)) = starts.zip(ends) {
        store::set_trip_times(sql, booking, user, starts, ends).await?;
        let flies = coupons.iter().filter(|coupon| !coupon.is_gone()).map(|coupon| coupon.passenger_no);
        check_in::keep_documents(app, sql, booking, ends, &flies.collect()).await?;
    }
    Ok(())
}

/// Whether a user has ever had a confirmed booking, whatever became of it.
pub async fn has_been_confirmed(sql: &Sql, user: UserId) -> Result<bool, DbError> {
    store::has_been_confirmed(sql, user).await
}

/// Whether anybody booked the flight, whatever became of the booking.
pub async fn has_segments_on(sql: &Sql, flight: FlightId) -> Result<bool, DbError> {
    store::has_segments_on(sql, flight).await
}

/// What somebody bought on a flight.
#[derive(Clone, Copy, Debug)]
pub struct Bought {
    /// The cabin.
    pub cabin: Cabin,
    /// The filed fare of one adult.
    pub fare: u32,
    /// Seats of those who still fly on it.
    pub seats: u8,
}

/// What a user bought on a flight with a booking that is confirmed and that somebody still flies on with it.
pub async fn bought(
    sql: &Sql,
    (booking, user): (BookingId, UserId),
    flight: FlightId,
) -> Result<Option<Bought>, DbError> {
    store::travelling::bought(sql, (booking, user), flight).await
}

/// Whose these bookings are, as far as there are such.
pub async fn owners(sql: &Sql, bookings: &[BookingId]) -> Result<BTreeMap<BookingId, UserId>, DbError> {
    Ok(store::owners(sql, bookings).await?.into_iter().collect())
}
