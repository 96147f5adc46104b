//! Taking seats and stock for a booking, which the caller has locked or is just making.

use domain::extras::{Extra, ExtraError, ExtraKind, ExtraStatus, Per, Wish};
use domain::seating::{Reason, Seats, check};
use jiff::{SignedDuration, Timestamp};
use kernel::{Category, Money};
use platform::db::Sql;
use platform::http::Problem;

use super::events;
use super::facts::{BookingFacts, Scene, SegmentFacts, closes_at};
use super::request::{ExtrasRequest, ItemWish, SeatWish};
use super::steps::{Line, steps};
use super::store::booked::{self, ExtraRow};
use crate::app::App;
use crate::events::api::record;
use crate::payments::api as payments;

/// What a request came to.
#[derive(Clone, Debug, Default)]
pub struct Reserved {
    /// What was taken, as `reserved`.
    pub added: Vec<ExtraRow>,
    /// Seats of the same order that these take the place of, as `removed`.
    pub removed: Vec<ExtraRow>,
    /// What was too little to charge, by the extra's number, minor units: it is off what was added.
    pub waived: Vec<(i16, i64)>,
}

impl Reserved {
    /// By how much the order costs more now, minor units; it may be less.
    pub fn change(&self) -> i64 {
        let sum = |rows: &[ExtraRow]| rows.iter().map(|row| row.price.amount).sum::<i64>();
        sum(&self.added) - sum(&self.removed)
    }
}

/// Takes the seats and extras of a request for an order of the booking. Comes after the inventory in the order of locks; all
/// or nothing, because the caller's transaction does not commit when it is refused. A paid seat that is changed is kept
/// until the order is issued, unless the whole request is free. An order after the first is paid by itself, and costs nothing
/// when it is too little to charge: 422 `amount_too_small` if too much was waived of the booking before.
pub async fn reserve(
    app: &App,
    sql: &Sql,
    facts: &BookingFacts,
    order_no: i16,
    request: &ExtrasRequest,
    now: Timestamp,
) -> Result<Reserved, Problem> {
    request.check_size()?;
    let scene = Scene::load(sql, facts).await?;
    let asking = Asking { app, scene: &scene, order_no, now };
    let mut lines = asking.seats(&request.seats)?;
    let first = i16::try_from(lines.len()).unwrap_or(i16::MAX);
    lines.extend(asking.items(&request.items, first)?);
    let waived = if order_no > 0 { waive(app, facts, &mut lines)? } else { Vec::new() };
    let free = lines.iter().all(|line| line.row.price.amount == 0);
    for step in steps(&scene, &lines, free) {
        step.take(sql, facts).await?;
    }
    let removed: Vec<ExtraRow> = lines.iter().filter_map(|line| line.takes_out(order_no)).cloned().collect();
    let added: Vec<ExtraRow> = lines.into_iter().map(|line| line.row).collect();
    let numbers: Vec<i16> = removed.iter().map(|row| row.number).collect();
    booked::move_on(sql, facts.booking, &numbers, ExtraStatus::Reserved, ExtraStatus::Removed).await?;
    booked::insert(sql, facts.booking, &added, now).await?;
    if !removed.is_empty() {
        let told = events::released(facts.booking, ExtraStatus::Removed, &removed);
        record(sql, app.random, now, &told).await?;
    }
    if let Some(told) = events::reserved(facts.booking, order_no, &added) {
        record(sql, app.random, now, &told).await?;
    }
    Ok(Reserved { added, removed, waived })
}

/// Makes lines that are too little to charge cost nothing; by how much each, by its number.
fn waive(app: &App, facts: &BookingFacts, lines: &mut [Line<'_>]) -> Result<Vec<(i16, i64)>, Problem> {
    let sum = lines.iter().map(|line| line.row.price.amount).sum();
    if !payments::is_waived(app, Money::new(sum, facts.currency), facts.waived)? {
        return Ok(Vec::new());
    }
    let costly = lines.iter_mut().map(|line| &mut line.row).filter(|row| row.price.amount > 0);
    let off = costly.map(|row| {
        let off = std::mem::take(&mut row.price.amount);
        row.discount += off;
        row.value -= off;
        (row.number, off)
    });
    Ok(off.collect())
}

struct Asking<'a> {
    app: &'a App,
    scene: &'a Scene<'a>,
    order_no: i16,
    now: Timestamp,
}

impl<'a> Asking<'a> {
    /// The segment, if it is one that the passenger flies and that is still open.
    fn open_segment(&self, passenger: i16, segment: i16, field: &str) -> Result<&'a SegmentFacts, Problem> {
        let known = self.scene.facts.passenger(passenger);
        if known.is_none() {
            return Err(Problem::invalid(&format!("{field}.passenger"), "the booking has no such passenger"));
        }
        let segment =
            self.scene.facts.segment(segment).ok_or_else(|| {
                Problem::invalid(&format!("{field}.segment"), "the booking has no such flight")
            })?;
        if segment.gone.contains(&passenger) {
            let reason = "this passenger does not fly it any more";
            return Err(Problem::invalid(&format!("{field}.segment"), reason));
        }
        let flight = self.scene.now().flight(segment.flight).ok_or_else(Problem::not_found)?;
        if flight.is_cancelled() {
            return Err(Problem::new(Category::Conflict, "flight_cancelled").actions(&["cancel", "search"]));
        }
        if closes_at(flight, self.app.config.extras.close_minutes) <= self.now {
            return Err(extras_closed(&format!("{field}.segment")));
        }
        Ok(segment)
    }

    fn seats(&self, wishes: &[SeatWish]) -> Result<Vec<Line<'a>>, Problem> {
        let mut lines: Vec<Line<'a>> = Vec::new();
        for (index, wish) in wishes.iter().enumerate() {
            let field = format!("seats[{index}]");
            let segment = self.open_segment(wish.passenger, wish.segment, &field)?;
            let twice = |other: &SeatWish| (other.passenger, other.segment) == (wish.passenger, wish.segment);
            if wishes[..index].iter().any(twice) {
                return Err(Problem::invalid(
                    &field,
                    "this passenger has a seat on this flight above already",
                ));
            }
            lines.push(self.seat(wish, segment, field)?);
        }
        for segment in &self.scene.facts.segments {
            self.check_seats(segment, wishes)?;
        }
        for (number, line) in (self.scene.next_number()..).zip(&mut lines) {
            line.row.number = number;
        }
        Ok(lines)
    }

    fn seat(&self, wish: &SeatWish, segment: &'a SegmentFacts, field: String) -> Result<Line<'a>, Problem> {
        let party = self.scene.party(segment);
        let Some(traveller) = party.iter().find(|traveller| traveller.passenger_no == wish.passenger) else {
            return Err(Problem::invalid(&format!("{field}.passenger"), "an infant sits on an adult's lap"));
        };
        let unmapped = || Problem::new(Category::Conflict, "no_seat_map").field(&format!("{field}.segment"));
        let plan = self.scene.plan(segment).ok_or_else(unmapped)?;
        let (map, _) = self.scene.now().map(segment.flight).ok_or_else(unmapped)?;
        let Some(place) = plan.place(wish.seat) else {
            return Err(not_allowed(wish, &format!("{field}.seat"), Reason::NoSuchSeat));
        };
        let before = self.scene.seat_of(wish.passenger, wish.segment);
        let own = |row: &ExtraRow| row.order_no == self.order_no || Scene::is_issued(row);
        if before.is_some_and(|row| !own(row)) {
            return Err(Problem::new(Category::Conflict, "order_unpaid").field(&field).actions(&["pay"]));
        }
        let seat = place.seat.clone();
        let unit_price = seat.price_for(segment.included.seat_choice);
        if unit_price.currency != self.scene.facts.currency && unit_price.amount != 0 {
            return Err(other_currency(&format!("{field}.seat")));
        }
        // What was paid for the seat before counts; nothing is given back when the new one is cheaper.
        let worth = before.filter(|row| Scene::is_issued(row)).map_or(0, |row| row.value);
        let price = (unit_price.amount - worth).max(0);
        let row = ExtraRow {
            number: 0,
            order_no: self.order_no,
            passenger_no: wish.passenger,
            slice_no: segment.slice,
            segments: vec![segment.number],
            flights: vec![segment.flight],
            kind: ExtraKind::Seat,
            code: seat.zone.as_str().to_owned(),
            name: format!("Seat {}", seat.id),
            seat: Some(seat.id),
            mask: traveller.infant.map(|_| seat.block),
            quantity: 1,
            unit_price: unit_price.amount,
            discount: 0,
            price: Money::new(price, self.scene.facts.currency),
            value: worth + price,
            refund: map.refund(seat.id).to_vec(),
            replaces: before.filter(|row| Scene::is_issued(row)).map(|row| row.number),
            stocked: false,
            given: false,
            status: ExtraStatus::Reserved,
            emd_number: None,
        };
        Ok(Line { row, field, before, stock: None })
    }

    /// The rules of who may sit where, for all choices on a flight together.
    fn check_seats(&self, segment: &SegmentFacts, wishes: &[SeatWish]) -> Result<(), Problem> {
        let here = || wishes.iter().enumerate().filter(|(_, wish)| wish.segment == segment.number);
        let chosen: Seats = here().map(|(_, wish)| (wish.passenger, wish.seat)).collect();
        let Some(plan) = self.scene.plan(segment).filter(|_| !chosen.is_empty()) else { return Ok(()) };
        let (party, kept) = (self.scene.party(segment), self.scene.seats(segment.number));
        let refusals = check(&plan, &party, &kept, &chosen);
        let Some(first) = refusals.first() else { return Ok(()) };
        let (index, wish) =
            here().find(|(_, wish)| wish.passenger == first.passenger_no).ok_or_else(Problem::not_found)?;
        let field = format!("seats[{index}].seat");
        let all: Vec<serde_json::Value> = refusals
            .iter()
            .map(|refusal| {
                serde_json::json!({"passenger": refusal.passenger_no, "seat": refusal.seat,
                    "reason": refusal.reason.as_str()})
            })
            .collect();
        let problem = match first.reason {
            Reason::Taken => seat_taken(wish.passenger, wish.segment, &wish.seat.to_string(), &field),
            reason => not_allowed(wish, &field, reason),
        };
        Err(problem.with("refusals", all))
    }

    fn items(&self, wishes: &[ItemWish], after: i16) -> Result<Vec<Line<'a>>, Problem> {
        let mut lines: Vec<Line<'a>> = Vec::new();
        let numbers = self.scene.next_number() + after..;
        for ((index, wish), number) in wishes.iter().enumerate().zip(numbers) {
            let field = format!("items[{index}]");
            let unknown = || {
                Problem::invalid(&format!("{field}.code"), "there is no such extra; GET /extras lists them")
            };
            let extra =
                self.scene.catalogue.iter().find(|extra| extra.code == wish.code).ok_or_else(unknown)?;
            let segments = self.segments_of(wish, extra, &field)?;
            // What the same request asks for above counts.
            let above: i16 = lines
                .iter()
                .filter(|line| {
                    line.row.code == extra.code
                        && line.row.passenger_no == wish.passenger
                        && line.row.segments == segments.iter().map(|s| s.number).collect::<Vec<_>>()
                })
                .map(|line| line.row.quantity)
                .sum();
            let row = self.item(wish, extra, &segments, (number, above.unsigned_abs().into()), &field)?;
            lines.push(Line { row, field, before: None, stock: extra.stock });
        }
        Ok(lines)
    }

    /// The flights an item is for.
    fn segments_of(
        &self,
        wish: &ItemWish,
        extra: &Extra,
        field: &str,
    ) -> Result<Vec<&'a SegmentFacts>, Problem> {
        match (extra.per, wish.segment, wish.slice) {
            (Per::Flight, Some(segment), None) => {
                Ok(vec![self.open_segment(wish.passenger, segment, field)?])
            }
            (Per::Slice, None, Some(slice)) => {
                let segments: Vec<&SegmentFacts> = self.scene.facts.segments_of(slice).collect();
                if segments.is_empty() {
                    return Err(Problem::invalid(&format!("{field}.slice"), "the booking has no such slice"));
                }
                for segment in &segments {
                    self.open_segment(wish.passenger, segment.number, field)?;
                }
                Ok(segments)
            }
            (Per::Flight, ..) => Err(Problem::invalid(
                &format!("{field}.segment"),
                "this extra is sold per flight: give segment alone",
            )),
            (Per::Slice, ..) => Err(Problem::invalid(
                &format!("{field}.slice"),
                "this extra is sold per slice: give slice alone",
            )),
        }
    }

    /// The row of an item with this number; so many of it were asked for above.
    fn item(
        &self,
        wish: &ItemWish,
        extra: &Extra,
        segments: &[&SegmentFacts],
        (number, above): (i16, u32),
        field: &str,
    ) -> Result<ExtraRow, Problem> {
        let numbers: Vec<i16> = segments.iter().map(|segment| segment.number).collect();
        let first = segments.first().copied().ok_or_else(Problem::not_found)?;
        let passenger = self.scene.facts.passenger(wish.passenger).ok_or_else(Problem::not_found)?;
        let flight = self.scene.now().flight(first.flight).ok_or_else(Problem::not_found)?;
        if wish.quantity == 0 {
            return Err(Problem::invalid(&format!("{field}.quantity"), "it must be 1 or more"));
        }
        let asked = Wish {
            cabin: first.cabin,
            passenger: passenger.kind,
            included: &first.included,
            has: self.scene.quantity_of(&extra.code, wish.passenger, &numbers) + above,
            quantity: wish.quantity.into(),
            departs_at: flight.expected().0,
            check_in_closes: SignedDuration::from_mins(self.app.config.extras.close_minutes),
            now: self.now,
        };
        let price = extra.price_of(&asked).map_err(|error| refuse_item(error, field))?;
        if price.currency != self.scene.facts.currency && price.amount != 0 {
            return Err(other_currency(&format!("{field}.code")));
        }
        Ok(ExtraRow {
            number,
            order_no: self.order_no,
            passenger_no: wish.passenger,
            slice_no: first.slice,
            segments: numbers,
            flights: segments.iter().map(|segment| segment.flight).collect(),
            kind: extra.kind,
            code: extra.code.clone(),
            name: extra.name.clone(),
            seat: None,
            mask: None,
            quantity: wish.quantity.into(),
            unit_price: extra.unit_price(&first.included).amount,
            discount: 0,
            price: Money::new(price.amount, self.scene.facts.currency),
            value: price.amount,
            refund: extra.refund.clone(),
            replaces: None,
            stocked: extra.stock.is_some(),
            given: false,
            status: ExtraStatus::Reserved,
            emd_number: None,
        })
    }
}

fn not_allowed(wish: &SeatWish, field: &str, reason: Reason) -> Problem {
    refused(&wish.seat.to_string(), field, reason)
}

pub(super) fn refused(seat: &str, field: &str, reason: Reason) -> Problem {
    let problem = Problem::new(Category::Unprocessable, "seat_not_allowed")
        .arg("seat", seat)
        .arg("reason", reason.as_str());
    problem.field(field).with("reason", reason.as_str())
}

pub(super) fn seat_taken(passenger: i16, segment: i16, seat: &str, field: &str) -> Problem {
    let problem = Problem::new(Category::Conflict, "seat_taken").arg("seat", seat).field(field);
    problem
        .with("passenger", passenger)
        .with("segment", segment)
        .with("seat", seat)
        .actions(&["choose_another"])
}

fn extras_closed(field: &str) -> Problem {
    Problem::new(Category::Conflict, "extras_closed").field(field)
}

fn other_currency(field: &str) -> Problem {
    Problem::invalid(field, "it is sold in another currency than the booking")
}

fn refuse_item(error: ExtraError, field: &str) -> Problem {
    let refused = |reason: &'static str, member: &str| {
        let problem = Problem::new(Category::Unprocessable, "extra_not_allowed").arg("reason", reason);
        problem.field(&format!("{field}.{member}")).with("reason", reason)
    };
    match error {
        ExtraError::Cabin => refused("cabin", "code"),
        ExtraError::Passenger => refused("passenger", "passenger"),
        ExtraError::Included => refused("included", "code"),
        ExtraError::TooMany { .. } => Problem::invalid(&format!("{field}.quantity"), error.to_string()),
        ExtraError::Closed => extras_closed(&format!("{field}.code")),
        ExtraError::Money(_) => Problem::invalid(&format!("{field}.quantity"), "the price does not fit"),
    }
}
