//! `PUT /flights/{id}/check-in` and `POST /flights/{id}/offload`: the counter.

use std::collections::BTreeSet;

use axum::extract::State;
use domain::check_in::Desk;
use domain::flight_status::FlightStatus;
use kernel::{BookingId, Category, FlightId, RecordLocator};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::events::Cause;
use super::join::{self, Asked, flight_of};
use super::leave;
use super::view::{self, CheckInView};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking::api::{self as booking, Travelling};

/// How often seats are looked for again when somebody who chose one was quicker.
const TRIES: usize = 8;
/// The longest reason.
const REASON_MAX: usize = 200;

/// Who stands at the counter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"locator": "KX7Q2M", "passengers": [1, 2], "no_dangerous_goods": true, "documents_seen": true}))]
pub(super) struct CounterCheckIn {
    /// The six characters on the confirmation.
    #[schema(example = "KX7Q2M")]
    locator: String,
    /// Their numbers in the booking. An infant comes with the adult on whose lap it is.
    passengers: Vec<i16>,
    /// They were asked, and carry nothing that may not fly.
    no_dangerous_goods: bool,
    /// The passports were looked at here, and are good for the route: none need be on file.
    #[serde(default)]
    documents_seen: bool,
}

/// Who is put off a flight.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"locator": "KX7Q2M", "passengers": [2], "reason": "volunteered to fly tomorrow"}))]
pub(super) struct Offload {
    /// The six characters on the confirmation.
    #[schema(example = "KX7Q2M")]
    locator: String,
    /// Their numbers in the booking. An infant goes with the adult on whose lap it is.
    passengers: Vec<i16>,
    /// Why, for the record: 1 to 200 characters, and no name.
    reason: String,
}

/// Check passengers in at the counter: as they could themselves, but until the counter closes, whoever was put off before, and with passports
/// that staff have looked at.
#[utoipa::path(put, path = "/flights/{id}/check-in", tag = "operations", request_body = CounterCheckIn,
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "How check-in of their booking stands now", body = CheckInView),
        (status = 409, description = "`booking_closed`, `check_in_closed`, `check_in_not_open`, `flight_cancelled`, `no_seat_left`, `not_confirmed`, `order_open`"),
        (status = 422, description = "`adult_must_check_in`, `declaration_required`, `document_not_valid`, `document_required`")))]
pub(super) async fn check_in_at_counter(
    State(app): State<App>,
    actor: Actor,
    Path(flight): Path<FlightId>,
    Json(request): Json<CounterCheckIn>,
) -> Outcome<Json<CheckInView>> {
    let passengers = join::named(&request.passengers, request.no_dangerous_goods)?;
    let id = booking_of(&app, &request.locator).await?;
    for _ in 0..TRIES {
        let tx = app.db.begin().await?;
        let (travelling, segment) = lock(&app, &tx, id, flight).await?;
        let documents_seen = request.documents_seen;
        let asked = Asked { desk: Desk::Counter, segment, passengers: &passengers, documents_seen };
        let joined = match Box::pin(join::join(&app, &tx, &travelling, &asked)).await {
            Err(problem) if problem.code == "seat_taken" => continue,
            joined => joined?,
        };
        let after = json!({"flight_id": flight, "passengers": joined, "documents_seen": documents_seen});
        audit::record(&app, &tx, &actor, Act::new("check_in.join", &id).after(&after)).await?;
        return answer(&app, tx, &travelling).await;
    }
    Err(join::busy())
}

/// Put passengers who checked in off a flight that has not left. Their tickets are open again, their seats stay theirs until they are given
/// up, and they check in again at the counter only.
#[utoipa::path(post, path = "/flights/{id}/offload", tag = "operations", request_body = Offload,
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "How check-in of their booking stands now", body = CheckInView),
        (status = 409, description = "`already_departed`, `booking_closed`, `has_boarded`, `not_confirmed`, `order_open`"),
        (status = 422, description = "`adult_must_stay`")))]
pub(super) async fn offload(
    State(app): State<App>,
    actor: Actor,
    Path(flight): Path<FlightId>,
    Json(request): Json<Offload>,
) -> Outcome<Json<CheckInView>> {
    let passengers = join::named(&request.passengers, true)?;
    let reason = request.reason.trim();
    if !(1..=REASON_MAX).contains(&reason.chars().count()) {
        return Err(Problem::invalid("reason", format!("it must be 1 to {REASON_MAX} characters")));
    }
    let id = booking_of(&app, &request.locator).await?;
    let tx = app.db.begin().await?;
    let (travelling, segment) = lock(&app, &tx, id, flight).await?;
    let on = travelling.segment(segment).ok_or_else(Problem::not_found)?;
    let (row, now) = (flight_of(&tx, on).await?, app.now());
    // By the clock as well: what staff declared last may be that it boards, hours ago.
    let late = row.expected().0 <= now && !row.is_cancelled();
    if late || matches!(row.status(now), FlightStatus::Departed | FlightStatus::Arrived) {
        return Err(Problem::new(Category::Conflict, "already_departed").actions(&[]));
    }
    let left: BTreeSet<i16> =
        leave::leave(&app, &tx, &travelling, (segment, &passengers), Cause::Offloaded).await?;
    let after = json!({"flight_id": flight, "passengers": left, "reason": reason});
    audit::record(&app, &tx, &actor, Act::new("check_in.offload", &id).after(&after)).await?;
    answer(&app, tx, &travelling).await
}

async fn booking_of(app: &App, locator: &str) -> Result<BookingId, Problem> {
    let locator: RecordLocator =
        locator.trim().to_ascii_uppercase().parse().map_err(|_| Problem::not_found())?;
    booking::booking_of(&app.db.read().await?, locator).await?.ok_or_else(Problem::not_found)
}

/// Locks the booking, and finds the flight in it: of several the one somebody still flies.
async fn lock(app: &App, tx: &Tx, id: BookingId, flight: FlightId) -> Result<(Travelling, i16), Problem> {
    let travelling = booking::lock_travelling(app, tx, id, None).await?;
    let segments = travelling.segments.iter().filter(|segment| segment.flight == flight);
    let number = segments.filter(|segment| !segment.coupons.is_empty()).map(|segment| segment.number).next();
    Ok((travelling, number.ok_or_else(Problem::not_found)?))
}

/// How the booking stands after it, as its owner would see it.
async fn answer(app: &App, tx: Tx, before: &Travelling) -> Outcome<Json<CheckInView>> {
    let now = booking::travelling(app, &tx, before.booking, before.owner).await?;
    let view = view::view(app, &tx, &now).await?;
    tx.commit().await?;
    Ok(Json(view))
}
