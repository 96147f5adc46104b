//! Check-in.

use serde::Deserialize;

/// Check-in, on routes for which no policy was filed.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckIn {
    /// It opens so many minutes before the scheduled departure,
    pub opens_minutes: u32,
    /// and closes so many before departure for travellers on a flight within a country,
    pub closes_minutes: u32,
    /// or on one that crosses a border;
    pub closes_minutes_international: u32,
    /// at the counter so many,
    pub counter_closes_minutes: u32,
    /// or so many.
    pub counter_closes_minutes_international: u32,
    /// For how many months after arrival a passport must be valid; 0 is on the day.
    pub passport_months: u8,
    /// How long after the last flight passports are kept, days.
    pub keep_documents_days: u32,
}

impl Default for CheckIn {
    fn default() -> Self {
        Self {
            opens_minutes: 48 * 60,
            closes_minutes: 60,
            closes_minutes_international: 90,
            counter_closes_minutes: 45,
            counter_closes_minutes_international: 60,
            passport_months: 0,
            keep_documents_days: 7,
        }
    }
}
