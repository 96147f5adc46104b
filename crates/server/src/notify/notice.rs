//! What the mail and the push of a notification say, asked for at the moment they are sent.

use domain::booking::BookingStatus;
use domain::notices::{Topic, check_in_news, is_still_so};
use kernel::{BookingId, Category, FlightId, NotificationId, UserId};
use platform::db::Sql;
use platform::http::Problem;
use platform::messages::Locale;
use serde_json::Value;

use super::announcements::{Said, announced_in, said_to};
use super::flights::{as_it_stands, can_check_in, reminds};
use super::store::{NotificationRow, inbox};
use super::unsubscribe;
use super::words::Words;
use crate::app::App;
use crate::boarding::api as boarding;
use crate::booking::api::{self as booking, ForMail, Paper, letterhead, travelling_on};
use crate::check_in::api::{Windows, offloaded};
use crate::flights::api::flight_rows;
use crate::mail::api::{Attachment, Notice};
use crate::push::api::Push;
use crate::tracking::api as tracking;

/// The mail of somebody's notification; `None` if it is not so any more, or something later was told. A copy says nothing that somebody
/// typed. The ticket is made of what the booking is now.
pub async fn notice(
    app: &App,
    (user, id): (UserId, NotificationId),
    locale: Locale,
    is_copy: bool,
) -> Result<Option<Notice>, Problem> {
    let Some(Standing { row, topic, announced }) = standing(app, (user, id), locale).await? else {
        return Ok(None);
    };
    // What is said to one account goes to no address that nobody showed to be theirs.
    if topic == Topic::Announced && is_copy && row.booking.is_none() {
        return Ok(None);
    }
    let has_ticket = matches!(topic, Topic::Confirmed | Topic::Changed) && !is_copy;
    let paper = match row.booking.filter(|_| has_ticket) {
        Some(booking) => booking::receipt_on_paper(app, (booking, row.user), locale).await?,
        None => None,
    };
    let trip = match row.booking.filter(|_| is_for_calendars(topic)) {
        Some(booking) => calendar(app, (booking, row.user), row.flight, locale).await?,
        None => None,
    };
    let words = Words::new(app, locale);
    let (subject, mut paragraphs) = words.of_row(topic, &row, announced.as_ref());
    paragraphs.extend(paper.is_some().then(|| words.of("notice-ticket-attached")));
    paragraphs.extend(passes(app, &row, topic, is_copy).await?.into_iter().map(|pass| words.pass(pass)));
    let linked = trip.as_ref().filter(|_| has_ticket).map(|trip| Value::from(trip.reservations.clone()));
    // Whoever has a copy cannot decide what the owner is mailed.
    let end = if is_copy { None } else { unsubscribe::link(app, user, topic.kind())? };
    let end = end.map(|link| (words.of("notice-end"), link));
    let site = app.config.http.public_url.trim_end_matches('/');
    let (open, place) = opens(&row, topic, is_copy);
    Ok(Some(Notice {
        subject,
        paragraphs,
        link: Some((words.of(open), format!("{site}{place}"))),
        attachments: paper.map(on_paper).into_iter().chain(trip.map(for_calendar)).collect(),
        linked: linked.unwrap_or_default(),
        // An announcement is about no booking in particular, whichever it was told by; its copies go to the contacts of several.
        thread: row.booking.filter(|_| topic != Topic::Announced).map(|booking| booking.to_string()),
        end,
    }))
}

/// Where one can act on it: what the link there is called, and its path in the web app. Whoever has a copy has no account that the trip is
/// in, so they find the booking by its locator.
fn opens(row: &NotificationRow, topic: Topic, is_copy: bool) -> (&'static str, String) {
    match (row.booking, row.params.ticket.as_deref()) {
        (_, Some(ticket)) => ("notice-open-ticket", format!("/support/{ticket}")),
        _ if row.watch().is_some() => ("notice-open-alerts", "/alerts".to_owned()),
        _ if topic == Topic::Announced => ("notice-open-site", "/".to_owned()),
        (Some(_), None) if is_copy => ("notice-open-booking", "/retrieve".to_owned()),
        (Some(booking), None) => ("notice-open-trip", format!("/trips/{booking}")),
        (None, None) => ("notice-open-inbox", "/inbox".to_owned()),
    }
}

/// What a browser shows of somebody's notification; `None` if it is not so any more, something later was told, or they have read it.
pub async fn in_short(
    app: &App,
    of: (UserId, NotificationId),
    locale: Locale,
) -> Result<Option<Push>, Problem> {
    let Some(Standing { row, topic, announced }) = standing(app, of, locale).await? else { return Ok(None) };
    if row.read_at.is_some() {
        return Ok(None);
    }
    let (title, paragraphs) = Words::new(app, locale).of_row(topic, &row, announced.as_ref());
    Ok(Some(Push {
        kind: topic.kind(),
        title,
        text: paragraphs.join("\n"),
        watch: row.watch().map(str::to_owned),
        fact: row.fact,
        booking: row.booking,
        ticket: row.params.ticket,
    }))
}

/// A notification that is still to be told, with what staff said where it announces something.
struct Standing {
    row: NotificationRow,
    topic: Topic,
    announced: Option<Said>,
}

/// Somebody's notification; `None` if it is not so any more, or something later was told.
async fn standing(
    app: &App,
    (user, id): (UserId, NotificationId),
    locale: Locale,
) -> Result<Option<Standing>, Problem> {
    let sql = app.db.read().await?;
    let Some(row) = inbox::find(&sql, user, id).await? else { return Ok(None) };
    let newer = || Problem::internal(anyhow::anyhow!("a newer release knows {:?}", row.topic));
    let topic = Topic::parse(&row.topic).ok_or_else(newer)?;
    if row.superseded || !is_so(app, &sql, &row, topic).await? {
        return Ok(None);
    }
    let announced = said_to(app, &sql, (user, &announced_in(std::slice::from_ref(&row))), locale).await?;
    let announced = announced.into_values().next();
    let is_taken_back = topic == Topic::Announced && announced.is_none();
    Ok((!is_taken_back).then_some(Standing { row, topic, announced }))
}

/// The calendar file of the trip. A booking that cannot be shown whole has none, and is told of all the same.
async fn calendar(
    app: &App,
    (booking, user): (BookingId, UserId),
    flight: Option<FlightId>,
    locale: Locale,
) -> Result<Option<ForMail>, Problem> {
    match booking::for_mail(app, (booking, user), flight, locale).await {
        Err(problem) if problem.category == Category::Internal => {
            let cause = problem.cause().map(|cause| format!("{cause:#}"));
            tracing::warn!(booking.id = %booking, cause, "a mail has no calendar file");
            Ok(None)
        }
        said => said,
    }
}

/// Links to the boarding passes of a flight that moved, for whoever shows them at the gate: whose each is, and the link. A copy, which may
/// reach anybody, has none.
async fn passes(
    app: &App,
    row: &NotificationRow,
    topic: Topic,
    is_copy: bool,
) -> Result<Vec<(String, String)>, Problem> {
    let moved =
        matches!(topic, Topic::Gate | Topic::Delayed | Topic::OnTime | Topic::Retimed | Topic::Reinstated);
    let Some((booking, flight)) = row.booking.zip(row.flight).filter(|_| moved && !is_copy) else {
        return Ok(Vec::new());
    };
    match boarding::pass_links(app, (booking, row.user), flight).await {
        // Whoever has no such booking any more, and whose booking cannot be shown whole, is told all the same.
        Err(problem) if matches!(problem.category, Category::Internal | Category::NotFound) => Ok(Vec::new()),
        said => said,
    }
}

/// Whether it moves, makes or cancels what stands in calendars.
const fn is_for_calendars(topic: Topic) -> bool {
    use Topic::{
        BookingCancelled, Changed, Confirmed, Delayed, FlightCancelled, Gate, OnTime, PartlyCancelled,
        Reinstated, Retimed,
    };
    matches!(
        topic,
        Confirmed
            | Changed
            | Retimed
            | Delayed
            | OnTime
            | FlightCancelled
            | Reinstated
            | BookingCancelled
            | PartlyCancelled
            | Gate
    )
}

fn on_paper(paper: Paper) -> Attachment {
    Attachment { name: paper.name, media_type: "application/pdf", bytes: paper.pdf }
}

/// The file says by its type what calendars are to do with it (RFC 6047 section 2.4).
fn for_calendar(trip: ForMail) -> Attachment {
    let media_type = if trip.cancels {
        "text/calendar; charset=utf-8; method=CANCEL"
    } else {
        "text/calendar; charset=utf-8; method=PUBLISH"
    };
    Attachment { name: trip.name, media_type, bytes: trip.calendar.into_bytes() }
}

/// Whether what it tells is so now. What was paid, refunded or given up stays so.
async fn is_so(app: &App, sql: &Sql, row: &NotificationRow, topic: Topic) -> Result<bool, Problem> {
    if topic == Topic::PriceDropped {
        let Some((watched, price)) = row.params.watched.as_ref().zip(row.params.amount) else {
            return Ok(false);
        };
        return tracking::still_costs(app, sql, (row.user, &row.fact), (watched.date, price.amount)).await;
    }
    let Some(booking) = row.booking else { return Ok(true) };
    match (topic, row.flight) {
        // Taken back, it would be superseded. It is for the account, whichever of its bookings it was told by.
        (Topic::Announced, _) => Ok(true),
        (_, Some(flight)) => is_so_of_flight(app, sql, row, (topic, booking, flight)).await,
        (Topic::Confirmed | Topic::Changed, None) => {
            let head = letterhead(app, sql, booking).await?;
            Ok(head.is_some_and(|head| {
                matches!(head.status, BookingStatus::Confirmed | BookingStatus::Completed)
            }))
        }
        (_, None) => Ok(true),
    }
}

async fn is_so_of_flight(
    app: &App,
    sql: &Sql,
    row: &NotificationRow,
    (topic, booking, flight): (Topic, BookingId, FlightId),
) -> Result<bool, Problem> {
    let now = app.now();
    let travelling = travelling_on(sql, flight, (Some(booking), None), 1).await?.pop();
    let offloaded = offloaded(sql, flight, &[booking]).await?;
    let stands = flight_rows(sql, &[flight]).await?.pop();
    let Some((travelling, stands)) = travelling.zip(stands) else { return Ok(false) };
    if topic == Topic::Offloaded {
        return Ok(!offloaded.is_empty());
    }
    let flight = as_it_stands(&stands, now);
    if let Some(aspect) = topic.aspect() {
        return Ok(is_still_so(&flight, aspect, &row.state));
    }
    let window = Windows::load(app, sql).await?.of(app, &stands);
    let said = check_in_news(&flight, &window, reminds(app), now);
    Ok(can_check_in(&travelling, &offloaded) && said == Some(topic))
}
