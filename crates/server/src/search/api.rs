//! The door of the search slice.

use kernel::{BookingClass, Money};

use super::view;
use crate::app::App;
use crate::flights::api::LegOnSale;

pub use super::engine::percents;
pub use super::kept::KeptLists;
pub use super::live::{LiveNetwork, follow_job, load, sequence_jobs};
pub use super::offer::{Offer, OfferError, OfferLeg, OfferSigner};

/// An offer of the same flights to the same party at the price they have now.
pub fn offer_again(app: &App, offer: &Offer, legs: &[LegOnSale], total: Money) -> String {
    let leg = |leg: &LegOnSale| {
        let class = BookingClass::new(leg.cabin, leg.class_rank)?;
        Some(OfferLeg { flight: leg.flight.id, class, fare: leg.fare })
    };
    app.offers.sign(&Offer {
        as_of: app.live.as_of(),
        expires_at: view::offers_expire_at(app, app.now()),
        party: offer.party,
        total,
        legs: legs.iter().filter_map(leg).collect(),
    })
}
