//! Seats and extras for a booking: with the hold, whose price they raise, or later, as an order of their own.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::booking::BookingStatus;
use domain::ledger::Posting;
use jiff::Timestamp;
use kernel::{BookingId, Category, Money};
use platform::db::{DbError, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::idempotency::IdempotencyKey;

use super::facts::facts_for_extras;
use super::get::view_of;
use super::store::{self, BookingRow, OrderKind, OrderRow};
use super::view::{self, BookingView};
use super::{orders, waiver};
use crate::access::Caller;
use crate::app::App;
use crate::boarding::api as boarding;
use crate::extras::api::{self as extras, ExtrasRequest};
use crate::flights::api as flights;
use crate::keyed::{self, Begun, Keyed};
use crate::ledger::api as ledger;

const ROUTE: &str = "POST /bookings/{id}/extras";

/// Choose seats and buy extras for passengers of my booking, all of them or none. An unpaid booking costs so much more and is
/// paid with them. For a confirmed one an order is open until it is paid with `POST /payments`; what costs nothing, or
/// too little to charge, is issued at once. Choosing another seat costs the difference, and gives nothing back. 409 `seat_taken` and `extra_sold_out` when
/// somebody was quicker, `extras_closed` once check-in has closed; 422 `seat_not_allowed` and `extra_not_allowed` say why not.
#[utoipa::path(post, path = "/bookings/{id}/extras", tag = "extras", request_body = ExtrasRequest,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-extras-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 201, description = "The booking with its seats and extras, and perhaps an order to pay", body = BookingView),
        (status = 409, description = "`booking_closed`, `extra_sold_out`, `extras_closed`, `flight_cancelled`, `hold_expired`, `no_seat_map`, `order_open`, `payment_in_progress`, `seat_taken`")))]
pub(super) async fn add_extras(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    key: IdempotencyKey,
    Json(request): Json<ExtrasRequest>,
) -> Outcome<Response> {
    let work = match keyed::begin(&app, caller, ROUTE, key, id.uuid(), &(id, &request)).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let booking = store::lock(&work.tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    check_open(&booking, app.now())?;
    Box::pin(add(&app, &work, &booking, &request)).await?;
    let booking = store::find(&work.tx, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    let view = view::load(&app, &work.tx, booking, &work.user_key).await?;
    work.finish(&app, StatusCode::CREATED, &view).await
}

/// Take a seat or an extra out of my booking before it is paid. An order that has nothing left is given up. 409
/// `already_paid` for one that was issued: it comes back with its ticket.
#[utoipa::path(delete, path = "/bookings/{id}/extras/{extra}", tag = "extras",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("extra" = i16, Path, description = "The extra's number in the booking", example = 1)),
    responses((status = 200, description = "The booking without it", body = BookingView),
        (status = 409, description = "`already_paid`"),
        (status = 422, description = "`amount_too_small`")))]
pub(super) async fn remove_extra(
    State(app): State<App>,
    caller: Caller,
    Path((id, extra)): Path<(BookingId, i16)>,
) -> Outcome<Json<BookingView>> {
    let tx = app.db.begin().await?;
    let booking = store::lock(&tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    let row = extras::find(&tx, id, extra).await?.ok_or_else(Problem::not_found)?;
    if row.is_issued() {
        return Err(Problem::new(Category::Conflict, "already_paid").actions(&["cancel"]));
    }
    check_open(&booking, app.now())?;
    let removed = extras::remove(&app, &tx, id, &[extra]).await?;
    let less: i64 = removed.iter().map(|row| row.price.amount).sum();
    if let Some(order_no) = removed.first().map(|row| row.order_no) {
        cheaper(&app, &tx, &booking, order_no, less).await?;
    }
    // Codes come after stock in the order of locks.
    if row.discount > 0 {
        super::coupon::follow_extra(&app, &tx, &booking, extra).await?;
    }
    tx.commit().await?;
    Ok(Json(view_of(&app, caller, id).await?))
}

/// An order, or an unpaid booking, costs so much less. An order of which nothing is left, or nothing that could still be used, is
/// given up. 422 `amount_too_small` if what is left cannot be charged and is not waived.
async fn cheaper(app: &App, tx: &Tx, booking: &BookingRow, order_no: i16, less: i64) -> Result<(), Problem> {
    if order_no == 0 {
        store::keep_on(tx, booking.id, booking.total.amount - less).await?;
        return Ok(());
    }
    let orders = store::orders(tx, booking.id).await?;
    let order = orders.iter().find(|order| order.order_no == order_no && order.status == "open");
    let order =
        order.ok_or_else(|| DbError::Inconsistent(format!("no open order {order_no} of {}", booking.id)))?;
    if order.paying {
        return Err(Problem::new(Category::Conflict, "payment_in_progress").retry_after(5));
    }
    let left = Money::new(order.amount.amount - less, order.amount.currency);
    let useful = extras::has_reserved(tx, booking.id, order_no).await?
        && is_possible(tx, booking.id, order, app.now()).await?;
    if !useful {
        store::price_order(tx, booking.id, order_no, left.amount).await?;
        orders::give_up_unpaid(app, tx, booking.id).await?;
        return Ok(());
    }
    let is_waived = waiver::is_waived(app, tx, booking.id, left).await?;
    let due = if is_waived { 0 } else { left.amount };
    store::price_order(tx, booking.id, order_no, due).await?;
    if is_waived {
        let waived = extras::waive(tx, booking.id, order_no).await?;
        waiver::of_extras(tx, booking.id, (order_no, left), waived, app.now()).await?;
    }
    if due == 0 {
        settle_free(app, tx, booking.id, order_no).await?;
    }
    Ok(())
}

/// Refuses a booking that is over, is being paid for, or whose hold has run out.
fn check_open(booking: &BookingRow, now: Timestamp) -> Result<(), Problem> {
    let conflict = |code| Problem::new(Category::Conflict, code);
    match booking.status {
        BookingStatus::Held if booking.paying => Err(conflict("payment_in_progress").retry_after(5)),
        BookingStatus::Held if booking.hold_expires_at <= now => {
            Err(conflict("hold_expired").actions(&["search"]))
        }
        BookingStatus::Held | BookingStatus::Confirmed => Ok(()),
        BookingStatus::Expired => Err(conflict("hold_expired").actions(&["search"])),
        BookingStatus::Completed | BookingStatus::Cancelled => {
            Err(conflict("booking_closed").arg("status", booking.status.as_str()).actions(&[]))
        }
    }
}

/// Takes what is asked for, in the transaction that has locked the booking.
async fn add(app: &App, work: &Keyed, booking: &BookingRow, request: &ExtrasRequest) -> Result<(), Problem> {
    let (tx, now, id) = (&work.tx, app.now(), booking.id);
    if booking.status == BookingStatus::Held {
        return add_to_hold(app, tx, booking, request).await;
    }
    let facts = facts_for_extras(app, tx, id, booking.user).await?;
    // The order comes before what it reserves in the order of locks, so its price is written afterwards.
    let nothing = Money::new(0, booking.total.currency);
    let order = orders::open(app, tx, id, OrderKind::Extras, nothing, &()).await?;
    let reserved = Box::pin(extras::reserve(app, tx, &facts, order.order_no, request, now)).await?;
    store::keep_extras(tx, id, booking.total.amount).await?;
    if reserved.change() > 0 {
        store::price_order(tx, id, order.order_no, reserved.change()).await?;
        orders::tell_opened(app, tx, id, order.order_no).await?;
        return Ok(());
    }
    let waived: i64 = reserved.waived.iter().map(|(_, amount)| amount).sum();
    if waived > 0 {
        let amount = Money::new(waived, booking.total.currency);
        waiver::of_extras(tx, id, (order.order_no, amount), reserved.waived, now).await?;
    }
    settle_free(app, tx, id, order.order_no).await
}

/// Does an order that costs nothing: nobody would pay it.
async fn settle_free(app: &App, tx: &Tx, booking: BookingId, order: i16) -> Result<(), Problem> {
    if !orders::settle(app, tx, booking, order, app.now()).await? {
        return Err(DbError::Inconsistent(format!("a free order of {booking} was not done")).into());
    }
    Ok(())
}

/// Takes what is asked for with a hold, which is paid with it and costs so much more. The caller has locked the booking, or has
/// just made it.
pub(super) async fn add_to_hold(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    request: &ExtrasRequest,
) -> Result<(), Problem> {
    let facts = facts_for_extras(app, tx, booking.id, booking.user).await?;
    let reserved = Box::pin(extras::reserve(app, tx, &facts, 0, request, app.now())).await?;
    store::keep_extras(tx, booking.id, booking.total.amount + reserved.change()).await?;
    Ok(())
}

/// Whether the extras of an order can still be used: a payment may take longer than it takes to leave.
pub(super) async fn is_possible(
    tx: &Tx,
    booking: BookingId,
    order: &OrderRow,
    now: Timestamp,
) -> Result<bool, DbError> {
    let flown = extras::flights_of(tx, booking, order.order_no).await?;
    let flights = flights::flight_rows(tx, &flown).await?;
    Ok(!flights.iter().any(|flight| flight.expected().0 <= now || flight.is_cancelled()))
}

/// Issues the extras of a paid order, and posts it; the caller has locked the booking.
pub(super) async fn perform(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    order: &OrderRow,
    now: Timestamp,
) -> Result<(), DbError> {
    let id = booking.id;
    let amounts = extras::issue(app, tx, id, order.order_no, now).await?;
    boarding::follow_seats(app, tx, id).await?;
    if amounts.iter().map(|(_, amount)| amount).sum::<i64>() != order.amount.amount {
        return Err(DbError::Inconsistent(format!("extras of {id} and order {} differ", order.order_no)));
    }
    if order.amount.amount == 0 {
        return Ok(());
    }
    let sale = Posting::sale(order.amount.currency, &[], &amounts).map_err(ledger::unbalanced)?;
    store::keep_on(tx, id, booking.total.amount + order.amount.amount).await?;
    ledger::post(app, tx, id, order.id, &sale, now).await
}
