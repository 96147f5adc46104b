//! What the gateway said becomes what we know, in one transaction with what follows from it: a success confirms the booking,
//! a decline lets the hold run again. The booking is locked before the payment (docs/locking.md).

use domain::ledger::Posting;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Money, PaymentId, RefundId};
use platform::db::{DbError, Tx};

use super::events;
use super::gateway::Outcome;
use super::refund;
use super::store::{self, Learned};
use super::view::PaymentStatus;
use crate::app::App;
use crate::booking::api as booking;
use crate::events::api::record;
use crate::ledger::api as ledger;

/// A payment the gateway has not heard of after this long never will be: the request was lost on the way.
const LOST_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// A payment that was given up for lost is looked for once more, long after any queue has emptied.
const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(30);
const NOT_RECEIVED: &str = "not_received";

/// Which payment, and how often it was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) booking: BookingId,
    pub(super) order: i16,
    pub(super) payment: PaymentId,
    pub(super) status: PaymentStatus,
    pub(super) checks: i32,
    pub(super) created_at: Timestamp,
}

/// Writes an outcome down. Repeating an outcome, or a late one after a payment is settled, changes nothing.
pub(super) async fn settle(app: &App, tx: &Tx, subject: Subject, outcome: &Outcome) -> Result<(), DbError> {
    if subject.status == PaymentStatus::Declined {
        return look_again(app, tx, subject, outcome).await;
    }
    let now = app.now();
    let lost = now.duration_since(subject.created_at) >= LOST_AFTER;
    match outcome {
        Outcome::Succeeded { intent } => succeed(app, tx, subject, intent, now).await,
        Outcome::Declined { intent, code } => decline(app, tx, subject, (intent.as_deref(), code), now).await,
        Outcome::NotFound if lost => decline(app, tx, subject, (None, NOT_RECEIVED), now).await,
        Outcome::RequiresAction { intent, url } => {
            wait(app, tx, subject, PaymentStatus::RequiresAction, (Some(intent), Some(url)), now).await
        }
        Outcome::Processing { intent } => {
            wait(app, tx, subject, PaymentStatus::Processing, (Some(intent), None), now).await
        }
        Outcome::NotFound | Outcome::Unknown => {
            wait(app, tx, subject, PaymentStatus::Unknown, (None, None), now).await
        }
    }
}

async fn succeed(app: &App, tx: &Tx, subject: Subject, intent: &str, now: Timestamp) -> Result<(), DbError> {
    let learned = Learned {
        status: PaymentStatus::Succeeded,
        intent: Some(intent),
        decline_code: None,
        action_url: None,
        next_check_at: None,
    };
    booking::lock(tx, subject.booking).await?;
    let Some(amount) = store::learn(tx, subject.booking, subject.payment, &learned, now).await? else {
        return Ok(());
    };
    post_capture(app, tx, subject, amount, now).await?;
    record(tx, app.random, now, &events::succeeded(subject, amount)).await?;
    if !booking::paid(app, tx, subject.booking, subject.order, now).await? {
        // The outcome came so late that what it paid for was given up, and the seats are gone: no money is kept.
        tracing::warn!(payment.id = %subject.payment, booking.id = %subject.booking, "paid without a hold; refunding");
        metrics::counter!("payments_late_total", "outcome" => "refunded").increment(1);
        refund::order_refund_of(app, tx, subject.booking, subject.payment, amount, now).await?;
    }
    metrics::counter!("payments_total", "outcome" => "succeeded").increment(1);
    tracing::info!(payment.id = %subject.payment, booking.id = %subject.booking, "paid");
    Ok(())
}

async fn post_capture(
    app: &App,
    tx: &Tx,
    subject: Subject,
    amount: Money,
    now: Timestamp,
) -> Result<(), DbError> {
    let posting = Posting::capture(amount.currency, amount.amount).map_err(ledger::unbalanced)?;
    ledger::post(app, tx, subject.booking, subject.payment.uuid(), &posting, now).await
}

/// A payment that was given up for lost is looked for once more: if the gateway charged after all, all of it goes back.
async fn look_again(app: &App, tx: &Tx, subject: Subject, outcome: &Outcome) -> Result<(), DbError> {
    let now = app.now();
    booking::lock(tx, subject.booking).await?;
    match outcome {
        Outcome::Succeeded { intent } => {
            tracing::warn!(payment.id = %subject.payment, "charged after it was given up for lost; refunding");
            let (booking, refund) = (subject.booking, app.new_id(RefundId::new));
            let late = store::refund_late(tx, booking, subject.payment, intent, refund, now).await?;
            if let Some(amount) = late {
                post_capture(app, tx, subject, amount, now).await?;
                refund::post_order(app, tx, (booking, subject.payment, refund), amount, now).await?;
            }
            Ok(())
        }
        Outcome::Declined { .. } | Outcome::NotFound => {
            store::stop_looking(tx, subject.booking, subject.payment).await
        }
        // Nobody knows yet: claiming the payment has set the time of the next look.
        _ => Ok(()),
    }
}

async fn decline(
    app: &App,
    tx: &Tx,
    subject: Subject,
    (intent, code): (Option<&str>, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    let learned = Learned {
        status: PaymentStatus::Declined,
        intent,
        decline_code: Some(code),
        action_url: None,
        next_check_at: (code == NOT_RECEIVED).then(|| now + LOOK_AGAIN_AFTER),
    };
    booking::lock(tx, subject.booking).await?;
    if let Some(amount) = store::learn(tx, subject.booking, subject.payment, &learned, now).await? {
        record(tx, app.random, now, &events::declined(subject, amount, code)).await?;
        booking::payment_failed(tx, subject.booking, subject.order).await?;
        metrics::counter!("payments_total", "outcome" => "declined").increment(1);
        tracing::info!(payment.id = %subject.payment, code, "declined");
    }
    Ok(())
}

async fn wait(
    app: &App,
    tx: &Tx,
    subject: Subject,
    status: PaymentStatus,
    (intent, url): (Option<&str>, Option<&str>),
    now: Timestamp,
) -> Result<(), DbError> {
    let next = now + pause(status, subject.checks);
    let learned = Learned { status, intent, decline_code: None, action_url: url, next_check_at: Some(next) };
    let learned = store::learn(tx, subject.booking, subject.payment, &learned, now).await?;
    if let Some(amount) = learned
        && status == PaymentStatus::Unknown
        && subject.status != status
    {
        record(tx, app.random, now, &events::unknown(subject, amount)).await?;
    }
    Ok(())
}

/// How long until the gateway is asked again. A traveller on a challenge page is about to be done; an answer that was lost
/// is looked for soon, then ever more rarely.
fn pause(status: PaymentStatus, checks: i32) -> SignedDuration {
    let seconds = match (status, checks) {
        (PaymentStatus::RequiresAction, 0..=60) => 2,
        (PaymentStatus::RequiresAction, _) => 15,
        (_, 0) => 2,
        (_, 1..=2) => 5,
        (_, 3..=5) => 30,
        (_, 6..=10) => 120,
        (_, 11..=20) => 600,
        _ => 3_600,
    };
    SignedDuration::from_secs(seconds)
}
