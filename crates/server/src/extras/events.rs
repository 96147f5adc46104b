//! What is told of seats and extras.

use domain::extras::ExtraStatus;
use kernel::{BookingId, Money};

use super::store::booked::ExtraRow;
use crate::events::api::{BookingExtrasIssued, BookingExtrasReleased, BookingExtrasReserved, ToldExtra};

/// They are kept until their order is paid.
pub(super) fn reserved(booking: BookingId, order: i16, rows: &[ExtraRow]) -> Option<BookingExtrasReserved> {
    let extras = rows.iter().map(told).collect();
    Some(BookingExtrasReserved { booking_id: booking, order, extras, price: price(rows.iter())? })
}

/// Their order is paid, or costs nothing.
pub(super) fn issued(booking: BookingId, order: i16, rows: &[&ExtraRow]) -> Option<BookingExtrasIssued> {
    let extras = rows.iter().map(|row| told(row)).collect();
    Some(BookingExtrasIssued { booking_id: booking, order, extras, price: price(rows.iter().copied())? })
}

/// They are back on sale; what became of them says why.
pub(super) fn released(booking: BookingId, now_so: ExtraStatus, rows: &[ExtraRow]) -> BookingExtrasReleased {
    let extras = rows.iter().map(told).collect();
    BookingExtrasReleased { booking_id: booking, cause: now_so.as_str().to_owned(), extras }
}

/// What rows of one booking cost together; nothing if there are none.
fn price<'a>(rows: impl Iterator<Item = &'a ExtraRow> + Clone) -> Option<Money> {
    let currency = rows.clone().next()?.price.currency;
    Some(Money::new(rows.map(|row| row.price.amount).sum(), currency))
}

fn told(row: &ExtraRow) -> ToldExtra {
    ToldExtra {
        number: row.number,
        passenger: row.passenger_no,
        flights: row.flights.clone(),
        kind: row.kind.as_str().to_owned(),
        code: row.code.clone(),
        seat: row.seat.map(|seat| seat.to_string()),
        quantity: row.quantity,
        replaces: row.replaces,
    }
}
