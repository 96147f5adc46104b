//! Exports: the flights on sale as a file other systems read.

use std::io::{self, Seek, Write};

use domain::geo::Position;
use domain::gtfs::{Feed, Stop, Table, Trip, dates};
use jiff::civil::Date;
use kernel::AirportCode;
use platform::config::Config;
use platform::db::{Db, DbError};
use zip::write::SimpleFileOptions;

use super::directory::Airport;
use super::import::MAX_DAYS;
use super::store::{self, FlightRow};

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The number of days is not possible.
    #[error("{0} days cannot be exported; right would be 1 to {MAX_DAYS}")]
    Days(u16),
    /// A feed without trips is not valid, and nobody wants one.
    #[error("no flight departs from {0} to {1}; `udaan doctor` says until when flights are on sale")]
    NoFlights(Date, Date),
    /// A flight of an airport that is gone.
    #[error("flights depart from or arrive at {0}, which is not among the airports; import airports first")]
    UnknownAirport(AirportCode),
    /// The database refused or went away.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Reads the flights of `days` local dates, cancelled ones left out. `progress` is told the days read and their flights.
pub async fn read_gtfs(
    db: &Db,
    config: &Config,
    from: Date,
    days: u16,
    progress: &(dyn Fn(u16, usize) + Sync),
) -> Result<Feed, ExportError> {
    let dates = dates(from, days).filter(|_| days <= MAX_DAYS).ok_or(ExportError::Days(days))?;
    let sql = db.read().await?;
    let airports = store::airports(&sql).await?;
    let mut trips = Vec::new();
    // A day at a time keeps the rows of one day in memory beside the trips, and has something to tell.
    for (read, date) in (1..=days).zip(from.series(jiff::ToSpan::day(1))) {
        trips.extend(store::departing_on(&sql, date).await?.iter().map(trip));
        progress(read, trips.len());
    }
    if trips.is_empty() {
        return Err(ExportError::NoFlights(dates.0, dates.1));
    }
    let exceptions = store::connection_times::connection_times(&sql).await?;
    // The format has no minutes for two airlines, so a reader is told those of the airport.
    let exceptions = exceptions.iter().filter(|time| time.airlines.is_none());
    let search = &config.search;
    let feed = Feed {
        publisher: ("Udaan".to_owned(), config.http.public_url.clone()),
        dates,
        minimum_minutes: (search.min_connection_domestic, search.min_connection_international),
        exceptions: exceptions.filter_map(|time| Some((time.airport?, time.minutes))).collect(),
        stops: airports.into_iter().map(|airport| (airport.code, stop(airport))).collect(),
        trips,
    };
    known(&feed)?;
    Ok(feed)
}

/// Writes a feed as a zip file; the same feed always makes the same bytes.
pub fn write_gtfs(feed: &Feed, to: impl Write + Seek) -> io::Result<()> {
    let mut zip = zip::ZipWriter::new(to);
    // A fixed time for all files: the moment of the export would make other bytes of the same flights.
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for table in Table::ALL {
        zip.start_file(table.file(), options)?;
        let mut buffered = io::BufWriter::new(&mut zip);
        feed.write(table, &mut buffered)?;
        buffered.flush()?;
    }
    zip.finish()?.flush()
}

fn known(feed: &Feed) -> Result<(), ExportError> {
    let mut ends = feed.trips.iter().flat_map(|trip| [trip.origin, trip.destination]);
    ends.find(|end| !feed.stops.contains_key(end)).map_or(Ok(()), |end| Err(ExportError::UnknownAirport(end)))
}

fn trip(flight: &FlightRow) -> Trip {
    Trip {
        id: flight.id,
        number: flight.number,
        origin: flight.origin,
        destination: flight.destination,
        departs: flight.departs_at,
        arrives: flight.arrives_at,
    }
}

fn stop(airport: Airport) -> Stop {
    Stop {
        name: airport.name,
        country: airport.country,
        position: Position { latitude: airport.latitude, longitude: airport.longitude },
        timezone: airport.timezone,
    }
}
