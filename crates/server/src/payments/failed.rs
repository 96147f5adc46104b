//! `/admin/refunds`: staff look at refunds, and see to those that the gateway refused for good or that came back. Another one is sent in its place, or it
//! is settled without the gateway (`outside.rs`). Either leaves the money where it is counted: what was ordered back of the payment stays ordered.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use kernel::{BookingId, Category, Money, PaymentId, RefundId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use platform::idempotency::IdempotencyKey;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::outside::ProposedView;
use super::store::failed::{self as store, RefundRow, Shown};
use super::{events, refund};
use crate::access::Caller;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking::api as booking;
use crate::events::api::record;
use crate::keyed::{self, Begun, Keyed};

const LIMIT_MAX: i64 = 100;
const RETRY: &str = "POST /admin/refunds/{id}/retry";

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RefundQuery {
    /// `pending`, `succeeded`, `failed` (the gateway refused or it came back, and nobody has seen to it) or `replaced`.
    #[param(example = "failed")]
    status: Option<String>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A refund as staff see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "rfd_0193f2a1c5d07bb2a4d1c0ffee000006", "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002",
    "payment_id": "pay_0193f2a1c5d07bb2a4d1c0ffee000003", "status": "failed", "amount": {"amount": 18900, "currency": "USD"},
    "method": "gateway", "failure_code": "expired_or_canceled_card", "reference": null, "note": null, "replaced_by": null,
    "created_at": "2026-11-21T10:01:00Z", "settled_at": "2026-11-21T10:01:02Z",
    "bounced_at": null, "proposed": null}))]
pub(super) struct StaffRefundView {
    /// Its id.
    #[schema(value_type = String)]
    id: RefundId,
    #[schema(value_type = String)]
    booking_id: BookingId,
    /// The payment it returns.
    #[schema(value_type = String)]
    payment_id: PaymentId,
    /// pending, succeeded, failed, or replaced: it failed, and another one was sent in its place.
    status: String,
    amount: Money,
    /// gateway, `bank_transfer`, cheque, cash or other.
    method: String,
    /// Why the gateway refused, or why it came back, in the gateway's words.
    failure_code: Option<String>,
    /// Of what was paid without the gateway: under which reference, and why.
    reference: Option<String>,
    note: Option<String>,
    /// The refund that was sent in its place.
    #[schema(value_type = Option<String>)]
    replaced_by: Option<RefundId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it succeeded or failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    /// When it came back after it had succeeded, if it did.
    #[schema(value_type = Option<String>, format = DateTime)]
    bounced_at: Option<Timestamp>,
    /// How somebody says it was paid, until a second person approves.
    proposed: Option<ProposedView>,
}

impl From<RefundRow> for StaffRefundView {
    fn from(row: RefundRow) -> Self {
        Self {
            id: row.id,
            booking_id: row.booking,
            payment_id: row.payment,
            status: if row.replaced_by.is_some() { "replaced".into() } else { row.status },
            amount: row.amount,
            method: row.method,
            failure_code: row.failure_code,
            reference: row.reference,
            note: row.note,
            replaced_by: row.replaced_by,
            created_at: row.created_at,
            settled_at: row.settled_at,
            bounced_at: row.bounced_at,
            proposed: row.proposed.map(ProposedView::from),
        }
    }
}

/// A page of refunds, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"refunds": [], "next_cursor": null}))]
pub(super) struct RefundList {
    refunds: Vec<StaffRefundView>,
    /// Null at the end.
    next_cursor: Option<String>,
}

/// Refunds (admin), the newest first. Who looked at which is recorded.
#[utoipa::path(get, path = "/admin/refunds", tag = "payments", params(RefundQuery),
    responses((status = 200, description = "A page of refunds", body = RefundList)))]
pub(super) async fn list_refunds(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<RefundQuery>,
) -> Outcome<Json<RefundList>> {
    let shown = match query.status.as_deref() {
        None => Shown::All,
        Some("pending") => Shown::Pending,
        Some("succeeded") => Shown::Succeeded,
        Some("failed") => Shown::Failed,
        Some("replaced") => Shown::Replaced,
        Some(_) => {
            return Err(Problem::invalid("status", "it must be pending, succeeded, failed or replaced"));
        }
    };
    let limit = query.limit.unwrap_or(20);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("it must be 1 to {LIMIT_MAX}")));
    }
    let bad_cursor = |_| Problem::invalid("cursor", "it must be a next_cursor of this list");
    let before: Option<RefundId> = query.cursor.as_deref().map(str::parse).transpose().map_err(bad_cursor)?;
    let mut rows = store::list(&app.db.read().await?, shown, before, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let seen: Vec<RefundId> = rows.iter().map(|row| row.id).collect();
    let act = Act::new("refund.list", &"refunds").after(&json!({"refunds": seen}));
    audit::record_look(&app, &actor, act).await?;
    Ok(Json(RefundList { refunds: rows.into_iter().map(StaffRefundView::from).collect(), next_cursor }))
}

/// Send another refund in place of one that the gateway refused or that came back (admin). The gateway answers the id of the old one as before, so
/// the new one has its own; what goes back is the same. 409 `refund_not_failed`, `refund_replaced`.
#[utoipa::path(post, path = "/admin/refunds/{id}/retry", tag = "payments",
    params(("id" = String, Path, description = "Refund id", example = "rfd_0193f2a1c5d07bb2a4d1c0ffee000006"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-retry-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 201, description = "The new refund; it is sent at once", body = StaffRefundView),
        (status = 409, description = "`refund_not_failed`, `refund_replaced`")))]
pub(super) async fn retry_refund(
    State(app): State<App>,
    caller: Caller,
    actor: Actor,
    Path(id): Path<RefundId>,
    key: IdempotencyKey,
) -> Outcome<Response> {
    let work = match keyed::begin(&app, caller, RETRY, key, id.uuid(), &id).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let (failed, now) = (lock_failed(&work, id).await?, app.now());
    let by: RefundId = app.new_id(RefundId::new);
    if !store::replace(&work.tx, &failed, by, now).await? {
        return Err(not_failed(&failed));
    }
    record(&work.tx, app.random, now, &events::refund_retried(&failed, by)).await?;
    let new = store::lock(&work.tx, failed.booking, by).await?.ok_or_else(Problem::not_found)?;
    let (before, view) = (StaffRefundView::from(failed.clone()), StaffRefundView::from(new));
    audit::record(&app, &work.tx, &actor, Act::new("refund.retry", &id).before(&before).after(&view)).await?;
    let response = work.finish(&app, StatusCode::CREATED, &view).await?;
    metrics::counter!("refunds_total", "outcome" => "retried").increment(1);
    tracing::info!(refund.id = %by, replaces = %id, booking.id = %failed.booking, user.id = %caller.user, "refund retried");
    refund::send_refunds_of(&app, failed.booking).await;
    Ok(response)
}

/// Locks a refund after its booking, and refuses one that has not failed or that was seen to.
pub(super) async fn lock_failed(work: &Keyed, id: RefundId) -> Result<RefundRow, Problem> {
    let of = store::booking_of(&work.tx, id).await?.ok_or_else(Problem::not_found)?;
    booking::lock(&work.tx, of).await?;
    let row = store::lock(&work.tx, of, id).await?.ok_or_else(Problem::not_found)?;
    if row.status == "failed" && row.replaced_by.is_none() { Ok(row) } else { Err(not_failed(&row)) }
}

pub(super) fn not_failed(row: &RefundRow) -> Problem {
    match row.replaced_by {
        Some(by) => Problem::new(Category::Conflict, "refund_replaced")
            .arg("by", by.to_string())
            .with("by", serde_json::json!(by)),
        None => Problem::new(Category::Conflict, "refund_not_failed").arg("status", row.status.clone()),
    }
}
