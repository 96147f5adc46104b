//! Idempotency keys: one key, one effect, one answer.
//!
//! A key is claimed before its call acts and settled in the same breath as the effect. A claim that is dropped
//! unsettled, because the call was refused or its client hung up, frees the key: nothing was done under it.

use std::collections::HashMap;

use axum::response::{IntoResponse, Response};

use crate::Gateway;
use crate::book::Book;
use crate::http::{Answer, Call};
use crate::refusal::Refusal;

/// How a call that took effect, or vanished, is answered.
pub(crate) enum Outcome {
    /// At once.
    Answered(Answer),
    /// Too late for the caller. Asked again under its key, the answer comes at once.
    Withheld(Answer),
    /// Too late for the caller, and nothing was done. Asked again under its key, the call is an ordinary one.
    Vanished,
}

/// When a call acts.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// The present second since 1970, which is how Stripe writes instants.
    pub(crate) now: i64,
    /// The present year and month, which is how cards expire.
    pub(crate) month: (i16, i8),
    /// Whether a call of the same key has vanished before.
    pub(crate) asked_before: bool,
}

/// Runs `act` at most once per idempotency key. What `act` refuses has no effect and is not kept.
pub(crate) async fn perform<F>(gateway: &Gateway, call: Call, act: F) -> Response
where
    F: FnOnce(&mut Book, &Call, Moment) -> Result<Outcome, Refusal>,
{
    let claim = match claim(gateway, &call) {
        Ok(Entry::Fresh(claim)) => claim,
        Ok(Entry::Replay(answer)) => return answer.replayed(),
        Err(refusal) => return refusal.into_response(),
    };
    if !gateway.config.latency.is_zero() {
        tokio::time::sleep(gateway.config.latency).await;
    }
    // From here to the settled key nothing waits: the effect and its answer are kept together or not at all.
    let moment = Moment { asked_before: claim.asked_before, ..gateway.moment() };
    let outcome = act(&mut gateway.book(), &call, moment);
    match outcome {
        Ok(Outcome::Answered(answer)) => {
            claim.settle(Stage::Done(answer.clone()));
            answer.into_response()
        }
        Ok(Outcome::Withheld(answer)) => {
            claim.settle(Stage::Done(answer.clone()));
            gateway.hang().await;
            answer.into_response()
        }
        Ok(Outcome::Vanished) => {
            claim.settle(Stage::Vanished);
            gateway.hang().await;
            Refusal::of_ours(axum::http::StatusCode::SERVICE_UNAVAILABLE).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Every key that was ever used.
#[derive(Default)]
pub(crate) struct Keys(HashMap<String, Record>);

struct Record {
    fingerprint: u64,
    stage: Stage,
}

enum Stage {
    UnderWay,
    Vanished,
    Done(Answer),
}

enum Entry<'a> {
    Fresh(Claim<'a>),
    Replay(Answer),
}

/// The right to act under a key; without a key, the right to act.
struct Claim<'a> {
    gateway: &'a Gateway,
    key: Option<String>,
    asked_before: bool,
}

fn claim<'a>(gateway: &'a Gateway, call: &Call) -> Result<Entry<'a>, Refusal> {
    let mut asked_before = false;
    if let Some(key) = &call.key {
        let mut keys = gateway.keys();
        match keys.0.get(key) {
            Some(record) if record.fingerprint != call.fingerprint => return Err(Refusal::key_reused()),
            Some(Record { stage: Stage::UnderWay, .. }) => return Err(Refusal::key_in_use()),
            Some(Record { stage: Stage::Done(answer), .. }) => return Ok(Entry::Replay(answer.clone())),
            Some(Record { stage: Stage::Vanished, .. }) => asked_before = true,
            None => {}
        }
        keys.0.insert(key.clone(), Record { fingerprint: call.fingerprint, stage: Stage::UnderWay });
    }
    Ok(Entry::Fresh(Claim { gateway, key: call.key.clone(), asked_before }))
}

impl Claim<'_> {
    fn settle(mut self, stage: Stage) {
        if let Some(key) = self.key.take()
            && let Some(record) = self.gateway.keys().0.get_mut(&key)
        {
            record.stage = stage;
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let Some(key) = self.key.take() else { return };
        let mut keys = self.gateway.keys();
        if !self.asked_before {
            keys.0.remove(&key);
        } else if let Some(record) = keys.0.get_mut(&key) {
            record.stage = Stage::Vanished;
        }
    }
}
