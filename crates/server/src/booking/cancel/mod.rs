//! Giving tickets back: `DELETE /bookings/{id}` at once, or a quote first and then its confirmation. What the airline did not
//! fly comes back by itself.

mod confirm;
pub(super) mod quote;
pub(super) mod terms;

use axum::extract::State;
use domain::booking::BookingStatus;
use domain::ledger::Posting;
use kernel::{BookingId, Category, Money};
use platform::db::{DbError, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::jobs::row_failed;

use self::quote::RefundLine;
use self::terms::{Facts, Terms, already_departed, check_open};
use super::events;
use super::get::view_of;
use super::store::{self, BookingRow, CancellationRow};
use super::view::BookingView;
use super::{orders, release};
use crate::access::Caller;
use crate::app::App;
use crate::check_in::api as check_in;
use crate::events::api::record;
use crate::extras::api as extras;
use crate::flights::api::SeatClaim;
use crate::ledger::api as ledger;
use crate::pauses::After;
use crate::payments::api as payments;

pub(super) use confirm::{__path_confirm_cancellation, confirm_cancellation};
pub(super) use quote::{__path_quote_cancellation, quote_cancellation};

/// How often a batch of bookings is looked through for cancelled flights.
const BATCH: i64 = 50;
/// Flights cancelled longer ago than this have been looked through many times.
const LOOK_BACK: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// Who gives tickets back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Traveller,
    Airline,
}

impl Cause {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Traveller => "traveller",
            Self::Airline => "airline",
        }
    }
}

/// Cancel my booking: all that can still be given back, at the terms a quote would name now. Cancelling a cancelled booking
/// changes nothing and answers the same. 409 `payment_in_progress` while a payment is under way, `already_departed` once the
/// last slice has left, `booking_closed` for an expired or flown one.
#[utoipa::path(delete, path = "/bookings/{id}", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "Cancelled; `refunds` says what goes back", body = BookingView),
        (status = 409, description = "`already_departed`, `booking_closed`, `order_open`, `payment_in_progress`")))]
pub(super) async fn cancel_booking(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
) -> Outcome<Json<BookingView>> {
    let tx = app.db.begin().await?;
    let booking = store::lock(&tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    if booking.status != BookingStatus::Cancelled {
        check_open(&booking)?;
        orders::check_none_open(&tx, id).await?;
        cancel_all(&app, &tx, booking, Cause::Traveller).await?;
    }
    tx.commit().await?;
    // The refund is ordered; sending it now only makes it quicker, and the job sends it again if this fails.
    payments::send_refunds_of(&app, id).await;
    Ok(Json(view_of(&app, caller, id).await?))
}

/// Gives back all that can be of a locked booking.
async fn cancel_all(app: &App, tx: &Tx, booking: BookingRow, cause: Cause) -> Result<(), Problem> {
    if booking.status == BookingStatus::Held {
        return close_hold(app, tx, &booking).await;
    }
    let facts = Facts::load(tx, booking).await?;
    let selection = facts.everything(app, app.now());
    if selection.passengers.is_empty() {
        return Err(already_departed());
    }
    let terms = facts.terms(app, selection, app.now())?;
    perform(app, tx, &facts, &terms, cause).await
}

async fn close_hold(app: &App, tx: &Tx, booking: &BookingRow) -> Result<(), Problem> {
    if !release::close_hold(app, tx, booking, BookingStatus::Cancelled, app.now()).await? {
        return Err(Problem::new(Category::Unavailable, "busy").retry_after(1));
    }
    After::GivenUpHolds.count(app, tx, booking.user).await?;
    metrics::counter!("bookings_total", "event" => "cancelled").increment(1);
    tracing::info!(booking.id = %booking.id, "hold given up");
    Ok(())
}

/// Does what the terms say, in the transaction that has locked the booking: booking, coupons and payments first, inventory
/// after them (docs/locking.md).
pub(super) async fn perform(
    app: &App,
    tx: &Tx,
    facts: &Facts,
    terms: &Terms,
    cause: Cause,
) -> Result<(), Problem> {
    let (now, booking) = (app.now(), &facts.booking);
    let currency = booking.total.currency;
    let given_back = store::give_back(tx, booking.id, &terms.coupons).await?;
    if usize::try_from(given_back).ok() != Some(terms.coupons.len()) {
        return Err(DbError::Inconsistent(format!("coupons of {} changed under its lock", booking.id)).into());
    }
    let row = cancellation(app, facts, terms, cause)?;
    let posting = Posting::cancellation(currency, &terms.lines, &terms.fares).map_err(ledger::unbalanced)?;
    tokio::try_join!(
        store::insert_cancellation(tx, booking.id, &row),
        store::keep_on(tx, booking.id, booking.total.amount - terms.refund()),
        ledger::post(app, tx, booking.id, row.id, &posting, now),
    )?;
    if terms.whole && !store::move_on(tx, booking.id, booking.status, BookingStatus::Cancelled, now).await? {
        return Err(DbError::Inconsistent(format!("{} changed under its lock", booking.id)).into());
    }
    if terms.refund() > 0 {
        payments::order_refund(app, tx, booking.id, terms.refund(), now).await?;
    }
    let freed = facts.freed_seats(&terms.coupons);
    let claims: Vec<_> = freed.iter().map(|(segment, seats)| release::claim(segment, *seats)).collect();
    tell(app, tx, facts, terms, (cause, &claims)).await?;
    release::give_back(tx, &claims).await?;
    extras::give_back(app, tx, booking.id, &terms.extras).await?;
    check_in::end(app, tx, booking.id, &terms.coupons).await?;
    if terms.whole {
        check_in::forget_documents(tx, booking.id).await?;
    } else {
        super::api::follow_coupons(app, tx, booking.id, booking.user).await?;
    }
    metrics::counter!("bookings_total", "event" => "cancelled").increment(1);
    tracing::info!(booking.id = %booking.id, whole = terms.whole, cause = cause.as_str(), "tickets given back");
    Ok(())
}

async fn tell(
    app: &App,
    tx: &Tx,
    facts: &Facts,
    terms: &Terms,
    (cause, seats): (Cause, &[SeatClaim]),
) -> Result<(), DbError> {
    let (booking, cause, refund, now) = (&facts.booking, cause.as_str(), terms.refund(), app.now());
    if terms.whole {
        return record(tx, app.random, now, &events::cancelled(booking, cause, seats, refund)).await;
    }
    let chosen = (&terms.selection.passengers, &terms.selection.slices);
    let parts = (chosen.0.iter().copied().collect(), chosen.1.iter().copied().collect());
    record(tx, app.random, now, &events::partly_cancelled(booking, cause, parts, refund)).await
}

fn cancellation(app: &App, facts: &Facts, terms: &Terms, cause: Cause) -> Result<CancellationRow, Problem> {
    let currency = facts.booking.total.currency;
    let lines: Vec<RefundLine> = terms.lines.iter().map(|line| RefundLine::new(line, currency)).collect();
    Ok(CancellationRow {
        id: app.new_id(kernel::ids::uuid_v7),
        cause: cause.as_str().to_owned(),
        passengers: terms.selection.passengers.iter().copied().collect(),
        slices: terms.selection.slices.iter().copied().collect(),
        refund: Money::new(terms.refund(), currency),
        kept: terms.kept(),
        lines: serde_json::to_value(lines).map_err(Problem::internal)?,
        created_at: app.now(),
    })
}

/// Gives back, by itself, what the airline cancelled and nobody has chosen another flight for: some time after it was
/// cancelled (14 CFR part 260: refunds are automatic), the whole of each slice it broke. Bookings that fail are passed over,
/// and when nothing came of a whole batch, the one behind it has its turn.
pub(super) async fn return_cancelled_flights(app: App) -> anyhow::Result<u64> {
    let (now, mut after) = (app.now(), None);
    let choice = jiff::SignedDuration::from_hours(app.config.booking.choice_hours);
    loop {
        let sql = app.db.read().await?;
        let cancelled = crate::flights::api::cancelled_between(&sql, now - LOOK_BACK, now - choice).await?;
        let bookings = store::confirmed_on(&sql, &cancelled, after, BATCH).await?;
        drop(sql);
        let mut returned = 0;
        for id in &bookings {
            match return_broken(&app, *id).await {
                Ok(moved) => returned += u64::from(moved),
                Err(problem) => {
                    let cause = problem.cause().map_or_else(String::new, |cause| format!(": {cause:#}"));
                    row_failed("return_cancelled_flights", id, &format!("{}{cause}", problem.code));
                }
            }
        }
        after = bookings.last().copied();
        if returned > 0 || after.is_none() {
            return Ok(returned);
        }
    }
}

async fn return_broken(app: &App, id: BookingId) -> Result<bool, Problem> {
    for _ in 0..2 {
        let tx = app.db.begin().await?;
        let Some(booking) = store::lock(&tx, id, None).await? else { return Ok(false) };
        if booking.status != BookingStatus::Confirmed {
            return Ok(false);
        }
        let facts = Facts::load(&tx, booking).await?;
        let Some(selection) = facts.cancelled(app, app.now()) else { return Ok(false) };
        // An order that is being paid comes first. One that is not gives way, in a transaction of its own: what it gives back
        // and what is given back here would be locked out of order together.
        if orders::check_none_open(&tx, id).await.is_err() {
            if !orders::give_up_unpaid(app, &tx, id).await? {
                return Ok(false);
            }
            tx.commit().await?;
            continue;
        }
        let terms = facts.terms(app, selection, app.now())?;
        perform(app, &tx, &facts, &terms, Cause::Airline).await?;
        tx.commit().await?;
        payments::send_refunds_of(app, id).await;
        return Ok(true);
    }
    Ok(false)
}
