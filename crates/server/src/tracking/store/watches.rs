//! SQL on `price_watches`.

use domain::tracking::{Quiet, Watch, Wish};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, BookingId, Cabin, FlightId, UserId, WatchId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{airport, array_text, cabin, cabin_number, columns, odd};
use crate::tracking::prices::{Day, Prices};

/// A row of `price_watches`.
#[derive(Clone, Debug)]
pub(in crate::tracking) struct WatchRow {
    pub(in crate::tracking) user: UserId,
    pub(in crate::tracking) id: WatchId,
    pub(in crate::tracking) origin: AirportCode,
    pub(in crate::tracking) destination: AirportCode,
    /// First and last date.
    pub(in crate::tracking) dates: (Date, Date),
    pub(in crate::tracking) flight: Option<FlightId>,
    pub(in crate::tracking) booking: Option<BookingId>,
    pub(in crate::tracking) cabin: Cabin,
    pub(in crate::tracking) seats: i16,
    pub(in crate::tracking) by_mail: bool,
    pub(in crate::tracking) watch: Watch,
    /// Whether it begins with its first look, as what its dates cost was not known when it was made. No price is low enough for it until
    /// then, so that nothing but that look is taken note of; of every other watch there is one that is.
    pub(in crate::tracking) waits: bool,
    /// The date of what is due.
    pub(in crate::tracking) due_date: Option<Date>,
    /// How often telling what is due failed.
    pub(in crate::tracking) tries: i32,
    /// How often it told something, and when it did last.
    pub(in crate::tracking) times: i32,
    pub(in crate::tracking) told_at: Option<Timestamp>,
    pub(in crate::tracking) paused_at: Option<Timestamp>,
    pub(in crate::tracking) expires_at: Timestamp,
    pub(in crate::tracking) created_at: Timestamp,
}

/// A price, and the date that has it.
pub(in crate::tracking) type Priced = Option<(i64, Date)>;

macro_rules! watch_columns {
    () => {
        "w.user_id, w.id, w.origin, w.destination, w.from_date, w.to_date, w.flight_id, w.booking_id, w.cabin, w.seats, w.by_mail,
         w.target, w.drop_percent, w.reference, w.told, w.above_since, w.due_price, w.due_date, w.tries, w.times, w.told_at,
         w.paused_at, w.expires_at, w.created_at, w.quiet_low IS NULL"
    };
}

/// Where the price stands in a row that has one behind the columns of the watch, and its date behind that.
const PRICE: usize = 25;

/// The lowest price now of the dates of a watch of a route; of a flight's there is none here.
macro_rules! lowest {
    () => {
        "LEFT JOIN LATERAL (
             SELECT d.prices[w.seats] AS price, d.date FROM price_days d
             WHERE w.flight_id IS NULL AND d.origin = w.origin AND d.destination = w.destination AND d.cabin = w.cabin
                   AND d.date BETWEEN w.from_date AND w.to_date AND d.prices[w.seats] IS NOT NULL
             ORDER BY 1, 2 LIMIT 1) AS p ON true"
    };
}

/// Whether the price p changes something (`domain::tracking::Quiet`), or is had on another date than the one that is to be told.
macro_rules! concerns {
    () => {
        "(p.price <= w.quiet_low OR (w.quiet_high IS NOT NULL AND (p.price IS NULL OR p.price >= w.quiet_high))
          OR (w.due_date IS NOT NULL AND p.date IS DISTINCT FROM w.due_date))"
    };
}

fn watch(row: &Row) -> Result<WatchRow, DbError> {
    let (target, percent): (Option<i64>, Option<i16>) = (row.get(11), row.get(12));
    let percent = percent.and_then(|percent| u8::try_from(percent).ok());
    let wish = target.map(Wish::Target).or(percent.map(Wish::Drop));
    let id: Uuid = row.get(1);
    Ok(WatchRow {
        user: UserId::from_uuid(row.get(0)),
        id: WatchId::from_uuid(id),
        origin: airport(row, 2)?,
        destination: airport(row, 3)?,
        dates: (row.get(4), row.get(5)),
        flight: row.get::<_, Option<_>>(6).map(FlightId::from_uuid),
        booking: row.get::<_, Option<_>>(7).map(BookingId::from_uuid),
        cabin: cabin(row.get(8))?,
        seats: row.get(9),
        by_mail: row.get(10),
        watch: Watch {
            wish: wish.ok_or_else(|| odd("wish of watch", &id))?,
            reference: row.get(13),
            told: row.get(14),
            above_since: row.get(15),
            due: row.get(16),
        },
        due_date: row.get(17),
        tries: row.get(18),
        times: row.get(19),
        told_at: row.get(20),
        paused_at: row.get(21),
        expires_at: row.get(22),
        created_at: row.get(23),
        waits: row.get(24),
    })
}

fn priced(row: &Row) -> Result<(WatchRow, Priced), DbError> {
    let price: Option<i64> = row.get(PRICE);
    Ok((watch(row)?, price.zip(row.get(PRICE + 1))))
}

fn wish_columns(wish: Wish) -> (Option<i64>, Option<i16>) {
    match wish {
        Wish::Target(target) => (Some(target), None),
        Wish::Drop(percent) => (None, Some(percent.into())),
    }
}

/// The prices that change nothing.
fn quiet(row: &WatchRow) -> Quiet {
    if row.waits { Quiet { low: None, high: None } } else { row.watch.quiet() }
}

/// Writes a new one into the first free of its account's `most` slots; whether there was one. Two that are made at once and want the same
/// slot: the second waits for the first, and is not written.
pub(in crate::tracking) async fn insert(sql: &Sql, row: &WatchRow, most: i16) -> Result<bool, DbError> {
    let (target, percent) = wish_columns(row.watch.wish);
    let quiet = quiet(row);
    let written = sql
        .execute(
            "INSERT INTO price_watches (user_id, id, slot, origin, destination, from_date, to_date, flight_id, booking_id, cabin, seats,
                 target, drop_percent, by_mail, reference, told, quiet_low, quiet_high, expires_at, created_at)
             SELECT $1, $2, s.slot, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
             FROM generate_series(1, $20::smallint) AS s (slot)
             WHERE NOT EXISTS (SELECT FROM price_watches t WHERE t.user_id = $1 AND t.slot = s.slot)
             ORDER BY s.slot LIMIT 1
             ON CONFLICT ON CONSTRAINT price_watches_slots DO NOTHING",
            &[
                &row.user.uuid(),
                &row.id.uuid(),
                &row.origin.as_str(),
                &row.destination.as_str(),
                &row.dates.0,
                &row.dates.1,
                &row.flight.map(FlightId::uuid),
                &row.booking.map(BookingId::uuid),
                &cabin_number(row.cabin),
                &row.seats,
                &target,
                &percent,
                &row.by_mail,
                &row.watch.reference,
                &row.watch.told,
                &quiet.low,
                &quiet.high,
                &row.expires_at,
                &row.created_at,
                &most,
            ],
        )
        .await?;
    Ok(written == 1)
}

/// How many somebody has.
pub(in crate::tracking) async fn count(sql: &Sql, user: UserId) -> Result<i64, DbError> {
    let count = "SELECT count(*) FROM price_watches WHERE user_id = $1";
    Ok(sql.query_one(count, &[&user.uuid()]).await?.get(0))
}

/// Somebody's, the newest first, with the price of each that is of a route.
pub(in crate::tracking) async fn all(sql: &Sql, user: UserId) -> Result<Vec<(WatchRow, Priced)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        watch_columns!(),
        ", p.price, p.date FROM price_watches w ",
        lowest!(),
        " WHERE w.user_id = $1 ORDER BY w.id DESC"
    );
    sql.query(SQL, &[&user.uuid()]).await?.iter().map(priced).collect()
}

/// One of somebody's.
pub(in crate::tracking) async fn find(
    sql: &Sql,
    (user, id): (UserId, WatchId),
) -> Result<Option<(WatchRow, Priced)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        watch_columns!(),
        ", p.price, p.date FROM price_watches w ",
        lowest!(),
        " WHERE w.user_id = $1 AND w.id = $2"
    );
    sql.query_opt(SQL, &[&user.uuid(), &id.uuid()]).await?.as_ref().map(priced).transpose()
}

/// The same, locked.
pub(in crate::tracking) async fn lock(
    sql: &Sql,
    (user, id): (UserId, WatchId),
) -> Result<Option<WatchRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        watch_columns!(),
        " FROM price_watches w WHERE w.user_id = $1 AND w.id = $2 FOR UPDATE"
    );
    sql.query_opt(SQL, &[&user.uuid(), &id.uuid()]).await?.as_ref().map(watch).transpose()
}

/// Its owner wants it otherwise: what is remembered is as given, and the next look is soon.
pub(in crate::tracking) async fn change(sql: &Sql, row: &WatchRow) -> Result<(), DbError> {
    let (target, percent) = wish_columns(row.watch.wish);
    let quiet = quiet(row);
    sql.execute(
        "UPDATE price_watches SET target = $3, drop_percent = $4, by_mail = $5, reference = $6, told = $7, above_since = $8,
             due_price = $9, due_date = $10, quiet_low = $11, quiet_high = $12, paused_at = $13, looked_at = false
         WHERE user_id = $1 AND id = $2",
        &[
            &row.user.uuid(),
            &row.id.uuid(),
            &target,
            &percent,
            &row.by_mail,
            &row.watch.reference,
            &row.watch.told,
            &row.watch.above_since,
            &row.watch.due,
            &row.due_date,
            &quiet.low,
            &quiet.high,
            &row.paused_at,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::tracking) async fn delete(sql: &Sql, (user, id): (UserId, WatchId)) -> Result<bool, DbError> {
    let delete = "DELETE FROM price_watches WHERE user_id = $1 AND id = $2";
    Ok(sql.execute(delete, &[&user.uuid(), &id.uuid()]).await? == 1)
}

/// Part of a list in the order of keys: what comes after one, and how many at most.
#[derive(Clone, Copy, Debug)]
pub(in crate::tracking) struct Page {
    pub(in crate::tracking) after: Option<(UserId, WatchId)>,
    pub(in crate::tracking) most: i64,
}

/// Watches of routes whose price on one of these days may have changed and changes something, locked in the order of their keys.
///
/// The other dates of a watch were quiet when it was last taken note of, so only a price of these days can be low enough. `OFFSET 0` has the
/// watches of each day looked up by their index: planned together with the days they would all be read.
pub(in crate::tracking) async fn concerned_by_days(
    sql: &Sql,
    days: impl Iterator<Item = &Day>,
    now: Timestamp,
    page: Page,
) -> Result<Vec<(WatchRow, Priced)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        watch_columns!(),
        ", p.price, p.date FROM (
             SELECT DISTINCT k.user_id, k.id FROM unnest($1::text[], $2::text[], $3::date[]) AS c (origin, destination, date)
             JOIN price_days d USING (origin, destination, date)
             CROSS JOIN LATERAL (
                 SELECT user_id, id FROM price_watches t
                 WHERE t.origin = d.origin AND t.destination = d.destination AND t.to_date >= d.date AND t.from_date <= d.date
                       AND t.cabin = d.cabin AND t.flight_id IS NULL AND t.paused_at IS NULL
                       AND (d.prices[t.seats] <= t.quiet_low OR t.quiet_high IS NOT NULL OR t.due_date IS NOT NULL)
                 OFFSET 0) AS k) AS keys
         JOIN price_watches w USING (user_id, id) ",
        lowest!(),
        " WHERE w.paused_at IS NULL AND w.expires_at > $4 AND ",
        concerns!(),
        " AND ($6::uuid IS NULL OR (w.user_id, w.id) > ($6, $7)) ORDER BY w.user_id, w.id LIMIT $5 FOR UPDATE OF w"
    );
    let (user, id) = page.after.map(|(user, id)| (user.uuid(), id.uuid())).unzip();
    let (origins, destinations, dates) = columns(days);
    let rows = sql.query(SQL, &[&origins, &destinations, &dates, &now, &page.most, &user, &id]).await?;
    rows.iter().map(priced).collect()
}

/// Those of the flights that somebody watches.
pub(in crate::tracking) async fn watched(sql: &Sql, flights: &[FlightId]) -> Result<Vec<FlightId>, DbError> {
    let ids: Vec<Uuid> = flights.iter().map(|flight| flight.uuid()).collect();
    let rows = sql
        .query(
            "SELECT DISTINCT flight_id FROM price_watches
             WHERE flight_id = ANY($1) AND flight_id IS NOT NULL AND paused_at IS NULL",
            &[&ids],
        )
        .await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// What a flight costs in a cabin.
pub(in crate::tracking) type FlightPrice = (FlightId, Cabin, Prices);

/// Watches of flights to which these prices change something, locked in the order of their keys.
pub(in crate::tracking) async fn concerned_by_flights(
    sql: &Sql,
    prices: &[FlightPrice],
    now: Timestamp,
    page: Page,
) -> Result<Vec<(WatchRow, Priced)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        watch_columns!(),
        ", p.price, p.date FROM (
             SELECT k.* FROM unnest($1::uuid[], $2::smallint[], $3::text[]) AS c (flight_id, cabin, prices)
             CROSS JOIN LATERAL (
                 SELECT t.user_id, t.id, (c.prices::bigint[])[t.seats] AS price, t.from_date AS date FROM price_watches t
                 WHERE t.flight_id = c.flight_id AND t.cabin = c.cabin AND t.paused_at IS NULL OFFSET 0) AS k) AS p
         JOIN price_watches w USING (user_id, id)
         WHERE w.paused_at IS NULL AND w.expires_at > $4 AND ",
        concerns!(),
        " AND ($6::uuid IS NULL OR (w.user_id, w.id) > ($6, $7)) ORDER BY w.user_id, w.id LIMIT $5 FOR UPDATE OF w"
    );
    let (user, id) = page.after.map(|(user, id)| (user.uuid(), id.uuid())).unzip();
    let flights: Vec<Uuid> = prices.iter().map(|(flight, ..)| flight.uuid()).collect();
    let cabins: Vec<i16> = prices.iter().map(|(_, cabin, _)| cabin_number(*cabin)).collect();
    let amounts: Vec<String> = prices.iter().map(|(.., prices)| array_text(&prices.of_seats)).collect();
    let rows = sql.query(SQL, &[&flights, &cabins, &amounts, &now, &page.most, &user, &id]).await?;
    rows.iter().map(priced).collect()
}

/// Watches that were not looked at yet, locked in the order of their keys, with the price of those of routes. Of a route one has its turn
/// when none of its dates waits to be looked at.
pub(in crate::tracking) async fn new(
    sql: &Sql,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(WatchRow, Priced)>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        watch_columns!(),
        ", p.price, p.date FROM price_watches w ",
        lowest!(),
        " WHERE NOT w.looked_at AND w.paused_at IS NULL AND w.expires_at > $1 AND (w.flight_id IS NOT NULL OR NOT EXISTS (
              SELECT FROM price_dates p WHERE p.date BETWEEN w.from_date AND w.to_date))
          ORDER BY w.user_id, w.id LIMIT $2 FOR UPDATE OF w"
    );
    sql.query(SQL, &[&now, &most]).await?.iter().map(priced).collect()
}

/// Writes down what watches remember. What is due is told at once.
pub(in crate::tracking) async fn note(sql: &Sql, rows: &[WatchRow], now: Timestamp) -> Result<(), DbError> {
    let users: Vec<Uuid> = rows.iter().map(|row| row.user.uuid()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let references: Vec<Option<i64>> = rows.iter().map(|row| row.watch.reference).collect();
    let told: Vec<Option<i64>> = rows.iter().map(|row| row.watch.told).collect();
    let above: Vec<Option<Timestamp>> = rows.iter().map(|row| row.watch.above_since).collect();
    let due: Vec<Option<i64>> = rows.iter().map(|row| row.watch.due).collect();
    let dates: Vec<Option<Date>> = rows.iter().map(|row| row.due_date).collect();
    let quiet: Vec<Quiet> = rows.iter().map(quiet).collect();
    let low: Vec<Option<i64>> = quiet.iter().map(|quiet| quiet.low).collect();
    let high: Vec<Option<i64>> = quiet.iter().map(|quiet| quiet.high).collect();
    sql.execute(
        "UPDATE price_watches w SET reference = n.reference, told = n.told, above_since = n.above_since, due_price = n.due_price,
             due_date = n.due_date, quiet_low = n.low, quiet_high = n.high, looked_at = true,
             try_at = CASE WHEN n.due_price IS NULL OR w.due_price IS NOT NULL THEN w.try_at ELSE $10 END,
             tries = CASE WHEN n.due_price IS NULL OR w.due_price IS NOT NULL THEN w.tries ELSE 0 END
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::date[], $8::bigint[],
             $9::bigint[]) AS n (user_id, id, reference, told, above_since, due_price, due_date, low, high)
         WHERE w.user_id = n.user_id AND w.id = n.id",
        &[&users, &ids, &references, &told, &above, &due, &dates, &low, &high, &now],
    )
    .await?;
    Ok(())
}

/// Watches with something to tell whose time has come, locked; those that somebody else has locked are passed over.
pub(in crate::tracking) async fn lock_due(
    sql: &Sql,
    now: Timestamp,
    most: i64,
) -> Result<Vec<WatchRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        watch_columns!(),
        " FROM price_watches w
          WHERE w.due_price IS NOT NULL AND w.paused_at IS NULL AND w.try_at <= $1 AND w.expires_at > $1
          ORDER BY w.try_at LIMIT $2 FOR UPDATE SKIP LOCKED"
    );
    sql.query(SQL, &[&now, &most]).await?.iter().map(watch).collect()
}

/// What was due is told.
pub(in crate::tracking) async fn told(sql: &Sql, rows: &[WatchRow], now: Timestamp) -> Result<(), DbError> {
    note(sql, rows, now).await?;
    let users: Vec<Uuid> = rows.iter().map(|row| row.user.uuid()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    sql.execute(
        "UPDATE price_watches w SET times = times + 1, told_at = $3
         FROM unnest($1::uuid[], $2::uuid[]) AS n (user_id, id) WHERE w.user_id = n.user_id AND w.id = n.id",
        &[&users, &ids, &now],
    )
    .await?;
    Ok(())
}

/// Telling failed; it is tried again then.
pub(in crate::tracking) async fn again(sql: &Sql, row: &WatchRow, at: Timestamp) -> Result<(), DbError> {
    let again = "UPDATE price_watches SET try_at = $3, tries = tries + 1 WHERE user_id = $1 AND id = $2";
    sql.execute(again, &[&row.user.uuid(), &row.id.uuid(), &at]).await?;
    Ok(())
}

/// So many must find seats from now on.
pub(in crate::tracking) async fn seat(sql: &Sql, row: &WatchRow) -> Result<(), DbError> {
    let seat = "UPDATE price_watches SET seats = $3 WHERE user_id = $1 AND id = $2";
    sql.execute(seat, &[&row.user.uuid(), &row.id.uuid(), &row.seats]).await?;
    Ok(())
}

/// Has those looked at anew that are of what was bought with these bookings, by owner and booking. They are locked in the order in which
/// everybody locks several.
pub(in crate::tracking) async fn look_again(
    sql: &Sql,
    bookings: &[(UserId, BookingId)],
) -> Result<(), DbError> {
    let owners: Vec<Uuid> = bookings.iter().map(|(user, _)| user.uuid()).collect();
    let ids: Vec<Uuid> = bookings.iter().map(|(_, booking)| booking.uuid()).collect();
    sql.execute(
        "UPDATE price_watches SET looked_at = false WHERE (user_id, id) IN (
             SELECT w.user_id, w.id FROM price_watches w
             WHERE (w.user_id, w.booking_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
             ORDER BY w.user_id, w.id FOR UPDATE)",
        &[&owners, &ids],
    )
    .await?;
    Ok(())
}

/// How many have something to tell whose time has come, and since when the first of them.
pub(in crate::tracking) async fn waiting(
    sql: &Sql,
    now: Timestamp,
) -> Result<(i64, Option<Timestamp>), DbError> {
    let waiting = "SELECT count(*), min(try_at) FROM price_watches
                   WHERE due_price IS NOT NULL AND paused_at IS NULL AND try_at <= $1 AND expires_at > $1";
    let row = sql.query_one(waiting, &[&now]).await?;
    Ok((row.get(0), row.get(1)))
}
