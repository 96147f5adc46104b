//! What the traveller pays with. A raw card number is accepted in demo mode only, goes to the gateway, and is forgotten.

use kernel::{Category, SavedMethodId};
use platform::config::{CardFields, Config};
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// How to pay. Give the `token` that the browser got from the gateway (`GET /payments/methods` says how), or a method you
/// saved; UPI needs neither. In demo mode a test card `number` will do.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MethodBody {
    /// `card`, `wallet`, `bank`, `upi` or `saved`.
    #[serde(rename = "type")]
    #[schema(example = "card")]
    pub(super) kind: String,
    /// A payment method of the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pm_card_visa")]
    pub(super) token: Option<String>,
    /// A test number, in demo mode: 4242 4242 4242 4242 succeeds, 4000 0000 0000 0002 declines, 4000 0025 0000 3155 asks for
    /// a step-up, 4000 0000 0000 0408 answers too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "4242424242424242")]
    pub(super) number: Option<String>,
    /// A saved method of yours, for the type `saved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "svm_0193f2a1c5d07bb2a4d1c0ffee000004")]
    pub(super) saved_method: Option<SavedMethodId>,
}

impl std::fmt::Debug for MethodBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MethodBody({})", self.kind)
    }
}

/// What a traveller can pay with, beside what they saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MethodKind {
    Card,
    /// A card in a wallet: to the gateway, a card.
    Wallet,
    /// A debit of a bank account, known days later.
    Bank,
    /// Paid in another application.
    Upi,
}

impl MethodKind {
    pub(super) const ALL: [Self; 4] = [Self::Card, Self::Wallet, Self::Bank, Self::Upi];

    /// The word on the wire.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Wallet => "wallet",
            Self::Bank => "bank",
            Self::Upi => "upi",
        }
    }

    /// The kind of that word, if the airline offers it.
    pub(super) fn offered(word: &str, config: &Config) -> Result<Self, Problem> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        kind.filter(|kind| config.gateway.methods.iter().any(|offered| offered == kind.as_str()))
            .ok_or_else(|| Problem::invalid("method.type", "it must be one of GET /payments/methods"))
    }

    /// The gateway's word.
    pub(super) const fn gateway_type(self) -> &'static str {
        match self {
            Self::Card | Self::Wallet => "card",
            Self::Bank => "us_bank_account",
            Self::Upi => "upi",
        }
    }

    /// What the gateway is told of the traveller's consent: a debit needs a mandate.
    pub(super) fn mandate(self) -> Option<(&'static str, String)> {
        (self == Self::Bank).then(|| ("mandate_data[customer_acceptance][type]", "offline".into()))
    }
}

/// A token of the gateway's, and what kind of method it stands for.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: MethodKind,
    pub(super) token: String,
}

/// A checked method.
pub(super) enum Method {
    /// A token of the gateway's.
    Token(Token),
    /// A test number, digits only.
    Number(String),
    /// Paid on another page; nothing to know of it yet.
    Upi,
    /// A saved method, not looked up yet.
    Chosen(SavedMethodId),
    /// A saved method that can be charged.
    Saved { customer: String, method: String, view: MethodView },
}

/// What is kept and shown of a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MethodView {
    /// `card`, `wallet`, `bank` or `upi`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The card's brand, or the wallet, or the bank, once it is known.
    pub brand: Option<String>,
    /// The last four digits of card or account, once they are known.
    pub last4: Option<String>,
}

impl MethodView {
    pub(super) fn of_kind(kind: MethodKind) -> Self {
        Self { kind: kind.as_str().to_owned(), brand: None, last4: None }
    }

    /// What the gateway shows of a method; `None` where it shows its id alone.
    pub(super) fn read(object: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (card, bank) = (&object["card"], &object["us_bank_account"]);
        let (kind, brand, last4) = match object["type"].as_str()? {
            "card" => match text(&card["wallet"]["type"]) {
                Some(wallet) => (MethodKind::Wallet, Some(wallet), &card["last4"]),
                None => (MethodKind::Card, text(&card["brand"]), &card["last4"]),
            },
            "us_bank_account" => (MethodKind::Bank, text(&bank["bank_name"]), &bank["last4"]),
            "upi" => (MethodKind::Upi, None, &Value::Null),
            _ => return None,
        };
        Some(Self { kind: kind.as_str().to_owned(), brand, last4: text(last4) })
    }
}

/// A token as the gateway makes them.
pub(super) fn check_token(token: &str) -> Result<String, Problem> {
    let fits = (1..=255).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then(|| token.to_owned())
        .ok_or_else(|| Problem::invalid("method.token", "it must be a token of the gateway"))
}

impl MethodBody {
    /// Checks the method against the mode and what is on offer.
    pub(super) fn check(&self, config: &Config) -> Result<Method, Problem> {
        let given = (&self.token, &self.number, self.saved_method);
        if self.kind == "saved" {
            return match given {
                (None, None, Some(id)) => Ok(Method::Chosen(id)),
                _ => Err(Problem::invalid("method", "give saved_method and nothing else")),
            };
        }
        let kind = MethodKind::offered(&self.kind, config)?;
        match given {
            (Some(token), None, None) => Ok(Method::Token(Token { kind, token: check_token(token)? })),
            (None, None, None) if kind == MethodKind::Upi => Ok(Method::Upi),
            (None, Some(number), None) if kind == MethodKind::Card => check_number(number, config),
            _ => Err(Problem::invalid("method", "give the gateway's token")),
        }
    }
}

/// A number is taken where our own fields are shown, which is with test numbers alone.
fn check_number(number: &str, config: &Config) -> Result<Method, Problem> {
    if config.card_fields() != CardFields::Own {
        return Err(Problem::new(Category::Unprocessable, "card_number_refused").field("method.number"));
    }
    let digits: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let fits = (12..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(Method::Number(digits))
        .ok_or_else(|| Problem::invalid("method.number", "it must be 12 to 19 digits"))
}

impl Method {
    /// What is kept of it until the gateway shows more.
    pub(super) fn view(&self) -> MethodView {
        match self {
            Self::Token(token) => MethodView::of_kind(token.kind),
            Self::Number(digits) => {
                let last4 = digits.get(digits.len().saturating_sub(4)..).map(str::to_owned);
                MethodView { brand: brand(digits), last4, ..MethodView::of_kind(MethodKind::Card) }
            }
            Self::Upi => MethodView::of_kind(MethodKind::Upi),
            Self::Chosen(_) => MethodView { kind: "saved".into(), brand: None, last4: None },
            Self::Saved { view, .. } => view.clone(),
        }
    }

    /// The gateway's parameters for it.
    pub(super) fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Token(Token { kind, token }) => {
                let mut params = vec![
                    ("payment_method", token.clone()),
                    ("payment_method_types[]", kind.gateway_type().into()),
                ];
                params.extend(kind.mandate());
                params
            }
            Self::Number(digits) => vec![
                ("payment_method_data[type]", "card".into()),
                ("payment_method_data[card][number]", digits.clone()),
                ("payment_method_data[card][exp_month]", "12".into()),
                ("payment_method_data[card][exp_year]", "2034".into()),
                ("payment_method_data[card][cvc]", "123".into()),
                ("payment_method_types[]", "card".into()),
            ],
            Self::Upi => {
                vec![("payment_method_data[type]", "upi".into()), ("payment_method_types[]", "upi".into())]
            }
            // Never sent: it is looked up first.
            Self::Chosen(_) => Vec::new(),
            Self::Saved { customer, method, .. } => {
                vec![("customer", customer.clone()), ("payment_method", method.clone())]
            }
        }
    }
}

/// The brand by the first digit (ISO/IEC 7812: 3 travel, 4 and 5 banking).
fn brand(digits: &str) -> Option<String> {
    let brand = match digits.as_bytes().first()? {
        b'3' => "amex",
        b'4' => "visa",
        b'5' => "mastercard",
        _ => return None,
    };
    Some(brand.to_owned())
}

#[cfg(test)]
mod tests {
    use platform::config::Mode;
    use serde_json::json;

    use super::*;

    fn body(kind: &str, token: Option<&str>, number: Option<&str>) -> MethodBody {
        let text = |text: Option<&str>| text.map(str::to_owned);
        MethodBody { kind: kind.into(), token: text(token), number: text(number), saved_method: None }
    }

    fn config(mode: Mode) -> Config {
        Config { mode, ..Config::default() }
    }

    #[test]
    fn raw_numbers_are_for_the_demo() {
        let (demo, production) = (config(Mode::Demo), config(Mode::Production));
        let number = body("card", None, Some("4242 4242 4242 4242"));
        let refused = number.check(&production).err().map(|problem| problem.code);
        assert_eq!(refused, Some("card_number_refused"));
        let mut rehearsed = config(Mode::Demo);
        rehearsed.gateway.fields = Some(CardFields::Stripe);
        assert!(number.check(&rehearsed).is_err(), "Stripe's fields are shown, and nothing else is taken");
        let view = number.check(&demo).ok().map(|method| method.view());
        assert_eq!(view.and_then(|view| view.last4).as_deref(), Some("4242"));
        assert!(body("card", Some("pm_card_visa"), None).check(&production).is_ok());
        assert!(body("card", Some("pm"), Some("4242424242424242")).check(&demo).is_err(), "one of the two");
        assert!(body("card", None, None).check(&demo).is_err());
        assert!(body("bank", None, Some("4242424242424242")).check(&demo).is_err());
        assert_eq!(format!("{number:?}"), "MethodBody(card)", "no number in a log");
    }

    #[test]
    fn only_what_is_offered_can_be_paid_with() {
        let mut config = config(Mode::Production);
        for (kind, token) in
            [("card", Some("pm_1")), ("wallet", Some("pm_1")), ("bank", Some("pm_1")), ("upi", None)]
        {
            assert!(body(kind, token, None).check(&config).is_ok(), "{kind}");
        }
        assert!(body("cheque", Some("pm_1"), None).check(&config).is_err());
        assert!(body("saved", Some("pm_1"), None).check(&config).is_err());
        assert!(body("card", Some("pm_1&customer=cus_2"), None).check(&config).is_err());
        config.gateway.methods = vec!["card".into()];
        assert!(body("upi", None, None).check(&config).is_err());
    }

    #[test]
    fn what_the_gateway_shows_is_kept_short() {
        for (object, kind, brand, last4) in [
            (
                json!({"type": "card", "card": {"brand": "visa", "last4": "4242", "wallet": null}}),
                "card",
                Some("visa"),
                Some("4242"),
            ),
            (
                json!({"type": "card", "card": {"brand": "visa", "last4": "4242", "wallet": {"type": "apple_pay"}}}),
                "wallet",
                Some("apple_pay"),
                Some("4242"),
            ),
            (
                json!({"type": "us_bank_account", "us_bank_account": {"bank_name": "TEST BANK", "last4": "6789"}}),
                "bank",
                Some("TEST BANK"),
                Some("6789"),
            ),
            (json!({"type": "upi", "upi": {}}), "upi", None, None),
        ] {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let view = MethodView { kind: kind.into(), brand: text(brand), last4: text(last4) };
            assert_eq!(MethodView::read(&object), Some(view));
        }
        assert_eq!(MethodView::read(&json!("pm_1")), None);
    }
}
