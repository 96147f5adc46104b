//! Web push: what travellers are told, on the screens of browsers that are closed (RFC 8030, 8291 and 8292). docs/notifications.md says what
//! comes by it.
//!
//! Owns `push_subscriptions` and `pushes`. Invariants: pushes go to the services that `push.services` names and nowhere else, and only the
//! browser that asked can read them; a browser gets each notification once, as long as it is so and nobody has read it; when the session in
//! which a browser was added is ended, it gets nothing more (one that is only over leaves it).

pub mod api;
mod devices;
mod jobs;
mod keys;
mod payload;
mod send;
mod services;
mod store;
mod subscribe;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(
            Access::Owner,
            LimitClass::Other,
            routes!(devices::list_push_subscriptions, subscribe::create_push_subscription),
        )
        .add(Access::Owner, LimitClass::Other, routes!(devices::delete_push_subscription))
}
