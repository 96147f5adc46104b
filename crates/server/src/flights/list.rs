//! `GET /flights`: the flights of a date, page by page.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::State;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{AirportCode, FlightId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::{self, ListFilter};
use super::view::FlightView;
use crate::app::App;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FlightQuery {
    /// Local date of departure; today (UTC) if left out.
    #[param(value_type = Option<String>, format = Date, example = "2026-12-01")]
    date: Option<String>,
    /// Airport of departure.
    #[param(example = "ABE")]
    origin: Option<String>,
    /// Airport of arrival.
    #[param(example = "ATL")]
    destination: Option<String>,
    /// Airline and number.
    #[param(example = "KR1")]
    flight_number: Option<String>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of flights in order of airline and number.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"flights": [{"id": "flt_20261201000080008000b97700134001", "flight_number": "KR1",
    "origin": "ABE", "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00",
    "arrives_at": "2026-12-01T10:35:00-05:00", "duration_minutes": 120, "distance_miles": 692, "aircraft": "73H",
    "gate": null, "status": "scheduled", "reviews": null, "cabins": []}], "next_cursor": null}))]
pub(super) struct FlightList {
    flights: Vec<FlightView>,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// List the flights of a date.
#[utoipa::path(get, path = "/flights", tag = "flights", params(FlightQuery),
    responses((status = 200, description = "A page of flights", body = FlightList)))]
pub(super) async fn list_flights(
    State(app): State<App>,
    Query(query): Query<FlightQuery>,
) -> Outcome<Json<FlightList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let filter = filter(&app, &query, limit + 1)?;
    let sql = app.db.read().await?;
    let mut flights = store::list(&sql, &filter).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = flights.len() > page;
    flights.truncate(page);
    let ids: Vec<FlightId> = flights.iter().map(|flight| flight.id).collect();
    let cabins = store::inventory(&sql, &ids).await?;
    let now = app.now();
    Ok(Json(FlightList {
        next_cursor: ids.last().filter(|_| more).map(FlightId::to_string),
        flights: flights.iter().map(|flight| FlightView::of(flight, &cabins, &app, now)).collect(),
    }))
}

fn filter(app: &App, query: &FlightQuery, limit: i64) -> Result<ListFilter, Problem> {
    let not_a_date = |_| Problem::invalid("date", "it must be a date, such as 2026-12-01");
    let date: Date = match &query.date {
        Some(text) => text.parse().map_err(not_a_date)?,
        None => app.now().to_zoned(TimeZone::UTC).date(),
    };
    let first = FlightId::first_of(date);
    let bad_cursor = |_| Problem::invalid("cursor", "it must be a next_cursor of this list");
    let after: Option<FlightId> = query.cursor.as_deref().map(str::parse).transpose().map_err(bad_cursor)?;
    Ok(ListFilter {
        after: after.map_or(first, |after| after.max(first)),
        until: FlightId::first_of(date.tomorrow().map_err(not_a_date)?),
        origin: parse("origin", query.origin.as_deref())?,
        destination: parse("destination", query.destination.as_deref())?,
        number: parse("flight_number", query.flight_number.as_deref())?,
        limit,
    })
}

fn parse<T: FromStr<Err: Display>>(field: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(str::parse).transpose().map_err(|error: T::Err| Problem::invalid(field, error.to_string()))
}

/// The zone of an airport that must be known.
pub(super) fn known_airport(app: &App, field: &str, code: AirportCode) -> Result<TimeZone, Problem> {
    let directory = app.directory.load();
    let airport = directory.airport(code);
    airport.map(|airport| airport.zone.clone()).ok_or_else(|| {
        Problem::new(kernel::Category::Unprocessable, "unknown_airport")
            .arg("airport", code.to_string())
            .field(field)
    })
}
