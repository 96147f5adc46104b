//! Amounts as the gateway counts them: in the smallest unit of ISO 4217, but for a few currencies
//! (<https://docs.stripe.com/currencies#zero-decimal>, "special cases" and "three-decimal").

use kernel::Money;

/// What a payment or refund is refused as that cannot be told to the gateway.
pub(super) const UNTELLABLE: &str = "amount_not_chargeable";

/// Have no decimals in ISO 4217, and two at Stripe, which are always nothing.
const TWO_DECIMALS: [&str; 2] = ["ISK", "UGX"];
/// Have two decimals in ISO 4217, and none at Stripe.
const NO_DECIMALS: [&str; 1] = ["MGA"];

/// The number that says this amount; none where no number does, since the gateway counts in coarser steps.
pub(super) fn told(money: Money) -> Option<i64> {
    let (amount, code) = (money.amount, money.currency.as_str());
    let in_steps_of = |step: i64| (amount % step == 0).then_some(amount);
    if TWO_DECIMALS.contains(&code) {
        amount.checked_mul(100)
    } else if NO_DECIMALS.contains(&code) {
        in_steps_of(100).map(|amount| amount / 100)
    } else if money.currency.exponent() == 3 {
        // The last of three decimals is always nothing.
        in_steps_of(10)
    } else {
        Some(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_is_told_as_stripe_counts_it() {
        for (amount, code, said) in [
            (45_900, "USD", Some(45_900)),
            (1_250, "JPY", Some(1_250)),
            (12_340, "KWD", Some(12_340)),
            (12_345, "KWD", None),
            (5, "ISK", Some(500)),
            (1_000, "UGX", Some(100_000)),
            (i64::MAX, "ISK", None),
            (12_300, "MGA", Some(123)),
            (12_345, "MGA", None),
        ] {
            let currency = code.parse().expect("a currency");
            assert_eq!(told(Money { amount, currency }), said, "{amount} {code}");
        }
    }
}
