//! `POST /bookings/{id}/cancellations`: give tickets back at the terms of a quote.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::booking::BookingStatus;
use kernel::{BookingId, Category};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::idempotency::IdempotencyKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::view::{self, BookingView};
use super::super::{orders, store};
use super::quote::Promise;
use super::terms::{Facts, Selection, check_open};
use super::{Cause, close_hold, perform};
use crate::access::Caller;
use crate::app::App;
use crate::keyed::{self, Begun};
use crate::payments::api as payments;

const ROUTE: &str = "POST /bookings/{id}/cancellations";

/// A quote to confirm.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"quote_id": "cxq_eyJib29raW5nIjoi"}))]
pub(in crate::booking) struct ConfirmCancellation {
    /// From `POST /bookings/{id}/cancellation-quote`.
    quote_id: String,
}

/// Give tickets back at the terms of a quote. The refund goes to where the money came from; `refunds` says how far it is. 409
/// `quote_outdated` when the quote is too old or the booking has changed since: ask for another.
#[utoipa::path(post, path = "/bookings/{id}/cancellations", tag = "bookings", request_body = ConfirmCancellation,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-cancel-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 201, description = "The booking without what was given back", body = BookingView),
        (status = 409, description = "`booking_closed`, `order_open`, `quote_outdated`")))]
pub(in crate::booking) async fn confirm_cancellation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    key: IdempotencyKey,
    Json(request): Json<ConfirmCancellation>,
) -> Outcome<Response> {
    let promise: Option<Promise> = app.cancellation_quotes.open(&request.quote_id);
    let promise = promise.filter(|promise| promise.booking == id.uuid());
    let promise =
        promise.ok_or_else(|| Problem::invalid("quote_id", "it must be a quote of this booking"))?;
    let work = match keyed::begin(&app, caller, ROUTE, key, id.uuid(), &(id, &request)).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let booking = store::lock(&work.tx, id, Some(caller.user)).await?.ok_or_else(Problem::not_found)?;
    check_open(&booking)?;
    if booking.version != promise.version || app.now() >= promise.valid_until {
        return Err(outdated());
    }
    orders::check_none_open(&work.tx, id).await?;
    if booking.status == BookingStatus::Held {
        close_hold(&app, &work.tx, &booking).await?;
    } else {
        give_back(&app, &work.tx, booking, promise).await?;
    }
    let booking = store::find(&work.tx, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    let view = view::load(&app, &work.tx, booking, &work.user_key).await?;
    let response = work.finish(&app, StatusCode::CREATED, &view).await?;
    payments::send_refunds_of(&app, id).await;
    Ok(response)
}

/// The terms are those of the moment of the quote. What the airline did since can only make them better.
async fn give_back(
    app: &App,
    tx: &platform::db::Tx,
    booking: store::BookingRow,
    promise: Promise,
) -> Result<(), Problem> {
    let facts = Facts::load(tx, booking).await?;
    let selection = Selection { passengers: promise.passengers, slices: promise.slices };
    let terms = facts.terms(app, selection, promise.as_of)?;
    if terms.refund() < promise.refund {
        return Err(outdated());
    }
    perform(app, tx, &facts, &terms, Cause::Traveller).await
}

fn outdated() -> Problem {
    Problem::new(Category::Conflict, "quote_outdated").actions(&["quote"])
}
