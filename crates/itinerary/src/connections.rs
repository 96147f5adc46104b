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

    /// The minutes between an arrival of one airline and a departure of another at an airport. Bookings ask here; searches
    /// ask [`TimesAt::minimum`] of the airport, which is what answers here too.
    pub fn minimum(
        &self,
        airport: AirportCode,
        kind: ConnectionKind,
        arriving: AirlineCode,
        leaving: AirlineCode,
    ) -> u16 {
        let times = self.at(airport, |pair| (pair.arriving, pair.leaving) == (arriving, leaving));
        times.minimum(kind, Some(arriving), Some(leaving))
    }

    /// What holds at an airport, as far as exceptions for airlines are `wanted`.
    pub(crate) fn at(&self, airport: AirportCode, wanted: impl Fn(&AirlinePair) -> bool) -> TimesAt {
        let of = |place: Option<AirportCode>| {
            self.pairs.iter().filter(move |pair| pair.airport == place).filter(|pair| wanted(pair))
        };
        // The one for the airport comes later and stays where there are two.
        let pairs = of(None).chain(of(Some(airport)));
        TimesAt {
            airport: self.airports.get(&airport).copied().unwrap_or(self.default),
            pairs: pairs.map(|pair| ((pair.arriving, pair.leaving), pair.minutes)).collect(),
        }
    }
}

/// The minimum connection times of one airport.
#[derive(Clone, Debug)]
pub(crate) struct TimesAt {
    /// Where the airlines have none of their own.
    airport: MinimumTimes,
    pairs: HashMap<(AirlineCode, AirlineCode), MinimumTimes>,
}

impl TimesAt {
    /// The minutes from a flight of one airline to one of another.
    pub(crate) fn minimum(
        &self,
        kind: ConnectionKind,
        arriving: Option<AirlineCode>,
        leaving: Option<AirlineCode>,
    ) -> u16 {
        let pair = arriving.zip(leaving).and_then(|pair| self.pairs.get(&pair));
        pair.unwrap_or(&self.airport)[kind as usize]
    }

    /// Whether the airlines may decide.
    pub(crate) fn by_airline(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// The shortest connections, whatever the airlines.
    pub(crate) fn lowest(&self) -> MinimumTimes {
        let shorter = |lowest: MinimumTimes, pair: &MinimumTimes| -> MinimumTimes {
            std::array::from_fn(|kind| lowest[kind].min(pair[kind]))
        };
        self.pairs.values().fold(self.airport, shorter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_special_time_counts() {
        let airport = |text: &str| -> AirportCode { text.parse().expect("an airport") };
        let airline = |text: &str| -> AirlineCode { text.parse().expect("an airline") };
        let pair = |airport, minutes: u16| AirlinePair {
            airport,
            arriving: airline("KR"),
            leaving: airline("S2"),
            minutes: [minutes, minutes + 1, minutes + 2, minutes + 3],
        };
        let times = ConnectionTimes {
            airports: [(airport("ATL"), [60, 61, 62, 63]), (airport("ORD"), [70, 71, 72, 73])].into(),
            // In an order that must not decide.
            pairs: vec![pair(Some(airport("ATL")), 20), pair(None, 90)],
            ..ConnectionTimes::uniform(40, 75)
        };
        let kinds = [
            ConnectionKind::Domestic,
            ConnectionKind::DomesticToInternational,
            ConnectionKind::InternationalToDomestic,
            ConnectionKind::International,
        ];
        for (place, arriving, leaving, expected) in [
            ("ATL", "KR", "S2", [20, 21, 22, 23]),
            ("ORD", "KR", "S2", [90, 91, 92, 93]),
            ("LAX", "KR", "S2", [90, 91, 92, 93]),
            ("ATL", "S2", "KR", [60, 61, 62, 63]),
            ("ORD", "KR", "KR", [70, 71, 72, 73]),
            ("LAX", "S2", "KR", [40, 75, 75, 75]),
        ] {
            let (place, arriving, leaving) = (airport(place), airline(arriving), airline(leaving));
            let found = kinds.map(|kind| times.minimum(place, kind, arriving, leaving));
            assert_eq!(found, expected, "{place}: {arriving} to {leaving}");
            let indexed =
                kinds.map(|kind| times.at(place, |_| true).minimum(kind, Some(arriving), Some(leaving)));
            assert_eq!(indexed, expected, "{place}: {arriving} to {leaving}, as searches ask");
        }
        assert_eq!(times.at(airport("ATL"), |_| true).lowest(), [20, 21, 22, 23]);
        assert_eq!(times.at(airport("ORD"), |_| true).lowest(), [70, 71, 72, 73]);
    }
}
