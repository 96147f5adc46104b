//! A setup intent: a method is made ready for later use, with the traveller there to approve it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::method::Method;
use crate::refusal::Refusal;
use crate::verdict::{Failure, Question, Verdict, next_action};

/// One attempt to make a method ready.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: Option<String>,
    pub(crate) usage: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) description: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) types: Vec<String>,
    pub(crate) state: SetupState,
}

/// Where it is.
#[derive(Clone, Debug)]
pub(crate) enum SetupState {
    RequiresPaymentMethod { last_error: Option<Failure> },
    RequiresConfirmation { method: Method },
    RequiresAction { method: Method, question: Question },
    Succeeded { method: Method },
    Canceled { reason: Option<String> },
}

impl Setup {
    /// The word for the state.
    pub(crate) fn status(&self) -> &'static str {
        match self.state {
            SetupState::RequiresPaymentMethod { .. } => "requires_payment_method",
            SetupState::RequiresConfirmation { .. } => "requires_confirmation",
            SetupState::RequiresAction { .. } => "requires_action",
            SetupState::Succeeded { .. } => "succeeded",
            SetupState::Canceled { .. } => "canceled",
        }
    }

    /// True while it may still be attempted.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, SetupState::Succeeded { .. } | SetupState::Canceled { .. })
    }

    /// The method at hand, if a confirmation may use one.
    pub(crate) fn method_to_confirm(&self) -> Option<&Method> {
        match &self.state {
            SetupState::RequiresConfirmation { method } | SetupState::RequiresAction { method, .. } => {
                Some(method)
            }
            _ => None,
        }
    }

    /// Makes `method` ready, as far as the issuer's word goes.
    pub(crate) fn try_with(&mut self, method: Method, verdict: Verdict) {
        self.state = match verdict {
            Verdict::Yes | Verdict::Later(_) => SetupState::Succeeded { method },
            Verdict::No { code, decline_code } => SetupState::RequiresPaymentMethod {
                last_error: Some(Failure::declined(code, decline_code, method)),
            },
            Verdict::Ask(question) => SetupState::RequiresAction { method, question },
        };
    }

    /// The traveller's answer to the question. False when there was no question.
    pub(crate) fn answer_challenge(&mut self, approved: bool) -> bool {
        let SetupState::RequiresAction { method, .. } = &self.state else { return false };
        let method = method.clone();
        self.state = if approved {
            SetupState::Succeeded { method }
        } else {
            let last_error = Some(Failure::setup_not_authenticated(method));
            SetupState::RequiresPaymentMethod { last_error }
        };
        true
    }

    /// Gives it up; a method that is ready stays so.
    pub(crate) fn cancel(&mut self, reason: Option<String>) -> Result<(), Refusal> {
        if !self.is_open() {
            let message =
                format!("You cannot cancel this SetupIntent because it has a status of {}.", self.status());
            return Err(Refusal::setup_unexpected_state(message));
        }
        self.state = SetupState::Canceled { reason };
        Ok(())
    }

    /// Stripe's `setup_intent` object. Challenge addresses begin with `site`.
    pub(crate) fn json(&self, site: &str) -> Value {
        let last_error = match &self.state {
            SetupState::RequiresPaymentMethod { last_error } => last_error.as_ref().map(Failure::json),
            _ => None,
        };
        let method = match &self.state {
            SetupState::Succeeded { method } => Some(method),
            _ => self.method_to_confirm(),
        };
        let action = match self.state {
            SetupState::RequiresAction { question, .. } => {
                let url = format!("{site}/challenge/{}", self.id);
                Some(next_action(question, &url, self.return_url.as_deref(), self.created))
            }
            _ => None,
        };
        let reason = match &self.state {
            SetupState::Canceled { reason } => reason.as_ref(),
            _ => None,
        };
        json!({
            "id": self.id, "object": "setup_intent", "livemode": false, "created": self.created,
            "status": self.status(), "client_secret": format!("{}_secret_test", self.id),
            "customer": self.customer, "description": self.description, "metadata": self.metadata,
            "usage": self.usage, "payment_method": method.map(|method| &method.id),
            "payment_method_types": self.types, "payment_method_options": {}, "last_setup_error": last_error,
            "latest_attempt": null, "mandate": null, "next_action": action, "cancellation_reason": reason,
        })
    }
}
