//! What somebody says of a flight, as it comes in.

use domain::reviews::{self, Rating};
use platform::http::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

/// What I think of a flight. Members left out are not rated.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReviewBody, example = json!({"stars": 4, "crew": 5, "punctuality": 3, "comment": "Friendly crew, and a late start."}))]
pub(super) struct ReviewBody {
    /// 1 (bad) to 5 (very good).
    #[schema(minimum = 1, maximum = 5)]
    stars: i16,
    /// Those on board who looked after you.
    #[schema(minimum = 1, maximum = 5)]
    crew: Option<i16>,
    /// Seat, cabin and what was served.
    #[schema(minimum = 1, maximum = 5)]
    comfort: Option<i16>,
    /// Whether it was on time.
    #[schema(minimum = 1, maximum = 5)]
    punctuality: Option<i16>,
    /// At most 2,000 characters, for everybody to read: no names, please.
    #[schema(max_length = 2000)]
    comment: Option<String>,
}

/// The same, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) rating: Rating,
    pub(super) comment: Option<String>,
}

impl ReviewBody {
    pub(super) fn check(self) -> Result<Said, Problem> {
        let Self { stars, crew, comfort, punctuality, comment } = self;
        let rating = Rating { stars, crew, comfort, punctuality };
        if let Some(member) = rating.odd_member() {
            return Err(Problem::invalid(member, "it must be 1 to 5"));
        }
        let comment = reviews::comment(comment.as_deref().unwrap_or_default());
        Ok(Said { rating, comment: comment.map_err(|reason| Problem::invalid("comment", reason))? })
    }
}
