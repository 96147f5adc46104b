use proptest::prelude::*;

use super::*;
use crate::input::BadInput;

const HEADER: &str =
    "aircraft,cabin,rows,seats,zone,price,middle_price,currency,refund,features,masks,blocked";
const FRONT: &str = "73H,business,1-4,AB EF,standard,0,0,USD,,bulkhead,A E,";
const EXIT: &str = "73H,economy,15-16,ABC DEF,extra_legroom,3900,3200,USD,24:100,exit overwing,,";
const BACK: &str = "73H,economy,17-20,ABC DEF,standard,1500,1100,USD,24:100,,A D,F";

fn check(rows: &[&str]) -> Result<Vec<SeatMap>, BadInput> {
    parse("maps.csv", format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
}

fn shipped() -> Vec<SeatMap> {
    parse("seat-maps.csv", include_bytes!("../../../../data/seat-maps.csv")).expect("a good file")
}

#[test]
fn seats_print_and_parse() {
    for text in ["1A", "12A", "9K", "99J"] {
        assert_eq!(text.parse::<SeatId>().expect(text).to_string(), text);
    }
    for text in [
        "", "A", "12", "0A", "012A", "01A", "12I", "12L", "100A", "12a", "-1A", "+1A", "1 A", "१A", "1Ä",
        "12AA",
    ] {
        let error = text.parse::<SeatId>().expect_err(text);
        assert!(error.to_string().contains("12A"), "{error}");
    }
    let mut seats: Vec<SeatId> =
        ["10A", "2C", "2A"].iter().map(|seat| seat.parse().expect("a seat")).collect();
    seats.sort_unstable();
    assert_eq!(format!("{seats:?}"), "[2A, 2C, 10A]");
}

#[test]
fn seats_follow_from_rows() {
    let map = check(&[FRONT, EXIT, BACK]).expect("good rows").remove(0);
    assert_eq!(map.cabins(), [Cabin::Business, Cabin::Economy]);
    let seats = map.seats(Cabin::Economy);
    assert_eq!(seats.len(), 36);
    let seat = |id: &str| seats.iter().find(|seat| seat.id.to_string() == id).expect("a seat").clone();
    assert_eq!(seat("15A").features(), ["window", "exit", "overwing", "extra_legroom"]);
    assert_eq!(seat("15B").features(), ["middle", "exit", "overwing", "extra_legroom"]);
    assert_eq!(seat("17D").features(), ["aisle"]);
    assert_eq!((seat("17C").price.amount, seat("17E").price.amount), (1_500, 1_100));
    assert_eq!(seat("17F").block.to_string(), "17D");
    assert!(seat("17F").blocked && !seat("17A").blocked);
    assert!(!seat("16A").mask && seat("18B").mask);
    assert_eq!(map.refund(seat("15A").id), [RefundStep { hours: 24, percent: 100 }]);
    let narrow =
        check(&["AT7,economy,1,A,standard,0,0,USD,,,,"]).expect("good").remove(0).seats(Cabin::Economy);
    assert_eq!(narrow[0].features(), ["window"]);
}

#[test]
fn a_fare_family_includes_what_it_says() {
    let map = check(&[FRONT, EXIT, BACK]).expect("good rows").remove(0);
    let seats = map.seats(Cabin::Economy);
    let prices = |choice| (seats[0].price_for(choice).amount, seats[30].price_for(choice).amount);
    assert_eq!(prices(SeatChoice::None), (3_900, 1_500));
    assert_eq!(prices(SeatChoice::Standard), (3_900, 0));
    assert_eq!(prices(SeatChoice::Any), (0, 0));
}

#[test]
fn names_what_is_wrong() {
    for (row, from, to, column) in [
        (BACK, "73H", "737-800", "aircraft"),
        (BACK, "economy", "coach", "cabin"),
        (BACK, "17-20", "20-17", "rows"),
        (BACK, "17-20", "0-2", "rows"),
        (BACK, "17-20", "17-100", "rows"),
        (BACK, "17-20", "16-20", "rows"),
        (BACK, "ABC DEF", "ABC DIF", "seats"),
        (BACK, "ABC DEF", "CBA DEF", "seats"),
        (BACK, "ABC DEF", "", "seats"),
        (BACK, "standard", "good", "zone"),
        (BACK, "1500", "15.00", "price"),
        (BACK, "1100", "", "middle_price"),
        (BACK, "USD", "usd", "currency"),
        (BACK, "24:100", "24", "refund"),
        (BACK, "USD,24:100,,", "USD,24:100,toilet,", "features"),
        (BACK, "A D", "A E", "masks"),
        (BACK, ",F", ",H", "blocked"),
        (BACK, ",F", ",EF", "blocked"),
    ] {
        assert!(row.contains(from), "{from}");
        let error = check(&[FRONT, EXIT, &row.replacen(from, to, 1)]).expect_err(column);
        assert_eq!((error.cells[0].column.as_str(), error.cells[0].line), (column, 4), "{error}");
    }
    let twice = check(&[EXIT, &FRONT.replace("1-4", "17"), &BACK.replace("17-20", "18")]).expect_err("twice");
    assert_eq!(twice.cells[0].column, "cabin", "{twice}");
    let two_prices = check(&[BACK, &BACK.replace("17-20", "21").replace("1500", "1600")]).expect_err("two");
    assert_eq!(two_prices.cells[0].column, "price", "{two_prices}");
}

/// The demo's timetable sells these numbers of seats; the maps have every one of them.
#[test]
fn the_shipped_maps_fit_what_the_demo_sells() {
    let maps = shipped();
    for (aircraft, economy, business) in
        [("AT7", 70, 0), ("E75", 64, 12), ("73H", 150, 16), ("321", 174, 20), ("789", 250, 36)]
    {
        let map = maps.iter().find(|map| map.aircraft == aircraft).expect(aircraft);
        let seats = |cabin| map.seats(cabin).len();
        assert_eq!((seats(Cabin::Economy), seats(Cabin::Business)), (economy, business), "{aircraft}");
        let counted: usize = map.groups.iter().map(RowGroup::seats).sum();
        assert_eq!(counted, economy + business, "{aircraft}");
        // Nobody with an infant can be beside an exit, so no mask is needed there.
        assert!(map.groups.iter().all(|group| !group.exit || group.masks.is_empty()), "{aircraft}");
    }
    assert_eq!(maps.len(), 5);
}

proptest! {
    #[test]
    fn any_text_is_a_seat_or_none(text in "\\PC{0,6}") {
        if let Ok(seat) = text.parse::<SeatId>() {
            prop_assert_eq!(seat.to_string(), text);
        }
    }

    #[test]
    fn every_seat_comes_back(row in 1_u8..=99, letter in 0_usize..10) {
        let letter = SEAT_LETTERS.chars().nth(letter).expect("a letter");
        let seat = SeatId::new(row, letter).expect("a seat");
        prop_assert_eq!(seat.to_string().parse::<SeatId>(), Ok(seat));
        prop_assert_eq!(format!("{seat:?}"), seat.to_string());
    }
}
