//! Reviews of flights.

use serde::Deserialize;

/// Reviews of flights.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reviews {
    /// Who may write one.
    pub require: ReviewsRequire,
    /// When staff look at it.
    pub moderation: Moderation,
    /// For how long after arrival a flight can be reviewed, days.
    pub write_days: u32,
    /// For how long a review can be said otherwise, days.
    pub edit_days: u32,
}

/// Who may review a flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewsRequire {
    /// Who was on board.
    #[default]
    Flown,
    /// Who had a ticket and did not give it back.
    Booked,
}

/// When staff look at a review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// When somebody reports it.
    #[default]
    Afterwards,
    /// Before others see it.
    Beforehand,
}

impl Default for Reviews {
    fn default() -> Self {
        Self {
            require: ReviewsRequire::default(),
            moderation: Moderation::default(),
            write_days: 90,
            edit_days: 14,
        }
    }
}
