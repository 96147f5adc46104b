//! `GET /coupons/mine`: the promotions I can use now.

use axum::extract::State;
use platform::http::Json;
use platform::http::problem::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::TermsBody;
use super::store::{self, PromotionRow};
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;

/// Nobody reads more offers than this.
const SHOWN_MAX: i64 = 100;

/// The promotions I can use now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"promotions": [{"code": "SUMMER10", "terms": {"name": "Summer sale", "audience": "public",
    "benefit": {"kind": "percent", "basis_points": 1000, "cap": []}, "book_from": null, "book_until": null,
    "travel_from": null, "travel_until": null, "routes": [], "cabins": [], "fare_families": [], "minimum_spend": [],
    "first_booking": false, "total_limit": null, "per_user_limit": 1, "combinable": false}, "uses_left": 1}]}))]
pub(super) struct MyPromotions {
    promotions: Vec<MyPromotion>,
}

/// A promotion I can use.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MyPromotion {
    /// What to type.
    code: String,
    terms: TermsBody,
    /// How often I can use it yet; null for any number.
    uses_left: Option<i64>,
}

/// The promotions I am eligible for: public ones and those given to me, that can be used now, by me. Which bookings they fit
/// is in their terms; `POST /coupons/check` tells for an offer.
#[utoipa::path(get, path = "/coupons/mine", tag = "promotions",
    responses((status = 200, description = "By code", body = MyPromotions)))]
pub(super) async fn list_my_coupons(State(app): State<App>, caller: Caller) -> Outcome<Json<MyPromotions>> {
    let sql = app.db.read().await?;
    let no_first =
        booking::has_been_confirmed(&sql, caller.user).await? || store::has_first(&sql, caller.user).await?;
    let rows = store::shown_to(&sql, caller.user, no_first, app.now(), SHOWN_MAX).await?;
    let codes: Vec<&str> = rows.iter().map(|row| row.promotion.code.as_str()).collect();
    let uses = store::uses_of(&sql, caller.user, &codes).await?;
    let used = |code: &str| uses.iter().find(|(other, _)| other == code).map_or(0, |(_, count)| *count);
    let mine = |row: &PromotionRow| MyPromotion {
        code: row.promotion.code.clone(),
        uses_left: row
            .promotion
            .per_user_limit
            .map(|most| (i64::from(most) - used(&row.promotion.code)).max(0)),
        terms: TermsBody::of(&row.promotion),
    };
    Ok(Json(MyPromotions { promotions: rows.iter().map(mine).collect() }))
}
