//! The flights that depart on one UTC day, laid out to be scanned route by route.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kernel::codes::CLASSES_PER_CABIN;
use kernel::{AirportCode, Cabin, FlightId};

use crate::airports::{Airport, Airports};
use crate::cabin::LiveCabin;
use crate::flight::{FlightState, Minute};

/// A flight between two known airports that arrives after it departs: the only kind a day holds.
#[derive(Clone)]
pub(crate) struct Placed {
    pub(crate) origin: Airport,
    pub(crate) destination: Airport,
    pub(crate) state: FlightState,
}

impl Placed {
    /// `None` for a flight that no journey could use.
    pub(crate) fn new(state: FlightState, airports: &Airports) -> Option<Self> {
        let (origin, destination) = (airports.find(state.origin)?, airports.find(state.destination)?);
        (state.departs < state.arrives).then_some(Self { origin, destination, state })
    }
}

/// A flight in memory. Times and places are fixed for the life of its [`Day`]; the rest changes in place.
pub(crate) struct Flight {
    pub(crate) id: FlightId,
    pub(crate) departs: Minute,
    pub(crate) arrives: Minute,
    /// Where the flight's cabins start in [`Day::cabins`].
    first_cabin: u32,
    /// Bit n is set when the flight has the cabin of index n.
    has_cabin: u8,
    on_sale: AtomicBool,
    version: AtomicU64,
}

impl Flight {
    pub(crate) fn on_sale(&self) -> bool {
        self.on_sale.load(Ordering::Relaxed)
    }

    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// Whether `state` has the times, places and cabins the flight was laid out with, so that it can be stored.
    pub(crate) fn fits(&self, route: &Route, state: &FlightState) -> bool {
        route.codes() == (state.origin, state.destination)
            && (self.departs, self.arrives) == (state.departs, state.arrives)
            && self.has_cabin == cabin_bits(state)
    }
}

/// All flights of the day from one airport to another.
pub(crate) struct Route {
    pub(crate) origin: Airport,
    pub(crate) destination: Airport,
    origin_code: AirportCode,
    destination_code: AirportCode,
    /// The minutes of the quickest flight, on sale or not: no flight of the route takes less.
    pub(crate) shortest: u32,
    /// Where the route's flights lie in [`Day::flights`].
    flights: Range<u32>,
}

impl Route {
    pub(crate) fn codes(&self) -> (AirportCode, AirportCode) {
        (self.origin_code, self.destination_code)
    }
}

/// The flights of one UTC day of departure.
pub(crate) struct Day {
    /// The first and the last departure; a day is never empty.
    pub(crate) departures: (Minute, Minute),
    /// Sorted by origin, then destination.
    routes: Vec<Route>,
    /// For each airport where its outbound routes start in `routes`, and where the last one's end.
    outbound: Vec<u32>,
    /// Indices into `routes`, sorted by destination.
    by_destination: Vec<u32>,
    /// For each airport where its inbound routes start in `by_destination`, and where the last one's end.
    inbound: Vec<u32>,
    /// Sorted by route, then departure, then id.
    flights: Vec<Flight>,
    cabins: Vec<LiveCabin>,
    /// For each flight in order of id: the id's place in `flights` and in `routes`.
    by_id: Vec<(u32, u32)>,
}

impl Day {
    /// Lays out `flights`, which all depart on one day and have distinct ids. `None` when there are none.
    pub(crate) fn new(mut flights: Vec<Placed>, airports: &Airports) -> Option<Self> {
        flights.sort_unstable_by_key(|f| (f.origin, f.destination, f.state.departs, f.state.id));
        let departures = flights.iter().map(|flight| flight.state.departs);
        let departures = (departures.clone().min()?, departures.max()?);
        let mut day = Self {
            departures,
            routes: Vec::new(),
            outbound: Vec::new(),
            by_destination: Vec::new(),
            inbound: Vec::new(),
            flights: Vec::with_capacity(flights.len()),
            cabins: Vec::with_capacity(flights.iter().map(|f| f.state.cabins.iter().flatten().count()).sum()),
            by_id: Vec::with_capacity(flights.len()),
        };
        for route in flights.chunk_by(|a, b| (a.origin, a.destination) == (b.origin, b.destination)) {
            day.push_route(route);
        }
        day.by_id.sort_unstable_by_key(|(place, _)| day.flights.get(*place as usize).map(|flight| flight.id));
        day.by_destination = (0..count(&day.routes)).collect();
        day.by_destination
            .sort_by_key(|place| day.routes.get(*place as usize).map(|route| route.destination));
        day.outbound = starts(airports.count(), day.routes.iter().map(|route| route.origin));
        day.inbound = starts(airports.count(), day.routes.iter().map(|route| route.destination));
        Some(day)
    }

    fn push_route(&mut self, flights: &[Placed]) {
        let Some(first) = flights.first() else { return };
        let start = count(&self.flights);
        for Placed { state, .. } in flights {
            self.by_id.push((count(&self.flights), count(&self.routes)));
            self.flights.push(Flight {
                id: state.id,
                departs: state.departs,
                arrives: state.arrives,
                first_cabin: count(&self.cabins),
                has_cabin: cabin_bits(state),
                on_sale: AtomicBool::new(state.on_sale),
                version: AtomicU64::new(state.version),
            });
            self.cabins.extend(state.cabins.iter().flatten().map(LiveCabin::new));
        }
        let block = |flight: &Placed| flight.state.arrives.since(flight.state.departs);
        self.routes.push(Route {
            origin: first.origin,
            destination: first.destination,
            origin_code: first.state.origin,
            destination_code: first.state.destination,
            shortest: flights.iter().map(block).min().unwrap_or(0),
            flights: start..count(&self.flights),
        });
    }

    /// The routes out of an airport, sorted by destination.
    pub(crate) fn routes_from(&self, origin: Airport) -> &[Route] {
        group(&self.routes, &self.outbound, origin)
    }

    /// The routes into an airport.
    pub(crate) fn routes_into(&self, destination: Airport) -> impl Iterator<Item = &Route> {
        let places = group(&self.by_destination, &self.inbound, destination);
        places.iter().filter_map(|place| self.routes.get(*place as usize))
    }

    /// The route from one airport to another.
    pub(crate) fn route(&self, origin: Airport, destination: Airport) -> Option<&Route> {
        let routes = self.routes_from(origin);
        let place = routes.binary_search_by_key(&destination, |route| route.destination).ok()?;
        routes.get(place)
    }

    /// The flights of `route` that depart within `window`, in order of departure.
    pub(crate) fn departures(&self, route: &Route, window: &Range<Minute>) -> &[Flight] {
        let flights = slice(&self.flights, &route.flights);
        let from = flights.partition_point(|flight| flight.departs < window.start);
        let until = flights.partition_point(|flight| flight.departs < window.end);
        flights.get(from..until).unwrap_or_default()
    }

    /// The booking classes of a flight's cabin.
    pub(crate) fn cabin(&self, flight: &Flight, cabin: Cabin) -> Option<&LiveCabin> {
        self.cabin_at(flight, cabin.index())
    }

    fn cabin_at(&self, flight: &Flight, index: usize) -> Option<&LiveCabin> {
        let bit = 1_u8 << index;
        if flight.has_cabin & bit == 0 {
            return None;
        }
        let before = (flight.has_cabin & (bit - 1)).count_ones();
        self.cabins.get((flight.first_cabin + before) as usize)
    }

    /// How many flights depart on the day.
    pub(crate) fn flight_count(&self) -> usize {
        self.flights.len()
    }

    /// The flight of that id and its route.
    pub(crate) fn find(&self, id: FlightId) -> Option<(&Flight, &Route)> {
        let flight = |entry: &(u32, u32)| self.flights.get(entry.0 as usize);
        let entry =
            self.by_id.binary_search_by(|entry| flight(entry).map(|found| found.id).cmp(&Some(id))).ok()?;
        let entry = self.by_id.get(entry)?;
        Some((flight(entry)?, self.routes.get(entry.1 as usize)?))
    }

    /// Whether the id lies between the smallest and the largest of the day. Ids sort by date, so this is false for
    /// nearly every day but the right one.
    pub(crate) fn may_have(&self, id: FlightId) -> bool {
        let id_of = |entry: &(u32, u32)| self.flights.get(entry.0 as usize).map(|flight| flight.id);
        let (smallest, largest) = (self.by_id.first().and_then(id_of), self.by_id.last().and_then(id_of));
        smallest <= Some(id) && Some(id) <= largest
    }

    /// Changes a flight in place to a state that [`Flight::fits`].
    pub(crate) fn store(&self, flight: &Flight, state: &FlightState) {
        for (index, classes) in state.cabins.iter().enumerate() {
            if let (Some(cabin), Some(classes)) = (self.cabin_at(flight, index), classes) {
                cabin.store(classes);
            }
        }
        flight.on_sale.store(state.on_sale, Ordering::Relaxed);
        flight.version.store(state.version, Ordering::Relaxed);
    }

    /// The present state of a flight.
    pub(crate) fn state(&self, flight: &Flight, route: &Route) -> FlightState {
        FlightState {
            id: flight.id,
            origin: route.origin_code,
            destination: route.destination_code,
            departs: flight.departs,
            arrives: flight.arrives,
            on_sale: flight.on_sale(),
            cabins: std::array::from_fn(|index| self.cabin_at(flight, index).map(LiveCabin::load)),
            version: flight.version(),
        }
    }

    /// The present state of all flights, to lay a changed day out anew.
    pub(crate) fn placed(&self) -> impl Iterator<Item = Placed> {
        self.routes.iter().flat_map(|route| {
            slice(&self.flights, &route.flights).iter().map(|flight| Placed {
                origin: route.origin,
                destination: route.destination,
                state: self.state(flight, route),
            })
        })
    }
}

/// The cabins a state has, as [`Flight::has_cabin`] keeps them.
fn cabin_bits(state: &FlightState) -> u8 {
    let present = |cabin: &Option<[_; CLASSES_PER_CABIN]>| u8::from(cabin.is_some());
    state.cabins.iter().rev().fold(0, |bits, cabin| bits << 1 | present(cabin))
}

/// The length of a list whose places are kept in 32 bits: half the memory, and a day has some ten thousand flights.
fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// For items in groups by airport: where each airport's group starts, and behind the last where it ends.
fn starts(airports: usize, items: impl Iterator<Item = Airport>) -> Vec<u32> {
    let mut starts = vec![0; airports + 1];
    for airport in items {
        if let Some(next) = starts.get_mut(airport.index() + 1) {
            *next += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts
}

/// The items of an airport's group.
fn group<'a, T>(items: &'a [T], starts: &[u32], airport: Airport) -> &'a [T] {
    match (starts.get(airport.index()), starts.get(airport.index() + 1)) {
        (Some(start), Some(end)) => slice(items, &(*start..*end)),
        _ => &[],
    }
}

fn slice<'a, T>(items: &'a [T], range: &Range<u32>) -> &'a [T] {
    items.get(range.start as usize..range.end as usize).unwrap_or_default()
}
