//! `GET /bookings/{id}/boarding-passes` and `GET /boarding-keys`.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::coupon::CouponStatus;
use jiff::Timestamp;
use kernel::{AirportCode, BookingId, Cabin, Category, FlightId, FlightNumber, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::keys::PublicKey;
use super::paper;
use super::store::{self, PassRow};
use super::text;
use crate::access::Caller;
use crate::app::App;
use crate::booking::api::{self as booking, TravellingPassenger, TravellingSegment};
use crate::check_in::api as check_in;
use crate::flights::api::{self as flights, FlightRow, local_rfc3339};
use crate::form::Form;

/// The boarding passes of a booking.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardingPasses, example = json!({"passes": [{"segment": 1, "flight_id": "flt_20261201000080008000b97700134001",
    "flight_number": "KR1", "origin": "ABE", "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00", "boarding_at":
    "2026-12-01T07:55:00-05:00", "status": "scheduled", "gate": "B4", "passenger": 1, "type": "adult", "given_name": "Asha", "family_name": "Rao", "cabin": "economy", "seat": "12A",
    "sequence": 17, "version": 1, "issued_at": "2026-11-30T09:00:00Z",
    "bar_code": "M1RAO/ASHA            EKX7Q2M ABEATLKR 0001 335Y012A0017 120>80B0WW6334BKR 0D9990000000001V1^156…", "ticket": "9990000000001", "locator": "KX7Q2M"}]}))]
pub(super) struct PassesView {
    passes: Vec<PassView>,
}

/// A boarding pass that is good.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = BoardingPass)]
pub(super) struct PassView {
    /// The flight's number in the booking.
    pub(super) segment: i16,
    #[schema(value_type = String)]
    pub(super) flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    pub(super) flight_number: FlightNumber,
    #[schema(value_type = String)]
    pub(super) origin: AirportCode,
    #[schema(value_type = String)]
    pub(super) destination: AirportCode,
    /// As it is expected now, local time.
    pub(super) departs_at: String,
    /// When boarding begins, local time: over a night in which the clocks change its offset is not that of the departure.
    pub(super) boarding_at: String,
    /// What the flight is doing now.
    pub(super) status: &'static str,
    /// Null until there is one. It may change; the pass stays good.
    pub(super) gate: Option<String>,
    /// The passenger's number in the booking.
    pub(super) passenger: i16,
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) given_name: String,
    pub(super) family_name: String,
    #[schema(value_type = String, example = "economy")]
    pub(super) cabin: Cabin,
    /// Null for an infant on a lap, and where seats have no numbers.
    pub(super) seat: Option<String>,
    /// The place in the order of check-in.
    pub(super) sequence: i16,
    /// A later version takes the place of this one.
    pub(super) version: i16,
    #[schema(value_type = String, format = DateTime)]
    pub(super) issued_at: Timestamp,
    /// What the bar code says (IATA Resolution 792), signed.
    pub(super) bar_code: String,
    /// The ticket, thirteen digits.
    pub(super) ticket: String,
    /// The booking's six characters.
    pub(super) locator: String,
    #[serde(skip)]
    pub(super) booking_id: BookingId,
    /// When its passenger checked in, the last time. Another seat makes another version and leaves it.
    #[serde(skip)]
    pub(super) checked_in_at: Option<Timestamp>,
    /// As it is scheduled, local times at either end.
    #[serde(skip)]
    pub(super) scheduled: (String, String),
    /// When it arrives as it is expected now.
    #[serde(skip)]
    pub(super) ends_at: Timestamp,
}

impl PassView {
    /// Whose it is.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// The keys that passes are signed with.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardingKeys, example = json!({"keys": [{"number": 1, "public_key":
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}]}))]
pub(super) struct KeysView {
    keys: Vec<PublicKey>,
}

/// What a link can ask for, where it cannot set headers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PassesParams {
    /// `json` or `pdf`, whatever `Accept` says.
    #[param(example = "pdf")]
    format: Option<String>,
}

/// The boarding passes of my booking: of everybody who is checked in, on each flight, the version that is good. It names a journey and is
/// no password: nothing can be done with it but board. `Accept: application/pdf`, or `?format=pdf` in a link, gives all of them in
/// one file for paper, in the language of `Accept-Language`; 409 `no_boarding_pass` while there are none.
#[utoipa::path(get, path = "/bookings/{id}/boarding-passes", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"), PassesParams),
    responses((status = 200, description = "The passes", content(
        (PassesView = "application/json"), (String = "application/pdf"))),
        (status = 409, description = "`no_boarding_pass`")))]
pub(super) async fn list_boarding_passes(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Query(params): Query<PassesParams>,
    Extension(locale): Extension<Locale>,
    headers: HeaderMap,
) -> Outcome<Response> {
    let accept: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let form = Form::wanted(params.format.as_deref(), &accept.join(","))?;
    let passes = passes_of(&app, (id, caller.user)).await?;
    let fresh =
        [(header::CACHE_CONTROL, "no-store"), (header::VARY, "Accept, Accept-Language, Authorization")];
    if form == Form::Json {
        return Ok((fresh, Json(PassesView { passes })).into_response());
    }
    let locator = passes.first().ok_or_else(no_pass)?.locator.clone();
    let made_at = app.now();
    // Some milliseconds of pure work, on a thread where it holds up nobody.
    let set = tokio::task::spawn_blocking(move || paper::document(&app, &passes, (locale, made_at))?.pdf());
    let pdf = set.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    let name = format!("inline; filename=\"boarding-passes-{locator}.pdf\"");
    let kind = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((fresh, kind, pdf).into_response())
}

/// There is none, on paper or as a picture, before check-in.
pub(super) fn no_pass() -> Problem {
    Problem::new(Category::Conflict, "no_boarding_pass").actions(&["check_in"])
}

/// The good pass of a passenger on a flight of a user's booking.
pub(super) async fn pass_of(
    app: &App,
    of: (BookingId, UserId),
    (segment, passenger): (i16, i16),
) -> Result<PassView, Problem> {
    let passes = passes_of(app, of).await?;
    let pass = passes.into_iter().find(|pass| (pass.segment, pass.passenger) == (segment, passenger));
    pass.ok_or_else(no_pass)
}

/// The good passes of a user's booking, of those who wait to board or are on board.
pub(super) async fn passes_of(app: &App, (id, user): (BookingId, UserId)) -> Result<Vec<PassView>, Problem> {
    let sql = app.db.snapshot().await?;
    let travelling = booking::travelling(app, &sql, id, user).await?;
    let ids: Vec<FlightId> = travelling.segments.iter().map(|segment| segment.flight).collect();
    let flights = flights::flight_rows(&sql, &ids).await?;
    let (good, since) = tokio::try_join!(store::good(&sql, id), check_in::checked_in_at(&sql, id))?;
    let mut passes = Vec::new();
    for row in good {
        let flight = flights.iter().find(|flight| flight.id == row.flight).ok_or_else(Problem::not_found)?;
        let segment = travelling.segment(row.segment_no).ok_or_else(Problem::not_found)?;
        let passenger = travelling.passenger(row.passenger_no).ok_or_else(Problem::not_found)?;
        // Whoever has flown needs none any more.
        if segment.coupons.contains(&(row.passenger_no, CouponStatus::Flown)) {
            continue;
        }
        let bar_code = text::bar_code(app, &travelling, passenger, (&row, flight, segment))?;
        passes.push(PassView {
            ticket: segment.tickets.get(&row.passenger_no).cloned().unwrap_or_default(),
            locator: travelling.locator.to_string(),
            booking_id: id,
            checked_in_at: since.get(&(row.flight, row.passenger_no)).copied(),
            ..view(app, &row, (flight, segment, passenger), bar_code)
        });
    }
    Ok(passes)
}

fn view(
    app: &App,
    row: &PassRow,
    (flight, segment, passenger): (&FlightRow, &TravellingSegment, &TravellingPassenger),
    bar_code: String,
) -> PassView {
    let directory = app.directory.load();
    let (origin, destination) = (directory.zone(flight.origin), directory.zone(flight.destination));
    PassView {
        segment: row.segment_no,
        flight_id: row.flight,
        flight_number: flight.number,
        origin: flight.origin,
        destination: flight.destination,
        departs_at: local_rfc3339(flight.expected().0, &origin),
        boarding_at: local_rfc3339(check_in::boarding_at(flight), &origin),
        status: flight.status(app.now()).as_str(),
        gate: flight.gate.clone(),
        passenger: row.passenger_no,
        kind: passenger.kind.as_str(),
        given_name: passenger.given_name.clone(),
        family_name: passenger.family_name.clone(),
        cabin: segment.cabin,
        seat: row.seat.map(|seat| seat.to_string()),
        sequence: row.number,
        version: row.version,
        issued_at: row.issued_at,
        bar_code,
        ticket: String::new(),
        locator: String::new(),
        booking_id: BookingId::from_uuid(Uuid::nil()),
        checked_in_at: None,
        scheduled: (
            local_rfc3339(flight.departs_at, &origin),
            local_rfc3339(flight.arrives_at, &destination),
        ),
        ends_at: flight.expected().1,
    }
}

/// The public keys of boarding passes, for gates that look at them without a network: `udaan gate verify`. The highest number signs; the
/// others are of passes issued before.
#[utoipa::path(get, path = "/boarding-keys", tag = "check-in",
    responses((status = 200, description = "The keys", body = KeysView)))]
pub(super) async fn list_boarding_keys(State(app): State<App>) -> Outcome<Json<KeysView>> {
    Ok(Json(KeysView { keys: app.boarding.public() }))
}
