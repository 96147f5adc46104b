//! Imports: reference data and timetables from files, all or nothing.
//!
//! Invariants: a file is understood whole before the first row is written; an import is one transaction, so nothing is
//! ever half-imported; two imports never interleave (the table `imports` is their lock); importing the same file again
//! adds nothing, records nothing and announces nothing, because a flight's id is made of what the flight is.
//!
//! An import only adds. A flight that is on sale already keeps its times, fares and seats, whatever the file says now:
//! it may be sold, and changing it is another operation.

mod airports;
mod connection_times;
mod encode;
mod fares;
pub(super) mod filing;
mod plan;
pub(super) mod store;
mod timetable;

use domain::input::BadInput;
use domain::schedule::{ScheduleError, UnknownZone};
use jiff::civil::Date;
use platform::db::DbError;

pub use airports::{AirportsReport, import_airports};
pub use connection_times::{ConnectionTimesReport, import_connection_times};
pub use fares::{FilingReport, import_fare_families, import_refund_rules, import_taxes};
pub use timetable::import_timetable;

/// Days one import can cover: airlines sell about eleven months ahead.
pub const MAX_DAYS: u16 = 366;

/// The largest file that is read, unpacked. The world's timetable is a fifth of it.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// A file to import.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its name, for reports.
    pub name: &'a str,
    /// Its content; gzip is recognised by its first bytes.
    pub bytes: &'a [u8],
}

/// A timetable to put on sale.
#[derive(Clone, Copy, Debug)]
pub struct TimetableImport<'a> {
    /// The weekly patterns.
    pub timetable: File<'a>,
    /// What people paid, market by market; without it, fares follow from distance.
    pub market_fares: Option<File<'a>>,
    /// The first date of departure.
    pub from: Date,
    /// How many days, from 1 to [`MAX_DAYS`].
    pub days: u16,
}

/// What a timetable import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Weekly patterns in the file.
    pub patterns: usize,
    /// Flights put on sale.
    pub flights_added: u64,
    /// Inventory rows of those flights.
    pub cabins_added: u64,
    /// Flights of the file that were there already and were left alone.
    pub flights_kept: u64,
    /// Market ratios that are new or changed.
    pub ratios_changed: u64,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The files are good; so many days will be written.
    Checked {
        /// Days to write.
        days: u16,
    },
    /// So many days are written.
    Written {
        /// Days done.
        days: u16,
        /// Flights added so far.
        flights: u64,
    },
    /// Indexes and constraints are being built.
    Indexing,
    /// Committed; the planner's statistics are being gathered.
    Analysing,
}

/// Why an import did not happen. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has wrong cells.
    #[error(transparent)]
    BadInput(#[from] BadInput),
    /// The file cannot be unpacked.
    #[error("{file} cannot be unpacked: {reason}; right would be a file as `gzip` makes it, or plain text")]
    Gzip {
        /// The file's name.
        file: String,
        /// What the decoder said.
        reason: String,
    },
    /// The file is larger than [`MAX_BYTES`].
    #[error("{file} is larger than {} MB unpacked, the most that is imported at once", MAX_BYTES / 1024 / 1024)]
    TooLarge {
        /// The file's name.
        file: String,
    },
    /// The number of days is not possible.
    #[error("{0} days cannot be imported; right would be 1 to {MAX_DAYS}")]
    Days(u16),
    /// There are no airports to fly between.
    #[error("no airports are known yet; import them first: udaan import airports data/airports.csv")]
    NoAirports,
    /// An airport's time zone is unknown.
    #[error(transparent)]
    UnknownZone(#[from] UnknownZone),
    /// The dates cannot be scheduled.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The database refused or went away; the transaction is rolled back.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A thread of ours died.
    #[error("the import stopped: {0}")]
    Stopped(String),
}
