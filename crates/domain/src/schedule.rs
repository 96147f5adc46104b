//! From weekly patterns to dated flights. The timetable speaks local wall time; instants follow from it by the tz
//! database, whose version is kept beside them.
//!
//! A wall time that the clocks jump over is moved forward by the jump (02:30 becomes 03:30); one that happens twice is
//! the first of the two. Both are what RFC 5545 and jiff call "compatible".

use std::collections::HashMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{AirportCode, FlightId, FlightKey};

use crate::timetable::WeeklyPattern;

/// The time zones of a set of airports. Several airports share a zone, and what is derived from a date and a zone
/// (such as local midnight) is derived once per zone.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    zones: Vec<TimeZone>,
    by_airport: HashMap<AirportCode, ZoneIndex>,
}

/// A zone within its [`Zones`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneIndex(usize);

/// An airport's zone is not in the tz database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tz database does not know {zone:?}, the time zone of {airport}")]
pub struct UnknownZone {
    /// The airport.
    pub airport: AirportCode,
    /// Its zone, as the reference data names it.
    pub zone: String,
}

/// Why a timetable could not be turned into flights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A pattern names an airport that has no zone here.
    #[error("no time zone is known for the airport {0}")]
    NoZone(AirportCode),
    /// The date is outside of what flight ids and instants can express.
    #[error("{0} is not a date for a schedule; years run from 1900 to 9998")]
    DateOutOfRange(Date),
}

impl Zones {
    /// Looks the zones of `airports` up, each zone once.
    pub fn new<'a>(
        airports: impl IntoIterator<Item = (AirportCode, &'a str)>,
        lookup: &dyn Fn(&str) -> Option<TimeZone>,
    ) -> Result<Self, UnknownZone> {
        let mut result = Self::default();
        let mut by_name: HashMap<&str, ZoneIndex> = HashMap::new();
        for (airport, name) in airports {
            let index = if let Some(index) = by_name.get(name) {
                *index
            } else {
                let zone = lookup(name).ok_or_else(|| UnknownZone { airport, zone: name.to_owned() })?;
                result.zones.push(zone);
                let index = ZoneIndex(result.zones.len() - 1);
                by_name.insert(name, index);
                index
            };
            result.by_airport.insert(airport, index);
        }
        Ok(result)
    }

    /// The zone of an airport.
    pub fn of(&self, airport: AirportCode) -> Option<ZoneIndex> {
        self.by_airport.get(&airport).copied()
    }

    /// What `derive` makes of each zone.
    pub fn map<T>(&self, derive: impl FnMut(&TimeZone) -> T) -> PerZone<T> {
        PerZone(self.zones.iter().map(derive).collect())
    }
}

/// Something derived from each zone of a [`Zones`].
#[derive(Clone, Debug)]
pub struct PerZone<T>(Vec<T>);

impl<T> std::ops::Index<ZoneIndex> for PerZone<T> {
    type Output = T;

    fn index(&self, index: ZoneIndex) -> &T {
        &self.0[index.0]
    }
}

/// A flight on a date.
#[derive(Clone, Debug)]
pub struct DatedFlight<'a> {
    /// The pattern it comes from.
    pub pattern: &'a WeeklyPattern,
    /// Its id, made of number, origin and date.
    pub id: FlightId,
    /// The local date of departure that the pattern means.
    pub date: Date,
    /// The zone of the origin.
    pub origin_zone: ZoneIndex,
    /// What the clock at the origin shows at departure.
    pub departs_local: DateTime,
    /// The instant of departure.
    pub departs_at: Timestamp,
    /// What the clock at the destination shows at arrival.
    pub arrives_local: DateTime,
    /// The instant of arrival.
    pub arrives_at: Timestamp,
}

/// A timetable ready to be dated.
#[derive(Clone, Debug)]
pub struct Schedule<'a> {
    patterns: Vec<(&'a WeeklyPattern, ZoneIndex, ZoneIndex)>,
    zones: &'a Zones,
}

impl<'a> Schedule<'a> {
    /// Prepares `patterns` for dating.
    pub fn new(patterns: &'a [WeeklyPattern], zones: &'a Zones) -> Result<Self, ScheduleError> {
        let zone = |airport| zones.of(airport).ok_or(ScheduleError::NoZone(airport));
        let patterns: Result<Vec<_>, ScheduleError> = patterns
            .iter()
            .map(|pattern| Ok((pattern, zone(pattern.origin)?, zone(pattern.destination)?)))
            .collect();
        let mut patterns = patterns?;
        // In the order of ids within a date, so that what is made of the flights can be appended to an index.
        patterns.sort_by_key(|(pattern, _, _)| flight_id(pattern, Date::constant(2000, 1, 1)));
        Ok(Self { patterns, zones })
    }

    /// The flights whose local date of departure is `date`, in the order of their ids.
    pub fn on(&self, date: Date) -> Result<Vec<DatedFlight<'a>>, ScheduleError> {
        // A margin to the ends of civil time, so that closing instants and arrivals are there too.
        if !(1900..=9998).contains(&date.year()) {
            return Err(ScheduleError::DateOutOfRange(date));
        }
        let weekday = date.weekday();
        self.patterns
            .iter()
            .filter(|(pattern, _, _)| pattern.days.contains(weekday))
            .map(|(pattern, origin, destination)| self.date_flight(pattern, *origin, *destination, date))
            .collect()
    }

    fn date_flight(
        &self,
        pattern: &'a WeeklyPattern,
        origin_zone: ZoneIndex,
        destination_zone: ZoneIndex,
        date: Date,
    ) -> Result<DatedFlight<'a>, ScheduleError> {
        let out_of_range = |_| ScheduleError::DateOutOfRange(date);
        let origin = &self.zones.zones[origin_zone.0];
        let filed = date.to_datetime(pattern.departs_local);
        let departs_at = origin.to_ambiguous_timestamp(filed).compatible().map_err(out_of_range)?;
        let block = SignedDuration::from_mins(i64::from(pattern.block_minutes));
        let arrives_at = departs_at.checked_add(block).map_err(out_of_range)?;
        Ok(DatedFlight {
            pattern,
            id: flight_id(pattern, date),
            date,
            origin_zone,
            departs_local: origin.to_datetime(departs_at),
            departs_at,
            arrives_local: self.zones.zones[destination_zone.0].to_datetime(arrives_at),
            arrives_at,
        })
    }
}

fn flight_id(pattern: &WeeklyPattern, date: Date) -> FlightId {
    FlightId::of(&FlightKey { number: pattern.number, origin: pattern.origin, date })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::test_data::{bundled_zone, pattern};

    const AIRPORTS: &[(&str, &str)] = &[
        ("ATL", "America/New_York"),
        ("BOS", "America/New_York"),
        ("ORD", "America/Chicago"),
        ("PHX", "America/Phoenix"),
        ("LAX", "America/Los_Angeles"),
        ("ANC", "America/Anchorage"),
        ("HNL", "Pacific/Honolulu"),
        ("SJU", "America/Puerto_Rico"),
        ("DEL", "Asia/Kolkata"),
        ("APW", "Pacific/Apia"),
    ];

    fn zones() -> Zones {
        let airports = AIRPORTS.iter().map(|(code, zone)| (code.parse().expect("a code"), *zone));
        Zones::new(airports, &bundled_zone).expect("zones of the tz database")
    }

    /// Departure and arrival of a flight, both as UTC instants and as the clocks at the two ends show them.
    fn check(route: (&str, &str), departs: &str, minutes: u16, day: Date, expected: [&str; 4]) {
        let patterns = [pattern(route, departs, minutes)];
        let zones = zones();
        let flights =
            Schedule::new(&patterns, &zones).and_then(|schedule| schedule.on(day)).expect("flights");
        let flight = &flights[0];
        let actual = [
            flight.departs_local.to_string(),
            flight.departs_at.to_string(),
            flight.arrives_local.to_string(),
            flight.arrives_at.to_string(),
        ];
        assert_eq!(actual, expected, "{route:?} {departs} on {day}");
        assert_eq!(flight.id.date(), Some(day));
    }

    #[test]
    fn zones_and_dates_change_on_the_way() {
        check(
            ("ATL", "LAX"),
            "08:00",
            300,
            date(2026, 7, 1),
            ["2026-07-01T08:00:00", "2026-07-01T12:00:00Z", "2026-07-01T10:00:00", "2026-07-01T17:00:00Z"],
        );
        check(
            ("LAX", "BOS"),
            "22:30",
            330,
            date(2026, 12, 31),
            ["2026-12-31T22:30:00", "2027-01-01T06:30:00Z", "2027-01-01T07:00:00", "2027-01-01T12:00:00Z"],
        );
        // Arizona and Hawaii keep standard time; Alaska does not.
        check(
            ("PHX", "LAX"),
            "12:00",
            90,
            date(2026, 7, 1),
            ["2026-07-01T12:00:00", "2026-07-01T19:00:00Z", "2026-07-01T13:30:00", "2026-07-01T20:30:00Z"],
        );
        check(
            ("PHX", "LAX"),
            "12:00",
            90,
            date(2026, 12, 1),
            ["2026-12-01T12:00:00", "2026-12-01T19:00:00Z", "2026-12-01T12:30:00", "2026-12-01T20:30:00Z"],
        );
        check(
            ("HNL", "ANC"),
            "13:00",
            360,
            date(2026, 7, 1),
            ["2026-07-01T13:00:00", "2026-07-01T23:00:00Z", "2026-07-01T21:00:00", "2026-07-02T05:00:00Z"],
        );
        // A half-hour zone, and one across the date line: the flight lands on the day after tomorrow.
        check(
            ("DEL", "ORD"),
            "01:15",
            940,
            date(2026, 7, 1),
            ["2026-07-01T01:15:00", "2026-06-30T19:45:00Z", "2026-07-01T06:25:00", "2026-07-01T11:25:00Z"],
        );
        check(
            ("HNL", "APW"),
            "23:30",
            330,
            date(2026, 7, 1),
            ["2026-07-01T23:30:00", "2026-07-02T09:30:00Z", "2026-07-03T04:00:00", "2026-07-02T15:00:00Z"],
        );
    }

    #[test]
    fn the_clocks_go_forward() {
        // 8 March 2026, 02:00 becomes 03:00 in New York: 02:30 is not on the clock, and is taken as 03:30.
        check(
            ("ATL", "SJU"),
            "02:30",
            200,
            date(2026, 3, 8),
            ["2026-03-08T03:30:00", "2026-03-08T07:30:00Z", "2026-03-08T06:50:00", "2026-03-08T10:50:00Z"],
        );
        // Departs before the change, arrives after it: an hour of the clock is missing, not of the flight.
        check(
            ("ATL", "BOS"),
            "01:30",
            150,
            date(2026, 3, 8),
            ["2026-03-08T01:30:00", "2026-03-08T06:30:00Z", "2026-03-08T05:00:00", "2026-03-08T09:00:00Z"],
        );
    }

    #[test]
    fn the_clocks_go_back() {
        // 1 November 2026, 01:30 happens twice in New York: the first is meant, at UTC-4.
        check(
            ("ATL", "BOS"),
            "01:30",
            150,
            date(2026, 11, 1),
            ["2026-11-01T01:30:00", "2026-11-01T05:30:00Z", "2026-11-01T03:00:00", "2026-11-01T08:00:00Z"],
        );
        // Lands by the clock at the minute it departed.
        check(
            ("ATL", "BOS"),
            "01:10",
            60,
            date(2026, 11, 1),
            ["2026-11-01T01:10:00", "2026-11-01T05:10:00Z", "2026-11-01T01:10:00", "2026-11-01T06:10:00Z"],
        );
    }

    #[test]
    fn only_on_its_days_and_in_the_order_of_ids() {
        let mut weekdays = pattern(("ATL", "BOS"), "08:00", 150);
        weekdays.days = crate::timetable::Days::parse("12345").expect("days");
        weekdays.number = "ZZ9".parse().expect("a number");
        let patterns = [weekdays, pattern(("BOS", "ATL"), "08:00", 150)];
        let zones = zones();
        let schedule = Schedule::new(&patterns, &zones).expect("a schedule");
        assert_eq!(schedule.on(date(2026, 6, 7)).expect("Sunday").len(), 1);
        let monday = schedule.on(date(2026, 6, 8)).expect("Monday");
        assert!(monday.len() == 2 && monday[0].id < monday[1].id);
    }

    #[test]
    fn what_has_no_zone_is_refused() {
        let patterns = [pattern(("ATL", "JFK"), "08:00", 150)];
        let zones = zones();
        let error = Schedule::new(&patterns, &zones).expect_err("JFK is not in the list");
        assert_eq!(error.to_string(), "no time zone is known for the airport JFK");
        let atl = "ATL".parse().expect("a code");
        assert!(Zones::new([(atl, "America/Atlanta")], &bundled_zone).is_err());
        let good = [pattern(("ATL", "BOS"), "08:00", 150)];
        let schedule = Schedule::new(&good, &zones).expect("a schedule");
        assert!(schedule.on(Date::MAX).is_err() && schedule.on(Date::MIN).is_err());
    }

    proptest! {
        /// Whatever the clocks do, a flight takes its block time, and a wall time that exists is kept.
        #[test]
        fn block_time_is_kept(
            from in 0_usize..10, to in 0_usize..10, hour in 0_i8..24, minute in 0_i8..60, block in 1_u16..1_440, day in 0_i32..800,
        ) {
            prop_assume!(from != to);
            let departs = format!("{hour:02}:{minute:02}");
            let patterns = [pattern((AIRPORTS[from].0, AIRPORTS[to].0), &departs, block)];
            let zones = zones();
            let day = date(2026, 1, 1).checked_add(jiff::Span::new().days(day)).expect("a date");
            let flights = Schedule::new(&patterns, &zones).and_then(|schedule| schedule.on(day)).expect("flights");
            let flight = &flights[0];
            prop_assert_eq!(flight.arrives_at.duration_since(flight.departs_at).as_secs(), i64::from(block) * 60);
            let filed = day.at(hour, minute, 0, 0);
            let zone = bundled_zone(AIRPORTS[from].1).expect("a zone");
            let in_gap = zone.to_ambiguous_timestamp(filed).offset();
            if matches!(in_gap, jiff::tz::AmbiguousOffset::Gap { .. }) {
                prop_assert!(flight.departs_local > filed);
            } else {
                prop_assert_eq!(flight.departs_local, filed);
            }
        }
    }
}
