//! SQL on `review_reports`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{ReviewId, UserId};
use platform::db::{DbError, Sql};
use uuid::Uuid;

use super::ReviewRow;

/// Somebody asks staff to look at a review; what they said before stays. Whether it is new.
pub(in crate::reviews) async fn insert(
    sql: &Sql,
    row: &ReviewRow,
    (user, reason): (UserId, &str),
    now: Timestamp,
) -> Result<bool, DbError> {
    let number = row.number.to_string();
    let new = sql
        .execute(
            "INSERT INTO review_reports (flight_number, review_id, user_id, reason, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
            &[&number, &row.id.uuid(), &user.uuid(), &reason, &now],
        )
        .await?;
    if new == 1 {
        sql.execute(
            "UPDATE reviews SET reports = reports + 1 WHERE flight_number = $1 AND id = $2",
            &[&number, &row.id.uuid()],
        )
        .await?;
    }
    Ok(new == 1)
}

/// How many gave which reason, by review.
pub(in crate::reviews) async fn counts(
    sql: &Sql,
    reviews: &[ReviewRow],
) -> Result<BTreeMap<ReviewId, BTreeMap<String, i64>>, DbError> {
    let numbers: Vec<String> = reviews.iter().map(|row| row.number.to_string()).collect();
    let ids: Vec<Uuid> = reviews.iter().map(|row| row.id.uuid()).collect();
    let rows = sql
        .query(
            "SELECT review_id, reason, count(*) FROM review_reports WHERE flight_number = ANY($1) AND review_id = ANY($2) GROUP BY 1, 2",
            &[&numbers, &ids],
        )
        .await?;
    let mut counts: BTreeMap<ReviewId, BTreeMap<String, i64>> = BTreeMap::new();
    for row in &rows {
        counts.entry(ReviewId::from_uuid(row.get(0))).or_default().insert(row.get(1), row.get(2));
    }
    Ok(counts)
}
