//! Bank debits (`us_bank_account`): asked for now, told of later. Stripe's test account numbers and tokens.

use serde_json::{Value, json};

use crate::cards::Scenario;
use crate::form::Params;
use crate::refusal::Refusal;

/// An account number, or the token that stands for it, with what a debit of it does.
pub(crate) struct TestAccount {
    pub(crate) number: &'static str,
    /// What follows `pm_usBankAccount_`.
    pub(crate) token: &'static str,
    pub(crate) scenario: Scenario,
    pub(crate) what: &'static str,
}

const fn fails(number: &'static str, token: &'static str, code: &'static str) -> TestAccount {
    TestAccount { number, token, scenario: Scenario::SettlesLater { failure: Some(code) }, what: code }
}

const fn account(
    number: &'static str,
    token: &'static str,
    scenario: Scenario,
    what: &'static str,
) -> TestAccount {
    TestAccount { number, token, scenario, what }
}

/// Every other number of 4 to 17 digits succeeds later.
pub(crate) const TEST_ACCOUNTS: &[TestAccount] = &[
    account("000123456789", "success", Scenario::SettlesLater { failure: None }, "succeeds later"),
    fails("000111111113", "accountClosed", "account_closed"),
    fails("000111111116", "noAccount", "no_account"),
    fails("000222222227", "insufficientFunds", "insufficient_funds"),
    fails("000333333335", "debitNotAuthorized", "debit_not_authorized"),
    fails("000444444440", "invalidCurrency", "invalid_currency"),
    account("000000000009", "processing", Scenario::NeverSettles, "stays processing"),
];

/// A test routing number; others need a right check digit.
const ROUTING: &str = "110000000";

/// What is kept of an account.
#[derive(Clone, Debug)]
pub(crate) struct Bank {
    pub(crate) scenario: Scenario,
    last4: String,
    routing: String,
    holder: &'static str,
}

impl Bank {
    /// The account in `{prefix}[account_number]` and `{prefix}[routing_number]`.
    pub(crate) fn read(params: &Params, prefix: &str) -> Result<Self, Refusal> {
        let name = |field: &str| format!("{prefix}[{field}]");
        let routing = params.required(&name("routing_number"))?;
        if !is_routing(routing) {
            let message = "The routing number is not that of a bank.";
            return Err(Refusal::parameter("routing_number_invalid", &name("routing_number"), message));
        }
        let holder = match params.get(&name("account_holder_type")) {
            Some("company") => "company",
            _ => "individual",
        };
        let number = params.required(&name("account_number"))?;
        let account = Self::from_number(number, holder).ok_or_else(|| {
            let message = "An account number has 4 to 17 digits.";
            Refusal::parameter("account_number_invalid", &name("account_number"), message)
        })?;
        Ok(Self { routing: routing.to_owned(), ..account })
    }

    /// The account behind a well-known token: `pm_usBankAccount_success` and the like.
    pub(crate) fn from_token(token: &str) -> Option<Self> {
        let name = token.strip_prefix("pm_usBankAccount_")?;
        let account = TEST_ACCOUNTS.iter().find(|account| account.token == name)?;
        Self::from_number(account.number, "individual")
    }

    fn from_number(number: &str, holder: &'static str) -> Option<Self> {
        let fits = (4..=17).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let last4 = fits.then(|| number.get(number.len() - 4..)).flatten()?.to_owned();
        let known = TEST_ACCOUNTS.iter().find(|account| account.number == number);
        let scenario = known.map_or(Scenario::SettlesLater { failure: None }, |account| account.scenario);
        Some(Self { scenario, last4, routing: ROUTING.to_owned(), holder })
    }

    /// Stripe's `us_bank_account` object.
    pub(crate) fn json(&self) -> Value {
        json!({
            "account_holder_type": self.holder, "account_type": "checking", "bank_name": "TEST BANK",
            "fingerprint": null, "last4": self.last4, "routing_number": self.routing,
            "networks": { "preferred": "ach", "supported": ["ach"] }, "status_details": {},
            "financial_connections_account": null,
        })
    }
}

/// The check of the American Bankers Association: 3, 7, 1 times the digits add up to a multiple of ten.
fn is_routing(number: &str) -> bool {
    if number.len() != 9 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let weighted = number.bytes().zip([3_u32, 7, 1].into_iter().cycle());
    weighted.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_account_and_its_token_agree() {
        for test in TEST_ACCOUNTS {
            let form = format!("b[routing_number]=110000000&b[account_number]={}", test.number);
            let by_number = Bank::read(&Params::parse(form.as_bytes()), "b").expect("an account");
            let by_token = Bank::from_token(&format!("pm_usBankAccount_{}", test.token)).expect("an account");
            assert_eq!((by_number.scenario, &by_number.last4), (test.scenario, &by_token.last4));
            assert!(!format!("{by_number:?}{}", by_number.json()).contains(test.number));
        }
    }

    #[test]
    fn numbers_are_checked() {
        for (routing, account, accepted) in [
            ("110000000", "9876543210", true),
            ("021000021", "1234", true),
            ("021000022", "1234", false),
            ("11000000", "1234", false),
            ("110000000", "123", false),
            ("110000000", "123456789012345678", false),
            ("110000000", "12 34", false),
        ] {
            let form = format!("b[routing_number]={routing}&b[account_number]={account}");
            let read = Bank::read(&Params::parse(form.as_bytes()), "b");
            assert_eq!(read.is_ok(), accepted, "{form}");
        }
    }
}
