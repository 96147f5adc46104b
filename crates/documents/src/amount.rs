//! Amounts as people write them.

use kernel::Money;

/// How the digits before the decimal point are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// 1,234,567: by thousands.
    Thousands,
    /// 12,34,567: the last three, then by two, as in India.
    Lakhs,
}

/// An amount without its currency, with all decimals its minor unit stands for: `-1,234.50`, `1,200`, `0.125`.
pub fn amount(money: Money, grouping: Grouping) -> String {
    let exponent = usize::from(money.currency.exponent());
    let digits = format!("{:0>width$}", money.amount.unsigned_abs(), width = exponent + 1);
    let (major, minor) = digits.split_at(digits.len() - exponent);
    let mut text = String::from(if money.amount < 0 { "-" } else { "" });
    for (at, digit) in major.chars().enumerate() {
        let after = major.len() - at;
        let parted = match grouping {
            Grouping::Thousands => after.is_multiple_of(3),
            Grouping::Lakhs => after == 3 || after > 3 && !after.is_multiple_of(2),
        };
        if at > 0 && parted {
            text.push(',');
        }
        text.push(digit);
    }
    if !minor.is_empty() {
        text.push('.');
        text.push_str(minor);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_has_its_decimals_and_every_language_its_groups() {
        for (minor, code, thousands, lakhs) in [
            (0, "USD", "0.00", "0.00"),
            (5, "USD", "0.05", "0.05"),
            (-45_900, "USD", "-459.00", "-459.00"),
            (123_456_789, "INR", "1,234,567.89", "12,34,567.89"),
            (1_234_567, "JPY", "1,234,567", "12,34,567"),
            (-99, "JPY", "-99", "-99"),
            (100_000, "JPY", "100,000", "1,00,000"),
            (1_234_567_890, "JPY", "1,234,567,890", "1,23,45,67,890"),
            (1_234_567, "KWD", "1,234.567", "1,234.567"),
            (-12, "KWD", "-0.012", "-0.012"),
            (12_345_678, "CLF", "1,234.5678", "1,234.5678"),
            (i64::MIN, "JPY", "-9,223,372,036,854,775,808", "-92,23,37,20,36,85,47,75,808"),
        ] {
            let money = Money::new(minor, code.parse().expect("a currency"));
            assert_eq!(amount(money, Grouping::Thousands), thousands, "{code} {minor}");
            assert_eq!(amount(money, Grouping::Lakhs), lakhs, "{code} {minor}");
        }
    }
}
