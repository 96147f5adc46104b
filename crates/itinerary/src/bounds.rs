//! Lower bounds of fares over several days: what no flight of a route undercuts on a day and those after it.
//!
//! A search may skip a path when the bounds of its routes say that nothing on it can be among the answers, so a bound
//! must never lie above a fare that a search could read. The writer keeps that order: before a fare falls the bound
//! falls, and after a fare rises the bound rises. A search that reads a bound too early sees one that is too low, and
//! looks in vain. When flights go or move, the bounds rise only after the last search on the timetable before has ended.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::day::{BoundKeeper, CABINS, Day};
use crate::fares::NEVER;
use crate::graph::{RouteId, count};
use crate::timetable::DayList;

/// Days that the first flight of a journey may depart on when the traveller names one: a local day lies on two UTC days.
pub(crate) const NEAR: usize = 2;
/// Days that its later flights may depart on.
pub(crate) const FAR: usize = 4;
/// Room for routes that are not known yet, so that a new one does not mean new bounds.
const SPARE_ROUTES: usize = 256;
const SPARE_DAYS: usize = 8;

/// The bounds of all cabins, shared by the timetables that have the same first day.
pub(crate) struct Bounds {
    /// The first day with bounds: [`FAR`] - 1 before the first day with flights.
    pub(crate) first_day: u32,
    pub(crate) days: usize,
    routes: usize,
    cabins: [Option<CabinBounds>; CABINS],
}

/// The bounds of a cabin.
struct CabinBounds {
    /// For each day the bounds of all routes.
    near: Vec<AtomicU32>,
    far: Vec<AtomicU32>,
    /// For each route the lowest fare of each single day: what a calendar reads in a row.
    daily: Vec<AtomicU32>,
}

impl Bounds {
    /// The bounds of these days, with some room to grow.
    pub(crate) fn new(days: &DayList, routes: usize) -> Self {
        let first_day = days.first.saturating_sub(count(FAR) - 1);
        let (span, routes) = ((days.end() - first_day) as usize + SPARE_DAYS, routes + SPARE_ROUTES);
        let empty = || (0..span * routes).map(|_| AtomicU32::new(NEVER)).collect();
        let bounds = Self {
            first_day,
            days: span,
            routes,
            cabins: std::array::from_fn(|cabin| {
                days.iter().any(|day| day.cabins[cabin].is_some()).then(|| CabinBounds {
                    near: empty(),
                    far: empty(),
                    daily: empty(),
                })
            }),
        };
        for day in first_day..days.end() {
            bounds.set_start(days, day);
        }
        bounds
    }

    /// Whether a timetable of these days and routes can use these bounds.
    pub(crate) fn fit(&self, days: &DayList, routes: usize) -> bool {
        let cabins_fit = (0..CABINS)
            .all(|cabin| self.cabins[cabin].is_some() || days.iter().all(|day| day.cabins[cabin].is_none()));
        cabins_fit
            && routes <= self.routes
            && self.first_day + count(FAR) - 1 <= days.first
            && days.end() <= self.first_day + count(self.days)
    }

    /// The bounds of all routes for windows that start on `day`; `None` outside.
    pub(crate) fn of_day(&self, cabin: usize, day: u32, far: bool) -> Option<&[AtomicU32]> {
        let cabin = self.cabins[cabin].as_ref()?;
        let at = day.checked_sub(self.first_day).filter(|at| (*at as usize) < self.days)? as usize;
        let bounds = if far { &cabin.far } else { &cabin.near };
        Some(&bounds[at * self.routes..(at + 1) * self.routes])
    }

    /// The lowest fares of a route on single days from [`Self::first_day`] on; empty for one that has no bounds.
    pub(crate) fn daily(&self, cabin: usize, route: RouteId) -> &[AtomicU32] {
        let first = route as usize * self.days;
        self.cabins[cabin].as_ref().and_then(|cabin| cabin.daily.get(first..first + self.days)).unwrap_or(&[])
    }

    /// Lowers bounds to what these days will hold: to be called before they can be searched.
    pub(crate) fn make_room(&self, number: u32, day: &Day) {
        for (index, cabin) in day.cabins.iter().enumerate() {
            if cabin.is_none() {
                continue;
            }
            for route in 0..count(self.routes) {
                let fare = day.lowest(index, route);
                if fare != NEVER {
                    self.lower(index, number, route, fare);
                }
            }
        }
    }

    /// Sets the bounds of all windows that a changed day is in to what they are.
    pub(crate) fn settle(&self, days: &DayList, number: u32) {
        for start in number.saturating_sub(count(FAR) - 1)..=number {
            self.set_start(days, start);
        }
    }

    fn lower(&self, cabin: usize, number: u32, route: RouteId, fare: u32) {
        if let Some(held) = self.on_day(cabin, number, route)
            && fare < held.load(Relaxed)
        {
            held.store(fare, Relaxed);
        }
        for start in number.saturating_sub(count(FAR) - 1)..=number {
            self.each(cabin, start, route, |held, far| {
                if (far || number - start < count(NEAR)) && fare < held.load(Relaxed) {
                    held.store(fare, Relaxed);
                }
            });
        }
    }

    fn set_start(&self, days: &DayList, start: u32) {
        for cabin in 0..CABINS {
            for route in 0..count(self.routes) {
                self.set(days, cabin, start, route);
            }
        }
    }

    fn set(&self, days: &DayList, cabin: usize, start: u32, route: RouteId) {
        let fare = |day: u32| days.get(day).map_or(NEVER, |day| day.lowest(cabin, route));
        if let Some(held) = self.on_day(cabin, start, route)
            && held.load(Relaxed) != fare(start)
        {
            held.store(fare(start), Relaxed);
        }
        let near = (start..start + count(NEAR)).map(fare).min().unwrap_or(NEVER);
        let far = (start + count(NEAR)..start + count(FAR)).map(fare).fold(near, u32::min);
        self.each(cabin, start, route, |held, is_far| {
            let bound = if is_far { far } else { near };
            if held.load(Relaxed) != bound {
                held.store(bound, Relaxed);
            }
        });
    }

    /// The word of a route and a single day.
    fn on_day(&self, cabin: usize, number: u32, route: RouteId) -> Option<&AtomicU32> {
        self.daily(cabin, route).get(number.checked_sub(self.first_day)? as usize)
    }

    /// Whether one of the two bounds is this fare.
    fn is(&self, cabin: usize, start: u32, route: RouteId, fare: u32) -> bool {
        let found = Cell::new(false);
        self.each(cabin, start, route, |held, _| found.set(found.get() | (held.load(Relaxed) == fare)));
        found.get()
    }

    /// Hands out the two words of a route and a start day, each with whether it is the far one.
    fn each(&self, cabin: usize, start: u32, route: RouteId, with: impl Fn(&AtomicU32, bool)) {
        let (Some(cabin), Some(day)) = (&self.cabins[cabin], start.checked_sub(self.first_day)) else {
            return;
        };
        let (day, route) = (day as usize, route as usize);
        if day < self.days && route < self.routes {
            let at = day * self.routes + route;
            with(&cabin.near[at], false);
            with(&cabin.far[at], true);
        }
    }
}

/// The bounds as seen from one day whose fares change in place.
pub(crate) struct DayKeeper<'a> {
    pub(crate) bounds: &'a Bounds,
    pub(crate) days: &'a DayList,
    pub(crate) number: u32,
}

impl BoundKeeper for DayKeeper<'_> {
    fn lower(&self, cabin: usize, route: RouteId, fare: u32) {
        self.bounds.lower(cabin, self.number, route, fare);
    }

    fn raise(&self, cabin: usize, route: RouteId, was: u32) {
        for start in self.number.saturating_sub(count(FAR) - 1)..=self.number {
            // A bound that another day keeps lower stays; that of the day alone is this day's.
            if start == self.number || self.bounds.is(cabin, start, route, was) {
                self.bounds.set(self.days, cabin, start, route);
            }
        }
    }
}
