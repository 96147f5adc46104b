//! `POST /bookings`: hold the seats of an offer for named passengers.
//!
//! One transaction: read the legs as they sell now, compare the price with the offer's, take the seats, write the booking
//! and the answer to its idempotency key. Locks are taken in the order of docs/locking.md.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::booking::BookingStatus;
use domain::pricing::{self, Quote};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Cabin, Category, FlightId};
use platform::db::{DbError, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::idempotency::{Answer, Claim, IdempotencyKey, Known, in_progress};
use platform::seal::{Place, UserKey};

use super::check::BookingRequest;
use super::store::{self, BookingRow, NewBooking, PassengerRow, SegmentRow};
use super::view::{self, BookingView, Parts, PassengerDetails, contact_place, details_place};
use crate::access::Caller;
use crate::app::App;
use crate::flights::api::{self as flights, FlightRow, LegOnSale, SeatClaim};
use crate::identity;
use crate::search::api::{self as search, Offer, OfferError};

/// How often a hold is tried again when another sale changed the same flights between reading and taking.
const TRIES: usize = 8;
const ROUTE: &str = "POST /bookings";

/// Hold seats for an offer. The hold ends at `hold_expires_at` unless it is paid before. 409 `sold_out`, `price_changed`
/// (with the new offer) or `offer_expired` when the offer no longer stands.
#[utoipa::path(post, path = "/bookings", tag = "bookings", request_body = BookingRequest,
    params(("Idempotency-Key" = String, Header, example = "4a7c1d8e-hold-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 201, description = "Held", body = BookingView)))]
pub(super) async fn create_booking(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(request): Json<BookingRequest>,
) -> Outcome<Response> {
    // Prices need the market ratios, which arrive with the first load.
    if !app.live.is_loaded() {
        return Err(Problem::new(Category::Unavailable, "search_not_ready").retry_after(2));
    }
    let body = serde_json::to_vec(&request).map_err(Problem::internal)?;
    let claim = Claim::new(&app.sealer, caller.user, ROUTE, key, &body);
    for _ in 0..TRIES {
        let tx = app.db.begin().await?;
        let user_key = identity::api::user_key(&tx, &app.sealer, caller.user).await?;
        match claim.look_up(&tx, &app.sealer, &user_key).await? {
            Known::Done(answer) => return Ok(answer.into_response(true)),
            Known::InProgress(_) => return Err(in_progress()),
            Known::New => {}
        }
        let offer = app.offers.open(&request.offer_id, app.now()).map_err(refuse_offer)?;
        let dates: Vec<Date> = offer.legs.iter().filter_map(|leg| leg.flight.date()).collect();
        request.check(offer.party, &dates)?;
        let hold = Hold { app: &app, claim: &claim, request: &request, offer: &offer, user_key: &user_key };
        if let Some(answer) = hold.attempt(tx).await? {
            return Ok(answer.into_response(false));
        }
    }
    Err(Problem::new(Category::Unavailable, "busy").retry_after(1))
}

/// The refusal of an offer that cannot be booked.
fn refuse_offer(error: OfferError) -> Problem {
    match error {
        OfferError::Unknown => Problem::new(Category::Unprocessable, "offer_unknown").field("offer_id"),
        OfferError::Expired => Problem::new(Category::Conflict, "offer_expired").actions(&["search"]),
    }
}

/// Takes the seats; `false` if one was gone, or a flight was changed between reading it and taking its seats: its times
/// are in what is about to be written.
async fn take(tx: &Tx, claims: &[SeatClaim], legs: &[LegOnSale], now: Timestamp) -> Result<bool, DbError> {
    if flights::take_seats(tx, claims, now).await?.is_err() {
        return Ok(false);
    }
    let read: Vec<&FlightRow> = legs.iter().map(|leg| &leg.flight).collect();
    flights::unchanged(tx, &read).await
}

struct Hold<'a> {
    app: &'a App,
    claim: &'a Claim,
    request: &'a BookingRequest,
    offer: &'a Offer,
    user_key: &'a UserKey,
}

impl Hold<'_> {
    /// One try. `None`: somebody was quicker between reading and taking, or with the same key; look again.
    async fn attempt(&self, tx: Tx) -> Result<Option<Answer>, Problem> {
        let now = self.app.now();
        let legs = self.legs(&tx, now).await?;
        let quote = self.price(&legs)?;
        let new = self.rows(&legs, &quote, now)?;
        let answer = Answer::json(StatusCode::CREATED, &self.view(&new, &legs)?)?;
        let sealed = self.claim.seal(&self.app.sealer, self.user_key, &answer)?;

        let seats = self.offer.party.seats();
        let claims: Vec<SeatClaim> = legs.iter().map(|leg| seat_claim(leg, seats)).collect();
        let touched: Vec<FlightId> = legs.iter().map(|leg| leg.flight.id).collect();
        let id = new.booking.id;
        let (first, taken, (), written) = tokio::try_join!(
            biased;
            self.claim.store(&tx, Some(&sealed), id.uuid(), now),
            take(&tx, &claims, &legs, now),
            flights::announce(&tx, &touched),
            store::insert(&tx, &new),
        )?;
        if !first || !taken || !written {
            return Ok(None);
        }
        tx.commit().await?;
        metrics::counter!("bookings_total", "event" => "held").increment(1);
        tracing::info!(booking.id = %id, legs = legs.len(), seats, "held");
        Ok(Some(answer))
    }

    /// The offer's legs as they sell now.
    async fn legs(&self, tx: &Tx, now: Timestamp) -> Result<Vec<LegOnSale>, Problem> {
        let wanted: Vec<(FlightId, Cabin)> =
            self.offer.legs.iter().map(|leg| (leg.flight, leg.class.cabin)).collect();
        let close = SignedDuration::from_mins(self.app.config.booking.sales_close_minutes);
        let legs = flights::legs_on_sale(tx, &wanted, self.offer.party.seats(), now, close).await?;
        let legs: Option<Vec<LegOnSale>> = legs.into_iter().collect();
        let legs = legs.ok_or_else(|| Problem::new(Category::Conflict, "sold_out").actions(&["search"]))?;
        // An offer carries no times: a flight may have been retimed since it was made.
        if legs.windows(2).all(|pair| self.connects(&pair[0].flight, &pair[1].flight)) {
            Ok(legs)
        } else {
            Err(Problem::new(Category::Conflict, "connection_changed").actions(&["search"]))
        }
    }

    /// Whether there is still time to change from one flight to the next.
    fn connects(&self, from: &FlightRow, to: &FlightRow) -> bool {
        let directory = self.app.directory.load();
        let country = |code| directory.airport(code).map(|airport| airport.country.clone());
        let ends = [from.origin, from.destination, to.destination].map(country);
        let domestic = ends.iter().all(|country| *country == ends[0]);
        let search = &self.app.config.search;
        let minutes =
            if domestic { search.min_connection_domestic } else { search.min_connection_international };
        to.departs_at.duration_since(from.arrives_at) >= SignedDuration::from_mins(minutes.into())
    }

    /// The price now, refused if it is higher than the offer's: the answer carries an offer at the new price. A lower
    /// price is simply charged.
    fn price(&self, legs: &[LegOnSale]) -> Result<Quote, Problem> {
        let (app, party, old) = (self.app, self.offer.party, self.offer.total);
        let (Some(first), Some(last)) = (legs.first(), legs.last()) else { return Err(Problem::not_found()) };
        let directory = app.directory.load();
        let ratio = directory.ratio_ppm(first.flight.origin, last.flight.destination, first.cabin);
        let fares: Vec<u32> = legs.iter().map(|leg| leg.fare).collect();
        let quote = pricing::price(&fares, ratio, party, search::percents(app), first.currency);
        let quote = quote.map_err(Problem::internal)?;
        if quote.total.currency == old.currency && quote.total.amount <= old.amount {
            return Ok(quote);
        }
        let json = |money| serde_json::to_value(money).map_err(Problem::internal);
        Err(Problem::new(Category::Conflict, "price_changed")
            .arg("old", old.to_string())
            .arg("new", quote.total.to_string())
            .with("offer_id", search::offer_again(app, self.offer, legs, quote.total))
            .with("price", json(quote.total)?)
            .with("old_price", json(old)?)
            .actions(&["book_new_offer", "search"]))
    }

    fn seal(&self, place: Place, content: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
        let json = serde_json::to_vec(content).map_err(Problem::internal)?;
        Ok(self.app.sealer.seal(self.user_key, place, &json)?)
    }

    fn rows(&self, legs: &[LegOnSale], quote: &Quote, now: Timestamp) -> Result<NewBooking, Problem> {
        let id: BookingId = self.app.new_id(BookingId::new);
        let starts = legs.iter().map(|leg| leg.flight.departs_at).min().unwrap_or(now);
        let ends = legs.iter().map(|leg| leg.flight.arrives_at).max().unwrap_or(now);
        let booking = BookingRow {
            id,
            user: self.claim.user,
            locator: self.app.random.locator(),
            status: BookingStatus::Held,
            seats: self.offer.party.seats(),
            total: quote.total,
            contact_sealed: self.seal(contact_place(id), &self.request.contact)?,
            trip_starts_at: starts,
            trip_ends_at: ends,
            hold_expires_at: now + SignedDuration::from_mins(self.app.config.booking.hold_minutes),
            paying: false,
            created_at: now,
        };
        let segments = (1_i16..).zip(legs).zip(&quote.legs).map(|((number, leg), price)| SegmentRow {
            number,
            flight: leg.flight.id,
            cabin: leg.cabin,
            class_rank: leg.class_rank,
            filed_fare: leg.fare,
            price: *price,
        });
        Ok(NewBooking { passengers: self.passengers(id, quote)?, segments: segments.collect(), booking })
    }

    fn passengers(&self, id: BookingId, quote: &Quote) -> Result<Vec<PassengerRow>, Problem> {
        let numbered = (1_i16..).zip(&self.request.passengers);
        let row = |(number, passenger): (i16, &super::check::Passenger)| {
            let details = PassengerDetails {
                given_name: passenger.given_name.trim().to_owned(),
                family_name: passenger.family_name.trim().to_owned(),
                born_on: passenger.born_on,
            };
            let details_sealed = self.seal(details_place(id, number), &details)?;
            let price = quote.of(passenger.kind).amount;
            Ok(PassengerRow { number, kind: passenger.kind, price, details_sealed, ticket_number: None })
        };
        numbered.map(row).collect()
    }

    fn view(&self, new: &NewBooking, legs: &[LegOnSale]) -> Result<BookingView, Problem> {
        let parts = Parts {
            booking: new.booking.clone(),
            passengers: new.passengers.clone(),
            segments: new.segments.clone(),
            flights: legs.iter().map(|leg| leg.flight.clone()).collect(),
            payments: Vec::new(),
            refunds: Vec::new(),
        };
        view::write(self.app, parts, self.user_key)
    }
}

fn seat_claim(leg: &LegOnSale, seats: u8) -> SeatClaim {
    SeatClaim { flight: leg.flight.id, cabin: leg.cabin, class_rank: leg.class_rank, seats, fare: leg.fare }
}
