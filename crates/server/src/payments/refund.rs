//! Refunds: ordered in the transaction that closes a booking, sent afterwards, again and again until the gateway answers; and looked at
//! again, because one that has succeeded may come back.

use domain::ledger::Posting;
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Money, PaymentId, RefundId};
use platform::db::{DbError, Sql};
use platform::jobs::row_failed;

use super::events;
use super::gateway::{RETURNED_BY_HAND, RefundOutcome};
use super::settle::{pause_after, spread};
use super::store::refunds::{self, ClaimedRefund, RefundRow};
use crate::app::App;
use crate::booking::api as booking;
use crate::events::api::record;
use crate::ledger::api as ledger;

/// While a sender is at work nobody else tries: the gateway's time-out and some more.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(15);
const BATCH: i64 = 20;
/// A refund that has succeeded may still come back, from a card that was closed for example: Stripe says so within 30 days. A webhook
/// tells; so long after it succeeded it is looked at, in case that was lost.
const LOOKS: [SignedDuration; 3] =
    [SignedDuration::from_hours(24), SignedDuration::from_hours(24 * 7), SignedDuration::from_hours(24 * 31)];
/// Asked about at one time: a gateway that does not answer holds up a few, and a batch is done before its claim ends.
pub(super) const AT_ONCE: usize = 8;

/// Orders the return of `amount` to where it came from, the latest payment first. More than was paid and not returned yet
/// fails the transaction.
pub async fn order_refund(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    amount: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let mut missing = amount;
    for payment in refunds::lock_returnable(sql, booking).await? {
        let part = missing.min(payment.left.amount);
        if part == 0 {
            break;
        }
        let part_of = Money::new(part, payment.left.currency);
        order_refund_of(app, sql, booking, payment.payment, part_of, now).await?;
        missing -= part;
    }
    if missing == 0 {
        Ok(())
    } else {
        Err(DbError::Inconsistent(format!("{booking} was not paid {missing} of a refund")))
    }
}

/// Orders the return of a whole payment.
pub(super) async fn order_refund_of(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    payment: PaymentId,
    amount: Money,
    now: Timestamp,
) -> Result<(), DbError> {
    let refund: RefundId = app.new_id(RefundId::new);
    if !refunds::order_refund(sql, booking, payment, refund, amount.amount, now).await? {
        return Err(DbError::Inconsistent(format!("{payment} has no {amount} left to return")));
    }
    post_order(app, sql, (booking, payment, refund), amount, now).await
}

pub(super) async fn post_order(
    app: &App,
    sql: &Sql,
    (booking, payment, refund): (BookingId, PaymentId, RefundId),
    amount: Money,
    now: Timestamp,
) -> Result<(), DbError> {
    let posting = Posting::refund_ordered(amount.currency, amount.amount).map_err(ledger::unbalanced)?;
    record(sql, app.random, now, &events::refund_ordered(booking, payment, refund, amount)).await?;
    ledger::post(app, sql, booking, refund.uuid(), &posting, now).await
}

/// Sends what is due of a booking now. A failure is logged only: the job tries again.
pub async fn send_refunds_of(app: &App, booking: BookingId) {
    if let Err(error) = send_due(app, Some(booking)).await {
        tracing::warn!(booking.id = %booking, error = format!("{error:#}"), "refund not sent yet; it is tried again");
    }
}

/// Sends a batch of due refunds; returns how many were sent, or looked at, and not how many failed.
pub(super) async fn send_due(app: &App, booking: Option<BookingId>) -> anyhow::Result<u64> {
    let now = app.now();
    let due = refunds::claim_refunds(&app.db.read().await?, booking, now, now + CLAIMED_FOR, BATCH).await?;
    let sending = due.into_iter().map(|(claimed, refund)| async move {
        let outcome = match refund {
            Ok(refund) => {
                let outcome = send(app, &refund).await;
                settle(app, &refund, outcome).await
            }
            Err(unreadable) => Err(unreadable),
        };
        match outcome {
            Ok(()) => 1,
            Err(error) => {
                put_off(app, claimed, &error).await;
                0
            }
        }
    });
    Ok(stream::iter(sending).buffer_unordered(AT_ONCE).fold(0, async |sum, one: u64| sum + one).await)
}

/// A refund that fails is tried ever more rarely, so that it does not stand in the way of the others.
async fn put_off(app: &App, claimed: ClaimedRefund, error: &DbError) {
    row_failed("send_refunds", &claimed.id, error);
    let again_at = app.now() + retry_pause(app, claimed.tries);
    let put_off = async { refunds::put_off(&app.db.read().await?, claimed, app.now(), again_at).await };
    if let Err(error) = put_off.await {
        tracing::warn!(refund.id = %claimed.id, %error, "not put off; it is tried again when its claim ends");
    }
}

/// 2, 4, 8 … seconds, up to about half an hour; up to a fifth less.
fn retry_pause(app: &App, tries: i32) -> SignedDuration {
    let seconds = 2_i64.saturating_pow(u32::try_from(tries.clamp(1, 11)).unwrap_or(11));
    spread(app, SignedDuration::from_secs(seconds))
}

/// Sends a refund, or asks what became of it. Keys are forgotten after a day, and the answer that is kept under one may say
/// nothing; so before anything is sent a second time it is looked for.
async fn send(app: &App, refund: &RefundRow) -> RefundOutcome {
    let outcome = ask(app, refund).await;
    // Of a charge whose refund came back the gateway may still say so. That is no word of the traveller having the money.
    let old_news = |id: &str| refund.after_bounce && id == RETURNED_BY_HAND;
    match outcome {
        RefundOutcome::Succeeded { gateway_id } if old_news(&gateway_id) => {
            RefundOutcome::Refused { code: gateway_id }
        }
        outcome => outcome,
    }
}

async fn ask(app: &App, refund: &RefundRow) -> RefundOutcome {
    if let Some(gateway_id) = &refund.gateway_id {
        return app.gateway.find_refund(gateway_id).await;
    }
    if refund.tries > 1 {
        let found = app.gateway.search_refund(refund.id, &refund.intent).await;
        if found != RefundOutcome::NotFound {
            return found;
        }
    }
    app.gateway.refund(refund.id, refund.booking, &refund.intent, refund.amount).await
}

/// When a refund that has succeeded is looked at next.
fn next_look(succeeded_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    LOOKS.into_iter().map(|after| succeeded_at + after).find(|at| *at > now)
}

/// The booking is locked first: what is told of it is told in the order in which its changes commit.
async fn settle(app: &App, refund: &RefundRow, outcome: RefundOutcome) -> Result<(), DbError> {
    let (now, sql) = (app.now(), app.db.begin().await?);
    booking::lock(&sql, refund.booking).await?;
    match (refund.succeeded_at, outcome) {
        (Some(_), RefundOutcome::Refused { code }) => bounced(app, &sql, refund, code, now).await?,
        (Some(since), outcome) => {
            let next = match outcome {
                RefundOutcome::Unknown => Some(now + retry_pause(app, refund.tries)),
                _ => next_look(since, now),
            };
            refunds::look_again(&sql, refund, next, now).await?;
        }
        (None, outcome) => settle_pending(app, &sql, refund, outcome, now).await?,
    }
    sql.commit().await
}

/// What had gone back is at the gateway again: it is owed as before, and waits for staff.
async fn bounced(
    app: &App,
    sql: &Sql,
    refund: &RefundRow,
    code: String,
    now: Timestamp,
) -> Result<(), DbError> {
    let afterwards = app.new_id(kernel::ids::uuid_v7);
    if !refunds::bounce(sql, refund, &code, afterwards, now).await? {
        return Ok(());
    }
    let Money { amount, currency } = refund.amount;
    let posting = Posting::refund_bounced(currency, amount).map_err(ledger::unbalanced)?;
    ledger::post(app, sql, refund.booking, refund.posted_as, &posting, now).await?;
    metrics::counter!("refunds_bounced_total").increment(1);
    tracing::error!(refund.id = %refund.id, booking.id = %refund.booking, code, "a refund came back after it had succeeded; somebody must look");
    record(sql, app.random, now, &events::refund_bounced(refund, code)).await
}

async fn settle_pending(
    app: &App,
    sql: &Sql,
    refund: &RefundRow,
    outcome: RefundOutcome,
    now: Timestamp,
) -> Result<(), DbError> {
    match outcome {
        RefundOutcome::Succeeded { gateway_id } => succeeded(app, sql, refund, &gateway_id, now).await?,
        RefundOutcome::Refused { code } => {
            metrics::counter!("refunds_total", "outcome" => "failed").increment(1);
            tracing::error!(refund.id = %refund.id, booking.id = %refund.booking, code, "the gateway refuses a refund; somebody must look");
            if refunds::fail_refund(sql, refund, &code, now).await? {
                record(sql, app.random, now, &events::refund_failed(refund, code)).await?;
            }
        }
        RefundOutcome::Pending { gateway_id } => {
            let again = now + pause_after(app, refund.tries);
            refunds::settle_refund(sql, refund, "pending", Some(&gateway_id), Some(again), now).await?;
        }
        RefundOutcome::NotFound | RefundOutcome::Unknown => {
            let again = now + retry_pause(app, refund.tries);
            refunds::settle_refund(sql, refund, "pending", None, Some(again), now).await?;
        }
    }
    Ok(())
}

async fn succeeded(
    app: &App,
    sql: &Sql,
    refund: &RefundRow,
    gateway_id: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    // Of one that was made by hand the gateway's id is not known.
    let look = if gateway_id == RETURNED_BY_HAND { None } else { next_look(now, now) };
    if !refunds::settle_refund(sql, refund, "succeeded", Some(gateway_id), look, now).await? {
        return Ok(());
    }
    let Money { amount, currency } = refund.amount;
    let posting = Posting::refund_settled(currency, amount).map_err(ledger::unbalanced)?;
    ledger::post(app, sql, refund.booking, refund.posted_as, &posting, now).await?;
    let told = events::refund_succeeded(refund.id, refund.booking, refund.amount, "gateway");
    record(sql, app.random, now, &told).await?;
    metrics::counter!("refunds_total", "outcome" => "succeeded").increment(1);
    tracing::info!(refund.id = %refund.id, booking.id = %refund.booking, "refunded");
    Ok(())
}
