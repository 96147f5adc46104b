//! The door of the flights slice.

pub use super::directory::{Airport, Directory, load_directory};
pub use super::feed::{
    FeedEntry, announce, feed_after, feed_head, feed_past, inbox_mark, prune_feed, sequence_feed,
};
pub use super::import::filing::{
    airports as filed_airports, begin as begin_filing, record as record_filing, unpack as unpack_filing,
};
pub use super::import::{File, FilingReport, ImportError};
pub use super::inventory::{
    LegOnSale, SeatClaim, capacities, legs_on_sale, lock_seats, release_seats, retake_seats, take_seats,
    unchanged,
};
pub use super::store::fares::filed_families;
pub use super::store::live::{
    first_flight, flight_states, flights_of_routes, states_between, states_of_dates, stream_states,
};
pub use super::store::{
    FILING_CURRENCY, FlightRow, cancelled_between, find as flight_rows, last_departure, leaving_in,
    leaving_on_route, minute,
};
pub use super::times::{local_rfc3339, zone};
