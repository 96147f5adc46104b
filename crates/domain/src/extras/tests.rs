use kernel::Currency;
use proptest::prelude::*;

use super::*;
use crate::fare_families::SeatChoice;

const HEADER: &str =
    "code,kind,name,per,unit,kg,price,currency,cabins,passengers,most,stock,refund,closes_minutes";
const BAG: &str =
    "bag_23,baggage,Bag,slice,piece,23,4000,USD,economy business,adult child,5,80,72:100 24:50,180";
const MEAL: &str = "meal,meal,Meal,flight,one,,1200,USD,economy,adult child,2,30,24:100,1440";
const PRIORITY: &str = "priority,priority,Priority,flight,one,,1500,USD,economy,adult,1,,,0";
const WEIGHT: &str = "weight,baggage,Weight,flight,kg,,900,USD,economy,adult,30,,,0";

fn check(rows: &[&str]) -> Result<Vec<Extra>, BadInput> {
    parse("extras.csv", format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
}

fn one(row: &str) -> Extra {
    check(&[row]).expect("a good row").remove(0)
}

const PLAIN: Included = Included {
    cabin_bags: 1,
    checked_bags: 0,
    checked_bag_kg: 0,
    seat_choice: SeatChoice::None,
    meal: false,
    priority_boarding: false,
};

fn wish(included: &Included) -> Wish<'_> {
    Wish {
        cabin: Cabin::Economy,
        passenger: PassengerType::Adult,
        included,
        has: 0,
        quantity: 1,
        departs_at: "2026-12-01T12:00:00Z".parse().expect("an instant"),
        check_in_closes: SignedDuration::from_mins(60),
        now: "2026-11-01T12:00:00Z".parse().expect("an instant"),
    }
}

#[test]
fn prices_follow_quantity_and_allowance() {
    let usd = |amount| Ok(Money::new(amount, Currency::USD));
    let full = Included { meal: true, priority_boarding: true, ..PLAIN };
    for (row, included, quantity, price) in [
        (BAG, PLAIN, 3, usd(12_000)),
        (WEIGHT, PLAIN, 7, usd(6_300)),
        (MEAL, PLAIN, 2, usd(2_400)),
        (MEAL, full, 2, usd(0)),
        (BAG, full, 1, usd(4_000)),
        (PRIORITY, PLAIN, 1, usd(1_500)),
        (PRIORITY, full, 1, Err(ExtraError::Included)),
    ] {
        let wish = Wish { quantity, ..wish(&included) };
        assert_eq!(one(row).price_of(&wish), price, "{row} × {quantity}");
    }
}

#[test]
fn limits_of_cabin_passenger_number_and_time() {
    let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let base = wish(&PLAIN);
    for (row, wish, error) in [
        (MEAL, Wish { cabin: Cabin::Business, ..base }, ExtraError::Cabin),
        (MEAL, Wish { passenger: PassengerType::Infant, ..base }, ExtraError::Passenger),
        (MEAL, Wish { quantity: 3, ..base }, ExtraError::TooMany { most: 2, has: 0 }),
        (MEAL, Wish { has: 2, ..base }, ExtraError::TooMany { most: 2, has: 2 }),
        (MEAL, Wish { quantity: u32::MAX, has: 1, ..base }, ExtraError::TooMany { most: 2, has: 1 }),
        (MEAL, Wish { now: at("2026-11-30T12:00:00Z"), ..base }, ExtraError::Closed),
        (WEIGHT, Wish { now: at("2026-12-01T11:00:00Z"), ..base }, ExtraError::Closed),
    ] {
        assert_eq!(one(row).price_of(&wish), Err(error), "{row}");
    }
    let in_time = [(MEAL, "2026-11-30T11:59:59Z"), (WEIGHT, "2026-12-01T10:59:59Z")];
    for (row, now) in in_time {
        assert!(one(row).price_of(&Wish { now: at(now), ..base }).is_ok(), "{row} at {now}");
    }
}

#[test]
fn names_what_is_wrong() {
    for (rows, column) in [
        (vec![BAG, BAG], "code"),
        (vec![&BAG.replace("bag_23", "Bag!")], "code"),
        (vec![&BAG.replace("baggage", "seat")], "kind"),
        (vec![&BAG.replace("slice", "trip")], "per"),
        (vec![&BAG.replace("piece,23", "piece,")], "unit"),
        (vec![&BAG.replace("piece,23", "kg,23")], "unit"),
        (vec![&BAG.replace("piece,23", "piece,51")], "kg"),
        (vec![&BAG.replace("4000", "-1")], "price"),
        (vec![&BAG.replace("economy business", "economy economy")], "cabins"),
        (vec![&BAG.replace("adult child", "")], "passengers"),
        (vec![&BAG.replace(",5,80", ",0,80")], "most"),
        (vec![&BAG.replace(",5,80", ",5,x")], "stock"),
        (vec![&BAG.replace("24:50", "24:101")], "refund"),
        (vec![&BAG.replace(",180", ",-5")], "closes_minutes"),
    ] {
        let rows: Vec<&str> = rows.iter().map(AsRef::as_ref).collect();
        let error = check(&rows).expect_err(column);
        assert_eq!(error.cells[0].column, column, "{error}");
    }
}

#[test]
fn words_come_back() {
    assert!(ExtraKind::ALL.iter().all(|kind| ExtraKind::from_word(kind.as_str()) == Some(*kind)));
    assert!(ExtraStatus::ALL.iter().all(|status| ExtraStatus::from_word(status.as_str()) == Some(*status)));
    for unit in [Unit::One, Unit::Piece { kg: 23 }, Unit::Kilogram] {
        let kg = if let Unit::Piece { kg } = unit { Some(kg) } else { None };
        assert_eq!(Unit::from_word(unit.as_str(), kg), Some(unit));
    }
}

#[test]
fn the_shipped_file_is_good() {
    let extras = parse("extras.csv", include_bytes!("../../../../data/extras.csv")).expect("a good file");
    for kind in [ExtraKind::Baggage, ExtraKind::Meal, ExtraKind::Priority] {
        assert!(extras.iter().any(|extra| extra.kind == kind), "{kind:?}");
    }
}

proptest! {
    #[test]
    fn never_more_than_the_limit_and_never_below_nothing(has in 0_u32..200, quantity in 0_u32..200) {
        for row in [BAG, MEAL, PRIORITY, WEIGHT] {
            let extra = one(row);
            let answer = extra.price_of(&Wish { has, quantity, ..wish(&PLAIN) });
            prop_assert_eq!(answer.is_ok(), has + quantity <= u32::from(extra.most));
            if let Ok(price) = answer {
                prop_assert_eq!(price.amount, extra.price.amount * i64::from(quantity));
            }
        }
    }
}
