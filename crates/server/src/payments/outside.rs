//! Refunds that are settled without the gateway. One person says how it was paid; from an amount on a second one must look and approve: who
//! can write money off alone can write it to a friend.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ledger::Posting;
use jiff::Timestamp;
use kernel::{BookingId, Category, RefundId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::idempotency::IdempotencyKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::events;
use super::failed::{StaffRefundView, lock_failed, not_failed};
use super::store::failed::{self as store, Outside, Proposed, RefundRow};
use crate::access::Caller;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking::api as booking;
use crate::events::api::record;
use crate::keyed::{self, Begun, Keyed};
use crate::ledger::api as ledger;

const REFERENCE_CHARS_MAX: usize = 100;
const NOTE_CHARS_MAX: usize = 500;
const SETTLE: &str = "POST /admin/refunds/{id}/settle";
const APPROVE: &str = "POST /admin/refunds/{id}/approve";
/// How money goes back without the gateway.
const METHODS: [&str; 4] = ["bank_transfer", "cheque", "cash", "other"];

/// How somebody says a refund was paid; a second person is to approve.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProposedSettlement, example = json!({"method": "bank_transfer", "reference": "UTR 226118004711",
    "note": "Card closed; transferred by accounts", "by": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "at": "2026-11-21T10:02:00Z"}))]
pub(super) struct ProposedView {
    method: String,
    reference: String,
    note: String,
    /// Who says so. Somebody else approves.
    #[schema(value_type = String)]
    by: UserId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Proposed> for ProposedView {
    fn from(Proposed { method, reference, note, by, at }: Proposed) -> Self {
        Self { method, reference, note, by, at }
    }
}

/// How a refund was paid without the gateway. No names and no account numbers: what finds the payment in the airline's books.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "bank_transfer", "reference": "UTR 226118004711", "note": "Card closed; transferred by accounts"}))]
pub(super) struct Settlement {
    /// `bank_transfer`, `cheque`, `cash` or `other`.
    method: String,
    /// The number of the transfer or cheque, up to 100 characters.
    reference: String,
    /// Why and by whom, up to 500 characters.
    note: String,
}

/// What whoever approves has looked at: as the list of refunds shows it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettlementSeen, example = json!({"reference": "UTR 226118004711", "proposed_at": "2026-11-21T10:02:00Z"}))]
pub(super) struct Seen {
    /// `proposed.reference`.
    reference: String,
    /// `proposed.at`.
    #[schema(value_type = String, format = DateTime)]
    proposed_at: Timestamp,
}

/// Say that a refund the gateway refused, or that came back, was paid otherwise (admin): by bank transfer, by cheque. It counts as succeeded from then
/// on. From an amount on (`refunds.second_person_from`) it is `proposed` only: 202, and a second person approves. 409 `refund_not_failed`,
/// `refund_replaced`.
#[utoipa::path(post, path = "/admin/refunds/{id}/settle", tag = "payments", request_body = Settlement,
    params(("id" = String, Path, description = "Refund id", example = "rfd_0193f2a1c5d07bb2a4d1c0ffee000006"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-settle-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 200, description = "The refund, settled", body = StaffRefundView),
        (status = 202, description = "Said; a second person is to approve", body = StaffRefundView),
        (status = 409, description = "`refund_not_failed`, `refund_replaced`")))]
pub(super) async fn settle_refund(
    State(app): State<App>,
    caller: Caller,
    actor: Actor,
    Path(id): Path<RefundId>,
    key: IdempotencyKey,
    Json(settlement): Json<Settlement>,
) -> Outcome<Response> {
    let outside = check(&settlement, caller)?;
    let work = match keyed::begin(&app, caller, SETTLE, key, id.uuid(), &(id, &settlement)).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let failed = lock_failed(&work, id).await?;
    check_not_own(&work, &failed, caller).await?;
    if app.config.refunds.needs_second_person(failed.amount) {
        return propose(&app, work, &actor, failed, &outside).await;
    }
    settle(&app, work, (&actor, "refund.settle"), failed, &outside).await
}

/// Approve how somebody else says that a refund was paid (admin). It counts as succeeded from then on. What was looked at is named: if
/// somebody has said something else since, 409 `proposal_changed`. 403 `second_person_needed` for whoever said it, and
/// `own_booking` for whoever it is paid to; 409 `nothing_to_approve`, `refund_not_failed`, `refund_replaced`.
#[utoipa::path(post, path = "/admin/refunds/{id}/approve", tag = "payments", request_body = Seen,
    params(("id" = String, Path, description = "Refund id", example = "rfd_0193f2a1c5d07bb2a4d1c0ffee000006"),
        ("Idempotency-Key" = String, Header, example = "4a7c1d8e-approve-1",
        description = "Any text of yours, up to 255 characters; the same key and body get the same answer again")),
    responses((status = 200, description = "The refund, settled", body = StaffRefundView),
        (status = 409, description = "`nothing_to_approve`, `proposal_changed`, `refund_not_failed`, `refund_replaced`")))]
pub(super) async fn approve_refund(
    State(app): State<App>,
    caller: Caller,
    actor: Actor,
    Path(id): Path<RefundId>,
    key: IdempotencyKey,
    Json(seen): Json<Seen>,
) -> Outcome<Response> {
    let work = match keyed::begin(&app, caller, APPROVE, key, id.uuid(), &(id, &seen)).await? {
        Begun::New(work) => work,
        Begun::Answered(response) => return Ok(response),
    };
    let failed = lock_failed(&work, id).await?;
    let said = failed.proposed.clone();
    let said =
        said.ok_or_else(|| Problem::new(Category::Conflict, "nothing_to_approve").actions(&["settle"]))?;
    if said.by == caller.user {
        return Err(Problem::new(Category::Forbidden, "second_person_needed"));
    }
    check_not_own(&work, &failed, caller).await?;
    if (&said.reference, said.at) != (&seen.reference, seen.proposed_at) {
        return Err(Problem::new(Category::Conflict, "proposal_changed").actions(&["approve", "settle"]));
    }
    let method = METHODS.into_iter().find(|method| *method == said.method);
    let method = method.ok_or_else(|| {
        Problem::internal(anyhow::anyhow!("refund {id} is said to be paid by {}", said.method))
    })?;
    let outside = Outside { method, reference: &said.reference, note: &said.note, by: caller.user };
    settle(&app, work, (&actor, "refund.approve"), failed, &outside).await
}

/// Nobody says of money that comes back to themselves that it was paid.
async fn check_not_own(work: &Keyed, failed: &RefundRow, caller: Caller) -> Result<(), Problem> {
    let owners = booking::owners(&work.tx, &[failed.booking]).await?;
    let own = owners.get(&failed.booking) == Some(&caller.user);
    if own { Err(Problem::new(Category::Forbidden, "own_booking")) } else { Ok(()) }
}

/// What was said waits for somebody else.
async fn propose(
    app: &App,
    work: Box<Keyed>,
    actor: &Actor,
    failed: RefundRow,
    outside: &Outside<'_>,
) -> Outcome<Response> {
    if !store::propose(&work.tx, &failed, outside, app.now()).await? {
        return Err(not_failed(&failed));
    }
    let (id, booking) = (failed.id, failed.booking);
    let (before, view) = (StaffRefundView::from(failed), settled_or_said(&work, booking, id).await?);
    audit::record(app, &work.tx, actor, Act::new("refund.propose", &id).before(&before).after(&view)).await?;
    let response = work.finish(app, StatusCode::ACCEPTED, &view).await?;
    tracing::info!(refund.id = %id, booking.id = %booking, user.id = %outside.by, "settling a refund waits for a second person");
    Ok(response)
}

/// It was paid: row, ledger, event and audit in one transaction.
async fn settle(
    app: &App,
    work: Box<Keyed>,
    (actor, act): (&Actor, &'static str),
    failed: RefundRow,
    outside: &Outside<'_>,
) -> Outcome<Response> {
    let (id, booking, amount, now) = (failed.id, failed.booking, failed.amount, app.now());
    if !store::settle_outside(&work.tx, &failed, outside, now).await? {
        return Err(not_failed(&failed));
    }
    let posting = Posting::refund_settled_outside(amount.currency, amount.amount);
    let posting = posting.map_err(ledger::unbalanced)?;
    ledger::post(app, &work.tx, booking, failed.posted_as, &posting, now).await?;
    let told = events::refund_succeeded(id, booking, amount, outside.method);
    record(&work.tx, app.random, now, &told).await?;
    let (before, view) = (StaffRefundView::from(failed), settled_or_said(&work, booking, id).await?);
    audit::record(app, &work.tx, actor, Act::new(act, &id).before(&before).after(&view)).await?;
    let response = work.finish(app, StatusCode::OK, &view).await?;
    metrics::counter!("refunds_total", "outcome" => "settled_outside").increment(1);
    tracing::info!(refund.id = %id, booking.id = %booking, method = outside.method, user.id = %outside.by, "refund settled without the gateway");
    Ok(response)
}

async fn settled_or_said(work: &Keyed, booking: BookingId, id: RefundId) -> Result<StaffRefundView, Problem> {
    let row = store::lock(&work.tx, booking, id).await?.ok_or_else(Problem::not_found)?;
    Ok(StaffRefundView::from(row))
}

fn check(settlement: &Settlement, caller: Caller) -> Result<Outside<'_>, Problem> {
    let method = METHODS.into_iter().find(|method| *method == settlement.method);
    let method = method
        .ok_or_else(|| Problem::invalid("method", format!("it must be one of {}", METHODS.join(", "))))?;
    let text = |field: &'static str, text: &str, most: usize| {
        let fits =
            !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
        let reason = format!("it must be 1 to {most} characters without line breaks");
        if fits { Ok(()) } else { Err(Problem::invalid(field, reason)) }
    };
    text("reference", &settlement.reference, REFERENCE_CHARS_MAX)?;
    text("note", &settlement.note, NOTE_CHARS_MAX)?;
    Ok(Outside { method, reference: &settlement.reference, note: &settlement.note, by: caller.user })
}
