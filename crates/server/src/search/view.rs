//! What a search answers: its shape, and how its parts become one body.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::DayPrice;
use super::facets::Facets;
use super::families::FamilyView;
use super::shape::ItineraryView;
use crate::app::App;

/// A page of itineraries in the order asked for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"itineraries": [{"offer_id": "off_AQAAAAAAAAAB", "segments": [{
    "flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "origin": "ABE", "destination": "ATL",
    "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at": "2026-12-01T10:35:00-05:00", "duration_minutes": 120,
    "cabin": "economy", "booking_class": "M", "reviews": null}], "duration_minutes": 120, "stops": 0,
    "price": {"amount": 18900, "currency": "USD"}, "fare_family": "economy_saver", "fare_families": [
    {"fare_family": "economy_saver", "offer_id": "off_AQAAAAAAAAAB", "price": {"amount": 18900, "currency": "USD"},
    "difference": {"amount": 0, "currency": "USD"}}], "seats_left": 132, "seats_left_at_price": 21}],
    "fare_families": [], "next_cursor": null, "offers_expire_at": "2026-11-21T10:15:00Z", "as_of": 4711, "complete": true, "nearest_dates": [],
    "facets": null}))]
pub(super) struct SearchAnswer {
    /// Best first.
    #[serde(skip_serializing_if = "Itineraries::are_json")]
    #[schema(value_type = Vec<ItineraryView>, required = true)]
    pub(super) itineraries: Itineraries,
    /// What the cabin's fare families promise, the cheapest first.
    pub(super) fare_families: Vec<FamilyView>,
    /// Null at the end.
    pub(super) next_cursor: Option<String>,
    /// The offers of this page can be booked until then.
    #[schema(value_type = String, format = DateTime)]
    pub(super) offers_expire_at: Timestamp,
    /// Number of the last change of flights, prices or seats that the answer knows.
    pub(super) as_of: u64,
    /// False when the question was so wide that not everything could be looked at; a narrower one is answered in full.
    pub(super) complete: bool,
    /// When nothing was found: up to three days within a week that have something, the nearer first. Else empty.
    pub(super) nearest_dates: Vec<DayPrice>,
    /// What each filter would leave; null unless `facets=true`.
    pub(super) facets: Option<Facets>,
}

/// Itineraries that are JSON already: `write.rs` writes them.
#[derive(Serialize)]
pub(super) struct Itineraries {
    /// A JSON array of [`ItineraryView`].
    pub(super) json: Vec<u8>,
    /// How many they are.
    pub(super) count: usize,
}

impl Itineraries {
    /// Always: [`SearchAnswer::into_json`] puts them in.
    const fn are_json(_: &Self) -> bool {
        true
    }
}

impl SearchAnswer {
    /// Whether nothing was found.
    pub(super) const fn is_empty(&self) -> bool {
        self.itineraries.count == 0
    }

    /// The answer as JSON: the itineraries as they are, and everything else behind them.
    pub(super) fn into_json(self) -> Result<Vec<u8>, Problem> {
        let rest = serde_json::to_vec(&self).map_err(Problem::internal)?;
        let mut body = b"{\"itineraries\":".to_vec();
        body.reserve(self.itineraries.json.len() + rest.len());
        body.extend_from_slice(&self.itineraries.json);
        body.push(b',');
        body.extend_from_slice(rest.strip_prefix(b"{").unwrap_or_default());
        Ok(body)
    }
}

impl IntoResponse for SearchAnswer {
    fn into_response(self) -> Response {
        self.into_json().map(json).into_response()
    }
}

/// A body that is JSON already.
pub(super) fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// When offers made at `now` expire: whole seconds, as the token keeps them.
pub(super) fn offers_expire_at(app: &App, now: Timestamp) -> Timestamp {
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    second + SignedDuration::from_mins(app.config.booking.offer_minutes)
}
