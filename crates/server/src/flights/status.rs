//! `GET /flights/{id}/status`: what the flight is doing now.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{AirportCode, FlightId, FlightNumber};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use super::times::local_rfc3339;
use crate::app::App;

/// The status of a flight, with scheduled and expected times.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "origin": "ABE",
    "destination": "ATL", "status": "delayed", "delay_minutes": 35, "gate": "B4",
    "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at": "2026-12-01T10:35:00-05:00",
    "estimated_departs_at": "2026-12-01T09:10:00-05:00", "estimated_arrives_at": "2026-12-01T11:10:00-05:00",
    "as_of": "2026-12-01T12:00:00Z"}))]
pub(super) struct FlightStatusView {
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "ATL")]
    destination: AirportCode,
    /// scheduled, delayed, boarding, departed, arrived or cancelled.
    status: &'static str,
    /// Expected minus scheduled departure; 0 when on time.
    delay_minutes: i64,
    gate: Option<String>,
    departs_at: String,
    arrives_at: String,
    estimated_departs_at: String,
    estimated_arrives_at: String,
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// Status of a flight. Without a word from staff it follows the schedule.
#[utoipa::path(get, path = "/flights/{id}/status", tag = "flights",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "The status now", body = FlightStatusView)))]
pub(super) async fn get_flight_status(
    State(app): State<App>,
    Path(id): Path<FlightId>,
) -> Outcome<Json<FlightStatusView>> {
    let flights = store::find(&app.db.read().await?, &[id]).await?;
    let flight = flights.into_iter().next().ok_or_else(Problem::not_found)?;
    let (now, times, directory) = (app.now(), flight.times(), app.directory.load());
    let (origin, destination) = (directory.zone(flight.origin), directory.zone(flight.destination));
    Ok(Json(FlightStatusView {
        flight_id: flight.id,
        flight_number: flight.number,
        origin: flight.origin,
        destination: flight.destination,
        status: flight.status(now).as_str(),
        delay_minutes: times.estimated_departs_at.duration_since(times.departs_at).as_mins(),
        departs_at: local_rfc3339(flight.departs_at, &origin),
        arrives_at: local_rfc3339(flight.arrives_at, &destination),
        estimated_departs_at: local_rfc3339(times.estimated_departs_at, &origin),
        estimated_arrives_at: local_rfc3339(times.estimated_arrives_at, &destination),
        gate: flight.gate,
        as_of: now,
    }))
}
