//! What a party pays for an itinerary: the filed fares of its legs, the market ratio of a connection, and each
//! passenger type's share.

use kernel::money::{allocate, scale_ppm};
use kernel::{Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};

/// Most travellers with a seat in one booking.
pub const MAX_SEATS: u8 = 9;

/// What kind of passenger: decides the price and whether there is a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassengerType {
    /// Twelve years or older on the day of the flight.
    Adult,
    /// Two to eleven years.
    Child,
    /// Under two years, on an adult's lap.
    Infant,
}

impl PassengerType {
    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Child => "child",
            Self::Infant => "infant",
        }
    }

    /// The type of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Adult, Self::Child, Self::Infant].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Who travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Party {
    /// At least one.
    pub adults: u8,
    /// With a seat.
    pub children: u8,
    /// Without one; never more than adults.
    pub infants: u8,
}

/// Why a party cannot be booked together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartyError {
    /// Children and infants travel with an adult.
    #[error("at least one adult travels")]
    NoAdult,
    /// A booking has at most nine seats.
    #[error("at most nine seats in one booking")]
    TooManySeats,
    /// An adult has one lap.
    #[error("at most one infant for each adult")]
    TooManyInfants,
}

impl Party {
    /// Checks the numbers.
    pub fn new(adults: u8, children: u8, infants: u8) -> Result<Self, PartyError> {
        if u16::from(adults) + u16::from(children) > u16::from(MAX_SEATS) {
            return Err(PartyError::TooManySeats);
        }
        if adults == 0 {
            return Err(PartyError::NoAdult);
        }
        if infants > adults {
            return Err(PartyError::TooManyInfants);
        }
        Ok(Self { adults, children, infants })
    }

    /// Seats the party takes on each flight.
    pub const fn seats(self) -> u8 {
        self.adults + self.children
    }

    /// How many of a type.
    pub const fn count(self, kind: PassengerType) -> u8 {
        match kind {
            PassengerType::Adult => self.adults,
            PassengerType::Child => self.children,
            PassengerType::Infant => self.infants,
        }
    }
}

/// What children and infants pay of the adult fare, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypePercents {
    /// For a child.
    pub child: u32,
    /// For an infant on a lap.
    pub infant: u32,
}

/// A price with its parts. The total is the sum of the passengers' prices and the sum of the legs' prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// For the whole party.
    pub total: Money,
    /// One adult.
    pub adult: Money,
    /// One child.
    pub child: Money,
    /// One infant.
    pub infant: Money,
    /// The party's price by leg, in the order of the legs.
    pub legs: Vec<i64>,
}

impl Quote {
    /// One passenger of a type.
    pub const fn of(&self, kind: PassengerType) -> Money {
        match kind {
            PassengerType::Adult => self.adult,
            PassengerType::Child => self.child,
            PassengerType::Infant => self.infant,
        }
    }
}

/// The market ratio of a journey that is not a connection, or of a market without one: one.
pub const RATIO_ONE_PPM: u32 = 1_000_000;

/// Prices an itinerary. `fares` are the legs' filed one-way adult fares in minor units of `currency`; `ratio_ppm`
/// applies to connections only. An adult's price is the ratio times the sum, rounded once; a child's and an infant's is
/// its percentage of the adult's, rounded once: from origin to destination is one fare component. Each is
/// prorated to the legs by largest remainder.
pub fn price(
    fares: &[u32],
    ratio_ppm: u32,
    party: Party,
    percents: TypePercents,
    currency: Currency,
) -> Result<Quote, MoneyError> {
    let adult = adult_price(fares, ratio_ppm)?;
    let (child, infant) = (percents.child_of(adult)?, percents.infant_of(adult)?);
    let [adult_legs, child_legs, infant_legs] = [adult, child, infant].map(|price| allocate(price, fares));
    let legs: Vec<i64> = (0..fares.len())
        .map(|leg| {
            i64::from(party.adults) * adult_legs[leg]
                + i64::from(party.children) * child_legs[leg]
                + i64::from(party.infants) * infant_legs[leg]
        })
        .collect();
    let money = |amount| Money::new(amount, currency);
    Ok(Quote {
        total: money(legs.iter().sum()),
        adult: money(adult),
        child: money(child),
        infant: money(infant),
        legs,
    })
}

impl TypePercents {
    fn child_of(self, adult: i64) -> Result<i64, MoneyError> {
        scale_ppm(adult, self.child.saturating_mul(10_000))
    }

    fn infant_of(self, adult: i64) -> Result<i64, MoneyError> {
        scale_ppm(adult, self.infant.saturating_mul(10_000))
    }
}

/// One adult's price of the legs.
fn adult_price(fares: &[u32], ratio_ppm: u32) -> Result<i64, MoneyError> {
    let sum = fares.iter().map(|fare| i64::from(*fare)).sum();
    if fares.len() > 1 { scale_ppm(sum, ratio_ppm) } else { Ok(sum) }
}

/// The total of [`price`] as a plain number: no journey whose legs cost more together has a lower one.
pub fn total(fares: &[u32], ratio_ppm: u32, party: Party, percents: TypePercents) -> Result<i64, MoneyError> {
    let adult = adult_price(fares, ratio_ppm)?;
    Ok(i64::from(party.adults) * adult
        + i64::from(party.children) * percents.child_of(adult)?
        + i64::from(party.infants) * percents.infant_of(adult)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERCENTS: TypePercents = TypePercents { child: 75, infant: 10 };

    #[test]
    fn a_party_has_an_adult_nine_seats_and_a_lap_for_each_infant() {
        for (adults, children, infants, expected) in [
            (1, 0, 0, Ok(1)),
            (1, 8, 1, Ok(9)),
            (0, 1, 0, Err(PartyError::NoAdult)),
            (5, 5, 0, Err(PartyError::TooManySeats)),
            (255, 255, 0, Err(PartyError::TooManySeats)),
            (1, 0, 2, Err(PartyError::TooManyInfants)),
        ] {
            assert_eq!(Party::new(adults, children, infants).map(Party::seats), expected);
        }
    }

    #[test]
    fn a_family_on_a_connection() {
        let party = Party { adults: 2, children: 1, infants: 1 };
        let quote = price(&[20_000, 10_001], 650_000, party, PERCENTS, Currency::USD).expect("a price");
        // 0.65 x 300.01 = 195.0065, rounded 195.01; by leg 130.00 and 65.01.
        assert_eq!(quote.adult.amount, 19_501);
        assert_eq!(quote.child.amount, 14_626, "75 % of 195.01 is 146.2575");
        assert_eq!(quote.infant.amount, 1_950);
        assert_eq!(quote.total.amount, 2 * 19_501 + 14_626 + 1_950);
        // 20,000 of 30,001 shares of each: 13,000.2 and 9,750.34 and 1,299.96.
        assert_eq!(quote.legs, [2 * 13_000 + 9_750 + 1_300, 2 * 6_501 + 4_876 + 650]);
    }

    #[test]
    fn the_ratio_is_for_connections_only() {
        let one = Party { adults: 1, children: 0, infants: 0 };
        let quote = price(&[20_000], 650_000, one, PERCENTS, Currency::USD).expect("a price");
        assert_eq!(quote.total.amount, 20_000);
    }

    fn parties() -> impl Strategy<Value = Party> {
        (1_u8..=9, 0_u8..=8, 0_u8..=9).prop_filter_map("a party", |(adults, children, infants)| {
            Party::new(adults, children, infants).ok()
        })
    }

    proptest! {
        #[test]
        fn parts_add_up(
            fares in prop::collection::vec(1_u32..2_000_000, 1..4),
            ratio in 300_000_u32..1_300_000,
            party in parties(),
        ) {
            let quote = price(&fares, ratio, party, PERCENTS, Currency::USD).expect("a price");
            prop_assert_eq!(quote.legs.iter().sum::<i64>(), quote.total.amount);
            let by_passenger = i64::from(party.adults) * quote.adult.amount
                + i64::from(party.children) * quote.child.amount
                + i64::from(party.infants) * quote.infant.amount;
            prop_assert_eq!(by_passenger, quote.total.amount);
            prop_assert_eq!(total(&fares, ratio, party, PERCENTS), Ok(quote.total.amount));
        }

        /// The search engine compares sums of fares, so dearer legs must never make a cheaper party.
        #[test]
        fn no_party_pays_less_for_dearer_legs(
            fares in prop::collection::vec(1_u32..2_000_000, 1..4),
            ratio in 300_000_u32..1_300_000,
            party in parties(),
            more in 1_u32..100,
        ) {
            let mut dearer = fares.clone();
            dearer[0] += more;
            let of = |fares: &[u32]| total(fares, ratio, party, PERCENTS).expect("a total");
            prop_assert!(of(&dearer) >= of(&fares));
        }
    }
}
