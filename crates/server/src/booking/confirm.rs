//! A paid hold becomes a confirmed booking with tickets, in the transaction that records the payment.

use std::collections::BTreeSet;

use domain::boarding::may_be_closed;
use domain::booking::BookingStatus;
use domain::ledger::Posting;
use iata::ticket::TicketNumber;
use jiff::Timestamp;
use kernel::{BookingId, FlightId, Money};
use platform::db::{DbError, Sql, Tx};

use super::release;
use super::store::{self, BookingRow};
use super::{api, events, waiver};
use crate::app::App;
use crate::check_in::api as check_in;
use crate::events::api::record;
use crate::extras::api as extras;
use crate::flights::api as flights;
use crate::ledger::api as ledger;
use crate::promotions::api as promotions;

/// Confirms a held booking, which the caller has locked, and issues its tickets. The seats were taken with the hold, so no
/// inventory row is touched. A hold that was given up meanwhile takes its seats again, if they are still there. Nobody has a ticket
/// for a flight whose gate or check-in was closed meanwhile: the hold is over then. `false`: the caller has money without a booking and must send it back. Where nothing was `paid` for something, it was too little to charge
/// and is waived.
pub(super) async fn confirm(
    app: &App,
    sql: &Tx,
    booking: BookingId,
    paid: Money,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(row) = store::lock(sql, booking, None).await? else { return Ok(false) };
    if is_too_late(app, sql, &row, now).await? {
        release::close_hold(app, sql, &row, BookingStatus::Expired, now).await?;
        tracing::warn!(booking.id = %booking, "paid after the gate or check-in of its flight was closed");
        return Ok(false);
    }
    let seated = match row.status {
        BookingStatus::Held => true,
        BookingStatus::Expired => seat_again(app, sql, &row, now).await?,
        _ => false,
    };
    if !seated || !store::move_on(sql, booking, row.status, BookingStatus::Confirmed, now).await? {
        return Ok(false);
    }
    if paid.amount == 0 && row.total.amount > 0 {
        waiver::of_hold(sql, &row, now).await?;
    }
    let (serials, fares) = tokio::try_join!(store::ticket_serials(sql, booking), store::fares(sql, booking))?;
    let number = |(passenger, serial): (i16, i64)| {
        let ticket = TicketNumber::new(app.config.booking.ticket_prefix, serial.unsigned_abs());
        let ticket = ticket.map_err(|error| DbError::Inconsistent(format!("ticket number: {error:?}")))?;
        Ok::<_, DbError>((passenger, ticket.digits()))
    };
    let numbers: Vec<(i16, String)> = serials.into_iter().map(number).collect::<Result<_, _>>()?;
    let told = events::confirmed(booking, numbers.len());
    // A booking without a discount has no code, and asks nothing; extras may have one.
    if row.has_extras || fares.iter().any(|fare| fare.discount > 0) {
        promotions::redeem(sql, booking, now).await?;
    }
    let bought = if row.has_extras { extras::issue(app, sql, booking, 0, now).await? } else { Vec::new() };
    let sale = Posting::sale(row.total.currency, &fares, &bought).map_err(ledger::unbalanced)?;
    tokio::try_join!(
        store::issue_tickets(sql, booking, &numbers, now),
        ledger::post(app, sql, booking, booking.uuid(), &sale, now),
        record(sql, app.random, now, &told),
    )?;
    // Who moves a flight moves the trips of those who are booked on it, and an expired hold is not.
    if row.status == BookingStatus::Expired {
        api::follow_coupons(app, sql, booking, row.user).await?;
    }
    metrics::counter!("bookings_total", "event" => "confirmed").increment(1);
    tracing::info!(booking.id = %booking, tickets = numbers.len(), "confirmed");
    Ok(true)
}

/// Whether a gate of the hold's flights was closed, or check-in of one is over; from here on none is closed until the transaction ends, so that
/// whoever closes one sees the tickets.
async fn is_too_late(app: &App, sql: &Sql, booking: &BookingRow, now: Timestamp) -> Result<bool, DbError> {
    // Who moves a flight moves the trips of those who hold it, and an expired hold is not.
    let is_far = booking.status == BookingStatus::Held && !may_be_closed(booking.trip_starts_at, now);
    if is_far || !matches!(booking.status, BookingStatus::Held | BookingStatus::Expired) {
        return Ok(false);
    }
    let segments = store::segments(sql, booking.id).await?;
    let ids: BTreeSet<FlightId> = segments.iter().map(|segment| segment.flight).collect();
    if check_in::any_closed(sql, &ids).await? {
        return Ok(true);
    }
    let rows = flights::flight_rows(sql, &ids.into_iter().collect::<Vec<_>>()).await?;
    check_in::any_over(app, sql, &rows, now).await
}

/// Takes the seats, the extras and the uses of promotion codes of an expired hold again, all or none, unless one of its flights has
/// left or is cancelled.
async fn seat_again(app: &App, sql: &Sql, booking: &BookingRow, now: Timestamp) -> Result<bool, DbError> {
    let claims = release::seats_of_hold(sql, booking).await?;
    let ids: Vec<FlightId> = claims.iter().map(|claim| claim.flight).collect();
    let rows = flights::flight_rows(sql, &ids).await?;
    if rows.len() != ids.len() || rows.iter().any(|row| row.departs_at <= now || row.is_cancelled()) {
        return Ok(false);
    }
    if !flights::retake_seats(sql, &claims).await? {
        return Ok(false);
    }
    if booking.has_extras && !extras::retake(sql, booking.id, 0).await? {
        flights::release_seats(sql, &claims).await?;
        return Ok(false);
    }
    if !promotions::retake(sql, booking.id, booking.user, now).await? {
        if booking.has_extras {
            extras::release(app, sql, booking.id, 0).await?;
        }
        flights::release_seats(sql, &claims).await?;
        return Ok(false);
    }
    flights::announce(sql, &ids).await?;
    metrics::counter!("payments_late_total", "outcome" => "seated").increment(1);
    tracing::warn!(booking.id = %booking.id, "paid after its hold had expired; the same seats were still there");
    Ok(true)
}
