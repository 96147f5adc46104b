//! The timetable that everyone shares: many searches, one writer.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use kernel::{AirportCode, FlightId};

use crate::airports::{AirportInfo, Airports};
use crate::day::Placed;
use crate::flight::{FlightState, Minute};
use crate::journey::Journey;
use crate::query::Query;
use crate::search;
use crate::timetable::Timetable;

/// All flights, searched and changed at the same time.
///
/// A search works on the timetable it found at its start: a flight retimed meanwhile is seen either before or
/// after, never twice and never half. Fares, seats and whether a flight is on sale are seen as they are when the
/// search looks, so one search may read a flight twice and see a sale in between. No reader ever waits.
pub struct Network {
    airports: Airports,
    timetable: ArcSwap<Timetable>,
    /// Held by the one who writes, so that no in-place change is lost to a day that is just being laid out anew.
    writer: Mutex<()>,
}

impl Network {
    /// A network without flights between these airports. Flights from or to others are refused.
    pub fn new(airports: Vec<AirportInfo>) -> Self {
        let timetable = ArcSwap::from_pointee(Timetable::default());
        Self { airports: Airports::new(airports), timetable, writer: Mutex::new(()) }
    }

    /// Replaces everything by `flights`; of several states of a flight the newest counts.
    ///
    /// Returns the flights that were refused, because an airport is unknown or the arrival is not after the
    /// departure: the caller has a log, and a bad row must not keep the rest from being sold.
    pub fn load(&self, flights: Vec<FlightState>) -> Vec<FlightId> {
        let _writing = self.begin_writing();
        let mut refused = Vec::new();
        let mut come = Vec::with_capacity(flights.len());
        for state in newest(flights) {
            let id = state.id;
            match Placed::new(state, &self.airports) {
                Some(flight) => come.push(flight),
                None => refused.push(id),
            }
        }
        let timetable = Timetable::default().changed(&HashSet::new(), come, &self.airports);
        self.timetable.store(timetable.into());
        refused
    }

    /// Brings these flights to these states, except where a newer one is held already.
    ///
    /// New fares, seats or `on_sale` are stored in place; a flight that is new or has other times, airports or
    /// cabins has its UTC days laid out anew (all of a batch in one step). Either way the next search sees it. A
    /// refused flight (see [`Self::load`]) is returned and no longer sold in its former state.
    pub fn apply(&self, flights: &[FlightState]) -> Vec<FlightId> {
        let _writing = self.begin_writing();
        let timetable = self.timetable.load_full();
        let (mut refused, mut gone, mut come) = (Vec::new(), HashSet::new(), Vec::new());
        for state in newest(flights.to_vec()) {
            let held = timetable.find(state.id);
            if held.is_some_and(|(_, flight, _)| flight.version() > state.version) {
                continue;
            }
            if let Some((day, flight, _)) = held.filter(|(_, flight, route)| flight.fits(route, &state)) {
                day.store(flight, &state);
                continue;
            }
            let id = state.id;
            gone.insert(id);
            match Placed::new(state, &self.airports) {
                Some(flight) => come.push(flight),
                None => refused.push(id),
            }
        }
        if !gone.is_empty() {
            self.timetable.store(timetable.changed(&gone, come, &self.airports).into());
        }
        refused
    }

    /// Forgets these flights; unknown ids are ignored. No version is kept: a later [`Self::apply`] of an old state
    /// would bring the flight back.
    pub fn remove(&self, ids: &[FlightId]) {
        let _writing = self.begin_writing();
        let gone = ids.iter().copied().collect();
        let timetable = self.timetable.load_full().changed(&gone, Vec::new(), &self.airports);
        self.timetable.store(timetable.into());
    }

    /// The present state of a flight, on sale or not.
    pub fn flight(&self, id: FlightId) -> Option<FlightState> {
        let timetable = self.timetable.load();
        let (day, flight, route) = timetable.find(id)?;
        Some(day.state(flight, route))
    }

    /// How many flights are held, on sale or not.
    pub fn flight_count(&self) -> usize {
        self.timetable.load().flight_count()
    }

    /// Whether the airport is one of those the network was made with.
    pub fn knows(&self, airport: AirportCode) -> bool {
        self.airports.find(airport).is_some()
    }

    /// The first and the last departure; `None` without flights.
    pub fn span(&self) -> Option<(Minute, Minute)> {
        self.timetable.load().span()
    }

    /// The best journeys that answer `query`, best first ([`crate::SortKey`] is the order). Empty for an airport
    /// that is not known, and from an airport to itself.
    pub fn search(&self, query: &Query<'_>) -> Vec<Journey> {
        // A full reference, because a search is long compared with what the swap's cheaper guards are meant for.
        search::search(&self.airports, &self.timetable.load_full(), query)
    }

    /// There is nothing under the lock that a panic could leave half done, so a poisoned one is as good.
    fn begin_writing(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One state for each flight: that of the highest version, and of equal ones the last.
fn newest(mut flights: Vec<FlightState>) -> Vec<FlightState> {
    flights.sort_by_key(|state| (state.id, state.version));
    flights.dedup_by(|later, kept| {
        let same = later.id == kept.id;
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
    flights
}
