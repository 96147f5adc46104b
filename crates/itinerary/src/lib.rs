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
//!              └── Day           one for each UTC day of departure, shared by the timetables before and after
//!                   ├── routes   one for each pair of airports with a flight that day, sorted by both ends
//!                   ├── flights  sorted by route, then departure: a route's flights lie side by side
//!                   └── cabins   fares, seats and closing instants: words that change in place
//! ```
//!
//! A question costs little because of three habits. Flights of a route are neighbours in order of departure, so
//! "what can I board at B for C between 10:40 and 16:00" is two binary searches. The days are small, so a retimed
//! flight rebuilds one or two of them and readers never wait for it. And what changes many times a second, a seat
//! sold or a price set, is a store into a word that searches are already looking at.
//!
//! # How it is searched
//!
//! Depth first, journeys with fewer stops before those with more ([`Network::search`]). Before the first step a
//! lower bound of the minutes from every airport to the destination is read off the routes; a branch that cannot
//! reach it within the duration of the worst journey still wanted is not followed. Nothing else is left out: the
//! answer is exact, and tests compare it with three nested loops over all flights.
//!
//! All times are minutes in UTC. Local days, overnight flights and the date line are the caller's to print; here a
//! journey is a rising sequence of numbers.

mod airports;
mod cabin;
mod day;
mod flight;
mod journey;
mod network;
mod query;
mod search;
mod timetable;

pub use airports::AirportInfo;
pub use flight::{ClassState, FlightState, Minute, cheapest_class};
pub use journey::{Journey, Leg};
pub use network::Network;
pub use query::{ConnectionRules, Query, SortKey};
