//! Vectors of the standard and of others' tests, and what is printed is read again.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// Resolution 792, attachment B, example 1, without its security field (reference/standards.md 2.1).
const GOLDEN: &str = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100";
/// The same passenger in version 6 with nothing said beyond what must be (the same source).
const EMPTY: &str = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 226F001A0025 106>60000";

fn golden() -> BoardingPass {
    BoardingPass {
        name: "DESMARAIS/LUC".to_owned(),
        electronic: true,
        legs: vec![Leg {
            locator: "ABC123".to_owned(),
            from: "YUL".to_owned(),
            to: "FRA".to_owned(),
            carrier: "AC".to_owned(),
            flight: 834,
            suffix: None,
            day: 326,
            cabin: 'J',
            seat: Seat::At(1, 'A'),
            sequence: Some(25),
            status: Status::CheckedIn,
            each: Each::default(),
            own: String::new(),
        }],
        once: None,
        security: None,
    }
}

fn nothing_once(version: char) -> Once {
    Once {
        version,
        description: None,
        checked_in_at: None,
        issued_at: None,
        issued_on: None,
        document: None,
        issuer: String::new(),
        bags: Vec::new(),
    }
}

#[test]
fn the_standards_examples() {
    assert_eq!(golden().print().as_deref(), Ok(GOLDEN));
    assert_eq!(GOLDEN.len(), MANDATORY);
    assert_eq!(BoardingPass::parse(GOLDEN), Ok(golden()));
    let mut empty = golden();
    empty.legs[0].day = 226;
    empty.legs[0].cabin = 'F';
    empty.once = Some(nothing_once('6'));
    assert_eq!(empty.print().as_deref(), Ok(EMPTY));
    assert_eq!(BoardingPass::parse(EMPTY), Ok(empty));
}

#[test]
fn conditional_items_stand_where_they_belong() {
    let mut pass = golden();
    pass.once = Some(Once {
        description: Some('0'),
        checked_in_at: Some('W'),
        issued_at: Some('W'),
        issued_on: Some((6, 325)),
        document: Some('B'),
        issuer: "AC".to_owned(),
        ..nothing_once(VERSION)
    });
    pass.legs[0].each = Each {
        airline_number: "014".to_owned(),
        serial: "1234567890".to_owned(),
        selectee: Some('0'),
        baggage: "2PC".to_owned(),
        ..Each::default()
    };
    pass.legs[0].own = "LX58Z".to_owned();
    pass.security = Some(Security { kind: '1', data: "GIWVC5EH7J".to_owned() });
    let expected = concat!(
        "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 1",
        "3F>80B0WW6325BAC ",
        "29",
        "0141234567890",
        "0",
        " ",
        "   ",
        "   ",
        "                ",
        " ",
        "2PC",
        "LX58Z",
        "^10AGIWVC5EH7J"
    );
    let printed = pass.print().expect("a pass");
    assert_eq!(printed, expected);
    assert_eq!(printed, format!("{}^10AGIWVC5EH7J", pass.unsigned().expect("a pass")));
    assert_eq!(BoardingPass::parse(expected), Ok(pass));
}

#[test]
fn a_pass_of_two_flights() {
    let mut pass = golden();
    pass.once = Some(nothing_once(VERSION));
    let mut second = pass.legs[0].clone();
    second.from = "FRA".to_owned();
    second.to = "GVA".to_owned();
    second.carrier = "LH".to_owned();
    (second.flight, second.seat, second.sequence, second.status) =
        (3664, Seat::Infant, None, Status::NotCheckedIn);
    pass.legs.push(second);
    let printed = pass.print().expect("a pass");
    assert_eq!(
        printed,
        "M2DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 106>80000ABC123 FRAGVALH 3664 326JINF      000"
    );
    assert_eq!(BoardingPass::parse(&printed), Ok(pass));
}

#[test]
fn other_texts_are_no_passes() {
    let cases: [(&str, String, BcbpError); 12] = [
        ("nothing", String::new(), BcbpError::Short("the format")),
        ("format S", GOLDEN.replacen('M', "S", 1), BcbpError::Format),
        ("five flights", GOLDEN.replacen("M1", "M5", 1), BcbpError::Format),
        ("a small letter", GOLDEN.replacen("LUC", "Luc", 1), BcbpError::Field("the name")),
        ("two strokes", GOLDEN.replacen("LUC ", "L/C ", 1), BcbpError::Field("the name")),
        (
            "no electronic ticket",
            GOLDEN.replacen("EABC", "XABC", 1),
            BcbpError::Field("the electronic ticket"),
        ),
        ("day 367", GOLDEN.replacen("326J", "367J", 1), BcbpError::Field("the day of the year")),
        (
            "a status there is not",
            format!("{}B00", &GOLDEN[..57]),
            BcbpError::Field("the passenger's status"),
        ),
        ("cut", GOLDEN[..59].to_owned(), BcbpError::Short("the length of a flight's part")),
        ("more than it says", format!("{GOLDEN}X"), BcbpError::Long),
        ("less than it says", EMPTY[..65].to_owned(), BcbpError::Short("a flight's part")),
        ("not ASCII", GOLDEN.replacen("LUC  ", "LÜC ", 1), BcbpError::Field("a character")),
    ];
    for (what, text, expected) in cases {
        assert_eq!(BoardingPass::parse(&text), Err(expected), "{what}");
    }
    let signed = format!("{GOLDEN}^164");
    assert_eq!(BoardingPass::parse(&signed), Err(BcbpError::Short("the security data")));
}

#[test]
fn what_would_not_come_back_is_not_printed() {
    let refused = |change: fn(&mut BoardingPass), what: &'static str| {
        let mut pass = golden();
        change(&mut pass);
        assert_eq!(pass.print(), Err(BcbpError::Field(what)));
    };
    refused(|pass| pass.name = "DESMARAIS/LUC ".to_owned(), "the name");
    refused(|pass| pass.name = "ABCDEFGHIJKLMNOPQRSTU".to_owned(), "the name");
    refused(|pass| pass.legs[0].from = "YU".repeat(2), "the airport of departure");
    refused(|pass| pass.legs[0].flight = 0, "the flight number");
    refused(|pass| pass.legs[0].seat = Seat::At(1000, 'A'), "the seat's row");
    refused(|pass| pass.legs[0].sequence = Some(10_000), "the sequence number");
    refused(|pass| pass.legs[0].own = "X".to_owned(), "what is said of a flight");
    refused(|pass| pass.security = Some(Security { kind: '1', data: "A^".to_owned() }), "the security data");
    let long = |pass: &mut BoardingPass| {
        pass.security = Some(Security { kind: '1', data: "A".repeat(256) });
    };
    refused(long, "the security data");
    let mut none = golden();
    none.legs.clear();
    assert_eq!(none.print(), Err(BcbpError::Format));
}

#[test]
fn the_year_is_the_closest() {
    for (day, near, expected) in [
        (1, date(2026, 12, 31), date(2027, 1, 1)),
        (365, date(2027, 1, 1), date(2026, 12, 31)),
        (366, date(2025, 1, 1), date(2024, 12, 31)),
        (366, date(2026, 6, 1), date(2024, 12, 31)),
        (366, date(2027, 6, 1), date(2028, 12, 31)),
        (60, date(2028, 3, 1), date(2028, 2, 29)),
        (60, date(2027, 3, 1), date(2027, 3, 1)),
        (327, date(2026, 11, 23), date(2026, 11, 23)),
    ] {
        assert_eq!(date_of(day, near), Some(expected), "day {day} near {near}");
    }
    assert_eq!(date_of(0, date(2026, 1, 1)), None);
    assert_eq!(date_of(367, date(2026, 1, 1)), None);
}

fn mark() -> impl Strategy<Value = Option<char>> {
    prop::option::of(prop::char::range('0', '9'))
}

fn leg() -> impl Strategy<Value = Leg> {
    let letter = || prop::char::range('A', 'Z');
    let seat = prop_oneof![
        (1_u16..=999, letter()).prop_map(|(row, letter)| Seat::At(row, letter)),
        Just(Seat::Infant),
        Just(Seat::None)
    ];
    let status = prop::sample::select(Status::ALL.to_vec()).prop_map(|(status, _)| status);
    (
        ("[A-Z0-9]{1,7}", "[A-Z]{3}", "[A-Z]{3}", "[A-Z0-9]{2,3}"),
        (1_u16..=9999, prop::option::of(letter()), 1_u16..=366, letter(), seat),
        (prop::option::of(1_u16..=9999), status),
    )
        .prop_map(
            |((locator, from, to, carrier), (flight, suffix, day, cabin, seat), (sequence, status))| Leg {
                locator,
                from,
                to,
                carrier,
                flight,
                suffix,
                day,
                cabin,
                seat,
                sequence,
                status,
                each: Each::default(),
                own: String::new(),
            },
        )
}

fn once() -> impl Strategy<Value = Once> {
    (
        (prop::char::range('0', '9'), mark(), mark(), mark()),
        (prop::option::of((0_u8..=9, 1_u16..=366)), mark(), "([A-Z0-9]{2,3})?"),
        prop::collection::vec("[0-9]{13}", 0..=3),
    )
        .prop_map(
            |((version, description, checked_in_at, issued_at), (issued_on, document, issuer), bags)| Once {
                version,
                description,
                checked_in_at,
                issued_at,
                issued_on,
                document,
                issuer,
                bags,
            },
        )
}

fn each() -> impl Strategy<Value = (Each, String)> {
    (
        ("([0-9]{3})?", "([0-9]{10})?", mark(), mark()),
        ("([A-Z]{2,3})?", "([A-Z]{2,3})?", "([A-Z0-9]{1,16})?"),
        (mark(), "([0-9][A-Z]{1,2})?", mark()),
        "([!-\\]_-~]{1,20})?",
    )
        .prop_map(
            |(
                (airline_number, serial, selectee, documents),
                (marketing, programme, frequent_flyer),
                (discount, baggage, fast_track),
                own,
            )| {
                let each = Each {
                    airline_number,
                    serial,
                    selectee,
                    documents,
                    marketing,
                    programme,
                    frequent_flyer,
                    discount,
                    baggage,
                    fast_track,
                };
                (each, own)
            },
        )
}

fn pass() -> impl Strategy<Value = BoardingPass> {
    let said = prop::option::of((once(), prop::collection::vec(each(), LEGS_MAX)));
    let security = prop::option::of(
        ("[0-9A-Z]", "([!-\\]_-~]{1,255})?")
            .prop_map(|(kind, data)| Security { kind: kind.chars().next().unwrap_or('1'), data }),
    );
    let name = "[A-Z]{1,9}( [A-Z]{1,3})?(/[A-Z]{1,6})?";
    (name, any::<bool>(), prop::collection::vec(leg(), 1..=LEGS_MAX), said, security).prop_map(
        |(name, electronic, mut legs, said, security)| {
            let (once, said) = said.unzip();
            for (leg, (each, own)) in legs.iter_mut().zip(said.unwrap_or_default()) {
                (leg.each, leg.own) = (each, own);
            }
            BoardingPass { name, electronic, legs, once, security }
        },
    )
}

proptest! {
    #[test]
    fn what_is_printed_is_read(pass in pass()) {
        let printed = pass.print().expect("a pass that can be printed");
        prop_assert!(printed.is_ascii());
        if pass.once.is_none() && pass.security.is_none() {
            prop_assert_eq!(printed.len(), 23 + 37 * pass.legs.len());
        }
        prop_assert_eq!(BoardingPass::parse(&printed), Ok(pass));
    }

    #[test]
    fn what_is_read_is_written_again(pass in pass(), place in 0_usize..400, byte in b' '..=b'~') {
        let mut text = pass.print().expect("a pass that can be printed").into_bytes();
        let place = place % text.len();
        text[place] = byte;
        let text = String::from_utf8(text).expect("ASCII");
        // Whatever a slip of one character makes of it, what is understood is understood wholly.
        if let Ok(read) = BoardingPass::parse(&text) {
            let again = read.print().expect("what was read can be written");
            prop_assert_eq!(BoardingPass::parse(&again), Ok(read));
        }
    }

    #[test]
    fn no_text_panics(text in "(M[1-4])?\\PC{0,120}") {
        let _ = BoardingPass::parse(&text);
    }

    #[test]
    fn every_name_fits(surname in "\\PC{0,40}", given in "\\PC{0,40}") {
        if let Some(name) = name_of(&surname, &given) {
            let mut pass = golden();
            pass.name = name;
            prop_assert!(pass.print().is_ok(), "{}", pass.name);
        }
    }
}
