//! The book's customers, and the methods that are kept for them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Book;
use super::list::{Page, list};
use crate::cards::Scenario;
use crate::method::Method;
use crate::refusal::Refusal;

/// Somebody who pays more than once.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    id: String,
    created: i64,
    details: CustomerDetails,
    deleted: bool,
}

/// What a caller says of a customer. In a change, what is not said stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct CustomerDetails {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl CustomerDetails {
    fn change(&mut self, by: Self) {
        self.name = by.name.or(self.name.take());
        self.email = by.email.or(self.email.take());
        self.phone = by.phone.or(self.phone.take());
        self.description = by.description.or(self.description.take());
        self.metadata.extend(by.metadata);
    }
}

impl Customer {
    /// Stripe's `customer` object.
    pub(super) fn json(&self) -> Value {
        if self.deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        let CustomerDetails { name, email, phone, description, metadata } = &self.details;
        json!({
            "id": self.id, "object": "customer", "livemode": false, "created": self.created, "name": name,
            "email": email, "phone": phone, "description": description, "metadata": metadata, "balance": 0,
            "currency": null, "default_source": null, "delinquent": false, "invoice_settings": {},
            "preferred_locales": [], "shipping": null, "tax_exempt": "none", "address": null,
        })
    }
}

impl Book {
    pub(crate) fn add_customer(&mut self, details: CustomerDetails) -> Value {
        let (id, created) = (self.next_id("cus"), self.now());
        let customer = Customer { id: id.clone(), created, details, deleted: false };
        let json = customer.json();
        self.customers.insert(id, customer);
        self.tell("customer.created", &json);
        json
    }

    /// Refuses a customer that is not there, or not any more.
    pub(crate) fn customer(&self, id: &str) -> Result<(), Refusal> {
        let known = self.customers.get(id).is_some_and(|customer| !customer.deleted);
        known.then_some(()).ok_or_else(|| Refusal::missing("customer", "customer"))
    }

    /// A customer; a deleted one shows that it is.
    pub(crate) fn customer_json(&self, id: &str) -> Result<Value, Refusal> {
        self.customers.get(id).map(Customer::json).ok_or_else(|| Refusal::missing("customer", "customer"))
    }

    pub(crate) fn change_customer(&mut self, id: &str, by: CustomerDetails) -> Result<Value, Refusal> {
        self.customer(id)?;
        if let Some(customer) = self.customers.get_mut(id) {
            customer.details.change(by);
        }
        let json = self.customer_json(id)?;
        self.tell("customer.updated", &json);
        Ok(json)
    }

    /// Forgets a customer, whose methods cannot be used any more.
    pub(crate) fn delete_customer(&mut self, id: &str) -> Result<Value, Refusal> {
        self.customer(id)?;
        for method in self.methods.values_mut().filter(|method| method.customer.as_deref() == Some(id)) {
            (method.customer, method.spent) = (None, true);
        }
        if let Some(customer) = self.customers.get_mut(id) {
            (customer.deleted, customer.details) = (true, CustomerDetails::default());
        }
        let json = self.customer_json(id)?;
        self.tell("customer.deleted", &json);
        Ok(json)
    }

    pub(crate) fn customers(&self, email: Option<&str>, page: &Page) -> (Vec<Value>, bool) {
        let wanted = |customer: &Customer| {
            !customer.deleted && email.is_none_or(|email| customer.details.email.as_deref() == Some(email))
        };
        list(&self.customers, page, wanted, Customer::json)
    }

    /// Keeps a method for a customer. The issuer is asked, and may say no.
    pub(crate) fn attach(&mut self, id: &str, customer: &str) -> Result<Value, Refusal> {
        self.customer(customer)?;
        let method = self.method(id)?;
        if method.customer.is_some() && method.customer.as_deref() != Some(customer) {
            let message = "The payment method you provided has already been attached to a customer.";
            return Err(Refusal::parameter("payment_method_already_attached", "payment_method", message));
        }
        if method.spent {
            method.usable_by(Some(customer))?;
        }
        if let Scenario::Declines { code, decline_code } = method.kind.scenario() {
            return Err(Refusal::declined(code, decline_code, "Your card was declined."));
        }
        self.keep_for(id, customer, false);
        Ok(self.method(id)?.json())
    }

    /// Takes a method from its customer, for good.
    pub(crate) fn detach(&mut self, id: &str) -> Result<Value, Refusal> {
        let method =
            self.methods.get_mut(id).ok_or_else(|| Refusal::missing("PaymentMethod", "payment_method"))?;
        if method.customer.is_none() {
            let message =
                "The payment method you provided is not attached to a customer so detachment is impossible.";
            return Err(Refusal::parameter("payment_method_unexpected_state", "payment_method", message));
        }
        (method.customer, method.spent) = (None, true);
        let json = method.json();
        self.tell("payment_method.detached", &json);
        Ok(json)
    }

    /// A customer's methods of a type, or all, and whether there are more.
    pub(crate) fn methods_of(&self, customer: &str, kind: Option<&str>, page: &Page) -> (Vec<Value>, bool) {
        let wanted = |method: &Method| {
            method.customer.as_deref() == Some(customer) && kind.is_none_or(|kind| kind == method.kind.word())
        };
        list(&self.methods, page, wanted, Method::json)
    }

    /// A method was used: for `owner`, who keeps it, or once and no more.
    pub(super) fn method_used(&mut self, id: &str, owner: Option<&str>) {
        match owner {
            Some(owner) => self.keep_for(id, owner, true),
            None => {
                if let Some(method) = self.methods.get_mut(id)
                    && method.customer.is_none()
                {
                    method.spent = true;
                }
            }
        }
    }

    /// Makes a method a customer's; `set_up` where the traveller has approved its later use.
    pub(super) fn keep_for(&mut self, id: &str, customer: &str, set_up: bool) {
        let Some(method) = self.methods.get_mut(id) else { return };
        let is_new = method.customer.is_none();
        method.customer = Some(customer.to_owned());
        method.set_up |= set_up;
        method.spent = false;
        let json = method.json();
        if is_new {
            self.tell("payment_method.attached", &json);
        }
    }
}
