//! `POST /records`: the itinerary of a booking, by its locator and a surname.

use axum::extract::State;
use jiff::SignedDuration;
use kernel::{Category, RecordLocator};
use platform::attempts::{Attempt, Rule, Wait};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::limits::Principal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::puzzle::{self, PuzzleSolution};
use crate::access::Device;
use crate::app::App;
use crate::booking::api::{Record, RecordSegment, record};

/// Guesses at one locator: five at once, and one each twelve minutes.
const OF_A_LOCATOR: Rule = Rule { name: "record", burst: 5, every: SignedDuration::from_mins(12) };
/// And from one address: twenty, and one each three minutes.
const OF_AN_ADDRESS: Rule = Rule { name: "records from", burst: 20, every: SignedDuration::from_mins(3) };

/// Which booking.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"locator": "KX7Q2M", "surname": "Rao"}))]
pub(super) struct RecordRequest {
    /// The six characters on the confirmation.
    pub(super) locator: String,
    /// The family name of one who flies on it; capitals, accents, spaces and hyphens do not matter.
    pub(super) surname: String,
    /// Only after 403 `puzzle_required`.
    pub(super) puzzle: Option<PuzzleSolution>,
}

/// What locator and surname show: when which flight goes, and nothing of anybody.
#[derive(Serialize, ToSchema)]
#[schema(as = Itinerary, example = json!({"locator": "KX7Q2M", "status": "confirmed", "segments": [{"segment": 1, "flight_number": "KR1",
    "origin": "ABE", "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at": "2026-12-01T10:35:00-05:00",
    "cabin": "economy", "status": "scheduled"}]}))]
pub(super) struct ItineraryView {
    #[schema(value_type = String)]
    locator: RecordLocator,
    /// held, confirmed, completed or cancelled.
    status: &'static str,
    segments: Vec<RecordSegment>,
}

/// See the flights of a booking by its locator and a surname. Anything more needs a login, or a code (`POST /records/code`). A wrong
/// locator and a wrong name are answered alike; guesses are few, and while many are made somewhere they cost work (403 `puzzle_required`).
#[utoipa::path(post, path = "/records", tag = "bookings", request_body = RecordRequest,
    responses((status = 200, description = "Its flights", body = ItineraryView),
        (status = 403, description = "`puzzle_required`: solve `puzzle` and send it along"),
        (status = 404, description = "`no_such_record`")))]
pub(super) async fn find_record(
    State(app): State<App>,
    device: Device,
    Json(request): Json<RecordRequest>,
) -> Outcome<Json<ItineraryView>> {
    let record = find(&app, &device, &request).await?;
    Ok(Json(ItineraryView { locator: record.locator, status: record.status, segments: record.segments }))
}

/// The booking, if somebody of that name flies on it. Refusals: `no_such_record`, `puzzle_required`, `too_many_guesses`.
pub(super) async fn find(app: &App, device: &Device, request: &RecordRequest) -> Result<Record, Problem> {
    let missed = || Problem::new(Category::NotFound, "no_such_record");
    let typed = request.locator.trim().to_ascii_uppercase();
    let Ok(locator) = typed.parse::<RecordLocator>() else {
        count("missed");
        return Err(missed());
    };
    puzzle::require(app, request).await?;
    let Principal::Address(address) = Principal::address(device.address) else { return Err(missed()) };
    let guesses = [
        Attempt::new(&app.sealer, OF_AN_ADDRESS, address.to_string().as_bytes()),
        Attempt::new(&app.sealer, OF_A_LOCATOR, locator.as_str().as_bytes()),
    ];
    for guess in &guesses {
        if let Err(wait) = guess.take(&app.db, app.now()).await? {
            return Err(too_many(wait));
        }
    }
    let sql = app.db.snapshot().await?;
    let Some(found) = record(app, &sql, locator, &request.surname).await? else {
        drop(sql);
        count("missed");
        puzzle::count_miss(app).await?;
        return Err(missed());
    };
    drop(sql);
    for guess in &guesses {
        guess.give_back(&app.db).await?;
    }
    count("found");
    Ok(found)
}

fn count(outcome: &'static str) {
    metrics::counter!("record_lookups_total", "outcome" => outcome).increment(1);
}

/// The refusal of a guess that is not even looked at.
pub(super) fn too_many(wait: Wait) -> Problem {
    count("too_many");
    Problem::new(Category::TooMany, "too_many_guesses")
        .arg("seconds", wait.seconds().to_string())
        .retry_after(wait.seconds())
}
