//! SQL on `flight_ratings`.

use domain::reviews::Tally;
use jiff::Timestamp;
use kernel::FlightNumber;
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

macro_rules! columns {
    () => {
        "flight_number, stars_1, stars_2, stars_3, stars_4, stars_5, crew_sum, crew_count, comfort_sum, comfort_count,
         punctuality_sum, punctuality_count"
    };
}

fn rating(row: &Row) -> Result<(FlightNumber, Tally), DbError> {
    let number: &str = row.get(0);
    let odd = |_| DbError::Inconsistent(format!("flight_ratings.flight_number {number:?}"));
    let tally = Tally {
        stars: std::array::from_fn(|stars| row.get(1 + stars)),
        aspects: std::array::from_fn(|aspect| (row.get(6 + 2 * aspect), row.get(7 + 2 * aspect))),
    };
    Ok((number.parse().map_err(odd)?, tally))
}

/// Adds to what a flight number's reviews come to. What is taken away was added before.
pub(in crate::reviews) async fn add(
    sql: &Sql,
    number: FlightNumber,
    more: &Tally,
    now: Timestamp,
) -> Result<(), DbError> {
    // The constraints look at a row that is to be inserted before they look whether there is one, so what is taken away cannot go the
    // second way; it need not.
    const MORE: &str =
        "UPDATE flight_ratings SET stars_1 = stars_1 + $2, stars_2 = stars_2 + $3, stars_3 = stars_3 + $4,
             stars_4 = stars_4 + $5, stars_5 = stars_5 + $6, crew_sum = crew_sum + $7, crew_count = crew_count + $8,
             comfort_sum = comfort_sum + $9, comfort_count = comfort_count + $10, punctuality_sum = punctuality_sum + $11,
             punctuality_count = punctuality_count + $12, changed_at = greatest(changed_at, $13) WHERE flight_number = $1";
    const FIRST: &str = concat!(
        "INSERT INTO flight_ratings AS f (",
        columns!(),
        ", changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (flight_number) DO UPDATE SET stars_1 = f.stars_1 + $2, stars_2 = f.stars_2 + $3, stars_3 = f.stars_3 + $4,
             stars_4 = f.stars_4 + $5, stars_5 = f.stars_5 + $6, crew_sum = f.crew_sum + $7, crew_count = f.crew_count + $8,
             comfort_sum = f.comfort_sum + $9, comfort_count = f.comfort_count + $10, punctuality_sum = f.punctuality_sum + $11,
             punctuality_count = f.punctuality_count + $12, changed_at = greatest(f.changed_at, $13)"
    );
    let [one, two, three, four, five] = more.stars;
    let [crew, comfort, punctuality] = more.aspects;
    let number = number.to_string();
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 13] = [
        &number,
        &one,
        &two,
        &three,
        &four,
        &five,
        &crew.0,
        &crew.1,
        &comfort.0,
        &comfort.1,
        &punctuality.0,
        &punctuality.1,
        &now,
    ];
    if sql.execute(MORE, &values).await? == 0 {
        sql.execute(FIRST, &values).await?;
    }
    Ok(())
}

/// What a flight number's reviews come to.
pub(in crate::reviews) async fn of(sql: &Sql, number: FlightNumber) -> Result<Tally, DbError> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM flight_ratings WHERE flight_number = $1");
    let row = sql.query_opt(SQL, &[&number.to_string()]).await?;
    Ok(row.as_ref().map(rating).transpose()?.map(|(_, tally)| tally).unwrap_or_default())
}

/// Those that changed since an instant; all, if none is given.
pub(in crate::reviews) async fn changed_since(
    sql: &Sql,
    since: Option<Timestamp>,
) -> Result<Vec<(FlightNumber, Tally)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM flight_ratings WHERE $1::timestamptz IS NULL OR changed_at >= $1"
    );
    sql.query(SQL, &[&since]).await?.iter().map(rating).collect()
}
