//! The machine against a plain list of what happened.

use proptest::prelude::*;

use super::*;

const SETTINGS: Settings = Settings {
    window: Duration::from_secs(10),
    calls_min: 4,
    error_percent: 50,
    open: Duration::from_secs(5),
    open_most: Duration::from_secs(20),
};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn call(circuit: &mut Circuit, now: Duration, outcome: Outcome) {
    let call = circuit.enter(now).expect("it passes");
    circuit.report(now, call, outcome, 0);
}

#[test]
fn it_opens_when_enough_fail_and_closes_when_a_probe_is_answered() {
    let mut circuit = Circuit::new(SETTINGS);
    for outcome in [Outcome::Answered, Outcome::Answered, Outcome::Failed] {
        call(&mut circuit, at(1), outcome);
    }
    assert_eq!(circuit.state(), State::Closed, "three calls say nothing");
    call(&mut circuit, at(1), Outcome::Failed);
    assert_eq!((circuit.state(), circuit.enter(at(2))), (State::Open, Err(at(4))));
    assert_eq!(circuit.refuses_for(at(2)), Some(at(4)));
    assert_eq!(circuit.refuses_for(at(6)), None);
    let probe = circuit.enter(at(6)).expect("the probe");
    assert!(probe.is_probe());
    assert_eq!(circuit.enter(at(6)), Err(at(5)), "one probe at a time");
    circuit.report(at(7), probe, Outcome::Answered, 0);
    assert_eq!(circuit.state(), State::Closed);
    // What failed before is forgotten.
    call(&mut circuit, at(7), Outcome::Failed);
    assert_eq!(circuit.state(), State::Closed);
}

#[test]
fn each_probe_that_fails_doubles_the_wait_up_to_the_most() {
    let mut circuit = Circuit::new(SETTINGS);
    for _ in 0..4 {
        call(&mut circuit, at(0), Outcome::Failed);
    }
    let mut now = at(0);
    for wait in [5, 10, 20, 20, 20] {
        assert_eq!(circuit.refuses_for(now), Some(at(wait)));
        now += at(wait);
        call(&mut circuit, now, Outcome::Failed);
    }
}

#[test]
fn a_probe_we_gave_up_leaves_room_for_another() {
    let mut circuit = Circuit::new(SETTINGS);
    for _ in 0..4 {
        call(&mut circuit, at(0), Outcome::Failed);
    }
    let probe = circuit.enter(at(5)).expect("the probe");
    circuit.report(at(5), probe, Outcome::Dropped, 0);
    assert!(circuit.enter(at(5)).is_ok_and(Permission::is_probe));
}

#[test]
fn what_began_before_it_opened_does_not_close_it() {
    let mut circuit = Circuit::new(SETTINGS);
    let early = circuit.enter(at(0)).expect("it passes");
    for _ in 0..4 {
        call(&mut circuit, at(0), Outcome::Failed);
    }
    let probe = circuit.enter(at(5)).expect("the probe");
    circuit.report(at(5), early, Outcome::Answered, 0);
    assert_eq!(circuit.state(), State::HalfOpen);
    circuit.report(at(5), probe, Outcome::Failed, 0);
    circuit.report(at(5), probe, Outcome::Answered, 0);
    assert_eq!(circuit.state(), State::Open, "an outcome counts once");
}

#[test]
fn a_shared_circuit_lets_one_probe_pass_and_takes_a_dropped_call_for_no_answer() {
    let settings = Settings { calls_min: 2, open: Duration::ZERO, ..SETTINGS };
    let breaker = Breaker::new("test", settings);
    drop(breaker.enter().expect("it passes"));
    drop(breaker.enter().expect("it passes"));
    assert_eq!(breaker.state(), State::Closed, "giving up is no failure of theirs");
    breaker.enter().expect("it passes").failed();
    breaker.enter().expect("it passes").failed();
    assert_eq!(breaker.state(), State::Open);
    assert!(breaker.check().is_ok(), "a probe would pass");
    let probe = breaker.enter().expect("the probe");
    assert_eq!(breaker.state(), State::HalfOpen);
    assert!(breaker.enter().is_err() && breaker.check().is_err());
    probe.answered();
    assert_eq!(breaker.state(), State::Closed);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Milliseconds pass.
    Wait(u64),
    /// Somebody asks to call.
    Enter,
    /// A call under way ends, by its place among those under way.
    End(usize, Outcome),
}

fn any_step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![Just(Outcome::Answered), Just(Outcome::Failed), Just(Outcome::Dropped)];
    prop_oneof![
        2 => (0_u64..4_000).prop_map(Step::Wait),
        4 => Just(Step::Enter),
        5 => (0_usize..8, outcome).prop_map(|(place, outcome)| Step::End(place, outcome)),
    ]
}

/// What the circuit should be, from the list of outcomes since it last closed.
#[derive(Default)]
struct Reference {
    counted: Vec<(Duration, bool)>,
    open_until: Option<Duration>,
    probing: bool,
    openings: u32,
}

impl Reference {
    fn state(&self) -> State {
        match (self.probing, self.open_until) {
            (true, _) => State::HalfOpen,
            (false, Some(_)) => State::Open,
            (false, None) => State::Closed,
        }
    }

    fn open(&mut self, now: Duration) {
        let wait = (at(5) * 2_u32.pow(self.openings.min(8))).min(at(20));
        (self.open_until, self.probing, self.openings) = (Some(now + wait), false, self.openings + 1);
        self.counted.clear();
    }

    fn count(&mut self, now: Duration, failed: bool) {
        self.counted.push((now, failed));
        let slot = |time: Duration| time.as_secs();
        let recent = self.counted.iter().filter(|(time, _)| slot(*time) + 10 > slot(now));
        let (calls, failures) =
            recent.fold((0, 0), |(calls, failures), (_, failed)| (calls + 1, failures + u32::from(*failed)));
        if calls >= 4 && failures * 2 >= calls {
            self.open(now);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn it_does_what_a_list_of_outcomes_says(steps in proptest::collection::vec(any_step(), 1..300)) {
        let (mut circuit, mut reference, mut now) = (Circuit::new(SETTINGS), Reference::default(), Duration::ZERO);
        // Calls under way, and the number of changes of state at which each began.
        let (mut under_way, mut changes): (Vec<(Permission, u32)>, u32) = (Vec::new(), 0);
        for step in steps {
            let before = reference.state();
            match step {
                Step::Wait(millis) => now += Duration::from_millis(millis),
                Step::Enter => {
                    let passes = match reference.state() {
                        State::Closed => true,
                        State::HalfOpen => false,
                        State::Open => reference.open_until.is_some_and(|until| now >= until),
                    };
                    prop_assert_eq!(circuit.refuses_for(now).is_none(), passes);
                    let entered = circuit.enter(now);
                    prop_assert_eq!(entered.is_ok(), passes);
                    if let Ok(call) = entered {
                        prop_assert_eq!(call.is_probe(), before == State::Open);
                        if call.is_probe() {
                            (reference.probing, changes) = (true, changes + 1);
                        }
                        under_way.push((call, changes));
                    }
                }
                Step::End(_, _) if under_way.is_empty() => {}
                Step::End(place, outcome) => {
                    let (call, began) = under_way.swap_remove(place % under_way.len());
                    circuit.report(now, call, outcome, 0);
                    if began == changes {
                        match (reference.state(), outcome) {
                            (State::Closed, Outcome::Dropped) | (State::Open, _) => {}
                            (State::Closed, outcome) => reference.count(now, outcome == Outcome::Failed),
                            (State::HalfOpen, Outcome::Answered) => reference = Reference::default(),
                            (State::HalfOpen, Outcome::Failed) => reference.open(now),
                            (State::HalfOpen, Outcome::Dropped) => {
                                (reference.probing, reference.open_until) = (false, Some(now));
                            }
                        }
                        if reference.state() != before {
                            changes += 1;
                        }
                    }
                }
            }
            prop_assert_eq!(circuit.state(), reference.state());
        }
    }

    /// It stays open by up to a fifth longer, never shorter.
    #[test]
    fn the_wait_is_spread(spread: u8) {
        let mut circuit = Circuit::new(SETTINGS);
        for _ in 0..4 {
            let call = circuit.enter(at(0)).expect("it passes");
            circuit.report(at(0), call, Outcome::Failed, spread);
        }
        let wait = circuit.refuses_for(at(0)).expect("open");
        prop_assert!((at(5)..=at(6)).contains(&wait), "{wait:?}");
    }
}
