//! What a connection costs against the sum of its legs.
//!
//! Fares are filed by leg, and people pay for a journey: through a hub it costs much less than its legs bought one by
//! one. So each market of the file gets r = what people paid in it ÷ what its legs typically add up to, and the
//! product charges r × the sum of the legs. A market the file does not know has no ratio (and costs the sum).

use std::collections::{BTreeMap, HashMap};

use kernel::AirportCode;

use crate::fares::FareRule;
use crate::fares::curve::weighted_median;
use crate::fares::market::MarketFare;
use crate::geo::Position;
use crate::timetable::WeeklyPattern;

/// A market's ratio, the same for every cabin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketRatio {
    /// Where the trip begins.
    pub origin: AirportCode,
    /// Where it ends.
    pub destination: AirportCode,
    /// The ratio in millionths, from [`LOWEST_PPM`] to [`HIGHEST_PPM`].
    pub ratio_ppm: u32,
}

/// A connection for less than this part of its legs would be a bargain nobody filed.
pub const LOWEST_PPM: u32 = 350_000;
/// Nor does anybody pay much more for a journey than for its parts, which could be bought instead.
pub const HIGHEST_PPM: u32 = 1_250_000;

/// A path counts when it is at most this long: 1.4 times the distance between its ends and 150 miles more, so that
/// short markets may go through a hub as well.
const fn longest_path(direct_miles: u32) -> u32 {
    direct_miles * 7 / 5 + 150
}

/// A route of the timetable.
#[derive(Clone, Copy, Debug)]
struct Leg {
    miles: u32,
    departures: u32,
    cents: u32,
}

/// The routes of the timetable by origin. Ordered maps, so that the result does not depend on a hasher's seed.
type Network = HashMap<AirportCode, BTreeMap<AirportCode, Leg>>;

/// The ratios of all markets of `fares` that can be flown with a connection in `patterns`, ordered by market.
///
/// What the legs typically add up to is the median over the one-stop paths, weighted by the departures of the scarcer
/// leg; over the two-stop paths where there is no path with one stop.
pub fn market_ratios(
    fares: &[MarketFare],
    rule: &FareRule,
    patterns: &[WeeklyPattern],
    position: &dyn Fn(AirportCode) -> Option<Position>,
) -> Vec<MarketRatio> {
    let network = network(rule, patterns);
    let mut ratios: Vec<MarketRatio> = fares
        .iter()
        .filter_map(|fare| {
            let direct = position(fare.origin)?.miles_to(position(fare.destination)?);
            let typical = typical_sum(&network, fare.origin, fare.destination, longest_path(direct))?;
            let ratio = u64::from(fare.paid.median) * 1_000_000 / u64::from(typical).max(1);
            let ratio_ppm = u32::try_from(ratio).unwrap_or(HIGHEST_PPM).clamp(LOWEST_PPM, HIGHEST_PPM);
            Some(MarketRatio { origin: fare.origin, destination: fare.destination, ratio_ppm })
        })
        .collect();
    ratios.sort_unstable_by_key(|ratio| (ratio.origin, ratio.destination));
    ratios
}

fn network(rule: &FareRule, patterns: &[WeeklyPattern]) -> Network {
    let mut network = Network::new();
    for pattern in patterns {
        let WeeklyPattern { origin, destination, distance_miles, .. } = *pattern;
        let cents = rule.paid(origin, destination, distance_miles).median;
        let new = Leg { miles: distance_miles, departures: 0, cents };
        network.entry(origin).or_default().entry(destination).or_insert(new).departures +=
            pattern.days.count();
    }
    network
}

/// What the legs between two airports typically add up to in cents, or `None` where nothing connects them.
fn typical_sum(
    network: &Network,
    origin: AirportCode,
    destination: AirportCode,
    longest: u32,
) -> Option<u32> {
    let first_legs = network.get(&origin)?;
    let mut one_stop = Vec::new();
    let mut two_stops = Vec::new();
    for (hub, first) in first_legs.iter().filter(|(hub, leg)| **hub != destination && leg.miles < longest) {
        let Some(onward) = network.get(hub) else { continue };
        if let Some(last) = onward.get(&destination).filter(|last| first.miles + last.miles <= longest) {
            one_stop.push((first.cents + last.cents, u64::from(first.departures.min(last.departures))));
        }
    }
    if !one_stop.is_empty() {
        return Some(weighted_median(one_stop));
    }
    for (hub, first) in first_legs.iter().filter(|(hub, leg)| **hub != destination && leg.miles < longest) {
        for (next, second) in network.get(hub).into_iter().flatten() {
            let Some(last) = network.get(next).and_then(|onward| onward.get(&destination)) else { continue };
            if *next != origin && *next != destination && first.miles + second.miles + last.miles <= longest {
                let weight = first.departures.min(second.departures).min(last.departures);
                two_stops.push((first.cents + second.cents + last.cents, u64::from(weight)));
            }
        }
    }
    (!two_stops.is_empty()).then(|| weighted_median(two_stops))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fares::market::Paid;
    use crate::test_data::pattern;

    fn code(text: &str) -> AirportCode {
        text.parse().expect("an airport")
    }

    /// Airports on the equator: a degree is 69 miles.
    fn on_a_line(code: AirportCode) -> Option<Position> {
        let place = ["AAA", "BBB", "CCC", "DDD", "FAR"].iter().position(|known| *known == code.as_str())?;
        let longitude = [0.0, 5.0, 10.0, 15.0, 90.0][place];
        Some(Position { latitude: 0.0, longitude })
    }

    fn fly(from: &str, to: &str) -> WeeklyPattern {
        let (a, b) = (on_a_line(code(from)).expect("known"), on_a_line(code(to)).expect("known"));
        WeeklyPattern { distance_miles: a.miles_to(b), ..pattern((from, to), "08:00", 90) }
    }

    fn paid(from: &str, to: &str, dollars: u32) -> MarketFare {
        let paid = Paid { p25: dollars * 80, median: dollars * 100, p75: dollars * 130 };
        MarketFare { origin: code(from), destination: code(to), paid, sample: 100 }
    }

    fn check(fares: &[MarketFare], patterns: &[WeeklyPattern], expected: &[(&str, &str, u32)]) {
        let rule = FareRule::new(fares, &on_a_line);
        let ratios = market_ratios(fares, &rule, patterns, &on_a_line);
        let actual: Vec<(&str, &str, u32)> = ratios
            .iter()
            .map(|ratio| (ratio.origin.as_str(), ratio.destination.as_str(), ratio.ratio_ppm))
            .collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn what_was_paid_over_the_sum_of_the_legs() {
        let legs = [paid("AAA", "BBB", 100), paid("BBB", "CCC", 200), paid("CCC", "DDD", 300)];
        let network = [fly("AAA", "BBB"), fly("BBB", "CCC"), fly("CCC", "DDD")];
        let with = |market| [legs[0], legs[1], legs[2], market];
        check(&with(paid("AAA", "CCC", 150)), &network, &[("AAA", "CCC", 500_000)]);
        check(&with(paid("AAA", "CCC", 900)), &network, &[("AAA", "CCC", HIGHEST_PPM)]);
        check(&with(paid("AAA", "CCC", 10)), &network, &[("AAA", "CCC", LOWEST_PPM)]);
        check(&with(paid("AAA", "DDD", 300)), &network, &[("AAA", "DDD", 500_000)]);
        check(&with(paid("CCC", "AAA", 150)), &network, &[]);
    }

    #[test]
    fn a_detour_and_the_nonstop_do_not_count() {
        let fares = [paid("AAA", "FAR", 500), paid("FAR", "BBB", 500), paid("AAA", "BBB", 100)];
        check(&fares, &[fly("AAA", "FAR"), fly("FAR", "BBB"), fly("AAA", "BBB")], &[]);
    }

    #[test]
    fn frequent_paths_weigh_more() {
        let fares = [
            paid("AAA", "BBB", 100),
            paid("BBB", "DDD", 100),
            paid("AAA", "CCC", 400),
            paid("CCC", "DDD", 400),
            paid("AAA", "DDD", 160),
        ];
        let mut network = [fly("AAA", "BBB"), fly("BBB", "DDD"), fly("AAA", "CCC"), fly("CCC", "DDD")];
        network[2].days = crate::timetable::Days::parse("1").expect("days");
        check(&fares, &network, &[("AAA", "DDD", 800_000)]);
    }
}
