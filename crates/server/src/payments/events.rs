//! What is told of payments and refunds.

use kernel::{BookingId, Money, PaymentId, RefundId};

use super::settle::Subject;
use super::store::failed::RefundRow as FailedRow;
use super::store::refunds::RefundRow;
use crate::events::api::{
    PaymentDeclined, PaymentSucceeded, PaymentUnknown, RefundBounced, RefundFailed, RefundOrdered,
    RefundRetried, RefundSucceeded,
};

pub(super) fn succeeded(subject: Subject, amount: Money) -> PaymentSucceeded {
    PaymentSucceeded { payment_id: subject.payment, booking_id: subject.booking, amount }
}

pub(super) fn declined(subject: Subject, amount: Money, code: &str) -> PaymentDeclined {
    let (payment_id, booking_id) = (subject.payment, subject.booking);
    PaymentDeclined { payment_id, booking_id, amount, decline_code: code.to_owned() }
}

pub(super) fn unknown(subject: Subject, amount: Money) -> PaymentUnknown {
    PaymentUnknown { payment_id: subject.payment, booking_id: subject.booking, amount }
}

pub(super) fn refund_ordered(
    booking_id: BookingId,
    payment_id: PaymentId,
    refund_id: RefundId,
    amount: Money,
) -> RefundOrdered {
    RefundOrdered { refund_id, payment_id, booking_id, amount }
}

pub(super) fn refund_retried(failed: &FailedRow, by: RefundId) -> RefundRetried {
    RefundRetried {
        refund_id: by,
        replaces: failed.id,
        payment_id: failed.payment,
        booking_id: failed.booking,
        amount: failed.amount,
    }
}

pub(super) fn refund_succeeded(
    refund_id: RefundId,
    booking_id: BookingId,
    amount: Money,
    method: &str,
) -> RefundSucceeded {
    RefundSucceeded { refund_id, booking_id, amount, method: method.to_owned() }
}

pub(super) fn refund_failed(refund: &RefundRow, code: String) -> RefundFailed {
    RefundFailed { refund_id: refund.id, booking_id: refund.booking, amount: refund.amount, code }
}

pub(super) fn refund_bounced(refund: &RefundRow, code: String) -> RefundBounced {
    RefundBounced { refund_id: refund.id, booking_id: refund.booking, amount: refund.amount, code }
}
