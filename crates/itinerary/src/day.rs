//! The flights that depart on one UTC day, laid out to be scanned route by route.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use kernel::{Cabin, FlightId};

use crate::airports::{Airport, Airports};
use crate::fares::{Closings, FareWords, Ledger, NEVER, lowest_of, words};
use crate::flight::{FlightState, Minute};
use crate::graph::{Graph, RouteId, count};
use crate::prefetch::prefetch;

/// How many cabins a flight can have.
pub(crate) const CABINS: usize = Cabin::ALL.len();

/// A flight between two known airports that arrives after it departs: the only kind a day holds.
#[derive(Clone)]
pub(crate) struct Placed {
    pub(crate) origin: Airport,
    pub(crate) destination: Airport,
    pub(crate) block: u16,
    /// Index among the network's airlines.
    pub(crate) carrier: u16,
    pub(crate) state: FlightState,
}

impl Placed {
    /// `None` for a flight that no journey could use.
    pub(crate) fn new(state: FlightState, airports: &Airports, carrier: u16) -> Option<Self> {
        let (origin, destination) = (airports.find(state.origin)?, airports.find(state.destination)?);
        let block = u16::try_from(state.arrives.since(state.departs)).ok().filter(|block| *block > 0)?;
        Some(Self { origin, destination, block, carrier, state })
    }
}

/// What decides whether a flight connects: eight bytes, so that the departures of a route lie in a line or two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// Minute of departure.
    pub(crate) departs: u32,
    /// Minutes from departure to arrival.
    pub(crate) block: u16,
    /// Index among the network's airlines.
    pub(crate) carrier: u16,
}

impl Times {
    pub(crate) const fn arrives(self) -> u32 {
        self.departs + self.block as u32
    }
}

/// The cabin of all flights of a day; words that sell nothing for flights without it.
pub(crate) struct CabinDay {
    /// For each flight.
    pub(crate) fares: Vec<FareWords>,
    ledgers: Vec<Ledger>,
    /// The lowest fare of each route.
    lowest: Vec<AtomicU32>,
}

/// The flights of one UTC day of departure.
pub(crate) struct Day {
    /// The first and the last departure; a day is never empty.
    pub(crate) departures: (Minute, Minute),
    /// For each route where its flights start; one more for the end. Routes made later are missing at the end.
    starts: Vec<u32>,
    /// Sorted by route, then departure, then id; so are all lists by flight.
    pub(crate) times: Vec<Times>,
    pub(crate) ids: Vec<FlightId>,
    routes: Vec<RouteId>,
    /// Bit n is set when the flight has the cabin of index n.
    has_cabin: Vec<u8>,
    on_sale: Vec<AtomicBool>,
    versions: Vec<AtomicU64>,
    pub(crate) cabins: [Option<CabinDay>; CABINS],
    /// Places of flights in order of id.
    by_id: Vec<u32>,
    /// The earliest instant at which a class closes that is open now.
    next_closing: AtomicU32,
}

impl Day {
    /// Lays out `flights`, which all depart on one day and have distinct ids, on the routes of `graph`. `None` when there
    /// are none.
    pub(crate) fn new(
        flights: Vec<Placed>,
        graph: &Graph,
        now: Minute,
        closings: &mut Closings,
    ) -> Option<Self> {
        let mut flights: Vec<(RouteId, Placed)> = flights
            .into_iter()
            .filter_map(|flight| Some((graph.find(flight.origin, flight.destination)?, flight)))
            .collect();
        flights.sort_unstable_by_key(|(route, flight)| (*route, flight.state.departs, flight.state.id));
        let departures = flights.iter().map(|(_, flight)| flight.state.departs);
        let departures = (departures.clone().min()?, departures.max()?);
        let states = || flights.iter().map(|(_, flight)| &flight.state);
        let mut by_id: Vec<u32> = (0..count(flights.len())).collect();
        by_id.sort_unstable_by_key(|place| flights[*place as usize].1.state.id);
        let day = Self {
            departures,
            starts: starts(graph.routes.len(), flights.iter().map(|(route, _)| *route)),
            times: flights.iter().map(|(_, flight)| times(flight)).collect(),
            ids: states().map(|state| state.id).collect(),
            routes: flights.iter().map(|(route, _)| *route).collect(),
            has_cabin: states().map(cabin_bits).collect(),
            on_sale: states().map(|state| AtomicBool::new(state.on_sale)).collect(),
            versions: states().map(|state| AtomicU64::new(state.version)).collect(),
            cabins: std::array::from_fn(|cabin| {
                let any = states().any(|state| state.cabins[cabin].is_some());
                any.then(|| CabinDay::empty(flights.len(), graph.routes.len()))
            }),
            by_id,
            next_closing: AtomicU32::new(u32::MAX),
        };
        for (place, state) in states().enumerate() {
            day.write(place, state, now, closings);
        }
        for cabin in day.cabins.iter().flatten() {
            for route in 0..count(graph.routes.len()) {
                cabin.lowest[route as usize].store(day.scan_lowest(cabin, route), Relaxed);
            }
        }
        Some(day)
    }

    /// The places of the flights of a route.
    #[inline]
    pub(crate) fn flights(&self, route: RouteId) -> Range<usize> {
        match self.starts.get(route as usize..route as usize + 2) {
            Some([start, end]) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// Begins to fetch where a route's flights start.
    #[inline]
    pub(crate) fn prefetch_start(&self, route: RouteId) {
        prefetch(&self.starts, route as usize);
    }

    /// Begins to fetch a route's flights and their fares in a cabin.
    #[inline]
    pub(crate) fn prefetch_flights(&self, route: RouteId, cabin: usize) {
        const TIMES: usize = 64 / size_of::<Times>();
        const FARES: usize = 64 / size_of::<FareWords>();
        let places = self.flights(route);
        for place in places.clone().step_by(TIMES) {
            prefetch(&self.times, place);
        }
        if let Some(cabin) = &self.cabins[cabin] {
            for place in places.step_by(FARES) {
                prefetch(&cabin.fares, place);
            }
        }
    }

    /// The lowest fare of a route's flights in a cabin, [`NEVER`] without.
    #[inline]
    pub(crate) fn lowest(&self, cabin: usize, route: RouteId) -> u32 {
        let lowest = self.cabins[cabin].as_ref().and_then(|cabin| cabin.lowest.get(route as usize));
        lowest.map_or(NEVER, |fare| fare.load(Relaxed))
    }

    fn scan_lowest(&self, cabin: &CabinDay, route: RouteId) -> u32 {
        let fares = cabin.fares[self.flights(route)].iter().map(FareWords::lowest);
        fares.min().unwrap_or(NEVER)
    }

    pub(crate) fn route(&self, place: usize) -> RouteId {
        self.routes[place]
    }

    pub(crate) fn version(&self, place: usize) -> u64 {
        self.versions[place].load(Relaxed)
    }

    /// The ledger of a flight's cabin.
    pub(crate) fn ledger(&self, place: usize, cabin: usize) -> Option<&Ledger> {
        self.cabins[cabin].as_ref().map(|cabin| &cabin.ledgers[place])
    }

    /// How many flights depart on the day.
    pub(crate) fn flight_count(&self) -> usize {
        self.times.len()
    }

    /// The place of the flight of that id.
    pub(crate) fn find(&self, id: FlightId) -> Option<usize> {
        let found = self.by_id.binary_search_by_key(&id, |place| self.ids[*place as usize]).ok()?;
        Some(self.by_id[found] as usize)
    }

    /// Whether `state` has the times, places and cabins the flight was laid out with, so that it can be stored in place.
    pub(crate) fn fits(&self, place: usize, graph: &Graph, airports: &Airports, state: &FlightState) -> bool {
        let times = self.times[place];
        let route = airports.find(state.origin).zip(airports.find(state.destination));
        let route = route.and_then(|(origin, destination)| graph.find(origin, destination));
        route == Some(self.routes[place])
            && (times.departs, times.arrives()) == (state.departs.0, state.arrives.0)
            && self.has_cabin[place] == cabin_bits(state)
    }

    /// Brings a flight to a state that [`fits`](Self::fits), so that no search ever sees a fare below its bound: `lower`
    /// is told of a new lowest fare before the fare is stored, and `exact` afterwards.
    pub(crate) fn store(
        &self,
        place: usize,
        state: &FlightState,
        now: Minute,
        closings: &mut Closings,
        bounds: &impl BoundKeeper,
    ) {
        let route = self.routes[place];
        for (index, classes) in state.cabins.iter().enumerate() {
            let (Some(cabin), Some(classes)) = (&self.cabins[index], classes) else { continue };
            let coming = lowest_of(words(classes, state.on_sale, now));
            if coming < cabin.lowest[route as usize].load(Relaxed) {
                cabin.lowest[route as usize].store(coming, Relaxed);
                bounds.lower(index, route, coming);
            }
        }
        self.write(place, state, now, closings);
        self.tighten(route, bounds);
    }

    /// Sets the lowest fares of a route to what they are, and the bounds after them.
    fn tighten(&self, route: RouteId, bounds: &impl BoundKeeper) {
        for (index, cabin) in self.cabins.iter().enumerate() {
            let Some(cabin) = cabin else { continue };
            let exact = self.scan_lowest(cabin, route);
            if cabin.lowest[route as usize].load(Relaxed) != exact {
                cabin.lowest[route as usize].store(exact, Relaxed);
                bounds.exact(index, route);
            }
        }
    }

    fn write(&self, place: usize, state: &FlightState, now: Minute, closings: &mut Closings) {
        for (cabin, classes) in self.cabins.iter().zip(&state.cabins) {
            let (Some(cabin), Some(classes)) = (cabin, classes) else { continue };
            cabin.fares[place].store(words(classes, state.on_sale, now));
            cabin.ledgers[place].store(classes, closings.number(state.departs, classes));
            let next = classes.iter().map(|class| class.closes.0).filter(|closes| *closes > now.0).min();
            self.next_closing.fetch_min(next.unwrap_or(u32::MAX), Relaxed);
        }
        self.on_sale[place].store(state.on_sale, Relaxed);
        self.versions[place].store(state.version, Relaxed);
    }

    /// Closes the classes whose time has come, or opens them again when the clock went back.
    pub(crate) fn turn(
        &self,
        from: Minute,
        to: Minute,
        graph: &Graph,
        closings: &mut Closings,
        bounds: &impl BoundKeeper,
    ) {
        if from <= to && to.0 < self.next_closing.load(Relaxed) {
            return;
        }
        self.next_closing.store(u32::MAX, Relaxed);
        let (earlier, later) = (from.min(to), from.max(to));
        for place in 0..self.flight_count() {
            let departs = Minute(self.times[place].departs);
            let of = |cabin: &CabinDay| closings.instants(cabin.ledgers[place].closings(), departs);
            let mut instants = self.cabins.iter().flatten().flat_map(of);
            if instants.any(|closes| earlier < closes && closes <= later) {
                let state = self.state(place, graph, closings);
                self.store(place, &state, to, closings, bounds);
            } else {
                let of = |cabin: &CabinDay| closings.instants(cabin.ledgers[place].closings(), departs);
                let instants = self.cabins.iter().flatten().flat_map(of);
                let next = instants.filter(|closes| *closes > to).min();
                self.next_closing.fetch_min(next.map_or(u32::MAX, |next| next.0), Relaxed);
            }
        }
    }

    /// The present state of a flight.
    pub(crate) fn state(&self, place: usize, graph: &Graph, closings: &Closings) -> FlightState {
        let times = self.times[place];
        let departs = Minute(times.departs);
        let route = graph.routes[self.routes[place] as usize];
        let code = |node: u32| graph.nodes[node as usize].code;
        FlightState {
            id: self.ids[place],
            origin: code(route.origin),
            destination: code(route.destination),
            departs,
            arrives: Minute(times.arrives()),
            on_sale: self.on_sale[place].load(Relaxed),
            cabins: std::array::from_fn(|index| {
                let cabin =
                    self.cabins[index].as_ref().filter(|_| self.has_cabin[place] >> index & 1 != 0)?;
                let ledger = &cabin.ledgers[place];
                let closes = closings.instants(ledger.closings(), departs);
                Some(ledger.classes(&cabin.fares[place], closes))
            }),
            version: self.version(place),
        }
    }
}

/// Who keeps the lower bounds of a day's fares true.
pub(crate) trait BoundKeeper {
    /// A fare of `route` is about to fall to `fare`.
    fn lower(&self, cabin: usize, route: RouteId, fare: u32);
    /// The lowest fare of `route` has been set to what it is.
    fn exact(&self, cabin: usize, route: RouteId);
}

impl CabinDay {
    fn empty(flights: usize, routes: usize) -> Self {
        Self {
            fares: (0..flights).map(|_| FareWords::closed()).collect(),
            ledgers: (0..flights).map(|_| Ledger::new()).collect(),
            lowest: (0..routes).map(|_| AtomicU32::new(NEVER)).collect(),
        }
    }
}

fn times(flight: &Placed) -> Times {
    Times { departs: flight.state.departs.0, block: flight.block, carrier: flight.carrier }
}

/// The cabins a state has, as a day keeps them.
fn cabin_bits(state: &FlightState) -> u8 {
    state.cabins.iter().rev().fold(0, |bits, cabin| bits << 1 | u8::from(cabin.is_some()))
}

/// Where the entries of each route start in a list sorted by route, and where the last ones end.
fn starts(routes: usize, sorted: impl Iterator<Item = RouteId>) -> Vec<u32> {
    let mut starts = vec![0; routes + 1];
    for route in sorted {
        starts[route as usize + 1] += 1;
    }
    for route in 0..routes {
        starts[route + 1] += starts[route];
    }
    starts
}
