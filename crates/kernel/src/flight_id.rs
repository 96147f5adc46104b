//! A flight's id is made from what the flight is, so that importing a timetable again finds the same
//! flight without a second unique index.
//!
//! Layout of the UUIDv8 (RFC 9562 section 5.8): the first eight hexadecimal digits are the local date
//! at the origin as a person reads it (`20261224`), so ids sort by date; the last 62 bits hold airline,
//! number, suffix and origin, packed without loss. Two different flights can not share an id.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::codes::{AirportCode, FlightNumber};
use crate::ids::{self, IdError};

/// What identifies a dated flight: its number, where it departs from and the local date there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlightKey {
    /// Airline, number, suffix.
    pub number: FlightNumber,
    /// The airport of departure.
    pub origin: AirportCode,
    /// The local date of departure there. Years 0 to 9999.
    pub date: Date,
}

/// The id of a dated flight, `flt_` on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlightId(Uuid);

impl FlightId {
    /// What the id starts with on the wire.
    pub const PREFIX: &'static str = "flt";

    /// The id of the flight `key` describes.
    pub fn of(key: &FlightKey) -> Self {
        let letter = |byte: u8| u64::from(byte - b'A');
        let airline = key.number.airline.bytes().iter().fold(0, |sum, byte| sum * 37 + base37(*byte));
        let suffix = key.number.suffix.map_or(0, |suffix| letter(suffix as u8) + 1);
        let origin = key.origin.bytes().iter().fold(0, |sum, byte| sum * 26 + letter(*byte));
        let low = airline << 34 | u64::from(key.number.number) << 20 | suffix << 15 | origin;
        let high = u64::from(date_digits(key.date)) << 32 | 0x8000;
        Self(Uuid::from_u64_pair(high, 1 << 63 | low))
    }

    /// The smallest id of a date: every flight of that local date sorts at or after it, every flight of
    /// an earlier date before it.
    pub fn first_of(date: Date) -> Self {
        Self(Uuid::from_u64_pair(u64::from(date_digits(date)) << 32, 0))
    }

    /// The id a database row holds.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The id as the database keeps it.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The local date of departure, read back from the id; `None` if the id was not made by [`FlightId::of`].
    pub fn date(self) -> Option<Date> {
        let prefix = self.0.as_u64_pair().0 >> 32;
        let decimal = (0..8)
            .rev()
            .fold(0_i64, |number, place| number * 10 + (prefix >> (4 * place) & 0xF).cast_signed());
        let (year, month, day) = (decimal / 10_000, decimal / 100 % 100, decimal % 100);
        Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
    }

    /// What the flight is, read back from the id; `None` if the id was not made by [`FlightId::of`].
    pub fn key(self) -> Option<FlightKey> {
        let low = self.0.as_u64_pair().1 & (u64::MAX >> 2);
        let packed_airline = low >> 34;
        let airline: String = [packed_airline / 1369, packed_airline / 37 % 37, packed_airline % 37]
            .into_iter()
            .filter_map(character37)
            .collect();
        let packed_origin = low & 0x7FFF;
        let origin: String = [packed_origin / 676, packed_origin / 26 % 26, packed_origin % 26]
            .into_iter()
            .filter_map(|letter| character37(letter + 11))
            .collect();
        let packed_suffix = low >> 15 & 0x1F;
        let suffix = if packed_suffix == 0 { None } else { character37(packed_suffix + 10) };
        let number = u16::try_from(low >> 20 & 0x3FFF).ok()?;
        let number = FlightNumber::new(airline.parse().ok()?, number, suffix).ok()?;
        let key = FlightKey { number, origin: origin.parse().ok()?, date: self.date()? };
        (Self::of(&key) == self).then_some(key)
    }
}

/// The date as eight decimal digits that read the same in hexadecimal.
fn date_digits(date: Date) -> u32 {
    let part = |value: i8| u32::from(value.unsigned_abs());
    let decimal =
        u32::from(date.year().unsigned_abs()) * 10_000 + part(date.month()) * 100 + part(date.day());
    (0..8).fold(0, |digits, place| digits | (decimal / 10_u32.pow(place) % 10) << (4 * place))
}

/// Space, digits and letters as 0 to 36.
fn base37(byte: u8) -> u64 {
    match byte {
        b'0'..=b'9' => u64::from(byte - b'0') + 1,
        b'A'..=b'Z' => u64::from(byte - b'A') + 11,
        _ => 0,
    }
}

/// The inverse of [`base37`]; `None` for the padding space.
fn character37(value: u64) -> Option<char> {
    match u8::try_from(value).ok()? {
        digit @ 1..=10 => Some(char::from(b'0' + digit - 1)),
        letter @ 11..=36 => Some(char::from(b'A' + letter - 11)),
        _ => None,
    }
}

impl fmt::Display for FlightId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", Self::PREFIX, self.0.simple())
    }
}

impl fmt::Debug for FlightId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for FlightId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        ids::parse(text, Self::PREFIX).map(Self)
    }
}

impl Serialize for FlightId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FlightId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn key(number: &str, origin: &str, date: Date) -> FlightKey {
        FlightKey {
            number: number.parse().expect("a flight number"),
            origin: origin.parse().expect("an airport"),
            date,
        }
    }

    #[test]
    fn the_date_can_be_read_in_the_id() {
        let id = FlightId::of(&key("KR1", "ATL", date(2026, 12, 24)));
        assert!(id.to_string().starts_with("flt_20261224"), "{id}");
        assert_eq!(id.date(), Some(date(2026, 12, 24)));
        assert_eq!(id.uuid().get_version_num(), 8);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn a_date_is_a_range_of_ids() {
        let first = FlightId::first_of(date(2026, 12, 24));
        let next = FlightId::first_of(date(2026, 12, 25));
        for number in ["0A1", "ZZ9999Z"] {
            let id = FlightId::of(&key(number, "ZZZ", date(2026, 12, 24)));
            assert!(first <= id && id < next);
        }
    }

    proptest! {
        #[test]
        fn different_flights_have_different_ids(
            a in ("[A-Z][A-Z0-9]", 1_u16..=9999, prop::option::of(prop::char::range('A', 'Z')), "[A-Z]{3}", 0_i32..400),
            b in ("[A-Z][A-Z0-9]", 1_u16..=9999, prop::option::of(prop::char::range('A', 'Z')), "[A-Z]{3}", 0_i32..400),
        ) {
            let make = |(airline, number, suffix, origin, days): &(String, u16, Option<char>, String, i32)| {
                let number = FlightNumber::new(airline.parse().expect("an airline"), *number, *suffix).expect("a number");
                let date = date(2026, 1, 1).checked_add(jiff::Span::new().days(*days)).expect("a date");
                FlightKey { number, origin: origin.parse().expect("an airport"), date }
            };
            prop_assert_eq!(make(&a) == make(&b), FlightId::of(&make(&a)) == FlightId::of(&make(&b)));
            prop_assert_eq!(FlightId::of(&make(&a)).key(), Some(make(&a)));
        }
    }
}
