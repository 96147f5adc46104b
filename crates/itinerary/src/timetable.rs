//! All days of flights at one moment. Replaced as a whole when flights come, go or move; a changed copy shares the days
//! that stayed the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use kernel::{AirlineCode, FlightId};

use crate::airports::Airports;
use crate::bounds::{Bounds, DayKeeper};
use crate::connections::ConnectionTimes;
use crate::day::{Day, Placed};
use crate::fares::Closings;
use crate::flight::Minute;
use crate::graph::{Graph, count};

/// Minutes of a day.
pub(crate) const DAY: u32 = 24 * 60;

/// The days that have flights, by their number since the Unix epoch.
#[derive(Clone, Default)]
pub(crate) struct DayList {
    /// The number of the first.
    pub(crate) first: u32,
    days: Vec<Option<Arc<Day>>>,
}

impl DayList {
    /// The day of that number.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&Day> {
        self.days.get(number.checked_sub(self.first)? as usize)?.as_deref()
    }

    /// So many days from a number on, to be kept.
    pub(crate) fn shared(&self, number: u32, count: usize) -> Vec<Option<Arc<Day>>> {
        let days = (number..).take(count);
        days.map(|number| self.days.get(number.checked_sub(self.first)? as usize)?.clone()).collect()
    }

    /// One more than the number of the last.
    pub(crate) fn end(&self) -> u32 {
        self.first + count(self.days.len())
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Day> {
        self.days.iter().flatten().map(Arc::as_ref)
    }

    /// The days with their numbers.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (u32, &Day)> {
        (self.first..).zip(&self.days).filter_map(|(number, day)| Some((number, day.as_deref()?)))
    }

    fn set(&mut self, number: u32, day: Option<Day>) {
        if self.days.is_empty() {
            self.first = number;
        }
        if number < self.first {
            let more = (self.first - number) as usize;
            self.days.splice(0..0, std::iter::repeat_n(None, more));
            self.first = number;
        }
        let at = (number - self.first) as usize;
        if at >= self.days.len() {
            self.days.resize(at + 1, None);
        }
        self.days[at] = day.map(Arc::new);
    }

    /// Forgets days without flights at both ends.
    fn trim(&mut self) {
        while self.days.last().is_some_and(Option::is_none) {
            self.days.pop();
        }
        let empty = self.days.iter().take_while(|day| day.is_none()).count();
        self.days.drain(..empty);
        self.first += count(empty);
    }
}

/// Airports, routes, days and the bounds of their fares.
#[derive(Clone)]
pub(crate) struct Timetable {
    pub(crate) graph: Arc<Graph>,
    pub(crate) days: DayList,
    pub(crate) bounds: Arc<Bounds>,
    /// The airlines that flights name by their index.
    pub(crate) carriers: Arc<Vec<Option<AirlineCode>>>,
    /// The days of flights that do not leave on one of their [`usual_days`].
    strays: Arc<HashMap<FlightId, u32>>,
}

/// What the writer alone has.
pub(crate) struct Writer<'a> {
    pub(crate) airports: &'a Airports,
    pub(crate) times: &'a ConnectionTimes,
    pub(crate) closings: &'a mut Closings,
    pub(crate) now: Minute,
}

impl Timetable {
    /// No flights.
    pub(crate) fn empty(airports: &Airports) -> Self {
        let days = DayList::default();
        let bounds = Arc::new(Bounds::new(&days, 0));
        Self {
            graph: Arc::new(Graph::new(airports)),
            days,
            bounds,
            carriers: Arc::default(),
            strays: Arc::default(),
        }
    }

    /// The timetable without the flights `gone` and with the flights `come`. A flight that moved is in both. `carriers`
    /// is the list that `come` is numbered by. [`Self::settle`] is due once the result can be searched.
    pub(crate) fn changed(
        &self,
        gone: &HashSet<FlightId>,
        come: Vec<Placed>,
        carriers: Arc<Vec<Option<AirlineCode>>>,
        writer: &mut Writer<'_>,
    ) -> (Self, Vec<u32>) {
        let graph = self.graph_with(&come, writer);
        let mut affected: BTreeMap<u32, Vec<Placed>> = BTreeMap::new();
        for id in gone {
            if let Some((number, _, _)) = self.find(*id) {
                affected.entry(number).or_default();
            }
        }
        let strays = self.strays_with(gone, &come);
        for flight in come {
            affected.entry(flight.state.departs.day()).or_default().push(flight);
        }
        let mut days = self.days.clone();
        let numbers: Vec<u32> = affected.keys().copied().collect();
        for (number, mut flights) in affected {
            if let Some(day) = self.days.get(number) {
                let staying = (0..day.flight_count()).filter(|place| !gone.contains(&day.card(*place).id));
                flights.extend(staying.filter_map(|place| self.placed(day, place, writer)));
            }
            days.set(number, Day::new(flights, &graph, writer.now, writer.closings));
        }
        days.trim();
        let bounds = if self.bounds.fit(&days, graph.routes.len()) {
            for (number, day) in numbers.iter().filter_map(|number| Some((*number, days.get(*number)?))) {
                self.bounds.make_room(number, day);
            }
            Arc::clone(&self.bounds)
        } else {
            Arc::new(Bounds::new(&days, graph.routes.len()))
        };
        (Self { graph, days, bounds, carriers, strays }, numbers)
    }

    /// Tightens the bounds around days that changed, after no search begins on the timetable before.
    pub(crate) fn settle(&self, numbers: &[u32]) {
        for number in numbers {
            self.bounds.settle(&self.days, *number);
        }
    }

    fn graph_with(&self, come: &[Placed], writer: &Writer<'_>) -> Arc<Graph> {
        let ends = || come.iter().map(|flight| (flight.origin, flight.destination, flight.block));
        if ends().all(|(origin, destination, block)| self.graph.covers(origin, destination, block)) {
            return Arc::clone(&self.graph);
        }
        let mut graph = (*self.graph).clone();
        graph.extend(writer.airports, writer.times, ends());
        Arc::new(graph)
    }

    fn strays_with(&self, gone: &HashSet<FlightId>, come: &[Placed]) -> Arc<HashMap<FlightId, u32>> {
        let is_stray = |flight: &&Placed| {
            let day = flight.state.departs.day();
            usual_days(flight.state.id).all(|usual| usual != day)
        };
        let mut coming = come.iter().filter(is_stray).peekable();
        if coming.peek().is_none() && !gone.iter().any(|id| self.strays.contains_key(id)) {
            return Arc::clone(&self.strays);
        }
        let mut strays = (*self.strays).clone();
        strays.retain(|id, _| !gone.contains(id));
        strays.extend(coming.map(|flight| (flight.state.id, flight.state.departs.day())));
        Arc::new(strays)
    }

    fn placed(&self, day: &Day, place: usize, writer: &Writer<'_>) -> Option<Placed> {
        let state = day.state(place, &self.graph, writer.closings);
        Placed::new(state, writer.airports, day.card(place).times.carrier)
    }

    /// The flight of that id: the number of its day, the day, and its place there.
    pub(crate) fn find(&self, id: FlightId) -> Option<(u32, &Day, usize)> {
        usual_days(id)
            .find_map(|number| self.find_on(number, id))
            .or_else(|| self.find_on(*self.strays.get(&id)?, id))
    }

    /// The same, looked for on `number` first: the day of the state that comes is mostly that of the state held.
    pub(crate) fn find_near(&self, id: FlightId, number: u32) -> Option<(u32, &Day, usize)> {
        self.find_on(number, id).or_else(|| self.find(id))
    }

    fn find_on(&self, number: u32, id: FlightId) -> Option<(u32, &Day, usize)> {
        let day = self.days.get(number)?;
        Some((number, day, day.find(id)?))
    }

    /// Who keeps the bounds of a day true.
    pub(crate) fn keeper(&self, number: u32) -> DayKeeper<'_> {
        DayKeeper { bounds: &self.bounds, days: &self.days, number }
    }

    /// The flights that do not leave on one of their usual days, with the days they leave on.
    pub(crate) fn strays(&self) -> impl Iterator<Item = (FlightId, u32)> {
        self.strays.iter().map(|(id, number)| (*id, *number))
    }

    pub(crate) fn flight_count(&self) -> usize {
        self.days.iter().map(Day::flight_count).sum()
    }

    /// The first and the last departure.
    pub(crate) fn span(&self) -> Option<(Minute, Minute)> {
        let (first, last) = (self.days.iter().next()?, self.days.iter().next_back()?);
        Some((first.departures.0, last.departures.1))
    }
}

/// The UTC days a flight can be on without having been moved: the local date its id names and those beside it.
fn usual_days(id: FlightId) -> impl Iterator<Item = u32> {
    let date = id.date().and_then(|date| {
        let days = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
        u32::try_from(days).ok()
    });
    date.into_iter().flat_map(|day| [day, day + 1, day.saturating_sub(1)])
}
