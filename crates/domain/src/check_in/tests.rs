//! Every edge of a window to the second, on ordinary nights and those of the clocks; policies; who goes together.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::*;
use crate::test_data::bundled_zone;

const DOMESTIC: Terms = Terms {
    opens_minutes: 48 * 60,
    closes_minutes: 60,
    counter_closes_minutes: 45,
    passport: false,
    passport_months: 0,
};
const INTERNATIONAL: Terms =
    Terms { closes_minutes: 90, counter_closes_minutes: 60, passport: true, passport_months: 6, ..DOMESTIC };

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Asserts where each second around an edge is.
fn assert_edge(window: &Window, desk: Desk, edge: Timestamp, (before, from): (Phase, Phase)) {
    let second = SignedDuration::from_secs(1);
    for (now, expected) in [(edge - second, before), (edge, from), (edge + second, from)] {
        assert_eq!(window.phase(desk, now), expected, "{desk:?} at {now}");
    }
    let millisecond = SignedDuration::from_millis(1);
    assert_eq!(window.phase(desk, edge - millisecond), before, "a millisecond before {edge}");
}

#[test]
fn the_window_opens_and_closes_to_the_second() {
    let departs = at("2026-12-01T12:35:00Z");
    for (terms, closes, counter) in [
        (DOMESTIC, "2026-12-01T11:35:00Z", "2026-12-01T11:50:00Z"),
        (INTERNATIONAL, "2026-12-01T11:05:00Z", "2026-12-01T11:35:00Z"),
    ] {
        let window = Window::of(&terms, departs, None);
        for (desk, closes) in [(Desk::Online, closes), (Desk::Counter, counter)] {
            assert_edge(&window, desk, at("2026-11-29T12:35:00Z"), (Phase::NotOpen, Phase::Open));
            assert_edge(&window, desk, at(closes), (Phase::Open, Phase::Closed));
        }
    }
}

#[test]
fn a_delay_closes_later_and_opens_no_later_and_nothing_closes_earlier() {
    let departs = at("2026-12-01T12:35:00Z");
    let scheduled = Window::of(&DOMESTIC, departs, None);
    let delayed = Window::of(&DOMESTIC, departs, Some(departs + SignedDuration::from_mins(125)));
    assert_eq!(delayed.opens_at, scheduled.opens_at);
    assert_edge(&delayed, Desk::Online, at("2026-12-01T13:40:00Z"), (Phase::Open, Phase::Closed));
    assert_edge(&delayed, Desk::Counter, at("2026-12-01T13:55:00Z"), (Phase::Open, Phase::Closed));
    let early = Window::of(&DOMESTIC, departs, Some(departs - SignedDuration::from_mins(20)));
    assert_eq!(early, scheduled);
}

#[test]
fn a_window_is_as_long_when_the_clocks_change() {
    // Wall times of departure on the nights the clocks go forward and back, and one that is there twice.
    for (zone, wall, instant) in [
        ("America/New_York", "2026-03-08T08:35", "2026-03-08T12:35:00Z"),
        ("America/New_York", "2026-11-01T08:35", "2026-11-01T13:35:00Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),
        ("Europe/London", "2026-03-29T07:35", "2026-03-29T06:35:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T03:00", "2026-10-03T16:00:00Z"),
        ("Asia/Kolkata", "2026-03-29T02:30", "2026-03-28T21:00:00Z"),
    ] {
        let zone: TimeZone = bundled_zone(zone).expect("a zone");
        let wall: DateTime = wall.parse().expect("a wall time");
        let departs = zone.to_ambiguous_timestamp(wall).compatible().expect("an instant");
        assert_eq!(departs, at(instant));
        let window = Window::of(&DOMESTIC, departs, None);
        assert_edge(&window, Desk::Online, window.opens_at, (Phase::NotOpen, Phase::Open));
        assert_edge(&window, Desk::Online, window.closes_at, (Phase::Open, Phase::Closed));
        assert_eq!(window.closes_at.duration_since(window.opens_at), SignedDuration::from_hours(47));
        assert_eq!(departs.duration_since(window.closes_at), SignedDuration::from_hours(1));
    }
}

fn airport(code: &str) -> AirportCode {
    code.parse().expect("an airport")
}

#[test]
fn the_policy_that_names_the_route_most_closely_holds() {
    let numbered = |number| Terms { closes_minutes: number, counter_closes_minutes: 1, ..DOMESTIC };
    let country = |code: &str| End::Country(code.to_owned());
    let policy = |origin, destination, number| RoutePolicy { origin, destination, terms: numbered(number) };
    let policies = [
        policy(country("IN"), End::Anywhere, 2),
        policy(End::Anywhere, country("IN"), 3),
        policy(country("IN"), country("GB"), 4),
        policy(End::Airport(airport("DEL")), End::Anywhere, 5),
        policy(End::Airport(airport("DEL")), End::Airport(airport("LHR")), 6),
        policy(End::Anywhere, End::Airport(airport("LHR")), 7),
    ];
    let closes = |from: (&str, &str), to: (&str, &str)| {
        let route = Route { origin: (airport(from.0), from.1), destination: (airport(to.0), to.1) };
        terms_of(&policies, (DOMESTIC, INTERNATIONAL), &route).closes_minutes
    };
    let (del, bom, lhr, man) = (("DEL", "IN"), ("BOM", "IN"), ("LHR", "GB"), ("MAN", "GB"));
    assert_eq!(closes(del, lhr), 6, "both airports");
    assert_eq!(closes(bom, man), 4, "both countries");
    assert_eq!(closes(bom, lhr), 4, "two countries before one airport: closer about the origin");
    assert_eq!(closes(del, man), 5, "an airport before two countries: closer about the origin");
    assert_eq!(closes(bom, ("JFK", "US")), 2);
    assert_eq!(closes(man, bom), 3);
    assert_eq!(closes(bom, del), 2, "the origin before the destination");
    assert_eq!(closes(("ABE", "US"), ("ATL", "US")), DOMESTIC.closes_minutes);
    assert_eq!(closes(("ATL", "US"), ("CDG", "FR")), INTERNATIONAL.closes_minutes);
}

#[test]
fn a_file_of_policies_is_read_and_what_is_wrong_is_named() {
    let header =
        "origin,destination,opens_minutes,closes_minutes,counter_closes_minutes,passport,passport_months";
    let read = |rows: &str| {
        let text = format!("{header}\n{rows}\n");
        parse("policies.csv", text.as_bytes(), &|code| code.as_str() != "JFK")
    };
    let policies = read("DEL,GB,1440,120,60,yes,6\n,IN,2880,75,60,no,0").expect("policies");
    assert_eq!(policies.len(), 2);
    assert_eq!((&policies[0].origin, policies[0].terms.closes_minutes), (&End::Anywhere, 75));
    assert_eq!((&policies[1].origin, policies[1].terms.passport), (&End::Airport(airport("DEL")), true));
    for (row, column, reason) in [
        ("Delhi,GB,1440,120,60,yes,6", "origin", "is no airport and no country"),
        ("DEL,JFK,1440,120,60,yes,6", "destination", "is no airport and no country"),
        (",,1440,120,60,yes,6", "origin", "is a policy for every route"),
        ("DEL,GB,60,60,60,yes,6", "closes_minutes", "is not between opening and the counter's closing"),
        ("DEL,GB,1440,60,61,yes,6", "closes_minutes", "is not between opening and the counter's closing"),
        ("DEL,GB,1440,60,60,maybe,6", "passport", "is neither"),
        ("DEL,GB,1440,60,60,yes,25", "passport_months", "is not such a number"),
    ] {
        let error = read(row).expect_err(row);
        assert_eq!(
            (error.cells[0].column.as_str(), error.cells[0].reason.as_str()),
            (column, reason),
            "{row}"
        );
    }
    let twice = read("DEL,,1440,120,60,yes,6\nDEL,,1440,90,60,yes,6").expect_err("twice");
    assert_eq!(twice.cells[0].reason, "is already on line 2");
}

/// A party by letters: adult, child, infant; a capital is checked in.
fn party(letters: &str) -> Vec<Member> {
    let kind = |letter: char| match letter.to_ascii_lowercase() {
        'a' => PassengerType::Adult,
        'c' => PassengerType::Child,
        _ => PassengerType::Infant,
    };
    let member = |(number, letter): (i16, char)| Member {
        number,
        kind: kind(letter),
        checked_in: letter.is_ascii_uppercase(),
        boarded: false,
    };
    (1..).zip(letters.chars()).map(member).collect()
}

#[test]
fn infants_go_with_laps_and_children_with_adults() {
    let set = |numbers: &[i16]| numbers.iter().copied().collect::<BTreeSet<i16>>();
    for (letters, asked, joined) in [
        ("aa", &[1][..], Ok(&[1][..])),
        ("Aa", &[1, 2], Ok(&[2])),
        ("aaii", &[1], Ok(&[1, 3])),
        ("aaii", &[4], Ok(&[2, 4])),
        ("ac", &[2], Err(ChildrenAlone)),
        ("Ac", &[2], Ok(&[2])),
        ("ac", &[1, 2], Ok(&[1, 2])),
        ("a", &[7], Ok(&[])),
        ("a", &[], Ok(&[])),
    ] {
        assert_eq!(join(&party(letters), &set(asked)), joined.map(set), "{letters} {asked:?}");
    }
    for (letters, asked, left) in [
        ("AA", &[1][..], Ok(&[1][..])),
        ("Aa", &[2], Ok(&[])),
        ("AI", &[2], Ok(&[1, 2])),
        ("AC", &[1], Err(ChildrenAlone)),
        ("AC", &[1, 2], Ok(&[1, 2])),
        ("AAC", &[1], Ok(&[1])),
        ("ACI", &[3], Err(ChildrenAlone)),
    ] {
        assert_eq!(leave(&party(letters), &set(asked)), left.map(set), "{letters} {asked:?}");
    }
}

/// `party` has only those who still fly.
#[test]
fn nobody_stays_checked_in_whom_an_adult_left_behind() {
    for (letters, behind) in [
        ("AC", &[][..]),
        ("aC", &[2]),
        ("aCI", &[2, 3]),
        ("C", &[1]),
        ("AI", &[]),
        ("aAI", &[3]),
        ("AaI", &[]),
        ("AACII", &[]),
        ("aACII", &[4]),
        ("A", &[]),
        ("", &[]),
    ] {
        let behind: BTreeSet<i16> = behind.iter().copied().collect();
        assert_eq!(left_behind(&party(letters)), behind, "{letters}");
    }
}

#[test]
fn whoever_has_boarded_guards_children_and_does_not_leave() {
    let mut people = party("AaC");
    people[0].boarded = true;
    assert_eq!(leave(&people, &BTreeSet::from([1])), Ok(BTreeSet::new()));
    assert_eq!(leave(&people, &BTreeSet::from([1, 3])), Ok(BTreeSet::from([3])));
    assert_eq!(join(&people, &BTreeSet::from([2])), Ok(BTreeSet::from([2])));
    let alone = [Member { boarded: true, ..party("C")[0] }];
    assert_eq!(left_behind(&alone), BTreeSet::new());
}
