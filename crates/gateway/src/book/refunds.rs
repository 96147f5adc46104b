//! The book's refunds: never more than came in, some of them later.

use std::collections::BTreeMap;

use kernel::Currency;
use serde_json::{Value, json};

use super::Book;
use super::list::{Page, list};
use crate::cards::Scenario;
use crate::faults::Fault;
use crate::intent::{Intent, State};
use crate::method::Kind;
use crate::refusal::Refusal;

/// Money given back of an intent.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    id: String,
    intent: String,
    charge: String,
    amount: i64,
    currency: Currency,
    created: i64,
    reason: Option<String>,
    metadata: BTreeMap<String, String>,
    status: Status,
    /// What is still to come, if anything.
    next: Option<Status>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Pending,
    Succeeded,
    Failed,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl Refund {
    /// Stripe's `refund` object.
    pub(super) fn json(&self) -> Value {
        let failed = self.status == Status::Failed;
        let mut object = json!({
            "id": self.id, "object": "refund", "amount": self.amount, "charge": self.charge, "created": self.created,
            "currency": self.currency.as_str().to_lowercase(), "metadata": self.metadata,
            "payment_intent": self.intent, "reason": self.reason, "status": self.status.word(),
        });
        if failed {
            object["failure_reason"] = json!("lost_or_stolen_card");
        }
        object
    }
}

/// What a caller asks to be given back.
pub(crate) struct RefundOrder {
    /// All that is left, where none is said.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Book {
    /// Gives money back. The sum given back is checked and raised in one step, so it cannot exceed what came in.
    pub(crate) fn refund(&mut self, intent_id: &str, order: RefundOrder) -> Result<Value, Refusal> {
        let id = self.next_id("re");
        let (site, created) = (self.binding.site.clone(), self.now());
        let intent = self.intent_mut(intent_id)?;
        let json = intent.json(&site);
        let Intent { order: paid, state: State::Succeeded { charge, refunded, method }, .. } = intent else {
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
        let (scenario, by_bank) = (method.kind.scenario(), matches!(method.kind, Kind::Bank(_)));
        let (status, next) = self.course(&id, scenario, by_bank);
        let RefundOrder { reason, metadata, .. } = order;
        let intent = intent_id.to_owned();
        let refund = Refund {
            id: id.clone(),
            intent,
            charge,
            amount,
            currency,
            created,
            reason,
            metadata,
            status,
            next,
        };
        let json = refund.json();
        self.refunds.insert(id.clone(), refund);
        if next.is_some() {
            self.settle_later(&id);
        }
        self.tell("refund.created", &json);
        if status == Status::Succeeded {
            self.tell_charge(intent_id, "charge.refunded");
        }
        Ok(json)
    }

    /// How a refund begins, and what is still to come. A debit's always takes its time.
    fn course(&self, id: &str, scenario: Scenario, by_bank: bool) -> (Status, Option<Status>) {
        let faults = &self.binding.faults;
        match scenario {
            Scenario::RefundsLater { fails: true } => (Status::Pending, Some(Status::Failed)),
            Scenario::RefundsLater { fails: false } => (Status::Pending, Some(Status::Succeeded)),
            Scenario::RefundsBounce => (Status::Succeeded, Some(Status::Failed)),
            _ if faults.befalls(Fault::RefundFailed, id) => (Status::Pending, Some(Status::Failed)),
            _ if by_bank || faults.befalls(Fault::RefundPending, id) => {
                (Status::Pending, Some(Status::Succeeded))
            }
            _ => (Status::Succeeded, None),
        }
    }

    /// What was still to come has come. Money that could not be given back counts as ours again.
    pub(super) fn settle_refund(&mut self, id: &str) {
        let Some(refund) = self.refunds.get_mut(id) else { return };
        let Some(next) = refund.next.take() else { return };
        refund.status = next;
        let (json, intent_id, amount) = (refund.json(), refund.intent.clone(), refund.amount);
        if next == Status::Failed
            && let Some(Intent { state: State::Succeeded { refunded, .. }, .. }) =
                self.intents.get_mut(&intent_id)
        {
            *refunded -= amount;
        }
        self.tell("refund.updated", &json);
        self.tell("charge.refund.updated", &json);
        match next {
            Status::Failed => self.tell("refund.failed", &json),
            _ => self.tell_charge(&intent_id, "charge.refunded"),
        }
    }

    fn tell_charge(&mut self, intent: &str, kind: &'static str) {
        if let Some(charge) = self.intents.get(intent).and_then(Intent::charge_json) {
            self.tell(kind, &charge);
        }
    }

    pub(crate) fn refund_json(&self, id: &str) -> Result<Value, Refusal> {
        let refund = self.refunds.get(id).ok_or_else(|| Refusal::missing("refund", "refund"))?;
        Ok(refund.json())
    }

    /// The refunds of an intent, or all, and whether there are more.
    pub(crate) fn refunds(&self, intent: Option<&str>, page: &Page) -> (Vec<Value>, bool) {
        list(&self.refunds, page, |refund| intent.is_none_or(|id| refund.intent == id), Refund::json)
    }
}
