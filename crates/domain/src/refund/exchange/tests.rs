use kernel::Currency;
use proptest::prelude::*;

use super::*;
use crate::ledger::{Account, Posting};
use crate::sold::SoldTax;
use crate::taxes::TaxKind;

fn fare(slice_no: i16, base: i64, carried: &[(i64, u8)]) -> SoldFare {
    let taxes =
        vec![SoldTax { code: "US".into(), name: "Excise".into(), kind: TaxKind::Tax, amount: base / 10 }];
    let carried =
        carried.iter().map(|(amount, percent)| Carried { amount: *amount, percent: *percent }).collect();
    SoldFare { passenger_no: 1, slice_no, base, discount: 0, taxes, carried }
}

fn rule(percent: u8) -> Reason {
    if percent == 0 { Reason::NotRefundable } else { Reason::FareRule { hours: 24, percent } }
}

fn carried(fare: &SoldFare) -> Vec<(i64, u8)> {
    fare.carried.iter().map(|part| (part.amount, part.percent)).collect()
}

/// What is left over of a fare, what comes back of that, and why.
type Rest = (i64, i64, &'static str);

/// Leaves one fare for one other: what is carried, and each line of the rest as what it is, what comes back, and why.
fn change(old: &SoldFare, verdict: Reason, new: i64) -> (Vec<(i64, u8)>, Vec<Rest>) {
    let mut fares = [fare(2, new, &[])];
    let lines = exchange(&[Left { fare: old, verdict, new_slice_no: 2 }], &mut fares).expect("amounts fit");
    let lines = lines.iter().map(|line| (line.paid, line.back, line.reason.as_str())).collect();
    (carried(&fares[0]), lines)
}

#[test]
fn what_is_carried_keeps_the_percentage_of_the_fare_that_is_left() {
    let whole = || Reason::CoolingOff { citation: "x".into() };
    let moved = || Reason::AirlineMoved { minutes: 400, citation: "x".into() };
    let plain = fare(1, 20_000, &[]);
    let chained = fare(1, 20_000, &[(5_000, 0), (9_000, 50)]);
    for (name, old, verdict, new, expected, rest) in [
        ("dearer", &plain, rule(75), 26_000, vec![(20_000, 75)], vec![]),
        ("nothing comes back", &plain, rule(0), 26_000, vec![(20_000, 0)], vec![]),
        ("everything comes back", &plain, rule(100), 26_000, vec![], vec![]),
        ("the same price", &plain, rule(50), 20_000, vec![(20_000, 50)], vec![]),
        ("cheaper", &plain, rule(75), 14_000, vec![(14_000, 75)], vec![(6_000, 4_500, "fare_rule")]),
        (
            "cheaper, nothing back",
            &plain,
            rule(0),
            14_000,
            vec![(14_000, 0)],
            vec![(6_000, 0, "not_refundable")],
        ),
        ("cheaper on the first day", &plain, whole(), 14_000, vec![], vec![(6_000, 6_000, "cooling_off")]),
        ("a second change, later", &chained, rule(25), 20_000, vec![(5_000, 0), (15_000, 25)], vec![]),
        ("a second change, earlier", &chained, rule(100), 30_000, vec![(5_000, 0), (9_000, 50)], vec![]),
        (
            "the freest part comes back",
            &chained,
            rule(100),
            14_500,
            vec![(5_000, 0), (9_000, 50)],
            vec![(5_500, 5_500, "fare_rule")],
        ),
        (
            "and then the next",
            &chained,
            rule(100),
            8_000,
            vec![(5_000, 0), (3_000, 50)],
            vec![(6_000, 3_000, "carried_over"), (6_000, 6_000, "fare_rule")],
        ),
        ("the airline moved it", &chained, moved(), 8_000, vec![], vec![(12_000, 12_000, "airline_moved")]),
    ] {
        assert_eq!(change(old, verdict, new), (expected, rest), "{name}");
    }
}

#[test]
fn amounts_are_rounded_half_up_in_any_currency() {
    // 75 % of what the new flight does not need: yen have no decimals, dinars three. Nothing is looked up by exponent.
    for (currency, exponent, old, new, back) in [
        ("JPY", 0, 20_003, 14_001, 4_502),
        ("USD", 2, 20_001, 14_000, 4_501),
        ("KWD", 3, 61_234, 61_232, 2),
        ("KWD", 3, 61_234, 61_233, 1),
    ] {
        let currency: Currency = currency.parse().expect("a currency");
        assert_eq!(currency.exponent(), exponent);
        let (left, new) = (fare(1, old, &[]), fare(2, new, &[]));
        let mut fares = [new];
        let gone = Left { fare: &left, verdict: rule(75), new_slice_no: 2 };
        let lines = exchange(&[gone], &mut fares).expect("amounts fit");
        assert_eq!(lines.iter().map(|line| line.back).collect::<Vec<_>>(), [back], "{currency:?}");
        let kept: i64 = lines.iter().map(|line| line.paid - line.back).sum();
        let posting =
            Posting::change(currency, std::slice::from_ref(&left), &fares, kept, &[]).expect("balanced");
        let taxes = left.taxed() - fares[0].taxed();
        assert_eq!(posting.amount_on(&Account::Traveller), -(back + taxes), "taxes come back whole");
        assert_eq!(posting.amount_on(&Account::Fees), -kept);
    }
}

#[test]
fn slices_that_are_changed_together_lend_each_other_what_they_do_not_need() {
    let (out, back) = (fare(1, 20_000, &[]), fare(2, 10_000, &[]));
    let left = |fare, percent, new_slice_no| Left { fare, verdict: rule(percent), new_slice_no };
    // The way out gets cheaper and the way back dearer: nothing of the value is left over.
    let mut new = [fare(3, 12_000, &[]), fare(4, 18_000, &[])];
    let lines = exchange(&[left(&out, 50, 3), left(&back, 100, 4)], &mut new).expect("amounts fit");
    assert_eq!(lines, []);
    assert_eq!((carried(&new[0]), carried(&new[1])), (vec![(12_000, 50)], vec![(8_000, 50)]));
    // Passengers lend each other nothing.
    let other = SoldFare { passenger_no: 2, ..fare(2, 10_000, &[]) };
    let mut new = [fare(3, 12_000, &[]), SoldFare { passenger_no: 2, ..fare(4, 18_000, &[]) }];
    let lines = exchange(&[left(&out, 50, 3), left(&other, 100, 4)], &mut new).expect("amounts fit");
    let rest: Vec<_> =
        lines.iter().map(|line| (line.passenger_no, line.slice_no, line.paid, line.back)).collect();
    assert_eq!(rest, [(1, 1, 8_000, 4_000)]);
}

/// What comes back of a fare now, in hundredths of a minor unit, so that nothing is rounded.
fn worth(fare: &SoldFare, percent: u8) -> i64 {
    values(fare, &rule(percent)).iter().map(|value| value.amount * i64::from(value.reason.percent())).sum()
}

proptest! {
    /// However often somebody changes, and to whatever: what came back, and what can still come back at most, is what they could have
    /// had at once, and what they paid since.
    #[test]
    fn no_chain_of_changes_makes_more_of_it_refundable(
        first in 1..100_000_i64,
        steps in proptest::collection::vec((0..=100_u8, 0..100_000_i64), 1..8),
    ) {
        let mut held = fare(1, first, &[]);
        let (mut paid, mut returned) = (0, 0);
        let at_once = worth(&held, steps[0].0);
        for (percent, price) in steps {
            let before = worth(&held, percent);
            let mut new = [fare(1, price, &[])];
            let left = Left { fare: &held, verdict: rule(percent), new_slice_no: 1 };
            let lines = exchange(&[left], &mut new).expect("amounts fit");
            let [new] = new;
            let unneeded: i64 = lines.iter().map(|line| line.paid).sum();
            let freed: i64 = lines.iter().map(|line| line.paid * i64::from(line.reason.percent())).sum();
            let more = new.net() - (held.net() - unneeded);
            prop_assert!(more >= 0 && (more == 0 || unneeded == 0));
            prop_assert!(new.carried_over() <= new.net());
            prop_assert!(new.carried.iter().all(|part| part.amount > 0 && part.percent < 100));
            prop_assert_eq!(freed + worth(&new, 100), before + more * 100);
            prop_assert!(lines.iter().all(|line| (0..=line.paid).contains(&line.back)));
            paid += more * 100;
            returned += freed;
            held = new;
        }
        prop_assert!(returned + worth(&held, 100) <= at_once + paid);
    }
}
