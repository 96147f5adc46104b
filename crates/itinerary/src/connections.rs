//! Minimum connection times: how long it takes to change planes.

use std::collections::HashMap;

use kernel::{AirlineCode, AirportCode};

/// Which of two connecting flights cross a border. The order is that of [`MinimumTimes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionKind {
    /// Neither.
    Domestic,
    /// The flight that leaves.
    DomesticToInternational,
    /// The flight that arrives.
    InternationalToDomestic,
    /// Both.
    International,
}

impl ConnectionKind {
    /// The kind of a connection whose flights cross a border or not.
    pub const fn of(arriving_crosses: bool, leaving_crosses: bool) -> Self {
        match (arriving_crosses, leaving_crosses) {
            (false, false) => Self::Domestic,
            (false, true) => Self::DomesticToInternational,
            (true, false) => Self::InternationalToDomestic,
            (true, true) => Self::International,
        }
    }
}

/// Minutes by [`ConnectionKind`].
pub type MinimumTimes = [u16; 4];

/// A minimum of its own for flights of two airlines that connect, at one airport or everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AirlinePair {
    /// Where; everywhere when left out. One for the airport goes before one for everywhere.
    pub airport: Option<AirportCode>,
    /// The airline that arrives.
    pub arriving: AirlineCode,
    /// The airline that leaves.
    pub leaving: AirlineCode,
    /// Minutes.
    pub minutes: MinimumTimes,
}

/// All minimum connection times. The most special one counts: airlines at the airport, airlines, the airport, the
/// default. A connection of exactly the minimum is legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionTimes {
    /// Where nothing else is said.
    pub default: MinimumTimes,
    /// Of an airport.
    pub airports: HashMap<AirportCode, MinimumTimes>,
    /// Of two airlines.
    pub pairs: Vec<AirlinePair>,
}

impl Default for ConnectionTimes {
    /// 40 minutes inside a country, 75 when either flight crosses a border.
    fn default() -> Self {
        Self::uniform(40, 75)
    }
}

impl ConnectionTimes {
    /// One minimum inside a country, and one for every connection that crosses a border.
    pub fn uniform(domestic: u16, international: u16) -> Self {
        let default = [domestic, international, international, international];
        Self { default, airports: HashMap::new(), pairs: Vec::new() }
    }

    /// The minutes at an airport without regard to airlines.
    pub(crate) fn at(&self, airport: AirportCode) -> MinimumTimes {
        self.airports.get(&airport).copied().unwrap_or(self.default)
    }

    /// The exceptions that hold at an airport, the one for the airport itself where there are two.
    pub(crate) fn pairs_at(&self, airport: AirportCode) -> HashMap<(AirlineCode, AirlineCode), MinimumTimes> {
        let everywhere = self.pairs.iter().filter(|pair| pair.airport.is_none());
        let here = self.pairs.iter().filter(|pair| pair.airport == Some(airport));
        everywhere.chain(here).map(|pair| ((pair.arriving, pair.leaving), pair.minutes)).collect()
    }
}
