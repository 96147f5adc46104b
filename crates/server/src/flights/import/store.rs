//! The SQL of imports: `airports`, `market_ratios`, `imports`, and bulk rows of `flights` and `inventory`.

use std::collections::HashSet;
use std::pin::pin;

use bytes::Bytes;
use domain::airports::Airport;
use domain::geo::Position;
use domain::market_ratios::MarketRatio;
use futures_util::SinkExt;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, Cabin, FlightId, ImportId};
use platform::db::{DbError, Sql};

use super::plan::KnownAirport;

/// Columns of [`copy_flights`].
pub(super) const FLIGHT_FIELDS: i16 = 13;
/// Columns of [`copy_inventory`].
pub(super) const CABIN_FIELDS: i16 = 14;

/// How much of a COPY travels in one message: small enough that PostgreSQL works while the rest is under way.
const COPY_CHUNK: usize = 64 * 1024;

/// Makes this transaction the only import there is, waiting for another one to end. An import may take longer than a
/// request, so the limits of requests do not hold in it.
pub(super) async fn begin_import(sql: &Sql) -> Result<(), DbError> {
    sql.batch(
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
         SET LOCAL lock_timeout = '10min';
         LOCK TABLE imports IN EXCLUSIVE MODE",
    )
    .await
}

/// All airports, by code.
pub(super) async fn known_airports(sql: &Sql) -> Result<Vec<KnownAirport>, DbError> {
    let rows =
        sql.query("SELECT code, latitude, longitude, timezone FROM airports ORDER BY code", &[]).await?;
    rows.iter()
        .map(|row| {
            let code: &str = row.get(0);
            let code = code.parse().map_err(|error| DbError::Inconsistent(format!("airports: {error}")))?;
            let position = Position { latitude: row.get(1), longitude: row.get(2) };
            Ok(KnownAirport { code, position, timezone: row.get(3) })
        })
        .collect()
}

/// The flights that depart from `first` to the day before `end`.
pub(super) async fn present_flights(sql: &Sql, first: Date, end: Date) -> Result<HashSet<FlightId>, DbError> {
    let (low, high) = (FlightId::first_of(first).uuid(), FlightId::first_of(end).uuid());
    let rows = sql.query("SELECT id FROM flights WHERE id >= $1 AND id < $2", &[&low, &high]).await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// What a bare table lacks, and how it gets it back: statements to run, in the catalogue's own words.
pub(super) struct Rebuild(Vec<String>);

/// Where there is no flight yet, takes the secondary indexes and the foreign keys off `flights` and `inventory`: building
/// them once from all rows is much cheaper than row by row. Nobody can read the tables until the transaction ends;
/// there is nothing in them to read. `None` where there are flights: those are on sale and stay so.
pub(super) async fn lay_bare(sql: &Sql) -> Result<Option<Rebuild>, DbError> {
    const EMPTY: &str = "SELECT NOT EXISTS (SELECT FROM flights) AND NOT EXISTS (SELECT FROM inventory)";
    if !sql.query_one(EMPTY, &[]).await?.get::<_, bool>(0) {
        return Ok(None);
    }
    sql.batch("LOCK TABLE flights, inventory IN ACCESS EXCLUSIVE MODE").await?;
    if !sql.query_one(EMPTY, &[]).await?.get::<_, bool>(0) {
        return Ok(None);
    }
    let rows = sql
        .query(
            "SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
             FROM pg_index
             WHERE indrelid IN ('flights'::regclass, 'inventory'::regclass)
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
             UNION ALL
             SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
                    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
             FROM pg_constraint
             WHERE conrelid IN ('flights'::regclass, 'inventory'::regclass) AND contype = 'f'",
            &[],
        )
        .await?;
    for row in &rows {
        sql.batch(row.get(0)).await?;
    }
    Ok(Some(Rebuild(rows.iter().map(|row| row.get(1)).collect())))
}

/// Gives the tables back what [`lay_bare`] took.
pub(super) async fn rebuild(sql: &Sql, rebuild: Rebuild) -> Result<(), DbError> {
    sql.batch("SET LOCAL maintenance_work_mem = '256MB'").await?;
    for statement in rebuild.0 {
        sql.batch(&statement).await?;
    }
    Ok(())
}

/// Writes flights; rows of [`FLIGHT_FIELDS`] fields.
pub(super) async fn copy_flights(sql: &Sql, rows: Bytes) -> Result<u64, DbError> {
    copy(
        sql,
        "COPY flights (id, airline, number, suffix, origin, destination, departs_local, arrives_local, departs_at,
                       arrives_at, tzdata_version, distance_miles, aircraft) FROM STDIN (FORMAT binary)",
        rows,
    )
    .await
}

/// Writes inventory; rows of [`CABIN_FIELDS`] fields.
pub(super) async fn copy_inventory(sql: &Sql, rows: Bytes) -> Result<u64, DbError> {
    copy(
        sql,
        "COPY inventory (flight_id, cabin, capacity, limit_2, limit_3, limit_4, fare_1, fare_2, fare_3, fare_4,
                         closes_2, closes_3, closes_4, currency) FROM STDIN (FORMAT binary)",
        rows,
    )
    .await
}

async fn copy(sql: &Sql, statement: &'static str, mut rows: Bytes) -> Result<u64, DbError> {
    let mut sink = pin!(sql.copy_in(statement).await?);
    while !rows.is_empty() {
        sink.feed(rows.split_to(rows.len().min(COPY_CHUNK))).await?;
    }
    Ok(sink.finish().await?)
}

/// Files the ratios for economy and business; answers how many rows are new or changed.
pub(super) async fn save_ratios(sql: &Sql, ratios: &[MarketRatio]) -> Result<u64, DbError> {
    let origins: Vec<&str> = ratios.iter().map(|ratio| ratio.origin.as_str()).collect();
    let destinations: Vec<&str> = ratios.iter().map(|ratio| ratio.destination.as_str()).collect();
    let values: Vec<i32> = ratios.iter().map(|ratio| ratio.ratio_ppm.cast_signed()).collect();
    let cabins = [Cabin::Economy, Cabin::Business].map(cabin_number).to_vec();
    sql.execute(
        "INSERT INTO market_ratios (origin, destination, cabin, ratio_ppm)
         SELECT origin, destination, cabin, ratio_ppm
         FROM unnest($1::text[], $2::text[], $3::int[]) AS file (origin, destination, ratio_ppm),
              unnest($4::smallint[]) AS cabin
         ON CONFLICT (origin, destination, cabin) DO UPDATE SET ratio_ppm = excluded.ratio_ppm
         WHERE market_ratios.ratio_ppm <> excluded.ratio_ppm",
        &[&origins, &destinations, &values, &cabins],
    )
    .await
}

/// Ranks the airports by their departures; answers how many changed.
pub(super) async fn save_weekly_departures(
    sql: &Sql,
    departures: &[(AirportCode, i32)],
) -> Result<u64, DbError> {
    let codes: Vec<&str> = departures.iter().map(|(code, _)| code.as_str()).collect();
    let counts: Vec<i32> = departures.iter().map(|(_, count)| *count).collect();
    sql.execute(
        "UPDATE airports SET weekly_departures = file.departures
         FROM unnest($1::text[], $2::int[]) AS file (code, departures)
         WHERE airports.code = file.code AND airports.weekly_departures <> file.departures",
        &[&codes, &counts],
    )
    .await
}

/// Adds the airports, and changes those that differ; answers how many rows that were.
pub(super) async fn save_airports(sql: &Sql, airports: &[Airport]) -> Result<u64, DbError> {
    let text = |pick: fn(&Airport) -> &str| -> Vec<&str> { airports.iter().map(pick).collect() };
    let number = |pick: fn(&Airport) -> f64| -> Vec<f64> { airports.iter().map(pick).collect() };
    sql.execute(
        "INSERT INTO airports (code, name, city, subdivision, country, timezone, latitude, longitude)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                              $7::float8[], $8::float8[])
         ON CONFLICT (code) DO UPDATE SET
             name = excluded.name, city = excluded.city, subdivision = excluded.subdivision,
             country = excluded.country, timezone = excluded.timezone,
             latitude = excluded.latitude, longitude = excluded.longitude
         WHERE (airports.name, airports.city, airports.subdivision, airports.country, airports.timezone,
                airports.latitude, airports.longitude)
            <> (excluded.name, excluded.city, excluded.subdivision, excluded.country, excluded.timezone,
                excluded.latitude, excluded.longitude)",
        &[
            &text(|airport| airport.code.as_str()),
            &text(|airport| &airport.name),
            &text(|airport| &airport.city),
            &text(|airport| &airport.subdivision),
            &text(|airport| &airport.country),
            &text(|airport| &airport.timezone),
            &number(|airport| airport.position.latitude),
            &number(|airport| airport.position.longitude),
        ],
    )
    .await
}

/// One event for all flights of an import: the search reads these dates again.
pub(super) async fn announce(sql: &Sql, first: Date, last: Date) -> Result<(), DbError> {
    sql.execute("INSERT INTO search_inbox (from_date, to_date) VALUES ($1, $2)", &[&first, &last]).await?;
    Ok(())
}

/// An import, for the record.
pub(in crate::flights) struct ImportRecord<'a> {
    pub(in crate::flights) kind: &'static str,
    pub(in crate::flights) source: &'a str,
    pub(in crate::flights) sha256: [u8; 32],
    pub(in crate::flights) dates: Option<(Date, Date)>,
    pub(in crate::flights) flights_added: u64,
    pub(in crate::flights) at: Timestamp,
}

/// Keeps the record.
pub(in crate::flights) async fn record(
    sql: &Sql,
    id: ImportId,
    import: &ImportRecord<'_>,
) -> Result<(), DbError> {
    let sha256: String = import.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let (first, last) = import.dates.unzip();
    let flights_added = i32::try_from(import.flights_added).unwrap_or(i32::MAX);
    sql.execute(
        "INSERT INTO imports (id, kind, source, sha256, from_date, to_date, flights_added, imported_at)
         VALUES ($8, $1, $2, $3, $4, $5, $6, $7)",
        &[&import.kind, &import.source, &sha256, &first, &last, &flights_added, &import.at, &id.uuid()],
    )
    .await?;
    Ok(())
}

/// Tells the planner what the tables hold now, rather than at autovacuum's leisure.
pub(super) async fn analyse(sql: &Sql) -> Result<(), DbError> {
    sql.batch("SET statement_timeout = 0; ANALYZE flights, inventory, market_ratios, airports; RESET statement_timeout")
        .await
}

/// The number under which the database keeps a cabin.
pub(super) fn cabin_number(cabin: Cabin) -> i16 {
    match cabin {
        Cabin::Economy => 0,
        Cabin::PremiumEconomy => 1,
        Cabin::Business => 2,
        Cabin::First => 3,
    }
}
