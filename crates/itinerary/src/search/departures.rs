//! The profile of one pair of airports, departure by departure from the last one back.
//!
//! What leaves later and arrives no later, with no more connections, beats a journey; so when departures are taken from
//! the last one back, the earliest arrival known for each number of connections is all that a new journey has to undercut.
//! The ways on from an airport are listed once, the shortest first: the first that cannot arrive in time ends the list.

use std::cell::Cell;
use std::cmp::Reverse;

use crate::connections::ConnectionKind;
use crate::day::Times;
use crate::flight::Minute;
use crate::graph::{Neighbor, RouteId};
use crate::query::{Query, Tariff};

use super::join::{Scratch, Walk};
use super::plan::{Plan, Row};
use super::profile::Profiled;

/// Journeys of more connections are not looked for here.
const LEVELS: usize = 3;

/// A route on the way, with what comes before and behind it.
#[derive(Clone, Copy)]
struct Hop {
    before: RouteId,
    route: RouteId,
    /// The shortest connection before it.
    connection: u32,
    /// No flight of it takes fewer minutes.
    block: u32,
    /// What the journey takes at least behind it.
    rest: u32,
}

impl Hop {
    /// The minutes from landing before it to the journey's end, at least.
    const fn minutes(&self) -> u32 {
        self.connection + self.block + self.rest
    }
}

/// The ways on from the airport a first route leads to.
struct Ways {
    first: Neighbor,
    /// The route from there to the goal.
    straight: Option<Hop>,
    /// Two routes to the goal: the minutes they take at least from landing here, and the place of the first of them among
    /// the routes from here. The shortest first once they were needed.
    over_another: Vec<(u32, u32)>,
    sorted: bool,
    /// No journey over another airport takes fewer minutes from landing here.
    soonest: u32,
}

impl Ways {
    /// The ways over another airport, the shortest first. Most airports lie so far off that theirs are never asked for.
    fn shortest_first(&mut self) -> &[(u32, u32)] {
        if !self.sorted {
            self.over_another.sort_unstable();
            self.sorted = true;
        }
        &self.over_another
    }
}

/// A flight that was boarded, and the journey up to it.
#[derive(Clone, Copy)]
struct Boarded {
    departs: u32,
    arrives: u32,
    carrier: u16,
    fares: u32,
    flights: usize,
    /// Whether one of the flights is in the cabin asked for.
    in_cabin: bool,
}

/// The answer under construction, and what is asked.
pub(super) struct Departures<'p> {
    plan: &'p Plan<'p>,
    /// Where the routes to the goal are marked.
    scratch: &'p Scratch,
    tariff: Tariff,
    max_price: u64,
    max_stops: usize,
    effort: Cell<u64>,
}

impl Departures<'_> {
    /// What nothing beats, and the effort that is left, for a plan of one start and one goal.
    pub(super) fn walk(plan: &Plan<'_>, query: &Query, scratch: &mut Scratch) -> (Vec<Profiled>, u64) {
        let mut walk = Walk::new(plan, scratch, u64::MAX);
        walk.mark(plan.goals[0].node);
        let departures = Departures {
            plan,
            scratch: walk.scratch,
            tariff: query.tariff,
            max_price: query.filters.max_price.unwrap_or(u64::MAX),
            max_stops: usize::from(query.max_stops).min(LEVELS - 1),
            effort: Cell::new(query.effort),
        };
        let (mut firsts, mut ways) = departures.firsts();
        firsts.sort_unstable_by_key(|(boarded, _)| Reverse(boarded.departs));
        let answer = (departures.back(&firsts, &mut ways), departures.effort.get());
        walk.finish();
        answer
    }

    /// The flights that may be boarded first, each with the place of the ways on from where it lands; beyond the last
    /// where that is the goal.
    fn firsts(&self) -> (Vec<(Boarded, usize)>, Vec<Ways>) {
        let (start, goal) = (&self.plan.starts[0], &self.plan.goals[0]);
        let (mut firsts, mut ways) = (Vec::new(), Vec::new());
        for first in self.plan.graph.from(start.node) {
            let mut place = usize::MAX;
            if first.node != goal.node {
                let onward = self.ways(*first);
                if onward.straight.is_none() && onward.over_another.is_empty() {
                    continue;
                }
                place = ways.len();
                ways.push(onward);
            }
            self.board_first(start.windows.iter(), first.route, |boarded| firsts.push((boarded, place)));
        }
        (firsts, ways)
    }

    /// Goes from the last departure back.
    fn back(&self, firsts: &[(Boarded, usize)], ways: &mut [Ways]) -> Vec<Profiled> {
        let (mut best, mut found) = ([u32::MAX; LEVELS], Vec::new());
        for together in firsts.chunk_by(|a, b| a.0.departs == b.0.departs) {
            let departs = together[0].0.departs;
            let too_late = departs + self.plan.max_duration + 1;
            let before = best;
            for (first, onward) in together {
                match ways.get_mut(*onward) {
                    Some(ways) => self.go_on(first, ways, too_late, &mut best),
                    None if self.is_answer(first, too_late) => best[0] = best[0].min(first.arrives),
                    None => {}
                }
            }
            for stops in 0..LEVELS {
                let with_fewer = best[..stops].iter().copied().min().unwrap_or(u32::MAX);
                best[stops] = best[stops].min(with_fewer);
                if best[stops] < before[stops].min(with_fewer) {
                    let (departs, arrives) = (Minute(departs), Minute(best[stops]));
                    found.push(Profiled { departs, arrives, stops });
                }
            }
            if self.effort.get() == 0 {
                break;
            }
        }
        found.sort_unstable();
        found
    }

    /// Takes the ways on from where the first flight lands that may arrive earlier than what is known.
    fn go_on(&self, first: &Boarded, ways: &mut Ways, too_late: u32, best: &mut [u32; LEVELS]) {
        if let Some(hop) = ways.straight.as_ref().filter(|_| self.max_stops >= 1) {
            let until = Cell::new(best[0].min(best[1]).min(too_late));
            self.board(first, hop, &until, &|last| {
                if self.is_answer(last, until.get()) {
                    until.set(last.arrives);
                }
            });
            if until.get() < too_late {
                best[1] = best[1].min(until.get());
            }
        }
        if self.max_stops < 2 {
            return;
        }
        let until = Cell::new(best.iter().copied().fold(too_late, u32::min));
        if first.arrives.saturating_add(ways.soonest) >= until.get() {
            return;
        }
        let (from, routes) = (ways.first, self.plan.graph.from(ways.first.node));
        for (minutes, place) in ways.shortest_first() {
            if first.arrives + minutes >= until.get() {
                break;
            }
            let middle = routes[*place as usize];
            let Some((last, _)) = self.scratch.tail_to(middle.node) else { continue };
            let last = self.hop(middle, last, 0);
            let middle = self.hop(from, middle.route, last.minutes());
            self.board(first, &middle, &until, &|second| {
                self.board(second, &last, &until, &|third| {
                    if self.is_answer(third, until.get()) {
                        until.set(third.arrives);
                    }
                });
            });
        }
        if until.get() < too_late {
            best[2] = best[2].min(until.get());
        }
    }

    /// Whether the journey that ends here answers the question and arrives in time.
    fn is_answer(&self, last: &Boarded, until: u32) -> bool {
        last.arrives < until
            && last.in_cabin
            && self.plan.arrival_fits(0, last.arrives)
            && self.tariff.price(last.fares, last.flights) <= self.max_price
    }

    /// The first flights within the windows.
    fn board_first<'w>(
        &self,
        windows: impl Iterator<Item = &'w (u32, u32)>,
        route: RouteId,
        mut take: impl FnMut(Boarded),
    ) {
        for (from, to) in windows {
            for slot in self.plan.slots(*from, *to) {
                let Some(row) = self.plan.row(slot, route) else { continue };
                for (n, flight) in row.flights.iter().enumerate() {
                    let Times { departs, carrier, .. } = flight.times;
                    self.spend();
                    if (from..=to).contains(&&departs)
                        && self.plan.may_fly(carrier)
                        && let Some((fares, in_cabin)) = self.sold(&row, n)
                    {
                        let arrives = flight.times.arrives();
                        take(Boarded { departs, arrives, carrier, fares, flights: 1, in_cabin });
                    }
                }
            }
        }
    }

    /// Boards the flights of a route that may lead to an arrival before `until`, which falls while they are tried.
    fn board(&self, before: &Boarded, hop: &Hop, until: &Cell<u32>, take: &dyn Fn(&Boarded)) {
        let plan = self.plan;
        let soonest = hop.block + hop.rest;
        let from = before.arrives + hop.connection;
        let latest = before.arrives.saturating_add(plan.max_connection);
        let to = latest.min(until.get().saturating_sub(soonest + 1));
        if from > to {
            return;
        }
        for slot in plan.slots(from, to) {
            let Some(row) = plan.row(slot, hop.route) else { continue };
            for (n, flight) in row.flights.iter().enumerate() {
                let Times { departs, carrier, .. } = flight.times;
                if departs < from {
                    continue;
                }
                self.spend();
                if departs > to || departs + soonest >= until.get() {
                    break;
                }
                let arrives = flight.times.arrives();
                if arrives + hop.rest < until.get()
                    && plan.may_fly(carrier)
                    && plan.connects((hop.before, before.carrier, before.arrives), (hop.route, flight.times))
                    && let Some((fare, in_cabin)) = self.sold(&row, n)
                {
                    take(&Boarded {
                        departs,
                        arrives,
                        carrier,
                        fares: before.fares + fare,
                        flights: before.flights + 1,
                        in_cabin: before.in_cabin || in_cabin,
                    });
                }
            }
        }
    }

    fn sold(&self, row: &Row<'_>, n: usize) -> Option<(u32, bool)> {
        let (sold, cabin) = self.plan.sold(row, n)?;
        Some((sold.fare(), self.plan.cabins_fit(std::iter::once(cabin))))
    }

    fn spend(&self) {
        self.effort.set(self.effort.get().saturating_sub(1));
    }

    fn hop(&self, before: Neighbor, next: RouteId, rest: u32) -> Hop {
        let brief = self.plan.graph.brief(next);
        let kind = ConnectionKind::of(before.brief.crosses_border(), brief.crosses_border());
        let connection = self.plan.shortest_connection(before.node, kind);
        Hop { before: before.route, route: next, connection, block: brief.minutes(), rest }
    }

    /// The ways from where a first route leads to the goal.
    fn ways(&self, first: Neighbor) -> Ways {
        let (plan, scratch) = (self.plan, self.scratch);
        let mut ways =
            Ways { first, straight: None, over_another: Vec::new(), sorted: false, soonest: u32::MAX };
        if !plan.may_change_at(first.node) {
            return ways;
        }
        ways.straight = scratch.tail_to(first.node).map(|(last, _)| self.hop(first, last, 0));
        let (out, routes) = (plan.graph.destinations(first.node), plan.graph.from(first.node));
        let onward = plan.onward(0, first);
        ways.over_another.reserve(routes.len());
        for (word, into) in &scratch.meeting {
            let mut meeting = out[*word].bits & into;
            while meeting != 0 {
                let bit = meeting.trailing_zeros();
                meeting &= meeting - 1;
                let place = out[*word].place(bit);
                let middle = routes[place];
                if let Some((_, minutes)) = scratch.tail_to(middle.node) {
                    let crosses = usize::from(middle.brief.crosses_border());
                    let minutes = onward[crosses] + middle.brief.minutes() + u32::from(minutes[crosses]);
                    ways.soonest = ways.soonest.min(minutes);
                    ways.over_another.push((minutes, place as u32));
                }
            }
        }
        ways
    }
}
