//! The book's setup intents.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::list::{Page, list};
use super::{Asker, Book};
use crate::http::Answer;
use crate::method::Method;
use crate::once::Outcome;
use crate::refusal::Refusal;
use crate::setup::{Setup, SetupState};
use crate::verdict;

/// What a caller asks for when it opens a setup intent.
pub(crate) struct SetupOrder {
    pub(crate) customer: Option<String>,
    pub(crate) usage: String,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) description: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) types: Vec<String>,
}

impl Book {
    pub(crate) fn open_setup(
        &mut self,
        order: SetupOrder,
        method: Option<Method>,
    ) -> Result<String, Refusal> {
        if let Some(customer) = &order.customer {
            self.customer(customer)?;
        }
        if let Some(method) = &method {
            method.usable_by(order.customer.as_deref())?;
        }
        let state = match method {
            Some(method) => SetupState::RequiresConfirmation { method },
            None => SetupState::RequiresPaymentMethod { last_error: None },
        };
        let (id, created) = (self.next_id("seti"), self.now());
        let SetupOrder { customer, usage, metadata, description, return_url, types } = order;
        let setup = Setup {
            id: id.clone(),
            created,
            customer,
            usage,
            metadata,
            description,
            return_url,
            types,
            state,
        };
        let json = setup.json(&self.binding.site);
        self.setups.insert(id.clone(), setup);
        self.tell("setup_intent.created", &json);
        Ok(id)
    }

    pub(crate) fn setup(&self, id: &str) -> Result<&Setup, Refusal> {
        self.setups.get(id).ok_or_else(|| Refusal::missing("setupintent", "intent"))
    }

    pub(crate) fn setup_json(&self, id: &str) -> Result<Value, Refusal> {
        Ok(self.setup(id)?.json(&self.binding.site))
    }

    /// Makes a method ready for later use.
    pub(crate) fn confirm_setup(
        &mut self,
        id: &str,
        method: Method,
        return_url: Option<String>,
    ) -> Result<Outcome, Refusal> {
        method.usable_by(self.setup(id)?.customer.as_deref())?;
        let verdict = verdict::of_setup(&method);
        let setup = self.setup_mut(id)?;
        setup.return_url = return_url.or(setup.return_url.take());
        setup.try_with(method, verdict);
        self.set_up(id);
        let setup = self.setup(id)?;
        let json = setup.json(&self.binding.site);
        Ok(Outcome::Answered(match &setup.state {
            SetupState::RequiresPaymentMethod { last_error: Some(failure) } => {
                let mut error = failure.json();
                error["setup_intent"] = json;
                Answer::new(StatusCode::PAYMENT_REQUIRED, &json!({ "error": error }))
            }
            _ => Answer::ok(&json),
        }))
    }

    /// The traveller's answer on the challenge page, and whether there was anything to answer.
    pub(crate) fn answer_setup(&mut self, id: &str, approved: bool) -> Result<(&Setup, bool), Refusal> {
        self.asker = Asker::default();
        let answered = self.setup_mut(id)?.answer_challenge(approved);
        if answered {
            self.set_up(id);
        }
        Ok((self.setup(id)?, answered))
    }

    pub(crate) fn cancel_setup(&mut self, id: &str, reason: Option<String>) -> Result<Value, Refusal> {
        self.setup_mut(id)?.cancel(reason)?;
        self.set_up(id);
        self.setup_json(id)
    }

    /// The setup intents of a customer, or all, and whether there are more.
    pub(crate) fn setups(&self, customer: Option<&str>, page: &Page) -> (Vec<Value>, bool) {
        let wanted =
            |setup: &Setup| customer.is_none_or(|customer| setup.customer.as_deref() == Some(customer));
        list(&self.setups, page, wanted, |setup| setup.json(&self.binding.site))
    }

    /// What follows from a setup intent's new state.
    fn set_up(&mut self, id: &str) {
        let Some(setup) = self.setups.get(id) else { return };
        let json = setup.json(&self.binding.site);
        let kind = match &setup.state {
            SetupState::Succeeded { .. } => "setup_intent.succeeded",
            SetupState::RequiresAction { .. } => "setup_intent.requires_action",
            SetupState::Canceled { .. } => "setup_intent.canceled",
            SetupState::RequiresPaymentMethod { .. } | SetupState::RequiresConfirmation { .. } => {
                "setup_intent.setup_failed"
            }
        };
        if let (SetupState::Succeeded { method }, customer) = (&setup.state, &setup.customer) {
            let (method, customer) = (method.id.clone(), customer.clone());
            match customer {
                Some(customer) => self.keep_for(&method, &customer, true),
                None => {
                    if let Some(method) = self.methods.get_mut(&method) {
                        method.set_up = true;
                    }
                }
            }
        }
        self.tell(kind, &json);
    }

    fn setup_mut(&mut self, id: &str) -> Result<&mut Setup, Refusal> {
        self.setups.get_mut(id).ok_or_else(|| Refusal::missing("setupintent", "intent"))
    }
}
