//! Boarding passes: issued with check-in, anew when the seat changes, ended when check-in is. And the gate, which reads them.
//!
//! Owns `boarding_passes`, `boardings` and `undone_boardings`. Invariants: whoever has boarded has a coupon that says so, flown once the flight has left;
//! nobody boards twice, nor once boarding is closed; then whoever did not come is a no-show. Whoever is checked in has one pass that is good, with the seat they have; nobody else has one; a
//! version once ended stays so. The text of a pass is IATA's (`iata::bcbp`), signed with a key of the installation, so that a gate
//! without a network knows whether we wrote it. It names a journey and opens nothing.

pub mod api;
mod close;
mod events;
mod gate;
mod issue;
mod jobs;
mod keys;
mod link;
mod list;
mod manifest;
mod offline;
mod paper;
mod picture;
mod store;
mod text;
mod wallet;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Permission, Routes};

pub(crate) fn routes() -> Routes {
    let (see, act) = (Access::Staff(Permission::CheckInRead), Access::Staff(Permission::CheckInWrite));
    Routes::new()
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(list::list_boarding_passes))
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(picture::bar_code_picture))
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(wallet::apple_wallet))
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(wallet::google_wallet))
        .add(Access::SignedIn(Area::Bookings), LimitClass::Other, routes!(link::link_to_pass))
        .add(Access::Public, LimitClass::Other, routes!(link::open_pass))
        .add(Access::Public, LimitClass::Other, routes!(link::open_apple_wallet))
        .add(Access::Public, LimitClass::Other, routes!(list::list_boarding_keys))
        .add(see, LimitClass::Other, routes!(manifest::manifest))
        .add(see, LimitClass::Export, routes!(manifest::manifest_sheet))
        .add(act, LimitClass::Other, routes!(gate::board))
        .add(act, LimitClass::Other, routes!(gate::undo_boarding))
        .add(act, LimitClass::Other, routes!(close::close_boarding))
}
