//! All days of flights at one moment. Never changed: a changed copy shares the days that stayed the same.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use kernel::FlightId;

use crate::airports::Airports;
use crate::day::{Day, Flight, Placed, Route};
use crate::flight::Minute;

/// The days that have flights, by their number since the Unix epoch.
#[derive(Default)]
pub(crate) struct Timetable {
    days: BTreeMap<u32, Arc<Day>>,
}

impl Timetable {
    /// The timetable without the flights `gone` and with the flights `come`. A flight that moved is in both.
    pub(crate) fn changed(&self, gone: &HashSet<FlightId>, come: Vec<Placed>, airports: &Airports) -> Self {
        let mut affected: BTreeMap<u32, Vec<Placed>> = BTreeMap::new();
        for id in gone {
            if let Some((day, _, _)) = self.find(*id) {
                affected.entry(day.departures.0.day()).or_default();
            }
        }
        for flight in come {
            affected.entry(flight.state.departs.day()).or_default().push(flight);
        }
        let mut days = self.days.clone();
        for (number, mut flights) in affected {
            if let Some(day) = days.remove(&number) {
                flights.extend(day.placed().filter(|flight| !gone.contains(&flight.state.id)));
            }
            if let Some(day) = Day::new(flights, airports) {
                days.insert(number, Arc::new(day));
            }
        }
        Self { days }
    }

    /// The days from that of the first instant to that of the last.
    pub(crate) fn days(&self, first: Minute, last: Minute) -> impl Iterator<Item = &Day> {
        // A map panics on a range that ends before it starts.
        let numbers = first.day()..=last.day().max(first.day());
        self.days.range(numbers).map(|(_, day)| day.as_ref())
    }

    /// The flight of that id, with its day and route.
    pub(crate) fn find(&self, id: FlightId) -> Option<(&Day, &Flight, &Route)> {
        self.days.values().filter(|day| day.may_have(id)).find_map(|day| {
            let (flight, route) = day.find(id)?;
            Some((day.as_ref(), flight, route))
        })
    }

    pub(crate) fn flight_count(&self) -> usize {
        self.days.values().map(|day| day.flight_count()).sum()
    }

    /// The first and the last departure.
    pub(crate) fn span(&self) -> Option<(Minute, Minute)> {
        let (first, last) = (self.days.values().next()?, self.days.values().next_back()?);
        Some((first.departures.0, last.departures.1))
    }
}
