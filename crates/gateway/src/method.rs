//! Payment methods: a card (or the wallet it is in), a bank account, UPI; alone or kept for a customer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::bank::Bank;
use crate::cards::{Card, Scenario};
use crate::form::Params;
use crate::refusal::Refusal;

/// The types this gateway has, in Stripe's words.
pub(crate) const TYPES: [&str; 3] = ["card", "us_bank_account", "upi"];

/// What the money comes from.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Card(Card),
    Bank(Bank),
    Upi,
}

impl Kind {
    /// The method in the parameters: `type` and what goes by its name, below `prefix` unless that is empty. `today` is
    /// the present year and month.
    pub(crate) fn read(params: &Params, prefix: &str, today: (i16, i8)) -> Result<Self, Refusal> {
        let name = |field: &str| {
            if prefix.is_empty() { field.to_owned() } else { format!("{prefix}[{field}]") }
        };
        match params.required(&name("type"))? {
            "card" => Card::read(params, &name("card"), today).map(Self::Card),
            "us_bank_account" => Bank::read(params, &name("us_bank_account")).map(Self::Bank),
            "upi" => Ok(Self::Upi),
            _ => Err(unknown_type(&name("type"))),
        }
    }

    /// The method behind a well-known token: `pm_card_visa`, `pm_usBankAccount_success`, `pm_upi`.
    pub(crate) fn from_token(token: &str, today: (i16, i8)) -> Option<Self> {
        let card = || Card::from_token(token, today).map(Self::Card);
        let bank = || Bank::from_token(token).map(Self::Bank);
        if token == "pm_upi" { Some(Self::Upi) } else { card().or_else(bank) }
    }

    pub(crate) fn scenario(&self) -> Scenario {
        match self {
            Self::Card(card) => card.scenario,
            Self::Bank(bank) => bank.scenario,
            Self::Upi => Scenario::Redirects,
        }
    }

    /// The word for the type.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::Bank(_) => "us_bank_account",
            Self::Upi => "upi",
        }
    }

    /// What is shown under the type's word.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Card(card) => card.json(),
            Self::Bank(bank) => bank.json(),
            Self::Upi => json!({ "vpa": null }),
        }
    }
}

/// 400: a type that this gateway has not.
pub(crate) fn unknown_type(param: &str) -> Refusal {
    let message = format!("This gateway takes payment methods of the types {}.", TYPES.join(", "));
    Refusal::parameter("parameter_invalid", param, message)
}

/// A method under the id callers know it by.
#[derive(Clone, Debug)]
pub(crate) struct Method {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) kind: Kind,
    pub(crate) customer: Option<String>,
    /// Whether the traveller has approved its later use.
    pub(crate) set_up: bool,
    /// Used without a customer, or detached from one: it cannot be used again.
    pub(crate) spent: bool,
    pub(crate) billing: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Method {
    /// Stripe's `payment_method` object.
    pub(crate) fn json(&self) -> Value {
        let billing = |field: &str| self.billing.get(field);
        let mut object = json!({
            "id": self.id, "object": "payment_method", "type": self.kind.word(), "created": self.created,
            "customer": self.customer, "livemode": false, "metadata": self.metadata, "allow_redisplay": "unspecified",
            "billing_details": {
                "name": billing("name"), "email": billing("email"), "phone": billing("phone"), "address": null,
            },
        });
        object[self.kind.word()] = self.kind.json();
        object
    }

    /// Refuses a method that may not be used by `customer`: Stripe's rules for methods that are, or were, somebody's.
    pub(crate) fn usable_by(&self, customer: Option<&str>) -> Result<(), Refusal> {
        if self.spent {
            let message = "The provided PaymentMethod was previously used without being attached to a Customer or was \
                           detached from a Customer, and may not be used again.";
            return Err(Refusal::parameter("payment_method_unexpected_state", "payment_method", message));
        }
        match (&self.customer, customer) {
            (Some(owner), user) if user != Some(owner) => {
                let message = "The payment method belongs to a Customer. Please include the Customer in the `customer` \
                               parameter.";
                Err(Refusal::parameter("resource_missing", "payment_method", message))
            }
            _ => Ok(()),
        }
    }
}
