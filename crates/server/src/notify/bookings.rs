//! Telling the owner of a booking what became of it and of its money.

use std::collections::BTreeSet;

use domain::notices::Topic;
use jiff::SignedDuration;
use kernel::{BookingId, FlightId};
use platform::db::Tx;
use platform::http::Problem;

use super::flights::tell_one;
use super::store::inbox;
use super::store::news::Due;
use super::store::{NamedFlight, Params};
use super::tell::{Telling, tell};
use crate::app::App;
use crate::booking::api::{Leg, Letterhead, letterhead};
use crate::check_in::api::offloaded;

/// How long a mail about a booking is worth sending.
const WORTH: SignedDuration = SignedDuration::from_hours(72);

/// Tells it, unless it is what its owner knows. A booking whose owner was erased has nobody to be told.
pub(super) async fn tell_owner(app: &App, tx: &Tx, due: &Due, id: BookingId) -> Result<(), Problem> {
    let nothing = || Problem::internal(anyhow::anyhow!("news of {id} says nothing"));
    let topic = due.known_topic()?.ok_or_else(nothing)?;
    let Some(head) = letterhead(app, tx, id).await? else { return Ok(()) };
    let told = inbox::last_told(tx, &[(head.user, due.fact.clone())]).await?;
    let last = told.get(&(head.user, due.fact.clone()));
    if last.is_some_and(|(_, state)| state == topic.as_str()) || !is_so(tx, (topic, id), due, &head).await? {
        return Ok(());
    }
    let flights: BTreeSet<FlightId> = head.legs.iter().map(|leg| leg.flight).collect();
    let about = |leg: &&Leg| due.params.flight_id.is_none_or(|flight| flight == leg.flight);
    let telling = Telling {
        user: head.user,
        booking: Some(id),
        flight: due.params.flight_id,
        topic,
        fact: due.fact.clone(),
        version: last.map_or(1, |(version, _)| version + 1),
        state: topic.as_str().to_owned(),
        params: Params {
            locator: Some(head.locator.to_string()),
            flights: head.legs.iter().filter(about).map(named).collect(),
            ..due.params.clone()
        },
        contact: Some(head.contact),
        by_mail: true,
        worth_until: app.now() + WORTH,
    };
    tell(app, tx, vec![telling]).await?;
    match topic {
        // What became of its flights while it was not paid for was told to the others only.
        Topic::Confirmed | Topic::Changed => tell_one(app, tx, id, &flights).await,
        _ => Ok(()),
    }
}

/// Whether it is so by now: who was put off a flight may have been let on again, or have given their ticket back.
async fn is_so(
    tx: &Tx,
    (topic, id): (Topic, BookingId),
    due: &Due,
    head: &Letterhead,
) -> Result<bool, Problem> {
    let Some(flight) = due.params.flight_id.filter(|_| topic == Topic::Offloaded) else { return Ok(true) };
    Ok(head.legs.iter().any(|leg| leg.flight == flight) && !offloaded(tx, flight, &[id]).await?.is_empty())
}

fn named(leg: &Leg) -> NamedFlight {
    NamedFlight {
        number: leg.number.to_string(),
        origin: leg.origin.to_string(),
        destination: leg.destination.to_string(),
        departs: leg.departs.clone(),
        arrives: Some(leg.arrives.clone()),
    }
}
