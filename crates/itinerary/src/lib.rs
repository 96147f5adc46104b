//! The itinerary search: a timetable in memory, and exact answers to "how do I get from X to Y".
//!
//! The database is the truth about flights, seats and fares; this crate holds a copy that is quick to ask. Values
//! come in and values go out: the crate reads no clock, no file and no socket, and waits for nothing.
//!
//! # How the timetable lies in memory
//!
//! ```text
//! Network ── airports            the places that are known, numbered; never changes
//!    └───── Timetable            replaced as a whole when flights come, go or move in time
//!              ├── Graph         airports with flights, routes between them, rows of bits; hardly ever changes
//!              ├── Day           one for each UTC day of departure, shared by the timetables before and after
//!              │    ├── cards    what a flight is beside its fares, for its changes and for answers
//!              │    └── cabins   sorted by route, then departure: times, and fares and seats in four words that change in place
//!              └── Bounds        the lowest fare of each route on each day, and over two and four days from it
//! ```
//!
//! A seat sold or a price set is a store into a word that searches are already looking at, and a bound that is set right
//! around it. A retimed flight rebuilds one or two days, and readers never wait for it.
//!
//! # How it is searched
//!
//! Paths of routes first, by a meet in the middle over rows of bits; each has a lower bound of its duration and its fares,
//! and most are never looked at. Then the flights on the few that are left ([`Network::search`]). Nothing that can be
//! among the answers is left out: tests compare every list with nested loops over all flights. docs/search.md tells it
//! with pictures.
//!
//! All times are minutes in UTC. Local days, overnight flights and the date line are the caller's to print; here a
//! journey is a rising sequence of numbers.

mod airports;
mod bounds;
mod connections;
mod day;
mod fares;
mod flight;
mod graph;
mod inspect;
mod journey;
mod network;
mod prefetch;
mod query;
mod retime;
mod search;
mod timetable;

pub use airports::AirportInfo;
pub use connections::{AirlinePair, ConnectionKind, ConnectionTimes, MinimumTimes};
pub use fares::FARE_MAX;
pub use flight::{ClassState, FlightState, Minute, cheapest_class};
pub use inspect::Held;
pub use journey::{Answer, Journey, Leg};
pub use network::Network;
pub use query::{
    DURATION_MAX, Destination, Filters, Limits, Order, Origin, PRICE_MAX, Query, Rank, STOPS_MAX, SortKey,
    Tariff,
};
pub use search::{Profiled, Seen};
