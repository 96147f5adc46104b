//! SQL on `gateway_events`, and what an event brings forward.

use jiff::Timestamp;
use kernel::{BookingId, PaymentId, RefundId, SavedMethodId, UserId};
use platform::db::{DbError, Sql};

/// An event of the gateway's.
#[derive(Clone, Debug)]
pub(in crate::payments) struct Event {
    pub(in crate::payments) id: String,
    pub(in crate::payments) kind: String,
    pub(in crate::payments) object: String,
    pub(in crate::payments) happened_at: Timestamp,
}

/// Keeps an event; `false` if it came before.
pub(in crate::payments) async fn keep(sql: &Sql, event: &Event, now: Timestamp) -> Result<bool, DbError> {
    let row = sql
        .query_one(
            "INSERT INTO gateway_events (id, kind, object_id, happened_at, received_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET deliveries = gateway_events.deliveries + 1
             RETURNING deliveries = 1",
            &[&event.id, &event.kind, &event.object, &event.happened_at, &now],
        )
        .await?;
    Ok(row.get(0))
}

/// Has an open payment looked at now; one that was given up for lost too.
pub(in crate::payments) async fn look_now(
    sql: &Sql,
    payment: PaymentId,
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE payments p SET next_check_at = $2 FROM payment_bookings l
         WHERE l.payment_id = $1 AND p.booking_id = l.booking_id AND p.id = l.payment_id AND p.next_check_at IS NOT NULL",
        &[&payment.uuid(), &now],
    )
    .await
}

/// Has a pending refund looked at now; where it `may_be_back`, one that the gateway has returned too.
pub(in crate::payments) async fn look_at_refund_now(
    sql: &Sql,
    booking: BookingId,
    refund: RefundId,
    may_be_back: bool,
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE refunds SET next_try_at = $3 WHERE booking_id = $1 AND id = $2
           AND ((status = 'pending' AND next_try_at IS NOT NULL) OR ($4 AND status = 'succeeded' AND method = 'gateway'))",
        &[&booking.uuid(), &refund.uuid(), &now, &may_be_back],
    )
    .await
}

/// Has a method that is being made ready looked at now.
pub(in crate::payments) async fn look_at_setup_now(
    sql: &Sql,
    user: UserId,
    id: SavedMethodId,
    now: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE saved_methods SET next_check_at = $3 WHERE user_id = $1 AND id = $2 AND next_check_at IS NOT NULL",
        &[&user.uuid(), &id.uuid(), &now],
    )
    .await
}

/// Forgets up to `limit` events that came before `before`.
pub(in crate::payments) async fn delete_older_than(
    sql: &Sql,
    before: Timestamp,
    limit: i64,
) -> Result<u64, DbError> {
    sql.execute(
        "DELETE FROM gateway_events WHERE id IN (SELECT id FROM gateway_events WHERE received_at < $1 LIMIT $2)",
        &[&before, &limit],
    )
    .await
}
