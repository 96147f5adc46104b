//! Who may sit where, and seats for a party together.
//!
//! The rules, in the order they are asked:
//!
//! 1. A seat is of the passenger's cabin, on the map, not blocked, and free.
//! 2. Beside an exit sit adults of fifteen or older without an infant on their lap (14 CFR 121.585(b): old enough, able
//!    without help, and not caring for a small child). Of a party with children one adult at least sits elsewhere.
//! 3. An infant on a lap needs an oxygen mask of its own; a block of seats has one more than seats at most (14 CFR
//!    25.1447(c)(1)). So an adult with an infant sits in a block that has one, one such adult to a block.
//! 4. A child sits beside an adult of the booking: in the same row, the next seat or the one across the aisle. Where that
//!    cannot be had for every child, the choice is as good as our own proposal would be, and no worse.

mod plan;
mod propose;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use plan::{CabinPlan, Place, PlaceState};
pub use propose::propose;

use crate::booking::age_on;
use crate::pricing::PassengerType;
use crate::seat_maps::{Seat, SeatId};

/// Who sits beside an exit is so old (14 CFR 121.585(b)(2)).
pub const EXIT_AGE: i16 = 15;

/// Seats by passenger.
pub type Seats = BTreeMap<i16, SeatId>;

/// A passenger who has a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traveller {
    /// The passenger's number in the booking.
    pub passenger_no: i16,
    /// Whether it is a child.
    pub child: bool,
    /// How old on the day of the flight.
    pub age: i16,
    /// The infant on the lap.
    pub infant: Option<i16>,
}

/// The passengers with a seat: number, type and date of birth of all, and the day of the flight. The first infant is on the
/// lap of the first adult, the second on that of the second, and so on.
pub fn travellers(passengers: &[(i16, PassengerType, Date)], day: Date) -> Vec<Traveller> {
    let mut infants = passengers.iter().filter(|(_, kind, _)| *kind == PassengerType::Infant);
    let mut with_seat = Vec::new();
    for (passenger_no, kind, born) in passengers {
        let infant =
            if *kind == PassengerType::Adult { infants.next().map(|(number, ..)| *number) } else { None };
        if *kind != PassengerType::Infant {
            let age = age_on(*born, day).unwrap_or(0);
            let child = *kind == PassengerType::Child;
            with_seat.push(Traveller { passenger_no: *passenger_no, child, age, infant });
        }
    }
    with_seat
}

/// Why a passenger may not have a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// There is no such seat in the cabin.
    NoSuchSeat,
    /// Somebody else has it.
    Taken,
    /// It is given at the airport only.
    Blocked,
    /// Two of the party are to have it.
    Twice,
    /// Beside an exit sit people of fifteen or older.
    ExitAge,
    /// Beside an exit sits nobody with an infant on the lap.
    ExitInfant,
    /// Beside an exit sits nobody who looks after children; one adult of the party is elsewhere.
    ExitGuardian,
    /// The block has no oxygen mask for an infant, or another infant has it.
    InfantMask,
    /// A child sits beside an adult of the booking.
    ChildApart,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::NoSuchSeat,
        Self::Taken,
        Self::Blocked,
        Self::Twice,
        Self::ExitAge,
        Self::ExitInfant,
        Self::ExitGuardian,
        Self::InfantMask,
        Self::ChildApart,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSuchSeat => "no_such_seat",
            Self::Taken => "taken",
            Self::Blocked => "blocked",
            Self::Twice => "chosen_twice",
            Self::ExitAge => "exit_age",
            Self::ExitInfant => "exit_infant",
            Self::ExitGuardian => "exit_guardian",
            Self::InfantMask => "infant_mask",
            Self::ChildApart => "child_apart",
        }
    }
}

/// A seat that a passenger may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Who.
    pub passenger_no: i16,
    /// Which seat.
    pub seat: SeatId,
    /// Why not.
    pub reason: Reason,
}

/// Whether a traveller may sit there, whoever sits where else.
pub fn may_sit(traveller: &Traveller, seat: &Seat) -> Result<(), Reason> {
    if seat.exit && (traveller.child || traveller.age < EXIT_AGE) {
        return Err(Reason::ExitAge);
    }
    if seat.exit && traveller.infant.is_some() {
        return Err(Reason::ExitInfant);
    }
    if traveller.infant.is_some() && !seat.mask {
        return Err(Reason::InfantMask);
    }
    Ok(())
}

/// Checks the seats a party chooses on a flight. `kept` are seats some of them have already; a passenger in both changes
/// seat. `plan` has the party's own seats as free.
pub fn check(plan: &CabinPlan, party: &[Traveller], kept: &Seats, chosen: &Seats) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut all = kept.clone();
    all.extend(chosen.iter().map(|(passenger, seat)| (*passenger, *seat)));
    for (passenger_no, seat) in chosen {
        let mut refuse = |reason| refusals.push(Refusal { passenger_no: *passenger_no, seat: *seat, reason });
        let twice = all.iter().any(|(other, taken)| other != passenger_no && taken == seat);
        let state = plan.state(*seat);
        match (twice, state) {
            (_, None) => refuse(Reason::NoSuchSeat),
            (true, _) => refuse(Reason::Twice),
            (_, Some(PlaceState::Taken)) => refuse(Reason::Taken),
            (_, Some(PlaceState::Blocked)) => refuse(Reason::Blocked),
            (false, Some(PlaceState::Free)) => {}
        }
        let traveller = party.iter().find(|traveller| traveller.passenger_no == *passenger_no);
        if let Some((traveller, place)) = traveller.zip(plan.place(*seat)) {
            if let Err(reason) = may_sit(traveller, &place.seat) {
                refuse(reason);
            } else if traveller.infant.is_some() && mask_is_used(plan, party, &all, traveller, place) {
                refuse(Reason::InfantMask);
            }
        }
    }
    refusals.extend(guardians(plan, party, &all, chosen));
    if refusals.is_empty() {
        refusals.extend(children_apart(plan, party, kept, chosen, &all));
    }
    refusals.sort_unstable();
    refusals
}

/// Whether another infant has the mask of the block.
fn mask_is_used(
    plan: &CabinPlan,
    party: &[Traveller],
    all: &Seats,
    traveller: &Traveller,
    place: &Place,
) -> bool {
    let same_block = |other: &Traveller| {
        let seat = all.get(&other.passenger_no).and_then(|seat| plan.place(*seat));
        seat.is_some_and(|other| other.seat.block == place.seat.block)
    };
    let ours = party.iter().any(|other| {
        other.infant.is_some() && other.passenger_no != traveller.passenger_no && same_block(other)
    });
    ours || !place.mask_free
}

/// One adult of a party with children sits away from the exits.
fn guardians(plan: &CabinPlan, party: &[Traveller], all: &Seats, chosen: &Seats) -> Vec<Refusal> {
    let at_exit = |traveller: &Traveller| {
        let seat = all.get(&traveller.passenger_no).and_then(|seat| plan.place(*seat));
        seat.is_some_and(|place| place.seat.exit)
    };
    let has_children = party.iter().any(|traveller| traveller.child);
    let mut adults = party.iter().filter(|traveller| !traveller.child);
    if !has_children || adults.clone().next().is_none() || !adults.all(at_exit) {
        return Vec::new();
    }
    let adult = |passenger: i16| party.iter().any(|who| who.passenger_no == passenger && !who.child);
    let chose_exit = chosen.iter().filter(|(passenger, seat)| {
        adult(**passenger) && plan.place(**seat).is_some_and(|place| place.seat.exit)
    });
    chose_exit
        .map(|(passenger_no, seat)| Refusal {
            passenger_no: *passenger_no,
            seat: *seat,
            reason: Reason::ExitGuardian,
        })
        .collect()
}

/// Children of the choice who could sit beside an adult and do not.
fn children_apart(
    plan: &CabinPlan,
    party: &[Traveller],
    kept: &Seats,
    chosen: &Seats,
    all: &Seats,
) -> Vec<Refusal> {
    let apart = apart(plan, party, all);
    let chosen_apart: Vec<Refusal> = chosen
        .iter()
        .filter(|(passenger, _)| apart.contains(passenger))
        .map(|(passenger_no, seat)| Refusal {
            passenger_no: *passenger_no,
            seat: *seat,
            reason: Reason::ChildApart,
        })
        .collect();
    if chosen_apart.is_empty() {
        return chosen_apart;
    }
    // The best we could do for the same children: the adults who have no seat yet, or choose one now, may sit anywhere.
    let stays = |passenger: &i16| !chosen.contains_key(passenger);
    let fixed: Seats = kept.iter().filter(|(who, _)| stays(who)).map(|(who, seat)| (*who, *seat)).collect();
    let concerned: Vec<Traveller> = party
        .iter()
        .filter(|traveller| !traveller.child || all.contains_key(&traveller.passenger_no))
        .copied()
        .collect();
    let mut best = fixed.clone();
    best.extend(propose(plan, &concerned, &fixed, crate::fare_families::SeatChoice::Any));
    let best_apart = self::apart(plan, &concerned, &best).len();
    if apart.len() > best_apart { chosen_apart } else { Vec::new() }
}

/// The children who do not sit beside an adult of the party; those without a seat do not count.
pub fn apart(plan: &CabinPlan, party: &[Traveller], seats: &Seats) -> Vec<i16> {
    let seat_of = |traveller: &Traveller| seats.get(&traveller.passenger_no).copied();
    let beside_an_adult = |seat: SeatId| {
        let mut adults = party.iter().filter(|traveller| !traveller.child).filter_map(seat_of);
        adults.any(|adult| plan.are_neighbours(seat, adult))
    };
    let children = party.iter().filter(|traveller| traveller.child);
    children
        .filter(|child| seat_of(child).is_some_and(|seat| !beside_an_adult(seat)))
        .map(|child| child.passenger_no)
        .collect()
}
