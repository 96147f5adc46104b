//! `GET /payments/methods`: what a traveller can pay with, and how a browser turns it into a token.

use axum::extract::State;
use platform::config::{CardFields, Config};
use platform::http::Json;
use platform::http::site::Guests;
use serde::Serialize;
use utoipa::ToSchema;

use super::method::MethodKind;
use crate::app::App;

/// What can be paid with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"methods": [{"type": "card", "needs_token": true, "outcome": "at_once", "currency": null},
    {"type": "bank", "needs_token": true, "outcome": "later", "currency": "USD"}], "publishable_key": "pk_test_udaan",
    "tokens_url": "http://127.0.0.1:8090/v1/payment_methods", "test_numbers": true, "fields": "own"}))]
pub(super) struct MethodsView {
    /// In the order to show them.
    methods: Vec<OfferedMethod>,
    /// The key a browser shows the gateway.
    publishable_key: String,
    /// Where a program makes tokens of test numbers: POST a form with `key`, `type` and the method's own fields (Stripe's
    /// `PaymentMethods`). Where `fields` is `stripe`, a page makes them with Stripe.js and the key instead.
    tokens_url: String,
    /// Whose fields a page shows for what needs a token: `own` for test numbers, `stripe` for those of Stripe.js, or `none`, where
    /// whoever calls brings tokens of the gateway.
    #[schema(example = "own")]
    fields: &'static str,
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
    /// The only currency that it pays; `null`: any.
    #[schema(example = "USD")]
    currency: Option<&'static str>,
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

/// Whom the page lets in beside this host to take payments.
///
/// With our own fields that is the gateway, which the page asks for tokens of test numbers. With Stripe's fields it is what Stripe names for
/// Stripe.js (<https://docs.stripe.com/security/guide#content-security-policy>): its scripts, its frames with what is typed into them, the pages
/// of banks in frames, and its API. Wallets are asked for by Stripe's frames and by its script in the page.
#[must_use]
pub fn guests(config: &Config) -> Guests {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match config.card_fields() {
        CardFields::None => Guests::default(),
        CardFields::Own => Guests { asked: tokens_origin(config).into_iter().collect(), ..Guests::default() },
        CardFields::Stripe => Guests {
            asked: names(&["https://api.stripe.com"]),
            scripts: names(&STRIPE_JS),
            frames: names(&[STRIPE_JS[0], STRIPE_JS[1], "https://hooks.stripe.com"]),
            payers: names(&STRIPE_JS),
        },
    }
}

const STRIPE_JS: [&str; 2] = ["https://js.stripe.com", "https://*.js.stripe.com"];

/// The host of the gateway, as a policy names it.
fn tokens_origin(config: &Config) -> Option<String> {
    let origin = url::Url::parse(base(config)).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

fn view(config: &Config) -> MethodsView {
    let (gateway, fields) = (&config.gateway, config.card_fields());
    // The test gateway takes any currency for either.
    let at_stripe = |currency| (gateway.is_stripe() || fields == CardFields::Stripe).then_some(currency);
    let offered = |word: &String| {
        let kind = MethodKind::offered(word, config).ok()?;
        let (outcome, currency) = match kind {
            MethodKind::Card | MethodKind::Wallet => ("at_once", None),
            MethodKind::Bank => ("later", at_stripe("USD")),
            MethodKind::Upi => ("redirect", at_stripe("INR")),
        };
        Some(OfferedMethod { kind: kind.as_str(), needs_token: kind != MethodKind::Upi, outcome, currency })
    };
    MethodsView {
        methods: gateway.methods.iter().filter_map(offered).collect(),
        publishable_key: gateway.publishable_key.clone(),
        tokens_url: format!("{}/v1/payment_methods", base(config)),
        fields: match fields {
            CardFields::None => "none",
            CardFields::Own => "own",
            CardFields::Stripe => "stripe",
        },
        test_numbers: fields == CardFields::Own,
    }
}

#[cfg(test)]
mod tests {
    use platform::config::Mode;

    use super::*;

    #[test]
    fn pages_make_tokens_of_test_numbers_alone() {
        let asked = |config: &Config| guests(config).asked;
        let mut config = Config { mode: Mode::Demo, ..Config::default() };
        config.gateway.url = "http://127.0.0.1:8090/".into();
        assert_eq!(asked(&config), ["http://127.0.0.1:8090"]);
        config.gateway.browser_url = "https://cards.example:8443/below".into();
        assert_eq!(asked(&config), ["https://cards.example:8443"]);
        config.gateway.browser_url = "data:nothing".into();
        assert!(asked(&config).is_empty());
        config.gateway.browser_url.clear();
        config.mode = Mode::Production;
        assert_eq!(guests(&config), Guests::default());
    }

    #[test]
    fn stripe_is_let_in_where_its_fields_are_shown_and_the_gateway_is_not() {
        let mut config = Config::default();
        config.gateway.url = "https://api.stripe.com".into();
        config.gateway.browser_url = "https://cards.example".into();
        let let_in = guests(&config);
        assert_eq!(let_in.asked, ["https://api.stripe.com"]);
        assert_eq!(let_in.scripts, STRIPE_JS);
        assert_eq!(
            let_in.frames,
            ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"]
        );
        config.gateway.fields = Some(CardFields::None);
        assert_eq!(guests(&config), Guests::default());
    }

    #[test]
    fn what_is_offered_goes_by_the_fields() {
        let mut config = Config { mode: Mode::Demo, ..Config::default() };
        let shown = |config: &Config| {
            let view = view(config);
            let currencies: Vec<_> = view.methods.iter().filter_map(|method| method.currency).collect();
            (view.fields, view.test_numbers, currencies)
        };
        assert_eq!(shown(&config), ("own", true, vec![]));
        config.gateway.fields = Some(CardFields::Stripe);
        assert_eq!(shown(&config), ("stripe", false, vec!["USD", "INR"]));
        config = Config::default();
        assert_eq!(shown(&config), ("none", false, vec![]));
        config.gateway.url = "https://api.stripe.com".into();
        assert_eq!(shown(&config), ("stripe", false, vec!["USD", "INR"]));
    }
}
