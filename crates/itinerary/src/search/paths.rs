//! Paths: the routes that lead from a start to a goal with so many connections, and what they cost at least.

use crate::connections::ConnectionKind;
use crate::fares::NEVER;
use crate::graph::{NONE, Node, RouteId};
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

/// A path under construction: its first routes, and the bounds of what they take.
#[derive(Clone, Copy)]
struct Stem {
    start: u16,
    goal: u16,
    /// When its first flight leaves at the earliest.
    departs: u32,
    duration: u32,
    fares: u32,
    /// Where it ends, and whether it came there over a border.
    here: Node,
    crosses_border: bool,
}

/// The last route of a path, from an airport to the goal, with its bounds.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    route: RouteId,
    minutes: u32,
    crosses_border: bool,
    fare: u32,
}

impl Tail {
    const NONE: Self = Self { route: NONE, minutes: 0, crosses_border: false, fare: NEVER };
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

    /// Notes for each airport its route to the goal, or takes the notes away.
    fn mark_inbound(&mut self, goal: usize, set: bool) {
        let plan = self.plan;
        self.scratch.tails.resize(plan.graph.nodes.len(), Tail::NONE);
        for neighbor in plan.graph.into(plan.goals[goal].node) {
            let (minutes, crosses_border) = plan.graph.brief(neighbor.route);
            let fare = plan.later_fare(neighbor.route);
            let tail = Tail { route: neighbor.route, minutes, crosses_border, fare };
            self.scratch.tails[neighbor.node as usize] = if set { tail } else { Tail::NONE };
        }
    }

    fn nonstop<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let (from, to) = (self.plan.starts[start as usize].node, self.plan.goals[goal as usize].node);
        if let Some(route) = self.plan.graph.route(from, to)
            && let Some(stem) = self.stem(start, goal, route)
        {
            self.push(stem, stem.duration, stem.fares, &[route], sink);
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
                let tail = self.scratch.tails[word * 64 + bit as usize];
                if let Some(stem) = self.stem(start, goal, first) {
                    let kind = ConnectionKind::of(stem.crosses_border, tail.crosses_border);
                    let connection = plan.shortest_connection(stem.here, kind);
                    let duration = stem.duration + connection + tail.minutes;
                    self.push(stem, duration, stem.fares + tail.fare, &[first, tail.route], sink);
                }
            }
        }
    }

    fn two_stops<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        for first in plan.graph.from(plan.starts[start as usize].node) {
            if plan.may_change_at(first.node)
                && let Some(stem) = self.stem(start, goal, first.route)
            {
                self.last_two(stem, &[first.route], sink);
            }
        }
    }

    fn three_stops<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        for first in plan.graph.from(plan.starts[start as usize].node) {
            let stem = self.stem(start, goal, first.route).filter(|_| plan.may_change_at(first.node));
            let Some(stem) = stem else { continue };
            for second in plan.graph.from(first.node) {
                let listed = self.scratch.paths.len();
                if plan.may_change_at(second.node) {
                    self.last_two(
                        self.grow(stem, second.route, second.node),
                        &[first.route, second.route],
                        sink,
                    );
                }
                // There can be millions, so listing them is part of the effort.
                if self.spent(1 + (self.scratch.paths.len() - listed) as u64) {
                    return;
                }
            }
        }
    }

    /// Completes a stem by two more routes: a meet in the middle between where it ends and the goal.
    fn last_two<S: Sink>(&mut self, stem: Stem, known: &[RouteId], sink: &S) {
        let plan = self.plan;
        let goal = plan.goals[stem.goal as usize].node;
        let (out, into) = (plan.graph.destinations(stem.here), plan.graph.origins(goal));
        // An airport is not visited twice; start and goal are no places to change.
        let seen = if known.len() > 1 { plan.graph.routes[known[0] as usize].destination } else { NONE };
        for word in 0..plan.graph.words {
            let mut meeting = out[word] & into[word] & plan.via[word];
            while meeting != 0 {
                let bit = meeting.trailing_zeros();
                meeting &= meeting - 1;
                let node = (word * 64) as Node + bit;
                if node == seen {
                    continue;
                }
                let middle = plan.graph.outbound_at(stem.here, word, bit);
                let grown = self.grow(stem, middle, node);
                let tail = self.scratch.tails[node as usize];
                let kind = ConnectionKind::of(grown.crosses_border, tail.crosses_border);
                let connection = plan.shortest_connection(node, kind);
                let duration = grown.duration + connection + tail.minutes;
                let fares = grown.fares + tail.fare;
                if duration <= plan.max_duration && fares < NEVER {
                    match *known {
                        [first] => self.push(stem, duration, fares, &[first, middle, tail.route], sink),
                        [first, second] => {
                            self.push(stem, duration, fares, &[first, second, middle, tail.route], sink);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// A path of one route so far; `None` when none of its flights can be boarded.
    #[inline]
    fn stem(&self, start: u16, goal: u16, route: RouteId) -> Option<Stem> {
        let plan = self.plan;
        let fares = plan.first_fare(route);
        if fares >= NEVER {
            return None;
        }
        let origin = &plan.starts[start as usize];
        let departs =
            if plan.by_time { plan.first_departure(origin, route)? } else { origin.windows.first()?.0 };
        let (duration, crosses_border) = plan.graph.brief(route);
        let here = plan.graph.routes[route as usize].destination;
        Some(Stem { start, goal, departs, duration, fares, here, crosses_border })
    }

    /// The stem with one more route, which leads `here`.
    #[inline]
    fn grow(&self, stem: Stem, route: RouteId, here: Node) -> Stem {
        let plan = self.plan;
        let (minutes, crosses_border) = plan.graph.brief(route);
        let kind = ConnectionKind::of(stem.crosses_border, crosses_border);
        let duration = stem.duration + plan.shortest_connection(stem.here, kind) + minutes;
        Stem { duration, fares: stem.fares + plan.later_fare(route), here, crosses_border, ..stem }
    }

    /// Lists the path of these routes if a journey on it may be wanted.
    #[inline]
    fn push<S: Sink>(&mut self, stem: Stem, duration: u32, fares: u32, routes: &[RouteId], sink: &S) {
        if duration > self.plan.max_duration || fares >= NEVER {
            return;
        }
        if let Some(rank) = sink.hope(stem.departs, duration, fares, routes.len()) {
            let mut path = Path {
                departs: stem.departs,
                duration,
                fares,
                routes: [NONE; LEGS_MAX],
                start: stem.start,
                goal: stem.goal,
            };
            path.routes[..routes.len()].copy_from_slice(routes);
            self.scratch.order.push((rank.0, self.scratch.paths.len() as u32));
            self.scratch.paths.push(path);
        }
    }
}

impl super::Plan<'_> {
    #[inline]
    fn may_change_at(&self, node: Node) -> bool {
        self.via[node as usize / 64] >> (node % 64) & 1 != 0
    }
}
