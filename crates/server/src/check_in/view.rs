//! Check-in of a booking as its traveller and staff see it.

use std::collections::{BTreeMap, BTreeSet};

use domain::actions::Action;
use domain::check_in::{Desk, Phase, Terms, Window};
use domain::coupon::CouponStatus;
use domain::flight_status::{BOARDING_BEFORE, FlightStatus};
use domain::pricing::PassengerType;
use domain::seat_maps::SeatId;
use domain::travel_document::Passport;
use jiff::Timestamp;
use kernel::{AirportCode, BookingId, FlightId, FlightNumber};
use platform::db::Sql;
use platform::http::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{self, DocumentView};
use super::policies::{Policies, window};
use super::store::{self, CheckInRow};
use crate::app::App;
use crate::booking::api::{self as booking, Travelling, TravellingSegment};
use crate::flights::api::{self as flights, FlightRow, local_rfc3339};

/// Check-in of a booking.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckIn, example = json!({"booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "flights": [{"segment": 1,
    "flight_id": "flt_20261201000080008000b97700134001", "flight_number": "KR1", "origin": "ABE", "destination": "ATL",
    "departs_at": "2026-12-01T08:35:00-05:00", "status": "scheduled", "check_in": "open", "opens_at": "2026-11-29T13:35:00Z",
    "closes_at": "2026-12-01T12:35:00Z", "counter_closes_at": "2026-12-01T12:50:00Z", "passport": false, "passengers": [
    {"passenger": 1, "type": "adult", "status": "checked_in", "seat": "12A", "sequence": 17, "document": null, "needs": [],
    "available_actions": [{"action": "undo_check_in", "until": "2026-12-01T12:55:00Z"}]}]}]}))]
pub(super) struct CheckInView {
    #[schema(value_type = String)]
    booking_id: BookingId,
    flights: Vec<CheckInFlight>,
}

/// A flight of the booking.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckInFlight {
    /// Its number in the booking.
    segment: i16,
    #[schema(value_type = String)]
    flight_id: FlightId,
    #[schema(value_type = String, example = "KR1")]
    flight_number: FlightNumber,
    #[schema(value_type = String)]
    origin: AirportCode,
    #[schema(value_type = String)]
    destination: AirportCode,
    /// As it is expected now, local time.
    departs_at: String,
    /// What the flight is doing now.
    status: &'static str,
    /// `not_open`, `open` or `closed`, for travellers.
    check_in: &'static str,
    #[schema(value_type = String, format = DateTime)]
    opens_at: Timestamp,
    /// A published delay closes it later.
    #[schema(value_type = String, format = DateTime)]
    closes_at: Timestamp,
    /// At the counter.
    #[schema(value_type = String, format = DateTime)]
    counter_closes_at: Timestamp,
    /// Whether each needs a passport.
    passport: bool,
    passengers: Vec<CheckInPassenger>,
}

/// A passenger who flies it.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckInPassenger {
    /// The number in the booking.
    passenger: i16,
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    kind: &'static str,
    /// `open`, `checked_in`, `offloaded` (staff put them off: they check in at the counter), `boarded`, `flown` or `no_show`.
    status: &'static str,
    /// Null before one is chosen or given, for an infant on a lap, and where the aircraft has no seat map.
    #[schema(example = "12A")]
    seat: Option<String>,
    /// The place in the order of check-in; it stays theirs.
    sequence: Option<i16>,
    document: Option<DocumentView>,
    /// What is missing: `passport`.
    needs: Vec<&'static str>,
    available_actions: Vec<Available>,
}

/// Something that can be done now.
#[derive(Serialize, ToSchema)]
#[schema(as = AvailableAction)]
pub(super) struct Available {
    /// `check_in`, `add_document` or `undo_check_in`.
    action: &'static str,
    /// From then on it cannot; null where nothing ends it.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// What is known of a booking's check-in.
struct Known {
    rows: Vec<CheckInRow>,
    documents: BTreeMap<i16, Passport>,
    /// Flights whose boarding was closed.
    closed: BTreeSet<FlightId>,
    now: Timestamp,
}

/// How it stands.
pub(super) async fn view(app: &App, sql: &Sql, travelling: &Travelling) -> Result<CheckInView, Problem> {
    let id = travelling.booking;
    let ids: Vec<FlightId> = travelling.segments.iter().map(|segment| segment.flight).collect();
    let known = Known {
        rows: store::of_booking(sql, id).await?,
        documents: document::load(app, sql, &travelling.key, id).await?,
        closed: store::closed_of(sql, &ids).await?,
        now: app.now(),
    };
    let policies = Policies::load(app, sql).await?;
    let rows = flights::flight_rows(sql, &ids).await?;
    let mut flown = Vec::new();
    for segment in travelling.segments.iter().filter(|segment| !segment.coupons.is_empty()) {
        let row = rows.iter().find(|row| row.id == segment.flight).ok_or_else(Problem::not_found)?;
        let terms = policies.terms(app, row);
        let seats: BTreeMap<i16, SeatId> =
            booking::seats_of(sql, id, segment.number).await?.into_iter().collect();
        flown.push(known.flight(app, travelling, segment, (row, &terms, &seats)));
    }
    Ok(CheckInView { booking_id: id, flights: flown })
}

impl Known {
    fn flight(
        &self,
        app: &App,
        travelling: &Travelling,
        segment: &TravellingSegment,
        (row, terms, seats): (&FlightRow, &Terms, &BTreeMap<i16, SeatId>),
    ) -> CheckInFlight {
        let window = window(terms, row);
        let closed = self.closed.contains(&row.id);
        let phase = if closed { Phase::Closed } else { phase(row, &window, Desk::Online, self.now) };
        let passenger = |(number, status): &(i16, CouponStatus)| {
            let kind = travelling.passenger(*number)?.kind;
            Some(self.passenger((*number, kind, *status), (row, terms, &window, phase), seats))
        };
        CheckInFlight {
            segment: segment.number,
            flight_id: row.id,
            flight_number: row.number,
            origin: row.origin,
            destination: row.destination,
            departs_at: local_rfc3339(row.expected().0, &app.directory.load().zone(row.origin)),
            status: row.status(self.now).as_str(),
            check_in: phase.as_str(),
            opens_at: window.opens_at,
            closes_at: window.closes_at,
            counter_closes_at: window.counter_closes_at,
            passport: terms.passport,
            passengers: segment.coupons.iter().filter_map(passenger).collect(),
        }
    }

    fn passenger(
        &self,
        (number, kind, status): (i16, PassengerType, CouponStatus),
        (flight, terms, window, phase): (&FlightRow, &Terms, &Window, Phase),
        seats: &BTreeMap<i16, SeatId>,
    ) -> CheckInPassenger {
        let row = self.rows.iter().find(|row| (row.flight, row.passenger_no) == (flight.id, number));
        let offloaded = status == CouponStatus::Open && row.is_some_and(CheckInRow::is_offloaded);
        let document = self.documents.get(&number);
        let lacks = terms.passport && document.is_none() && status == CouponStatus::Open;
        let waits = (status, offloaded, lacks);
        let chance = chance(waits, (flight, window, phase), self.now);
        let actions = chance.into_iter().map(|(action, until)| Available { action: action.as_str(), until });
        CheckInPassenger {
            passenger: number,
            kind: kind.as_str(),
            status: if offloaded { "offloaded" } else { status.as_str() },
            seat: seats.get(&number).map(ToString::to_string),
            sequence: row.map(|row| row.number),
            document: document.map(|passport| DocumentView::of(number, passport)),
            needs: if lacks { vec!["passport"] } else { Vec::new() },
            available_actions: actions.collect(),
        }
    }
}

/// What a passenger can do about check-in now, and until when: by the state of their coupon, whether they were put off the flight, and
/// whether they lack a passport that it asks for.
pub(super) fn chance(
    (status, offloaded, lacks): (CouponStatus, bool, bool),
    (flight, window, phase): (&FlightRow, &Window, Phase),
    now: Timestamp,
) -> Option<(Action, Option<Timestamp>)> {
    match status {
        CouponStatus::Open if phase == Phase::Open && !offloaded => {
            let action = if lacks { Action::AddDocument } else { Action::CheckIn };
            Some((action, Some(window.closes_at)))
        }
        CouponStatus::CheckedIn if may_undo(flight, now) => {
            let flies = flight.status(now) != FlightStatus::Cancelled;
            Some((Action::UndoCheckIn, flies.then(|| boarding_at(flight))))
        }
        _ => None,
    }
}

/// Where `now` is for them; a flight that has left, or will not fly, is closed whatever the clock says.
pub(super) fn phase(flight: &FlightRow, window: &Window, desk: Desk, now: Timestamp) -> Phase {
    match flight.status(now) {
        FlightStatus::Departed | FlightStatus::Arrived | FlightStatus::Cancelled => Phase::Closed,
        _ => window.phase(desk, now),
    }
}

/// When boarding begins by the clock; staff may say so earlier.
pub fn boarding_at(flight: &FlightRow) -> Timestamp {
    flight.expected().0 - BOARDING_BEFORE
}

/// Whether a traveller may still take check-in back: until boarding, and at any time where nobody boards, so that they can take another
/// flight.
pub(super) fn may_undo(flight: &FlightRow, now: Timestamp) -> bool {
    match flight.status(now) {
        FlightStatus::Scheduled | FlightStatus::Delayed => now < boarding_at(flight),
        status => status == FlightStatus::Cancelled,
    }
}
