//! Advance purchase as an instant: a class that must be bought n days ahead sells to the end of the nth day before
//! departure, by the clock at the origin. So a price is a stored word and not a function of the time of asking.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use kernel::codes::CLASSES_PER_CABIN;

/// Days before departure for ranks 2, 3 and 4. Rank 1 sells until the flight closes.
pub const DAYS: [i32; CLASSES_PER_CABIN - 1] = [3, 7, 21];

/// When ranks 2, 3 and 4 stop selling on a flight that departs on `date` in `zone`: the first instant of the day after
/// the last day of sale. `None` only at the ends of civil time.
pub fn closing_instants(date: Date, zone: &TimeZone) -> Option<[Timestamp; CLASSES_PER_CABIN - 1]> {
    let [second, third, fourth] = DAYS.map(|days| {
        let day_after = date.checked_sub(Span::new().days(days - 1)).ok()?;
        // Where the clocks skip midnight the day starts later, and "compatible" is that start.
        zone.to_ambiguous_timestamp(day_after.at(0, 0, 0, 0)).compatible().ok()
    });
    Some([second?, third?, fourth?])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::test_data::bundled_zone;

    fn check(day: Date, zone: &str, expected: [&str; 3]) {
        let zone = bundled_zone(zone).expect("a zone");
        let instants = closing_instants(day, &zone).expect("a date in range");
        assert_eq!(instants.map(|instant| instant.to_string()), expected, "{day}");
    }

    #[test]
    fn classes_close_at_the_origins_midnight() {
        check(
            date(2026, 7, 22),
            "America/New_York",
            ["2026-07-20T04:00:00Z", "2026-07-16T04:00:00Z", "2026-07-02T04:00:00Z"],
        );
        check(
            date(2026, 7, 22),
            "Pacific/Honolulu",
            ["2026-07-20T10:00:00Z", "2026-07-16T10:00:00Z", "2026-07-02T10:00:00Z"],
        );
        // The clocks went forward on 8 March: the earlier midnight is an hour later in UTC.
        check(
            date(2026, 3, 12),
            "America/Chicago",
            ["2026-03-10T05:00:00Z", "2026-03-06T06:00:00Z", "2026-02-20T06:00:00Z"],
        );
        // Cuba's clocks skip the hour from midnight to one.
        check(
            date(2026, 3, 10),
            "America/Havana",
            ["2026-03-08T05:00:00Z", "2026-03-04T05:00:00Z", "2026-02-18T05:00:00Z"],
        );
    }

    #[test]
    fn cheaper_classes_close_earlier() {
        let zone = bundled_zone("America/Anchorage").expect("a zone");
        let mut day = date(2026, 1, 1);
        for _ in 0..800 {
            let [second, third, fourth] = closing_instants(day, &zone).expect("a date in range");
            let departure = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().expect("an instant");
            assert!(fourth < third && third < second && second < departure, "{day}");
            day = day.tomorrow().expect("a date");
        }
    }
}
