//! Seat maps: which seats an aircraft has, what they are like and what choosing one costs.
//!
//! A map is a list of row groups, as they are filed: rows that look the same. Seats follow from them. A map has a version;
//! a flight is sold by the newest of its aircraft, and a seat that was sold keeps its name and price whatever is filed later.

mod file;
mod id;
#[cfg(test)]
mod tests;

use kernel::{Cabin, Currency, Money};
use serde::{Deserialize, Serialize};

use crate::fare_families::{RefundStep, SeatChoice};

pub use file::parse;
pub use id::{SEAT_LETTERS, SeatId, SeatIdError};

/// The seats of an aircraft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatMap {
    /// IATA aircraft type, such as `73H`.
    pub aircraft: String,
    /// Its rows from front to back.
    pub groups: Vec<RowGroup>,
}

/// Rows that look the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowGroup {
    /// The cabin they are in.
    pub cabin: Cabin,
    /// The first and the last of them.
    pub rows: (u8, u8),
    /// The letters of the seats between two aisles, from left to right: `["ABC", "DEF"]`.
    pub blocks: Vec<String>,
    /// What they are sold as.
    pub zone: Zone,
    /// What a seat at a window or an aisle costs, minor units.
    pub price: u32,
    /// What a seat between two others costs.
    pub middle_price: u32,
    /// What the prices are in.
    pub currency: Currency,
    /// What comes back of the price when the traveller gives the seat back.
    pub refund: Vec<RefundStep>,
    /// Beside an emergency exit.
    pub exit: bool,
    /// Behind a wall.
    pub bulkhead: bool,
    /// Over the wing.
    pub overwing: bool,
    /// The first letters of the blocks with an oxygen mask more than seats: an infant on a lap needs it.
    pub masks: Vec<char>,
    /// Letters that nobody can choose; they are given at the airport.
    pub blocked: Vec<char>,
}

/// What seats are sold as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// What most seats are; the fare families that include the standard choice include these.
    Standard,
    /// Out of the aircraft first.
    Front,
    /// More room for the knees.
    ExtraLegroom,
}

impl Zone {
    const ALL: [Self; 3] = [Self::Standard, Self::Front, Self::ExtraLegroom];

    /// The word in files and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Front => "front",
            Self::ExtraLegroom => "extra_legroom",
        }
    }

    /// The zone of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|zone| zone.as_str() == word)
    }
}

/// A seat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing a seat is or is not, whatever the others are"
)]
pub struct Seat {
    /// Its row and letter.
    pub id: SeatId,
    /// The cabin it is in.
    pub cabin: Cabin,
    /// The first seat of its block: the seats without an aisle between them.
    pub block: SeatId,
    /// At a window.
    pub window: bool,
    /// At an aisle.
    pub aisle: bool,
    /// Beside an emergency exit.
    pub exit: bool,
    /// Behind a wall.
    pub bulkhead: bool,
    /// Over the wing.
    pub overwing: bool,
    /// What it is sold as.
    pub zone: Zone,
    /// What choosing it costs.
    pub price: Money,
    /// Whether its block has an oxygen mask for an infant on a lap.
    pub mask: bool,
    /// Whether nobody can choose it.
    pub blocked: bool,
}

impl Seat {
    /// Between two others.
    pub const fn middle(&self) -> bool {
        !self.window && !self.aisle
    }

    /// What it costs somebody whose fare family includes this choice.
    pub fn price_for(&self, choice: SeatChoice) -> Money {
        let free = match choice {
            SeatChoice::None => false,
            SeatChoice::Standard => self.zone == Zone::Standard,
            SeatChoice::Any => true,
        };
        if free { Money::new(0, self.price.currency) } else { self.price }
    }

    /// What it is like, in words on the wire.
    pub fn features(&self) -> Vec<&'static str> {
        let all = [
            (self.window, "window"),
            (self.aisle, "aisle"),
            (self.middle(), "middle"),
            (self.exit, "exit"),
            (self.bulkhead, "bulkhead"),
            (self.overwing, "overwing"),
            (self.zone == Zone::ExtraLegroom, "extra_legroom"),
        ];
        all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
    }
}

impl RowGroup {
    /// The letters of a row from left to right.
    pub fn letters(&self) -> impl Iterator<Item = char> {
        self.blocks.iter().flat_map(|block| block.chars())
    }

    /// How many seats its rows have.
    pub fn seats(&self) -> usize {
        usize::from(self.rows.1.saturating_sub(self.rows.0)) * self.letters().count() + self.letters().count()
    }

    fn seats_of(&self, row: u8) -> Vec<Seat> {
        let (first, last) = (self.letters().next(), self.letters().last());
        let mut seats = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let Some(block_first) = block.chars().next() else { continue };
            for letter in block.chars() {
                let left_aisle = index > 0 && block.starts_with(letter);
                let right_aisle = index + 1 < self.blocks.len() && block.ends_with(letter);
                let (window, aisle) =
                    (Some(letter) == first || Some(letter) == last, left_aisle || right_aisle);
                let price = if window || aisle { self.price } else { self.middle_price };
                let ids = SeatId::new(row, letter).zip(SeatId::new(row, block_first));
                let Some((id, block)) = ids else { continue };
                seats.push(Seat {
                    id,
                    cabin: self.cabin,
                    block,
                    window,
                    aisle,
                    exit: self.exit,
                    bulkhead: self.bulkhead,
                    overwing: self.overwing,
                    zone: self.zone,
                    price: Money::new(price.into(), self.currency),
                    mask: self.masks.contains(&block_first),
                    blocked: self.blocked.contains(&letter),
                });
            }
        }
        seats
    }
}

impl SeatMap {
    /// The cabins, from front to back.
    pub fn cabins(&self) -> Vec<Cabin> {
        let mut cabins: Vec<Cabin> = self.groups.iter().map(|group| group.cabin).collect();
        cabins.dedup();
        cabins
    }

    /// The seats of a cabin, from front to back and from left to right.
    pub fn seats(&self, cabin: Cabin) -> Vec<Seat> {
        let groups = self.groups.iter().filter(|group| group.cabin == cabin);
        groups.flat_map(|group| (group.rows.0..=group.rows.1).flat_map(|row| group.seats_of(row))).collect()
    }

    /// What comes back of the price of a seat.
    pub fn refund(&self, seat: SeatId) -> &[RefundStep] {
        let in_group = |group: &&RowGroup| (group.rows.0..=group.rows.1).contains(&seat.row());
        self.groups.iter().find(in_group).map_or(&[], |group| &group.refund)
    }

    /// The letters of each row with the aisles between them, for drawing: rows and blocks of a cabin.
    pub fn rows(&self, cabin: Cabin) -> Vec<(u8, &[String])> {
        let groups = self.groups.iter().filter(|group| group.cabin == cabin);
        groups
            .flat_map(|group| (group.rows.0..=group.rows.1).map(|row| (row, group.blocks.as_slice())))
            .collect()
    }
}
