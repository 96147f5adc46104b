//! The formats of the field, parsed and printed: text in, values out, and back. Nothing here reads a file, waits or
//! knows the time.

pub mod bcbp;
pub mod calendar;
pub mod ticket;

pub use ticket::{TicketError, TicketNumber};
