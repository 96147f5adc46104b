//! Flights and what can be sold on them.
//!
//! Owns `airports`, `market_ratios`, `fare_families`, `tax_rules`, `connection_times`, `imports`, `flights`, `inventory`,
//! and the search feed's three tables (a change here is what the feed tells). Invariants, kept by CHECK:
//! `taken <= capacity + overbooking`; a class's cumulative counter stays under its limit; counters and limits nest. Seats
//! are taken by one conditional UPDATE per flight, in flight-id order (docs/locking.md).

mod airports;
pub mod api;
mod body;
mod connections;
mod create;
mod delete;
mod directory;
mod events;
pub mod export;
mod feed;
mod get;
pub mod import;
mod inventory;
mod list;
mod status;
mod store;
mod times;
mod update;
mod view;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

/// Longest delay that can be announced, days; beyond it a flight is retimed.
const DELAY_DAYS_MAX: i64 = 2;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::Public, LimitClass::Other, routes!(airports::list_airports))
        .add(Access::Public, LimitClass::Other, routes!(list::list_flights))
        .add(Access::Staff(Permission::FlightsWrite), LimitClass::Other, routes!(create::create_flight))
        .add(Access::Public, LimitClass::Other, routes!(get::get_flight))
        .add(Access::Staff(Permission::FlightsWrite), LimitClass::Other, routes!(update::update_flight))
        .add(Access::Staff(Permission::FlightsWrite), LimitClass::Other, routes!(delete::delete_flight))
        .add(Access::Public, LimitClass::Other, routes!(status::get_flight_status))
}
