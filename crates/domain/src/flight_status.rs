//! What a flight is doing now: what staff declared, or else what the schedule says.

use jiff::{SignedDuration, Timestamp};

/// The status of a dated flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlightStatus {
    /// On time, as far as anybody knows.
    Scheduled,
    /// Expected to leave fifteen minutes late or more.
    Delayed,
    /// Passengers are boarding.
    Boarding,
    /// Off the gate.
    Departed,
    /// On the gate.
    Arrived,
    /// Will not fly.
    Cancelled,
}

/// A flight counts as late from here on (US DOT, 14 CFR 234.2: fifteen minutes).
pub const LATE_FROM: SignedDuration = SignedDuration::from_mins(15);

/// Without a word from staff, boarding starts this long before departure.
pub const BOARDING_BEFORE: SignedDuration = SignedDuration::from_mins(40);

impl FlightStatus {
    /// What staff may declare; `delayed` is not among them, because it follows from the estimate.
    pub const DECLARABLE: [Self; 5] =
        [Self::Scheduled, Self::Boarding, Self::Departed, Self::Arrived, Self::Cancelled];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Delayed => "delayed",
            Self::Boarding => "boarding",
            Self::Departed => "departed",
            Self::Arrived => "arrived",
            Self::Cancelled => "cancelled",
        }
    }

    /// The declarable status of that word.
    pub fn declared(word: &str) -> Option<Self> {
        Self::DECLARABLE.into_iter().find(|status| status.as_str() == word)
    }
}

/// The times a status follows from.
#[derive(Clone, Copy, Debug)]
pub struct FlightTimes {
    /// Scheduled departure.
    pub departs_at: Timestamp,
    /// Expected departure; the scheduled one while nothing else is known.
    pub estimated_departs_at: Timestamp,
    /// Expected arrival.
    pub estimated_arrives_at: Timestamp,
}

/// The status at `now`.
pub fn status_at(declared: Option<FlightStatus>, times: &FlightTimes, now: Timestamp) -> FlightStatus {
    let late = times.estimated_departs_at.duration_since(times.departs_at) >= LATE_FROM;
    match declared {
        Some(FlightStatus::Scheduled) if late => FlightStatus::Delayed,
        Some(declared) => declared,
        None if now >= times.estimated_arrives_at => FlightStatus::Arrived,
        None if now >= times.estimated_departs_at => FlightStatus::Departed,
        None if times.estimated_departs_at.duration_since(now) <= BOARDING_BEFORE => FlightStatus::Boarding,
        None if late => FlightStatus::Delayed,
        None => FlightStatus::Scheduled,
    }
}

#[cfg(test)]
mod tests {
    use super::FlightStatus::{Arrived, Boarding, Cancelled, Delayed, Departed, Scheduled};
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn follows_the_schedule_until_somebody_knows_better() {
        let times = |delay: i64| FlightTimes {
            departs_at: at(600),
            estimated_departs_at: at(600 + delay),
            estimated_arrives_at: at(720 + delay),
        };
        for (declared, delay, now, expected) in [
            (None, 0, 559, Scheduled),
            (None, 0, 560, Boarding),
            (None, 0, 600, Departed),
            (None, 0, 720, Arrived),
            (None, 14, 500, Scheduled),
            (None, 15, 500, Delayed),
            (None, 60, 600, Delayed),
            (None, 60, 620, Boarding),
            (Some(Cancelled), 0, 800, Cancelled),
            (Some(Scheduled), 30, 700, Delayed),
            (Some(Boarding), 0, 700, Boarding),
        ] {
            assert_eq!(
                status_at(declared, &times(delay), at(now)),
                expected,
                "{declared:?} +{delay} at {now}"
            );
        }
    }
}
