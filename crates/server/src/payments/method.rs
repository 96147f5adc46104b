//! What the traveller pays with. A raw card number is accepted in demo mode only, goes to the gateway, and is forgotten.

use kernel::Category;
use platform::config::Mode;
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to pay. Give a `token` from the gateway; in demo mode a test card `number` will do.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MethodBody {
    /// `card`.
    #[serde(rename = "type")]
    #[schema(example = "card")]
    pub(super) kind: String,
    /// A payment method of the gateway.
    #[schema(example = "pm_card_visa")]
    pub(super) token: Option<String>,
    /// A test number, in demo mode: 4242 4242 4242 4242 succeeds, 4000 0000 0000 0002 declines, 4000 0025 0000 3155 asks for
    /// a step-up, 4000 0000 0000 0408 answers too late.
    #[schema(example = "4242424242424242")]
    pub(super) number: Option<String>,
}

impl std::fmt::Debug for MethodBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MethodBody({})", self.kind)
    }
}

/// A checked method.
pub(super) enum Method {
    /// A token of the gateway's.
    Token(String),
    /// A test number, digits only.
    Number(String),
}

/// What is kept and shown of a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MethodView {
    /// `card`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The card's brand, where the number told it.
    pub brand: Option<String>,
    /// The number's last four digits, where we saw it.
    pub last4: Option<String>,
}

impl MethodBody {
    /// Checks the method against the mode.
    pub(super) fn check(&self, mode: Mode) -> Result<Method, Problem> {
        if self.kind != "card" {
            return Err(Problem::invalid("method.type", "it must be card"));
        }
        match (&self.token, &self.number) {
            (Some(token), None) => {
                let fits = (1..=255).contains(&token.len())
                    && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                fits.then(|| Method::Token(token.clone()))
                    .ok_or_else(|| Problem::invalid("method.token", "it must be a token of the gateway"))
            }
            (None, Some(_)) if mode != Mode::Demo => {
                Err(Problem::new(Category::Unprocessable, "card_number_refused").field("method.number"))
            }
            (None, Some(number)) => {
                let digits: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
                let fits =
                    (12..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
                fits.then_some(Method::Number(digits))
                    .ok_or_else(|| Problem::invalid("method.number", "it must be 12 to 19 digits"))
            }
            _ => Err(Problem::invalid("method", "give either token or number")),
        }
    }
}

impl Method {
    /// What is kept of it.
    pub(super) fn view(&self) -> MethodView {
        let (brand, last4) = match self {
            Self::Token(_) => (None, None),
            Self::Number(digits) => {
                (brand(digits), digits.get(digits.len().saturating_sub(4)..).map(str::to_owned))
            }
        };
        MethodView { kind: "card".into(), brand, last4 }
    }

    /// The gateway's parameters for it.
    pub(super) fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Token(token) => vec![("payment_method", token.clone())],
            Self::Number(digits) => vec![
                ("payment_method_data[type]", "card".into()),
                ("payment_method_data[card][number]", digits.clone()),
                ("payment_method_data[card][exp_month]", "12".into()),
                ("payment_method_data[card][exp_year]", "2034".into()),
                ("payment_method_data[card][cvc]", "123".into()),
            ],
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
    use super::*;

    fn body(token: Option<&str>, number: Option<&str>) -> MethodBody {
        MethodBody { kind: "card".into(), token: token.map(str::to_owned), number: number.map(str::to_owned) }
    }

    #[test]
    fn raw_numbers_are_for_the_demo() {
        let number = body(None, Some("4242 4242 4242 4242"));
        assert_eq!(
            number.check(Mode::Production).err().map(|problem| problem.code),
            Some("card_number_refused")
        );
        let view = number.check(Mode::Demo).ok().map(|method| method.view());
        assert_eq!(view.and_then(|view| view.last4).as_deref(), Some("4242"));
        assert!(body(Some("pm_card_visa"), None).check(Mode::Production).is_ok());
        assert!(body(Some("pm"), Some("4242424242424242")).check(Mode::Demo).is_err(), "one of the two");
        assert!(body(None, None).check(Mode::Demo).is_err());
        assert_eq!(format!("{number:?}"), "MethodBody(card)", "no number in a log");
    }
}
