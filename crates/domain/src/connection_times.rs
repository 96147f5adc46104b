//! Exceptions to the minimum connection times, as a file lists them: for an airport, for two airlines that connect, or for
//! two airlines at one airport. The four minutes are those of IATA Resolution 765, by which of the two flights cross a
//! border. What none of them speaks of takes the times of the settings.

use std::collections::HashMap;

use kernel::{AirlineCode, AirportCode};

use crate::input::{self, BadInput, Row};

/// The columns read; others are ignored.
const COLUMNS: &[&str] = &[
    "airport",
    "arriving",
    "leaving",
    "domestic",
    "domestic_to_international",
    "international_to_domestic",
    "international",
];

/// The longest minimum: a day. Nobody waits longer for a connection, so more is a slip of the pen.
pub const MINUTES_MAX: u16 = 24 * 60;

/// One exception. It is for an airport, or for airlines, or for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionTime {
    /// Where; everywhere when left out.
    pub airport: Option<AirportCode>,
    /// The airline that arrives and the one that leaves, which may be the same; any two when left out.
    pub airlines: Option<(AirlineCode, AirlineCode)>,
    /// Minutes, by which flight crosses a border: neither, the one that leaves, the one that arrives, both.
    pub minutes: [u16; 4],
}

/// Reads a file of exceptions, sorted by whom they are for. `airport_exists` answers whether flights can depart from an
/// airport: an exception for another one would be filed and never looked at.
pub fn parse(
    file: &str,
    bytes: &[u8],
    airport_exists: &dyn Fn(AirportCode) -> bool,
) -> Result<Vec<ConnectionTime>, BadInput> {
    let mut lines = HashMap::new();
    let mut times = input::read(file, bytes, COLUMNS, |row| {
        let (airport, airlines) = (airport(row, airport_exists), airlines(row));
        let minutes = minutes(row);
        let (Some(Only(airport)), Some(Only(airlines))) = (airport, airlines) else { return None };
        if airport.is_none() && airlines.is_none() {
            row.refuse(
                "airport",
                "is an exception for everything",
                "an airport, two airlines, or both; the times of all others are in the settings",
            );
            return None;
        }
        if let Some(first) = lines.insert((airport, airlines), row.line) {
            let column = if airport.is_some() { "airport" } else { "arriving" };
            row.refuse(
                column,
                &format!("is already on line {first}"),
                "each airport and pair of airlines once",
            );
            return None;
        }
        Some(ConnectionTime { airport, airlines, minutes: minutes? })
    })?;
    times.sort_unstable();
    Ok(times)
}

/// What an exception is limited to; `None` is no limit.
struct Only<T>(Option<T>);

fn airport(row: &mut Row<'_>, exists: &dyn Fn(AirportCode) -> bool) -> Option<Only<AirportCode>> {
    const RIGHT: &str = "three letters, such as ATL, or nothing for all airports";
    let Only(code) = optional(row, "airport", "is not an airport code", RIGHT)?;
    if code.is_some_and(|code| !exists(code)) {
        row.refuse("airport", "is not a known airport", "an airport that was imported before");
        return None;
    }
    Some(Only(code))
}

fn airlines(row: &mut Row<'_>) -> Option<Only<(AirlineCode, AirlineCode)>> {
    const RIGHT: &str = "an airline designator, such as KR, or nothing in both for all airlines";
    let mut airline = |column| optional(row, column, "is not an airline designator", RIGHT);
    let (arriving, leaving) = (airline("arriving"), airline("leaving"));
    match (arriving?.0, leaving?.0) {
        (Some(arriving), Some(leaving)) => Some(Only(Some((arriving, leaving)))),
        (None, None) => Some(Only(None)),
        (arriving, _) => {
            let missing = if arriving.is_none() { "arriving" } else { "leaving" };
            row.refuse(missing, "is without the other airline", "an airline in both columns, or in neither");
            None
        }
    }
}

fn minutes(row: &mut Row<'_>) -> Option<[u16; 4]> {
    // All four are looked at before the row is given up, so that one run tells all.
    let numbers = [3, 4, 5, 6].map(|column: usize| row.whole_number(COLUMNS[column], 0, MINUTES_MAX.into()));
    let [domestic, leaving, arriving, both] = numbers;
    let short = |number: u32| u16::try_from(number).unwrap_or(MINUTES_MAX);
    Some([domestic?, leaving?, arriving?, both?].map(short))
}

/// An empty cell is no limit; a wrong one is reported.
fn optional<T: std::str::FromStr>(
    row: &mut Row<'_>,
    column: &str,
    reason: &str,
    right: &str,
) -> Option<Only<T>> {
    row.parse(column, reason, right, |text| {
        if text.is_empty() { Some(Only(None)) } else { text.parse().ok().map(|value| Only(Some(value))) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "airport,arriving,leaving,domestic,domestic_to_international,international_to_domestic,international";

    fn check(rows: &str) -> Result<Vec<ConnectionTime>, BadInput> {
        let text = format!("{HEADER}\n{rows}\n");
        parse("times.csv", text.as_bytes(), &|code| code.as_str() != "JFK")
    }

    #[test]
    fn reads_exceptions_for_airports_and_airlines() {
        let airlines = Some(("KR".parse().expect("an airline"), "S2".parse().expect("an airline")));
        let airport = Some("ATL".parse().expect("an airport"));
        let minutes = [30, 60, 90, 1440];
        let expected = [(None, airlines), (airport, None), (airport, airlines)]
            .map(|(airport, airlines)| ConnectionTime { airport, airlines, minutes });
        let rows = "ATL,KR,S2,30,60,90,1440\n,KR,S2,30,60,90,1440\natl,,,30,60,90,1440";
        assert_eq!(check(rows), Ok(expected.to_vec()));
        assert_eq!(check(""), Ok(Vec::new()), "no exceptions any more");
    }

    #[test]
    fn names_what_is_wrong() {
        for (row, column, reason) in [
            ("ATLA,,,1,1,1,1", "airport", "is not an airport code"),
            ("JFK,,,1,1,1,1", "airport", "is not a known airport"),
            ("ATL,Delta,S2,1,1,1,1", "arriving", "is not an airline designator"),
            ("ATL,KR,,1,1,1,1", "leaving", "is without the other airline"),
            ("ATL,,KR,1,1,1,1", "arriving", "is without the other airline"),
            (",,,1,1,1,1", "airport", "is an exception for everything"),
            ("ATL,,,1,1441,1,1", "domestic_to_international", "is not such a number"),
            ("ATL,,,1,1,-1,1", "international_to_domestic", "is not such a number"),
            ("ATL,,,1,1,1,", "international", "is not such a number"),
        ] {
            let error = check(row).expect_err(row);
            let cell = &error.cells[0];
            assert_eq!((cell.column.as_str(), cell.reason.as_str()), (column, reason), "{row}");
            assert_eq!((cell.line, error.total), (2, 1), "{row}");
        }
        let error = check("ATL,,,1,1,1,1\nORD,,,x,y,1,1\natl,,,2,2,2,2").expect_err("three wrong cells");
        let places: Vec<(u64, &str)> =
            error.cells.iter().map(|cell| (cell.line, cell.column.as_str())).collect();
        assert_eq!(places, [(3, "domestic"), (3, "domestic_to_international"), (4, "airport")]);
        assert_eq!(error.cells[2].reason, "is already on line 2");
    }
}
