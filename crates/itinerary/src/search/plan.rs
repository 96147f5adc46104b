//! A query translated into the timetable's own numbers.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use kernel::Cabin;

use crate::airports::Airports;
use crate::bounds::{FAR, NEAR};
use crate::connections::ConnectionKind;
use crate::day::{Day, Seats};
use crate::fares::{NEVER, SEATS_MAX, Sold};
use crate::graph::{Graph, Node, RouteId, count};
use crate::prefetch::prefetch;
use crate::query::{DURATION_MAX, Query};
use crate::timetable::{DAY, Timetable};

/// Days after the last departure on which a flight may still be in the air: a block time has 16 bits.
const LANDING_DAYS: u32 = (u16::MAX as u32).div_ceil(DAY);

/// An origin with flights.
pub(crate) struct Start {
    pub(crate) node: Node,
    /// First and last minute of departure of each window.
    pub(crate) windows: Vec<(u32, u32)>,
}

/// A destination with flights.
pub(crate) struct Goal {
    pub(crate) node: Node,
    /// First and last minute of arrival of each window; `None`: any.
    pub(crate) windows: Option<Vec<(u32, u32)>>,
}

/// Where and when: the part of a plan that decides which bounds are needed.
pub(crate) struct Frame {
    starts: Vec<Start>,
    goals: Vec<Goal>,
    /// UTC days on which a first flight may depart, and up to which any flight may.
    first_day: u32,
    last_first_day: u32,
    last_day: u32,
    /// Indices of the cabins that may be flown, the one asked for first.
    cabins: Vec<usize>,
    max_duration: u32,
    /// Bounds over days and cabins that nobody keeps, made for this query.
    own: Option<(Vec<AtomicU32>, Vec<AtomicU32>)>,
}

impl Frame {
    /// `None` when no journey can answer the query.
    pub(crate) fn new(airports: &Airports, timetable: &Timetable, query: &Query) -> Option<Self> {
        if query.seats == 0 || u32::from(query.seats) > SEATS_MAX {
            return None;
        }
        let graph = &timetable.graph;
        let node = |code| airports.find(code).and_then(|airport| graph.node(airport));
        let windows = |ranges: &[std::ops::Range<crate::Minute>], from: u32, days: u32| -> Vec<(u32, u32)> {
            // Nothing leaves or lands outside the timetable, however long a window is.
            let (first, end) = (timetable.days.first * DAY, (timetable.days.end() + days) * DAY);
            let inclusive =
                ranges.iter().map(|range| (range.start.0.max(from).max(first), range.end.0.min(end)));
            inclusive.filter(|(start, end)| start < end).map(|(start, end)| (start, end - 1)).collect()
        };
        let start = |origin: &crate::Origin| {
            let windows = windows(&origin.departs, query.earliest_departure.0, 0);
            Some(Start { node: node(origin.airport)?, windows }).filter(|start| !start.windows.is_empty())
        };
        let goal = |destination: &crate::Destination| {
            let windows = destination.arrives.as_ref().map(|ranges| windows(ranges, 0, LANDING_DAYS));
            Some(Goal { node: node(destination.airport)?, windows })
        };
        let starts: Vec<Start> = query.origins.iter().filter_map(start).collect();
        let goals: Vec<Goal> = query.destinations.iter().filter_map(goal).collect();
        let (first, last) = (
            starts.iter().map(|start| start.windows[0].0).min()?,
            starts.iter().flat_map(|start| &start.windows).map(|window| window.1).max()?,
        );
        if goals.is_empty() {
            return None;
        }
        let max_duration = query.limits.max_duration.min(DURATION_MAX);
        let mut frame = Self {
            starts,
            goals,
            first_day: first / DAY,
            last_first_day: last / DAY,
            last_day: (last + max_duration) / DAY,
            cabins: cabins(query.cabin, query.mixed_cabin),
            max_duration,
            own: None,
        };
        if frame.shared(timetable).is_none() {
            frame.own = Some(frame.compute(timetable));
        }
        Some(frame)
    }

    /// The bounds that are kept anyway, if they cover the query: for first flights and for later ones.
    fn shared<'a>(&self, timetable: &'a Timetable) -> Option<(&'a [AtomicU32], &'a [AtomicU32])> {
        let [cabin] = self.cabins[..] else { return None };
        let spans = |last: u32, days: usize| last - self.first_day < count(days);
        if !spans(self.last_day, FAR) {
            return None;
        }
        let bounds = &timetable.bounds;
        let far_first = !spans(self.last_first_day, NEAR);
        Some((bounds.of_day(cabin, self.first_day, far_first)?, bounds.of_day(cabin, self.first_day, true)?))
    }

    /// The cabin whose kept bounds cover the query, as near for first flights and as far for later ones as they reach.
    pub(super) fn kept_cabin(&self) -> Option<usize> {
        let [cabin] = self.cabins[..] else { return None };
        let spans = |last: u32, days: usize| last - self.first_day < count(days);
        (spans(self.last_day, FAR) && spans(self.last_first_day, NEAR)).then_some(cabin)
    }

    fn compute(&self, timetable: &Timetable) -> (Vec<AtomicU32>, Vec<AtomicU32>) {
        let over = |last: u32| -> Vec<AtomicU32> {
            let days = || self.first_day.max(timetable.days.first)..=last.min(timetable.days.end());
            let lowest = |route: RouteId| {
                let days = days().filter_map(|number| timetable.days.get(number));
                let fares =
                    days.flat_map(|day| self.cabins.iter().map(move |cabin| day.lowest(*cabin, route)));
                fares.min().unwrap_or(NEVER)
            };
            (0..count(timetable.graph.routes.len())).map(|route| AtomicU32::new(lowest(route))).collect()
        };
        (over(self.last_first_day), over(self.last_day))
    }
}

/// The cabin and, if they may be mixed, those below it, best first.
fn cabins(asked: Cabin, mixed: bool) -> Vec<usize> {
    if mixed { (0..=asked.index()).rev().collect() } else { vec![asked.index()] }
}

/// What to fetch of a route: where its flights start, and later the flights.
#[derive(Clone, Copy)]
pub(crate) enum Stage {
    Starts,
    Flights,
}

/// The flights of a route on one day, in order of departure.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) day: &'a Day,
    /// As they are in the first of the plan's cabins that the day has.
    pub(crate) flights: &'a [Seats],
    /// The place of the first in the day's lists.
    pub(crate) start: usize,
    pub(crate) slot: usize,
}

/// Everything a search asks while it runs, looked up once.
pub(crate) struct Plan<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) timetable: &'a Timetable,
    pub(crate) starts: &'a [Start],
    pub(crate) goals: &'a [Goal],
    /// Bits of the nodes where planes may be changed.
    pub(crate) via: Vec<u64>,
    /// For each airline whether it may be flown; `None`: all.
    pub(crate) carriers: Option<Vec<bool>>,
    cabins: &'a [usize],
    seats: u32,
    pub(crate) min_connection: u32,
    pub(crate) max_connection: u32,
    pub(crate) max_duration: u32,
    /// Lowest fares of routes over the days of first flights, and over those of later ones.
    first_bounds: &'a [AtomicU32],
    later_bounds: &'a [AtomicU32],
    pub(crate) first_day: u32,
    /// The days from `first_day` on.
    pub(crate) days: Vec<Option<&'a Day>>,
    /// Whether the rank of a path depends on when its first flight leaves.
    pub(crate) by_time: bool,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(frame: &'a Frame, timetable: &'a Timetable, query: &Query) -> Self {
        let (first_bounds, later_bounds) = match (&frame.own, frame.shared(timetable)) {
            (Some((first, later)), _) => (&first[..], &later[..]),
            (None, Some(shared)) => shared,
            (None, None) => (&[][..], &[][..]),
        };
        Self {
            graph: &timetable.graph,
            timetable,
            starts: &frame.starts,
            goals: &frame.goals,
            via: via(frame, timetable, query),
            carriers: carriers(timetable, query),
            cabins: &frame.cabins,
            seats: query.seats.into(),
            // No journey has a longer one, and sums with it stay small.
            min_connection: query.limits.min_connection.min(DURATION_MAX + 1),
            max_connection: query.limits.max_connection,
            max_duration: frame.max_duration,
            first_bounds,
            later_bounds,
            first_day: frame.first_day,
            days: (frame.first_day..=frame.last_day).map(|day| timetable.days.get(day)).collect(),
            by_time: matches!(query.order, crate::Order::Departure | crate::Order::Arrival),
        }
    }

    /// No first flight of a route costs less.
    #[inline]
    pub(crate) fn first_fare(&self, route: RouteId) -> u32 {
        self.first_bounds.get(route as usize).map_or(NEVER, |fare| fare.load(Relaxed))
    }

    /// No later flight of a route costs less.
    #[inline]
    pub(crate) fn later_fare(&self, route: RouteId) -> u32 {
        self.later_bounds.get(route as usize).map_or(NEVER, |fare| fare.load(Relaxed))
    }

    /// Begins to fetch the bound of a route, and of those numbered behind it.
    #[inline]
    pub(crate) fn prefetch_later_fare(&self, route: RouteId) {
        prefetch(self.later_bounds, route as usize);
    }

    /// The shortest connection at a node, whatever the airlines.
    #[inline]
    pub(crate) fn shortest_connection(&self, node: Node, kind: ConnectionKind) -> u32 {
        u32::from(self.graph.lowest[node as usize][kind as usize]).max(self.min_connection)
    }

    /// The slots of `days` that a window of minutes lies on.
    #[inline]
    pub(crate) fn slots(&self, from: u32, to: u32) -> Range<usize> {
        let slot = |minute: u32| (minute / DAY).saturating_sub(self.first_day) as usize;
        slot(from).min(self.days.len())..(slot(to) + 1).min(self.days.len())
    }

    /// The flights of a route on the day of a slot.
    #[inline]
    pub(crate) fn row(&self, slot: usize, route: RouteId) -> Option<Row<'a>> {
        let day = self.days.get(slot).copied().flatten()?;
        let cabin = self.cabins.iter().find_map(|cabin| day.cabins[*cabin].as_ref())?;
        let places = day.flights(route);
        Some(Row { day, flights: &cabin.flights[places.clone()], start: places.start, slot })
    }

    /// Begins to fetch what a join of these routes will read first.
    #[inline]
    pub(crate) fn prefetch(&self, routes: &[RouteId], stage: Stage) {
        for day in self.days.iter().take(NEAR).flatten() {
            for route in routes {
                match stage {
                    Stage::Starts => day.prefetch_start(*route),
                    Stage::Flights => day.prefetch_flights(*route, self.cabins[0]),
                }
            }
        }
    }

    /// The class the party is sold on the `n`th flight of a row, with the index of its cabin.
    #[inline]
    pub(crate) fn sold(&self, row: &Row<'_>, n: usize) -> Option<(Sold, u8)> {
        if let [cabin] = *self.cabins {
            return Some((row.flights[n].fares.cheapest(self.seats)?, cabin as u8));
        }
        self.cabins.iter().find_map(|cabin| {
            let flights = &row.day.cabins[*cabin].as_ref()?.flights;
            Some((flights[row.start + n].fares.cheapest(self.seats)?, *cabin as u8))
        })
    }

    /// Whether a journey in these cabins answers the query: one flight at least is in the cabin asked for.
    pub(crate) fn cabins_fit(&self, mut flown: impl Iterator<Item = u8>) -> bool {
        self.cabins.len() == 1 || flown.any(|cabin| usize::from(cabin) == self.cabins[0])
    }

    /// The minute at which the first flight of a route leaves within a start's windows, if any does.
    pub(crate) fn first_departure(&self, start: &Start, route: RouteId) -> Option<u32> {
        let (from, to) = (start.windows.first()?.0, start.windows.last()?.1);
        let rows = self.slots(from, to).filter_map(|slot| self.row(slot, route));
        let mut departures = rows.flat_map(|row| row.flights.iter().map(|flight| flight.times.departs));
        departures.find(|departs| start.windows.iter().any(|(from, to)| (from..=to).contains(&departs)))
    }
}

fn via(frame: &Frame, timetable: &Timetable, query: &Query) -> Vec<u64> {
    let graph = &timetable.graph;
    let nodes = || graph.nodes.iter().zip(0_u32..);
    let mut bits = vec![0; graph.words];
    let filters = &query.filters;
    let plain = filters.via.is_empty() && filters.not_via.is_empty();
    if plain {
        bits.fill(u64::MAX);
    } else {
        for (info, node) in nodes() {
            let allowed = filters.via.is_empty() || filters.via.contains(&info.code);
            if allowed && !filters.not_via.contains(&info.code) {
                bits[node as usize / 64] |= 1 << (node % 64);
            }
        }
    }
    let ends = frame.starts.iter().map(|start| start.node).chain(frame.goals.iter().map(|goal| goal.node));
    for node in ends {
        bits[node as usize / 64] &= !(1 << (node % 64));
    }
    bits
}

fn carriers(timetable: &Timetable, query: &Query) -> Option<Vec<bool>> {
    let filters = &query.filters;
    if filters.airlines.is_empty() && filters.not_airlines.is_empty() {
        return None;
    }
    let allowed = |airline: &Option<_>| {
        let named = |list: &[_]| airline.is_some_and(|airline| list.contains(&airline));
        (filters.airlines.is_empty() || named(&filters.airlines)) && !named(&filters.not_airlines)
    };
    Some(timetable.carriers.iter().map(allowed).collect())
}
