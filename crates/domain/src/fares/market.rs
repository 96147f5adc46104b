//! What people paid, market by market: the file the fares are calibrated on.

use std::collections::HashMap;

use kernel::AirportCode;

use crate::input::{self, BadInput, Row};

const COLUMNS: &[&str] = &["origin", "destination", "median_usd", "p25_usd", "p75_usd", "sample"];

/// No single fare within a country has come near this; above it, a column has slipped.
const MAX_DOLLARS: u32 = 20_000;

/// The spread of what was paid for one way in a market, in cents of economy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// A quarter of the tickets cost at most this.
    pub p25: u32,
    /// Half of them.
    pub median: u32,
    /// Three quarters of them.
    pub p75: u32,
}

/// One row of the file: a market, in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketFare {
    /// Where the trip begins.
    pub origin: AirportCode,
    /// Where it ends, however many connections are between.
    pub destination: AirportCode,
    /// What was paid.
    pub paid: Paid,
    /// The number of tickets behind the figures.
    pub sample: u32,
}

/// Reads a file of market fares, in whole dollars.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<MarketFare>, BadInput> {
    let mut lines: HashMap<(AirportCode, AirportCode), u64> = HashMap::new();
    input::read(file, bytes, COLUMNS, |row| {
        let (origin, destination) = (airport(row, "origin"), airport(row, "destination"));
        let [p25, median, p75] = ["p25_usd", "median_usd", "p75_usd"]
            .map(|column| row.whole_number(column, 1, MAX_DOLLARS).map(|dollars| dollars * 100));
        let sample = row.whole_number("sample", 1, u32::MAX);
        let paid = Paid { p25: p25?, median: median?, p75: p75? };
        let (origin, destination) = (origin?, destination?);
        if !(paid.p25 <= paid.median && paid.median <= paid.p75) {
            row.refuse("median_usd", "is not between the quartiles", "p25_usd <= median_usd <= p75_usd");
            return None;
        }
        if origin == destination {
            row.refuse("destination", "is also the origin", "another airport");
            return None;
        }
        if let Some(first) = lines.insert((origin, destination), row.line) {
            row.refuse(
                "destination",
                &format!("from {origin} is already on line {first}"),
                "each market once",
            );
            return None;
        }
        Some(MarketFare { origin, destination, paid, sample: sample? })
    })
}

fn airport(row: &mut Row<'_>, column: &str) -> Option<AirportCode> {
    row.parse(column, "is not an airport code", "three letters, such as ATL", |text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &str) -> Result<Vec<MarketFare>, BadInput> {
        parse(
            "fares.csv",
            format!("origin,destination,median_usd,p25_usd,p75_usd,sample\n{rows}\n").as_bytes(),
        )
    }

    #[test]
    fn dollars_become_cents() {
        let fares = check("ABE,ATL,349,254,484,709").expect("a good row");
        assert_eq!(fares[0].paid, Paid { p25: 25_400, median: 34_900, p75: 48_400 });
    }

    #[test]
    fn names_what_is_wrong() {
        for (rows, column, line) in [
            ("A,ATL,349,254,484,709", "origin", 2),
            ("ABE,ABE,349,254,484,709", "destination", 2),
            ("ABE,ATL,349.5,254,484,709", "median_usd", 2),
            ("ABE,ATL,249,254,484,709", "median_usd", 2),
            ("ABE,ATL,349,0,484,709", "p25_usd", 2),
            ("ABE,ATL,349,254,48400,709", "p75_usd", 2),
            ("ABE,ATL,349,254,484,0", "sample", 2),
            ("ABE,ATL,349,254,484,709\nABE,ATL,349,254,484,709", "destination", 3),
        ] {
            let error = check(rows).expect_err(rows);
            assert_eq!(
                (error.cells[0].column.as_str(), error.cells[0].line, error.total),
                (column, line, 1),
                "{rows}"
            );
        }
    }
}
