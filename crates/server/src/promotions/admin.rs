//! `/admin/promotions`: staff file promotions, change their terms, and end them.

use axum::extract::State;
use axum::http::StatusCode;
use domain::promotions::{Benefit, Promotion, normalise};
use kernel::Category;
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::TermsBody;
use super::store::{self, PromotionRow};
use super::view::PromotionView;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::events::api::{PromotionFiled, record};
use crate::extras::api as extras;

const LIMIT_MAX: i64 = 100;

/// A promotion to file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "SUMMER10", "terms": {"name": "Summer sale", "audience": "public",
    "benefit": {"kind": "percent", "basis_points": 1000}, "total_limit": 1000, "per_user_limit": 1}}))]
pub(super) struct NewPromotion {
    /// What travellers type: 3 to 32 letters, digits and hyphens; capitals or not.
    code: String,
    terms: TermsBody,
}

/// A page of promotions.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"promotions": [], "next_cursor": null}))]
pub(super) struct PromotionList {
    promotions: Vec<PromotionView>,
    /// Null at the end.
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PromotionQuery {
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// File a promotion (admin). 409 `promotion_exists` if the code has been filed before.
#[utoipa::path(post, path = "/admin/promotions", tag = "promotions", request_body = NewPromotion,
    responses((status = 201, description = "Filed", body = PromotionView),
        (status = 409, description = "`promotion_exists`")))]
pub(super) async fn create_promotion(
    State(app): State<App>,
    actor: Actor,
    Json(request): Json<NewPromotion>,
) -> Outcome<(StatusCode, Json<PromotionView>)> {
    let code = normalise(&request.code)
        .ok_or_else(|| Problem::invalid("code", "it must be 3 to 32 of A-Z, 0-9 and -"))?;
    let promotion = request.terms.check(code)?;
    let tx = app.db.begin().await?;
    check_extra(&tx, &promotion).await?;
    if !store::insert(&tx, &promotion, app.now()).await? {
        return Err(Problem::new(Category::Conflict, "promotion_exists").arg("code", promotion.code));
    }
    let view = filed(&app, tx, &actor, (&promotion.code, None), "created").await?;
    tracing::info!(promotion.code, user.id = %actor.user, "promotion filed");
    Ok((StatusCode::CREATED, Json(view)))
}

/// All promotions (admin), by code.
#[utoipa::path(get, path = "/admin/promotions", tag = "promotions", params(PromotionQuery),
    responses((status = 200, description = "A page of promotions", body = PromotionList)))]
pub(super) async fn list_promotions(
    State(app): State<App>,
    Query(query): Query<PromotionQuery>,
) -> Outcome<Json<PromotionList>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let after = query.cursor.unwrap_or_default();
    let mut rows = store::list(&app.db.read().await?, &after, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|row| row.promotion.code.clone());
    let now = app.now();
    Ok(Json(PromotionList {
        promotions: rows.iter().map(|row| PromotionView::of(row, now)).collect(),
        next_cursor,
    }))
}

/// A promotion (admin), and how much of it is used.
#[utoipa::path(get, path = "/admin/promotions/{code}", tag = "promotions",
    params(("code" = String, Path, description = "The code", example = "SUMMER10")),
    responses((status = 200, description = "The promotion", body = PromotionView)))]
pub(super) async fn get_promotion(
    State(app): State<App>,
    Path(code): Path<String>,
) -> Outcome<Json<PromotionView>> {
    let code = normalise(&code).ok_or_else(Problem::not_found)?;
    let row = store::find(&app.db.read().await?, &code).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(PromotionView::of(&row, app.now())))
}

/// File other terms for a promotion (admin), all of them. Bookings that have the code keep what it gave them. 409
/// `promotion_over` once it was ended, `promotion_limit_below_used` for a total below its uses.
#[utoipa::path(put, path = "/admin/promotions/{code}", tag = "promotions", request_body = TermsBody,
    params(("code" = String, Path, description = "The code", example = "SUMMER10")),
    responses((status = 200, description = "The promotion, changed", body = PromotionView),
        (status = 409, description = "`promotion_limit_below_used`, `promotion_over`")))]
pub(super) async fn update_promotion(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    Json(terms): Json<TermsBody>,
) -> Outcome<Json<PromotionView>> {
    let code = normalise(&code).ok_or_else(Problem::not_found)?;
    let promotion = terms.check(code)?;
    let tx = app.db.begin().await?;
    let row = lock(&tx, &promotion.code).await?;
    check_change(&row, &promotion)?;
    // What it gives may have been taken off the catalogue since: its other terms can be changed all the same.
    if row.promotion.benefit != promotion.benefit {
        check_extra(&tx, &promotion).await?;
    }
    store::update(&tx, &[&promotion], app.now()).await?;
    let view = filed(&app, tx, &actor, (&promotion.code, Some(&row)), "updated").await?;
    tracing::info!(promotion.code, user.id = %actor.user, "promotion changed");
    Ok(Json(view))
}

/// End a promotion for good (admin). Bookings that have it keep it, also those that are not paid yet. Ending it again changes
/// nothing.
#[utoipa::path(delete, path = "/admin/promotions/{code}", tag = "promotions",
    params(("code" = String, Path, description = "The code", example = "SUMMER10")),
    responses((status = 200, description = "The promotion, ended", body = PromotionView)))]
pub(super) async fn end_promotion(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
) -> Outcome<Json<PromotionView>> {
    let code = normalise(&code).ok_or_else(Problem::not_found)?;
    let tx = app.db.begin().await?;
    let row = lock(&tx, &code).await?;
    if row.ended_at.is_some() {
        return Ok(Json(PromotionView::of(&row, app.now())));
    }
    store::end(&tx, &code, app.now()).await?;
    let view = filed(&app, tx, &actor, (&code, Some(&row)), "ended").await?;
    tracing::info!(promotion.code = code, user.id = %actor.user, "promotion ended");
    Ok(Json(view))
}

/// Locks a code's counter, then reads what is filed: no use is taken meanwhile.
async fn lock(tx: &Tx, code: &str) -> Result<PromotionRow, Problem> {
    store::lock(tx, &[code]).await?;
    store::find(tx, code).await?.ok_or_else(Problem::not_found)
}

/// Refuses other terms for what is over, or a total below what is used.
fn check_change(row: &PromotionRow, to: &Promotion) -> Result<(), Problem> {
    if row.ended_at.is_some() {
        return Err(Problem::new(Category::Conflict, "promotion_over").arg("code", to.code.clone()));
    }
    if to.total_limit.is_some_and(|most| most < row.taken) {
        let problem = Problem::new(Category::Conflict, "promotion_limit_below_used");
        return Err(problem.arg("used", row.taken.to_string()).field("total_limit"));
    }
    Ok(())
}

/// Refuses a code that gives an extra nobody sells: a slip of the pen, which travellers would be the first to see.
async fn check_extra(tx: &Tx, promotion: &Promotion) -> Result<(), Problem> {
    let Benefit::Extra { extra } = &promotion.benefit else { return Ok(()) };
    if extras::is_sold(tx, extra).await? {
        return Ok(());
    }
    let reason = "it must be the code of an extra in the catalogue; GET /extras lists them";
    Err(Problem::invalid("benefit.extra", reason))
}

/// Tells of a filing of a code, of which `before` was filed before, and commits it.
async fn filed(
    app: &App,
    tx: Tx,
    actor: &Actor,
    (code, before): (&str, Option<&PromotionRow>),
    change: &'static str,
) -> Result<PromotionView, Problem> {
    let row = store::find(&tx, code).await?.ok_or_else(Problem::not_found)?;
    let told = PromotionFiled { code: code.to_owned(), change: change.to_owned() };
    record(&tx, app.random, app.now(), &told).await?;
    let view = PromotionView::of(&row, app.now());
    let action = match change {
        "created" => "promotion.create",
        "ended" => "promotion.end",
        _ => "promotion.update",
    };
    let act = Act::new(action, &code).after(&view);
    let act = match before {
        Some(before) => act.before(&PromotionView::of(before, app.now())),
        None => act,
    };
    audit::record(app, &tx, actor, act).await?;
    tx.commit().await?;
    Ok(view)
}
