//! Orders: what is bought for a booking after it was confirmed. One is open at a time; it keeps what it reserved until its
//! deadline, paying freezes it as paying freezes a hold, and its payment is what makes it true. The booking is locked before
//! its orders, everywhere.

use axum::extract::State;
use domain::booking::BookingStatus;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Category, Money};
use platform::db::{DbError, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::jobs::row_failed;

use super::get::view_of;
use super::store::{self, DueOrder, OrderKind, OrderRow};
use super::view::BookingView;
use super::{change, events, extras};
use crate::access::Caller;
use crate::app::App;
use crate::events::api::record;

const BATCH: i64 = 100;

/// What a payment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// 0 for the booking itself.
    pub order: i16,
    /// What it costs, as the traveller was told.
    pub price: Money,
    /// What is charged of that: all, or nothing where it is too little.
    pub amount: Money,
}

/// Opens an order for a locked, confirmed booking. 409 `order_open` while another one waits to be paid.
pub(super) async fn open(
    app: &App,
    tx: &Tx,
    booking: BookingId,
    kind: OrderKind,
    amount: Money,
    terms: &impl serde::Serialize,
) -> Result<OrderRow, Problem> {
    let now = app.now();
    let row = OrderRow {
        order_no: 0,
        id: app.new_id(kernel::ids::uuid_v7),
        kind,
        status: "open".into(),
        amount,
        expires_at: now + SignedDuration::from_mins(app.config.booking.hold_minutes),
        paying: false,
        terms: Some(serde_json::to_value(terms).map_err(Problem::internal)?),
    };
    let opened = store::open_order(tx, booking, &row, now).await?;
    let order_no = opened.ok_or_else(order_open)?;
    Ok(OrderRow { order_no, ..row })
}

/// Refuses a booking that has an open order.
pub(super) async fn check_none_open(tx: &Tx, booking: BookingId) -> Result<(), Problem> {
    let open = store::orders(tx, booking).await?.iter().any(|order| order.status == "open");
    if open { Err(order_open()) } else { Ok(()) }
}

fn order_open() -> Problem {
    Problem::new(Category::Conflict, "order_open").actions(&["pay", "cancel_order"])
}

/// Does what a paid order is for. `false`: it is not open any more, or cannot be done any more, and its money must go back.
pub(super) async fn settle(
    app: &App,
    tx: &Tx,
    booking: BookingId,
    order: i16,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(booked) = store::lock(tx, booking, None).await? else { return Ok(false) };
    let orders = store::orders(tx, booking).await?;
    let Some(row) = orders.iter().find(|row| row.order_no == order && row.status == "open") else {
        return Ok(false);
    };
    let possible = booked.status == BookingStatus::Confirmed
        && match row.kind {
            OrderKind::Change => change::is_possible(app, tx, booking, row, now).await?,
            OrderKind::Extras => extras::is_possible(tx, booking, row, now).await?,
        };
    if !possible {
        give_up(app, tx, booking, order, "expired").await?;
        return Ok(false);
    }
    store::close_order(tx, booking, order, "paid", now).await?;
    match row.kind {
        OrderKind::Change => change::perform(app, tx, &booked, row, now).await?,
        OrderKind::Extras => extras::perform(app, tx, &booked, row, now).await?,
    }
    tracing::info!(booking.id = %booking, order, kind = row.kind.as_str(), "order done");
    Ok(true)
}

/// Closes an open order unpaid and gives back what it reserved.
async fn give_up(app: &App, tx: &Tx, booking: BookingId, order: i16, status: &str) -> Result<bool, DbError> {
    let Some(row) = store::close_order(tx, booking, order, status, app.now()).await? else {
        return Ok(false);
    };
    match row.kind {
        OrderKind::Change => change::give_up(tx, &row).await?,
        OrderKind::Extras => crate::extras::api::release(app, tx, booking, row.order_no).await?,
    }
    record(tx, app.random, app.now(), &events::order_given_up(booking, &row)).await?;
    tracing::info!(booking.id = %booking, order, status, "order given up");
    Ok(true)
}

/// Tells that an order waits to be paid, once it has kept what it is for and its price is known.
pub(super) async fn tell_opened(app: &App, tx: &Tx, booking: BookingId, order: i16) -> Result<(), DbError> {
    let orders = store::orders(tx, booking).await?;
    let Some(row) = orders.iter().find(|row| row.order_no == order && row.status == "open") else {
        return Err(DbError::Inconsistent(format!("no open order {order} of {booking}")));
    };
    record(tx, app.random, app.now(), &events::order_opened(booking, row)).await
}

/// Gives up the open order of a locked booking, unless it is being paid: then `false`.
pub(super) async fn give_up_unpaid(app: &App, tx: &Tx, booking: BookingId) -> Result<bool, DbError> {
    let orders = store::orders(tx, booking).await?;
    let Some(open) = orders.iter().find(|order| order.status == "open") else { return Ok(true) };
    Ok(!open.paying && give_up(app, tx, booking, open.order_no, "cancelled").await?)
}

/// Give up an order that is not paid yet: what it reserved goes back, and the booking stays as it was.
#[utoipa::path(delete, path = "/bookings/{id}/orders/{order}", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("order" = i16, Path, description = "The order's number in the booking", example = 1)),
    responses((status = 200, description = "The booking without the order", body = BookingView),
        (status = 409, description = "`payment_in_progress`")))]
pub(super) async fn cancel_order(
    State(app): State<App>,
    caller: Caller,
    Path((id, order)): Path<(BookingId, i16)>,
) -> Outcome<Json<BookingView>> {
    let tx = app.db.begin().await?;
    let booking = store::lock(&tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    let orders = store::orders(&tx, booking.id).await?;
    let row = orders.iter().find(|row| row.order_no == order).ok_or_else(Problem::not_found)?;
    if row.paying {
        return Err(Problem::new(Category::Conflict, "payment_in_progress").retry_after(5));
    }
    if row.status == "paid" {
        return Err(Problem::new(Category::Conflict, "already_paid").actions(&["cancel"]));
    }
    give_up(&app, &tx, id, order, "cancelled").await?;
    tx.commit().await?;
    Ok(Json(view_of(&app, caller, id).await?))
}

/// Gives up a batch of orders past their deadline, one transaction each. Those that fail are passed over, and when a whole batch
/// did, the one behind it has its turn.
pub(super) async fn expire(app: App) -> anyhow::Result<u64> {
    let (now, mut after) = (app.now(), None);
    let frozen = now - SignedDuration::from_mins(app.config.booking.frozen_minutes);
    loop {
        let due = store::due_orders(&app.db.read().await?, now, frozen, after, BATCH).await?;
        let mut expired = 0;
        for order in &due {
            match expire_one(&app, *order, now, frozen).await {
                Ok(given_up) => expired += u64::from(given_up),
                Err(error) => put_off(&app, *order, &error).await,
            }
        }
        after = due.last().copied();
        if expired > 0 || after.is_none() {
            return Ok(expired);
        }
    }
}

/// An order that fails is tried ever more rarely, so that it does not stand in the way of the others.
async fn put_off(app: &App, due: DueOrder, error: &DbError) {
    let row = format!("{} of {}", due.order, due.booking);
    row_failed("expire_orders", &row, error);
    let put_off = async { store::put_off_order(&app.db.read().await?, due, app.now()).await };
    if let Err(error) = put_off.await {
        tracing::warn!(booking.id = %due.booking, order = due.order, %error, "not put off; it is tried again with the next turn");
    }
}

async fn expire_one(app: &App, due: DueOrder, now: Timestamp, frozen: Timestamp) -> Result<bool, DbError> {
    let tx = app.db.begin().await?;
    // Locked, and looked at again: a payment may have frozen it meanwhile.
    store::lock(&tx, due.booking, None).await?;
    let orders = store::orders(&tx, due.booking).await?;
    let still = |row: &&OrderRow| {
        row.order_no == due.order && row.expires_at <= if row.paying { frozen } else { now }
    };
    if !orders.iter().any(|row| still(&row)) || !give_up(app, &tx, due.booking, due.order, "expired").await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}
