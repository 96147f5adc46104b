//! Promotions on the wire: for staff, and as booked.

use jiff::Timestamp;
use kernel::Money;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::TermsBody;
use super::redeem::WorkedOut;
use super::store::{AppliedRow, PromotionRow};

/// A promotion as staff see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"code": "SUMMER10", "terms": {"name": "Summer sale", "audience": "public",
    "benefit": {"kind": "percent", "basis_points": 1000, "cap": []}, "book_from": null, "book_until": null,
    "travel_from": null, "travel_until": null, "routes": [], "cabins": [], "fare_families": [], "minimum_spend": [],
    "first_booking": false, "total_limit": 1000, "per_user_limit": 1, "combinable": false}, "status": "active", "used": 17,
    "created_at": "2026-06-01T12:00:00Z", "updated_at": "2026-06-01T12:00:00Z", "ended_at": null}))]
pub(super) struct PromotionView {
    code: String,
    terms: TermsBody,
    /// scheduled, active, `used_up` or ended.
    status: &'static str,
    /// Uses taken by bookings that are paid, or held and not paid yet.
    used: i32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When staff ended it.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

impl PromotionView {
    pub(super) fn of(row: &PromotionRow, now: Timestamp) -> Self {
        let promotion = &row.promotion;
        let status = if row.ended_at.is_some() || promotion.book_until.is_some_and(|until| until <= now) {
            "ended"
        } else if promotion.book_from.is_some_and(|from| now < from) {
            "scheduled"
        } else if promotion.total_limit.is_some_and(|most| row.taken >= most) {
            "used_up"
        } else {
            "active"
        };
        Self {
            code: promotion.code.clone(),
            terms: TermsBody::of(promotion),
            status,
            used: row.taken,
            created_at: row.created_at,
            updated_at: row.updated_at,
            ended_at: row.ended_at,
        }
    }
}

/// What a promotion code took off a booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookedPromotion)]
pub struct AppliedView {
    /// The code.
    #[schema(example = "SUMMER10")]
    pub code: String,
    /// What it is called.
    #[schema(example = "Summer sale")]
    pub name: String,
    /// The sum of what it took off each fare, or what it took off the extra.
    pub discount: Money,
    /// The number of the extra it gave for nothing; null for one that is off the fares.
    #[schema(example = json!(null))]
    pub extra: Option<i16>,
}

impl AppliedView {
    /// The view of a code that comes with a new hold.
    pub fn of_new(worked_out: &WorkedOut) -> Self {
        let (code, name) = (worked_out.code().to_owned(), worked_out.name().to_owned());
        Self { code, name, discount: worked_out.discount(), extra: worked_out.extra() }
    }

    /// The view of a row.
    pub fn of(row: &AppliedRow) -> Self {
        Self { code: row.code.clone(), name: row.name.clone(), discount: row.discount, extra: row.extra }
    }
}
