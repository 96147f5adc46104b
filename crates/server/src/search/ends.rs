//! Where a search starts and ends: an airport, a city with several, and what lies near.

use kernel::{AirportCode, Category, CityCode};
use platform::http::Problem;

use crate::app::App;
use crate::flights::api::Directory;

/// Airports of one end: a city with its neighbours. A search looks at each pair of them.
const AIRPORTS_MAX: usize = 6;

/// The airports that a code stands for, the code's own first, with those within `radius_km` that have flights.
///
/// Letters that an airport and a city share mean the airport.
pub(super) fn airports(
    app: &App,
    field: &str,
    text: Option<&str>,
    radius_km: u32,
) -> Result<Vec<AirportCode>, Problem> {
    let text =
        text.ok_or_else(|| Problem::invalid(field, "it is needed: an airport or city code, such as ATL"))?;
    let code: AirportCode =
        text.parse().map_err(|error: kernel::codes::CodeError| Problem::invalid(field, error.to_string()))?;
    let directory = app.directory.load();
    let mut airports = named(&directory, code).ok_or_else(|| {
        Problem::new(Category::Unprocessable, "unknown_airport").arg("airport", code.to_string()).field(field)
    })?;
    if radius_km > 0 {
        for airport in airports.clone() {
            let near = directory.places().near(airport, radius_km, usize::MAX);
            airports.extend(near.iter().filter(|near| near.weekly_departures > 0).map(|near| near.airport));
        }
    }
    // Without repetition, in the order found: the named ones first.
    let mut known = std::collections::HashSet::new();
    airports.retain(|airport| known.insert(*airport));
    airports.truncate(AIRPORTS_MAX);
    Ok(airports)
}

fn named(directory: &Directory, code: AirportCode) -> Option<Vec<AirportCode>> {
    if directory.airport(code).is_some() {
        return Some(vec![code]);
    }
    let city: CityCode = code.as_str().parse().ok()?;
    let airports = &directory.places().city(city)?.airports;
    Some(airports.iter().copied().filter(|airport| directory.airport(*airport).is_some()).collect())
}
