//! SQL on the reviews slice's tables.

pub(super) mod ratings;
pub(super) mod reports;

use domain::reviews::Rating;
use jiff::Timestamp;
use kernel::{BookingId, FlightId, FlightNumber, ReviewId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::body::Said;

/// A row of `reviews`.
#[derive(Clone, Debug)]
pub(super) struct ReviewRow {
    pub(super) number: FlightNumber,
    pub(super) id: ReviewId,
    pub(super) user: UserId,
    pub(super) flight: FlightId,
    pub(super) booking: BookingId,
    pub(super) rating: Rating,
    pub(super) comment: Option<String>,
    pub(super) language: String,
    pub(super) status: String,
    pub(super) hidden_because: Option<String>,
    pub(super) reports: i32,
    pub(super) version: i32,
    pub(super) created_at: Timestamp,
    pub(super) changed_at: Timestamp,
}

impl ReviewRow {
    /// Whether everybody sees it, and it counts.
    pub(super) fn is_published(&self) -> bool {
        self.status == "published"
    }

    /// Whether its writer took it back, and staff look at what they write next.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.status == "withdrawn"
    }

    /// Whether staff hid it, or are to look at it.
    pub(super) fn is_watched(&self) -> bool {
        !self.is_published() || self.reports > 0
    }

    pub(super) fn says(&self, said: &Said) -> bool {
        self.rating == said.rating && self.comment == said.comment
    }
}

macro_rules! columns {
    () => {
        "r.flight_number, r.id, r.user_id, r.flight_id, r.booking_id, r.stars, r.crew, r.comfort, r.punctuality, r.comment, r.language,
         r.status, r.hidden_because, r.reports, r.version, r.created_at, r.changed_at"
    };
}

fn review(row: &Row) -> Result<ReviewRow, DbError> {
    let number: &str = row.get(0);
    let odd = |_| DbError::Inconsistent(format!("reviews.flight_number {number:?}"));
    Ok(ReviewRow {
        number: number.parse().map_err(odd)?,
        id: ReviewId::from_uuid(row.get(1)),
        user: UserId::from_uuid(row.get(2)),
        flight: FlightId::from_uuid(row.get(3)),
        booking: BookingId::from_uuid(row.get(4)),
        rating: Rating { stars: row.get(5), crew: row.get(6), comfort: row.get(7), punctuality: row.get(8) },
        comment: row.get(9),
        language: row.get(10),
        status: row.get(11),
        hidden_because: row.get(12),
        reports: row.get(13),
        version: row.get(14),
        created_at: row.get(15),
        changed_at: row.get(16),
    })
}

/// Writes a new one, unless its writer has one of that flight; whether it was written.
pub(super) async fn insert(sql: &Sql, row: &ReviewRow) -> Result<bool, DbError> {
    let Rating { stars, crew, comfort, punctuality } = row.rating;
    let written = sql
        .execute(
            "INSERT INTO reviews (flight_number, id, user_id, flight_id, booking_id, stars, crew, comfort, punctuality, comment, language,
                                  status, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) ON CONFLICT ON CONSTRAINT reviews_once DO NOTHING",
            &[
                &row.number.to_string(),
                &row.id.uuid(),
                &row.user.uuid(),
                &row.flight.uuid(),
                &row.booking.uuid(),
                &stars,
                &crew,
                &comfort,
                &punctuality,
                &row.comment,
                &row.language,
                &row.status,
                &row.created_at,
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Its writer says something else.
pub(super) async fn update(
    sql: &Sql,
    (row, said): (&ReviewRow, &Said),
    (status, language): (&str, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    let Rating { stars, crew, comfort, punctuality } = said.rating;
    sql.execute(
        "UPDATE reviews SET stars = $3, crew = $4, comfort = $5, punctuality = $6, comment = $7, status = $8, language = $9,
             hidden_because = NULL, version = version + 1, changed_at = $10,
             created_at = CASE WHEN status = 'withdrawn' THEN $10 ELSE created_at END WHERE flight_number = $1 AND id = $2",
        &[
            &row.number.to_string(),
            &row.id.uuid(),
            &stars,
            &crew,
            &comfort,
            &punctuality,
            &said.comment,
            &status,
            &language,
            &now,
        ],
    )
    .await?;
    Ok(())
}

/// Its writer takes it back, and it is emptied: what they write next waits for staff.
pub(super) async fn withdraw(sql: &Sql, row: &ReviewRow, now: Timestamp) -> Result<(), DbError> {
    sql.execute(
        "UPDATE reviews SET status = 'withdrawn', comment = NULL, crew = NULL, comfort = NULL, punctuality = NULL, hidden_because = NULL,
             version = version + 1, changed_at = $3 WHERE flight_number = $1 AND id = $2",
        &[&row.number.to_string(), &row.id.uuid(), &now],
    )
    .await?;
    Ok(())
}

/// Staff decided: it is seen or not, and nobody's report waits.
pub(super) async fn decide(sql: &Sql, row: &ReviewRow, hidden_because: Option<&str>) -> Result<(), DbError> {
    sql.execute(
        "UPDATE reviews SET status = CASE WHEN $3::text IS NULL THEN 'published' ELSE 'hidden' END, hidden_because = $3, reports = 0
         WHERE flight_number = $1 AND id = $2",
        &[&row.number.to_string(), &row.id.uuid(), &hidden_because],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete(sql: &Sql, row: &ReviewRow) -> Result<(), DbError> {
    sql.execute(
        "DELETE FROM reviews WHERE flight_number = $1 AND id = $2",
        &[&row.number.to_string(), &row.id.uuid()],
    )
    .await?;
    Ok(())
}

/// What somebody wrote of a flight, locked.
pub(super) async fn lock_of(
    sql: &Sql,
    user: UserId,
    number: FlightNumber,
    flight: FlightId,
) -> Result<Option<ReviewRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE flight_number = $1 AND user_id = $2 AND flight_id = $3 FOR UPDATE"
    );
    let row = sql.query_opt(SQL, &[&number.to_string(), &user.uuid(), &flight.uuid()]).await?;
    row.as_ref().map(review).transpose()
}

/// What somebody wrote of a flight.
pub(super) async fn find_of(
    sql: &Sql,
    user: UserId,
    number: FlightNumber,
    flight: FlightId,
) -> Result<Option<ReviewRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE flight_number = $1 AND user_id = $2 AND flight_id = $3 AND status <> 'withdrawn'"
    );
    let row = sql.query_opt(SQL, &[&number.to_string(), &user.uuid(), &flight.uuid()]).await?;
    row.as_ref().map(review).transpose()
}

/// The review of an id, locked, unless its writer took it back.
pub(super) async fn lock(sql: &Sql, id: ReviewId) -> Result<Option<ReviewRow>, DbError> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM reviews r WHERE id = $1 AND status <> 'withdrawn' FOR UPDATE");
    sql.query_opt(SQL, &[&id.uuid()]).await?.as_ref().map(review).transpose()
}

/// What somebody wrote, the newest before one.
pub(super) async fn of_user(
    sql: &Sql,
    user: UserId,
    before: Option<ReviewId>,
    most: i64,
) -> Result<Vec<ReviewRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE user_id = $1 AND status <> 'withdrawn' AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
    );
    let before = before.map(ReviewId::uuid);
    sql.query(SQL, &[&user.uuid(), &before, &most]).await?.iter().map(review).collect()
}

/// Which of the published reviews of a flight number are listed.
pub(super) struct Wanted {
    pub(super) number: FlightNumber,
    pub(super) order: Order,
    /// Only those with so many stars.
    pub(super) stars: Option<i16>,
    /// Behind the one of these stars and this id.
    pub(super) after: Option<(i16, ReviewId)>,
    pub(super) most: i64,
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Newest,
    Highest,
    Lowest,
}

/// The published reviews of a flight number.
pub(super) async fn published(sql: &Sql, wanted: &Wanted) -> Result<Vec<ReviewRow>, DbError> {
    const NEWEST: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE flight_number = $1 AND status = 'published' AND ($2::smallint IS NULL OR stars = $2)
              AND ($3::smallint IS NULL OR id < $4) ORDER BY id DESC LIMIT $5"
    );
    const HIGHEST: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE flight_number = $1 AND status = 'published' AND ($2::smallint IS NULL OR stars = $2)
              AND ($3::smallint IS NULL OR (stars, id) < ($3, $4)) ORDER BY stars DESC, id DESC LIMIT $5"
    );
    const LOWEST: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE flight_number = $1 AND status = 'published' AND ($2::smallint IS NULL OR stars = $2)
              AND ($3::smallint IS NULL OR (stars, id) > ($3, $4)) ORDER BY stars, id LIMIT $5"
    );
    let statement = match wanted.order {
        Order::Newest => NEWEST,
        Order::Highest => HIGHEST,
        Order::Lowest => LOWEST,
    };
    let (stars, id) = wanted.after.map(|(stars, id)| (stars, id.uuid())).unzip();
    let rows =
        sql.query(statement, &[&wanted.number.to_string(), &wanted.stars, &stars, &id, &wanted.most]).await?;
    rows.iter().map(review).collect()
}

/// Reviews in a state, or those that wait for staff: the oldest first.
pub(super) async fn for_staff(
    sql: &Sql,
    status: Option<&str>,
    after: Option<ReviewId>,
    most: i64,
) -> Result<Vec<ReviewRow>, DbError> {
    const WAITING: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE (status = 'pending' OR (status <> 'withdrawn' AND reports > 0)) AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2"
    );
    const IN_STATE: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM reviews r WHERE status = $3 AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2"
    );
    let after = after.map(ReviewId::uuid);
    let rows = match status {
        None => sql.query(WAITING, &[&after, &most]).await?,
        Some(status) => sql.query(IN_STATE, &[&after, &most, &status]).await?,
    };
    rows.iter().map(review).collect()
}

/// Deletes all of an account, and says what it was.
pub(super) async fn forget(sql: &Sql, user: UserId) -> Result<Vec<ReviewRow>, DbError> {
    const SQL: &str = concat!("DELETE FROM reviews r WHERE user_id = $1 RETURNING ", columns!());
    let rows = sql.query(SQL, &[&user.uuid()]).await?;
    sql.execute("DELETE FROM review_reports WHERE user_id = $1", &[&user.uuid()]).await?;
    rows.iter().map(review).collect()
}
