use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::sold::SoldTax;
use crate::taxes::TaxKind;

fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

fn amounts(of: &[(&str, i64)]) -> Amounts {
    of.iter().map(|(code, amount)| (currency(code), *amount)).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn airport(code: &str) -> AirportCode {
    code.parse().expect("an airport")
}

fn tenth() -> Promotion {
    Promotion {
        code: "TENTH".to_owned(),
        name: "A tenth off".to_owned(),
        audience: Audience::Public,
        benefit: Benefit::Percent { basis_points: 1_000, cap: Amounts::new() },
        book_from: None,
        book_until: None,
        travel_from: None,
        travel_until: None,
        routes: Vec::new(),
        cabins: Vec::new(),
        families: Vec::new(),
        minimum_spend: Amounts::new(),
        first_booking: false,
        total_limit: None,
        per_user_limit: None,
        combinable: false,
    }
}

fn slice(slice_no: i16, ends: (&str, &str), cabin: Cabin) -> TripSlice {
    TripSlice {
        slice_no,
        origin: airport(ends.0),
        destination: airport(ends.1),
        cabin,
        family: "economy_saver".to_owned(),
        departs_on: date(2026, 7, i8::try_from(slice_no).expect("a day")),
    }
}

fn fare(passenger_no: i16, slice_no: i16, base: i64, discount: i64) -> SoldFare {
    let tax = SoldTax { code: "US".to_owned(), name: "tax".to_owned(), kind: TaxKind::Tax, amount: 700 };
    SoldFare { passenger_no, slice_no, base, discount, taxes: vec![tax], carried: vec![] }
}

/// A return trip of two, each direction 100.00.
fn there_and_back() -> (Vec<TripSlice>, Vec<SoldFare>) {
    let slices = vec![slice(1, ("JFK", "LAX"), Cabin::Economy), slice(2, ("LAX", "JFK"), Cabin::Business)];
    let fares =
        vec![fare(1, 1, 10_000, 0), fare(1, 2, 10_000, 0), fare(2, 1, 10_000, 0), fare(2, 2, 10_000, 0)];
    (slices, fares)
}

fn asked<'a>(slices: &'a [TripSlice], fares: &'a [SoldFare]) -> Trip<'a> {
    let now = at("2026-06-01T12:00:00Z");
    Trip { currency: Currency::USD, slices, fares, extras: &[], now, first_booking: true, others: &[] }
}

type Case<'a> = (Promotion, Trip<'a>, Result<i64, Refusal>);

fn check_all(cases: &[Case<'_>]) {
    for (promotion, trip, expected) in cases {
        assert_eq!(promotion.discount(trip).map(|discount| discount.total), *expected, "{promotion:?}");
    }
}

#[test]
fn each_term_refuses_with_its_own_reason() {
    let (slices, fares) = there_and_back();
    let trip = asked(&slices, &fares);
    let now = trip.now;
    let second = jiff::SignedDuration::from_secs(1);
    let route = |origin: Option<&str>, destination: Option<&str>| Route {
        origin: origin.map(airport),
        destination: destination.map(airport),
    };
    let table: Vec<Case<'_>> = vec![
        (tenth(), trip, Ok(4_000)),
        (Promotion { book_from: Some(now), ..tenth() }, trip, Ok(4_000)),
        (Promotion { book_from: Some(now + second), ..tenth() }, trip, Err(Refusal::NotStarted)),
        (Promotion { book_until: Some(now + second), ..tenth() }, trip, Ok(4_000)),
        (Promotion { book_until: Some(now), ..tenth() }, trip, Err(Refusal::Ended)),
        (Promotion { routes: vec![route(Some("JFK"), Some("LAX"))], ..tenth() }, trip, Ok(2_000)),
        (Promotion { routes: vec![route(None, Some("JFK"))], ..tenth() }, trip, Ok(2_000)),
        (
            Promotion { routes: vec![route(Some("JFK"), None), route(Some("LAX"), None)], ..tenth() },
            trip,
            Ok(4_000),
        ),
        (Promotion { routes: vec![route(Some("SFO"), None)], ..tenth() }, trip, Err(Refusal::Route)),
        (Promotion { cabins: vec![Cabin::Business], ..tenth() }, trip, Ok(2_000)),
        (Promotion { cabins: vec![Cabin::First], ..tenth() }, trip, Err(Refusal::Cabin)),
        (
            Promotion { routes: vec![route(Some("JFK"), None)], cabins: vec![Cabin::Business], ..tenth() },
            trip,
            Err(Refusal::Cabin),
        ),
        (Promotion { families: vec!["economy_flex".into()], ..tenth() }, trip, Err(Refusal::FareFamily)),
        (Promotion { travel_from: Some(date(2026, 7, 2)), ..tenth() }, trip, Ok(2_000)),
        (Promotion { travel_until: Some(date(2026, 7, 1)), ..tenth() }, trip, Ok(2_000)),
        (Promotion { travel_until: Some(date(2026, 6, 30)), ..tenth() }, trip, Err(Refusal::TravelDates)),
    ];
    check_all(&table);
}

#[test]
fn what_the_traveller_spends_and_had_before_refuses_with_its_own_reason() {
    let (slices, fares) = there_and_back();
    let trip = asked(&slices, &fares);
    check_all(&[
        (Promotion { minimum_spend: amounts(&[("USD", 40_000)]), ..tenth() }, trip, Ok(4_000)),
        (
            Promotion { minimum_spend: amounts(&[("USD", 40_001)]), ..tenth() },
            trip,
            Err(Refusal::MinimumSpend),
        ),
        (
            Promotion {
                minimum_spend: amounts(&[("USD", 20_001)]),
                cabins: vec![Cabin::Business],
                ..tenth()
            },
            trip,
            Err(Refusal::MinimumSpend),
        ),
        (Promotion { minimum_spend: amounts(&[("EUR", 1)]), ..tenth() }, trip, Err(Refusal::Currency)),
        (Promotion { first_booking: true, ..tenth() }, trip, Ok(4_000)),
        (
            Promotion { first_booking: true, ..tenth() },
            Trip { first_booking: false, ..trip },
            Err(Refusal::NotFirstBooking),
        ),
        (tenth(), Trip { others: &[("OTHER", true)], ..trip }, Err(Refusal::NotCombinable)),
        (
            Promotion { combinable: true, ..tenth() },
            Trip { others: &[("OTHER", false)], ..trip },
            Err(Refusal::NotCombinable),
        ),
        (Promotion { combinable: true, ..tenth() }, Trip { others: &[("OTHER", true)], ..trip }, Ok(4_000)),
        (
            Promotion { combinable: true, ..tenth() },
            Trip { others: &[("TENTH", true)], ..trip },
            Err(Refusal::AlreadyApplied),
        ),
        (
            Promotion { benefit: Benefit::Extra { extra: "bag_23".into() }, ..tenth() },
            trip,
            Err(Refusal::ExtraNotChosen),
        ),
    ]);
}

#[test]
fn benefits_in_every_exponent() {
    let percent = |basis_points, cap: &[(&str, i64)]| Benefit::Percent { basis_points, cap: amounts(cap) };
    let amount = |of: &[(&str, i64)]| Benefit::Amount { amounts: amounts(of) };
    // Yen have no decimals, dinars three, and the unidad de fomento four: the arithmetic never looks.
    for (benefit, code, base, expected) in [
        (percent(1_250, &[]), "USD", 10_001, Ok(1_250)),
        (percent(1_250, &[]), "JPY", 12_345, Ok(1_543)),
        (percent(1_250, &[]), "KWD", 12_348, Ok(1_544)),
        (percent(1, &[]), "CLF", 123_456, Ok(12)),
        (percent(1, &[]), "USD", 4_999, Err(Refusal::NothingToDiscount)),
        (percent(1, &[]), "USD", 5_000, Ok(1)),
        (percent(10_000, &[]), "USD", 10_001, Ok(10_001)),
        (percent(5_000, &[("USD", 3_000)]), "USD", 10_000, Ok(3_000)),
        (percent(5_000, &[("USD", 3_000)]), "JPY", 10_000, Err(Refusal::Currency)),
        (amount(&[("USD", 5_000), ("JPY", 700)]), "USD", 10_000, Ok(5_000)),
        (amount(&[("USD", 5_000), ("JPY", 700)]), "JPY", 10_000, Ok(700)),
        (amount(&[("USD", 5_000)]), "USD", 3_000, Ok(3_000)),
        (amount(&[("USD", 5_000)]), "KWD", 3_000, Err(Refusal::Currency)),
        (amount(&[("USD", 5_000)]), "USD", 0, Err(Refusal::NothingToDiscount)),
    ] {
        let slices = [slice(1, ("JFK", "LAX"), Cabin::Economy)];
        let fares = [fare(1, 1, base, 0)];
        let trip = Trip { currency: currency(code), ..asked(&slices, &fares) };
        let promotion = Promotion { benefit: benefit.clone(), ..tenth() };
        assert_eq!(
            promotion.discount(&trip).map(|discount| discount.total),
            expected,
            "{benefit:?} of {base} {code}"
        );
    }
}

#[test]
fn a_discount_is_apportioned_by_the_largest_remainder_and_leaves_taxes_alone() {
    let slices = [slice(1, ("JFK", "LAX"), Cabin::Economy)];
    let fares = [fare(1, 1, 10_000, 0), fare(2, 1, 10_000, 0), fare(3, 1, 1_000, 0)];
    let promotion = Promotion { benefit: Benefit::Amount { amounts: amounts(&[("USD", 1_000)]) }, ..tenth() };
    let discount = promotion.discount(&asked(&slices, &fares)).expect("a discount");
    let of: Vec<(i16, i64)> = discount.lines.iter().map(|line| (line.passenger_no, line.amount)).collect();
    // 476.19…, 476.19… and 47.61…: the missing unit goes to the largest remainder, the third.
    assert_eq!(of, [(1, 476), (2, 476), (3, 48)]);
    assert_eq!(fares[0].taxed(), 700);
}

#[test]
fn a_second_code_lands_on_what_the_first_left() {
    let slices = [slice(1, ("JFK", "LAX"), Cabin::Economy)];
    let fares = [fare(1, 1, 10_000, 9_000)];
    let promotion = Promotion { combinable: true, ..tenth() };
    let trip = Trip { others: &[("FIRST", true)], ..asked(&slices, &fares) };
    assert_eq!(promotion.discount(&trip).map(|discount| discount.total), Ok(100));
    let spent = [fare(1, 1, 10_000, 10_000)];
    assert_eq!(promotion.discount(&Trip { fares: &spent, ..trip }), Err(Refusal::NothingToDiscount));
}

#[test]
fn codes_as_people_type_them() {
    for (typed, code) in [
        (" summer-10 ", Some("SUMMER-10")),
        ("ABC", Some("ABC")),
        ("AB", None),
        ("-ABC", None),
        ("A B C", None),
        ("SOMMER_10", None),
        ("गर्मी", None),
        ("", None),
    ] {
        assert_eq!(normalise(typed).as_deref(), code, "{typed:?}");
    }
    assert_eq!(normalise(&"A".repeat(CODE_MAX + 1)), None);
}

const HEADER: &str = "code,name,audience,kind,percent,amounts,extra,book_from,book_until,travel_from,travel_until,routes,cabins,fare_families,minimum_spend,first_booking,total_limit,per_user_limit,combinable\n";

#[test]
fn the_file_is_read_and_its_wrong_cells_are_told_apart() {
    let read = |rows: &str| parse("promotions.csv", format!("{HEADER}{rows}\n").as_bytes());
    let good = read(
        "summer10,Summer,public,percent,12.5,USD:5000,,2026-06-01T00:00:00Z,,2026-07-01,2026-08-31,JFK-LAX *-JFK,economy,economy_saver,USD:10000 JPY:9000,no,1000,1,yes",
    )
    .expect("good");
    let promotion = &good[0];
    assert_eq!(promotion.code, "SUMMER10");
    assert_eq!(promotion.benefit, Benefit::Percent { basis_points: 1_250, cap: amounts(&[("USD", 5_000)]) });
    assert_eq!(promotion.routes[1], Route { origin: None, destination: Some(airport("JFK")) });
    assert_eq!((promotion.total_limit, promotion.per_user_limit), (Some(1_000), Some(1)));
    let line = "ABC,A,public,amount,,USD:100,,,,,,,,,,no,,,no";
    assert!(read(line).is_ok());
    for (from, to, column) in [
        ("ABC,", "A,", "code"),
        ("public", "secret", "audience"),
        ("amount,,", "gift,,", "kind"),
        ("USD:100", "USD:0", "amounts"),
        ("USD:100", "", "amounts"),
        ("amount,,USD:100", "percent,120,", "percent"),
        ("amount,,USD:100,", "extra,,,BAG", "extra"),
        (",,,,,no,", ",JFK-,,,,no,", "routes"),
        ("no,,,no", "no,0,,no", "total_limit"),
        ("no,,,no", "perhaps,,,no", "first_booking"),
    ] {
        let bad = read(&line.replacen(from, to, 1)).expect_err(to);
        assert_eq!(bad.cells.first().map(|cell| cell.column.as_str()), Some(column), "{from} -> {to}");
    }
    let twice = read(&format!("{line}\n{line}")).expect_err("twice");
    assert_eq!(twice.cells[0].line, 3);
}

#[test]
fn the_words_of_refusals_differ() {
    let mut words: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Refusal::ALL.len());
}

#[test]
fn one_of_an_extra_is_free() {
    let (slices, fares) = there_and_back();
    let extra = |number, slice_no, code: &str, unit_price, price| TripExtra {
        number,
        slice_no,
        code: code.to_owned(),
        unit_price,
        price,
    };
    let bag = Promotion { benefit: Benefit::Extra { extra: "bag_23".to_owned() }, ..tenth() };
    let back_only = Promotion { cabins: vec![Cabin::Business], ..bag.clone() };
    for (promotion, extras, expected) in [
        (&bag, vec![], Err(Refusal::ExtraNotChosen)),
        (&bag, vec![extra(1, 1, "meal", 1_500, 1_500)], Err(Refusal::ExtraNotChosen)),
        (&bag, vec![extra(1, 1, "bag_23", 4_000, 12_000)], Ok((4_000, Some(1)))),
        (&bag, vec![extra(1, 1, "bag_23", 4_000, 0)], Err(Refusal::NothingToDiscount)),
        (&bag, vec![extra(1, 1, "bag_23", 4_000, 3_000)], Ok((3_000, Some(1)))),
        (&bag, vec![extra(1, 1, "bag_23", 0, 0), extra(2, 2, "bag_23", 500, 500)], Ok((500, Some(2)))),
        (&bag, vec![extra(1, 1, "bag_23", 500, 500), extra(2, 2, "bag_23", 500, 500)], Ok((500, Some(1)))),
        (&back_only, vec![extra(1, 1, "bag_23", 900, 900)], Err(Refusal::ExtraNotChosen)),
        (
            &back_only,
            vec![extra(1, 1, "bag_23", 900, 900), extra(2, 2, "bag_23", 500, 500)],
            Ok((500, Some(2))),
        ),
    ] {
        let trip = Trip { extras: &extras, ..asked(&slices, &fares) };
        let found = promotion.discount(&trip);
        assert!(found.as_ref().is_ok_and(|discount| discount.lines.is_empty()) || found.is_err());
        assert_eq!(found.map(|discount| (discount.total, discount.extra)), expected, "{extras:?}");
    }
}

proptest! {
    #[test]
    fn discounts_of_fares_add_up_and_no_fare_falls_below_its_taxes(
        fares in prop::collection::vec((0_i64..1_000_000_000_000_000, 0_i64..=100, 1_i16..4), 1..30),
        basis_points in 1_u16..=10_000,
        fixed in proptest::option::of(1_i64..1_000_000_000_000_000),
    ) {
        let fares: Vec<SoldFare> = (1..).zip(fares)
            .map(|(passenger, (base, percent, slice))| {
                let discount = i64::try_from(i128::from(base) * i128::from(percent) / 100).expect("fits");
                fare(passenger, slice, base, discount)
            })
            .collect();
        let slices = [slice(1, ("JFK", "LAX"), Cabin::Economy), slice(2, ("LAX", "SFO"), Cabin::Economy)];
        let benefit = fixed.map_or(Benefit::Percent { basis_points, cap: Amounts::new() }, |amount| {
            Benefit::Amount { amounts: amounts(&[("USD", amount)]) }
        });
        let promotion = Promotion { benefit, ..tenth() };
        match promotion.discount(&asked(&slices, &fares)) {
            Ok(discount) => {
                prop_assert_eq!(discount.lines.iter().map(|line| line.amount).sum::<i64>(), discount.total);
                for line in &discount.lines {
                    let fare = fares.iter().find(|fare| fare.passenger_no == line.passenger_no).expect("a fare");
                    prop_assert!(line.slice_no == fare.slice_no && line.slice_no < 3, "slice 3 is not of the trip");
                    prop_assert!(line.amount > 0 && line.amount <= fare.net(), "{line:?} of {fare:?}");
                }
            }
            Err(refusal) => prop_assert_eq!(refusal, Refusal::NothingToDiscount),
        }
    }
}
