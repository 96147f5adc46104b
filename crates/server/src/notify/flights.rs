//! Telling those who fly on a flight: page by page of bookings, each what it does not know.

use domain::notices::{Aspect, CheckInTimes, FlightNow, Known, Topic, check_in_news, news};
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, FlightId};
use platform::db::Tx;
use platform::http::Problem;

use super::store::inbox;
use super::store::news::Due;
use super::store::{NamedFlight, Params};
use super::tell::{Telling, tell};
use crate::app::App;
use crate::booking::api::{BookingOnFlight, travelling_on};
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

/// When check-in opens, reminds and closes here.
pub(super) fn check_in_times(app: &App) -> CheckInTimes {
    let minutes = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    let config = &app.config.notify;
    CheckInTimes {
        opens: minutes(config.check_in_opens_hours * 60),
        reminds: minutes(config.reminder_minutes),
        closes: minutes(config.check_in_closes_minutes),
    }
}

/// Tells the next page of those who fly on it. The flight is read with its news locked, so that what is told is not older than what
/// anybody was told before.
pub(super) async fn tell_page(app: &App, tx: &Tx, due: &Due, id: FlightId) -> Result<Told, Problem> {
    let Some(row) = flight_rows(tx, &[id]).await?.into_iter().next() else { return Ok(Told::All) };
    let (now, once) = (app.now(), due.topic.as_deref().and_then(Topic::parse));
    let flight = as_it_stands(&row, now);
    if once.is_some() && check_in_news(&flight, check_in_times(app), now) != once {
        // Delayed, cancelled, or too late. When its time comes, it is filed again.
        return Ok(Told::All);
    }
    let page = travelling_on(tx, id, (None, due.told_until), PAGE).await?;
    let last = page.last().map(|travelling| travelling.booking);
    let is_full = i64::try_from(page.len()).is_ok_and(|count| count == PAGE);
    let tellings = match once {
        Some(topic) => of_check_in(app, &row, &flight, topic, &page),
        None => of_the_flight(app, tx, &row, &flight, page).await?,
    };
    tell(app, tx, tellings).await?;
    Ok(match last.filter(|_| is_full) {
        Some(last) => Told::Until(last),
        None if once.is_some() => Told::Once,
        None => Told::All,
    })
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
        for say in news(flight, &known) {
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

/// That check-in is open, or soon closes, to those who are not checked in.
fn of_check_in(
    app: &App,
    row: &FlightRow,
    flight: &FlightNow,
    topic: Topic,
    page: &[BookingOnFlight],
) -> Vec<Telling> {
    let until = flight.expected_at - check_in_times(app).closes;
    page.iter()
        .filter(|travelling| travelling.waits_for_check_in)
        .map(|travelling| Telling {
            fact: format!("{}/{}/{}", travelling.booking, row.id, topic.as_str()),
            topic,
            ..telling(app, row, travelling, until)
        })
        .collect()
}

fn telling(app: &App, row: &FlightRow, travelling: &BookingOnFlight, worth_until: Timestamp) -> Telling {
    let zone = app.directory.load().zone(row.origin);
    let flight = NamedFlight {
        number: row.number.to_string(),
        origin: row.origin.to_string(),
        destination: row.destination.to_string(),
        departs: local_rfc3339(row.departs_at, &zone),
    };
    Telling {
        user: travelling.user,
        booking: travelling.booking,
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
        contact: travelling.contact.clone(),
        worth_until,
    }
}
