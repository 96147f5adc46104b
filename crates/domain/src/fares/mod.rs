//! The demo airline's fares: what is filed for a flight and cabin, from what people really paid in its market.
//! docs/fares.md tells it in words and figures.
//!
//! All of it is integer arithmetic and a function of its arguments, so the same file gives the same fares anywhere.

pub mod advance;
pub mod curve;
pub mod factors;
pub mod market;

#[cfg(test)]
mod calibration_tests;

use std::collections::HashMap;

use kernel::codes::CLASSES_PER_CABIN;
use kernel::{AirportCode, Cabin};

use crate::fares::curve::DistanceCurve;
use crate::fares::factors::{ONE, scale};
use crate::fares::market::{MarketFare, Paid};
use crate::geo::Position;
use crate::schedule::DatedFlight;

/// What is filed for one flight and cabin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiledFares {
    /// One-way fares of ranks 1 (dearest) to 4, in cents, strictly descending.
    pub fares: [i32; CLASSES_PER_CABIN],
    /// How many seats ranks 2, 3 and 4 may sell together with the ranks below them; they nest.
    pub limits: [u16; CLASSES_PER_CABIN - 1],
}

/// The full fare against the third quartile. The file tells nothing about the top of the market; one and a half times
/// the third quartile is about twice the median.
const FULL_FARE: u64 = 1_500_000;

/// Rank 4 stands for everything sold up to the first quartile and a little beyond it, so it is filed below it.
const CHEAPEST_FARE: u64 = 960_000;

/// Limits of ranks 2, 3 and 4 in percent of the cabin. Sold out in order, an economy cabin has its first quartile in
/// rank 4 (up to 38 %), its median in the middle of rank 3 (to 62 %) and its third quartile in the middle of rank 2
/// (to 88 %): each class can stand for one figure of the file.
const ECONOMY_LIMITS: [u32; CLASSES_PER_CABIN - 1] = [88, 62, 38];
/// Business keeps more for those who book late.
const PREMIUM_LIMITS: [u32; CLASSES_PER_CABIN - 1] = [80, 50, 20];

/// What a cabin costs against economy.
const fn cabin_factor(cabin: Cabin) -> u64 {
    match cabin {
        Cabin::Economy => ONE,
        Cabin::PremiumEconomy => 1_500_000,
        Cabin::Business => 2_600_000,
        Cabin::First => 4_000_000,
    }
}

/// The rule by which the demo airline files fares.
#[derive(Clone, Debug)]
pub struct FareRule {
    markets: HashMap<(AirportCode, AirportCode), Paid>,
    curve: DistanceCurve,
}

impl FareRule {
    /// The rule that follows from `fares`. `position` says where an airport is; markets with an airport it does not
    /// know still count for themselves, but not for the distance curve.
    pub fn new(fares: &[MarketFare], position: &dyn Fn(AirportCode) -> Option<Position>) -> Self {
        let markets =
            fares.iter().map(|fare| ((fare.origin, fare.destination), plausible(fare.paid))).collect();
        let samples = fares.iter().filter_map(|fare| {
            let miles = position(fare.origin)?.miles_to(position(fare.destination)?);
            Some(curve::Sample { miles, paid: fare.paid, tickets: fare.sample })
        });
        Self { markets, curve: DistanceCurve::new(samples) }
    }

    /// What people pay in a market: from the file, or by distance where the file has nothing.
    pub fn paid(&self, origin: AirportCode, destination: AirportCode, distance_miles: u32) -> Paid {
        self.markets.get(&(origin, destination)).copied().unwrap_or_else(|| self.curve.at(distance_miles))
    }

    /// What is filed for `cabin` of `flight` with `seats` to sell.
    pub fn file(&self, flight: &DatedFlight<'_>, cabin: Cabin, seats: u16) -> FiledFares {
        let pattern = flight.pattern;
        let paid = self.paid(pattern.origin, pattern.destination, pattern.distance_miles);
        let factor = scale(factors::of_flight(flight), cabin_factor(cabin));
        let full = scale(paid.p75.into(), FULL_FARE);
        let bases = [full, paid.p75.into(), paid.median.into(), scale(paid.p25.into(), CHEAPEST_FARE)];
        let limits = if cabin == Cabin::Economy { ECONOMY_LIMITS } else { PREMIUM_LIMITS };
        FiledFares {
            fares: ladder(bases.map(|cents| scale(cents, factor))),
            limits: limits.map(|percent| share(seats, percent)),
        }
    }
}

/// In one market of a hundred a quarter of the tickets are awards, for which only the $5.60 of security fee was paid.
/// Nobody sells at that, so a first quartile counts as at least this part of the median.
const LOWEST_QUARTILE: u64 = 400_000;

fn plausible(paid: Paid) -> Paid {
    let least = u32::try_from(scale(paid.median.into(), LOWEST_QUARTILE)).unwrap_or(paid.median);
    Paid { p25: paid.p25.max(least), ..paid }
}

fn share(seats: u16, percent: u32) -> u16 {
    u16::try_from(u32::from(seats) * percent / 100).unwrap_or(seats)
}

/// Price points end in 4 or 9 dollars, five dollars apart.
const STEP_CENTS: u64 = 500;
/// No seat is filed under this.
const LOWEST_CENTS: u64 = 1_900;

/// Cents to price points, each at least a step above the one of the rank below.
fn ladder(cents: [u64; CLASSES_PER_CABIN]) -> [i32; CLASSES_PER_CABIN] {
    let mut fares = [0; CLASSES_PER_CABIN];
    let mut least = LOWEST_CENTS;
    for (fare, cents) in fares.iter_mut().zip(cents).rev() {
        // The nearest of 4, 9, 14, 19 … dollars: a dollar up, to the nearest multiple of five, and back.
        let point = ((cents + 100 + STEP_CENTS / 2) / STEP_CENTS * STEP_CENTS).saturating_sub(100).max(least);
        *fare = i32::try_from(point).unwrap_or(i32::MAX);
        least = point + STEP_CENTS;
    }
    fares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn price_points_end_in_4_or_9() {
        assert_eq!(ladder([70_149, 35_149, 24_900, 15_200]), [69_900, 34_900, 24_900, 15_400]);
        // Ranks that would meet are kept apart, and nothing is given away.
        assert_eq!(ladder([0, 0, 0, 0]), [3_400, 2_900, 2_400, 1_900]);
        assert_eq!(ladder([10_000, 10_000, 10_000, 10_000]), [11_400, 10_900, 10_400, 9_900]);
    }

    proptest! {
        #[test]
        fn ladders_descend(cents in prop::array::uniform4(0_u64..10_000_000)) {
            let fares = ladder(cents);
            prop_assert!(fares.windows(2).all(|pair| pair[0] >= pair[1] + 500));
            prop_assert!(fares.iter().all(|fare| fare % 500 == 400 && *fare >= 1_900));
        }

        #[test]
        fn limits_nest(seats in 0_u16..=1_000) {
            for limits in [ECONOMY_LIMITS, PREMIUM_LIMITS] {
                let [second, third, fourth] = limits.map(|percent| share(seats, percent));
                prop_assert!(seats >= second && second >= third && third >= fourth);
            }
        }
    }
}
