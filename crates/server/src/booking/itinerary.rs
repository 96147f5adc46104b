//! `GET /bookings/{id}/itinerary`: the trip on paper (PDF), as it stands now. Every word and time is that of the booking's JSON.

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use documents::{Block, Document};
use jiff::Timestamp;
use kernel::BookingId;
use platform::http::problem::Outcome;
use platform::http::{Path, Problem};
use platform::messages::Locale;

use super::get::view_of;
use super::receipt::paper::{Words, name_of, passengers, section, state};
use super::segment::SegmentView;
use super::view::BookingView;
use crate::access::Caller;
use crate::app::App;

/// My trip on paper (PDF), in the language of `Accept-Language`: who flies with which ticket, each flight as it is expected now, seats,
/// baggage and extras. What was given back or cancelled says so.
#[utoipa::path(get, path = "/bookings/{id}/itinerary", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "The trip", content((String = "application/pdf")))))]
pub(super) async fn get_itinerary(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
    Extension(locale): Extension<Locale>,
) -> Outcome<Response> {
    let booking = view_of(&app, caller, id).await?;
    let name = format!("inline; filename=\"itinerary-{}.pdf\"", booking.locator);
    let made_at = app.now();
    // Some milliseconds of pure work, on a thread where it holds up nobody.
    let set = tokio::task::spawn_blocking(move || {
        Words::within(&app, locale, |words| document(&booking, words, made_at).pdf())
    });
    let pdf = set.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    let headers = [
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::VARY, "Accept-Language, Authorization".to_owned()),
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, pdf).into_response())
}

/// The trip as a document.
fn document(booking: &BookingView, words: &Words<'_>, made_at: Timestamp) -> Document {
    let airline = || ("airline", words.airline.to_owned());
    let locator = || ("locator", booking.locator.to_string());
    let issued = words.instant(made_at);
    let mut blocks = vec![Block::Facts(vec![
        (words.of("status"), words.of(&format!("status-{}", booking.status))),
        (words.of("booked"), words.instant(booking.created_at)),
        (words.of("as-of"), issued.clone()),
    ])];
    blocks.extend(section(words, "passengers", passengers(booking, words)));
    for segment in &booking.segments {
        let (from, to) = (words.airport(segment.origin), words.airport(segment.destination));
        blocks.push(Block::Heading(format!("{} · {from} – {to}", segment.flight_number)));
        blocks.push(Block::Facts(facts(booking, segment, words)));
    }
    blocks.push(Block::Note(words.of("times")));
    blocks.push(Block::Note(words.of("itinerary-note")));
    Document {
        language: words.locale.tag(),
        author: words.airline.to_owned(),
        title: words.of("itinerary"),
        subject: words.with("itinerary-subject", &[airline(), locator()]),
        made_at,
        mark: (words.of("reference"), booking.locator.to_string()),
        foot: words.with("foot", &[airline(), locator(), ("at", issued)]),
        counting: words.with("pages", &[("page", "{page}".into()), ("pages", "{pages}".into())]),
        blocks,
    }
}

/// A time as it is expected, and the scheduled one where that is another.
fn time(scheduled: &str, expected: &str, words: &Words<'_>) -> String {
    let now = words.local(expected);
    if scheduled == expected {
        return now;
    }
    words.with("instead-of", &[("now", now), ("before", words.local(scheduled))])
}

/// What there is to know of a flight.
fn facts(booking: &BookingView, segment: &SegmentView, words: &Words<'_>) -> Vec<(String, String)> {
    let slice = booking.slices.iter().find(|slice| slice.slice == segment.slice);
    let cabin = words.of(&segment.cabin.as_str().replace('_', "-"));
    let sold = slice.map_or_else(|| cabin.clone(), |slice| format!("{cabin} · {}", slice.fare_family.name));
    let gone = state(booking, |_, of| of == segment.segment, words);
    let (hours, minutes) = (segment.duration_minutes / 60, segment.duration_minutes % 60);
    let duration = [("hours", hours.to_string()), ("minutes", minutes.to_string())];
    let doing = words.of(&format!("flight-{}", segment.status));
    let mut facts = vec![
        (words.of("status"), gone.unwrap_or(doing)),
        (words.of("departs"), time(&segment.departs_at, &segment.estimated_departs_at, words)),
        (words.of("arrives"), time(&segment.arrives_at, &segment.estimated_arrives_at, words)),
        (words.of("takes"), words.with("duration", &duration)),
        (words.of("cabin"), sold),
    ];
    facts.extend(segment.gate.clone().map(|gate| (words.of("gate"), gate)));
    facts.extend(slice.map(|slice| (words.of("bags"), bags(slice.fare_family.bags(), words))));
    let extras = extras(booking, segment.segment, words);
    facts.extend((!extras.is_empty()).then(|| (words.of("extras"), extras)));
    facts
}

fn bags((cabin, checked, kilograms): (u8, u8, u8), words: &Words<'_>) -> String {
    let key = if checked == 0 { "bags-of-cabin" } else { "bags-of-both" };
    let args = [
        ("cabin", cabin.to_string()),
        ("checked", checked.to_string()),
        ("kilograms", kilograms.to_string()),
    ];
    words.with(key, &args)
}

/// Seats and extras on a flight, each with whose it is; those that were given back are not.
fn extras(booking: &BookingView, segment: i16, words: &Words<'_>) -> String {
    let shown = if booking.status == "held" { "reserved" } else { "issued" };
    let own =
        booking.extras.iter().filter(|extra| extra.status == shown && extra.segments.contains(&segment));
    let one = |extra: &crate::extras::api::ExtraView| {
        let what = extra
            .seat
            .as_ref()
            .map_or_else(|| extra.name.clone(), |seat| words.with("seat", &[("seat", seat.clone())]));
        format!("{what} ({})", name_of(booking, extra.passenger))
    };
    own.map(one).collect::<Vec<_>>().join(", ")
}
