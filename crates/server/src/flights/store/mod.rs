//! SQL on the flights slice's tables, and the rows as the slice sees them.

pub(super) mod connection_times;
pub(super) mod fares;
pub(super) mod feed;
pub(super) mod live;
pub(super) mod refund_rules;
pub(super) mod write;

use itinerary::{ClassState, Minute};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::codes::CLASSES_PER_CABIN;
use kernel::{AirportCode, Cabin, Currency, FlightId, FlightNumber};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::directory::Airport;
use super::inventory::SeatClaim;
use super::times::zone;

/// What every fare is filed in. Search compares amounts of one currency, so there is one until fares in several can be
/// compared (there is no conversion).
pub const FILING_CURRENCY: Currency = Currency::USD;

/// A row of `flights`.
#[derive(Clone, Debug)]
pub struct FlightRow {
    /// Its id.
    pub id: FlightId,
    /// Airline, number, suffix.
    pub number: FlightNumber,
    /// From.
    pub origin: AirportCode,
    /// To.
    pub destination: AirportCode,
    /// Scheduled departure, wall time at the origin.
    pub departs_local: DateTime,
    /// Scheduled arrival, wall time at the destination.
    pub arrives_local: DateTime,
    /// Scheduled departure.
    pub departs_at: Timestamp,
    /// Scheduled arrival.
    pub arrives_at: Timestamp,
    /// Great-circle distance.
    pub distance_miles: i32,
    /// IATA aircraft type.
    pub aircraft: String,
    /// Departure gate.
    pub gate: Option<String>,
    /// Expected departure, when staff gave one.
    pub estimated_departs_at: Option<Timestamp>,
    /// Expected arrival, when staff gave one.
    pub estimated_arrives_at: Option<Timestamp>,
    /// What staff declared.
    pub declared_status: Option<String>,
    /// Grows with each change.
    pub version: i64,
}

/// A row of `inventory`.
#[derive(Clone, Debug)]
pub(super) struct InventoryRow {
    /// The flight.
    pub(super) flight: FlightId,
    /// The cabin.
    pub(super) cabin: Cabin,
    /// Seats of the cabin.
    pub(super) capacity: i16,
    /// How many more may be sold.
    pub(super) overbooking: i16,
    /// Limits of the classes; the first is the cabin's own.
    pub(super) limits: [i16; CLASSES_PER_CABIN],
    /// Seats taken in each class and those below it.
    pub(super) taken: [i16; CLASSES_PER_CABIN],
    /// Filed fares.
    pub(super) fares: [u32; CLASSES_PER_CABIN],
    /// When each class stops selling; the first sells until the flight closes.
    pub(super) closes: [Option<Timestamp>; CLASSES_PER_CABIN],
    /// What the fares are filed in.
    pub(super) currency: Currency,
    /// False once the flight is cancelled.
    pub(super) on_sale: bool,
    /// Grows with each change.
    pub(super) version: i64,
}

impl InventoryRow {
    /// The classes as the engine sees them, full fare first: fare, seats that can still be sold (a class's own room and
    /// that of every class above it), closing.
    pub(super) fn classes(&self) -> [ClassState; CLASSES_PER_CABIN] {
        let mut room = i16::MAX;
        std::array::from_fn(|class| {
            room = room.min(self.limits[class].saturating_sub(self.taken[class]));
            ClassState {
                fare: self.fares[class],
                seats: u16::try_from(room).unwrap_or(0),
                closes: self.closes[class].map_or(Minute(u32::MAX), minute),
            }
        })
    }
}

/// The whole minute at or before an instant.
pub fn minute(at: Timestamp) -> Minute {
    Minute(u32::try_from(at.as_second().div_euclid(60)).unwrap_or(0))
}

macro_rules! flight_columns {
    () => {
        "f.id, f.airline, f.number, f.suffix, f.origin, f.destination, f.departs_local, f.arrives_local, f.departs_at,
         f.arrives_at, f.distance_miles, f.aircraft, f.gate, f.estimated_departs_at, f.estimated_arrives_at,
         f.declared_status, f.version"
    };
}

const FLIGHT_COLUMN_COUNT: usize = 17;

macro_rules! inventory_columns {
    () => {
        "i.flight_id, i.cabin, i.capacity, i.overbooking, i.limit_2, i.limit_3, i.limit_4, i.taken, i.taken_2, i.taken_3,
         i.taken_4, i.fare_1, i.fare_2, i.fare_3, i.fare_4, i.closes_2, i.closes_3, i.closes_4, i.currency, i.on_sale,
         i.version"
    };
}

/// A value the schema's checks should have kept out.
fn odd(what: &str, value: &dyn std::fmt::Debug) -> DbError {
    DbError::Inconsistent(format!("{what}: {value:?}"))
}

fn airport_code(row: &Row, column: usize) -> Result<AirportCode, DbError> {
    let text: &str = row.get(column);
    text.parse().map_err(|_| odd("airport code", &text))
}

fn flight_row(row: &Row) -> Result<FlightRow, DbError> {
    let (airline, number, suffix): (&str, i16, &str) = (row.get(1), row.get(2), row.get(3));
    let number = u16::try_from(number).ok().zip(airline.parse().ok());
    let number =
        number.and_then(|(number, airline)| FlightNumber::new(airline, number, suffix.chars().next()).ok());
    Ok(FlightRow {
        id: FlightId::from_uuid(row.get(0)),
        number: number.ok_or_else(|| odd("flight number", &airline))?,
        origin: airport_code(row, 4)?,
        destination: airport_code(row, 5)?,
        departs_local: row.get(6),
        arrives_local: row.get(7),
        departs_at: row.get(8),
        arrives_at: row.get(9),
        distance_miles: row.get(10),
        aircraft: row.get(11),
        gate: row.get(12),
        estimated_departs_at: row.get(13),
        estimated_arrives_at: row.get(14),
        declared_status: row.get(15),
        version: row.get(16),
    })
}

/// Reads the inventory columns that begin at `at`.
fn inventory_row(row: &Row, at: usize) -> Result<InventoryRow, DbError> {
    let small = |offset: usize| row.get::<_, i16>(at + offset);
    let cabin = usize::try_from(small(1)).ok().and_then(Cabin::from_index);
    let fare = |offset: usize| {
        let fare: i32 = row.get(at + offset);
        u32::try_from(fare).map_err(|_| odd("fare", &fare))
    };
    let currency: &str = row.get(at + 18);
    let (capacity, overbooking) = (small(2), small(3));
    Ok(InventoryRow {
        flight: FlightId::from_uuid(row.get(at)),
        cabin: cabin.ok_or_else(|| odd("cabin", &small(1)))?,
        capacity,
        overbooking,
        limits: [capacity + overbooking, small(4), small(5), small(6)],
        taken: [small(7), small(8), small(9), small(10)],
        fares: [fare(11)?, fare(12)?, fare(13)?, fare(14)?],
        closes: [None, Some(row.get(at + 15)), Some(row.get(at + 16)), Some(row.get(at + 17))],
        currency: currency.parse().map_err(|_| odd("currency", &currency))?,
        on_sale: row.get(at + 19),
        version: row.get(at + 20),
    })
}

/// Airports, all of them.
pub(super) async fn airports(sql: &Sql) -> Result<Vec<Airport>, DbError> {
    let rows = sql
        .query(
            "SELECT code, name, city, subdivision, country, latitude, longitude, timezone, weekly_departures
             FROM airports",
            &[],
        )
        .await?;
    rows.iter().map(airport).collect()
}

fn airport(row: &Row) -> Result<Airport, DbError> {
    let timezone: String = row.get(7);
    Ok(Airport {
        code: airport_code(row, 0)?,
        name: row.get(1),
        city: row.get(2),
        subdivision: row.get(3),
        country: row.get(4),
        latitude: row.get(5),
        longitude: row.get(6),
        zone: zone(&timezone).ok_or_else(|| odd("time zone", &timezone))?,
        timezone,
        weekly_departures: row.get(8),
    })
}

/// Market ratios, all of them.
pub(super) async fn market_ratios(
    sql: &Sql,
) -> Result<Vec<((AirportCode, AirportCode, Cabin), u32)>, DbError> {
    let rows = sql.query("SELECT origin, destination, cabin, ratio_ppm FROM market_ratios", &[]).await?;
    let ratio = |row: &Row| {
        let (cabin, ppm): (i16, i32) = (row.get(2), row.get(3));
        let cabin =
            usize::try_from(cabin).ok().and_then(Cabin::from_index).ok_or_else(|| odd("cabin", &cabin))?;
        let ppm = u32::try_from(ppm).map_err(|_| odd("market ratio", &ppm))?;
        Ok(((airport_code(row, 0)?, airport_code(row, 1)?, cabin), ppm))
    };
    rows.iter().map(ratio).collect()
}

fn uuids(flights: &[FlightId]) -> Vec<Uuid> {
    flights.iter().map(|flight| flight.uuid()).collect()
}

/// The flights of these ids, in no order.
pub async fn find(sql: &Sql, flights: &[FlightId]) -> Result<Vec<FlightRow>, DbError> {
    const SQL: &str = concat!("SELECT ", flight_columns!(), " FROM flights f WHERE f.id = ANY($1)");
    sql.query(SQL, &[&uuids(flights)]).await?.iter().map(flight_row).collect()
}

/// The cabins of these flights, in no order.
pub(super) async fn inventory(sql: &Sql, flights: &[FlightId]) -> Result<Vec<InventoryRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", inventory_columns!(), " FROM inventory i WHERE i.flight_id = ANY($1)");
    sql.query(SQL, &[&uuids(flights)]).await?.iter().map(|row| inventory_row(row, 0)).collect()
}

/// Flights the airline cancelled between two instants, those that still mattered at the first.
pub async fn cancelled_between(
    sql: &Sql,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<FlightId>, DbError> {
    let rows = sql
        .query(
            "SELECT id FROM flights WHERE cancelled_at >= $1 AND cancelled_at < $2 ORDER BY cancelled_at",
            &[&from, &until],
        )
        .await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// Flights with each of their cabins.
pub(super) async fn flights_with_inventory(
    sql: &Sql,
    flights: &[FlightId],
) -> Result<Vec<(FlightRow, InventoryRow)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        flight_columns!(),
        ", ",
        inventory_columns!(),
        " FROM flights f JOIN inventory i ON i.flight_id = f.id WHERE f.id = ANY($1)"
    );
    let rows = sql.query(SQL, &[&uuids(flights)]).await?;
    rows.iter().map(|row| Ok((flight_row(row)?, inventory_row(row, FLIGHT_COLUMN_COUNT)?))).collect()
}

/// What [`list`] looks for.
pub(super) struct ListFilter {
    pub(super) after: FlightId,
    pub(super) until: FlightId,
    pub(super) origin: Option<AirportCode>,
    pub(super) destination: Option<AirportCode>,
    pub(super) number: Option<FlightNumber>,
    pub(super) limit: i64,
}

/// Flights of one local date from `after` on, in id order, narrowed by route and number.
pub(super) async fn list(sql: &Sql, filter: &ListFilter) -> Result<Vec<FlightRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        flight_columns!(),
        " FROM flights f
         WHERE f.id > $1 AND f.id < $2 AND ($3::text IS NULL OR f.origin = $3) AND ($4::text IS NULL OR f.destination = $4)
           AND ($5::text IS NULL OR f.airline || f.number || f.suffix = $5)
         ORDER BY f.id LIMIT $6"
    );
    let (after, until) = (filter.after.uuid(), filter.until.uuid());
    let number = filter.number.map(|number| number.to_string());
    let (origin, destination) =
        (filter.origin.map(|o| o.to_string()), filter.destination.map(|d| d.to_string()));
    let rows = sql.query(SQL, &[&after, &until, &origin, &destination, &number, &filter.limit]).await?;
    rows.iter().map(flight_row).collect()
}

/// The flights of a local date in order of id, without the cancelled ones.
pub(super) async fn departing_on(sql: &Sql, date: Date) -> Result<Vec<FlightRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        flight_columns!(),
        " FROM flights f
         WHERE f.id >= $1 AND f.id < $2 AND f.declared_status IS DISTINCT FROM 'cancelled'
         ORDER BY f.id"
    );
    let Ok(tomorrow) = date.tomorrow() else { return Ok(Vec::new()) };
    let (from, until) = (FlightId::first_of(date).uuid(), FlightId::first_of(tomorrow).uuid());
    sql.query(SQL, &[&from, &until]).await?.iter().map(flight_row).collect()
}

/// Flights that leave in one of these spans (after the first instant, until the second), by the schedule or by the later time that is
/// expected, and are not cancelled; by id.
pub async fn leaving_in(sql: &Sql, spans: &[(Timestamp, Timestamp)]) -> Result<Vec<FlightRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        flight_columns!(),
        " FROM flights f
         WHERE f.id >= $1 AND f.id < $2 AND f.declared_status IS DISTINCT FROM 'cancelled'
           AND EXISTS (SELECT 1 FROM unnest($3::timestamptz[], $4::timestamptz[]) AS span (after, until)
                       WHERE (f.departs_at > after AND f.departs_at <= until)
                          OR (f.estimated_departs_at > after AND f.estimated_departs_at <= until))
         ORDER BY f.id"
    );
    let (after, until): (Vec<Timestamp>, Vec<Timestamp>) = spans.iter().copied().unzip();
    let Some((from, to)) = after.iter().min().zip(until.iter().max()) else { return Ok(Vec::new()) };
    // The id begins with the local date of the scheduled departure: a day more at either end for the time zones, and before that for as
    // long as a delay can be.
    let day = |at: Timestamp, days: i64| {
        (at + SignedDuration::from_hours(24 * days)).to_zoned(TimeZone::UTC).date()
    };
    let first = FlightId::first_of(day(*from, -1 - super::DELAY_DAYS_MAX)).uuid();
    let last = FlightId::first_of(day(*to, 2)).uuid();
    sql.query(SQL, &[&first, &last, &after, &until]).await?.iter().map(flight_row).collect()
}

/// Flights from an airport, to one, or both, on these days, that leave after a time and are flown, by id.
pub async fn leaving_on_route(
    sql: &Sql,
    (origin, destination): (Option<AirportCode>, Option<AirportCode>),
    (first, last): (Date, Date),
    after: Timestamp,
) -> Result<Vec<FlightId>, DbError> {
    let (origin, destination) =
        (origin.map(|code| code.to_string()), destination.map(|code| code.to_string()));
    // The id begins with the local date of the scheduled departure.
    let end = FlightId::first_of(last.tomorrow().unwrap_or(last)).uuid();
    let rows = sql
        .query(
            "SELECT id FROM flights
             WHERE id >= $1 AND id < $2 AND ($3::text IS NULL OR origin = $3) AND ($4::text IS NULL OR destination = $4)
               AND COALESCE(estimated_departs_at, departs_at) > $5 AND declared_status IS DISTINCT FROM 'cancelled'
             ORDER BY id",
            &[&FlightId::first_of(first).uuid(), &end, &origin, &destination, &after],
        )
        .await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// When the last flight departs. The ids sort by local date, so it is one of the last date's.
pub async fn last_departure(sql: &Sql) -> Result<Option<Timestamp>, DbError> {
    let row = sql
        .query_one(
            "SELECT max(departs_at) FROM (SELECT departs_at FROM flights ORDER BY id DESC LIMIT 30000) AS latest",
            &[],
        )
        .await?;
    Ok(row.get(0))
}

/// Takes the claim's seats if the flight is on sale, the class open at that fare, and there is room in the class and in
/// every class above it. `false`: nothing was taken.
pub(super) async fn take(sql: &Sql, claim: &SeatClaim, now: Timestamp) -> Result<bool, DbError> {
    let fare = i32::try_from(claim.fare).map_err(|_| odd("fare", &claim.fare))?;
    let (rank, seats) = (i16::from(claim.class_rank), i16::from(claim.seats));
    let taken = sql
        .execute(
            "UPDATE inventory SET
                 taken   = taken + $4,
                 taken_2 = taken_2 + CASE WHEN $3 >= 2 THEN $4 ELSE 0 END,
                 taken_3 = taken_3 + CASE WHEN $3 >= 3 THEN $4 ELSE 0 END,
                 taken_4 = taken_4 + CASE WHEN $3 >= 4 THEN $4 ELSE 0 END,
                 version = version + 1
             WHERE flight_id = $1 AND cabin = $2 AND on_sale
               AND CASE $3::smallint WHEN 1 THEN fare_1 WHEN 2 THEN fare_2 WHEN 3 THEN fare_3 ELSE fare_4 END = $5
               AND CASE $3::smallint WHEN 1 THEN true WHEN 2 THEN closes_2 > $6 WHEN 3 THEN closes_3 > $6
                                     ELSE closes_4 > $6 END
               AND taken + $4::smallint <= capacity + overbooking
               AND ($3 < 2 OR taken_2 + $4 <= limit_2)
               AND ($3 < 3 OR taken_3 + $4 <= limit_3)
               AND ($3 < 4 OR taken_4 + $4 <= limit_4)",
            &[&claim.flight.uuid(), &cabin_number(claim.cabin), &rank, &seats, &fare, &now],
        )
        .await?;
    Ok(taken == 1)
}

/// Takes the claim's seats if the flight is on sale and there is room in the class and in every class above it, whatever the
/// class costs now and whether or not it is still open. `false`: nothing was taken.
pub(super) async fn retake(sql: &Sql, claim: &SeatClaim) -> Result<bool, DbError> {
    let (rank, seats) = (i16::from(claim.class_rank), i16::from(claim.seats));
    let taken = sql
        .execute(
            "UPDATE inventory SET
                 taken   = taken + $4::smallint,
                 taken_2 = taken_2 + CASE WHEN $3::smallint >= 2 THEN $4 ELSE 0 END,
                 taken_3 = taken_3 + CASE WHEN $3 >= 3 THEN $4 ELSE 0 END,
                 taken_4 = taken_4 + CASE WHEN $3 >= 4 THEN $4 ELSE 0 END,
                 version = version + 1
             WHERE flight_id = $1 AND cabin = $2 AND on_sale
               AND taken + $4::smallint <= capacity + overbooking
               AND ($3::smallint < 2 OR taken_2 + $4 <= limit_2)
               AND ($3 < 3 OR taken_3 + $4 <= limit_3)
               AND ($3 < 4 OR taken_4 + $4 <= limit_4)",
            &[&claim.flight.uuid(), &cabin_number(claim.cabin), &rank, &seats],
        )
        .await?;
    Ok(taken == 1)
}

/// Whether each of these flights still has the version it was read with.
pub(super) async fn have_versions(sql: &Sql, flights: &[&FlightRow]) -> Result<bool, DbError> {
    let ids: Vec<Uuid> = flights.iter().map(|flight| flight.id.uuid()).collect();
    let versions: Vec<i64> = flights.iter().map(|flight| flight.version).collect();
    let row = sql
        .query_one(
            "SELECT count(*) FROM unnest($1::uuid[], $2::bigint[]) AS seen (id, version) JOIN flights USING (id, version)",
            &[&ids, &versions],
        )
        .await?;
    Ok(usize::try_from(row.get::<_, i64>(0)).is_ok_and(|count| count == flights.len()))
}

/// Gives the claim's seats back.
pub(super) async fn release(sql: &Sql, claim: &SeatClaim) -> Result<(), DbError> {
    let (rank, seats) = (i16::from(claim.class_rank), i16::from(claim.seats));
    let released = sql
        .execute(
            "UPDATE inventory SET
                 taken   = taken - $4::smallint,
                 taken_2 = taken_2 - CASE WHEN $3::smallint >= 2 THEN $4 ELSE 0 END,
                 taken_3 = taken_3 - CASE WHEN $3 >= 3 THEN $4 ELSE 0 END,
                 taken_4 = taken_4 - CASE WHEN $3 >= 4 THEN $4 ELSE 0 END,
                 version = version + 1
             WHERE flight_id = $1 AND cabin = $2",
            &[&claim.flight.uuid(), &cabin_number(claim.cabin), &rank, &seats],
        )
        .await?;
    if released == 1 { Ok(()) } else { Err(odd("no inventory to give seats back to", claim)) }
}

/// The cabin's number in the database.
pub(super) fn cabin_number(cabin: Cabin) -> i16 {
    i16::try_from(cabin.index()).unwrap_or(0)
}
