//! What is told of payments and refunds.

use kernel::{BookingId, Money, PaymentId, RefundId};
use platform::outbox::Payload;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A payment was captured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaymentSucceeded {
    /// The payment.
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    /// What it was for.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
}
payload!(PaymentSucceeded, "payment.succeeded", 1, booking_id);

/// A payment was refused, or given up; nothing was charged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaymentDeclined {
    /// The payment.
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    /// What it was for.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
    /// Why, in the gateway's words.
    pub decline_code: String,
}
payload!(PaymentDeclined, "payment.declined", 1, booking_id);

/// The gateway was asked and nobody knows what it did; the answer is being looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaymentUnknown {
    /// The payment.
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    /// What it was for.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
}
payload!(PaymentUnknown, "payment.unknown", 1, booking_id);

/// Money is to go back to where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefundOrdered {
    /// The refund.
    #[schema(value_type = String)]
    pub refund_id: RefundId,
    /// The payment it comes from.
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
}
payload!(RefundOrdered, "refund.ordered", 1, booking_id);

/// Another refund is sent in place of one that the gateway refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefundRetried {
    /// The new refund.
    #[schema(value_type = String)]
    pub refund_id: RefundId,
    /// The refund that had failed.
    #[schema(value_type = String)]
    pub replaces: RefundId,
    /// The payment it comes from.
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
}
payload!(RefundRetried, "refund.retried", 1, booking_id);

/// Events of before there was another way say nothing of it.
fn by_gateway() -> String {
    "gateway".into()
}

/// The money went back: the gateway has sent it, or the airline has paid it otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefundSucceeded {
    /// The refund.
    #[schema(value_type = String)]
    pub refund_id: RefundId,
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
    /// How: `gateway`, `bank_transfer`, `cheque`, `cash` or `other`.
    #[serde(default = "by_gateway")]
    pub method: String,
}
payload!(RefundSucceeded, "refund.succeeded", 1, booking_id);

/// The gateway refuses to send the money back; somebody of the airline must look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefundFailed {
    /// The refund.
    #[schema(value_type = String)]
    pub refund_id: RefundId,
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
    /// Why, in the gateway's words.
    pub code: String,
}
payload!(RefundFailed, "refund.failed", 1, booking_id);

/// Money that had gone back came back to the gateway; somebody of the airline must look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefundBounced {
    /// The refund.
    #[schema(value_type = String)]
    pub refund_id: RefundId,
    /// The booking.
    #[schema(value_type = String)]
    pub booking_id: BookingId,
    /// How much.
    pub amount: Money,
    /// Why, in the gateway's words.
    pub code: String,
}
payload!(RefundBounced, "refund.bounced", 1, booking_id);
