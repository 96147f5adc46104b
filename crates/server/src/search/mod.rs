//! Search: itineraries from the timetable in memory, as fresh as the search feed, and signed offers to book them with.
//!
//! Owns no table. Invariants: what search shows is a hint, and booking decides; an offer cannot be altered or outlive its
//! expiry; the network in memory is the snapshot at some feed number with every entry up to `seq` applied.

pub mod api;
mod calendar;
mod check;
mod check_search;
mod cursor;
mod difference;
mod ends;
mod engine;
mod facets;
mod families;
mod fuzzing;
mod kept;
mod live;
mod offer;
mod offers;
mod params;
mod question;
mod search_flights;
mod shape;
mod times;
mod trip;
mod view;
mod write;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::Public, LimitClass::Search, routes!(search_flights::search_flights, trip::search_trip))
        .add(Access::Public, LimitClass::Search, routes!(calendar::search_calendar))
        // Whoever looks at an offer is about to buy: no search, and not to be refused with the searches.
        .add(Access::Public, LimitClass::Other, routes!(offers::combine_offers))
        .add(Access::Public, LimitClass::Other, routes!(offers::get_offer))
        .add(Access::Staff(Permission::SearchCheck), LimitClass::Export, routes!(check_search::check_search))
}
