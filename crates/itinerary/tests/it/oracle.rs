//! Random small networks, compared with three nested loops over all flights.
//!
//! Times lie on a grid of twenty minutes and fares are few, so that connections are often exactly legal and journeys
//! often tie. The seed is fixed: a failure repeats, and is printed as a timetable for [`crate::fixture`].

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use itinerary::{
    AirlinePair, AirportInfo, ClassState, ConnectionKind, ConnectionTimes, Filters, FlightState, Journey,
    Leg, Limits, Minute, Network, Order, Profiled, SortKey, Tariff,
};
use kernel::codes::CLASSES_PER_CABIN;
use kernel::{AirlineCode, AirportCode, Cabin, FlightId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

use crate::fixture::{Ask, ask, at, code, country_code, id, line, search};

const NETWORKS: u32 = 2_000;
const SEQUENCES: u32 = 300;

// ---- The oracle ----

/// What the network should hold: the rules of loading and applying, said with a map.
pub(crate) struct Model {
    pub(crate) countries: BTreeMap<AirportCode, [u8; 2]>,
    pub(crate) times: ConnectionTimes,
    pub(crate) flights: BTreeMap<FlightId, FlightState>,
}

/// A journey by the model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) key: SortKey,
    duration: u32,
    price: u64,
    pub(crate) legs: Vec<Leg>,
}

impl Model {
    fn new(case: &Case) -> Self {
        let countries = case.airports.iter().map(|info| (info.code, info.country)).collect();
        Self { countries, times: case.times.clone(), flights: BTreeMap::new() }
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

    /// Every journey that answers the question, best first, as if there were no limit and no page before.
    fn journeys(&self, ask: &Ask) -> Vec<Known> {
        let legs: Vec<Leg> = self.flights.values().filter_map(|state| sold(state, ask)).collect();
        let mut found = Vec::new();
        for stops in 0..=ask.max_stops.min(3) {
            if stops < 3 || found.is_empty() {
                self.extend(ask, &legs, &mut Vec::new(), usize::from(stops) + 1, &mut found);
            }
        }
        found.sort_by_key(|known| known.key);
        found
    }

    fn extend(&self, ask: &Ask, legs: &[Leg], taken: &mut Vec<Leg>, more: usize, found: &mut Vec<Known>) {
        if more == 0 {
            found.extend(answer(ask, taken));
            return;
        }
        for leg in legs {
            if taken.last().is_none_or(|last| self.connects(ask, last, leg)) {
                taken.push(*leg);
                self.extend(ask, legs, taken, more - 1, found);
                taken.pop();
            }
        }
    }

    pub(crate) fn connects(&self, ask: &Ask, first: &Leg, second: &Leg) -> bool {
        let crosses = |leg: &Leg| self.countries[&leg.origin] != self.countries[&leg.destination];
        let kind = ConnectionKind::of(crosses(first), crosses(second)) as usize;
        let pair = |airport: Option<AirportCode>| {
            let of = |pair: &&AirlinePair| {
                pair.airport == airport
                    && (pair.arriving, pair.leaving) == (airline(first.flight), airline(second.flight))
            };
            self.times.pairs.iter().rfind(of).map(|pair| pair.minutes)
        };
        let here = first.destination;
        let special =
            pair(Some(here)).or_else(|| pair(None)).or_else(|| self.times.airports.get(&here).copied());
        let minimum = i64::from(special.unwrap_or(self.times.default)[kind]);
        let wait = i64::from(second.departs.0) - i64::from(first.arrives.0);
        let shortest = minimum.max(ask.limits.min_connection.into());
        let allowed = (ask.filters.via.is_empty() || ask.filters.via.contains(&here))
            && !ask.filters.not_via.contains(&here);
        here == second.origin && allowed && (shortest..=i64::from(ask.limits.max_connection)).contains(&wait)
    }

    /// One journey for each (duration, price, stops) that nothing beats.
    fn undominated(all: &[Known]) -> Vec<(u32, u64, usize)> {
        let vector = |known: &Known| (known.duration, known.price, known.legs.len());
        let beats = |a: (u32, u64, usize), b| a != b && a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2;
        let mut vectors: Vec<_> = all.iter().map(vector).collect();
        vectors.sort_unstable();
        vectors.dedup();
        let undominated = vectors.iter().filter(|b| !vectors.iter().any(|a| beats(*a, **b)));
        undominated.copied().collect()
    }
}

fn airline(flight: FlightId) -> AirlineCode {
    flight.key().expect("an id made of a key").number.airline
}

/// `legs`, which connect, as a journey if they answer the question.
pub(crate) fn answer(ask: &Ask, legs: &[Leg]) -> Option<Known> {
    let (first, last) = (legs[0], legs[legs.len() - 1]);
    let mut airports: Vec<_> = legs.iter().map(|leg| leg.destination).chain([first.origin]).collect();
    airports.sort();
    airports.dedup();
    let duration = last.arrives.0 - first.departs.0;
    let fares: u32 = legs.iter().map(|leg| leg.fare).sum();
    let price = ask.tariff.price(fares, legs.len());
    let fits = (first.origin, last.destination) == (ask.origin, ask.destination)
        && ask.departs.contains(&first.departs)
        && ask.arrives.as_ref().is_none_or(|window| window.contains(&last.arrives))
        && legs.iter().all(|leg| leg.departs >= ask.earliest_departure)
        && legs.iter().any(|leg| leg.cabin == ask.cabin)
        && airports.len() == legs.len() + 1
        && duration <= ask.limits.max_duration
        && ask.filters.max_price.is_none_or(|most| price <= most);
    let flights = std::array::from_fn(|place| legs.get(place).map(|leg| leg.flight));
    let rank = ask.order.rank(first.departs.0, duration, price, legs.len());
    fits.then(|| Known { key: SortKey { rank, flights }, duration, price, legs: legs.to_vec() })
}

/// The flight in the class that the party would be sold, if it may be flown.
pub(crate) fn sold(state: &FlightState, ask: &Ask) -> Option<Leg> {
    let airline = airline(state.id);
    let allowed = ask.filters.airlines.is_empty() || ask.filters.airlines.contains(&airline);
    if !state.on_sale || !allowed || ask.filters.not_airlines.contains(&airline) {
        return None;
    }
    let cabins = Cabin::ALL.into_iter().rev().filter(|cabin| {
        if ask.mixed_cabin { cabin.index() <= ask.cabin.index() } else { *cabin == ask.cabin }
    });
    cabins.into_iter().find_map(|cabin| sold_in(state, ask, cabin))
}

fn sold_in(state: &FlightState, ask: &Ask, cabin: Cabin) -> Option<Leg> {
    let classes = state.cabins[cabin.index()]?;
    let mut open: Vec<(u32, u8, u16)> = Vec::new();
    for (rank, class) in (1..).zip(classes) {
        if class.closes > ask.now && class.seats >= ask.seats {
            open.push((class.fare, rank, class.seats));
        }
    }
    open.sort_unstable();
    let (fare, class_rank, seats_at_fare) = *open.first().filter(|_| ask.seats > 0)?;
    Some(Leg {
        flight: state.id,
        origin: state.origin,
        destination: state.destination,
        departs: state.departs,
        arrives: state.arrives,
        cabin,
        class_rank,
        fare,
        seats_at_fare,
        seats_in_cabin: classes[0].seats,
    })
}

pub(crate) fn plain(journeys: &[Journey]) -> Vec<Known> {
    let known = |journey: &Journey| Known {
        key: journey.key(),
        duration: journey.duration,
        price: journey.price,
        legs: journey.legs().to_vec(),
    };
    journeys.iter().map(known).collect()
}

// ---- Random flights and questions ----

const CODES: [&str; 5] = ["ABE", "ATL", "BOS", "CDG", "DEL"];
/// No network knows it.
const NOWHERE: &str = "XXX";

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
            id: id(&format!("{}{number} {origin} {day}", AIRLINES[usize::from(number % 3)])),
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

const AIRLINES: [&str; 3] = ["KR", "S2", "IX"];

fn an_airline(text: &str) -> AirlineCode {
    text.parse().expect("an airline")
}

prop_compose! {
    fn some_limits()(
        min_connection in select(vec![0_u32, 0, 0, 50, 100]),
        max_connection in select(vec![0_u32, 60, 240, 480, 480, 960, 960, 4_000]),
        max_duration in select(vec![60_u32, 240, 600, 1_200, 1_200, 2_160, 2_160, itinerary::DURATION_MAX]),
    ) -> Limits {
        Limits { min_connection, max_connection, max_duration }
    }
}

fn some_minutes() -> impl Strategy<Value = [u16; 4]> {
    prop::array::uniform4(select(vec![0_u16, 20, 40, 60, 75, 100]))
}

prop_compose! {
    fn some_pair()(
        airport in option::of(a_place()),
        arriving in select(&AIRLINES[..]),
        leaving in select(&AIRLINES[..]),
        minutes in some_minutes(),
    ) -> AirlinePair {
        let airport = airport.map(|place| code(CODES[place]));
        AirlinePair { airport, arriving: an_airline(arriving), leaving: an_airline(leaving), minutes }
    }
}

prop_compose! {
    fn some_times()(
        default in prop_oneof![2 => Just([40, 75, 75, 75]), 1 => some_minutes()],
        airports in vec((a_place(), some_minutes()), 0..3),
        pairs in vec(some_pair(), 0..3),
    ) -> ConnectionTimes {
        let airports: HashMap<_, _> = airports.into_iter().map(|(place, minutes)| (code(CODES[place]), minutes)).collect();
        ConnectionTimes { default, airports, pairs }
    }
}

fn some_airports_of() -> impl Strategy<Value = Vec<AirportCode>> {
    prop_oneof![
        6 => Just(Vec::new()),
        1 => subsequence(&CODES[..], 1..4).prop_map(|codes| codes.into_iter().map(code).collect()),
    ]
}

fn some_airlines() -> impl Strategy<Value = Vec<AirlineCode>> {
    prop_oneof![
        6 => Just(Vec::new()),
        1 => subsequence(&AIRLINES[..], 1..3).prop_map(|codes| codes.into_iter().map(an_airline).collect()),
    ]
}

prop_compose! {
    fn some_filters()(
        max_price in option::weighted(0.1, (0_u64..600).prop_map(|price| price * 1_000_000)),
        airlines in some_airlines(),
        not_airlines in some_airlines(),
        via in some_airports_of(),
        not_via in some_airports_of(),
    ) -> Filters {
        Filters { max_price, airlines, not_airlines, via, not_via }
    }
}

fn a_tariff() -> impl Strategy<Value = Tariff> {
    let ratio = || select(vec![1_000_000_u32, 1_000_000, 0, 333_333, 1_300_000]);
    (ratio(), ratio(), select(vec![0_u32, 0, 25])).prop_map(|(nonstop_ppm, connection_ppm, per_flight)| {
        Tariff { nonstop_ppm, connection_ppm, per_flight }
    })
}

fn an_order() -> impl Strategy<Value = Order> {
    let best = (select(vec![0_u32, 1, 3]), select(vec![0_u32, 50]))
        .prop_map(|(minute, stop)| Order::Best { minute, stop });
    prop_oneof![
        3 => Just(Order::Duration),
        2 => Just(Order::Price),
        1 => Just(Order::Departure),
        1 => Just(Order::Arrival),
        2 => best,
    ]
}

/// Where from and to, seldom the same airport.
fn the_ends() -> impl Strategy<Value = (AirportCode, AirportCode)> {
    (a_code(), a_code(), a_code()).prop_map(|(origin, destination, other)| {
        (code(origin), code(if destination == origin { other } else { destination }))
    })
}

prop_compose! {
    fn a_question()(
        (origin, destination) in the_ends(),
        from in prop_oneof![2 => Just(0), 1 => 0_u32..72],
        length in select(vec![0_u32, 1, 20, 360, 720, 1_440, 1_440, 1_440, 2_880, 2_880, 2_880, 2_880]),
        arrives in option::weighted(0.1, (0_u32..100, select(vec![0_u32, 400, 1_000]))),
        cut_off in select(vec![0_u32, 0, 0, 300, 301]),
        now in select(vec![-1_i32, 0, 0, 1]),
        (cabin, mixed_cabin) in (
            prop_oneof![8 => Just(Cabin::Economy), 2 => Just(Cabin::Business), 1 => select(&Cabin::ALL[..])],
            prop::bool::weighted(0.2),
        ),
        (seats, max_stops) in (select(vec![0_u16, 1, 1, 1, 1, 1, 2, 3, 16]), select(vec![0_u8, 1, 2, 2, 2, 3, 3, 255])),
        limits in prop_oneof![some_limits(), Just(Limits { max_connection: 480, ..Limits::default() })],
        tariff in a_tariff(),
        filters in prop_oneof![1 => some_filters(), 2 => Just(Filters::default())],
        order in an_order(),
        limit in select(vec![0_usize, 1, 2, 3, 5, 20]),
    ) -> Question {
        let start = dawn() + from * 20;
        let window = |(from, length): (u32, u32)| Minute(dawn() + from * 20)..Minute(dawn() + from * 20 + length);
        Question(Ask {
            origin,
            destination,
            departs: Minute(start)..Minute(start + length),
            arrives: arrives.map(window),
            now: Minute(dawn().strict_add_signed(now)),
            earliest_departure: Minute(dawn() + cut_off),
            cabin,
            mixed_cabin,
            seats,
            max_stops,
            limits,
            tariff,
            filters,
            order,
            limit,
            ..ask("ABE ATL")
        })
    }
}

/// What is asked of a network, as text when it fails.
#[derive(Clone)]
struct Question(Ask);

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ask) = self;
        let minutes = |instant: Minute| i64::from(instant.0) - i64::from(dawn());
        let (start, end) = (minutes(ask.departs.start), minutes(ask.departs.end));
        write!(
            f,
            "in minutes of day 1: departs {start}..{end}, now {}, cut-off {}; ",
            minutes(ask.now),
            minutes(ask.earliest_departure)
        )?;
        ask.fmt(f)
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
    times: ConnectionTimes,
    flights: Vec<FlightState>,
    questions: Vec<Question>,
    changes: Vec<Change>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for info in &self.airports {
            write!(f, "{}={} ", info.code, String::from_utf8_lossy(&info.country))?;
        }
        write!(f, "{:?}", self.times)?;
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
    filtered: Cell<u32>,
    traded: Cell<u32>,
}

impl Tally {
    fn count(&self, ask: &Ask, all: &[Known]) {
        let add = |counter: &Cell<u32>, seen: bool| counter.set(counter.get() + u32::from(seen));
        let any_of = |flights: usize| all.iter().any(|known| known.legs.len() == flights);
        add(&self.answered, !all.is_empty());
        add(&self.two_stops, any_of(3));
        add(&self.cut_short, 0 < ask.limit && ask.limit < all.len());
        add(&self.tied, all.windows(2).any(|pair| pair[0].key.rank == pair[1].key.rank));
        add(&self.filtered, ask.filters != Filters::default() && !all.is_empty());
        add(&self.traded, Model::undominated(all).len() > 1);
    }

    fn assert_enough(&self) {
        let counts = [
            (&self.answered, NETWORKS * 3 / 4),
            (&self.two_stops, NETWORKS / 10),
            (&self.cut_short, NETWORKS / 5),
            (&self.tied, NETWORKS / 20),
            (&self.filtered, NETWORKS / 10),
            (&self.traded, NETWORKS / 5),
        ];
        let counts = counts.map(|(count, enough)| (count.get(), enough));
        assert!(counts.iter().all(|(count, enough)| count > enough), "{counts:?}");
    }
}

fn networks() -> impl Strategy<Value = Case> {
    let some = |count| vec(a_flight((1_u16..60, 1_u32..3, a_place())), count);
    let flights = (some(0..40), some(0..120)).prop_map(|(few, many)| [few, many].concat());
    (some_airports(), some_times(), flights, vec(a_question(), 3)).prop_map(
        |(airports, times, flights, questions)| Case {
            airports,
            times,
            flights,
            questions,
            changes: Vec::new(),
        },
    )
}

/// Flights from each airport to the next only, and questions that lead all the way round.
fn rings() -> impl Strategy<Value = Case> {
    let onward = |mut state: FlightState, place: usize| {
        state.id = id(&format!("KR{} {} 1", state.id.key().map_or(1, |key| key.number.number), CODES[place]));
        (state.origin, state.destination) = (code(CODES[place]), code(CODES[(place + 1) % CODES.len()]));
        state
    };
    let flight = (a_flight((1_u16..60, 1_u32..2, a_place())), 0..CODES.len());
    let flights = vec(flight.prop_map(move |(state, place)| onward(state, place)), 20..70);
    let question = (a_question(), 0..CODES.len()).prop_map(|(Question(question), place)| {
        Question(Ask {
            origin: code(CODES[place]),
            destination: code(CODES[(place + 4) % CODES.len()]),
            max_stops: 3,
            seats: 1,
            cabin: Cabin::Economy,
            departs: Minute(dawn())..Minute(dawn() + 2_880),
            arrives: None,
            limits: Limits { max_connection: 960, ..Limits::default() },
            ..question
        })
    });
    (some_airports(), some_times(), flights, vec(question, 2)).prop_map(
        |(airports, times, flights, questions)| Case {
            airports,
            times,
            flights,
            questions,
            changes: Vec::new(),
        },
    )
}

#[test]
fn three_stops_rank_as_the_nested_loops_do_where_nothing_is_nearer() {
    let answered = Cell::new(0);
    check(SEQUENCES, &rings(), |case| {
        let (network, mut model) =
            (Network::new(case.airports.clone(), case.times.clone()), Model::new(&case));
        prop_assert_eq!(network.load(case.flights.clone()), model.apply(&case.flights));
        for Question(ask) in &case.questions {
            let all = model.journeys(ask);
            answered.set(answered.get() + u32::from(!all.is_empty()));
            same_answers(&network, ask, &all)?;
            same_pages(&network, ask, &all)?;
            same_calendar_and_visit(&network, ask, &all)?;
            same_profile(&network, ask, &all)?;
        }
        Ok(())
    });
    assert!(answered.get() > SEQUENCES / 5, "only {} had an answer", answered.get());
}

#[test]
fn random_networks_rank_as_the_nested_loops_do() {
    let tally = Tally::default();
    check(NETWORKS, &networks(), |case| {
        let (network, mut model) =
            (Network::new(case.airports.clone(), case.times.clone()), Model::new(&case));
        let refused = network.load(case.flights.clone());
        prop_assert_eq!(refused, model.apply(&case.flights));
        prop_assert_eq!(network.flight_count(), model.flights.len());
        for Question(ask) in &case.questions {
            let all = model.journeys(ask);
            tally.count(ask, &all);
            same_answers(&network, ask, &all)?;
            same_pages(&network, ask, &all)?;
            same_calendar_and_visit(&network, ask, &all)?;
            same_profile(&network, ask, &all)?;
        }
        Ok(())
    });
    tally.assert_enough();
}

/// With and without the limit.
pub(crate) fn same_answers(network: &Network, ask: &Ask, all: &[Known]) -> TestCaseResult {
    let unlimited = search(network, &Ask { limit: usize::MAX, ..ask.clone() });
    prop_assert_eq!(plain(&unlimited), all);
    for journey in &unlimited {
        let least = |seats: fn(&Leg) -> u16| journey.legs().iter().map(seats).min();
        prop_assert_eq!(Some(journey.seats_at_price()), least(|leg| leg.seats_at_fare));
        prop_assert_eq!(Some(journey.seats_left()), least(|leg| leg.seats_in_cabin));
    }
    let limited = ask.answer(network);
    prop_assert!(limited.complete);
    prop_assert_eq!(plain(&limited.journeys().collect::<Vec<_>>()), &all[..ask.limit.min(all.len())]);
    let mut vectors: Vec<_> =
        limited.pareto().map(|journey| (journey.duration, journey.price, journey.legs().len())).collect();
    vectors.sort_unstable();
    prop_assert_eq!(vectors, Model::undominated(all));
    prop_assert!(plain(&limited.pareto().collect::<Vec<_>>()).iter().all(|known| all.contains(known)));
    Ok(())
}

/// The cheapest of the day is the cheapest of the list, and every journey is shown once.
pub(crate) fn same_calendar_and_visit(network: &Network, ask: &Ask, all: &[Known]) -> TestCaseResult {
    let query = ask.query();
    let tomorrow = Ask { departs: ask.departs.start.plus(1_440)..ask.departs.end.plus(1_440), ..ask.clone() };
    let days = [query.origins.clone(), tomorrow.query().origins, Vec::new()];
    let cheapest = |journeys: Vec<Journey>| journeys.iter().map(|journey| journey.price).min();
    let by_list = search(network, &Ask { limit: usize::MAX, ..tomorrow });
    let expected = [all.iter().map(|known| known.price).min(), cheapest(by_list), None];
    prop_assert_eq!(network.calendar(&query, &days), (expected.to_vec(), true));

    let mut seen = Vec::new();
    let complete = network.visit(&query, &mut |journey| {
        assert_eq!(journey.stops() + 1, journey.airlines().len());
        let airlines: Vec<_> = journey.airlines().iter().copied().flatten().collect();
        seen.push((
            journey.departs,
            journey.duration(),
            journey.price,
            airlines,
            journey.connections().collect(),
        ));
    });
    prop_assert!(complete);
    let mut known: Vec<_> = all.iter().map(summary).collect();
    seen.sort();
    known.sort();
    prop_assert_eq!(seen, known);
    Ok(())
}

/// Order, limit and page leave the profile as it is.
pub(crate) fn same_profile(network: &Network, ask: &Ask, all: &[Known]) -> TestCaseResult {
    let told = |known: &Known| {
        let (first, last) = (known.legs[0], known.legs[known.legs.len() - 1]);
        Profiled { departs: first.departs, arrives: last.arrives, stops: known.legs.len() - 1 }
    };
    let beats = |a: &Profiled, b: &Profiled| {
        a != b && a.departs >= b.departs && a.arrives <= b.arrives && a.stops <= b.stops
    };
    let mut known: Vec<Profiled> = all.iter().map(told).collect();
    known.sort_unstable();
    known.dedup();
    let expected: Vec<_> = known.iter().filter(|b| !known.iter().any(|a| beats(a, b))).copied().collect();
    prop_assert_eq!(network.profile(&ask.query()), (expected, true));
    Ok(())
}

type Summary = (Minute, u32, u64, Vec<AirlineCode>, Vec<(AirportCode, u32)>);

fn summary(known: &Known) -> Summary {
    let airlines = known.legs.iter().map(|leg| airline(leg.flight)).collect();
    let change = |pair: &[Leg]| (pair[1].origin, pair[1].departs.since(pair[0].arrives));
    (
        known.legs[0].departs,
        known.duration,
        known.price,
        airlines,
        known.legs.windows(2).map(change).collect(),
    )
}

/// Page after page, and behind keys that are no journey's.
pub(crate) fn same_pages(network: &Network, ask: &Ask, all: &[Known]) -> TestCaseResult {
    let limit = ask.limit.max(1);
    let (mut pages, mut after) = (Vec::new(), None);
    for _ in 0..=all.len() {
        let page = plain(&search(network, &Ask { limit, after, ..ask.clone() }));
        let Some(last) = page.last() else { break };
        after = Some(last.key);
        prop_assert!(page.len() == limit || pages.len() + page.len() == all.len(), "a short page");
        pages.extend(page);
    }
    prop_assert_eq!(&pages, all);
    let middle = all.get(all.len() / 2).map(|known| known.key);
    for (key, shift) in middle.iter().flat_map(|key| [(key, -1), (key, 0), (key, 1)]) {
        let mut after = *key;
        after.rank.0 = after.rank.0.saturating_add_signed(shift);
        let expected: Vec<_> = all.iter().filter(|known| known.key > after).take(limit).cloned().collect();
        let page = search(network, &Ask { limit, after: Some(after), ..ask.clone() });
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
    (some_airports(), some_times(), flights, vec(a_question(), 2), changes).prop_map(
        |(airports, times, flights, questions, changes)| Case {
            airports,
            times,
            flights,
            questions,
            changes,
        },
    )
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
        let empty = || Network::new(case.airports.clone(), case.times.clone());
        let (network, mut model) = (empty(), Model::new(&case));
        prop_assert_eq!(network.load(case.flights.clone()), model.apply(&case.flights));
        for step in &case.changes {
            change(&network, &mut model, step)?;
            let fresh = empty();
            prop_assert_eq!(fresh.load(model.flights.values().cloned()), vec![]);
            prop_assert_eq!(network.flight_count(), model.flights.len());
            prop_assert_eq!(network.span(), fresh.span());
            for (id, state) in &model.flights {
                prop_assert_eq!(network.flight(*id), Some(state.clone()));
            }
            for Question(ask) in &case.questions {
                let all = model.journeys(ask);
                answered.set(answered.get() + u32::from(!all.is_empty()));
                same_answers(&network, ask, &all)?;
                prop_assert_eq!(search(&network, ask), search(&fresh, ask));
            }
        }
        Ok(())
    });
    assert!(answered.get() > SEQUENCES, "only {} questions had an answer", answered.get());
}
