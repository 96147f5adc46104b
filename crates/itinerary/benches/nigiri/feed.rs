//! Reads a GTFS feed as `udaan export gtfs` writes it.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;

use domain::fares::market;
use itinerary::{AirportInfo, ClassState, FlightState, Minute};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{AirportCode, Cabin};
use zip::ZipArchive;

use crate::Ends;

pub(crate) struct Feed {
    pub(crate) airports: Vec<AirportInfo>,
    pub(crate) zones: HashMap<AirportCode, TimeZone>,
    pub(crate) flights: Vec<FlightState>,
    /// Minutes to change planes, whatever crosses a border: GTFS says it by airport.
    pub(crate) minimum: HashMap<AirportCode, [u16; 4]>,
    /// The first and the last date with departures.
    pub(crate) first: Date,
    pub(crate) last: Date,
}

type Row = HashMap<String, String>;

impl Feed {
    pub(crate) fn read(path: &str) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut zip = ZipArchive::new(file).expect("a zip file");
        let mut rows = |name: &str| -> Vec<Row> {
            let file = zip.by_name(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            csv::Reader::from_reader(file).deserialize().map(|row| row.expect("a row")).collect()
        };
        let stops = rows("stops.txt");
        let minimum = rows("transfers.txt").iter().map(minimum).collect();
        let (trips, times) = (rows("trips.txt"), rows("stop_times.txt"));
        let dates: Vec<Date> = trips.iter().map(|trip| date(&trip["service_id"])).collect();
        assert_eq!(times.len(), 2 * trips.len(), "a trip is one flight");
        let flights = trips.iter().zip(&dates).zip(times.chunks_exact(2));
        Self {
            airports: stops
                .iter()
                .map(|stop| AirportInfo { code: code(&stop["stop_id"]), country: *b"ZZ" })
                .collect(),
            zones: stops
                .iter()
                .map(|stop| {
                    (code(&stop["stop_id"]), TimeZone::get(&stop["stop_timezone"]).expect("a time zone"))
                })
                .collect(),
            minimum,
            first: dates.iter().copied().min().expect("flights"),
            last: dates.iter().copied().max().expect("flights"),
            flights: flights.map(|((trip, date), times)| flight(trip, *date, times)).collect(),
        }
    }

    /// Markets between airports with departures, and the passengers of their sample.
    pub(crate) fn markets(&self) -> Vec<(Ends, u64)> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/fares-us.csv");
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let fares = market::parse("fares-us.csv", &bytes).unwrap_or_else(|_| panic!("{path}"));
        let served: BTreeSet<AirportCode> = self.flights.iter().map(|flight| flight.origin).collect();
        let known =
            fares.iter().filter(|fare| served.contains(&fare.origin) && served.contains(&fare.destination));
        known.map(|fare| ((fare.origin, fare.destination), u64::from(fare.sample))).collect()
    }
}

fn code(text: &str) -> AirportCode {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no airport"))
}

fn date(text: &str) -> Date {
    Date::strptime("%Y%m%d", text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn minimum(row: &Row) -> (AirportCode, [u16; 4]) {
    assert!(row["from_route_id"].is_empty() && row["to_route_id"].is_empty(), "flights cross borders");
    let seconds: u16 = row["min_transfer_time"].parse().expect("seconds");
    (code(&row["from_stop_id"]), [seconds / 60; 4])
}

/// With one open class, because the question is not about fares.
fn flight(trip: &Row, date: Date, times: &[Row]) -> FlightState {
    assert!(times.iter().all(|time| time["trip_id"] == trip["trip_id"]), "times in the order of trips");
    let midnight = date.to_zoned(TimeZone::UTC).expect("midnight").timestamp().as_second() / 60;
    let at = |clock: &str| {
        let parts: Vec<i64> = clock.split(':').map(|part| part.parse().expect("a time")).collect();
        Minute((midnight + parts[0] * 60 + parts[1]) as u32)
    };
    let (departs, arrives) = (at(&times[0]["departure_time"]), at(&times[1]["arrival_time"]));
    let open = ClassState { fare: 100, seats: 9, closes: departs };
    let mut cabins = [None; Cabin::ALL.len()];
    cabins[Cabin::Economy.index()] = Some([open; 4]);
    FlightState {
        id: trip["trip_id"].parse().expect("a flight's id"),
        origin: code(&times[0]["stop_id"]),
        destination: code(&times[1]["stop_id"]),
        departs,
        arrives,
        on_sale: true,
        cabins,
        version: 1,
    }
}
