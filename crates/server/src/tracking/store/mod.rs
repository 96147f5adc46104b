//! SQL on the tracking slice's tables.

pub(super) mod ends;
pub(super) mod prices;
pub(super) mod watches;

use jiff::civil::Date;
use kernel::{AirportCode, Cabin};
use platform::db::DbError;
use tokio_postgres::Row;

use super::prices::Day;

fn odd(what: &str, value: &dyn std::fmt::Debug) -> DbError {
    DbError::Inconsistent(format!("{what}: {value:?}"))
}

fn cabin_number(cabin: Cabin) -> i16 {
    i16::try_from(cabin.index()).unwrap_or(0)
}

fn cabin(number: i16) -> Result<Cabin, DbError> {
    usize::try_from(number).ok().and_then(Cabin::from_index).ok_or_else(|| odd("cabin", &number))
}

fn airport(row: &Row, column: usize) -> Result<AirportCode, DbError> {
    let text: &str = row.get(column);
    text.parse().map_err(|_| odd("airport code", &text))
}

/// Origin, destination and date in the first three columns.
fn day(row: &Row) -> Result<Day, DbError> {
    Ok(Day { origin: airport(row, 0)?, destination: airport(row, 1)?, date: row.get(2) })
}

/// Days as columns.
fn columns<'a>(days: impl Iterator<Item = &'a Day>) -> (Vec<&'a str>, Vec<&'a str>, Vec<Date>) {
    let (mut origins, mut destinations, mut dates) = (Vec::new(), Vec::new(), Vec::new());
    for day in days {
        origins.push(day.origin.as_str());
        destinations.push(day.destination.as_str());
        dates.push(day.date);
    }
    (origins, destinations, dates)
}

/// An array as the text of one. An array of arrays would have to be taken apart again by who reads it.
fn array_text(prices: &[Option<i64>]) -> String {
    let each: Vec<String> = prices
        .iter()
        .map(|price| price.map_or_else(|| "NULL".to_owned(), |price| price.to_string()))
        .collect();
    format!("{{{}}}", each.join(","))
}
