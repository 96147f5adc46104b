//! Seats from the seat map, baggage, meals and other extras.
//!
//! Owns `seat_maps`, `extras_catalogue`, `seat_assignments`, `lap_infants`, `flight_extras` and `booking_extras`. Invariants:
//! a seat of a flight is one passenger's (primary key of `seat_assignments`); a spare oxygen mask is one infant's (primary
//! key of `lap_infants`); no more of an extra is taken on a flight than there is (CHECK and conditional UPDATE); what is
//! reserved or issued takes its seat and stock, and gives them back in the transaction that ends it; an issued extra has a
//! document of its own, and what it was sold for does not change when catalogue or map do.

pub mod api;
mod assign;
mod catalogue;
mod events;
mod facts;
pub mod import;
mod offered;
mod request;
mod reserve;
mod seats;
mod settle;
mod steps;
mod store;
mod view;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Permission, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::Public, LimitClass::Other, routes!(seats::get_flight_seats))
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(seats::get_booking_seats))
        .add(Access::Public, LimitClass::Other, routes!(offered::get_flight_extras))
        .add(Access::Public, LimitClass::Other, routes!(catalogue::list_extras))
        .add(Access::Staff(Permission::ExtrasWrite), LimitClass::Other, routes!(catalogue::create_extra))
        .add(
            Access::Staff(Permission::ExtrasWrite),
            LimitClass::Other,
            routes!(catalogue::update_extra, catalogue::delete_extra),
        )
}
