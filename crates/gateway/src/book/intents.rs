//! The book's payment intents.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::list::{Page, cut, list};
use super::{Asker, Book};
use crate::cards::Scenario;
use crate::faults::Fault;
use crate::http::Answer;
use crate::intent::{Intent, Order, State};
use crate::method::Method;
use crate::once::Outcome;
use crate::refusal::Refusal;
use crate::verdict::{self, Verdict};

/// Reasons a hostile gateway declines for.
const REASONS: [(&str, &str); 6] = [
    ("card_declined", "generic_decline"),
    ("card_declined", "insufficient_funds"),
    ("card_declined", "do_not_honor"),
    ("card_declined", "lost_card"),
    ("expired_card", "expired_card"),
    ("processing_error", "processing_error"),
];

/// What a confirmation says beside its method.
#[derive(Default)]
pub(crate) struct Confirmation {
    pub(crate) return_url: Option<String>,
    /// The traveller is not there to be asked.
    pub(crate) off_session: bool,
    pub(crate) future_usage: Option<String>,
}

impl Book {
    /// Opens an intent, which waits for `method` or for its confirmation.
    pub(crate) fn open(&mut self, order: Order, method: Option<Method>) -> Result<String, Refusal> {
        if let Some(customer) = &order.customer {
            self.customer(customer)?;
        }
        if let Some(method) = &method {
            fits(&order, method)?;
        }
        let state = match method {
            Some(method) => State::RequiresConfirmation { method },
            None => State::RequiresPaymentMethod { last_error: None },
        };
        let (id, created) = (self.next_id("pi"), self.now());
        for pair in &order.metadata {
            let pair = (pair.0.clone(), pair.1.clone());
            self.tagged.entry(pair).or_default().push(id.clone());
        }
        let intent = Intent { id: id.clone(), created, order, state };
        let json = intent.json(&self.binding.site);
        self.intents.insert(id.clone(), intent);
        self.tell("payment_intent.created", &json);
        Ok(id)
    }

    pub(crate) fn intent(&self, id: &str) -> Result<&Intent, Refusal> {
        self.intents.get(id).ok_or_else(|| Refusal::missing("payment_intent", "intent"))
    }

    pub(crate) fn intent_json(&self, id: &str) -> Result<Value, Refusal> {
        Ok(self.intent(id)?.json(&self.binding.site))
    }

    /// Charges `method` for the intent; the answer is what the method's scenario lets the caller hear.
    pub(crate) fn confirm(
        &mut self,
        id: &str,
        method: Method,
        said: Confirmation,
    ) -> Result<Outcome, Refusal> {
        fits(&self.intent(id)?.order, &method)?;
        let scenario = method.kind.scenario();
        let mut verdict = verdict::of_charge(&method, said.off_session);
        if verdict == Verdict::Yes && self.binding.faults.befalls(Fault::Decline, id) {
            let pick = self.binding.faults.pick("reason", id, REASONS.len() as u64);
            let reason = usize::try_from(pick).ok().and_then(|pick| REASONS.get(pick));
            let (code, decline_code) = reason.copied().unwrap_or(REASONS[0]);
            verdict = Verdict::No { code, decline_code: Some(decline_code) };
        }
        let charge = self.next_id("ch");
        let intent = self.intent_mut(id)?;
        intent.order.return_url = said.return_url.or(intent.order.return_url.take());
        intent.order.future_usage = said.future_usage.or(intent.order.future_usage.take());
        intent.charge(method, verdict, charge);
        if matches!(verdict, Verdict::Later(Some(_))) {
            self.settle_later(id);
        }
        self.charged(id);
        let intent = self.intent(id)?;
        let json = intent.json(&self.binding.site);
        Ok(match (scenario, &intent.state) {
            (Scenario::AnswerLost, _) => Outcome::Withheld(Answer::ok(&json)),
            (Scenario::ServerError, _) => {
                Outcome::Answered(Refusal::of_ours(StatusCode::INTERNAL_SERVER_ERROR).answer())
            }
            (_, State::RequiresPaymentMethod { last_error: Some(failure) }) => {
                let mut error = failure.json();
                error["payment_intent"] = json;
                Outcome::Answered(Answer::new(StatusCode::PAYMENT_REQUIRED, &json!({ "error": error })))
            }
            _ => Outcome::Answered(Answer::ok(&json)),
        })
    }

    pub(crate) fn cancel(&mut self, id: &str, reason: Option<String>) -> Result<Value, Refusal> {
        let (site, now) = (self.binding.site.clone(), self.now());
        self.intent_mut(id)?.cancel(now, reason, &site)?;
        self.charged(id);
        self.intent_json(id)
    }

    /// Changes what may still change of an open intent.
    pub(crate) fn amend(
        &mut self,
        id: &str,
        metadata: BTreeMap<String, String>,
        description: Option<String>,
        method: Option<Method>,
    ) -> Result<Value, Refusal> {
        for (key, value) in metadata {
            let carrying = self.tagged.entry((key.clone(), value.clone())).or_default();
            carrying.push(id.to_owned());
            self.intent_mut(id)?.order.metadata.insert(key, value);
        }
        let intent = self.intent_mut(id)?;
        intent.order.description = description.or(intent.order.description.take());
        if let Some(method) = method {
            fits(&intent.order, &method)?;
            intent.state = State::RequiresConfirmation { method };
        }
        self.intent_json(id)
    }

    /// The traveller's answer on the challenge page, and whether there was anything to answer.
    pub(crate) fn answer_challenge(&mut self, id: &str, approved: bool) -> Result<(&Intent, bool), Refusal> {
        self.asker = Asker::default();
        let charge = self.next_id("ch");
        let answered = self.intent_mut(id)?.answer_challenge(approved, charge);
        if answered {
            self.charged(id);
        }
        Ok((self.intent(id)?, answered))
    }

    /// What a debit was waiting for is known.
    pub(super) fn settle_intent(&mut self, id: &str) {
        if self.intents.get_mut(id).is_some_and(Intent::settle) {
            self.charged(id);
        }
    }

    /// What follows from an intent's new state: what becomes of its method, and the events that tell of it.
    fn charged(&mut self, id: &str) {
        let Some(intent) = self.intents.get(id) else { return };
        tracing::debug!(intent.id = id, intent.status = intent.status(), "a payment intent moved");
        let (json, charge) = (intent.json(&self.binding.site), intent.charge_json());
        let (of_charge, of_intent) = match &intent.state {
            State::Succeeded { .. } => ("charge.succeeded", "payment_intent.succeeded"),
            State::Processing { .. } => ("charge.pending", "payment_intent.processing"),
            State::RequiresAction { .. } => ("", "payment_intent.requires_action"),
            State::Canceled { .. } => ("", "payment_intent.canceled"),
            State::RequiresPaymentMethod { .. } | State::RequiresConfirmation { .. } => {
                ("", "payment_intent.payment_failed")
            }
        };
        let used = match &intent.state {
            State::Succeeded { method, .. } => Some((method.id.clone(), true)),
            State::Processing { method, .. } => Some((method.id.clone(), false)),
            _ => None,
        };
        let owner = intent.order.customer.clone().filter(|_| intent.order.future_usage.is_some());
        if let Some((method, paid)) = used {
            self.method_used(&method, owner.as_deref().filter(|_| paid));
        }
        if let Some(charge) = charge {
            let charge_id = charge["id"].as_str().unwrap_or_default().to_owned();
            self.charges.insert(charge_id, id.to_owned());
            self.tell(of_charge, &charge);
        }
        self.tell(of_intent, &json);
    }

    /// The intents that carry all of `metadata`, and whether there are more.
    pub(crate) fn intents(
        &self,
        metadata: &BTreeMap<String, String>,
        customer: Option<&str>,
        page: &Page,
    ) -> (Vec<Value>, bool) {
        let wanted = |intent: &Intent| {
            customer.is_none_or(|customer| intent.order.customer.as_deref() == Some(customer))
                && metadata.iter().all(|(key, value)| intent.order.metadata.get(key) == Some(value))
        };
        let json = |intent: &Intent| intent.json(&self.binding.site);
        let Some((key, value)) = metadata.iter().next() else {
            return list(&self.intents, page, wanted, json);
        };
        let carrying = self.tagged.get(&(key.clone(), value.clone())).map_or(&[][..], Vec::as_slice);
        let carrying = carrying.iter().rev().filter_map(|id| self.intents.get_key_value(id));
        cut(carrying, page, wanted, json)
    }

    /// Stripe's `charge` object.
    pub(crate) fn charge_json(&self, id: &str) -> Result<Value, Refusal> {
        let intent = self.charges.get(id).and_then(|intent| self.intents.get(intent));
        intent.and_then(Intent::charge_json).ok_or_else(|| Refusal::missing("charge", "charge"))
    }

    /// The intent of a charge.
    pub(crate) fn intent_of_charge(&self, id: &str) -> Result<&str, Refusal> {
        self.charges.get(id).map(String::as_str).ok_or_else(|| Refusal::missing("charge", "charge"))
    }

    pub(super) fn intent_mut(&mut self, id: &str) -> Result<&mut Intent, Refusal> {
        self.intents.get_mut(id).ok_or_else(|| Refusal::missing("payment_intent", "intent"))
    }
}

/// Refuses a method that may not pay an order.
fn fits(order: &Order, method: &Method) -> Result<(), Refusal> {
    method.usable_by(order.customer.as_deref())?;
    let word = method.kind.word();
    if order.types.iter().any(|kind| kind == word) {
        return Ok(());
    }
    let message = format!(
        "The PaymentMethod provided ({word}) is not allowed for this PaymentIntent. Its types are {}.",
        order.types.join(", ")
    );
    Err(Refusal::parameter("payment_intent_incompatible_payment_method", "payment_method", message))
}
