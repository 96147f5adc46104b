//! Check-in: who comes along on a flight, with which number, seat and passport.
//!
//! Owns `check_in_policies`, `flight_check_ins`, `check_ins` and `travel_documents`. Invariants: whoever is checked in has a coupon
//! that says so, and the other way round; the sequence numbers of a flight are 1, 2, 3 … in the order people checked in, without
//! a gap, and a passenger who takes it back and comes again keeps theirs; no more are checked in to a cabin than it has seats; an
//! infant is checked in with its lap, and a child with an adult of the booking.
//!
//! The booking is locked first, as everywhere, and the flight's row of `flight_check_ins` before masks and seats
//! (docs/locking.md): so those who check in to one flight do it one after the other, and are not given the same seat.

pub mod api;
mod chances;
mod document;
mod documents;
mod events;
pub mod import;
mod jobs;
mod join;
mod leave;
mod look;
mod mend;
mod policies;
mod staff;
mod store;
mod view;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Permission, Routes};

pub(crate) fn routes() -> Routes {
    let mine = Access::SignedIn(Area::Bookings);
    let (see, act) = (Access::Staff(Permission::CheckInRead), Access::Staff(Permission::CheckInWrite));
    Routes::new()
        .add(mine, LimitClass::Other, routes!(look::get_check_in))
        .add(mine, LimitClass::Sale, routes!(join::check_in))
        .add(mine, LimitClass::Other, routes!(leave::undo_check_in))
        .add(mine, LimitClass::Other, routes!(documents::put_document, documents::forget_document))
        .add(see, LimitClass::Other, routes!(policies::list_policies))
        .add(act, LimitClass::Other, routes!(staff::check_in_at_counter))
        .add(act, LimitClass::Other, routes!(staff::offload))
}
