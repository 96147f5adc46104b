//! What a traveller asks for.

use domain::seat_maps::SeatId;
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most seats and extras of one request: nine passengers on 24 flights would be more than anybody chooses at once.
const LINES_MAX: usize = 100;

/// Seats and extras to buy for passengers of a booking.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seats": [{"passenger": 1, "segment": 1, "seat": "12A"}],
    "items": [{"code": "bag_23", "passenger": 1, "slice": 1, "quantity": 1}]}))]
pub struct ExtrasRequest {
    /// Seats to choose; a passenger who has one changes it.
    #[serde(default)]
    pub(super) seats: Vec<SeatWish>,
    /// Extras of the catalogue.
    #[serde(default)]
    pub(super) items: Vec<ItemWish>,
}

/// A seat for a passenger on a flight.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeatWish {
    /// The passenger's number in the booking.
    #[schema(example = 1)]
    pub(super) passenger: i16,
    /// The flight's number in the booking.
    #[schema(example = 1)]
    pub(super) segment: i16,
    /// Row and letter.
    #[schema(value_type = String, example = "12A")]
    pub(super) seat: SeatId,
}

/// An extra for a passenger on a flight or a slice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemWish {
    /// From the catalogue.
    #[schema(example = "bag_23")]
    pub(super) code: String,
    /// The passenger's number in the booking.
    #[schema(example = 1)]
    pub(super) passenger: i16,
    /// The flight's number in the booking, for an extra sold per flight.
    pub(super) segment: Option<i16>,
    /// The slice's number in the booking, for an extra sold per slice.
    #[schema(example = 1)]
    pub(super) slice: Option<i16>,
    /// How many; 1 if not given.
    #[serde(default = "one")]
    #[schema(example = 1)]
    pub(super) quantity: u8,
}

const fn one() -> u8 {
    1
}

impl ExtrasRequest {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty() && self.items.is_empty()
    }

    pub(super) fn check_size(&self) -> Result<(), Problem> {
        if self.is_empty() {
            return Err(Problem::invalid("seats", "choose at least one seat, or an extra in items"));
        }
        let fields = [("seats", self.seats.len()), ("items", self.items.len())];
        match fields.into_iter().find(|(_, count)| *count > LINES_MAX) {
            Some((field, _)) => Err(Problem::invalid(field, format!("there must be at most {LINES_MAX}"))),
            None => Ok(()),
        }
    }
}
