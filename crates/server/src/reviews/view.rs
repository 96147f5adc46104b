//! Reviews on the wire: as everybody sees them, as their writer does, and as staff do.

use std::collections::BTreeMap;

use domain::reviews::Tally;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, FlightId, FlightNumber, ReviewId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::ratings::stars;
use super::store::ReviewRow;
use crate::app::App;

/// What somebody thinks of a flight.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReviewOpinion)]
pub(super) struct Opinion {
    /// 1 to 5.
    stars: i16,
    /// 1 to 5; null if not rated.
    crew: Option<i16>,
    /// 1 to 5; null if not rated.
    comfort: Option<i16>,
    /// 1 to 5; null if not rated.
    punctuality: Option<i16>,
    /// For everybody to read.
    comment: Option<String>,
    /// `en` or `hi`: the language its writer read our pages in, which the comment may be in.
    language: String,
}

impl Opinion {
    fn of(row: &ReviewRow) -> Self {
        Self {
            stars: row.rating.stars,
            crew: row.rating.crew,
            comfort: row.rating.comfort,
            punctuality: row.rating.punctuality,
            comment: row.comment.clone(),
            language: row.language.clone(),
        }
    }
}

/// A review as everybody sees it: not who wrote it, and of the day only the month.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "rev_0193f2a1c5d07bb2a4d1c0ffee00000e", "flight_number": "KR1", "flown_in": "2026-06",
    "opinion": {"stars": 4, "crew": 5, "comfort": null, "punctuality": 3, "comment": "Friendly crew, and a late start.", "language": "en"},
    "written_on": "2026-06-12", "edited": false}))]
pub(super) struct Review {
    #[schema(value_type = String)]
    id: ReviewId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    /// Year and month of the flight.
    flown_in: String,
    opinion: Opinion,
    /// The day, UTC.
    #[schema(value_type = String, format = Date)]
    written_on: String,
    /// Whether its writer said something else before.
    edited: bool,
}

impl Review {
    pub(super) fn of(row: &ReviewRow) -> Self {
        Self {
            id: row.id,
            flight_number: row.number,
            flown_in: row.flight.date().map(|date| date.strftime("%Y-%m").to_string()).unwrap_or_default(),
            opinion: Opinion::of(row),
            written_on: row.created_at.to_zoned(TimeZone::UTC).date().to_string(),
            edited: row.version > 1,
        }
    }
}

/// What I wrote.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "rev_0193f2a1c5d07bb2a4d1c0ffee00000e", "flight_id": "flt_20261201000080008000b97700134001",
    "flight_number": "KR1", "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "opinion": {"stars": 4, "crew": 5, "comfort": null,
    "punctuality": 3, "comment": "Friendly crew, and a late start.", "language": "en"}, "status": "published", "hidden_because": null,
    "created_at": "2026-12-02T10:00:00Z", "editable_until": "2026-12-16T10:00:00Z"}))]
pub(super) struct MyReview {
    #[schema(value_type = String)]
    id: ReviewId,
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String)]
    booking_id: BookingId,
    opinion: Opinion,
    /// `pending`: staff have yet to look at it; `published`; `hidden`: staff took it off, because of `hidden_because`.
    status: String,
    /// `offensive`, `personal_data`, `spam` or `off_topic`.
    hidden_because: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until then it can be said otherwise; taken back it can be at any time.
    #[schema(value_type = String, format = DateTime)]
    editable_until: Timestamp,
}

impl MyReview {
    pub(super) fn of(app: &App, row: &ReviewRow) -> Self {
        let days = SignedDuration::from_hours(24 * i64::from(app.config.reviews.edit_days));
        Self {
            id: row.id,
            flight_id: row.flight,
            flight_number: row.number,
            booking_id: row.booking,
            opinion: Opinion::of(row),
            status: row.status.clone(),
            hidden_because: row.hidden_because.clone(),
            created_at: row.created_at,
            editable_until: row.created_at + days,
        }
    }
}

/// A review as staff see it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "rev_0193f2a1c5d07bb2a4d1c0ffee00000e", "flight_id": "flt_20261201000080008000b97700134001",
    "flight_number": "KR1", "user_id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002",
    "opinion": {"stars": 1, "crew": null, "comfort": null, "punctuality": null, "comment": "Buy watches at …", "language": "en"},
    "status": "published", "hidden_because": null, "version": 1, "waiting_reports": 2, "reports": {"spam": 2},
    "created_at": "2026-12-02T10:00:00Z", "changed_at": "2026-12-02T10:00:00Z"}))]
pub(super) struct StaffReview {
    #[schema(value_type = String)]
    id: ReviewId,
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String)]
    user_id: UserId,
    #[schema(value_type = String)]
    booking_id: BookingId,
    opinion: Opinion,
    status: String,
    hidden_because: Option<String>,
    /// Say it with a decision: it rises when the writer changes the review.
    version: i32,
    /// Reports since staff last decided.
    waiting_reports: i32,
    /// How many ever gave which reason.
    reports: BTreeMap<String, i64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl StaffReview {
    pub(super) fn of(row: &ReviewRow, reports: BTreeMap<String, i64>) -> Self {
        Self {
            id: row.id,
            flight_id: row.flight,
            flight_number: row.number,
            user_id: row.user,
            booking_id: row.booking,
            opinion: Opinion::of(row),
            status: row.status.clone(),
            hidden_because: row.hidden_because.clone(),
            version: row.version,
            waiting_reports: row.reports,
            reports,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

/// What all reviews of a flight number come to.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"count": 3, "average": 4.3, "histogram": [0, 0, 0, 2, 1], "crew": 4.5, "comfort": null, "punctuality": 3.0}))]
pub(super) struct ReviewTally {
    count: i64,
    /// Stars to a tenth; null if there are none, as with the parts.
    average: Option<f32>,
    /// How many gave one star, two, three, four, five.
    histogram: [i64; 5],
    crew: Option<f32>,
    comfort: Option<f32>,
    punctuality: Option<f32>,
}

impl ReviewTally {
    pub(super) fn of(tally: &Tally) -> Self {
        let [crew, comfort, punctuality] = tally.aspect_tenths().map(|tenths| tenths.map(stars));
        Self {
            count: tally.count(),
            average: tally.average_tenths().map(stars),
            histogram: tally.stars,
            crew,
            comfort,
            punctuality,
        }
    }
}
