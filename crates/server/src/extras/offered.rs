//! `GET /flights/{id}/extras`: what is sold beside the seat, and how much of it is left.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use kernel::FlightId;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{catalogue, seats};
use super::view::CatalogueView;
use crate::app::App;
use crate::flights::api as flights;

/// The extras of a flight.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"flight_id": "flt_20261201000080008000b97700134001", "extras": [{"code": "bag_23", "kind": "baggage",
    "name": "Checked bag up to 23 kg", "per": "slice", "unit": "piece", "kg": 23, "price": {"amount": 4000, "currency": "USD"},
    "cabins": ["economy"], "passengers": ["adult", "child"], "most": 5, "stock": 120, "refund": [{"hours": 24, "percent": 100}],
    "closes_minutes": 120, "left": 117, "closes_at": "2026-12-01T11:35:00Z", "open": true}]}))]
pub(super) struct FlightExtras {
    #[schema(value_type = String)]
    flight_id: FlightId,
    extras: Vec<OfferedExtra>,
}

/// An extra on a flight.
#[derive(Serialize, ToSchema)]
pub(super) struct OfferedExtra {
    #[serde(flatten)]
    extra: CatalogueView,
    /// How many are left; null is any number.
    left: Option<u32>,
    /// When its sale ends on this flight.
    #[schema(value_type = String, format = DateTime)]
    closes_at: Timestamp,
    /// Whether it can be bought now.
    open: bool,
}

/// What can be bought beside the seat on a flight sold in a cabin the flight has, with what is left just now. A fare family
/// may include some of it.
#[utoipa::path(get, path = "/flights/{id}/extras", tag = "extras",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "The extras", body = FlightExtras)))]
pub(super) async fn get_flight_extras(
    State(app): State<App>,
    Path(id): Path<FlightId>,
) -> Outcome<Json<FlightExtras>> {
    let sql = app.db.read().await?;
    let ids = [id];
    let (rows, cabins, extras, taken) = tokio::try_join!(
        flights::flight_rows(&sql, &ids),
        flights::capacities(&sql, &ids),
        catalogue::extras(&sql),
        seats::stock_taken(&sql, &ids),
    )?;
    let flight = rows.first().ok_or_else(Problem::not_found)?;
    let check_in_closes = SignedDuration::from_mins(app.config.extras.close_minutes);
    let sold = extras.iter().filter(|extra| cabins.iter().any(|(_, cabin, _)| extra.cabins.contains(cabin)));
    let offered = sold.map(|extra| {
        let taken = taken.iter().find(|(_, code, _)| *code == extra.code).map_or(0, |(.., taken)| *taken);
        let left = extra.stock.map(|stock| stock.saturating_sub(taken.unsigned_abs()));
        let closes_at = extra.closes_at(flight.expected().0, check_in_closes);
        let open = app.now() < closes_at && left != Some(0) && !flight.is_cancelled();
        OfferedExtra { extra: CatalogueView::from(extra), left, closes_at, open }
    });
    Ok(Json(FlightExtras { flight_id: id, extras: offered.collect() }))
}
