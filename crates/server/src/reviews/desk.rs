//! `/admin/reviews`: staff look at what was reported or waits to be published, and decide.

use axum::extract::State;
use kernel::{Category, ReviewId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::report::Wrong;
use super::store;
use super::view::StaffReview;
use super::write::count;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

const LIMIT_MAX: i64 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ModerationQuery {
    /// `waiting`: not published yet, or reported since staff last looked; or `pending`, `published`, `hidden`.
    #[param(default = "waiting")]
    status: Option<String>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<ReviewId>,
}

/// Reviews, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"reviews": [], "next_cursor": null}))]
pub(super) struct StaffReviewList {
    reviews: Vec<StaffReview>,
    /// Null at the end.
    #[schema(value_type = Option<String>)]
    next_cursor: Option<ReviewId>,
}

/// What becomes of a review.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"decision": "hide", "reason": "spam", "version": 1}))]
pub(super) struct ReviewDecision {
    decision: Decision,
    /// Why it is hidden; its writer is told.
    reason: Option<Wrong>,
    /// The `version` that was read.
    version: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewDecisionKind)]
pub(super) enum Decision {
    /// Everybody sees it, and it counts.
    Publish,
    /// Nobody but its writer sees it, and it does not count.
    Hide,
}

/// Reviews that wait for staff, or are in a state. Who looked at which is recorded.
#[utoipa::path(get, path = "/admin/reviews", tag = "reviews", params(ModerationQuery),
    responses((status = 200, description = "A page of reviews", body = StaffReviewList)))]
pub(super) async fn list_reviews_to_moderate(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<ModerationQuery>,
) -> Outcome<Json<StaffReviewList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let status = match query.status.as_deref() {
        None | Some("waiting") => None,
        Some(status @ ("pending" | "published" | "hidden")) => Some(status),
        Some(_) => {
            return Err(Problem::invalid("status", "it must be waiting, pending, published or hidden"));
        }
    };
    let sql = app.db.read().await?;
    let mut rows = store::for_staff(&sql, status, query.cursor, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let mut reports = store::reports::counts(&sql, &rows).await?;
    drop(sql);
    let seen: Vec<ReviewId> = rows.iter().map(|row| row.id).collect();
    let act = Act::new("review.list", &"reviews").after(&json!({"reviews": seen}));
    audit::record_look(&app, &actor, act).await?;
    Ok(Json(StaffReviewList {
        next_cursor: rows.last().filter(|_| more).map(|row| row.id),
        reviews: rows
            .iter()
            .map(|row| StaffReview::of(row, reports.remove(&row.id).unwrap_or_default()))
            .collect(),
    }))
}

/// Publish a review, or hide it. Either way its reports are dealt with. 409 `review_changed` if its writer has changed it since it was
/// read.
#[utoipa::path(post, path = "/admin/reviews/{id}/decision", tag = "reviews", request_body = ReviewDecision,
    params(("id" = String, Path, description = "Review id", example = "rev_0193f2a1c5d07bb2a4d1c0ffee00000e")),
    responses((status = 200, description = "The review", body = StaffReview), (status = 409, description = "`review_changed`")))]
pub(super) async fn decide_review(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReviewId>,
    Json(request): Json<ReviewDecision>,
) -> Outcome<Json<StaffReview>> {
    let reason = match (request.decision, request.reason) {
        (Decision::Publish, None) => None,
        (Decision::Hide, Some(reason)) => Some(reason.as_str()),
        (Decision::Publish, Some(_)) => {
            return Err(Problem::invalid("reason", "it is for a review that is hidden; leave it out"));
        }
        (Decision::Hide, None) => {
            return Err(Problem::invalid("reason", "it is needed: the writer is told why"));
        }
    };
    let tx = app.db.begin().await?;
    let before = store::lock(&tx, id).await?.ok_or_else(Problem::not_found)?;
    if before.version != request.version {
        return Err(Problem::new(Category::Conflict, "review_changed").actions(&["list_reviews_to_moderate"]));
    }
    store::decide(&tx, &before, reason).await?;
    let after = store::lock(&tx, id).await?.ok_or_else(Problem::not_found)?;
    count(&app, &tx, (Some(&before), Some(&after))).await?;
    let action = if reason.is_some() { "review.hide" } else { "review.publish" };
    audit::record(&app, &tx, &actor, Act::new(action, &id).after(&request)).await?;
    let mut reports = store::reports::counts(&tx, std::slice::from_ref(&after)).await?;
    tx.commit().await?;
    Ok(Json(StaffReview::of(&after, reports.remove(&id).unwrap_or_default())))
}
