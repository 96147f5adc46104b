//! The name of a seat: its row and its letter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Letters of seats. I looks like 1, and no airline has more abreast.
pub const SEAT_LETTERS: &str = "ABCDEFGHJK";
/// The last row there can be: a boarding pass has room for more, no aircraft does.
const ROW_MAX: u8 = 99;

/// A seat's row and letter, such as `12A`. Ordered from front to back, then from left to right.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatId {
    row: u8,
    letter: u8,
}

/// The text names no seat.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a seat; right would be a row from 1 to {ROW_MAX} and a letter of {SEAT_LETTERS}, such as 12A"
)]
pub struct SeatIdError(pub String);

impl SeatId {
    /// The seat of a row and a letter, if there can be one.
    pub fn new(row: u8, letter: char) -> Option<Self> {
        let known = SEAT_LETTERS.contains(letter) && (1..=ROW_MAX).contains(&row);
        u8::try_from(letter).ok().filter(|_| known).map(|letter| Self { row, letter })
    }

    /// Its row, from 1.
    pub const fn row(self) -> u8 {
        self.row
    }

    /// Its letter.
    pub const fn letter(self) -> char {
        self.letter as char
    }
}

impl fmt::Display for SeatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.row, self.letter())
    }
}

impl fmt::Debug for SeatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SeatId {
    type Err = SeatIdError;

    /// Exactly as it prints: no leading zero, a capital letter.
    fn from_str(text: &str) -> Result<Self, SeatIdError> {
        let wrong = || SeatIdError(text.chars().take(20).collect());
        let letter = text.chars().next_back().ok_or_else(wrong)?;
        let row = &text[..text.len() - letter.len_utf8()];
        let digits = (1..=2).contains(&row.len()) && row.bytes().all(|byte| byte.is_ascii_digit());
        let number = row.parse().ok().filter(|_| digits && !row.starts_with('0'));
        number.and_then(|number| Self::new(number, letter)).ok_or_else(wrong)
    }
}

impl Serialize for SeatId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SeatId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
