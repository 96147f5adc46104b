//! The cities of IATA whose airports are several, and what people call cities and airports beside their names:
//! data/cities.csv, which is part of the product.

use std::collections::HashMap;

use kernel::{AirportCode, CityCode};

use crate::input::{self, BadInput, Row};

const COLUMNS: &[&str] = &["code", "name", "country", "airports", "aliases"];

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityRow {
    /// IATA location identifier.
    pub code: CityCode,
    /// What most people call it in English.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Its airports, at least one, the most important first.
    pub airports: Vec<AirportCode>,
    /// Former names, local names, nicknames; may be empty.
    pub aliases: Vec<String>,
}

impl CityRow {
    /// Whether the row only gives names to one airport, whose code it has, and is no place beside it.
    pub fn only_names_its_airport(&self) -> bool {
        matches!(self.airports.as_slice(), [airport] if airport.as_str() == self.code.as_str())
    }
}

/// The rows the product comes with.
pub fn shipped() -> Result<Vec<CityRow>, BadInput> {
    parse("cities.csv", include_bytes!("../../../../data/cities.csv"))
}

/// Reads a file of cities. Airports are parted by spaces, aliases by semicolons. Each code has one row.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<CityRow>, BadInput> {
    let mut lines: HashMap<CityCode, u64> = HashMap::new();
    input::read(file, bytes, COLUMNS, |row| {
        let code =
            row.parse("code", "is not a city code", "three letters, such as NYC", |text| text.parse().ok());
        let name = row.parse("name", "is empty", "the city's name", not_empty);
        let country = row.parse("country", "is not a country code", "two capital letters", |text| {
            (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())).then(|| text.to_owned())
        });
        let airports = airports(row);
        let aliases = row.text("aliases");
        let code = code?;
        if let Some(first) = lines.insert(code, row.line) {
            row.refuse("code", &format!("is already on line {first}"), "each code once");
            return None;
        }
        let aliases = aliases?.split(';').filter_map(not_empty).collect();
        Some(CityRow { code, name: name?, country: country?, airports: airports?, aliases })
    })
}

fn airports(row: &mut Row<'_>) -> Option<Vec<AirportCode>> {
    row.parse("airports", "is not a list of airport codes", "codes with spaces, such as JFK LGA", |text| {
        let codes: Vec<AirportCode> =
            text.split_whitespace().map(|code| code.parse().ok()).collect::<Option<_>>()?;
        (!codes.is_empty()).then_some(codes)
    })
}

fn not_empty(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airports;

    #[test]
    fn names_what_is_wrong() {
        for (row, column) in [
            ("NY,New York,US,JFK LGA,", "code"),
            ("NYC,,US,JFK LGA,", "name"),
            ("NYC,New York,USA,JFK LGA,", "country"),
            ("NYC,New York,US,,", "airports"),
            ("NYC,New York,US,JFK;LGA,", "airports"),
            ("NYC,New York,US,JFK,\nNYC,New York,US,LGA,", "code"),
        ] {
            let file = format!("code,name,country,airports,aliases\n{row}\n");
            let error = parse("cities.csv", file.as_bytes()).expect_err(row);
            assert_eq!((error.cells[0].column.as_str(), error.total), (column, 1), "{row}");
        }
    }

    #[test]
    fn the_shipped_file_is_good_and_agrees_with_the_airports() {
        let cities = shipped().expect("a good file");
        let bytes = include_bytes!("../../../../data/airports.csv");
        let airports = airports::parse("airports.csv", bytes, &|_| true).expect("a good file");
        let country: HashMap<AirportCode, &str> =
            airports.iter().map(|airport| (airport.code, airport.country.as_str())).collect();
        for city in &cities {
            for airport in &city.airports {
                assert_eq!(
                    country.get(airport),
                    Some(&city.country.as_str()),
                    "{} of {}",
                    airport,
                    city.code
                );
            }
        }
        let cities_of = |airport| {
            let sets = cities.iter().filter(|city| !city.only_names_its_airport());
            sets.filter(|city| city.airports.contains(&airport)).count()
        };
        assert!(airports.iter().all(|airport| cities_of(airport.code) <= 1), "an airport is in one city");
        // A code that is a city's and an airport's is never that of an airport elsewhere.
        for city in cities
            .iter()
            .filter(|city| airports.iter().any(|airport| airport.code.as_str() == city.code.as_str()))
        {
            assert!(
                city.airports.iter().any(|airport| airport.as_str() == city.code.as_str()),
                "{}",
                city.code
            );
        }
    }
}
