//! Paths: the routes that lead from a start to a goal with so many connections, and what they cost at least.

use crate::connections::ConnectionKind;
use crate::fares::NEVER;
use crate::graph::{NONE, Neighbor, Node, RouteId};
use crate::query::LEGS_MAX;

use super::join::{Scratch, Sink, Walk};

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
    /// Where it ends, and the minutes with the shortest connection there, to a flight that crosses no border and to one
    /// that does.
    here: Node,
    onward: [u32; 2],
}

/// The end of a path: the bounds of a connection at an airport and of the last route, from there to the goal.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    fare: u32,
    /// By whether the flight before crosses a border.
    minutes: [u16; 2],
}

impl Tail {
    const NONE: Self = Self { fare: NEVER, minutes: [0; 2] };
}

impl Walk<'_, '_> {
    /// Lists the paths with this many connections that may hold an answer, and sorts them by the bound of their rank.
    pub(super) fn list_paths<S: Sink>(&mut self, stops: u8, sink: &S) {
        self.scratch.paths.clear();
        self.scratch.order.clear();
        for goal in 0..self.plan.goals.len() {
            if stops > 0 {
                self.mark(self.plan.goals[goal].node);
            }
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
        }
    }

    /// Notes for each airport its route to the goal.
    pub(super) fn mark(&mut self, goal: Node) {
        if self.scratch.marked == Some(goal) {
            return;
        }
        self.unmark();
        let plan = self.plan;
        self.scratch.marked = Some(goal);
        self.scratch.tails.resize(plan.graph.nodes.len(), Tail::NONE);
        self.scratch.tail_routes.resize(plan.graph.nodes.len(), NONE);
        for Neighbor { node, route, brief } in plan.graph.into(goal) {
            let after = |crossed: bool| {
                let kind = ConnectionKind::of(crossed, brief.crosses_border());
                let minutes = plan.shortest_connection(*node, kind) + brief.minutes();
                u16::try_from(minutes).unwrap_or(u16::MAX)
            };
            let tail = Tail { fare: plan.later_fare(*route), minutes: [after(false), after(true)] };
            self.scratch.tails[*node as usize] = tail;
            self.scratch.tail_routes[*node as usize] = *route;
        }
        self.scratch.meeting.clear();
        let meeting = plan.graph.origins(goal).iter().zip(&plan.via).map(|(into, via)| into & via);
        self.scratch.meeting.extend((0..).zip(meeting).filter(|(_, bits)| *bits != 0));
    }

    /// Takes the notes away.
    pub(super) fn unmark(&mut self) {
        if let Some(goal) = self.scratch.marked.take() {
            for neighbor in self.plan.graph.into(goal) {
                self.scratch.tails[neighbor.node as usize] = Tail::NONE;
                self.scratch.tail_routes[neighbor.node as usize] = NONE;
            }
        }
    }

    fn nonstop<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let (from, to) = (self.plan.starts[start as usize].node, self.plan.goals[goal as usize].node);
        if let Some(only) = self.plan.graph.route(from, to)
            && let Some(stem) = self.stem(start, goal, only)
        {
            self.push(stem, stem.duration, stem.fares, &[only.route], sink);
        }
    }

    fn one_stop<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        let from = plan.starts[start as usize].node;
        let routes = plan.graph.from(from);
        for at in 0..self.scratch.meeting.len() {
            let (word, into) = self.scratch.meeting[at];
            let out = plan.graph.destinations(from)[word];
            let mut meeting = out.bits & into;
            while meeting != 0 {
                let bit = meeting.trailing_zeros();
                meeting &= meeting - 1;
                let first = routes[out.place(bit)];
                let tail = self.scratch.tails[first.node as usize];
                if let Some(stem) = self.stem(start, goal, first) {
                    let minutes = tail.minutes[usize::from(first.brief.crosses_border())];
                    let last = self.scratch.tail_routes[first.node as usize];
                    let (duration, fares) = (stem.duration + u32::from(minutes), stem.fares + tail.fare);
                    self.push(stem, duration, fares, &[first.route, last], sink);
                }
            }
        }
    }

    fn two_stops<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        let firsts = plan.graph.from(plan.starts[start as usize].node);
        for (n, first) in firsts.iter().enumerate() {
            self.prefetch_middle(&firsts[n..]);
            if plan.may_change_at(first.node)
                && let Some(stem) = self.stem(start, goal, *first)
            {
                self.last_two(stem, &[first.route], sink);
            }
        }
    }

    /// Begins to fetch what [`Self::last_two`] will read behind the first routes that follow.
    #[inline]
    fn prefetch_middle(&self, firsts: &[Neighbor]) {
        const REACH: usize = 6;
        const BOUNDS: usize = 3;
        let plan = self.plan;
        if let (Some(first), Some((word, _))) = (firsts.get(REACH), self.scratch.meeting.first()) {
            plan.graph.prefetch(first.node, *word);
        }
        if let Some(first) = firsts.get(BOUNDS)
            && let Some(middle) = plan.graph.from(first.node).first()
        {
            plan.prefetch_later_fare(middle.route);
        }
    }

    fn three_stops<S: Sink>(&mut self, start: u16, goal: u16, sink: &S) {
        let plan = self.plan;
        for first in plan.graph.from(plan.starts[start as usize].node) {
            let stem = self.stem(start, goal, *first).filter(|_| plan.may_change_at(first.node));
            let Some(stem) = stem else { continue };
            for second in plan.graph.from(first.node) {
                let listed = self.scratch.paths.len();
                if plan.may_change_at(second.node) {
                    self.last_two(self.grow(stem, *second), &[first.route, second.route], sink);
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
        let (out, routes) = (plan.graph.destinations(stem.here), plan.graph.from(stem.here));
        // An airport is not visited twice; start and goal are no places to change.
        let seen = if known.len() > 1 { plan.graph.routes[known[0] as usize].destination } else { NONE };
        for at in 0..self.scratch.meeting.len() {
            let (word, into) = self.scratch.meeting[at];
            let out = out[word];
            let mut meeting = out.bits & into;
            while meeting != 0 {
                let bit = meeting.trailing_zeros();
                meeting &= meeting - 1;
                let Neighbor { node, route, brief } = routes[out.place(bit)];
                let tail = self.scratch.tails[node as usize];
                let crosses = usize::from(brief.crosses_border());
                let duration = stem.onward[crosses] + brief.minutes() + u32::from(tail.minutes[crosses]);
                let fares = stem.fares + plan.later_fare(route) + tail.fare;
                if duration <= plan.max_duration && fares < NEVER && node != seen {
                    let last = self.scratch.tail_routes[node as usize];
                    match *known {
                        [first] => self.push(stem, duration, fares, &[first, route, last], sink),
                        [first, second] => {
                            self.push(stem, duration, fares, &[first, second, route, last], sink);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// A path of one route so far; `None` when none of its flights can be boarded.
    #[inline]
    fn stem(&self, start: u16, goal: u16, first: Neighbor) -> Option<Stem> {
        let plan = self.plan;
        let fares = plan.first_fare(first.route);
        if fares >= NEVER {
            return None;
        }
        let origin = &plan.starts[start as usize];
        let departs =
            if plan.by_time { plan.first_departure(origin, first.route)? } else { origin.windows.first()?.0 };
        let duration = first.brief.minutes();
        let onward = self.plan.onward(duration, first);
        Some(Stem { start, goal, departs, duration, fares, here: first.node, onward })
    }

    /// The stem with one more route.
    #[inline]
    fn grow(&self, stem: Stem, next: Neighbor) -> Stem {
        let duration = stem.onward[usize::from(next.brief.crosses_border())] + next.brief.minutes();
        let onward = self.plan.onward(duration, next);
        let fares = stem.fares + self.plan.later_fare(next.route);
        Stem { duration, fares, here: next.node, onward, ..stem }
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

impl Scratch {
    /// The last route from an airport to the goal that is marked, and the minutes from landing there on.
    pub(super) fn tail_to(&self, node: Node) -> Option<(RouteId, [u16; 2])> {
        let route = self.tail_routes.get(node as usize).copied().filter(|route| *route != NONE)?;
        Some((route, self.tails[node as usize].minutes))
    }
}

impl super::Plan<'_> {
    /// When the flight behind a route leaves at the earliest, after so many minutes: one that crosses no border and one
    /// that does.
    #[inline]
    pub(super) fn onward(&self, duration: u32, route: Neighbor) -> [u32; 2] {
        let crossed = route.brief.crosses_border();
        let kind = |crosses| ConnectionKind::of(crossed, crosses);
        [false, true].map(|crosses| duration + self.shortest_connection(route.node, kind(crosses)))
    }

    #[inline]
    pub(super) fn may_change_at(&self, node: Node) -> bool {
        self.via[node as usize / 64] >> (node % 64) & 1 != 0
    }
}
