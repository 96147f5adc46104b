//! The record locator a traveller reads aloud. A name for a booking, never a credential.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codes::CodeError;

/// Letters and digits that are not mistaken for one another: no 0, 1, I, L, O.
const ALPHABET: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Six characters of [`ALPHABET`], at least one of them a letter: 31^6 less the all-digit ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordLocator([u8; 6]);

impl RecordLocator {
    /// A locator from random bytes, or `None` when they would give an all-digit or biased one; the caller
    /// then draws again.
    pub fn from_random(random: [u8; 6]) -> Option<Self> {
        // 248 is the largest multiple of 31 in a byte: larger values would favour the first letters.
        if random.iter().any(|byte| *byte >= 248) {
            return None;
        }
        let characters = random.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]);
        characters.iter().any(u8::is_ascii_uppercase).then_some(Self(characters))
    }

    /// The six characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??????")
    }
}

impl FromStr for RecordLocator {
    type Err = CodeError;

    /// Accepts lower case, as people type it.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let upper = text.to_ascii_uppercase();
        let characters: Option<[u8; 6]> = upper.as_bytes().try_into().ok();
        characters
            .filter(|characters| characters.iter().all(|byte| ALPHABET.contains(byte)))
            .map(Self)
            .ok_or_else(|| {
                CodeError(text.chars().take(20).collect(), "a record locator (six letters and digits)")
            })
    }
}

impl fmt::Display for RecordLocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RecordLocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RecordLocator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RecordLocator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_bias_and_all_digits() {
        assert_eq!(RecordLocator::from_random([0; 6]).map(|l| l.to_string()), Some("AAAAAA".to_owned()));
        assert_eq!(RecordLocator::from_random([248, 0, 0, 0, 0, 0]), None);
        assert_eq!(RecordLocator::from_random([30; 6]), None, "999999 has no letter");
    }

    #[test]
    fn reads_lower_case_and_refuses_lookalikes() {
        assert_eq!("abc234".parse::<RecordLocator>().map(|l| l.to_string()), Ok("ABC234".to_owned()));
        assert!("ABC0O1".parse::<RecordLocator>().is_err());
        assert!("ABC23".parse::<RecordLocator>().is_err());
    }
}
