//! `GET /coupons/mine`: the promotions I can use now.

use axum::extract::State;
use domain::promotions::{Benefit, Promotion};
use platform::http::Json;
use platform::http::problem::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::TermsBody;
use super::redeem;
use super::store;
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
    let (sql, now) = (app.db.read().await?, app.now());
    let rows = store::shown_to(&sql, caller.user, SHOWN_MAX).await?;
    let asks_for_first = rows.iter().any(|row| row.promotion.first_booking);
    let not_first = asks_for_first && booking::has_been_confirmed(&sql, caller.user).await?;
    let codes: Vec<&str> = rows.iter().map(|row| row.promotion.code.as_str()).collect();
    let uses = store::uses_of(&sql, caller.user, &codes).await?;
    let mut promotions = Vec::new();
    for row in rows {
        let Promotion { first_booking, benefit, per_user_limit, .. } = &row.promotion;
        let useless = matches!(benefit, Benefit::Extra { .. }) || (*first_booking && not_first);
        if useless || row.promotion.check_time(now).is_err() {
            continue;
        }
        let used = uses.iter().find(|(code, _)| *code == row.promotion.code).map_or(0, |(_, count)| *count);
        if redeem::used_up(&row, used).is_some() {
            continue;
        }
        promotions.push(MyPromotion {
            uses_left: per_user_limit.map(|most| (i64::from(most) - used).max(0)),
            terms: TermsBody::of(&row.promotion),
            code: row.promotion.code,
        });
    }
    Ok(Json(MyPromotions { promotions }))
}
