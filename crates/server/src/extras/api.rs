//! The door of the extras slice.

use domain::extras::{ExtraKind, ExtraStatus};
use domain::promotions::TripExtra;
use kernel::{BookingId, FlightId};
use platform::db::{DbError, Sql};

use super::store::{booked, catalogue};

pub use super::assign::{assign, issued_seats, live_seats, seats_to_assign};
pub use super::facts::{BookingFacts, PassengerFacts, SegmentFacts, closes_at};
pub use super::request::ExtrasRequest;
pub use super::reserve::{Reserved, reserve};
pub use super::settle::{PaidExtra, free_given, give_back, issue, paid_extras, release, remove, retake};
pub use super::store::booked::ExtraRow;
pub use super::view::ExtraView;

/// An extra of a booking.
pub async fn find(sql: &Sql, booking: BookingId, number: i16) -> Result<Option<ExtraRow>, DbError> {
    Ok(booked::extras_of(sql, booking).await?.into_iter().find(|row| row.number == number))
}

/// The flights of what is reserved for an order.
pub async fn flights_of(sql: &Sql, booking: BookingId, order_no: i16) -> Result<Vec<FlightId>, DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    let of_order =
        rows.into_iter().filter(|row| row.order_no == order_no && row.status == ExtraStatus::Reserved);
    Ok(of_order.flat_map(|row| row.flights).collect())
}

/// Whether an order has anything left that is not paid.
pub async fn has_reserved(sql: &Sql, booking: BookingId, order_no: i16) -> Result<bool, DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    Ok(rows.iter().any(|row| row.order_no == order_no && row.status == ExtraStatus::Reserved))
}

/// The extras of a booking as its owner sees them, oldest first.
pub async fn extras_of(sql: &Sql, booking: BookingId) -> Result<Vec<ExtraView>, DbError> {
    Ok(booked::extras_of(sql, booking).await?.into_iter().map(ExtraView::of).collect())
}

/// The extras of the catalogue that are reserved with an unpaid booking, as promotions see them.
pub async fn promotable(sql: &Sql, booking: BookingId) -> Result<Vec<TripExtra>, DbError> {
    let rows = booked::extras_of(sql, booking).await?.into_iter();
    let unpaid = rows.filter(|row| row.order_no == 0 && row.status == ExtraStatus::Reserved);
    // A seat has the name of its zone where others have the catalogue's code.
    let sold = unpaid.filter(|row| row.kind != ExtraKind::Seat).map(|row| TripExtra {
        number: row.number,
        slice_no: row.slice_no,
        code: row.code,
        unit_price: row.unit_price,
        price: row.price.amount,
    });
    Ok(sold.collect())
}

/// Makes what promotion codes took off the extras of an unpaid booking, which the caller has locked, these amounts by number; by
/// how much it costs less now, minor units.
pub async fn set_discounts(sql: &Sql, booking: BookingId, discounts: &[(i16, i64)]) -> Result<i64, DbError> {
    booked::set_discounts(sql, booking, discounts).await
}

/// Makes what is reserved for an order, which is too little to charge, cost nothing; the numbers of the extras with what is off each,
/// minor units. The caller has locked the booking.
pub async fn waive(sql: &Sql, booking: BookingId, order_no: i16) -> Result<Vec<(i16, i64)>, DbError> {
    booked::waive(sql, booking, order_no).await
}

/// Whether the catalogue has an extra of this code.
pub async fn is_sold(sql: &Sql, code: &str) -> Result<bool, DbError> {
    Ok(catalogue::extras(sql).await?.iter().any(|extra| extra.code == code))
}
