//! What can be done about check-in of a booking, for its view: the rules of [`view::chance`], of everybody at once.

use std::collections::BTreeSet;

use domain::actions::Chance;
use domain::check_in::{Desk, Phase, Terms, Window};
use domain::coupon::CouponStatus;
use kernel::{BookingId, FlightId};
use platform::db::{DbError, Sql};
use tokio::sync::OnceCell;

use super::policies::{Policies, window};
use super::store::{self, CheckInRow};
use super::view;
use crate::app::App;
use crate::flights::api::FlightRow;

/// A flight of a booking.
#[derive(Clone, Debug)]
pub struct Flown<'a> {
    /// The number of its segment.
    pub segment: i16,
    /// As it is now.
    pub flight: &'a FlightRow,
    /// Whose coupons for it are in which state.
    pub coupons: Vec<(i16, CouponStatus)>,
}

/// What was filed for routes, read when it is first needed: once, of however many bookings is asked what can be done.
#[derive(Default)]
pub struct Filed(OnceCell<Policies>);

/// What can be done about check-in of a confirmed booking of which no order is open: each thing once for each flight that somebody can do
/// it on. What the database is asked for is what matters: nothing where nobody has a ticket left, and who lacks what only while check-in
/// is open for somebody.
pub async fn chances(
    app: &App,
    sql: &Sql,
    filed: &Filed,
    (booking, flown): (BookingId, &[Flown<'_>]),
) -> Result<Vec<Chance>, DbError> {
    let is_live = |flown: &&Flown<'_>| flown.coupons.iter().any(|(_, status)| status.is_live());
    let live: Vec<&Flown<'_>> = flown.iter().filter(is_live).collect();
    if live.is_empty() {
        return Ok(Vec::new());
    }
    let (policies, now) = (filed.0.get_or_try_init(|| Policies::load(app, sql)).await?, app.now());
    let known = |flown: &&Flown<'_>| {
        let terms = policies.terms(app, flown.flight);
        let window = window(&terms, flown.flight);
        (terms, window, view::phase(flown.flight, &window, Desk::Online, now))
    };
    let known: Vec<(Terms, Window, Phase)> = live.iter().map(known).collect();
    let waits = |flown: &Flown<'_>| flown.coupons.iter().any(|(_, status)| *status == CouponStatus::Open);
    let open = live.iter().zip(&known).filter(|(flown, (.., phase))| *phase == Phase::Open && waits(flown));
    let open: Vec<FlightId> = open.map(|(flown, _)| flown.flight.id).collect();
    let (rows, papers, closed) = if open.is_empty() {
        (Vec::new(), BTreeSet::new(), BTreeSet::new())
    } else {
        tokio::try_join!(
            store::of_booking(sql, booking),
            store::documented(sql, booking),
            store::closed_of(sql, &open),
        )?
    };
    let mut all: Vec<Chance> = Vec::new();
    for (Flown { segment, flight, coupons }, (terms, window, phase)) in live.into_iter().zip(&known) {
        let phase = if closed.contains(&flight.id) { Phase::Closed } else { *phase };
        let offloaded: BTreeSet<i16> = rows
            .iter()
            .filter(|row| row.flight == flight.id && CheckInRow::is_offloaded(row))
            .map(|row| row.passenger_no)
            .collect();
        let chance = |(passenger, status): &(i16, CouponStatus)| {
            let lacks = terms.passport && !papers.contains(passenger);
            view::chance((*status, offloaded.contains(passenger), lacks), (flight, window, phase), now)
        };
        for (action, until) in coupons.iter().filter_map(chance) {
            let chance = Chance::of_segment(action, *segment, until);
            if !all.contains(&chance) {
                all.push(chance);
            }
        }
    }
    Ok(all)
}
