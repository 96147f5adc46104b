//! `POST /bookings`: hold the seats of an offer for named passengers.
//!
//! One transaction: read the legs as they sell now, compare the price with the offer's, take the seats, write the booking
//! and the answer to its idempotency key. Locks are taken in the order of docs/locking.md.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::booking::BookingStatus;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Category, FlightId};
use platform::db::{DbError, Tx};
use platform::http::client_address::ClientAddress;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::idempotency::{Answer, Claim, IdempotencyKey, Known, in_progress};
use platform::seal::{Place, UserKey};

use super::can::Asked;
use super::check::{BookingRequest, Passenger};
use super::coupon;
use super::events;
use super::extras::add_to_hold;
use super::reprice::{self, PricedSlice};
use super::sold::{self, Traveller};
use super::store::{self, BookingRow, NewBooking, PassengerRow};
use super::view::{self, BookingView, Parts, PassengerDetails, contact_place, details_place};
use crate::access::Caller;
use crate::app::App;
use crate::events::api::record;
use crate::extras::api::ExtrasRequest;
use crate::flights::api::{self as flights, FlightRow, LegOnSale, SeatClaim};
use crate::identity;
use crate::pauses::After;
use crate::promotions::api::{self as promotions, AppliedView, WorkedOut};
use crate::search::api::{self as search, Offer};

/// How often a hold is tried again when another sale changed the same flights between reading and taking.
const TRIES: usize = 8;
const ROUTE: &str = "POST /bookings";

/// Hold seats for an offer. The hold ends at `hold_expires_at` unless it is paid before. 409 `sold_out`, `price_changed`
/// (with the new offer) or `offer_expired` when the offer no longer stands.
#[utoipa::path(post, path = "/bookings", tag = "bookings", request_body = BookingRequest,
    params(("Idempotency-Key" = String, Header, example = "4a7c1d8e-hold-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 201, description = "Held", body = BookingView),
        (status = 409, description = "`connection_changed`, `offer_expired`, `price_changed`, `seat_taken`, `sold_out`, `too_many_holds`")))]
pub(super) async fn create_booking(
    State(app): State<App>,
    caller: Caller,
    address: Extension<ClientAddress>,
    key: IdempotencyKey,
    Json(request): Json<BookingRequest>,
) -> Outcome<Response> {
    // Prices need the market ratios, which arrive with the first load.
    if !app.live.is_loaded() {
        return Err(Problem::new(Category::Unavailable, "search_not_ready").retry_after(2));
    }
    coupon::count_try(&app, address, caller.user, request.promotion_code.as_deref()).await?;
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
        After::ExpiredHolds.check(&app, &tx, caller.user).await?;
        After::GivenUpHolds.check(&app, &tx, caller.user).await?;
        let offer = app.offers.open(&request.offer_id, app.now()).map_err(search::refuse)?;
        let dates: Vec<Date> = offer.legs().filter_map(|leg| leg.flight.date()).collect();
        let saved = if request.names_saved() {
            identity::api::saved_travellers(&app, &tx, caller.user, &user_key).await?
        } else {
            Vec::new()
        };
        let people = request.people(&saved)?;
        request.check(&people, offer.party, &dates)?;
        let (app, request, user_key) = (&app, &request, &user_key);
        let hold = Hold { app, claim: &claim, request, people: &people, offer: &offer, user_key };
        if let Some(answer) = Box::pin(hold.attempt(tx)).await? {
            return Ok(answer.into_response(false));
        }
    }
    Err(Problem::new(Category::Unavailable, "busy").retry_after(1))
}

/// Takes the seats; `false` if one was gone, or a flight was changed between reading it and taking its seats: its times
/// are in what was written.
async fn take(tx: &Tx, claims: &[SeatClaim], legs: &[&LegOnSale], now: Timestamp) -> Result<bool, DbError> {
    let read: Vec<&FlightRow> = legs.iter().map(|leg| &leg.flight).collect();
    let (taken, unchanged) = tokio::try_join!(
        biased;
        flights::take_seats(tx, claims, now),
        flights::unchanged(tx, &read),
    )?;
    Ok(taken.is_ok() && unchanged)
}

struct Hold<'a> {
    app: &'a App,
    claim: &'a Claim,
    request: &'a BookingRequest,
    people: &'a [Passenger],
    offer: &'a Offer,
    user_key: &'a UserKey,
}

impl Hold<'_> {
    /// One try. `None`: somebody was quicker between reading and taking, or with the same key; look again.
    async fn attempt(&self, tx: Tx) -> Result<Option<Answer>, Problem> {
        let now = self.app.now();
        let slices = reprice::slices(self.app, &tx, self.offer, now).await?;
        reprice::compare(self.app, self.offer, &slices)?;
        let legs = reprice::legs(&slices);
        let mut new = self.rows(&slices, now)?;
        let later = self.code_for_extras(&tx).await?;
        let promotion = match &self.request.promotion_code {
            Some(typed) if later.is_none() => {
                Some(coupon::discount_new(&tx, typed, &mut new, &slices, now).await?)
            }
            _ => None,
        };
        let answer = Answer::json(StatusCode::CREATED, &self.view(&new, &legs, promotion.as_ref())?)?;
        // With extras the answer is known only when they are taken.
        let sealed = match &self.request.extras {
            None => Some(self.claim.seal(&self.app.sealer, self.user_key, &answer)?),
            Some(_) => None,
        };

        let seats = self.offer.party.seats();
        let claims: Vec<SeatClaim> = legs.iter().map(|leg| sold::claim(leg, seats)).collect();
        let touched: Vec<FlightId> = legs.iter().map(|leg| leg.flight.id).collect();
        let id = new.booking.id;
        let told = events::held(&new);
        // Sent together; the seats last, because the next buyer of the flight waits from there to the COMMIT.
        let (first, written, (), (), taken) = tokio::try_join!(
            biased;
            self.claim.store(&tx, sealed.as_ref(), id.uuid(), now),
            store::insert(&tx, &new),
            flights::announce(&tx, &touched),
            record(&tx, self.app.random, now, &told),
            take(&tx, &claims, &legs, now),
        )?;
        if !first || !taken {
            return Ok(None);
        }
        if !written {
            drop(tx);
            return self.refuse_another_hold().await.map(|()| None);
        }
        if let Some(wishes) = &self.request.extras {
            self.take_extras(&tx, &new.booking, wishes).await?;
        }
        // The last lock: a code that many want at once is held for no longer than it takes to commit.
        if !coupon::reserve_new(self.app, &tx, &new.booking, promotion.as_ref()).await? {
            return Ok(None);
        }
        if let Some(typed) = later {
            self.apply_code(&tx, id, typed).await?;
        }
        let answer = match &self.request.extras {
            None => answer,
            Some(_) => self.answer_with_extras(&tx, &new.booking).await?,
        };
        tx.commit().await?;
        metrics::counter!("bookings_total", "event" => "held").increment(1);
        tracing::info!(booking.id = %id, legs = legs.len(), seats, "held");
        Ok(Some(answer))
    }

    /// The code of the hold, if it gives an extra: that is worked out when the extras are there.
    async fn code_for_extras(&self, tx: &Tx) -> Result<Option<&str>, DbError> {
        let Some(typed) = self.request.promotion_code.as_deref() else { return Ok(None) };
        let gives =
            self.request.extras.is_some() && promotions::gives_extra(tx, typed, self.claim.user).await?;
        Ok(gives.then_some(typed))
    }

    async fn apply_code(&self, tx: &Tx, id: BookingId, typed: &str) -> Result<(), Problem> {
        let booking = store::find(tx, id, self.claim.user).await?.ok_or_else(Problem::not_found)?;
        Box::pin(coupon::apply(self.app, tx, &booking, typed, "promotion_code")).await
    }

    /// Takes seats of the map and extras too, after the inventory (docs/locking.md).
    async fn take_extras(
        &self,
        tx: &Tx,
        booking: &BookingRow,
        wishes: &ExtrasRequest,
    ) -> Result<(), Problem> {
        let named = |problem: Problem| match problem.field_name().map(|field| format!("extras.{field}")) {
            Some(field) => problem.field(&field),
            None => problem,
        };
        add_to_hold(self.app, tx, booking, wishes).await.map_err(named)
    }

    /// The answer that has the extras, stored with the key.
    async fn answer_with_extras(&self, tx: &Tx, booking: &BookingRow) -> Result<Answer, Problem> {
        let booking = store::find(tx, booking.id, booking.user).await?.ok_or_else(Problem::not_found)?;
        let view = view::load(self.app, tx, booking, self.user_key).await?;
        let answer = Answer::json(StatusCode::CREATED, &view)?;
        let sealed = self.claim.seal(&self.app.sealer, self.user_key, &answer)?;
        self.claim.finish(tx, &sealed).await?;
        Ok(answer)
    }

    /// The booking was not written: the user has as many holds as may be. Otherwise the locator was taken, or another hold
    /// of the user came first, and the next try finds a free one.
    async fn refuse_another_hold(&self) -> Result<(), Problem> {
        let most = self.app.config.booking.live_holds;
        let live = store::live_holds(&self.app.db.read().await?, self.claim.user).await?;
        if most == 0 || live < i64::from(most) {
            return Ok(());
        }
        let problem = Problem::new(Category::Conflict, "too_many_holds").arg("most", most.to_string());
        Err(problem.actions(&["pay", "cancel"]))
    }

    fn seal(&self, place: Place, content: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
        let json = serde_json::to_vec(content).map_err(Problem::internal)?;
        Ok(self.app.sealer.seal(self.user_key, place, &json)?)
    }

    fn rows(&self, slices: &[PricedSlice], now: Timestamp) -> Result<NewBooking, Problem> {
        let id: BookingId = self.app.new_id(BookingId::new);
        let flights = || slices.iter().flat_map(|slice| &slice.legs).map(|leg| &leg.flight);
        let booking = BookingRow {
            id,
            user: self.claim.user,
            locator: self.app.random.locator(),
            status: BookingStatus::Held,
            seats: self.offer.party.seats(),
            total: reprice::total(slices)?,
            contact_sealed: self.seal(contact_place(id), &self.request.contact)?,
            trip_starts_at: flights().map(|flight| flight.departs_at).min().unwrap_or(now),
            trip_ends_at: flights().map(|flight| flight.arrives_at).max().unwrap_or(now),
            hold_expires_at: now + SignedDuration::from_mins(self.app.config.booking.hold_minutes),
            paying: false,
            created_at: now,
            extended: false,
            has_extras: false,
            version: 1,
        };
        let kinds = self.people.iter().map(|passenger| passenger.kind);
        let travellers: Vec<Traveller> = (1..).zip(kinds).collect();
        let mut sold = sold::rows(self.app, slices, &travellers, (0, 0), now);
        // In the order in which they will be read.
        sold.fares.sort_by_key(|fare| (fare.passenger_no, fare.slice_no));
        Ok(NewBooking {
            passengers: self.passengers(id, slices)?,
            slices: sold.slices,
            segments: sold.segments,
            fares: sold.fares,
            live_holds: self.app.config.booking.live_holds,
            booking,
        })
    }

    fn passengers(&self, id: BookingId, slices: &[PricedSlice]) -> Result<Vec<PassengerRow>, Problem> {
        let numbered = (1_i16..).zip(self.people);
        let row = |(number, passenger): (i16, &Passenger)| {
            let details = PassengerDetails {
                given_name: passenger.person.given_name.trim().to_owned(),
                family_name: passenger.person.family_name.trim().to_owned(),
                born_on: passenger.person.born_on,
            };
            let details_sealed = self.seal(details_place(id, number), &details)?;
            let price = slices.iter().map(|slice| slice.quote.of(passenger.kind).amount).sum();
            Ok(PassengerRow { number, kind: passenger.kind, price, details_sealed, ticket_number: None })
        };
        numbered.map(row).collect()
    }

    fn view(
        &self,
        new: &NewBooking,
        legs: &[&LegOnSale],
        promotion: Option<&WorkedOut>,
    ) -> Result<BookingView, Problem> {
        let parts = Parts {
            booking: new.booking.clone(),
            passengers: new.passengers.clone(),
            slices: new.slices.clone(),
            segments: new.segments.clone(),
            flights: legs.iter().map(|leg| leg.flight.clone()).collect(),
            fares: new.fares.clone(),
            coupons: Vec::new(),
            cancellations: Vec::new(),
            extras: Vec::new(),
            promotions: promotion.into_iter().map(AppliedView::of_new).collect(),
            waivers: Vec::new(),
            orders: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            asked: Asked::default(),
        };
        view::write(self.app, parts, self.user_key)
    }
}
