//! The timetable that everyone shares: many searches, one writer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use kernel::{AirlineCode, AirportCode, FlightId};

use crate::airports::{AirportInfo, Airports};
use crate::connections::ConnectionTimes;
use crate::day::Placed;
use crate::fares::Closings;
use crate::flight::{FlightState, Minute};
use crate::graph::Graph;
use crate::journey::Answer;
use crate::query::{Origin, Query};
use crate::search::{self, Profiled, Seen};
use crate::timetable::{Timetable, Writer};

/// Days of flights kept apart while a timetable is loaded in order of date. Two would do for flights on time; a week has
/// nearly all routes, which can then be numbered in order.
const LOADING_DAYS: usize = 7;

/// All flights, searched and changed at the same time.
///
/// A search works on the timetable it found at its start: a flight retimed meanwhile is seen either before or
/// after, never twice and never half. Fares, seats and whether a flight is on sale are seen as they are when the
/// search looks, so one search may read a flight twice and see a sale in between. No reader ever waits.
pub struct Network {
    airports: Airports,
    pub(crate) timetable: ArcSwap<Timetable>,
    /// The minute up to which classes that close have been closed.
    clock: AtomicU32,
    /// Held by the one who writes, so that no in-place change is lost to a day that is just being laid out anew.
    writer: Mutex<WriterState>,
}

#[derive(Default)]
pub(crate) struct WriterState {
    /// For airports that come into the timetable; it has those of the airports it knows.
    pub(crate) times: ConnectionTimes,
    pub(crate) closings: Closings,
    carriers: HashMap<Option<AirlineCode>, u16>,
}

impl Network {
    /// A network without flights between these airports. Flights from or to others are refused.
    pub fn new(airports: Vec<AirportInfo>, times: ConnectionTimes) -> Self {
        let airports = Airports::new(airports);
        let timetable = ArcSwap::from_pointee(Timetable::empty(&airports));
        let writer = Mutex::new(WriterState { times, ..WriterState::default() });
        Self { airports, timetable, clock: AtomicU32::new(0), writer }
    }

    /// Replaces everything by `flights`; of several states of a flight the newest counts.
    ///
    /// Flights that come in order of id are laid out as they come, a few days at a time, and need little more memory than
    /// what they leave behind. Returns the flights that were refused, because an airport is unknown or the arrival is not
    /// after the departure (or 45 days after it): the caller has a log, and a bad row must not keep the rest from being
    /// sold.
    pub fn load(&self, flights: impl IntoIterator<Item = FlightState>) -> Vec<FlightId> {
        let mut writing = self.begin_writing();
        let mut loading = Loading::new(self, &mut writing);
        for state in flights {
            loading.add(state);
        }
        let (timetable, refused) = loading.finish();
        self.timetable.store(timetable.into());
        refused
    }

    /// Brings these flights to these states, except where a newer one is held already.
    ///
    /// New fares, seats or `on_sale` are stored in place; a flight that is new or has other times, airports or
    /// cabins has its UTC days laid out anew (all of a batch in one step). Either way the next search sees it. A
    /// refused flight (see [`Self::load`]) is returned and no longer sold in its former state.
    pub fn apply(&self, flights: &[FlightState]) -> Vec<FlightId> {
        let mut writing = self.begin_writing();
        let timetable = self.timetable.load_full();
        let now = self.clock();
        let (mut refused, mut gone, mut come) = (Vec::new(), HashSet::new(), Vec::new());
        let states = newest(flights);
        for (n, state) in states.iter().copied().enumerate() {
            prefetch_ahead(&timetable, &states[n..]);
            if let Some((number, day, place)) = timetable.find_near(state.id, state.departs.day()) {
                if day.version(place) > state.version {
                    continue;
                }
                if day.fits(place, &timetable.graph, state) {
                    day.store(place, state, now, &mut writing.closings, &timetable.keeper(number));
                    continue;
                }
            }
            gone.insert(state.id);
            match writing.place(state.clone(), &self.airports) {
                Some(flight) => come.push(flight),
                None => refused.push(state.id),
            }
        }
        if !gone.is_empty() {
            self.replace(&timetable, &gone, come, &mut writing);
        }
        refused
    }

    /// Forgets these flights; unknown ids are ignored. No version is kept: a later [`Self::apply`] of an old state
    /// would bring the flight back.
    pub fn remove(&self, ids: &[FlightId]) {
        let mut writing = self.begin_writing();
        let gone = ids.iter().copied().collect();
        self.replace(&self.timetable.load_full(), &gone, Vec::new(), &mut writing);
    }

    fn replace(
        &self,
        before: &Arc<Timetable>,
        gone: &HashSet<FlightId>,
        come: Vec<Placed>,
        writing: &mut WriterState,
    ) {
        let carriers = writing.carrier_list();
        let (changed, days) = before.changed(gone, come, carriers, &mut self.writer(writing));
        let changed = Arc::new(changed);
        self.timetable.store(Arc::clone(&changed));
        // A search that began before still looks for flights where they were, so their bounds stay until it is over.
        wait_until_alone(before);
        changed.settle(&days);
    }

    /// Lets time pass, if `now` is later than the clock: classes that close at `now` or before are not found any more. Costs
    /// next to nothing when no class closes. While somebody writes the clock stays as it is, because searches call this
    /// and wait for nobody; the next call turns it.
    pub fn advance_clock(&self, now: Minute) {
        if self.clock() < now
            && let Ok(writing) = self.writer.try_lock()
        {
            self.turn_clock(now, writing, |clock| clock < now);
        }
    }

    /// Sets the clock, back if need be: to ask what was for sale at another time.
    pub fn set_clock(&self, now: Minute) {
        if self.clock() != now {
            self.turn_clock(now, self.begin_writing(), |clock| clock != now);
        }
    }

    fn turn_clock(
        &self,
        now: Minute,
        mut writing: MutexGuard<'_, WriterState>,
        still: impl Fn(Minute) -> bool,
    ) {
        let (before, timetable) = (self.clock(), self.timetable.load_full());
        // Somebody else may have turned it while this one waited.
        if !still(before) {
            return;
        }
        for (number, day) in timetable.days.numbered() {
            let (graph, keeper) = (&timetable.graph, timetable.keeper(number));
            day.turn(before, now, graph, &mut writing.closings, &keeper);
        }
        self.clock.store(now.0, Relaxed);
    }

    /// The minute up to which closing classes have been closed.
    pub fn clock(&self) -> Minute {
        Minute(self.clock.load(Relaxed))
    }

    /// The present state of a flight, on sale or not.
    pub fn flight(&self, id: FlightId) -> Option<FlightState> {
        let writing = self.begin_writing();
        let timetable = self.timetable.load();
        let (_, day, place) = timetable.find(id)?;
        Some(day.state(place, &timetable.graph, &writing.closings))
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

    /// The best journeys that answer `query`, best first, and those that nothing beats. Empty for an airport that is not
    /// known, and from an airport to itself.
    pub fn search(&self, query: &Query) -> Answer {
        // A full reference, because a search is long compared with what the swap's cheaper guards are meant for.
        search::search(&self.airports, &self.timetable.load_full(), query)
    }

    /// For each day the lowest price of a journey that starts at one of its origins, in millionths of a minor unit as an
    /// adult pays it; and whether the query's effort sufficed for every day. The query's own origins do not count, nor do
    /// its order and limit; everything else does, so the price is that of [`Self::search`]'s cheapest.
    pub fn calendar(&self, query: &Query, days: &[Vec<Origin>]) -> (Vec<Option<u64>>, bool) {
        search::calendar(&self.airports, &self.timetable.load_full(), query, days)
    }

    /// Shows every journey that answers the query, in no order and without regard to its limit; `false` if the query's
    /// effort was spent before the end.
    pub fn visit(&self, query: &Query, show: &mut dyn FnMut(&Seen)) -> bool {
        search::visit(&self.airports, &self.timetable.load_full(), query, show)
    }

    /// One journey for each departure, arrival and number of connections that no other beats: later to leave, earlier to
    /// arrive, with fewer connections. Order and limit of the query do not count; `false` if its effort was spent before
    /// the end.
    pub fn profile(&self, query: &Query) -> (Vec<Profiled>, bool) {
        search::profile(&self.airports, &self.timetable.load_full(), query)
    }

    /// There is nothing under the lock that a panic could leave half done, so a poisoned one is as good.
    pub(crate) fn begin_writing(&self) -> MutexGuard<'_, WriterState> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer<'a>(&'a self, writing: &'a mut WriterState) -> Writer<'a> {
        Writer {
            airports: &self.airports,
            times: &writing.times,
            closings: &mut writing.closings,
            now: self.clock(),
        }
    }
}

impl WriterState {
    fn place(&mut self, state: FlightState, airports: &Airports) -> Option<Placed> {
        let next = u16::try_from(self.carriers.len()).unwrap_or(u16::MAX);
        let airline = state.id.key().map(|key| key.number.airline);
        let carrier = *self.carriers.entry(airline).or_insert(next);
        Placed::new(state, airports, carrier)
    }

    fn carrier_list(&self) -> Arc<Vec<Option<AirlineCode>>> {
        let mut list: Vec<(u16, Option<AirlineCode>)> =
            self.carriers.iter().map(|(airline, number)| (*number, *airline)).collect();
        list.sort_unstable();
        Arc::new(list.into_iter().map(|(_, airline)| airline).collect())
    }
}

/// A timetable being loaded.
struct Loading<'a> {
    network: &'a Network,
    writing: &'a mut WriterState,
    timetable: Timetable,
    /// Flights of the days that are not laid out yet.
    waiting: BTreeMap<u32, Vec<(usize, FlightState)>>,
    /// Flights of days that are: late ones, laid out at the end.
    late: Vec<(usize, FlightState)>,
    laid_out_before: u32,
    /// How many flights came.
    seen: usize,
    /// What was refused, with its version.
    refused: BTreeMap<FlightId, u64>,
}

impl<'a> Loading<'a> {
    fn new(network: &'a Network, writing: &'a mut WriterState) -> Self {
        Self {
            network,
            writing,
            timetable: Timetable::empty(&network.airports),
            waiting: BTreeMap::new(),
            late: Vec::new(),
            laid_out_before: 0,
            seen: 0,
            refused: BTreeMap::new(),
        }
    }

    fn add(&mut self, state: FlightState) {
        let (day, number) = (state.departs.day(), self.seen);
        self.seen += 1;
        if day < self.laid_out_before {
            self.late.push((number, state));
            return;
        }
        self.waiting.entry(day).or_default().push((number, state));
        if self.waiting.len() > LOADING_DAYS
            && let Some((day, flights)) = self.waiting.pop_first()
        {
            if self.laid_out_before == 0 {
                self.expect_routes(&flights);
            }
            self.laid_out_before = day + 1;
            self.lay_out(flights);
        }
    }

    /// Numbers the routes of the first week, of which `first` is the first day.
    fn expect_routes(&mut self, first: &[(usize, FlightState)]) {
        let airports = &self.network.airports;
        let ends = |(_, state): &(usize, FlightState)| {
            let flight = Placed::new(state.clone(), airports, 0)?;
            Some((flight.origin, flight.destination, flight.block))
        };
        let week = first.iter().chain(self.waiting.values().flatten());
        let mut graph = Graph::new(airports);
        graph.extend(airports, &self.writing.times, week.filter_map(ends));
        self.timetable.graph = Arc::new(graph);
    }

    fn lay_out(&mut self, mut flights: Vec<(usize, FlightState)>) {
        flights.sort_unstable_by_key(|(number, _)| *number);
        let flights: Vec<FlightState> = flights.into_iter().map(|(_, state)| state).collect();
        let (mut come, mut gone) = (Vec::with_capacity(flights.len()), HashSet::new());
        for state in newest(&flights) {
            let held = self.timetable.find(state.id).map(|(_, day, place)| day.version(place));
            let known = held.max(self.refused.get(&state.id).copied());
            if known.is_some_and(|version| version > state.version) {
                continue;
            }
            if held.is_some() {
                gone.insert(state.id);
            }
            self.refused.remove(&state.id);
            match self.writing.place(state.clone(), &self.network.airports) {
                Some(flight) => come.push(flight),
                None => _ = self.refused.insert(state.id, state.version),
            }
        }
        let carriers = self.writing.carrier_list();
        let mut writer = self.network.writer(self.writing);
        (self.timetable, _) = self.timetable.changed(&gone, come, carriers, &mut writer);
    }

    fn finish(mut self) -> (Timetable, Vec<FlightId>) {
        let mut rest: Vec<_> = std::mem::take(&mut self.waiting).into_values().flatten().collect();
        rest.append(&mut self.late);
        self.lay_out(rest);
        (self.timetable, self.refused.into_keys().collect())
    }
}

/// Waits until no search works on the timetable any more. New ones begin on another, and none takes long.
pub(crate) fn wait_until_alone(timetable: &Arc<Timetable>) {
    const SPINS: u32 = 100;
    let mut spins = 0;
    while Arc::strong_count(timetable) > 1 {
        spins += 1;
        if spins < SPINS {
            std::thread::yield_now();
        } else {
            std::thread::sleep(Duration::from_micros(50));
        }
    }
}

/// Begins to fetch what the changes behind the first of these need: they lie all over memory, and a batch of changes would
/// wait for one after the other.
fn prefetch_ahead(timetable: &Timetable, states: &[&FlightState]) {
    const PLACE: usize = 6;
    const CHANGE: usize = 3;
    let day_of = |ahead: usize| {
        let state = states.get(ahead)?;
        Some((timetable.days.get(state.departs.day())?, state.id))
    };
    if let Some((day, id)) = day_of(PLACE) {
        day.prefetch_place(id);
    }
    if let Some((day, id)) = day_of(CHANGE) {
        day.prefetch_change(id);
    }
}

/// One state for each flight, in order of id: that of the highest version, and of equal ones the last.
fn newest(flights: &[FlightState]) -> Vec<&FlightState> {
    let mut states: Vec<&FlightState> = flights.iter().collect();
    states.sort_by_key(|state| (state.id, state.version));
    states.dedup_by(|later, kept| {
        let same = later.id == kept.id;
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
    states
}
