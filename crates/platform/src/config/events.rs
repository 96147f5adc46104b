//! Telling what happened.

use serde::Deserialize;

/// Telling what happened.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// How often a working process looks for events to tell, milliseconds.
    pub relay_ms: u64,
    /// How long events are kept, days; those that wait for somebody stay longer.
    pub keep_days: u32,
}

impl Default for Events {
    fn default() -> Self {
        Self { relay_ms: 100, keep_days: 30 }
    }
}

/// Telling it to addresses outside.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether plain HTTP and addresses of internal networks are allowed; for tests and demonstrations.
    pub allow_private: bool,
    /// A file of certificates (PEM) to trust besides the operating system's; empty for none.
    pub ca_file: String,
    /// Longest a receiver may take for its answer, milliseconds.
    pub answer_ms: u64,
    /// How long deliveries are kept for the log, days.
    pub log_days: u32,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allow_private: false, ca_file: String::new(), answer_ms: 5_000, log_days: 30 }
    }
}
