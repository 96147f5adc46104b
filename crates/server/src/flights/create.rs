//! `POST /flights`: staff put a dated flight on sale.

use axum::extract::State;
use axum::http::StatusCode;
use domain::geo::Position;
use jiff::civil::DateTime;
use kernel::{AirportCode, Category, FlightId, FlightKey, FlightNumber};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{self, CabinBody};
use super::list::known_airport;
use super::store::{FlightRow, write};
use super::view::FlightView;
use super::{api, events, get};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::events::api::record;

/// A new flight.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"flight_number": "KR9001", "origin": "ABE", "destination": "ATL",
    "departs_local": "2026-12-01T08:35", "arrives_local": "2026-12-01T10:35", "aircraft": "73H",
    "cabins": [{"cabin": "economy", "capacity": 150, "classes": [{"class": "Y", "fare": 45900},
        {"class": "Q", "fare": 12900, "limit": 40, "closes_at": "2026-11-17T08:35:00-05:00"}]}]}))]
pub(super) struct CreateFlight {
    #[schema(value_type = String, example = "KR9001")]
    flight_number: FlightNumber,
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "ATL")]
    destination: AirportCode,
    /// Wall time at the origin.
    #[schema(value_type = String, example = "2026-12-01T08:35")]
    departs_local: DateTime,
    /// Wall time at the destination.
    #[schema(value_type = String, example = "2026-12-01T10:35")]
    arrives_local: DateTime,
    /// IATA aircraft type.
    #[schema(example = "73H")]
    aircraft: String,
    gate: Option<String>,
    cabins: Vec<CabinBody>,
}

/// Create a flight (admin). 409 `flight_exists` if the number already departs from there on that date.
#[utoipa::path(post, path = "/flights", tag = "flights", request_body = CreateFlight,
    responses((status = 201, description = "On sale", body = FlightView),
        (status = 409, description = "`flight_exists`")))]
pub(super) async fn create_flight(
    State(app): State<App>,
    actor: Actor,
    Json(request): Json<CreateFlight>,
) -> Outcome<(StatusCode, Json<FlightView>)> {
    let flight = flight_row(&app, &request)?;
    if request.cabins.is_empty() {
        return Err(Problem::invalid("cabins", "a flight has at least one cabin"));
    }
    let tx = app.db.begin().await?;
    if !write::insert_flight(&tx, &flight).await? {
        return Err(
            Problem::new(Category::Conflict, "flight_exists").with("flight_id", flight.id.to_string())
        );
    }
    for cabin in &request.cabins {
        let mut row = body::new_cabin(flight.id, cabin, flight.departs_at)?;
        body::apply_cabin(&mut row, cabin)?;
        write::put_inventory(&tx, &row).await?;
    }
    api::announce(&tx, &[flight.id]).await?;
    record(&tx, app.random, app.now(), &events::created(&flight)).await?;
    let view = get::view(&app, &tx, flight.id).await?;
    audit::record(&app, &tx, &actor, Act::new("flight.create", &flight.id).after(&view)).await?;
    tx.commit().await?;
    tracing::info!(flight.id = %flight.id, "flight created");
    Ok((StatusCode::CREATED, Json(view)))
}

fn flight_row(app: &App, request: &CreateFlight) -> Result<FlightRow, Problem> {
    if request.origin == request.destination {
        return Err(Problem::new(Category::Unprocessable, "same_airport").field("destination"));
    }
    let origin = known_airport(app, "origin", request.origin)?;
    let destination = known_airport(app, "destination", request.destination)?;
    let (departs_at, arrives_at) =
        body::times(request.departs_local, request.arrives_local, &origin, &destination)?;
    if departs_at <= app.now() {
        return Err(Problem::invalid("departs_local", "the flight must depart in the future"));
    }
    let key = FlightKey {
        number: request.flight_number,
        origin: request.origin,
        date: request.departs_local.date(),
    };
    Ok(FlightRow {
        id: FlightId::of(&key),
        number: request.flight_number,
        origin: request.origin,
        destination: request.destination,
        departs_local: request.departs_local,
        arrives_local: request.arrives_local,
        departs_at,
        arrives_at,
        distance_miles: distance(app, request.origin, request.destination),
        aircraft: body::check_aircraft(&request.aircraft)?,
        gate: request.gate.as_deref().map(body::check_gate).transpose()?,
        estimated_departs_at: None,
        estimated_arrives_at: None,
        declared_status: None,
        // A flight that was deleted and made again must look newer than what serving processes remember of it.
        version: app.now().as_millisecond(),
    })
}

fn distance(app: &App, origin: AirportCode, destination: AirportCode) -> i32 {
    let directory = app.directory.load();
    let position = |code| {
        let airport = directory.airport(code)?;
        Some(Position { latitude: airport.latitude, longitude: airport.longitude })
    };
    let miles = position(origin).zip(position(destination)).map(|(a, b)| a.miles_to(b));
    miles.and_then(|miles| i32::try_from(miles).ok()).unwrap_or(0)
}
