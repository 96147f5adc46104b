//! `POST /flights/{id}/boardings` and `DELETE /flights/{id}/boardings/{number}`: somebody comes to the gate.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use domain::boarding::{NotGood, Shut, is_open, is_same_reading, look_at};
use domain::coupon::CouponStatus;
use domain::pricing::PassengerType;
use iata::bcbp::{BoardingPass, Leg};
use jiff::Timestamp;
use kernel::{BookingId, Category, FlightId};
use platform::db::{Sql, Tx};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::events::{self, Of};
use super::keys::VerifyError;
use super::store::gate::{self as store, BoardingRow, NewestPass};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::booking::api::{self as booking, Travelling};
use crate::check_in::api as check_in;
use crate::events::api::record;
use crate::flights::api::{self as flights, FlightRow};

/// The longest name of a reader, or of a reading.
const WORD_MAX: usize = 64;
/// The longest text of a bar code: four flights with everything that may be said of them, and a signature.
const BAR_CODE_MAX: usize = 1_024;

/// A pass that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bar_code": "M1RAO/ASHA            EKX7Q2M ABEATLKR 0001 335Y012A0017 120>80B0WW6334BKR 0D9990000000001V1^156…",
    "device": "B4-left", "scan": "0193f2a1-7"}))]
pub(super) struct PassRead {
    /// What the bar code says, the whole of it.
    bar_code: String,
    /// Which reader: 1 to 64 characters.
    #[schema(example = "B4-left")]
    device: String,
    /// What the reader calls this reading, 1 to 64 characters: whoever lost the answer asks again with the same.
    #[schema(example = "0193f2a1-7")]
    scan: String,
}

/// Somebody who is on board.
#[derive(Serialize, ToSchema)]
#[schema(as = Boarding, example = json!({"flight_id": "flt_20261201000080008000b97700134001", "locator": "KX7Q2M", "passenger": 1, "type": "adult",
    "given_name": "Asha", "family_name": "Rao", "seat": "12A", "sequence": 17, "version": 1, "boarded_at": "2026-12-01T13:02:11Z",
    "gate": "B4", "device": "B4-left"}))]
pub(super) struct BoardingView {
    #[schema(value_type = String)]
    flight_id: FlightId,
    locator: String,
    /// The number in the booking.
    passenger: i16,
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(rename = "type")]
    kind: &'static str,
    given_name: String,
    family_name: String,
    /// As the pass says it: null for an infant on a lap, and where seats have no numbers.
    seat: Option<String>,
    /// The place in the order of check-in.
    sequence: i16,
    /// Of the pass.
    version: i16,
    #[schema(value_type = String, format = DateTime)]
    boarded_at: Timestamp,
    /// The flight's gate then.
    gate: Option<String>,
    /// The reader.
    device: String,
}

/// Board whoever shows a pass. Its signature, its flight and its version are looked at: 422 `pass_not_ours`; 409 `pass_of_another_flight`,
/// `pass_replaced`, `pass_ended`. The same reading again, or the same reader within seconds, has the same answer; otherwise a pass that
/// was used is refused, with when and where: 409 `already_boarded`. A reading that was taken back boards nobody when it is sent again: 409
/// `boarding_undone`; a new one does. An infant boards after the adult on whose lap it is.
#[utoipa::path(post, path = "/flights/{id}/boardings", tag = "operations", request_body = PassRead,
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "On board", body = BoardingView),
        (status = 409, description = "`adult_first`, `already_boarded`, `already_departed`, `boarding_closed`, `boarding_not_open`, `boarding_undone`, `flight_cancelled`, `pass_ended`, `pass_of_another_flight`, `pass_replaced`"),
        (status = 422, description = "`pass_not_ours`")))]
pub(super) async fn board(
    State(app): State<App>,
    actor: Actor,
    Path(flight): Path<FlightId>,
    Json(scan): Json<PassRead>,
) -> Outcome<Json<BoardingView>> {
    let pass = read(&app, &scan)?;
    let tx = app.db.begin().await?;
    let row = flight_of(&tx, flight).await?;
    let leg = leg_of(&pass, &row)?;
    let number = leg.sequence.and_then(|number| i16::try_from(number).ok()).ok_or_else(ended)?;
    let found = store::newest(&tx, flight, number).await?.ok_or_else(ended)?;
    let travelling = booking::lock_at_gate(&app, &tx, found.booking).await?.ok_or_else(ended)?;
    if travelling.locator.to_string() != leg.locator {
        return Err(ended());
    }
    // Until the end of this transaction nobody closes the flight, and whoever has closed it is seen.
    let closed = check_in::closed_at(&tx, flight).await?;
    // Looked at again: another seat may have come while this waited for the booking.
    let newest = store::newest(&tx, flight, number).await?.ok_or_else(ended)?;
    if let Some(before) = store::of_number(&tx, flight, number).await? {
        check_same(&app, &scan, &before)?;
        return Ok(Json(view(&before, &travelling, leg)?));
    }
    // Who asks again for an answer that was lost has not seen that staff took it back; who reads the pass again boards.
    if store::was_undone(&tx, (flight, number), (&scan.device, &scan.scan)).await? {
        return Err(Problem::new(Category::Conflict, "boarding_undone").actions(&["board"]));
    }
    check_open(&app, &row, closed.is_some())?;
    let version = version_of(leg);
    look_at(version, (u16::try_from(newest.version).unwrap_or(0), newest.good)).map_err(not_good)?;
    let boarding = BoardingRow {
        flight,
        booking: travelling.booking,
        passenger_no: newest.passenger_no,
        segment_no: segment_of(&travelling, flight, &newest)?,
        number,
        version: newest.version,
        gate: row.gate.clone(),
        device: scan.device.clone(),
        scan: scan.scan.clone(),
        boarded_at: app.now(),
        flown: false,
    };
    let answer = view(&boarding, &travelling, leg)?;
    put_on_board(&app, &tx, &actor, &travelling, &boarding).await?;
    tx.commit().await?;
    metrics::counter!("boardings_total").increment(1);
    Ok(Json(answer))
}

/// Take a boarding back before the flight is closed: whoever was let on by mistake, or is asked off. An infant on the lap goes too; both
/// are checked in as before, and their passes are good again.
#[utoipa::path(delete, path = "/flights/{id}/boardings/{number}", tag = "operations",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001"),
        ("number" = i16, Path, description = "The place in the order of check-in", example = 17)),
    responses((status = 204, description = "Not on board"),
        (status = 409, description = "`already_departed`, `boarding_closed`")))]
pub(super) async fn undo_boarding(
    State(app): State<App>,
    actor: Actor,
    Path((flight, number)): Path<(FlightId, i16)>,
) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    let found = store::of_number(&tx, flight, number).await?.ok_or_else(Problem::not_found)?;
    booking::lock_at_gate(&app, &tx, found.booking).await?.ok_or_else(Problem::not_found)?;
    let closed = check_in::closed_at(&tx, flight).await?;
    let on_board = store::of_number(&tx, flight, number).await?.ok_or_else(Problem::not_found)?;
    if on_board.flown {
        return Err(already_departed());
    }
    if closed.is_some() {
        return Err(Problem::new(Category::Conflict, "boarding_closed").actions(&[]));
    }
    let passengers = take_off(&app, &tx, &on_board).await?;
    let after = json!({"flight_id": flight, "passengers": passengers});
    audit::record(&app, &tx, &actor, Act::new("boarding.undo", &found.booking).after(&after)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody of a locked booking from board, with the infant on their lap; who they were.
async fn take_off(app: &App, tx: &Tx, row: &BoardingRow) -> Result<BTreeSet<i16>, Problem> {
    let parties = booking::parties(tx, row.booking).await?;
    let party = parties.get(&row.segment_no).map_or(&[][..], Vec::as_slice);
    let infant = domain::check_in::infant_of(party, row.passenger_no);
    let infant = infant.filter(|infant| party.iter().any(|one| one.number == *infant && one.boarded));
    let passengers: BTreeSet<i16> = infant.into_iter().chain([row.passenger_no]).collect();
    undo(app, tx, (row.flight, row.booking, row.segment_no), &passengers).await?;
    Ok(passengers)
}

/// Passengers of a locked booking are not on board any more.
pub(super) async fn undo(
    app: &App,
    sql: &Sql,
    (flight, id, segment): (FlightId, BookingId, i16),
    passengers: &BTreeSet<i16>,
) -> Result<(), Problem> {
    let numbers: Vec<i16> = passengers.iter().copied().collect();
    let undone = store::unboard(sql, (flight, id), &numbers, app.now()).await?;
    if usize::try_from(undone).ok() != Some(passengers.len()) {
        return Err(Problem::internal(anyhow::anyhow!("boardings of {id} changed under its lock")));
    }
    let edge = (CouponStatus::Boarded, CouponStatus::CheckedIn);
    booking::move_coupons(sql, id, (segment, passengers), edge).await?;
    let told = events::undone(&Of { booking: id, flight, segment, passengers });
    record(sql, app.random, app.now(), &told).await?;
    Ok(())
}

/// What was read, if we wrote it.
fn read(app: &App, scan: &PassRead) -> Result<BoardingPass, Problem> {
    for (field, text) in [("device", &scan.device), ("scan", &scan.scan)] {
        let fits = (1..=WORD_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if !fits {
            return Err(Problem::invalid(field, format!("it must be 1 to {WORD_MAX} characters")));
        }
    }
    if scan.bar_code.len() > BAR_CODE_MAX {
        return Err(not_ours("text"));
    }
    let verified = app.boarding.verify(&scan.bar_code).map_err(|error| match error {
        VerifyError::Text(_) => not_ours("text"),
        VerifyError::NotSigned => not_ours("not_signed"),
        VerifyError::Signature => not_ours("signature"),
    })?;
    Ok(verified.pass)
}

fn not_ours(reason: &str) -> Problem {
    Problem::new(Category::Unprocessable, "pass_not_ours").field("bar_code").with("reason", reason)
}

fn ended() -> Problem {
    Problem::new(Category::Conflict, "pass_ended").actions(&["counter"])
}

fn already_departed() -> Problem {
    Problem::new(Category::Conflict, "already_departed").actions(&[])
}

fn not_good(why: NotGood) -> Problem {
    match why {
        NotGood::Ended => ended(),
        NotGood::Replaced => Problem::new(Category::Conflict, "pass_replaced").actions(&["show_newest"]),
    }
}

async fn flight_of(sql: &Sql, flight: FlightId) -> Result<FlightRow, Problem> {
    flights::flight_rows(sql, &[flight]).await?.into_iter().next().ok_or_else(Problem::not_found)
}

/// The flight of the pass that is this one, or what the pass is for.
fn leg_of<'a>(pass: &'a BoardingPass, flight: &FlightRow) -> Result<&'a Leg, Problem> {
    let is_this = |leg: &&Leg| {
        (leg.carrier.as_str(), leg.flight, leg.suffix)
            == (flight.number.airline.as_str(), flight.number.number, flight.number.suffix)
            && leg.from == flight.origin.as_str()
            && leg.to == flight.destination.as_str()
            && i16::try_from(leg.day).is_ok_and(|day| day == flight.departs_local.date().day_of_year())
    };
    pass.legs.iter().find(is_this).ok_or_else(|| {
        let named = |leg: &Leg| {
            let suffix = leg.suffix.map(String::from).unwrap_or_default();
            format!("{}{}{suffix} {}-{}, day {}", leg.carrier, leg.flight, leg.from, leg.to, leg.day)
        };
        let is_for = pass.legs.iter().map(named).collect::<Vec<_>>().join("; ");
        let problem = Problem::new(Category::Conflict, "pass_of_another_flight").actions(&[]);
        problem.arg("is_for", is_for.clone()).with("is_for", is_for)
    })
}

/// The version that a pass of ours says it is.
fn version_of(leg: &Leg) -> u16 {
    leg.own.strip_prefix('V').and_then(|version| version.parse().ok()).unwrap_or(0)
}

/// The same reading has the same answer; another is refused.
fn check_same(app: &App, scan: &PassRead, before: &BoardingRow) -> Result<(), Problem> {
    let since = app.now().duration_since(before.boarded_at);
    if is_same_reading((&scan.scan, &scan.device), (&before.scan, &before.device), since) {
        return Ok(());
    }
    let at = before.boarded_at.to_string();
    let problem = Problem::new(Category::Conflict, "already_boarded").actions(&[]);
    let problem = problem.arg("at", at.clone()).arg("device", before.device.clone());
    Err(problem
        .with("boarded_at", at)
        .with("gate", before.gate.clone())
        .with("device", before.device.clone()))
}

fn check_open(app: &App, flight: &FlightRow, closed: bool) -> Result<(), Problem> {
    let (now, begins) = (app.now(), check_in::boarding_at(flight));
    let conflict = |code| Problem::new(Category::Conflict, code);
    is_open(flight.status(now), closed, begins, now).map_err(|shut| match shut {
        Shut::NotOpen => {
            let begins = begins.to_string();
            conflict("boarding_not_open").arg("boarding_at", begins.clone()).with("boarding_at", begins)
        }
        Shut::Closed => conflict("boarding_closed").actions(&[]),
        Shut::Departed => already_departed(),
        Shut::Cancelled => conflict("flight_cancelled").actions(&[]),
    })
}

/// The segment of the booking that is this flight, with a coupon that waits to board.
fn segment_of(travelling: &Travelling, flight: FlightId, pass: &NewestPass) -> Result<i16, Problem> {
    let waits = (pass.passenger_no, CouponStatus::CheckedIn);
    let mut segments = travelling.segments.iter().filter(|segment| segment.flight == flight);
    let segment = segments.find(|segment| segment.coupons.contains(&waits));
    segment.map(|segment| segment.number).ok_or_else(ended)
}

async fn put_on_board(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    travelling: &Travelling,
    row: &BoardingRow,
) -> Result<(), Problem> {
    let (id, segment) = (travelling.booking, row.segment_no);
    let parties = booking::parties(tx, id).await?;
    let party = parties.get(&segment).map_or(&[][..], Vec::as_slice);
    let is_on_board = |number: i16| party.iter().any(|one| one.number == number && one.boarded);
    let of_infant = |member: &&domain::check_in::Member| {
        member.kind == PassengerType::Adult
            && domain::check_in::infant_of(party, member.number) == Some(row.passenger_no)
    };
    if party.iter().find(of_infant).is_some_and(|lap| !is_on_board(lap.number)) {
        return Err(Problem::new(Category::Conflict, "adult_first").actions(&[]));
    }
    let passengers = BTreeSet::from([row.passenger_no]);
    let edge = (CouponStatus::CheckedIn, CouponStatus::Boarded);
    booking::move_coupons(tx, id, (segment, &passengers), edge).await?;
    store::board(tx, row, actor.user).await?;
    let told = events::accepted(&Of { booking: id, flight: row.flight, segment, passengers: &passengers });
    record(tx, app.random, app.now(), &told).await?;
    let after = json!({"flight_id": row.flight, "passenger": row.passenger_no, "device": row.device});
    audit::record(app, tx, actor, Act::new("boarding.board", &id).after(&after)).await?;
    Ok(())
}

fn view(row: &BoardingRow, travelling: &Travelling, leg: &Leg) -> Result<BoardingView, Problem> {
    let passenger = travelling.passenger(row.passenger_no).ok_or_else(ended)?;
    let seat = leg.seat.to_string();
    let on_lap = passenger.kind == PassengerType::Infant;
    Ok(BoardingView {
        flight_id: row.flight,
        locator: travelling.locator.to_string(),
        passenger: row.passenger_no,
        kind: passenger.kind.as_str(),
        given_name: passenger.given_name.clone(),
        family_name: passenger.family_name.clone(),
        seat: (!on_lap && !seat.is_empty()).then_some(seat),
        sequence: row.number,
        version: row.version,
        boarded_at: row.boarded_at,
        gate: row.gate.clone(),
        device: row.device.clone(),
    })
}
