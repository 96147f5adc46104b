//! SQL on `booking_waivers`, and what a waiver takes off a hold.

use jiff::Timestamp;
use kernel::{BookingId, Money};
use platform::db::{DbError, Sql, json};
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::money;

/// What was not charged because it was too little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::booking) struct WaiverRow {
    /// 0 for the booking itself.
    pub(in crate::booking) order_no: i16,
    pub(in crate::booking) amount: Money,
    pub(in crate::booking) fares: Vec<WaivedFare>,
    pub(in crate::booking) extras: Vec<WaivedExtra>,
    pub(in crate::booking) waived_at: Timestamp,
}

/// What is off one passenger's fare of a slice, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::booking) struct WaivedFare {
    pub(in crate::booking) passenger_no: i16,
    pub(in crate::booking) slice_no: i16,
    /// Off the base: a discount of the fare.
    pub(in crate::booking) base: i64,
    /// Off taxes and charges: the traveller does not pay them.
    pub(in crate::booking) taxes: i64,
}

/// What is off an extra, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::booking) struct WaivedExtra {
    pub(in crate::booking) extra_no: i16,
    pub(in crate::booking) amount: i64,
}

/// Writes a waiver down; an order is waived once.
pub(in crate::booking) async fn insert_waiver(
    sql: &Sql,
    booking: BookingId,
    waiver: &WaiverRow,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO booking_waivers (booking_id, order_no, amount, currency, fares, extras, waived_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &booking.uuid(),
            &waiver.order_no,
            &waiver.amount.amount,
            &waiver.amount.currency.as_str(),
            &Json(&waiver.fares),
            &Json(&waiver.extras),
            &waiver.waived_at,
        ],
    )
    .await?;
    Ok(())
}

/// What was waived of a booking and its orders, by order.
pub(in crate::booking) async fn waivers(sql: &Sql, booking: BookingId) -> Result<Vec<WaiverRow>, DbError> {
    let rows = sql
        .query(
            "SELECT order_no, amount, currency, fares, extras, waived_at FROM booking_waivers
             WHERE booking_id = $1 ORDER BY order_no",
            &[&booking.uuid()],
        )
        .await?;
    let waiver = |row: &Row| {
        Ok(WaiverRow {
            order_no: row.get(0),
            amount: money(row, 1)?,
            fares: json(row, 3)?,
            extras: json(row, 4)?,
            waived_at: row.get(5),
        })
    };
    rows.iter().map(waiver).collect()
}

/// What was waived of a booking's orders, minor units: of what was bought or changed after it was confirmed.
pub(in crate::booking) async fn waived_of_orders(sql: &Sql, booking: BookingId) -> Result<i64, DbError> {
    let row = sql
        .query_one(
            "SELECT COALESCE(sum(amount), 0)::bigint FROM booking_waivers WHERE booking_id = $1 AND order_no > 0",
            &[&booking.uuid()],
        )
        .await?;
    Ok(row.get(0))
}

/// Makes a hold that is being confirmed cost nothing: its fares are all discount and without taxes. Its extras are the caller's.
pub(in crate::booking) async fn waive_hold(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    sql.execute(
        "WITH fares AS (
             UPDATE booking_fares f SET discount = f.base, taxes = (
                 SELECT COALESCE(jsonb_agg(jsonb_set(tax, '{amount}', '0') ORDER BY place), '[]'::jsonb)
                 FROM jsonb_array_elements(f.taxes) WITH ORDINALITY AS t (tax, place))
             WHERE f.booking_id = $1),
         passengers AS (UPDATE booking_passengers SET price = 0 WHERE booking_id = $1),
         slices AS (UPDATE booking_slices SET price = 0 WHERE booking_id = $1)
         UPDATE bookings SET total = 0, version = version + 1 WHERE id = $1",
        &[&booking.uuid()],
    )
    .await?;
    Ok(())
}
