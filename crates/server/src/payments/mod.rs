//! Payments: money in through a gateway, and back.
//!
//! Owns `payments`, `payment_bookings`, `refunds`, `gateway_events`, `gateway_customers` and `saved_methods`. Invariants: row and gateway key are committed before the gateway is
//! called, and no connection is held across the call; a time-out is *unknown*, never *failed*; a booking has at most one
//! payment that is under way or has succeeded (unique index); what goes back of a payment is never more than it brought
//! (CHECK); money that succeeded and found no seats goes back in full;
//! of a refund and those sent in its place one counts (unique index), and it is posted as settled once (the ledger's key); each movement is in the ledger.

pub mod api;
mod events;
mod failed;
mod gateway;
mod get;
mod jobs;
mod method;
mod offer;
mod outside;
mod pay;
mod refund;
mod saved;
mod settle;
mod signature;
mod store;
mod view;
mod waive;
mod webhook;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Permission, Routes};

pub(crate) fn routes() -> Routes {
    let (mine, other) = (Access::SignedIn(Area::Payments), LimitClass::Other);
    let settle = Access::Staff(Permission::RefundsSettle);
    Routes::new()
        .add(mine, LimitClass::Sale, routes!(pay::create_payment))
        .add(Access::Public, other, routes!(offer::list_methods))
        .add(Access::Public, LimitClass::Webhook, routes!(webhook::receive_webhook))
        .add(mine, other, routes!(get::get_payment))
        .add(mine, other, routes!(saved::save_method, saved::list_saved_methods))
        .add(mine, other, routes!(saved::remove_saved_method))
        .add(Access::Staff(Permission::RefundsRead), other, routes!(failed::list_refunds))
        .add(settle, other, routes!(failed::retry_refund))
        .add(settle, other, routes!(outside::settle_refund))
        .add(settle, other, routes!(outside::approve_refund))
}
