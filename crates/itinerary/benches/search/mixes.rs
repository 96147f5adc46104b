//! Which questions are asked: as travellers ask, anything at all, and between hubs.

use std::ops::Range;

use itinerary::{Destination, Filters, Limits, Minute, Order, Origin, Query, Tariff};
use jiff::Span;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use kernel::{AirportCode, Cabin};

use crate::demand::{HUBS, Mix, Wheel, world_pairs};
use crate::random::Random;
use crate::us::Us;
use crate::world::{self, World};

/// The first date of the real flights.
pub(crate) const US_FIRST: Date = date(2026, 12, 1);

fn query(ends: (AirportCode, AirportCode), departs: Range<Minute>, seats: usize, ratio: u32) -> Query {
    Query {
        origins: vec![Origin { airport: ends.0, departs: vec![departs] }],
        destinations: vec![Destination { airport: ends.1, arrives: None }],
        earliest_departure: Minute(0),
        cabin: Cabin::Economy,
        mixed_cabin: false,
        seats: seats as u16,
        max_stops: 2,
        limits: Limits::default(),
        tariff: Tariff { connection_ppm: ratio, ..Tariff::default() },
        filters: Filters::default(),
        order: Order::Duration,
        limit: 50,
        after: None,
        effort: u64::MAX,
    }
}

pub(crate) fn world(world: &World, mix: Mix, days: u32, count: usize) -> Vec<Query> {
    let places = &world.places;
    let mut random = Random(11);
    let pair = world_pairs(world, mix);
    let first =
        Minute((world::FIRST.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24 * 24 * 60) as u32);
    (0..count)
        .map(|_| {
            let (a, b) = pair(&mut random);
            let day = random.below(days.saturating_sub(3).max(1) as usize) as u32;
            let start = first.plus(day * 24 * 60).0 as i32 - places[a].offset;
            let start = Minute(start.cast_unsigned());
            query((places[a].code, places[b].code), start..start.plus(24 * 60), 1 + random.below(4), 800_000)
        })
        .collect()
}

pub(crate) fn us(us: &Us, mix: Mix, days: u32, count: usize) -> Vec<Query> {
    let mut random = Random(12);
    let mut traffic: std::collections::BTreeMap<AirportCode, f64> = std::collections::BTreeMap::new();
    for (origin, destination, sample) in &us.markets {
        *traffic.entry(*origin).or_default() += sample;
        *traffic.entry(*destination).or_default() += sample;
    }
    let mut airports: Vec<AirportCode> = traffic.keys().copied().collect();
    airports.sort_by(|a, b| traffic[b].total_cmp(&traffic[a]));
    let wheel = Wheel::new(us.markets.iter().map(|market| market.2));
    let pair = |random: &mut Random| loop {
        let (a, b) = match mix {
            Mix::Demand => {
                let market = us.markets[wheel.draw(random)];
                (market.0, market.1)
            }
            Mix::Uniform => (airports[random.below(airports.len())], airports[random.below(airports.len())]),
            Mix::Hubs => (airports[random.below(HUBS)], airports[random.below(HUBS)]),
        };
        if a != b {
            return (a, b);
        }
    };
    (0..count)
        .map(|_| {
            let ends = pair(&mut random);
            let day = random.below(days.saturating_sub(3).max(1) as usize);
            let departs = local_day(&us.zones[&ends.0], day as i64);
            let ratio = us.ratios.get(&ends).copied().unwrap_or(1_000_000);
            query(ends, departs, 1 + random.below(4), ratio)
        })
        .collect()
}

fn local_day(zone: &TimeZone, day: i64) -> Range<Minute> {
    let date = US_FIRST.checked_add(Span::new().days(day)).expect("a date");
    let start = |date: Date| {
        let midnight = date.to_zoned(zone.clone()).expect("midnight").timestamp();
        Minute((midnight.as_second() / 60) as u32)
    };
    start(date)..start(date.tomorrow().expect("a date"))
}
