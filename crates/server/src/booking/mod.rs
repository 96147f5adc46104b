//! Bookings: seats held for named passengers until they are paid, flown or given up.
//!
//! Owns `bookings`, `booking_passengers`, `booking_slices`, `booking_segments`, `booking_fares`, `tickets`,
//! `ticket_coupons`, `cancellations`, `booking_orders`, `booking_waivers`, `booking_locators` and `user_bookings`. Invariants: a booking's seats are taken on every flight or on none; they go back exactly once, in the
//! transaction that moves the booking to `expired` or `cancelled`; a hold past its deadline is never confirmed unless a
//! payment that was under way in time froze it; a confirmed booking has a ticket for each passenger and a coupon for each
//! passenger and segment.

pub mod api;
mod calendar;
mod can;
mod cancel;
mod change;
mod check;
mod check_in;
mod confirm;
mod coupon;
mod events;
mod extend;
mod extras;
mod facts;
mod get;
mod hold;
mod itinerary;
mod jobs;
mod linked;
mod list;
mod on_flight;
mod orders;
mod personal;
mod receipt;
mod record;
mod release;
mod reprice;
mod segment;
mod sold;
mod store;
mod travelling;
mod view;
mod waiver;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Area, Routes};

pub(crate) fn routes() -> Routes {
    let mine = Access::SignedIn(Area::Bookings);
    Routes::new()
        .add(mine, LimitClass::Sale, routes!(hold::create_booking))
        .add(mine, LimitClass::Other, routes!(list::list_bookings))
        .add(mine, LimitClass::Other, routes!(get::get_booking, cancel::cancel_booking))
        .add(mine, LimitClass::Sale, routes!(extend::extend_hold))
        .add(mine, LimitClass::Other, routes!(cancel::quote_cancellation))
        .add(mine, LimitClass::Other, routes!(cancel::confirm_cancellation))
        .add(mine, LimitClass::Other, routes!(change::quote_change))
        .add(mine, LimitClass::Other, routes!(receipt::get_receipt))
        .add(mine, LimitClass::Other, routes!(itinerary::get_itinerary))
        .add(mine, LimitClass::Other, routes!(calendar::get_calendar))
        .add(mine, LimitClass::Sale, routes!(change::confirm_change))
        .add(mine, LimitClass::Codes, routes!(coupon::apply_coupon))
        .add(mine, LimitClass::Other, routes!(coupon::remove_coupon))
        .add(mine, LimitClass::Other, routes!(orders::cancel_order))
        .add(mine, LimitClass::Sale, routes!(extras::add_extras))
        .add(mine, LimitClass::Other, routes!(extras::remove_extra))
}
