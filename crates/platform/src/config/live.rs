//! Sockets.

use serde::Deserialize;

/// Sockets for what happens while somebody looks.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Live {
    /// Sockets of a process.
    pub sockets: usize,
    /// Sockets of an account, in a process.
    pub sockets_per_account: usize,
    /// Topics of a socket.
    pub topics: usize,
    /// Messages that wait for a socket before it is cut.
    pub queue: usize,
    /// How often a socket is asked whether it is there, seconds; twice that in silence ends it.
    pub ping_seconds: u64,
    /// How long a socket lives before it must come again with its sign-in, minutes.
    pub life_minutes: u64,
    /// How long what was told is kept for those who were away, minutes.
    pub keep_minutes: u32,
    /// How often a process looks for what is new, milliseconds.
    pub poll_ms: u64,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            sockets: 5_000,
            sockets_per_account: 20,
            topics: 100,
            queue: 256,
            ping_seconds: 20,
            life_minutes: 15,
            keep_minutes: 60,
            poll_ms: 100,
        }
    }
}
