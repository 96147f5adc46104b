//! Seats that are given at check-in to those who chose none: together, children beside adults, the cheapest first, for nothing.

use std::collections::{BTreeMap, BTreeSet};

use domain::extras::{ExtraKind, ExtraStatus};
use domain::seat_maps::SeatId;
use domain::seating::propose;
use jiff::Timestamp;
use kernel::{BookingId, Category, Money};
use platform::db::{DbError, Sql};
use platform::http::Problem;

use super::events;
use super::facts::{BookingFacts, Scene};
use super::steps::{Line, steps};
use super::store::booked::{self, ExtraRow};
use crate::app::App;
use crate::events::api::record;

/// Which seats those of the passengers would have who have none on the flight, or one that the aircraft that flies it does not have. Nobody
/// gets one where the aircraft has no map.
/// 409 `no_seat_left` if there is not one for each.
pub async fn seats_to_assign(
    sql: &Sql,
    facts: &BookingFacts,
    (segment, passengers): (i16, &BTreeSet<i16>),
) -> Result<Vec<(i16, SeatId)>, Problem> {
    let scene = Scene::load(sql, facts).await?;
    let segment = facts.segment(segment).ok_or_else(Problem::not_found)?;
    let Some(plan) = scene.plan(segment) else { return Ok(Vec::new()) };
    let (party, mut own) = (scene.party(segment), scene.seats(segment.number));
    own.retain(|_, seat| plan.place(*seat).is_some());
    // For all of the party who have none: those who check in later sit beside those who check in now, if nobody is quicker.
    let proposed = propose(&plan, &party, &own, segment.included.seat_choice);
    let mut given = Vec::new();
    for traveller in &party {
        let number = traveller.passenger_no;
        if passengers.contains(&number) && !own.contains_key(&number) {
            let seat = proposed.get(&number).copied();
            given.push((number, seat.ok_or_else(no_seat_left)?));
        }
    }
    Ok(given)
}

fn no_seat_left() -> Problem {
    Problem::new(Category::Conflict, "no_seat_left").actions(&["counter"])
}

/// Takes these seats for an order that costs nothing. Comes where choosing seats comes in the order of locks. 409 `seat_taken`
/// when somebody was quicker.
pub async fn assign(
    app: &App,
    sql: &Sql,
    facts: &BookingFacts,
    (order_no, segment): (i16, i16),
    given: &[(i16, SeatId)],
    now: Timestamp,
) -> Result<(), Problem> {
    let scene = Scene::load(sql, facts).await?;
    let segment = facts.segment(segment).ok_or_else(Problem::not_found)?;
    let (plan, party) = (scene.plan(segment).ok_or_else(Problem::not_found)?, scene.party(segment));
    let (map, _) = scene.now().map(segment.flight).ok_or_else(Problem::not_found)?;
    let mut lines = Vec::with_capacity(given.len());
    for (number, (passenger, seat)) in (scene.next_number()..).zip(given) {
        let place = plan.place(*seat).ok_or_else(no_seat_left)?;
        // The seat they had in another aircraft: what was paid for it goes over.
        let before = scene.seat_of(*passenger, segment.number);
        let infant = party.iter().find(|traveller| traveller.passenger_no == *passenger);
        let infant = infant.and_then(|traveller| traveller.infant);
        let row = ExtraRow {
            number,
            order_no,
            passenger_no: *passenger,
            slice_no: segment.slice,
            segments: vec![segment.number],
            flights: vec![segment.flight],
            kind: ExtraKind::Seat,
            code: place.seat.zone.as_str().to_owned(),
            name: format!("Seat {seat}"),
            seat: Some(*seat),
            mask: infant.map(|_| place.seat.block),
            quantity: 1,
            unit_price: 0,
            discount: 0,
            price: Money::new(0, facts.currency),
            value: before.map_or(0, |row| row.value),
            refund: map.refund(*seat).to_vec(),
            replaces: before.map(|row| row.number),
            stocked: false,
            given: before.is_none_or(|row| row.given),
            status: ExtraStatus::Reserved,
            emd_number: None,
        };
        lines.push(Line { row, field: format!("passengers[{passenger}]"), before, stock: None });
    }
    for step in steps(&scene, &lines, true) {
        step.take(sql, facts).await?;
    }
    let added: Vec<ExtraRow> = lines.into_iter().map(|line| line.row).collect();
    booked::insert(sql, facts.booking, &added, now).await?;
    if let Some(told) = events::reserved(facts.booking, order_no, &added) {
        record(sql, app.random, now, &told).await?;
    }
    Ok(())
}

/// The seats that passengers of these bookings have, by booking, segment and passenger; one that is not paid yet they do not have.
pub async fn issued_seats(
    sql: &Sql,
    bookings: &BTreeSet<BookingId>,
) -> Result<BTreeMap<(BookingId, i16, i16), SeatId>, DbError> {
    let seats = booked::issued_seats(sql, bookings).await?;
    Ok(seats.into_iter().map(|(booking, segment, who, seat)| ((booking, segment, who), seat)).collect())
}

/// The live seats of a flight of a booking, the newest of each passenger.
pub async fn live_seats(sql: &Sql, booking: BookingId, segment: i16) -> Result<Vec<(i16, SeatId)>, DbError> {
    let rows = booked::extras_of(sql, booking).await?;
    let live = rows.iter().filter(|row| row.status.is_live() && row.segments.contains(&segment));
    Ok(live.filter_map(|row| row.seat.map(|seat| (row.passenger_no, seat))).collect())
}
