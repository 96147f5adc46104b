//! What searches find, and how fresh it is.

use serde::Deserialize;

/// Connections.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// Shortest connection between two domestic flights, minutes.
    pub min_connection_domestic: u32,
    /// Shortest connection where either flight crosses a border, minutes.
    pub min_connection_international: u32,
    /// Longest wait between two flights, minutes.
    pub max_layover: u32,
    /// Longest journey, minutes.
    pub max_journey: u32,
    /// What `sort=best` holds a minute to be worth, in minor units.
    pub best_minute: u32,
    /// And a stop less.
    pub best_stop: u32,
    /// How often a serving process reads the search feed, milliseconds.
    pub feed_poll_ms: u64,
    /// How often a serving process compares its flights with the database, minutes; 0 is never.
    pub check_minutes: u64,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            min_connection_domestic: 40,
            min_connection_international: 75,
            max_layover: 6 * 60,
            max_journey: 36 * 60,
            best_minute: 40,
            best_stop: 2_500,
            feed_poll_ms: 100,
            check_minutes: 10,
        }
    }
}
