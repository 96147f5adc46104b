//! Offers: signed tokens that say what was shown, to whom and until when. Nothing is stored until one is used.
//!
//! Layout before base64url: version (1), feed number (8), expiry in Unix seconds (8), party (3), currency (3), total (8),
//! number of legs (1), then for each leg flight id (16), cabin (1), class rank (1) and filed fare (4); at the end the
//! first 16 bytes of HMAC-SHA-256. All numbers big-endian.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Buf, BufMut};
use domain::pricing::Party;
use hmac::Mac;
use jiff::Timestamp;
use kernel::{BookingClass, Cabin, Currency, FlightId, Money};
use platform::keys::Secret;
use platform::seal::keyed;
use uuid::Uuid;

const PREFIX: &str = "off_";
const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + 8 + 8 + 3 + 3 + 8 + 1;
const LEG_BYTES: usize = 16 + 1 + 1 + 4;
const LEGS_MAX: usize = 24;

/// What was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The feed number the prices were fresh to.
    pub as_of: u64,
    /// It can be booked before this instant. Whole seconds.
    pub expires_at: Timestamp,
    /// Who it is priced for.
    pub party: Party,
    /// The price of the whole party.
    pub total: Money,
    /// The flights in order.
    pub legs: Vec<OfferLeg>,
}

/// A flight of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferLeg {
    /// Which flight.
    pub flight: FlightId,
    /// The class in its cabin.
    pub class: BookingClass,
    /// Its filed one-way adult fare, minor units.
    pub fare: u32,
}

/// Why a token is not an offer that can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Not a token of ours, or altered.
    #[error("not an offer")]
    Unknown,
    /// It was one, and its time is over.
    #[error("the offer has expired")]
    Expired,
}

/// Makes and reads offer tokens.
#[derive(Clone)]
pub struct OfferSigner(Secret);

impl OfferSigner {
    /// Signs with this key.
    pub fn new(key: Secret) -> Self {
        Self(key)
    }

    /// The token of an offer.
    pub fn sign(&self, offer: &Offer) -> String {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + offer.legs.len() * LEG_BYTES + TAG_BYTES);
        bytes.put_u8(VERSION);
        bytes.put_u64(offer.as_of);
        bytes.put_i64(offer.expires_at.as_second());
        bytes.put_slice(&[offer.party.adults, offer.party.children, offer.party.infants]);
        bytes.put_slice(offer.total.currency.as_str().as_bytes());
        bytes.put_i64(offer.total.amount);
        bytes.put_u8(u8::try_from(offer.legs.len()).unwrap_or(0));
        for leg in &offer.legs {
            bytes.put_slice(leg.flight.uuid().as_bytes());
            bytes.put_u8(u8::try_from(leg.class.cabin.index()).unwrap_or(0));
            bytes.put_u8(leg.class.rank());
            bytes.put_u32(leg.fare);
        }
        let tag = self.tag(&bytes);
        bytes.put_slice(&tag);
        let mut token = String::with_capacity(PREFIX.len() + bytes.len() * 4 / 3 + 3);
        token.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(&bytes, &mut token);
        token
    }

    /// The offer of a token that is ours and still good at `now`.
    pub fn open(&self, token: &str, now: Timestamp) -> Result<Offer, OfferError> {
        let encoded =
            token.strip_prefix(PREFIX).filter(|encoded| encoded.len() < 1_024).ok_or(OfferError::Unknown)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| OfferError::Unknown)?;
        let (content, tag) = bytes.split_last_chunk::<TAG_BYTES>().ok_or(OfferError::Unknown)?;
        // A comparison whose time tells nothing about how much of a forged tag is right.
        if !bool::from(subtle::ConstantTimeEq::ct_eq(&tag[..], &self.tag(content)[..])) {
            return Err(OfferError::Unknown);
        }
        let offer = decode(content).ok_or(OfferError::Unknown)?;
        if now < offer.expires_at { Ok(offer) } else { Err(OfferError::Expired) }
    }

    fn tag(&self, content: &[u8]) -> [u8; TAG_BYTES] {
        let mut mac = keyed(&self.0);
        mac.update(content);
        let full = mac.finalize().into_bytes();
        std::array::from_fn(|index| full[index])
    }
}

/// Reads content whose signature was right.
fn decode(mut content: &[u8]) -> Option<Offer> {
    if content.len() < HEADER_BYTES || content.get_u8() != VERSION {
        return None;
    }
    let as_of = content.get_u64();
    let expires_at = Timestamp::from_second(content.get_i64()).ok()?;
    let party = Party::new(content.get_u8(), content.get_u8(), content.get_u8()).ok()?;
    let mut currency = [0; 3];
    content.copy_to_slice(&mut currency);
    let currency: Currency = std::str::from_utf8(&currency).ok()?.parse().ok()?;
    let total = Money::new(content.get_i64(), currency);
    let legs = usize::from(content.get_u8());
    if legs == 0 || legs > LEGS_MAX || content.len() != legs * LEG_BYTES {
        return None;
    }
    let mut leg = || {
        let mut id = [0; 16];
        content.copy_to_slice(&mut id);
        let cabin = Cabin::from_index(content.get_u8().into())?;
        let class = BookingClass::new(cabin, content.get_u8())?;
        Some(OfferLeg { flight: FlightId::from_uuid(Uuid::from_bytes(id)), class, fare: content.get_u32() })
    };
    let legs: Option<Vec<OfferLeg>> = (0..legs).map(|_| leg()).collect();
    Some(Offer { as_of, expires_at, party, total, legs: legs? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> Offer {
        let leg = |number: u128| OfferLeg {
            flight: FlightId::from_uuid(Uuid::from_u128(number)),
            class: BookingClass::new(Cabin::Business, 3).expect("a class"),
            fare: 45_900,
        };
        Offer {
            as_of: 77,
            expires_at: "2026-12-01T00:00:00Z".parse().expect("an instant"),
            party: Party { adults: 2, children: 1, infants: 1 },
            total: Money::new(123_400, Currency::USD),
            legs: vec![leg(1), leg(2), leg(3)],
        }
    }

    #[test]
    fn opens_what_it_signed_until_it_expires() {
        let (signer, offer) = (OfferSigner::new(Secret::new([1; 32])), offer());
        let token = signer.sign(&offer);
        let at = |text: &str| text.parse().expect("an instant");
        assert_eq!(signer.open(&token, at("2026-11-30T23:59:59Z")), Ok(offer));
        assert_eq!(signer.open(&token, at("2026-12-01T00:00:00Z")), Err(OfferError::Expired));
    }

    #[test]
    fn no_character_can_be_changed() {
        let signer = OfferSigner::new(Secret::new([1; 32]));
        let token = signer.sign(&offer());
        for index in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("text");
            assert_eq!(
                signer.open(&altered, Timestamp::UNIX_EPOCH),
                Err(OfferError::Unknown),
                "character {index}"
            );
        }
        for token in ["", "off_", "off_AAAA", "xyz", &token[..token.len() - 4], &"A".repeat(4_000)] {
            assert_eq!(signer.open(token, Timestamp::UNIX_EPOCH), Err(OfferError::Unknown));
        }
        let other = OfferSigner::new(Secret::new([2; 32]));
        assert_eq!(other.open(&token, Timestamp::UNIX_EPOCH), Err(OfferError::Unknown));
    }
}
