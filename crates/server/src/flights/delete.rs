//! `DELETE /flights/{id}`: staff remove a flight nobody has booked.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, FlightId};
use platform::http::problem::Outcome;
use platform::http::{Path, Problem};

use super::store::{self, write};
use super::{api, get};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking;
use crate::events::api::{FlightDeleted, record};

/// Delete a flight (admin). 409 `flight_sold` once anybody holds or has bought a seat, now or in the past; cancel it
/// instead.
#[utoipa::path(delete, path = "/flights/{id}", tag = "flights",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 204, description = "Deleted"),
        (status = 409, description = "`flight_sold`")))]
pub(super) async fn delete_flight(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FlightId>,
) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    if !write::lock(&tx, id).await? {
        return Err(Problem::not_found());
    }
    // This lock keeps sales out, so that what is not sold now stays unsold until the flight is gone.
    write::lock_inventory(&tx, id).await?;
    let taken = store::inventory(&tx, &[id]).await?.iter().any(|cabin| cabin.taken[0] > 0);
    if taken || booking::api::has_segments_on(&tx, id).await? {
        return Err(Problem::new(Category::Conflict, "flight_sold").actions(&["cancel_flight"]));
    }
    let act = Act::new("flight.delete", &id).before(&get::view(&app, &tx, id).await?);
    write::delete_flight(&tx, id).await?;
    audit::record(&app, &tx, &actor, act).await?;
    api::announce(&tx, &[id]).await?;
    record(&tx, app.random, app.now(), &FlightDeleted { flight_id: id }).await?;
    tx.commit().await?;
    tracing::info!(flight.id = %id, "flight deleted");
    Ok(StatusCode::NO_CONTENT)
}
