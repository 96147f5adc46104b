//! What a change comes to: the tickets exchanged, the new ones priced now, the fee.

use std::collections::BTreeSet;

use domain::booking::{BookingStatus, check_age};
use domain::pricing::{MAX_SEATS, PassengerType};
use domain::promotions::DiscountLine;
use domain::refund::{self, Left, Line, Reason};
use domain::sold::{SoldFare, waive as waive_of};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Category, FlightId, Money};
use platform::db::Tx;
use platform::http::Problem;
use platform::seal::UserKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::cancel::terms::{Facts, check_open};
use super::super::reprice::{self, PricedSlice};
use super::super::sold::{self, Traveller};
use super::super::store::Change;
use super::super::view::{PassengerDetails, details_place};
use super::super::waiver;
use crate::app::App;
use crate::flights::api::SeatClaim;
use crate::payments::api as payments;
use crate::search::api::{self as search, Offer};

/// The passenger and the segment of a coupon.
type Ticketed = (i16, i16);

/// Other flights for one slice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedSlice, example = json!({"slice": 2, "offer_id": "off_AQAAAAAAAAAB"}))]
pub(super) struct SliceChange {
    /// The slice's number in the booking.
    pub(super) slice: i16,
    /// An offer of one slice from a search with the passengers who are booked on it.
    pub(super) offer_id: String,
}

/// A change priced now.
pub(super) struct Terms {
    pub(super) change: Change,
    /// The seats to take.
    pub(super) claims: Vec<SeatClaim>,
    /// The slices that are left.
    pub(super) old: Vec<Leaving>,
    /// What comes back of the old fares' value that the new ones do not need, and why no more.
    pub(super) rest: Vec<Line>,
    /// What was due is too little to charge, and off the new fares.
    pub(super) waived: Vec<DiscountLine>,
    pub(super) flights: Vec<FlightId>,
}

/// A slice that is left.
pub(super) struct Leaving {
    pub(super) slice: i16,
    /// What its tickets are worth.
    pub(super) worth: i64,
    pub(super) fee: i64,
    /// What decides about what would come back of its fares.
    verdict: Reason,
}

/// What the changes come to now. Nothing is written.
pub(super) async fn price(
    app: &App,
    tx: &Tx,
    facts: &Facts,
    key: &UserKey,
    changes: &[SliceChange],
) -> Result<Terms, Problem> {
    let now = app.now();
    check_open(&facts.booking)?;
    if facts.booking.status == BookingStatus::Held {
        return Err(Problem::new(Category::Conflict, "not_confirmed").actions(&["pay", "cancel"]));
    }
    let numbers: BTreeSet<i16> = changes.iter().map(|change| change.slice).collect();
    if changes.is_empty() || numbers.len() != changes.len() {
        return Err(Problem::invalid("slices", "each slice to change once, at least one"));
    }
    let (travellers, coupons) = who_changes(facts, &numbers, now)?;
    let mut priced = Vec::new();
    for (place, change) in changes.iter().enumerate() {
        priced.extend(reprice_offer(app, tx, change, place, &travellers, now).await?);
    }
    check_ages(app, facts, key, &travellers, &priced)?;
    check_order(facts, &numbers, &priced, now)?;
    let leaving: Vec<Leaving> = changes
        .iter()
        .map(|change| leave(app, facts, change.slice, &travellers, now))
        .collect::<Result<_, _>>()?;
    let last_slice = facts.slices.iter().map(|slice| slice.slice_no).max().unwrap_or(0);
    let last_segment = facts.segments.iter().map(|segment| segment.number).max().unwrap_or(0);
    let mut rows = sold::rows(app, &priced, &travellers, (last_slice, last_segment), now);
    let old: Vec<SoldFare> = facts.fares_on(&numbers, &travellers).cloned().collect();
    let rest = carry_over(&leaving, &old, last_slice, &mut rows.fares)?;
    let seats = travellers.iter().filter(|(_, kind)| *kind != PassengerType::Infant).count();
    let seats = u8::try_from(seats).unwrap_or(MAX_SEATS);
    let legs = reprice::legs(&priced);
    let mut change = Change {
        coupons,
        old,
        slices: rows.slices,
        segments: rows.segments,
        fares: rows.fares,
        seats,
        fee: leaving.iter().map(|slice| slice.fee).sum(),
        kept: rest.iter().map(|line| line.paid - line.back).sum(),
    };
    Ok(Terms {
        claims: legs.iter().map(|leg| sold::claim(leg, seats)).collect(),
        flights: legs.iter().map(|leg| leg.flight.id).collect(),
        waived: waive(app, tx, facts, &mut change).await?,
        change,
        old: leaving,
        rest,
    })
}

/// Takes what is due, if it is too little to charge, off the new fares. 422 `amount_too_small` if they do not come to as much:
/// then it is a fee or a tax, and nothing is sold that it could be off; and if too much was waived of the booking before.
async fn waive(app: &App, tx: &Tx, facts: &Facts, change: &mut Change) -> Result<Vec<DiscountLine>, Problem> {
    let due = Money::new(change.due(), facts.booking.total.currency);
    if !waiver::is_waived(app, tx, facts.booking.id, due).await? {
        return Ok(Vec::new());
    }
    let lines = waive_of(&mut change.fares, due.amount).ok_or_else(|| payments::too_small(due))?;
    for line in &lines {
        let slice = change.slices.iter_mut().filter(|slice| slice.slice_no == line.slice_no);
        slice.for_each(|slice| slice.price -= line.amount);
    }
    Ok(lines)
}

/// The passengers of the slices, who must be the same on all of them, and their coupons. Nobody has set out on them yet.
fn who_changes(
    facts: &Facts,
    slices: &BTreeSet<i16>,
    now: Timestamp,
) -> Result<(Vec<Traveller>, Vec<Ticketed>), Problem> {
    let mut travellers: Option<Vec<Traveller>> = None;
    let mut coupons = Vec::new();
    for slice in slices {
        if !facts.slices.iter().any(|row| row.slice_no == *slice) {
            return Err(Problem::invalid("slices", format!("the booking has no slice {slice}")));
        }
        if facts.is_checked_in(*slice) {
            return Err(Problem::new(Category::Conflict, "checked_in").actions(&["undo_check_in"]));
        }
        let here = facts.open_coupons(*slice);
        if here.is_empty() {
            return Err(Problem::invalid("slices", format!("slice {slice} has no open tickets")));
        }
        if facts.has_begun(*slice, now) {
            return Err(Problem::new(Category::Conflict, "already_departed").actions(&[]));
        }
        let on_it: BTreeSet<i16> = here.iter().map(|(passenger, _)| *passenger).collect();
        let row = |number: &i16| facts.passengers.iter().find(|row| row.number == *number);
        let on_it: Vec<Traveller> = on_it.iter().filter_map(row).map(|row| (row.number, row.kind)).collect();
        if travellers.as_ref().is_some_and(|others| *others != on_it) {
            let reason = "the slices have different passengers now: change them one after another";
            return Err(Problem::invalid("slices", reason));
        }
        travellers = Some(on_it);
        coupons.extend(here);
    }
    Ok((travellers.unwrap_or_default(), coupons))
}

/// The offer's slice as it sells now to these travellers.
async fn reprice_offer(
    app: &App,
    tx: &Tx,
    change: &SliceChange,
    place: usize,
    travellers: &[Traveller],
    now: Timestamp,
) -> Result<Vec<PricedSlice>, Problem> {
    let offer: Offer = app.offers.open(&change.offer_id, now).map_err(search::refuse)?;
    let field = format!("slices[{place}].offer_id");
    if offer.slices.len() != 1 {
        return Err(Problem::invalid(&field, "it must be an offer of one slice"));
    }
    if sold::party(travellers) != Some(offer.party) {
        let reason = "it must be of a search with the passengers who are booked on the slice";
        return Err(Problem::invalid(&field, reason));
    }
    reprice::slices(app, tx, &offer, now).await
}

/// The passengers are of their types on the new dates as well.
fn check_ages(
    app: &App,
    facts: &Facts,
    key: &UserKey,
    travellers: &[Traveller],
    slices: &[PricedSlice],
) -> Result<(), Problem> {
    let dates: Vec<Date> =
        slices.iter().flat_map(|slice| &slice.legs).filter_map(|leg| leg.flight.id.date()).collect();
    for (number, kind) in travellers {
        let row = facts.passengers.iter().find(|row| row.number == *number).ok_or_else(Problem::not_found)?;
        let opened = app.sealer.open(key, details_place(facts.booking.id, *number), &row.details_sealed)?;
        let details: PassengerDetails = serde_json::from_slice(&opened).map_err(Problem::internal)?;
        check_age(*kind, details.born_on, &dates)
            .map_err(|error| Problem::invalid("slices", format!("passenger {number}: {error}")))?;
    }
    Ok(())
}

/// No two slices of the trip are at the same time: those that stay and those that are new.
fn check_order(
    facts: &Facts,
    changed: &BTreeSet<i16>,
    priced: &[PricedSlice],
    now: Timestamp,
) -> Result<(), Problem> {
    let stays = facts.slices.iter().map(|slice| slice.slice_no).filter(|slice| !changed.contains(slice));
    let stays = stays.filter(|slice| !facts.open_coupons(*slice).is_empty() || facts.has_begun(*slice, now));
    let mut times: Vec<(Timestamp, Timestamp)> = stays.filter_map(|slice| facts.times_of(slice)).collect();
    times.extend(priced.iter().filter_map(|slice| {
        Some((slice.legs.first()?.flight.departs_at, slice.legs.last()?.flight.arrives_at))
    }));
    times.sort_unstable();
    if times.windows(2).all(|pair| pair[0].1 <= pair[1].0) {
        Ok(())
    } else {
        Err(Problem::invalid("slices", "a slice must depart after the one before has arrived"))
    }
}

/// What the tickets of a slice are worth, and what leaving it costs: the family's fee for each passenger with a seat, unless
/// the airline broke the slice or it was booked only just now.
fn leave(
    app: &App,
    facts: &Facts,
    slice: i16,
    travellers: &[Traveller],
    now: Timestamp,
) -> Result<Leaving, Problem> {
    let worth = facts.fares_on(&BTreeSet::from([slice]), travellers).map(SoldFare::total).sum();
    let row = facts.slices.iter().find(|row| row.slice_no == slice).ok_or_else(Problem::not_found)?;
    let verdict = facts.verdict(app, slice, now)?;
    if verdict.is_whole() {
        return Ok(Leaving { slice, worth, fee: 0, verdict });
    }
    let fee = row.conditions.change_fee.ok_or_else(|| {
        Problem::new(Category::Conflict, "not_changeable")
            .arg("family", row.family_name.clone())
            .actions(&["cancel"])
    })?;
    let seated = travellers.iter().filter(|(_, kind)| *kind != PassengerType::Infant).count();
    let fee = i64::from(fee) * i64::try_from(seated).unwrap_or(i64::MAX);
    Ok(Leaving { slice, worth, fee, verdict })
}

/// Carries the value of the old fares into the new ones with what would have come back of it, and says what comes back of
/// the rest. The new slices have the numbers after the last, in the order of those they stand for.
fn carry_over(
    leaving: &[Leaving],
    old: &[SoldFare],
    last_slice: i16,
    new: &mut [SoldFare],
) -> Result<Vec<Line>, Problem> {
    let numbered = (last_slice + 1..).zip(leaving);
    let left: Vec<Left<'_>> = numbered
        .flat_map(|(new_slice_no, slice)| {
            let own = old.iter().filter(|fare| fare.slice_no == slice.slice);
            own.map(move |fare| Left { fare, verdict: slice.verdict.clone(), new_slice_no })
        })
        .collect();
    refund::exchange(&left, new).map_err(Problem::internal)
}
