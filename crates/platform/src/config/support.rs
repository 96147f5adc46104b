//! Support tickets, and answers to what is asked often.

use serde::Deserialize;

/// Support tickets.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Support {
    /// Within how many hours staff should answer,
    pub answer_hours: u32,
    /// and where whoever asks may be at an airport.
    pub urgent_answer_hours: u32,
    /// For how many days what was resolved can be opened again.
    pub reopen_days: u32,
    /// For how many days what was resolved is kept.
    pub keep_days: u32,
    /// Tickets that an account may have open at a time.
    pub open_tickets: u32,
    /// Tickets that an account may open in a day,
    pub tickets_per_day: u32,
    /// and messages it may write, those that open tickets among them.
    pub messages_per_day: u32,
    /// Largest file that can be attached, bytes.
    pub attachment_bytes: usize,
    /// Files that an account may send in a day.
    pub attachments_per_day: u32,
}

impl Default for Support {
    fn default() -> Self {
        Self {
            answer_hours: 24,
            urgent_answer_hours: 4,
            reopen_days: 14,
            keep_days: 1_095,
            open_tickets: 10,
            tickets_per_day: 20,
            messages_per_day: 100,
            attachment_bytes: 5 * 1024 * 1024,
            attachments_per_day: 40,
        }
    }
}

/// Answers to what is asked often.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faq {
    /// A folder with articles, a folder in it for each language (`en`, `hi`); empty: those that come with the binary.
    pub folder: String,
}
