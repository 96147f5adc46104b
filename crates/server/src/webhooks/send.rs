//! Sending what is due: a lease for each webhook, a claim on each delivery, the call with no connection held, the outcome.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use platform::backoff::Backoff;
use platform::breaker::Refused;
use platform::db::DbError;
use platform::http::Problem;

use super::audience::Audience;
use super::secret::{self, Secret};
use super::store::deliveries::{self, AttemptRow, DeliveryRow};
use super::store::{self, Of, WebhookRow};
use crate::app::App;
use crate::egress::{self, Sent};

/// The test event: tried once.
pub(super) const PING: &str = "webhook.ping";
/// The word for a delivery that its program may not be told of any more.
pub(super) const NOT_TOLD: &str = "not_told";
/// After this long a delivery is given up, and a webhook that nothing reached is disabled.
pub(super) const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(72);
/// Deliveries of a webhook under one lease, and how many of them at once.
const BATCH: i64 = 8;
const AT_ONCE: usize = 4;
/// Deliveries put off by one statement.
const PUT_OFF_AT_ONCE: i64 = 1_000;
/// What a claim lasts beyond the calls it covers.
const SLACK: SignedDuration = SignedDuration::from_secs(20);
/// How long a delivery waits for its next try, seconds: longer each time, up to eight hours.
const PAUSES: Backoff =
    Backoff(&[5, 30, 2 * 60, 10 * 60, 30 * 60, 60 * 60, 2 * 60 * 60, 4 * 60 * 60, 8 * 60 * 60]);

/// How long so many calls one after the other may take.
pub(super) fn claimed_for(app: &App, calls: i64) -> SignedDuration {
    let answer = SignedDuration::try_from(app.webhooks.answer_time()).unwrap_or(SLACK);
    answer * i32::try_from(calls).unwrap_or(i32::MAX) + SLACK
}

/// Leases up to `limit` webhooks that have something due.
pub(super) async fn lease(app: &App, of: Of, limit: i64) -> Result<Vec<WebhookRow>, DbError> {
    let seconds = claimed_for(app, BATCH).as_secs_f64();
    store::lease(&app.db.read().await?, app.process, seconds, app.now(), (of, limit)).await
}

/// Sends a batch to a leased webhook and lets it go; how many tries that were. Deliveries about one subject go one after the
/// other, in order. A webhook that nothing reaches is tried with one, and one whose circuit is open with none.
pub(super) async fn serve(app: &App, webhook: &WebhookRow) -> Result<u64, Problem> {
    let now = app.now();
    let call = match app.webhooks.circuit(webhook.id, webhook.client.is_some()).enter() {
        Ok(call) => call,
        Err(refused) => return put_off(app, webhook, now, refused).await,
    };
    let batch = if webhook.failing_since.is_some() || call.is_probe() { 1 } else { BATCH };
    let again_at = now + claimed_for(app, BATCH);
    let claimed = deliveries::claim(&app.db.read().await?, webhook.id, now, again_at, batch).await?;
    let claimed = still_told(app, webhook, claimed).await?;
    let count = claimed.len() as u64;
    let mut subjects: BTreeMap<String, Vec<DeliveryRow>> = BTreeMap::new();
    for delivery in claimed {
        subjects.entry(delivery.subject.clone()).or_default().push(delivery);
    }
    let one_after_the_other = |of_subject: Vec<DeliveryRow>| async move {
        let mut heard = true;
        for delivery in of_subject {
            heard &= attempt(app, webhook, delivery).await?;
        }
        Ok::<_, Problem>(heard)
    };
    let outcomes: Vec<Result<bool, Problem>> = stream::iter(subjects.into_values())
        .map(one_after_the_other)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    store::release(&app.db.read().await?, webhook.id, app.process).await?;
    let heard: Vec<bool> = outcomes.into_iter().collect::<Result<_, _>>()?;
    match heard.iter().all(|heard| *heard) {
        _ if heard.is_empty() => drop(call),
        true => call.answered(),
        false => call.failed(),
    }
    Ok(count)
}

/// What may be sent still. What a program may not be told of any more is given up, and says so.
async fn still_told(
    app: &App,
    webhook: &WebhookRow,
    claimed: Vec<DeliveryRow>,
) -> Result<Vec<DeliveryRow>, DbError> {
    let Some(program) = webhook.client else { return Ok(claimed) };
    let sql = app.db.read().await?;
    let subjects = claimed.iter().map(|delivery| delivery.subject.as_str());
    let audience = Audience::of(&sql, &BTreeSet::from([program]), subjects, app.now()).await?;
    drop(sql);
    let (told, lapsed): (Vec<_>, Vec<_>) = claimed
        .into_iter()
        .partition(|delivery| audience.hears(webhook.client, &delivery.kind, &delivery.subject));
    for delivery in &lapsed {
        lapse(app, webhook, delivery).await?;
    }
    Ok(told)
}

async fn lapse(app: &App, webhook: &WebhookRow, delivery: &DeliveryRow) -> Result<(), DbError> {
    let now = app.now();
    let attempt = AttemptRow {
        delivery: delivery.id,
        attempt_no: delivery.tries,
        started_at: now,
        duration_ms: 0,
        response_status: None,
        error: Some(NOT_TOLD.to_owned()),
        response_head: None,
    };
    let tx = app.db.begin().await?;
    if deliveries::settle(&tx, delivery, "failed", None, now).await? {
        deliveries::insert_attempt(&tx, webhook.id, &attempt).await?;
    }
    tx.commit().await?;
    metrics::counter!("webhook_deliveries_lapsed_total").increment(1);
    Ok(())
}

/// A receiver that is left alone: what is due for it waits, and no try is counted.
async fn put_off(app: &App, webhook: &WebhookRow, now: Timestamp, refused: Refused) -> Result<u64, Problem> {
    // Later than now in any case: what is put off would be due again otherwise.
    let again_at =
        now + SignedDuration::try_from(refused.retry_in).unwrap_or(SLACK) + SignedDuration::from_millis(1);
    let sql = app.db.read().await?;
    while deliveries::put_off(&sql, webhook.id, now, again_at, PUT_OFF_AT_ONCE).await? > 0 {}
    store::release(&sql, webhook.id, app.process).await?;
    Ok(0)
}

/// Sends everything that is due now, to all webhooks at the same time; how many tries that were.
pub async fn send_due(app: &App) -> anyhow::Result<u64> {
    let mut tries = 0;
    loop {
        let mut webhooks = lease(app, Of::Airline, 100).await?;
        webhooks.extend(lease(app, Of::Programs, 100).await?);
        if webhooks.is_empty() {
            return Ok(tries);
        }
        let served = webhooks.iter().map(|webhook| serve(app, webhook));
        for outcome in futures_util::future::join_all(served).await {
            tries += outcome.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
        }
    }
}

/// One try of a claimed delivery; whether somebody was there.
pub(super) async fn attempt(app: &App, webhook: &WebhookRow, delivery: DeliveryRow) -> Result<bool, Problem> {
    let started_at = app.now();
    let secrets = valid_secrets(app, webhook, started_at)?;
    let signature = secret::signature(&secrets, started_at, &delivery.body);
    let headers = vec![
        ("udaan-signature", signature.clone()),
        ("udaan-event", delivery.kind.clone()),
        ("udaan-delivery", delivery.id.to_string()),
    ];
    let sent = app.webhooks.post(&webhook.url, headers, &delivery.body).await;
    let attempt = AttemptRow {
        delivery: delivery.id,
        attempt_no: delivery.tries,
        started_at,
        duration_ms: i32::try_from(sent.took.as_millis()).unwrap_or(i32::MAX),
        response_status: sent.status.and_then(|status| i16::try_from(status).ok()),
        error: sent.error.map(|word| told_word(webhook, word).to_owned()),
        response_head: sent.status.map(|_| secret::redact(&sent.answer, &secrets, &signature)),
    };
    settle(app, webhook, &delivery, &attempt, &sent).await?;
    Ok(sent.is_heard())
}

/// What is said of a try that came to nothing. A program is not told which names exist inside.
fn told_word(webhook: &WebhookRow, word: &'static str) -> &'static str {
    let outside = webhook.client.is_some() && word == egress::Refused::NoAddress.word();
    if outside { egress::Refused::Address.word() } else { word }
}

/// The secrets that sign now: the current one, and the one before while the rotation lasts.
fn valid_secrets(app: &App, webhook: &WebhookRow, now: Timestamp) -> Result<Vec<Secret>, Problem> {
    let previous = webhook.previous.as_ref().filter(|(_, until)| now < *until).map(|(sealed, _)| sealed);
    let sealed = std::iter::once(&webhook.secret_sealed).chain(previous);
    Ok(sealed.map(|sealed| Secret::open(&app.sealer, webhook.id, sealed)).collect::<Result<_, _>>()?)
}

/// Writes down what came of a try.
async fn settle(
    app: &App,
    webhook: &WebhookRow,
    delivery: &DeliveryRow,
    attempt: &AttemptRow,
    sent: &Sent,
) -> Result<(), DbError> {
    let now = app.now();
    let gone = sent.status == Some(410);
    let again = now + PAUSES.spread(delivery.tries, app.random.bytes::<1>()[0]);
    let in_time = again <= delivery.created_at + GIVE_UP_AFTER;
    let (status, next_try_at) = match sent.is_success() {
        true => ("delivered", None),
        false if gone || delivery.kind == PING || !in_time => ("failed", None),
        false => ("pending", Some(again)),
    };
    let tx = app.db.begin().await?;
    // A delivery that is gone was deleted with its webhook while the call was under way.
    if !deliveries::settle(&tx, delivery, status, next_try_at, now).await? {
        return Ok(());
    }
    deliveries::insert_attempt(&tx, webhook.id, attempt).await?;
    let mut disabled = None;
    if sent.is_success() {
        store::reached(&tx, webhook.id).await?;
    } else if delivery.kind != PING {
        let since = store::missed(&tx, webhook.id, now).await?;
        let for_long = since.is_some_and(|since| now.duration_since(since) >= GIVE_UP_AFTER);
        let reason = if gone { Some("gone") } else { for_long.then_some("failing") };
        if let Some(reason) = reason
            && store::disable(&tx, webhook.id, reason, now).await?
        {
            disabled = Some(reason);
        }
    }
    tx.commit().await?;
    report(webhook, delivery, attempt, status, disabled);
    Ok(())
}

fn report(
    webhook: &WebhookRow,
    delivery: &DeliveryRow,
    attempt: &AttemptRow,
    status: &'static str,
    disabled: Option<&'static str>,
) {
    let of = if webhook.client.is_some() { "programs" } else { "airline" };
    metrics::counter!("webhook_attempts_total", "outcome" => status, "of" => of).increment(1);
    metrics::histogram!("webhook_attempt_seconds").record(f64::from(attempt.duration_ms) / 1_000.0);
    let (id, delivery_id) = (webhook.id, delivery.id);
    let (response_status, error) = (attempt.response_status, attempt.error.as_deref());
    if status == "failed" && delivery.kind != PING && webhook.client.is_none() {
        tracing::warn!(webhook.id = %id, delivery.id = %delivery_id, delivery.kind, attempts = delivery.tries,
            response_status, error, "webhook delivery given up");
    } else {
        tracing::debug!(webhook.id = %id, delivery.id = %delivery_id, status, response_status, error, "webhook sent");
    }
    let Some(reason) = disabled else { return };
    metrics::counter!("webhooks_disabled_total", "reason" => reason, "of" => of).increment(1);
    match webhook.client {
        None => {
            tracing::error!(webhook.id = %id, reason, "webhook disabled: nothing reaches it; staff must look and enable it");
        }
        Some(client) => {
            tracing::info!(webhook.id = %id, client.id = %client, reason, "a program's webhook was disabled");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_eight_hours_and_cover_three_days() {
        let mut before = SignedDuration::ZERO;
        let (mut soonest, mut latest) = (SignedDuration::ZERO, SignedDuration::ZERO);
        let mut tries = 0;
        while soonest <= GIVE_UP_AFTER {
            tries += 1;
            let (least, most) = (PAUSES.spread(tries, 0), PAUSES.spread(tries, u8::MAX));
            assert!(least >= before && most <= SignedDuration::from_secs(8 * 3_600 * 6 / 5), "{tries}");
            assert_eq!(least * 3, most * 2, "a fifth less and a fifth more");
            before = least;
            soonest += least;
            latest += most;
        }
        assert_eq!(
            (tries, PAUSES.spread(1, 0), PAUSES.spread(1, 255)),
            (19, SignedDuration::from_secs(4), SignedDuration::from_secs(6))
        );
        assert!(latest > GIVE_UP_AFTER);
    }
}
