//! Every journey worth its departure: later to leave, earlier to arrive or with fewer connections than any other. It is the
//! question that timetable engines without fares answer, so answers can be compared with theirs.

use std::cell::Cell;

use crate::airports::Airports;
use crate::flight::Minute;
use crate::query::{DURATION_MAX, Order, Query, Rank, Tariff};
use crate::timetable::Timetable;

use super::departures::Departures;
use super::join::{Found, Sink, with_scratch};
use super::plan::{Frame, Plan};
use super::{USUAL_STOPS, walk_levels};

/// What is told of a journey that nothing beats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Profiled {
    /// When the first flight departs.
    pub departs: Minute,
    /// When the last one arrives.
    pub arrives: Minute,
    /// How many connections.
    pub stops: usize,
}

/// One journey for each (departure, arrival, connections) that nothing beats, in that order; and whether the effort
/// sufficed.
pub(crate) fn profile(airports: &Airports, timetable: &Timetable, query: &Query) -> (Vec<Profiled>, bool) {
    // By duration: short journeys leave the others the least hope. And then a path's departure is that of its window, by
    // which a path is told from a flight.
    let query = Query { order: Order::Duration, ..query.clone() };
    let Some(frame) = Frame::new(airports, timetable, &query) else { return (Vec::new(), true) };
    let plan = Plan::new(&frame, timetable, &query);
    if let ([start], [goal]) = (plan.starts, plan.goals)
        && start.node != goal.node
    {
        let (found, left) = with_scratch(|scratch| Departures::walk(&plan, &query, scratch));
        // Three connections only where nothing with fewer exists.
        if query.max_stops <= USUAL_STOPS || !found.is_empty() || left == 0 {
            return (found, left > 0);
        }
    }
    let starts = plan.starts.iter().filter_map(|start| start.windows.first());
    let mut sink = Staircase {
        dawns: starts.map(|window| window.0).collect(),
        tariff: query.tariff,
        max_price: query.filters.max_price.unwrap_or(u64::MAX),
        steps: Vec::new(),
        beaten_later: Vec::new(),
        departs: Cell::new(0),
    };
    let complete = walk_levels(&plan, &query, &mut sink);
    (sink.into_answer(), complete)
}

/// The journeys that nothing found so far beats in departure and arrival. Levels go up, so none of them has more
/// connections than what is being looked for.
struct Staircase {
    /// Where the windows of departure begin.
    dawns: Vec<u32>,
    tariff: Tariff,
    max_price: u64,
    /// Rising in departure and in arrival.
    steps: Vec<Profiled>,
    /// Beaten in both by a journey of more connections: no step any more, but still an answer.
    beaten_later: Vec<Profiled>,
    /// The departure [`Sink::hope`] was asked about last; [`Sink::longest`] is asked right behind it about the same.
    departs: Cell<u32>,
}

impl Staircase {
    /// The earliest arrival of those that depart then or later.
    #[inline]
    fn earliest(&self, departs: u32) -> u32 {
        let at = self.steps.partition_point(|step| step.departs.0 < departs);
        self.steps.get(at).map_or(u32::MAX, |step| step.arrives.0)
    }

    fn into_answer(mut self) -> Vec<Profiled> {
        self.steps.append(&mut self.beaten_later);
        self.steps.sort_unstable();
        self.steps
    }
}

impl Sink for Staircase {
    #[inline]
    fn hope(&self, departs: u32, duration: u32, fares: u32, flights: usize) -> Option<Rank> {
        self.departs.set(departs);
        if self.tariff.price(fares, flights) > self.max_price {
            return None;
        }
        // At the start of a window it may be a path, whose flights leave whenever they do.
        let wanted = self.dawns.contains(&departs) || departs + duration < self.earliest(departs);
        wanted.then_some(Rank(duration.into(), 0))
    }

    #[inline]
    fn longest(&self, _fares: u32, _flights: usize) -> u32 {
        let departs = self.departs.get();
        (self.earliest(departs) - 1).saturating_sub(departs).min(DURATION_MAX)
    }

    fn take(&mut self, found: &Found) {
        let (departs, arrives) = (Minute(found.departs), Minute(found.departs + found.duration));
        if self.earliest(found.departs) <= arrives.0 {
            return;
        }
        let stops = found.flights - 1;
        // It beats the steps that depart no later and arrive no earlier: a row of them that ends at its own place.
        let end = self.steps.partition_point(|step| step.departs <= departs);
        let first = self.steps.partition_point(|step| step.arrives < arrives).min(end);
        let beaten = self.steps.splice(first..end, [Profiled { departs, arrives, stops }]);
        self.beaten_later.extend(beaten.filter(|step| step.stops < stops));
    }

    fn found_any(&self) -> bool {
        !self.steps.is_empty()
    }
}
