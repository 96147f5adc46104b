use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::fare_families::RefundStep;
use crate::sold::SoldTax;
use crate::taxes::TaxKind;

fn rules() -> RefundRules {
    RefundRules::shipped().expect("good rules")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn ladder_of(steps: &[(u32, u8)]) -> Conditions {
    let refund = steps.iter().map(|(hours, percent)| RefundStep { hours: *hours, percent: *percent });
    Conditions { change_fee: None, refund: refund.collect() }
}

fn flight(departs: &str, arrives: &str) -> FlightNow<'static> {
    let times = (at(departs), at(arrives));
    let carried = BTreeSet::new();
    FlightNow { price: 10_000, sold: times, now: times, cancelled: false, countries: ("US", "US"), carried }
}

/// Leaves on 20 June at noon and arrives at six.
fn slice(conditions: &Conditions) -> SliceNow<'_> {
    let flights = vec![
        flight("2026-06-20T12:00:00Z", "2026-06-20T14:00:00Z"),
        flight("2026-06-20T15:00:00Z", "2026-06-20T18:00:00Z"),
    ];
    SliceNow { slice_no: 1, conditions, flights }
}

fn fare() -> SoldFare {
    let taxes = vec![SoldTax { code: "US".into(), name: "Excise".into(), kind: TaxKind::Tax, amount: 1_500 }];
    SoldFare { passenger_no: 1, slice_no: 1, base: 20_001, discount: 1, taxes, carried: vec![] }
}

fn moment(booked: &str, now: &str) -> Moment {
    Moment { booked_at: at(booked), first_departure: at("2026-06-20T12:00:00Z"), now: at(now) }
}

/// What comes back of the fare and of the tax, and why.
fn back(moment: Moment, slice: &SliceNow<'_>) -> Result<(i64, i64, &'static str), QuoteError> {
    let lines = quote(moment, std::slice::from_ref(slice), &[fare()], &rules())?;
    assert_eq!(lines.len(), 2);
    Ok((lines[0].back, lines[1].back, lines[0].reason.as_str()))
}

#[test]
fn the_ladder_counts_to_the_second() {
    let standard = ladder_of(&[(72, 100), (24, 75), (4, 50)]);
    let saver = ladder_of(&[]);
    let early = "2026-06-01T00:00:00Z";
    for (conditions, now, expected) in [
        (&standard, "2026-06-17T12:00:00Z", (20_000, 1_500, "fare_rule")),
        (&standard, "2026-06-17T12:00:01Z", (15_000, 1_500, "fare_rule")),
        (&standard, "2026-06-19T12:00:00Z", (15_000, 1_500, "fare_rule")),
        (&standard, "2026-06-19T12:00:01Z", (10_000, 1_500, "fare_rule")),
        (&standard, "2026-06-20T08:00:00Z", (10_000, 1_500, "fare_rule")),
        (&standard, "2026-06-20T08:00:01Z", (0, 1_500, "not_refundable")),
        (&saver, "2026-06-03T00:00:00Z", (0, 1_500, "not_refundable")),
    ] {
        assert_eq!(back(moment(early, now), &slice(conditions)), Ok(expected), "{now}");
    }
}

/// A bag for both flights of the slice, and what comes back of it.
fn bag_back(
    moment: Moment,
    slice: &SliceNow<'_>,
    unused: (u32, u32),
) -> Result<(i64, &'static str), QuoteError> {
    let refund = [RefundStep { hours: 48, percent: 100 }, RefundStep { hours: 24, percent: 50 }];
    let bag = ReturnedExtra {
        number: 1,
        passenger_no: 1,
        slice_no: 1,
        kind: ExtraKind::Baggage,
        name: "Bag",
        value: 4_001,
        refund: &refund,
        unused,
    };
    let lines = quote_extras(moment, std::slice::from_ref(slice), &[bag], &rules())?;
    assert_eq!((lines.len(), lines[0].paid), (1, 4_001));
    Ok((lines[0].back, lines[0].reason.as_str()))
}

#[test]
fn an_extra_has_terms_of_its_own_and_the_law_goes_before_them() {
    let (saver, flex) = (ladder_of(&[]), ladder_of(&[(0, 100)]));
    let early = "2026-06-01T00:00:00Z";
    for (conditions, now, expected) in [
        (&saver, "2026-06-18T12:00:00Z", (4_001, "fare_rule")),
        (&flex, "2026-06-18T12:00:01Z", (2_001, "fare_rule")),
        (&saver, "2026-06-19T12:00:00Z", (2_001, "fare_rule")),
        (&flex, "2026-06-19T12:00:01Z", (0, "not_refundable")),
    ] {
        assert_eq!(bag_back(moment(early, now), &slice(conditions), (2, 2)), Ok(expected), "{now}");
    }
    let cooling = moment("2026-06-10T12:00:00Z", "2026-06-10T13:00:00Z");
    assert_eq!(bag_back(cooling, &slice(&saver), (2, 2)), Ok((4_001, "cooling_off")));
    // The second flight is cancelled when the first has been flown: half of the bag was not carried.
    let mut broken = slice(&saver);
    broken.flights[1].cancelled = true;
    let between = moment(early, "2026-06-20T14:30:00Z");
    assert_eq!(bag_back(between, &broken, (1, 2)), Ok((2_001, "airline_cancelled")));
    assert_eq!(
        bag_back(moment(early, "2026-06-20T08:00:00Z"), &broken, (2, 2)),
        Ok((4_001, "airline_cancelled"))
    );
    assert_eq!(bag_back(between, &slice(&flex), (2, 2)), Err(QuoteError::Departed(1)));
}

#[test]
fn a_change_of_mind_is_free_for_a_day_when_departure_is_a_week_away() {
    let saver = ladder_of(&[]);
    let week_before = "2026-06-13T12:00:00Z";
    for (booked, now, free) in [
        (week_before, "2026-06-14T12:00:00Z", true),
        (week_before, "2026-06-14T12:00:01Z", false),
        ("2026-06-13T12:00:01Z", "2026-06-13T12:00:02Z", false),
    ] {
        let (fare, _, reason) = back(moment(booked, now), &slice(&saver)).expect("a quote");
        assert_eq!((fare == 20_000, reason == "cooling_off"), (free, free), "{booked} {now}");
    }
}

#[test]
fn a_change_of_mind_ends_with_the_last_instant_at_which_it_is_free() {
    let saver = ladder_of(&[]);
    let mut between_rules = slice(&saver);
    for flight in &mut between_rules.flights {
        flight.countries = ("IN", "US");
    }
    let early = "2026-06-01T00:00:00Z";
    let second = SignedDuration::from_secs(1);
    // Where two countries have a rule, the longer of them counts.
    for (slice, end) in [(slice(&saver), "2026-06-02T00:00:00Z"), (between_rules, "2026-06-03T00:00:00Z")] {
        let end = at(end);
        assert_eq!(cooling_off_ends(moment(early, early), &slice, &rules()), Some(end));
        for (now, free) in [(end, true), (end + second, false)] {
            let then = Moment { now, ..moment(early, early) };
            let (_, _, reason) = back(then, &slice).expect("a quote");
            assert_eq!(reason == "cooling_off", free, "{now}");
        }
    }
    let late = "2026-06-13T12:00:01Z";
    assert_eq!(
        cooling_off_ends(moment(late, late), &slice(&saver), &rules()),
        None,
        "less than a week before"
    );
}

#[test]
fn a_rule_holds_in_its_country_and_its_time_only() {
    let saver = ladder_of(&[]);
    let mut abroad = slice(&saver);
    for flight in &mut abroad.flights {
        flight.countries = ("FR", "FR");
    }
    let soon = moment("2026-06-01T00:00:00Z", "2026-06-01T00:00:01Z");
    assert_eq!(back(soon, &abroad), Ok((0, 1_500, "not_refundable")));
    for flight in &mut abroad.flights {
        flight.countries = ("IN", "US");
    }
    // Both countries have a rule, and the longer of them is found where the shorter is over.
    let later = moment("2026-06-01T00:00:00Z", "2026-06-02T12:00:00Z");
    assert_eq!(back(later, &abroad), Ok((20_000, 1_500, "cooling_off")));
}

#[test]
fn what_the_airline_cancels_comes_back_whole_and_after_departure_too() {
    let saver = ladder_of(&[]);
    let mut broken = slice(&saver);
    broken.flights[0].cancelled = true;
    let after = moment("2026-06-01T00:00:00Z", "2026-06-21T00:00:00Z");
    broken.flights[1].now = (at("2026-06-22T00:00:00Z"), at("2026-06-22T03:00:00Z"));
    assert_eq!(back(after, &broken), Ok((20_000, 1_500, "airline_cancelled")));
    // The first flight was flown, the second is cancelled: its half comes back.
    let mut half = slice(&saver);
    half.flights[1].cancelled = true;
    assert_eq!(back(after, &half), Ok((10_000, 750, "airline_cancelled")));
    // Nothing is broken: what has departed stays paid.
    assert_eq!(back(after, &slice(&saver)), Err(QuoteError::Departed(1)));
}

/// The onward flight leaves without whoever could not get there. The rest is theirs who were on it all the same.
#[test]
fn what_comes_after_a_cancelled_flight_was_not_flown_by_leaving() {
    let saver = ladder_of(&[]);
    let early = "2026-06-01T00:00:00Z";
    let mut broken = slice(&saver);
    broken.flights.push(flight("2026-06-20T20:00:00Z", "2026-06-20T22:00:00Z"));
    broken.flights[1].cancelled = true;
    // Of three flights the first was flown, the second cancelled; the third leaves at eight.
    for now in ["2026-06-20T19:59:59Z", "2026-06-20T20:00:00Z", "2026-06-22T00:00:00Z"] {
        assert_eq!(back(moment(early, now), &broken), Ok((13_333, 1_000, "airline_cancelled")), "{now}");
    }
    let after = moment(early, "2026-06-22T00:00:00Z");
    broken.flights[2].carried = BTreeSet::from([2]);
    assert_eq!(back(after, &broken), Ok((13_333, 1_000, "airline_cancelled")), "somebody else got there");
    broken.flights[2].carried = BTreeSet::from([1, 2]);
    assert_eq!(back(after, &broken), Ok((6_667, 500, "airline_cancelled")), "they got there");
}

#[test]
fn three_hours_at_home_and_six_abroad() {
    let saver = ladder_of(&[]);
    let now = moment("2026-06-01T00:00:00Z", "2026-06-10T00:00:00Z");
    for (countries, earlier, later, broken) in [
        (("US", "US"), 179, 0, false),
        (("US", "US"), 180, 0, true),
        (("US", "US"), 0, 179, false),
        (("US", "US"), 0, 180, true),
        (("US", "CA"), 0, 359, false),
        (("US", "CA"), 360, 0, true),
    ] {
        let mut moved = slice(&saver);
        let minutes = SignedDuration::from_mins;
        moved.flights[0].now.0 = moved.flights[0].sold.0 - minutes(earlier);
        moved.flights[1].now.1 = moved.flights[1].sold.1 + minutes(later);
        moved.flights[1].countries = countries;
        let (_, _, reason) = back(now, &moved).expect("a quote");
        assert_eq!(reason == "airline_moved", broken, "{countries:?} {earlier} {later}: {reason}");
    }
}

#[test]
fn a_fare_of_no_slice_is_refused() {
    let lines = quote(moment("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z"), &[], &[fare()], &rules());
    assert_eq!(lines, Err(QuoteError::NoSlice(1)));
}

proptest! {
    #[test]
    fn never_more_than_was_paid_and_never_less_later(
        base in 0..5_000_000_i64,
        discount in 0..100_i64,
        taxes in proptest::collection::vec(0..100_000_i64, 0..5),
        mut steps in proptest::collection::vec((0..200_u32, 0..=100_u8), 0..5),
        hours in 1..400_i64,
        cancelled in any::<bool>(),
    ) {
        // A ladder as the file's reader lets it in: the longer before, the more.
        steps.sort_by_key(|(hours, percent)| (std::cmp::Reverse(*hours), std::cmp::Reverse(*percent)));
        steps.dedup_by_key(|(hours, _)| *hours);
        let mut most = 100;
        for (_, percent) in &mut steps {
            *percent = (*percent).min(most);
            most = *percent;
        }
        let conditions = ladder_of(&steps);
        let mut slice = slice(&conditions);
        slice.flights[1].cancelled = cancelled;
        let taxes = taxes.into_iter().map(|amount| SoldTax { code: "T".into(), name: "T".into(), kind: TaxKind::Tax, amount });
        let fare = SoldFare { passenger_no: 1, slice_no: 1, base, discount: base * discount / 100, taxes: taxes.collect(), carried: vec![] };
        let departs = at("2026-06-20T12:00:00Z");
        let given_back = |before: i64| {
            let now = departs - SignedDuration::from_hours(before);
            let moment = Moment { booked_at: departs - SignedDuration::from_hours(1_000), first_departure: departs, now };
            let lines = quote(moment, std::slice::from_ref(&slice), std::slice::from_ref(&fare), &rules()).expect("a quote");
            assert!(lines.iter().all(|line| (0..=line.paid).contains(&line.back)), "{lines:?}");
            assert_eq!(lines.iter().map(|line| line.paid).sum::<i64>(), fare.total());
            lines.iter().map(|line| line.back).sum::<i64>()
        };
        prop_assert!(given_back(hours + 1) >= given_back(hours));
    }
}
