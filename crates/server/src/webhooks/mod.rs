//! Webhooks: events sent to addresses outside, signed, tried for three days. docs/events.md is their contract.
//!
//! Owns `webhook_endpoints`, `webhook_deliveries` and `webhook_attempts`. Invariants: an event makes one delivery for each
//! endpoint that wants it, in the transaction that remembers the event; a delivery ends as `delivered` or `failed`, and a
//! failed one says so; nothing is sent to an address of an internal network, however its name resolves or redirects; one
//! endpoint's slowness is its own; a secret is shown once and is at rest only sealed; a program is told of what it could ask for
//! at that moment, and keeps its own webhooks alone.

pub mod api;
mod audience;
mod body;
mod client;
mod consumer;
mod create;
mod deliveries;
mod endpoints;
mod jobs;
mod keeper;
mod ping;
mod replay;
mod rotate;
mod secret;
mod send;
mod store;
mod view;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Permission, Routes};

pub(crate) fn routes() -> Routes {
    let admin =
        |routes: Routes, more| routes.add(Access::Staff(Permission::WebhooksManage), LimitClass::Other, more);
    [
        routes!(create::create_webhook, endpoints::list_webhooks),
        routes!(endpoints::get_webhook, endpoints::update_webhook, endpoints::delete_webhook),
        routes!(rotate::rotate_webhook_secret),
        routes!(ping::ping_webhook),
        routes!(replay::replay_webhook),
        routes!(deliveries::list_deliveries),
        routes!(deliveries::get_delivery),
        routes!(replay::replay_delivery),
    ]
    .into_iter()
    .fold(Routes::new(), admin)
    .merge(own_routes())
}

/// What a program does with its own.
fn own_routes() -> Routes {
    let own = |routes: Routes, more| routes.add(Access::Program(Area::Webhooks), LimitClass::Other, more);
    [
        routes!(create::create_own_webhook, endpoints::list_own_webhooks),
        routes!(endpoints::get_own_webhook, endpoints::update_own_webhook, endpoints::delete_own_webhook),
        routes!(rotate::rotate_own_webhook_secret),
        routes!(ping::ping_own_webhook),
        routes!(deliveries::list_own_deliveries),
        routes!(deliveries::get_own_delivery),
        routes!(replay::replay_own_delivery),
    ]
    .into_iter()
    .fold(Routes::new(), own)
    // It reads up to ten thousand events.
    .add(Access::Program(Area::Webhooks), LimitClass::Export, routes!(replay::replay_own_webhook))
}
