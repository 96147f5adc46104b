//! A timetable: flights by the week, in the local time of where they depart.

use std::collections::HashMap;

use jiff::civil::{Time, Weekday};
use kernel::{AirlineCode, AirportCode, FlightNumber};

use crate::input::{self, BadInput, Row};

const COLUMNS: &[&str] = &[
    "airline",
    "flight_number",
    "origin",
    "destination",
    "days",
    "departs_local",
    "block_minutes",
    "distance_miles",
    "aircraft",
    "seats_economy",
    "seats_business",
];

/// The longest flights there are take 19 hours; a day is a generous bound.
const MAX_BLOCK_MINUTES: u32 = 24 * 60;
/// Half the circumference of the Earth.
const MAX_MILES: u32 = 12_451;
/// What the inventory row allows.
const MAX_SEATS: u32 = 1_000;

/// The days of the week on which a flight departs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    /// Reads digits in ascending order, `1` for Monday to `7` for Sunday: `12345`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut last = b'0';
        let mut days = 0;
        for digit in text.bytes() {
            if !(last < digit && digit <= b'7') {
                return None;
            }
            days |= 1 << (digit - b'1');
            last = digit;
        }
        (days != 0).then_some(Self(days))
    }

    /// Whether `weekday` is one of the days.
    pub fn contains(self, weekday: Weekday) -> bool {
        self.0 >> weekday.to_monday_zero_offset() & 1 == 1
    }

    /// How many days a week.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A flight as it recurs every week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeeklyPattern {
    /// Airline, number and suffix.
    pub number: FlightNumber,
    /// Departs from.
    pub origin: AirportCode,
    /// Arrives at; never the origin.
    pub destination: AirportCode,
    /// Days of departure, by the origin's calendar.
    pub days: Days,
    /// Wall time at the origin.
    pub departs_local: Time,
    /// Scheduled minutes from gate to gate.
    pub block_minutes: u16,
    /// Great-circle distance in statute miles.
    pub distance_miles: u32,
    /// IATA aircraft subtype, such as `73H`.
    pub aircraft: String,
    /// Seats in economy.
    pub seats_economy: u16,
    /// Seats in business; 0 where the aircraft has no such cabin.
    pub seats_business: u16,
}

/// Reads a timetable. `airport_exists` answers whether an airport is known (its time zone is needed).
///
/// A flight number may stand on several rows (other days, other times), but never twice for one origin and day: the
/// two would be one flight.
pub fn parse(
    file: &str,
    bytes: &[u8],
    airport_exists: &dyn Fn(AirportCode) -> bool,
) -> Result<Vec<WeeklyPattern>, BadInput> {
    let mut seen: HashMap<(FlightNumber, AirportCode), Vec<(Days, u64)>> = HashMap::new();
    input::read(file, bytes, COLUMNS, |row| {
        let pattern = read_pattern(row, airport_exists)?;
        let others = seen.entry((pattern.number, pattern.origin)).or_default();
        if let Some((_, line)) = others.iter().find(|(days, _)| days.overlaps(pattern.days)) {
            let reason =
                format!("departs from {} on one of these days already (line {line})", pattern.origin);
            row.refuse("flight_number", &reason, "another number, an operational suffix, or other days");
            return None;
        }
        others.push((pattern.days, row.line));
        Some(pattern)
    })
}

fn read_pattern(row: &mut Row<'_>, airport_exists: &dyn Fn(AirportCode) -> bool) -> Option<WeeklyPattern> {
    let number = flight_number(row);
    let origin = airport(row, "origin", airport_exists);
    let destination = airport(row, "destination", airport_exists);
    if origin.is_some() && origin == destination {
        row.refuse("destination", "is also the origin", "another airport");
        return None;
    }
    let days =
        row.parse("days", "are not days of the week", "digits from 1 (Monday) to 7, ascending", Days::parse);
    let departs_local = row.parse("departs_local", "is not a time of day", "HH:MM, such as 07:45", wall_time);
    let block_minutes = small(row, "block_minutes", 1, MAX_BLOCK_MINUTES);
    let distance_miles = row.whole_number("distance_miles", 1, MAX_MILES);
    let aircraft =
        row.parse("aircraft", "is not an aircraft type", "three letters or digits, such as 73H", |text| {
            let well_formed = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            (text.len() == 3 && well_formed).then(|| text.to_owned())
        });
    let seats_economy = small(row, "seats_economy", 0, MAX_SEATS);
    let seats_business = small(row, "seats_business", 0, MAX_SEATS);
    if (seats_economy, seats_business) == (Some(0), Some(0)) {
        row.refuse(
            "seats_economy",
            "leaves the flight without a seat",
            "at least one seat in one of the cabins",
        );
        return None;
    }
    Some(WeeklyPattern {
        number: number?,
        origin: origin?,
        destination: destination?,
        days: days?,
        departs_local: departs_local?,
        block_minutes: block_minutes?,
        distance_miles: distance_miles?,
        aircraft: aircraft?,
        seats_economy: seats_economy?,
        seats_business: seats_business?,
    })
}

/// Airline in one column, number and an optional operational suffix in the other.
fn flight_number(row: &mut Row<'_>) -> Option<FlightNumber> {
    let airline: Option<AirlineCode> =
        row.parse("airline", "is not an airline code", "two characters, such as KR", |text| {
            text.parse().ok()
        });
    let number = row.parse(
        "flight_number",
        "is not a flight number",
        "1 to 9999, a capital letter may follow",
        |text| {
            let suffix = text.chars().last().filter(char::is_ascii_uppercase);
            let digits = if suffix.is_some() { &text[..text.len() - 1] } else { text };
            let number: u16 =
                digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            (1..=9_999).contains(&number).then_some((number, suffix))
        },
    );
    let (number, suffix) = number?;
    FlightNumber::new(airline?, number, suffix).ok()
}

fn airport(row: &mut Row<'_>, column: &str, exists: &dyn Fn(AirportCode) -> bool) -> Option<AirportCode> {
    let code =
        row.parse(column, "is not an airport code", "three letters, such as ATL", |text| text.parse().ok())?;
    if !exists(code) {
        row.refuse(
            column,
            "is not a known airport",
            "an airport that was imported before (udaan import airports)",
        );
        return None;
    }
    Some(code)
}

fn small(row: &mut Row<'_>, column: &str, low: u32, high: u32) -> Option<u16> {
    row.whole_number(column, low, high).and_then(|number| u16::try_from(number).ok())
}

/// `HH:MM` and nothing else: seconds or a missing zero would be a sign of another format.
fn wall_time(text: &str) -> Option<Time> {
    let [h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i8::try_from(byte - b'0').ok()).flatten();
    Time::new(digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    const GOOD: &str = "KR,1,ABE,ATL,1234567,08:35,120,692,73H,150,16";

    fn check(rows: &str) -> Result<Vec<WeeklyPattern>, BadInput> {
        let text = format!("{}\n{rows}\n", COLUMNS.join(","));
        parse("timetable.csv", text.as_bytes(), &|code| ["ABE", "ATL"].contains(&code.as_str()))
    }

    #[test]
    fn reads_a_pattern() {
        let pattern = check(GOOD).expect("a good row").remove(0);
        assert_eq!(pattern.number.to_string(), "KR1");
        assert_eq!((pattern.departs_local, pattern.days.count()), (time(8, 35, 0, 0), 7));
        let weekends = check(&GOOD.replace("1234567", "67")).expect("a good row").remove(0);
        assert!(weekends.days.contains(Weekday::Sunday) && !weekends.days.contains(Weekday::Monday));
    }

    #[test]
    fn names_what_is_wrong() {
        for (from, to, column) in [
            ("KR,", "K,", "airline"),
            (",1,", ",0,", "flight_number"),
            (",1,", ",+1,", "flight_number"),
            (",1,", ",1é,", "flight_number"),
            ("ABE", "A1E", "origin"),
            ("ATL", "LHR", "destination"),
            ("ATL", "ABE", "destination"),
            ("1234567", "", "days"),
            ("1234567", "11", "days"),
            ("1234567", "21", "days"),
            ("1234567", "8", "days"),
            ("08:35", "24:00", "departs_local"),
            ("08:35", "8:35", "departs_local"),
            ("08:35", "08:35:00", "departs_local"),
            (",120,", ",0,", "block_minutes"),
            (",692,", ",-692,", "distance_miles"),
            ("73H", "737-800", "aircraft"),
            ("150,16", "0,0", "seats_economy"),
            ("150,16", "150,1001", "seats_business"),
        ] {
            let row = GOOD.replace(from, to);
            let error = check(&format!("{GOOD}\n{row}")).expect_err(&row);
            let cell = &error.cells[0];
            assert_eq!((cell.column.as_str(), cell.line, error.total), (column, 3, 1), "{row}: {error}");
        }
    }

    #[test]
    fn a_number_departs_once_from_an_airport_on_a_day() {
        let twice = format!("{}\n{}", GOOD.replace("1234567", "123"), GOOD.replace("1234567", "34"));
        let error = check(&twice).expect_err("both on Wednesday");
        assert_eq!((error.cells[0].line, error.cells[0].column.as_str()), (3, "flight_number"));
        assert!(error.to_string().contains("(line 2)"), "{error}");
        for other in ["4567", "KR,1A,", "ATL,ABE"] {
            let second = match other {
                "4567" => GOOD.replace("1234567", other),
                "KR,1A," => GOOD.replace("KR,1,", other),
                _ => GOOD.replace("ABE,ATL", other),
            };
            assert!(check(&format!("{}\n{second}", GOOD.replace("1234567", "123"))).is_ok(), "{second}");
        }
    }
}
