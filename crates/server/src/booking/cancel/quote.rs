//! `POST /bookings/{id}/cancellation-quote`: what comes back if tickets are given back now. Nothing is stored: the quote is a
//! signed token that says what was asked, when, and what was promised.

use std::collections::BTreeSet;

use axum::Extension;
use axum::extract::State;
use domain::booking::BookingStatus;
use domain::refund::{Line, Part, Reason};
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Money};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::messages::{Locale, Messages};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::store;
use super::terms::{Facts, Selection, Terms, check_open};
use crate::access::Caller;
use crate::app::App;

/// Which tickets to give back. Left out: all of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"passengers": [2], "segments": [3]}))]
pub(in crate::booking) struct CancellationRequest {
    /// The passengers' numbers in the booking. All, if left out.
    passengers: Option<Vec<i16>>,
    /// The segments' numbers in the booking: the flights of a slice together. All that have not departed, if left out.
    segments: Option<Vec<i16>>,
}

/// What comes back, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"quote_id": "cxq_eyJib29raW5nIjoi", "valid_until": "2026-11-21T10:15:00Z",
    "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "passengers": [1], "segments": [1],
    "lines": [{"passenger": 1, "slice": 1, "part": "fare", "name": null, "paid": {"amount": 16000, "currency": "USD"},
        "refund": {"amount": 12000, "currency": "USD"}, "reason": "fare_rule",
        "text": "It was sold with 75 % back until 24 hours before departure.", "percent": 75, "hours": 24, "citation": null}],
    "refund": {"amount": 12000, "currency": "USD"}, "fee": {"amount": 4000, "currency": "USD"},
    "method": "original", "cancels_booking": true}))]
pub(in crate::booking) struct CancellationQuote {
    /// Confirms the cancellation at these terms.
    quote_id: String,
    /// Until then the refund will not be less.
    #[schema(value_type = String, format = DateTime)]
    valid_until: Timestamp,
    #[schema(value_type = String)]
    booking_id: BookingId,
    passengers: Vec<i16>,
    segments: Vec<i16>,
    lines: Vec<RefundLine>,
    /// What comes back.
    refund: Money,
    /// What does not.
    fee: Money,
    /// `original`: to where it came from. `none`: nothing was paid.
    method: &'static str,
    /// Nothing is left of the booking afterwards.
    cancels_booking: bool,
}

/// What comes back of one part of a fare.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::booking) struct RefundLine {
    passenger: i16,
    slice: i16,
    /// `fare`, the code of a tax or charge, or what an extra is: seat, baggage, meal, priority, other.
    part: String,
    /// What the tax, charge or extra is called.
    name: Option<String>,
    paid: Money,
    refund: Money,
    /// `fare_rule`, `carried_over`, `cooling_off`, `airline_cancelled`, `airline_moved`, `not_refundable` or `unused_tax`. A fare
    /// has more than one line if a part of it was carried over from tickets that were exchanged.
    reason: &'static str,
    /// The same as a sentence, in the language of `Accept-Language`; only in quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Of a fare rule, and of what was carried over: so much of the fare.
    percent: Option<u8>,
    /// Of a fare rule: from so many hours before departure.
    hours: Option<u32>,
    /// The article that says so.
    citation: Option<String>,
}

impl RefundLine {
    pub(in crate::booking) fn new(line: &Line, currency: kernel::Currency) -> Self {
        let (part, name) = match &line.part {
            Part::Fare => ("fare".to_owned(), None),
            Part::Tax { code, name } => (code.clone(), Some(name.clone())),
            Part::Extra { kind, name, .. } => (kind.as_str().to_owned(), Some(name.clone())),
        };
        let (percent, hours) = match line.reason {
            Reason::FareRule { hours, percent } => (Some(percent), Some(hours)),
            Reason::CarriedOver { percent } => (Some(percent), None),
            _ => (None, None),
        };
        let citation = match &line.reason {
            Reason::AirlineCancelled { citation }
            | Reason::AirlineMoved { citation, .. }
            | Reason::CoolingOff { citation } => Some(citation.clone()),
            _ => None,
        };
        Self {
            passenger: line.passenger_no,
            slice: line.slice_no,
            part,
            name,
            paid: Money::new(line.paid, currency),
            refund: Money::new(line.back, currency),
            reason: line.reason.as_str(),
            text: None,
            percent,
            hours,
            citation,
        }
    }

    /// The line of a quote, with its reason in words.
    pub(in crate::booking) fn told(
        line: &Line,
        currency: kernel::Currency,
        messages: &Messages,
        locale: Locale,
    ) -> Self {
        let number = |number: i64| number.to_string();
        let (hours, minutes) = match line.reason {
            Reason::FareRule { hours, .. } => (hours.into(), 0),
            Reason::AirlineMoved { minutes, .. } => (0, minutes),
            _ => (0, 0),
        };
        let percent = number(line.reason.percent().into());
        let args = [("percent", percent), ("hours", number(hours)), ("minutes", number(minutes))];
        let id = format!("refund-{}", line.reason.as_str().replace('_', "-"));
        Self { text: Some(messages.text(locale, &id, &args)), ..Self::new(line, currency) }
    }
}

/// What a quote promises; the content of its token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Promise {
    pub(super) booking: Uuid,
    pub(super) version: i64,
    pub(super) passengers: BTreeSet<i16>,
    pub(super) slices: BTreeSet<i16>,
    pub(super) refund: i64,
    pub(super) as_of: Timestamp,
    pub(super) valid_until: Timestamp,
}

/// What comes back if tickets of my booking are given back now, line by line, with the rule that says so. Changes nothing;
/// `POST /bookings/{id}/cancellations` confirms it.
#[utoipa::path(post, path = "/bookings/{id}/cancellation-quote", tag = "bookings", request_body = CancellationRequest,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "The terms, and until when they hold", body = CancellationQuote),
        (status = 409, description = "`already_departed`, `booking_closed`, `order_open`, `payment_in_progress`")))]
pub(in crate::booking) async fn quote_cancellation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Extension(locale): Extension<Locale>,
    Json(request): Json<CancellationRequest>,
) -> Outcome<Json<CancellationQuote>> {
    let (now, sql) = (app.now(), app.db.read().await?);
    let booking = store::find(&sql, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    check_open(&booking)?;
    let facts = Facts::load(&sql, booking).await?;
    if facts.booking.status == BookingStatus::Held {
        return Ok(Json(quote_of_hold(&app, &facts, &request, (now, locale))?));
    }
    let selection = select(&facts, facts.everything(&app, now), &request, now)?;
    let terms = facts.terms(&app, selection, now)?;
    Ok(Json(view(&app, &facts, &terms, (now, locale))?))
}

/// An unpaid booking is given up whole: there is nothing to return, and a smaller party is priced anew.
fn quote_of_hold(
    app: &App,
    facts: &Facts,
    request: &CancellationRequest,
    at: (Timestamp, Locale),
) -> Result<CancellationQuote, Problem> {
    if request.passengers.is_some() || request.segments.is_some() {
        return Err(Problem::invalid("passengers", "an unpaid booking is given up whole; leave it out"));
    }
    let selection = Selection {
        passengers: facts.passengers.iter().map(|passenger| passenger.number).collect(),
        slices: facts.slices.iter().map(|slice| slice.slice_no).collect(),
    };
    let nothing = Terms {
        selection,
        fares: Vec::new(),
        lines: Vec::new(),
        coupons: Vec::new(),
        extras: Vec::new(),
        whole: true,
    };
    view(app, facts, &nothing, at)
}

/// What of everything is asked for.
fn select(
    facts: &Facts,
    everything: Selection,
    request: &CancellationRequest,
    now: Timestamp,
) -> Result<Selection, Problem> {
    let Selection { mut passengers, mut slices } = everything;
    if let Some(wanted) = &request.passengers {
        let known = |number: &i16| facts.passengers.iter().any(|passenger| passenger.number == *number);
        if wanted.is_empty() || !wanted.iter().all(known) {
            return Err(Problem::invalid("passengers", "they must be numbers of this booking's passengers"));
        }
        passengers = wanted.iter().copied().collect();
    }
    if let Some(wanted) = &request.segments {
        let of = |number: &i16| facts.segments.iter().find(|segment| segment.number == *number);
        let found: Option<Vec<_>> = wanted.iter().map(of).collect();
        let found = found.filter(|found| !found.is_empty());
        let unknown = || Problem::invalid("segments", "they must be numbers of this booking's segments");
        slices = found.ok_or_else(unknown)?.iter().map(|segment| segment.slice).collect();
        // A slice is one fare: its flights go back together, except those that have been flown.
        let together = |segment: &&store::SegmentRow| {
            let flown = facts.flight(segment).is_some_and(|flight| flight.expected().0 <= now);
            slices.contains(&segment.slice) && !wanted.contains(&segment.number) && !flown
        };
        if let Some(missing) = facts.segments.iter().find(together) {
            let reason = format!("segment {} belongs to the same fare: give it back as well", missing.number);
            return Err(Problem::invalid("segments", reason));
        }
    }
    Ok(Selection { passengers, slices })
}

fn view(
    app: &App,
    facts: &Facts,
    terms: &Terms,
    (now, locale): (Timestamp, Locale),
) -> Result<CancellationQuote, Problem> {
    let currency = facts.booking.total.currency;
    let Selection { passengers, slices } = &terms.selection;
    // The terms hold for a while, but nothing is given back after it has departed.
    let departures = facts.segments.iter().filter(|segment| slices.contains(&segment.slice));
    let departures = departures.filter_map(|segment| facts.flight(segment)).map(|flight| flight.expected().0);
    let until = now + SignedDuration::from_mins(app.config.booking.quote_minutes);
    let valid_until = departures.filter(|at| *at > now).min().map_or(until, |departure| until.min(departure));
    let promise = Promise {
        booking: facts.booking.id.uuid(),
        version: facts.booking.version,
        passengers: passengers.clone(),
        slices: slices.clone(),
        refund: terms.refund(),
        as_of: now,
        valid_until,
    };
    let segments: BTreeSet<i16> = terms.coupons.iter().map(|(_, segment)| *segment).collect();
    let whole = || facts.segments.iter().map(|segment| segment.number).collect();
    Ok(CancellationQuote {
        quote_id: app.cancellation_quotes.sign(&promise).map_err(Problem::internal)?,
        valid_until,
        booking_id: facts.booking.id,
        passengers: passengers.iter().copied().collect(),
        segments: if terms.coupons.is_empty() { whole() } else { segments.into_iter().collect() },
        lines: terms
            .lines
            .iter()
            .map(|line| RefundLine::told(line, currency, &app.messages, locale))
            .collect(),
        refund: Money::new(terms.refund(), currency),
        fee: Money::new(terms.kept(), currency),
        method: if terms.coupons.is_empty() { "none" } else { "original" },
        cancels_booking: terms.whole,
    })
}
