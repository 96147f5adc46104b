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
    /// All types.
    pub const ALL: [Self; 3] = [Self::Adult, Self::Child, Self::Infant];

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
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
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

/// The market ratio of a market without one, in millionths: one.
pub const RATIO_ONE_PPM: u32 = 1_000_000;

/// How an adult's price is made of filed fares: (their sum + `per_flight` for each flight) × a ratio. The search engine
/// prices by the same rule ([`crate::fare_families`] and the market ratio decide the numbers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// The ratio of a journey without connections, in millionths.
    pub nonstop_ppm: u32,
    /// The ratio of a connection, in millionths.
    pub connection_ppm: u32,
    /// Minor units added to the fare of each flight.
    pub per_flight: u32,
}

impl Tariff {
    /// The tariff of a fare family in a market. The product of the two ratios is rounded to the millionth.
    pub fn new(market_ppm: u32, family: Difference) -> Self {
        let product = u64::from(market_ppm) * u64::from(family.fare_ppm);
        let connection_ppm = u32::try_from((product + 500_000) / 1_000_000).unwrap_or(u32::MAX);
        Self { nonstop_ppm: family.fare_ppm, connection_ppm, per_flight: family.per_flight }
    }

    /// What an adult pays for filed fares, rounded once.
    pub fn adult(self, fares: &[u32]) -> Result<i64, MoneyError> {
        let sum: i64 = self.fares(fares).iter().copied().map(i64::from).sum();
        let ratio = if fares.len() > 1 { self.connection_ppm } else { self.nonstop_ppm };
        scale_ppm(sum, ratio)
    }

    /// The fares with what the family adds to each.
    fn fares(self, fares: &[u32]) -> Vec<u32> {
        fares.iter().map(|fare| fare.saturating_add(self.per_flight)).collect()
    }
}

/// What a fare family costs more than the cheapest of its cabin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Difference {
    /// Its fares against the filed ones, in millionths; one or more.
    pub fare_ppm: u32,
    /// Minor units more for each flight.
    pub per_flight: u32,
}

impl Difference {
    /// None: the filed fares themselves.
    pub const NONE: Self = Self { fare_ppm: RATIO_ONE_PPM, per_flight: 0 };
}

/// Prices an itinerary. `fares` are the legs' filed one-way adult fares in minor units of `currency`. An adult's price is
/// rounded once; a child's and an infant's is its percentage of the adult's, rounded once: from origin to destination is
/// one fare component. Each is prorated to the legs by largest remainder.
pub fn price(
    fares: &[u32],
    tariff: Tariff,
    party: Party,
    percents: TypePercents,
    currency: Currency,
) -> Result<Quote, MoneyError> {
    let adult = tariff.adult(fares)?;
    let (child, infant) = (percents.child_of(adult)?, percents.infant_of(adult)?);
    let weights = tariff.fares(fares);
    let [adult_legs, child_legs, infant_legs] = [adult, child, infant].map(|price| allocate(price, &weights));
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

    /// What one passenger of each type pays when an adult pays `adult`; 0 for a type that does not travel.
    pub fn prices(self, adult: i64, party: Party) -> Result<[i64; 3], MoneyError> {
        let travels = |count: u8, price: i64| if count > 0 { price } else { 0 };
        Ok([
            adult,
            travels(party.children, self.child_of(adult)?),
            travels(party.infants, self.infant_of(adult)?),
        ])
    }

    /// What a party pays when an adult pays `adult`: it grows with it, so no journey whose legs cost more together has a
    /// lower total.
    pub fn total(self, adult: i64, party: Party) -> Result<i64, MoneyError> {
        let of = |count: u8, price: i64| price.checked_mul(count.into());
        let sum = of(party.adults, adult)
            .zip(of(party.children, self.child_of(adult)?))
            .zip(of(party.infants, self.infant_of(adult)?))
            .and_then(|((adults, children), infants)| adults.checked_add(children)?.checked_add(infants));
        sum.ok_or(MoneyError::Overflow)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERCENTS: TypePercents = TypePercents { child: 75, infant: 10 };

    fn market(ratio_ppm: u32) -> Tariff {
        Tariff::new(ratio_ppm, Difference::NONE)
    }

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
        let quote =
            price(&[20_000, 10_001], market(650_000), party, PERCENTS, Currency::USD).expect("a price");
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
        let quote = price(&[20_000], market(650_000), one, PERCENTS, Currency::USD).expect("a price");
        assert_eq!(quote.total.amount, 20_000);
    }

    #[test]
    fn a_family_adds_to_each_flight_and_multiplies_the_fare() {
        let one = Party { adults: 1, children: 0, infants: 0 };
        let flex = Difference { fare_ppm: 1_200_000, per_flight: 2_500 };
        let quote = |fares: &[u32]| {
            price(fares, Tariff::new(650_000, flex), one, PERCENTS, Currency::USD).expect("a price")
        };
        assert_eq!(quote(&[20_000]).total.amount, 27_000, "1.2 x (200.00 + 25.00)");
        let connection = quote(&[20_000, 10_000]);
        assert_eq!(connection.total.amount, 27_300, "0.65 x 1.2 x (200.00 + 25.00 + 100.00 + 25.00)");
        assert_eq!(connection.legs, [17_550, 9_750], "by the fares with what is added");
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
            (fare_ppm, per_flight) in (1_000_000_u32..2_000_000, 0_u32..10_000),
            party in parties(),
        ) {
            let tariff = Tariff::new(ratio, Difference { fare_ppm, per_flight });
            let quote = price(&fares, tariff, party, PERCENTS, Currency::USD).expect("a price");
            prop_assert_eq!(quote.legs.iter().sum::<i64>(), quote.total.amount);
            let by_passenger = i64::from(party.adults) * quote.adult.amount
                + i64::from(party.children) * quote.child.amount
                + i64::from(party.infants) * quote.infant.amount;
            prop_assert_eq!(by_passenger, quote.total.amount);
            prop_assert_eq!(PERCENTS.total(quote.adult.amount, party), Ok(quote.total.amount));
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
            let of = |fares: &[u32]| {
                let adult = market(ratio).adult(fares).expect("a price");
                PERCENTS.total(adult, party).expect("a total")
            };
            prop_assert!(of(&dearer) >= of(&fares));
        }
    }
}
