//! `PUT /bookings/{id}/check-in/{segment}`, and the transaction it shares with the counter.

use std::collections::BTreeSet;

use axum::extract::State;
use domain::check_in::{self as rules, Desk, Member, Phase, Terms};
use domain::coupon::CouponStatus;
use domain::pricing::PassengerType;
use jiff::Timestamp;
use kernel::{BookingId, Category};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::look::view_of;
use super::policies::{Policies, window};
use super::store::{self, CheckInRow, Joining};
use super::view::{self, CheckInView};
use super::{document, events};
use crate::access::Caller;
use crate::app::App;
use crate::boarding::api::{self as boarding, NewPass};
use crate::booking::api::{self as booking, Travelling, TravellingSegment};
use crate::events::api::record;
use crate::flights::api::{self as flights, FlightRow};

/// How often seats are looked for again when somebody who chose one was quicker.
const TRIES: usize = 8;

/// Who checks in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"passengers": [1, 2], "no_dangerous_goods": true}))]
pub(super) struct CheckInRequest {
    /// Their numbers in the booking. An infant comes with the adult on whose lap it is.
    passengers: Vec<i16>,
    /// They carry nothing that may not fly: no explosives, gas, flammable liquids, poisons, loose lithium batteries in checked bags.
    no_dangerous_goods: bool,
}

/// What is asked, by whom.
pub(super) struct Asked<'a> {
    pub(super) desk: Desk,
    pub(super) segment: i16,
    pub(super) passengers: &'a BTreeSet<i16>,
    /// Staff have looked at the passports themselves.
    pub(super) documents_seen: bool,
}

/// Check passengers of my booking in to a flight. Who has a seat keeps it; the others are given seats, together where there are such. Who is
/// checked in already stays so: asking again does nothing. 409 `check_in_not_open`, `check_in_closed`, `no_seat_left`; 422
/// `document_required`, `document_not_valid`, `declaration_required`, `adult_must_check_in` say what is missing.
#[utoipa::path(put, path = "/bookings/{id}/check-in/{segment}", tag = "check-in", request_body = CheckInRequest,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("segment" = i16, Path, description = "The flight's number in the booking", example = 1)),
    responses((status = 200, description = "How check-in stands now", body = CheckInView),
        (status = 409, description = "`booking_closed`, `check_in_closed`, `check_in_not_open`, `flight_cancelled`, `no_seat_left`, `not_confirmed`, `offloaded`, `order_open`"),
        (status = 422, description = "`adult_must_check_in`, `declaration_required`, `document_not_valid`, `document_required`")))]
pub(super) async fn check_in(
    State(app): State<App>,
    caller: Caller,
    Path((id, segment)): Path<(BookingId, i16)>,
    Json(request): Json<CheckInRequest>,
) -> Outcome<Json<CheckInView>> {
    let passengers = named(&request.passengers, request.no_dangerous_goods)?;
    let asked = Asked { desk: Desk::Online, segment, passengers: &passengers, documents_seen: false };
    for _ in 0..TRIES {
        let tx = app.db.begin().await?;
        let travelling = booking::lock_travelling(&app, &tx, id, Some(caller.user)).await?;
        match Box::pin(join(&app, &tx, &travelling, &asked)).await {
            Err(problem) if problem.code == "seat_taken" => continue,
            done => _ = done?,
        }
        tx.commit().await?;
        return Ok(Json(view_of(&app, caller, id).await?));
    }
    Err(busy())
}

pub(super) fn busy() -> Problem {
    Problem::new(Category::Unavailable, "busy").retry_after(1)
}

/// Who is named, if they said what they must.
pub(super) fn named(passengers: &[i16], no_dangerous_goods: bool) -> Result<BTreeSet<i16>, Problem> {
    let named: BTreeSet<i16> = passengers.iter().copied().collect();
    if named.is_empty() || named.len() != passengers.len() {
        return Err(Problem::invalid("passengers", "each passenger once, at least one"));
    }
    if no_dangerous_goods {
        Ok(named)
    } else {
        Err(Problem::new(Category::Unprocessable, "declaration_required").field("no_dangerous_goods"))
    }
}

/// Checks in, in the transaction that has locked the booking; who was checked in already stays so.
pub(super) async fn join(
    app: &App,
    tx: &Tx,
    travelling: &Travelling,
    asked: &Asked<'_>,
) -> Result<BTreeSet<i16>, Problem> {
    let id = travelling.booking;
    let segment = travelling.segment(asked.segment).ok_or_else(Problem::not_found)?;
    let flight = flight_of(tx, segment).await?;
    let new = newcomers(travelling, segment, asked.passengers)?;
    if new.is_empty() {
        return Ok(new);
    }
    let terms = Policies::load(app, tx).await?.terms(app, &flight);
    check_open(app, &flight, &terms, asked.desk)?;
    // From here on others who check in to the flight wait, so the number is the next and the seats are free.
    let (last, closed) = store::lock_flight(tx, segment.flight).await?;
    if let Some(closed) = closed {
        return Err(check_in_closed(closed));
    }
    let rows: Vec<CheckInRow> = store::of_booking(tx, id).await?;
    let before = |passenger: i16| {
        rows.iter().find(|row| (row.flight, row.passenger_no) == (segment.flight, passenger))
    };
    if asked.desk == Desk::Online
        && new.iter().any(|number| before(*number).is_some_and(CheckInRow::is_offloaded))
    {
        return Err(Problem::new(Category::Conflict, "offloaded").actions(&["counter"]));
    }
    if terms.passport && !asked.documents_seen {
        check_documents(app, tx, travelling, (&flight, &terms), &new).await?;
    }
    let mut next = last;
    let mut joining = Vec::with_capacity(new.len());
    for number in &new {
        let seated = travelling.passenger(*number).is_some_and(|who| who.kind != PassengerType::Infant);
        let sequence = before(*number).map_or_else(
            || {
                next += 1;
                next
            },
            |row| row.number,
        );
        joining.push(Joining { passenger_no: *number, number: sequence, seated });
    }
    check_room(tx, segment, &joining).await?;
    Box::pin(booking::assign_seats(app, tx, travelling, (asked.segment, &new))).await?;
    let edge = (CouponStatus::Open, CouponStatus::CheckedIn);
    booking::move_coupons(tx, id, (asked.segment, &new), edge).await?;
    let place = (asked.segment, segment.cabin);
    store::join(tx, (segment.flight, id), place, &joining, (asked.desk, app.now())).await?;
    let seats = booking::seats_of(tx, id, asked.segment).await?;
    let pass = |one: &Joining| NewPass {
        passenger_no: one.passenger_no,
        number: one.number,
        seat: seats.iter().rev().find(|(who, _)| *who == one.passenger_no).map(|(_, seat)| *seat),
    };
    let passes: Vec<NewPass> = joining.iter().map(pass).collect();
    let place = (segment.flight, asked.segment, events::desk(asked.desk));
    boarding::issue(app, tx, id, place, &passes).await?;
    let told = events::completed(id, (segment.flight, asked.segment), &new, asked.desk);
    record(tx, app.random, app.now(), &told).await?;
    metrics::counter!("check_ins_total", "desk" => events::desk(asked.desk)).increment(new.len() as u64);
    tracing::info!(booking.id = %id, flight.id = %segment.flight, passengers = new.len(), "checked in");
    Ok(new)
}

/// The flight of a segment as it is now.
pub(super) async fn flight_of(tx: &Tx, segment: &TravellingSegment) -> Result<FlightRow, Problem> {
    let rows = flights::flight_rows(tx, &[segment.flight]).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// Everybody who flies the segment, as the rules look at them.
pub(super) fn members(travelling: &Travelling, segment: &TravellingSegment) -> Vec<Member> {
    let member = |(number, status): &(i16, CouponStatus)| {
        let kind = travelling.passenger(*number)?.kind;
        let boarded = status.is_used();
        Some(Member {
            number: *number,
            kind,
            checked_in: boarded || *status == CouponStatus::CheckedIn,
            boarded,
        })
    };
    let flying = segment.coupons.iter().filter(|(_, status)| status.is_live() || status.is_used());
    flying.filter_map(member).collect()
}

fn newcomers(
    travelling: &Travelling,
    segment: &TravellingSegment,
    asked: &BTreeSet<i16>,
) -> Result<BTreeSet<i16>, Problem> {
    let party = members(travelling, segment);
    if let Some(number) = asked.iter().find(|number| !party.iter().any(|member| member.number == **number)) {
        let reason = format!("passenger {number} does not fly this flight");
        return Err(Problem::invalid("passengers", reason));
    }
    rules::join(&party, asked)
        .map_err(|_| Problem::new(Category::Unprocessable, "adult_must_check_in").field("passengers"))
}

fn check_open(app: &App, flight: &FlightRow, terms: &Terms, desk: Desk) -> Result<(), Problem> {
    let conflict = |code| Problem::new(Category::Conflict, code);
    if flight.is_cancelled() {
        return Err(conflict("flight_cancelled").actions(&["cancel", "search"]));
    }
    let window = window(terms, flight);
    match view::phase(flight, &window, desk, app.now()) {
        Phase::Open => Ok(()),
        Phase::NotOpen => {
            let opens = window.opens_at.to_string();
            Err(conflict("check_in_not_open").arg("opens_at", opens.clone()).with("opens_at", opens))
        }
        Phase::Closed => Err(check_in_closed(window.closes_for(desk))),
    }
}

fn check_in_closed(at: Timestamp) -> Problem {
    let (problem, at) = (Problem::new(Category::Conflict, "check_in_closed"), at.to_string());
    problem.arg("closed_at", at.clone()).with("closed_at", at)
}

async fn check_documents(
    app: &App,
    tx: &Tx,
    travelling: &Travelling,
    (flight, terms): (&FlightRow, &Terms),
    passengers: &BTreeSet<i16>,
) -> Result<(), Problem> {
    let documents = document::load(app, tx, &travelling.key, travelling.booking).await?;
    let missing: Vec<i16> =
        passengers.iter().copied().filter(|number| !documents.contains_key(number)).collect();
    if !missing.is_empty() {
        let problem = Problem::new(Category::Unprocessable, "document_required").field("passengers");
        return Err(problem.with("passengers", missing).actions(&["add_document"]));
    }
    let arrives_on = flight.arrives_local.date();
    for number in passengers {
        let (Some(passport), Some(passenger)) = (documents.get(number), travelling.passenger(*number)) else {
            continue;
        };
        passport
            .check(passenger.born_on, arrives_on, terms.passport_months)
            .map_err(|reason| document::unfit(*number, reason, terms.passport_months))?;
    }
    Ok(())
}

/// No more are checked in to a cabin than it has seats, on aircraft without a map as well.
async fn check_room(tx: &Tx, segment: &TravellingSegment, joining: &[Joining]) -> Result<(), Problem> {
    let capacities = flights::capacities(tx, &[segment.flight]).await?;
    let room =
        capacities.iter().find(|(_, cabin, _)| *cabin == segment.cabin).map_or(0, |(.., seats)| *seats);
    let seated = store::seated(tx, segment.flight, segment.cabin).await?;
    let more = i64::try_from(joining.iter().filter(|one| one.seated).count()).unwrap_or(i64::MAX);
    if seated + more <= i64::from(room) {
        Ok(())
    } else {
        Err(Problem::new(Category::Conflict, "no_seat_left").actions(&["counter"]))
    }
}
