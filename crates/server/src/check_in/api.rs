//! The door of the check-in slice.

use std::collections::{BTreeMap, BTreeSet};

use domain::check_in::{self as rules, Desk, Phase, Window};
use domain::coupon::CouponStatus;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, FlightId, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;
use platform::seal::UserKey;
use serde_json::Value;

use super::document;
use super::events::{self, Cause};
use super::policies::{self, Policies, window};
use super::store;
use super::view;
use crate::app::App;
use crate::boarding::api as boarding;
use crate::booking::api as booking;
use crate::events::api::record;
use crate::flights::api::FlightRow;

pub use super::chances::{Filed, Flown, chances};
pub use super::jobs::jobs;
pub use super::view::boarding_at;

/// When check-in is open on which flight, as it was filed at one moment.
pub struct Windows(Policies);

impl Windows {
    /// What holds now.
    pub async fn load(app: &App, sql: &Sql) -> Result<Self, DbError> {
        Policies::load(app, sql).await.map(Self)
    }

    /// The window of a flight.
    pub fn of(&self, app: &App, flight: &FlightRow) -> Window {
        policies::window(&self.0.terms(app, flight), flight)
    }

    /// How long before departure check-in opens and closes for travellers, anywhere.
    pub fn times(&self) -> impl Iterator<Item = (SignedDuration, SignedDuration)> + '_ {
        let minutes = |minutes: u32| SignedDuration::from_mins(minutes.into());
        self.0.all().map(move |terms| (minutes(terms.opens_minutes), minutes(terms.closes_minutes)))
    }
}

/// When everybody of a booking who is checked in did so, by flight and passenger. Taking check-in back and coming again makes it another.
pub async fn checked_in_at(
    sql: &Sql,
    booking: BookingId,
) -> Result<BTreeMap<(FlightId, i16), Timestamp>, DbError> {
    store::checked_in_at(sql, booking).await
}

/// Passengers of these bookings who were put off a flight, and may check in no more unless staff let them.
pub async fn offloaded(
    sql: &Sql,
    flight: FlightId,
    bookings: &[BookingId],
) -> Result<BTreeSet<(BookingId, i16)>, DbError> {
    store::offloaded(sql, flight, bookings).await
}

/// The passports that are kept for passengers of these bookings, for their owner to take along.
pub async fn documents_of(
    app: &App,
    sql: &Sql,
    key: &UserKey,
    bookings: &[BookingId],
) -> Result<Vec<Value>, Problem> {
    let mut all = Vec::new();
    for booking in bookings {
        for (passenger, passport) in document::load(app, sql, key, *booking).await? {
            all.push(document::exported((*booking, passenger), passport));
        }
    }
    Ok(all)
}

/// Coupons of a locked booking, by passenger and segment, were given back or exchanged: whoever was checked in with one is not any
/// more, nor is a child or an infant of whom no adult is left on the flight who is.
pub async fn end(app: &App, sql: &Sql, id: BookingId, coupons: &[(i16, i16)]) -> Result<(), DbError> {
    let rows = store::of_booking(sql, id).await?;
    let mut left: BTreeMap<_, BTreeSet<i16>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_checked_in()) {
        if coupons.contains(&(row.passenger_no, row.segment_no)) {
            left.entry((row.flight, row.segment_no)).or_default().insert(row.passenger_no);
        }
    }
    let parties = booking::parties(sql, id).await?;
    for ((flight, segment), mut passengers) in left {
        let behind = parties.get(&segment).map(|party| rules::left_behind(party)).unwrap_or_default();
        if !behind.is_empty() {
            let edge = (CouponStatus::CheckedIn, CouponStatus::Open);
            booking::move_coupons(sql, id, (segment, &behind), edge).await?;
            passengers.extend(behind);
        }
        boarding::end(app, sql, (flight, id), &passengers).await?;
        store::leave(sql, (flight, id), &passengers, Cause::GivenBack, app.now()).await?;
        let told = events::withdrawn(id, (flight, segment), &passengers, Cause::GivenBack);
        record(sql, app.random, app.now(), &told).await?;
    }
    Ok(())
}

/// A booking's last flight arrives then, and these passengers fly: their passports are kept until some days after it, and those of
/// the others are forgotten.
pub async fn keep_documents(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    trip_ends_at: Timestamp,
    flying: &BTreeSet<i16>,
) -> Result<(), DbError> {
    store::keep_documents(sql, booking, document::kept_until(app, trip_ends_at), flying).await
}

/// Nobody of a booking flies: their passports are forgotten.
pub async fn forget_documents(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    store::forget_documents(sql, booking).await
}

/// Locks check-in and boarding of a flight until the transaction ends; when it was closed, if it was.
pub async fn lock_flight(sql: &Sql, flight: FlightId) -> Result<Option<Timestamp>, DbError> {
    Ok(store::lock_flight(sql, flight).await?.1)
}

/// When boarding of a flight was closed, if it was; until the transaction ends nobody closes it.
pub async fn closed_at(sql: &Sql, flight: FlightId) -> Result<Option<Timestamp>, DbError> {
    store::closed_at(sql, flight).await
}

/// The same, for whoever only looks.
pub async fn closed_at_now(sql: &Sql, flight: FlightId) -> Result<Option<Timestamp>, DbError> {
    store::closed_at_now(sql, flight).await
}

/// Whether boarding of any of these flights was closed; until the transaction ends nobody closes one of them.
pub async fn any_closed(sql: &Sql, flights: &BTreeSet<FlightId>) -> Result<bool, DbError> {
    store::any_closed(sql, flights).await
}

/// Whether check-in of any of these flights is over by the clock, or by what staff say of it, at the counter too: whoever gets a ticket for it
/// now cannot fly on it. One that is cancelled is not; its travellers are owed something else.
pub async fn any_over(app: &App, sql: &Sql, flights: &[FlightRow], now: Timestamp) -> Result<bool, DbError> {
    let policies = Policies::load(app, sql).await?;
    let is_over = |flight: &FlightRow| {
        let window = window(&policies.terms(app, flight), flight);
        !flight.is_cancelled() && view::phase(flight, &window, Desk::Counter, now) == Phase::Closed
    };
    Ok(flights.iter().any(is_over))
}

/// Closes a flight that the caller has locked: nobody checks in or boards from then on.
pub async fn close(sql: &Sql, flight: FlightId, by: (UserId, Timestamp)) -> Result<(), DbError> {
    store::close(sql, flight, by).await
}

/// Closed flights of which not all who did not come are no-shows yet.
pub async fn unsettled(sql: &Sql) -> Result<Vec<FlightId>, DbError> {
    store::unsettled(sql).await
}

/// Closed flights that an earlier release settled without looking at everybody: so many, the last that were closed.
pub async fn settled_in_part(sql: &Sql, limit: i64) -> Result<Vec<FlightId>, DbError> {
    store::settled_in_part(sql, limit).await
}

/// All who did not come to a closed flight are no-shows now.
pub async fn settle(sql: &Sql, flight: FlightId, now: Timestamp) -> Result<(), DbError> {
    store::settle(sql, flight, now).await
}

/// A flight that was settled is so no more, if it was closed: what follows from its closing is looked at anew.
pub async fn unsettle(sql: &Sql, flight: FlightId) -> Result<(), DbError> {
    store::unsettle(sql, flight).await
}

/// Opens the gate of a flight that the caller has locked, as if it had never been closed.
pub async fn reopen(sql: &Sql, flight: FlightId) -> Result<(), DbError> {
    store::reopen(sql, flight).await
}

/// Which of these flights' boarding was closed.
pub async fn closed_of(sql: &Sql, flights: &[FlightId]) -> Result<BTreeSet<FlightId>, DbError> {
    store::closed_of(sql, flights).await
}

/// The places in the order of check-in on a flight, by booking and passenger.
pub async fn numbers(sql: &Sql, flight: FlightId) -> Result<BTreeMap<(BookingId, i16), i16>, DbError> {
    store::numbers(sql, flight).await
}

/// Passengers of a locked booking did not come: they are put off, and their passes end. Their coupons are the caller's.
pub async fn miss(
    app: &App,
    sql: &Sql,
    on: (FlightId, BookingId),
    passengers: &BTreeSet<i16>,
) -> Result<(), DbError> {
    boarding::end(app, sql, on, passengers).await?;
    store::leave(sql, on, passengers, Cause::Offloaded, app.now()).await
}
