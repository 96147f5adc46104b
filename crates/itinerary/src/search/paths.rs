//! Paths: the routes that lead from a start to a goal with so many connections, and what they cost at least.

use crate::fares::NEVER;
use crate::graph::{NONE, RouteId};
use crate::query::LEGS_MAX;

use super::join::{Sink, Walk};

/// Routes in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    /// No journey on it leaves earlier.
    pub(super) departs: u32,
    /// None takes fewer minutes.
    pub(super) duration: u32,
    /// Nor has lower fares.
    pub(super) fares: u32,
    pub(super) routes: [RouteId; LEGS_MAX],
    /// Places among the plan's starts and goals.
    pub(super) start: u16,
    pub(super) goal: u16,
}

/// A path under construction: its first routes, and their bounds without the connection that follows.
#[derive(Clone, Copy)]
struct Stem {
    start: u16,
    /// When its first flight leaves at the earliest.
    departs: u32,
    duration: u32,
    fares: u32,
    last: RouteId,
}

impl Walk<'_, '_> {
    /// Lists the paths with this many connections that may hold an answer, and sorts them by the bound of their rank.
    pub(super) fn list_paths<S: Sink>(&mut self, stops: u8, sink: &S) {
        self.scratch.paths.clear();
        self.scratch.order.clear();
        for goal in 0..self.plan.goals.len() {
            self.mark_inbound(goal, true);
            for start in 0..self.plan.starts.len() {
                if self.plan.starts[start].node == self.plan.goals[goal].node {
                    continue;
                }
                let (start, goal) = (start as u16, goal as u16);
                match stops {
                    0 => self.nonstop(start, goal, sink),
                    1 => self.one_stop(start, goal, sink),
                    2 => self.two_stops(start, goal, sink),
                    _ => self.three_stops(start, goal, sink),
                }
            }
            self.mark_inbound(goal, false);
        }
        self.scratch.order.sort_unstable();
    }

    /// Notes for each airport the route from it to the goal, or takes the note away.
    fn mark_inbound(&mut self, goal: usize, set: bool) {
        let graph = self.plan.graph;
        self.scratch.inbound.resize(graph.nodes.len(), NONE);
        for neighbor in graph.into(self.plan.goals[goal].node) {
            self.scratch.inbound[neighbor.node as usize] = if set { neighbor.route } else { NONE };
        }
    }

    fn nonstop<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let (from, to) = (self.plan.starts[start as usize].node, self.plan.goals[goal as usize].node);
        if let Some(route) = self.plan.graph.route(from, to)
            && let Some(stem) = self.stem(start, route)
        {
            self.push(stem, goal, [route, NONE, NONE, NONE], 1, sink);
        }
    }

    fn one_stop<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        let (from, to) = (plan.starts[start as usize].node, plan.goals[goal as usize].node);
        let (out, into) = (plan.graph.destinations(from), plan.graph.origins(to));
        for word in 0..plan.graph.words {
            let mut meeting = out[word] & into[word] & plan.via[word];
            while meeting != 0 {
                let bit = meeting.trailing_zeros();
                meeting &= meeting - 1;
                let first = plan.graph.outbound_at(from, word, bit);
                let last = self.scratch.inbound[word * 64 + bit as usize];
                if let Some(stem) = self.stem(start, first) {
                    self.finish(stem, goal, [first, last, NONE, NONE], 2, sink);
                }
            }
        }
    }

    fn two_stops<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        for first in plan.graph.from(plan.starts[start as usize].node) {
            if plan.may_change_at(first.node)
                && let Some(stem) = self.stem(start, first.route)
            {
                self.last_two(stem, goal, [first.route, NONE, NONE, NONE], 1, sink);
            }
        }
    }

    fn three_stops<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        for first in plan.graph.from(plan.starts[start as usize].node) {
            let Some(stem) = self.stem(start, first.route).filter(|_| plan.may_change_at(first.node)) else {
                continue;
            };
            for second in plan.graph.from(first.node) {
                if self.spent(1) {
                    return;
                }
                if plan.may_change_at(second.node) {
                    let routes = [first.route, second.route, NONE, NONE];
                    self.last_two(self.grow(stem, second.route), goal, routes, 2, sink);
                }
            }
        }
    }

    /// Completes a stem of `known` routes by two more: a meet in the middle between where it ends and the goal.
    fn last_two<S: Sink>(
        &mut self,
        stem: Stem,
        goal: u16,
        mut routes: [RouteId; LEGS_MAX],
        known: usize,
        sink: &S,
    ) {
        let plan = self.plan;
        let here = plan.graph.routes[stem.last as usize].destination;
        let to = plan.goals[goal as usize].node;
        let (out, into) = (plan.graph.destinations(here), plan.graph.origins(to));
        for word in 0..plan.graph.words {
            let mut meeting = out[word] & into[word] & plan.via[word];
            while meeting != 0 {
                let bit = meeting.trailing_zeros();
                meeting &= meeting - 1;
                let node = (word * 64) as u32 + bit;
                // An airport is not visited twice; start and goal are no places to change.
                if known == 2 && plan.graph.routes[routes[0] as usize].destination == node {
                    continue;
                }
                routes[known] = plan.graph.outbound_at(here, word, bit);
                routes[known + 1] = self.scratch.inbound[node as usize];
                self.finish(self.grow(stem, routes[known]), goal, routes, known + 2, sink);
            }
        }
    }

    /// A path of one route so far; `None` when none of its flights can be boarded.
    #[inline]
    fn stem(&self, start: u16, route: RouteId) -> Option<Stem> {
        let plan = self.plan;
        let fares = plan.first_fare(route);
        if fares >= NEVER {
            return None;
        }
        let origin = &plan.starts[start as usize];
        let departs =
            if plan.by_time { plan.first_departure(origin, route)? } else { origin.windows.first()?.0 };
        let duration = plan.graph.routes[route as usize].block.into();
        Some(Stem { start, departs, duration, fares, last: route })
    }

    #[inline]
    fn grow(&self, stem: Stem, route: RouteId) -> Stem {
        let plan = self.plan;
        let connection = plan.shortest_connection(stem.last, route);
        let block = u32::from(plan.graph.routes[route as usize].block);
        let duration = stem.duration + connection + block;
        Stem { duration, fares: stem.fares + plan.later_fare(route), last: route, ..stem }
    }

    #[inline]
    fn finish<S: Sink>(
        &mut self,
        stem: Stem,
        goal: u16,
        routes: [RouteId; LEGS_MAX],
        flights: usize,
        sink: &S,
    ) {
        self.push(self.grow(stem, routes[flights - 1]), goal, routes, flights, sink);
    }

    #[inline]
    fn push<S: Sink>(
        &mut self,
        stem: Stem,
        goal: u16,
        routes: [RouteId; LEGS_MAX],
        flights: usize,
        sink: &S,
    ) {
        let Stem { start, departs, duration, fares, .. } = stem;
        if duration > self.plan.max_duration || fares >= NEVER {
            return;
        }
        if let Some(rank) = sink.hope(departs, duration, fares, flights) {
            self.scratch.order.push((rank.0, self.scratch.paths.len() as u32));
            self.scratch.paths.push(Path { departs, duration, fares, routes, start, goal });
        }
    }
}

impl super::Plan<'_> {
    #[inline]
    fn may_change_at(&self, node: u32) -> bool {
        self.via[node as usize / 64] >> (node % 64) & 1 != 0
    }
}
