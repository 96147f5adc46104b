//! `GET /admin/integrity`: what the stored data looks like now.

use axum::extract::State;
use jiff::Timestamp;
use platform::http::Json;
use platform::http::problem::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

use super::api::{self, Finding};
use crate::app::App;

/// What was found.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"checked_at": "2026-11-21T10:00:00Z", "sound": true, "invariants": [{"name": "seats_counted",
    "says": "the seats taken on a flight are those of its held and ticketed passengers", "broken": 0, "examples": []}]}))]
pub(super) struct IntegrityReport {
    #[schema(value_type = String, format = DateTime)]
    checked_at: Timestamp,
    /// Nothing is broken.
    sound: bool,
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

/// Ask every invariant of the stored data (admin). It reads much: seconds on a large database.
#[utoipa::path(get, path = "/admin/integrity", tag = "operations",
    responses((status = 200, description = "Each invariant, and where it is broken", body = IntegrityReport)))]
pub(super) async fn get_integrity(State(app): State<App>) -> Outcome<Json<IntegrityReport>> {
    let findings = api::check(&app.db, app.now(), app.config.booking.choice_hours).await?;
    let view = |finding: Finding| InvariantView {
        name: finding.invariant.name,
        says: finding.invariant.says,
        broken: finding.broken,
        examples: finding.examples,
    };
    Ok(Json(IntegrityReport {
        checked_at: app.now(),
        sound: findings.iter().all(|finding| finding.broken == 0),
        invariants: findings.into_iter().map(view).collect(),
    }))
}
