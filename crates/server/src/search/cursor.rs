//! The cursor of a list of itineraries: the sort key of the last one shown. Another server goes on from it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Buf, BufMut};
use itinerary::{Rank, SortKey};
use kernel::FlightId;
use uuid::Uuid;

const FLIGHTS: usize = 4;
const BYTES: usize = 8 + 8 + FLIGHTS * 16;

/// The key as opaque text.
pub(super) fn encode(key: &SortKey) -> String {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.put_u64(key.rank.0);
    bytes.put_u64(key.rank.1);
    for flight in key.flights {
        bytes.put_slice(flight.map_or(Uuid::nil(), FlightId::uuid).as_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key of a cursor of ours.
pub(super) fn decode(cursor: &str) -> Option<SortKey> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().filter(|bytes| bytes.len() == BYTES)?;
    let mut rest = &bytes[..];
    let rank = Rank(rest.get_u64(), rest.get_u64());
    let flights = std::array::from_fn(|_| {
        let mut id = [0; 16];
        rest.copy_to_slice(&mut id);
        Some(Uuid::from_bytes(id)).filter(|id| !id.is_nil()).map(FlightId::from_uuid)
    });
    Some(SortKey { rank, flights })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses_what_is_not_one() {
        let flight = |number: u128| Some(FlightId::from_uuid(Uuid::from_u128(number)));
        let key = SortKey { rank: Rank(125, 18_900), flights: [flight(1), flight(2), None, None] };
        assert_eq!(decode(&encode(&key)), Some(key));
        for text in ["", "x", "AAAA", "%%%"] {
            assert_eq!(decode(text), None);
        }
    }
}
