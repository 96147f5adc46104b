//! The search itself: depth first over departures, with one bound.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::airports::{Airport, Airports};
use crate::day::{Day, Flight, Route};
use crate::flight::{Minute, cheapest_class};
use crate::journey::{Journey, Leg, sort_key};
use crate::query::{Query, SortKey};
use crate::timetable::Timetable;

/// More connections than this are never looked for.
const MAX_STOPS: u8 = 2;

/// "There is no way": more minutes than any journey may take.
const NEVER: u32 = u32::MAX;

/// The best journeys, in order.
pub(crate) fn search(airports: &Airports, timetable: &Timetable, query: &Query<'_>) -> Vec<Journey> {
    let (Some(origin), Some(goal)) = (airports.find(query.origin), airports.find(query.destination)) else {
        return Vec::new();
    };
    let departs = query.departs.start.max(query.earliest_departure)..query.departs.end;
    if origin == goal || query.limit == 0 || departs.is_empty() {
        return Vec::new();
    }
    let most_flights = usize::from(query.max_stops.min(MAX_STOPS)) + 1;
    let days: Vec<&Day> = timetable.days(departs.start, departs.end.plus(query.rules.max_total)).collect();
    let mut search = Search {
        airports,
        query,
        goal,
        to_go: bounds(airports, &days, query, goal, most_flights),
        legs: Vec::new(),
        route: vec![origin],
        best: BTreeMap::new(),
        longest: query.rules.max_total.min(NEVER - 1),
    };
    // Fewer stops are usually quicker: finding them first lowers the bound before the deep search begins.
    for flights in 1..=most_flights {
        search.extend(&days, &departs, flights);
    }
    search.best.into_values().collect()
}

/// Lower bounds by number of flights and airport: `bounds[n][a]` is less than or equal to the minutes from
/// boarding at `a` to landing at the goal with exactly n flights, and [`NEVER`] where no routes lead there.
fn bounds(
    airports: &Airports,
    days: &[&Day],
    query: &Query<'_>,
    goal: Airport,
    flights: usize,
) -> Vec<Vec<u32>> {
    let connection = query.rules.min_domestic.min(query.rules.min_international);
    let mut bounds = vec![vec![NEVER; airports.count()]; flights];
    if let Some(landed) = bounds.first_mut().and_then(|zero| zero.get_mut(goal.index())) {
        *landed = 0;
    }
    for n in 1..flights {
        let (nearer, farther) = bounds.split_at_mut(n);
        let (Some(nearer), Some(farther)) = (nearer.last(), farther.first_mut()) else { break };
        let change = if n == 1 { 0 } else { connection };
        for via in airports.all() {
            let rest = nearer.get(via.index()).copied().unwrap_or(NEVER);
            if rest == NEVER {
                continue;
            }
            for route in days.iter().flat_map(|day| day.routes_into(via)).filter(|route| route.origin != goal)
            {
                if let Some(bound) = farther.get_mut(route.origin.index()) {
                    *bound = (*bound).min(rest.saturating_add(change).saturating_add(route.shortest));
                }
            }
        }
    }
    bounds
}

/// A search under way.
struct Search<'a> {
    airports: &'a Airports,
    query: &'a Query<'a>,
    goal: Airport,
    /// See [`bounds`].
    to_go: Vec<Vec<u32>>,
    /// The flights taken so far.
    legs: Vec<Leg>,
    /// The airports seen so far: the origin, then where each flight landed.
    route: Vec<Airport>,
    /// The best journeys found so far, at most the query's limit.
    best: BTreeMap<SortKey, Journey>,
    /// No journey that takes longer is wanted: the duration of the worst of `best` once that is full.
    longest: u32,
}

impl Search<'_> {
    /// Follows every way from here to the goal with exactly `flights` more flights, the next within `window`.
    fn extend(&mut self, days: &[&Day], window: &Range<Minute>, flights: usize) {
        let Some(here) = self.route.last().copied() else { return };
        for day in days.iter().filter(|day| day.departures.0 < window.end && window.start <= day.departures.1)
        {
            if flights == 1 {
                if let Some(route) = day.route(here, self.goal) {
                    self.board(days, day, route, window, 0);
                }
                continue;
            }
            for route in day.routes_from(here) {
                // An airport is not visited twice, and the goal only by the last flight.
                if route.destination != self.goal && !self.route.contains(&route.destination) {
                    self.board(days, day, route, window, flights - 1);
                }
            }
        }
    }

    /// Takes each useful flight of `route`, and follows it to the goal with `further` flights.
    fn board(&mut self, days: &[&Day], day: &Day, route: &Route, window: &Range<Minute>, further: usize) {
        let rest = self.rest(route.destination, further);
        let Some(window) = self.useful(window, route, rest) else { return };
        for flight in day.departures(route, &window) {
            let elapsed = flight.arrives.since(self.started().unwrap_or(flight.departs));
            if elapsed.saturating_add(rest) > self.longest {
                continue;
            }
            let Some(leg) = self.leg(day, route, flight) else { continue };
            self.legs.push(leg);
            if further == 0 {
                self.record(elapsed);
            } else {
                self.route.push(route.destination);
                let rules = &self.query.rules;
                let shortest = rules.min_domestic.min(rules.min_international);
                let next = flight.arrives.plus(shortest)..flight.arrives.plus(rules.max_layover).plus(1);
                self.extend(days, &next, further);
                self.route.pop();
            }
            self.legs.pop();
        }
    }

    /// The fewest minutes from landing at `airport` to landing at the goal with `further` flights more.
    fn rest(&self, airport: Airport, further: usize) -> u32 {
        let bound = self.to_go.get(further).and_then(|bounds| bounds.get(airport.index())).copied();
        let rules = &self.query.rules;
        let change = if further == 0 { 0 } else { rules.min_domestic.min(rules.min_international) };
        bound.unwrap_or(NEVER).saturating_add(change)
    }

    /// The part of `window` in which a departure on `route` is a legal connection and can still lead to a journey
    /// that is wanted.
    fn useful(&self, window: &Range<Minute>, route: &Route, rest: u32) -> Option<Range<Minute>> {
        let slack = self.longest.checked_sub(rest.saturating_add(route.shortest))?;
        let (Some(started), Some(last)) = (self.started(), self.legs.last()) else {
            return Some(window.clone());
        };
        let earliest = last.arrives.plus(self.minimum_connection(route));
        let useful = window.start.max(earliest)..window.end.min(started.plus(slack).plus(1));
        (!useful.is_empty()).then_some(useful)
    }

    /// The minutes needed to change from the flight taken last to one of `route`.
    fn minimum_connection(&self, route: &Route) -> u32 {
        let international = match self.route.as_slice() {
            [.., before, here] => {
                self.airports.crosses_border(*before, *here)
                    || self.airports.crosses_border(*here, route.destination)
            }
            _ => false,
        };
        let rules = &self.query.rules;
        if international { rules.min_international } else { rules.min_domestic }
    }

    /// When the first flight departed, if one is taken.
    fn started(&self) -> Option<Minute> {
        self.legs.first().map(|leg| leg.departs)
    }

    /// The flight as a leg in the class the party would be sold; `None` when it cannot be sold to them.
    fn leg(&self, day: &Day, route: &Route, flight: &Flight) -> Option<Leg> {
        if !flight.on_sale() {
            return None;
        }
        let classes = day.cabin(flight, self.query.cabin)?.load();
        let (class_rank, class) = cheapest_class(&classes, self.query.now, self.query.seats)?;
        let (origin, destination) = route.codes();
        Some(Leg {
            flight: flight.id,
            origin,
            destination,
            departs: flight.departs,
            arrives: flight.arrives,
            class_rank,
            fare: class.fare,
            seats_at_fare: class.seats,
            seats_in_cabin: classes[0].seats,
        })
    }

    /// Keeps the flights taken as a journey, if it is among the best so far.
    fn record(&mut self, duration: u32) {
        let mut fares = [0; MAX_STOPS as usize + 1];
        for (fare, leg) in fares.iter_mut().zip(&self.legs) {
            *fare = leg.fare;
        }
        let price = (self.query.price)(fares.get(..self.legs.len()).unwrap_or(&fares));
        let key = sort_key(&self.legs, duration, price);
        if self.query.after.is_some_and(|after| key <= after) {
            return;
        }
        self.best.insert(key, Journey::new(self.legs.clone(), duration, price));
        if self.best.len() > self.query.limit {
            self.best.pop_last();
        }
        if let (true, Some((worst, _))) = (self.best.len() == self.query.limit, self.best.last_key_value()) {
            self.longest = self.longest.min(worst.duration);
        }
    }
}
