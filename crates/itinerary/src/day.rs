//! The flights that depart on one UTC day, laid out to be scanned route by route.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use kernel::codes::CLASSES_PER_CABIN;
use kernel::{Cabin, FlightId};

use crate::airports::{Airport, Airports};
use crate::fares::{Closings, FareWords, Ledger, NEVER, lowest_of, words};
use crate::flight::{ClassState, FlightState, Minute};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A flight beside its fares. What a change of it looks at lies together, in one cache line or two.
pub(crate) struct Card {
    pub(crate) id: FlightId,
    version: AtomicU64,
    pub(crate) times: Times,
    pub(crate) route: RouteId,
    /// Bit n is set when the flight has the cabin of index n.
    has_cabin: u8,
    on_sale: AtomicBool,
}

/// What a search reads of a flight in a cabin: 24 bytes, so that the departures of a route on a day lie in a line or two
/// with what they cost. Times are repeated in each cabin for that.
pub(crate) struct Seats {
    pub(crate) times: Times,
    pub(crate) fares: FareWords,
}

/// The cabin of all flights of a day; words that sell nothing for flights without it.
pub(crate) struct CabinDay {
    /// For each flight.
    pub(crate) flights: Vec<Seats>,
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
    cards: Vec<Card>,
    pub(crate) cabins: [Option<CabinDay>; CABINS],
    by_id: PlacesById,
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
        let cards: Vec<Card> = flights.iter().map(card).collect();
        let day = Self {
            departures,
            starts: starts(graph.routes.len(), flights.iter().map(|(route, _)| *route)),
            cabins: std::array::from_fn(|cabin| {
                let any = states().any(|state| state.cabins[cabin].is_some());
                any.then(|| CabinDay::empty(&cards, graph.routes.len()))
            }),
            by_id: PlacesById::new(&cards),
            cards,
            next_closing: AtomicU32::new(u32::MAX),
        };
        for (place, state) in states().enumerate() {
            for (cabin, classes) in day.cabins.iter().zip(&state.cabins) {
                let (Some(cabin), Some(classes)) = (cabin, classes) else { continue };
                cabin.flights[place].fares.store(words(classes, state.on_sale, now));
                day.note(cabin, place, classes, now, closings);
            }
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
        const A_LINE: usize = 64 / size_of::<Seats>();
        if let Some(cabin) = &self.cabins[cabin] {
            for place in self.flights(route).step_by(A_LINE) {
                prefetch(&cabin.flights, place);
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
        let fares = cabin.flights[self.flights(route)].iter().map(|flight| flight.fares.lowest());
        fares.min().unwrap_or(NEVER)
    }

    /// The flight at a place.
    pub(crate) fn card(&self, place: usize) -> &Card {
        &self.cards[place]
    }

    pub(crate) fn version(&self, place: usize) -> u64 {
        self.cards[place].version.load(Relaxed)
    }

    /// The ledger of a flight's cabin.
    pub(crate) fn ledger(&self, place: usize, cabin: usize) -> Option<&Ledger> {
        self.cabins[cabin].as_ref().map(|cabin| &cabin.ledgers[place])
    }

    /// How many flights depart on the day.
    pub(crate) fn flight_count(&self) -> usize {
        self.cards.len()
    }

    /// The place of the flight of that id.
    pub(crate) fn find(&self, id: FlightId) -> Option<usize> {
        self.by_id.find(id, &self.cards)
    }

    /// Begins to fetch what [`find`](Self::find) will read first.
    pub(crate) fn prefetch_place(&self, id: FlightId) {
        self.by_id.prefetch(id);
    }

    /// Begins to fetch what a change of the flight will read.
    pub(crate) fn prefetch_change(&self, id: FlightId) {
        let Some(place) = self.by_id.candidates(id).next() else { return };
        prefetch(&self.cards, place);
        for cabin in self.cabins.iter().flatten() {
            prefetch(&cabin.flights, place);
            prefetch(&cabin.ledgers, place);
        }
    }

    /// Whether `state` has the times, places and cabins the flight was laid out with, so that it can be stored in place.
    pub(crate) fn fits(&self, place: usize, graph: &Graph, state: &FlightState) -> bool {
        let Card { times, route, has_cabin, .. } = self.cards[place];
        let route = graph.routes[route as usize];
        let code = |node: u32| graph.nodes[node as usize].code;
        (code(route.origin), code(route.destination)) == (state.origin, state.destination)
            && (times.departs, times.arrives()) == (state.departs.0, state.arrives.0)
            && has_cabin == cabin_bits(state)
    }

    /// Brings a flight to a state that [`fits`](Self::fits), cabin by cabin.
    pub(crate) fn store(
        &self,
        place: usize,
        state: &FlightState,
        now: Minute,
        closings: &mut Closings,
        bounds: &impl BoundKeeper,
    ) {
        for (index, classes) in state.cabins.iter().enumerate() {
            let (Some(cabin), Some(classes)) = (&self.cabins[index], classes) else { continue };
            let words = words(classes, state.on_sale, now);
            if cabin.flights[place].fares.differ(words) {
                self.store_words(index, cabin, place, words, bounds);
            }
            self.note(cabin, place, classes, now, closings);
        }
        self.cards[place].on_sale.store(state.on_sale, Relaxed);
        self.cards[place].version.store(state.version, Relaxed);
    }

    /// Stores the words of a flight so that no search ever sees a fare below its bound: `lower` is told of a new lowest
    /// fare before it is stored, and `raise` of a higher one afterwards.
    fn store_words(
        &self,
        index: usize,
        cabin: &CabinDay,
        place: usize,
        words: [u32; CLASSES_PER_CABIN],
        bounds: &impl BoundKeeper,
    ) {
        let route = self.cards[place].route;
        let fares = &cabin.flights[place].fares;
        let (before, coming, lowest) = (fares.lowest(), lowest_of(words), &cabin.lowest[route as usize]);
        let held = lowest.load(Relaxed);
        if coming < held {
            lowest.store(coming, Relaxed);
            bounds.lower(index, route, coming);
        }
        fares.store(words);
        // Only the flight that was the cheapest of its route can make the lowest fare rise.
        if before == held && coming > held {
            let exact = self.scan_lowest(cabin, route);
            if exact != held {
                lowest.store(exact, Relaxed);
                bounds.raise(index, route, held);
            }
        }
    }

    /// Writes down what searches do not look at while they run.
    fn note(
        &self,
        cabin: &CabinDay,
        place: usize,
        classes: &[ClassState; CLASSES_PER_CABIN],
        now: Minute,
        closings: &mut Closings,
    ) {
        let departs = Minute(self.cards[place].times.departs);
        let (ledger, closes) = (&cabin.ledgers[place], classes.map(|class| class.closes));
        let held = ledger.closings();
        let same = closings.instants(held, departs) == closes;
        ledger.store(classes, if same { held } else { closings.number(departs, classes) });
        let next = closes.into_iter().filter(|closes| *closes > now).min();
        if let Some(next) = next.filter(|next| next.0 < self.next_closing.load(Relaxed)) {
            self.next_closing.store(next.0, Relaxed);
        }
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
            let departs = Minute(self.cards[place].times.departs);
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
        let card = &self.cards[place];
        let departs = Minute(card.times.departs);
        let route = graph.routes[card.route as usize];
        let code = |node: u32| graph.nodes[node as usize].code;
        FlightState {
            id: card.id,
            origin: code(route.origin),
            destination: code(route.destination),
            departs,
            arrives: Minute(card.times.arrives()),
            on_sale: card.on_sale.load(Relaxed),
            cabins: std::array::from_fn(|index| {
                let cabin = self.cabins[index].as_ref().filter(|_| card.has_cabin >> index & 1 != 0)?;
                let ledger = &cabin.ledgers[place];
                let closes = closings.instants(ledger.closings(), departs);
                Some(ledger.classes(&cabin.flights[place].fares, closes))
            }),
            version: self.version(place),
        }
    }
}

/// Who keeps the lower bounds of a day's fares true.
pub(crate) trait BoundKeeper {
    /// A fare of `route` is about to fall to `fare`.
    fn lower(&self, cabin: usize, route: RouteId, fare: u32);
    /// The lowest fare of `route` has been set to what it is, and is higher than it `was`.
    fn raise(&self, cabin: usize, route: RouteId, was: u32);
}

impl CabinDay {
    fn empty(cards: &[Card], routes: usize) -> Self {
        let closed = |card: &Card| Seats { times: card.times, fares: FareWords::closed() };
        Self {
            flights: cards.iter().map(closed).collect(),
            ledgers: cards.iter().map(|_| Ledger::new()).collect(),
            lowest: (0..routes).map(|_| AtomicU32::new(NEVER)).collect(),
        }
    }
}

fn card((route, flight): &(RouteId, Placed)) -> Card {
    let state = &flight.state;
    Card {
        id: state.id,
        version: AtomicU64::new(state.version),
        times: Times { departs: state.departs.0, block: flight.block, carrier: flight.carrier },
        route: *route,
        has_cabin: cabin_bits(state),
        on_sale: AtomicBool::new(state.on_sale),
    }
}

/// Where the flight of an id is: a table with room for half as many again, searched from the place that the id's hash
/// names to the next one that is free. A change of a price waits for two places of memory for that and not for twenty.
struct PlacesById {
    places: Vec<u32>,
    /// More bits of each hash, so that the cards of other flights are not read to see that they are others; 0: free.
    tags: Vec<u16>,
}

impl PlacesById {
    fn new(cards: &[Card]) -> Self {
        let room = cards.len() + cards.len() / 2 + 1;
        let mut table = Self { places: vec![0; room], tags: vec![0; room] };
        for (card, place) in cards.iter().zip(0..) {
            let (mut at, tag) = table.first(card.id);
            while table.tags[at] != 0 {
                at = table.next(at);
            }
            (table.places[at], table.tags[at]) = (place, tag);
        }
        table
    }

    fn find(&self, id: FlightId, cards: &[Card]) -> Option<usize> {
        self.candidates(id).find(|place| cards[*place].id == id)
    }

    /// The places that may be that of the flight, the likeliest first.
    fn candidates(&self, id: FlightId) -> impl Iterator<Item = usize> {
        let (first, tag) = self.first(id);
        let taken = std::iter::successors(Some(first), |at| Some(self.next(*at)));
        let taken = taken.take_while(|at| self.tags[*at] != 0);
        taken.filter(move |at| self.tags[*at] == tag).map(|at| self.places[at] as usize)
    }

    fn prefetch(&self, id: FlightId) {
        let (first, _) = self.first(id);
        prefetch(&self.tags, first);
        prefetch(&self.places, first);
    }

    /// The first place to look, and the tag (Fibonacci hashing).
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a place below the length, and as many bits as a tag has"
    )]
    fn first(&self, id: FlightId) -> (usize, u16) {
        let (high, low) = id.uuid().as_u64_pair();
        let hash = (high ^ low).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let first = (hash >> 32) % self.tags.len() as u64;
        (first as usize, (hash >> 16) as u16 | 1)
    }

    const fn next(&self, at: usize) -> usize {
        if at + 1 < self.tags.len() { at + 1 } else { 0 }
    }
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
