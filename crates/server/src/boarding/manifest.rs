//! `GET /flights/{id}/manifest` and `manifest.csv`: who is on a flight, and who is on board.

use axum::extract::State;
use axum::http::HeaderMap;
use domain::coupon::CouponStatus;
use jiff::Timestamp;
use kernel::{Cabin, FlightId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, gate};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking::api::{self as booking, OnFlight};
use crate::check_in::api as check_in;
use crate::flights::api as flights;
use crate::sheet::Sheet;

/// Who is on a flight.
#[derive(Serialize, ToSchema)]
#[schema(as = Manifest, example = json!({"flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "status": "boarding", "gate": "B4",
    "closed_at": null, "counts": {"open": 3, "checked_in": 20, "boarded": 120, "flown": 0, "no_show": 0}, "passengers": [
    {"locator": "KX7Q2M", "passenger": 1, "type": "adult", "given_name": "Asha", "family_name": "Rao", "cabin": "economy", "seat": "12A",
    "sequence": 17, "status": "boarded", "boarded_at": "2026-12-01T13:02:11Z"}]}))]
pub(super) struct ManifestView {
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(example = "KR1")]
    flight_number: String,
    /// What the flight is doing now.
    status: &'static str,
    gate: Option<String>,
    /// Null while it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    counts: Counts,
    /// Those who checked in first, in that order.
    passengers: Vec<OnManifest>,
}

/// How many are in which state, infants too.
#[derive(Serialize, ToSchema)]
pub(super) struct Counts {
    open: usize,
    checked_in: usize,
    boarded: usize,
    flown: usize,
    no_show: usize,
}

/// A passenger of the flight.
#[derive(Serialize, ToSchema)]
pub(super) struct OnManifest {
    locator: String,
    /// The number in the booking.
    passenger: i16,
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    kind: &'static str,
    /// Null where the account was erased.
    given_name: Option<String>,
    family_name: Option<String>,
    #[schema(value_type = String, example = "economy")]
    cabin: Cabin,
    /// Of whoever is checked in; null for an infant on a lap, and where seats have no numbers.
    seat: Option<String>,
    /// The place in the order of check-in.
    sequence: Option<i16>,
    /// `open`, `checked_in`, `boarded`, `flown` or `no_show`.
    status: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    boarded_at: Option<Timestamp>,
}

/// Who has a ticket for a flight, and how far they have come: checked in, on board, flown, or not there when boarding was closed. Who
/// looked is recorded.
#[utoipa::path(get, path = "/flights/{id}/manifest", tag = "operations",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "Who is on it", body = ManifestView)))]
pub(super) async fn manifest(
    State(app): State<App>,
    actor: Actor,
    Path(flight): Path<FlightId>,
) -> Outcome<Json<ManifestView>> {
    let manifest = load(&app, flight).await?;
    audit::record_look(&app, &actor, Act::new("manifest.read", &flight)).await?;
    Ok(Json(manifest))
}

/// The same as a table for spreadsheets (CSV, RFC 4180), one line for each passenger. Who took it is recorded.
#[utoipa::path(get, path = "/flights/{id}/manifest.csv", tag = "operations",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "Who is on it", body = String, content_type = "text/csv")))]
pub(super) async fn manifest_sheet(
    State(app): State<App>,
    actor: Actor,
    Path(flight): Path<FlightId>,
) -> Outcome<(HeaderMap, Vec<u8>)> {
    let manifest = load(&app, flight).await?;
    audit::record_look(&app, &actor, Act::new("manifest.export", &flight)).await?;
    let mut sheet = Sheet::new(&HEAD)?;
    for one in &manifest.passengers {
        sheet.line(&one.cells())?;
    }
    let date = flight.date().map_or_else(String::new, |date| format!("-{date}"));
    sheet.file(&format!("{}{date}", manifest.flight_number))
}

const HEAD: [&str; 10] = [
    "sequence",
    "seat",
    "family_name",
    "given_name",
    "type",
    "cabin",
    "locator",
    "passenger",
    "status",
    "boarded_at",
];

impl OnManifest {
    /// In the order of the head.
    fn cells(&self) -> [String; 10] {
        let sequence = self.sequence.map(|number| number.to_string());
        [
            sequence.unwrap_or_default(),
            self.seat.clone().unwrap_or_default(),
            self.family_name.clone().unwrap_or_default(),
            self.given_name.clone().unwrap_or_default(),
            self.kind.to_owned(),
            self.cabin.to_string(),
            self.locator.clone(),
            self.passenger.to_string(),
            self.status.to_owned(),
            self.boarded_at.map(|at| at.to_string()).unwrap_or_default(),
        ]
    }
}

async fn load(app: &App, flight: FlightId) -> Result<ManifestView, Problem> {
    let sql = app.db.snapshot().await?;
    let row = flights::flight_rows(&sql, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    let people = booking::people_on(&sql, flight).await?;
    let names = booking::names_of(app, &sql, &people).await?;
    let numbers = check_in::numbers(&sql, flight).await?;
    let seats = store::seats(&sql, flight).await?;
    let boarded = gate::boarded(&sql, flight).await?;
    let line = |one: &OnFlight| {
        let who = (one.booking, one.passenger_no);
        let name = names.get(&who);
        let on_board = boarded.iter().find(|row| (row.booking, row.passenger_no) == who);
        OnManifest {
            locator: one.locator.to_string(),
            passenger: one.passenger_no,
            kind: one.kind.as_str(),
            given_name: name.map(|(given, _)| given.clone()),
            family_name: name.map(|(_, family)| family.clone()),
            cabin: one.cabin,
            seat: seats.get(&who).cloned(),
            sequence: numbers.get(&who).copied(),
            status: one.status.as_str(),
            boarded_at: on_board.map(|row| row.boarded_at),
        }
    };
    let count = |status| people.iter().filter(|one| one.status == status).count();
    let mut passengers: Vec<OnManifest> = people.iter().map(line).collect();
    passengers.sort_by_key(|one| one.sequence.unwrap_or(i16::MAX));
    Ok(ManifestView {
        flight_id: flight,
        flight_number: row.number.to_string(),
        status: row.status(app.now()).as_str(),
        gate: row.gate.clone(),
        closed_at: check_in::closed_at_now(&sql, flight).await?,
        counts: Counts {
            open: count(CouponStatus::Open),
            checked_in: count(CouponStatus::CheckedIn),
            boarded: count(CouponStatus::Boarded),
            flown: count(CouponStatus::Flown),
            no_show: count(CouponStatus::NoShow),
        },
        passengers,
    })
}
