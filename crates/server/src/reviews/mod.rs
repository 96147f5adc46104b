//! Reviews: what those who flew think of a flight, and the average of each flight number.
//!
//! Owns `reviews`, `review_reports` and `flight_ratings`. Invariants: an account has one review of a dated flight at most, and a booking
//! on it; what a flight number's published reviews come to is what `flight_ratings` says, because both change in one transaction
//! (the review first, then the rating). Serving processes keep the averages in memory, some seconds behind.

pub mod api;
mod body;
mod desk;
mod list;
mod mine;
mod ratings;
mod report;
mod store;
mod view;
mod write;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Permission, Routes};

pub(crate) fn routes() -> Routes {
    let mine = Access::SignedIn(Area::Bookings);
    let (see, act) = (Access::Staff(Permission::ReviewsRead), Access::Staff(Permission::ReviewsModerate));
    Routes::new()
        .add(mine, LimitClass::Other, routes!(mine::get_my_review, write::put_review, write::delete_review))
        .add(mine, LimitClass::Other, routes!(mine::list_my_reviews))
        .add(mine, LimitClass::Other, routes!(report::report_review))
        .add(Access::Public, LimitClass::Other, routes!(list::list_reviews))
        .add(see, LimitClass::Other, routes!(desk::list_reviews_to_moderate))
        .add(act, LimitClass::Other, routes!(desk::decide_review))
}
