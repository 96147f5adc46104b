//! Payments and refunds on the wire.

use jiff::Timestamp;
use kernel::{BookingId, Money, PaymentId, RefundId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::method::MethodView;

/// A payment: one attempt to charge for a booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "pay_0193f2a1c5d07bb2a4d1c0ffee000003", "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002",
    "order": null, "status": "succeeded", "amount": {"amount": 18900, "currency": "USD"}, "method": {"type": "card", "brand": "visa", "last4": "4242"},
    "decline_code": null, "action_url": null, "created_at": "2026-11-21T10:01:00Z"}))]
pub struct PaymentView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: PaymentId,
    /// What it pays for.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// Which order of the booking it pays for; null for the booking itself.
    pub order: Option<i16>,
    /// created, processing, `requires_action`, unknown, succeeded or declined. Unknown means the gateway has not told us yet: it
    /// settles by itself, and nothing is charged twice.
    pub status: &'static str,
    /// What is charged.
    pub amount: Money,
    /// What with.
    pub method: MethodView,
    /// Why it was declined.
    pub decline_code: Option<String>,
    /// Where the traveller approves it, while it requires action.
    pub action_url: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Money on its way back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: RefundId,
    /// The payment it returns.
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    /// pending, succeeded or failed. One that failed is being looked at by the airline, and is sent again or paid otherwise.
    pub status: String,
    /// What goes back.
    pub amount: Money,
    /// How: `gateway` (to where it was paid from), or `bank_transfer`, `cheque`, `cash`, `other` when the airline paid it otherwise.
    pub method: String,
    /// When it came back after it had succeeded, if it did.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub bounced_at: Option<Timestamp>,
    /// The refund it was first ordered as: what the ledger calls it.
    #[serde(skip)]
    pub ordered_as: RefundId,
    /// What the ledger calls its settlement.
    #[serde(skip)]
    pub posted_as: Uuid,
}
