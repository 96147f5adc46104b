//! `POST /review-reports`: asking staff to look at a review.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, ReviewId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::access::Caller;
use crate::app::App;
use crate::identity;

/// What is wrong with a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wrong {
    /// It insults, threatens or discriminates.
    Offensive,
    /// It names somebody, or says how to find them.
    PersonalData,
    /// It sells something.
    Spam,
    /// It is not about the flight.
    OffTopic,
}

impl Wrong {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Offensive => "offensive",
            Self::PersonalData => "personal_data",
            Self::Spam => "spam",
            Self::OffTopic => "off_topic",
        }
    }
}

/// Why staff should look at a review.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"review_id": "rev_0193f2a1c5d07bb2a4d1c0ffee00000e", "reason": "spam"}))]
pub(super) struct ReviewReport {
    #[schema(value_type = String)]
    review_id: ReviewId,
    reason: Wrong,
}

/// Ask staff to look at a review. Asking twice is asking once. 409 `own_review` for one's own.
#[utoipa::path(post, path = "/review-reports", tag = "reviews", request_body = ReviewReport,
    responses((status = 204, description = "Staff will look at it"), (status = 404, description = "No such review"), (status = 409, description = "`own_review`")))]
pub(super) async fn report_review(
    State(app): State<App>,
    caller: Caller,
    Json(report): Json<ReviewReport>,
) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    identity::api::hold_account(&tx, caller.user).await?;
    let row = store::lock(&tx, report.review_id).await?.filter(store::ReviewRow::is_published);
    let row = row.ok_or_else(Problem::not_found)?;
    if row.user == caller.user {
        return Err(Problem::new(Category::Conflict, "own_review").actions(&["delete_review"]));
    }
    if store::reports::insert(&tx, &row, (caller.user, report.reason.as_str()), app.now()).await? {
        metrics::counter!("reviews_reported_total").increment(1);
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
