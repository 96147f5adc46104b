//! Boarding: when a gate takes passes, what it makes of one, and who may not be left alone on board.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::flight_status::FlightStatus;
use crate::pricing::PassengerType;

/// A reader that reads a pass once more within this time has beeped twice. Later it is somebody else with a copy.
pub const BEEPS_TWICE: SignedDuration = SignedDuration::from_secs(15);

/// No gate is closed longer than this before its flight leaves, whatever was declared. So whoever issues a ticket for a flight much further
/// ahead need not ask whether its gate is ([`may_be_closed`]).
pub const CLOSES_AT_MOST_BEFORE: SignedDuration = SignedDuration::from_hours(48);

/// A flight may be retimed within its date when its gate is closed already: by a day, of 25 hours where the clocks are changed.
const RETIMED_AT_MOST: SignedDuration = SignedDuration::from_hours(25);

/// Whether the gate of a flight that departs then may be closed now. Whatever its status says: staff may take back that it boards, or announce
/// a delay, when they have closed it.
pub fn may_be_closed(departs_at: Timestamp, now: Timestamp) -> bool {
    departs_at.duration_since(now) <= CLOSES_AT_MOST_BEFORE + RETIMED_AT_MOST
}

/// Why a gate takes no passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// Boarding has not begun.
    NotOpen,
    /// It was closed.
    Closed,
    /// The flight has left.
    Departed,
    /// The flight will not fly.
    Cancelled,
}

/// Whether a gate takes passes now: from `boarding_at` on, or from when staff declare boarding, until it is closed or the flight has left.
/// While staff say that it boards, the clock does not end it.
pub fn is_open(
    status: FlightStatus,
    closed: bool,
    boarding_at: Timestamp,
    now: Timestamp,
) -> Result<(), Shut> {
    match status {
        FlightStatus::Cancelled => Err(Shut::Cancelled),
        FlightStatus::Departed | FlightStatus::Arrived => Err(Shut::Departed),
        _ if closed => Err(Shut::Closed),
        FlightStatus::Boarding => Ok(()),
        FlightStatus::Scheduled | FlightStatus::Delayed if now >= boarding_at => Ok(()),
        FlightStatus::Scheduled | FlightStatus::Delayed => Err(Shut::NotOpen),
    }
}

/// What is wrong with the version of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGood {
    /// There is a newer one.
    Replaced,
    /// Its passenger is not checked in any more.
    Ended,
}

/// What a gate makes of the version it reads. `newest` is the last that was issued, and whether it is still good.
pub const fn look_at(version: u16, newest: (u16, bool)) -> Result<(), NotGood> {
    match newest {
        (_, false) => Err(NotGood::Ended),
        (number, true) if number == version => Ok(()),
        (_, true) => Err(NotGood::Replaced),
    }
}

/// Whether reading a pass again, whose passenger is on board, is the same reading: the same reader says so, or has beeped twice. Readers
/// that count from one have the same words; so another reader never reads the same.
pub fn is_same_reading(
    (scan, device): (&str, &str),
    (before, by): (&str, &str),
    since: SignedDuration,
) -> bool {
    device == by && (scan == before || since <= BEEPS_TWICE)
}

/// Passengers of a booking who are on board without an adult of it. `boarded` are their numbers and types.
pub fn alone(boarded: &[(i16, PassengerType)]) -> BTreeSet<i16> {
    if boarded.iter().any(|(_, kind)| *kind == PassengerType::Adult) {
        return BTreeSet::new();
    }
    boarded.iter().map(|(number, _)| *number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_open_from_boarding_until_it_is_closed() {
        use FlightStatus::{Arrived, Boarding, Cancelled, Delayed, Departed, Scheduled};
        let at = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        for (status, closed, now, expected) in [
            (Scheduled, false, 9, Err(Shut::NotOpen)),
            (Delayed, false, 9, Err(Shut::NotOpen)),
            (Scheduled, false, 10, Ok(())),
            (Boarding, false, 9, Ok(())),
            (Boarding, false, 500, Ok(())),
            (Boarding, true, 9, Err(Shut::Closed)),
            (Departed, false, 50, Err(Shut::Departed)),
            (Arrived, true, 50, Err(Shut::Departed)),
            (Cancelled, true, 9, Err(Shut::Cancelled)),
        ] {
            assert_eq!(is_open(status, closed, at(10), at(now)), expected, "{status:?} {closed} {now}");
        }
    }

    #[test]
    fn a_gate_may_be_closed_for_as_long_as_it_may_have_been_since_before_a_retiming() {
        let departs = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500);
        let before = |seconds| departs - SignedDuration::from_hours(73) - SignedDuration::from_secs(seconds);
        for (now, expected) in
            [(before(1), false), (before(0), true), (departs, true), (before(-400_000), true)]
        {
            assert_eq!(may_be_closed(departs, now), expected, "{now}");
        }
    }

    #[test]
    fn only_the_newest_version_is_good_and_only_while_its_passenger_is_checked_in() {
        assert_eq!(look_at(2, (2, true)), Ok(()));
        assert_eq!(look_at(1, (2, true)), Err(NotGood::Replaced));
        assert_eq!(look_at(3, (2, true)), Err(NotGood::Replaced), "we know of none such");
        for version in 1..=3 {
            assert_eq!(look_at(version, (2, false)), Err(NotGood::Ended));
        }
    }

    #[test]
    fn a_copy_is_not_the_same_reading() {
        let same = |scan, device, seconds| {
            is_same_reading((scan, device), ("s1", "d1"), SignedDuration::from_secs(seconds))
        };
        assert!(same("s1", "d1", 900), "an answer was lost, and is asked for again");
        assert!(same("s2", "d1", 15), "beeped twice");
        assert!(!same("s2", "d1", 16), "a copy at the same reader");
        assert!(!same("s2", "d2", 0), "a copy at another reader");
        assert!(!same("s1", "d2", 0), "another reader that counts likewise");
    }

    #[test]
    fn children_are_alone_without_an_adult_on_board() {
        use PassengerType::{Adult, Child, Infant};
        assert_eq!(alone(&[(1, Adult), (2, Child)]), BTreeSet::new());
        assert_eq!(alone(&[(2, Child), (3, Infant)]), BTreeSet::from([2, 3]));
        assert_eq!(alone(&[]), BTreeSet::new());
    }
}
