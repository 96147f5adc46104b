//! A question to the timetable.

use std::ops::Range;

use kernel::{AirportCode, Cabin, FlightId};

use crate::flight::Minute;

/// Which flights make a connection, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionRules {
    /// The shortest connection between two flights inside one country. Exactly this long is long enough.
    pub min_domestic: u32,
    /// The shortest connection when either flight crosses a border.
    pub min_international: u32,
    /// The longest wait between two flights.
    pub max_layover: u32,
    /// The longest journey, from first departure to last arrival.
    pub max_total: u32,
}

impl Default for ConnectionRules {
    fn default() -> Self {
        Self { min_domestic: 40, min_international: 75, max_layover: 6 * 60, max_total: 36 * 60 }
    }
}

/// One direction of a trip, asked for by a party.
#[derive(Clone)]
pub struct Query<'a> {
    /// Where the journey starts.
    pub origin: AirportCode,
    /// Where it ends.
    pub destination: AirportCode,
    /// When the first flight may depart, half open. The traveller's day is this window: only the caller knows the
    /// zone of the origin.
    pub departs: Range<Minute>,
    /// The present, which decides which booking classes have closed.
    pub now: Minute,
    /// The sales cut-off: every flight departs at or after it.
    pub earliest_departure: Minute,
    /// The cabin, the same on all flights.
    pub cabin: Cabin,
    /// How many seats the party needs: adults and children. All of them travel in one class on each flight.
    pub seats: u16,
    /// How many connections at most: 0, 1 or 2. More is read as 2.
    pub max_stops: u8,
    /// Which connections are legal.
    pub rules: ConnectionRules,
    /// How many journeys to return at most.
    pub limit: usize,
    /// Only journeys that sort after this one: the key of a page's last journey asks for the next page.
    pub after: Option<SortKey>,
    /// What the party pays, from the filed fares of the flights in order. It must not fall when a fare rises.
    pub price: &'a dyn Fn(&[u32]) -> i64,
}

/// The place of a journey among all others: shortest first, then cheapest, then by its flights, so that no two
/// journeys tie and the same question always has the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SortKey {
    /// Minutes from first departure to last arrival.
    pub duration: u32,
    /// What the party pays.
    pub price: i64,
    /// The flights, in order.
    pub flights: [Option<FlightId>; 3],
}
