//! `POST /coupons/check`: what a code would take off an offer. Reserves nothing.

use axum::extract::State;
use domain::promotions::DiscountLine;
use kernel::Money;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::redeem::{self, Facts};
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;

/// A code and the offer it is for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"offer_id": "off_AQAAAAAAAAAB", "code": "SUMMER10"}))]
pub(super) struct CouponCheck {
    /// From a search.
    offer_id: String,
    /// As somebody types it.
    code: String,
}

/// What it would take off, or why nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"applies": true, "reason": null, "code": "SUMMER10", "name": "Summer sale",
    "full_price": {"amount": 18900, "currency": "USD"}, "discount": {"amount": 1758, "currency": "USD"},
    "price": {"amount": 17142, "currency": "USD"},
    "lines": [{"passenger_type": "adult", "slice": 1, "discount": {"amount": 1758, "currency": "USD"}}]}))]
pub(super) struct CouponAnswer {
    /// Whether it takes something off now. Nothing is reserved.
    applies: bool,
    /// Why not, in a word: docs/promotions.md has them.
    reason: Option<&'static str>,
    /// The code in its one form, if it applies.
    code: Option<String>,
    name: Option<String>,
    /// What the offer costs now without it.
    full_price: Money,
    discount: Money,
    /// What the offer costs with it.
    price: Money,
    /// From which fares, one line for each passenger and slice.
    lines: Vec<CouponLine>,
}

/// What is taken off the fare of one passenger for one slice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CouponLine {
    /// adult, child or infant.
    passenger_type: &'static str,
    /// The slice's number in the offer, from 1.
    slice: i16,
    discount: Money,
}

/// What a promotion code would take off an offer at its price of now, or why nothing. It reserves nothing: limits on uses may
/// be reached before you book. A few checks an hour are allowed for each client address.
#[utoipa::path(post, path = "/coupons/check", tag = "promotions", request_body = CouponCheck,
    responses((status = 200, description = "The discount, or the reason", body = CouponAnswer)))]
pub(super) async fn check_coupon(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<CouponCheck>,
) -> Outcome<Json<CouponAnswer>> {
    let tx = app.db.begin().await?;
    let priced = booking::price_offer(&app, &tx, &request.offer_id).await?;
    let facts = Facts {
        user: caller.user,
        currency: priced.total.currency,
        slices: priced.slices,
        fares: priced.fares,
        extras: Vec::new(),
        others: Vec::new(),
    };
    let money = |amount| Money::new(amount, priced.total.currency);
    let nothing = CouponAnswer {
        applies: false,
        reason: None,
        code: None,
        name: None,
        full_price: priced.total,
        discount: money(0),
        price: priced.total,
        lines: Vec::new(),
    };
    let worked_out = match redeem::work_out(&tx, &request.code, &facts, app.now()).await? {
        Ok(worked_out) => worked_out,
        Err(refusal) => return Ok(Json(CouponAnswer { reason: Some(refusal.as_str()), ..nothing })),
    };
    let of = |number: i16| {
        priced.travellers.iter().find(|(no, _)| *no == number).map_or("", |(_, kind)| kind.as_str())
    };
    let line = |line: &DiscountLine| CouponLine {
        passenger_type: of(line.passenger_no),
        slice: line.slice_no,
        discount: money(line.amount),
    };
    let discount = worked_out.discount();
    Ok(Json(CouponAnswer {
        applies: true,
        code: Some(worked_out.code().to_owned()),
        name: Some(worked_out.name().to_owned()),
        discount,
        price: priced.total.checked_sub(discount).map_err(Problem::internal)?,
        lines: worked_out.lines().iter().map(line).collect(),
        ..nothing
    }))
}
