//! `GET /search/check`: does search have the flights of a date as the database has them?

use axum::extract::State;
use jiff::civil::Date;
use kernel::{Category, FlightId};
use platform::db::DbError;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::check;
use super::difference::FieldDifference;
use crate::app::App;

/// Flights that are listed; the rest is counted.
const LISTED: usize = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CheckParams {
    /// Local date of departure.
    #[param(value_type = String, format = Date, example = "2026-12-01")]
    date: Option<String>,
}

/// What the check of a date found.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"date": "2026-12-01", "flights": 16802, "differing": 1, "unsettled": 0, "as_of": 4711,
    "differences": [{"flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1",
        "fields": [{"field": "economy.Y.fare", "database": "20000", "search": "21000"}]}]}))]
pub(super) struct CheckAnswer {
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Flights of the date that have not departed, on either side.
    flights: usize,
    /// How many differ; 0 is good.
    differing: usize,
    /// Flights that differ, but may be on their way: they kept changing, or the search feed did not come through in time.
    unsettled: usize,
    /// Number of the last change of flights, prices or seats that search knows.
    as_of: u64,
    /// The first hundred of those that differ.
    differences: Vec<FlightDifference>,
}

/// A flight that differs.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1",
    "fields": [{"field": "economy.Y.fare", "database": "20000", "search": "21000"}]}))]
pub(super) struct FlightDifference {
    #[schema(value_type = String)]
    flight_id: FlightId,
    /// Airline and number.
    #[schema(example = "KR1")]
    flight_number: Option<String>,
    fields: Vec<FieldDifference>,
}

/// A database that is away or busy is "not now", as everywhere.
fn refuse(error: anyhow::Error) -> Problem {
    error.downcast::<DbError>().map_or_else(Problem::internal, Problem::from)
}

/// Compare what search has in memory with the database. For staff.
///
/// Looks at the flights of one local date that have not departed, in the memory of the server that answers. Changes under
/// way are waited for, and not counted. Refuses what is no date.
#[utoipa::path(get, path = "/search/check", tag = "search", params(CheckParams),
    responses((status = 200, description = "The flights that differ, and how", body = CheckAnswer)))]
pub(super) async fn check_search(
    State(app): State<App>,
    Query(params): Query<CheckParams>,
) -> Outcome<Json<CheckAnswer>> {
    if !app.live.is_loaded() {
        return Err(Problem::new(Category::Unavailable, "search_not_ready").retry_after(2));
    }
    let wrong = || Problem::invalid("date", "it must be a date, such as 2026-12-01");
    let date: Date = params.date.as_deref().unwrap_or("").parse().map_err(|_| wrong())?;
    let tomorrow = date.tomorrow().map_err(|_| wrong())?;
    let ids = FlightId::first_of(date)..FlightId::first_of(tomorrow);
    let checked = check::check(&app, ids).await.map_err(refuse)?;
    let differing = checked.differing.len();
    let show = |(id, fields): (FlightId, Vec<FieldDifference>)| FlightDifference {
        flight_id: id,
        flight_number: id.key().map(|key| key.number.to_string()),
        fields,
    };
    Ok(Json(CheckAnswer {
        date,
        flights: checked.flights,
        differing,
        unsettled: checked.unsettled,
        as_of: app.live.as_of(),
        differences: checked.differing.into_iter().take(LISTED).map(show).collect(),
    }))
}
