//! Minimum connection times: the settings' and the filed exceptions as the search engine takes them, and the one answer
//! to whether two flights connect. Search has it from the engine, which was given the same times; booking asks here.

use domain::connection_times::ConnectionTime;
use itinerary::{AirlinePair, ConnectionKind, ConnectionTimes};
use kernel::AirportCode;
use platform::config;

use super::directory::Directory;
use super::store::{FlightRow, minute};

/// The settings with their exceptions.
pub(super) fn connection_times(settings: &config::Search, exceptions: &[ConnectionTime]) -> ConnectionTimes {
    let minutes = |minutes: u32| u16::try_from(minutes).unwrap_or(u16::MAX);
    let mut times = ConnectionTimes::uniform(
        minutes(settings.min_connection_domestic),
        minutes(settings.min_connection_international),
    );
    for ConnectionTime { airport, airlines, minutes } in exceptions {
        match (airlines, airport) {
            (Some((arriving, leaving)), _) => times.pairs.push(AirlinePair {
                airport: *airport,
                arriving: *arriving,
                leaving: *leaving,
                minutes: *minutes,
            }),
            (None, Some(airport)) => _ = times.airports.insert(*airport, *minutes),
            // An exception for everything is no exception; the table's checks keep it out.
            (None, None) => {}
        }
    }
    times
}

impl Directory {
    /// Whether there is time to change from one flight to the next, by the schedule. Exactly the minimum is enough. Minutes
    /// are counted as the search engine has them, so that booking refuses what search does not show and nothing else.
    pub fn connects(&self, arriving: &FlightRow, leaving: &FlightRow) -> bool {
        let minimum = self.connection_times().minimum(
            leaving.origin,
            ConnectionKind::of(self.crosses_border(arriving), self.crosses_border(leaving)),
            arriving.number.airline,
            leaving.number.airline,
        );
        minute(arriving.arrives_at).plus(minimum.into()) <= minute(leaving.departs_at)
    }

    fn crosses_border(&self, flight: &FlightRow) -> bool {
        self.country(flight.origin) != self.country(flight.destination)
    }

    /// The country an airport is in, ISO 3166-1 alpha-2, as the search engine is told it.
    pub fn country(&self, code: AirportCode) -> [u8; 2] {
        let country = self.airport(code).and_then(|airport| airport.country.as_bytes().try_into().ok());
        country.unwrap_or(*b"??")
    }
}
