//! `GET /bookings/{id}/calendar`: the flights of a booking for a calendar (RFC 5545).
//!
//! An event is a flight of the booking and keeps its `UID` whatever becomes of it; other flights are other events, and the old ones are
//! cancelled. Its `SEQUENCE` is the number of changes of flight and booking together, so that it grows with each.

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use iata::calendar::{Calendar, Event, Method, Status};
use jiff::Timestamp;
use kernel::{BookingId, FlightId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Path, Problem};
use platform::messages::Locale;
use serde_json::Value;

use super::get::{view_for, view_of};
use super::linked::reservations;
use super::receipt::paper::Words;
use super::segment::SegmentView;
use super::view::BookingView;
use crate::access::Caller;
use crate::app::App;

/// My flights for a calendar (iCalendar), in the language of `Accept-Language`, as they are expected now. Whoever imports a later file
/// finds the same flights moved, and those that were cancelled, changed or given back cancelled. Nobody is named in it.
#[utoipa::path(get, path = "/bookings/{id}/calendar", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "The flights", content((String = "text/calendar")))))]
pub(super) async fn get_calendar(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Extension(locale): Extension<Locale>,
) -> Outcome<Response> {
    let booking = view_of(&app, caller, id).await?;
    let name = format!("attachment; filename=\"{}\"", file_name(&booking));
    let headers = [
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::VARY, "Accept-Language, Authorization".to_owned()),
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, calendar(&app, &booking, locale, None)?.text()).into_response())
}

fn file_name(booking: &BookingView) -> String {
    format!("trip-{}.ics", booking.locator)
}

/// A booking as a mail about it has it.
pub struct ForMail {
    /// The name of the calendar file.
    pub name: String,
    /// The calendar file, which names nobody.
    pub calendar: String,
    /// Whether it cancels what is in it.
    pub cancels: bool,
    /// Reservations as schema.org writes them, which name people.
    pub reservations: Vec<Value>,
}

/// A user's booking as it is now, or one flight of it; `None` if they have no such booking, or no such flight in it.
pub async fn for_mail(
    app: &App,
    of: (BookingId, UserId),
    flight: Option<FlightId>,
    locale: Locale,
) -> Result<Option<ForMail>, Problem> {
    let Some(booking) = Box::pin(view_for(app, of)).await? else { return Ok(None) };
    let calendar = calendar(app, &booking, locale, flight)?;
    if calendar.events.is_empty() {
        return Ok(None);
    }
    Ok(Some(ForMail {
        name: file_name(&booking),
        cancels: calendar.method == Method::Cancel,
        calendar: calendar.text(),
        reservations: reservations(app, &booking),
    }))
}

/// The booking's flights, or one of them, as events; a file in which all of them are cancelled says that it cancels.
fn calendar(
    app: &App,
    booking: &BookingView,
    locale: Locale,
    only: Option<FlightId>,
) -> Result<Calendar, Problem> {
    let site = url::Url::parse(&app.config.http.public_url).map_err(Problem::internal)?;
    let host = site.host_str().unwrap_or("localhost").to_owned();
    let airline = app.config.booking.airline_name.clone();
    let from = &app.config.mail.from;
    let address = from.split_once('<').map_or(from.as_str(), |(_, rest)| rest.trim_end_matches('>'));
    Words::within(app, locale, |words| {
        let event = |segment: &SegmentView| event(booking, segment, (&host, site.as_str()), words);
        let own = booking.segments.iter().filter(|segment| only.is_none_or(|only| only == segment.flight_id));
        let events: Vec<Event> = own.map(event).collect::<Result<_, Problem>>()?;
        let over = events.iter().all(|event| event.status == Status::Cancelled);
        Ok(Calendar {
            method: if over { Method::Cancel } else { Method::Publish },
            producer: format!("-//{airline}//Udaan//{}", locale.tag().to_uppercase()),
            name: format!("{airline} {}", booking.locator),
            organizer: (airline.clone(), address.trim().to_owned()),
            made_at: app.now(),
            events,
        })
    })
}

fn event(
    booking: &BookingView,
    segment: &SegmentView,
    (host, site): (&str, &str),
    words: &Words<'_>,
) -> Result<Event, Problem> {
    let instant = |at: &str| at.parse::<Timestamp>().map_err(Problem::internal);
    let line = |label: &str, value: String| format!("{}: {value}", words.of(label));
    let mut lines = vec![
        line("departs", words.local(&segment.estimated_departs_at)),
        line("arrives", words.local(&segment.estimated_arrives_at)),
        line("cabin", words.of(&segment.cabin.as_str().replace('_', "-"))),
    ];
    lines.extend(segment.gate.clone().map(|gate| line("gate", gate)));
    let here = booking.extras.iter().filter(|extra| extra.status == "issued");
    let seats: Vec<String> = here
        .filter(|extra| extra.segments.contains(&segment.segment))
        .filter_map(|extra| extra.seat.clone())
        .collect();
    lines.extend((!seats.is_empty()).then(|| line("seats", seats.join(", "))));
    lines.push(line("reference", booking.locator.to_string()));
    lines.push(words.of("times"));
    Ok(Event {
        uid: format!("{}-{}@{host}", booking.id, segment.segment),
        sequence: segment.sequence,
        status: status(booking, segment),
        starts_at: instant(&segment.estimated_departs_at)?,
        ends_at: instant(&segment.estimated_arrives_at)?,
        summary: format!("{} {} – {}", segment.flight_number, segment.origin, segment.destination),
        description: lines.join("\n"),
        location: words.airport(segment.origin),
        url: Some(site.to_owned()),
    })
}

/// Whether somebody will be on the flight.
fn status(booking: &BookingView, segment: &SegmentView) -> Status {
    let mut coupons = booking.coupons.iter().filter(|coupon| coupon.segment == segment.segment);
    let kept = |status: &str| !matches!(status, "refunded" | "exchanged" | "void");
    if segment.status == "cancelled" {
        Status::Cancelled
    } else if booking.status == "held" {
        Status::Tentative
    } else if coupons.any(|coupon| kept(&coupon.status)) {
        Status::Confirmed
    } else {
        Status::Cancelled
    }
}
