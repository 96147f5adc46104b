//! Times in which something may be done, in days of 24 hours.

use jiff::{SignedDuration, Timestamp};

/// Whether something that may be done for `days` from an instant on may still be done. At the end it may not.
pub fn is_in_time(from: Timestamp, days: u32, now: Timestamp) -> bool {
    now.duration_since(from) < SignedDuration::from_hours(24 * i64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_ends_to_the_second() {
        let from: Timestamp = "2026-06-10T12:00:00Z".parse().expect("an instant");
        let end = from + SignedDuration::from_hours(48);
        assert!(is_in_time(from, 2, end - SignedDuration::from_secs(1)));
        assert!(!is_in_time(from, 2, end));
    }
}
