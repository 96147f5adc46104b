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
