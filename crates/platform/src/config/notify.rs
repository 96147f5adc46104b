//! What travellers are told, and when.

use serde::Deserialize;

/// What travellers are told, and when.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// How long before departure whoever is not checked in is reminded, minutes.
    pub reminder_minutes: u32,
    /// How long what somebody was told stays in their inbox, days.
    pub keep_days: u32,
}

impl Default for Notify {
    fn default() -> Self {
        Self { reminder_minutes: 180, keep_days: 400 }
    }
}
