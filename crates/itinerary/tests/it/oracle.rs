//! Random small networks, compared with three nested loops over all flights.
//!
//! Times lie on a grid of twenty minutes and fares are few, so that connections are often exactly legal and journeys
//! often tie. The seed is fixed: a failure repeats, and is printed as a timetable for [`crate::fixture`].

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use itinerary::{
    AirportInfo, ClassState, ConnectionRules, FlightState, Journey, Leg, Minute, Network, Query, SortKey,
};
use kernel::codes::CLASSES_PER_CABIN;
use kernel::{AirportCode, Cabin, FlightId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

use crate::fixture::{at, code, country_code, id, line, total};

const NETWORKS: u32 = 2_000;
const SEQUENCES: u32 = 300;

// ---- The oracle ----

/// What the network should hold: the rules of loading and applying, said with a map.
struct Model {
    countries: BTreeMap<AirportCode, [u8; 2]>,
    flights: BTreeMap<FlightId, FlightState>,
}

impl Model {
    fn new(airports: &[AirportInfo]) -> Self {
        let countries = airports.iter().map(|info| (info.code, info.country)).collect();
        Self { countries, flights: BTreeMap::new() }
    }

    /// Returns what is refused, in order of id.
    fn apply(&mut self, states: &[FlightState]) -> Vec<FlightId> {
        let mut newest: BTreeMap<FlightId, &FlightState> = BTreeMap::new();
        for state in states {
            if newest.get(&state.id).is_none_or(|other| other.version <= state.version) {
                newest.insert(state.id, state);
            }
        }
        let mut refused = Vec::new();
        for (id, state) in newest {
            if self.flights.get(&id).is_some_and(|held| held.version > state.version) {
                continue;
            }
            let known = |airport| self.countries.contains_key(airport);
            if known(&state.origin) && known(&state.destination) && state.departs < state.arrives {
                self.flights.insert(id, state.clone());
            } else {
                self.flights.remove(&id);
                refused.push(id);
            }
        }
        refused
    }

    /// Every journey that answers the query, best first, as if there were no limit and no page before.
    fn journeys(&self, query: &Query<'_>) -> Vec<(SortKey, Vec<Leg>)> {
        let legs: Vec<Leg> = self.flights.values().filter_map(|state| sold(state, query)).collect();
        let mut found = Vec::new();
        for a in &legs {
            Self::consider(query, &[*a], &mut found);
            for b in legs.iter().filter(|b| self.connects(query, a, b)) {
                Self::consider(query, &[*a, *b], &mut found);
                for c in legs.iter().filter(|c| self.connects(query, b, c)) {
                    Self::consider(query, &[*a, *b, *c], &mut found);
                }
            }
        }
        found.sort_by_key(|(key, _)| *key);
        found
    }

    fn connects(&self, query: &Query<'_>, first: &Leg, second: &Leg) -> bool {
        let country = |airport| self.countries[&airport];
        let domestic = [first.origin, first.destination, second.destination]
            .windows(2)
            .all(|pair| country(pair[0]) == country(pair[1]));
        let minimum = if domestic { query.rules.min_domestic } else { query.rules.min_international };
        let wait = i64::from(second.departs.0) - i64::from(first.arrives.0);
        first.destination == second.origin
            && (i64::from(minimum)..=i64::from(query.rules.max_layover)).contains(&wait)
    }

    /// Keeps `legs`, which connect, if they answer the query.
    fn consider(query: &Query<'_>, legs: &[Leg], found: &mut Vec<(SortKey, Vec<Leg>)>) {
        let (first, last) = (legs[0], legs[legs.len() - 1]);
        let mut airports: Vec<_> = legs.iter().map(|leg| leg.destination).chain([first.origin]).collect();
        airports.sort();
        airports.dedup();
        let duration = last.arrives.0 - first.departs.0;
        if (first.origin, last.destination) == (query.origin, query.destination)
            && query.departs.contains(&first.departs)
            && legs.iter().all(|leg| leg.departs >= query.earliest_departure)
            && legs.len() <= usize::from(query.max_stops) + 1
            && airports.len() == legs.len() + 1
            && duration <= query.rules.max_total
        {
            let fares: Vec<u32> = legs.iter().map(|leg| leg.fare).collect();
            let flights = [0, 1, 2].map(|place| legs.get(place).map(|leg| leg.flight));
            found.push((SortKey { duration, price: (query.price)(&fares), flights }, legs.to_vec()));
        }
    }
}

/// The flight in the class that the party would be sold.
fn sold(state: &FlightState, query: &Query<'_>) -> Option<Leg> {
    let classes = state.cabins[query.cabin.index()].filter(|_| state.on_sale)?;
    let mut open: Vec<(u32, u8, u16)> = Vec::new();
    for (rank, class) in (1..).zip(classes) {
        if class.closes > query.now && class.seats >= query.seats {
            open.push((class.fare, rank, class.seats));
        }
    }
    open.sort_unstable();
    let (fare, class_rank, seats_at_fare) = *open.first()?;
    Some(Leg {
        flight: state.id,
        origin: state.origin,
        destination: state.destination,
        departs: state.departs,
        arrives: state.arrives,
        class_rank,
        fare,
        seats_at_fare,
        seats_in_cabin: classes[0].seats,
    })
}

fn plain(journeys: &[Journey]) -> Vec<(SortKey, Vec<Leg>)> {
    journeys.iter().map(|journey| (journey.key(), journey.legs().to_vec())).collect()
}

// ---- Random flights and questions ----

const CODES: [&str; 5] = ["ABE", "ATL", "BOS", "CDG", "DEL"];
/// No network knows it.
const NOWHERE: &str = "XXX";

type Price = dyn Fn(&[u32]) -> i64;

/// Prices that tie never, at times, often and always.
const PRICES: [&Price; 4] = [
    &|fares| fares.iter().map(|fare| i64::from(*fare) * 3 + 7).sum(),
    &total,
    &|fares| total(fares) / 100,
    &|_| 0,
];

/// The places of [`CODES`], the first ones oftener, so that networks are dense somewhere.
fn a_place() -> impl Strategy<Value = usize> {
    select(vec![0_usize, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4])
}

/// The code of a place, and once in many times that of an airport which is not there.
fn a_code() -> impl Strategy<Value = &'static str> {
    prop_oneof![60 => a_place().prop_map(|place| CODES[place]), 1 => Just(NOWHERE)]
}

/// The first minute of day 1.
fn dawn() -> u32 {
    at("1 00:00").0
}

/// Number, day and origin of a flight.
type Name = (u16, u32, usize);

prop_compose! {
    fn a_class()(
        fare in select(vec![0_u32, 50, 100, 100, 150, 199, 300]),
        seats in 0_u16..5,
        // Questions are asked around the grid point of zero.
        closes in select(vec![-20, -1, 0, 1, 2_000, 2_000, 2_000]),
    ) -> ClassState {
        ClassState { fare, seats, closes: Minute(dawn().strict_add_signed(closes)) }
    }
}

fn a_cabin() -> impl Strategy<Value = [ClassState; CLASSES_PER_CABIN]> {
    prop::array::uniform4(a_class())
}

prop_compose! {
    fn a_flight(name: impl Strategy<Value = Name>)(
        (number, day, origin) in name,
        destination in a_code(),
        departs in 0_u32..72,
        // Delayed or early by a day: ids and days of departure are not the same thing.
        shift in select(vec![0_u32, 0, 0, 0, 0, 1]),
        minutes in prop_oneof![30 => (1_u32..10).prop_map(|slots| slots * 20), 1 => Just(0), 1 => Just(1_500), 4 => 1_u32..200],
        on_sale in prop::bool::weighted(0.93),
        economy in option::weighted(0.95, a_cabin()),
        business in option::weighted(0.5, a_cabin()),
        first in option::weighted(0.1, a_cabin()),
        version in 0_u64..4,
    ) -> FlightState {
        let origin = CODES[origin];
        let departs = Minute(dawn() + (day - 1 + shift) * 1_440 + departs * 20);
        FlightState {
            id: id(&format!("KR{number} {origin} {day}")),
            origin: code(origin),
            destination: code(destination),
            departs,
            arrives: departs.plus(minutes),
            on_sale,
            cabins: [economy, None, business, first],
            version,
        }
    }
}

prop_compose! {
    fn some_rules()(
        min_domestic in select(vec![0_u32, 20, 40]),
        min_international in select(vec![20_u32, 60, 75]),
        max_layover in select(vec![0_u32, 60, 240, 480, 480, 960, 960, u32::MAX]),
        max_total in select(vec![60_u32, 240, 600, 1_200, 1_200, 2_160, 2_160, u32::MAX]),
    ) -> ConnectionRules {
        ConnectionRules { min_domestic, min_international, max_layover, max_total }
    }
}

prop_compose! {
    fn a_question()(
        origin in a_code(),
        // Seldom where it starts.
        destinations in (a_code(), a_code()),
        from in prop_oneof![2 => Just(0), 1 => 0_u32..72],
        length in select(vec![0_u32, 1, 20, 360, 720, 1_440, 1_440, 1_440, 2_880, 2_880, 2_880, 2_880]),
        cut_off in select(vec![0_u32, 0, 0, 300, 301]),
        now in select(vec![-1_i32, 0, 0, 1]),
        cabin in prop_oneof![8 => Just(Cabin::Economy), 2 => Just(Cabin::Business), 1 => select(&Cabin::ALL[..])],
        seats in select(vec![0_u16, 1, 1, 1, 2, 3]),
        max_stops in select(vec![0_u8, 1, 2, 2, 2, 3, 255]),
        rules in prop_oneof![some_rules(), Just(ConnectionRules { max_layover: 480, ..ConnectionRules::default() })],
        limit in select(vec![0_usize, 1, 2, 3, 5, 20]),
        price in 0..PRICES.len(),
    ) -> Question {
        let start = dawn() + from * 20;
        Question(Query {
            origin: code(origin),
            destination: code(if destinations.0 == origin { destinations.1 } else { destinations.0 }),
            departs: Minute(start)..Minute(start + length),
            now: Minute(dawn().strict_add_signed(now)),
            earliest_departure: Minute(dawn() + cut_off),
            cabin,
            seats,
            max_stops,
            rules,
            limit,
            after: None,
            price: PRICES[price],
        })
    }
}

/// What is asked of a network, as text when it fails.
#[derive(Clone)]
struct Question(Query<'static>);

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(query) = self;
        let minutes = |instant: Minute| i64::from(instant.0) - i64::from(dawn());
        let (start, end) = (minutes(query.departs.start), minutes(query.departs.end));
        let (now, cut_off) = (minutes(query.now), minutes(query.earliest_departure));
        write!(f, "{} {}, {} in {}, ", query.origin, query.destination, query.seats, query.cabin)?;
        write!(f, "departs in minutes {start}..{end} of day 1, now {now}, cut-off {cut_off}, ")?;
        write!(f, "{} stops, limit {}, {:?}", query.max_stops, query.limit, query.rules)
    }
}

/// All airports in one to three countries.
fn some_airports() -> impl Strategy<Value = Vec<AirportInfo>> {
    let country = select(vec!["US", "US", "GB", "IN"]).prop_map(country_code);
    vec(country, CODES.len()).prop_map(|countries| {
        let airports = CODES.iter().zip(countries);
        airports.map(|(airport, country)| AirportInfo { code: code(airport), country }).collect()
    })
}

/// A network and what is asked of it.
#[derive(Clone)]
struct Case {
    airports: Vec<AirportInfo>,
    flights: Vec<FlightState>,
    questions: Vec<Question>,
    changes: Vec<Change>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for info in &self.airports {
            write!(f, "{}={} ", info.code, String::from_utf8_lossy(&info.country))?;
        }
        for state in &self.flights {
            write!(f, "\n{}", line(state))?;
        }
        for change in &self.changes {
            write!(f, "\n{change:?}")?;
        }
        for question in &self.questions {
            write!(f, "\n{question:?}")?;
        }
        Ok(())
    }
}

fn check(cases: u32, strategy: &impl Strategy<Value = Case>, test: impl Fn(Case) -> TestCaseResult) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seeded = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    if let Err(error) = TestRunner::new_with_rng(config, seeded).run(strategy, test) {
        panic!("{error}");
    }
}

// ---- Networks ----

/// How much the random cases had to say, so that the oracle does not agree about nothing.
#[derive(Default)]
struct Tally {
    answered: Cell<u32>,
    two_stops: Cell<u32>,
    cut_short: Cell<u32>,
    tied: Cell<u32>,
}

impl Tally {
    fn count(&self, all: &[(SortKey, Vec<Leg>)], limit: usize) {
        let add = |counter: &Cell<u32>, seen: bool| counter.set(counter.get() + u32::from(seen));
        add(&self.answered, !all.is_empty());
        add(&self.two_stops, all.iter().any(|(_, legs)| legs.len() == 3));
        add(&self.cut_short, 0 < limit && limit < all.len());
        let rank = |key: SortKey| (key.duration, key.price);
        add(&self.tied, all.windows(2).any(|pair| rank(pair[0].0) == rank(pair[1].0)));
    }
}

fn networks() -> impl Strategy<Value = Case> {
    let some = |count| vec(a_flight((1_u16..60, 1_u32..3, a_place())), count);
    let flights = (some(0..40), some(0..160)).prop_map(|(few, many)| [few, many].concat());
    (some_airports(), flights, vec(a_question(), 3)).prop_map(|(airports, flights, questions)| Case {
        airports,
        flights,
        questions,
        changes: Vec::new(),
    })
}

#[test]
fn random_networks_rank_as_the_nested_loops_do() {
    let tally = Tally::default();
    check(NETWORKS, &networks(), |case| {
        let (network, mut model) = (Network::new(case.airports.clone()), Model::new(&case.airports));
        let refused = network.load(case.flights.clone());
        prop_assert_eq!(refused, model.apply(&case.flights));
        prop_assert_eq!(network.flight_count(), model.flights.len());
        for Question(query) in &case.questions {
            let all = model.journeys(query);
            tally.count(&all, query.limit);
            same_answers(&network, query, &all)?;
            same_pages(&network, query, &all)?;
        }
        Ok(())
    });
    let counts = [&tally.answered, &tally.two_stops, &tally.cut_short, &tally.tied].map(Cell::get);
    let enough = [NETWORKS, NETWORKS / 5, NETWORKS / 4, NETWORKS / 8];
    assert!(counts.iter().zip(enough).all(|(count, enough)| *count > enough), "{counts:?} of {enough:?}");
}

/// With and without the limit.
fn same_answers(network: &Network, query: &Query<'_>, all: &[(SortKey, Vec<Leg>)]) -> TestCaseResult {
    let unlimited = network.search(&Query { limit: usize::MAX, ..query.clone() });
    prop_assert_eq!(plain(&unlimited), all);
    for journey in &unlimited {
        let least = |seats: fn(&Leg) -> u16| journey.legs().iter().map(seats).min();
        prop_assert_eq!(Some(journey.seats_at_price()), least(|leg| leg.seats_at_fare));
        prop_assert_eq!(Some(journey.seats_left()), least(|leg| leg.seats_in_cabin));
    }
    let limited = network.search(query);
    prop_assert_eq!(plain(&limited), &all[..query.limit.min(all.len())]);
    Ok(())
}

/// Page after page, and behind keys that are no journey's.
fn same_pages(network: &Network, query: &Query<'_>, all: &[(SortKey, Vec<Leg>)]) -> TestCaseResult {
    let limit = query.limit.max(1);
    let (mut pages, mut after) = (Vec::new(), None);
    for _ in 0..=all.len() {
        let page = plain(&network.search(&Query { limit, after, ..query.clone() }));
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        prop_assert!(page.len() == limit || pages.len() + page.len() == all.len(), "a short page");
        pages.extend(page);
    }
    prop_assert_eq!(&pages, all);
    let middle = all.get(all.len() / 2).map(|(key, _)| *key);
    for (key, price) in middle.iter().flat_map(|key| [(key, -1), (key, 0), (key, 1)]) {
        let after = SortKey { price: key.price + price, ..*key };
        let expected: Vec<_> = all.iter().filter(|(key, _)| *key > after).take(limit).cloned().collect();
        let page = network.search(&Query { limit, after: Some(after), ..query.clone() });
        prop_assert_eq!(plain(&page), expected);
    }
    Ok(())
}

// ---- Changes ----

/// What happens to a timetable. A flight is named by its place among those held, wherever they are by then.
#[derive(Clone, Debug)]
enum Change {
    /// Whatever comes in: new flights, other times, older versions, nonsense.
    Apply(Vec<FlightState>),
    /// Other times, `minutes` later and `longer` in the air.
    Retime {
        place: usize,
        minutes: i32,
        longer: u32,
    },
    /// New fares, seats and closing instants where there are cabins; perhaps not on sale.
    Reprice {
        places: Vec<usize>,
        classes: [ClassState; CLASSES_PER_CABIN],
        on_sale: bool,
        version: i64,
    },
    Remove(Vec<usize>),
}

/// A few names, so that flights meet again.
fn a_known_flight() -> impl Strategy<Value = FlightState> {
    a_flight((1_u16..5, 1_u32..3, 0_usize..4))
}

fn a_change() -> impl Strategy<Value = Change> {
    let place = 0_usize..100;
    let minutes = select(vec![-1_440, -60, -20, 20, 1, 60, 720, 1_440]);
    let retime = (place.clone(), minutes, select(vec![0_u32, 0, 20]));
    let reprice = (vec(place.clone(), 1..4), a_cabin(), prop::bool::weighted(0.8), -1_i64..2);
    prop_oneof![
        3 => vec(a_known_flight(), 0..5).prop_map(Change::Apply),
        2 => retime.prop_map(|(place, minutes, longer)| Change::Retime { place, minutes, longer }),
        3 => reprice.prop_map(|(places, classes, on_sale, version)| {
            Change::Reprice { places, classes, on_sale, version }
        }),
        1 => vec(place, 0..3).prop_map(Change::Remove),
    ]
}

fn histories() -> impl Strategy<Value = Case> {
    let (flights, changes) = (vec(a_known_flight(), 0..40), vec(a_change(), 1..20));
    (some_airports(), flights, vec(a_question(), 2), changes)
        .prop_map(|(airports, flights, questions, changes)| Case { airports, flights, questions, changes })
}

/// Does the change to both, the way the platform would.
fn change(network: &Network, model: &mut Model, change: &Change) -> TestCaseResult {
    let held: Vec<FlightState> = model.flights.values().cloned().collect();
    let states: Vec<FlightState> = match change {
        Change::Remove(places) => {
            // An id that is not held is ignored.
            let at =
                |place: &usize| held.get(*place % (held.len() + 1)).map_or(id("KR9 JFK 9"), |state| state.id);
            let ids: Vec<FlightId> = places.iter().map(at).collect();
            network.remove(&ids);
            model.flights.retain(|id, _| !ids.contains(id));
            return Ok(());
        }
        Change::Apply(states) => states.clone(),
        _ if held.is_empty() => return Ok(()),
        Change::Retime { place, minutes, longer } => {
            let mut state = held[place % held.len()].clone();
            state.departs = Minute(state.departs.0.strict_add_signed(*minutes));
            state.arrives = Minute(state.arrives.0.strict_add_signed(*minutes)).plus(*longer);
            state.version += 1;
            vec![state]
        }
        Change::Reprice { places, classes, on_sale, version } => {
            let state = |place: &usize| {
                let mut state = held[place % held.len()].clone();
                state.cabins = state.cabins.map(|cabin| cabin.map(|_| *classes));
                state.on_sale = *on_sale;
                state.version = state.version.saturating_add_signed(*version);
                state
            };
            places.iter().map(state).collect()
        }
    };
    prop_assert_eq!(network.apply(&states), model.apply(&states));
    Ok(())
}

#[test]
fn a_changed_network_is_the_one_freshly_loaded() {
    let answered = Cell::new(0);
    check(SEQUENCES, &histories(), |case| {
        let (network, mut model) = (Network::new(case.airports.clone()), Model::new(&case.airports));
        prop_assert_eq!(network.load(case.flights.clone()), model.apply(&case.flights));
        for step in &case.changes {
            change(&network, &mut model, step)?;
            let fresh = Network::new(case.airports.clone());
            prop_assert_eq!(fresh.load(model.flights.values().cloned().collect()), vec![]);
            prop_assert_eq!(network.flight_count(), model.flights.len());
            prop_assert_eq!(network.span(), fresh.span());
            for (id, state) in &model.flights {
                prop_assert_eq!(network.flight(*id), Some(state.clone()));
            }
            for Question(query) in &case.questions {
                let all = model.journeys(query);
                answered.set(answered.get() + u32::from(!all.is_empty()));
                same_answers(&network, query, &all)?;
                prop_assert_eq!(network.search(query), fresh.search(query));
            }
        }
        Ok(())
    });
    assert!(answered.get() > SEQUENCES, "only {} questions had an answer", answered.get());
}
