//! What travellers are told, and when.

use serde::Deserialize;

/// What travellers are told, and when.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// How long before departure check-in opens, hours.
    pub check_in_opens_hours: u32,
    /// How long before departure whoever is not checked in is reminded, minutes.
    pub reminder_minutes: u32,
    /// How long before departure check-in closes, minutes.
    pub check_in_closes_minutes: u32,
    /// How long what somebody was told stays in their inbox, days.
    pub keep_days: u32,
}

impl Default for Notify {
    fn default() -> Self {
        Self { check_in_opens_hours: 24, reminder_minutes: 180, check_in_closes_minutes: 60, keep_days: 400 }
    }
}
