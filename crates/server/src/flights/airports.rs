//! `GET /airports`: which airport do you mean.

use axum::extract::State;
use kernel::AirportCode;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::directory::Airport;
use crate::app::App;

const LIMIT_MAX: usize = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AirportQuery {
    /// A name, a city or a code, or the beginning of one. Without it, the busiest airports.
    #[param(example = "atlanta")]
    q: Option<String>,
    /// At most so many, 1 to 100.
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

/// Airports that fit, best first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"airports": [{"code": "ATL", "name": "Hartsfield-Jackson Atlanta International Airport",
    "city": "Atlanta", "subdivision": "Georgia", "country": "US", "timezone": "America/New_York", "latitude": 33.6367,
    "longitude": -84.4281, "served": true}]}))]
pub(super) struct AirportList {
    airports: Vec<AirportView>,
}

/// Find airports by name, city or code.
#[utoipa::path(get, path = "/airports", tag = "flights", params(AirportQuery),
    responses((status = 200, description = "Airports that fit, best first", body = AirportList)))]
pub(super) async fn list_airports(
    State(app): State<App>,
    Query(query): Query<AirportQuery>,
) -> Outcome<Json<AirportList>> {
    let limit = query.limit.unwrap_or(10);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let typed = query.q.unwrap_or_default();
    if typed.chars().count() > 100 {
        return Err(Problem::invalid("q", "it must have at most 100 characters"));
    }
    let directory = app.directory.load();
    let airports = directory.look_up(&typed, limit).into_iter().map(AirportView::of).collect();
    Ok(Json(AirportList { airports }))
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
