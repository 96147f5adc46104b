//! Flights as a GTFS feed, the format journey planners read (gtfs.org/documentation/schedule/reference).
//!
//! All times are UTC: a feed has one time zone for all its agencies, and no clock of an airline's network would do for all.
//! Each dated flight is a trip of its own on the UTC date it departs, because a weekly pattern at home is two of them in
//! UTC, before and after the clocks change. The same flights always make the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use kernel::{AirlineCode, AirportCode, FlightId, FlightNumber};

use crate::geo::Position;

/// "Air service": of the extended route types, which the common readers know. The eleven basic ones have no aircraft.
const AIR_SERVICE: &str = "1100";
/// "A minimum of time is needed to change".
const MINIMUM_TIME: &str = "2";
const ZONE: &str = "Etc/UTC";

/// An airport of the feed.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Its name.
    pub name: String,
    /// ISO 3166 code: a connection between two flights inside a country may be shorter.
    pub country: String,
    /// Where it is.
    pub position: Position,
    /// IANA name.
    pub timezone: String,
}

/// A dated flight.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    /// Its id, and the trip's.
    pub id: FlightId,
    /// Airline and number.
    pub number: FlightNumber,
    /// From.
    pub origin: AirportCode,
    /// To.
    pub destination: AirportCode,
    /// Scheduled departure.
    pub departs: Timestamp,
    /// Scheduled arrival.
    pub arrives: Timestamp,
}

/// Everything a feed is made of.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Who publishes it, and where.
    pub publisher: (String, String),
    /// First and last date of the export, local at the airports of departure.
    pub dates: (Date, Date),
    /// Minutes to change planes inside a country, and where either flight crosses a border.
    pub minimum_minutes: (u32, u32),
    /// Other minutes at some airports, by which of the two flights cross a border: neither, the one that leaves, the one
    /// that arrives, both.
    pub exceptions: BTreeMap<AirportCode, [u16; 4]>,
    /// Airports, of which those with flights are told.
    pub stops: BTreeMap<AirportCode, Stop>,
    /// Flights, in order of id.
    pub trips: Vec<Trip>,
}

/// A file of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Airlines.
    Agency,
    /// Airports.
    Stops,
    /// Airline, origin and destination.
    Routes,
    /// Flights.
    Trips,
    /// When they depart and arrive.
    StopTimes,
    /// The dates on which they do.
    CalendarDates,
    /// Minimum connection times.
    Transfers,
    /// Where the feed comes from.
    FeedInfo,
}

impl Table {
    /// All of them, in the order they are written.
    pub const ALL: [Self; 8] = [
        Self::FeedInfo,
        Self::Agency,
        Self::Stops,
        Self::Routes,
        Self::CalendarDates,
        Self::Trips,
        Self::StopTimes,
        Self::Transfers,
    ];

    /// The name of the file.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Agency => "agency.txt",
            Self::Stops => "stops.txt",
            Self::Routes => "routes.txt",
            Self::Trips => "trips.txt",
            Self::StopTimes => "stop_times.txt",
            Self::CalendarDates => "calendar_dates.txt",
            Self::Transfers => "transfers.txt",
            Self::FeedInfo => "feed_info.txt",
        }
    }
}

/// Airline, origin, destination.
type Route = (AirlineCode, AirportCode, AirportCode);

impl Trip {
    fn route(&self) -> Route {
        (self.number.airline, self.origin, self.destination)
    }

    /// The UTC date of departure: the service date.
    fn date(&self) -> Date {
        self.departs.to_zoned(TimeZone::UTC).date()
    }

    /// Time since midnight of the service date; after 24:00:00 on later days.
    fn time(&self, at: Timestamp) -> String {
        let midnight = self.departs.as_second() - self.departs.as_second().rem_euclid(24 * 3600);
        let second = at.as_second() - midnight;
        format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }
}

impl Feed {
    /// Writes one file.
    pub fn write(&self, table: Table, to: &mut dyn Write) -> io::Result<()> {
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
        match table {
            Table::Agency => self.agency(&mut csv),
            Table::Stops => self.stops(&mut csv),
            Table::Routes => self.routes(&mut csv),
            Table::Trips => self.trips(&mut csv),
            Table::StopTimes => self.stop_times(&mut csv),
            Table::CalendarDates => self.calendar_dates(&mut csv),
            Table::Transfers => self.transfers(&mut csv),
            Table::FeedInfo => self.feed_info(&mut csv),
        }?;
        csv.flush()
    }

    fn served(&self) -> BTreeSet<AirportCode> {
        self.trips.iter().flat_map(|trip| [trip.origin, trip.destination]).collect()
    }

    fn route_set(&self) -> BTreeSet<Route> {
        self.trips.iter().map(Trip::route).collect()
    }

    fn agency(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record(["agency_id", "agency_name", "agency_url", "agency_timezone"])?;
        let airlines: BTreeSet<AirlineCode> = self.trips.iter().map(|trip| trip.number.airline).collect();
        for airline in airlines {
            let code = airline.to_string();
            csv.write_record([&code, &code, &self.publisher.1, ZONE])?;
        }
        Ok(())
    }

    fn stops(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record(["stop_id", "stop_code", "stop_name", "stop_lat", "stop_lon", "stop_timezone"])?;
        for code in self.served() {
            let Some(stop) = self.stops.get(&code) else { continue };
            let (code, Position { latitude, longitude }) = (code.to_string(), stop.position);
            let (latitude, longitude) = (latitude.to_string(), longitude.to_string());
            csv.write_record([&code, &code, &stop.name, &latitude, &longitude, &stop.timezone])?;
        }
        Ok(())
    }

    fn routes(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record(["route_id", "agency_id", "route_short_name", "route_long_name", "route_type"])?;
        for route @ (airline, origin, destination) in self.route_set() {
            let long = format!("{origin} to {destination}");
            csv.write_record([&route_id(route), &airline.to_string(), "", &long, AIR_SERVICE])?;
        }
        Ok(())
    }

    fn trips(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record(["route_id", "service_id", "trip_id", "trip_short_name"])?;
        for trip in &self.trips {
            let (id, number) = (trip.id.to_string(), trip.number.to_string());
            csv.write_record([&route_id(trip.route()), &compact(trip.date()), &id, &number])?;
        }
        Ok(())
    }

    fn stop_times(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record(["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"])?;
        for trip in &self.trips {
            let ends = [(trip.origin, trip.departs, "1"), (trip.destination, trip.arrives, "2")];
            for (airport, at, place) in ends {
                let time = trip.time(at);
                csv.write_record([&trip.id.to_string(), &time, &time, &airport.to_string(), place])?;
            }
        }
        Ok(())
    }

    /// A service is a UTC date.
    fn calendar_dates(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record(["service_id", "date", "exception_type"])?;
        let dates: BTreeSet<Date> = self.trips.iter().map(Trip::date).collect();
        for date in dates {
            csv.write_record([&compact(date), &compact(date), "1"])?;
        }
        Ok(())
    }

    /// A minimum for each airport; where flights cross a border, another one for changes from and to those. A reader does not
    /// know the other flight then, so it is told the longer of what that may be.
    fn transfers(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record([
            "from_stop_id",
            "to_stop_id",
            "from_route_id",
            "to_route_id",
            "transfer_type",
            "min_transfer_time",
        ])?;
        let mut write = |stop: AirportCode, from: &str, to: &str, minutes: u32| {
            let (stop, seconds) = (stop.to_string(), (minutes * 60).to_string());
            csv.write_record([&stop, &stop, from, to, MINIMUM_TIME, &seconds])
        };
        for airport in self.served() {
            write(airport, "", "", self.minutes(airport)[0])?;
        }
        let crossing = |route: &Route| self.country(route.1) != self.country(route.2);
        for route in self.route_set().into_iter().filter(crossing) {
            let [inside, _, arriving, both] = self.minutes(route.2);
            if arriving.max(both) != inside {
                write(route.2, &route_id(route), "", arriving.max(both))?;
            }
            let [inside, leaving, _, both] = self.minutes(route.1);
            if leaving.max(both) != inside {
                write(route.1, "", &route_id(route), leaving.max(both))?;
            }
        }
        Ok(())
    }

    fn minutes(&self, airport: AirportCode) -> [u32; 4] {
        let (inside, across) = self.minimum_minutes;
        let of = self.exceptions.get(&airport).map(|minutes| minutes.map(u32::from));
        of.unwrap_or([inside, across, across, across])
    }

    fn country(&self, airport: AirportCode) -> Option<&str> {
        self.stops.get(&airport).map(|stop| stop.country.as_str())
    }

    fn feed_info(&self, csv: &mut Csv<'_>) -> csv::Result<()> {
        csv.write_record([
            "feed_publisher_name",
            "feed_publisher_url",
            "feed_lang",
            "feed_start_date",
            "feed_end_date",
            "feed_version",
        ])?;
        // A flight that leaves late on the last day does so on the next one in UTC.
        let dates = || self.trips.iter().map(Trip::date);
        let (first, last) = (dates().min().unwrap_or(self.dates.0), dates().max().unwrap_or(self.dates.1));
        let version = format!("departures from {} to {}", self.dates.0, self.dates.1);
        csv.write_record([
            &self.publisher.0,
            &self.publisher.1,
            "en",
            &compact(first),
            &compact(last),
            &version,
        ])
    }
}

type Csv<'a> = csv::Writer<&'a mut dyn Write>;

fn route_id((airline, origin, destination): Route) -> String {
    format!("{airline}-{origin}-{destination}")
}

/// `20261201`.
fn compact(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

/// The dates of an export, both included; `None` beyond the calendar.
pub fn dates(from: Date, days: u16) -> Option<(Date, Date)> {
    Some((from, from.checked_add(i64::from(days.checked_sub(1)?).days()).ok()?))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::FlightKey;

    use super::*;

    fn stop(country: &str) -> Stop {
        Stop {
            name: "Here, or \"there\"".into(),
            country: country.into(),
            position: Position { latitude: 33.5, longitude: -84.25 },
            timezone: "America/New_York".into(),
        }
    }

    fn trip(number: &str, ends: (&str, &str), departs: &str, arrives: &str) -> Trip {
        let number: FlightNumber = number.parse().expect("a number");
        let (origin, destination) = (ends.0.parse().expect("a code"), ends.1.parse().expect("a code"));
        let id = FlightId::of(&FlightKey { number, origin, date: date(2026, 12, 1) });
        let at = |text: &str| text.parse().expect("an instant");
        Trip { id, number, origin, destination, departs: at(departs), arrives: at(arrives) }
    }

    fn feed() -> Feed {
        let codes = [("ATL", "US"), ("LAX", "US"), ("LHR", "GB"), ("PHX", "US")];
        let stops =
            codes.into_iter().map(|(code, country)| (code.parse().expect("a code"), stop(country))).collect();
        Feed {
            publisher: ("Udaan".into(), "https://udaan.example".into()),
            dates: (date(2026, 12, 1), date(2026, 12, 1)),
            minimum_minutes: (40, 75),
            exceptions: BTreeMap::new(),
            stops,
            trips: vec![
                trip("KR1", ("ATL", "LAX"), "2026-12-01T13:35:00Z", "2026-12-01T18:00:00Z"),
                trip("KR2", ("ATL", "LHR"), "2026-12-02T04:10:00Z", "2026-12-02T12:00:30Z"),
                trip("UD7A", ("LAX", "ATL"), "2026-12-01T22:15:00Z", "2026-12-02T02:45:00Z"),
            ],
        }
    }

    fn lines(table: Table) -> Vec<String> {
        let mut bytes = Vec::new();
        feed().write(table, &mut bytes).expect("written");
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn times_run_on_after_midnight_of_the_day_of_departure() {
        let times: Vec<String> =
            lines(Table::StopTimes).iter().map(|line| line.split_once(',').expect("two").1.into()).collect();
        assert_eq!(
            times,
            [
                "13:35:00,13:35:00,ATL,1",
                "18:00:00,18:00:00,LAX,2",
                "04:10:00,04:10:00,ATL,1",
                "12:00:30,12:00:30,LHR,2",
                "22:15:00,22:15:00,LAX,1",
                "26:45:00,26:45:00,ATL,2",
            ]
        );
        assert_eq!(lines(Table::CalendarDates), ["20261201,20261201,1", "20261202,20261202,1"]);
        assert!(lines(Table::Trips)[1].starts_with("KR-ATL-LHR,20261202,flt_"), "the date is that of UTC");
    }

    #[test]
    fn changes_from_and_to_flights_over_a_border_have_a_minimum_of_their_own() {
        assert_eq!(
            lines(Table::Transfers),
            [
                "ATL,ATL,,,2,2400",
                "LAX,LAX,,,2,2400",
                "LHR,LHR,,,2,2400",
                "LHR,LHR,KR-ATL-LHR,,2,4500",
                "ATL,ATL,,KR-ATL-LHR,2,4500",
            ]
        );
    }

    #[test]
    fn an_airport_may_have_minutes_of_its_own() {
        let mut feed = feed();
        for (code, minutes) in [("ATL", [30, 50, 20, 60]), ("LHR", [45; 4]), ("PHX", [5; 4])] {
            feed.exceptions.insert(code.parse().expect("a code"), minutes);
        }
        let mut bytes = Vec::new();
        feed.write(Table::Transfers, &mut bytes).expect("written");
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert_eq!(
            text.lines().skip(1).collect::<Vec<_>>(),
            ["ATL,ATL,,,2,1800", "LAX,LAX,,,2,2400", "LHR,LHR,,,2,2700", "ATL,ATL,,KR-ATL-LHR,2,3600"]
        );
    }

    #[test]
    fn only_what_has_flights_is_told_and_cells_are_quoted() {
        assert_eq!(lines(Table::Stops)[0], "ATL,ATL,\"Here, or \"\"there\"\"\",33.5,-84.25,America/New_York");
        assert_eq!(lines(Table::Stops).len(), 3);
        assert_eq!(
            lines(Table::Agency),
            ["KR,KR,https://udaan.example,Etc/UTC", "UD,UD,https://udaan.example,Etc/UTC"]
        );
        assert_eq!(
            lines(Table::FeedInfo),
            ["Udaan,https://udaan.example,en,20261201,20261202,departures from 2026-12-01 to 2026-12-01"]
        );
        assert_eq!(lines(Table::Routes)[2], "UD-LAX-ATL,UD,,LAX to ATL,1100");
    }

    #[test]
    fn an_export_covers_its_last_day() {
        assert_eq!(dates(date(2026, 12, 30), 3), Some((date(2026, 12, 30), date(2027, 1, 1))));
        assert_eq!(dates(date(2026, 12, 30), 0), None);
        assert_eq!(dates(Date::MAX, 2), None);
    }
}
