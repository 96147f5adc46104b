//! Money is an integer of minor units and a currency (ISO 4217). All arithmetic is checked; there is
//! no conversion between currencies and no floating point anywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency by its ISO 4217 alphabetic code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// Codes whose minor unit is not a hundredth, with their exponents (ISO 4217 list one, column "Minor unit").
const UNUSUAL_EXPONENTS: &[(&str, u8)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

impl Currency {
    /// US dollar, the currency the demo airline files its fares in.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal places the minor unit stands for: 0, 2, 3 or 4.
    pub fn exponent(&self) -> u8 {
        UNUSUAL_EXPONENTS.iter().find(|(code, _)| *code == self.as_str()).map_or(2, |(_, exponent)| *exponent)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::BadCurrency),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a sum of money could not be formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit in 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// Two currencies met in one sum.
    #[error("two currencies cannot be added")]
    CurrencyMismatch,
    /// Not three capital letters.
    #[error("a currency is three capital letters (ISO 4217)")]
    BadCurrency,
}

/// An amount of one currency, in minor units (cents for USD, yen for JPY, fils for KWD).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"amount": 45900, "currency": "USD"})))]
pub struct Money {
    /// Minor units of the currency.
    pub amount: i64,
    /// ISO 4217 code.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "USD"))]
    pub currency: Currency,
}

impl Money {
    /// `amount` minor units of `currency`.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// The difference of two amounts of one currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        let negated = other.amount.checked_neg().ok_or(MoneyError::Overflow)?;
        self.checked_add(Self { amount: negated, ..other })
    }

    /// The amount taken `count` times.
    pub fn checked_mul(self, count: i64) -> Result<Self, MoneyError> {
        let amount = self.amount.checked_mul(count).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// The amount times a ratio in millionths, rounded half away from zero to the minor unit.
    pub fn scale_ppm(self, ratio_ppm: u32) -> Result<Self, MoneyError> {
        Ok(Self { amount: scale_ppm(self.amount, ratio_ppm)?, ..self })
    }
}

impl fmt::Display for Money {
    /// Major units with the currency's own number of decimals, the code behind: `459.00 USD`, `1200 JPY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = usize::from(self.currency.exponent());
        if exponent == 0 {
            return write!(f, "{} {}", self.amount, self.currency);
        }
        let unit = 10_u64.pow(u32::from(self.currency.exponent()));
        let (major, minor) = (self.amount.unsigned_abs() / unit, self.amount.unsigned_abs() % unit);
        let sign = if self.amount < 0 { "-" } else { "" };
        write!(f, "{sign}{major}.{minor:0exponent$} {}", self.currency)
    }
}

/// `amount` times `ratio_ppm` millionths, rounded half away from zero.
pub fn scale_ppm(amount: i64, ratio_ppm: u32) -> Result<i64, MoneyError> {
    let product = i128::from(amount) * i128::from(ratio_ppm);
    let half = if product < 0 { -500_000 } else { 500_000 };
    i64::try_from((product + half) / 1_000_000).map_err(|_| MoneyError::Overflow)
}

/// Splits `total` in proportion to `weights` so that the parts add up to it exactly (largest remainder
/// method; ties go to the earlier part). With all weights zero the whole goes to the first part.
///
/// `total` must not be negative. The result has one part for each weight.
pub fn allocate(total: i64, weights: &[u32]) -> Vec<i64> {
    let wide: Vec<u64> = weights.iter().map(|weight| u64::from(*weight)).collect();
    allocate_wide(total, &wide)
}

/// [`allocate`] by weights that may be amounts themselves. A part is at most its weight when `total` is at most the sum of
/// them all.
pub fn allocate_wide(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(index, _)| if index == 0 { total } else { 0 }).collect();
    }
    let exact = |weight: u64| i128::from(total) * i128::from(weight);
    // A part is at most the total, so it fits where the total does.
    let floor = |weight: u64| i64::try_from(exact(weight) / sum).unwrap_or(total);
    let mut parts: Vec<i64> = weights.iter().map(|weight| floor(*weight)).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|index| (std::cmp::Reverse(exact(weights[*index]) % sum), *index));
    let missing = total - parts.iter().sum::<i64>();
    for index in by_remainder.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prints_every_exponent() {
        for (amount, code, text) in [
            (45_900, "USD", "459.00 USD"),
            (1_200, "JPY", "1200 JPY"),
            (12_345, "KWD", "12.345 KWD"),
            (12_345, "CLF", "1.2345 CLF"),
            (-5, "USD", "-0.05 USD"),
        ] {
            let currency = code.parse().expect("a currency");
            assert_eq!(Money::new(amount, currency).to_string(), text);
        }
    }

    #[test]
    fn currencies_do_not_mix_and_sums_do_not_wrap() {
        let dollar = Money::new(1, Currency::USD);
        let euro = Money::new(1, "EUR".parse().expect("a currency"));
        assert_eq!(dollar.checked_add(euro), Err(MoneyError::CurrencyMismatch));
        assert_eq!(Money::new(i64::MAX, Currency::USD).checked_add(dollar), Err(MoneyError::Overflow));
        assert_eq!("usd".parse::<Currency>(), Err(MoneyError::BadCurrency));
    }

    #[test]
    fn scaling_rounds_half_away_from_zero() {
        for (amount, ppm, scaled) in
            [(3, 500_000, 2), (-3, 500_000, -2), (10_000, 1_000_000, 10_000), (1, 499_999, 0)]
        {
            assert_eq!(scale_ppm(amount, ppm), Ok(scaled));
        }
    }

    proptest! {
        #[test]
        fn allocation_adds_up(total in 0_i64..1_000_000_000_000, weights in prop::collection::vec(any::<u32>(), 1..9)) {
            let parts = allocate(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            prop_assert!(parts.iter().all(|part| *part >= 0));
        }

        #[test]
        fn no_part_of_an_amount_is_larger_than_its_weight(
            weights in prop::collection::vec(0_u64..1_000_000_000_000_000, 1..20), percent in 0_u64..=100,
        ) {
            let sum: u64 = weights.iter().sum();
            let total = i64::try_from(u128::from(sum) * u128::from(percent) / 100).expect("fits");
            let parts = allocate_wide(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| u64::try_from(*part).is_ok_and(|part| part <= *weight)));
        }

        #[test]
        fn allocation_is_fair(total in 0_i64..1_000_000_000, weights in prop::collection::vec(1_u32..1_000_000, 1..9)) {
            let sum: u64 = weights.iter().map(|w| u64::from(*w)).sum();
            for (part, weight) in allocate(total, &weights).iter().zip(&weights) {
                let floor = i128::from(total) * i128::from(*weight) / i128::from(sum);
                prop_assert!((i128::from(*part) - floor).abs() <= 1);
            }
        }

        #[test]
        fn addition_and_subtraction_undo_each_other(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
            let (a, b) = (Money::new(a, Currency::USD), Money::new(b, Currency::USD));
            prop_assert_eq!(a.checked_add(b).and_then(|sum| sum.checked_sub(b)), Ok(a));
        }
    }
}
