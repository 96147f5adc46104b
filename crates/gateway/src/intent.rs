//! A payment intent: its states, and the steps between them.

use std::collections::BTreeMap;

use kernel::Money;
use serde_json::{Value, json};

use crate::method::Method;
use crate::refusal::Refusal;
use crate::verdict::{Failure, Later, Question, Verdict, next_action};

/// How long a QR code can be paid, in seconds; printed, not enforced.
const QR_SECONDS: i64 = 15 * 60;

/// What a caller asks for when it opens an intent.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) amount: Money,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) description: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) customer: Option<String>,
    /// `on_session` or `off_session`: the method is kept for the customer once the payment succeeds.
    pub(crate) future_usage: Option<String>,
    /// The types that may pay it, in Stripe's words.
    pub(crate) types: Vec<String>,
}

/// One attempt to be paid an amount.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) order: Order,
    pub(crate) state: State,
}

/// Where an intent is, with what is true only there.
#[derive(Clone, Debug)]
pub(crate) enum State {
    RequiresPaymentMethod { last_error: Option<Failure> },
    RequiresConfirmation { method: Method },
    RequiresAction { method: Method, question: Question },
    Processing { method: Method, charge: String, later: Option<Later> },
    Succeeded { method: Method, charge: String, refunded: i64 },
    Canceled { at: i64, reason: Option<String> },
}

impl Intent {
    /// The word for the state.
    pub(crate) fn status(&self) -> &'static str {
        match self.state {
            State::RequiresPaymentMethod { .. } => "requires_payment_method",
            State::RequiresConfirmation { .. } => "requires_confirmation",
            State::RequiresAction { .. } => "requires_action",
            State::Processing { .. } => "processing",
            State::Succeeded { .. } => "succeeded",
            State::Canceled { .. } => "canceled",
        }
    }

    /// What was charged.
    pub(crate) fn received(&self) -> i64 {
        if matches!(self.state, State::Succeeded { .. }) { self.order.amount.amount } else { 0 }
    }

    /// What was given back of it, or is on its way.
    pub(crate) fn refunded(&self) -> i64 {
        if let State::Succeeded { refunded, .. } = self.state { refunded } else { 0 }
    }

    /// The method at hand, if a confirmation may use one: only an intent that waits for its payment has one.
    pub(crate) fn method_to_confirm(&self) -> Option<&Method> {
        match &self.state {
            State::RequiresConfirmation { method } | State::RequiresAction { method, .. } => Some(method),
            _ => None,
        }
    }

    /// The method it was charged with, or is to be.
    pub(crate) fn method(&self) -> Option<&Method> {
        match &self.state {
            State::Processing { method, .. } | State::Succeeded { method, .. } => Some(method),
            _ => self.method_to_confirm(),
        }
    }

    /// True while a payment may still be attempted.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, State::Processing { .. } | State::Succeeded { .. } | State::Canceled { .. })
    }

    /// Charges `method`, as far as the issuer's word goes.
    pub(crate) fn charge(&mut self, method: Method, verdict: Verdict, charge: String) {
        self.state = match verdict {
            Verdict::Yes => State::Succeeded { method, charge, refunded: 0 },
            Verdict::No { code, decline_code } => State::RequiresPaymentMethod {
                last_error: Some(Failure::declined(code, decline_code, method)),
            },
            Verdict::Ask(question) => State::RequiresAction { method, question },
            Verdict::Later(later) => State::Processing { method, charge, later },
        };
    }

    /// The traveller's answer to the question. False when there was no question.
    pub(crate) fn answer_challenge(&mut self, approved: bool, charge: String) -> bool {
        let State::RequiresAction { method, question } = &self.state else { return false };
        let method = method.clone();
        let failure = match (approved, question) {
            (false, _) => Some(Failure::not_authenticated(method.clone())),
            (true, Question::StepUp { then: Some((code, decline_code)) }) => {
                Some(Failure::declined(code, Some(decline_code), method.clone()))
            }
            (true, _) => None,
        };
        self.state = match failure {
            None => State::Succeeded { method, charge, refunded: 0 },
            last_error => State::RequiresPaymentMethod { last_error },
        };
        true
    }

    /// What was to be known later is known. False when nothing was, or it never will be.
    pub(crate) fn settle(&mut self) -> bool {
        let State::Processing { method, charge, later: Some(later) } = &self.state else { return false };
        let (method, charge) = (method.clone(), charge.clone());
        self.state = match later.failure {
            None => State::Succeeded { method, charge, refunded: 0 },
            Some(code) => State::RequiresPaymentMethod { last_error: Some(Failure::returned(code, method)) },
        };
        true
    }

    /// Gives the intent up; what is processing or has succeeded stays so.
    pub(crate) fn cancel(&mut self, at: i64, reason: Option<String>, site: &str) -> Result<(), Refusal> {
        if !self.is_open() {
            let message =
                format!("You cannot cancel this PaymentIntent because it has a status of {}.", self.status());
            return Err(Refusal::unexpected_state(message, self.json(site)));
        }
        self.state = State::Canceled { at, reason };
        Ok(())
    }

    /// Stripe's `payment_intent` object. Challenge addresses begin with `site`.
    pub(crate) fn json(&self, site: &str) -> Value {
        let last_error = match &self.state {
            State::RequiresPaymentMethod { last_error } => last_error.as_ref().map(Failure::json),
            _ => None,
        };
        let charge = match &self.state {
            State::Succeeded { charge, .. } | State::Processing { charge, .. } => Some(charge),
            _ => None,
        };
        let (canceled_at, reason) = match &self.state {
            State::Canceled { at, reason } => (Some(at), reason.as_ref()),
            _ => (None, None),
        };
        json!({
            "id": self.id, "object": "payment_intent", "livemode": false,
            "amount": self.order.amount.amount, "amount_received": self.received(), "amount_capturable": 0,
            "currency": self.order.amount.currency.as_str().to_lowercase(),
            "status": self.status(), "created": self.created, "client_secret": format!("{}_secret_test", self.id),
            "metadata": self.order.metadata, "description": self.order.description,
            "customer": self.order.customer, "setup_future_usage": self.order.future_usage,
            "capture_method": "automatic", "confirmation_method": "automatic",
            "payment_method_types": self.order.types, "payment_method_options": {},
            "payment_method": self.method().map(|method| &method.id), "latest_charge": charge,
            "last_payment_error": last_error, "next_action": self.next_action(site), "processing": null,
            "canceled_at": canceled_at, "cancellation_reason": reason,
        })
    }

    fn next_action(&self, site: &str) -> Option<Value> {
        let State::RequiresAction { question, .. } = self.state else { return None };
        let url = format!("{site}/challenge/{}", self.id);
        Some(next_action(question, &url, self.order.return_url.as_deref(), self.created + QR_SECONDS))
    }

    /// Stripe's `charge` object, for an intent that has one.
    pub(crate) fn charge_json(&self) -> Option<Value> {
        let (State::Processing { method, charge, .. } | State::Succeeded { method, charge, .. }) =
            &self.state
        else {
            return None;
        };
        let paid = matches!(self.state, State::Succeeded { .. });
        let mut details = json!({ "type": method.kind.word() });
        details[method.kind.word()] = method.kind.json();
        Some(json!({
            "id": charge, "object": "charge", "livemode": false, "payment_intent": self.id,
            "amount": self.order.amount.amount, "amount_captured": self.received(),
            "amount_refunded": self.refunded(), "refunded": paid && self.refunded() == self.received(),
            "currency": self.order.amount.currency.as_str().to_lowercase(), "created": self.created,
            "captured": paid, "paid": paid, "status": if paid { "succeeded" } else { "pending" },
            "customer": self.order.customer, "description": self.order.description, "metadata": self.order.metadata,
            "payment_method": method.id, "payment_method_details": details, "failure_code": null,
            "failure_message": null,
        }))
    }
}
