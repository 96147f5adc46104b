//! What the gateway said becomes what we know, in one transaction with what follows from it: a success confirms the booking,
//! a decline lets the hold run again. The booking is locked before the payment (docs/locking.md).

use domain::ledger::Posting;
use domain::payment::PaymentState;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Money, PaymentId, RefundId};
use platform::db::{DbError, Tx};

use super::events;
use super::gateway::{Answer, Outcome};
use super::refund;
use super::store::{self, Learned, refunds};
use crate::app::App;
use crate::booking::api as booking;
use crate::events::api::record;
use crate::ledger::api as ledger;
use crate::pauses::After;

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
    pub(super) status: PaymentState,
    /// The gateway has said before that it has it.
    pub(super) in_their_hands: bool,
    pub(super) checks: i32,
    pub(super) created_at: Timestamp,
}

/// Writes an answer down. Repeating one, or a late one after a payment is settled, changes nothing. Which state follows is the
/// rule of `domain::payment`; the statement compares again with what is stored.
pub(super) async fn settle(app: &App, tx: &Tx, subject: Subject, answer: &Answer) -> Result<(), DbError> {
    let Answer { outcome, method } = answer;
    if subject.status == PaymentState::Declined {
        return look_again(app, tx, subject, outcome).await;
    }
    let now = app.now();
    let lost = now.duration_since(subject.created_at) >= LOST_AFTER;
    let state = subject.status.after(outcome.heard(lost), subject.in_their_hands);
    let mut learned = Learned {
        status: state,
        intent: None,
        decline_code: None,
        action_url: None,
        method: method.as_ref(),
        next_check_at: None,
    };
    match (state, outcome) {
        (PaymentState::Succeeded, Outcome::Succeeded { intent }) => {
            learned.intent = Some(intent);
            succeed(app, tx, subject, &learned, now).await
        }
        (PaymentState::Declined, Outcome::Declined { intent, code }) => {
            (learned.intent, learned.decline_code) = (intent.as_deref(), Some(code.as_str()));
            decline(app, tx, subject, &learned, now).await
        }
        (PaymentState::Declined, _) => {
            (learned.decline_code, learned.next_check_at) =
                (Some(NOT_RECEIVED), Some(now + LOOK_AGAIN_AFTER));
            decline(app, tx, subject, &learned, now).await
        }
        (_, outcome) => {
            match outcome {
                Outcome::RequiresAction { intent, url } => {
                    (learned.intent, learned.action_url) = (Some(intent.as_str()), Some(url.as_str()));
                }
                Outcome::Processing { intent } => learned.intent = Some(intent),
                _ => {}
            }
            learned.next_check_at = Some(next_look(app, subject, outcome, state, now));
            wait(app, tx, subject, &learned, now).await
        }
    }
}

async fn succeed(
    app: &App,
    tx: &Tx,
    subject: Subject,
    learned: &Learned<'_>,
    now: Timestamp,
) -> Result<(), DbError> {
    booking::lock(tx, subject.booking).await?;
    let Some(amount) = store::learn(tx, subject.booking, subject.payment, learned, now).await? else {
        return Ok(());
    };
    post_capture(app, tx, subject, amount, now).await?;
    record(tx, app.random, now, &events::succeeded(subject, amount)).await?;
    if !booking::paid(app, tx, subject.booking, (subject.order, amount), now).await? {
        // The outcome came so late that what it paid for was given up, and the seats are gone: no money is kept.
        tracing::warn!(payment.id = %subject.payment, booking.id = %subject.booking, "paid without a hold; refunding");
        metrics::counter!("payments_late_total", "outcome" => "refunded").increment(1);
        // What cost nothing has nothing to give back.
        if amount.amount > 0 {
            refund::order_refund_of(app, tx, subject.booking, subject.payment, amount, now).await?;
        }
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
            let late = refunds::refund_late(tx, booking, subject.payment, intent, refund, now).await?;
            if let Some(amount) = late {
                post_capture(app, tx, subject, amount, now).await?;
                refund::post_order(app, tx, (booking, subject.payment, refund), amount, now).await?;
            }
            Ok(())
        }
        Outcome::Declined { .. } | Outcome::NotFound => {
            refunds::stop_looking(tx, subject.booking, subject.payment).await
        }
        // Nobody knows yet: claiming the payment has set the time of the next look.
        _ => Ok(()),
    }
}

async fn decline(
    app: &App,
    tx: &Tx,
    subject: Subject,
    learned: &Learned<'_>,
    now: Timestamp,
) -> Result<(), DbError> {
    booking::lock(tx, subject.booking).await?;
    if let Some(amount) = store::learn(tx, subject.booking, subject.payment, learned, now).await? {
        let code = learned.decline_code.unwrap_or_default();
        record(tx, app.random, now, &events::declined(subject, amount, code)).await?;
        booking::payment_failed(tx, subject.booking, subject.order).await?;
        if code != NOT_RECEIVED
            && let Some(payer) = store::payer(tx, subject.booking, subject.payment).await?
        {
            After::Declines.count(app, tx, payer).await?;
        }
        metrics::counter!("payments_total", "outcome" => "declined").increment(1);
        tracing::info!(payment.id = %subject.payment, code = learned.decline_code, "declined");
    }
    Ok(())
}

/// Nothing is settled yet; that nobody knows any more whether there was money is told once. What is told needs the booking's lock,
/// so that it comes in the order of what else happens to it.
async fn wait(
    app: &App,
    tx: &Tx,
    subject: Subject,
    learned: &Learned<'_>,
    now: Timestamp,
) -> Result<(), DbError> {
    let is_news = learned.status == PaymentState::Unknown && subject.status != PaymentState::Unknown;
    if is_news {
        booking::lock(tx, subject.booking).await?;
    }
    let changed = store::learn(tx, subject.booking, subject.payment, learned, now).await?;
    if let Some(amount) = changed
        && is_news
    {
        record(tx, app.random, now, &events::unknown(subject, amount)).await?;
    }
    Ok(())
}

/// A payment that the gateway does not know of is looked for at the moment when its silence is believed: until then the traveller
/// can neither pay nor leave.
fn next_look(
    app: &App,
    subject: Subject,
    outcome: &Outcome,
    state: PaymentState,
    now: Timestamp,
) -> Timestamp {
    let (next, believed) = (now + pause(app, state, subject.checks), subject.created_at + LOST_AFTER);
    if *outcome == Outcome::NotFound && believed > now { next.min(believed) } else { next }
}

/// How long until the gateway is asked again, when no webhook says so before. A traveller on a challenge page is about to be
/// done; an answer that was lost is looked for soon, then ever more rarely.
fn pause(app: &App, state: PaymentState, checks: i32) -> SignedDuration {
    match (state, checks) {
        (PaymentState::RequiresAction, 0..=60) => SignedDuration::from_secs(2),
        (PaymentState::RequiresAction, _) => SignedDuration::from_secs(15),
        _ => pause_after(app, checks),
    }
}

/// 5 s, 30 s, 2 min, 10 min, hourly; up to a fifth less, so that what failed together does not come back together.
pub(super) fn pause_after(app: &App, checks: i32) -> SignedDuration {
    let seconds = match checks {
        ..=0 => 5,
        1 => 30,
        2 => 120,
        3 => 600,
        _ => 3_600,
    };
    spread(app, SignedDuration::from_secs(seconds))
}

/// Up to a fifth less, by chance.
pub(super) fn spread(app: &App, pause: SignedDuration) -> SignedDuration {
    let [chance] = app.random.bytes::<1>();
    pause - pause * i32::from(chance) / (5 * i32::from(u8::MAX))
}
