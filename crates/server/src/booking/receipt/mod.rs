//! `GET /bookings/{id}/receipt`: every movement of money of a booking, as the ledger has it, as JSON or on paper (PDF).

pub(super) mod paper;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use domain::ledger::{Account, PostingKind};
use domain::sold::SoldFare;
use jiff::Timestamp;
use kernel::{BookingId, Currency, Money, RecordLocator, UserId};
use platform::db::{Sql, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem, Query};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::paper::Words;
use super::store::{self, BookingRow};
use super::view::{self, BookingView};
use crate::access::Caller;
use crate::app::App;
use crate::form::Form;
use crate::identity;
use crate::ledger::api::{self as ledger, Posted};
use crate::promotions::api::{self as promotions, AppliedRow};

/// What was sold, paid and returned. `sold` and `fees` together are what the booking costs; `paid` less `returned` and
/// `returning` is the same, unless something is still owed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "locator": "KX7Q2M",
    "issued_at": "2026-11-21T10:15:00Z", "entries": [{"at": "2026-11-21T10:01:00Z", "kind": "sale",
        "lines": [{"account": "fares", "name": null, "amount": {"amount": 16160, "currency": "USD"}},
            {"account": "tax:US", "name": "Air transportation excise tax", "amount": {"amount": 1210, "currency": "USD"}}],
        "total": {"amount": 17370, "currency": "USD"}}],
    "sold": {"amount": 17370, "currency": "USD"}, "fees": {"amount": 0, "currency": "USD"},
    "paid": {"amount": 17370, "currency": "USD"}, "returned": {"amount": 0, "currency": "USD"},
    "returning": {"amount": 0, "currency": "USD"}, "owed": {"amount": 0, "currency": "USD"}}))]
pub(super) struct Receipt {
    #[schema(value_type = String)]
    booking_id: BookingId,
    #[schema(value_type = String, example = "KX7Q2M")]
    locator: RecordLocator,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    /// Every movement, oldest first.
    entries: Vec<ReceiptEntry>,
    /// Fares, taxes, charges and extras, less discounts and what was given back.
    sold: Money,
    /// Kept for cancelling and changing.
    fees: Money,
    /// What came in.
    paid: Money,
    /// What went back.
    returned: Money,
    /// What is on its way back.
    returning: Money,
    /// What is still to be paid; 0 for every booking that is settled.
    owed: Money,
}

/// One movement.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptEntry {
    /// The payment, refund or cancellation it is about.
    #[serde(skip)]
    reference: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `sale`, `capture` (a payment came in), `change`, `cancellation`, `refund_ordered`, `refund_settled` or `refund_bounced` (what
    /// was settled came back).
    #[serde(serialize_with = "word")]
    #[schema(value_type = String)]
    kind: PostingKind,
    /// What it is made of; what is given back is negative.
    lines: Vec<ReceiptLine>,
    /// The sum of the lines.
    total: Money,
}

/// A line of a movement.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptLine {
    /// `fares`, `tax:<code>`, `discounts`, `fees`, `extra:<kind>`, `payment` or `refund`.
    account: String,
    /// What a tax or charge is called; of `discounts`, the promotions with their codes, and what was too little to charge.
    name: Option<String>,
    amount: Money,
}

/// What a link can ask for, where it cannot set headers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReceiptParams {
    /// `json` or `pdf`, whatever `Accept` says.
    #[param(example = "pdf")]
    format: Option<String>,
}

/// The receipt of my booking: what was sold, tax by tax, what I paid and what came back, to the cent. A booking that was never
/// paid has an empty one. `Accept: application/pdf`, or `?format=pdf` in a link, gives it on paper, in the language of
/// `Accept-Language`.
#[utoipa::path(get, path = "/bookings/{id}/receipt", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"), ReceiptParams),
    responses((status = 200, description = "Every movement of money", content(
        (Receipt = "application/json"), (String = "application/pdf")))))]
pub(super) async fn get_receipt(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Query(params): Query<ReceiptParams>,
    Extension(locale): Extension<Locale>,
    headers: HeaderMap,
) -> Outcome<Response> {
    let accept: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let form = Form::wanted(params.format.as_deref(), &accept.join(","))?;
    let sql = app.db.snapshot().await?;
    let booking = store::find(&sql, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    if form == Form::Json {
        return Ok((fresh(), Json(load(&app, &sql, &booking, locale).await?)).into_response());
    }
    let paper = set_on_paper(&app, sql, booking, locale).await?;
    let name = format!("inline; filename=\"{}\"", paper.name);
    let kind = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((fresh(), kind, paper.pdf).into_response())
}

/// A receipt as a file.
pub struct Paper {
    /// Its name.
    pub name: String,
    /// PDF.
    pub pdf: Vec<u8>,
}

/// The receipt of a user's booking on paper, as it is now; `None` if they have no such booking.
pub async fn receipt_on_paper(
    app: &App,
    (id, user): (BookingId, UserId),
    locale: Locale,
) -> Result<Option<Paper>, Problem> {
    let sql = app.db.snapshot().await?;
    let Some(booking) = store::find(&sql, id, user).await? else { return Ok(None) };
    Ok(Some(set_on_paper(app, sql, booking, locale).await?))
}

async fn load(app: &App, sql: &Sql, booking: &BookingRow, locale: Locale) -> Result<Receipt, Problem> {
    let id = booking.id;
    let (postings, fares, promotions, waivers) = tokio::try_join!(
        ledger::postings_of(sql, id),
        store::fares(sql, id),
        promotions::applied_to(sql, id),
        store::waivers(sql, id)
    )?;
    let waived = waivers.iter().any(|waiver| waiver.fares.iter().any(|fare| fare.base > 0));
    let waived = waived.then(|| app.messages.text(locale, "paper-waived", &[]));
    let (about, names) = ((id, booking.locator), names(&fares, &promotions, waived));
    Ok(Receipt::of(about, booking.total.currency, &postings, &names, app.now()))
}

async fn set_on_paper(app: &App, sql: Tx, booking: BookingRow, locale: Locale) -> Result<Paper, Problem> {
    let name = format!("receipt-{}.pdf", booking.locator);
    let receipt = load(app, &sql, &booking, locale).await?;
    let key = identity::api::user_key(&sql, &app.sealer, booking.user).await?;
    let booking = view::load(app, &sql, booking, &key).await?;
    drop(sql);
    Ok(Paper { name, pdf: on_paper(app, receipt, booking, locale).await? })
}

/// What a receipt says changes, names people, and depends on what was asked for.
fn fresh() -> [(HeaderName, &'static str); 2] {
    [(header::CACHE_CONTROL, "no-store"), (header::VARY, "Accept, Accept-Language, Authorization")]
}

/// Sets the receipt; some milliseconds of pure work, on a thread where it holds up nobody.
async fn on_paper(
    app: &App,
    receipt: Receipt,
    booking: BookingView,
    locale: Locale,
) -> Result<Vec<u8>, Problem> {
    let app = app.clone();
    let set = tokio::task::spawn_blocking(move || {
        Words::within(&app, locale, |words| paper::document(&receipt, &booking, words).pdf())
    });
    set.await.map_err(Problem::internal)?.map_err(Problem::internal)
}

impl Receipt {
    fn of(
        (booking_id, locator): (BookingId, RecordLocator),
        currency: Currency,
        postings: &[Posted],
        names: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Self {
        let sum = |of: fn(&Account) -> bool| balance(postings, of, currency);
        let negative = |money: Money| Money::new(-money.amount, money.currency);
        let came_in = postings.iter().filter(|posted| posted.posting.kind() == PostingKind::Capture);
        let paid = came_in.map(|posted| posted.posting.amount_on(&Account::Gateway)).sum();
        Self {
            booking_id,
            locator,
            issued_at: now,
            entries: entries(postings, names, currency),
            sold: negative(sum(is_sold)),
            fees: negative(sum(|account| *account == Account::Fees)),
            paid: Money::new(paid, currency),
            returned: Money::new(paid - sum(is_paid_back_from).amount, currency),
            returning: negative(sum(|account| *account == Account::Refunds)),
            owed: sum(|account| *account == Account::Traveller),
        }
    }
}

/// Whether money moved, or is to move, and nothing was sold or given back.
const fn is_of_money(kind: PostingKind) -> bool {
    use PostingKind::{Capture, RefundBounced, RefundOrdered, RefundSettled};
    matches!(kind, Capture | RefundOrdered | RefundSettled | RefundBounced)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn word<S: serde::Serializer>(kind: &PostingKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

/// What came in and was not given back is the sum of these.
const fn is_paid_back_from(account: &Account) -> bool {
    matches!(account, Account::Gateway | Account::SettledOutside)
}

const fn is_sold(account: &Account) -> bool {
    matches!(account, Account::Fares | Account::Tax(_) | Account::Extra(_) | Account::Discounts)
}

fn balance(postings: &[Posted], of: fn(&Account) -> bool, currency: Currency) -> Money {
    let entries = postings.iter().flat_map(|posted| posted.posting.entries());
    Money::new(entries.filter(|(account, _)| of(account)).map(|(_, amount)| amount).sum(), currency)
}

/// What the taxes of these fares, and the discounts of these promotions, are called, by account; `waived` is the name of what was
/// too little to charge, if there is any.
fn names(fares: &[SoldFare], promotions: &[AppliedRow], waived: Option<String>) -> BTreeMap<String, String> {
    let taxes = fares.iter().flat_map(|fare| &fare.taxes);
    let mut names: BTreeMap<String, String> =
        taxes.map(|tax| (Account::Tax(tax.code.clone()).to_string(), tax.name.clone())).collect();
    // What is off an extra is not on this account: the extra is sold for less.
    let of_fares = promotions.iter().filter(|promotion| promotion.extra.is_none());
    let codes: Vec<String> =
        of_fares.map(|promotion| format!("{} ({})", promotion.name, promotion.code)).chain(waived).collect();
    if !codes.is_empty() {
        names.insert(Account::Discounts.to_string(), codes.join(", "));
    }
    names
}

fn entries(postings: &[Posted], names: &BTreeMap<String, String>, currency: Currency) -> Vec<ReceiptEntry> {
    let entry = |posted: &Posted| {
        let shown = posted.posting.entries().iter().filter_map(|(account, amount)| {
            let (account, amount) = shown(posted.posting.kind(), account, *amount)?;
            let name = names.get(&account).cloned();
            Some(ReceiptLine { account, name, amount: Money::new(amount, currency) })
        });
        let lines: Vec<ReceiptLine> = shown.collect();
        let total = Money::new(lines.iter().map(|line| line.amount.amount).sum(), currency);
        ReceiptEntry {
            reference: posted.reference,
            at: posted.posted_at,
            kind: posted.posting.kind(),
            lines,
            total,
        }
    };
    postings.iter().map(entry).collect()
}

/// An entry as the traveller looks at it: what was sold and kept counts for them as bought, a payment as paid, a refund as
/// returned. Their own account is the other side of each and is not shown.
fn shown(kind: PostingKind, account: &Account, amount: i64) -> Option<(String, i64)> {
    match (kind, account) {
        (PostingKind::Capture, Account::Gateway) => Some(("payment".to_owned(), amount)),
        (PostingKind::RefundOrdered, Account::Refunds)
        | (PostingKind::RefundSettled, Account::Gateway | Account::SettledOutside)
        | (PostingKind::RefundBounced, Account::Gateway) => Some(("refund".to_owned(), amount)),
        (kind, _) if is_of_money(kind) => None,
        (_, Account::Traveller) => None,
        (_, account) => Some((account.to_string(), -amount)),
    }
}
