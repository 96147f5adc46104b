//! What staff file, checked.

use domain::promotions::{Amounts, Audience, Benefit, Promotion, Route};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{AirportCode, Cabin, Money};
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The terms of a promotion. What is left out does not restrict it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Summer sale", "audience": "public",
    "benefit": {"kind": "percent", "basis_points": 1250, "cap": [{"amount": 5000, "currency": "USD"}]},
    "book_from": "2026-06-01T00:00:00Z", "book_until": "2026-07-01T00:00:00Z", "travel_from": "2026-07-01",
    "travel_until": "2026-08-31", "routes": [{"origin": "JFK", "destination": null}], "cabins": ["economy"],
    "fare_families": ["economy_standard", "economy_flex"], "minimum_spend": [{"amount": 10000, "currency": "USD"}],
    "first_booking": false, "total_limit": 1000, "per_user_limit": 1, "combinable": false}))]
pub(super) struct TermsBody {
    /// What travellers see beside the discount.
    pub(super) name: String,
    /// `public` (listed for everybody), `unlisted` (for whoever knows it) or `targeted` (for those it is given to).
    #[schema(value_type = String, example = "public")]
    pub(super) audience: Audience,
    pub(super) benefit: BenefitBody,
    /// It can be used from this instant on …
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) book_from: Option<Timestamp>,
    /// … and before this one.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) book_until: Option<Timestamp>,
    /// The first local date of departure of a slice it lands on …
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) travel_from: Option<Date>,
    /// … and the last.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) travel_until: Option<Date>,
    /// Slices it lands on; empty for all.
    #[serde(default)]
    pub(super) routes: Vec<RouteBody>,
    /// Cabins it lands on; empty for all.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub(super) cabins: Vec<Cabin>,
    /// Codes of fare families it lands on; empty for all.
    #[serde(default)]
    pub(super) fare_families: Vec<String>,
    /// What the base fares it lands on must come to, in each currency it is to be used in; empty for any amount.
    #[serde(default)]
    pub(super) minimum_spend: Vec<Money>,
    /// Only for travellers who never had a confirmed booking.
    #[serde(default)]
    pub(super) first_booking: bool,
    /// So many bookings in all.
    #[serde(default)]
    pub(super) total_limit: Option<i32>,
    /// So many bookings of one traveller.
    #[serde(default)]
    pub(super) per_user_limit: Option<i16>,
    /// Whether a booking may have others beside it that may too.
    #[serde(default)]
    pub(super) combinable: bool,
}

/// What a promotion gives.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"kind": "percent", "basis_points": 1250, "cap": []}))]
pub(super) enum BenefitBody {
    /// A part of the base fares.
    Percent {
        /// Hundredths of a percent: 1250 is 12.5 %.
        basis_points: u16,
        /// At most so much for a booking; then only in these currencies.
        #[serde(default)]
        cap: Vec<Money>,
    },
    /// So much off the base fares of a booking.
    Amount {
        /// In each currency it is to be used in.
        amounts: Vec<Money>,
    },
    /// One of an extra for nothing: the dearest of its code that is on the booking.
    Extra {
        /// Its code in the catalogue of extras.
        extra: String,
    },
}

/// A market, in one direction.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteBody {
    /// Where the slice begins; null for anywhere.
    #[schema(value_type = Option<String>, example = "JFK")]
    pub(super) origin: Option<AirportCode>,
    /// Where it ends; null for anywhere.
    #[schema(value_type = Option<String>, example = "LAX")]
    pub(super) destination: Option<AirportCode>,
}

impl TermsBody {
    /// The promotion of this code, if its terms can be.
    pub(super) fn check(self, code: String) -> Result<Promotion, Problem> {
        let benefit = match self.benefit {
            BenefitBody::Percent { basis_points, cap } => {
                Benefit::Percent { basis_points, cap: amounts("benefit.cap", &cap)? }
            }
            BenefitBody::Amount { amounts: each } => {
                Benefit::Amount { amounts: amounts("benefit.amounts", &each)? }
            }
            BenefitBody::Extra { extra } => Benefit::Extra { extra },
        };
        let promotion = Promotion {
            code,
            name: self.name.trim().to_owned(),
            audience: self.audience,
            benefit,
            book_from: self.book_from,
            book_until: self.book_until,
            travel_from: self.travel_from,
            travel_until: self.travel_until,
            routes: self
                .routes
                .iter()
                .map(|route| Route { origin: route.origin, destination: route.destination })
                .collect(),
            cabins: self.cabins,
            families: self.fare_families,
            minimum_spend: amounts("minimum_spend", &self.minimum_spend)?,
            first_booking: self.first_booking,
            total_limit: self.total_limit,
            per_user_limit: self.per_user_limit,
            combinable: self.combinable,
        };
        match promotion.check() {
            Ok(()) => Ok(promotion),
            Err((field, right)) => Err(Problem::invalid(field, format!("it must be {right}"))),
        }
    }

    /// The terms of a promotion.
    pub(super) fn of(promotion: &Promotion) -> Self {
        let money = domain::promotions::money_of;
        let benefit = match &promotion.benefit {
            Benefit::Percent { basis_points, cap } => {
                BenefitBody::Percent { basis_points: *basis_points, cap: money(cap) }
            }
            Benefit::Amount { amounts } => BenefitBody::Amount { amounts: money(amounts) },
            Benefit::Extra { extra } => BenefitBody::Extra { extra: extra.clone() },
        };
        let route = |route: &Route| RouteBody { origin: route.origin, destination: route.destination };
        Self {
            name: promotion.name.clone(),
            audience: promotion.audience,
            benefit,
            book_from: promotion.book_from,
            book_until: promotion.book_until,
            travel_from: promotion.travel_from,
            travel_until: promotion.travel_until,
            routes: promotion.routes.iter().map(route).collect(),
            cabins: promotion.cabins.clone(),
            fare_families: promotion.families.clone(),
            minimum_spend: money(&promotion.minimum_spend),
            first_booking: promotion.first_booking,
            total_limit: promotion.total_limit,
            per_user_limit: promotion.per_user_limit,
            combinable: promotion.combinable,
        }
    }
}

/// Money by currency; each currency once.
fn amounts(field: &str, money: &[Money]) -> Result<Amounts, Problem> {
    let found: Amounts = money.iter().map(|each| (each.currency, each.amount)).collect();
    if found.len() == money.len() {
        Ok(found)
    } else {
        Err(Problem::invalid(field, "each currency must stand in it once"))
    }
}
