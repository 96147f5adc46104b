//! One dated flight as the database knows it, and the rule that picks the class it is sold in.

use kernel::codes::CLASSES_PER_CABIN;
use kernel::{AirportCode, Cabin, FlightId};

/// An instant: minutes since the Unix epoch, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Minute(pub u32);

impl Minute {
    /// The minutes from `earlier` to this instant; 0 if that is not earlier.
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The instant `minutes` later.
    pub const fn plus(self, minutes: u32) -> Self {
        Self(self.0.saturating_add(minutes))
    }

    /// The UTC day the instant is in, counted from the Unix epoch.
    pub(crate) const fn day(self) -> u32 {
        self.0 / (24 * 60)
    }
}

/// What one booking class of one flight sells at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassState {
    /// The filed one-way fare of an adult, in minor units of the currency the airline files in.
    pub fare: u32,
    /// How many seats can still be sold in this class.
    pub seats: u16,
    /// The class sells before this instant and no longer at it.
    pub closes: Minute,
}

impl ClassState {
    /// Whether `seats` seats can be sold at `now`.
    pub fn sells(&self, now: Minute, seats: u16) -> bool {
        now < self.closes && seats <= self.seats
    }
}

/// The class a party of `seats` would be sold at `now`, with its rank (1 to 4): the cheapest that sells to all of
/// them, and of equal fares the lowest rank.
///
/// Ranks are filed so that a higher one is cheaper, but staff may set any price; so the fare decides, not the rank.
pub fn cheapest_class(
    classes: &[ClassState; CLASSES_PER_CABIN],
    now: Minute,
    seats: u16,
) -> Option<(u8, ClassState)> {
    (1..)
        .zip(*classes)
        .filter(|(_, class)| class.sells(now, seats))
        .min_by_key(|(rank, class)| (class.fare, *rank))
}

/// The absolute state of one flight, as read from the database: applying it twice is applying it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightState {
    /// Which flight.
    pub id: FlightId,
    /// Where it departs from.
    pub origin: AirportCode,
    /// Where it lands.
    pub destination: AirportCode,
    /// When it departs.
    pub departs: Minute,
    /// When it arrives; after it departs.
    pub arrives: Minute,
    /// False when the flight is cancelled or withdrawn from sale.
    pub on_sale: bool,
    /// The booking classes of each cabin, by [`Cabin::index`]; within a cabin rank 1 comes first. `None` where the
    /// aircraft has no such cabin.
    pub cabins: [Option<[ClassState; CLASSES_PER_CABIN]>; Cabin::ALL.len()],
    /// Rises with each change of the flight. A state older than the one held is ignored.
    pub version: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(fare: u32, seats: u16, closes: u32) -> ClassState {
        ClassState { fare, seats, closes: Minute(closes) }
    }

    #[test]
    fn the_cheapest_class_is_open_and_holds_the_party() {
        let ladder = [class(400, 9, 100), class(300, 5, 100), class(200, 3, 80), class(100, 1, 50)];
        let rank = |now, seats| cheapest_class(&ladder, Minute(now), seats).map(|(rank, _)| rank);
        for (now, seats, expected) in [
            (10, 1, Some(4)),
            (10, 2, Some(3)),
            (10, 9, Some(1)),
            (10, 10, None),
            (49, 1, Some(4)),
            (50, 1, Some(3)),
            (99, 1, Some(2)),
            (100, 1, None),
        ] {
            assert_eq!(rank(now, seats), expected, "{seats} seats at {now}");
        }
    }

    #[test]
    fn the_fare_decides_and_then_the_lower_rank() {
        let repriced = [class(250, 9, 100), class(150, 9, 100), class(150, 9, 100), class(900, 9, 100)];
        assert_eq!(cheapest_class(&repriced, Minute(0), 1), Some((2, class(150, 9, 100))));
    }
}
