//! The door of the events slice.
//!
//! `record(&tx, app.random, now, &BookingHeld { … })` in the transaction of the change, after the statement that locks the
//! subject. A new type of event is a type in `payloads`, a line in `catalogue` and a section in docs/events.md.

pub use platform::outbox::{Envelope, Event, NewEvent, Types, record, record_all};

pub use super::catalogue::{CATALOGUE, Kind};
pub use super::jobs::{jobs, relay};
pub use super::payloads::*;
