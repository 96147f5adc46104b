//! The demo's real timetable on the days around the night the clocks go back (1 November 2026): random questions to all of
//! it for the corpus, and a part of it compared with nested loops.

use std::collections::{BTreeMap, HashSet};

use itinerary::{ConnectionTimes, Filters, FlightState, Leg, Limits, Minute, Network, Order, Tariff};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kernel::{AirlineCode, AirportCode, Cabin, FlightId};

use crate::fixture::{Ask, ask, code};
use crate::oracle::{
    Known, Model, answer, same_answers, same_calendar_and_visit, same_pages, same_profile, sold,
};
use crate::random::Random;
use crate::us::Us;

/// Saturday; the clocks go back in the night to Sunday.
const FIRST: Date = date(2026, 10, 31);
const DAYS: u32 = 4;
/// Big and small airports in five zones; in Honolulu and Phoenix the clocks do not change.
const SLICE: &str = "ATL DFW DEN LAX HNL PHX ABE BOI";
const QUESTIONS: u32 = 60;

/// All flights of the days.
pub(crate) fn timetable() -> Us {
    Us::new(FIRST, DAYS)
}

/// The local day at an airport: 25 hours on the first of November where the clocks go back.
fn local_day(us: &Us, airport: AirportCode, day: usize) -> std::ops::Range<Minute> {
    let minute = |date: Date| {
        let midnight = date.to_zoned(us.zones[&airport].clone()).expect("midnight").timestamp();
        Minute(u32::try_from(midnight.as_second() / 60).expect("after 1970"))
    };
    let date = FIRST.checked_add(i64::try_from(day).expect("a day").days()).expect("a date");
    minute(date)..minute(date.tomorrow().expect("a date"))
}

/// A random question from one airport to another.
pub(crate) fn question(us: &Us, ends: (AirportCode, AirportCode), random: &mut Random) -> Ask {
    let often = |random: &mut Random, of: usize| random.below(of) > 0;
    let departs = local_day(us, ends.0, random.below(2));
    let best = Order::Best { minute: 40, stop: 2_000 };
    let orders = [Order::Duration, Order::Price, Order::Departure, Order::Arrival, best];
    let small = |number: usize| u16::try_from(number).expect("a small number");
    let mut ask = Ask {
        origin: ends.0,
        destination: ends.1,
        now: departs.start,
        earliest_departure: departs.start,
        cabin: if often(random, 4) { Cabin::Economy } else { Cabin::Business },
        mixed_cabin: !often(random, 8),
        seats: 1 + small(random.below(9)),
        max_stops: [0, 1, 2, 2, 2, 2, 3][random.below(7)],
        limit: [1, 5, 20, 50, 50][random.below(5)],
        order: orders[random.below(orders.len())],
        tariff: Tariff {
            connection_ppm: us.ratios.get(&ends).copied().unwrap_or(1_000_000),
            ..Tariff::default()
        },
        departs,
        ..ask("ABE ATL")
    };
    if !often(random, 3) {
        restrict(&mut ask, random);
    }
    ask
}

/// Filters and limits of a random kind.
fn restrict(ask: &mut Ask, random: &mut Random) {
    let airline = |text: &str| -> AirlineCode { text.parse().expect("an airline") };
    let (start, none) = (ask.departs.start, Filters::default());
    match random.below(7) {
        0 => ask.filters = Filters { max_price: Some(30_000_000_000), ..none },
        1 => ask.filters = Filters { airlines: vec![airline("KR")], ..none },
        2 => ask.filters = Filters { not_airlines: vec![airline("KR")], ..none },
        3 => ask.filters = Filters { via: vec![code("ATL"), code("DEN")], ..none },
        4 => ask.filters = Filters { not_via: vec![code("ATL"), code("ORD")], ..none },
        5 => ask.arrives = Some(start.plus(14 * 60)..start.plus(20 * 60)),
        _ => {
            ask.limits = Limits { min_connection: 60, max_connection: 180, max_duration: 12 * 60 };
        }
    }
}

/// Every journey that answers the question, by nested loops that look at the flights of an airport only.
fn journeys(model: &Model, ask: &Ask) -> Vec<Known> {
    let mut from: BTreeMap<AirportCode, Vec<Leg>> = BTreeMap::new();
    for leg in model.flights.values().filter_map(|state| sold(state, ask)) {
        from.entry(leg.origin).or_default().push(leg);
    }
    let mut found = Vec::new();
    for stops in 0..=usize::from(ask.max_stops) {
        if stops < 3 || found.is_empty() {
            for leg in from.get(&ask.origin).into_iter().flatten() {
                if ask.departs.contains(&leg.departs) {
                    extend(model, ask, &from, &mut vec![*leg], stops, &mut found);
                }
            }
        }
    }
    found.sort_by_key(|known| known.key);
    found
}

fn extend(
    model: &Model,
    ask: &Ask,
    from: &BTreeMap<AirportCode, Vec<Leg>>,
    taken: &mut Vec<Leg>,
    more: usize,
    found: &mut Vec<Known>,
) {
    let last = taken[taken.len() - 1];
    if more == 0 {
        found.extend(answer(ask, taken));
        return;
    }
    for leg in from.get(&last.destination).into_iter().flatten() {
        let ends = more == 1 && leg.destination != ask.destination;
        if !ends && model.connects(ask, &last, leg) {
            taken.push(*leg);
            extend(model, ask, from, taken, more - 1, found);
            taken.pop();
        }
    }
}

#[test]
fn a_part_of_the_real_timetable_ranks_as_the_nested_loops_do() {
    let us = timetable();
    let places: Vec<AirportCode> = SLICE.split_whitespace().map(code).collect();
    let inside = |state: &&FlightState| places.contains(&state.origin) && places.contains(&state.destination);
    let flights: Vec<FlightState> = us.flights.iter().filter(inside).cloned().collect();
    let network = Network::new(us.airports.clone(), ConnectionTimes::default());
    assert_eq!(network.load(flights.iter().cloned()), []);
    let model = Model {
        countries: us.airports.iter().map(|info| (info.code, info.country)).collect(),
        times: ConnectionTimes::default(),
        flights: flights.into_iter().map(|state| (state.id, state)).collect(),
    };
    let (mut random, mut stops) = (Random(31), [0; 4]);
    for number in 0..QUESTIONS {
        let from = random.below(places.len());
        let to = (from + 1 + random.below(places.len() - 1)) % places.len();
        let asked = question(&us, (places[from], places[to]), &mut random);
        network.set_clock(asked.now);
        let all = journeys(&model, &asked);
        for known in &all {
            stops[known.legs.len() - 1] += 1;
        }
        let checks = same_answers(&network, &asked, &all)
            .and_then(|()| same_calendar_and_visit(&network, &asked, &all))
            .and_then(|()| same_profile(&network, &asked, &all))
            .and_then(|()| if all.len() < 200 { same_pages(&network, &asked, &all) } else { Ok(()) });
        assert!(checks.is_ok(), "question {number}, {asked:?}: {checks:?}");
    }
    assert!(stops[..3].iter().all(|count| *count > 100), "journeys by connections: {stops:?}");
}

#[test]
fn the_day_the_clocks_go_back_has_twenty_five_hours_and_every_flight_once() {
    let us = timetable();
    let hours = |airport: &str, day| {
        let day = local_day(&us, code(airport), day);
        day.end.since(day.start) / 60
    };
    assert_eq!([hours("ATL", 0), hours("ATL", 1), hours("HNL", 1), hours("PHX", 1)], [24, 25, 24, 24]);
    let network = Network::new(us.airports.clone(), ConnectionTimes::default());
    network.load(us.flights.iter().cloned());
    let mut seen: HashSet<FlightId> = HashSet::new();
    for day in 0..2 {
        let asked = Ask {
            departs: local_day(&us, code("ATL"), day),
            now: Minute(0),
            earliest_departure: Minute(0),
            max_stops: 0,
            limit: usize::MAX,
            ..ask("ATL LAX")
        };
        for journey in asked.answer(&network).journeys() {
            let flight = journey.legs()[0].flight;
            let key = flight.key().expect("an id made of a key");
            assert_eq!(
                key.date,
                FIRST.checked_add(i64::try_from(day).expect("a day").days()).expect("a date")
            );
            assert!(seen.insert(flight), "{flight} is on two days");
        }
    }
    assert!(seen.len() > 20, "{} flights", seen.len());
}
