//! What was sold to a passenger: the fare of a slice, taken apart.

use serde::{Deserialize, Serialize};

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
    /// What a promotion code takes off the base; at most the base.
    pub discount: i64,
    /// What is passed on.
    pub taxes: Vec<SoldTax>,
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
        }
    }

    /// What the airline keeps after the discount.
    pub const fn net(&self) -> i64 {
        self.base - self.discount
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
