//! The door of the payments slice.

pub use super::gateway::GatewayClient;
pub use super::gateway::fuzzing::{is_signed, read_answer};
pub use super::jobs::jobs;
pub use super::offer::guests;
pub use super::refund::{order_refund, send_refunds_of};
pub use super::saved::{forget_methods_of, saved_methods_of};
pub use super::store::payments_of;
pub use super::store::refunds::refunds_of;
pub use super::view::{PaymentView, RefundView};
pub use super::waive::{is_waived, too_small};
