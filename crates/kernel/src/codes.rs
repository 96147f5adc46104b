//! IATA codes and the words for where in the aircraft one sits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text was not the code it should be. The message says what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not {1}")]
pub struct CodeError(pub String, pub &'static str);

/// Serialises through `Display`, deserialises through `FromStr`.
macro_rules! text_on_the_wire {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

/// An airport by its three-letter IATA location identifier (Resolution 763).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AirportCode([u8; 3]);

impl AirportCode {
    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// The letters as bytes, `A` to `Z`.
    pub const fn bytes(self) -> [u8; 3] {
        self.0
    }
}

impl FromStr for AirportCode {
    type Err = CodeError;

    /// Accepts lower case, as people type it.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        three_letters(text).map(Self).ok_or_else(|| {
            CodeError(text.chars().take(20).collect(), "an airport code (three letters, such as ATL)")
        })
    }
}

impl fmt::Display for AirportCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_on_the_wire!(AirportCode);

/// A city with its airports by its three-letter IATA location identifier: NYC is JFK, LGA and EWR. The letters may be
/// those of an airport too (HOU is Houston and its Hobby airport), so the two are different types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CityCode([u8; 3]);

impl CityCode {
    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl FromStr for CityCode {
    type Err = CodeError;

    /// Accepts lower case, as people type it.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        three_letters(text).map(Self).ok_or_else(|| {
            CodeError(text.chars().take(20).collect(), "a city code (three letters, such as NYC)")
        })
    }
}

impl fmt::Display for CityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_on_the_wire!(CityCode);

fn three_letters(text: &str) -> Option<[u8; 3]> {
    let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
    letters.iter().all(u8::is_ascii_alphabetic).then(|| letters.map(|letter| letter.to_ascii_uppercase()))
}

/// An airline by its IATA designator: two characters of `A-Z0-9`, not both digits, and rarely a third letter
/// (Resolution 762).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AirlineCode([u8; 3]);

impl AirlineCode {
    /// The two or three characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??").trim_end()
    }

    /// The characters as bytes, padded with a space.
    pub const fn bytes(self) -> [u8; 3] {
        self.0
    }
}

impl FromStr for AirlineCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let well_formed = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && text.bytes().take(2).any(|byte| byte.is_ascii_uppercase());
        match text.as_bytes() {
            [a, b] if well_formed => Ok(Self([*a, *b, b' '])),
            [a, b, c] if well_formed && c.is_ascii_uppercase() => Ok(Self([*a, *b, *c])),
            _ => Err(CodeError(
                text.chars().take(20).collect(),
                "an airline code (two characters, such as KR)",
            )),
        }
    }
}

impl fmt::Display for AirlineCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_on_the_wire!(AirlineCode);

/// Airline, number and operational suffix: `KR1`, `UD2041A`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlightNumber {
    /// The airline's designator.
    pub airline: AirlineCode,
    /// 1 to 9999.
    pub number: u16,
    /// A capital letter, for a second flight of the same number on a day.
    pub suffix: Option<char>,
}

impl FlightNumber {
    /// Checks the number's range and the suffix.
    pub fn new(airline: AirlineCode, number: u16, suffix: Option<char>) -> Result<Self, CodeError> {
        if !(1..=9999).contains(&number) {
            return Err(CodeError(number.to_string(), "a flight number (1 to 9999)"));
        }
        if let Some(letter) = suffix.filter(|letter| !letter.is_ascii_uppercase()) {
            return Err(CodeError(letter.to_string(), "an operational suffix (a capital letter)"));
        }
        Ok(Self { airline, number, suffix })
    }
}

impl FromStr for FlightNumber {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let wrong = || CodeError(text.chars().take(20).collect(), "a flight number (such as KR1)");
        // Two characters are the airline, or three when the third is a letter before the digits.
        let split = if text.chars().nth(2).is_some_and(|c| c.is_ascii_uppercase()) { 3 } else { 2 };
        if !text.is_ascii() || text.len() <= split {
            return Err(wrong());
        }
        let (airline, rest) = text.split_at(split);
        let suffix = rest.chars().last().filter(char::is_ascii_uppercase);
        let digits = rest.trim_end_matches(|c: char| c.is_ascii_uppercase());
        if digits.is_empty() || rest.len() - digits.len() > 1 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        Self::new(airline.parse()?, digits.parse().map_err(|_| wrong())?, suffix)
    }
}

impl fmt::Display for FlightNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.airline, self.number)?;
        self.suffix.map_or(Ok(()), |suffix| write!(f, "{suffix}"))
    }
}

text_on_the_wire!(FlightNumber);

/// A compartment of the aircraft. The order is the one of price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Cabin {
    /// Economy, compartment code Y.
    Economy,
    /// Premium economy, compartment code W.
    PremiumEconomy,
    /// Business, compartment code C.
    Business,
    /// First, compartment code F.
    First,
}

impl Cabin {
    /// All cabins, cheapest first.
    pub const ALL: [Self; 4] = [Self::Economy, Self::PremiumEconomy, Self::Business, Self::First];

    /// 0 for economy to 3 for first: the number the database keeps.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The cabin with that number.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Economy => "economy",
            Self::PremiumEconomy => "premium_economy",
            Self::Business => "business",
            Self::First => "first",
        }
    }
}

impl fmt::Display for Cabin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cabin {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::ALL.into_iter().find(|cabin| cabin.as_str() == text).ok_or_else(|| {
            CodeError(
                text.chars().take(20).collect(),
                "a cabin (economy, premium_economy, business or first)",
            )
        })
    }
}

/// How many booking classes a cabin has. Class limits nest: a seat sold in a class also counts
/// against every class above it.
pub const CLASSES_PER_CABIN: usize = 4;

/// A booking class (reservation booking designator) as its place in the cabin's ladder: rank 1 is the
/// full fare with the whole cabin for its limit, rank 4 the cheapest with the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BookingClass {
    /// The cabin the class belongs to.
    pub cabin: Cabin,
    /// 1 to [`CLASSES_PER_CABIN`].
    rank: u8,
}

impl BookingClass {
    /// The letters of each cabin's ladder, full fare first, after common airline usage.
    const LETTERS: [[char; CLASSES_PER_CABIN]; 4] =
        [['Y', 'B', 'M', 'Q'], ['W', 'R', 'E', 'T'], ['J', 'C', 'D', 'I'], ['F', 'A', 'P', 'O']];

    /// The class of that rank, 1 to 4.
    pub fn new(cabin: Cabin, rank: u8) -> Option<Self> {
        (1..=CLASSES_PER_CABIN).contains(&usize::from(rank)).then_some(Self { cabin, rank })
    }

    /// 1 (full fare) to 4 (cheapest).
    pub const fn rank(self) -> u8 {
        self.rank
    }

    /// The booking class letter, such as `Y`.
    pub fn letter(self) -> char {
        Self::LETTERS[self.cabin.index()][usize::from(self.rank) - 1]
    }

    /// The class of `cabin` with that letter.
    pub fn from_letter(cabin: Cabin, letter: char) -> Option<Self> {
        let index = Self::LETTERS[cabin.index()].iter().position(|candidate| *candidate == letter)?;
        Self::new(cabin, u8::try_from(index + 1).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type_and_says_what_is_right() {
        assert_eq!("atl".parse::<AirportCode>().map(|code| code.to_string()), Ok("ATL".to_owned()));
        let error = "ATLANTA".parse::<AirportCode>().expect_err("seven letters");
        assert_eq!(error.to_string(), "\"ATLANTA\" is not an airport code (three letters, such as ATL)");
        assert!("99".parse::<AirlineCode>().is_err());
        assert_eq!("nyc".parse::<CityCode>().map(|code| code.to_string()), Ok("NYC".to_owned()));
        for text in ["", "NY", "NYCX", "N1C", "नी"] {
            assert!(text.parse::<CityCode>().is_err() && text.parse::<AirportCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn flight_numbers_round_trip() {
        for text in ["KR1", "UD2041A", "9W123", "EZY45"] {
            assert_eq!(text.parse::<FlightNumber>().map(|number| number.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "KR", "KR0", "KR10000", "KR1AB", "KR 1", "KRx", "K", "✈✈1"] {
            assert!(text.parse::<FlightNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn class_letters_are_distinct_in_the_airline() {
        let mut letters: Vec<char> = Cabin::ALL
            .iter()
            .flat_map(|cabin| (1..=4).filter_map(|rank| BookingClass::new(*cabin, rank)))
            .map(BookingClass::letter)
            .collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 16);
        assert_eq!(BookingClass::new(Cabin::Economy, 5), None);
    }
}
