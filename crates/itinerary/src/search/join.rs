//! The time join: the flights on a path, one leg after the other.

use std::cell::RefCell;

use crate::connections::ConnectionKind;
use crate::day::Times;
use crate::fares::Sold;
use crate::graph::{Node, RouteId};
use crate::query::{LEGS_MAX, Rank};

use super::paths::{Path, Tail};
use super::plan::{Plan, Stage};

/// How many paths before its turn a path's memory is asked for: a join takes longer than memory by then.
const AHEAD: usize = 16;

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
    /// For each airport the last route from it to the goal, and its bounds.
    pub(super) tail_routes: Vec<RouteId>,
    pub(super) tails: Vec<Tail>,
    /// The goal that the two are about.
    pub(super) marked: Option<Node>,
    /// Bits of the airports that lead to the goal and where planes may be changed: the words with any, by their places.
    pub(super) meeting: Vec<(usize, u64)>,
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

/// What all journeys on a path have in common at one of its legs.
#[derive(Clone, Copy, Default)]
struct Leg {
    /// No flight of it takes fewer minutes.
    block: u32,
    /// The shortest connection before it.
    connection: u32,
    /// Whether pairs of airlines have a minimum of their own there.
    by_airline: bool,
    /// What the path takes at least after it, and what that costs at least.
    minutes: u32,
    fares: u32,
}

/// A path with what holds for all journeys on it.
struct Lined<'a> {
    path: &'a Path,
    legs: [Leg; LEGS_MAX],
}

impl<'p, 's> Walk<'p, 's> {
    pub(crate) fn new(plan: &'p Plan<'p>, scratch: &'s mut Scratch, effort: u64) -> Self {
        Self { plan, scratch, effort, complete: true }
    }

    /// Whether everything was seen. Leaves the scratch as it has to be for the next search.
    pub(crate) fn finish(mut self) -> bool {
        self.unmark();
        self.complete
    }

    /// The effort that is left.
    pub(super) fn left(&self) -> u64 {
        self.effort
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
        self.join_paths(usize::from(stops) + 1, sink);
    }

    /// All journeys on the paths that are listed in the scratch.
    pub(super) fn join_paths<S: Sink>(&mut self, flights: usize, sink: &mut S) {
        let mut done = 0;
        while done < self.scratch.order.len() {
            let end = self.sort_next(done);
            for at in done..end.min(done + AHEAD) {
                self.prefetch(at, flights, Stage::Starts);
            }
            for at in done..end {
                self.prefetch((at + AHEAD).min(end), flights, Stage::Starts);
                self.prefetch((at + AHEAD / 2).min(end), flights, Stage::Flights);
                let path = self.scratch.paths[self.scratch.order[at].1 as usize];
                if sink.hope(path.departs, path.duration, path.fares, flights).is_some() {
                    self.join(&path, flights, sink);
                }
                if !self.complete {
                    return;
                }
            }
            done = end;
            self.forget_hopeless(done, flights, sink);
        }
    }

    /// Sorts the best of the paths from a place on, and returns where they end. Mostly these leave the others no hope, so
    /// sorting all of them would be in vain.
    fn sort_next(&mut self, from: usize) -> usize {
        const SORTED: usize = 64;
        let rest = &mut self.scratch.order[from..];
        let sorted = rest.len().min(SORTED);
        if rest.len() > sorted {
            rest.select_nth_unstable(sorted);
        }
        rest[..sorted].sort_unstable();
        from + sorted
    }

    /// Drops the paths from a place on that what was found has left without hope.
    fn forget_hopeless<S: Sink>(&mut self, from: usize, flights: usize, sink: &S) {
        let Scratch { order, paths, .. } = &mut *self.scratch;
        let mut kept = from;
        for at in from..order.len() {
            let path = &paths[order[at].1 as usize];
            if sink.hope(path.departs, path.duration, path.fares, flights).is_some() {
                order[kept] = order[at];
                kept += 1;
            }
        }
        order.truncate(kept);
    }

    #[inline]
    fn prefetch(&self, at: usize, flights: usize, stage: Stage) {
        if let Some((_, path)) = self.scratch.order.get(at) {
            self.plan.prefetch(&self.scratch.paths[*path as usize].routes[..flights], stage);
        }
    }

    fn join<S: Sink>(&mut self, path: &Path, flights: usize, sink: &mut S) {
        let path = Lined { path, legs: self.legs(path, flights) };
        let mut found = Found { flights, ..Found::default() };
        for window in &self.plan.starts[path.path.start as usize].windows {
            self.board(&path, 0, *window, &mut found, sink);
        }
    }

    /// Looks up what all journeys on a path have in common.
    fn legs(&self, path: &Path, flights: usize) -> [Leg; LEGS_MAX] {
        let plan = self.plan;
        let mut legs = [Leg::default(); LEGS_MAX];
        for leg in (1..flights).rev() {
            let (arriving, leaving) = (path.routes[leg - 1], path.routes[leg]);
            let (before, brief) = (plan.graph.brief(arriving), plan.graph.brief(leaving));
            let kind = ConnectionKind::of(before.crosses_border(), brief.crosses_border());
            let here = plan.graph.routes[leaving as usize].origin;
            let (block, connection) = (brief.minutes(), plan.shortest_connection(here, kind));
            (legs[leg].block, legs[leg].connection) = (block, connection);
            legs[leg].by_airline = plan.graph.by_airline[here as usize];
            legs[leg - 1].minutes = legs[leg].minutes + connection + block;
            legs[leg - 1].fares = legs[leg].fares + plan.later_fare(leaving);
        }
        legs
    }

    /// Boards each flight of a leg that leaves within `window` and may lead to a journey that is wanted.
    fn board<S: Sink>(
        &mut self,
        path: &Lined<'_>,
        leg: usize,
        window: (u32, u32),
        found: &mut Found,
        sink: &mut S,
    ) {
        let plan = self.plan;
        let fares = found.fares;
        let at = path.legs[leg];
        for slot in plan.slots(window.0, window.1) {
            let row = plan.row(slot, path.path.routes[leg]);
            let Some(row) = row.filter(|row| !row.flights.is_empty()) else { continue };
            let first = row.flights.partition_point(|flight| flight.times.departs < window.0);
            if self.spent(1 + (row.flights.len() - first) as u64) {
                break;
            }
            for (n, flight) in row.flights.iter().enumerate().skip(first) {
                let flight = flight.times;
                if flight.departs > window.1 {
                    break;
                }
                let departs = if leg == 0 { flight.departs } else { found.departs };
                let duration = flight.arrives() - departs + at.minutes;
                if duration > plan.max_duration || !plan.may_fly(flight.carrier) {
                    continue;
                }
                let Some((sold, cabin)) = plan.sold(&row, n) else { continue };
                let so_far = fares + sold.fare();
                if sink.hope(departs, duration, so_far + at.fares, found.flights).is_none() {
                    continue;
                }
                if leg > 0 && at.by_airline && !self.airlines_connect(path.path, leg, found, flight) {
                    continue;
                }
                (found.departs, found.duration, found.fares) = (departs, duration, so_far);
                found.hops[leg] = Hop::new(row.slot, row.start + n, sold, cabin);
                self.go_on(path, leg, flight.arrives(), found, sink);
            }
        }
        found.fares = fares;
    }

    /// Hands the journey over when the leg was its last, or boards the next one.
    #[inline]
    fn go_on<S: Sink>(
        &mut self,
        path: &Lined<'_>,
        leg: usize,
        arrives: u32,
        found: &mut Found,
        sink: &mut S,
    ) {
        let plan = self.plan;
        let next = leg + 1;
        if next == found.flights {
            if plan.arrival_fits(path.path.goal, arrives) && plan.cabins_fit(cabins(found)) {
                sink.take(found);
            }
            return;
        }
        let ahead = path.legs[next];
        // Whatever is boarded next, the journey costs at least this, and may then last so long at most.
        let longest = sink.longest(found.fares + path.legs[leg].fares, found.flights).min(plan.max_duration);
        let latest = (found.departs + longest).saturating_sub(ahead.block + ahead.minutes);
        let from = arrives + ahead.connection;
        let to = arrives.saturating_add(plan.max_connection).min(latest);
        if from <= to {
            self.board(path, next, (from, to), found, sink);
        }
    }

    /// Whether the flight before leaves the time that its airline and this flight's need.
    fn airlines_connect(&self, path: &Path, leg: usize, found: &Found, leaving: Times) -> bool {
        let before = found.hops[leg - 1];
        let Some(day) = self.plan.days[usize::from(before.slot)] else { return false };
        let arriving = day.card(before.place as usize).times;
        let arriving = (path.routes[leg - 1], arriving.carrier, arriving.arrives());
        self.plan.connects(arriving, (path.routes[leg], leaving))
    }
}

fn cabins(found: &Found) -> impl Iterator<Item = u8> {
    found.hops[..found.flights].iter().map(|hop| hop.cabin)
}

impl Plan<'_> {
    /// Whether a flight leaves late enough for one that arrives on a route, of an airline, at a minute: by the minimum of
    /// the two airlines where there is one.
    #[inline]
    pub(super) fn connects(&self, arriving: (RouteId, u16, u32), leaving: (RouteId, Times)) -> bool {
        let here = self.graph.routes[leaving.0 as usize].origin as usize;
        if !self.graph.by_airline[here] {
            return true;
        }
        let airline = |carrier: u16| self.timetable.carriers.get(usize::from(carrier)).copied().flatten();
        let kind = self.graph.kind(arriving.0, leaving.0);
        let minimum = self.graph.nodes[here].minimum(kind, airline(arriving.1), airline(leaving.1.carrier));
        leaving.1.departs - arriving.2 >= u32::from(minimum)
    }

    #[inline]
    pub(super) fn may_fly(&self, carrier: u16) -> bool {
        let carriers = self.carriers.as_ref();
        carriers.is_none_or(|allowed| allowed.get(usize::from(carrier)).copied().unwrap_or(false))
    }

    #[inline]
    pub(super) fn arrival_fits(&self, goal: u16, arrives: u32) -> bool {
        let windows = self.goals[usize::from(goal)].windows.as_ref();
        windows.is_none_or(|windows| windows.iter().any(|(from, to)| (from..=to).contains(&&arrives)))
    }
}
