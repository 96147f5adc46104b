//! Idempotency keys: one key, one effect, one answer.
//!
//! A key is claimed before its call acts and settled in the same breath as the effect. A claim that is dropped
//! unsettled, because the call was refused or its client hung up, frees the key: nothing was done under it.

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::Gateway;
use crate::book::Book;
use crate::faults::Fault;
use crate::form::Params;
use crate::http::{Answer, Call};
use crate::refusal::Refusal;
use crate::routes::expand;

/// How a call that took effect, or vanished, is answered.
pub(crate) enum Outcome {
    /// At once.
    Answered(Answer),
    /// Too late for the caller. Asked again under its key, the answer comes at once.
    Withheld(Answer),
    /// Too late for the caller, and nothing was done. Asked again under its key, the call is an ordinary one.
    Vanished,
}

impl Outcome {
    fn map(self, change: impl FnOnce(Answer) -> Answer) -> Self {
        match self {
            Self::Answered(answer) => Self::Answered(change(answer)),
            Self::Withheld(answer) => Self::Withheld(change(answer)),
            Self::Vanished => Self::Vanished,
        }
    }
}

/// The answer with the objects that were asked for. What cannot be expanded has taken effect all the same, so it stays.
fn expanded(book: &Book, answer: Answer, params: &Params) -> Answer {
    if params.list("expand").is_empty() || !answer.is_ok() {
        return answer;
    }
    expand(book, answer.json(), params).map_or(answer, |object| Answer::ok(&object))
}

/// When a call acts.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// The present year and month, which is how cards expire.
    pub(crate) month: (i16, i8),
    /// Whether a call of the same key has vanished before.
    pub(crate) asked_before: bool,
}

/// Runs `act` at most once per idempotency key. What `act` refuses has no effect and is not kept. A hostile gateway
/// may fail the call before or after its effect.
pub(crate) async fn perform<F>(gateway: &Gateway, call: Call, act: F) -> Response
where
    F: FnOnce(&mut Book, &Call, Moment) -> Result<Outcome, Refusal>,
{
    let fault = gateway.faults.of_call(call.subject());
    perform_with(gateway, call, fault, act).await
}

/// The same, spared by hostility: for what a test sets up with.
pub(crate) async fn perform_calmly<F>(gateway: &Gateway, call: Call, act: F) -> Response
where
    F: FnOnce(&mut Book, &Call, Moment) -> Result<Outcome, Refusal>,
{
    perform_with(gateway, call, None, act).await
}

async fn perform_with<F>(gateway: &Gateway, call: Call, fault: Option<Fault>, act: F) -> Response
where
    F: FnOnce(&mut Book, &Call, Moment) -> Result<Outcome, Refusal>,
{
    let claim = match claim(gateway, &call) {
        Ok(Entry::Fresh(claim)) => claim,
        Ok(Entry::Replay(answer)) => {
            return match fault {
                Some(fault) => call.fail(gateway, fault).await,
                None => answer.replayed(),
            };
        }
        Err(refusal) => return refusal.into_response(),
    };
    if !gateway.config.latency.is_zero() {
        tokio::time::sleep(gateway.config.latency).await;
    }
    if let Some(fault) = fault.filter(|fault| fault.is_before_effect()) {
        claim.settle(Stage::Vanished);
        return call.fail(gateway, fault).await;
    }
    // From here to the settled key nothing waits: the effect and its answer are kept together or not at all.
    let moment = Moment { asked_before: claim.asked_before, ..gateway.moment() };
    let outcome = {
        let mut book = gateway.book();
        book.asked_by(call.asker.clone());
        let outcome = act(&mut book, &call, moment);
        outcome.map(|outcome| outcome.map(|answer| expanded(&book, answer, &call.params)))
    };
    match (outcome, fault) {
        (Ok(Outcome::Answered(answer) | Outcome::Withheld(answer)), Some(fault)) => {
            // Stripe keeps the 500 of a call that took effect; a connection that was cut has its answer kept.
            let kept = match fault {
                Fault::ErrorAfter => Refusal::of_ours(StatusCode::INTERNAL_SERVER_ERROR).answer(),
                _ => answer,
            };
            claim.settle(Stage::Done(kept));
            call.fail(gateway, fault).await
        }
        (Ok(Outcome::Answered(answer)), None) => {
            claim.settle(Stage::Done(answer.clone()));
            answer.into_response()
        }
        (Ok(Outcome::Withheld(answer)), None) => {
            claim.settle(Stage::Done(answer.clone()));
            gateway.hang().await;
            answer.into_response()
        }
        (Ok(Outcome::Vanished), _) => {
            claim.settle(Stage::Vanished);
            gateway.hang().await;
            Refusal::of_ours(StatusCode::SERVICE_UNAVAILABLE).into_response()
        }
        (Err(refusal), _) => refusal.into_response(),
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
