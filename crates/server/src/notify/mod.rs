//! What travellers are told: in their inbox and by mail. docs/notifications.md says of what, whom and when.
//!
//! Owns `notifications`, `notification_preferences`, `news` and `announcements`. Invariants: nobody is told a version of a fact twice, whatever crashes and
//! however many processes tell; a later version takes the place of those before; what is no more so is neither written down nor sent;
//! nobody is reminded who is checked in or does not fly. No text and nothing of anybody is kept: texts are made in the language
//! of whoever reads, when they read.

mod announcements;
pub mod api;
mod bookings;
mod consumer;
mod flights;
mod inbox;
mod jobs;
mod notice;
mod preferences;
mod reminders;
mod store;
mod tell;
mod unsubscribe;
mod words;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Permission, Routes};

pub(crate) fn routes() -> Routes {
    let own = |routes: Routes, more| routes.add(Access::Owner, LimitClass::Other, more);
    let staff = |routes: Routes, more| {
        routes.add(Access::Staff(Permission::NotificationsSend), LimitClass::Other, more)
    };
    let for_travellers = [
        routes!(inbox::list_notifications),
        routes!(inbox::mark_notification),
        routes!(inbox::mark_notifications_read),
        routes!(preferences::get_preferences, preferences::update_preferences),
    ];
    let for_staff = [
        routes!(announcements::draft_announcement),
        routes!(announcements::list_announcements),
        routes!(announcements::get_announcement),
        routes!(announcements::send_announcement),
        routes!(announcements::withdraw_announcement),
    ];
    for_staff.into_iter().fold(for_travellers.into_iter().fold(Routes::new(), own), staff)
}
