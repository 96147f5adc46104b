//! Tracking: what flights cost, what they did cost, and telling those who watch a price that it fell. docs/price-tracking.md says what is
//! watched and when it is told.
//!
//! Owns `price_head`, `price_dates`, `price_days`, `price_history` and `price_watches`. Invariants: prices are written by whoever has locked
//! the head, from flights read after that, so that the newest reading stays; a watch remembers what it saw and what it has to tell in one
//! row, so that it is told once, whatever crashes and however many processes work; a price is of a class that seats the whole party; a watch
//! of what was bought is for those who still fly on it.

pub mod api;
mod begin;
mod change;
mod consumer;
mod create;
mod follow;
mod history;
mod jobs;
mod list;
mod look;
mod prices;
mod store;
mod tell;
mod view;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .add(Access::Owner, LimitClass::Other, routes!(list::list_price_watches, create::watch_price))
        .add(
            Access::Owner,
            LimitClass::Other,
            routes!(list::get_price_watch, change::change_price_watch, change::delete_price_watch),
        )
        .add(Access::Public, LimitClass::Other, routes!(history::get_price_history))
}
