//! The book: every intent, payment method and refund of this run, under ids that sort by their age.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use kernel::Currency;
use serde_json::{Value, json};

use crate::cards::{Card, Scenario};
use crate::http::Answer;
use crate::intent::{Intent, Method, Order, State};
use crate::once::Outcome;
use crate::refusal::Refusal;

/// Everything the gateway knows.
pub(crate) struct Book {
    seed: u64,
    issued: u64,
    site: String,
    intents: BTreeMap<String, Intent>,
    methods: BTreeMap<String, Method>,
    refunds: BTreeMap<String, Refund>,
}

/// Money given back of an intent.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    id: String,
    intent: String,
    charge: String,
    amount: i64,
    currency: Currency,
    created: i64,
    reason: Option<String>,
    metadata: BTreeMap<String, String>,
}

impl Refund {
    /// Stripe's `refund` object.
    fn json(&self) -> Value {
        json!({
            "id": self.id, "object": "refund", "amount": self.amount, "charge": self.charge, "created": self.created,
            "currency": self.currency.as_str().to_lowercase(), "metadata": self.metadata,
            "payment_intent": self.intent, "reason": self.reason, "status": "succeeded",
        })
    }
}

/// What a caller asks to be given back.
pub(crate) struct RefundOrder {
    /// All that is left, where none is said.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A page of a list, as Stripe pages: newest first, from after an id.
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) after: Option<String>,
}

impl Book {
    pub(crate) fn new(seed: u64, site: String) -> Self {
        let (intents, methods, refunds) = Default::default();
        Self { seed, issued: 0, site, intents, methods, refunds }
    }

    /// Keeps a card under a new id.
    pub(crate) fn add_method(&mut self, card: Card, now: i64) -> Method {
        let method = Method { id: self.next_id("pm"), created: now, card };
        self.methods.insert(method.id.clone(), method.clone());
        method
    }

    pub(crate) fn method(&self, id: &str) -> Result<&Method, Refusal> {
        self.methods.get(id).ok_or_else(|| Refusal::missing("PaymentMethod", "payment_method"))
    }

    /// Opens an intent, which waits for `method` or for its confirmation.
    pub(crate) fn open(&mut self, order: Order, method: Option<Method>, now: i64) -> String {
        let state = match method {
            Some(method) => State::RequiresConfirmation { method },
            None => State::RequiresPaymentMethod { last_error: None },
        };
        let id = self.next_id("pi");
        self.intents.insert(id.clone(), Intent { id: id.clone(), created: now, order, state });
        id
    }

    pub(crate) fn intent(&self, id: &str) -> Result<&Intent, Refusal> {
        self.intents.get(id).ok_or_else(|| Refusal::missing("payment_intent", "intent"))
    }

    pub(crate) fn intent_json(&self, id: &str) -> Result<Value, Refusal> {
        Ok(self.intent(id)?.json(&self.site))
    }

    /// Charges `method` for the intent; the answer is what the method's scenario lets the caller hear.
    pub(crate) fn confirm(
        &mut self,
        id: &str,
        method: Method,
        return_url: Option<String>,
    ) -> Result<Outcome, Refusal> {
        let charge = self.next_id("ch");
        let scenario = method.card.scenario;
        let intent = self.intent_mut(id)?;
        intent.order.return_url = return_url.or(intent.order.return_url.take());
        intent.charge(method, charge);
        let intent = self.intent(id)?;
        tracing::info!(intent.id = id, intent.status = intent.status(), "the payment intent was confirmed");
        Ok(match (scenario, &intent.state) {
            (Scenario::AnswerLost, _) => Outcome::Withheld(Answer::ok(&intent.json(&self.site))),
            (Scenario::ServerError, _) => {
                Outcome::Answered(Refusal::of_ours(StatusCode::INTERNAL_SERVER_ERROR).answer())
            }
            (_, State::RequiresPaymentMethod { last_error: Some(failure) }) => {
                let mut error = failure.json();
                error["payment_intent"] = intent.json(&self.site);
                Outcome::Answered(Answer::new(StatusCode::PAYMENT_REQUIRED, &json!({ "error": error })))
            }
            _ => Outcome::Answered(Answer::ok(&intent.json(&self.site))),
        })
    }

    pub(crate) fn cancel(&mut self, id: &str, reason: Option<String>, now: i64) -> Result<Value, Refusal> {
        let site = self.site.clone();
        self.intent_mut(id)?.cancel(now, reason, &site)?;
        self.intent_json(id)
    }

    /// The traveller's answer on the challenge page, and whether there was anything to answer.
    pub(crate) fn answer_challenge(&mut self, id: &str, approved: bool) -> Result<(&Intent, bool), Refusal> {
        let charge = self.next_id("ch");
        let intent = self.intent_mut(id)?;
        let answered = intent.answer_challenge(approved, charge);
        tracing::info!(intent.id = id, intent.status = intent.status(), answered, "a challenge was answered");
        Ok((intent, answered))
    }

    /// Gives money back. The sum given back is checked and raised in one step, so it cannot exceed what came in.
    pub(crate) fn refund(&mut self, intent_id: &str, order: RefundOrder, now: i64) -> Result<Value, Refusal> {
        let id = self.next_id("re");
        let site = self.site.clone();
        let intent = self.intent_mut(intent_id)?;
        let json = intent.json(&site);
        let Intent { order: paid, state: State::Succeeded { charge, refunded, .. }, .. } = intent else {
            let message =
                format!("This PaymentIntent ({intent_id}) does not have a successful charge to refund.");
            return Err(Refusal::unexpected_state(message, json));
        };
        let left = paid.amount.amount - *refunded;
        let amount = order.amount.unwrap_or(left);
        if left == 0 {
            let message = format!("Charge {charge} has already been refunded.");
            return Err(Refusal::parameter("charge_already_refunded", "payment_intent", message));
        }
        if amount > left {
            let message =
                format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).");
            return Err(Refusal::parameter("amount_too_large", "amount", message));
        }
        *refunded += amount;
        let (charge, currency) = (charge.clone(), paid.amount.currency);
        let RefundOrder { reason, metadata, .. } = order;
        let intent = intent_id.to_owned();
        let refund = Refund { id, intent, charge, amount, currency, created: now, reason, metadata };
        tracing::info!(refund.id, intent.id = intent_id, refund.amount = amount, "a refund was made");
        let json = refund.json();
        self.refunds.insert(refund.id.clone(), refund);
        Ok(json)
    }

    pub(crate) fn refund_json(&self, id: &str) -> Result<Value, Refusal> {
        let refund = self.refunds.get(id).ok_or_else(|| Refusal::missing("refund", "refund"))?;
        Ok(refund.json())
    }

    /// The intents that carry all of `metadata`, and whether there are more.
    pub(crate) fn intents(&self, metadata: &BTreeMap<String, String>, page: &Page) -> (Vec<Value>, bool) {
        let carries = |intent: &Intent| {
            metadata.iter().all(|(key, value)| intent.order.metadata.get(key) == Some(value))
        };
        list(&self.intents, page, carries, |intent| intent.json(&self.site))
    }

    /// The refunds of an intent, or all, and whether there are more.
    pub(crate) fn refunds(&self, intent: Option<&str>, page: &Page) -> (Vec<Value>, bool) {
        list(&self.refunds, page, |refund| intent.is_none_or(|id| refund.intent == id), Refund::json)
    }

    /// Everything, oldest first, for a test that compares it with the books of others.
    pub(crate) fn everything(&self) -> Value {
        let intent_json = |intent: &Intent| {
            let mut json = intent.json(&self.site);
            json["amount_refunded"] = json!(intent.refunded());
            json
        };
        let intents: Vec<Value> = self.intents.values().map(intent_json).collect();
        let refunds: Vec<Value> = self.refunds.values().map(Refund::json).collect();
        json!({ "payment_intents": intents, "refunds": refunds })
    }

    fn intent_mut(&mut self, id: &str) -> Result<&mut Intent, Refusal> {
        self.intents.get_mut(id).ok_or_else(|| Refusal::missing("payment_intent", "intent"))
    }

    fn next_id(&mut self, prefix: &str) -> String {
        self.issued += 1;
        format!("{prefix}_{:016x}{:08x}", self.seed, self.issued)
    }
}

fn list<T>(
    all: &BTreeMap<String, T>,
    page: &Page,
    wanted: impl Fn(&T) -> bool,
    json: impl Fn(&T) -> Value,
) -> (Vec<Value>, bool) {
    let before = |id: &str| page.after.as_deref().is_none_or(|after| id < after);
    let mut found = all.iter().rev().filter(|(id, item)| before(id) && wanted(item));
    let shown = found.by_ref().take(page.limit).map(|(_, item)| json(item)).collect();
    (shown, found.next().is_some())
}
