//! `PUT /flights/{id}`: staff change times, gate, status, delay, fares and limits.

use std::collections::BTreeSet;

use axum::extract::State;
use domain::flight_status::FlightStatus;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use kernel::{Category, FlightId};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{self, CabinBody};
use super::store::{self, FlightRow, write};
use super::view::FlightView;
use super::{api, events, get};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking;
use crate::events::api::record_all;

/// Longest delay that can be announced, minutes; beyond it a flight is retimed.
const DELAY_MAX: i64 = super::DELAY_DAYS_MAX * 24 * 60;
/// How often a retiming looks again for holds that came in between.
const TRIES: usize = 8;

/// What to change; members left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"gate": "B4", "delay_minutes": 35,
    "cabins": [{"cabin": "economy", "classes": [{"class": "Q", "fare": 14900, "limit": 30}]}]}))]
pub(super) struct UpdateFlight {
    /// New scheduled wall time at the origin, on the same date.
    #[schema(value_type = Option<String>, example = "2026-12-01T09:00")]
    departs_local: Option<DateTime>,
    /// New scheduled wall time at the destination.
    #[schema(value_type = Option<String>, example = "2026-12-01T11:00")]
    arrives_local: Option<DateTime>,
    /// IATA aircraft type.
    #[schema(example = "73H")]
    aircraft: Option<String>,
    gate: Option<String>,
    /// scheduled, boarding, departed, arrived or cancelled. `cancelled` takes the flight off sale, anything else puts it back.
    #[schema(example = "boarding")]
    status: Option<String>,
    /// How much later than scheduled it is expected to leave and arrive; 0 takes a delay back.
    #[schema(example = 35)]
    delay_minutes: Option<i64>,
    #[serde(default)]
    cabins: Vec<CabinBody>,
}

/// Change a flight (admin). Search and every price follow at once.
#[utoipa::path(put, path = "/flights/{id}", tag = "flights", request_body = UpdateFlight,
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "The flight, changed", body = FlightView),
        (status = 409, description = "`capacity_below_sold`")))]
pub(super) async fn update_flight(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FlightId>,
    Json(request): Json<UpdateFlight>,
) -> Outcome<Json<FlightView>> {
    for _ in 0..TRIES {
        if let Some(view) = attempt(&app, &actor, id, &request).await? {
            tracing::info!(flight.id = %id, status = view.status, "flight changed");
            return Ok(Json(view));
        }
    }
    Err(Problem::new(Category::Unavailable, "busy").retry_after(1))
}

/// One try. `None`: a hold of the flight that was not committed yet did not follow its new times; look again.
async fn attempt(
    app: &App,
    actor: &Actor,
    id: FlightId,
    request: &UpdateFlight,
) -> Result<Option<FlightView>, Problem> {
    let tx = app.db.begin().await?;
    if !write::lock(&tx, id).await? {
        return Err(Problem::not_found());
    }
    let mut flight = store::find(&tx, &[id]).await?.into_iter().next().ok_or_else(Problem::not_found)?;
    let before = flight.clone();
    let act = Act::new("flight.update", &id).before(&get::view(app, &tx, id).await?);
    retime(app, &mut flight, request)?;
    declare(&mut flight, request)?;
    write::update_flight(&tx, &flight, app.now()).await?;
    // Bookings before inventory, as everywhere (docs/locking.md).
    let is_retimed = request.departs_local.is_some() || request.arrives_local.is_some();
    let followed = if is_retimed { booking::api::follow_retiming(&tx, id).await? } else { BTreeSet::new() };
    write::lock_inventory(&tx, id).await?;
    // Whoever had seats before is committed by now, and seen; who wants some from now on sees that the flight has changed.
    if is_retimed && !booking::api::bookings_on(&tx, id).await?.is_subset(&followed) {
        return Ok(None);
    }
    change_cabins(&tx, &flight, request).await?;
    api::announce(&tx, &[id]).await?;
    let changed = (&before, &flight);
    let told = events::changes(app.random, app.now(), changed, !request.cabins.is_empty())?;
    record_all(&tx, &told).await?;
    let view = get::view(app, &tx, id).await?;
    audit::record(app, &tx, actor, act.after(&view)).await?;
    tx.commit().await?;
    Ok(Some(view))
}

fn retime(app: &App, flight: &mut FlightRow, request: &UpdateFlight) -> Result<(), Problem> {
    if request.departs_local.is_none() && request.arrives_local.is_none() {
        return Ok(());
    }
    flight.departs_local = request.departs_local.unwrap_or(flight.departs_local);
    flight.arrives_local = request.arrives_local.unwrap_or(flight.arrives_local);
    if flight.id.date() != Some(flight.departs_local.date()) {
        let reason = "the date is part of what the flight is; create a flight on the other date";
        return Err(Problem::invalid("departs_local", reason));
    }
    let directory = app.directory.load();
    let (origin, destination) = (directory.zone(flight.origin), directory.zone(flight.destination));
    (flight.departs_at, flight.arrives_at) =
        body::times(flight.departs_local, flight.arrives_local, &origin, &destination)?;
    // An estimate was made for the old schedule; a delay of the new one is given with it or later.
    (flight.estimated_departs_at, flight.estimated_arrives_at) = (None, None);
    Ok(())
}

fn declare(flight: &mut FlightRow, request: &UpdateFlight) -> Result<(), Problem> {
    if let Some(aircraft) = &request.aircraft {
        flight.aircraft = body::check_aircraft(aircraft)?;
    }
    if let Some(gate) = &request.gate {
        flight.gate = Some(body::check_gate(gate)?);
    }
    if let Some(word) = &request.status {
        let status = FlightStatus::declared(word).ok_or_else(|| {
            let words = "scheduled, boarding, departed, arrived or cancelled";
            Problem::invalid("status", format!("it must be {words}; a delay is given in delay_minutes"))
        })?;
        flight.declared_status = Some(status.as_str().to_owned());
    }
    if let Some(minutes) = request.delay_minutes {
        if !(0..=DELAY_MAX).contains(&minutes) {
            return Err(Problem::invalid("delay_minutes", format!("it must be 0 to {DELAY_MAX}")));
        }
        let late = (minutes > 0).then(|| SignedDuration::from_mins(minutes));
        flight.estimated_departs_at = late.map(|late| flight.departs_at + late);
        flight.estimated_arrives_at = late.map(|late| flight.arrives_at + late);
    }
    Ok(())
}

async fn change_cabins(tx: &Tx, flight: &FlightRow, request: &UpdateFlight) -> Result<(), Problem> {
    let cancelled = flight.declared_status.as_deref() == Some(FlightStatus::Cancelled.as_str());
    let mut rows = store::inventory(tx, &[flight.id]).await?;
    for cabin in &request.cabins {
        if let Some(row) = rows.iter_mut().find(|row| row.cabin == cabin.cabin) {
            body::apply_cabin(row, cabin)?;
        } else {
            let mut row = body::new_cabin(flight.id, cabin, flight.departs_at)?;
            body::apply_cabin(&mut row, cabin)?;
            rows.push(row);
        }
    }
    for row in &mut rows {
        row.on_sale = !cancelled;
        write::put_inventory(tx, row).await?;
    }
    if rows.is_empty() { Err(Problem::new(Category::Conflict, "flight_without_cabins")) } else { Ok(()) }
}
