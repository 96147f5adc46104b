//! `GET /payments/methods`: what a traveller can pay with, and how a browser turns it into a token.

use axum::extract::State;
use platform::config::{Config, Mode};
use platform::http::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::method::MethodKind;
use crate::app::App;

/// What can be paid with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"methods": [{"type": "card", "needs_token": true, "outcome": "at_once"},
    {"type": "bank", "needs_token": true, "outcome": "later"}], "publishable_key": "pk_test_udaan",
    "tokens_url": "http://127.0.0.1:8090/v1/payment_methods", "test_numbers": true}))]
pub(super) struct MethodsView {
    /// In the order to show them.
    methods: Vec<OfferedMethod>,
    /// The key a browser shows the gateway.
    publishable_key: String,
    /// Where a browser makes tokens: POST a form with `key`, `type` and the method's own fields (Stripe's `PaymentMethods`). With
    /// Stripe, use Stripe.js and the key instead.
    tokens_url: String,
    /// Whether `POST /payments` takes test card numbers.
    test_numbers: bool,
}

/// One way to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfferedMethod {
    /// `card`, `wallet`, `bank` or `upi`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whether a token of the gateway is needed.
    needs_token: bool,
    /// `at_once`, `redirect` (the traveller goes to another page) or `later` (known after days).
    outcome: &'static str,
}

/// What a traveller can pay with.
#[utoipa::path(get, path = "/payments/methods", tag = "payments",
    responses((status = 200, description = "The methods", body = MethodsView)))]
pub(super) async fn list_methods(State(app): State<App>) -> Json<MethodsView> {
    Json(view(&app.config))
}

/// Where browsers reach the gateway.
fn base(config: &Config) -> &str {
    let gateway = &config.gateway;
    let base = if gateway.browser_url.is_empty() { &gateway.url } else { &gateway.browser_url };
    base.trim_end_matches('/')
}

/// The host that the web app's page makes tokens of test numbers at, as a policy names it. None where the page sends no card's number
/// anywhere: with a gateway that takes real cards they are typed into that gateway's own fields.
#[must_use]
pub fn tokens_origin(config: &Config) -> Option<String> {
    let origin = (config.mode == Mode::Demo).then(|| url::Url::parse(base(config)).ok())??.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

fn view(config: &Config) -> MethodsView {
    let gateway = &config.gateway;
    let offered = |word: &String| {
        let kind = MethodKind::offered(word, config).ok()?;
        let outcome = match kind {
            MethodKind::Card | MethodKind::Wallet => "at_once",
            MethodKind::Bank => "later",
            MethodKind::Upi => "redirect",
        };
        Some(OfferedMethod { kind: kind.as_str(), needs_token: kind != MethodKind::Upi, outcome })
    };
    MethodsView {
        methods: gateway.methods.iter().filter_map(offered).collect(),
        publishable_key: gateway.publishable_key.clone(),
        tokens_url: format!("{}/v1/payment_methods", base(config)),
        test_numbers: config.mode == Mode::Demo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_make_tokens_of_test_numbers_alone() {
        let mut config = Config { mode: Mode::Demo, ..Config::default() };
        config.gateway.url = "http://127.0.0.1:8090/".into();
        assert_eq!(tokens_origin(&config).as_deref(), Some("http://127.0.0.1:8090"));
        config.gateway.browser_url = "https://cards.example:8443/below".into();
        assert_eq!(tokens_origin(&config).as_deref(), Some("https://cards.example:8443"));
        config.gateway.browser_url = "data:nothing".into();
        assert_eq!(tokens_origin(&config), None);
        config.gateway.browser_url.clear();
        config.mode = Mode::Production;
        assert_eq!(tokens_origin(&config), None);
    }
}
