//! `POST /bookings/{id}/change-quote`: what other flights come to now. A signed token, as for cancellations.

use axum::Extension;
use axum::extract::State;
use domain::sold::SoldFare;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Money};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::cancel::quote::RefundLine;
use super::super::cancel::terms::Facts;
use super::super::store;
use super::super::view::{CarriedView, carried_views};
use super::terms::{self, Leaving, SliceChange, Terms};
use crate::access::Caller;
use crate::app::App;
use crate::identity;

/// Slices to change, each with its other flights.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slices": [{"slice": 2, "offer_id": "off_AQAAAAAAAAAB"}]}))]
pub(in crate::booking) struct ChangeRequest {
    slices: Vec<SliceChange>,
}

/// What a change costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"quote_id": "chq_eyJib29raW5nIjoi", "valid_until": "2026-11-21T10:15:00Z",
    "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002",
    "slices": [{"slice": 2, "value": {"amount": 18900, "currency": "USD"}, "fee": {"amount": 7500, "currency": "USD"}}],
    "new_price": {"amount": 21900, "currency": "USD"}, "fare_difference": {"amount": 3000, "currency": "USD"},
    "fee": {"amount": 7500, "currency": "USD"}, "kept": {"amount": 0, "currency": "USD"}, "rest": [],
    "carried": [{"passenger": 1, "slice": 3, "parts": [{"amount": {"amount": 17400, "currency": "USD"}, "percent": 75}]}],
    "waived": {"amount": 0, "currency": "USD"}, "due": {"amount": 10500, "currency": "USD"},
    "refund": {"amount": 0, "currency": "USD"}}))]
pub(in crate::booking) struct ChangeQuote {
    /// Confirms the change at this price.
    quote_id: String,
    /// Until then the change will not cost more, unless its seats are gone.
    #[schema(value_type = String, format = DateTime)]
    valid_until: Timestamp,
    #[schema(value_type = String)]
    booking_id: BookingId,
    /// The slices that are left.
    slices: Vec<LeftSlice>,
    /// What the new flights cost.
    new_price: Money,
    /// What they cost more than the old ones did; negative if less.
    fare_difference: Money,
    /// What the change itself costs.
    fee: Money,
    /// What of the old fares' value is needed no more and does not come back. `due` less `refund` is the difference, the fee,
    /// and this.
    kept: Money,
    /// What becomes of that value, line by line: it comes back as if it were given back now.
    rest: Vec<RefundLine>,
    /// What of the new fares is carried over from the old ones with less than all of it refundable: if you give the new tickets
    /// back, no more of it comes back than would now. What you pay for the difference has the terms of the new flights.
    carried: Vec<CarriedInto>,
    /// What would be due is too little to charge: it is off the new price, and nothing is due.
    waived: Money,
    /// To be paid.
    due: Money,
    /// To come back, to where it came from.
    refund: Money,
}

/// What is carried over into one new fare.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CarriedIntoFare)]
pub(in crate::booking) struct CarriedInto {
    passenger: i16,
    /// The number the new slice will have.
    slice: i16,
    parts: Vec<CarriedView>,
}

/// A slice that is left.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::booking) struct LeftSlice {
    slice: i16,
    /// What its tickets are worth.
    value: Money,
    fee: Money,
}

/// What a quote promises; the content of its token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Promise {
    pub(super) booking: Uuid,
    pub(super) version: i64,
    pub(super) slices: Vec<SliceChange>,
    pub(super) due: i64,
    /// What never comes back of the new fares, by [`store::Change::bound`].
    pub(super) bound: i64,
    pub(super) valid_until: Timestamp,
}

/// What it costs to fly on other flights: the difference of the fares and the fee of the fare family. Changes nothing;
/// `POST /bookings/{id}/changes` confirms it. 409 `not_changeable` if the family has no changes.
#[utoipa::path(post, path = "/bookings/{id}/change-quote", tag = "bookings", request_body = ChangeRequest,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "The price, and until when it holds", body = ChangeQuote),
        (status = 409, description = "`already_departed`, `booking_closed`, `not_changeable`, `not_confirmed`, `payment_in_progress`, `sold_out`")))]
pub(in crate::booking) async fn quote_change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Extension(locale): Extension<Locale>,
    Json(request): Json<ChangeRequest>,
) -> Outcome<Json<ChangeQuote>> {
    let tx = app.db.begin().await?;
    let booking = store::find(&tx, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    let key = identity::api::user_key(&tx, &app.sealer, caller.user).await?;
    let facts = Facts::load(&tx, booking).await?;
    let terms = terms::price(&app, &tx, &facts, &key, &request.slices).await?;
    Ok(Json(view(&app, &facts, &terms, request.slices, locale)?))
}

fn view(
    app: &App,
    facts: &Facts,
    terms: &Terms,
    slices: Vec<SliceChange>,
    locale: Locale,
) -> Result<ChangeQuote, Problem> {
    let Terms { change, old, rest, waived, .. } = terms;
    let money = |amount| Money::new(amount, facts.booking.total.currency);
    let until = app.now() + SignedDuration::from_mins(app.config.booking.quote_minutes);
    let expiry =
        |slice: &SliceChange| app.offers.open(&slice.offer_id, app.now()).ok().map(|offer| offer.expires_at);
    let valid_until = slices.iter().filter_map(expiry).min().map_or(until, |expiry| until.min(expiry));
    let due = change.due();
    let promise = Promise {
        booking: facts.booking.id.uuid(),
        version: facts.booking.version,
        slices,
        due,
        bound: change.bound(),
        valid_until,
    };
    let currency = facts.booking.total.currency;
    let left =
        |left: &Leaving| LeftSlice { slice: left.slice, value: money(left.worth), fee: money(left.fee) };
    let carried = |fare: &SoldFare| CarriedInto {
        passenger: fare.passenger_no,
        slice: fare.slice_no,
        parts: carried_views(fare, currency),
    };
    let carried = change.fares.iter().filter(|fare| !fare.carried.is_empty()).map(carried);
    Ok(ChangeQuote {
        quote_id: app.change_quotes.sign(&promise).map_err(Problem::internal)?,
        valid_until,
        booking_id: facts.booking.id,
        slices: old.iter().map(left).collect(),
        new_price: money(change.fares.iter().map(domain::sold::SoldFare::total).sum()),
        fare_difference: money(change.difference()),
        fee: money(change.fee),
        kept: money(change.kept),
        rest: rest.iter().map(|line| RefundLine::told(line, currency, &app.messages, locale)).collect(),
        carried: carried.collect(),
        waived: money(waived.iter().map(|line| line.amount).sum()),
        due: money(due.max(0)),
        refund: money((-due).max(0)),
    })
}
