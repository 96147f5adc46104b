//! A question to the timetable.

use std::ops::Range;

use kernel::{AirlineCode, AirportCode, Cabin, FlightId};

use crate::flight::Minute;

/// Most connections that are ever looked for.
pub const STOPS_MAX: u8 = 3;
/// Most flights of a journey.
pub(crate) const LEGS_MAX: usize = STOPS_MAX as usize + 1;
/// The longest journey there can be, in minutes; a longer limit is read as this.
pub const DURATION_MAX: u32 = (1 << 13) - 1;
/// The highest price that is told from higher ones, in millionths of a minor unit.
pub const PRICE_MAX: u64 = (1 << 51) - 1;

/// One direction of a trip, asked for by a party.
#[derive(Clone, Debug)]
pub struct Query {
    /// Where the journey may start.
    pub origins: Vec<Origin>,
    /// Where it may end. No journey changes planes at one of these or at an origin.
    pub destinations: Vec<Destination>,
    /// The sales cut-off: every flight departs at or after it.
    pub earliest_departure: Minute,
    /// The cabin of all flights.
    pub cabin: Cabin,
    /// Whether flights that do not sell the cabin to the party may be flown in the next lower one that does. One flight
    /// at least is in the cabin itself.
    pub mixed_cabin: bool,
    /// How many seats the party needs, 1 to 15: adults and children. All of them travel in one class on each flight.
    pub seats: u16,
    /// How many connections at most. With 3, journeys of three are looked for only when there is none with fewer.
    pub max_stops: u8,
    /// How long connections and journeys may take.
    pub limits: Limits,
    /// What an adult pays for filed fares.
    pub tariff: Tariff,
    /// What else the traveller insists on.
    pub filters: Filters,
    /// Which journeys come first.
    pub order: Order,
    /// How many journeys to return at most.
    pub limit: usize,
    /// Only journeys that sort after this one: the key of a page's last journey asks for the next page.
    pub after: Option<SortKey>,
    /// How many flights to look at before giving up; the answer then says that it is not complete.
    pub effort: u64,
}

/// An airport where a journey may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The airport.
    pub airport: AirportCode,
    /// When the first flight may depart, half open, in order, without overlap. The traveller's day is such a window: only
    /// the caller knows the zone of the airport.
    pub departs: Vec<Range<Minute>>,
}

/// An airport where a journey may end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The airport.
    pub airport: AirportCode,
    /// When the last flight may arrive, half open; `None`: at any time.
    pub arrives: Option<Vec<Range<Minute>>>,
}

/// Limits in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A connection is at least this long, and never shorter than the minimum connection time.
    pub min_connection: u32,
    /// The longest wait between two flights.
    pub max_connection: u32,
    /// The longest journey, from first departure to last arrival.
    pub max_duration: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { min_connection: 0, max_connection: 6 * 60, max_duration: 36 * 60 }
    }
}

/// How an adult's price is made of filed fares, the same for all journeys of a question: (their sum + `per_flight` for
/// each flight) × a ratio. Prices are compared before they are rounded to the minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// The ratio of a journey without connections, in millionths.
    pub nonstop_ppm: u32,
    /// The ratio of a connection, in millionths: the market ratio, for example.
    pub connection_ppm: u32,
    /// Minor units added for each flight: the difference of a fare family.
    pub per_flight: u32,
}

impl Default for Tariff {
    fn default() -> Self {
        Self { nonstop_ppm: 1_000_000, connection_ppm: 1_000_000, per_flight: 0 }
    }
}

impl Tariff {
    /// The price of a journey of so many flights, in millionths of a minor unit; at most [`PRICE_MAX`].
    #[inline]
    pub fn price(self, fares: u32, flights: usize) -> u64 {
        let ratio = if flights > 1 { self.connection_ppm } else { self.nonstop_ppm };
        let sum = u64::from(fares) + u64::from(self.per_flight) * flights as u64;
        sum.saturating_mul(u64::from(ratio)).min(PRICE_MAX)
    }
}

/// What else a traveller may insist on. Empty lists allow everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// The highest price of an adult, in millionths of a minor unit; see [`Tariff::price`].
    pub max_price: Option<u64>,
    /// Every flight is of one of these airlines.
    pub airlines: Vec<AirlineCode>,
    /// No flight is of one of these.
    pub not_airlines: Vec<AirlineCode>,
    /// Every connection is at one of these airports. Journeys without connections stay.
    pub via: Vec<AirportCode>,
    /// No connection is at one of these.
    pub not_via: Vec<AirportCode>,
}

/// Which journeys come first. Behind each stand duration, price and the flights, so that no two journeys tie and the
/// same question always has the same order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The shortest.
    #[default]
    Duration,
    /// The cheapest.
    Price,
    /// The earliest to depart.
    Departure,
    /// The earliest to arrive.
    Arrival,
    /// The lowest score: price, plus `minute` minor units for each minute and `stop` for each connection. It grows with
    /// price and duration, so the bounds of both hold for it.
    Best {
        /// What a minute is worth, in minor units.
        minute: u32,
        /// What a connection less is worth, in minor units.
        stop: u32,
    },
}

/// What [`Order`] compares, before the flights themselves: two numbers that grow with departure, duration and price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rank(pub u64, pub u64);

impl Order {
    /// The rank of a journey. `departs` in minutes, `duration` in minutes up to [`DURATION_MAX`], `price` as
    /// [`Tariff::price`] makes it.
    #[inline]
    pub fn rank(self, departs: u32, duration: u32, price: u64, flights: usize) -> Rank {
        let (minutes, short) = (u64::from(duration), u64::from(duration) << 51 | price);
        match self {
            Self::Duration => Rank(short, 0),
            Self::Price => Rank(price << 13 | minutes, 0),
            Self::Departure => Rank(u64::from(departs), short),
            Self::Arrival => Rank(u64::from(departs) + minutes, short),
            Self::Best { minute, stop } => {
                let stops = u64::from(stop) * flights.saturating_sub(1) as u64;
                let worth = (minutes * u64::from(minute) + stops).saturating_mul(1_000_000);
                Rank(price.saturating_add(worth), short)
            }
        }
    }
}

/// The place of a journey among all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SortKey {
    /// By the order asked for.
    pub rank: Rank,
    /// The flights, in order.
    pub flights: [Option<FlightId>; LEGS_MAX],
}
