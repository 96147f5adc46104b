//! What happened, told to whoever wants to know: docs/events.md.
//!
//! Owns no table: events live in the platform's outbox. Here are their types, the list for staff, and the jobs that relay
//! them. Invariants: an event is recorded in the transaction that does what it tells; it holds ids, states, amounts, codes
//! and times, never personal data; a bulk change is one event.

pub mod api;
mod catalogue;
mod jobs;
mod list;
mod payloads;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().add(Access::Staff(Permission::EventsRead), LimitClass::Other, routes!(list::list_events))
}
