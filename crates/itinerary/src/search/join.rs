//! The time join: the flights on a path, one leg after the other.

use std::cell::RefCell;

use crate::fares::Sold;
use crate::query::{LEGS_MAX, Rank};

use super::paths::{Path, Tail};
use super::plan::{Plan, Stage};

/// How many paths before its turn a path's memory is asked for: a join takes longer than memory by then.
const AHEAD: usize = 8;

/// Where journeys go.
pub(crate) trait Sink {
    /// The lowest rank a journey with these lower bounds can have; `None` when it is not wanted, whatever its flights.
    fn hope(&self, departs: u32, duration: u32, fares: u32, flights: usize) -> Option<Rank>;
    /// No journey of such a start and such fares, or higher ones, is wanted that takes more minutes than these. May be more
    /// than that, but not less.
    fn longest(&self, fares: u32, flights: usize) -> u32;
    /// A journey that satisfies the plan.
    fn take(&mut self, found: &Found);
    /// Whether there was any journey yet.
    fn found_any(&self) -> bool;
}

/// A flight as the join found it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hop {
    /// Place in the day's lists.
    pub(crate) place: u32,
    pub(crate) fare: u32,
    /// The plan's slot of the day.
    pub(crate) slot: u16,
    pub(crate) cabin: u8,
    pub(crate) class_rank: u8,
    /// Seats the class had with that fare.
    pub(crate) seats: u8,
}

impl Hop {
    fn new(slot: usize, place: usize, sold: Sold, cabin: u8) -> Self {
        Self {
            place: place as u32,
            fare: sold.fare(),
            slot: slot as u16,
            cabin,
            class_rank: sold.rank(),
            seats: sold.seats(),
        }
    }
}

/// A journey as the join found it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub(crate) hops: [Hop; LEGS_MAX],
    pub(crate) flights: usize,
    pub(crate) departs: u32,
    pub(crate) duration: u32,
    /// The sum of the filed fares.
    pub(crate) fares: u32,
}

/// Lists that are filled anew by each search; kept by the thread, so that a search allocates next to nothing.
#[derive(Default)]
pub(crate) struct Scratch {
    /// For each airport the last route from it to the goal.
    pub(super) tails: Vec<Tail>,
    pub(super) paths: Vec<Path>,
    /// The paths by the bound of their rank.
    pub(super) order: Vec<(u64, u32)>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Runs a search with the thread's scratch.
pub(crate) fn with_scratch<T>(search: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
        Ok(mut scratch) => search(&mut scratch),
        // A search within a search: it has to do with lists of its own.
        Err(_) => search(&mut Scratch::default()),
    })
}

/// A search under way.
pub(crate) struct Walk<'p, 's> {
    pub(super) plan: &'p Plan<'p>,
    pub(super) scratch: &'s mut Scratch,
    /// Flights that may still be looked at.
    effort: u64,
    complete: bool,
}

/// What the rest of a path takes at least after each of its legs, and the connections before each.
struct Rest {
    minutes: [u32; LEGS_MAX],
    fares: [u32; LEGS_MAX],
    connection: [u32; LEGS_MAX],
    /// Whether pairs of airlines have a minimum of their own there.
    by_airline: [bool; LEGS_MAX],
}

impl<'p, 's> Walk<'p, 's> {
    pub(crate) fn new(plan: &'p Plan<'p>, scratch: &'s mut Scratch, effort: u64) -> Self {
        Self { plan, scratch, effort, complete: true }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether the effort is spent, after so much more of it.
    #[inline]
    pub(super) fn spent(&mut self, effort: u64) -> bool {
        self.effort = self.effort.saturating_sub(effort);
        self.complete &= self.effort > 0;
        !self.complete
    }

    /// All journeys with exactly this many connections.
    pub(crate) fn level<S: Sink>(&mut self, stops: u8, sink: &mut S) {
        self.list_paths(stops, sink);
        let flights = usize::from(stops) + 1;
        for at in 0..self.scratch.order.len() {
            self.prefetch(at + AHEAD, flights, Stage::Starts);
            self.prefetch(at + AHEAD / 2, flights, Stage::Flights);
            let path = self.scratch.paths[self.scratch.order[at].1 as usize];
            if sink.hope(path.departs, path.duration, path.fares, flights).is_some() {
                self.join(&path, flights, sink);
            }
            if !self.complete {
                return;
            }
        }
    }

    #[inline]
    fn prefetch(&self, at: usize, flights: usize, stage: Stage) {
        if let Some((_, path)) = self.scratch.order.get(at) {
            self.plan.prefetch(&self.scratch.paths[*path as usize].routes[..flights], stage);
        }
    }

    fn join<S: Sink>(&mut self, path: &Path, flights: usize, sink: &mut S) {
        let rest = self.rest(path, flights);
        let mut found = Found { flights, ..Found::default() };
        for (from, to) in &self.plan.starts[path.start as usize].windows {
            self.board(path, &rest, 0, (*from, *to), &mut found, sink);
        }
    }

    fn rest(&self, path: &Path, flights: usize) -> Rest {
        let plan = self.plan;
        let mut rest = Rest {
            minutes: [0; LEGS_MAX],
            fares: [0; LEGS_MAX],
            connection: [0; LEGS_MAX],
            by_airline: [false; LEGS_MAX],
        };
        for leg in (1..flights).rev() {
            let (arriving, leaving) = (path.routes[leg - 1], path.routes[leg]);
            let route = &plan.graph.routes[leaving as usize];
            let kind = plan.graph.kind(arriving, leaving);
            rest.connection[leg] = plan.shortest_connection(route.origin, kind);
            rest.by_airline[leg] = !plan.graph.nodes[route.origin as usize].pairs.is_empty();
            rest.minutes[leg - 1] = rest.minutes[leg] + rest.connection[leg] + u32::from(route.block);
            rest.fares[leg - 1] = rest.fares[leg] + plan.later_fare(leaving);
        }
        rest
    }

    /// Boards each flight of a leg that leaves within `window` and may lead to a journey that is wanted.
    fn board<S: Sink>(
        &mut self,
        path: &Path,
        rest: &Rest,
        leg: usize,
        window: (u32, u32),
        found: &mut Found,
        sink: &mut S,
    ) {
        let plan = self.plan;
        let fares = found.fares;
        for slot in plan.slots(window.0, window.1) {
            let Some(day) = plan.days[slot] else { continue };
            let places = day.departures(path.routes[leg], window);
            if self.spent(places.len() as u64 + 1) {
                break;
            }
            let cabins = plan.cabins_of(day, &places);
            for (n, flight) in day.times[places.clone()].iter().enumerate() {
                let departs = if leg == 0 { flight.departs } else { found.departs };
                let duration = flight.arrives() - departs + rest.minutes[leg];
                if duration > plan.max_duration || !plan.may_fly(flight.carrier) {
                    continue;
                }
                let Some((sold, cabin)) = plan.sold(&cabins, n) else { continue };
                let so_far = fares + sold.fare();
                if sink.hope(departs, duration, so_far + rest.fares[leg], found.flights).is_none() {
                    continue;
                }
                let place = places.start + n;
                if leg > 0 && rest.by_airline[leg] && !self.airlines_connect(path, leg, found, slot, place) {
                    continue;
                }
                (found.departs, found.duration, found.fares) = (departs, duration, so_far);
                found.hops[leg] = Hop::new(slot, place, sold, cabin);
                self.go_on(path, rest, leg, flight.arrives(), found, sink);
            }
        }
        found.fares = fares;
    }

    /// Hands the journey over when the leg was its last, or boards the next one.
    #[inline]
    fn go_on<S: Sink>(
        &mut self,
        path: &Path,
        rest: &Rest,
        leg: usize,
        arrives: u32,
        found: &mut Found,
        sink: &mut S,
    ) {
        let plan = self.plan;
        let next = leg + 1;
        if next == found.flights {
            if plan.arrival_fits(path.goal, arrives) && plan.cabins_fit(cabins(found)) {
                sink.take(found);
            }
            return;
        }
        // Whatever is boarded next, the journey costs at least this, and may then last so long at most.
        let longest = sink.longest(found.fares + rest.fares[leg], found.flights).min(plan.max_duration);
        let block = u32::from(plan.graph.routes[path.routes[next] as usize].block);
        let latest = (found.departs + longest).saturating_sub(block + rest.minutes[next]);
        let from = arrives + rest.connection[next];
        let to = arrives.saturating_add(plan.max_connection).min(latest);
        if from <= to {
            self.board(path, rest, next, (from, to), found, sink);
        }
    }

    /// Whether the flight before leaves the time that its airline and this flight's need.
    fn airlines_connect(&self, path: &Path, leg: usize, found: &Found, slot: usize, place: usize) -> bool {
        let plan = self.plan;
        let times = |slot: usize, place: usize| plan.days[slot].map(|day| day.times[place]);
        let before = found.hops[leg - 1];
        let (Some(arriving), Some(leaving)) =
            (times(before.slot.into(), before.place as usize), times(slot, place))
        else {
            return false;
        };
        let route = plan.graph.routes[path.routes[leg] as usize];
        let airline = |carrier: u16| plan.timetable.carriers.get(usize::from(carrier)).copied().flatten();
        let minimum = plan.graph.nodes[route.origin as usize].minimum(
            plan.graph.kind(path.routes[leg - 1], path.routes[leg]),
            airline(arriving.carrier),
            airline(leaving.carrier),
        );
        leaving.departs - arriving.arrives() >= u32::from(minimum)
    }
}

fn cabins(found: &Found) -> impl Iterator<Item = u8> {
    found.hops[..found.flights].iter().map(|hop| hop.cabin)
}

impl Plan<'_> {
    #[inline]
    fn may_fly(&self, carrier: u16) -> bool {
        let carriers = self.carriers.as_ref();
        carriers.is_none_or(|allowed| allowed.get(usize::from(carrier)).copied().unwrap_or(false))
    }

    #[inline]
    fn arrival_fits(&self, goal: u16, arrives: u32) -> bool {
        let windows = self.goals[usize::from(goal)].windows.as_ref();
        windows.is_none_or(|windows| windows.iter().any(|(from, to)| (from..=to).contains(&&arrives)))
    }
}
