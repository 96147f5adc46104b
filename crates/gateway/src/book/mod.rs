//! The book: everything of this run, under ids that sort by their age.
//!
//! A step of the book is one call on it: what it changes and the events that tell of it enter together.

mod customers;
mod intents;
mod list;
mod refunds;
mod setups;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use kernel::Clock;
use serde_json::{Value, json};

pub(crate) use self::customers::CustomerDetails;
pub(crate) use self::intents::Confirmation;
pub(crate) use self::list::Page;
pub(crate) use self::refunds::RefundOrder;
pub(crate) use self::setups::SetupOrder;

use self::customers::Customer;
use self::refunds::Refund;
use crate::faults::Faults;
use crate::intent::Intent;
use crate::method::{Kind, Method};
use crate::refusal::Refusal;
use crate::setup::Setup;
use crate::webhooks::{Endpoint, Event, Outlet};

/// Stripe keeps events for thirty days; this book, the newest of them.
const EVENTS_KEPT: usize = 20_000;

/// Who asks for a step, for the events that tell of it.
#[derive(Clone, Default)]
pub(crate) struct Asker {
    pub(crate) request: Option<String>,
    pub(crate) key: Option<String>,
}

/// What a book is made with.
pub(crate) struct Binding {
    pub(crate) seed: u64,
    pub(crate) site: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Arc<Faults>,
    /// Seconds until what is pending is settled.
    pub(crate) settle_after: i64,
    /// Where new events go to be delivered.
    pub(crate) outlet: Outlet,
}

/// Everything the gateway knows.
pub(crate) struct Book {
    binding: Binding,
    issued: u64,
    asker: Asker,
    intents: BTreeMap<String, Intent>,
    /// The intents that carry a pair of metadata, oldest first.
    tagged: HashMap<(String, String), Vec<String>>,
    /// The intent of a charge.
    charges: HashMap<String, String>,
    methods: BTreeMap<String, Method>,
    refunds: BTreeMap<String, Refund>,
    customers: BTreeMap<String, Customer>,
    setups: BTreeMap<String, Setup>,
    /// What is pending, by the second it is settled in.
    due: BTreeSet<(i64, String)>,
    events: BTreeMap<String, Arc<Event>>,
    endpoints: BTreeMap<String, Endpoint>,
}

impl Book {
    pub(crate) fn new(binding: Binding) -> Self {
        Self {
            binding,
            issued: 0,
            asker: Asker::default(),
            intents: BTreeMap::new(),
            tagged: HashMap::new(),
            charges: HashMap::new(),
            methods: BTreeMap::new(),
            refunds: BTreeMap::new(),
            customers: BTreeMap::new(),
            setups: BTreeMap::new(),
            due: BTreeSet::new(),
            events: BTreeMap::new(),
            endpoints: BTreeMap::new(),
        }
    }

    /// The present second.
    pub(crate) fn now(&self) -> i64 {
        self.binding.clock.now().as_second()
    }

    /// Says who asks for the next steps.
    pub(crate) fn asked_by(&mut self, asker: Asker) {
        self.asker = asker;
    }

    /// Settles everything whose time has come.
    pub(crate) fn pass(&mut self) {
        let now = self.now();
        while self.due.first().is_some_and(|(due, _)| *due <= now) {
            let Some((_, id)) = self.due.pop_first() else { break };
            self.settle(&id);
        }
    }

    /// Settles everything that is pending, whatever the time; the number of things settled.
    pub(crate) fn settle_all(&mut self) -> usize {
        let mut settled = 0;
        while let Some((_, id)) = self.due.pop_first() {
            self.settle(&id);
            settled += 1;
        }
        settled
    }

    fn settle(&mut self, id: &str) {
        self.asker = Asker::default();
        if id.starts_with("re_") { self.settle_refund(id) } else { self.settle_intent(id) }
    }

    fn settle_later(&mut self, id: &str) {
        let due = self.now() + self.binding.settle_after;
        self.due.insert((due, id.to_owned()));
    }

    /// Keeps a method under a new id.
    pub(crate) fn add_method(&mut self, kind: Kind) -> Method {
        let (id, created) = (self.next_id("pm"), self.now());
        let (billing, metadata) = Default::default();
        let (customer, set_up, spent) = (None, false, false);
        let method = Method { id, created, kind, customer, set_up, spent, billing, metadata };
        self.methods.insert(method.id.clone(), method.clone());
        method
    }

    /// The same, with what its caller says of it.
    pub(crate) fn add_described_method(
        &mut self,
        kind: Kind,
        billing: BTreeMap<String, String>,
        metadata: BTreeMap<String, String>,
    ) -> Value {
        let id = self.add_method(kind).id;
        let Some(method) = self.methods.get_mut(&id) else { return Value::Null };
        (method.billing, method.metadata) = (billing, metadata);
        method.json()
    }

    pub(crate) fn method(&self, id: &str) -> Result<&Method, Refusal> {
        self.methods.get(id).ok_or_else(|| Refusal::missing("PaymentMethod", "payment_method"))
    }

    /// The event that tells of a change to `object`, and its way out.
    fn tell(&mut self, kind: &'static str, object: &Value) {
        let id = self.next_id("evt");
        let waiting = self.endpoints.values().filter(|endpoint| endpoint.wants(kind)).count();
        let body = json!({
            "id": id, "object": "event", "api_version": crate::API_VERSION, "created": self.now(), "livemode": false,
            "data": { "object": object }, "pending_webhooks": waiting, "type": kind,
            "request": { "id": self.asker.request, "idempotency_key": self.asker.key },
        });
        let event = Arc::new(Event { id: id.clone(), kind, body: body.to_string() });
        self.events.insert(id, Arc::clone(&event));
        if self.events.len() > EVENTS_KEPT {
            self.events.pop_first();
        }
        // Nobody listens any more once the service is closing.
        let _ = self.binding.outlet.send(event);
    }

    pub(crate) fn event(&self, id: &str) -> Result<&Arc<Event>, Refusal> {
        self.events.get(id).ok_or_else(|| Refusal::missing("event", "id"))
    }

    /// The events of some types, or all, and whether there are more.
    pub(crate) fn events(&self, kinds: &[&str], page: &Page) -> (Vec<Value>, bool) {
        let wanted = |event: &Arc<Event>| kinds.is_empty() || kinds.contains(&event.kind);
        list::list(&self.events, page, wanted, |event| event.json())
    }

    pub(crate) fn endpoints(&self) -> &BTreeMap<String, Endpoint> {
        &self.endpoints
    }

    pub(crate) fn endpoint_mut(&mut self, id: &str) -> Result<&mut Endpoint, Refusal> {
        self.endpoints.get_mut(id).ok_or_else(|| Refusal::missing("webhook endpoint", "id"))
    }

    /// Registers an endpoint; events from now on go there.
    pub(crate) fn add_endpoint(
        &mut self,
        url: String,
        secret: Option<String>,
        kinds: Vec<String>,
    ) -> &mut Endpoint {
        let id = self.next_id("we");
        let secret = secret.unwrap_or_else(|| self.next_id("whsec"));
        let endpoint = Endpoint::new(id.clone(), url, secret, kinds, self.now());
        self.endpoints.entry(id).or_insert(endpoint)
    }

    pub(crate) fn remove_endpoint(&mut self, id: &str) -> Result<(), Refusal> {
        self.endpoints.remove(id).map(drop).ok_or_else(|| Refusal::missing("webhook endpoint", "id"))
    }

    /// A fresh secret for an endpoint; the one before signs too, until the next roll.
    pub(crate) fn roll_secret(&mut self, id: &str) -> Result<String, Refusal> {
        let secret = self.next_id("whsec");
        self.endpoint_mut(id)?.roll(secret.clone());
        Ok(secret)
    }

    /// Everything, oldest first, for a test that compares it with the books of others.
    pub(crate) fn everything(&self) -> Value {
        let intent_json = |intent: &Intent| {
            let mut json = intent.json(&self.binding.site);
            json["amount_refunded"] = json!(intent.refunded());
            json
        };
        let intents: Vec<Value> = self.intents.values().map(intent_json).collect();
        let refunds: Vec<Value> = self.refunds.values().map(Refund::json).collect();
        let setups: Vec<Value> = self.setups.values().map(|setup| setup.json(&self.binding.site)).collect();
        let customers: Vec<Value> = self.customers.values().map(Customer::json).collect();
        json!({
            "payment_intents": intents, "refunds": refunds, "setup_intents": setups, "customers": customers,
            "pending": self.due.len(),
        })
    }

    fn next_id(&mut self, prefix: &str) -> String {
        self.issued += 1;
        format!("{prefix}_{:016x}{:08x}", self.binding.seed, self.issued)
    }
}
