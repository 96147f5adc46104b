//! What can be done with a booking now and until when, and which papers there are of it. Here are the facts; the rules are
//! `domain::actions`.

use domain::actions::{self, BookingNow, Chance, Changes, FlightNow, HoldNow, OrderNow, SliceNow};
use domain::booking::BookingStatus;
use domain::coupon::CouponStatus;
use domain::refund::cooling_off_ends;
use jiff::Timestamp;
use platform::db::{DbError, Sql};
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::cancel::terms::{moment, slice_now};
use super::change;
use super::store::{BookingRow, CouponRow, OrderKind, OrderRow, SegmentRow, SliceRow};
use super::view::Parts;
use crate::app::App;
use crate::check_in::api::{self as check_in, Filed, Flown};
use crate::extras::api as extras;
use crate::flights::api::FlightRow;

/// Something that can be done now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookingChance)]
pub(super) struct CanView {
    /// `pay`, `extend`, `cancel_order`, `check_in`, `add_document` (a passport, before check-in), `undo_check_in`, `add_extras`,
    /// `change` or `cancel`.
    #[schema(value_type = String, example = "check_in")]
    action: &'static str,
    /// With which slice, where it is not the whole booking or a flight.
    slice: Option<i16>,
    /// With which flight, by its segment.
    segment: Option<i16>,
    /// It can be done until then, as things stand; null where no clock ends it.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

impl CanView {
    fn of(chance: Chance) -> Self {
        let Chance { action, slice, segment, until } = chance;
        Self { action: action.as_str(), slice, segment, until }
    }
}

/// A paper of the booking.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BookingDocument)]
pub(super) struct DocumentView {
    /// `itinerary`, `calendar`, `boarding_passes` or `receipt`.
    #[schema(value_type = String, example = "itinerary")]
    kind: &'static str,
    /// Where it is.
    #[schema(example = "/api/v1/bookings/bkg_0193f2a1c5d07bb2a4d1c0ffee000002/itinerary")]
    path: String,
    /// Its media type.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "application/pdf")]
    media_type: &'static str,
}

/// What others say of a booking's chances.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    check_in: Vec<Chance>,
    /// What the open order buys will not fly.
    grounded: bool,
}

/// Asks them: about check-in of a confirmed booking, by what was filed for routes, and about the flights of an order that waits to be paid.
pub(super) async fn ask(
    app: &App,
    sql: &Sql,
    booking: &BookingRow,
    (orders, filed): (&[OrderRow], &Filed),
    (segments, coupons, flights): (&[SegmentRow], &[CouponRow], &[FlightRow]),
) -> Result<Asked, Problem> {
    if booking.status != BookingStatus::Confirmed {
        return Ok(Asked::default());
    }
    if let Some(order) = open(orders) {
        return Ok(Asked { check_in: Vec::new(), grounded: is_grounded(sql, order).await? });
    }
    let flown = |segment: &SegmentRow| {
        let flight = flights.iter().find(|flight| flight.id == segment.flight)?;
        Some(Flown { segment: segment.number, flight, coupons: states(coupons, segment.number).collect() })
    };
    let flown: Vec<Flown<'_>> = segments.iter().filter_map(flown).collect();
    Ok(Asked { check_in: check_in::chances(app, sql, filed, (booking.id, &flown)).await?, grounded: false })
}

/// Whether an open order buys what will not fly. Nobody pays one whose terms cannot be read, and the booking is shown all the same.
async fn is_grounded(sql: &Sql, order: &OrderRow) -> Result<bool, DbError> {
    if order.kind != OrderKind::Change {
        return Ok(false);
    }
    match change::has_cancelled_flight(sql, order).await {
        Err(DbError::Inconsistent(_)) => Ok(true),
        said => said,
    }
}

fn open(orders: &[OrderRow]) -> Option<&OrderRow> {
    orders.iter().find(|order| order.status == "open")
}

/// Whose coupons on a segment are in which state.
fn states(coupons: &[CouponRow], segment: i16) -> impl Iterator<Item = (i16, CouponStatus)> {
    let own = coupons.iter().filter(move |coupon| coupon.segment_no == segment);
    own.filter_map(|coupon| Some((coupon.passenger_no, CouponStatus::from_word(&coupon.status)?)))
}

/// What can be done now.
pub(super) fn can(app: &App, parts: &Parts) -> Vec<CanView> {
    let booking = &parts.booking;
    let order = |order: &OrderRow| OrderNow {
        expires_at: order.expires_at,
        paying: order.paying,
        flies: !parts.asked.grounded,
    };
    let stands = BookingNow {
        status: booking.status,
        hold: HoldNow {
            expires_at: booking.hold_expires_at,
            extended: booking.extended,
            paying: booking.paying,
        },
        order: open(&parts.orders).map(order),
        slices: parts.slices.iter().map(|slice| slice_of(app, parts, slice)).collect(),
        check_in: parts.asked.check_in.clone(),
    };
    actions::chances(&stands, app.now()).into_iter().map(CanView::of).collect()
}

/// A slice as the rules of what can be done look at it.
fn slice_of(app: &App, parts: &Parts, slice: &SliceRow) -> SliceNow {
    let Parts { booking, segments, flights, coupons, .. } = parts;
    let directory = app.directory.load();
    let rules = directory.refund_rules();
    let priced = slice_now(&directory, slice, (segments, flights, coupons));
    let moment = moment(booking, segments, app.now());
    let broken = priced.disruption(moment.now, rules).is_some();
    let changes = if broken || slice.conditions.change_fee.is_some() {
        Changes::Yes
    } else {
        cooling_off_ends(moment, &priced, rules).map_or(Changes::No, Changes::Until)
    };
    let flight = |segment: &SegmentRow| {
        let row = flights.iter().find(|flight| flight.id == segment.flight)?;
        Some(FlightNow {
            segment: segment.number,
            departs_at: row.expected().0,
            cancelled: row.is_cancelled(),
            extras_close_at: extras::closes_at(row, app.config.extras.close_minutes),
            coupons: states(coupons, segment.number).map(|(_, status)| status).collect(),
        })
    };
    let own = segments.iter().filter(|segment| segment.slice == slice.slice_no);
    SliceNow { number: slice.slice_no, flights: own.filter_map(flight).collect(), broken, changes }
}

/// The papers there are: the trip of whoever has a ticket, passes of whoever is checked in, and the receipt.
pub(super) fn documents(parts: &Parts) -> Vec<DocumentView> {
    let has = |states: &[&str]| parts.coupons.iter().any(|coupon| states.contains(&coupon.status.as_str()));
    let has_trip = has(&["open", "checked_in", "boarded", "flown", "no_show"]);
    let (pdf, has_passes) = ("application/pdf", has(&["checked_in", "boarded"]));
    let papers = [
        (has_trip, "itinerary", "itinerary", pdf),
        (!parts.coupons.is_empty(), "calendar", "calendar", "text/calendar"),
        (has_passes, "boarding_passes", "boarding-passes?format=pdf", pdf),
        (true, "receipt", "receipt?format=pdf", pdf),
    ];
    let there = papers.into_iter().filter(|(is_there, ..)| *is_there);
    there
        .map(|(_, kind, place, media_type)| {
            let path = format!("/api/v1/bookings/{}/{place}", parts.booking.id);
            DocumentView { kind, path, media_type }
        })
        .collect()
}
