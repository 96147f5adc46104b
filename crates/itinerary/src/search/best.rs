//! The best journeys so far, and those that nothing beats.

use std::cmp::Ordering;

use kernel::{Cabin, FlightId};

use crate::flight::Minute;
use crate::journey::{Answer, Journey, Leg};
use crate::query::{LEGS_MAX, Order, Query, Rank, SortKey, Tariff};

use super::join::{Found, Hop, Sink};
use super::plan::Plan;

/// A journey that was wanted when it was found.
#[derive(Clone, Copy)]
struct Kept {
    found: Found,
    price: u64,
    rank: Rank,
}

/// Collects the best journeys by rank and the whole Pareto set of (duration, price, stops).
pub(crate) struct Best<'p> {
    plan: &'p Plan<'p>,
    order: Order,
    tariff: Tariff,
    limit: usize,
    after: Option<SortKey>,
    max_price: u64,
    kept: Vec<Kept>,
    /// Places in `kept` of the best, in order.
    ranked: Vec<(Rank, u32)>,
    /// Places in `kept` of those that nothing beats.
    pareto: Vec<u32>,
    /// Duration and price of those that no journey found so far beats in both, shortest first. Journeys are found with
    /// few connections first, so whatever is beaten by one of these is beaten in stops as well.
    staircase: Vec<(u32, u64)>,
    any: bool,
}

impl<'p> Best<'p> {
    pub(crate) fn new(plan: &'p Plan<'p>, query: &Query) -> Self {
        Self {
            plan,
            order: query.order,
            tariff: query.tariff,
            limit: query.limit,
            after: query.after,
            max_price: query.filters.max_price.unwrap_or(u64::MAX),
            kept: Vec::new(),
            ranked: Vec::new(),
            pareto: Vec::new(),
            staircase: Vec::new(),
            any: false,
        }
    }

    /// Whether a journey of this rank, or a higher one, is not among the best.
    #[inline]
    fn too_late(&self, rank: Rank) -> bool {
        match self.ranked.last() {
            Some((worst, _)) => self.ranked.len() >= self.limit && rank > *worst,
            None => self.limit == 0,
        }
    }

    /// Whether a journey found before is as short and as cheap.
    #[inline]
    fn beaten(&self, duration: u32, price: u64) -> bool {
        self.staircase.iter().take_while(|step| step.0 <= duration).any(|step| step.1 <= price)
    }

    fn enter_best(&mut self, place: u32) {
        let kept = self.kept[place as usize];
        let at = self.ranked.partition_point(|(rank, other)| {
            let order = rank.cmp(&kept.rank);
            order.then_with(|| self.by_flights(&self.kept[*other as usize].found, &kept.found))
                == Ordering::Less
        });
        if at < self.limit {
            self.ranked.insert(at, (kept.rank, place));
            self.ranked.truncate(self.limit);
        }
    }

    fn enter_pareto(&mut self, place: u32) {
        let Kept { found, price, .. } = self.kept[place as usize];
        let beats = |other: &Kept| {
            other.found.flights == found.flights
                && found.duration <= other.found.duration
                && price <= other.price
        };
        self.pareto.retain(|other| !beats(&self.kept[*other as usize]));
        self.pareto.push(place);
        self.staircase.retain(|step| !(found.duration <= step.0 && price <= step.1));
        let at = self.staircase.partition_point(|step| step.0 < found.duration);
        self.staircase.insert(at, (found.duration, price));
    }

    fn by_flights(&self, a: &Found, b: &Found) -> Ordering {
        self.flights(a).cmp(&self.flights(b))
    }

    fn flights(&self, found: &Found) -> [Option<FlightId>; LEGS_MAX] {
        std::array::from_fn(|leg| {
            let hop = found.hops.get(leg).filter(|_| leg < found.flights)?;
            Some(self.plan.days[usize::from(hop.slot)]?.ids[hop.place as usize])
        })
    }

    /// The answer in full.
    pub(crate) fn answer(&self, complete: bool) -> Answer {
        let journey = |place: u32| self.journey(&self.kept[place as usize]);
        let mut pareto: Vec<Journey> = self.pareto.iter().map(|place| journey(*place)).collect();
        pareto.sort_by_key(Journey::key);
        Answer { journeys: self.ranked.iter().map(|(_, place)| journey(*place)).collect(), pareto, complete }
    }

    fn journey(&self, kept: &Kept) -> Journey {
        let hops = &kept.found.hops[..kept.found.flights];
        Journey {
            legs: hops.iter().filter_map(|hop| self.leg(*hop)).collect(),
            duration: kept.found.duration,
            price: kept.price,
            rank: kept.rank,
        }
    }

    fn leg(&self, hop: Hop) -> Option<Leg> {
        let (graph, day) = (self.plan.graph, self.plan.days[usize::from(hop.slot)]?);
        let (place, cabin) = (hop.place as usize, usize::from(hop.cabin));
        let route = graph.routes[day.route(place) as usize];
        let ledger = day.ledger(place, cabin)?;
        let code = |node: u32| graph.nodes[node as usize].code;
        Some(Leg {
            flight: day.ids[place],
            origin: code(route.origin),
            destination: code(route.destination),
            departs: Minute(day.times[place].departs),
            arrives: Minute(day.times[place].arrives()),
            cabin: Cabin::from_index(cabin)?,
            class_rank: hop.class_rank,
            fare: hop.fare,
            seats_at_fare: ledger.seats_seen(hop.class_rank, hop.seats),
            seats_in_cabin: ledger.seats(1),
        })
    }
}

impl Sink for Best<'_> {
    #[inline]
    fn hope(&self, departs: u32, duration: u32, fares: u32, flights: usize) -> Option<Rank> {
        let price = self.tariff.price(fares, flights);
        let rank = self.order.rank(departs, duration, price, flights);
        let hopeless = price > self.max_price || self.too_late(rank) && self.beaten(duration, price);
        if hopeless { None } else { Some(rank) }
    }

    fn take(&mut self, found: &Found) {
        self.any = true;
        let price = self.tariff.price(found.fares, found.flights);
        let rank = self.order.rank(found.departs, found.duration, price, found.flights);
        let place = self.kept.len() as u32;
        self.kept.push(Kept { found: *found, price, rank });
        if !self.beaten(found.duration, price) {
            self.enter_pareto(place);
        }
        let is_before = |after: SortKey| SortKey { rank, flights: self.flights(found) } <= after;
        if !self.too_late(rank) && !self.after.is_some_and(is_before) {
            self.enter_best(place);
        }
    }

    fn found_any(&self) -> bool {
        self.any
    }
}
