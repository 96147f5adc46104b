//! `./dev bench search`: what a search costs, in CPU time of one core. bench/README.md says how to read it.

#![expect(clippy::expect_used, clippy::panic, reason = "a measurement that cannot run stops")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "made-up numbers that are small"
)]

mod demand;
mod measure;
mod mixes;
mod random;
mod us;
mod world;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use itinerary::{ClassState, ConnectionTimes, FlightState, Minute, Network, Origin, Query};
use kernel::Cabin;

use demand::Mix;
use measure::{Table, cpu, resident};
use random::Random;

/// What is measured, and how much of it: `world us queries=5000 days=365 flights=100000 us-days=60`.
struct Wanted(Vec<String>);

impl Wanted {
    fn from_arguments() -> Self {
        Self(std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect())
    }

    /// Whether a part is named, or none is.
    fn part(&self, name: &str) -> bool {
        self.0.iter().all(|word| word.contains('=')) || self.0.iter().any(|word| word == name)
    }

    fn setting(&self, name: &str, default: u32) -> u32 {
        let given = self.0.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        given.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
    }
}

fn main() {
    let wanted = Wanted::from_arguments();
    let mut table = Table::default();
    if wanted.part("world") {
        world(&wanted, &mut table);
    }
    if wanted.part("us") {
        us(&wanted, &mut table);
    }
    table.print();
}

fn world(wanted: &Wanted, table: &mut Table) {
    let (flights, days) = (wanted.setting("flights", 100_000), wanted.setting("days", 365));
    let world = world::World::new(flights.into(), 1);
    println!("world: {}", world.describe());
    let network = Network::new(world.airports(), world.connection_times());
    let (memory, start) = (resident(), cpu());
    let refused = network.load(world.flights(days));
    assert!(refused.is_empty());
    report_load("world", &network, memory, start);
    let queries = wanted.setting("queries", 5_000) as usize;
    for (mix, name) in [(Mix::Demand, "demand"), (Mix::Uniform, "uniform"), (Mix::Hubs, "hubs")] {
        let asked: Vec<Query> = mixes::world(&world, mix, days, queries);
        table
            .add(&format!("world, {days} days, ≤ 2 stops, best 50 + Pareto, {name}"), &run(&network, &asked));
        let one: Vec<Query> = asked.iter().map(|query| Query { max_stops: 1, ..query.clone() }).collect();
        table.add(&format!("world, {days} days, ≤ 1 stop, {name}"), &run(&network, &one));
        let month = format!("world, {days} days, 31-day calendar, ≤ 2 stops, {name}");
        table.add(&month, &calendars(&network, &asked[..asked.len() / 3]));
        if mix == Mix::Hubs {
            let facets = format!("world, {days} days, facets over all itineraries, {name}");
            table.add(&facets, &all_itineraries(&network, &asked[..asked.len() / 10]));
        }
    }
}

fn us(wanted: &Wanted, table: &mut Table) {
    let days = wanted.setting("us-days", 60);
    let us = us::Us::new(mixes::US_FIRST, days);
    let network = Network::new(us.airports.clone(), ConnectionTimes::default());
    network.advance_clock(Minute(us.flights[0].departs.0 - 24 * 60));
    let (memory, start) = (resident(), cpu());
    assert!(network.load(us.flights.iter().cloned()).is_empty());
    report_load("us", &network, memory, start);
    let queries = wanted.setting("queries", 5_000) as usize;
    for (mix, name) in [(Mix::Demand, "demand"), (Mix::Uniform, "uniform"), (Mix::Hubs, "hubs")] {
        let asked = mixes::us(&us, mix, days, queries);
        table.add(&format!("US, {days} days, ≤ 2 stops, best 50 + Pareto, {name}"), &run(&network, &asked));
    }
    let asked = mixes::us(&us, Mix::Demand, days, queries);
    beside_a_writer(table, &us, &network, &asked);
    updates(table, &us, &network);
}

/// The same questions with and without somebody who changes 100,000 prices a second, turn by turn. Every time counts.
fn beside_a_writer(table: &mut Table, us: &us::Us, network: &Network, queries: &[Query]) {
    const TURNS: u64 = 3;
    let (mut alone, mut beside, mut made, mut seconds) = (Vec::new(), Vec::new(), 0, 0.0);
    let each = |query: &Query| {
        let start = cpu();
        network.search(query);
        cpu() - start
    };
    for turn in 0..TURNS {
        alone.extend(queries.iter().map(each));
        let (done, start) = (AtomicBool::new(false), Instant::now());
        made += std::thread::scope(|scope| {
            let writer = scope.spawn(|| write_until(&done, us, network, 2 + turn));
            beside.extend(queries.iter().map(each));
            done.store(true, Relaxed);
            writer.join().expect("the writer")
        });
        seconds += start.elapsed().as_secs_f64();
    }
    println!("  {:.0} updates a second", made as f64 / seconds);
    table.add("US, ≤ 2 stops, demand, without a writer", &alone);
    table.add("US, ≤ 2 stops, demand, beside 100,000 updates a second", &beside);
}

/// Changes prices in batches of a hundred, one a millisecond, and returns how many.
fn write_until(done: &AtomicBool, us: &us::Us, network: &Network, version: u64) -> usize {
    let (mut random, mut made, start) = (Random(version), 0, Instant::now());
    while !done.load(Relaxed) {
        let states: Vec<FlightState> = (0..100)
            .map(|_| {
                let mut state = us.flights[random.below(us.flights.len())].clone();
                change(state.cabins[Cabin::Economy.index()].iter_mut().flatten(), &mut random);
                FlightState { version, ..state }
            })
            .collect();
        network.apply(&states);
        made += states.len();
        let due = Duration::from_micros(made as u64 * 10);
        std::thread::sleep(due.saturating_sub(start.elapsed()));
    }
    made
}

/// Price and seat changes, each from the state of the flight that the feed brings to the words that searches read.
fn updates(table: &mut Table, us: &us::Us, network: &Network) {
    let economy = |state: &mut FlightState, random: &mut Random| {
        let classes = state.cabins[Cabin::Economy.index()].iter_mut();
        change(classes.flatten().skip(random.below(4)).take(1), random);
    };
    let all = |state: &mut FlightState, random: &mut Random| {
        change(state.cabins.iter_mut().flatten().flatten(), random);
    };
    let one = "US, one price and seat update of one class, visible to search (means of 100)";
    table.add(one, &update(us, network, (10, 1), economy));
    table.add(
        "US, the same, as the feed brings them: 100 in a batch",
        &update(us, network, (2_000, 100), economy),
    );
    let every = "US, the same of all classes of all cabins of a flight, 100 in a batch";
    table.add(every, &update(us, network, (4_000, 100), all));
}

fn change<'a>(classes: impl Iterator<Item = &'a mut ClassState>, random: &mut Random) {
    for class in classes {
        class.seats = random.below(20) as u16;
        class.fare = class.fare * 9 / 10 + random.below(2_000) as u32;
    }
}

/// Microseconds for one update each, measured a hundred at a time. Flights are drawn from the whole timetable, so none is
/// in a cache that an update before could have filled.
fn update(
    us: &us::Us,
    network: &Network,
    (first_version, together): (u64, usize),
    change: impl Fn(&mut FlightState, &mut Random),
) -> Vec<f64> {
    let mut random = Random(3);
    let batch = |version| {
        let states: Vec<FlightState> = (0..100)
            .map(|_| {
                let mut state = us.flights[random.below(us.flights.len())].clone();
                change(&mut state, &mut random);
                FlightState { version, ..state }
            })
            .collect();
        let start = cpu();
        for batch in states.chunks(together) {
            network.apply(batch);
        }
        (cpu() - start) / 100.0
    };
    (first_version..first_version + 1_998).map(batch).collect()
}

fn report_load(name: &str, network: &Network, memory: u64, start: f64) {
    let (flights, bytes) = (network.flight_count(), resident() - memory);
    println!(
        "{name}: {flights} flights loaded in {:.1} s of CPU (generating included), {} MiB, {:.0} MiB a million",
        (cpu() - start) / 1e6,
        bytes >> 20,
        bytes as f64 / f64::from(1 << 20) / (flights as f64 / 1e6)
    );
}

/// Microseconds of CPU for the cheapest journey of each of the 31 days from a query's on. Days behind the timetable's end
/// have none.
fn calendars(network: &Network, queries: &[Query]) -> Vec<f64> {
    const DAY: u32 = 24 * 60;
    let month = |query: &Query| -> Vec<Vec<Origin>> {
        let departs = query.origins[0].departs[0].clone();
        let day = |n: u32| departs.start.plus(n * DAY)..departs.end.plus(n * DAY);
        (0..31).map(|n| vec![Origin { departs: vec![day(n)], ..query.origins[0].clone() }]).collect()
    };
    let asked: Vec<(&Query, Vec<Vec<Origin>>)> = queries.iter().map(|query| (query, month(query))).collect();
    least(&asked, |(query, days)| network.calendar(query, days).0.iter().flatten().count())
}

/// Microseconds of CPU to be shown every journey.
fn all_itineraries(network: &Network, queries: &[Query]) -> Vec<f64> {
    least(queries, |query| {
        let mut seen = 0;
        network.visit(query, &mut |_| seen += 1);
        seen
    })
}

fn run(network: &Network, queries: &[Query]) -> Vec<f64> {
    least(queries, |query| network.search(query).len())
}

/// Microseconds of CPU for each query: the least of some rounds over all of them, because what disturbs a run makes it
/// longer only. By the next round a query's memory has left the near caches.
fn least<T>(queries: &[T], ask: impl Fn(&T) -> usize) -> Vec<f64> {
    const ROUNDS: usize = 3;
    let (mut found, mut times) = (0, vec![f64::MAX; queries.len()]);
    for query in queries.iter().take(queries.len() / 10) {
        found += ask(query);
    }
    for _ in 0..ROUNDS {
        for (query, least) in queries.iter().zip(&mut times) {
            let start = cpu();
            let answer = ask(query);
            *least = least.min(cpu() - start);
            found += answer;
        }
    }
    println!("  {:.1} an answer", found as f64 / (queries.len() as f64 * (ROUNDS as f64 + 0.1)));
    times
}
