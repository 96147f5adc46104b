//! Seats for a party together.
//!
//! The party is taken apart into units: an adult with the children it can have beside it, on both sides. Units are laid into
//! rows one after the other, from every row of the cabin once; of all ways the one on the fewest rows is taken, then the
//! cheapest, then the one furthest in front. A unit that fits nowhere whole is taken apart further. The same question has
//! the same answer always.

use std::collections::BTreeSet;

use super::plan::{CabinPlan, Place, PlaceState};
use super::{Seats, Traveller, may_sit};
use crate::fare_families::SeatChoice;
use crate::seat_maps::SeatId;

/// Travellers who shall sit in a row, from left to right.
type Unit = Vec<Traveller>;

/// Seats for those of the party who have none in `fixed`, as far as there are free ones that they may have. What a seat costs
/// depends on the choice the fare family includes.
pub fn propose(plan: &CabinPlan, party: &[Traveller], fixed: &Seats, choice: SeatChoice) -> Seats {
    let mut laying = Laying { plan, choice, seats: fixed.clone(), used: used(plan, party, fixed) };
    laying.used.keep_from_exits = !laying.is_guarded(party);
    let left: Vec<Traveller> =
        party.iter().filter(|traveller| !fixed.contains_key(&traveller.passenger_no)).copied().collect();
    let left = laying.beside_the_seated(party, left);
    let units = units(&left);
    if !laying.together(&units) {
        for unit in &units {
            laying.apart(unit);
        }
    }
    laying.at_exits(party, &left);
    laying.seats.retain(|passenger, _| !fixed.contains_key(passenger));
    laying.seats
}

/// Seats and masks that the seated of the party use already.
fn used(plan: &CabinPlan, party: &[Traveller], fixed: &Seats) -> Used {
    let mut used = Used::default();
    for traveller in party {
        if let Some(place) = fixed.get(&traveller.passenger_no).and_then(|seat| plan.place(*seat)) {
            used.take(traveller, place);
        }
    }
    used
}

/// An adult with up to two children on both sides; more children join the last units, one adult after the other.
fn units(left: &[Traveller]) -> Vec<Unit> {
    let (children, adults): (Vec<Traveller>, Vec<Traveller>) =
        left.iter().partition(|traveller| traveller.child);
    let mut units: Vec<Unit> = adults.into_iter().map(|adult| vec![adult]).collect();
    if units.is_empty() {
        return children.into_iter().map(|child| vec![child]).collect();
    }
    let count = units.len();
    for (index, child) in children.into_iter().enumerate() {
        let unit = &mut units[index % count];
        // Right of the adult first, then left, then outwards.
        if (index / count).is_multiple_of(2) { unit.push(child) } else { unit.insert(0, child) }
    }
    units
}

/// What is taken while seats are laid out.
#[derive(Clone, Debug, Default)]
struct Used {
    seats: BTreeSet<SeatId>,
    masks: BTreeSet<SeatId>,
    /// Nobody sits at an exit until an adult sits elsewhere, to look after the children.
    keep_from_exits: bool,
}

impl Used {
    fn take(&mut self, traveller: &Traveller, place: &Place) {
        self.seats.insert(place.seat.id);
        if traveller.infant.is_some() {
            self.masks.insert(place.seat.block);
        }
    }

    fn allows(&self, traveller: &Traveller, place: &Place) -> bool {
        let mask = place.mask_free && !self.masks.contains(&place.seat.block);
        place.state == PlaceState::Free
            && !self.seats.contains(&place.seat.id)
            && !(self.keep_from_exits && place.seat.exit)
            && may_sit(traveller, &place.seat).is_ok()
            && (traveller.infant.is_none() || mask)
    }
}

struct Laying<'a> {
    plan: &'a CabinPlan,
    choice: SeatChoice,
    seats: Seats,
    used: Used,
}

/// Some units laid out, and what that is worth: less is better.
struct Layout {
    seats: Seats,
    used: Used,
    worth: (usize, i64, u8),
}

impl Laying<'_> {
    /// Children beside adults who have a seat; gives back who has none yet.
    fn beside_the_seated(&mut self, party: &[Traveller], left: Vec<Traveller>) -> Vec<Traveller> {
        let plan = self.plan;
        let adults: Vec<SeatId> = party
            .iter()
            .filter(|traveller| !traveller.child)
            .filter_map(|traveller| self.seats.get(&traveller.passenger_no).copied())
            .collect();
        left.into_iter()
            .filter(|traveller| {
                let beside = |place: &&Place| {
                    traveller.child
                        && adults.iter().any(|adult| plan.are_neighbours(*adult, place.seat.id))
                        && self.used.allows(traveller, place)
                };
                let cheapest = plan.places().iter().filter(beside).min_by_key(|place| self.rank(place));
                let Some(place) = cheapest else { return true };
                self.used.take(traveller, place);
                self.seats.insert(traveller.passenger_no, place.seat.id);
                false
            })
            .collect()
    }

    /// Whether no child of the party is without an adult who sits away from the exits.
    fn is_guarded(&self, party: &[Traveller]) -> bool {
        let mut adults = party.iter().filter(|traveller| !traveller.child);
        let sits_elsewhere = |adult: &Traveller| {
            let place = self.seats.get(&adult.passenger_no).and_then(|seat| self.plan.place(*seat));
            place.is_some_and(|place| !place.seat.exit)
        };
        adults.clone().count() == party.len() || adults.any(sits_elsewhere)
    }

    /// Who has found no seat may have one at an exit, once somebody looks after the children.
    fn at_exits(&mut self, party: &[Traveller], left: &[Traveller]) {
        if !self.used.keep_from_exits || !self.is_guarded(party) {
            return;
        }
        self.used.keep_from_exits = false;
        for traveller in left {
            if !self.seats.contains_key(&traveller.passenger_no) {
                self.apart(&[*traveller]);
            }
        }
    }

    fn price(&self, place: &Place) -> i64 {
        place.seat.price_for(self.choice).amount
    }

    fn rank(&self, place: &Place) -> (i64, SeatId) {
        (self.price(place), place.seat.id)
    }

    /// Lays all units, from the row that is best; `false` if there is none.
    fn together(&mut self, units: &[Unit]) -> bool {
        if units.is_empty() {
            return true;
        }
        let rows: Vec<&[Place]> = self.plan.rows().collect();
        let layouts = (0..rows.len()).filter_map(|first| self.lay(&rows[first..], units));
        let Some(best) = layouts.min_by_key(|layout| layout.worth) else { return false };
        self.seats.extend(best.seats);
        self.used = best.used;
        true
    }

    /// Lays a unit wherever it fits, and what does not fit in parts.
    fn apart(&mut self, unit: &[Traveller]) {
        if self.together(&[unit.to_vec()]) || unit.len() < 2 {
            return;
        }
        let (rest, last) = unit.split_at(unit.len() - 1);
        self.apart(rest);
        self.apart(last);
    }

    /// Lays units one after the other into these rows, as many as fit into each.
    fn lay(&self, rows: &[&[Place]], units: &[Unit]) -> Option<Layout> {
        let mut layout = Layout { seats: Seats::new(), used: self.used.clone(), worth: (0, 0, 0) };
        let mut waiting = units.iter().peekable();
        for (index, row) in rows.iter().enumerate() {
            let mut from = 0;
            while let Some(unit) = waiting.peek() {
                let Some(at) = fit(&layout.used, row, from, unit) else { break };
                for (traveller, place) in unit.iter().zip(&row[at..]) {
                    layout.used.take(traveller, place);
                    layout.seats.insert(traveller.passenger_no, place.seat.id);
                    layout.worth.1 += self.price(place);
                }
                if layout.worth.2 == 0 {
                    layout.worth.2 = row[at].seat.id.row();
                }
                from = at + unit.len();
                waiting.next();
            }
            // The first row must have somebody: the others are tried from the row they begin in.
            if layout.seats.is_empty() {
                return None;
            }
            if waiting.peek().is_none() {
                layout.worth.0 = index + 1;
                return Some(layout);
            }
        }
        None
    }
}

/// Where in the row, not before `from`, the unit fits side by side.
fn fit(used: &Used, row: &[Place], from: usize, unit: &[Traveller]) -> Option<usize> {
    let last = row.len().checked_sub(unit.len())?;
    (from..=last).find(|at| {
        let mut masks = used.clone();
        unit.iter().zip(&row[*at..]).all(|(traveller, place)| {
            let allowed = masks.allows(traveller, place);
            masks.take(traveller, place);
            allowed
        })
    })
}
