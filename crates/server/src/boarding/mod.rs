//! Boarding passes: issued with check-in, anew when the seat changes, ended when check-in is.
//!
//! Owns `boarding_passes`. Invariants: whoever is checked in has one pass that is good, with the seat they have; nobody else has one; a
//! version once ended stays so. The text of a pass is IATA's (`iata::bcbp`), signed with a key of the installation, so that a gate
//! without a network knows whether we wrote it. It names a journey and opens nothing.

pub mod api;
mod issue;
mod keys;
mod list;
mod offline;
mod store;
mod text;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(list::list_boarding_passes))
        .add(Access::Public, LimitClass::Other, routes!(list::list_boarding_keys))
}
