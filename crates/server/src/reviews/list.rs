//! `GET /reviews`: what travellers think of a flight number.

use axum::extract::State;
use domain::reviews::STARS;
use kernel::{FlightNumber, ReviewId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::{self, Order, ReviewRow, Wanted};
use super::view::{Review, ReviewTally};
use crate::app::App;

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReviewQuery {
    /// Airline and number.
    #[param(example = "KR1")]
    flight_number: String,
    /// `newest`, `highest` or `lowest` first.
    #[param(default = "newest")]
    sort: Option<String>,
    /// Only reviews with so many stars, 1 to 5.
    #[param(minimum = 1, maximum = 5)]
    stars: Option<i16>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before, asked with the same `sort` and `stars`.
    cursor: Option<String>,
}

/// A page of the reviews of a flight number, and what all of them come to.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"flight_number": "KR1", "all": {"count": 0, "average": null, "histogram": [0, 0, 0, 0, 0], "crew": null,
    "comfort": null, "punctuality": null}, "reviews": [], "next_cursor": null}))]
pub(super) struct ReviewList {
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    /// Of all its reviews, whichever are asked for.
    all: ReviewTally,
    reviews: Vec<Review>,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// What travellers think of a flight number. Who wrote it is not told.
#[utoipa::path(get, path = "/reviews", tag = "reviews", params(ReviewQuery),
    responses((status = 200, description = "A page of reviews", body = ReviewList)))]
pub(super) async fn list_reviews(
    State(app): State<App>,
    Query(query): Query<ReviewQuery>,
) -> Outcome<Json<ReviewList>> {
    let wanted = query.check()?;
    // Of one moment, so that the histogram and the list agree.
    let sql = app.db.snapshot().await?;
    let tally = store::ratings::of(&sql, wanted.number).await?;
    let mut rows = store::published(&sql, &wanted).await?;
    let page = usize::try_from(wanted.most - 1).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    Ok(Json(ReviewList {
        flight_number: wanted.number,
        all: ReviewTally::of(&tally),
        next_cursor: rows.last().filter(|_| more).map(cursor),
        reviews: rows.iter().map(Review::of).collect(),
    }))
}

/// Where a page ends: the stars of its last review, for the orders that want them, and its id.
fn cursor(row: &ReviewRow) -> String {
    format!("{}.{}", row.rating.stars, row.id)
}

fn read_cursor(text: &str) -> Option<(i16, ReviewId)> {
    let (stars, id) = text.split_once('.')?;
    Some((stars.parse().ok().filter(|stars| STARS.contains(stars))?, id.parse().ok()?))
}

impl ReviewQuery {
    /// One row more than asked for, so that it is known whether there is another page.
    fn check(self) -> Result<Wanted, Problem> {
        let limit = self.limit.unwrap_or(20);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
        }
        if self.stars.is_some_and(|stars| !STARS.contains(&stars)) {
            return Err(Problem::invalid("stars", "it must be 1 to 5"));
        }
        let bad_number =
            |error: kernel::codes::CodeError| Problem::invalid("flight_number", error.to_string());
        let bad_cursor = || Problem::invalid("cursor", "it must be a next_cursor of this list");
        Ok(Wanted {
            number: self.flight_number.parse().map_err(bad_number)?,
            order: match self.sort.as_deref() {
                None | Some("newest") => Order::Newest,
                Some("highest") => Order::Highest,
                Some("lowest") => Order::Lowest,
                Some(_) => return Err(Problem::invalid("sort", "it must be newest, highest or lowest")),
            },
            stars: self.stars,
            after: self.cursor.as_deref().map(|text| read_cursor(text).ok_or_else(bad_cursor)).transpose()?,
            most: limit + 1,
        })
    }
}
