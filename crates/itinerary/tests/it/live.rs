//! Searches while others write. What is read may be a moment old, but never half of one moment and half of another.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use itinerary::{ConnectionTimes, FlightState, Minute};

use crate::fixture::{Ask, ask, at, empty_network, flight, flights, id, search};

const READERS: usize = 2;
const FILLERS: u32 = 200;
/// A reader is content when it saw so many changes from one look to the next …
const MANY: usize = 6_000;
/// … or, on a slow machine, a few of them in this time …
const FEW: usize = 20;
const LONG: Duration = Duration::from_secs(3);
/// … and gives up after this: then changes do not come through.
const TOO_LONG: Duration = Duration::from_secs(30);

/// The seats stored with a fare: any reader can tell whether the two belong together.
fn seats_with(fare: u32) -> u16 {
    // Up to 15 seats are read in one word with the fare.
    let mixed = fare.wrapping_mul(0x9E37_79B1) >> 16;
    u16::try_from(mixed % 15 + 1).expect("16 bits")
}

/// `state` with the `n`th fares: all different, each with its seats, the cheapest class now first and now last.
fn priced(mut state: FlightState, n: u32) -> FlightState {
    for (place, class) in (0..).zip(state.cabins.iter_mut().flatten().flatten()) {
        class.fare = n * 4 + if n.is_multiple_of(2) { place } else { 3 - place };
        class.seats = seats_with(class.fare);
    }
    state.version = u64::from(n);
    state
}

/// Runs the readers until all are content, and meanwhile `writers`, each with the numbers 1, 2, 3 …
fn race(read: impl Fn() -> usize + Sync, writers: &[&(dyn Fn(u32) + Sync)]) {
    let (start, reading) = (Barrier::new(READERS + writers.len()), AtomicUsize::new(READERS));
    let rounds: Vec<AtomicU32> = writers.iter().map(|_| AtomicU32::new(0)).collect();
    thread::scope(|scope| {
        for (write, round) in writers.iter().zip(&rounds) {
            let (start, reading, rounds) = (&start, &reading, &rounds);
            scope.spawn(move || {
                // A writer that fails does not keep the other waiting.
                let _done = OnDrop(|| round.store(u32::MAX, Ordering::Relaxed));
                start.wait();
                for n in 1.. {
                    round.store(n, Ordering::Relaxed);
                    // The writers start each round together: a lock is not fair, and one could starve the other.
                    while rounds.iter().any(|other| other.load(Ordering::Relaxed) < n) {
                        thread::yield_now();
                    }
                    write(n);
                    if reading.load(Ordering::Relaxed) == 0 {
                        break;
                    }
                }
            });
        }
        let reader = || {
            // Also a reader that fails lets the writers stop.
            let _done = OnDrop(|| _ = reading.fetch_sub(1, Ordering::Relaxed));
            start.wait();
            assert!(read() >= FEW, "the reader saw too few changes");
        };
        for _ in 0..READERS {
            scope.spawn(reader);
        }
    });
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Looks again and again, and counts how often what it sees differs from the time before.
fn changes<T: PartialEq>(mut look: impl FnMut(Option<&T>) -> T) -> usize {
    let (mut last, mut changes) = (None, 0);
    let begin = Instant::now();
    while changes < MANY && begin.elapsed() < if changes < FEW { TOO_LONG } else { LONG } {
        let seen = look(last.as_ref());
        if last.as_ref() == Some(&seen) {
            // With fewer cores than threads nothing would change until the time slice ends.
            thread::yield_now();
        } else {
            changes += usize::from(last.is_some());
            last = Some(seen);
        }
    }
    changes
}

fn assert_pairs(state: &FlightState) {
    for class in state.cabins.iter().flatten().flatten() {
        assert_eq!(class.seats, seats_with(class.fare), "seats with fare {}", class.fare);
    }
}

#[test]
fn a_fare_is_only_seen_with_the_seats_stored_with_it() {
    let network = empty_network();
    let base = flight("KR1 ABE ATL 1 08:00 10:00 Y:0/0 B:0/0 M:0/0 Q:0/0");
    let after = flight("KR2 ATL ORD 1 11:00 12:00 Y:0/0 B:0/0 M:0/0 Q:0/0");
    network.load(vec![priced(base.clone(), 0), priced(after.clone(), 0)]);
    let read = || {
        changes(|_| {
            let found = search(&network, &ask("ABE ORD"));
            assert_eq!(found.len(), 1);
            for leg in found[0].legs() {
                assert_eq!(leg.seats_at_fare, seats_with(leg.fare), "seats with fare {}", leg.fare);
            }
            assert_pairs(&network.flight(base.id).expect("the flight"));
            found[0].legs()[0].fare
        })
    };
    let write = |n: u32| {
        assert_eq!(network.apply(&[priced(base.clone(), n), priced(after.clone(), n)]), []);
    };
    race(read, &[&write]);
}

/// The times of KR1, which moves to and fro over midnight, after its `n`th move.
fn moved(n: u32) -> FlightState {
    let times = if n.is_multiple_of(2) { "23:00 00:30+1" } else { "00:10+1 02:10+1" };
    priced(flight(&format!("KR1 ABE ATL 1 {times} Y:0/0 B:0/0 M:0/0 Q:0/0")), n)
}

/// Day 1 and day 2, so that both places of KR1 are within.
fn two_days() -> Ask {
    Ask { departs: at("1 00:00")..at("3 00:00"), max_stops: 0, ..ask("ABE ATL") }
}

#[test]
fn a_flight_that_moves_between_days_is_seen_exactly_once_and_with_its_fare() {
    let network = empty_network();
    network.load(vec![moved(0)]);
    let read = || {
        changes(|_: Option<&Minute>| {
            let found = search(&network, &two_days());
            assert_eq!(found.len(), 1, "the flight is there once, before or after");
            let leg = found[0].legs()[0];
            assert_eq!(leg.seats_at_fare, seats_with(leg.fare));
            let stored = moved(leg.fare / 4);
            assert_eq!((leg.departs, leg.arrives), (stored.departs, stored.arrives), "fare {}", leg.fare);
            leg.departs
        })
    };
    race(read, &[&|n| assert_eq!(network.apply(&[moved(n)]), [])]);
}

#[test]
fn a_new_fare_is_not_lost_to_a_day_that_is_laid_out_anew() {
    let network = empty_network();
    let base = flight("KR2 ABE ATL 1 08:00 10:00 Y:0/0 B:0/0 M:0/0 Q:0/0");
    // Many more flights, so that laying out a day takes its time.
    let others = (0..FILLERS).map(|n| flight(&format!("KR{} JFK ORD 1 12:00 13:00 Y:1/1", n + 10)));
    network.load(others.chain([moved(0), priced(base.clone(), 0)]));
    let read = || {
        changes(|last: Option<&u64>| {
            let state = network.flight(base.id).expect("the flight");
            assert_pairs(&state);
            let version = state.version;
            assert!(last.is_none_or(|last| *last <= version), "went back from {last:?} to {version}");
            version
        })
    };
    // One flight gets new fares in place, now early and now late while the days under it are replaced.
    let reprice = |n: u32| {
        let held = network.flight(base.id).expect("the flight");
        assert_eq!(held, priced(base.clone(), n - 1), "what was written in the round before");
        for _ in 0..n % 64 * 64 {
            std::hint::spin_loop();
        }
        network.apply(&[priced(base.clone(), n)]);
    };
    race(read, &[&reprice, &|n| drop(network.apply(&[moved(n)]))]);
}

/// The writer is busy as long as it is handed flights; meanwhile somebody turns the clock and searches.
#[test]
fn no_search_waits_for_the_writer() {
    let network = empty_network();
    network.load([priced(flight("KR1 ABE ATL 1 08:00 10:00 Y:0/0 B:0/0 M:0/0 Q:0/0"), 1)]);
    let ((ask_now, asked), (answer, answered)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    thread::scope(|scope| {
        let network = &network;
        scope.spawn(move || {
            asked.recv().expect("the writer is busy");
            network.advance_clock(at("0 12:00"));
            answer.send(network.search(&ask("ABE ATL").query()).len()).expect("the writer listens");
        });
        let busy = std::iter::once_with(move || {
            ask_now.send(()).expect("the reader listens");
            let found = answered.recv_timeout(TOO_LONG).expect("an answer while the writer is busy");
            assert_eq!(found, 1);
            flight("KR2 ATL ORD 1 11:00 12:00 Y:1/1")
        });
        assert_eq!(network.load(busy), []);
    });
}

/// Searches share their bounds with the timetable that has other connection times. Whoever changes those waits until the
/// searches on the one before are over, or else the next change would raise bounds under them.
#[test]
fn other_connection_times_wait_for_the_searches_that_have_the_old_ones() {
    let network = empty_network();
    network.load([
        flight("KR1 ABE ATL 1 08:00 10:00 Y:100/9"),
        flight("KR2 ATL ORD 1 10:30 12:00 Y:1/9"),
        flight("KR3 ATL ORD 1 10:50 12:00 Y:1/9"),
    ]);
    let query = ask("ABE ORD").query();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut shown = 0;
        network.visit(&query, &mut |_| {
            shown += 1;
            scope.spawn(|| {
                network.set_connection_times(ConnectionTimes::uniform(30, 30));
                done.store(true, Ordering::Release);
            });
            // Searches that begin now have the new times, and this one goes on.
            while network.search(&query).len() < 2 {
                thread::yield_now();
            }
            thread::sleep(Duration::from_millis(50));
            assert!(!done.load(Ordering::Acquire), "a search with the old times is under way");
        });
        assert_eq!(shown, 1, "a search ends with the times it began with");
    });
    assert!(done.load(Ordering::Acquire));
}

#[test]
fn what_is_held_is_what_was_applied_whatever_day_it_leaves_on() {
    let network = empty_network();
    let text = "KR1 ABE ATL 1 08:00 10:00 Y:100/9 B:90/3@06:00 v3
                KR2 ABE ATL 1 08:00+1 10:00+1 Y:200/2 J:900/0
                KR3 ABE ATL 1 08:00+9 10:00+9 Y:300/2 off
                KR1 ABE ATL 2 08:00 10:00 Y:100/40
                KR2 ABE ATL 2 08:00-1 10:00-1 Y:100/1";
    let mut states = flights(text);
    network.load(states.clone());
    network.set_clock(at("1 06:00"));
    states.sort_by_key(|state| state.id);
    let first = |day: u32| {
        kernel::FlightId::first_of(
            jiff::civil::date(2026, 12, 1).saturating_add(jiff::Span::new().days(day - 1)),
        )
    };
    let held = |from: u32, to: u32| network.held(&(first(from)..first(to)));
    let all = held(1, 3);
    assert!(
        all.iter().all(|held| held.sound && held.airline.is_some_and(|airline| airline.as_str() == "KR"))
    );
    assert_eq!(all.iter().map(|held| held.state.clone()).collect::<Vec<_>>(), states);
    assert_eq!((held(1, 2), held(2, 3)), (all[..3].to_vec(), all[3..].to_vec()));
    assert_eq!(held(3, 20), []);
    for held in &all {
        assert_eq!(network.held_flight(held.state.id).as_ref(), Some(held));
    }
    network.remove(&[id("KR3 ABE 1")]);
    assert_eq!((held(1, 3).len(), network.held_flight(id("KR3 ABE 1"))), (4, None));
}
