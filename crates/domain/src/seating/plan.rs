//! A cabin of one flight: its seats, and which of them can be had.

use std::collections::{BTreeSet, HashMap};

use kernel::Cabin;

use crate::seat_maps::{Seat, SeatId, SeatMap};

/// The seats of a cabin on a flight, from front to back and from left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CabinPlan {
    places: Vec<Place>,
    by_seat: HashMap<SeatId, usize>,
}

/// A seat on a flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The seat.
    pub seat: Seat,
    /// Whether it can be had.
    pub state: PlaceState,
    /// Whether no infant uses the oxygen mask of its block.
    pub mask_free: bool,
}

/// Whether a seat can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceState {
    /// Yes.
    Free,
    /// Somebody has it.
    Taken,
    /// It is given at the airport only.
    Blocked,
}

impl PlaceState {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Taken => "taken",
            Self::Blocked => "blocked",
        }
    }
}

impl CabinPlan {
    /// The cabin of a flight that sells `capacity` seats in it. Where the map has more, the rearmost ones are blocked, so many
    /// that as many are left as are sold. `masks` are the blocks, by their first seats, with an infant on a lap.
    pub fn new(
        map: &SeatMap,
        cabin: Cabin,
        capacity: usize,
        taken: &BTreeSet<SeatId>,
        masks: &BTreeSet<SeatId>,
    ) -> Self {
        let place = |(index, seat): (usize, Seat)| {
            let state = if taken.contains(&seat.id) {
                PlaceState::Taken
            } else if seat.blocked || index >= capacity {
                PlaceState::Blocked
            } else {
                PlaceState::Free
            };
            Place { state, mask_free: seat.mask && !masks.contains(&seat.block), seat }
        };
        let places: Vec<Place> = map.seats(cabin).into_iter().enumerate().map(place).collect();
        let by_seat = places.iter().enumerate().map(|(index, place)| (place.seat.id, index)).collect();
        Self { places, by_seat }
    }

    /// All seats.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// One seat.
    pub fn place(&self, seat: SeatId) -> Option<&Place> {
        self.by_seat.get(&seat).and_then(|index| self.places.get(*index))
    }

    /// Whether a seat can be had; `None` where there is none.
    pub fn state(&self, seat: SeatId) -> Option<PlaceState> {
        self.place(seat).map(|place| place.state)
    }

    /// Whether two seats are next to one another in a row; an aisle between them does not part them.
    pub fn are_neighbours(&self, one: SeatId, other: SeatId) -> bool {
        let index = |seat| self.by_seat.get(&seat).copied();
        let apart = index(one).zip(index(other)).map(|(one, other)| one.abs_diff(other));
        one.row() == other.row() && apart == Some(1)
    }

    /// The seats, row by row.
    pub fn rows(&self) -> impl Iterator<Item = &[Place]> {
        self.places.chunk_by(|one, other| one.seat.id.row() == other.seat.id.row())
    }
}
