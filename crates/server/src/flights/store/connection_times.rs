//! SQL on `connection_times`.

use domain::connection_times::ConnectionTime;
use kernel::{AirlineCode, AirportCode};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::odd;

/// All exceptions, sorted by whom they are for: as a file of them is read.
pub(in crate::flights) async fn connection_times(sql: &Sql) -> Result<Vec<ConnectionTime>, DbError> {
    let rows = sql
        .query(
            "SELECT airport, arriving, leaving, domestic, domestic_to_international, international_to_domestic,
                    international
             FROM connection_times",
            &[],
        )
        .await?;
    let mut times: Vec<ConnectionTime> = rows.iter().map(connection_time).collect::<Result<_, _>>()?;
    times.sort_unstable();
    Ok(times)
}

fn connection_time(row: &Row) -> Result<ConnectionTime, DbError> {
    let (airport, arriving, leaving): (&str, &str, &str) = (row.get(0), row.get(1), row.get(2));
    let airport: Option<AirportCode> = code(airport)?;
    let (arriving, leaving): (Option<AirlineCode>, Option<AirlineCode>) = (code(arriving)?, code(leaving)?);
    let minutes = [3, 4, 5, 6].map(|column| u16::try_from(row.get::<_, i16>(column)).unwrap_or(0));
    Ok(ConnectionTime { airport, airlines: arriving.zip(leaving), minutes })
}

/// The empty text is "any".
fn code<T: std::str::FromStr>(text: &str) -> Result<Option<T>, DbError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| odd("code of a connection time", &text))
}

/// Files these exceptions instead of those there are.
pub(in crate::flights) async fn replace_connection_times(
    sql: &Sql,
    times: &[ConnectionTime],
) -> Result<(), DbError> {
    let airlines = |pick: fn((AirlineCode, AirlineCode)) -> AirlineCode| -> Vec<String> {
        times.iter().map(|time| time.airlines.map_or(String::new(), |pair| pick(pair).to_string())).collect()
    };
    let airports: Vec<String> =
        times.iter().map(|time| time.airport.map_or(String::new(), |code| code.to_string())).collect();
    let minutes =
        |kind: usize| -> Vec<i16> { times.iter().map(|time| time.minutes[kind].cast_signed()).collect() };
    sql.execute("DELETE FROM connection_times", &[]).await?;
    sql.execute(
        "INSERT INTO connection_times (airport, arriving, leaving, domestic, domestic_to_international,
                                       international_to_domestic, international)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::smallint[], $6::smallint[],
                              $7::smallint[])",
        &[
            &airports,
            &airlines(|(arriving, _)| arriving),
            &airlines(|(_, leaving)| leaving),
            &minutes(0),
            &minutes(1),
            &minutes(2),
            &minutes(3),
        ],
    )
    .await?;
    Ok(())
}
