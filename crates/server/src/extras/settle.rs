//! What becomes of reserved extras: issued when their order is paid, released when it is not, given back afterwards. Callers
//! have locked the booking.

use std::collections::{BTreeMap, BTreeSet};

use domain::extras::{ExtraKind, ExtraStatus};
use domain::fare_families::RefundStep;
use domain::seat_maps::SeatId;
use iata::ticket::TicketNumber;
use jiff::Timestamp;
use kernel::{BookingId, FlightId};
use platform::db::{DbError, Sql};

use super::events;
use super::store::booked::{self, ExtraRow};
use super::store::catalogue;
use super::store::seats::{self, MaskRow, SeatRow};
use crate::app::App;
use crate::events::api::record;

/// An extra that was paid and is not given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidExtra {
    /// Its number in the booking.
    pub number: i16,
    /// Whose.
    pub passenger_no: i16,
    /// On which slice.
    pub slice_no: i16,
    /// On which flights.
    pub segments: Vec<i16>,
    /// What it is.
    pub kind: ExtraKind,
    /// What travellers call it.
    pub name: String,
    /// What was paid for it, minor units of the booking's currency.
    pub value: i64,
    /// What comes back of that when the traveller gives it back, by time before departure.
    pub refund: Vec<RefundStep>,
}

/// Issues what is reserved for an order, a document for each, and gives the amounts by kind, for the ledger; kinds that cost
/// nothing are left out. Seats that were changed are freed, and what was paid for them went over.
pub async fn issue(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    order_no: i16,
    now: Timestamp,
) -> Result<Vec<(ExtraKind, i64)>, DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    let of_order = |row: &&ExtraRow| row.order_no == order_no && row.status == ExtraStatus::Reserved;
    let reserved: Vec<&ExtraRow> = rows.iter().filter(of_order).collect();
    if reserved.is_empty() {
        return Ok(Vec::new());
    }
    let serials = booked::serials(sql, reserved.len()).await?;
    let document = |(row, serial): (&&ExtraRow, i64)| {
        let number = TicketNumber::new(app.config.booking.ticket_prefix, serial.unsigned_abs());
        let number = number.map_err(|error| DbError::Inconsistent(format!("document number: {error:?}")))?;
        Ok::<_, DbError>((row.number, number.digits()))
    };
    let documents: Vec<(i16, String)> =
        reserved.iter().zip(serials).map(document).collect::<Result<_, _>>()?;
    let issued = booked::issue(sql, booking, &documents, now).await?;
    if usize::try_from(issued).ok() != Some(reserved.len()) {
        return Err(DbError::Inconsistent(format!("extras of {booking} changed under its lock")));
    }
    if let Some(told) = events::issued(booking, order_no, &reserved) {
        record(sql, app.random, now, &told).await?;
    }
    for row in &reserved {
        let before = rows.iter().find(|before| Some(before.number) == row.replaces);
        if let Some(before) = before.filter(|before| before.status == ExtraStatus::Issued) {
            exchange(sql, booking, before, row).await?;
        }
    }
    let mut amounts: BTreeMap<ExtraKind, i64> = BTreeMap::new();
    for row in &reserved {
        *amounts.entry(row.kind).or_default() += row.price.amount;
    }
    tracing::info!(booking.id = %booking, order_no, extras = reserved.len(), "extras issued");
    Ok(amounts.into_iter().filter(|(_, amount)| *amount != 0).collect())
}

/// The seat before is free; an infant's mask stays with the passenger where the block is the same.
async fn exchange(sql: &Sql, booking: BookingId, before: &ExtraRow, after: &ExtraRow) -> Result<(), DbError> {
    for seat in seats_of(booking, before) {
        seats::pass_mask(sql, seat.flight, booking, before.number, after.number).await?;
        seats::free_mask(sql, seat.flight, booking, before.number).await?;
        seats::free_seat(sql, &seat).await?;
    }
    booked::move_on(sql, booking, &[before.number], ExtraStatus::Issued, ExtraStatus::Exchanged).await?;
    Ok(())
}

/// Gives back everything that is reserved for an order that will not be paid.
pub async fn release(app: &App, sql: &Sql, booking: BookingId, order_no: i16) -> Result<(), DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    let of_order = |row: &ExtraRow| row.order_no == order_no && row.status == ExtraStatus::Reserved;
    let rows: Vec<ExtraRow> = rows.into_iter().filter(of_order).collect();
    give_up(app, sql, booking, &rows, ExtraStatus::Released).await
}

/// Takes reserved extras out of their unpaid order; gives the rows that were.
pub async fn remove(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    numbers: &[i16],
) -> Result<Vec<ExtraRow>, DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    let asked = |row: &ExtraRow| numbers.contains(&row.number) && row.status == ExtraStatus::Reserved;
    let rows: Vec<ExtraRow> = rows.into_iter().filter(asked).collect();
    give_up(app, sql, booking, &rows, ExtraStatus::Removed).await?;
    Ok(rows)
}

/// Issued extras are refunded: their seats and stock can be sold again.
pub async fn give_back(app: &App, sql: &Sql, booking: BookingId, numbers: &[i16]) -> Result<(), DbError> {
    if numbers.is_empty() {
        return Ok(());
    }
    let rows = booked::extras_of(sql, booking).await?;
    let asked = |row: &ExtraRow| numbers.contains(&row.number) && row.status == ExtraStatus::Issued;
    let rows: Vec<ExtraRow> = rows.into_iter().filter(asked).collect();
    give_up(app, sql, booking, &rows, ExtraStatus::Refunded).await
}

/// Seats of a flight that were given to these passengers at check-in can be given to others; whether there were such. A seat that they chose, or
/// paid for in another aircraft, stays theirs.
pub async fn free_given(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    (segment, passengers): (i16, &BTreeSet<i16>),
) -> Result<bool, DbError> {
    let given = |row: &ExtraRow| {
        row.given
            && row.value == 0
            && row.status == ExtraStatus::Issued
            && row.segments.contains(&segment)
            && passengers.contains(&row.passenger_no)
    };
    let rows: Vec<ExtraRow> = booked::extras_of(sql, booking).await?.into_iter().filter(given).collect();
    give_up(app, sql, booking, &rows, ExtraStatus::Refunded).await?;
    Ok(!rows.is_empty())
}

/// Moves rows of one state on, and gives back what they took.
async fn give_up(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    rows: &[ExtraRow],
    to: ExtraStatus,
) -> Result<(), DbError> {
    let Some(from) = rows.first().map(|row| row.status) else { return Ok(()) };
    let numbers: Vec<i16> = rows.iter().map(|row| row.number).collect();
    let moved = booked::move_on(sql, booking, &numbers, from, to).await?;
    if usize::try_from(moved).ok() != Some(rows.len()) {
        return Err(DbError::Inconsistent(format!("extras of {booking} changed under its lock")));
    }
    record(sql, app.random, app.now(), &events::released(booking, to, rows)).await?;
    for row in rows {
        for seat in seats_of(booking, row) {
            seats::free_mask(sql, seat.flight, booking, row.number).await?;
            seats::free_seat(sql, &seat).await?;
        }
    }
    for (flight, code, quantity) in stock_of(rows) {
        seats::free_stock(sql, flight, &code, quantity).await?;
    }
    Ok(())
}

/// Takes again what was released with an order whose money came after all. `false`: not all of it is there, and nothing was
/// taken.
pub async fn retake(sql: &Sql, booking: BookingId, order_no: i16) -> Result<bool, DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    let of_order = |row: &ExtraRow| row.order_no == order_no && row.status == ExtraStatus::Released;
    let rows: Vec<ExtraRow> = rows.into_iter().filter(of_order).collect();
    let mut taken = Taken::default();
    let all = taken.take(sql, booking, &rows).await?;
    if !all {
        taken.undo(sql, booking).await?;
        return Ok(false);
    }
    let numbers: Vec<i16> = rows.iter().map(|row| row.number).collect();
    booked::move_on(sql, booking, &numbers, ExtraStatus::Released, ExtraStatus::Reserved).await?;
    Ok(true)
}

/// What was taken again so far.
#[derive(Default)]
struct Taken {
    masks: Vec<MaskRow>,
    seats: Vec<SeatRow>,
    stock: Vec<(FlightId, String, i32)>,
}

impl Taken {
    /// Masks, then seats, then stock, each by flight (docs/locking.md).
    async fn take(&mut self, sql: &Sql, booking: BookingId, rows: &[ExtraRow]) -> Result<bool, DbError> {
        let mut masks: Vec<MaskRow> = rows.iter().filter_map(|row| mask_of(booking, row)).collect();
        masks.sort_by_key(|mask| (mask.flight, mask.block));
        for mask in masks {
            if !seats::take_mask(sql, &mask).await? {
                return Ok(false);
            }
            self.masks.push(mask);
        }
        let mut wanted: Vec<SeatRow> = rows.iter().flat_map(|row| seats_of(booking, row)).collect();
        wanted.sort_by_key(|seat| (seat.flight, seat.seat));
        for seat in wanted {
            if !seats::take_seat(sql, &seat).await? {
                return Ok(false);
            }
            self.seats.push(seat);
        }
        let extras = catalogue::extras(sql).await?;
        for (flight, code, quantity) in stock_of(rows) {
            let stock = extras.iter().find(|extra| extra.code == code).and_then(|extra| extra.stock);
            let stock = stock.and_then(|stock| i32::try_from(stock).ok()).unwrap_or(i32::MAX);
            if !seats::take_stock(sql, flight, &code, quantity, stock).await? {
                return Ok(false);
            }
            self.stock.push((flight, code, quantity));
        }
        Ok(true)
    }

    async fn undo(&self, sql: &Sql, booking: BookingId) -> Result<(), DbError> {
        for mask in &self.masks {
            seats::free_mask(sql, mask.flight, booking, mask.extra_no).await?;
        }
        for seat in &self.seats {
            seats::free_seat(sql, seat).await?;
        }
        for (flight, code, quantity) in &self.stock {
            seats::free_stock(sql, *flight, code, *quantity).await?;
        }
        Ok(())
    }
}

/// The mask a seat needs for the infant on its owner's lap.
fn mask_of(booking: BookingId, row: &ExtraRow) -> Option<MaskRow> {
    let (flight, block) = (row.flights.first().copied()?, row.mask?);
    Some(MaskRow { flight, block, booking, extra_no: row.number })
}

/// The seat of an extra, on its flight.
fn seats_of(booking: BookingId, row: &ExtraRow) -> impl Iterator<Item = SeatRow> {
    let seat_on = move |seat: SeatId| {
        let (flight, segment) = (row.flights.first().copied()?, row.segments.first().copied()?);
        let (passenger_no, extra_no) = (row.passenger_no, row.number);
        Some(SeatRow { flight, seat, booking, passenger_no, segment_no: segment, extra_no })
    };
    row.seat.and_then(seat_on).into_iter()
}

/// The stock that extras have on their flights, added up, in the order of locks.
fn stock_of(rows: &[ExtraRow]) -> Vec<(FlightId, String, i32)> {
    let mut stock: BTreeMap<(FlightId, &str), i32> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.stocked) {
        for flight in &row.flights {
            *stock.entry((*flight, &row.code)).or_default() += i32::from(row.quantity);
        }
    }
    stock.into_iter().map(|((flight, code), quantity)| (flight, code.to_owned(), quantity)).collect()
}

/// What was paid and can be given back.
pub async fn paid_extras(sql: &Sql, booking: BookingId) -> Result<Vec<PaidExtra>, DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    let paid = rows.into_iter().filter(|row| row.status == ExtraStatus::Issued);
    Ok(paid
        .map(|row| PaidExtra {
            number: row.number,
            passenger_no: row.passenger_no,
            slice_no: row.slice_no,
            segments: row.segments,
            kind: row.kind,
            name: row.name,
            value: row.value,
            refund: row.refund,
        })
        .collect())
}
