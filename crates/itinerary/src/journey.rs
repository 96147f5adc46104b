//! An answer: flights that connect, with the class each is sold in.

use kernel::{AirportCode, FlightId};

use crate::flight::Minute;
use crate::query::SortKey;

/// One flight of a journey, and the class the party would travel in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which flight.
    pub flight: FlightId,
    /// Where it departs from.
    pub origin: AirportCode,
    /// Where it lands.
    pub destination: AirportCode,
    /// When it departs.
    pub departs: Minute,
    /// When it arrives.
    pub arrives: Minute,
    /// The rank of the class, 1 to 4, in the cabin that was asked for.
    pub class_rank: u8,
    /// The filed fare of the class for one adult.
    pub fare: u32,
    /// How many seats the class can still sell, read together with the fare.
    pub seats_at_fare: u16,
    /// How many seats the cabin can still sell: those of class 1, whose limit is the whole cabin.
    pub seats_in_cabin: u16,
}

/// One to three flights that take the party from origin to destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    legs: Vec<Leg>,
    /// Minutes from first departure to last arrival.
    pub duration: u32,
    /// What the party pays, by the query's price function.
    pub price: i64,
}

impl Journey {
    pub(crate) fn new(legs: Vec<Leg>, duration: u32, price: i64) -> Self {
        Self { legs, duration, price }
    }

    /// The flights in the order they are flown, one to three.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// The journey's place in the ranking.
    pub fn key(&self) -> SortKey {
        sort_key(&self.legs, self.duration, self.price)
    }

    /// How many more travellers could be booked at this price.
    pub fn seats_at_price(&self) -> u16 {
        self.legs.iter().map(|leg| leg.seats_at_fare).min().unwrap_or(0)
    }

    /// How many more travellers could be booked in this cabin at any price.
    pub fn seats_left(&self) -> u16 {
        self.legs.iter().map(|leg| leg.seats_in_cabin).min().unwrap_or(0)
    }
}

/// The ranking key of `legs`, before a journey is made of them.
pub(crate) fn sort_key(legs: &[Leg], duration: u32, price: i64) -> SortKey {
    SortKey { duration, price, flights: std::array::from_fn(|place| legs.get(place).map(|leg| leg.flight)) }
}
