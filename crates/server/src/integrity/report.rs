//! `/admin/integrity`: what the last check of the stored data found, and asking for another.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use platform::http::Json;
use platform::http::problem::Outcome;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::api::{Invariant, invariants};
use super::store::checks::{self as kept, KeptCheck};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

/// What was found.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"checked_at": "2026-11-21T10:00:00Z", "seconds": 0.4, "sound": true, "invariants": [{"name":
    "seats_counted", "says": "the seats taken on a flight are those of its held and ticketed passengers", "broken": 0,
    "examples": []}]}))]
pub(super) struct IntegrityReport {
    /// When the last check was made; nothing if there was none yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Option<Timestamp>,
    /// How long it took.
    seconds: Option<f64>,
    /// Nothing was broken then.
    sound: Option<bool>,
    invariants: Vec<InvariantView>,
}

/// An invariant and where it is broken.
#[derive(Serialize, ToSchema)]
#[schema(as = InvariantReport)]
pub(super) struct InvariantView {
    name: &'static str,
    /// What must be true.
    says: &'static str,
    /// How many places break it; 0 is good.
    broken: usize,
    /// The first twenty of them.
    examples: Vec<String>,
}

/// What the last check of the stored data found (admin).
#[utoipa::path(get, path = "/admin/integrity", tag = "operations",
    responses((status = 200, description = "Each invariant, and where it was broken", body = IntegrityReport)))]
pub(super) async fn get_integrity(State(app): State<App>) -> Outcome<Json<IntegrityReport>> {
    let last = kept::last(&app.db.read().await?).await?;
    let invariants = invariants().filter_map(|invariant| view(*invariant, last.as_ref()?)).collect();
    Ok(Json(IntegrityReport {
        checked_at: last.as_ref().map(|check| check.checked_at),
        seconds: last.as_ref().map(|check| check.seconds),
        sound: last.map(|check| check.findings.iter().all(|finding| finding.broken == 0)),
        invariants,
    }))
}

/// What the check found of the invariant; nothing if it was made by a version that did not know it.
fn view(invariant: Invariant, check: &KeptCheck) -> Option<InvariantView> {
    let finding = check.findings.iter().find(|finding| finding.name == invariant.name)?;
    let examples = finding.examples.clone();
    Some(InvariantView { name: invariant.name, says: invariant.says, broken: finding.broken, examples })
}

/// What becomes of the wish for a check.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"state": "due"}))]
pub(super) struct CheckAsked {
    /// `due`: a working process begins one within seconds. `running`: one is under way already.
    state: &'static str,
}

/// Ask for a check of the stored data now (admin). It reads everything: a minute for each million bookings.
#[utoipa::path(post, path = "/admin/integrity", tag = "operations",
    responses((status = 202, description = "The next report will be newer", body = CheckAsked)))]
pub(super) async fn ask_integrity(
    State(app): State<App>,
    actor: Actor,
) -> Outcome<(StatusCode, Json<CheckAsked>)> {
    let tx = app.db.begin().await?;
    let state = if super::job::ask(&tx).await? { "due" } else { "running" };
    audit::record(&app, &tx, &actor, Act::new("integrity.ask", &"integrity").after(&json!({"state": state})))
        .await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(CheckAsked { state })))
}
