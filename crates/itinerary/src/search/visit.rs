//! All journeys there are: for counting what each filter would leave.

use kernel::{AirlineCode, AirportCode};

use crate::airports::Airports;
use crate::flight::Minute;
use crate::query::{DURATION_MAX, LEGS_MAX, Query, Rank, Tariff};
use crate::timetable::Timetable;

use super::join::{Found, Sink};
use super::plan::{Frame, Plan};
use super::walk_levels;

/// A journey as far as filters look at it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When the first flight departs.
    pub departs: Minute,
    /// When the last one arrives.
    pub arrives: Minute,
    /// Where the journey starts and ends.
    pub ends: (AirportCode, AirportCode),
    /// What an adult pays, in millionths of a minor unit.
    pub price: u64,
    flights: usize,
    airlines: [Option<AirlineCode>; LEGS_MAX],
    via: [Option<AirportCode>; LEGS_MAX],
    connections: [u32; LEGS_MAX],
}

impl Seen {
    /// Minutes from first departure to last arrival.
    pub fn duration(&self) -> u32 {
        self.arrives.since(self.departs)
    }

    /// How many connections.
    pub fn stops(&self) -> usize {
        self.flights - 1
    }

    /// The airline of each flight; `None` where the id names none.
    pub fn airlines(&self) -> &[Option<AirlineCode>] {
        &self.airlines[..self.flights]
    }

    /// Where planes are changed, and for how many minutes.
    pub fn connections(&self) -> impl Iterator<Item = (AirportCode, u32)> {
        self.via.iter().zip(self.connections).filter_map(|(via, minutes)| Some(((*via)?, minutes)))
    }
}

/// Shows every journey that answers the query, in no order; `false` if the effort was spent before the end.
pub(crate) fn visit(
    airports: &Airports,
    timetable: &Timetable,
    query: &Query,
    show: &mut dyn FnMut(&Seen),
) -> bool {
    let Some(frame) = Frame::new(airports, timetable, query) else { return true };
    let plan = Plan::new(&frame, timetable, query);
    let max_price = query.filters.max_price.unwrap_or(u64::MAX);
    let mut sink = Everything { plan: &plan, tariff: query.tariff, max_price, show, any: false };
    walk_levels(&plan, query, &mut sink)
}

struct Everything<'a> {
    plan: &'a Plan<'a>,
    tariff: Tariff,
    max_price: u64,
    show: &'a mut dyn FnMut(&Seen),
    any: bool,
}

impl Everything<'_> {
    fn seen(&self, found: &Found) -> Option<Seen> {
        let (graph, timetable) = (self.plan.graph, self.plan.timetable);
        let code = |node: u32| graph.nodes[node as usize].code;
        let mut seen = Seen {
            departs: Minute(found.departs),
            arrives: Minute(found.departs + found.duration),
            ends: (code(0), code(0)),
            price: self.tariff.price(found.fares, found.flights),
            flights: found.flights,
            airlines: [None; LEGS_MAX],
            via: [None; LEGS_MAX],
            connections: [0; LEGS_MAX],
        };
        let mut landed = 0;
        for (leg, hop) in found.hops[..found.flights].iter().enumerate() {
            let (day, place) = (self.plan.days[usize::from(hop.slot)]?, hop.place as usize);
            let card = day.card(place);
            let (route, times) = (graph.routes[card.route as usize], card.times);
            seen.airlines[leg] = timetable.carriers[usize::from(times.carrier)];
            if leg == 0 {
                seen.ends.0 = code(route.origin);
            } else {
                (seen.via[leg - 1], seen.connections[leg - 1]) =
                    (Some(code(route.origin)), times.departs - landed);
            }
            (landed, seen.ends.1) = (times.arrives(), code(route.destination));
        }
        Some(seen)
    }
}

impl Sink for Everything<'_> {
    #[inline]
    fn hope(&self, _departs: u32, _duration: u32, fares: u32, flights: usize) -> Option<Rank> {
        (self.tariff.price(fares, flights) <= self.max_price).then_some(Rank(0, 0))
    }

    #[inline]
    fn longest(&self, _fares: u32, _flights: usize) -> u32 {
        DURATION_MAX
    }

    fn take(&mut self, found: &Found) {
        self.any = true;
        if let Some(seen) = self.seen(found) {
            (self.show)(&seen);
        }
    }

    fn found_any(&self) -> bool {
        self.any
    }
}
