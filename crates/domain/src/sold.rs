//! What was sold to a passenger: the fare of a slice, taken apart.

use kernel::money::allocate_wide;
use serde::{Deserialize, Serialize};

use crate::promotions::DiscountLine;
use crate::taxes::{Breakdown, TaxKind};

/// What one passenger pays for one slice. Amounts in minor units of the booking's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldFare {
    /// The passenger's number in the booking, from 1.
    pub passenger_no: i16,
    /// The slice's number in the booking, from 1.
    pub slice_no: i16,
    /// What the airline keeps, before a discount.
    pub base: i64,
    /// What is off the base, at most all of it: by promotion codes, or because it was too little to charge.
    pub discount: i64,
    /// What is passed on.
    pub taxes: Vec<SoldTax>,
    /// How much of the net fare was carried over from exchanged tickets, the most restricted first. What is not in here was
    /// paid for this ticket, and has its terms and no others.
    #[serde(default)]
    pub carried: Vec<Carried>,
}

/// A part of a fare that was paid for a ticket which was exchanged for this one ([`crate::refund::exchange`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Minor units, above zero.
    pub amount: i64,
    /// So many percent of it come back at most when the traveller gives the ticket back: 0 to 99.
    pub percent: u8,
}

/// A tax or charge in a fare, as it was on the day of sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldTax {
    /// What tickets call it.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Who levies it.
    pub kind: TaxKind,
    /// Minor units.
    pub amount: i64,
}

impl SoldFare {
    /// The fare a breakdown explains.
    pub fn new(passenger_no: i16, slice_no: i16, parts: &Breakdown<'_>) -> Self {
        let tax = |(rule, amount): &(&crate::taxes::TaxRule, i64)| SoldTax {
            code: rule.code.clone(),
            name: rule.name.clone(),
            kind: rule.kind,
            amount: *amount,
        };
        Self {
            passenger_no,
            slice_no,
            base: parts.base,
            discount: 0,
            taxes: parts.lines.iter().map(tax).collect(),
            carried: Vec::new(),
        }
    }

    /// What the airline keeps after the discount.
    pub const fn net(&self) -> i64 {
        self.base - self.discount
    }

    /// How much of the net fare was carried over from exchanged tickets with less than all of it refundable.
    pub fn carried_over(&self) -> i64 {
        self.carried.iter().map(|part| part.amount).sum()
    }

    /// What is passed on in all.
    pub fn taxed(&self) -> i64 {
        self.taxes.iter().map(|tax| tax.amount).sum()
    }

    /// What the passenger pays.
    pub fn total(&self) -> i64 {
        self.net() + self.taxed()
    }
}

/// Takes an amount that is too little to charge off the bases of these fares, in proportion to what is left of each. What is newly
/// paid for a fare goes first; of what was carried over, what comes back least. `None`, and nothing is changed: the bases are less
/// than the amount.
pub fn waive(fares: &mut [SoldFare], amount: i64) -> Option<Vec<DiscountLine>> {
    let weights: Vec<u64> = fares.iter().map(|fare| u64::try_from(fare.net()).unwrap_or(0)).collect();
    let left: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if i128::from(amount) > left {
        return None;
    }
    let mut lines = Vec::new();
    for (fare, off) in fares.iter_mut().zip(allocate_wide(amount, &weights)).filter(|(_, off)| *off > 0) {
        fare.discount += off;
        let mut too_much = (fare.carried_over() - fare.net()).max(0);
        for part in &mut fare.carried {
            let less = part.amount.min(too_much);
            part.amount -= less;
            too_much -= less;
        }
        fare.carried.retain(|part| part.amount > 0);
        lines.push(DiscountLine { passenger_no: fare.passenger_no, slice_no: fare.slice_no, amount: off });
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fare(passenger_no: i16, base: i64, carried: &[(i64, u8)]) -> SoldFare {
        let carried = carried.iter().map(|(amount, percent)| Carried { amount: *amount, percent: *percent });
        SoldFare { passenger_no, slice_no: 1, base, discount: 0, taxes: vec![], carried: carried.collect() }
    }

    #[test]
    fn a_waiver_is_spread_and_takes_what_comes_back_least() {
        let mut fares = [fare(1, 20_030, &[(15_000, 0), (5_020, 50)]), fare(2, 10_000, &[]), fare(3, 0, &[])];
        let lines = waive(&mut fares, 45).expect("enough");
        let off: Vec<_> = lines.iter().map(|line| (line.passenger_no, line.amount)).collect();
        assert_eq!(off, [(1, 30), (2, 15)]);
        assert_eq!((fares[0].net(), fares[1].net()), (20_000, 9_985));
        // Ten were newly paid; the other twenty go off what never comes back.
        assert_eq!(fares[0].carried, fare(1, 0, &[(14_980, 0), (5_020, 50)]).carried);
        assert_eq!(fares[0].carried_over(), fares[0].net());
    }

    #[test]
    fn more_than_the_bases_is_not_waived() {
        let mut fares = [fare(1, 20, &[]), fare(2, 10, &[])];
        assert_eq!(waive(&mut fares, 31), None);
        assert_eq!((fares[0].discount, fares[1].discount), (0, 0));
        assert_eq!(waive(&mut fares, 30).map(|lines| lines.len()), Some(2));
        assert_eq!((fares[0].net(), fares[1].net()), (0, 0));
    }
}
