//! A paid hold becomes a confirmed booking with tickets, in the transaction that records the payment.

use domain::booking::BookingStatus;
use iata::ticket::TicketNumber;
use jiff::Timestamp;
use kernel::BookingId;
use platform::db::{DbError, Sql};

use super::store;

/// Confirms a held booking and issues its tickets. `false` if it is not held: the caller has money without a booking and
/// must send it back. The seats were taken with the hold, so no inventory row is touched.
pub async fn confirm(
    sql: &Sql,
    booking: BookingId,
    ticket_prefix: u16,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !store::move_on(sql, booking, BookingStatus::Held, BookingStatus::Confirmed, now).await? {
        return Ok(false);
    }
    let serials = store::ticket_serials(sql, booking).await?;
    let number = |(passenger, serial): (i16, i64)| {
        let ticket = TicketNumber::new(ticket_prefix, serial.unsigned_abs());
        let ticket = ticket.map_err(|error| DbError::Inconsistent(format!("ticket number: {error:?}")))?;
        Ok::<_, DbError>((passenger, ticket.digits()))
    };
    let numbers: Vec<(i16, String)> = serials.into_iter().map(number).collect::<Result<_, _>>()?;
    store::issue_tickets(sql, booking, &numbers, now).await?;
    metrics::counter!("bookings_total", "event" => "confirmed").increment(1);
    tracing::info!(booking.id = %booking, tickets = numbers.len(), "confirmed");
    Ok(true)
}
