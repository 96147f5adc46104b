//! What webhooks are sent with: calls to the Internet alone, and a circuit for each receiver.

use std::time::Duration;

use kernel::WebhookId;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use platform::breaker::{self, Breaker};
use platform::config;

use crate::egress::{Client, Post, Refused, Sent, Settings, system_resolver};

/// Circuits that are remembered.
const CIRCUITS_MAX: u64 = 20_000;

/// Sends webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    client: Client,
    breakers: breaker::Settings,
    /// The latest used: who is not asked for long is forgotten.
    circuits: Cache<WebhookId, Breaker>,
}

impl Sender {
    /// A sender by the settings.
    pub fn new(config: &config::Webhooks, breakers: &config::Breakers) -> anyhow::Result<Self> {
        let settings = Settings {
            ca: ("webhooks.ca_file", &config.ca_file),
            allow_private: config.allow_private,
            answer_time: Duration::from_millis(config.answer_ms),
        };
        Ok(Self {
            client: Client::new(&settings, system_resolver())?,
            breakers: breaker::Settings::from(breakers).for_receivers(),
            circuits: Cache::builder()
                .max_capacity(CIRCUITS_MAX)
                .eviction_policy(EvictionPolicy::lru())
                .build(),
        })
    }

    /// The circuit of a webhook's receiver. Those of programs have one name together in the metrics: there may be any number.
    pub(super) fn circuit(&self, webhook: WebhookId, of_a_program: bool) -> Breaker {
        let breaker = || {
            let name = if of_a_program { "webhooks_of_programs".to_owned() } else { webhook.to_string() };
            Breaker::new(name, self.breakers)
        };
        self.circuits.get_with(webhook, breaker)
    }

    /// How long a try may take.
    pub(super) fn answer_time(&self) -> Duration {
        self.client.answer_time()
    }

    /// Whether anything may be sent to a URL now.
    pub(super) async fn check(&self, url: &str, usual_port: bool) -> Result<(), Refused> {
        self.client.check(url, usual_port).await
    }

    /// Sends JSON, and reads the beginning of the answer.
    pub(super) async fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: &str) -> Sent {
        let mut headers = headers;
        headers.push(("content-type", "application/json".to_owned()));
        headers.push(("user-agent", concat!("Udaan-Webhooks/", env!("CARGO_PKG_VERSION")).to_owned()));
        self.client.post(&Post { url: url.to_owned(), headers, body: body.to_owned().into() }).await
    }
}
