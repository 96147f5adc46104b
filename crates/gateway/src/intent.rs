//! A payment intent: its states, and the steps between them.

use std::collections::BTreeMap;

use kernel::Money;
use serde_json::{Value, json};

use crate::cards::{Card, Scenario};
use crate::refusal::Refusal;

/// A card under the id callers know it by.
#[derive(Clone, Debug)]
pub(crate) struct Method {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) card: Card,
}

impl Method {
    /// Stripe's `payment_method` object.
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id, "object": "payment_method", "type": "card", "card": self.card.json(),
            "created": self.created, "customer": null, "livemode": false, "metadata": {},
        })
    }
}

/// What a caller asks for when it opens an intent.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) amount: Money,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) description: Option<String>,
    pub(crate) return_url: Option<String>,
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
    RequiresAction { method: Method },
    Succeeded { method: Method, charge: String, refunded: i64 },
    Canceled { at: i64, reason: Option<String> },
}

/// Why the last attempt did not succeed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    kind: &'static str,
    code: &'static str,
    decline_code: Option<&'static str>,
    message: &'static str,
    method: Method,
}

impl Failure {
    fn declined(code: &'static str, decline_code: &'static str, method: Method) -> Self {
        let message = match decline_code {
            "insufficient_funds" => "Your card has insufficient funds.",
            "expired_card" => "Your card has expired.",
            "incorrect_cvc" => "Your card's security code is incorrect.",
            _ => "Your card was declined.",
        };
        Self { kind: "card_error", code, decline_code: Some(decline_code), message, method }
    }

    fn not_authenticated(method: Method) -> Self {
        let message = "The provided PaymentMethod has failed authentication. You can provide \
                       payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.";
        let code = "payment_intent_authentication_failure";
        Self { kind: "invalid_request_error", code, decline_code: None, message, method }
    }

    /// Stripe's `last_payment_error` object, which is also the `error` of a declined call.
    pub(crate) fn json(&self) -> Value {
        let mut error = json!({
            "type": self.kind, "code": self.code, "message": self.message, "payment_method": self.method.json(),
        });
        if let Some(decline_code) = self.decline_code {
            error["decline_code"] = json!(decline_code);
        }
        error
    }
}

impl Intent {
    /// The word for the state.
    pub(crate) fn status(&self) -> &'static str {
        match self.state {
            State::RequiresPaymentMethod { .. } => "requires_payment_method",
            State::RequiresConfirmation { .. } => "requires_confirmation",
            State::RequiresAction { .. } => "requires_action",
            State::Succeeded { .. } => "succeeded",
            State::Canceled { .. } => "canceled",
        }
    }

    /// What was charged.
    pub(crate) fn received(&self) -> i64 {
        if matches!(self.state, State::Succeeded { .. }) { self.order.amount.amount } else { 0 }
    }

    /// What was given back of it.
    pub(crate) fn refunded(&self) -> i64 {
        if let State::Succeeded { refunded, .. } = self.state { refunded } else { 0 }
    }

    /// The method at hand, if a confirmation may use one: only an intent that waits for its payment has one.
    pub(crate) fn method_to_confirm(&self) -> Option<&Method> {
        match &self.state {
            State::RequiresConfirmation { method } | State::RequiresAction { method } => Some(method),
            _ => None,
        }
    }

    /// True while a payment may still be attempted.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, State::Succeeded { .. } | State::Canceled { .. })
    }

    /// Charges `method`, as far as its scenario goes without the traveller.
    pub(crate) fn charge(&mut self, method: Method, charge: String) {
        self.state = match method.card.scenario {
            Scenario::Declines { code, decline_code } => State::RequiresPaymentMethod {
                last_error: Some(Failure::declined(code, decline_code, method)),
            },
            Scenario::StepUp => State::RequiresAction { method },
            Scenario::Succeeds | Scenario::AnswerLost | Scenario::RequestLost | Scenario::ServerError => {
                State::Succeeded { method, charge, refunded: 0 }
            }
        };
    }

    /// The traveller's answer to the step-up. False when there was no question.
    pub(crate) fn answer_challenge(&mut self, approved: bool, charge: String) -> bool {
        let State::RequiresAction { method } = &self.state else { return false };
        let method = method.clone();
        self.state = if approved {
            State::Succeeded { method, charge, refunded: 0 }
        } else {
            State::RequiresPaymentMethod { last_error: Some(Failure::not_authenticated(method)) }
        };
        true
    }

    /// Gives the intent up; what has succeeded stays so, and is refunded instead.
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
        let (last_error, method, charge) = match &self.state {
            State::RequiresPaymentMethod { last_error } => {
                (last_error.as_ref().map(Failure::json), None, None)
            }
            State::RequiresConfirmation { method } | State::RequiresAction { method } => {
                (None, Some(&method.id), None)
            }
            State::Succeeded { method, charge, .. } => (None, Some(&method.id), Some(charge)),
            State::Canceled { .. } => (None, None, None),
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
            "capture_method": "automatic", "confirmation_method": "automatic", "payment_method_types": ["card"],
            "payment_method": method, "latest_charge": charge, "last_payment_error": last_error,
            "next_action": self.next_action(site), "canceled_at": canceled_at, "cancellation_reason": reason,
        })
    }

    fn next_action(&self, site: &str) -> Option<Value> {
        let url = format!("{site}/challenge/{}", self.id);
        let redirect = json!({ "url": url, "return_url": self.order.return_url });
        matches!(self.state, State::RequiresAction { .. })
            .then(|| json!({ "type": "redirect_to_url", "redirect_to_url": redirect }))
    }
}
