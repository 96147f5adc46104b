//! SQL on the extras slice's tables.

pub(super) mod booked;
pub(super) mod catalogue;
pub(super) mod seats;

use kernel::Cabin;
use platform::db::DbError;

fn odd(what: &str, value: &dyn std::fmt::Debug) -> DbError {
    DbError::Inconsistent(format!("{what}: {value:?}"))
}

fn cabin_number(cabin: Cabin) -> i16 {
    i16::try_from(cabin.index()).unwrap_or(0)
}

fn cabin(number: i16) -> Result<Cabin, DbError> {
    usize::try_from(number).ok().and_then(Cabin::from_index).ok_or_else(|| odd("cabin", &number))
}
