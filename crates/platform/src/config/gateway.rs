//! The payment gateway, and the fields that cards are typed into.

use std::collections::BTreeMap;

use kernel::{Currency, Money};
use serde::Deserialize;

use super::{Config, Mode};

/// Where Stripe's API is.
const STRIPE: &str = "https://api.stripe.com";

/// Whose fields a card is typed into on our page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardFields {
    /// No fields: programs bring tokens that they made at the gateway, and our page takes no card.
    None,
    /// Our own, for test numbers.
    Own,
    /// Stripe's, in frames of Stripe's: the number never comes to our page.
    Stripe,
}

impl Config {
    /// The fields that a page shows: those that were set, else Stripe's at Stripe, ours in a demo, and none elsewhere, since a number
    /// that can be charged must not be typed into a page of ours.
    pub fn card_fields(&self) -> CardFields {
        let by_gateway = match self.mode {
            _ if self.gateway.is_stripe() => CardFields::Stripe,
            Mode::Demo => CardFields::Own,
            Mode::Production => CardFields::None,
        };
        self.gateway.fields.unwrap_or(by_gateway)
    }
}

/// The payment gateway: our own test gateway, or Stripe.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// Where its API is.
    pub url: String,
    /// Secret key, sent as a bearer token.
    pub secret_key: String,
    /// The key a browser makes payment methods with; anyone may know it.
    pub publishable_key: String,
    /// Where a browser reaches its API, if that is not `url`.
    pub browser_url: String,
    /// Whose fields the web app shows for a card; by `url` and mode where nothing is said (`Config::card_fields`).
    pub fields: Option<CardFields>,
    /// What travellers may pay with: card, wallet, bank, upi.
    pub methods: Vec<String>,
    /// What webhooks are signed with: one, or two while the old one is being replaced. Without any, none is believed.
    pub webhook_secrets: Vec<String>,
    /// Longest wait for an answer, milliseconds; then the outcome is unknown, never failed.
    pub timeout_ms: u64,
    /// A file of certificates (PEM) to trust besides the operating system's; empty for none.
    pub ca_file: String,
    /// The URL of an HTTP proxy to reach it through; empty for none. Proxies named by the environment are not used.
    pub proxy: String,
    /// The least it charges by currency, minor units. Less is waived: nobody can pay it. A currency that is not here has no
    /// least amount. What is set replaces all of them.
    pub minimum_amounts: BTreeMap<Currency, i64>,
}

/// The least that Stripe charges, by settlement currency: <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>,
/// in minor units.
const STRIPE_MINIMUM_AMOUNTS: [(&str, i64); 24] = [
    ("AED", 200),
    ("AUD", 50),
    ("BGN", 100),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1_000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1_000),
    ("USD", 50),
];

impl Gateway {
    /// Whether it is Stripe, and none that answers like it.
    pub fn is_stripe(&self) -> bool {
        self.url.trim_end_matches('/') == STRIPE
    }

    /// Whether an amount is more than nothing and less than the gateway charges.
    pub fn is_too_small(&self, amount: Money) -> bool {
        let least = self.minimum_amounts.get(&amount.currency).copied().unwrap_or(0);
        amount.amount > 0 && amount.amount < least
    }
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8090".into(),
            secret_key: "sk_test_udaan".into(),
            publishable_key: "pk_test_udaan".into(),
            browser_url: String::new(),
            fields: None,
            methods: ["card", "wallet", "bank", "upi"].map(str::to_owned).to_vec(),
            webhook_secrets: Vec::new(),
            timeout_ms: 5_000,
            ca_file: String::new(),
            proxy: String::new(),
            minimum_amounts: STRIPE_MINIMUM_AMOUNTS
                .into_iter()
                .filter_map(|(code, amount)| Some((code.parse().ok()?, amount)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_that_were_set_or_fit_the_gateway() {
        for (mode, url, set, shown) in [
            (Mode::Demo, "http://127.0.0.1:8090", None, CardFields::Own),
            (Mode::Demo, "https://api.stripe.com", None, CardFields::Stripe),
            (Mode::Production, "https://api.stripe.com/", None, CardFields::Stripe),
            (Mode::Production, "https://api.stripe.com.example", None, CardFields::None),
            (Mode::Production, "https://gateway.example", None, CardFields::None),
            (Mode::Demo, "http://127.0.0.1:8090", Some(CardFields::Stripe), CardFields::Stripe),
            (Mode::Production, "https://api.stripe.com", Some(CardFields::None), CardFields::None),
        ] {
            let gateway = Gateway { url: url.into(), fields: set, ..Gateway::default() };
            let config = Config { mode, gateway, ..Config::default() };
            assert_eq!(config.card_fields(), shown, "{mode:?} {url} {set:?}");
        }
    }
}
