//! `./dev bench nigiri`: our answers to the question that a timetable engine without fares can answer too, from the same
//! GTFS feed. bench/nigiri/compare.py asks the other engine and compares. bench/README.md says how to read it.

#![expect(clippy::expect_used, clippy::panic, reason = "a measurement that cannot run stops")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "times of this century and numbers that are small"
)]

#[path = "../search/demand.rs"]
mod demand;
mod feed;
mod generated;
#[path = "../search/random.rs"]
mod random;
#[path = "../search/world.rs"]
#[expect(dead_code, reason = "the engine's own measurement loads it without a feed")]
mod world;

use std::collections::BTreeMap;
use std::io::Write;

use itinerary::{
    ConnectionTimes, Destination, Filters, Limits, Minute, Network, Order, Origin, Query, Tariff,
};
use jiff::ToSpan;
use jiff::civil::Date;
use kernel::{AirportCode, Cabin};
use rustix::time::{ClockId, clock_gettime};

use feed::Feed;
use random::Random;
use world::World;

const HUBS: usize = 30;
/// Each question is asked as often, and the least time counts: what disturbs a run makes it longer only.
const RUNS: usize = 3;
const MAX_MINUTES: u32 = 36 * 60;
/// The last departures need room for the journey behind them.
const TAIL_DAYS: i64 = 3;

/// Origin and destination.
type Ends = (AirportCode, AirportCode);
/// Questions by the name of their mix.
type Mixes = [(&'static str, Vec<Ends>); 3];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let [feed, answers, rest @ ..] = &words[..] else {
        println!("nothing to compare: ./dev bench nigiri names the feed");
        return;
    };
    let count = rest.first().map_or(1_000, |count| count.parse().expect("how many questions"));
    let world = match rest {
        [_, days, flights] => Some(make(feed, days, flights)),
        _ => None,
    };
    let feed = Feed::read(feed);
    let network = Network::new(
        feed.airports.clone(),
        ConnectionTimes { airports: feed.minimum.clone(), ..ConnectionTimes::default() },
    );
    assert!(network.load(feed.flights.iter().cloned()).is_empty(), "flights were refused");
    println!(
        "{} flights, {} airports, {} to {}",
        network.flight_count(),
        feed.airports.len(),
        feed.first,
        feed.last
    );
    let mut out = std::fs::File::create(answers).expect("a file for the answers");
    let mixes = match &world {
        Some(world) => generated::mixes(world, &feed, count),
        None => mixes(&feed, count),
    };
    for (mix, pairs) in mixes {
        let mut random = Random(21);
        for ends in pairs {
            let start = local_midnight(&feed, ends.0, &mut random);
            let query = question(ends, start);
            let (micros, line) = ask(&network, &query);
            writeln!(out, "{mix},{},{},{},{micros:.2},{line}", ends.0, ends.1, start.0).expect("written");
        }
    }
}

/// Fills the feed with the generated world, which is asked as the engine's own measurement asks it.
fn make(feed: &str, days: &str, flights: &str) -> World {
    let world = World::new(flights.parse().expect("how many flights a day"), 1);
    println!("{}", world.describe());
    generated::write(&world, days.parse().expect("how many days"), feed);
    world
}

/// The least CPU time, and the answer as `departs:arrives:stops` in minutes.
fn ask(network: &Network, query: &Query) -> (f64, String) {
    let mut least = f64::MAX;
    let mut answer = Vec::new();
    for _ in 0..RUNS {
        let start = cpu();
        let (journeys, complete) = network.profile(query);
        least = least.min(cpu() - start);
        assert!(complete, "the effort has no bound");
        answer = journeys;
    }
    let told =
        answer.iter().map(|journey| format!("{}:{}:{}", journey.departs.0, journey.arrives.0, journey.stops));
    (least, told.collect::<Vec<_>>().join(" "))
}

fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Any seat, any fare, any wait between flights.
fn question(ends: Ends, start: Minute) -> Query {
    Query {
        origins: vec![Origin { airport: ends.0, departs: vec![start..start.plus(24 * 60)] }],
        destinations: vec![Destination { airport: ends.1, arrives: None }],
        earliest_departure: Minute(0),
        cabin: Cabin::Economy,
        mixed_cabin: false,
        seats: 1,
        max_stops: 2,
        limits: Limits { min_connection: 0, max_connection: MAX_MINUTES, max_duration: MAX_MINUTES },
        tariff: Tariff::default(),
        filters: Filters::default(),
        order: Order::Duration,
        limit: 0,
        after: None,
        effort: u64::MAX,
    }
}

fn local_midnight(feed: &Feed, origin: AirportCode, random: &mut Random) -> Minute {
    let days = (feed.last - feed.first).get_days() - TAIL_DAYS as i32;
    let day = 1 + random.below(usize::try_from(days).unwrap_or(0).max(1)) as i64;
    let date: Date = feed.first.checked_add(day.days()).expect("a date");
    let midnight = date.to_zoned(feed.zones[&origin].clone()).expect("midnight").timestamp();
    Minute((midnight.as_second() / 60) as u32)
}

/// Markets by their traffic, any pair, pairs of the thirty biggest.
fn mixes(feed: &Feed, count: usize) -> Mixes {
    let markets = feed.markets();
    let mut traffic: BTreeMap<AirportCode, u64> = BTreeMap::new();
    for (ends, sample) in &markets {
        *traffic.entry(ends.0).or_default() += sample;
        *traffic.entry(ends.1).or_default() += sample;
    }
    let mut airports: Vec<AirportCode> = traffic.keys().copied().collect();
    airports.sort_by_key(|airport| (std::cmp::Reverse(traffic[airport]), *airport));
    let sums: Vec<u64> = markets
        .iter()
        .scan(0, |sum, market| {
            *sum += market.1;
            Some(*sum)
        })
        .collect();
    let mut random = Random(20);
    let by_traffic = |random: &mut Random| {
        let at = random.next() % sums.last().expect("markets");
        markets[sums.partition_point(|sum| *sum <= at)].0
    };
    let any = |random: &mut Random, of: usize| loop {
        let ends = (airports[random.below(of)], airports[random.below(of)]);
        if ends.0 != ends.1 {
            return ends;
        }
    };
    [
        ("demand", (0..count).map(|_| by_traffic(&mut random)).collect()),
        ("uniform", (0..count).map(|_| any(&mut random, airports.len())).collect()),
        ("hubs", (0..count).map(|_| any(&mut random, HUBS.min(airports.len()))).collect()),
    ]
}
