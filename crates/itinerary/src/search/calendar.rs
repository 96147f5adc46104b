//! The cheapest journey of each of many days.

use crate::airports::Airports;
use crate::query::{DURATION_MAX, Order, Origin, Query, Rank, Tariff};
use crate::timetable::Timetable;

use super::join::{Found, Sink};
use super::plan::{Frame, Plan};
use super::walk_levels;

/// For each day the lowest price of a journey that starts at one of its origins, and whether everything was seen.
pub(crate) fn calendar(
    airports: &Airports,
    timetable: &Timetable,
    query: &Query,
    days: &[Vec<Origin>],
) -> (Vec<Option<u64>>, bool) {
    let mut complete = true;
    // The effort is for all days together: a calendar is one question.
    let effort = query.effort / days.len().max(1) as u64;
    let mut query = Query { order: Order::Price, effort, ..query.clone() };
    let mut cheapest = |origins: &Vec<Origin>| {
        query.origins.clone_from(origins);
        let frame = Frame::new(airports, timetable, &query)?;
        let plan = Plan::new(&frame, timetable, &query);
        let mut sink = Cheapest::new(&query);
        complete &= walk_levels(&plan, &query, &mut sink);
        sink.price
    };
    let prices = days.iter().map(&mut cheapest).collect();
    (prices, complete)
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
