//! `POST /offers`: the chosen slices of a trip as one offer. `GET /offers/{offer_id}`: what an offer is, taken apart.

use axum::extract::{Path, State};
use domain::pricing::PassengerType;
use domain::taxes::{TaxKind, TaxedLeg};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{AirportCode, BookingClass, Cabin, Category, FlightId, FlightNumber, Money};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::families::FamilyView;
use super::offer::{Offer, OfferError, OfferSlice, SLICES_MAX};
use super::search_flights::must_be_ready;
use crate::app::App;
use crate::flights::api::{self as flights, Directory, FlightRow, local_rfc3339};

/// Slices to join.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slices": [{"offer_id": "off_AgAAAAAAAAAB"}, {"offer_id": "off_AgAAAAAAAAAC"}]}))]
pub(super) struct OfferRequest {
    /// One to six, in the order they are flown.
    slices: Vec<ChosenSlice>,
}

/// A slice that was chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChosenSlice {
    /// From a search: the offer of an itinerary in a fare family.
    offer_id: String,
}

/// An offer: what would be booked, and what its price is made of. It does not change until it expires.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer, example = json!({"offer_id": "off_AgAAAAAAAAAB", "expires_at": "2026-11-22T10:15:00Z", "as_of": 4711,
    "price": {"amount": 20000, "currency": "USD"}, "slices": [{"origin": "ABE", "destination": "ATL", "fare_family": {"code": "economy_saver", "name": "Saver",
    "cabin": "economy", "conditions": {"changeable": false, "change_fee": null, "refundable": false, "refund": []}, "included":
    {"cabin_bags": 1, "checked_bags": 0, "checked_bag_kg": 0, "seat_choice": "none", "meal": false, "priority_boarding": false}},
    "price": {"amount": 20000, "currency": "USD"}, "segments": [{"flight_id": "flt_20261201000080008000b97700134001",
    "flight_number": "KR1", "origin": "ABE", "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00", "arrives_at":
    "2026-12-01T10:35:00-05:00", "cabin": "economy", "booking_class": "M"}]}], "passengers": [{"type": "adult", "count": 1,
    "base": {"amount": 17172, "currency": "USD"}, "taxes": [{"code": "US", "name": "Air transportation excise tax",
    "amount": {"amount": 1288, "currency": "USD"}}, {"code": "ZP", "name": "Domestic flight segment tax", "amount": {"amount":
    530, "currency": "USD"}}], "fees": [{"code": "AY", "name": "September 11 security fee", "amount": {"amount": 1010,
    "currency": "USD"}}], "total": {"amount": 20000, "currency": "USD"}}]}))]
pub(super) struct OfferView {
    /// Book it with this.
    offer_id: String,
    /// It can be booked before this instant.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Number of the last change of flights, prices or seats that it knows.
    as_of: u64,
    /// For the whole party and all slices. It includes taxes and fees.
    price: Money,
    /// The directions of the trip in order.
    slices: Vec<SliceView>,
    /// What one passenger of each type pays for all slices.
    passengers: Vec<PassengerPrice>,
}

/// One direction of a trip.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferSlice)]
struct SliceView {
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "LAX")]
    destination: AirportCode,
    /// What it is sold with.
    fare_family: FamilyView,
    /// For the whole party.
    price: Money,
    segments: Vec<SegmentView>,
}

/// A flight of an offer, with its times as they are now.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferSegment)]
struct SegmentView {
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "ATL")]
    destination: AirportCode,
    /// RFC 3339 with the local offset.
    departs_at: String,
    /// RFC 3339 with the local offset.
    arrives_at: String,
    cabin: Cabin,
    #[schema(value_type = String, example = "M")]
    booking_class: char,
}

/// What one passenger of a type pays.
#[derive(Serialize, ToSchema)]
struct PassengerPrice {
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "adult")]
    kind: &'static str,
    /// How many of them travel.
    count: u8,
    /// What the airline keeps.
    base: Money,
    /// What states take.
    taxes: Vec<Line>,
    /// What airports and others take.
    fees: Vec<Line>,
    /// Base, taxes and fees.
    total: Money,
}

/// A tax or fee, for all slices.
#[derive(Serialize, ToSchema)]
#[schema(as = TaxLine)]
struct Line {
    code: String,
    name: String,
    amount: Money,
}

/// Join the chosen slices of a return or multi-city trip into one offer. It costs what they cost together and expires with
/// the first of them.
#[utoipa::path(post, path = "/offers", tag = "search", request_body = OfferRequest,
    responses((status = 200, description = "One offer for all slices", body = OfferView),
        (status = 409, description = "`offer_expired`")))]
pub(super) async fn combine_offers(
    State(app): State<App>,
    Json(request): Json<OfferRequest>,
) -> Outcome<Json<OfferView>> {
    must_be_ready(&app)?;
    let mut parts = Vec::new();
    for (index, slice) in request.slices.iter().take(SLICES_MAX + 1).enumerate() {
        let field = format!("slices[{index}].offer_id");
        parts.push(open(&app, &slice.offer_id).map_err(|problem| problem.field(&field))?);
    }
    let offer = joined(parts)?;
    let flights = flights_of(&app, &offer).await?;
    check_order(&offer, &flights)?;
    let token = app.offers.sign(&offer);
    Ok(Json(view(&app, token, &offer, &flights)?))
}

/// What an offer is: its flights, what comes with them, and what its price is made of.
#[utoipa::path(get, path = "/offers/{offer_id}", tag = "search",
    params(("offer_id" = String, Path, description = "From a search or from joining offers", example = "off_AQAAAAAAAAAB")),
    responses((status = 200, description = "The offer", body = OfferView),
        (status = 409, description = "`offer_expired`"),
        (status = 422, description = "`offer_unknown`")))]
pub(super) async fn get_offer(
    State(app): State<App>,
    Path(offer_id): Path<String>,
) -> Outcome<Json<OfferView>> {
    must_be_ready(&app)?;
    let offer = open(&app, &offer_id)?;
    let flights = flights_of(&app, &offer).await?;
    Ok(Json(view(&app, offer_id, &offer, &flights)?))
}

fn open(app: &App, token: &str) -> Result<Offer, Problem> {
    app.offers.open(token, app.now()).map_err(refuse)
}

/// The refusal of an offer that cannot be used.
pub fn refuse(error: OfferError) -> Problem {
    match error {
        OfferError::Unknown => Problem::new(Category::Unprocessable, "offer_unknown").field("offer_id"),
        OfferError::Expired => Problem::new(Category::Conflict, "offer_expired").actions(&["search"]),
    }
}

/// The slices of all offers in one.
fn joined(parts: Vec<Offer>) -> Result<Offer, Problem> {
    let mut parts = parts.into_iter();
    let wrong = |reason: String| Problem::invalid("slices", reason);
    let number = || wrong(format!("there must be 1 to {SLICES_MAX}"));
    let mut whole = parts.next().ok_or_else(number)?;
    for part in parts {
        if part.party != whole.party || part.currency != whole.currency {
            return Err(wrong(
                "they must be for the same passengers: search them with the same numbers".to_owned(),
            ));
        }
        whole.as_of = whole.as_of.min(part.as_of);
        whole.expires_at = whole.expires_at.min(part.expires_at);
        whole.slices.extend(part.slices);
    }
    if whole.slices.len() > SLICES_MAX { Err(number()) } else { Ok(whole) }
}

/// The flights of an offer as they are now. One that is gone takes the offer with it.
async fn flights_of(app: &App, offer: &Offer) -> Result<Vec<FlightRow>, Problem> {
    let ids: Vec<FlightId> = offer.legs().map(|leg| leg.flight).collect();
    let rows = flights::flight_rows(&app.db.read().await?, &ids).await?;
    let in_order = ids.iter().map(|id| rows.iter().find(|row| row.id == *id).cloned());
    in_order.collect::<Option<_>>().ok_or_else(|| refuse(OfferError::Expired))
}

/// Nobody sets out on a slice before the one before has ended.
fn check_order(offer: &Offer, flights: &[FlightRow]) -> Result<(), Problem> {
    let slices: Vec<&[FlightRow]> = by_slice(offer, flights).collect();
    let follows = |pair: &[&[FlightRow]]| {
        let (before, after) = (pair[0].last(), pair[1].first());
        before.zip(after).is_some_and(|(before, after)| before.arrives_at <= after.departs_at)
    };
    if slices.windows(2).all(follows) {
        Ok(())
    } else {
        Err(Problem::invalid("slices", "each must depart after the one before has arrived"))
    }
}

/// The flights cut into those of each slice.
fn by_slice<'a>(offer: &'a Offer, mut flights: &'a [FlightRow]) -> impl Iterator<Item = &'a [FlightRow]> {
    offer.slices.iter().map(move |slice| {
        let (here, rest) = flights.split_at(slice.legs.len().min(flights.len()));
        flights = rest;
        here
    })
}

fn view(app: &App, offer_id: String, offer: &Offer, flights: &[FlightRow]) -> Result<OfferView, Problem> {
    let directory = app.directory.load();
    let sliced: Vec<(&OfferSlice, &[FlightRow])> =
        offer.slices.iter().zip(by_slice(offer, flights)).collect();
    // Every rule that held when the offer was made still explains it.
    let made = offer.expires_at - jiff::SignedDuration::from_mins(app.config.booking.offer_minutes);
    let sold_on = made.to_zoned(TimeZone::UTC).date();
    let slices = sliced.iter().map(|(slice, flights)| slice_view(&directory, offer, slice, flights));
    let types = PassengerType::ALL.into_iter().filter(|kind| offer.party.count(*kind) > 0);
    Ok(OfferView {
        offer_id,
        expires_at: offer.expires_at,
        as_of: offer.as_of,
        price: offer.total().map_err(Problem::internal)?,
        slices: slices.collect::<Result<_, _>>()?,
        passengers: types.map(|kind| passenger_price(&directory, offer, &sliced, kind, sold_on)).collect(),
    })
}

fn slice_view(
    directory: &Directory,
    offer: &Offer,
    slice: &OfferSlice,
    flights: &[FlightRow],
) -> Result<SliceView, Problem> {
    let (Some(first), Some(last)) = (flights.first(), flights.last()) else {
        return Err(Problem::not_found());
    };
    let segment = |(leg, flight): (&super::offer::OfferLeg, &FlightRow)| SegmentView {
        flight_id: flight.id,
        flight_number: flight.number,
        origin: flight.origin,
        destination: flight.destination,
        departs_at: local_rfc3339(flight.departs_at, &directory.zone(flight.origin)),
        arrives_at: local_rfc3339(flight.arrives_at, &directory.zone(flight.destination)),
        cabin: leg.class.cabin,
        booking_class: BookingClass::letter(leg.class),
    };
    // An offer of a family that is gone, or is sold on other terms now, is over.
    let family =
        directory.families().get(slice.cabin, &slice.family).filter(|family| family.terms() == slice.terms);
    let family = family.ok_or_else(|| refuse(OfferError::Expired))?;
    let total = slice.total(offer.party).map_err(Problem::internal)?;
    Ok(SliceView {
        origin: first.origin,
        destination: last.destination,
        fare_family: FamilyView::new(family, offer.currency),
        price: Money::new(total, offer.currency),
        segments: slice.legs.iter().zip(flights).map(segment).collect(),
    })
}

/// What one passenger of a type pays for all slices, taken apart slice by slice and added up by tax.
fn passenger_price(
    directory: &Directory,
    offer: &Offer,
    slices: &[(&OfferSlice, &[FlightRow])],
    kind: PassengerType,
    sold_on: Date,
) -> PassengerPrice {
    let money = |amount| Money::new(amount, offer.currency);
    let (mut base, mut taxes, mut fees) = (0, Vec::<Line>::new(), Vec::<Line>::new());
    for (slice, flights) in slices {
        let legs = taxed_legs(directory, slice, flights, kind);
        let parts = directory.taxes().split(&legs, kind, sold_on, offer.currency);
        base += parts.base;
        for (rule, amount) in parts.lines {
            let lines = if rule.kind == TaxKind::Tax { &mut taxes } else { &mut fees };
            match lines.iter_mut().find(|line| line.code == rule.code) {
                Some(line) => line.amount.amount += amount,
                None => lines.push(Line {
                    code: rule.code.clone(),
                    name: rule.name.clone(),
                    amount: money(amount),
                }),
            }
        }
    }
    let lines: i64 = taxes.iter().chain(&fees).map(|line| line.amount.amount).sum();
    PassengerPrice {
        kind: kind.as_str(),
        count: offer.party.count(kind),
        base: money(base),
        total: money(base + lines),
        taxes,
        fees,
    }
}

/// The flights of a slice with one passenger's share of the price.
fn taxed_legs(
    directory: &Directory,
    slice: &OfferSlice,
    flights: &[FlightRow],
    kind: PassengerType,
) -> Vec<TaxedLeg> {
    let more =
        directory.families().get(slice.cabin, &slice.family).map_or(0, |family| family.difference.per_flight);
    let fares: Vec<u32> = slice.legs.iter().map(|leg| leg.fare.saturating_add(more)).collect();
    directory.taxed_legs(slice.price_of(kind), &fares, flights)
}
