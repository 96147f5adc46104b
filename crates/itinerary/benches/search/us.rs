//! The real timetable of the demo airline, filed as the import files it.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use domain::fares::FareRule;
use domain::fares::advance::closing_instants;
use domain::fares::market;
use domain::geo::Position;
use domain::market_ratios::market_ratios;
use domain::schedule::{Schedule, Zones};
use domain::{airports, timetable};
use itinerary::{AirportInfo, ClassState, FlightState, Minute};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use kernel::{AirportCode, Cabin};

/// The United States.
pub(crate) struct Us {
    pub(crate) airports: Vec<AirportInfo>,
    pub(crate) zones: HashMap<AirportCode, TimeZone>,
    /// Airports of each market and the passengers of its sample.
    pub(crate) markets: Vec<(AirportCode, AirportCode, f64)>,
    pub(crate) ratios: HashMap<(AirportCode, AirportCode), u32>,
    pub(crate) flights: Vec<FlightState>,
}

fn read(name: &str) -> Vec<u8> {
    let path = format!("{}/../../data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl Us {
    /// The flights of so many dates from `first` on.
    pub(crate) fn new(first: Date, days: u32) -> Self {
        let zone = |name: &str| TimeZone::get(name).ok();
        let places = airports::parse("airports.csv", &read("airports.csv"), &|name| zone(name).is_some());
        let places = places.unwrap_or_else(|_| panic!("airports.csv"));
        let positions: HashMap<AirportCode, Position> =
            places.iter().map(|place| (place.code, place.position)).collect();
        let mut text = Vec::new();
        flate2::read::MultiGzDecoder::new(&read("timetable-us.csv.gz")[..])
            .read_to_end(&mut text)
            .expect("gzip");
        let patterns = timetable::parse("timetable", &text, &|code| positions.contains_key(&code));
        let patterns = patterns.unwrap_or_else(|_| panic!("timetable"));
        let fares = market::parse("fares", &read("fares-us.csv")).unwrap_or_else(|_| panic!("fares"));
        let position = |code| positions.get(&code).copied();
        let rule = FareRule::new(&fares, &position);
        let ratios = market_ratios(&fares, &rule, &patterns, &position);
        let zones = Zones::new(places.iter().map(|place| (place.code, place.timezone.as_str())), &zone)
            .expect("zones");
        let schedule = Schedule::new(&patterns, &zones).expect("a schedule");
        let mut flights = Vec::new();
        for day in 0..i64::from(days) {
            let date = first.checked_add(Span::new().days(day)).expect("a date");
            let closings = zones.map(|zone| closing_instants(date, zone));
            for flight in schedule.on(date).expect("flights") {
                let closes = closings[flight.origin_zone].expect("closings");
                flights.push(state(&rule, &flight, closes));
            }
        }
        let served: HashSet<AirportCode> = patterns.iter().map(|pattern| pattern.origin).collect();
        let traffic = |fare: &market::MarketFare| (fare.origin, fare.destination, f64::from(fare.sample));
        Self {
            airports: places
                .iter()
                .map(|place| AirportInfo {
                    code: place.code,
                    country: place.country.as_bytes().try_into().expect("two letters"),
                })
                .collect(),
            zones: places.iter().filter_map(|place| Some((place.code, zone(&place.timezone)?))).collect(),
            markets: fares
                .iter()
                .map(traffic)
                .filter(|(a, b, _)| served.contains(a) && served.contains(b))
                .collect(),
            ratios: ratios.iter().map(|ratio| ((ratio.origin, ratio.destination), ratio.ratio_ppm)).collect(),
            flights,
        }
    }
}

fn minute(at: Timestamp) -> Minute {
    Minute(u32::try_from(at.as_second() / 60).expect("after 1970"))
}

fn state(rule: &FareRule, flight: &domain::schedule::DatedFlight<'_>, closes: [Timestamp; 3]) -> FlightState {
    let mut cabins = [None; Cabin::ALL.len()];
    for (cabin, seats) in
        [(Cabin::Economy, flight.pattern.seats_economy), (Cabin::Business, flight.pattern.seats_business)]
    {
        if seats == 0 {
            continue;
        }
        let filed = rule.file(flight, cabin, seats);
        let limits = [seats, filed.limits[0], filed.limits[1], filed.limits[2]];
        let closes = [None, Some(closes[0]), Some(closes[1]), Some(closes[2])];
        cabins[cabin.index()] = Some(std::array::from_fn(|class| ClassState {
            fare: u32::try_from(filed.fares[class]).expect("a fare"),
            seats: limits[class],
            closes: closes[class].map_or(Minute(u32::MAX), minute),
        }));
    }
    FlightState {
        id: flight.id,
        origin: flight.pattern.origin,
        destination: flight.pattern.destination,
        departs: minute(flight.departs_at),
        arrives: minute(flight.arrives_at),
        on_sale: true,
        cabins,
        version: 1,
    }
}
