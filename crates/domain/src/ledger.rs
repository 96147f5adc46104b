//! Double-entry bookkeeping of a booking: what was sold, what came in, what went back. A posting is a few amounts on accounts
//! that add up to zero; it is made here, so that nothing else decides which account an amount belongs to.
//!
//! Debits are positive, credits negative. The traveller's account is what is still owed: selling debits it, paying credits
//! it, and it is zero whenever nothing is open.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use kernel::Currency;

use crate::extras::ExtraKind;
use crate::refund::{Line, Part};
use crate::sold::SoldFare;

/// An account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// What the traveller owes.
    Traveller,
    /// Money at the payment gateway.
    Gateway,
    /// Money ordered back and not yet gone.
    Refunds,
    /// Money that went back without the gateway: by bank transfer, by cheque.
    SettledOutside,
    /// Fares sold and not given back.
    Fares,
    /// A tax or charge collected for somebody else, by its code.
    Tax(String),
    /// Seats, baggage and other extras, by what they are.
    Extra(String),
    /// Given away by promotion codes.
    Discounts,
    /// Kept for cancelling or changing.
    Fees,
}

/// The text is not the name of an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no account is called {0:?}")]
pub struct UnknownAccount(pub String);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Traveller => f.write_str("traveller"),
            Self::Gateway => f.write_str("gateway"),
            Self::Refunds => f.write_str("refunds"),
            Self::SettledOutside => f.write_str("settled_outside"),
            Self::Fares => f.write_str("fares"),
            Self::Tax(code) => write!(f, "tax:{code}"),
            Self::Extra(kind) => write!(f, "extra:{kind}"),
            Self::Discounts => f.write_str("discounts"),
            Self::Fees => f.write_str("fees"),
        }
    }
}

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(text: &str) -> Result<Self, UnknownAccount> {
        Ok(match text {
            "traveller" => Self::Traveller,
            "gateway" => Self::Gateway,
            "refunds" => Self::Refunds,
            "settled_outside" => Self::SettledOutside,
            "fares" => Self::Fares,
            "discounts" => Self::Discounts,
            "fees" => Self::Fees,
            other => match other.split_once(':') {
                Some(("tax", code)) if !code.is_empty() => Self::Tax(code.to_owned()),
                Some(("extra", kind)) if !kind.is_empty() => Self::Extra(kind.to_owned()),
                _ => return Err(UnknownAccount(other.to_owned())),
            },
        })
    }
}

/// What a posting is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostingKind {
    /// Something was sold and ticketed.
    Sale,
    /// A payment came in.
    Capture,
    /// Tickets were exchanged for others.
    Change,
    /// Tickets were given back, by the traveller or because the airline did not fly.
    Cancellation,
    /// A refund was ordered.
    RefundOrdered,
    /// A refund is on its way to the traveller.
    RefundSettled,
    /// A refund that was on its way came back.
    RefundBounced,
}

impl PostingKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Sale,
        Self::Capture,
        Self::Change,
        Self::Cancellation,
        Self::RefundOrdered,
        Self::RefundSettled,
        Self::RefundBounced,
    ];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Capture => "capture",
            Self::Change => "change",
            Self::Cancellation => "cancellation",
            Self::RefundOrdered => "refund_ordered",
            Self::RefundSettled => "refund_settled",
            Self::RefundBounced => "refund_bounced",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What selling a fare comes to, `sign` times.
fn sold(fare: &SoldFare, sign: i64) -> Vec<(Account, i64)> {
    let mut amounts = vec![
        (Account::Traveller, sign * fare.total()),
        (Account::Fares, -sign * fare.base),
        (Account::Discounts, sign * fare.discount),
    ];
    amounts.extend(fare.taxes.iter().map(|tax| (Account::Tax(tax.code.clone()), -sign * tax.amount)));
    amounts
}

/// The amounts do not add up to zero, or do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a posting of the ledger does not add up to zero: {0}")]
pub struct Unbalanced(pub i128);

/// Amounts that belong together and add up to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    kind: PostingKind,
    currency: Currency,
    entries: Vec<(Account, i64)>,
}

impl Posting {
    /// A posting of these amounts in minor units: those of one account are added up, zeros left out.
    pub fn new(
        kind: PostingKind,
        currency: Currency,
        amounts: impl IntoIterator<Item = (Account, i64)>,
    ) -> Result<Self, Unbalanced> {
        let mut entries: Vec<(Account, i128)> = Vec::new();
        for (account, amount) in amounts {
            match entries.iter_mut().find(|(known, _)| *known == account) {
                Some((_, sum)) => *sum += i128::from(amount),
                None => entries.push((account, amount.into())),
            }
        }
        let sum: i128 = entries.iter().map(|(_, amount)| amount).sum();
        if sum != 0 {
            return Err(Unbalanced(sum));
        }
        let entries = entries.into_iter().filter(|(_, amount)| *amount != 0);
        let fit = entries
            .map(|(account, amount)| Ok((account, i64::try_from(amount).map_err(|_| Unbalanced(amount))?)));
        Ok(Self { kind, currency, entries: fit.collect::<Result<_, _>>()? })
    }

    /// Fares and extras were sold: the traveller owes them, and the taxes in them are somebody else's. Extras are amounts by
    /// what they are.
    pub fn sale(
        currency: Currency,
        fares: &[SoldFare],
        extras: &[(ExtraKind, i64)],
    ) -> Result<Self, Unbalanced> {
        let extra = |(kind, amount): &(ExtraKind, i64)| {
            [(Account::Traveller, *amount), (Account::Extra(kind.as_str().to_owned()), -amount)]
        };
        let amounts = fares.iter().flat_map(|fare| sold(fare, 1)).chain(extras.iter().flat_map(extra));
        Self::new(PostingKind::Sale, currency, amounts)
    }

    /// Fares were exchanged for others: the old ones are undone, the new ones sold, and `fee` is kept: that of the change, and
    /// what does not come back of the old value the new tickets do not need. Extras of the flights that were left are given
    /// back on these lines.
    pub fn change(
        currency: Currency,
        old: &[SoldFare],
        new: &[SoldFare],
        fee: i64,
        extras: &[Line],
    ) -> Result<Self, Unbalanced> {
        let undone = old.iter().flat_map(|fare| sold(fare, -1));
        let sold = new.iter().flat_map(|fare| sold(fare, 1));
        let fee = [(Account::Traveller, fee), (Account::Fees, -fee)];
        let returned = extras.iter().flat_map(|line| {
            let back = [(Account::Traveller, -line.back)];
            let kind = if let Part::Extra { kind, .. } = line.part { kind } else { ExtraKind::Other };
            back.into_iter().chain(extra_returned(kind, line))
        });
        Self::new(PostingKind::Change, currency, undone.chain(sold).chain(fee).chain(returned))
    }

    /// Tickets were given back: what was sold is undone, and what does not come back is a fee. Of a fare that was partly flown
    /// only what comes back is undone.
    pub fn cancellation(currency: Currency, lines: &[Line], fares: &[SoldFare]) -> Result<Self, Unbalanced> {
        let mut amounts = Vec::new();
        // A fare of which a part was carried over has a line for each part, and one discount.
        let mut seen = BTreeSet::new();
        for line in lines {
            amounts.push((Account::Traveller, -line.back));
            match &line.part {
                Part::Tax { code, .. } => amounts.push((Account::Tax(code.clone()), line.back)),
                Part::Fare if line.reason.is_voluntary() || line.back == line.paid => {
                    let sold = |fare: &&SoldFare| {
                        (fare.passenger_no, fare.slice_no) == (line.passenger_no, line.slice_no)
                    };
                    let is_first = seen.insert((line.passenger_no, line.slice_no));
                    let discount =
                        fares.iter().find(sold).filter(|_| is_first).map_or(0, |fare| fare.discount);
                    amounts.push((Account::Fares, line.paid + discount));
                    amounts.push((Account::Discounts, -discount));
                    amounts.push((Account::Fees, line.back - line.paid));
                }
                Part::Fare => amounts.push((Account::Fares, line.back)),
                Part::Extra { kind, .. } => amounts.extend(extra_returned(*kind, line)),
            }
        }
        Self::new(PostingKind::Cancellation, currency, amounts)
    }

    /// `amount` came in.
    pub fn capture(currency: Currency, amount: i64) -> Result<Self, Unbalanced> {
        let amounts = [(Account::Gateway, amount), (Account::Traveller, -amount)];
        Self::new(PostingKind::Capture, currency, amounts)
    }

    /// `amount` shall go back.
    pub fn refund_ordered(currency: Currency, amount: i64) -> Result<Self, Unbalanced> {
        let amounts = [(Account::Traveller, amount), (Account::Refunds, -amount)];
        Self::new(PostingKind::RefundOrdered, currency, amounts)
    }

    /// `amount` went back.
    pub fn refund_settled(currency: Currency, amount: i64) -> Result<Self, Unbalanced> {
        let amounts = [(Account::Refunds, amount), (Account::Gateway, -amount)];
        Self::new(PostingKind::RefundSettled, currency, amounts)
    }

    /// `amount` went back without the gateway. It is of the same kind as one that went by it, so that a refund is posted as one
    /// of the two and not as both.
    pub fn refund_settled_outside(currency: Currency, amount: i64) -> Result<Self, Unbalanced> {
        let amounts = [(Account::Refunds, amount), (Account::SettledOutside, -amount)];
        Self::new(PostingKind::RefundSettled, currency, amounts)
    }

    /// `amount` that went back by the gateway is with it again, and still to go back.
    pub fn refund_bounced(currency: Currency, amount: i64) -> Result<Self, Unbalanced> {
        let amounts = [(Account::Gateway, amount), (Account::Refunds, -amount)];
        Self::new(PostingKind::RefundBounced, currency, amounts)
    }

    /// What it is about.
    pub const fn kind(&self) -> PostingKind {
        self.kind
    }

    /// What its amounts are in.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Accounts and amounts in minor units; they add up to zero, and none is zero.
    pub fn entries(&self) -> &[(Account, i64)] {
        &self.entries
    }

    /// What it says about one account.
    pub fn amount_on(&self, account: &Account) -> i64 {
        self.entries.iter().find(|(known, _)| known == account).map_or(0, |(_, amount)| *amount)
    }
}

/// An extra was given back: it is undone, and what the traveller does not get back is a fee. What the airline provided of it
/// stays sold.
fn extra_returned(kind: ExtraKind, line: &Line) -> [(Account, i64); 2] {
    let kept = if line.reason.is_voluntary() { line.paid - line.back } else { 0 };
    [(Account::Extra(kind.as_str().to_owned()), line.back + kept), (Account::Fees, -kept)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::refund::Reason;
    use crate::sold::SoldTax;
    use crate::taxes::TaxKind;

    fn fare(base: i64, discount: i64, tax: i64) -> SoldFare {
        let taxes =
            vec![SoldTax { code: "US".into(), name: "Excise".into(), kind: TaxKind::Tax, amount: tax }];
        SoldFare { passenger_no: 1, slice_no: 1, base, discount, taxes, carried: vec![] }
    }

    #[test]
    fn what_does_not_add_up_is_no_posting() {
        let crooked = [(Account::Gateway, 100), (Account::Traveller, -99)];
        assert_eq!(Posting::new(PostingKind::Capture, Currency::USD, crooked), Err(Unbalanced(1)));
        let huge = [(Account::Gateway, i64::MAX), (Account::Gateway, 1), (Account::Traveller, i64::MIN)];
        assert_eq!(
            Posting::new(PostingKind::Capture, Currency::USD, huge),
            Err(Unbalanced(i128::from(i64::MAX) + 1)),
            "the sum of one account must fit"
        );
    }

    #[test]
    fn names_of_accounts_and_kinds_come_back() {
        for account in [
            Account::Traveller,
            Account::Gateway,
            Account::Refunds,
            Account::SettledOutside,
            Account::Fares,
            Account::Tax("XF".into()),
            Account::Extra("seat".into()),
            Account::Discounts,
            Account::Fees,
        ] {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        assert!("tax:".parse::<Account>().is_err() && "bank".parse::<Account>().is_err());
        assert!(PostingKind::ALL.iter().all(|kind| PostingKind::from_word(kind.as_str()) == Some(*kind)));
    }

    #[test]
    fn a_change_owes_the_difference_and_the_fee() {
        let (old, new) = ([fare(20_000, 0, 1_500)], [fare(26_000, 0, 1_950)]);
        let posting = Posting::change(Currency::USD, &old, &new, 7_500, &[]).expect("balanced");
        assert_eq!(posting.amount_on(&Account::Traveller), 6_450 + 7_500);
        assert_eq!(posting.amount_on(&Account::Fares), -6_000);
        assert_eq!(posting.amount_on(&Account::Tax("US".into())), -450);
        assert_eq!(posting.amount_on(&Account::Fees), -7_500);
    }

    #[test]
    fn what_is_not_given_back_is_a_fee_or_was_flown() {
        let sold = [fare(20_000, 2_000, 1_500)];
        let line = |part, paid, back, reason| Line { passenger_no: 1, slice_no: 1, part, paid, back, reason };
        let tax = |back| {
            let part = Part::Tax { code: "US".into(), name: "Excise".into() };
            line(part, 1_500, back, Reason::UnusedTax)
        };
        let half = Reason::FareRule { hours: 4, percent: 50 };
        let lines = [line(Part::Fare, 18_000, 9_000, half), tax(1_500)];
        let posting = Posting::cancellation(Currency::USD, &lines, &sold).expect("balanced");
        for (account, amount) in [
            (Account::Traveller, -10_500),
            (Account::Fares, 20_000),
            (Account::Discounts, -2_000),
            (Account::Fees, -9_000),
            (Account::Tax("US".into()), 1_500),
        ] {
            assert_eq!(posting.amount_on(&account), amount, "{account}");
        }
        let broken = Reason::AirlineCancelled { citation: "x".into() };
        let lines = [line(Part::Fare, 18_000, 9_000, broken), tax(750)];
        let posting = Posting::cancellation(Currency::USD, &lines, &sold).expect("balanced");
        assert_eq!(posting.amount_on(&Account::Fees), 0, "what was flown is no fee");
        assert_eq!(posting.amount_on(&Account::Fares), 9_000);
    }

    #[test]
    fn extras_are_sold_by_what_they_are_and_undone_when_they_go_back() {
        let bought = [(ExtraKind::Seat, 1_500), (ExtraKind::Baggage, 4_000)];
        let sale = Posting::sale(Currency::USD, &[fare(10_000, 0, 500)], &bought).expect("balanced");
        let (seat, bag) = (Account::Extra("seat".into()), Account::Extra("baggage".into()));
        assert_eq!(sale.amount_on(&Account::Traveller), 10_500 + 5_500);
        assert_eq!((sale.amount_on(&seat), sale.amount_on(&bag)), (-1_500, -4_000));
        let line = |kind, paid, back, reason| {
            let part = Part::Extra { number: 1, kind, name: "x".into() };
            Line { passenger_no: 1, slice_no: 1, part, paid, back, reason }
        };
        let citation = "x".to_owned();
        let lines = [
            line(ExtraKind::Seat, 1_500, 0, Reason::NotRefundable),
            line(ExtraKind::Baggage, 4_000, 2_000, Reason::AirlineCancelled { citation }),
        ];
        for posting in [
            Posting::cancellation(Currency::USD, &lines, &[]).expect("balanced"),
            Posting::change(Currency::USD, &[], &[], 0, &lines).expect("balanced"),
        ] {
            assert_eq!(posting.amount_on(&Account::Traveller), -2_000);
            assert_eq!(posting.amount_on(&seat), 1_500);
            assert_eq!(posting.amount_on(&Account::Fees), -1_500, "what is not given back is a fee");
            assert_eq!(posting.amount_on(&bag), 2_000, "half of the bag flew, and stays sold");
        }
    }

    proptest! {
        #[test]
        fn a_sale_its_payment_and_its_return_leave_nothing_owed(
            fares in proptest::collection::vec((0..10_000_000_i64, 0..100_i64, 0..1_000_000_i64), 1..20),
        ) {
            let fares: Vec<SoldFare> =
                fares.into_iter().map(|(base, percent, tax)| fare(base, base * percent / 100, tax)).collect();
            let total: i64 = fares.iter().map(SoldFare::total).sum();
            let sale = Posting::sale(Currency::USD, &fares, &[]).expect("balanced");
            let owed = |posting: &Posting| posting.amount_on(&Account::Traveller);
            prop_assert_eq!(owed(&sale), total);
            let paid = Posting::capture(Currency::USD, total).expect("balanced");
            prop_assert_eq!(owed(&sale) + owed(&paid), 0);
            let sum: i64 = sale.entries().iter().map(|(_, amount)| amount).sum();
            prop_assert_eq!(sum, 0);
        }
    }
}
