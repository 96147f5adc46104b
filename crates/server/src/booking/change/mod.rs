//! Other flights for tickets that were bought: `POST /bookings/{id}/change-quote`, then `POST /bookings/{id}/changes`. The new
//! seats are taken first and kept by an order; the old ones go when it is paid. If it is never paid, nothing has changed.

mod confirm;
mod quote;
mod terms;

use iata::ticket::TicketNumber;
use jiff::Timestamp;
use kernel::{BookingId, FlightId};
use platform::db::{DbError, Sql, Tx};

use domain::ledger::Posting;

use super::cancel::terms::Facts;
use super::store::{self, BookingRow, Change, OrderRow};
use super::{api, events, release};
use crate::app::App;
use crate::check_in::api as check_in;
use crate::events::api::record;
use crate::extras::api as extras;
use crate::flights::api::{self as flights, SeatClaim};
use crate::ledger::api as ledger;
use crate::payments::api as payments;

pub(super) use confirm::{__path_confirm_change, confirm_change};
pub(super) use quote::{__path_quote_change, quote_change};

/// Exchanges the tickets of a paid order; the caller has locked the booking.
pub(super) async fn perform(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    order: &OrderRow,
    now: Timestamp,
) -> Result<(), DbError> {
    let change = change_of(order)?;
    let left = exchange(app, tx, booking, order, &change, now).await?;
    let old = old_seats(tx, booking.id, &change).await?;
    release::give_back(tx, &old).await?;
    extras::give_back(app, tx, booking.id, &left).await
}

/// Whether the tickets of an order can still be exchanged: a payment may take longer than it takes to check in, to leave, or to
/// cancel a flight, or to close check-in or the gate of a new one.
pub(super) async fn is_possible(
    app: &App,
    tx: &Tx,
    booking: BookingId,
    order: &OrderRow,
    now: Timestamp,
) -> Result<bool, DbError> {
    let change = change_of(order)?;
    let (coupons, segments) = tokio::try_join!(store::coupons(tx, booking), store::segments(tx, booking))?;
    let open = |pair: &(i16, i16)| {
        coupons.iter().any(|c| (c.passenger_no, c.segment_no) == *pair && c.status == "open")
    };
    let old = segments.iter().filter(|segment| change.coupons.iter().any(|(_, no)| *no == segment.number));
    let all: Vec<FlightId> = old.chain(&change.segments).map(|segment| segment.flight).collect();
    let flights = flights::flight_rows(tx, &all).await?;
    let left = |flight: &flights::FlightRow| flight.expected().0 <= now;
    if check_in::any_closed(tx, &change.segments.iter().map(|segment| segment.flight).collect()).await? {
        return Ok(false);
    }
    let is_new = |flight: &&flights::FlightRow| change.segments.iter().any(|new| new.flight == flight.id);
    let new: Vec<flights::FlightRow> = flights.iter().filter(is_new).cloned().collect();
    if check_in::any_over(app, tx, &new, now).await? {
        return Ok(false);
    }
    Ok(change.coupons.iter().all(open) && !flights.iter().any(left) && !is_any_cancelled(&change, &flights))
}

/// Whether the airline has cancelled a flight that an order changes to.
pub(super) async fn has_cancelled_flight(sql: &Sql, order: &OrderRow) -> Result<bool, DbError> {
    let change = change_of(order)?;
    let ids: Vec<FlightId> = change.segments.iter().map(|segment| segment.flight).collect();
    Ok(is_any_cancelled(&change, &flights::flight_rows(sql, &ids).await?))
}

fn is_any_cancelled(change: &Change, flights: &[flights::FlightRow]) -> bool {
    let is_new =
        |flight: &flights::FlightRow| change.segments.iter().any(|segment| segment.flight == flight.id);
    flights.iter().any(|flight| flight.is_cancelled() && is_new(flight))
}

/// Exchanges coupons and fares, and posts it. What comes back of the old ones and their extras is ordered here; seats are the
/// caller's, and so are the extras, whose numbers it gets.
async fn exchange(
    app: &App,
    tx: &Tx,
    booking: &BookingRow,
    order: &OrderRow,
    change: &Change,
    now: Timestamp,
) -> Result<Vec<i16>, DbError> {
    let (id, currency) = (booking.id, booking.total.currency);
    // Extras of the flights that are left go back by their own terms; they are looked at before their coupons are gone.
    let facts = Facts::load(tx, booking.clone()).await?;
    let (left, lines) = facts.extras_left(app, &change.coupons, now);
    let back: i64 = lines.iter().map(|line| line.back).sum();
    let exchanged = store::exchange(tx, id, &change.coupons).await?;
    if usize::try_from(exchanged).ok() != Some(change.coupons.len()) {
        return Err(DbError::Inconsistent(format!("coupons of {id} are not open any more")));
    }
    store::insert_change(tx, id, change).await?;
    let mut passengers: Vec<i16> = change.fares.iter().map(|fare| fare.passenger_no).collect();
    passengers.sort_unstable();
    passengers.dedup();
    let numbers = ticket_numbers(app, tx, id, &passengers).await?;
    let segments: Vec<i16> = change.segments.iter().map(|segment| segment.number).collect();
    let kept = change.fee + change.kept;
    let posting =
        Posting::change(currency, &change.old, &change.fares, kept, &lines).map_err(ledger::unbalanced)?;
    store::issue_next_tickets(tx, id, &numbers, &segments, now).await?;
    store::keep_on(tx, id, booking.total.amount + change.due() - back).await?;
    let old = old_seats(tx, id, change).await?;
    record(tx, app.random, now, &events::changed(booking, order.order_no, change, passengers, &old)).await?;
    ledger::post(app, tx, id, order.id, &posting, now).await?;
    let returned = back + (-change.due()).max(0);
    if returned > 0 {
        payments::order_refund(app, tx, id, returned, now).await?;
    }
    api::follow_coupons(app, tx, id, booking.user).await?;
    metrics::counter!("bookings_total", "event" => "changed").increment(1);
    Ok(left)
}

async fn ticket_numbers(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    passengers: &[i16],
) -> Result<Vec<(i16, String)>, DbError> {
    let serials = store::ticket_serials(sql, booking).await?;
    let number = |(passenger, serial): (i16, i64)| {
        let ticket = TicketNumber::new(app.config.booking.ticket_prefix, serial.unsigned_abs());
        let ticket = ticket.map_err(|error| DbError::Inconsistent(format!("ticket number: {error:?}")))?;
        Ok((passenger, ticket.digits()))
    };
    let wanted = serials.into_iter().filter(|(passenger, _)| passengers.contains(passenger));
    wanted.map(number).collect()
}

/// The seats the exchanged coupons had.
async fn old_seats(sql: &Sql, booking: BookingId, change: &Change) -> Result<Vec<SeatClaim>, DbError> {
    let segments = store::segments(sql, booking).await?;
    let had =
        |segment: &&store::SegmentRow| change.coupons.iter().any(|(_, number)| *number == segment.number);
    Ok(segments.iter().filter(had).map(|segment| release::claim(segment, change.seats)).collect())
}

/// The seats an order keeps for the new flights.
fn new_seats(change: &Change) -> Vec<SeatClaim> {
    change.segments.iter().map(|segment| release::claim(segment, change.seats)).collect()
}

/// Gives the new seats of an order back that came to nothing.
pub(super) async fn give_up(tx: &Tx, order: &OrderRow) -> Result<(), DbError> {
    release::give_back(tx, &new_seats(&change_of(order)?)).await
}

fn change_of(order: &OrderRow) -> Result<Change, DbError> {
    let terms = order.terms.clone().unwrap_or_default();
    serde_json::from_value(terms)
        .map_err(|error| DbError::Inconsistent(format!("the terms of order {}: {error}", order.id)))
}
