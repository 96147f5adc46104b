//! Payments: money in through a gateway, and back.
//!
//! Owns `payments`, `payment_bookings` and `refunds`. Invariants: row and gateway key are committed before the gateway is
//! called, and no connection is held across the call; a time-out is *unknown*, never *failed*; a booking has at most one
//! payment that is under way or has succeeded (unique index); what goes back of a payment is never more than it brought
//! (CHECK); money that succeeded and found no seats goes back in full; each movement is in the ledger.

pub mod api;
mod events;
mod gateway;
mod get;
mod jobs;
mod method;
mod pay;
mod refund;
mod settle;
mod store;
mod view;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().add(Access::SignedIn, LimitClass::Other, routes!(pay::create_payment)).add(
        Access::SignedIn,
        LimitClass::Other,
        routes!(get::get_payment),
    )
}
