//! Offers: signed tokens that say what was shown, to whom and until when. Nothing is stored until one is used.
//!
//! Layout before base64url: version (1), feed number (8), expiry in Unix seconds (8), party (3), currency (3), number of
//! slices (1); for each slice cabin (1), length of the fare family's code (1) and the code, the price of one adult, one child
//! and one infant (8 each; only types that travel), number of legs (1), then for each leg flight id (16), cabin (1), class
//! rank (1) and filed fare (4); at the end the first 16 bytes of HMAC-SHA-256. All numbers big-endian.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Buf, BufMut};
use domain::fare_families::CODE_MAX;
use domain::pricing::{Party, PassengerType};
use hmac::Mac;
use jiff::Timestamp;
use kernel::{BookingClass, Cabin, Currency, FlightId, Money, MoneyError};
use platform::keys::Secret;
use platform::seal::keyed;
use uuid::Uuid;

const PREFIX: &str = "off_";
const VERSION: u8 = 2;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + 8 + 8 + 3 + 3 + 1;
const LEG_BYTES: usize = 16 + 1 + 1 + 4;
/// Most slices of a trip.
pub(super) const SLICES_MAX: usize = 6;
const LEGS_MAX: usize = 4;
/// Longer than any token: six slices of four flights.
const TOKEN_MAX: usize = 1_400;

/// What was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The feed number the prices were fresh to.
    pub as_of: u64,
    /// It can be booked before this instant. Whole seconds.
    pub expires_at: Timestamp,
    /// Who it is priced for.
    pub party: Party,
    /// What prices are in.
    pub currency: Currency,
    /// The directions of the trip in order, one to [`SLICES_MAX`].
    pub slices: Vec<OfferSlice>,
}

/// One direction of a trip, priced by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferSlice {
    /// The cabin that was asked for: it decides the market ratio.
    pub cabin: Cabin,
    /// The code of the fare family.
    pub family: String,
    /// What one adult, child and infant pay, minor units; 0 for a type that does not travel.
    pub prices: [i64; 3],
    /// The flights in order.
    pub legs: Vec<OfferLeg>,
}

impl OfferSlice {
    /// What one passenger of a type pays for the slice.
    pub fn price_of(&self, kind: PassengerType) -> i64 {
        let place = PassengerType::ALL.iter().position(|other| *other == kind);
        place.and_then(|place| self.prices.get(place)).copied().unwrap_or(0)
    }

    /// What the party pays for the slice.
    pub fn total(&self, party: Party) -> Result<i64, MoneyError> {
        let of_type = |(kind, price): (PassengerType, i64)| price.checked_mul(party.count(kind).into());
        let sum = PassengerType::ALL
            .into_iter()
            .zip(self.prices)
            .try_fold(0_i64, |sum, each| sum.checked_add(of_type(each)?));
        sum.ok_or(MoneyError::Overflow)
    }
}

impl Offer {
    /// What the party pays for all slices.
    pub fn total(&self) -> Result<Money, MoneyError> {
        let each = self.slices.iter().map(|slice| slice.total(self.party));
        let sum = each.reduce(|sum, slice| sum?.checked_add(slice?).ok_or(MoneyError::Overflow));
        Ok(Money::new(sum.unwrap_or(Ok(0))?, self.currency))
    }

    /// All flights in order.
    pub fn legs(&self) -> impl Iterator<Item = &OfferLeg> {
        self.slices.iter().flat_map(|slice| &slice.legs)
    }
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
        let mut bytes = Vec::with_capacity(256);
        bytes.put_u8(VERSION);
        bytes.put_u64(offer.as_of);
        bytes.put_i64(offer.expires_at.as_second());
        bytes.put_slice(&[offer.party.adults, offer.party.children, offer.party.infants]);
        bytes.put_slice(offer.currency.as_str().as_bytes());
        bytes.put_u8(small(offer.slices.len()));
        for slice in &offer.slices {
            put_slice(&mut bytes, slice, offer.party);
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
        let encoded = token
            .strip_prefix(PREFIX)
            .filter(|encoded| encoded.len() < TOKEN_MAX)
            .ok_or(OfferError::Unknown)?;
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

fn small(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(0)
}

fn put_slice(bytes: &mut Vec<u8>, slice: &OfferSlice, party: Party) {
    bytes.put_slice(&[small(slice.cabin.index()), small(slice.family.len())]);
    bytes.put_slice(slice.family.as_bytes());
    for (kind, price) in PassengerType::ALL.into_iter().zip(slice.prices) {
        if party.count(kind) > 0 {
            bytes.put_i64(price);
        }
    }
    bytes.put_u8(small(slice.legs.len()));
    for leg in &slice.legs {
        bytes.put_slice(leg.flight.uuid().as_bytes());
        bytes.put_slice(&[small(leg.class.cabin.index()), leg.class.rank()]);
        bytes.put_u32(leg.fare);
    }
}

/// Reads content whose signature was right; a version of before may be shorter than this one's.
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
    let count = usize::from(content.get_u8());
    let slices: Vec<OfferSlice> =
        (0..count).map(|_| get_slice(&mut content, party)).collect::<Option<_>>()?;
    let whole = (1..=SLICES_MAX).contains(&count) && content.is_empty();
    whole.then_some(Offer { as_of, expires_at, party, currency, slices })
}

fn get_slice(content: &mut &[u8], party: Party) -> Option<OfferSlice> {
    let cabin = Cabin::from_index(content.try_get_u8().ok()?.into())?;
    let length = usize::from(content.try_get_u8().ok()?);
    let code = content.split_off(..length).filter(|_| (1..=CODE_MAX).contains(&length))?;
    let family = std::str::from_utf8(code).ok()?.to_owned();
    let mut prices = [0; 3];
    for (kind, price) in PassengerType::ALL.into_iter().zip(&mut prices) {
        if party.count(kind) > 0 {
            *price = content.try_get_i64().ok()?;
        }
    }
    let count = usize::from(content.try_get_u8().ok()?);
    let legs: Vec<OfferLeg> = (0..count).map(|_| get_leg(content)).collect::<Option<_>>()?;
    (1..=LEGS_MAX).contains(&count).then_some(OfferSlice { cabin, family, prices, legs })
}

fn get_leg(content: &mut &[u8]) -> Option<OfferLeg> {
    let mut leg = content.split_off(..LEG_BYTES)?;
    let mut id = [0; 16];
    leg.copy_to_slice(&mut id);
    let cabin = Cabin::from_index(leg.get_u8().into())?;
    let class = BookingClass::new(cabin, leg.get_u8())?;
    Some(OfferLeg { flight: FlightId::from_uuid(Uuid::from_bytes(id)), class, fare: leg.get_u32() })
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
        let slice = |family: &str, first: u128| OfferSlice {
            cabin: Cabin::Business,
            family: family.to_owned(),
            prices: [45_900, 34_425, 4_590],
            legs: vec![leg(first), leg(first + 1), leg(first + 2)],
        };
        Offer {
            as_of: 77,
            expires_at: "2026-12-01T00:00:00Z".parse().expect("an instant"),
            party: Party { adults: 2, children: 1, infants: 1 },
            currency: Currency::USD,
            slices: vec![slice("business_standard", 1), slice("business_flex", 11)],
        }
    }

    #[test]
    fn the_longest_offer_fits() {
        let signer = OfferSigner::new(Secret::new([1; 32]));
        let mut offer = offer();
        let mut slice = offer.slices[0].clone();
        slice.family = "x".repeat(CODE_MAX);
        slice.legs = vec![slice.legs[0]; LEGS_MAX];
        offer.slices = vec![slice; SLICES_MAX];
        assert_eq!(signer.open(&signer.sign(&offer), Timestamp::UNIX_EPOCH), Ok(offer));
    }

    #[test]
    fn types_that_do_not_travel_cost_nothing() {
        let party = Party { adults: 1, children: 0, infants: 0 };
        let mut offer = Offer { party, ..offer() };
        for slice in &mut offer.slices {
            slice.prices = [45_900, 0, 0];
        }
        let signer = OfferSigner::new(Secret::new([1; 32]));
        assert_eq!(signer.open(&signer.sign(&offer), Timestamp::UNIX_EPOCH), Ok(offer.clone()));
        assert_eq!(offer.total(), Ok(Money::new(91_800, Currency::USD)));
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
