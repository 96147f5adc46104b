//! Who is on a flight, over all bookings, and the booking of one of them as a gate needs it.

use std::collections::{BTreeMap, BTreeSet};

use domain::booking::BookingStatus;
use domain::coupon::CouponStatus;
use domain::pricing::PassengerType;
use kernel::{BookingId, Cabin, FlightId, RecordLocator, UserId};
use platform::db::{DbError, Sql, Tx};
use platform::http::Problem;

use super::check_in::{Travelling, TravellingSegment, flights_of, load};
use super::store::{self, BookingRow};
use super::view::{PassengerDetails, details_place};
use crate::app::App;
use crate::flights::api as flights;
use crate::identity::api as identity;

/// A passenger with a coupon on a flight.
#[derive(Clone, Debug)]
pub struct OnFlight {
    /// Their booking.
    pub booking: BookingId,
    /// Whose it is.
    pub user: UserId,
    /// Its locator.
    pub locator: RecordLocator,
    /// The flight's number in the booking.
    pub segment_no: i16,
    /// The passenger's number in the booking.
    pub passenger_no: i16,
    /// Adult, child or infant.
    pub kind: PassengerType,
    /// The cabin that was bought.
    pub cabin: Cabin,
    /// The state of the coupon.
    pub status: CouponStatus,
    /// Their names, sealed.
    pub(in crate::booking) details_sealed: Vec<u8>,
}

/// Given and family names, by booking and passenger.
pub type Names = BTreeMap<(BookingId, i16), (String, String)>;

/// Everybody who has a coupon on the flight that was neither given back nor exchanged, by booking and number.
pub async fn people_on(sql: &Sql, flight: FlightId) -> Result<Vec<OnFlight>, DbError> {
    store::travelling::people(sql, flight).await
}

/// Who did not come to the flight, by booking and segment: those to whom it is owed should it be cancelled. Nobody who gave a part of the same
/// slice back or exchanged it: the price of the slice has gone its way.
pub async fn missed_on(
    sql: &Sql,
    flight: FlightId,
) -> Result<BTreeMap<(BookingId, i16), BTreeSet<i16>>, DbError> {
    let mut missed = BTreeMap::<_, BTreeSet<i16>>::new();
    for (booking, segment, passenger) in store::travelling::missed(sql, flight).await? {
        missed.entry((booking, segment)).or_default().insert(passenger);
    }
    Ok(missed)
}

/// Who waits for the flight and cannot come to it, because a flight before it in the same slice is cancelled: booking, segment and passenger.
pub async fn stranded_on(sql: &Sql, flight: FlightId) -> Result<BTreeSet<(BookingId, i16, i16)>, DbError> {
    let waiting = store::travelling::with_flights_before(sql, flight).await?;
    let before: BTreeSet<FlightId> = waiting.iter().map(|(_, before)| *before).collect();
    let rows = flights::flight_rows(sql, &before.into_iter().collect::<Vec<_>>()).await?;
    let cancelled: BTreeSet<FlightId> =
        rows.iter().filter(|row| row.is_cancelled()).map(|row| row.id).collect();
    let stranded = waiting.into_iter().filter(|(_, before)| cancelled.contains(before));
    Ok(stranded.map(|(who, _)| who).collect())
}

/// Their names; none of those whose account was erased.
pub async fn names_of(app: &App, sql: &Sql, people: &[OnFlight]) -> Result<Names, Problem> {
    let users: BTreeSet<UserId> = people.iter().map(|one| one.user).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    let keys = identity::addressees(app, sql, &users).await?;
    let mut names = BTreeMap::new();
    for one in people {
        let Some(owner) = keys.get(&one.user) else { continue };
        let place = details_place(one.booking, one.passenger_no);
        let opened = app.sealer.open(&owner.key, place, &one.details_sealed)?;
        let details: PassengerDetails = serde_json::from_slice(&opened).map_err(Problem::internal)?;
        names.insert((one.booking, one.passenger_no), (details.given_name, details.family_name));
    }
    Ok(names)
}

/// A booking with tickets, locked until the transaction ends, whatever else of it is to be paid: who stands at a gate boards. `None`: it has
/// no tickets.
pub async fn lock_at_gate(app: &App, tx: &Tx, id: BookingId) -> Result<Option<Travelling>, Problem> {
    let Some(booking) = lock_with_tickets(tx, id).await? else { return Ok(None) };
    Ok(Some(load(app, tx, booking).await?))
}

/// The same without names, which nobody can read any more once the account is erased: what follows from a closed gate and a departure by
/// itself does so for everybody.
pub async fn lock_coupons_at_gate(tx: &Tx, id: BookingId) -> Result<Option<Vec<TravellingSegment>>, DbError> {
    if lock_with_tickets(tx, id).await?.is_none() {
        return Ok(None);
    }
    flights_of(tx, id).await.map(Some)
}

async fn lock_with_tickets(tx: &Tx, id: BookingId) -> Result<Option<BookingRow>, DbError> {
    let booking = store::lock(tx, id, None).await?;
    let has_tickets =
        |booking: &BookingRow| matches!(booking.status, BookingStatus::Confirmed | BookingStatus::Completed);
    Ok(booking.filter(has_tickets))
}
