//! Passes begin with check-in, follow the seat, and end with check-in. Callers have locked the booking.

use std::collections::BTreeSet;

use domain::seat_maps::SeatId;
use kernel::{BookingId, FlightId};
use platform::db::{DbError, Sql};

use super::store::{self, PassRow};
use crate::app::App;
use crate::events::api::{BoardingPassIssued, record};
use crate::extras::api as extras;

/// Somebody who was checked in.
#[derive(Clone, Copy, Debug)]
pub struct NewPass {
    /// The passenger's number in the booking.
    pub passenger_no: i16,
    /// The place in the order of check-in.
    pub number: i16,
    /// Where they sit.
    pub seat: Option<SeatId>,
}

/// Issues passes on a flight to those who have none.
pub async fn issue(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    (flight, segment, desk): (FlightId, i16, &str),
    passes: &[NewPass],
) -> Result<(), DbError> {
    for pass in passes {
        let row = PassRow {
            flight,
            passenger_no: pass.passenger_no,
            version: 0,
            segment_no: segment,
            number: pass.number,
            desk: desk.to_owned(),
            seat: pass.seat,
            issued_at: app.now(),
        };
        put(app, sql, booking, &row).await?;
    }
    Ok(())
}

/// The passes of these passengers are not good any more.
pub async fn end(
    app: &App,
    sql: &Sql,
    (flight, booking): (FlightId, BookingId),
    passengers: &BTreeSet<i16>,
) -> Result<(), DbError> {
    let passengers: Vec<i16> = passengers.iter().copied().collect();
    let ended = store::end(sql, (flight, booking), &passengers, app.now()).await?;
    if usize::try_from(ended).ok() == Some(passengers.len()) {
        return Ok(());
    }
    Err(DbError::Inconsistent(format!("boarding passes of {booking} changed under its lock")))
}

/// Seats of a booking have changed: whoever is checked in and sits elsewhere now has a new version, and the old one is refused.
pub async fn follow_seats(app: &App, sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    for (_, row, seat) in elsewhere(sql, &BTreeSet::from([booking])).await? {
        store::end(sql, (row.flight, booking), &[row.passenger_no], app.now()).await?;
        put(app, sql, booking, &PassRow { seat, issued_at: app.now(), ..row }).await?;
    }
    Ok(())
}

/// Those of the bookings of which a good pass names another seat than its passenger has.
pub async fn seated_elsewhere(
    sql: &Sql,
    bookings: &BTreeSet<BookingId>,
) -> Result<BTreeSet<BookingId>, DbError> {
    Ok(elsewhere(sql, bookings).await?.into_iter().map(|(booking, ..)| booking).collect())
}

/// Good passes that name another seat than their passengers have, with the seat they have.
async fn elsewhere(
    sql: &Sql,
    bookings: &BTreeSet<BookingId>,
) -> Result<Vec<(BookingId, PassRow, Option<SeatId>)>, DbError> {
    let seats = extras::issued_seats(sql, bookings).await?;
    let passes = store::good_of(sql, bookings).await?;
    let moved = passes.into_iter().filter_map(|(booking, row)| {
        let seat = seats.get(&(booking, row.segment_no, row.passenger_no)).copied();
        (seat != row.seat).then_some((booking, row, seat))
    });
    Ok(moved.collect())
}

async fn put(app: &App, sql: &Sql, booking: BookingId, row: &PassRow) -> Result<(), DbError> {
    let version = store::insert(sql, booking, row).await?;
    let told = BoardingPassIssued {
        booking_id: booking,
        flight_id: row.flight,
        segment: row.segment_no,
        passenger: row.passenger_no,
        version,
        seat: row.seat.map(|seat| seat.to_string()),
    };
    record(sql, app.random, app.now(), &told).await
}
