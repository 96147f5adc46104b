//! What is sold beside the seat: baggage, meals, priority and others, as a catalogue.
//!
//! What the fare family includes is the free allowance: its pieces of checked baggage and its meal cost nothing and are not
//! bought here. Baggage of the catalogue comes on top of the allowance, a meal of a family that has one is a choice of meal
//! for nothing, and priority boarding cannot be bought twice.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use kernel::{Cabin, Money, MoneyError};
use serde::{Deserialize, Serialize};

use crate::fare_families::{Included, LADDER_RIGHT, RefundStep, ladder};
use crate::input::{self, BadInput, Row};
use crate::pricing::PassengerType;

/// The columns read; others are ignored.
const COLUMNS: &[&str] = &[
    "code",
    "kind",
    "name",
    "per",
    "unit",
    "kg",
    "price",
    "currency",
    "cabins",
    "passengers",
    "most",
    "stock",
    "refund",
    "closes_minutes",
];
/// Longest code.
pub const CODE_MAX: usize = 32;
/// Most of an item that a passenger can have on a flight or slice.
pub const MOST_MAX: u32 = 99;

/// What an extra is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtraKind {
    /// A chosen seat; the seat map has what it costs.
    Seat,
    /// Checked baggage beyond the allowance.
    Baggage,
    /// Something to eat.
    Meal,
    /// Boarding, or something else, before others.
    Priority,
    /// Anything else.
    Other,
}

impl ExtraKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Seat, Self::Baggage, Self::Meal, Self::Priority, Self::Other];

    /// The word in files, in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seat => "seat",
            Self::Baggage => "baggage",
            Self::Meal => "meal",
            Self::Priority => "priority",
            Self::Other => "other",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How far an extra is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExtraStatus {
    /// Kept for an order that is not paid yet.
    Reserved,
    /// Paid, with a document of its own.
    Issued,
    /// A seat that was changed for another; what was paid for it went over to that.
    Exchanged,
    /// Given back after it was issued.
    Refunded,
    /// Given back with its order, which was not paid.
    Released,
    /// Taken out of its order by the traveller before that was paid.
    Removed,
}

impl ExtraStatus {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Reserved, Self::Issued, Self::Exchanged, Self::Refunded, Self::Released, Self::Removed];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Issued => "issued",
            Self::Exchanged => "exchanged",
            Self::Refunded => "refunded",
            Self::Released => "released",
            Self::Removed => "removed",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether it takes a seat or stock.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Reserved | Self::Issued)
    }
}

/// What one price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One passenger on one flight.
    Flight,
    /// One passenger on all flights of a slice.
    Slice,
}

impl Per {
    /// The word in files, in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flight => "flight",
            Self::Slice => "slice",
        }
    }

    /// What that word is for.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Flight, Self::Slice].into_iter().find(|per| per.as_str() == word)
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "unit")]
pub enum Unit {
    /// One of it.
    One,
    /// A piece of baggage.
    Piece {
        /// What it may weigh, kilograms.
        kg: u8,
    },
    /// A kilogram of baggage.
    Kilogram,
}

impl Unit {
    /// The word in files, in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Piece { .. } => "piece",
            Self::Kilogram => "kg",
        }
    }

    /// The unit of that word and weight, where they belong together.
    pub fn from_word(word: &str, kg: Option<u8>) -> Option<Self> {
        match (word, kg) {
            ("one", None) => Some(Self::One),
            ("piece", Some(kg @ 1..=50)) => Some(Self::Piece { kg }),
            ("kg", None) => Some(Self::Kilogram),
            _ => None,
        }
    }
}

/// An extra of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// What programs call it, such as `bag_23`; the same for ever.
    pub code: String,
    /// What it is; never a seat.
    pub kind: ExtraKind,
    /// What travellers call it.
    pub name: String,
    /// What one price is for.
    pub per: Per,
    /// What is counted.
    pub unit: Unit,
    /// What one unit costs.
    pub price: Money,
    /// The cabins it is sold in.
    pub cabins: Vec<Cabin>,
    /// Who can have it.
    pub passengers: Vec<PassengerType>,
    /// So many for a passenger on a flight or slice at most.
    pub most: u8,
    /// So many on a flight at most, over all passengers; `None` is any number.
    pub stock: Option<u32>,
    /// What comes back of the price when the traveller gives it back.
    pub refund: Vec<RefundStep>,
    /// Its sale ends so many minutes before departure, and not later than check-in does.
    pub closes_minutes: u32,
}

/// Somebody who wants an extra.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The cabin of the flight, or of the slice.
    pub cabin: Cabin,
    /// Who it is for.
    pub passenger: PassengerType,
    /// What the fare family includes.
    pub included: &'a Included,
    /// How many of it the passenger has there already.
    pub has: u32,
    /// How many more are wanted.
    pub quantity: u32,
    /// When the flight, or the first of the slice, departs.
    pub departs_at: Timestamp,
    /// When check-in closes, before departure.
    pub check_in_closes: SignedDuration,
    /// When it is asked for.
    pub now: Timestamp,
}

/// Why an extra cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtraError {
    /// It is not sold in this cabin.
    #[error("it is not sold in this cabin")]
    Cabin,
    /// It is not for passengers of this type.
    #[error("it is not for passengers of this type")]
    Passenger,
    /// More than one passenger can have.
    #[error("a passenger can have {most} of it here, and has {has}")]
    TooMany {
        /// The limit.
        most: u8,
        /// Had already.
        has: u32,
    },
    /// The fare includes it.
    #[error("the fare includes it")]
    Included,
    /// Its sale has ended.
    #[error("its sale has ended")]
    Closed,
    /// The price does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Extra {
    /// When its sale ends.
    pub fn closes_at(&self, departs_at: Timestamp, check_in_closes: SignedDuration) -> Timestamp {
        let own = SignedDuration::from_mins(self.closes_minutes.into());
        departs_at - own.max(check_in_closes)
    }

    /// What a unit costs somebody with this allowance: the meal a fare family includes is free.
    pub fn unit_price(&self, included: &Included) -> Money {
        let free = self.kind == ExtraKind::Meal && included.meal;
        if free { Money::new(0, self.price.currency) } else { self.price }
    }

    /// What the wish costs, or why it cannot be.
    pub fn price_of(&self, wish: &Wish<'_>) -> Result<Money, ExtraError> {
        if !self.cabins.contains(&wish.cabin) {
            return Err(ExtraError::Cabin);
        }
        if !self.passengers.contains(&wish.passenger) {
            return Err(ExtraError::Passenger);
        }
        if self.kind == ExtraKind::Priority && wish.included.priority_boarding {
            return Err(ExtraError::Included);
        }
        if self.closes_at(wish.departs_at, wish.check_in_closes) <= wish.now {
            return Err(ExtraError::Closed);
        }
        if wish.has.saturating_add(wish.quantity) > self.most.into() {
            return Err(ExtraError::TooMany { most: self.most, has: wish.has });
        }
        let unit = self.unit_price(wish.included);
        let amount = unit.amount.checked_mul(wish.quantity.into()).ok_or(MoneyError::Overflow)?;
        Ok(Money::new(amount, unit.currency))
    }
}

/// Reads a file of extras.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<Extra>, BadInput> {
    let mut lines: HashMap<String, u64> = HashMap::new();
    input::read(file, bytes, COLUMNS, |row| {
        let extra = extra(row)?;
        if let Some(first) = lines.insert(extra.code.clone(), row.line) {
            row.refuse("code", &format!("is already on line {first}"), "each extra once");
            return None;
        }
        Some(extra)
    })
}

/// Whether a text can be the code of an extra.
pub fn is_code(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=CODE_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

fn extra(row: &mut Row<'_>) -> Option<Extra> {
    let right = format!("a-z, 0-9 and _, at most {CODE_MAX}, such as bag_23");
    let code = row.parse("code", "is not a code", &right, |text| is_code(text).then(|| text.to_owned()));
    let kind = row.parse("kind", "is not a kind", "baggage, meal, priority or other", |text| {
        ExtraKind::from_word(text).filter(|kind| *kind != ExtraKind::Seat)
    });
    let name = row.parse("name", "is empty or too long", "1 to 60 characters", |text| {
        (1..=60).contains(&text.chars().count()).then(|| text.to_owned())
    });
    let per = row.parse("per", "is neither", "flight or slice", Per::from_word);
    let unit = unit(row);
    let price = row.whole_number("price", 0, 10_000_000);
    let currency =
        row.parse("currency", "is not a currency", "ISO 4217, such as USD", |text| text.parse().ok());
    let cabins = row.parse(
        "cabins",
        "are not cabins",
        "cabins with spaces between, such as economy business",
        |text| some_of(text, |word| word.parse().ok()),
    );
    let types = "adult, child and infant, with spaces between";
    let passengers = row.parse("passengers", "are not passenger types", types, |text| {
        some_of(text, PassengerType::from_word)
    });
    let most = row.whole_number("most", 1, MOST_MAX).and_then(|most| u8::try_from(most).ok());
    let stock = row.parse("stock", "is not a number", "a whole number, or empty for any number", |text| {
        if text.is_empty() {
            Some(None)
        } else {
            text.parse().ok().filter(|stock| *stock <= 10_000).map(Some)
        }
    });
    let refund = row.parse("refund", "is not a ladder of refunds", LADDER_RIGHT, ladder);
    let closes_minutes = row.whole_number("closes_minutes", 0, 14 * 24 * 60);
    Some(Extra {
        code: code?,
        kind: kind?,
        name: name?,
        per: per?,
        unit: unit?,
        price: Money::new(price?.into(), currency?),
        cabins: cabins?,
        passengers: passengers?,
        most: most?,
        stock: stock?,
        refund: refund?,
        closes_minutes: closes_minutes?,
    })
}

fn unit(row: &mut Row<'_>) -> Option<Unit> {
    let kg = row.parse("kg", "is not a weight", "1 to 50, or empty", |text| {
        let weight = |kg: &u8| (1..=50).contains(kg);
        if text.is_empty() { Some(None) } else { text.parse().ok().filter(weight).map(Some) }
    })?;
    let right = "one or kg with an empty kg, or piece with what it may weigh in kg";
    row.parse("unit", "does not fit", right, |text| Unit::from_word(text, kg))
}

/// At least one word, each once.
fn some_of<T: PartialEq>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let words: Vec<T> = text.split_whitespace().map(read).collect::<Option<_>>()?;
    let twice = words.iter().enumerate().any(|(index, word)| words[..index].contains(word));
    (!words.is_empty() && !twice).then_some(words)
}
