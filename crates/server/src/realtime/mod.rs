//! What happens while somebody looks: sockets, and the topics they listen to. docs/live.md says what travels on them.
//!
//! Owns `live_inbox`, `live_head`, `live_log` and `live_tickets`. Invariants: what is told has a number, the same in every process, higher
//! for the later; whoever comes again with the last number they have is told what lies between, in order, all of it and nothing twice,
//! or is told that they must ask for everything again; nobody is told of what is somebody else's, nor anything once their session
//! has ended for five seconds; nobody waits for somebody who does not read.

pub mod api;
mod consumer;
mod fuzzing;
mod jobs;
mod open;
mod socket;
mod store;
mod ticket;
mod topics;
mod wire;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(ticket::create_live_ticket))
        // It asks by itself who comes: a browser cannot say it in the headers that others use.
        .add(Access::Public, LimitClass::Other, routes!(open::open_live))
}
