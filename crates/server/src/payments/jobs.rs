//! The reconciler: open payments are looked up at the gateway until they are settled, pending refunds sent until they are
//! answered.

use std::time::Duration;

use domain::payment::PaymentState;
use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;
use platform::db::DbError;
use platform::jobs::{Job, Running, row_failed};

use super::gateway::Answer;
use super::store::{self, ClaimedPayment, PaymentRow, events};
use super::{refund, saved, settle};
use crate::app::App;

const BATCH: i64 = 20;
/// While one reconciler asks, no other does.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(20);
/// A payment open longer than this raises the alarm (design: fifteen minutes).
const ALARM_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Providers send an event again for days, not for weeks; after that, one that comes again is taken as new and looked up.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
const EVENTS_BATCH: i64 = 1_000;

/// The jobs of a working process.
pub fn jobs(app: &App) -> Vec<Job> {
    let job = |name, millis, run: fn(App) -> Running| {
        let app = app.clone();
        Job::new(name, Duration::from_millis(millis), move || run(app.clone()))
    };
    vec![
        job("reconcile_payments", 500, |app| Box::pin(reconcile(app))),
        job("send_refunds", 1_000, |app| Box::pin(async move { refund::send_due(&app, None).await })),
        job("settle_saved_methods", 1_000, |app| Box::pin(saved::settle_due(app))),
        job("forget_gateway_events", 60_000, |app| Box::pin(forget_events(app))),
        job("watch_open_payments", 30_000, |app| Box::pin(watch(app))),
    ]
}

async fn reconcile(app: App) -> anyhow::Result<u64> {
    let now = app.now();
    let due = store::claim_due(&app.db.read().await?, now, now + CLAIMED_FOR, BATCH).await?;
    let asking = due.into_iter().map(|(claimed, payment)| {
        let app = &app;
        async move {
            let outcome = match payment {
                Ok(payment) => reconcile_one(app, payment).await,
                Err(unreadable) => Err(unreadable),
            };
            match outcome {
                Ok(()) => 1,
                Err(error) => {
                    put_off(app, claimed, &error).await;
                    0
                }
            }
        }
    });
    Ok(stream::iter(asking).buffer_unordered(refund::AT_ONCE).fold(0, async |sum, one: u64| sum + one).await)
}

/// A payment that fails is looked at ever more rarely, so that it does not stand in the way of the others.
async fn put_off(app: &App, claimed: ClaimedPayment, error: &DbError) {
    row_failed("reconcile_payments", &claimed.id, error);
    let again_at = app.now() + settle::pause_after(app, claimed.checks);
    let put_off = async { store::put_off(&app.db.read().await?, claimed, app.now(), again_at).await };
    if let Err(error) = put_off.await {
        tracing::warn!(payment.id = %claimed.id, %error, "not put off; it is looked at again when its claim ends");
    }
}

async fn reconcile_one(app: &App, payment: PaymentRow) -> Result<(), DbError> {
    let answer = ask(app, &payment).await;
    let tx = app.db.begin().await?;
    settle::settle(app, &tx, payment.subject(), &answer).await?;
    tx.commit().await?;
    Ok(())
}

/// What the gateway says now. A traveller who has left the challenge page for good is not waited for: the intent is given up,
/// which the gateway may refuse because it has just succeeded.
async fn ask(app: &App, payment: &PaymentRow) -> Answer {
    let window = SignedDuration::from_mins(app.config.booking.payment_minutes);
    let abandoned = app.now().duration_since(payment.created_at) > window;
    match &payment.intent_id {
        Some(intent) if abandoned && payment.status == PaymentState::RequiresAction => {
            app.gateway.cancel(intent).await
        }
        Some(intent) => app.gateway.find(intent).await,
        None if payment.amount.amount == 0 => Answer::nothing_to_pay(),
        None => app.gateway.search(payment.id).await,
    }
}

async fn watch(app: App) -> anyhow::Result<u64> {
    let (payments, refunds) =
        store::count_open_before(&app.db.read().await?, app.now() - ALARM_AFTER).await?;
    metrics::gauge!("payments_open_too_long").set(payments as f64);
    metrics::gauge!("refunds_open_too_long").set(refunds as f64);
    Ok(0)
}

async fn forget_events(app: App) -> anyhow::Result<u64> {
    let sql = app.db.read().await?;
    Ok(events::delete_older_than(&sql, app.now() - EVENTS_KEPT, EVENTS_BATCH).await?)
}
