//! Refunds: ordered in the transaction that closes a booking, sent afterwards, again and again until the gateway answers.

use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, RefundId};
use platform::db::{DbError, Sql};

use super::gateway::RefundOutcome;
use super::store::{self, RefundRow};
use crate::app::App;

/// While a sender is at work nobody else tries: the gateway's time-out and some more.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(15);
const BATCH: i64 = 20;

/// Orders the return of everything a booking's payment brought; nothing if it was never paid.
pub async fn order_refund(app: &App, sql: &Sql, booking: BookingId, now: Timestamp) -> Result<(), DbError> {
    store::order_refund(sql, booking, app.new_id(RefundId::new), now).await?;
    Ok(())
}

/// Sends what is due of a booking now. A failure is logged only: the job tries again.
pub async fn send_refunds_of(app: &App, booking: BookingId) {
    if let Err(error) = send_due(app, Some(booking)).await {
        tracing::warn!(booking.id = %booking, error = format!("{error:#}"), "refund not sent yet; it is tried again");
    }
}

/// Sends a batch of due refunds; returns how many there were.
pub(super) async fn send_due(app: &App, booking: Option<BookingId>) -> anyhow::Result<u64> {
    let now = app.now();
    let due = store::claim_refunds(&app.db.read().await?, booking, now, now + CLAIMED_FOR, BATCH).await?;
    let count = due.len() as u64;
    for refund in due {
        let outcome = app.gateway.refund(refund.id, &refund.intent, refund.amount).await;
        settle(app, &refund, outcome).await?;
    }
    Ok(count)
}

async fn settle(app: &App, refund: &RefundRow, outcome: RefundOutcome) -> Result<(), DbError> {
    let (now, sql) = (app.now(), app.db.read().await?);
    match outcome {
        RefundOutcome::Succeeded { gateway_id } => {
            metrics::counter!("refunds_total", "outcome" => "succeeded").increment(1);
            tracing::info!(refund.id = %refund.id, booking.id = %refund.booking, "refunded");
            store::settle_refund(&sql, refund, "succeeded", Some(&gateway_id), None, now).await
        }
        RefundOutcome::Refused { code } => {
            metrics::counter!("refunds_total", "outcome" => "failed").increment(1);
            tracing::error!(refund.id = %refund.id, booking.id = %refund.booking, code, "the gateway refuses a refund; somebody must look");
            store::settle_refund(&sql, refund, "failed", None, None, now).await
        }
        RefundOutcome::Unknown => {
            let seconds = 2_i64.saturating_pow(u32::try_from(refund.tries.clamp(1, 11)).unwrap_or(11));
            let again = now + SignedDuration::from_secs(seconds);
            store::settle_refund(&sql, refund, "pending", None, Some(again), now).await
        }
    }
}
