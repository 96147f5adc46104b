//! Cards: what is kept of one (brand, last four digits, scenario), and the numbers whose scenario is not success.
//! A number enters here, gives its scenario and is forgotten.

use serde_json::{Value, json};

use crate::form::Params;
use crate::refusal::Refusal;

/// What happens when a method is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// The charge succeeds.
    Succeeds,
    /// The issuer says no, to charges and to being kept for a customer.
    Declines { code: &'static str, decline_code: &'static str },
    /// The issuer lets a customer keep the card, and says no to every charge.
    DeclinesWhenCharged { code: &'static str, decline_code: &'static str },
    /// The traveller is asked first, on the challenge page, each time.
    StepUp,
    /// The traveller is asked first, unless the card was set up for later use with the traveller there.
    StepUpUnlessSetUp,
    /// The traveller is asked first; having approved, the issuer says no.
    StepUpThenDeclines { code: &'static str, decline_code: &'static str },
    /// The traveller goes to another page to pay (UPI).
    Redirects,
    /// The charge is processing first, and succeeds or fails later.
    SettlesLater { failure: Option<&'static str> },
    /// The charge stays processing.
    NeverSettles,
    /// The charge succeeds; its refunds are pending first, and succeed or fail later.
    RefundsLater { fails: bool },
    /// The charge succeeds; its refunds succeed first, and fail later.
    RefundsBounce,
    /// The charge succeeds, and its answer comes later than anyone waits.
    AnswerLost,
    /// The call never arrives: its answer comes later than anyone waits, and nothing was done.
    RequestLost,
    /// The charge succeeds, and the answer is HTTP 500.
    ServerError,
}

/// A number, or the token that stands for it, with what it does.
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    /// What follows `pm_card_` or `tok_`, with or without `visa_` between.
    pub(crate) token: &'static str,
    pub(crate) scenario: Scenario,
    pub(crate) what: &'static str,
}

const fn declines(
    number: &'static str,
    token: &'static str,
    code: &'static str,
    decline_code: &'static str,
) -> TestCard {
    TestCard { number, token, scenario: Scenario::Declines { code, decline_code }, what: decline_code }
}

const fn card(number: &'static str, token: &'static str, scenario: Scenario, what: &'static str) -> TestCard {
    TestCard { number, token, scenario, what }
}

const GENERIC: (&str, &str) = ("card_declined", "generic_decline");

/// Stripe's well-known numbers first, ours last. Every other number that passes Luhn's check succeeds.
pub(crate) const TEST_CARDS: &[TestCard] = &[
    card("4242424242424242", "visa", Scenario::Succeeds, "succeeds"),
    card("5555555555554444", "mastercard", Scenario::Succeeds, "succeeds"),
    card("378282246310005", "amex", Scenario::Succeeds, "succeeds"),
    declines("4000000000000002", "chargeDeclined", GENERIC.0, GENERIC.1),
    declines("4000000000009995", "chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    declines("4000000000009987", "chargeDeclinedLostCard", "card_declined", "lost_card"),
    declines("4000000000009979", "chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    declines("4000000000000069", "chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    declines("4000000000000127", "chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    declines("4000000000000119", "chargeDeclinedProcessingError", "processing_error", "processing_error"),
    declines(
        "4000000000006975",
        "chargeDeclinedVelocityLimitExceeded",
        "card_declined",
        "card_velocity_exceeded",
    ),
    card(
        "4000000000000341",
        "chargeCustomerFail",
        Scenario::DeclinesWhenCharged { code: GENERIC.0, decline_code: GENERIC.1 },
        "can be saved, and declines when it is charged",
    ),
    card(
        "4000002500003155",
        "authenticationRequiredOnSetup",
        Scenario::StepUpUnlessSetUp,
        "asks for approval, unless it was saved with approval before",
    ),
    card("4000002760003184", "authenticationRequired", Scenario::StepUp, "asks for approval, each time"),
    card("4000000000003220", "threeDSecure2Required", Scenario::StepUp, "asks for approval, each time"),
    card(
        "4000008400001629",
        "threeDSecureRequiredChargeDeclined",
        Scenario::StepUpThenDeclines { code: GENERIC.0, decline_code: GENERIC.1 },
        "asks for approval, and declines once approved",
    ),
    card(
        "4000000000007726",
        "pendingRefund",
        Scenario::RefundsLater { fails: false },
        "succeeds; its refunds are pending, then succeed",
    ),
    card(
        "4000000000005126",
        "refundFail",
        Scenario::RefundsBounce,
        "succeeds; its refunds succeed, then fail",
    ),
    card(
        "4000000000005134",
        "pendingRefundFail",
        Scenario::RefundsLater { fails: true },
        "succeeds; its refunds are pending, then fail",
    ),
    card("4000000000000408", "answerLost", Scenario::AnswerLost, "charges, and its answer never comes"),
    card(
        "4000000000000416",
        "requestLost",
        Scenario::RequestLost,
        "never answers and charges nothing; works on the second call with its idempotency key",
    ),
    card("4000000000000500", "serverError", Scenario::ServerError, "charges, and answers HTTP 500"),
];

/// Wallets are cards with a word for the wallet; a browser gets their tokens from the wallet, so they have no number of
/// their own. The names are ours: Stripe has no test tokens for them.
pub(crate) const TEST_WALLETS: &[(&str, &str, &str)] = &[
    ("applePay", "apple_pay", "4242424242424242"),
    ("googlePay", "google_pay", "5555555555554444"),
    ("applePayDeclined", "apple_pay", "4000000000000002"),
    ("googlePayAuthenticationRequired", "google_pay", "4000002760003184"),
];

/// What is kept of a card.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) scenario: Scenario,
    brand: &'static str,
    last4: String,
    exp_month: i8,
    exp_year: i16,
    wallet: Option<&'static str>,
}

impl Card {
    /// The card in `{prefix}[number]`, `[exp_month]`, `[exp_year]` and `[cvc]`, or behind `{prefix}[token]`.
    /// `today` is the present year and month.
    pub(crate) fn read(params: &Params, prefix: &str, today: (i16, i8)) -> Result<Self, Refusal> {
        let name = |field: &str| format!("{prefix}[{field}]");
        if let Some(token) = params.get(&name("token")) {
            let known = Self::from_token(token, today);
            return known.ok_or_else(|| Refusal::missing("token", &name("token")));
        }
        let month = params.required(&name("exp_month"))?.parse().unwrap_or(0);
        let year = params.required(&name("exp_year"))?.parse().unwrap_or(0);
        // Two digits mean this century.
        let year = if (0..100).contains(&year) { year + 2000 } else { year };
        let cvc_is_good =
            params.get(&name("cvc")).is_none_or(|cvc| matches!(cvc.len(), 3 | 4) && all_digits(cvc));
        if !(1..=12).contains(&month) {
            return Err(Refusal::card(
                "invalid_expiry_month",
                "exp_month",
                "Your card's expiration month is invalid.",
            ));
        }
        if (year, month) < today || year > today.0 + 50 {
            return Err(Refusal::card(
                "invalid_expiry_year",
                "exp_year",
                "Your card's expiration year is invalid.",
            ));
        }
        if !cvc_is_good {
            return Err(Refusal::card("invalid_cvc", "cvc", "Your card's security code is invalid."));
        }
        Self::from_number(params.required(&name("number"))?, year, month)
            .ok_or_else(|| Refusal::card("incorrect_number", "number", "Your card number is incorrect."))
    }

    /// The card behind a well-known token: `pm_card_visa`, `tok_chargeDeclined` and the like.
    pub(crate) fn from_token(token: &str, today: (i16, i8)) -> Option<Self> {
        let name = token.strip_prefix("pm_card_").or_else(|| token.strip_prefix("tok_"))?;
        let name = name.strip_prefix("visa_").unwrap_or(name);
        let wallet = TEST_WALLETS.iter().find(|(token, ..)| *token == name);
        let number = match wallet {
            Some((.., number)) => number,
            None => TEST_CARDS.iter().find(|card| card.token == name)?.number,
        };
        let card = Self::from_number(number, today.0 + 1, today.1)?;
        Some(Self { wallet: wallet.map(|(_, wallet, _)| *wallet), ..card })
    }

    fn from_number(number: &str, exp_year: i16, exp_month: i8) -> Option<Self> {
        let digits: String = number.chars().filter(|symbol| !matches!(symbol, ' ' | '-')).collect();
        if !(12..=19).contains(&digits.len()) || !all_digits(&digits) {
            return None;
        }
        let scenario = match TEST_CARDS.iter().find(|card| card.number == digits) {
            Some(card) => card.scenario,
            None if passes_luhn(&digits) => Scenario::Succeeds,
            None => return None,
        };
        let last4 = digits.get(digits.len() - 4..)?.to_owned();
        Some(Self { scenario, brand: brand(&digits), last4, exp_month, exp_year, wallet: None })
    }

    /// Stripe's `card` object.
    pub(crate) fn json(&self) -> Value {
        let wallet = self.wallet.map(|kind| {
            let mut wallet = json!({ "type": kind, "dynamic_last4": self.last4 });
            wallet[kind] = json!({});
            wallet
        });
        json!({
            "brand": self.brand, "last4": self.last4, "exp_month": self.exp_month, "exp_year": self.exp_year,
            "country": "US", "funding": "credit", "wallet": wallet, "networks": { "available": [self.brand] },
            "checks": { "cvc_check": "pass", "address_line1_check": null, "address_postal_code_check": null },
            "three_d_secure_usage": { "supported": true },
        })
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The check of ISO/IEC 7812-1 annex B.
fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0')) << (place % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn brand(digits: &str) -> &'static str {
    let first = |length: usize| digits.get(..length).and_then(|head| head.parse::<u32>().ok()).unwrap_or(0);
    match (first(1), first(2), first(4)) {
        (4, _, _) => "visa",
        (_, 51..=55, _) | (_, _, 2221..=2720) => "mastercard",
        (_, 34 | 37, _) => "amex",
        (_, 35, _) => "jcb",
        (_, 60 | 65, _) => "discover",
        (_, 62, _) => "unionpay",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: (i16, i8) = (2026, 11);

    fn read(body: &str) -> Result<Card, Refusal> {
        Card::read(&Params::parse(body.as_bytes()), "card", TODAY)
    }

    #[test]
    fn every_test_number_and_its_token_agree() {
        for test in TEST_CARDS {
            let by_number = Card::from_number(test.number, 2030, 1).expect("a card");
            for prefix in ["pm_card_", "tok_", "pm_card_visa_"] {
                let by_token = Card::from_token(&format!("{prefix}{}", test.token), TODAY).expect("a card");
                assert_eq!(by_token.scenario, by_number.scenario, "{}", test.number);
                assert_eq!(by_token.last4, by_number.last4);
            }
        }
    }

    #[test]
    fn other_numbers_go_by_luhn() {
        for (number, brand) in [
            ("4111 1111 1111 1111", Some("visa")),
            ("3782-822463-10005", Some("amex")),
            ("6011111111111117", Some("discover")),
            ("4111111111111112", None),
            ("41111111", None),
            ("४१११११११११११११११", None),
        ] {
            let card = Card::from_number(number, 2030, 1);
            assert_eq!(card.as_ref().map(|card| card.brand), brand, "{number}");
        }
    }

    #[test]
    fn dates_and_codes_are_checked() {
        let number = "card[number]=4242424242424242";
        for (rest, accepted) in [
            ("card[exp_month]=11&card[exp_year]=2026", true),
            ("card[exp_month]=12&card[exp_year]=34&card[cvc]=123", true),
            ("card[exp_month]=10&card[exp_year]=2026", false),
            ("card[exp_month]=13&card[exp_year]=2030", false),
            ("card[exp_month]=12&card[exp_year]=2030&card[cvc]=12", false),
            ("card[exp_month]=12", false),
        ] {
            assert_eq!(read(&format!("{number}&{rest}")).is_ok(), accepted, "{rest}");
        }
    }

    #[test]
    fn a_kept_card_does_not_show_its_number() {
        let card = Card::from_number("4242424242424242", 2030, 1).expect("a card");
        assert!(!format!("{card:?}{}", card.json()).contains("42424"));
    }
}
