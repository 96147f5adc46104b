//! `POST /bookings/{id}/changes`: take the new seats at the price of a quote. What costs nothing more is done at once; anything
//! else is an order to pay.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{BookingId, Category, Money};
use platform::db::{DbError, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::idempotency::IdempotencyKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::cancel::terms::Facts;
use super::super::store::{self, OrderKind};
use super::super::view::{self, BookingView};
use super::super::{orders, waiver};
use super::quote::Promise;
use super::terms::{self, Terms};
use super::{exchange, old_seats, release};
use crate::access::Caller;
use crate::app::App;
use crate::check_in::api as check_in;
use crate::extras::api as extras;
use crate::flights::api as flights;
use crate::keyed::{self, Begun, Keyed};
use crate::payments::api as payments;

const ROUTE: &str = "POST /bookings/{id}/changes";

/// A quote to confirm.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"quote_id": "chq_eyJib29raW5nIjoi"}))]
pub(in crate::booking) struct ConfirmChange {
    /// From `POST /bookings/{id}/change-quote`.
    quote_id: String,
}

/// Change to the flights of a quote. If something is due, the new seats are kept and an order is open until it is paid with
/// `POST /payments`; the old seats go only then. Otherwise the change is done, and what comes back is on its way. 409
/// `quote_outdated` when the quote is too old, its price has risen, or the booking has changed since.
#[utoipa::path(post, path = "/bookings/{id}/changes", tag = "bookings", request_body = ConfirmChange,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-change-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 201, description = "The booking, changed or with an order to pay", body = BookingView),
        (status = 409, description = "`order_open`, `quote_outdated`")))]
pub(in crate::booking) async fn confirm_change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    key: IdempotencyKey,
    Json(request): Json<ConfirmChange>,
) -> Outcome<Response> {
    let promise: Option<Promise> = app.change_quotes.open(&request.quote_id);
    let promise = promise.filter(|promise| promise.booking == id.uuid());
    let promise =
        promise.ok_or_else(|| Problem::invalid("quote_id", "it must be a quote of this booking"))?;
    let work = match keyed::begin(&app, caller, ROUTE, key, id.uuid(), &(id, &request)).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let booking = store::lock(&work.tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    if booking.version != promise.version || app.now() >= promise.valid_until {
        return Err(outdated());
    }
    orders::check_none_open(&work.tx, id).await?;
    let facts = Facts::load(&work.tx, booking).await?;
    Box::pin(change(&app, &work, &facts, &promise)).await?;
    let booking = store::find(&work.tx, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    let view = view::load(&app, &work.tx, booking, &work.user_key).await?;
    let response = work.finish(&app, StatusCode::CREATED, &view).await?;
    payments::send_refunds_of(&app, id).await;
    Ok(response)
}

/// Prices the change again, takes the new seats, and does it or leaves an order to pay. Coupons, payments and orders come
/// before inventory (docs/locking.md); cabins that are taken and cabins that are given back are locked together.
async fn change(app: &App, work: &Keyed, facts: &Facts, promise: &Promise) -> Result<(), Problem> {
    let (tx, now, id) = (&work.tx, app.now(), facts.booking.id);
    let terms = terms::price(app, tx, facts, &work.user_key, &promise.slices).await?;
    let due = terms.change.due();
    // What is carried over must not be more restricted either than the quote has said.
    if due > promise.due || terms.change.bound() > promise.bound {
        return Err(outdated());
    }
    let amount = Money::new(due.max(0), facts.booking.total.currency);
    let order = orders::open(app, tx, id, OrderKind::Change, amount, &terms.change).await?;
    if due > 0 {
        take(app, tx, &terms).await?;
        return Ok(orders::tell_opened(app, tx, id, order.order_no).await?);
    }
    // The gate of a new flight may have been closed since it was priced; from here on none is.
    if check_in::any_closed(tx, &terms.flights.iter().copied().collect()).await? {
        return Err(Problem::new(Category::Conflict, "sold_out").actions(&["search"]));
    }
    let old = old_seats(tx, id, &terms.change).await?;
    store::close_order(tx, id, order.order_no, "paid", now).await?;
    let left = exchange(app, tx, &facts.booking, &order, &terms.change, now).await?;
    let waived: i64 = terms.waived.iter().map(|line| line.amount).sum();
    if waived > 0 {
        let of = (order.order_no, Money::new(waived, facts.booking.total.currency));
        waiver::of_change(tx, id, of, &terms.waived, now).await?;
    }
    flights::lock_seats(tx, &[&terms.claims[..], &old[..]].concat()).await?;
    take(app, tx, &terms).await?;
    release::give_back(tx, &old).await?;
    extras::give_back(app, tx, id, &left).await?;
    Ok(())
}

/// Takes the new seats; 503 if another sale changed the flights between reading and taking: the client asks again.
async fn take(app: &App, tx: &Tx, terms: &Terms) -> Result<(), Problem> {
    let taken: Result<_, DbError> = flights::take_seats(tx, &terms.claims, app.now()).await;
    if taken?.is_err() {
        return Err(Problem::new(Category::Unavailable, "busy").retry_after(1));
    }
    flights::announce(tx, &terms.flights).await?;
    Ok(())
}

fn outdated() -> Problem {
    Problem::new(Category::Conflict, "quote_outdated").actions(&["quote"])
}
