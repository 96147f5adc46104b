//! `POST /payments`: charge for a held booking.
//!
//! Three steps: commit what is about to be asked (payment, frozen hold, idempotency key); ask the gateway with no connection
//! held; commit what it said. A crash in between leaves an open payment, which the reconciler closes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::payment::PaymentState;
use jiff::SignedDuration;
use kernel::{BookingId, Category, Money, PaymentId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::idempotency::{Answer, Claim, IdempotencyKey, Known, in_progress};
use platform::seal::UserKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::method::{Method, MethodBody};
use super::store::{self, PaymentRow};
use super::view::PaymentView;
use super::{gateway, saved, settle};
use crate::access::Caller;
use crate::app::App;
use crate::pauses::After;
use crate::{booking, identity};

const ROUTE: &str = "POST /payments";
/// The reconciler leaves a payment alone while its request is still at work: the gateway's time-out and some more.
pub(super) const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(10);

/// A payment to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002",
    "expected_total": {"amount": 18900, "currency": "USD"}, "method": {"type": "card", "token": "pm_card_visa"}}))]
pub(super) struct PaymentRequest {
    /// A held booking of yours, or one with an order to pay.
    #[schema(value_type = String)]
    booking_id: BookingId,
    /// What you expect to pay. If it costs anything else now, nothing is charged: 409 `price_changed`.
    expected_total: Option<Money>,
    method: MethodBody,
}

/// Pay for a held booking, or for the open order of a confirmed one. The answer's `status` is `succeeded` (the booking is
/// confirmed), `declined` (try another card while the hold lasts), `requires_action` (send the traveller to `action_url`),
/// `processing` (a bank debit: its outcome is known later) or `unknown` (look again: it settles by itself, and nothing is
/// charged twice). 409 `hold_expired`, `already_paid`, `payment_in_progress`.
#[utoipa::path(post, path = "/payments", tag = "payments", request_body = PaymentRequest,
    params(("Idempotency-Key" = String, Header, description = "Any text of yours, up to 255 characters; the same key and body get the same answer again",
        example = "4a7c1d8e-pay-1")),
    responses((status = 201, description = "The payment, as far as it is known", body = PaymentView),
        (status = 404, description = "`not_found`"),
        (status = 409, description = "`already_paid`, `booking_closed`, `flight_cancelled`, `hold_expired`, `payment_in_progress`, `payment_method_not_ready`, `price_changed`")))]
pub(super) async fn create_payment(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(request): Json<PaymentRequest>,
) -> Outcome<Response> {
    let method = request.method.check(&app.config)?;
    let body = serde_json::to_vec(&request).map_err(Problem::internal)?;
    let claim = Claim::new(&app.sealer, caller.user, ROUTE, key, &body);
    let (payment, user_key, method) = match begin(&app, caller, &claim, &request, method).await? {
        Begun::Ours(payment, user_key, method) => (payment, user_key, method),
        Begun::Answered(response) => return Ok(response),
    };
    // The web app's page for it asks how the payment went; what a browser brings along is not believed.
    let return_url = format!("{}/payments/{}", app.config.http.public_url.trim_end_matches('/'), payment.id);
    let answer = app.gateway.pay(payment.id, payment.booking, payment.amount, &method, &return_url).await;

    let tx = app.db.begin().await?;
    let subject = payment.subject();
    settle::settle(&app, &tx, subject, &answer).await?;
    let known = store::find(&tx, payment.id, caller.user).await?.ok_or_else(Problem::not_found)?;
    let answer = Answer::json(StatusCode::CREATED, &known.view())?;
    claim.finish(&tx, &claim.seal(&app.sealer, &user_key, &answer)?).await?;
    tx.commit().await?;
    Ok(answer.into_response(false))
}

enum Begun {
    /// The payment is written down and the gateway may be asked.
    Ours(Box<PaymentRow>, UserKey, Method),
    /// The key was used before, and this is its answer.
    Answered(Response),
}

/// The first transaction.
async fn begin(
    app: &App,
    caller: Caller,
    claim: &Claim,
    request: &PaymentRequest,
    method: Method,
) -> Result<Begun, Problem> {
    let now = app.now();
    let tx = app.db.begin().await?;
    let user_key = identity::api::user_key(&tx, &app.sealer, caller.user).await?;
    match claim.look_up(&tx, &app.sealer, &user_key).await? {
        Known::Done(answer) => return Ok(Begun::Answered(answer.into_response(true))),
        Known::InProgress(payment) => return resume(&tx, caller, PaymentId::from_uuid(payment), now).await,
        Known::New => {}
    }
    After::Declines.check(app, &tx, caller.user).await?;
    // Before anything is written: a payment that could not be sent would keep the hold frozen until it is looked up.
    gateway::must_answer(app)?;
    let id: PaymentId = app.new_id(PaymentId::new);
    if !claim.store(&tx, None, id.uuid(), now).await? {
        return Err(in_progress());
    }
    let method = saved::look_up(&tx, caller.user, method).await?;
    let due = booking::api::begin_payment(app, &tx, request.booking_id, caller.user, now).await?;
    if let Some(expected) = request.expected_total.filter(|expected| *expected != due.price) {
        return Err(price_changed(expected, due.price));
    }
    let payment = PaymentRow {
        id,
        booking: request.booking_id,
        order: due.order,
        status: PaymentState::Processing,
        amount: due.amount,
        method: method.view(),
        intent_id: None,
        decline_code: None,
        action_url: None,
        checks: 0,
        created_at: now,
    };
    store::insert(&tx, &payment, caller.user, now + LEFT_ALONE).await?;
    tx.commit().await?;
    Ok(Begun::Ours(Box::new(payment), user_key, method))
}

/// What is due is not what the traveller agreed to; the transaction that froze the hold is dropped with the error.
fn price_changed(expected: Money, due: Money) -> Problem {
    Problem::new(Category::Conflict, "price_changed")
        .arg("old", expected.to_string())
        .arg("new", due.to_string())
        .with("price", serde_json::json!(due))
        .with("old_price", serde_json::json!(expected))
        .actions(&["pay", "cancel"])
}

/// The first request with this key never gave its answer: while it may still be at work the caller waits; after that the
/// payment's state is the answer, because the reconciler has taken over.
async fn resume(
    tx: &platform::db::Tx,
    caller: Caller,
    payment: PaymentId,
    now: jiff::Timestamp,
) -> Result<Begun, Problem> {
    let payment = store::find(tx, payment, caller.user).await?.ok_or_else(Problem::not_found)?;
    let at_work =
        payment.status == PaymentState::Processing && now.duration_since(payment.created_at) < LEFT_ALONE;
    if at_work {
        return Err(in_progress());
    }
    Ok(Begun::Answered(Answer::json(StatusCode::CREATED, &payment.view())?.into_response(true)))
}
