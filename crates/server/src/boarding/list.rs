//! `GET /bookings/{id}/boarding-passes` and `GET /boarding-keys`.

use axum::extract::State;
use jiff::Timestamp;
use kernel::{AirportCode, BookingId, Cabin, FlightId, FlightNumber};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::keys::PublicKey;
use super::store;
use super::text;
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;
use crate::check_in::api as check_in;
use crate::flights::api::{self as flights, local_rfc3339};

/// The boarding passes of a booking.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardingPasses, example = json!({"passes": [{"segment": 1, "flight_id": "flt_20261201000080008000b97700134001",
    "flight_number": "KR1", "origin": "ABE", "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00", "boarding_at":
    "2026-12-01T12:55:00Z", "status": "scheduled", "gate": "B4", "passenger": 1, "given_name": "Asha", "family_name": "Rao", "cabin": "economy", "seat": "12A",
    "sequence": 17, "version": 1, "issued_at": "2026-11-30T09:00:00Z",
    "bar_code": "M1RAO/ASHA            EKX7Q2M ABEATLKR 0001 335Y012A0017 120>80B0WW6334BKR 0D9990000000001V1^167…"}]}))]
pub(super) struct PassesView {
    passes: Vec<PassView>,
}

/// A boarding pass that is good.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardingPass)]
pub(super) struct PassView {
    /// The flight's number in the booking.
    segment: i16,
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String)]
    origin: AirportCode,
    #[schema(value_type = String)]
    destination: AirportCode,
    /// As it is expected now, local time.
    departs_at: String,
    /// When boarding begins.
    #[schema(value_type = String, format = DateTime)]
    boarding_at: Timestamp,
    /// What the flight is doing now.
    status: &'static str,
    /// Null until there is one. It may change; the pass stays good.
    gate: Option<String>,
    /// The passenger's number in the booking.
    passenger: i16,
    given_name: String,
    family_name: String,
    #[schema(value_type = String, example = "economy")]
    cabin: Cabin,
    /// Null for an infant on a lap, and where seats have no numbers.
    seat: Option<String>,
    /// The place in the order of check-in.
    sequence: i16,
    /// A later version takes the place of this one.
    version: i16,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    /// What the bar code says (IATA Resolution 792), signed.
    bar_code: String,
}

/// The keys that passes are signed with.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardingKeys, example = json!({"keys": [{"number": 1, "public_key":
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}]}))]
pub(super) struct KeysView {
    keys: Vec<PublicKey>,
}

/// The boarding passes of my booking: of everybody who is checked in, on each flight, the version that is good. It names a journey and is
/// no password: nothing can be done with it but board.
#[utoipa::path(get, path = "/bookings/{id}/boarding-passes", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "The passes", body = PassesView)))]
pub(super) async fn list_boarding_passes(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
) -> Outcome<Json<PassesView>> {
    let sql = app.db.snapshot().await?;
    let travelling = booking::travelling(&app, &sql, id, caller.user).await?;
    let ids: Vec<FlightId> = travelling.segments.iter().map(|segment| segment.flight).collect();
    let flights = flights::flight_rows(&sql, &ids).await?;
    let directory = app.directory.load();
    let mut passes = Vec::new();
    for row in store::good(&sql, id).await? {
        let flight = flights.iter().find(|flight| flight.id == row.flight).ok_or_else(Problem::not_found)?;
        let segment = travelling.segment(row.segment_no).ok_or_else(Problem::not_found)?;
        let passenger = travelling.passenger(row.passenger_no).ok_or_else(Problem::not_found)?;
        let bar_code = text::bar_code(&app, &travelling, passenger, (&row, flight, segment))?;
        passes.push(PassView {
            segment: row.segment_no,
            flight_id: row.flight,
            flight_number: flight.number,
            origin: flight.origin,
            destination: flight.destination,
            departs_at: local_rfc3339(flight.expected().0, &directory.zone(flight.origin)),
            boarding_at: check_in::boarding_at(flight),
            status: flight.status(app.now()).as_str(),
            gate: flight.gate.clone(),
            passenger: row.passenger_no,
            given_name: passenger.given_name.clone(),
            family_name: passenger.family_name.clone(),
            cabin: segment.cabin,
            seat: row.seat.map(|seat| seat.to_string()),
            sequence: row.number,
            version: row.version,
            issued_at: row.issued_at,
            bar_code,
        });
    }
    Ok(Json(PassesView { passes }))
}

/// The public keys of boarding passes, for gates that look at them without a network: `udaan gate verify`. The highest number signs; the
/// others are of passes issued before.
#[utoipa::path(get, path = "/boarding-keys", tag = "check-in",
    responses((status = 200, description = "The keys", body = KeysView)))]
pub(super) async fn list_boarding_keys(State(app): State<App>) -> Outcome<Json<KeysView>> {
    Ok(Json(KeysView { keys: app.boarding.public() }))
}
