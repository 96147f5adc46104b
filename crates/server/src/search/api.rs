//! The door of the search slice.

use kernel::Currency;

use super::view;
use crate::app::App;

pub use super::check::check_job;
pub use super::engine::percents;
pub use super::families::FamilyView;
#[doc(hidden)]
pub use super::fuzzing::{Airline as FuzzedAirline, read_cursor, read_offer};
pub use super::kept::KeptLists;
pub use super::live::{LiveNetwork, follow_job, load, sequence_jobs};
pub use super::offer::{Offer, OfferError, OfferLeg, OfferSigner, OfferSlice};
pub use super::offers::refuse;

/// An offer of the same trip to the same party as it sells now.
pub fn offer_again(app: &App, offer: &Offer, currency: Currency, slices: Vec<OfferSlice>) -> String {
    app.offers.sign(&Offer {
        as_of: app.live.as_of(),
        expires_at: view::offers_expire_at(app, app.now()),
        party: offer.party,
        currency,
        slices,
    })
}
