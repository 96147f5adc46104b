//! Offers: signed tokens that say what was shown, to whom and until when. Nothing is stored until one is used.
//!
//! Layout before base64url: version (1), feed number (8), expiry in Unix seconds (8), party (3), currency (3), number of
//! slices (1); for each slice cabin (1), number of fare families (1), for each of them length of its code (1), the code,
//! the terms (4) and the price of one adult, one child and one infant (8 each; only types that travel), then number of legs (1) and for each
//! flight id (16), cabin (1), class rank (1) and filed fare (4); at the end the first 16 bytes of HMAC-SHA-256. All numbers
//! big-endian.
//!
//! Search offers an itinerary in several families with one signature: behind the token stands a full stop and the place of
//! the family that was chosen, which anybody may change, since all of them were offered.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Buf, BufMut};
use domain::fare_families::{CODE_MAX, FAMILIES_MAX};
use domain::pricing::{Party, PassengerType};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use kernel::{BookingClass, Cabin, Currency, FlightId, Money, MoneyError};
use platform::keys::Secret;
use platform::seal::keyed;
use sha2::Sha256;
use uuid::Uuid;

const PREFIX: &str = "off_";
const VERSION: u8 = 3;
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
    /// [`domain::fare_families::FareFamily::terms`] of the family as it was offered.
    pub terms: u32,
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

/// An itinerary in every fare family it is sold in, to be signed at once.
#[derive(Clone, Copy, Debug)]
pub struct Menu<'a> {
    /// As in [`Offer`].
    pub as_of: u64,
    /// As in [`Offer`].
    pub expires_at: Timestamp,
    /// As in [`Offer`].
    pub party: Party,
    /// As in [`Offer`].
    pub currency: Currency,
    /// As in [`OfferSlice`].
    pub cabin: Cabin,
    /// Codes, terms and prices of the families.
    pub families: &'a [(&'a str, u32, [i64; 3])],
    /// As in [`OfferSlice`].
    pub legs: &'a [OfferLeg],
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
pub struct OfferSigner(Hmac<Sha256>);

impl OfferSigner {
    /// Signs with this key.
    pub fn new(key: &Secret) -> Self {
        Self(keyed(key))
    }

    /// The token of an offer.
    pub fn sign(&self, offer: &Offer) -> String {
        let mut bytes = Vec::with_capacity(256);
        let Offer { as_of, expires_at, party, currency, ref slices } = *offer;
        put_header(&mut bytes, as_of, expires_at, party, currency, slices.len());
        for slice in slices {
            put_slice(
                &mut bytes,
                slice.cabin,
                party,
                &[(&slice.family, slice.terms, slice.prices)],
                &slice.legs,
            );
        }
        let mut token = String::new();
        self.seal(bytes, &mut token);
        token
    }

    /// Writes the token of an itinerary in several families. With [`choice`] behind it, it is the offer of one of them.
    pub fn sign_menu(&self, menu: &Menu<'_>, token: &mut String) {
        let mut bytes = Vec::with_capacity(256);
        put_header(&mut bytes, menu.as_of, menu.expires_at, menu.party, menu.currency, 1);
        put_slice(&mut bytes, menu.cabin, menu.party, menu.families, menu.legs);
        self.seal(bytes, token);
    }

    fn seal(&self, mut bytes: Vec<u8>, token: &mut String) {
        let tag = self.tag(&bytes);
        bytes.put_slice(&tag);
        token.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(&bytes, token);
    }

    /// The offer of a token that is ours and still good at `now`.
    pub fn open(&self, token: &str, now: Timestamp) -> Result<Offer, OfferError> {
        let encoded = token.strip_prefix(PREFIX).filter(|encoded| encoded.len() < TOKEN_MAX);
        let (encoded, chosen) = encoded.and_then(split_choice).ok_or(OfferError::Unknown)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| OfferError::Unknown)?;
        let (content, tag) = bytes.split_last_chunk::<TAG_BYTES>().ok_or(OfferError::Unknown)?;
        // A comparison whose time tells nothing about how much of a forged tag is right.
        if !bool::from(subtle::ConstantTimeEq::ct_eq(&tag[..], &self.tag(content)[..])) {
            return Err(OfferError::Unknown);
        }
        let offer = decode(content, chosen).ok_or(OfferError::Unknown)?;
        if now < offer.expires_at { Ok(offer) } else { Err(OfferError::Expired) }
    }

    fn tag(&self, content: &[u8]) -> [u8; TAG_BYTES] {
        // A clone has the key worked in already.
        let mut mac = self.0.clone();
        mac.update(content);
        let full = mac.finalize().into_bytes();
        std::array::from_fn(|index| full[index])
    }
}

fn small(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(0)
}

/// What stands behind the token of a menu for the family at a place.
pub(super) fn choice(place: usize) -> [u8; 2] {
    [b'.', b'0' + small(place.min(FAMILIES_MAX - 1))]
}

/// A token without what stands behind it, and the place of the family that this names.
fn split_choice(encoded: &str) -> Option<(&str, Option<usize>)> {
    match encoded.split_once('.') {
        None => Some((encoded, None)),
        Some((encoded, digit)) => {
            let [digit @ b'0'..=b'9'] = digit.as_bytes() else { return None };
            Some((encoded, Some(usize::from(digit - b'0'))))
        }
    }
}

fn put_header(
    bytes: &mut Vec<u8>,
    as_of: u64,
    expires_at: Timestamp,
    party: Party,
    currency: Currency,
    slices: usize,
) {
    bytes.put_u8(VERSION);
    bytes.put_u64(as_of);
    bytes.put_i64(expires_at.as_second());
    bytes.put_slice(&[party.adults, party.children, party.infants]);
    bytes.put_slice(currency.as_str().as_bytes());
    bytes.put_u8(small(slices));
}

fn put_slice(
    bytes: &mut Vec<u8>,
    cabin: Cabin,
    party: Party,
    families: &[(&str, u32, [i64; 3])],
    legs: &[OfferLeg],
) {
    bytes.put_slice(&[small(cabin.index()), small(families.len())]);
    for (code, terms, prices) in families {
        bytes.put_u8(small(code.len()));
        bytes.put_slice(code.as_bytes());
        bytes.put_u32(*terms);
        for (kind, price) in PassengerType::ALL.into_iter().zip(*prices) {
            if party.count(kind) > 0 {
                bytes.put_i64(price);
            }
        }
    }
    bytes.put_u8(small(legs.len()));
    for leg in legs {
        bytes.put_slice(leg.flight.uuid().as_bytes());
        bytes.put_slice(&[small(leg.class.cabin.index()), leg.class.rank()]);
        bytes.put_u32(leg.fare);
    }
}

/// Reads content whose signature was right; a version of before may be shorter than this one's. `chosen` is the place of the
/// family where there are several.
pub(super) fn decode(mut content: &[u8], chosen: Option<usize>) -> Option<Offer> {
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
    // A choice belongs to a menu, which is of one slice.
    let known = (1..=SLICES_MAX).contains(&count) && (count == 1 || chosen.is_none());
    let mut slices = Vec::new();
    while known && slices.len() < count {
        slices.push(get_slice(&mut content, party, chosen)?);
    }
    (known && content.is_empty()).then_some(Offer { as_of, expires_at, party, currency, slices })
}

fn get_slice(content: &mut &[u8], party: Party, chosen: Option<usize>) -> Option<OfferSlice> {
    let cabin = Cabin::from_index(content.try_get_u8().ok()?.into())?;
    let count = usize::from(content.try_get_u8().ok()?);
    let mut families: Vec<(String, u32, [i64; 3])> =
        (0..count).map(|_| get_family(content, party)).collect::<Option<_>>()?;
    // Of one family no choice is needed; of several one is.
    let place = if count == 1 { chosen.unwrap_or(0) } else { chosen? };
    let (family, terms, prices) = (place < count).then(|| families.swap_remove(place))?;
    let count = usize::from(content.try_get_u8().ok()?);
    let legs: Vec<OfferLeg> = (0..count).map(|_| get_leg(content)).collect::<Option<_>>()?;
    (1..=LEGS_MAX).contains(&count).then_some(OfferSlice { cabin, family, terms, prices, legs })
}

fn get_family(content: &mut &[u8], party: Party) -> Option<(String, u32, [i64; 3])> {
    let length = usize::from(content.try_get_u8().ok()?);
    let code = content.split_off(..length).filter(|_| (1..=CODE_MAX).contains(&length))?;
    let family = std::str::from_utf8(code).ok()?.to_owned();
    let terms = content.try_get_u32().ok()?;
    let mut prices = [0; 3];
    for (kind, price) in PassengerType::ALL.into_iter().zip(&mut prices) {
        if party.count(kind) > 0 {
            *price = content.try_get_i64().ok()?;
        }
    }
    Some((family, terms, prices))
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
            terms: 7,
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
        let signer = OfferSigner::new(&Secret::new([1; 32]));
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
        let signer = OfferSigner::new(&Secret::new([1; 32]));
        assert_eq!(signer.open(&signer.sign(&offer), Timestamp::UNIX_EPOCH), Ok(offer.clone()));
        assert_eq!(offer.total(), Ok(Money::new(91_800, Currency::USD)));
    }

    #[test]
    fn opens_what_it_signed_until_it_expires() {
        let (signer, offer) = (OfferSigner::new(&Secret::new([1; 32])), offer());
        let token = signer.sign(&offer);
        let at = |text: &str| text.parse().expect("an instant");
        assert_eq!(signer.open(&token, at("2026-11-30T23:59:59Z")), Ok(offer));
        assert_eq!(signer.open(&token, at("2026-12-01T00:00:00Z")), Err(OfferError::Expired));
    }

    #[test]
    fn a_menu_is_an_offer_of_the_family_behind_it() {
        let signer = OfferSigner::new(&Secret::new([1; 32]));
        let Offer { as_of, expires_at, party, currency, slices } = offer();
        let OfferSlice { cabin, legs, .. } = &slices[0];
        let families = [("saver", 1, [100, 75, 10]), ("flex", 2, [200, 150, 20])];
        let menu = Menu { as_of, expires_at, party, currency, cabin: *cabin, families: &families, legs };
        let mut token = String::new();
        signer.sign_menu(&menu, &mut token);
        let with = |place| token.chars().chain(choice(place).map(char::from)).collect::<String>();
        for (place, (code, terms, prices)) in families.into_iter().enumerate() {
            let offer = signer.open(&with(place), Timestamp::UNIX_EPOCH).expect("an offer");
            let slice = &offer.slices[0];
            assert_eq!((slice.family.as_str(), slice.terms, slice.prices), (code, terms, prices));
            assert_eq!((&offer.slices[0].legs, offer.as_of), (legs, as_of));
        }
        for bad in [token.clone(), with(2), format!("{token}."), format!("{token}.00"), format!("{token}.x")]
        {
            assert_eq!(signer.open(&bad, Timestamp::UNIX_EPOCH), Err(OfferError::Unknown), "{bad}");
        }
        let joined = format!("{}.0", signer.sign(&offer()));
        assert_eq!(
            signer.open(&joined, Timestamp::UNIX_EPOCH),
            Err(OfferError::Unknown),
            "a trip has no choice"
        );
    }

    #[test]
    fn no_character_can_be_changed() {
        let signer = OfferSigner::new(&Secret::new([1; 32]));
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
        let other = OfferSigner::new(&Secret::new([2; 32]));
        assert_eq!(other.open(&token, Timestamp::UNIX_EPOCH), Err(OfferError::Unknown));
    }
}
