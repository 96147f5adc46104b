//! The rule against the real files: what the filed fares amount to, when a flight sells out class by class in order,
//! must be what people paid. Each bound would fail if a factor did not average 1, if a class stood for another
//! quartile, or if a market was looked up wrongly.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use jiff::civil::{Date, date};

use super::*;
use crate::airports::{self, Airport};
use crate::fares::advance::closing_instants;
use crate::market_ratios::{self, market_ratios};
use crate::schedule::{Schedule, Zones};
use crate::test_data::bundled_zone;
use crate::timetable::{self, WeeklyPattern};

struct Demo {
    airports: Vec<Airport>,
    patterns: Vec<WeeklyPattern>,
    fares: Vec<MarketFare>,
    positions: HashMap<AirportCode, Position>,
}

fn demo() -> Demo {
    let bytes = include_bytes!("../../../../data/airports.csv");
    let airports = airports::parse("airports.csv", bytes, &|_| true).expect("airports");
    let mut bytes = Vec::new();
    let packed: &[u8] = include_bytes!("../../../../data/timetable-us.csv.gz");
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("a gzip file");
    let positions: HashMap<_, _> = airports.iter().map(|airport| (airport.code, airport.position)).collect();
    let patterns = timetable::parse("timetable-us.csv", &bytes, &|code| positions.contains_key(&code))
        .expect("patterns");
    let fares =
        market::parse("fares-us.csv", include_bytes!("../../../../data/fares-us.csv")).expect("fares");
    Demo { airports, patterns, fares, positions }
}

impl Demo {
    fn rule(&self) -> FareRule {
        FareRule::new(&self.fares, &|code| self.positions.get(&code).copied())
    }

    fn zones(&self) -> Zones {
        Zones::new(
            self.airports.iter().map(|airport| (airport.code, airport.timezone.as_str())),
            &bundled_zone,
        )
        .expect("zones")
    }
}

#[test]
fn the_timetable_is_the_one_described() {
    let demo = demo();
    let departures: u32 = demo.patterns.iter().map(|pattern| pattern.days.count()).sum();
    let mut airports: Vec<AirportCode> =
        demo.patterns.iter().flat_map(|p| [p.origin, p.destination]).collect();
    airports.sort_unstable();
    airports.dedup();
    assert_eq!(
        (demo.patterns.len(), departures, airports.len(), demo.fares.len()),
        (23_510, 117_592, 221, 20_147)
    );
    // The distances of the timetable and the positions of the airports are of one world.
    for pattern in &demo.patterns {
        let computed = demo.positions[&pattern.origin].miles_to(demo.positions[&pattern.destination]);
        assert!(computed.abs_diff(pattern.distance_miles) <= 10, "{} {computed}", pattern.number);
    }
}

#[test]
fn the_built_in_curve_is_the_files() {
    let demo = demo();
    let rule = demo.rule();
    assert_eq!(rule.curve, DistanceCurve::built_in());
}

/// Seats by what they were sold for, when a flight sells out class by class.
#[derive(Default)]
struct Sold(BTreeMap<u32, u64>);

impl Sold {
    fn add(&mut self, filed: &FiledFares, seats: u16) {
        let [second, third, fourth] = filed.limits;
        let by_rank = [seats - second, second - third, third - fourth, fourth];
        for (fare, seats) in filed.fares.into_iter().zip(by_rank) {
            *self.0.entry(u32::try_from(fare).expect("positive")).or_default() += u64::from(seats);
        }
    }

    fn quantile(&self, percent: u64) -> u32 {
        let total: u64 = self.0.values().sum();
        let mut sum = 0;
        *self
            .0
            .iter()
            .find(|(_, seats)| {
                sum += **seats;
                sum * 100 >= total * percent
            })
            .expect("seats")
            .0
    }
}

/// The quantile of a list in per mille of a base.
fn spread_of(mut ratios: Vec<u32>) -> [u32; 3] {
    ratios.sort_unstable();
    [5, 50, 95].map(|percent| ratios[(ratios.len() - 1) * percent / 100])
}

#[test]
fn a_june_of_sold_out_flights_reproduces_the_file() {
    let demo = demo();
    let (rule, zones) = (demo.rule(), demo.zones());
    let schedule = Schedule::new(&demo.patterns, &zones).expect("a schedule");
    let mut sold: HashMap<(AirportCode, AirportCode), Sold> = HashMap::new();
    for day in 1..=28 {
        for flight in schedule.on(date(2026, 6, day)).expect("flights") {
            let seats = flight.pattern.seats_economy;
            let market = (flight.pattern.origin, flight.pattern.destination);
            sold.entry(market).or_default().add(&rule.file(&flight, Cabin::Economy, seats), seats);
        }
    }
    let known = || sold.iter().filter_map(|(market, sold)| Some((sold, rule.markets.get(market)?)));
    assert_eq!(known().count(), 2_751, "routes of the timetable with a market in the file");
    let per_mille = |percent, paid: fn(&Paid) -> u32| {
        spread_of(known().map(|(sold, market)| sold.quantile(percent) * 1_000 / paid(market)).collect())
    };
    let lower = per_mille(25, |paid| paid.p25);
    let middle = per_mille(50, |paid| paid.median);
    let upper = per_mille(75, |paid| paid.p75);
    println!("sold over paid, per mille at 5, 50, 95 % of the markets: {lower:?} {middle:?} {upper:?}");
    for [low, half, high] in [lower, middle, upper] {
        assert!((990..=1_010).contains(&half), "{half}");
        assert!(low >= 930 && high <= 1_070, "{low} to {high}");
    }
    // The classes bracket the quartiles: some are sold for less than the first, some for more than the third. A tenth
    // is left to markets with a few flights at a dear hour.
    for (sold, market) in known() {
        assert!(sold.quantile(0) * 10 <= market.p25 * 11, "{market:?}");
        assert!(sold.quantile(99) * 10 > market.p75 * 11, "{market:?}");
    }
}

#[test]
fn hour_and_weekday_average_one_over_the_timetable() {
    let demo = demo();
    let (mut weighted, mut seats) = (0, 0);
    for pattern in &demo.patterns {
        let hour = factors::of_hour(pattern.departs_local.hour());
        for day in (1..=7).map(|day| date(2026, 6, day)).filter(|day| pattern.days.contains(day.weekday())) {
            weighted += scale(hour, factors::of_weekday(day)) * u64::from(pattern.seats_economy);
            seats += u64::from(pattern.seats_economy);
        }
    }
    let mean = weighted / seats;
    println!("hour and weekday average {mean}");
    assert!((997_000..=1_003_000).contains(&mean), "{mean}");
}

#[test]
fn every_fare_of_a_week_keeps_the_invariants_and_is_the_same_again() {
    let demo = demo();
    let (rule, again, zones) = (demo.rule(), demo.rule(), demo.zones());
    let schedule = Schedule::new(&demo.patterns, &zones).expect("a schedule");
    let from = date(2026, 11, 20);
    for day in std::iter::successors(Some(from), |day: &Date| day.tomorrow().ok()).take(7) {
        let closings = zones.map(|zone| closing_instants(day, zone).expect("a date in range"));
        for flight in schedule.on(day).expect("flights") {
            let cabins = [
                (Cabin::Economy, flight.pattern.seats_economy),
                (Cabin::Business, flight.pattern.seats_business),
            ];
            let [economy, business] = cabins.map(|(cabin, seats)| rule.file(&flight, cabin, seats));
            assert_eq!([economy, business], cabins.map(|(cabin, seats)| again.file(&flight, cabin, seats)));
            for (filed, (_, seats)) in [economy, business].iter().zip(cabins) {
                assert!(filed.fares.windows(2).all(|pair| pair[0] > pair[1]) && filed.fares[3] > 0);
                assert!(seats >= filed.limits[0] && filed.limits.windows(2).all(|pair| pair[0] >= pair[1]));
            }
            let dearer =
                business.fares.iter().zip(economy.fares).all(|(business, economy)| *business > economy);
            assert!(dearer, "{business:?} {economy:?} {flight:?}");
            let [second, third, fourth] = closings[flight.origin_zone];
            assert!(fourth < third && third < second && second < flight.departs_at);
        }
    }
}

#[test]
fn ratios_are_discounts_for_nearly_all_markets() {
    let demo = demo();
    let position = |code| demo.positions.get(&code).copied();
    let ratios = market_ratios(&demo.fares, &demo.rule(), &demo.patterns, &position);
    let [low, half, high] = spread_of(ratios.iter().map(|ratio| ratio.ratio_ppm).collect());
    println!("{} ratios: {low} {half} {high}", ratios.len());
    assert!(ratios.len() > 12_000, "{}", ratios.len());
    assert!((500_000..=620_000).contains(&half) && high < 900_000, "{low} {half} {high}");
    let bounds = market_ratios::LOWEST_PPM..=market_ratios::HIGHEST_PPM;
    assert!(ratios.iter().all(|ratio| bounds.contains(&ratio.ratio_ppm)));
    let clamped =
        ratios.iter().filter(|ratio| [*bounds.start(), *bounds.end()].contains(&ratio.ratio_ppm)).count();
    println!("{clamped} clamped");
    assert!(clamped * 10 < ratios.len(), "{clamped} at a bound");
}
