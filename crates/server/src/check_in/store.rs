//! SQL on the check-in slice's tables.

use std::collections::{BTreeMap, BTreeSet};

use domain::check_in::{Desk, End, RoutePolicy, Terms};
use jiff::Timestamp;
use kernel::{BookingId, Cabin, FlightId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::events::{self, Cause};

/// A row of `check_ins`.
#[derive(Clone, Debug)]
pub(super) struct CheckInRow {
    pub(super) flight: FlightId,
    pub(super) passenger_no: i16,
    pub(super) segment_no: i16,
    pub(super) number: i16,
    pub(super) status: String,
}

impl CheckInRow {
    pub(super) fn is_checked_in(&self) -> bool {
        self.status == "checked_in"
    }

    /// Staff put them off the flight, and let them on again if anybody does.
    pub(super) fn is_offloaded(&self) -> bool {
        self.status == "offloaded"
    }
}

/// Somebody who checks in now.
pub(super) struct Joining {
    pub(super) passenger_no: i16,
    pub(super) number: i16,
    pub(super) seated: bool,
}

/// Everybody of a booking who ever checked in.
pub(super) async fn of_booking(sql: &Sql, booking: BookingId) -> Result<Vec<CheckInRow>, DbError> {
    let rows = sql
        .query(
            "SELECT flight_id, passenger_no, segment_no, number, status FROM check_ins WHERE booking_id = $1
             ORDER BY flight_id, passenger_no",
            &[&booking.uuid()],
        )
        .await?;
    let row = |row: &Row| CheckInRow {
        flight: FlightId::from_uuid(row.get(0)),
        passenger_no: row.get(1),
        segment_no: row.get(2),
        number: row.get(3),
        status: row.get(4),
    };
    Ok(rows.iter().map(row).collect())
}

/// When everybody of a booking who is checked in did so, the last time.
pub(super) async fn checked_in_at(
    sql: &Sql,
    booking: BookingId,
) -> Result<BTreeMap<(FlightId, i16), Timestamp>, DbError> {
    let since = "SELECT flight_id, passenger_no, declared_at FROM check_ins WHERE booking_id = $1 AND status = 'checked_in'";
    let rows = sql.query(since, &[&booking.uuid()]).await?;
    Ok(rows.iter().map(|row| ((FlightId::from_uuid(row.get(0)), row.get(1)), row.get(2))).collect())
}

/// Passengers of these bookings who are put off a flight.
pub(super) async fn offloaded(
    sql: &Sql,
    flight: FlightId,
    bookings: &[BookingId],
) -> Result<BTreeSet<(BookingId, i16)>, DbError> {
    let bookings: Vec<_> = bookings.iter().map(|booking| booking.uuid()).collect();
    let rows = sql
        .query(
            "SELECT booking_id, passenger_no FROM check_ins
             WHERE flight_id = $1 AND booking_id = ANY($2) AND status = 'offloaded'",
            &[&flight.uuid(), &bookings],
        )
        .await?;
    Ok(rows.iter().map(|row| (BookingId::from_uuid(row.get(0)), row.get(1))).collect())
}

/// Everybody who is checked in, of up to `limit` bookings behind `after` in which somebody has checked in since then: booking, number,
/// segment, by booking.
pub(super) async fn standing(
    sql: &Sql,
    since: Timestamp,
    after: Option<BookingId>,
    limit: i64,
) -> Result<Vec<(BookingId, i16, i16)>, DbError> {
    let after = after.map(BookingId::uuid);
    let rows = sql
        .query(
            "SELECT booking_id, passenger_no, segment_no FROM check_ins
             WHERE status = 'checked_in' AND booking_id IN (
                 SELECT DISTINCT booking_id FROM check_ins
                 WHERE status = 'checked_in' AND changed_at > $1 AND ($2::uuid IS NULL OR booking_id > $2)
                 ORDER BY booking_id LIMIT $3)
             ORDER BY booking_id",
            &[&since, &after, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| (BookingId::from_uuid(row.get(0)), row.get(1), row.get(2))).collect())
}

/// Locks check-in of a flight until the transaction ends; the last number that was given, and when boarding was closed.
pub(super) async fn lock_flight(sql: &Sql, flight: FlightId) -> Result<(i16, Option<Timestamp>), DbError> {
    let row = sql
        .query_one(
            "INSERT INTO flight_check_ins AS f (flight_id, last_number) VALUES ($1, 0)
             ON CONFLICT (flight_id) DO UPDATE SET last_number = f.last_number RETURNING last_number, closed_at",
            &[&flight.uuid()],
        )
        .await?;
    Ok((row.get(0), row.get(1)))
}

/// When boarding of a flight was closed; until the transaction ends nobody closes it.
pub(super) async fn closed_at(sql: &Sql, flight: FlightId) -> Result<Option<Timestamp>, DbError> {
    let row = sql
        .query_opt("SELECT closed_at FROM flight_check_ins WHERE flight_id = $1 FOR SHARE", &[&flight.uuid()])
        .await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Whether boarding of any of these flights was closed; until the transaction ends nobody closes one of them, also one that nobody has
/// checked in to so far.
pub(super) async fn any_closed(sql: &Sql, flights: &BTreeSet<FlightId>) -> Result<bool, DbError> {
    let ids: Vec<_> = flights.iter().map(|flight| flight.uuid()).collect();
    sql.execute(
        "INSERT INTO flight_check_ins (flight_id, last_number) SELECT f, 0 FROM unnest($1::uuid[]) AS f ORDER BY f
         ON CONFLICT (flight_id) DO NOTHING",
        &[&ids],
    )
    .await?;
    let closed = "SELECT closed_at IS NOT NULL FROM flight_check_ins WHERE flight_id = ANY($1) ORDER BY flight_id FOR SHARE";
    Ok(sql.query(closed, &[&ids]).await?.iter().any(|row| row.get(0)))
}

/// When boarding of a flight was closed.
pub(super) async fn closed_at_now(sql: &Sql, flight: FlightId) -> Result<Option<Timestamp>, DbError> {
    let row = sql
        .query_opt("SELECT closed_at FROM flight_check_ins WHERE flight_id = $1", &[&flight.uuid()])
        .await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Which of these flights' boarding was closed.
pub(super) async fn closed_of(sql: &Sql, flights: &[FlightId]) -> Result<BTreeSet<FlightId>, DbError> {
    let ids: Vec<_> = flights.iter().map(|flight| flight.uuid()).collect();
    let rows = sql
        .query(
            "SELECT flight_id FROM flight_check_ins WHERE flight_id = ANY($1) AND closed_at IS NOT NULL",
            &[&ids],
        )
        .await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// Closes boarding of a flight that the caller has locked.
pub(super) async fn close(
    sql: &Sql,
    flight: FlightId,
    (by, now): (UserId, Timestamp),
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE flight_check_ins SET closed_at = $2, closed_by = $3 WHERE flight_id = $1 AND closed_at IS NULL",
        &[&flight.uuid(), &now, &by.uuid()],
    )
    .await?;
    Ok(())
}

/// All who did not come to a closed flight are no-shows now.
pub(super) async fn settle(sql: &Sql, flight: FlightId, now: Timestamp) -> Result<(), DbError> {
    sql.execute(
        "UPDATE flight_check_ins SET settled_at = $2, settled_whole = true WHERE flight_id = $1 AND closed_at IS NOT NULL",
        &[&flight.uuid(), &now],
    )
    .await?;
    Ok(())
}

/// What follows from the closing of a flight is looked at anew.
pub(super) async fn unsettle(sql: &Sql, flight: FlightId) -> Result<(), DbError> {
    let unsettle = "UPDATE flight_check_ins SET settled_at = NULL, settled_whole = false WHERE flight_id = $1 AND settled_at IS NOT NULL";
    sql.execute(unsettle, &[&flight.uuid()]).await?;
    Ok(())
}

/// Boarding of a flight that the caller has locked is not closed any more.
pub(super) async fn reopen(sql: &Sql, flight: FlightId) -> Result<(), DbError> {
    let reopen = "UPDATE flight_check_ins SET closed_at = NULL, closed_by = NULL, settled_at = NULL, settled_whole = false WHERE flight_id = $1";
    sql.execute(reopen, &[&flight.uuid()]).await?;
    Ok(())
}

/// Flights that were closed, and of which not all who did not come are no-shows yet.
pub(super) async fn unsettled(sql: &Sql) -> Result<Vec<FlightId>, DbError> {
    let rows = sql
        .query(
            "SELECT flight_id FROM flight_check_ins WHERE closed_at IS NOT NULL AND settled_at IS NULL ORDER BY flight_id",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// Flights that an earlier release settled, which did not look at everybody: the last that were closed, so many.
pub(super) async fn settled_in_part(sql: &Sql, limit: i64) -> Result<Vec<FlightId>, DbError> {
    let rows = sql
        .query(
            "SELECT flight_id FROM flight_check_ins
             WHERE closed_at IS NOT NULL AND NOT settled_whole AND settled_at IS NOT NULL ORDER BY closed_at DESC LIMIT $1",
            &[&limit],
        )
        .await?;
    Ok(rows.iter().map(|row| FlightId::from_uuid(row.get(0))).collect())
}

/// The places in the order of check-in on a flight, by booking and passenger, of those who are checked in or were.
pub(super) async fn numbers(sql: &Sql, flight: FlightId) -> Result<BTreeMap<(BookingId, i16), i16>, DbError> {
    let rows = sql
        .query(
            "SELECT booking_id, passenger_no, number FROM check_ins WHERE flight_id = $1",
            &[&flight.uuid()],
        )
        .await?;
    Ok(rows.iter().map(|row| ((BookingId::from_uuid(row.get(0)), row.get(1)), row.get(2))).collect())
}

/// How many passengers with a seat are checked in to a cabin.
pub(super) async fn seated(sql: &Sql, flight: FlightId, cabin: Cabin) -> Result<i64, DbError> {
    let cabin = i16::try_from(cabin.index()).unwrap_or(i16::MAX);
    let row = sql
        .query_one(
            "SELECT count(*) FROM check_ins WHERE flight_id = $1 AND cabin = $2 AND seated AND status = 'checked_in'",
            &[&flight.uuid(), &cabin],
        )
        .await?;
    Ok(row.get(0))
}

/// Checks passengers of a booking in, whether they were before or not, on a flight that the caller has locked.
pub(super) async fn join(
    sql: &Sql,
    (flight, booking): (FlightId, BookingId),
    (segment, cabin): (i16, Cabin),
    joining: &[Joining],
    (desk, now): (Desk, Timestamp),
) -> Result<(), DbError> {
    let passengers: Vec<i16> = joining.iter().map(|one| one.passenger_no).collect();
    let numbers: Vec<i16> = joining.iter().map(|one| one.number).collect();
    let seated: Vec<bool> = joining.iter().map(|one| one.seated).collect();
    let cabin = i16::try_from(cabin.index()).unwrap_or(i16::MAX);
    sql.execute(
        "WITH counted AS (
             UPDATE flight_check_ins SET last_number = GREATEST(last_number, (SELECT max(n) FROM unnest($6::smallint[]) AS n))
             WHERE flight_id = $1)
         INSERT INTO check_ins (flight_id, booking_id, passenger_no, segment_no, number, cabin, seated, status, desk, declared_at,
                                changed_at)
         SELECT $1, $2, j.passenger_no, $3, j.number, $4, j.seated, 'checked_in', $8, $9, $9
         FROM unnest($5::smallint[], $6::smallint[], $7::boolean[]) AS j (passenger_no, number, seated)
         ON CONFLICT (flight_id, booking_id, passenger_no) DO UPDATE
         SET status = 'checked_in', segment_no = excluded.segment_no, cabin = excluded.cabin, desk = excluded.desk,
             declared_at = excluded.declared_at, changed_at = excluded.changed_at",
        &[
            &flight.uuid(),
            &booking.uuid(),
            &segment,
            &cabin,
            &passengers,
            &numbers,
            &seated,
            &events::desk(desk),
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// Takes passengers of a locked booking off. Their numbers stay theirs.
pub(super) async fn leave(
    sql: &Sql,
    (flight, booking): (FlightId, BookingId),
    passengers: &BTreeSet<i16>,
    cause: Cause,
    now: Timestamp,
) -> Result<(), DbError> {
    let passengers: Vec<i16> = passengers.iter().copied().collect();
    let left = sql
        .execute(
            "UPDATE check_ins SET status = $4, changed_at = $5
             WHERE flight_id = $1 AND booking_id = $2 AND passenger_no = ANY($3) AND status = 'checked_in'",
            &[&flight.uuid(), &booking.uuid(), &passengers, &cause.status(), &now],
        )
        .await?;
    if usize::try_from(left).ok() == Some(passengers.len()) {
        return Ok(());
    }
    Err(DbError::Inconsistent(format!("check-ins of {booking} changed under its lock")))
}

/// Passengers and their sealed passports.
pub(super) async fn documents(sql: &Sql, booking: BookingId) -> Result<Vec<(i16, Vec<u8>)>, DbError> {
    let rows = sql
        .query(
            "SELECT passenger_no, document_sealed FROM travel_documents WHERE booking_id = $1 ORDER BY passenger_no",
            &[&booking.uuid()],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Passengers whose passports are kept.
pub(super) async fn documented(sql: &Sql, booking: BookingId) -> Result<BTreeSet<i16>, DbError> {
    let rows = sql
        .query("SELECT passenger_no FROM travel_documents WHERE booking_id = $1", &[&booking.uuid()])
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

pub(super) async fn put_document(
    sql: &Sql,
    (booking, passenger): (BookingId, i16),
    sealed: &[u8],
    keep_until: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO travel_documents (booking_id, passenger_no, document_sealed, keep_until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (booking_id, passenger_no) DO UPDATE SET document_sealed = $3, keep_until = $4",
        &[&booking.uuid(), &passenger, &sealed, &keep_until],
    )
    .await?;
    Ok(())
}

pub(super) async fn forget_document(
    sql: &Sql,
    (booking, passenger): (BookingId, i16),
) -> Result<bool, DbError> {
    let gone = sql
        .execute(
            "DELETE FROM travel_documents WHERE booking_id = $1 AND passenger_no = $2",
            &[&booking.uuid(), &passenger],
        )
        .await?;
    Ok(gone > 0)
}

/// Passports of these passengers of a booking are kept until then, and those of all others forgotten.
pub(super) async fn keep_documents(
    sql: &Sql,
    booking: BookingId,
    keep_until: Timestamp,
    flying: &BTreeSet<i16>,
) -> Result<(), DbError> {
    let flying: Vec<i16> = flying.iter().copied().collect();
    sql.execute(
        "WITH gone AS (DELETE FROM travel_documents WHERE booking_id = $1 AND NOT passenger_no = ANY($2))
         UPDATE travel_documents SET keep_until = $3 WHERE booking_id = $1 AND passenger_no = ANY($2)",
        &[&booking.uuid(), &flying, &keep_until],
    )
    .await?;
    Ok(())
}

/// Forgets the passports of a booking.
pub(super) async fn forget_documents(sql: &Sql, booking: BookingId) -> Result<(), DbError> {
    sql.execute("DELETE FROM travel_documents WHERE booking_id = $1", &[&booking.uuid()]).await?;
    Ok(())
}

/// Bookings of up to `limit` passports whose time seems to be over.
pub(super) async fn documents_over(
    sql: &Sql,
    now: Timestamp,
    limit: i64,
) -> Result<BTreeSet<BookingId>, DbError> {
    let rows = sql
        .query(
            "SELECT booking_id FROM travel_documents WHERE keep_until <= $1 ORDER BY keep_until LIMIT $2",
            &[&now, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| BookingId::from_uuid(row.get(0))).collect())
}

/// The passports of a booking are kept until then, if that is later.
pub(super) async fn put_off_documents(
    sql: &Sql,
    booking: BookingId,
    keep_until: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE travel_documents SET keep_until = $2 WHERE booking_id = $1 AND keep_until < $2",
        &[&booking.uuid(), &keep_until],
    )
    .await?;
    Ok(())
}

/// Forgets the passports of these bookings whose time is over; how many.
pub(super) async fn forget_old_documents(
    sql: &Sql,
    now: Timestamp,
    bookings: &BTreeSet<BookingId>,
) -> Result<u64, DbError> {
    let bookings: Vec<_> = bookings.iter().map(|booking| booking.uuid()).collect();
    sql.execute(
        "DELETE FROM travel_documents WHERE (booking_id, passenger_no) IN (
             SELECT booking_id, passenger_no FROM travel_documents WHERE booking_id = ANY($2) AND keep_until <= $1
             ORDER BY booking_id, passenger_no FOR UPDATE SKIP LOCKED)",
        &[&now, &bookings],
    )
    .await
}

/// All policies, sorted by where they hold: as a file of them is read.
pub(super) async fn policies(sql: &Sql) -> Result<Vec<RoutePolicy>, DbError> {
    let rows = sql
        .query(
            "SELECT origin, destination, opens_minutes, closes_minutes, counter_closes_minutes, passport, passport_months
             FROM check_in_policies",
            &[],
        )
        .await?;
    let mut policies: Vec<RoutePolicy> = rows.iter().map(policy).collect::<Result<_, _>>()?;
    policies.sort_by(|one, other| (&one.origin, &one.destination).cmp(&(&other.origin, &other.destination)));
    Ok(policies)
}

fn policy(row: &Row) -> Result<RoutePolicy, DbError> {
    let odd = |column: usize| DbError::Inconsistent(format!("column {column} of a check-in policy"));
    let end = |column: usize| {
        let text: &str = row.get(column);
        match text.len() {
            0 => Ok(End::Anywhere),
            2 => Ok(End::Country(text.to_owned())),
            _ => text.parse().map(End::Airport).map_err(|_| odd(column)),
        }
    };
    let minutes = |column: usize| u32::try_from(row.get::<_, i32>(column)).map_err(|_| odd(column));
    Ok(RoutePolicy {
        origin: end(0)?,
        destination: end(1)?,
        terms: Terms {
            opens_minutes: minutes(2)?,
            closes_minutes: minutes(3)?,
            counter_closes_minutes: minutes(4)?,
            passport: row.get(5),
            passport_months: u8::try_from(row.get::<_, i16>(6)).map_err(|_| odd(6))?,
        },
    })
}

/// Files these policies instead of those there are.
pub(super) async fn replace_policies(sql: &Sql, policies: &[RoutePolicy]) -> Result<(), DbError> {
    sql.execute("DELETE FROM check_in_policies", &[]).await?;
    let end = |end: &End| match end {
        End::Anywhere => String::new(),
        End::Country(code) => code.clone(),
        End::Airport(code) => code.to_string(),
    };
    let origins: Vec<String> = policies.iter().map(|policy| end(&policy.origin)).collect();
    let destinations: Vec<String> = policies.iter().map(|policy| end(&policy.destination)).collect();
    let minutes = |pick: fn(&Terms) -> u32| -> Vec<i32> {
        policies.iter().map(|policy| i32::try_from(pick(&policy.terms)).unwrap_or(i32::MAX)).collect()
    };
    let passports: Vec<bool> = policies.iter().map(|policy| policy.terms.passport).collect();
    let months: Vec<i16> = policies.iter().map(|policy| policy.terms.passport_months.into()).collect();
    sql.execute(
        "INSERT INTO check_in_policies (origin, destination, opens_minutes, closes_minutes, counter_closes_minutes, passport,
                                        passport_months)
         SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::boolean[], $7::smallint[])",
        &[
            &origins,
            &destinations,
            &minutes(|terms| terms.opens_minutes),
            &minutes(|terms| terms.closes_minutes),
            &minutes(|terms| terms.counter_closes_minutes),
            &passports,
            &months,
        ],
    )
    .await?;
    Ok(())
}
