//! SQL on the payments slice's tables.

use jiff::Timestamp;
use kernel::{BookingId, Money, PaymentId, RefundId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::method::MethodView;
use super::settle::Subject;
use super::view::{PaymentStatus, PaymentView, RefundView};

/// A row of `payments`.
#[derive(Clone, Debug)]
pub(super) struct PaymentRow {
    pub(super) id: PaymentId,
    pub(super) booking: BookingId,
    /// Which order of the booking; 0 is the booking itself.
    pub(super) order: i16,
    pub(super) status: PaymentStatus,
    pub(super) amount: Money,
    pub(super) method: MethodView,
    pub(super) intent_id: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) action_url: Option<String>,
    pub(super) checks: i32,
    pub(super) created_at: Timestamp,
}

impl PaymentRow {
    pub(super) fn subject(&self) -> Subject {
        Subject {
            booking: self.booking,
            order: self.order,
            payment: self.id,
            status: self.status,
            checks: self.checks,
            created_at: self.created_at,
        }
    }

    pub(super) fn view(&self) -> PaymentView {
        PaymentView {
            id: self.id,
            booking_id: self.booking,
            order: (self.order > 0).then_some(self.order),
            status: self.status.as_str(),
            amount: self.amount,
            method: self.method.clone(),
            decline_code: self.decline_code.clone(),
            action_url: self.action_url.clone().filter(|_| self.status == PaymentStatus::RequiresAction),
            created_at: self.created_at,
        }
    }
}

macro_rules! payment_columns {
    () => {
        "p.id, p.booking_id, p.status, p.amount, p.currency, p.method, p.intent_id, p.decline_code, p.action_url, p.checks,
         p.created_at, p.order_no"
    };
}

fn odd(what: &str, value: &dyn std::fmt::Debug) -> DbError {
    DbError::Inconsistent(format!("{what}: {value:?}"))
}

fn money(row: &Row, column: usize) -> Result<Money, DbError> {
    let currency: &str = row.get(column + 1);
    Ok(Money::new(row.get(column), currency.parse().map_err(|_| odd("currency", &currency))?))
}

fn payment_row(row: &Row) -> Result<PaymentRow, DbError> {
    let status: &str = row.get(2);
    let method: serde_json::Value = row.get(5);
    Ok(PaymentRow {
        id: PaymentId::from_uuid(row.get(0)),
        booking: BookingId::from_uuid(row.get(1)),
        status: PaymentStatus::from_word(status).ok_or_else(|| odd("payment status", &status))?,
        amount: money(row, 3)?,
        method: serde_json::from_value(method).map_err(|error| odd("payment method", &error))?,
        intent_id: row.get(6),
        decline_code: row.get(7),
        action_url: row.get(8),
        checks: row.get(9),
        created_at: row.get(10),
        order: row.get(11),
    })
}

/// Inserts a payment that is about to be sent.
pub(super) async fn insert(
    sql: &Sql,
    payment: &PaymentRow,
    user: UserId,
    next_check_at: Timestamp,
) -> Result<(), DbError> {
    let method = serde_json::to_value(&payment.method).map_err(|error| odd("payment method", &error))?;
    sql.execute(
        "WITH found AS (INSERT INTO payment_bookings (payment_id, booking_id) VALUES ($2, $1))
         INSERT INTO payments (booking_id, id, user_id, status, amount, currency, method, next_check_at, created_at,
                               order_no)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &payment.booking.uuid(),
            &payment.id.uuid(),
            &user.uuid(),
            &payment.status.as_str(),
            &payment.amount.amount,
            &payment.amount.currency.as_str(),
            &method,
            &next_check_at,
            &payment.created_at,
            &payment.order,
        ],
    )
    .await?;
    Ok(())
}

/// What is learned of a payment.
pub(super) struct Learned<'a> {
    pub(super) status: PaymentStatus,
    pub(super) intent: Option<&'a str>,
    pub(super) decline_code: Option<&'a str>,
    pub(super) action_url: Option<&'a str>,
    /// `None` once it is settled.
    pub(super) next_check_at: Option<Timestamp>,
}

/// Writes what was learned, unless the payment is settled already: a settled payment never changes. The payment's amount,
/// or `None` if it was settled.
pub(super) async fn learn(
    sql: &Sql,
    booking: BookingId,
    payment: PaymentId,
    learned: &Learned<'_>,
    now: Timestamp,
) -> Result<Option<Money>, DbError> {
    let changed = sql
        .query_opt(
            "UPDATE payments SET status = $3, intent_id = COALESCE($4, intent_id), decline_code = $5,
                    action_url = COALESCE($6, action_url), next_check_at = $7, version = version + 1,
                    settled_at = CASE WHEN $8 THEN $9::timestamptz END
             WHERE booking_id = $1 AND id = $2 AND status NOT IN ('succeeded', 'declined')
             RETURNING amount, currency",
            &[
                &booking.uuid(),
                &payment.uuid(),
                &learned.status.as_str(),
                &learned.intent,
                &learned.decline_code,
                &learned.action_url,
                &learned.next_check_at,
                &learned.status.is_settled(),
                &now,
            ],
        )
        .await?;
    changed.map(|row| money(&row, 0)).transpose()
}

/// A user's payment.
pub(super) async fn find(sql: &Sql, payment: PaymentId, user: UserId) -> Result<Option<PaymentRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        payment_columns!(),
        " FROM payment_bookings l JOIN payments p ON p.booking_id = l.booking_id AND p.id = l.payment_id
         WHERE l.payment_id = $1 AND p.user_id = $2"
    );
    sql.query_opt(SQL, &[&payment.uuid(), &user.uuid()]).await?.as_ref().map(payment_row).transpose()
}

/// Claims up to `limit` open payments that are due for a look, by moving their next look to `again_at`.
pub(super) async fn claim_due(
    sql: &Sql,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<PaymentRow>, DbError> {
    const SQL: &str = concat!(
        "UPDATE payments p SET next_check_at = $2, checks = p.checks + 1
         WHERE (p.booking_id, p.id) IN (
             SELECT booking_id, id FROM payments WHERE next_check_at <= $1
             ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING ",
        payment_columns!()
    );
    sql.query(SQL, &[&now, &again_at, &limit]).await?.iter().map(payment_row).collect()
}

/// Open payments older than `before`, for the alarm.
pub(super) async fn count_open_before(sql: &Sql, before: Timestamp) -> Result<i64, DbError> {
    let row = sql
        .query_one(
            "SELECT count(*) FROM payments WHERE next_check_at IS NOT NULL AND status <> 'declined' AND created_at < $1",
            &[&before],
        )
        .await?;
    Ok(row.get(0))
}

/// The payments of a booking, oldest first.
pub async fn payments_of(sql: &Sql, booking: BookingId) -> Result<Vec<PaymentView>, DbError> {
    const SQL: &str =
        concat!("SELECT ", payment_columns!(), " FROM payments p WHERE p.booking_id = $1 ORDER BY p.id");
    let rows = sql.query(SQL, &[&booking.uuid()]).await?;
    rows.iter().map(|row| Ok(payment_row(row)?.view())).collect()
}

/// The refunds of a booking, oldest first.
pub async fn refunds_of(sql: &Sql, booking: BookingId) -> Result<Vec<RefundView>, DbError> {
    let rows = sql
        .query(
            "SELECT id, payment_id, status, amount, currency FROM refunds WHERE booking_id = $1 ORDER BY id",
            &[&booking.uuid()],
        )
        .await?;
    let view = |row: &Row| {
        Ok(RefundView {
            id: RefundId::from_uuid(row.get(0)),
            payment_id: PaymentId::from_uuid(row.get(1)),
            status: row.get(2),
            amount: money(row, 3)?,
        })
    };
    rows.iter().map(view).collect()
}

/// What can still go back of a payment.
pub(super) struct Returnable {
    pub(super) payment: PaymentId,
    pub(super) left: Money,
}

/// The succeeded payments of a booking that have something left to return, the latest first, locked.
pub(super) async fn lock_returnable(sql: &Sql, booking: BookingId) -> Result<Vec<Returnable>, DbError> {
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
pub(super) async fn order_refund(
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
pub(super) async fn refund_late(
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
pub(super) async fn stop_looking(sql: &Sql, booking: BookingId, payment: PaymentId) -> Result<(), DbError> {
    sql.execute(
        "UPDATE payments SET next_check_at = NULL WHERE booking_id = $1 AND id = $2 AND status = 'declined'",
        &[&booking.uuid(), &payment.uuid()],
    )
    .await?;
    Ok(())
}

/// A refund to send.
#[derive(Clone, Debug)]
pub(super) struct RefundRow {
    pub(super) id: RefundId,
    pub(super) booking: BookingId,
    pub(super) intent: String,
    pub(super) amount: Money,
    pub(super) tries: i32,
}

/// Claims pending refunds that are due, of one booking or of all, by moving their next try to `again_at`.
pub(super) async fn claim_refunds(
    sql: &Sql,
    booking: Option<BookingId>,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<RefundRow>, DbError> {
    let booking = booking.map(BookingId::uuid);
    let rows = sql
        .query(
            "UPDATE refunds r SET next_try_at = $3, tries = r.tries + 1 FROM payments p
             WHERE p.booking_id = r.booking_id AND p.id = r.payment_id AND p.intent_id IS NOT NULL
               AND (r.booking_id, r.id) IN (
                   SELECT booking_id, id FROM refunds
                   WHERE next_try_at <= $2 AND ($1::uuid IS NULL OR booking_id = $1)
                   ORDER BY next_try_at LIMIT $4 FOR UPDATE SKIP LOCKED)
             RETURNING r.id, r.booking_id, p.intent_id, r.tries, r.amount, r.currency",
            &[&booking, &now, &again_at, &limit],
        )
        .await?;
    let refund = |row: &Row| {
        Ok(RefundRow {
            id: RefundId::from_uuid(row.get(0)),
            booking: BookingId::from_uuid(row.get(1)),
            intent: row.get(2),
            tries: row.get(3),
            amount: money(row, 4)?,
        })
    };
    rows.iter().map(refund).collect()
}

/// Settles a pending refund, or sets when it is tried again. `false`: it was settled before.
pub(super) async fn settle_refund(
    sql: &Sql,
    refund: &RefundRow,
    status: &str,
    gateway_id: Option<&str>,
    next_try_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let settled = sql
        .execute(
            "UPDATE refunds SET status = $3, gateway_id = COALESCE($4, gateway_id), next_try_at = $5,
                    settled_at = CASE WHEN $3 = 'pending' THEN NULL ELSE $6::timestamptz END
             WHERE booking_id = $1 AND id = $2 AND status = 'pending'",
            &[&refund.booking.uuid(), &refund.id.uuid(), &status, &gateway_id, &next_try_at, &now],
        )
        .await?;
    Ok(settled == 1)
}
