//! SQL on `refunds` for staff: looking at them, and what becomes of those the gateway refused.

use jiff::Timestamp;
use kernel::{BookingId, Money, PaymentId, RefundId, UserId};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::money;

/// A row of `refunds`.
#[derive(Clone, Debug)]
pub(in crate::payments) struct RefundRow {
    pub(in crate::payments) id: RefundId,
    pub(in crate::payments) booking: BookingId,
    pub(in crate::payments) payment: PaymentId,
    /// pending, succeeded or failed.
    pub(in crate::payments) status: String,
    pub(in crate::payments) amount: Money,
    pub(in crate::payments) method: String,
    pub(in crate::payments) failure_code: Option<String>,
    pub(in crate::payments) reference: Option<String>,
    pub(in crate::payments) note: Option<String>,
    pub(in crate::payments) replaced_by: Option<RefundId>,
    /// What the ledger calls its settlement.
    pub(in crate::payments) posted_as: Uuid,
    pub(in crate::payments) created_at: Timestamp,
    pub(in crate::payments) settled_at: Option<Timestamp>,
    pub(in crate::payments) bounced_at: Option<Timestamp>,
    /// How somebody says it was paid, until a second person approves.
    pub(in crate::payments) proposed: Option<Proposed>,
}

/// What one person said of how a refund was paid.
#[derive(Clone, Debug)]
pub(in crate::payments) struct Proposed {
    pub(in crate::payments) method: String,
    pub(in crate::payments) reference: String,
    pub(in crate::payments) note: String,
    pub(in crate::payments) by: UserId,
    pub(in crate::payments) at: Timestamp,
}

macro_rules! select_refunds {
    ($($rest:literal)*) => {
        concat!(
            "SELECT r.id, r.booking_id, r.payment_id, r.status, r.amount, r.currency, r.method, r.failure_code, r.reference, r.note,
                    r.replaced_by, COALESCE(r.posted_as, r.ordered_as, r.id), r.created_at, r.settled_at, r.bounced_at,
                    r.proposed_method, r.proposed_reference, r.proposed_note, r.proposed_by, r.proposed_at
             FROM refunds r WHERE ",
            $($rest,)*
        )
    };
}

/// A page of refunds, the newest first: `$1` the one before, `$2` how many.
macro_rules! page {
    ($of:literal) => {
        select_refunds!($of " AND r.id < $1 ORDER BY r.id DESC LIMIT $2")
    };
}

fn refund_row(row: &Row) -> Result<RefundRow, DbError> {
    Ok(RefundRow {
        id: RefundId::from_uuid(row.get(0)),
        booking: BookingId::from_uuid(row.get(1)),
        payment: PaymentId::from_uuid(row.get(2)),
        status: row.get(3),
        amount: money(row, 4)?,
        method: row.get(6),
        failure_code: row.get(7),
        reference: row.get(8),
        note: row.get(9),
        replaced_by: row.get::<_, Option<Uuid>>(10).map(RefundId::from_uuid),
        posted_as: row.get(11),
        created_at: row.get(12),
        settled_at: row.get(13),
        bounced_at: row.get(14),
        proposed: proposed(row),
    })
}

/// All of it or nothing, as the table's CHECK has it.
fn proposed(row: &Row) -> Option<Proposed> {
    let (method, reference, note) = (
        row.get::<_, Option<String>>(15)?,
        row.get::<_, Option<String>>(16)?,
        row.get::<_, Option<String>>(17)?,
    );
    let by = UserId::from_uuid(row.get::<_, Option<Uuid>>(18)?);
    Some(Proposed { method, reference, note, by, at: row.get::<_, Option<Timestamp>>(19)? })
}

/// Which refunds are looked at. Each has a statement of its own, so that those that failed are found by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::payments) enum Shown {
    All,
    Pending,
    Succeeded,
    /// Refused or come back, and waiting for staff.
    Failed,
    /// Refused, and another one was sent in its place.
    Replaced,
}

/// Up to `limit` refunds, the newest first, before the refund `before`.
pub(in crate::payments) async fn list(
    sql: &Sql,
    shown: Shown,
    before: Option<RefundId>,
    limit: i64,
) -> Result<Vec<RefundRow>, DbError> {
    let page = match shown {
        Shown::All => page!("true"),
        Shown::Pending => page!("r.status = 'pending'"),
        Shown::Succeeded => page!("r.status = 'succeeded'"),
        Shown::Failed => page!("r.status = 'failed' AND r.replaced_by IS NULL"),
        Shown::Replaced => page!("r.replaced_by IS NOT NULL"),
    };
    // No id is as great as this one, so that the first page walks the index as the others do.
    let before = before.map_or_else(uuid::Uuid::max, RefundId::uuid);
    sql.query(page, &[&before, &limit]).await?.iter().map(refund_row).collect()
}

/// Which booking a refund is of.
pub(in crate::payments) async fn booking_of(
    sql: &Sql,
    refund: RefundId,
) -> Result<Option<BookingId>, DbError> {
    let row = sql.query_opt("SELECT booking_id FROM refunds WHERE id = $1", &[&refund.uuid()]).await?;
    Ok(row.map(|row| BookingId::from_uuid(row.get(0))))
}

/// A refund, locked until the transaction ends. The caller has locked its booking.
pub(in crate::payments) async fn lock(
    sql: &Sql,
    booking: BookingId,
    refund: RefundId,
) -> Result<Option<RefundRow>, DbError> {
    const SQL: &str = select_refunds!("r.booking_id = $1 AND r.id = $2 FOR UPDATE");
    sql.query_opt(SQL, &[&booking.uuid(), &refund.uuid()]).await?.as_ref().map(refund_row).transpose()
}

/// Orders another refund in place of one that failed; what is counted on the payment stays the same. `false`: it has not failed,
/// or was replaced or settled meanwhile.
pub(in crate::payments) async fn replace(
    sql: &Sql,
    failed: &RefundRow,
    by: RefundId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let (booking, id) = (failed.booking.uuid(), failed.id.uuid());
    let replaced = sql
        .execute(
            "UPDATE refunds SET replaced_by = $3, proposed_method = NULL, proposed_reference = NULL, proposed_note = NULL,
                    proposed_by = NULL, proposed_at = NULL
             WHERE booking_id = $1 AND id = $2 AND status = 'failed' AND replaced_by IS NULL",
            &[&booking, &id, &by.uuid()],
        )
        .await?;
    if replaced == 0 {
        return Ok(false);
    }
    let ordered = sql
        .execute(
            "INSERT INTO refunds (booking_id, id, payment_id, status, amount, currency, next_try_at, created_at, ordered_as,
                                  posted_as)
             SELECT booking_id, $3, payment_id, 'pending', amount, currency, $4, $4, COALESCE(ordered_as, id), posted_as
             FROM refunds WHERE booking_id = $1 AND id = $2",
            &[&booking, &id, &by.uuid(), &now],
        )
        .await?;
    Ok(ordered == 1)
}

/// How a refund was paid without the gateway.
#[derive(Clone, Debug)]
pub(in crate::payments) struct Outside<'a> {
    pub(in crate::payments) method: &'a str,
    pub(in crate::payments) reference: &'a str,
    pub(in crate::payments) note: &'a str,
    /// Who says so.
    pub(in crate::payments) by: UserId,
}

/// One person says how a refund that failed was paid; a second one is to look. `false`: it has not failed, or was replaced or settled
/// meanwhile.
pub(in crate::payments) async fn propose(
    sql: &Sql,
    failed: &RefundRow,
    outside: &Outside<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let proposed = sql
        .execute(
            "UPDATE refunds SET proposed_method = $3, proposed_reference = $4, proposed_note = $5, proposed_by = $6, proposed_at = $7
             WHERE booking_id = $1 AND id = $2 AND status = 'failed' AND replaced_by IS NULL",
            &[
                &failed.booking.uuid(),
                &failed.id.uuid(),
                &outside.method,
                &outside.reference,
                &outside.note,
                &outside.by.uuid(),
                &now,
            ],
        )
        .await?;
    Ok(proposed == 1)
}

/// A refund that failed was paid without the gateway. `false`: it has not failed, or was replaced or settled meanwhile.
pub(in crate::payments) async fn settle_outside(
    sql: &Sql,
    failed: &RefundRow,
    outside: &Outside<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let settled = sql
        .execute(
            "UPDATE refunds SET status = 'succeeded', method = $3, reference = $4, note = $5, settled_by = $6, settled_at = $7,
                    next_try_at = NULL, proposed_method = NULL, proposed_reference = NULL, proposed_note = NULL, proposed_by = NULL,
                    proposed_at = NULL
             WHERE booking_id = $1 AND id = $2 AND status = 'failed' AND replaced_by IS NULL",
            &[
                &failed.booking.uuid(),
                &failed.id.uuid(),
                &outside.method,
                &outside.reference,
                &outside.note,
                &outside.by.uuid(),
                &now,
            ],
        )
        .await?;
    Ok(settled == 1)
}
