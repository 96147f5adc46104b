//! The life of a code on a booking: worked out, reserved with the hold, redeemed when it is paid, released when it is not.
//!
//! Codes come last in the order of locks (docs/locking.md): the caller has locked the booking, and whatever inventory it
//! wants; several codes are locked in their own order.

use domain::promotions::{
    self, Audience, Benefit, Discount, DiscountLine, Promotion, Refusal, Trip, TripExtra, TripSlice,
};
use domain::sold::SoldFare;
use jiff::Timestamp;
use kernel::{BookingId, Category, Currency, Money, UserId};
use platform::db::{DbError, Sql};
use platform::http::Problem;

use super::store::{self, AppliedRow, NewRedemption, PromotionRow};
use crate::app::App;
use crate::booking::api as booking;
use crate::events::api::{BookingPromotionApplied, BookingPromotionRemoved, record};

/// What a code is asked for.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who asks.
    pub user: UserId,
    /// What prices are in.
    pub currency: Currency,
    /// Where the trip goes.
    pub slices: Vec<TripSlice>,
    /// What it costs, less the discounts there are.
    pub fares: Vec<SoldFare>,
    /// The extras that are on it and not paid.
    pub extras: Vec<TripExtra>,
    /// The codes there are.
    pub others: Vec<AppliedRow>,
}

/// A code that takes something off, not reserved yet.
#[derive(Clone, Debug)]
pub struct WorkedOut {
    promotion: Promotion,
    version: i64,
    currency: Currency,
    lines: Vec<DiscountLine>,
    extra: Option<i16>,
    total: i64,
}

impl WorkedOut {
    /// What people call it.
    pub fn name(&self) -> &str {
        &self.promotion.name
    }

    /// The code in its one form.
    pub fn code(&self) -> &str {
        &self.promotion.code
    }

    /// What it takes off in all.
    pub const fn discount(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    /// Of which extra, by its number.
    pub const fn extra(&self) -> Option<i16> {
        self.extra
    }

    /// Of which fares.
    pub fn lines(&self) -> &[DiscountLine] {
        &self.lines
    }
}

/// What came of reserving a code.
#[derive(Debug)]
pub enum Reserved {
    /// It is on the booking.
    Done(AppliedRow),
    /// Its terms were filed anew since it was worked out: work it out again.
    Changed,
    /// It has no use left, or none for this traveller. Nothing may be committed.
    Refused(Refusal),
}

/// What a code gives, or why nothing. Limits on uses are only looked at here; reserving decides.
pub async fn work_out(
    sql: &Sql,
    typed: &str,
    facts: &Facts,
    now: Timestamp,
) -> Result<Result<WorkedOut, Refusal>, DbError> {
    let Some(row) = open(sql, typed, facts.user).await? else { return Ok(Err(Refusal::Unknown)) };
    let first_booking = row.promotion.first_booking && !booking::has_been_confirmed(sql, facts.user).await?;
    let others: Vec<(&str, bool)> =
        facts.others.iter().map(|other| (other.code.as_str(), other.combinable)).collect();
    let trip = Trip {
        currency: facts.currency,
        slices: &facts.slices,
        fares: &facts.fares,
        extras: &facts.extras,
        now,
        first_booking,
        others: &others,
    };
    if row.ended_at.is_some() {
        return Ok(Err(Refusal::Ended));
    }
    let worked_out = row.promotion.discount(&trip);
    if worked_out.is_ok() {
        let others_first = facts.others.iter().any(|other| other.first_booking);
        if row.promotion.first_booking && !others_first && store::has_first(sql, facts.user).await? {
            return Ok(Err(Refusal::FirstBookingTaken));
        }
        let uses = store::uses_of(sql, facts.user, &[row.promotion.code.as_str()]).await?;
        if let Some(refusal) = used_up(&row, uses.first().map_or(0, |(_, count)| *count)) {
            return Ok(Err(refusal));
        }
    }
    Ok(worked_out.map(|Discount { total, lines, extra }| WorkedOut {
        promotion: row.promotion,
        version: row.version,
        currency: facts.currency,
        lines,
        extra,
        total,
    }))
}

/// Whether a code as somebody typed it gives an extra, so that it can be worked out only when the extras are known.
pub async fn gives_extra(sql: &Sql, typed: &str, user: UserId) -> Result<bool, DbError> {
    let row = open(sql, typed, user).await?;
    Ok(row.is_some_and(|row| matches!(row.promotion.benefit, Benefit::Extra { .. })))
}

/// The promotion of a code as somebody typed it, if there is one for this user. A code that was given to others is none.
async fn open(sql: &Sql, typed: &str, user: UserId) -> Result<Option<PromotionRow>, DbError> {
    let Some(code) = promotions::normalise(typed) else { return Ok(None) };
    let Some(row) = store::find(sql, &code).await? else { return Ok(None) };
    let theirs = row.promotion.audience != Audience::Targeted || store::is_given_to(sql, user, &code).await?;
    Ok(theirs.then_some(row))
}

/// Whether the uses are taken, all or those of a user who has used it so often.
pub(super) fn used_up(row: &PromotionRow, uses: i64) -> Option<Refusal> {
    let Promotion { total_limit, per_user_limit, .. } = row.promotion;
    // Theirs first: a code that is gone because they used it themselves says so.
    if per_user_limit.is_some_and(|most| uses >= i64::from(most)) {
        return Some(Refusal::UsedUpByYou);
    }
    total_limit.is_some_and(|most| row.taken >= most).then_some(Refusal::UsedUp)
}

/// Reserves a code for a booking that the caller has locked or is making, and tells of it.
pub async fn reserve(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    user: UserId,
    worked_out: &WorkedOut,
    now: Timestamp,
) -> Result<Reserved, DbError> {
    let Promotion { code, name, per_user_limit, combinable, first_booking, .. } = &worked_out.promotion;
    if !store::take(sql, code, worked_out.version).await? {
        let row = store::find(sql, code).await?;
        let changed = row.is_none_or(|row| row.version != worked_out.version);
        return Ok(if changed { Reserved::Changed } else { Reserved::Refused(Refusal::UsedUp) });
    }
    let id = app.new_id(kernel::ids::uuid_v7);
    let discount = worked_out.discount();
    let new = NewRedemption { code, id, booking, user, user_limit: *per_user_limit, discount };
    if !store::reserve(sql, &new, now).await? {
        return Ok(Reserved::Refused(Refusal::UsedUpByYou));
    }
    if *first_booking && !store::take_first(sql, user, booking).await? {
        return Ok(Reserved::Refused(Refusal::FirstBookingTaken));
    }
    let applied = AppliedRow {
        code: code.clone(),
        redemption: id,
        name: name.clone(),
        combinable: *combinable,
        first_booking: *first_booking,
        discount,
        lines: worked_out.lines.clone(),
        extra: worked_out.extra,
        applied_at: now,
    };
    store::insert_applied(sql, booking, &applied).await?;
    let told = BookingPromotionApplied { booking_id: booking, code: code.clone(), discount };
    record(sql, app.random, now, &told).await?;
    metrics::counter!("promotions_total", "event" => "reserved").increment(1);
    Ok(Reserved::Done(applied))
}

/// What codes took off a booking, by code.
pub async fn applied_to(sql: &Sql, booking: BookingId) -> Result<Vec<AppliedRow>, DbError> {
    store::applied_to(sql, booking).await
}

/// Takes codes off a locked, unpaid booking, on which `left` stay: their uses are somebody else's again.
pub async fn take_off(
    app: &App,
    sql: &Sql,
    (booking, user): (BookingId, UserId),
    off: &[AppliedRow],
    left: &[AppliedRow],
    now: Timestamp,
) -> Result<(), DbError> {
    for applied in off {
        give_back(sql, booking, applied, now).await?;
        store::delete_applied(sql, booking, &applied.code).await?;
        let AppliedRow { code, discount, .. } = applied.clone();
        record(sql, app.random, now, &BookingPromotionRemoved { booking_id: booking, code, discount })
            .await?;
    }
    // The place comes after all counters (docs/locking.md).
    if is_first(off) && !is_first(left) {
        store::free_first(sql, user, booking).await?;
    }
    Ok(())
}

/// A hold came to nothing: the uses its codes reserved go back. What they took off it stays on record.
pub async fn release(sql: &Sql, booking: BookingId, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let all = store::applied_to(sql, booking).await?;
    for applied in &all {
        give_back(sql, booking, applied, now).await?;
    }
    if is_first(&all) {
        store::free_first(sql, user, booking).await?;
    }
    Ok(())
}

fn is_first(applied: &[AppliedRow]) -> bool {
    applied.iter().any(|row| row.first_booking)
}

async fn give_back(
    sql: &Sql,
    booking: BookingId,
    applied: &AppliedRow,
    now: Timestamp,
) -> Result<(), DbError> {
    if store::release(sql, &applied.code, applied.redemption, now).await? {
        metrics::counter!("promotions_total", "event" => "released").increment(1);
        return Ok(());
    }
    Err(DbError::Inconsistent(format!("{} of {booking} is not reserved", applied.code)))
}

/// An expired hold was paid after all: it takes the uses of its codes again, all or none, whatever has become of their terms.
pub async fn retake(sql: &Sql, booking: BookingId, user: UserId, now: Timestamp) -> Result<bool, DbError> {
    let all = store::applied_to(sql, booking).await?;
    let mut retaken = 0;
    for applied in &all {
        if !store::retake(sql, &applied.code, applied.redemption).await? {
            break;
        }
        retaken += 1;
    }
    if retaken == all.len() && (!is_first(&all) || store::take_first(sql, user, booking).await?) {
        return Ok(true);
    }
    for taken in all.iter().take(retaken) {
        give_back(sql, booking, taken, now).await?;
    }
    Ok(false)
}

/// The booking is paid: what its codes reserved is used.
pub async fn redeem(sql: &Sql, booking: BookingId, now: Timestamp) -> Result<(), DbError> {
    for applied in store::applied_to(sql, booking).await? {
        if !store::redeem(sql, &applied.code, applied.redemption, now).await? {
            return Err(DbError::Inconsistent(format!("{} of {booking} is not reserved", applied.code)));
        }
        metrics::counter!("promotions_total", "event" => "redeemed").increment(1);
    }
    Ok(())
}

/// The refusal as an answer: one code for all, and the reason as a word.
pub fn refuse(refusal: Refusal, field: &str) -> Problem {
    metrics::counter!("promotions_refused_total", "reason" => refusal.as_str()).increment(1);
    Problem::new(Category::Unprocessable, "promotion_refused")
        .arg("reason", refusal.as_str())
        .field(field)
        .with("reason", refusal.as_str())
}
