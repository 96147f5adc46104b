//! The cheapest journey of each of many days.
//!
//! A search for each day would list the same paths again and again. Here they are listed once for up to [`LANES`] days:
//! beside the bound of a path on one day lie those on the days after it, because the lowest fares of a route lie in a row
//! by day. The bound follows the days too: the next flight leaves on the day of the one before or, mostly, the day after
//! it, so the lowest fares of days further on do not count. What no day can want is left at once; the rest is joined day
//! by day, the cheapest bound first.

use std::sync::atomic::Ordering::Relaxed;

use crate::airports::Airports;
use crate::bounds::{FAR, NEAR};
use crate::fares::NEVER;
use crate::graph::{NONE, Neighbor, Node, RouteId};
use crate::query::{DURATION_MAX, LEGS_MAX, Order, Origin, Query, Rank, STOPS_MAX, Tariff};
use crate::timetable::{DAY, Timetable};

use super::join::{Found, Scratch, Sink, Walk, with_scratch};
use super::paths::Path;
use super::plan::{Frame, Plan};
use super::{USUAL_STOPS, walk_levels};

/// Days that are looked at together.
const LANES: usize = 32;

/// A number for each of the UTC days from a first one on, and for those on which later flights may depart.
type Lanes = [u32; LANES + FAR];

/// For each day the lowest price of a journey that starts at one of its origins, and whether everything was seen.
pub(crate) fn calendar(
    airports: &Airports,
    timetable: &Timetable,
    query: &Query,
    days: &[Vec<Origin>],
) -> (Vec<Option<u64>>, bool) {
    // The effort is for all days together: a calendar is one question.
    let effort = query.effort / days.len().max(1) as u64;
    let mut query = Query { order: Order::Price, effort, ..query.clone() };
    let mut frame = |origins: &Vec<Origin>| {
        query.origins.clone_from(origins);
        Frame::new(airports, timetable, &query)
    };
    let frames: Vec<Option<Frame>> = days.iter().map(&mut frame).collect();
    let mut sinks: Vec<Cheapest> = days.iter().map(|_| Cheapest::new(&query)).collect();
    let mut complete = true;
    // As many days as lanes less one, because local days may be a UTC day further apart than they are many.
    for (frames, sinks) in frames.chunks(LANES - 1).zip(sinks.chunks_mut(LANES - 1)) {
        let plans: Vec<Option<Plan<'_>>> = frames
            .iter()
            .map(|frame| frame.as_ref().map(|frame| Plan::new(frame, timetable, &query)))
            .collect();
        let dated = plans.iter().zip(frames).zip(sinks);
        let dated = dated.filter_map(|((plan, frame), sink)| Some((plan.as_ref()?, frame.as_ref()?, sink)));
        let (mut days, mut cabin) = (Vec::new(), None);
        for (plan, frame, sink) in dated {
            cabin = frame.kept_cabin();
            days.push(Day { plan, sink, kept: cabin.is_some(), effort, paths: Vec::new() });
        }
        if let Some(cabin) = cabin.filter(|_| alike(&days)) {
            complete &= with_scratch(|scratch| Month { cabin, days, scratch }.walk(&query));
        } else {
            for day in &mut days {
                complete &= walk_levels(day.plan, &query, day.sink);
            }
        }
    }
    (sinks.into_iter().map(|sink| sink.price).collect(), complete)
}

/// Whether the days can be looked at together: they start at the same airports, have bounds that are kept, and lie near
/// each other.
fn alike(days: &[Day<'_>]) -> bool {
    let nodes = |day: &Day<'_>| -> Vec<Node> { day.plan.starts.iter().map(|start| start.node).collect() };
    let first = days.iter().map(|day| day.plan.first_day).min().unwrap_or(0);
    let near = |day: &Day<'_>| ((day.plan.first_day - first) as usize) < LANES;
    days.windows(2).all(|pair| nodes(&pair[0]) == nodes(&pair[1]))
        && days.iter().all(|day| day.kept && near(day))
}

/// One day of a calendar.
struct Day<'a> {
    plan: &'a Plan<'a>,
    sink: &'a mut Cheapest,
    kept: bool,
    effort: u64,
    /// Paths that may be cheaper than what was found.
    paths: Vec<Path>,
}

/// Days that are looked at together.
struct Month<'a, 's> {
    cabin: usize,
    days: Vec<Day<'a>>,
    scratch: &'s mut Scratch,
}

/// What is known of the days while paths with so many flights from a start to a goal are listed.
struct Listing<'a> {
    plan: &'a Plan<'a>,
    first_day: u32,
    start: u16,
    goal: u16,
    flights: usize,
    /// Fares that are too high for the day.
    too_high: Lanes,
    /// For each airport that leads to the goal, in order of airport, the lowest fares from it to the goal by day.
    tails: Vec<(Node, Lanes)>,
}

impl Month<'_, '_> {
    /// Whether the effort sufficed.
    fn walk(mut self, query: &Query) -> bool {
        let mut complete = true;
        for stops in 0..=query.max_stops.min(USUAL_STOPS) {
            self.list(stops);
            for day in &mut self.days {
                complete &= day.join(usize::from(stops) + 1, self.scratch);
            }
        }
        for day in &mut self.days {
            if query.max_stops > USUAL_STOPS && !day.sink.found_any() {
                let mut walk = Walk::new(day.plan, self.scratch, day.effort);
                walk.level(STOPS_MAX, day.sink);
                complete &= walk.finish();
            }
        }
        complete
    }

    /// Lists for each day the paths with this many connections that may be cheaper than what was found.
    fn list(&mut self, stops: u8) {
        let Some(plan) = self.days.first().map(|day| day.plan) else { return };
        let first_day = self.days.iter().map(|day| day.plan.first_day).min().unwrap_or(0);
        for (goal, end) in (0..).zip(plan.goals) {
            if stops > 0 {
                Walk::new(plan, self.scratch, u64::MAX).mark(end.node);
            }
            let tails = plan.graph.into(end.node).iter();
            let tails = tails.map(|tail| (tail.node, self.daily(plan, first_day, tail.route)));
            let tails = if stops > 0 { tails.collect() } else { Vec::new() };
            let flights = usize::from(stops) + 1;
            let too_high = self.too_high(first_day, flights);
            let mut listing = Listing { plan, first_day, start: 0, goal, flights, too_high, tails };
            for (number, start) in (0..).zip(plan.starts) {
                if start.node != end.node {
                    listing.start = number;
                    self.list_from(&listing, start.node, end.node);
                }
            }
        }
        if stops > 0 {
            Walk::new(plan, self.scratch, u64::MAX).finish();
        }
    }

    fn list_from(&mut self, listing: &Listing<'_>, start: Node, goal: Node) {
        let plan = listing.plan;
        if listing.flights == 1 {
            if let Some(only) = plan.graph.route(start, goal) {
                let fares = self.daily(plan, listing.first_day, only.route);
                self.push(listing, only.brief.minutes(), &fares, &[only.route]);
            }
            return;
        }
        for first in plan.graph.from(start) {
            let tail = self.scratch.tail_to(first.node);
            if !plan.may_change_at(first.node) || (listing.flights == 2 && tail.is_none()) {
                continue;
            }
            let fares = self.daily(plan, listing.first_day, first.route);
            if !listing.wants(&within(&fares, NEAR - 1)) {
                continue;
            }
            match tail {
                Some((last, minutes)) if listing.flights == 2 => {
                    let minutes = minutes[usize::from(first.brief.crosses_border())];
                    let then = within(listing.tail(first.node), plan.days_to_next(first.route));
                    let duration = first.brief.minutes() + u32::from(minutes);
                    self.push(listing, duration, &sum(&fares, &then), &[first.route, last]);
                }
                _ => self.list_behind(listing, *first, &fares),
            }
        }
    }

    /// Lists the paths of three routes that begin with `first`.
    fn list_behind(&mut self, listing: &Listing<'_>, first: Neighbor, fares: &Lanes) {
        let plan = listing.plan;
        let onward = plan.onward(first.brief.minutes(), first);
        let (out, routes) = (plan.graph.destinations(first.node), plan.graph.from(first.node));
        let to_second = plan.days_to_next(first.route);
        for at in 0..self.scratch.meeting.len() {
            let (word, into) = self.scratch.meeting[at];
            let mut meeting = out[word].bits & into;
            while meeting != 0 {
                let bit = meeting.trailing_zeros();
                meeting &= meeting - 1;
                let middle = routes[out[word].place(bit)];
                let Some((last, minutes)) = self.scratch.tail_to(middle.node) else { continue };
                let crosses = usize::from(middle.brief.crosses_border());
                let minutes = onward[crosses] + middle.brief.minutes() + u32::from(minutes[crosses]);
                if minutes <= plan.max_duration {
                    let then = within(listing.tail(middle.node), plan.days_to_next(middle.route));
                    let then = sum(&self.daily(plan, listing.first_day, middle.route), &then);
                    let fares = sum(fares, &within(&then, to_second));
                    self.push(listing, minutes, &fares, &[first.route, middle.route, last]);
                }
            }
        }
    }

    /// Lists a path for the days that may want it; `by_day` are its lowest fares by the day its first flight departs on.
    fn push(&mut self, listing: &Listing<'_>, duration: u32, by_day: &Lanes, routes: &[RouteId]) {
        let fares = within(by_day, NEAR - 1);
        if !listing.wants(&fares) || duration > listing.plan.max_duration {
            return;
        }
        for day in &mut self.days {
            let lane = (day.plan.first_day - listing.first_day) as usize;
            if fares[lane] < listing.too_high[lane] {
                let departs = day.plan.starts[usize::from(listing.start)].windows[0].0;
                let mut path = Path {
                    departs,
                    duration,
                    fares: fares[lane],
                    routes: [NONE; LEGS_MAX],
                    start: listing.start,
                    goal: listing.goal,
                };
                path.routes[..routes.len()].copy_from_slice(routes);
                day.paths.push(path);
            }
        }
    }

    /// The lowest fares of a route by day.
    fn daily(&self, plan: &Plan<'_>, first_day: u32, route: RouteId) -> Lanes {
        let bounds = &plan.timetable.bounds;
        let mut daily = [NEVER; LANES + FAR];
        if let Some(from) = first_day.checked_sub(bounds.first_day) {
            let held = bounds.daily(self.cabin, route).get(from as usize..).unwrap_or(&[]);
            for (fare, held) in daily.iter_mut().zip(held) {
                *fare = held.load(Relaxed);
            }
        }
        daily
    }

    /// For each day the fares that are too high to be wanted; all are on a day nobody asks about.
    fn too_high(&self, first_day: u32, flights: usize) -> Lanes {
        let mut lanes = [0; LANES + FAR];
        for day in &self.days {
            let lane = &mut lanes[(day.plan.first_day - first_day) as usize];
            *lane = day.sink.too_high(flights).max(*lane);
        }
        lanes
    }
}

impl Day<'_> {
    /// Joins the listed paths; `false` if the effort was spent before the end.
    fn join(&mut self, flights: usize, scratch: &mut Scratch) -> bool {
        if self.paths.is_empty() {
            return true;
        }
        std::mem::swap(&mut scratch.paths, &mut self.paths);
        scratch.order.clear();
        let ranks = (0..).zip(&scratch.paths);
        scratch.order.extend(ranks.map(|(place, path)| (u64::from(path.fares), place)));
        let mut walk = Walk::new(self.plan, scratch, self.effort);
        walk.join_paths(flights, self.sink);
        self.effort = walk.left();
        let complete = walk.finish();
        self.paths.clear();
        complete
    }
}

impl Listing<'_> {
    /// The lowest fares from an airport to the goal.
    fn tail(&self, node: Node) -> &Lanes {
        let place = self.tails.binary_search_by_key(&node, |(node, _)| *node);
        place.map_or(&[NEVER; LANES + FAR], |place| &self.tails[place].1)
    }

    /// Whether fares are low enough on some day. All days are looked at, because that is quicker than to stop at the first.
    fn wants(&self, fares: &Lanes) -> bool {
        let wanted = fares.iter().zip(&self.too_high).map(|(fare, high)| u32::from(fare < high));
        wanted.fold(0, u32::wrapping_add) > 0
    }
}

impl Plan<'_> {
    /// How many days after a flight of the route the next one may depart.
    fn days_to_next(&self, route: RouteId) -> usize {
        let longest = u32::from(self.graph.routes[route as usize].longest);
        (longest.saturating_add(self.max_connection).div_ceil(DAY) as usize).min(FAR - 1)
    }
}

/// Sums of fares below [`NEVER`] each, so that nothing can overflow; checks would keep the days from being summed together.
fn sum(a: &Lanes, b: &Lanes) -> Lanes {
    std::array::from_fn(|lane| a[lane].wrapping_add(b[lane]))
}

/// For each day the lowest of it and so many days after it. Nothing departs behind the last lane.
fn within(fares: &Lanes, days: usize) -> Lanes {
    let mut lowest = *fares;
    for _ in 0..days {
        for lane in 1..lowest.len() {
            lowest[lane - 1] = lowest[lane - 1].min(lowest[lane]);
        }
    }
    lowest
}

/// Wants nothing but a lower price.
struct Cheapest {
    tariff: Tariff,
    max_price: u64,
    price: Option<u64>,
}

impl Cheapest {
    fn new(query: &Query) -> Self {
        let max_price = query.filters.max_price.unwrap_or(u64::MAX);
        Self { tariff: query.tariff, max_price, price: None }
    }

    fn wants(&self, price: u64) -> bool {
        price <= self.max_price && self.price.is_none_or(|cheapest| price < cheapest)
    }

    /// The lowest sum of fares that is not wanted, at most [`NEVER`].
    fn too_high(&self, flights: usize) -> u32 {
        let (mut wanted, mut too_high) = (0, NEVER);
        while wanted < too_high {
            let middle = wanted + (too_high - wanted) / 2;
            if self.wants(self.tariff.price(middle, flights)) {
                wanted = middle + 1;
            } else {
                too_high = middle;
            }
        }
        wanted
    }
}

impl Sink for Cheapest {
    #[inline]
    fn hope(&self, _departs: u32, _duration: u32, fares: u32, flights: usize) -> Option<Rank> {
        let price = self.tariff.price(fares, flights);
        self.wants(price).then_some(Rank(price, 0))
    }

    #[inline]
    fn longest(&self, fares: u32, flights: usize) -> u32 {
        if self.wants(self.tariff.price(fares, flights)) { DURATION_MAX } else { 0 }
    }

    fn take(&mut self, found: &Found) {
        self.price = Some(self.tariff.price(found.fares, found.flights));
    }

    fn found_any(&self) -> bool {
        self.price.is_some()
    }
}
