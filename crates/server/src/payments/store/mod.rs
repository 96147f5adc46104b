//! SQL on the payments slice's tables: payments here, what else there is beside it.

pub(super) mod events;
pub(super) mod failed;
pub(super) mod refunds;
pub(super) mod saved;

use domain::payment::PaymentState;
use jiff::Timestamp;
use kernel::{BookingId, Money, PaymentId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::method::MethodView;
use super::settle::Subject;
use super::view::PaymentView;

/// A row of `payments`.
#[derive(Clone, Debug)]
pub(super) struct PaymentRow {
    pub(super) id: PaymentId,
    pub(super) booking: BookingId,
    /// Which order of the booking; 0 is the booking itself.
    pub(super) order: i16,
    pub(super) status: PaymentState,
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
            in_their_hands: self.intent_id.is_some(),
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
            action_url: self.action_url.clone().filter(|_| self.status == PaymentState::RequiresAction),
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
        status: PaymentState::from_word(status).ok_or_else(|| odd("payment status", &status))?,
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
    pub(super) status: PaymentState,
    pub(super) intent: Option<&'a str>,
    pub(super) decline_code: Option<&'a str>,
    pub(super) action_url: Option<&'a str>,
    /// What the gateway shows of the method, once it does.
    pub(super) method: Option<&'a MethodView>,
    /// `None` once it is settled.
    pub(super) next_check_at: Option<Timestamp>,
}

/// Writes what was learned, if the payment is in a state from which that follows: a settled payment never changes. The
/// payment's amount, or `None` if it was not.
///
/// A webhook that came while the gateway was being asked has set the next look to a moment that is past by now; that look
/// stays due.
pub(super) async fn learn(
    sql: &Sql,
    booking: BookingId,
    payment: PaymentId,
    learned: &Learned<'_>,
    now: Timestamp,
) -> Result<Option<Money>, DbError> {
    let method =
        learned.method.map(serde_json::to_value).transpose().map_err(|error| odd("method", &error))?;
    let changed = sql
        .query_opt(
            "UPDATE payments SET status = $3, intent_id = COALESCE($4, intent_id), decline_code = $5,
                    action_url = COALESCE($6, action_url), method = COALESCE($10, method), version = version + 1,
                    next_check_at = CASE WHEN next_check_at <= $9 AND $7::timestamptz IS NOT NULL THEN next_check_at ELSE $7 END,
                    settled_at = CASE WHEN $8 THEN $9::timestamptz END
             WHERE booking_id = $1 AND id = $2 AND status = ANY($11)
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
                &method,
                &learned.status.from_states(),
            ],
        )
        .await?;
    changed.map(|row| money(&row, 0)).transpose()
}

/// Who pays.
pub(super) async fn payer(
    sql: &Sql,
    booking: BookingId,
    payment: PaymentId,
) -> Result<Option<UserId>, DbError> {
    let of = "SELECT user_id FROM payments WHERE booking_id = $1 AND id = $2";
    let row = sql.query_opt(of, &[&booking.uuid(), &payment.uuid()]).await?;
    Ok(row.map(|row| UserId::from_uuid(row.get(0))))
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

/// A claimed payment: what is known of it even when the rest of its row cannot be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClaimedPayment {
    pub(super) booking: BookingId,
    pub(super) id: PaymentId,
    pub(super) checks: i32,
}

/// Claims up to `limit` open payments that are due for a look, by moving their next look to `again_at`.
pub(super) async fn claim_due(
    sql: &Sql,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<(ClaimedPayment, Result<PaymentRow, DbError>)>, DbError> {
    const SQL: &str = concat!(
        "UPDATE payments p SET next_check_at = $2, checks = p.checks + 1
         WHERE (p.booking_id, p.id) IN (
             SELECT booking_id, id FROM payments WHERE next_check_at <= $1
             ORDER BY next_check_at LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING ",
        payment_columns!()
    );
    let claimed = |row: &Row| {
        let (id, booking) = (PaymentId::from_uuid(row.get(0)), BookingId::from_uuid(row.get(1)));
        (ClaimedPayment { booking, id, checks: row.get(9) }, payment_row(row))
    };
    Ok(sql.query(SQL, &[&now, &again_at, &limit]).await?.iter().map(claimed).collect())
}

/// A claimed payment failed: it is looked at again at `again_at`, or when a webhook has asked for it.
pub(super) async fn put_off(
    sql: &Sql,
    claimed: ClaimedPayment,
    now: Timestamp,
    again_at: Timestamp,
) -> Result<u64, DbError> {
    sql.execute(
        "UPDATE payments SET next_check_at = $3 WHERE booking_id = $1 AND id = $2 AND next_check_at > $4",
        &[&claimed.booking.uuid(), &claimed.id.uuid(), &again_at, &now],
    )
    .await
}

/// What is open since before `before`, for the alarm: payments and refunds. A debit the bank has, and a refund the gateway has,
/// take days and are not counted.
pub(super) async fn count_open_before(sql: &Sql, before: Timestamp) -> Result<(i64, i64), DbError> {
    let row = sql
        .query_one(
            "SELECT (SELECT count(*) FROM payments WHERE next_check_at IS NOT NULL AND status <> 'declined' AND created_at < $1
                     AND NOT (status = 'processing' AND intent_id IS NOT NULL)),
                    (SELECT count(*) FROM refunds WHERE next_try_at IS NOT NULL AND gateway_id IS NULL AND created_at < $1)",
            &[&before],
        )
        .await?;
    Ok((row.get(0), row.get(1)))
}

/// The payments of a booking, oldest first.
pub async fn payments_of(sql: &Sql, booking: BookingId) -> Result<Vec<PaymentView>, DbError> {
    const SQL: &str =
        concat!("SELECT ", payment_columns!(), " FROM payments p WHERE p.booking_id = $1 ORDER BY p.id");
    let rows = sql.query(SQL, &[&booking.uuid()]).await?;
    rows.iter().map(|row| Ok(payment_row(row)?.view())).collect()
}
