//! SQL on what flights cost and did cost.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, Cabin};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::{array_text, cabin, cabin_number, columns, day, odd};
use crate::tracking::prices::{Day, Prices, SEATS_MAX};

/// How far prices are known.
#[derive(Clone, Debug)]
pub(in crate::tracking) struct Head {
    /// The last entry of the feed; `None` before the first look.
    pub(in crate::tracking) seq: Option<i64>,
    /// What the fare families made of fares.
    pub(in crate::tracking) tariffs: Vec<i64>,
}

/// Locks how far prices are known: whoever has it is the only one who writes prices, until the transaction ends.
pub(in crate::tracking) async fn lock_head(sql: &Sql) -> Result<Head, DbError> {
    let row = sql.query_one("SELECT seq, tariffs FROM price_head FOR UPDATE", &[]).await?;
    Ok(Head { seq: row.get(0), tariffs: row.get::<_, Option<Vec<i64>>>(1).unwrap_or_default() })
}

pub(in crate::tracking) async fn set_head(sql: &Sql, head: &Head) -> Result<(), DbError> {
    sql.execute("UPDATE price_head SET seq = $1, tariffs = $2", &[&head.seq, &head.tariffs]).await?;
    Ok(())
}

/// How far prices are known, to be looked at.
pub(in crate::tracking) async fn known_to(sql: &Sql) -> Result<Option<i64>, DbError> {
    Ok(sql.query_one("SELECT seq FROM price_head", &[]).await?.get(0))
}

/// Dates, both included, of which all flights are to be looked at.
pub(in crate::tracking) async fn put_dates(sql: &Sql, from: Date, until: Date) -> Result<(), DbError> {
    let put =
        "INSERT INTO price_dates (date) SELECT generate_series($1::date, $2::date, interval '1 day')::date
               ON CONFLICT DO NOTHING";
    sql.execute(put, &[&from, &until]).await?;
    Ok(())
}

/// Takes the first of them.
pub(in crate::tracking) async fn take_date(sql: &Sql) -> Result<Option<Date>, DbError> {
    let take = "DELETE FROM price_dates WHERE date = (SELECT date FROM price_dates ORDER BY date LIMIT 1) RETURNING date";
    Ok(sql.query_opt(take, &[]).await?.map(|row| row.get(0)))
}

/// Whether it is not known what routes cost on some of these dates: they wait to be looked at, or nothing was looked at ever.
pub(in crate::tracking) async fn are_unknown(
    sql: &Sql,
    (from, until): (Date, Date),
) -> Result<bool, DbError> {
    let unknown =
        "SELECT seq IS NULL OR EXISTS (SELECT FROM price_dates WHERE date BETWEEN $1 AND $2) FROM price_head";
    Ok(sql.query_one(unknown, &[&from, &until]).await?.get(0))
}

/// Days on which a class or a flight has closed by the clock since they were looked at, the first ones.
pub(in crate::tracking) async fn due_days(sql: &Sql, now: Timestamp, most: i64) -> Result<Vec<Day>, DbError> {
    let due = "SELECT DISTINCT origin, destination, date
               FROM (SELECT origin, destination, date FROM price_days WHERE due_at <= $1 ORDER BY due_at LIMIT $2) AS due";
    sql.query(due, &[&now, &most]).await?.iter().map(day).collect()
}

/// Where prices are known for, from an airport on a date.
pub(in crate::tracking) async fn days_from(
    sql: &Sql,
    origin: AirportCode,
    date: Date,
) -> Result<Vec<Day>, DbError> {
    let days = "SELECT DISTINCT origin, destination, date FROM price_days WHERE origin = $1 AND date = $2";
    sql.query(days, &[&origin.as_str(), &date]).await?.iter().map(day).collect()
}

/// Where prices are known for on a date.
pub(in crate::tracking) async fn days_of_date(sql: &Sql, date: Date) -> Result<Vec<Day>, DbError> {
    let days = "SELECT DISTINCT origin, destination, date FROM price_days WHERE date = $1";
    sql.query(days, &[&date]).await?.iter().map(day).collect()
}

fn prices(row: &Row, column: usize) -> Result<Prices, DbError> {
    let of_seats: Vec<Option<i64>> = row.get(column);
    let of_seats: [_; SEATS_MAX] = of_seats.try_into().map_err(|odd_ones| odd("prices", &odd_ones))?;
    Ok(Prices { of_seats, due: row.get(column + 1) })
}

/// What is known of days, by cabin.
pub(in crate::tracking) async fn known(
    sql: &Sql,
    days: impl Iterator<Item = &Day>,
) -> Result<BTreeMap<(Day, Cabin), Prices>, DbError> {
    let (origins, destinations, dates) = columns(days);
    let rows = sql
        .query(
            "SELECT d.origin, d.destination, d.date, d.cabin, d.prices, d.due_at
             FROM unnest($1::text[], $2::text[], $3::date[]) AS asked (origin, destination, date)
             JOIN price_days d USING (origin, destination, date)",
            &[&origins, &destinations, &dates],
        )
        .await?;
    rows.iter().map(|row| Ok(((day(row)?, cabin(row.get(3))?), prices(row, 4)?))).collect()
}

/// Writes down what days cost.
pub(in crate::tracking) async fn write(sql: &Sql, rows: &[((Day, Cabin), Prices)]) -> Result<(), DbError> {
    let (origins, destinations, dates) = columns(rows.iter().map(|((day, _), _)| day));
    let cabins: Vec<i16> = rows.iter().map(|((_, cabin), _)| cabin_number(*cabin)).collect();
    let prices: Vec<String> = rows.iter().map(|(_, prices)| array_text(&prices.of_seats)).collect();
    let due: Vec<Option<Timestamp>> = rows.iter().map(|(_, prices)| prices.due).collect();
    sql.execute(
        "INSERT INTO price_days (origin, destination, date, cabin, prices, due_at)
         SELECT origin, destination, date, cabin, prices::bigint[], due_at
         FROM unnest($1::text[], $2::text[], $3::date[], $4::smallint[], $5::text[], $6::timestamptz[])
             AS new (origin, destination, date, cabin, prices, due_at)
         ON CONFLICT (origin, destination, date, cabin) DO UPDATE SET prices = excluded.prices, due_at = excluded.due_at",
        &[&origins, &destinations, &dates, &cabins, &prices, &due],
    )
    .await?;
    Ok(())
}

/// Remembers what one seat costs on these days from now on; `day` is today in UTC.
pub(in crate::tracking) async fn remember(
    sql: &Sql,
    rows: &[((Day, Cabin), Option<i64>)],
    today: Date,
) -> Result<(), DbError> {
    let (origins, destinations, dates) = columns(rows.iter().map(|((day, _), _)| day));
    let cabins: Vec<i16> = rows.iter().map(|((_, cabin), _)| cabin_number(*cabin)).collect();
    let prices: Vec<Option<i64>> = rows.iter().map(|(_, price)| *price).collect();
    sql.execute(
        "INSERT INTO price_history AS h (origin, destination, date, cabin, day, low, high, last)
         SELECT origin, destination, date, cabin, $6, price, price, price
         FROM unnest($1::text[], $2::text[], $3::date[], $4::smallint[], $5::bigint[])
             AS new (origin, destination, date, cabin, price)
         ON CONFLICT (origin, destination, date, cabin, day) DO UPDATE
             SET low = LEAST(h.low, excluded.low), high = GREATEST(h.high, excluded.high), last = excluded.last",
        &[&origins, &destinations, &dates, &cabins, &prices, &today],
    )
    .await?;
    Ok(())
}

/// A day on which a price changed.
#[derive(Clone, Copy, Debug)]
pub(in crate::tracking) struct Changed {
    pub(in crate::tracking) day: Date,
    pub(in crate::tracking) low: Option<i64>,
    pub(in crate::tracking) high: Option<i64>,
    pub(in crate::tracking) last: Option<i64>,
}

/// The days on which what one seat costs changed, the first one first; the newest `most` of them.
pub(in crate::tracking) async fn history(
    sql: &Sql,
    (of, cabin): (&Day, Cabin),
    most: i64,
) -> Result<Vec<Changed>, DbError> {
    let rows = sql
        .query(
            "SELECT day, low, high, last FROM price_history
             WHERE origin = $1 AND destination = $2 AND date = $3 AND cabin = $4 ORDER BY day DESC LIMIT $5",
            &[&of.origin.as_str(), &of.destination.as_str(), &of.date, &cabin_number(cabin), &most],
        )
        .await?;
    let changed =
        |row: &Row| Changed { day: row.get(0), low: row.get(1), high: row.get(2), last: row.get(3) };
    Ok(rows.iter().rev().map(changed).collect())
}

/// The lowest of the prices of a route's dates for so many seats, and the first date that has it.
pub(in crate::tracking) async fn lowest(
    sql: &Sql,
    (origin, destination): (AirportCode, AirportCode),
    (from, until): (Date, Date),
    (cabin, seats): (Cabin, i16),
) -> Result<Option<(i64, Date)>, DbError> {
    let row = sql
        .query_opt(
            "SELECT prices[$6::smallint], date FROM price_days
             WHERE origin = $1 AND destination = $2 AND date BETWEEN $3 AND $4 AND cabin = $5
                   AND prices[$6::smallint] IS NOT NULL
             ORDER BY 1, 2 LIMIT 1",
            &[&origin.as_str(), &destination.as_str(), &from, &until, &cabin_number(cabin), &seats],
        )
        .await?;
    Ok(row.map(|row| (row.get(0), row.get(1))))
}

/// Deletes what days before one cost, some rows at a time; how many.
pub(in crate::tracking) async fn prune_days(sql: &Sql, before: Date, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM price_days WHERE (origin, destination, date, cabin) IN (
             SELECT origin, destination, date, cabin FROM price_days WHERE date < $1 ORDER BY date LIMIT $2)",
        &[&before, &most],
    )
    .await
}

/// Forgets what days before one did cost, some rows at a time; how many.
pub(in crate::tracking) async fn prune_history(sql: &Sql, before: Date, most: i64) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM price_history WHERE (origin, destination, date, cabin, day) IN (
             SELECT origin, destination, date, cabin, day FROM price_history WHERE date < $1 ORDER BY date LIMIT $2)",
        &[&before, &most],
    )
    .await
}
