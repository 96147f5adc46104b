//! `GET /airports`: which airport or city do you mean.

use axum::extract::State;
use domain::places::{City, Place};
use kernel::{AirportCode, CityCode};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::directory::{Airport, Directory};
use crate::app::App;

const LIMIT_MAX: usize = 100;
const TYPED_MAX: usize = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AirportQuery {
    /// What somebody has typed so far, at most 100 characters: a code, a name of an airport or city, words of one, former
    /// and local names. Accents, apostrophes, hyphens, full stops and a typing error do not matter. Without it, the
    /// busiest.
    #[param(example = "atlanta")]
    q: Option<String>,
    /// At most so many airports and so many places, 1 to 100.
    #[param(default = 10, minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// An airport.
#[derive(Serialize, ToSchema)]
pub(super) struct AirportView {
    /// IATA code.
    #[schema(value_type = String, example = "ATL")]
    code: AirportCode,
    #[schema(example = "Hartsfield-Jackson Atlanta International Airport")]
    name: String,
    #[schema(example = "Atlanta")]
    city: String,
    #[schema(example = "Georgia")]
    subdivision: String,
    /// ISO 3166-1 code.
    #[schema(example = "US")]
    country: String,
    /// IANA time zone.
    #[schema(example = "America/New_York")]
    timezone: String,
    #[schema(example = 33.6367)]
    latitude: f64,
    #[schema(example = -84.4281)]
    longitude: f64,
    /// Whether flights of the timetable depart from here.
    #[schema(example = true)]
    served: bool,
}

/// A place to fly from or to, as an autocomplete box shows it.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum PlaceView {
    /// A city, meaning any of its airports.
    City {
        /// IATA code of the city; one of its airports may have the same.
        #[schema(value_type = String, example = "NYC")]
        code: CityCode,
        #[schema(example = "New York")]
        name: String,
        /// ISO 3166-1 code.
        #[schema(example = "US")]
        country: String,
        /// Its airports, the busiest first.
        #[schema(value_type = Vec<String>, example = json!(["EWR", "LGA", "JFK"]))]
        airports: Vec<AirportCode>,
        /// Whether flights of the timetable depart from any of them.
        #[schema(example = true)]
        served: bool,
    },
    /// An airport.
    Airport {
        /// IATA code.
        #[schema(value_type = String, example = "JFK")]
        code: AirportCode,
        #[schema(example = "John F Kennedy International Airport")]
        name: String,
        #[schema(example = "New York")]
        city: String,
        /// ISO 3166-1 code.
        #[schema(example = "US")]
        country: String,
        /// Whether flights of the timetable depart from here.
        #[schema(example = true)]
        served: bool,
    },
}

/// What fits, best first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "places": [
        {"type": "city", "code": "NYC", "name": "New York", "country": "US", "airports": ["EWR", "LGA", "JFK"],
            "served": true},
        {"type": "airport", "code": "JFK", "name": "John F Kennedy International Airport", "city": "New York",
            "country": "US", "served": true}],
    "airports": [{"code": "JFK", "name": "John F Kennedy International Airport", "city": "New York",
        "subdivision": "New York", "country": "US", "timezone": "America/New_York", "latitude": 40.6394,
        "longitude": -73.7793, "served": true}]}))]
pub(super) struct AirportList {
    /// Cities and airports in one order, for an autocomplete box.
    places: Vec<PlaceView>,
    /// The airports alone, in the same order, with all that is known of them.
    airports: Vec<AirportView>,
}

/// Find airports and cities by what somebody types.
///
/// Exact codes come first, then names, beginnings of names, words of names, and where none of these is likely to be meant,
/// names with a typing error; busier places first within each. Refuses a `limit` that is not 1 to 100 and a `q` of more
/// than 100 characters.
#[utoipa::path(get, path = "/airports", tag = "flights", params(AirportQuery),
    responses((status = 200, description = "What fits, best first", body = AirportList)))]
pub(super) async fn list_airports(
    State(app): State<App>,
    Query(query): Query<AirportQuery>,
) -> Outcome<Json<AirportList>> {
    let limit = query.limit.unwrap_or(10);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let typed = query.q.unwrap_or_default();
    if typed.chars().count() > TYPED_MAX {
        return Err(Problem::invalid("q", format!("it must have at most {TYPED_MAX} characters")));
    }
    let directory = app.directory.load();
    let found = directory.places().look_up(&typed, limit);
    let places = found.places.iter().filter_map(|place| PlaceView::of(place, &directory)).collect();
    let airports = found.airports.iter().filter_map(|code| directory.airport(*code)).map(AirportView::of);
    Ok(Json(AirportList { places, airports: airports.collect() }))
}

impl PlaceView {
    /// `None` for an airport the directory does not know, which its own index can not name.
    fn of(place: &Place<'_>, directory: &Directory) -> Option<Self> {
        match place {
            Place::City(city) => Some(Self::of_city(city)),
            Place::Airport(code) => directory.airport(*code).map(Self::of_airport),
        }
    }

    fn of_city(city: &City) -> Self {
        Self::City {
            code: city.code,
            name: city.name.clone(),
            country: city.country.clone(),
            airports: city.airports.clone(),
            served: city.weekly_departures > 0,
        }
    }

    fn of_airport(airport: &Airport) -> Self {
        Self::Airport {
            code: airport.code,
            name: airport.name.clone(),
            city: airport.city.clone(),
            country: airport.country.clone(),
            served: airport.weekly_departures > 0,
        }
    }
}

impl AirportView {
    fn of(airport: &Airport) -> Self {
        Self {
            code: airport.code,
            name: airport.name.clone(),
            city: airport.city.clone(),
            subdivision: airport.subdivision.clone(),
            country: airport.country.clone(),
            timezone: airport.timezone.clone(),
            latitude: airport.latitude,
            longitude: airport.longitude,
            served: airport.weekly_departures > 0,
        }
    }
}
