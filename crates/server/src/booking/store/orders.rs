//! What is bought for a confirmed booking.

use jiff::Timestamp;
use kernel::{BookingId, Money};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{money, odd};

/// What an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::booking) enum OrderKind {
    /// Other flights.
    Change,
    /// Seats, baggage and other extras.
    Extras,
}

impl OrderKind {
    pub(in crate::booking) const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Extras => "extras",
        }
    }
}

/// A row of `booking_orders`.
#[derive(Clone, Debug)]
pub(in crate::booking) struct OrderRow {
    pub(in crate::booking) order_no: i16,
    /// What the ledger calls it.
    pub(in crate::booking) id: Uuid,
    pub(in crate::booking) kind: OrderKind,
    /// open, paid, expired or cancelled.
    pub(in crate::booking) status: String,
    pub(in crate::booking) amount: Money,
    pub(in crate::booking) expires_at: Timestamp,
    pub(in crate::booking) paying: bool,
    pub(in crate::booking) terms: Option<serde_json::Value>,
}

macro_rules! order_columns {
    () => {
        "o.order_no, o.kind, o.status, o.amount, o.currency, o.expires_at, o.paying, o.terms, o.id"
    };
}

fn order_row(row: &Row) -> Result<OrderRow, DbError> {
    let kind: &str = row.get(1);
    Ok(OrderRow {
        order_no: row.get(0),
        kind: match kind {
            "change" => OrderKind::Change,
            "extras" => OrderKind::Extras,
            other => return Err(odd("kind of an order", &other)),
        },
        status: row.get(2),
        amount: money(row, 3)?,
        expires_at: row.get(5),
        paying: row.get(6),
        terms: row.get(7),
        id: row.get(8),
    })
}

/// Opens an order under the next number, whatever number the row has; the caller has locked the booking. `None`: another one
/// is open.
pub(in crate::booking) async fn open_order(
    sql: &Sql,
    booking: BookingId,
    order: &OrderRow,
    now: Timestamp,
) -> Result<Option<i16>, DbError> {
    let row = sql
        .query_opt(
            "INSERT INTO booking_orders (booking_id, order_no, id, kind, status, amount, currency, expires_at, terms, created_at)
             SELECT $1, 1 + COALESCE((SELECT max(order_no) FROM booking_orders WHERE booking_id = $1), 0), $2, $3, 'open',
                    $4, $5, $6, $7, $8
             ON CONFLICT DO NOTHING RETURNING order_no",
            &[
                &booking.uuid(),
                &order.id,
                &order.kind.as_str(),
                &order.amount.amount,
                &order.amount.currency.as_str(),
                &order.expires_at,
                &order.terms,
                &now,
            ],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

/// What an open order costs, once that is known or when it has changed.
pub(in crate::booking) async fn price_order(
    sql: &Sql,
    booking: BookingId,
    order: i16,
    amount: i64,
) -> Result<(), DbError> {
    let priced = sql
        .execute(
            "UPDATE booking_orders SET amount = $3 WHERE booking_id = $1 AND order_no = $2 AND status = 'open' AND NOT paying",
            &[&booking.uuid(), &order, &amount],
        )
        .await?;
    if priced == 1 { Ok(()) } else { Err(odd("no open order", &order)) }
}

/// The orders of a booking, oldest first.
pub(in crate::booking) async fn orders(sql: &Sql, booking: BookingId) -> Result<Vec<OrderRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        order_columns!(),
        " FROM booking_orders o WHERE o.booking_id = $1 ORDER BY o.order_no"
    );
    sql.query(SQL, &[&booking.uuid()]).await?.iter().map(order_row).collect()
}

/// Freezes the open order of a booking for a payment, if its deadline has not passed.
pub(in crate::booking) async fn freeze_order(
    sql: &Sql,
    booking: BookingId,
    now: Timestamp,
) -> Result<Option<OrderRow>, DbError> {
    const SQL: &str = concat!(
        "UPDATE booking_orders o SET paying = true
         WHERE o.booking_id = $1 AND o.status = 'open' AND NOT o.paying AND o.expires_at > $2 RETURNING ",
        order_columns!()
    );
    sql.query_opt(SQL, &[&booking.uuid(), &now]).await?.as_ref().map(order_row).transpose()
}

/// Lets a frozen order run again towards its deadline.
pub(in crate::booking) async fn thaw_order(sql: &Sql, booking: BookingId, order: i16) -> Result<(), DbError> {
    sql.execute(
        "UPDATE booking_orders SET paying = false WHERE booking_id = $1 AND order_no = $2 AND paying",
        &[&booking.uuid(), &order],
    )
    .await?;
    Ok(())
}

/// Closes an open order as `paid`, `expired` or `cancelled`; `None` if it is not open.
pub(in crate::booking) async fn close_order(
    sql: &Sql,
    booking: BookingId,
    order: i16,
    status: &str,
    now: Timestamp,
) -> Result<Option<OrderRow>, DbError> {
    const SQL: &str = concat!(
        "UPDATE booking_orders o SET status = $3, paying = false, closed_at = $4
         WHERE o.booking_id = $1 AND o.order_no = $2 AND o.status = 'open' RETURNING ",
        order_columns!()
    );
    let row = sql.query_opt(SQL, &[&booking.uuid(), &order, &status, &now]).await?;
    row.as_ref().map(order_row).transpose()
}

/// An order past its deadline.
#[derive(Clone, Copy, Debug)]
pub(in crate::booking) struct DueOrder {
    pub(in crate::booking) booking: BookingId,
    pub(in crate::booking) order: i16,
    pub(in crate::booking) expired_at: Timestamp,
}

/// Orders past their deadline, the longest past first, from the one behind `after` on: an unpaid one past its own, or one whose
/// payment has been open since before `frozen_before`.
pub(in crate::booking) async fn due_orders(
    sql: &Sql,
    now: Timestamp,
    frozen_before: Timestamp,
    after: Option<DueOrder>,
    limit: i64,
) -> Result<Vec<DueOrder>, DbError> {
    let (past, booking) = after.map(|due| (due.expired_at, due.booking.uuid())).unzip();
    let rows = sql
        .query(
            "SELECT booking_id, order_no, expires_at FROM booking_orders
             WHERE status = 'open' AND expires_at <= CASE WHEN paying THEN $2 ELSE $1::timestamptz END AND expires_at <= $1
               AND ($3::timestamptz IS NULL OR (expires_at, booking_id) > ($3, $4::uuid))
               AND (sweep_after IS NULL OR sweep_after <= $1)
             ORDER BY expires_at, booking_id LIMIT $5",
            &[&now, &frozen_before, &past, &booking, &limit],
        )
        .await?;
    let due = |row: &Row| DueOrder {
        booking: BookingId::from_uuid(row.get(0)),
        order: row.get(1),
        expired_at: row.get(2),
    };
    Ok(rows.iter().map(due).collect())
}

/// An order could not be given up: it is left alone for a while, as holds are.
pub(in crate::booking) async fn put_off_order(
    sql: &Sql,
    due: DueOrder,
    now: Timestamp,
) -> Result<u64, DbError> {
    const SQL: &str = concat!(
        "UPDATE booking_orders SET ",
        super::moves::put_off!("$3"),
        " WHERE booking_id = $1 AND order_no = $2 AND status = 'open'"
    );
    sql.execute(SQL, &[&due.booking.uuid(), &due.order, &now]).await
}
