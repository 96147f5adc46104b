//! The best journeys so far, and those that nothing beats.

use std::cmp::Ordering;

use kernel::FlightId;

use crate::journey::Hit;
use crate::query::{DURATION_MAX, LEGS_MAX, Order, Query, Rank, SortKey, Tariff};

use super::join::{Found, Sink};
use super::plan::Plan;

/// Collects the best journeys by rank and the whole Pareto set of (duration, price, stops).
pub(crate) struct Best<'p> {
    plan: &'p Plan<'p>,
    order: Order,
    tariff: Tariff,
    limit: usize,
    after: Option<SortKey>,
    max_price: u64,
    kept: Vec<Hit>,
    /// The best in order: first number of the rank, and place in `kept`.
    ranked: Vec<(u64, u32)>,
    /// Places in `kept` of those that nothing beats.
    pareto: Vec<u32>,
    /// Duration and price of those that no journey found so far beats in both, shortest first. Journeys are found with
    /// few connections first, so whatever is beaten by one of these is beaten in stops as well.
    staircase: Vec<(u32, u64)>,
    /// The rank of the last of the best once they are as many as wanted.
    worst: Rank,
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
            worst: Rank(u64::MAX, u64::MAX),
            any: false,
        }
    }

    /// Whether a journey found before is as short and as cheap.
    #[inline]
    fn beaten(&self, duration: u32, price: u64) -> bool {
        self.staircase.iter().take_while(|step| step.0 <= duration).any(|step| step.1 <= price)
    }

    fn enter_best(&mut self, place: u32) {
        let kept = self.kept[place as usize];
        let at = self.ranked.partition_point(|(first, other)| {
            let tie = || {
                let other = &self.kept[*other as usize];
                other.rank.cmp(&kept.rank).then_with(|| self.by_flights(&other.found, &kept.found))
            };
            first.cmp(&kept.rank.0).then_with(tie) == Ordering::Less
        });
        if at < self.limit {
            self.ranked.insert(at, (kept.rank.0, place));
            self.ranked.truncate(self.limit);
            if let Some((_, last)) = self.ranked.last().filter(|_| self.ranked.len() == self.limit) {
                self.worst = self.kept[*last as usize].rank;
            }
        }
    }

    fn enter_pareto(&mut self, place: u32) {
        let Hit { found, price, .. } = self.kept[place as usize];
        let beats = |other: &Hit| {
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
            Some(self.plan.days[usize::from(hop.slot)]?.card(hop.place as usize).id)
        })
    }

    /// The best and the undominated, each in order.
    pub(crate) fn into_hits(self) -> (Vec<Hit>, Vec<Hit>) {
        let hit = |place: &u32| self.kept[*place as usize];
        let best = self.ranked.iter().map(|(_, place)| hit(place)).collect();
        let mut pareto: Vec<Hit> = self.pareto.iter().map(hit).collect();
        pareto.sort_by(|a, b| a.rank.cmp(&b.rank).then_with(|| self.by_flights(&a.found, &b.found)));
        (best, pareto)
    }
}

impl Sink for Best<'_> {
    #[inline]
    fn hope(&self, departs: u32, duration: u32, fares: u32, flights: usize) -> Option<Rank> {
        let price = self.tariff.price(fares, flights);
        let rank = self.order.rank(departs, duration, price, flights);
        if price > self.max_price {
            return None;
        }
        (rank <= self.worst || !self.beaten(duration, price)).then_some(rank)
    }

    #[inline]
    fn longest(&self, fares: u32, flights: usize) -> u32 {
        let price = self.tariff.price(fares, flights);
        let as_cheap = self.staircase.iter().find(|step| step.1 <= price);
        let Some((unbeaten_below, _)) = as_cheap else { return DURATION_MAX };
        let among_best = match self.order {
            Order::Duration => (self.worst.0 >> 51) as u32,
            Order::Price if price > self.worst.0 >> 13 => 0,
            _ => DURATION_MAX,
        };
        among_best.max(unbeaten_below.saturating_sub(1))
    }

    fn take(&mut self, found: &Found) {
        self.any = true;
        let price = self.tariff.price(found.fares, found.flights);
        let rank = self.order.rank(found.departs, found.duration, price, found.flights);
        let place = self.kept.len() as u32;
        self.kept.push(Hit { found: *found, price, rank });
        if !self.beaten(found.duration, price) {
            self.enter_pareto(place);
        }
        let is_before = |after: SortKey| SortKey { rank, flights: self.flights(found) } <= after;
        if rank <= self.worst && !self.after.is_some_and(is_before) {
            self.enter_best(place);
        }
    }

    fn found_any(&self) -> bool {
        self.any
    }
}
