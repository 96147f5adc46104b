//! What the gateway would refuse as too small is waived: nobody could pay it. It comes off what was sold, so that what was paid,
//! what the ledger has and what can come back later stay the same thing (docs/money.md).

use domain::promotions::DiscountLine;
use jiff::Timestamp;
use kernel::{BookingId, Money};
use platform::db::{DbError, Sql, Tx};
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, BookingRow, WaivedExtra, WaivedFare, WaiverRow};
use crate::app::App;
use crate::extras::api as extras;
use crate::payments::api as payments;

/// What was not charged because it was less than can be charged.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedWaiver)]
pub(super) struct WaiverView {
    /// Of which order; 0 is the booking itself.
    #[schema(example = 0)]
    pub(super) order: i16,
    /// What it would have cost more.
    pub(super) amount: Money,
    /// How much of that is in the discounts of `fares`; the rest is off taxes and extras.
    pub(super) off_fares: Money,
    #[schema(value_type = String, format = DateTime)]
    pub(super) waived_at: Timestamp,
}

impl WaiverView {
    pub(super) fn of(row: &WaiverRow) -> Self {
        let off_fares = row.fares.iter().map(|fare| fare.base).sum();
        Self {
            order: row.order_no,
            off_fares: Money::new(off_fares, row.amount.currency),
            amount: row.amount,
            waived_at: row.waived_at,
        }
    }
}

/// Whether what is due for something more in a booking is waived, as [`payments::is_waived`] says it.
pub(super) async fn is_waived(app: &App, sql: &Sql, booking: BookingId, due: Money) -> Result<bool, Problem> {
    let before = store::waived_of_orders(sql, booking).await?;
    payments::is_waived(app, due, before)
}

/// Makes a hold that is being confirmed cost nothing. Without a price there is no tax on it either: what the traveller does not pay
/// never comes back.
pub(super) async fn of_hold(tx: &Tx, booking: &BookingRow, now: Timestamp) -> Result<(), DbError> {
    let id = booking.id;
    let fares = store::fares(tx, id).await?;
    let fares = fares.iter().map(|fare| WaivedFare {
        passenger_no: fare.passenger_no,
        slice_no: fare.slice_no,
        base: fare.net(),
        taxes: fare.taxed(),
    });
    let fares = fares.filter(|fare| fare.base + fare.taxes > 0).collect();
    let extras = if booking.has_extras { extras::waive(tx, id, 0).await? } else { Vec::new() };
    store::waive_hold(tx, id).await?;
    record(tx, id, (0, booking.total), fares, extras, now).await
}

/// The new fares of a change cost so much less.
pub(super) async fn of_change(
    tx: &Tx,
    booking: BookingId,
    (order_no, amount): (i16, Money),
    lines: &[DiscountLine],
    now: Timestamp,
) -> Result<(), DbError> {
    let fare = |line: &DiscountLine| WaivedFare {
        passenger_no: line.passenger_no,
        slice_no: line.slice_no,
        base: line.amount,
        taxes: 0,
    };
    record(tx, booking, (order_no, amount), lines.iter().map(fare).collect(), Vec::new(), now).await
}

/// What is reserved for an order costs nothing; the numbers of the extras with what is off each.
pub(super) async fn of_extras(
    tx: &Tx,
    booking: BookingId,
    (order_no, amount): (i16, Money),
    extras: Vec<(i16, i64)>,
    now: Timestamp,
) -> Result<(), DbError> {
    record(tx, booking, (order_no, amount), Vec::new(), extras, now).await
}

async fn record(
    tx: &Tx,
    booking: BookingId,
    (order_no, amount): (i16, Money),
    fares: Vec<WaivedFare>,
    extras: Vec<(i16, i64)>,
    now: Timestamp,
) -> Result<(), DbError> {
    let extras: Vec<WaivedExtra> =
        extras.into_iter().map(|(extra_no, amount)| WaivedExtra { extra_no, amount }).collect();
    let off_fares: i64 = fares.iter().map(|fare| fare.base + fare.taxes).sum();
    let off_extras: i64 = extras.iter().map(|extra| extra.amount).sum();
    if off_fares + off_extras != amount.amount {
        return Err(DbError::Inconsistent(format!("a waiver of {amount} for {booking} does not add up")));
    }
    store::insert_waiver(tx, booking, &WaiverRow { order_no, amount, fares, extras, waived_at: now }).await?;
    metrics::counter!("payments_waived_total").increment(1);
    tracing::info!(booking.id = %booking, order = order_no, %amount, "too little to charge; waived");
    Ok(())
}
