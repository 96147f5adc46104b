//! The cursor of a list of itineraries. It points into the list that this server keeps for some minutes, and carries the
//! sort key of the last itinerary shown, from which any other server goes on.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Buf, BufMut};
use itinerary::{Rank, SortKey};
use kernel::FlightId;
use uuid::Uuid;

const FLIGHTS: usize = 4;
const BYTES: usize = 16 + 4 + 8 + 8 + 8 + FLIGHTS * 16;

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The list.
    pub(super) list: Uuid,
    /// How many of it were shown.
    pub(super) position: u32,
    /// The question it answers.
    pub(super) question: u64,
    /// The last itinerary shown.
    pub(super) after: SortKey,
}

/// The cursor as opaque text.
pub(super) fn encode(cursor: &Cursor) -> String {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.put_slice(cursor.list.as_bytes());
    bytes.put_u32(cursor.position);
    bytes.put_u64(cursor.question);
    bytes.put_u64(cursor.after.rank.0);
    bytes.put_u64(cursor.after.rank.1);
    for flight in cursor.after.flights {
        bytes.put_slice(flight.map_or(Uuid::nil(), FlightId::uuid).as_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The cursor of a text of ours.
pub(super) fn decode(text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == BYTES)?;
    let mut rest = &bytes[..];
    let list = id(&mut rest);
    let (position, question) = (rest.get_u32(), rest.get_u64());
    let rank = Rank(rest.get_u64(), rest.get_u64());
    let flights =
        std::array::from_fn(|_| Some(id(&mut rest)).filter(|id| !id.is_nil()).map(FlightId::from_uuid));
    Some(Cursor { list, position, question, after: SortKey { rank, flights } })
}

fn id(rest: &mut &[u8]) -> Uuid {
    let mut id = [0; 16];
    rest.copy_to_slice(&mut id);
    Uuid::from_bytes(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses_what_is_not_one() {
        let flight = |number: u128| Some(FlightId::from_uuid(Uuid::from_u128(number)));
        let after = SortKey { rank: Rank(125, 18_900), flights: [flight(1), flight(2), None, None] };
        let cursor = Cursor { list: Uuid::from_u128(7), position: 20, question: 99, after };
        assert_eq!(decode(&encode(&cursor)), Some(cursor));
        for text in ["", "x", "AAAA", "%%%"] {
            assert_eq!(decode(text), None);
        }
    }
}
