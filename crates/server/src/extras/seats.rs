//! `GET /flights/{id}/seats` and `GET /bookings/{id}/seats`: the seat map with what is taken at the moment.

use axum::extract::State;
use domain::seating::propose;
use jiff::Timestamp;
use kernel::{BookingId, Category, FlightId, Money};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts::{FlightsNow, Scene, closes_at};
use super::view::{CabinView, Viewer};
use crate::access::Caller;
use crate::app::App;
use crate::booking;

/// The seats of a flight.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"flight_id": "flt_20261201000080008000b97700134001", "aircraft": "73H", "map_version": 1,
    "closes_at": "2026-12-01T12:35:00Z", "cabins": [{"cabin": "economy", "rows": [{"row": 12, "blocks": [[{"seat": "12A", "state": "free",
    "features": ["window", "overwing"], "zone": "standard", "price": {"amount": 1500, "currency": "USD"}}]]}]}]}))]
pub(super) struct FlightSeats {
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(example = "73H")]
    aircraft: String,
    /// Grows when the aircraft's map is filed anew.
    map_version: i32,
    /// Until then seats can be chosen and changed.
    #[schema(value_type = String, format = DateTime)]
    closes_at: Timestamp,
    cabins: Vec<CabinView>,
}

/// A flight's seats: which are free just now, what they are like and what choosing one costs without a fare family that
/// includes it. 409 `no_seat_map` where the aircraft has none.
#[utoipa::path(get, path = "/flights/{id}/seats", tag = "extras",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "The seat map", body = FlightSeats),
        (status = 409, description = "`no_seat_map`")))]
pub(super) async fn get_flight_seats(
    State(app): State<App>,
    Path(id): Path<FlightId>,
) -> Outcome<Json<FlightSeats>> {
    let now = FlightsNow::load(&app.db.read().await?, &[id]).await?;
    let flight = now.flight(id).ok_or_else(Problem::not_found)?;
    let (map, map_version) = now.map(id).ok_or_else(no_seat_map)?;
    let cabins = map.cabins();
    let sold = cabins.into_iter().filter(|cabin| now.sells(id, *cabin));
    let cabins = sold.filter_map(|cabin| Some(CabinView::of(cabin, &now.plan(id, cabin, None)?, None)));
    Ok(Json(FlightSeats {
        flight_id: id,
        aircraft: flight.aircraft.clone(),
        map_version,
        closes_at: closes_at(flight, app.config.extras.close_minutes),
        cabins: cabins.collect(),
    }))
}

fn no_seat_map() -> Problem {
    Problem::new(Category::Conflict, "no_seat_map")
}

/// Which flight of a booking.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SegmentParam {
    /// Its number in the booking; 1 if not given.
    #[serde(default = "first")]
    #[param(example = 1)]
    segment: i16,
}

const fn first() -> i16 {
    1
}

/// The seats of a booking's flight, for its passengers.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"segment": 1, "flight_id": "flt_20261201000080008000b97700134001", "aircraft": "73H", "map_version": 1,
    "closes_at": "2026-12-01T12:35:00Z", "cabin": {"cabin": "economy", "rows": [{"row": 12, "blocks": [[{"seat": "12A", "state": "yours",
    "features": ["window", "overwing"], "zone": "standard", "price": {"amount": 0, "currency": "USD"}, "for_passengers": [1]}]]}]},
    "seats": [{"passenger": 1, "seat": "12A", "price": {"amount": 0, "currency": "USD"}}], "proposal": []}))]
pub(super) struct BookingSeats {
    segment: i16,
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(example = "73H")]
    aircraft: String,
    map_version: i32,
    /// Until then seats can be chosen and changed.
    #[schema(value_type = String, format = DateTime)]
    closes_at: Timestamp,
    /// The cabin that was bought; prices are those of the fare family.
    cabin: CabinView,
    /// Who has a seat already.
    seats: Vec<PassengerSeat>,
    /// Seats together for those who have none, the cheapest first: children beside adults, nobody where they may not sit.
    proposal: Vec<PassengerSeat>,
}

/// A passenger's seat.
#[derive(Serialize, ToSchema)]
pub(super) struct PassengerSeat {
    passenger: i16,
    #[schema(example = "12A")]
    seat: String,
    price: Money,
}

/// The seats of one of my flights: what each costs in my fare family, who of us may sit there, which are ours, and a
/// proposal for those without one. Nothing is kept by looking. 409 `no_seat_map` where the aircraft has none.
#[utoipa::path(get, path = "/bookings/{id}/seats", tag = "extras",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"), SegmentParam),
    responses((status = 200, description = "The seat map of the flight's cabin", body = BookingSeats),
        (status = 409, description = "`no_seat_map`")))]
pub(super) async fn get_booking_seats(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Query(asked): Query<SegmentParam>,
) -> Outcome<Json<BookingSeats>> {
    let sql = app.db.read().await?;
    let facts = booking::api::facts_for_extras(&app, &sql, id, caller.user).await?;
    let segment = facts.segment(asked.segment);
    let segment = segment.ok_or_else(|| Problem::invalid("segment", "the booking has no such flight"))?;
    let scene = Scene::load(&sql, &facts).await?;
    let flight = scene.now().flight(segment.flight).ok_or_else(Problem::not_found)?;
    let (_, map_version) = scene.now().map(segment.flight).ok_or_else(no_seat_map)?;
    let plan = scene.plan(segment).ok_or_else(no_seat_map)?;
    let (party, own) = (scene.party(segment), scene.seats(segment.number));
    let choice = segment.included.seat_choice;
    let proposed = propose(&plan, &party, &own, choice);
    let priced = |seats: &domain::seating::Seats| {
        let seat = |(passenger, seat): (&i16, &domain::seat_maps::SeatId)| PassengerSeat {
            passenger: *passenger,
            seat: seat.to_string(),
            price: plan
                .place(*seat)
                .map_or(Money::new(0, facts.currency), |place| place.seat.price_for(choice)),
        };
        seats.iter().map(seat).collect()
    };
    let viewer = Viewer { choice, party: &party, own: &own };
    Ok(Json(BookingSeats {
        segment: segment.number,
        flight_id: segment.flight,
        aircraft: flight.aircraft.clone(),
        map_version,
        closes_at: closes_at(flight, app.config.extras.close_minutes),
        cabin: CabinView::of(segment.cabin, &plan, Some(&viewer)),
        seats: priced(&own),
        proposal: priced(&proposed),
    }))
}
