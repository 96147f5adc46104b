//! Watching prices.

use serde::Deserialize;

/// Watching prices.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tracking {
    /// Watches an account may have.
    pub watches: i16,
    /// Most days of a watch.
    pub range_days: i32,
    /// How long what flights cost is kept after they left, days.
    pub keep_days: u32,
}

impl Default for Tracking {
    fn default() -> Self {
        Self { watches: 50, range_days: 31, keep_days: 400 }
    }
}
