//! An answer: flights that connect, with the class each is sold in.

use std::sync::Arc;

use kernel::{AirportCode, Cabin, FlightId};

use crate::day::Day;
use crate::flight::Minute;
use crate::graph::Graph;
use crate::query::{Rank, SortKey};
use crate::search::{Found, Hop};
use crate::timetable::Timetable;

/// One flight of a journey, and the class the party would travel in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which flight.
    pub flight: FlightId,
    /// Where it departs from.
    pub origin: AirportCode,
    /// Where it lands.
    pub destination: AirportCode,
    /// When it departs.
    pub departs: Minute,
    /// When it arrives.
    pub arrives: Minute,
    /// The cabin: the one asked for, or a lower one if cabins may be mixed.
    pub cabin: Cabin,
    /// The rank of the class in the cabin, 1 to 4.
    pub class_rank: u8,
    /// The filed fare of the class for one adult.
    pub fare: u32,
    /// How many seats the class can still sell.
    pub seats_at_fare: u16,
    /// How many seats the cabin can still sell: those of class 1, whose limit is the whole cabin.
    pub seats_in_cabin: u16,
}

/// One to four flights that take the party from origin to destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    pub(crate) legs: Vec<Leg>,
    /// Minutes from first departure to last arrival.
    pub duration: u32,
    /// What an adult pays, in millionths of a minor unit, by the query's tariff.
    pub price: u64,
    pub(crate) rank: Rank,
}

impl Journey {
    /// The flights in the order they are flown.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// How many connections.
    pub fn stops(&self) -> usize {
        self.legs.len().saturating_sub(1)
    }

    /// The filed fares of the flights, in order.
    pub fn fares(&self) -> Vec<u32> {
        self.legs.iter().map(|leg| leg.fare).collect()
    }

    /// The journey's place in the ranking.
    pub fn key(&self) -> SortKey {
        let flights = std::array::from_fn(|place| self.legs.get(place).map(|leg| leg.flight));
        SortKey { rank: self.rank, flights }
    }

    /// How many more travellers could be booked at this price.
    pub fn seats_at_price(&self) -> u16 {
        self.legs.iter().map(|leg| leg.seats_at_fare).min().unwrap_or(0)
    }

    /// How many more travellers could be booked in these cabins at any price.
    pub fn seats_left(&self) -> u16 {
        self.legs.iter().map(|leg| leg.seats_in_cabin).min().unwrap_or(0)
    }
}

/// A journey as the search keeps it: numbers that mean something in its timetable only.
#[derive(Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) found: Found,
    pub(crate) price: u64,
    pub(crate) rank: Rank,
}

/// The answer to a query. It holds on to the days it was found in and writes journeys out when they are asked for: flights,
/// times and fares as the search saw them, seats as they are then.
#[derive(Clone)]
pub struct Answer {
    pub(crate) graph: Arc<Graph>,
    /// By the slots of the hits.
    pub(crate) days: Vec<Option<Arc<Day>>>,
    pub(crate) best: Vec<Hit>,
    pub(crate) pareto: Vec<Hit>,
    /// False when the query's effort was spent before everything was seen.
    pub complete: bool,
}

impl Answer {
    pub(crate) fn nothing(timetable: &Timetable) -> Self {
        let graph = Arc::clone(&timetable.graph);
        Self { graph, days: Vec::new(), best: Vec::new(), pareto: Vec::new(), complete: true }
    }

    /// How many journeys there are, at most the query's limit.
    pub fn len(&self) -> usize {
        self.best.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.best.is_empty()
    }

    /// The best journeys, best first.
    pub fn journeys(&self) -> impl ExactSizeIterator<Item = Journey> {
        self.best.iter().map(|hit| self.journey(hit))
    }

    /// One journey for each combination of duration, price and number of stops that no other one beats in one of the three
    /// without losing in another; in the order of the query, from all journeys and not only those after its `after`.
    pub fn pareto(&self) -> impl ExactSizeIterator<Item = Journey> {
        self.pareto.iter().map(|hit| self.journey(hit))
    }

    fn journey(&self, hit: &Hit) -> Journey {
        let hops = &hit.found.hops[..hit.found.flights];
        Journey {
            legs: hops.iter().filter_map(|hop| self.leg(hop)).collect(),
            duration: hit.found.duration,
            price: hit.price,
            rank: hit.rank,
        }
    }

    fn leg(&self, hop: &Hop) -> Option<Leg> {
        let (graph, day) = (&self.graph, self.days.get(usize::from(hop.slot))?.as_ref()?);
        let (place, cabin) = (hop.place as usize, usize::from(hop.cabin));
        let card = day.card(place);
        let route = graph.routes[card.route as usize];
        let ledger = day.ledger(place, cabin)?;
        let code = |node: u32| graph.nodes[node as usize].code;
        Some(Leg {
            flight: card.id,
            origin: code(route.origin),
            destination: code(route.destination),
            departs: Minute(card.times.departs),
            arrives: Minute(card.times.arrives()),
            cabin: Cabin::from_index(cabin)?,
            class_rank: hop.class_rank,
            fare: hop.fare,
            seats_at_fare: ledger.seats_seen(hop.class_rank, hop.seats),
            seats_in_cabin: ledger.seats(1),
        })
    }
}
