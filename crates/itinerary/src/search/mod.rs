//! The search itself: paths of routes first, then the flights on them.
//!
//! Level by level (nonstop, one stop, two), all paths from an origin to a destination are listed by a meet in the middle:
//! the airports reached from the origin's neighbours and those that lead to the destination are rows of bits, and their
//! intersection are the places to change. Each path has a lower bound of its duration and of its fares. Paths are tried in
//! order of the bound of what the traveller sorts by, and one that can neither enter the best list nor be undominated is
//! skipped; so the answer is exact. What is left is joined in time, flight by flight, with the same test before each
//! further leg. docs/search.md has the picture and the proof.

#![expect(
    clippy::cast_possible_truncation,
    reason = "places in a day, slots of days and paths of a query are kept in as few bits as they need"
)]

mod best;
mod calendar;
mod departures;
mod join;
mod paths;
mod plan;
mod profile;
mod visit;

pub(crate) use best::Best;
pub(crate) use calendar::calendar;
pub(crate) use join::{Found, Hop, Sink, Walk};
pub(crate) use plan::Plan;
pub use profile::Profiled;
pub(crate) use profile::profile;
pub use visit::Seen;
pub(crate) use visit::visit;

use std::sync::Arc;

use crate::airports::Airports;
use crate::journey::Answer;
use crate::query::{Query, STOPS_MAX};
use crate::timetable::Timetable;

/// Connections that are always looked for, when asked for.
const USUAL_STOPS: u8 = STOPS_MAX - 1;

/// The best journeys, in order, and those that nothing beats.
pub(crate) fn search(airports: &Airports, timetable: &Timetable, query: &Query) -> Answer {
    let Some(frame) = plan::Frame::new(airports, timetable, query) else {
        return Answer::nothing(timetable);
    };
    let plan = Plan::new(&frame, timetable, query);
    let mut best = Best::new(&plan, query);
    let complete = walk_levels(&plan, query, &mut best);
    let (best, pareto) = best.into_hits();
    let days = timetable.days.shared(plan.first_day, plan.days.len());
    Answer { graph: Arc::clone(&timetable.graph), days, best, pareto, complete }
}

/// Hands every journey that may be among the answers to the sink; `false` if the effort was spent before the end.
pub(crate) fn walk_levels<S: Sink>(plan: &Plan<'_>, query: &Query, sink: &mut S) -> bool {
    join::with_scratch(|scratch| {
        let mut walk = Walk::new(plan, scratch, query.effort);
        for stops in 0..=query.max_stops.min(USUAL_STOPS) {
            walk.level(stops, sink);
        }
        // Three connections only where nothing with fewer exists.
        if query.max_stops > USUAL_STOPS && !sink.found_any() {
            walk.level(STOPS_MAX, sink);
        }
        walk.finish()
    })
}
