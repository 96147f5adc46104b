//! The places that are known, each with a number so that the timetable can use arrays.

use std::collections::HashMap;

use kernel::AirportCode;

/// What the search needs to know about an airport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AirportInfo {
    /// The airport.
    pub code: AirportCode,
    /// The country it is in (ISO 3166-1 alpha-2): it decides which connections are international.
    pub country: [u8; 2],
}

/// An airport as its place in [`Airports`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Airport(pub(crate) u32);

impl Airport {
    /// The place as an index into arrays with an entry for each airport.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// All known airports.
pub(crate) struct Airports {
    infos: Vec<AirportInfo>,
    by_code: HashMap<AirportCode, Airport>,
}

impl Airports {
    pub(crate) fn new(infos: Vec<AirportInfo>) -> Self {
        let by_code = infos.iter().zip(0..).map(|(info, place)| (info.code, Airport(place))).collect();
        Self { infos, by_code }
    }

    pub(crate) fn count(&self) -> usize {
        self.infos.len()
    }

    pub(crate) fn find(&self, code: AirportCode) -> Option<Airport> {
        self.by_code.get(&code).copied()
    }

    pub(crate) fn info(&self, airport: Airport) -> AirportInfo {
        self.infos[airport.index()]
    }
}
