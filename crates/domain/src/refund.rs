//! What comes back when tickets are given back, line by line, and why.
//!
//! Each fare is looked at by itself: the best of what the law gives and what its fare family promised. Taxes of flights
//! that were not flown always come back. Everything follows from values, so a quote and its confirmation cannot differ.

mod exchange;

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::MoneyError;
use kernel::money::{allocate, scale_ppm};

use crate::extras::ExtraKind;
use crate::fare_families::{Conditions, RefundStep};
use crate::refund_rules::{RefundCase, RefundRule, RefundRules};
use crate::sold::SoldFare;

pub use self::exchange::{Left, exchange};
use self::exchange::{Value, values};

/// A slice as it was sold and as it is now.
#[derive(Clone, Debug)]
pub struct SliceNow<'a> {
    /// Its number in the booking.
    pub slice_no: i16,
    /// What its fare family promised.
    pub conditions: &'a Conditions,
    /// Its flights in order.
    pub flights: Vec<FlightNow<'a>>,
}

/// A flight of a slice.
#[derive(Clone, Debug)]
pub struct FlightNow<'a> {
    /// Its share of the slice's price, minor units: how much of the fare it stands for.
    pub price: i64,
    /// Departure and arrival as they were sold.
    pub sold: (Timestamp, Timestamp),
    /// Departure and arrival as they are expected now.
    pub now: (Timestamp, Timestamp),
    /// Whether the airline has cancelled it.
    pub cancelled: bool,
    /// The countries it departs from and arrives in.
    pub countries: (&'a str, &'a str),
    /// Passengers who are on board or have flown on it, by number, as far as boarding is known.
    pub carried: BTreeSet<i16>,
}

/// When it was bought, and when it is given back.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// When the booking was made.
    pub booked_at: Timestamp,
    /// When its first flight departs.
    pub first_departure: Timestamp,
    /// When it is given back.
    pub now: Timestamp,
}

/// An extra that goes back with its tickets.
#[derive(Clone, Debug)]
pub struct ReturnedExtra<'a> {
    /// Its number in the booking.
    pub number: i16,
    /// Whose.
    pub passenger_no: i16,
    /// Of which slice.
    pub slice_no: i16,
    /// What it is.
    pub kind: ExtraKind,
    /// What people call it.
    pub name: &'a str,
    /// What was paid for it, minor units.
    pub value: i64,
    /// What comes back when the traveller gives it back, by time before departure.
    pub refund: &'a [RefundStep],
    /// Of how many flights it was for, how many were not flown.
    pub unused: (u32, u32),
}

/// What comes back of one part of a fare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub passenger_no: i16,
    /// Of which slice.
    pub slice_no: i16,
    /// Which part.
    pub part: Part,
    /// What was paid for it, minor units.
    pub paid: i64,
    /// What comes back of that.
    pub back: i64,
    /// Why so much.
    pub reason: Reason,
}

/// A part of a fare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the airline keeps of the price.
    Fare,
    /// A tax or charge.
    Tax {
        /// What tickets call it.
        code: String,
        /// What people call it.
        name: String,
    },
    /// A seat, baggage or another extra.
    Extra {
        /// Its number in the booking.
        number: i16,
        /// What it is.
        kind: ExtraKind,
        /// What people call it.
        name: String,
    },
}

/// Why so much comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The airline did not fly it.
    AirlineCancelled {
        /// The article that says so.
        citation: String,
    },
    /// The airline moved it.
    AirlineMoved {
        /// By so many minutes.
        minutes: i64,
        /// The article that says so.
        citation: String,
    },
    /// A change of mind soon after booking.
    CoolingOff {
        /// The article that says so.
        citation: String,
    },
    /// The fare family's ladder: from so many hours before departure, so many percent.
    FareRule {
        /// The step's hours.
        hours: u32,
        /// The step's percentage.
        percent: u8,
    },
    /// It was paid for a ticket that was exchanged, of which no more came back when it was exchanged.
    CarriedOver {
        /// So many percent.
        percent: u8,
    },
    /// The fare family gives nothing back, or not this late.
    NotRefundable,
    /// Taxes of flights that were not flown come back.
    UnusedTax,
}

impl Reason {
    /// Whether the traveller chose it, rather than the airline failing.
    pub const fn is_voluntary(&self) -> bool {
        !matches!(self, Self::AirlineCancelled { .. } | Self::AirlineMoved { .. })
    }

    /// So many percent come back of what was not flown.
    pub const fn percent(&self) -> u8 {
        match self {
            Self::FareRule { percent, .. } | Self::CarriedOver { percent } => *percent,
            Self::NotRefundable => 0,
            Self::AirlineCancelled { .. }
            | Self::AirlineMoved { .. }
            | Self::CoolingOff { .. }
            | Self::UnusedTax => 100,
        }
    }

    /// Whether everything comes back whatever the fare family says: the airline failed, or it was booked only just now. A
    /// change costs no fee then.
    pub const fn is_whole(&self) -> bool {
        matches!(self, Self::AirlineCancelled { .. } | Self::AirlineMoved { .. } | Self::CoolingOff { .. })
    }

    /// The word on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::AirlineCancelled { .. } => "airline_cancelled",
            Self::AirlineMoved { .. } => "airline_moved",
            Self::CoolingOff { .. } => "cooling_off",
            Self::FareRule { .. } => "fare_rule",
            Self::CarriedOver { .. } => "carried_over",
            Self::NotRefundable => "not_refundable",
            Self::UnusedTax => "unused_tax",
        }
    }
}

/// Why nothing can be quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// A slice that has begun is not given back, unless the airline broke it.
    #[error("slice {0} has departed")]
    Departed(i16),
    /// A fare belongs to no slice that was given.
    #[error("no slice {0}")]
    NoSlice(i16),
    /// An amount does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What comes back of these fares.
pub fn quote(
    moment: Moment,
    slices: &[SliceNow<'_>],
    fares: &[SoldFare],
    rules: &RefundRules,
) -> Result<Vec<Line>, QuoteError> {
    let mut lines = Vec::new();
    for fare in fares {
        let slice = slices.iter().find(|slice| slice.slice_no == fare.slice_no);
        let slice = slice.ok_or(QuoteError::NoSlice(fare.slice_no))?;
        let verdict = verdict(moment, slice, rules)?;
        let unused = |amount| slice.unused(amount, fare.passenger_no, moment.now);
        let line = |part, paid, back, reason| Line {
            passenger_no: fare.passenger_no,
            slice_no: fare.slice_no,
            part,
            paid,
            back,
            reason,
        };
        for Value { amount, reason, .. } in values(fare, &verdict) {
            let back = if reason.is_whole() { unused(amount) } else { part_of(amount, &reason)? };
            lines.push(line(Part::Fare, amount, back, reason));
        }
        for tax in &fare.taxes {
            let part = Part::Tax { code: tax.code.clone(), name: tax.name.clone() };
            lines.push(line(part, tax.amount, unused(tax.amount), Reason::UnusedTax));
        }
    }
    Ok(lines)
}

/// What comes back of extras that go back with their tickets. What the airline failed to provide comes back as far as it was
/// not used (14 CFR 260.4: fees for ancillary services), what the law gives back after a change of mind as well; otherwise
/// each extra has terms of its own, as it was sold.
pub fn quote_extras(
    moment: Moment,
    slices: &[SliceNow<'_>],
    extras: &[ReturnedExtra<'_>],
    rules: &RefundRules,
) -> Result<Vec<Line>, QuoteError> {
    let mut lines = Vec::new();
    for extra in extras {
        let slice = slices.iter().find(|slice| slice.slice_no == extra.slice_no);
        let slice = slice.ok_or(QuoteError::NoSlice(extra.slice_no))?;
        let reason = match verdict(moment, slice, rules)? {
            given if given.is_whole() => given,
            _ => reached(extra.refund, slice.departs_at().duration_since(moment.now)),
        };
        let back =
            if reason.is_whole() { share(extra.value, extra.unused) } else { part_of(extra.value, &reason)? };
        let part = Part::Extra { number: extra.number, kind: extra.kind, name: extra.name.to_owned() };
        let (passenger_no, slice_no) = (extra.passenger_no, extra.slice_no);
        lines.push(Line { passenger_no, slice_no, part, paid: extra.value, back, reason });
    }
    Ok(lines)
}

/// An amount's share of so many of so many.
fn share(amount: i64, (some, all): (u32, u32)) -> i64 {
    let rest = all.saturating_sub(some);
    allocate(amount, &[some, rest]).first().copied().unwrap_or(0)
}

/// The percentage of an amount that a reason gives back, rounded half up.
fn part_of(amount: i64, reason: &Reason) -> Result<i64, MoneyError> {
    scale_ppm(amount, u32::from(reason.percent()) * 10_000)
}

/// What decides about the fares of a slice: the airline's own failure, then the law, then the family. What was carried over
/// from exchanged tickets may be more restricted than that ([`exchange`]).
pub fn verdict(moment: Moment, slice: &SliceNow<'_>, rules: &RefundRules) -> Result<Reason, QuoteError> {
    if let Some(reason) = slice.disruption(moment.now, rules) {
        return Ok(reason);
    }
    if slice.departs_at() <= moment.now {
        return Err(QuoteError::Departed(slice.slice_no));
    }
    Ok(cooling_off(moment, slice, rules).unwrap_or_else(|| ladder(slice, moment.now)))
}

fn cooling_off(moment: Moment, slice: &SliceNow<'_>, rules: &RefundRules) -> Option<Reason> {
    let countries = slice.countries();
    let applies =
        |rule: &&RefundRule| cools_off_until(rule, moment, slice).is_some_and(|until| moment.now <= until);
    let rule = rules.holding(day_of(moment.now), &countries).find(applies)?;
    Some(Reason::CoolingOff { citation: rule.citation.clone() })
}

/// The last instant at which the law lets the traveller have a change of mind about the slice, if there is or was one.
pub fn cooling_off_ends(moment: Moment, slice: &SliceNow<'_>, rules: &RefundRules) -> Option<Timestamp> {
    let countries = slice.countries();
    let holding = rules.holding(day_of(moment.now), &countries);
    holding.filter_map(|rule| cools_off_until(rule, moment, slice)).max()
}

/// The same by one rule: `None` for another kind of rule, and where it was booked too shortly before departure.
fn cools_off_until(rule: &RefundRule, moment: Moment, slice: &SliceNow<'_>) -> Option<Timestamp> {
    let RefundCase::CoolingOff { hours, domestic_days, international_days } = rule.case else {
        return None;
    };
    let days = if slice.is_domestic() { domestic_days } else { international_days };
    let ahead = moment.first_departure.duration_since(moment.booked_at);
    (ahead >= SignedDuration::from_hours(24 * i64::from(days)))
        .then(|| moment.booked_at + SignedDuration::from_hours(hours.into()))
}

/// The longest step that is still far enough away.
fn ladder(slice: &SliceNow<'_>, now: Timestamp) -> Reason {
    reached(&slice.conditions.refund, slice.departs_at().duration_since(now))
}

/// The longest step of a ladder that so much time reaches.
fn reached(ladder: &[RefundStep], left: SignedDuration) -> Reason {
    let reached = |step: &&RefundStep| left >= SignedDuration::from_hours(step.hours.into());
    match ladder.iter().filter(reached).max_by_key(|step| step.hours) {
        Some(step) if step.percent > 0 => Reason::FareRule { hours: step.hours, percent: step.percent },
        _ => Reason::NotRefundable,
    }
}

fn day_of(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl SliceNow<'_> {
    /// When its first flight departs as it is expected now.
    pub fn departs_at(&self) -> Timestamp {
        self.flights.iter().map(|flight| flight.now.0).min().unwrap_or(Timestamp::MIN)
    }

    fn countries(&self) -> Vec<&str> {
        self.flights.iter().flat_map(|flight| [flight.countries.0, flight.countries.1]).collect()
    }

    fn is_domestic(&self) -> bool {
        self.flights.iter().all(|flight| flight.countries.0 == flight.countries.1)
    }

    /// What an amount is worth on the flights that a passenger has not flown: its share by the flights' prices.
    fn unused(&self, amount: i64, passenger: i16, now: Timestamp) -> i64 {
        let weights: Vec<u32> =
            self.flights.iter().map(|flight| u32::try_from(flight.price).unwrap_or(u32::MAX)).collect();
        let parts = allocate(amount, &weights).into_iter().zip(&self.flights).enumerate();
        let flown = |place: usize, flight: &FlightNow<'_>| {
            if self.is_cut_off(place) { flight.carried.contains(&passenger) } else { flight.flown(now) }
        };
        parts.filter(|(place, (_, flight))| !flown(*place, flight)).map(|(_, (part, _))| part).sum()
    }

    /// Whether nobody could get to a flight by the slice, because one before it is cancelled. That it has left says nothing about whether it was
    /// flown then.
    fn is_cut_off(&self, place: usize) -> bool {
        self.flights.iter().take(place).any(|flight| flight.cancelled)
    }

    /// Whether, and by which rule, the airline has broken what is left of the slice: a flight is cancelled, or the traveller
    /// would leave much earlier or arrive much later than was sold.
    pub fn disruption(&self, now: Timestamp, rules: &RefundRules) -> Option<Reason> {
        let left: Vec<&FlightNow<'_>> = self.flights.iter().filter(|flight| !flight.flown(now)).collect();
        let countries = self.countries();
        let holding = || rules.holding(day_of(now), &countries);
        if left.iter().any(|flight| flight.cancelled) {
            // All of them give everything back; the last that is filed is the one that is cited.
            let rule = holding().filter(|rule| rule.case == RefundCase::Cancelled).last()?;
            return Some(Reason::AirlineCancelled { citation: rule.citation.clone() });
        }
        let (first, last) = (left.first()?, left.last()?);
        let earlier = first.sold.0.duration_since(first.now.0).as_mins();
        let later = last.now.1.duration_since(last.sold.1).as_mins();
        let minutes = earlier.max(later);
        let moved = |rule: &&RefundRule| match rule.case {
            RefundCase::Moved { domestic, international } => {
                minutes >= i64::from(if self.is_domestic() { domestic } else { international })
            }
            _ => false,
        };
        let rule = holding().find(moved)?;
        Some(Reason::AirlineMoved { minutes, citation: rule.citation.clone() })
    }
}

impl FlightNow<'_> {
    /// Whether it has left with its passengers.
    fn flown(&self, now: Timestamp) -> bool {
        !self.cancelled && self.now.0 <= now
    }
}

#[cfg(test)]
mod tests;
