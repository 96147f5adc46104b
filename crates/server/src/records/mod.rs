//! Bookings for who has no account, or is not signed in: by locator and surname, which are no secrets, and by a code that is mailed.
//!
//! Owns `record_codes`. Invariants: locator and surname show the itinerary and nothing else; a wrong locator and a wrong name are
//! answered alike; guesses are counted for each locator and each address, in all processes together; a code is good once, for one
//! booking, for ten minutes and five tries, and what it opens is that booking and nothing else of its owner's.

pub mod api;
mod code;
mod find;
mod jobs;
mod pass;
mod puzzle;
mod store;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::Public, LimitClass::Codes, routes!(find::find_record))
        .add(Access::Public, LimitClass::Codes, routes!(code::send_code))
        .add(Access::Public, LimitClass::Codes, routes!(code::open_record))
}
