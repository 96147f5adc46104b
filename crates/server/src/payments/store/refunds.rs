//! SQL on `refunds`, and on what payments have left to return.

use jiff::Timestamp;
use kernel::{BookingId, Money, PaymentId, RefundId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{money, odd};
use crate::payments::view::RefundView;

/// The refunds of a booking, oldest first; of those that were sent in place of another, the last.
pub async fn refunds_of(sql: &Sql, booking: BookingId) -> Result<Vec<RefundView>, DbError> {
    let rows = sql
        .query(
            "SELECT id, payment_id, status, amount, currency, method, COALESCE(ordered_as, id),
                    COALESCE(posted_as, ordered_as, id), bounced_at FROM refunds
             WHERE booking_id = $1 AND replaced_by IS NULL ORDER BY id",
            &[&booking.uuid()],
        )
        .await?;
    let view = |row: &Row| {
        Ok(RefundView {
            id: RefundId::from_uuid(row.get(0)),
            payment_id: PaymentId::from_uuid(row.get(1)),
            status: row.get(2),
            amount: money(row, 3)?,
            method: row.get(5),
            ordered_as: RefundId::from_uuid(row.get(6)),
            posted_as: row.get(7),
            bounced_at: row.get(8),
        })
    };
    rows.iter().map(view).collect()
}

/// What can still go back of a payment.
pub(in crate::payments) struct Returnable {
    pub(in crate::payments) payment: PaymentId,
    pub(in crate::payments) left: Money,
}

/// The succeeded payments of a booking that have something left to return, the latest first, locked.
pub(in crate::payments) async fn lock_returnable(
    sql: &Sql,
    booking: BookingId,
) -> Result<Vec<Returnable>, DbError> {
    let rows = sql
        .query(
            "SELECT id, amount - refunded, currency FROM payments
             WHERE booking_id = $1 AND status = 'succeeded' AND refunded < amount ORDER BY id DESC FOR UPDATE",
            &[&booking.uuid()],
        )
        .await?;
    let returnable =
        |row: &Row| Ok(Returnable { payment: PaymentId::from_uuid(row.get(0)), left: money(row, 1)? });
    rows.iter().map(returnable).collect()
}

/// Orders the return of a part of a payment, if so much is left of it; `false` if it is not.
pub(in crate::payments) async fn order_refund(
    sql: &Sql,
    booking: BookingId,
    payment: PaymentId,
    refund: RefundId,
    amount: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let ordered = sql
        .execute(
            "WITH paid AS (
                 UPDATE payments SET refunded = refunded + $4, version = version + 1
                 WHERE booking_id = $1 AND id = $2 AND status = 'succeeded' AND refunded + $4 <= amount
                 RETURNING currency)
             INSERT INTO refunds (booking_id, id, payment_id, status, amount, currency, next_try_at, created_at)
             SELECT $1, $3, $2, 'pending', $4, currency, $5, $5 FROM paid",
            &[&booking.uuid(), &payment.uuid(), &refund.uuid(), &amount, &now],
        )
        .await?;
    Ok(ordered == 1)
}

/// Orders the return of a charge that came after its payment was given up for lost; `None` if that was done before.
pub(in crate::payments) async fn refund_late(
    sql: &Sql,
    booking: BookingId,
    payment: PaymentId,
    intent: &str,
    refund: RefundId,
    now: Timestamp,
) -> Result<Option<Money>, DbError> {
    let row = sql
        .query_opt(
            "WITH late AS (
                 UPDATE payments SET intent_id = $3, next_check_at = NULL, refunded = amount, version = version + 1
                 WHERE booking_id = $1 AND id = $2 AND status = 'declined' AND (intent_id IS NULL OR intent_id = $3)
                   AND next_check_at IS NOT NULL
                 RETURNING booking_id, id, amount, currency)
             INSERT INTO refunds (booking_id, id, payment_id, status, amount, currency, next_try_at, created_at)
             SELECT booking_id, $4, id, 'pending', amount, currency, $5, $5 FROM late RETURNING amount, currency",
            &[&booking.uuid(), &payment.uuid(), &intent, &refund.uuid(), &now],
        )
        .await?;
    row.map(|row| money(&row, 0)).transpose()
}

/// A payment given up for lost is not at the gateway: nobody need look again.
pub(in crate::payments) async fn stop_looking(
    sql: &Sql,
    booking: BookingId,
    payment: PaymentId,
) -> Result<(), DbError> {
    sql.execute(
        "UPDATE payments SET next_check_at = NULL WHERE booking_id = $1 AND id = $2 AND status = 'declined'",
        &[&booking.uuid(), &payment.uuid()],
    )
    .await?;
    Ok(())
}

/// A refund to send, or to look at.
#[derive(Clone, Debug)]
pub(in crate::payments) struct RefundRow {
    pub(in crate::payments) id: RefundId,
    pub(in crate::payments) booking: BookingId,
    /// What the ledger calls its settlement.
    pub(in crate::payments) posted_as: Uuid,
    /// When it succeeded: it may still come back.
    pub(in crate::payments) succeeded_at: Option<Timestamp>,
    pub(in crate::payments) intent: String,
    pub(in crate::payments) amount: Money,
    pub(in crate::payments) tries: i32,
    /// The gateway's id of it, once it has it.
    pub(in crate::payments) gateway_id: Option<String>,
    /// It is sent in place of one that had succeeded and came back.
    pub(in crate::payments) after_bounce: bool,
}

/// A claimed refund: what is known of it even when the rest of its row cannot be read.
#[derive(Clone, Copy, Debug)]
pub(in crate::payments) struct ClaimedRefund {
    pub(in crate::payments) booking: BookingId,
    pub(in crate::payments) id: RefundId,
    pub(in crate::payments) tries: i32,
}

/// Claims refunds that are due to be sent or looked at, of one booking or of all, by moving their next try to `again_at`.
pub(in crate::payments) async fn claim_refunds(
    sql: &Sql,
    booking: Option<BookingId>,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<(ClaimedRefund, Result<RefundRow, DbError>)>, DbError> {
    let booking = booking.map(BookingId::uuid);
    let rows = sql
        .query(
            "UPDATE refunds r SET next_try_at = $3, tries = r.tries + 1 FROM payments p
             WHERE p.booking_id = r.booking_id AND p.id = r.payment_id
               AND (r.booking_id, r.id) IN (
                   SELECT booking_id, id FROM refunds
                   WHERE next_try_at <= $2 AND ($1::uuid IS NULL OR booking_id = $1) AND method = 'gateway'
                   ORDER BY next_try_at LIMIT $4 FOR UPDATE SKIP LOCKED)
             RETURNING r.id, r.booking_id, p.intent_id, r.tries, r.amount, r.currency, r.gateway_id,
                       COALESCE(r.posted_as, r.ordered_as, r.id), CASE WHEN r.status = 'succeeded' THEN r.settled_at END,
                       r.posted_as IS NOT NULL",
            &[&booking, &now, &again_at, &limit],
        )
        .await?;
    Ok(rows.iter().map(|row| (claimed_refund(row), refund_row(row))).collect())
}

fn claimed_refund(row: &Row) -> ClaimedRefund {
    let (id, booking) = (RefundId::from_uuid(row.get(0)), BookingId::from_uuid(row.get(1)));
    ClaimedRefund { booking, id, tries: row.get(3) }
}

fn refund_row(row: &Row) -> Result<RefundRow, DbError> {
    let ClaimedRefund { booking, id, tries } = claimed_refund(row);
    let intent: Option<String> = row.get(2);
    Ok(RefundRow {
        id,
        booking,
        intent: intent.ok_or_else(|| odd("a refund of a payment the gateway does not know", &id))?,
        tries,
        amount: money(row, 4)?,
        gateway_id: row.get(6),
        posted_as: row.get(7),
        succeeded_at: row.get(8),
        after_bounce: row.get(9),
    })
}

/// A claimed refund failed: it is tried again at `again_at`, or when a webhook has asked for it.
pub(in crate::payments) async fn put_off(
    sql: &Sql,
    claimed: ClaimedRefund,
    now: Timestamp,
    again_at: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE refunds SET next_try_at = $3 WHERE booking_id = $1 AND id = $2 AND next_try_at > $4",
        &[&claimed.booking.uuid(), &claimed.id.uuid(), &again_at, &now],
    )
    .await
}

/// Settles a pending refund, or sets when it is tried again. `false`: it was settled before. A look that a webhook asked for
/// meanwhile stays due.
pub(in crate::payments) async fn settle_refund(
    sql: &Sql,
    refund: &RefundRow,
    status: &str,
    gateway_id: Option<&str>,
    next_try_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let settled = sql
        .execute(
            "UPDATE refunds SET status = $3, gateway_id = COALESCE($4, gateway_id),
                    next_try_at = CASE WHEN next_try_at <= $6 AND $5::timestamptz IS NOT NULL THEN next_try_at ELSE $5 END,
                    settled_at = CASE WHEN $3 = 'pending' THEN NULL ELSE $6::timestamptz END
             WHERE booking_id = $1 AND id = $2 AND status = 'pending'",
            &[&refund.booking.uuid(), &refund.id.uuid(), &status, &gateway_id, &next_try_at, &now],
        )
        .await?;
    Ok(settled == 1)
}

/// The gateway has refused a pending refund for good. `false`: it was settled before.
pub(in crate::payments) async fn fail_refund(
    sql: &Sql,
    refund: &RefundRow,
    code: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let failed = sql
        .execute(
            "UPDATE refunds SET status = 'failed', next_try_at = NULL, settled_at = $4, failure_code = $3
             WHERE booking_id = $1 AND id = $2 AND status = 'pending'",
            &[&refund.booking.uuid(), &refund.id.uuid(), &code, &now],
        )
        .await?;
    Ok(failed == 1)
}

/// Sets when a refund that has succeeded is looked at again, if ever. A look that a webhook asked for meanwhile stays due.
pub(in crate::payments) async fn look_again(
    sql: &Sql,
    refund: &RefundRow,
    next: Option<Timestamp>,
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE refunds SET next_try_at = CASE WHEN next_try_at <= $4 THEN next_try_at ELSE $3 END
         WHERE booking_id = $1 AND id = $2 AND status = 'succeeded' AND method = 'gateway'",
        &[&refund.booking.uuid(), &refund.id.uuid(), &next, &now],
    )
    .await
}

/// A refund that had succeeded came back; what settles it after this is posted as `posted_as`. `false`: it is not one that the
/// gateway returned, or came back before.
pub(in crate::payments) async fn bounce(
    sql: &Sql,
    refund: &RefundRow,
    code: &str,
    posted_as: Uuid,
    now: Timestamp,
) -> Result<bool, DbError> {
    let bounced = sql
        .execute(
            "UPDATE refunds SET status = 'failed', next_try_at = NULL, settled_at = $4, bounced_at = $4, failure_code = $3,
                    posted_as = $5
             WHERE booking_id = $1 AND id = $2 AND status = 'succeeded' AND method = 'gateway'",
            &[&refund.booking.uuid(), &refund.id.uuid(), &code, &now, &posted_as],
        )
        .await?;
    Ok(bounced == 1)
}
