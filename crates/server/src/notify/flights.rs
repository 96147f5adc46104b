//! Telling those who fly on a flight: page by page of bookings, each what it does not know.

use std::collections::BTreeSet;

use domain::notices::{Aspect, FlightNow, Known, Topic, check_in_news, news as unknown};
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, FlightId};
use platform::db::Tx;
use platform::http::Problem;

use super::reminders;
use super::store::inbox;
use super::store::news::{self, Due};
use super::store::{self, NamedFlight, Params};
use super::tell::{Telling, tell};
use crate::app::App;
use crate::booking::api::{BookingOnFlight, travelling_on};
use crate::check_in::api::{Windows, offloaded};
use crate::flights::api::{FlightRow, flight_rows, local_rfc3339};

/// Bookings that are told in one transaction.
const PAGE: i64 = 100;
/// How long a mail about a flight is worth sending; whether it still is so is looked at then.
const WORTH: SignedDuration = SignedDuration::from_hours(24);
/// What a notification says of which there is one version.
const ONCE: &str = "told";

/// How far the telling came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// So far; more follow.
    Until(BookingId),
    /// Everybody knows.
    All,
    /// Everybody knows, and it is not to be told again.
    Once,
}

/// A flight as it stands now.
pub(super) fn as_it_stands(row: &FlightRow, now: Timestamp) -> FlightNow {
    FlightNow {
        departs_at: row.departs_at,
        arrives_at: row.arrives_at,
        expected_at: row.expected().0,
        status: row.status(now),
        gate: row.gate.clone(),
    }
}

/// How long before departure whoever is not checked in is reminded, where check-in does not close early.
pub(super) fn reminds(app: &App) -> SignedDuration {
    SignedDuration::from_mins(app.config.notify.reminder_minutes.into())
}

/// Tells the next page of those who fly on it. The flight is read with its news locked, so that what is told is not older than what
/// anybody was told before.
pub(super) async fn tell_page(app: &App, tx: &Tx, due: &Due, id: FlightId) -> Result<Told, Problem> {
    let once = due.known_topic()?;
    if once == Some(Topic::Announced) {
        return announce_page(app, tx, due, id).await;
    }
    let Some(row) = flight_rows(tx, &[id]).await?.into_iter().next() else { return Ok(Told::All) };
    let (now, windows) = (app.now(), Windows::load(app, tx).await?);
    let (flight, window) = (as_it_stands(&row, now), windows.of(app, &row));
    if once.is_some() && check_in_news(&flight, &window, reminds(app), now) != once {
        // Delayed, cancelled, or too late. When its time comes, it is filed again.
        return Ok(Told::All);
    }
    let page = travelling_on(tx, id, (None, due.told_until), PAGE).await?;
    let last = last_of_full(&page);
    let tellings = match once {
        Some(topic) => of_check_in(app, tx, &row, (topic, window.closes_at), &page).await?,
        None => of_the_flight(app, tx, &row, &flight, page).await?,
    };
    tell(app, tx, tellings).await?;
    if let Some(last) = last {
        return Ok(Told::Until(last));
    }
    if once.is_some() {
        return Ok(Told::Once);
    }
    // A change may have brought it into the time of a reminder.
    reminders::file_of(app, tx, &windows, &[row]).await.map_err(Problem::internal)?;
    Ok(Told::All)
}

/// The booking behind which the next page begins, if there may be one.
fn last_of_full(page: &[BookingOnFlight]) -> Option<BookingId> {
    let is_full = i64::try_from(page.len()).is_ok_and(|count| count == PAGE);
    page.last().filter(|_| is_full).map(|travelling| travelling.booking)
}

/// Tells the next page of those who fly what staff announced, while it stands.
async fn announce_page(app: &App, tx: &Tx, due: &Due, id: FlightId) -> Result<Told, Problem> {
    let Some(announcement) = due.params.announcement else { return Ok(Told::All) };
    // It cannot be taken back before this page is told: then all of it is.
    if !store::announcements::stands(tx, announcement).await? {
        return Ok(Told::All);
    }
    let Some(row) = flight_rows(tx, &[id]).await?.into_iter().next() else { return Ok(Told::All) };
    let mut page = travelling_on(tx, id, (None, due.told_until), PAGE).await?;
    let last = last_of_full(&page);
    // Whoever flies on several flights is told by whichever comes first; in one order, so that two never wait for each other.
    page.sort_by_key(|travelling| travelling.user);
    let telling = |travelling: &BookingOnFlight| {
        let of_flight = telling(app, &row, travelling, app.now() + WORTH);
        let params = Params { announcement: Some(announcement), ..of_flight.params };
        Telling { fact: due.fact.clone(), topic: Topic::Announced, params, ..of_flight }
    };
    tell(app, tx, page.iter().map(telling).collect()).await?;
    Ok(last.map_or(Told::All, Told::Until))
}

/// Tells one booking what it does not know of flights of its own: it was not among those who fly when the others were told. Nobody tells
/// of these flights meanwhile, so that the versions are not mixed up.
pub(super) async fn tell_one(
    app: &App,
    tx: &Tx,
    booking: BookingId,
    flights: &BTreeSet<FlightId>,
) -> Result<(), Problem> {
    for flight in flights {
        let subject = flight.to_string();
        news::lock(tx, &subject, app.now()).await?;
        let row = flight_rows(tx, &[*flight]).await?.pop();
        let page = travelling_on(tx, *flight, (Some(booking), None), 1).await?;
        if let Some(row) = row {
            let stands = as_it_stands(&row, app.now());
            let tellings = of_the_flight(app, tx, &row, &stands, page).await?;
            tell(app, tx, tellings).await?;
        }
        news::unlock(tx, &subject).await?;
    }
    Ok(())
}

/// What each does not know of how it stands.
async fn of_the_flight(
    app: &App,
    tx: &Tx,
    row: &FlightRow,
    flight: &FlightNow,
    page: Vec<BookingOnFlight>,
) -> Result<Vec<Telling>, Problem> {
    let fact = |travelling: &BookingOnFlight, aspect: Aspect| {
        format!("{}/{}/{}", travelling.booking, row.id, aspect.as_str())
    };
    let facts: Vec<_> =
        page.iter().flat_map(|one| Aspect::ALL.map(|aspect| (one.user, fact(one, aspect)))).collect();
    let told = inbox::last_told(tx, &facts).await?;
    let mut tellings = Vec::new();
    for travelling in page {
        let last = |aspect| told.get(&(travelling.user, fact(&travelling, aspect)));
        let known = Known {
            sold: travelling.sold,
            told: Aspect::ALL.map(|aspect| last(aspect).map(|(_, state)| state.clone())),
        };
        for say in unknown(flight, &known) {
            tellings.push(Telling {
                fact: fact(&travelling, say.aspect),
                version: last(say.aspect).map_or(1, |(version, _)| version + 1),
                topic: say.topic,
                state: say.state,
                ..telling(app, row, &travelling, app.now() + WORTH)
            });
        }
    }
    Ok(tellings)
}

/// That check-in is open, or soon closes, to those who are not checked in and were not put off the flight.
async fn of_check_in(
    app: &App,
    tx: &Tx,
    row: &FlightRow,
    (topic, until): (Topic, Timestamp),
    page: &[BookingOnFlight],
) -> Result<Vec<Telling>, Problem> {
    let bookings: Vec<BookingId> = page.iter().map(|travelling| travelling.booking).collect();
    let offloaded = offloaded(tx, row.id, &bookings).await?;
    let telling = |travelling: &BookingOnFlight| Telling {
        fact: format!("{}/{}/{}", travelling.booking, row.id, topic.as_str()),
        topic,
        ..telling(app, row, travelling, until)
    };
    Ok(page.iter().filter(|travelling| can_check_in(travelling, &offloaded)).map(telling).collect())
}

/// Whether somebody of it is not checked in and could.
pub(super) fn can_check_in(travelling: &BookingOnFlight, offloaded: &BTreeSet<(BookingId, i16)>) -> bool {
    travelling.not_checked_in.iter().any(|number| !offloaded.contains(&(travelling.booking, *number)))
}

fn telling(app: &App, row: &FlightRow, travelling: &BookingOnFlight, worth_until: Timestamp) -> Telling {
    let zone = app.directory.load().zone(row.origin);
    let flight = NamedFlight {
        number: row.number.to_string(),
        origin: row.origin.to_string(),
        destination: row.destination.to_string(),
        departs: local_rfc3339(row.departs_at, &zone),
        arrives: Some(local_rfc3339(row.arrives_at, &app.directory.load().zone(row.destination))),
    };
    Telling {
        user: travelling.user,
        booking: Some(travelling.booking),
        flight: Some(row.id),
        topic: Topic::Gate,
        fact: String::new(),
        version: 1,
        state: ONCE.to_owned(),
        params: Params {
            locator: Some(travelling.locator.to_string()),
            flights: vec![flight],
            expected: Some(local_rfc3339(row.expected().0, &zone)),
            gate: row.gate.clone(),
            ..Params::default()
        },
        contact: Some(travelling.contact.clone()),
        by_mail: true,
        worth_until,
    }
}
