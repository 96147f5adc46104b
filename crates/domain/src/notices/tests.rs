use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::check_in::Terms;

const NOON: i64 = 1_800_000_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(NOON + minute * 60).expect("an instant")
}

fn flight(late: i64) -> FlightNow {
    let late_by = |minutes| if minutes >= 15 { FlightStatus::Delayed } else { FlightStatus::Scheduled };
    FlightNow {
        departs_at: at(0),
        arrives_at: at(120),
        expected_at: at(late),
        status: late_by(late),
        gate: None,
    }
}

fn nothing() -> Known {
    Known { sold: (at(0), at(120)), told: [None, None, None, None] }
}

/// Tells it, and remembers.
fn tell(flight: &FlightNow, known: &mut Known) -> Vec<Topic> {
    let said = news(flight, known);
    for say in &said {
        assert!(is_still_so(flight, say.aspect, &say.state), "{say:?} of {flight:?}");
        assert_eq!(say.topic.aspect(), Some(say.aspect));
        known.told[say.aspect as usize] = Some(say.state.clone());
    }
    said.iter().map(|say| say.topic).collect()
}

#[test]
fn words_are_their_own_and_go_both_ways() {
    let topics: BTreeSet<_> = Topic::ALL.iter().map(|topic| topic.as_str()).collect();
    assert_eq!(topics.len(), Topic::ALL.len());
    assert!(Topic::ALL.iter().all(|topic| Topic::parse(topic.as_str()) == Some(*topic)));
    assert!(Kind::ALL.iter().all(|kind| Kind::parse(kind.as_str()) == Some(*kind)));
    let told: BTreeSet<_> = Topic::ALL.iter().map(|topic| topic.kind()).collect();
    assert_eq!(told.len(), Kind::ALL.len(), "a kind that nothing is told of");
    assert_eq!((Topic::parse("advertisement"), Kind::parse("advertisement")), (None, None));
    assert!(Kind::ALL.into_iter().all(|kind| kind.is_mailed() || !kind.is_owed()));
    for (index, aspect) in Aspect::ALL.into_iter().enumerate() {
        assert_eq!(aspect as usize, index);
    }
}

#[test]
fn a_delay_is_told_from_a_quarter_of_an_hour_on_and_so_is_its_end() {
    let mut known = nothing();
    for (late, told) in [
        (0, vec![]),
        (14, vec![]),
        (15, vec![Topic::Delayed]),
        (15, vec![]),
        (29, vec![]),
        (30, vec![Topic::Delayed]),
        (20, vec![]),
        (0, vec![Topic::OnTime]),
        (0, vec![]),
        (30, vec![Topic::Delayed]),
        (90, vec![Topic::Delayed]),
        (14, vec![Topic::OnTime]),
    ] {
        assert_eq!(tell(&flight(late), &mut known), told, "{late} minutes");
    }
    assert_eq!(tell(&flight(0), &mut nothing()), [], "who was told of no delay is not told of its end");
}

#[test]
fn other_times_are_told_to_whoever_bought_others_and_end_the_delay_of_the_old_ones() {
    let mut known = nothing();
    assert_eq!(tell(&flight(45), &mut known), [Topic::Delayed]);
    let retimed = FlightNow {
        departs_at: at(200),
        arrives_at: at(320),
        expected_at: at(200),
        status: FlightStatus::Scheduled,
        gate: Some("B4".into()),
    };
    assert_eq!(tell(&retimed, &mut known), [Topic::Retimed, Topic::Gate]);
    assert_eq!(tell(&retimed, &mut known), []);
    let mut later = Known { sold: (at(200), at(320)), told: [None, None, None, None] };
    assert_eq!(tell(&retimed, &mut later), [Topic::Gate], "who bought these times knows them");
    let other_gate = FlightNow { gate: Some("C1".into()), ..retimed };
    assert_eq!(tell(&other_gate, &mut known), [Topic::Gate]);
    assert!(!is_still_so(&other_gate, Aspect::Gate, "B4"));
}

#[test]
fn a_cancellation_is_told_alone_and_its_end_to_who_was_told() {
    let mut known = nothing();
    let cancelled = FlightNow { status: FlightStatus::Cancelled, gate: Some("B4".into()), ..flight(60) };
    assert_eq!(tell(&cancelled, &mut known), [Topic::FlightCancelled]);
    assert_eq!(tell(&cancelled, &mut known), []);
    assert!(!is_still_so(&cancelled, Aspect::Delay, &format!("{}/{}", at(0), at(60))));
    assert_eq!(tell(&flight(0), &mut known), [Topic::Reinstated]);
    assert!(!is_still_so(&flight(0), Aspect::Operation, CANCELLED));
    assert_eq!(tell(&cancelled, &mut known), [Topic::FlightCancelled], "and again");
    for over in [FlightStatus::Departed, FlightStatus::Arrived] {
        let gone = FlightNow { status: over, gate: Some("B4".into()), ..flight(60) };
        assert_eq!(tell(&gone, &mut nothing()), []);
        assert!(!is_still_so(&gone, Aspect::Gate, "B4"));
    }
}

#[test]
fn check_in_has_a_time_to_open_to_remind_and_to_close() {
    let said = |late, before: i64, (opens, closes)| {
        let terms = Terms { opens_minutes: opens, closes_minutes: closes, ..TERMS };
        let window = Window::of(&terms, at(0), (late != 0).then(|| at(late)));
        let check = |flight| check_in_news(&flight, &window, SignedDuration::from_hours(3), at(-before));
        assert_eq!(check(FlightNow { status: FlightStatus::Cancelled, ..flight(late) }), None);
        check(flight(late))
    };
    let usual = (24 * 60, 60);
    for (before, late, terms, expected) in [
        (24 * 60 + 1, 0, usual, None),
        (24 * 60, 0, usual, Some(Topic::CheckInOpen)),
        (181, 0, usual, Some(Topic::CheckInOpen)),
        (180, 0, usual, Some(Topic::CheckInReminder)),
        (180, 1, usual, Some(Topic::CheckInOpen)),
        (61, 0, usual, Some(Topic::CheckInReminder)),
        (60, 0, usual, None),
        (60, 60, usual, Some(Topic::CheckInReminder)),
        (-10, 60, usual, None),
        // An estimate that is earlier takes no time away.
        (61, -30, usual, Some(Topic::CheckInReminder)),
        // It opens by the schedule, and late: then there is only the reminder.
        (24 * 60 + 1, 600, usual, None),
        (121, 0, (120, 60), None),
        (120, 0, (120, 60), Some(Topic::CheckInReminder)),
        // It closes early, so the reminder comes earlier.
        (241, 0, (24 * 60, 180), Some(Topic::CheckInOpen)),
        (240, 0, (24 * 60, 180), Some(Topic::CheckInReminder)),
        (180, 0, (24 * 60, 180), None),
    ] {
        assert_eq!(said(late, before, terms), expected, "{before} before, {late} late, {terms:?}");
    }
}

const TERMS: Terms = Terms {
    opens_minutes: 0,
    closes_minutes: 0,
    counter_closes_minutes: 45,
    passport: false,
    passport_months: 0,
};

fn any_flight() -> impl Strategy<Value = FlightNow> {
    let status = prop_oneof![
        4 => Just(FlightStatus::Scheduled),
        1 => Just(FlightStatus::Cancelled),
        1 => Just(FlightStatus::Departed),
    ];
    let gate = prop::option::of(prop_oneof![Just("A1".to_owned()), Just("B4".to_owned())]);
    (0..3_i64, 0..90_i64, status, gate).prop_map(|(day, late, status, gate)| FlightNow {
        departs_at: at(day * 600),
        arrives_at: at(day * 600 + 120),
        expected_at: at(day * 600 + late),
        status,
        gate,
    })
}

proptest! {
    /// Whatever happens: what was just told is not told again, and is so as long as nothing changes.
    #[test]
    fn nothing_is_told_twice(flights in prop::collection::vec(any_flight(), 1..20)) {
        let mut known = nothing();
        for flight in &flights {
            let said = tell(flight, &mut known);
            let aspects: BTreeSet<_> = said.iter().map(|topic| topic.as_str()).collect();
            prop_assert_eq!(aspects.len(), said.len());
            prop_assert_eq!(tell(flight, &mut known), vec![]);
        }
    }

    /// Who missed what happened in between is told how it is in the end, and not more than who was told of each step.
    #[test]
    fn only_the_present_counts(flights in prop::collection::vec(any_flight(), 1..20)) {
        let last = flights.last().expect("a flight");
        let mut asleep = nothing();
        let said = tell(last, &mut asleep);
        for topic in said {
            prop_assert!(topic != Topic::OnTime && topic != Topic::Reinstated);
        }
        if last.status == FlightStatus::Cancelled {
            prop_assert_eq!(asleep.told[Aspect::Operation as usize].as_deref(), Some(CANCELLED));
        }
    }
}
