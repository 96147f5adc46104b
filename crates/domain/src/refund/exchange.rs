//! What becomes of the value of tickets that are exchanged for others by the traveller's choice.
//!
//! Airlines file that the most restrictive penalty of the tickets exchanged stays with the value that is carried over (ATPCO
//! category 31, voluntary changes, and category 33, voluntary refunds). Without it anybody would change to a flight far away, or to a
//! refundable family, and give that back for everything. So each part of the old fare keeps the percentage that would have come back of it at
//! the moment of the change, and what the new ticket does not need of it comes back at this percentage and no other.

use kernel::MoneyError;

use super::{Line, Part, Reason, part_of};
use crate::sold::{Carried, SoldFare};

/// A fare that is left for another: the passenger's on slice `new_slice_no`.
#[derive(Clone, Debug)]
pub struct Left<'a> {
    /// As it was sold.
    pub fare: &'a SoldFare,
    /// What decides about it now ([`super::verdict`]).
    pub verdict: Reason,
    /// The slice that takes the place of its slice.
    pub new_slice_no: i16,
}

/// A part of a fare that comes back by one reason.
#[derive(Clone, Debug)]
pub(super) struct Value {
    slice_no: i16,
    pub(super) amount: i64,
    pub(super) reason: Reason,
}

/// The parts of a net fare by what comes back of each, the most restricted first. There is one at least, and only one if everything
/// comes back or nothing was carried over.
pub(super) fn values(fare: &SoldFare, verdict: &Reason) -> Vec<Value> {
    let mut parts = vec![(fare.net(), verdict.clone())];
    if !verdict.is_whole() {
        for Carried { amount, percent } in fare.carried.iter().filter(|part| part.percent < verdict.percent())
        {
            parts[0].0 -= amount;
            parts.push((*amount, Reason::CarriedOver { percent: *percent }));
        }
    }
    if parts.len() > 1 {
        parts.retain(|(amount, _)| *amount > 0);
    }
    let mut values: Vec<Value> =
        parts.into_iter().map(|(amount, reason)| Value { slice_no: fare.slice_no, amount, reason }).collect();
    values.sort_by_key(|value| value.reason.percent());
    values
}

/// Carries the value of the fares that are left into the new ones, passenger by passenger, and says what comes back of the
/// rest: a line for each part, none if nothing is left over. A new fare takes the value of the slice whose place it takes, the most
/// restricted first; what it lacks then it takes from the passenger's other slices. Taxes have no part in it: those of the old
/// tickets come back whole, those of the new ones are paid.
///
/// What can come back of the old fares is what comes back now and what can come back of the new ones at most, less what
/// is paid for them; only the halves of minor units are rounded.
pub fn exchange(left: &[Left<'_>], new: &mut [SoldFare]) -> Result<Vec<Line>, MoneyError> {
    let mut parts: Vec<(i16, i16, Value)> = Vec::new();
    for Left { fare, verdict, new_slice_no } in left {
        let own = values(fare, verdict).into_iter();
        parts.extend(own.map(|value| (fare.passenger_no, *new_slice_no, value)));
    }
    parts.sort_by_key(|(_, _, value)| value.reason.percent());
    let mut room: Vec<i64> = new.iter().map(SoldFare::net).collect();
    for only_own in [true, false] {
        for (fare, room) in new.iter_mut().zip(&mut room) {
            for (passenger_no, slice_no, value) in &mut parts {
                if *passenger_no == fare.passenger_no && (!only_own || *slice_no == fare.slice_no) {
                    let amount = value.amount.min(*room);
                    value.amount -= amount;
                    *room -= amount;
                    carry(fare, amount, value.reason.percent());
                }
            }
        }
    }
    let rest = parts.into_iter().filter(|(_, _, value)| value.amount > 0);
    rest.map(|(passenger_no, _, Value { slice_no, amount, reason })| {
        let back = part_of(amount, &reason)?;
        Ok(Line { passenger_no, slice_no, part: Part::Fare, paid: amount, back, reason })
    })
    .collect()
}

/// Writes down what is restricted; of the rest the new terms hold.
fn carry(fare: &mut SoldFare, amount: i64, percent: u8) {
    if amount == 0 || percent >= 100 {
        return;
    }
    match fare.carried.iter_mut().find(|part| part.percent == percent) {
        Some(part) => part.amount += amount,
        None => fare.carried.push(Carried { amount, percent }),
    }
    fare.carried.sort_by_key(|part| part.percent);
}

#[cfg(test)]
mod tests;
