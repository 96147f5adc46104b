//! Airports and market ratios in memory: small, asked at every request, replaced as a whole when an import
//! changes them.

use std::collections::HashMap;

use domain::pricing::RATIO_ONE_PPM;
use jiff::tz::TimeZone;
use kernel::{AirportCode, Cabin};
use platform::db::{DbError, Sql};

use super::store;

/// An airport as people know it.
#[derive(Clone, Debug)]
pub struct Airport {
    /// IATA code.
    pub code: AirportCode,
    /// Name.
    pub name: String,
    /// City it serves.
    pub city: String,
    /// State or province.
    pub subdivision: String,
    /// ISO 3166 code.
    pub country: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// IANA name.
    pub timezone: String,
    /// The zone itself.
    pub zone: TimeZone,
    /// Departures a week in the timetable.
    pub weekly_departures: i32,
    /// Lower-case code, city and name, a line each, for looking up.
    pub(super) folded: String,
}

/// What is known of places and markets.
#[derive(Debug, Default)]
pub struct Directory {
    airports: HashMap<AirportCode, Airport>,
    ratios: HashMap<(AirportCode, AirportCode, Cabin), u32>,
}

impl Directory {
    /// The airport of a code.
    pub fn airport(&self, code: AirportCode) -> Option<&Airport> {
        self.airports.get(&code)
    }

    /// All airports, in no order.
    pub fn airports(&self) -> impl Iterator<Item = &Airport> {
        self.airports.values()
    }

    /// What a connection costs against the sum of its legs, in millionths.
    pub fn ratio_ppm(&self, origin: AirportCode, destination: AirportCode, cabin: Cabin) -> u32 {
        self.ratios.get(&(origin, destination, cabin)).copied().unwrap_or(RATIO_ONE_PPM)
    }

    /// The zone of an airport; UTC for one that is unknown, which the flights' own checks exclude.
    pub fn zone(&self, code: AirportCode) -> TimeZone {
        self.airport(code).map_or(TimeZone::UTC, |airport| airport.zone.clone())
    }

    /// The airports that fit what somebody typed, best first: exact code, then code, city or name that begins with it,
    /// then a word in either; busier airports first within each.
    pub fn look_up(&self, typed: &str, limit: usize) -> Vec<&Airport> {
        let wanted = typed.trim().to_lowercase();
        let mut found: Vec<(u8, &Airport)> =
            self.airports.values().filter_map(|airport| Some((fit(airport, &wanted)?, airport))).collect();
        found.sort_by_key(|(fit, airport)| (*fit, -airport.weekly_departures, airport.code));
        found.into_iter().take(limit).map(|(_, airport)| airport).collect()
    }
}

/// Words of a look-up that count; nobody needs more to name an airport.
const WORDS_MAX: usize = 6;

/// How well an airport fits; smaller is better.
fn fit(airport: &Airport, wanted: &str) -> Option<u8> {
    if wanted.is_empty() || airport.code.as_str().eq_ignore_ascii_case(wanted) {
        return Some(0);
    }
    if airport.folded.lines().any(|part| part.starts_with(wanted)) {
        return Some(1);
    }
    let mut words = wanted.split_whitespace().take(WORDS_MAX);
    let begins_a_word =
        |word: &str| airport.folded.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word));
    words.all(begins_a_word).then_some(2)
}

/// Reads the directory from the database.
pub async fn load_directory(sql: &Sql) -> Result<Directory, DbError> {
    let airports = store::airports(sql).await?;
    let ratios = store::market_ratios(sql).await?;
    Ok(Directory {
        airports: airports.into_iter().map(|airport| (airport.code, airport)).collect(),
        ratios: ratios.into_iter().collect(),
    })
}
