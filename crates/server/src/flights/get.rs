//! `GET /flights/{id}`.

use axum::extract::State;
use kernel::FlightId;
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};

use super::store;
use super::view::FlightView;
use crate::app::App;

/// One flight, with its cabins, prices and seats left.
#[utoipa::path(get, path = "/flights/{id}", tag = "flights",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "The flight", body = FlightView)))]
pub(super) async fn get_flight(
    State(app): State<App>,
    Path(id): Path<FlightId>,
) -> Outcome<Json<FlightView>> {
    let sql = app.db.read().await?;
    Ok(Json(view(&app, &sql, id).await?))
}

/// The flight as it is in the database now.
pub(super) async fn view(app: &App, sql: &Sql, id: FlightId) -> Result<FlightView, Problem> {
    let flights = store::find(sql, &[id]).await?;
    let flight = flights.first().ok_or_else(Problem::not_found)?;
    let cabins = store::inventory(sql, &[id]).await?;
    Ok(FlightView::of(flight, &cabins, app, app.now()))
}
