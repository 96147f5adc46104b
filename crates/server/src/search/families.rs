//! Fare families on the wire.

use domain::fare_families::{Conditions, FareFamily, Included, SeatChoice};
use kernel::{Cabin, Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;

/// What a seat is sold with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FareFamily, example = json!({"code": "economy_standard", "name": "Standard", "cabin": "economy",
    "conditions": {"changeable": true, "change_fee": {"amount": 7500, "currency": "USD"}, "refundable": true,
        "refund": [{"hours_before_departure": 72, "percent": 100}, {"hours_before_departure": 24, "percent": 75}]},
    "included": {"cabin_bags": 1, "checked_bags": 1, "checked_bag_kg": 23, "seat_choice": "standard", "meal": false,
        "priority_boarding": false}}))]
pub struct FamilyView {
    code: String,
    /// What people call it.
    pub name: String,
    /// Where it sits.
    pub cabin: Cabin,
    conditions: ConditionsView,
    included: IncludedView,
}

/// What may be done with the ticket, before departure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FareConditions)]
struct ConditionsView {
    changeable: bool,
    /// What a change costs each passenger, beside the difference of fares; null where it cannot be changed.
    change_fee: Option<Money>,
    /// Whether anything of the fare ever comes back.
    refundable: bool,
    /// What comes back of the fare, the longest time before departure first; after the last step nothing. Taxes come back
    /// always.
    refund: Vec<RefundStepView>,
}

/// What comes back of the fare from some time before departure on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RefundStep)]
struct RefundStepView {
    hours_before_departure: u32,
    percent: u8,
}

/// What comes with the seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FareIncludes)]
struct IncludedView {
    /// Pieces of hand baggage beside a small bag under the seat.
    cabin_bags: u8,
    checked_bags: u8,
    /// What each of them may weigh.
    checked_bag_kg: u8,
    /// Seats that can be chosen without paying: none, standard or any.
    #[schema(value_type = String, example = "standard")]
    seat_choice: SeatChoice,
    meal: bool,
    priority_boarding: bool,
}

impl FamilyView {
    /// Bags that are included: in the cabin, checked, and the kilograms that each of the checked ones may weigh.
    pub const fn bags(&self) -> (u8, u8, u8) {
        (self.included.cabin_bags, self.included.checked_bags, self.included.checked_bag_kg)
    }

    /// A family whose fees are in this currency.
    pub fn new(family: &FareFamily, currency: Currency) -> Self {
        Self::of(
            (family.code.clone(), family.name.clone(), family.cabin),
            &family.conditions,
            family.included,
            currency,
        )
    }

    /// A family as a booking kept it: code, name and cabin, and what was promised.
    pub fn of(
        (code, name, cabin): (String, String, Cabin),
        conditions: &Conditions,
        included: Included,
        currency: Currency,
    ) -> Self {
        let step = |step: &domain::fare_families::RefundStep| RefundStepView {
            hours_before_departure: step.hours,
            percent: step.percent,
        };
        let conditions = ConditionsView {
            changeable: conditions.change_fee.is_some(),
            change_fee: conditions.change_fee.map(|fee| Money::new(fee.into(), currency)),
            refundable: conditions.refundable(),
            refund: conditions.refund.iter().map(step).collect(),
        };
        let Included { cabin_bags, checked_bags, checked_bag_kg, seat_choice, meal, priority_boarding } =
            included;
        let included =
            IncludedView { cabin_bags, checked_bags, checked_bag_kg, seat_choice, meal, priority_boarding };
        Self { code, name, cabin, conditions, included }
    }
}
